/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_transfer.c - INV-7 on logs written by hand. */
#include "tests/engine/judge_rig.h"

static struct judge_rig *rig;

static void set_up(void)
{
    rig = judge_rig_new();
    rig_ask(rig, 0, "31 01 FF 00", "71 01 FF 00 00"); /* Lines 1 and 2. */
}

static void tear_down(void)
{
    judge_rig_free(rig);
}

TestSuite(judge_transfer, .init = set_up, .fini = tear_down);

/* 12 bytes at 0x780000 in blocks of 4. */
static void download(uint64_t at_ms)
{
    rig_ask(rig, at_ms, "34 00 44 00 78 00 00 00 00 00 0C", "74 20 00 06");
}

static void rest(uint64_t at_ms)
{
    rig_ask(rig, at_ms, "34 00 44 00 78 00 04 00 00 00 08", "74 20 00 06");
}

static void block(uint64_t at_ms, const char *counter)
{
    char request[32];
    char response[16];
    snprintf(request, sizeof request, "36 %s A0 A1 A2 A3", counter);
    snprintf(response, sizeof response, "76 %s", counter);
    rig_ask(rig, at_ms, request, response);
}

Test(judge_transfer, a_whole_segment_holds)
{
    download(10);
    block(20, "01");
    block(30, "02");
    block(40, "03");
    rig_ask(rig, 50, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, a_block_that_is_refused_and_left_out_breaks_inv_7)
{
    download(10);
    block(20, "01");
    rig_ask(rig, 30, "36 02 A0 A1 A2 A3", "7F 36 72");
    block(40, "03");
    rig_ask(rig, 50, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 50, 11);
    cr_expect_not_null(strstr(rig->result.findings[0].seen, "8 of 12 bytes"));
}

Test(judge_transfer, a_resend_counts_once)
{
    download(10);
    block(20, "01");
    block(30, "02");
    block(90, "02");
    block(100, "03");
    rig_ask(rig, 110, "37 00", "77");
    rig_ask(rig, 170, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, more_than_the_segment_breaks_inv_7)
{
    download(10);
    block(20, "01");
    block(30, "02");
    block(40, "03");
    block(50, "04");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 50, 11);
}

Test(judge_transfer, an_answer_with_another_counter_acknowledges_nothing)
{
    download(10);
    block(20, "01");
    rig_ask(rig, 30, "36 02 A0 A1 A2 A3", "76 03");
    block(90, "03");
    rig_ask(rig, 100, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 100, 11);
}

Test(judge_transfer, the_rest_after_an_interruption_holds)
{
    download(10);
    block(20, "01");
    rig_to(rig, 30, "36 02 A0 A1 A2 A3");
    rest(5000);
    block(5010, "01");
    block(5020, "02");
    rig_ask(rig, 5030, "37 00", "77");
    download(5040);
    rig_ask(rig, 5050, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, a_segment_from_its_start_again_holds)
{
    download(10);
    block(20, "01");
    block(30, "02");
    download(5000);
    block(5010, "01");
    block(5020, "02");
    block(5030, "03");
    rig_ask(rig, 5040, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, a_resume_behind_the_last_acknowledged_block_breaks_inv_7)
{
    download(10); /* Nothing of its first block is acknowledged. */
    rig_to(rig, 20, "36 01 A0 A1 A2 A3");
    rest(5000);
    block(5010, "01");
    block(5020, "02");
    rig_ask(rig, 5030, "37 00", "77");
    download(5040);
    rig_ask(rig, 5050, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 5052, 17);
}

Test(judge_transfer, what_was_erased_again_does_not_count)
{
    download(10);
    block(20, "01");
    rig_ask(rig, 30, "31 01 FF 00", "71 01 FF 00 00");
    rest(40);
    block(50, "01");
    block(60, "02");
    rig_ask(rig, 70, "37 00", "77");
    download(80);
    rig_ask(rig, 90, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 92, 20);
}

Test(judge_transfer, the_check_of_what_was_never_erased_holds)
{
    rig->log.messages_len = 0;
    download(10);
    rig_ask(rig, 20, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, a_range_outside_the_windows_breaks_inv_7)
{
    rig_ask(rig, 10, "34 00 44 00 7F 7F F8 00 00 00 10", "7F 34 31");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 10, 3);
}

Test(judge_transfer, another_testers_download_is_not_the_masters)
{
    static const uint8_t asks[] = {0x34, 0, 0x44, 0, 0x7F, 0x80, 0, 0, 0, 0, 0x10};
    rig_add(rig, 10, &rig->tester, 0, ISOTP_WATCH_REQUEST, asks, sizeof asks);
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

/* S-record lines. */

/* S2 with 4 bytes at 0x7800xx: type, count, address, data, checksum. */
static void line(uint64_t at_ms, uint8_t counter, uint8_t offset, bool answered)
{
    uint8_t request[] = {0x36, counter, 2, 8, 0x78, 0, offset, 1, 2, 3, 4, 0};
    uint8_t sum = 0;
    for (size_t i = 3; i + 1 < sizeof request; i++) {
        sum = (uint8_t)(sum + request[i]);
    }
    request[sizeof request - 1] = (uint8_t)~sum;
    rig_add(rig, at_ms, &rig->master, 0, ISOTP_WATCH_REQUEST, request, sizeof request);
    if (answered) {
        const uint8_t response[] = {0x76, counter};
        rig_add(rig, at_ms + 2, &rig->ecu, 0, ISOTP_WATCH_RESPONSE, response, sizeof response);
    }
}

Test(judge_transfer, lines_in_any_order_hold)
{
    rig->bus.connections[0].lines = true;
    download(10);
    line(20, 1, 8, true);
    line(30, 2, 0, true);
    line(40, 3, 4, true);
    rig_ask(rig, 50, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, lines_that_go_on_in_the_whole_segment_hold)
{
    rig->bus.connections[0].lines = true;
    download(10);
    line(20, 1, 0, true);
    line(30, 2, 4, false);
    download(5000);
    line(5010, 1, 4, true);
    line(5020, 2, 8, true);
    rig_ask(rig, 5030, "37 00", "77");
    judge_bus_transfer(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_transfer, a_line_that_is_missing_breaks_inv_7)
{
    rig->bus.connections[0].lines = true;
    download(10);
    line(20, 1, 0, true);
    line(30, 2, 8, true);
    rig_ask(rig, 40, "37 00", "7F 37 72");
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 40, 9);
}

Test(judge_transfer, a_line_that_comes_twice_breaks_inv_7)
{
    rig->bus.connections[0].lines = true;
    download(10);
    line(20, 1, 0, true);
    line(30, 2, 0, true);
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 30, 7);
}

Test(judge_transfer, a_line_outside_its_segment_breaks_inv_7)
{
    rig->bus.connections[0].lines = true;
    download(10);
    line(20, 1, 12, true);
    judge_bus_transfer(&rig->bus);
    rig_expect(rig, "INV-7", 20, 5);
}

/* The set of addresses. */

Test(judge_transfer, ranges_join_and_part)
{
    struct judge_ranges set = {.len = 0};
    judge_ranges_add(&set, 0, 4);
    judge_ranges_add(&set, 8, 12);
    judge_ranges_add(&set, 4, 8);
    cr_expect_eq(set.len, 1);
    judge_ranges_remove(&set, 5, 6);
    cr_expect_eq(set.len, 2);
    cr_expect_eq(judge_ranges_inside(&set, 0, 12), 11);
    cr_expect_eq(judge_ranges_gap(&set, 0, 12), 5);
    cr_expect_eq(judge_ranges_gap(&set, 6, 12), 12);
    judge_ranges_add(&set, 5, 6);
    cr_expect_eq(set.len, 1);
    judge_ranges_release(&set);
}
