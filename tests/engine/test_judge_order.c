/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_order.c - INV-4, and what INV-9 says of requests. */
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

TestSuite(judge_order, .init = set_up, .fini = tear_down);

static const char download[] = "34 00 44 00 78 00 00 00 00 10 00";

Test(judge_order, preconditions_then_erase_holds)
{
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 10, "31 01 FF 00", "71 01 FF 00 00");
    rig_ask(rig, 20, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_order, an_erase_without_preconditions_breaks_inv_4)
{
    rig_ask(rig, 0, "10 02", "50 02 00 32 01 F4");
    rig_ask(rig, 10, "31 01 FF 00", "71 01 FF 00 00");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-4", 10, 3);
}

Test(judge_order, a_master_that_declares_no_preconditions_need_not_ask)
{
    rig->bus.asks_preconditions = false;
    rig_ask(rig, 10, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_order, preconditions_of_an_earlier_life_count)
{
    rig->lives[1] = (struct judge_life){.begin_ns = SIM_MS(50), .campaign = "one"};
    rig->bus.lives_len = 2;
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 60, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_order, preconditions_of_another_campaign_do_not_count)
{
    rig->lives[1] = (struct judge_life){.begin_ns = SIM_MS(50), .campaign = "two"};
    rig->bus.lives_len = 2;
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 60, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-4", 60, 3);
}

Test(judge_order, preconditions_may_be_asked_of_all)
{
    rig_all(rig, 0, "31 01 02 03");
    rig_ask(rig, 10, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

static void forbid(bool session_too)
{
    rig->forbidden[0] = (struct case_forbidden){.from_ns = SIM_MS(100),
                                                .until_ns = SIM_MS(200),
                                                .session_too = session_too,
                                                .reason = "the package is altered"};
    rig->bus.forbidden_len = 1;
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
}

Test(judge_order, programming_outside_the_forbidden_time_holds)
{
    forbid(true);
    rig_ask(rig, 99, "10 02", "50 02 00 32 01 F4");
    rig_ask(rig, 200, download, "74 20 04 02");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_order, a_download_in_the_forbidden_time_breaks_inv_4)
{
    forbid(false);
    rig_ask(rig, 110, "10 02", "7F 10 22");
    rig_ask(rig, 120, download, "7F 34 22");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-4", 120, 5);
    cr_expect_not_null(strstr(rig->result.findings[0].seen, "the package is altered"));
}

Test(judge_order, where_the_session_is_forbidden_it_breaks_inv_4)
{
    forbid(true);
    rig_ask(rig, 110, "10 02", "50 02 00 32 01 F4");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-4", 110, 3);
}

Test(judge_order, a_download_into_the_boot_block_breaks_inv_9)
{
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 10, "34 00 44 00 7F 80 00 00 00 10 00", "7F 34 31");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-9", 10, 3);
}

Test(judge_order, an_erase_of_more_than_a_window_breaks_inv_9)
{
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 10, "31 01 FF 00 44 00 70 00 00 00 01 00 00", "7F 31 31");
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-9", 10, 3);
}

Test(judge_order, an_erase_of_a_window_holds)
{
    rig_ask(rig, 0, "31 01 02 03", "71 01 02 03 00");
    rig_ask(rig, 10, "31 01 FF 00 44 00 78 00 00 00 07 80 00", "71 01 FF 00 00");
    judge_bus_order(&rig->bus);
    rig_expect_nothing(rig);
}

Test(judge_order, programming_an_ecu_that_is_no_target_breaks_inv_9)
{
    static const uint8_t asks[] = {0x34, 0, 0x44, 0, 0x78, 0, 0, 0, 0, 0x10, 0};
    rig_add(rig, 10, &rig->master, 1, ISOTP_WATCH_REQUEST, asks, sizeof asks);
    judge_bus_order(&rig->bus);
    rig_expect(rig, "INV-9", 10, 1);
}
