/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_words.c - what sweeps say is known in Chinese, word for word: the page
 * looks texts up, so that a new or changed one would stay English there. */
#include "reports/sweep_words.h"
#include "scenarios/explore/explore_phases.h"
#include "scenarios/explore/explore_points.h"
#include "scenarios/explore/explore_verdict.h"

#include <criterion/criterion.h>

static void expect_known(const char *english)
{
    cr_expect_not_null(sweep_words_zh(english), "not in reports/sweep_words.c: %s", english);
}

Test(explore_words, verdicts_operations_and_phases_are_known)
{
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        expect_known(explore_verdict_text((enum explore_verdict)i));
        expect_known(explore_verdict_meaning((enum explore_verdict)i));
    }
    for (int i = 0; i < EXPLORE_OP_KINDS; i++) {
        expect_known(explore_op_kind_text((enum explore_op_kind)i));
    }
    for (size_t i = 0; i < EXPLORE_RULES; i++) {
        expect_known(explore_invariants[i].meaning);
    }
    for (int i = 0; i < EXPLORE_PHASE_COUNT; i++) {
        char name[EXPLORE_PHASE_CHARS];
        struct explore_phases phases = {
            .len = 1, .segments = 1, .phases = {{.kind = (enum explore_phase_kind)i}}};
        explore_phase_name(name, &phases, 0);
        expect_known(name);
        phases.segments = 2;
        phases.phases[0].segment = 2;
        explore_phase_name(name, &phases, 0);
        expect_known(name);
    }
    cr_expect_null(sweep_words_zh("what nobody has said"));
    cr_expect_null(sweep_words_zh(NULL));
}
