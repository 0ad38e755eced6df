/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_requests.c - INV-5 and INV-6 on logs written by hand. */
#include "tests/engine/judge_rig.h"

static struct judge_rig *rig;

static void set_up(void)
{
    rig = judge_rig_new();
}

static void tear_down(void)
{
    judge_rig_free(rig);
}

TestSuite(judge_requests, .init = set_up, .fini = tear_down);

Test(judge_requests, a_dialogue_in_order_holds)
{
    rig_ask(rig, 0, "10 03", "50 03 00 32 01 F4");
    rig_ask(rig, 10, "22 F1 89", "62 F1 89 31");
    rig_all(rig, 20, "85 82");
    rig_all(rig, 21, "28 83 03");
    rig_ask(rig, 30, "10 02", "50 02 00 32 01 F4");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_second_request_before_the_answer_breaks_inv_5)
{
    rig_to(rig, 0, "22 F1 89");
    rig_to(rig, 1, "22 F1 91");
    rig_from(rig, 2, "62 F1 89 31");
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-5", 1, 2);
}

Test(judge_requests, a_request_to_all_counts_for_the_target)
{
    rig_to(rig, 0, "22 F1 89");
    rig_all(rig, 1, "85 02");
    rig_from(rig, 2, "62 F1 89 31");
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-5", 1, 2);
}

Test(judge_requests, ecus_are_asked_side_by_side)
{
    const uint8_t read[] = {0x22, 0xF1, 0x89};
    rig_to(rig, 0, "22 F1 89");
    rig_add(rig, 1, &rig->master, 1, ISOTP_WATCH_REQUEST, read, sizeof read);
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, another_tester_is_not_the_master)
{
    const uint8_t read[] = {0x22, 0xF1, 0x90};
    rig_to(rig, 0, "22 F1 89");
    rig_add(rig, 1, &rig->tester, 0, ISOTP_WATCH_REQUEST, read, sizeof read);
    rig_from(rig, 2, "62 F1 89 31");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, after_p2_the_next_request_may_come)
{
    rig_to(rig, 0, "22 F1 89");
    rig_to(rig, 51, "22 F1 91");
    rig_from(rig, 53, "62 F1 91 31");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, p2_of_the_session_counts_if_it_is_shorter)
{
    rig_ask(rig, 0, "10 03", "50 03 00 14 01 F4");
    rig_to(rig, 10, "22 F1 89");
    rig_to(rig, 31, "22 F1 91");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, while_pending_only_tester_present_may_come)
{
    rig_to(rig, 0, "31 01 FF 00");
    rig_from(rig, 2, "7F 31 78");
    rig_all(rig, 1000, "3E 80");
    rig_to(rig, 2000, "3E 00");
    rig_from(rig, 3000, "7F 31 78");
    rig_from(rig, 4000, "71 01 FF 00 00");
    rig_to(rig, 4002, "34 00 44 00 78 00 00 00 00 10 00");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_resend_while_pending_breaks_inv_5)
{
    rig_to(rig, 0, "31 01 FF 00");
    rig_from(rig, 2, "7F 31 78");
    rig_to(rig, 60, "31 01 FF 00");
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-5", 60, 3);
}

Test(judge_requests, taking_pending_for_an_answer_breaks_inv_5)
{
    rig_to(rig, 0, "31 01 FF 00");
    rig_from(rig, 2, "7F 31 78");
    rig_to(rig, 4, "34 00 44 00 78 00 00 00 00 10 00");
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-5", 4, 3);
}

Test(judge_requests, silence_after_pending_lasts_p2_star)
{
    rig_to(rig, 0, "31 01 FF 00");
    rig_from(rig, 2, "7F 31 78");
    rig_to(rig, 5004, "31 01 FF 00");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, pending_for_ever_may_be_given_up)
{
    rig_to(rig, 0, "31 01 FF 00");
    for (uint64_t at = 2; at < 26000; at += 2000) {
        rig_from(rig, at, "7F 31 78");
    }
    rig_to(rig, 26000, "28 00 03");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_request_during_a_long_answer_breaks_inv_5)
{
    rig_to(rig, 0, "22 F1 89");
    rig_from(rig, 2, "62 F1 89 31 32 33 34 35")->end_ns = SIM_MS(9);
    rig_to(rig, 5, "22 F1 91");
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-5", 5, 3);
}

Test(judge_requests, a_new_life_knows_nothing_of_old_requests)
{
    rig->lives[1] = (struct judge_life){.begin_ns = SIM_MS(5), .campaign = "one"};
    rig->bus.lives_len = 2;
    rig_to(rig, 0, "36 01 AA");
    rig_to(rig, 6, "10 03");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_message_without_flow_control_may_be_sent_anew)
{
    rig_to(rig, 0, "36 01 AA")->end_ns = SIM_NEVER;
    rig_to(rig, 1001, "36 01 AA");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, what_the_controller_repeats_is_one_request)
{
    for (uint64_t i = 0; i < 20; i++) {
        rig_to(rig, i, "22 F1 89");
    }
    rig_from(rig, 22, "62 F1 89 31");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

/* INV-6. */

static void send_often(const char *request, unsigned times, uint64_t gap_ms)
{
    for (unsigned i = 0; i < times; i++) {
        rig_to(rig, 100 + i * gap_ms, request);
    }
}

Test(judge_requests, three_resends_hold)
{
    send_often("10 02", 4, 60);
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_fourth_resend_breaks_inv_6)
{
    send_often("10 02", 5, 60);
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 340, 5);
}

Test(judge_requests, a_fifth_first_frame_without_flow_control_breaks_inv_6)
{
    for (unsigned i = 0; i < 5; i++) {
        rig_to(rig, i * 1010, "36 01 AA BB CC DD")->end_ns = SIM_NEVER;
    }
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 4040, 5);
}

Test(judge_requests, resends_whose_answers_got_lost_count_too)
{
    for (unsigned i = 0; i < 5; i++) {
        rig_ask(rig, i * 60, "36 07 AA BB", "76 07");
    }
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 240, 9);
}

Test(judge_requests, a_limit_of_the_profile_is_obeyed)
{
    rig->bus.n_rs = 1;
    send_often("10 02", 3, 60);
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 220, 3);
}

Test(judge_requests, a_state_may_be_asked_for_as_often_as_it_is_answered)
{
    for (unsigned i = 0; i < 50; i++) {
        rig_ask(rig, i * 60, "22 F1 89", "62 F1 89 31");
    }
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, busy_is_an_answer_and_the_repetition_no_resend)
{
    for (unsigned i = 0; i < 20; i++) {
        rig_ask(rig, i * 200, "31 01 FF 00", "7F 31 21");
    }
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, polling_through_a_reset_holds)
{
    rig_ask(rig, 0, "11 01", "51 01");
    send_often("22 F1 89", 30, 250);
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, polling_without_end_breaks_inv_6)
{
    rig_ask(rig, 0, "11 01", "51 01");
    send_often("22 F1 89", 60, 250);
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 11850, 50);
}

Test(judge_requests, a_pause_begins_a_new_attempt)
{
    for (unsigned k = 0; k < 5; k++) {
        for (unsigned i = 0; i < 4; i++) {
            rig_to(rig, k * 2300 + i * 60, "10 03");
        }
    }
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_hundred_thousand_messages_take_no_time)
{
    for (uint64_t i = 0; i < 50000; i++) {
        rig_ask(rig, i * 5, "22 F1 89", "62 F1 89 31");
    }
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

/* Faults on the way: the master does not see what the judge sees. */

Test(judge_requests, a_pending_that_came_late_binds_nobody)
{
    rig_to(rig, 0, "10 02");
    rig_from(rig, 40, "7F 10 78")->struck = true;
    rig_to(rig, 60, "10 02");
    rig_from(rig, 62, "50 02 00 32 01 F4");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, a_pending_behind_the_time_out_binds_nobody)
{
    rig_to(rig, 0, "36 01 00");
    rig_from(rig, 700, "7F 36 78");
    rig_to(rig, 1000, "22 F1 89");
    judge_bus_requests(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_requests, an_answer_that_got_lost_ends_no_poll)
{
    for (unsigned i = 0; i < 5; i++) {
        rig_to(rig, i * 60, "22 F1 89");
        rig_from(rig, i * 60 + 2, "62 F1 89 31")->lost = true;
    }
    judge_bus_requests(&rig->bus);
    rig_expect(rig, "INV-6", 240, 9);
}

/* What the catalogue calls legal (section 6). */

Test(judge_requests, other_ways_of_working_hold)
{
    rig_ask(rig, 0, "10 03", "50 03 00 32 01 F4");
    rig_ask(rig, 10, "85 02", "C5 02"); /* Physical. */
    rig_ask(rig, 20, "28 03 01", "68 03");
    rig_ask(rig, 30, "2E F1 84 01", "6E F1 84");
    rig_ask(rig, 40, "10 02", "50 02 00 32 01 F4");
    rig_to(rig, 50, "34 00 44 00 78 00 00 00 00 10 00"); /* Erases too. */
    rig_from(rig, 52, "7F 34 78");
    rig_all(rig, 1500, "3E 00"); /* Unsuppressed, and unanswered. */
    rig_from(rig, 3000, "74 20 04 02");
    rig_ask(rig, 3010, "11 01", "51 01");
    for (unsigned i = 0; i < 20; i++) {
        rig_to(rig, 3300 + i * 200, "10 03");
    }
    judge_bus_requests(&rig->bus);
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}
