/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_fault_found.c - what random schedules have found once: the smallest of each,
 * and that the reference master survives it. */
#include "tests/explore/fault_rig.h"

#include <criterion/criterion.h>
#include <string.h>

struct found {
    const char *kind;
    enum fault_target target;
    uint32_t nth;
    uint32_t values[FAULT_PARAMETERS_MAX]; /* In the order of the kind's parameters. */
};

static uint8_t kind_of(const char *name)
{
    for (size_t i = 0; i < fault_kinds_len; i++) {
        if (strcmp(fault_kinds[i].name, name) == 0) {
            return (uint8_t)i;
        }
    }
    cr_assert_fail("no kind \"%s\"", name);
    return 0;
}

static void assert_survived(const struct found *found, size_t found_len)
{
    struct fault_schedule schedule = {.number = 1, .len = found_len};
    struct err err = {.code = 0};
    for (size_t i = 0; i < found_len; i++) {
        schedule.faults[i] = (struct fault){.kind = kind_of(found[i].kind),
                                            .target = (uint8_t)found[i].target,
                                            .number = (uint16_t)(i + 1),
                                            .nth = found[i].nth};
        memcpy(schedule.faults[i].values, found[i].values, sizeof found[i].values);
    }
    open_play();
    cr_assert_eq(fault_play_try(&play, &schedule, outcome, &err), 0, "%s", err.text);
    cr_assert_eq(outcome->fired, (UINT64_C(1) << found_len) - 1, "not all have taken effect");
    cr_assert(explore_verdict_good((enum explore_verdict)outcome->verdict), "%s (%s)",
              explore_verdict_text((enum explore_verdict)outcome->verdict), outcome->why.first);
    end();
}

/* The campaign is over before the last answer comes: it must not answer the next campaign. */
Test(fault_found, late_answers_to_a_campaign_do_not_reach_the_clean_retry)
{
    const struct found found[] = {
        {"late message", FAULT_PROGRAMMING, 2, {1, 1345, 2}},
        {"refused request", FAULT_PROGRAMMING, 2, {1, 2}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}

/* The ECU restarts while the master gives up, and refuses 85 01 in its default session. */
Test(fault_found, the_network_is_restored_though_the_ecu_restarts_in_the_middle_of_it)
{
    const struct found found[] = {
        {"store error", 0, 3, {0, 0, 1}},
        {"brown-out", FAULT_PROGRAMMING, 1, {0, 100, 3000, 10}},
        {"power cut", FAULT_COMMUNICATION, 2, {0, 100}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}

/* Once the network is restored nothing is urgent: who works on the read of the version is not
 * asked in between. */
Test(fault_found, an_ecu_that_works_on_the_last_read_of_a_campaign_is_waited_for)
{
    const struct found found[] = {
        {"lost message", FAULT_READ, 1, {1, 3}},
        {"pending answer", FAULT_READ, 7, {1, 1000, 1}},
        {"refused request", FAULT_PRECONDITIONS, 1, {1, 1}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}

/* The supply sinks slowly, and the ECU is reset in the middle of its 78: nobody has got that. */
Test(fault_found, an_answer_that_a_sinking_supply_cuts_off_is_held_against_nobody)
{
    const struct found found[] = {
        {"brown-out", FAULT_READ, 2, {0, 100, 100, 57}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}

/* While the ECU is off the controller keeps a frame that nobody acknowledges: what the master asks
 * for next must not wait right behind it. */
Test(fault_found, nothing_is_queued_behind_a_frame_that_does_not_get_through)
{
    const struct found found[] = {
        {"refused request", FAULT_KEY, 1, {1, 1}},
        {"power cut", FAULT_EXTENDED, 2, {0, 3653}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}

/* What it has not written a cut cannot take away again: the old application stays whole. */
Test(fault_found, an_ecu_that_only_says_that_it_writes_loses_nothing_at_a_cut)
{
    const struct found found[] = {
        {"liar", 0, 1, {0}},
        {"write-back", 0, 1, {1}},
        {"power cut", FAULT_EXIT, 1, {0, 100}},
    };
    assert_survived(found, ARRAY_SIZE(found));
}
