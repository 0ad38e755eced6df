/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_words.c - what sweeps say is known in Chinese, word for word: the page
 * looks texts up, so that a new or changed one would stay English there. */
#include "master/ota_master.h"
#include "reports/sweep_words.h"
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
    for (int i = 0; i < OTA_PHASE_COUNT; i++) {
        expect_known(ota_phase_name((enum ota_phase)i));
    }
    cr_expect_null(sweep_words_zh("what nobody has said"));
    cr_expect_null(sweep_words_zh(NULL));
}
