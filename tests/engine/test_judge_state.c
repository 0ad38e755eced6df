/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_state.c - INV-1, 2, 3, 8 and what INV-9 says of the flash, on states
 * written by hand. */
#include "scenarios/engine/judge_state.h"

#include <criterion/criterion.h>
#include <string.h>

static struct play_result result;
static struct judge_ecu ecu;
static struct judge_term term;

/* The update went well. */
static void set_up(void)
{
    ecu = (struct judge_ecu){.name = "bcm",
                             .target = true,
                             .version = "2.0.0",
                             .holds_wanted = true,
                             .status = {.run = ECU_APPLICATION,
                                        .application_valid = true,
                                        .version = "2.0.0",
                                        .communication_on = true,
                                        .dtc_setting_on = true,
                                        .session = UDS_SESSION_DEFAULT}};
    term = (struct judge_term){.code = MASTER_SUCCESS, .at_ns = SIM_S(9), .line = 77};
    result = (struct play_result){.verdict = VERDICT_PASS};
}

static void tear_down(void)
{
    play_result_release(&result);
}

TestSuite(judge_state, .init = set_up, .fini = tear_down);

static void run_old(void)
{
    ecu.holds_wanted = false;
    ecu.holds_earlier = true;
    strcpy(ecu.status.version, "1.0.0");
}

static void run_none(void)
{
    ecu.holds_wanted = false;
    ecu.status.run = ECU_BOOTLOADER;
    ecu.status.application_valid = false;
    ecu.status.version[0] = '\0';
}

static void expect_nothing(void)
{
    cr_assert_eq(result.findings_len, 0, "found: %s, seen %s", result.findings[0].criterion,
                 result.findings[0].seen);
    cr_expect_eq(result.verdict, VERDICT_PASS);
}

static void expect(const char *criterion, sim_ns_t at_ns, uint32_t line)
{
    cr_assert_eq(result.findings_len, 1, "%zu findings", result.findings_len);
    cr_expect_str_eq(result.findings[0].criterion, criterion);
    cr_expect_eq(result.findings[0].at_ns, at_ns);
    cr_expect_eq(result.findings[0].bus_line, line);
    cr_expect_eq(result.verdict, VERDICT_FAIL);
}

/* INV-1. */

Test(judge_state, success_with_the_new_software_holds)
{
    judge_report(&ecu, 1, &term, &result);
    expect_nothing();
}

Test(judge_state, success_with_another_image_breaks_inv_1)
{
    ecu.holds_wanted = false;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, success_with_the_old_software_breaks_inv_1)
{
    run_old();
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, success_without_the_valid_flag_breaks_inv_1)
{
    ecu.status.application_valid = false;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, success_with_one_of_two_targets_breaks_inv_1)
{
    struct judge_ecu two[2] = {ecu, ecu};
    two[1].name = "esp";
    two[1].status.run = ECU_BOOTLOADER;
    judge_report(two, 2, &term, &result);
    expect("INV-1", SIM_S(9), 77);
    cr_expect_not_null(strstr(result.findings[0].seen, "esp"));
}

Test(judge_state, failed_old_with_the_old_software_holds)
{
    run_old();
    term.code = MASTER_FAILED_OLD;
    judge_report(&ecu, 1, &term, &result);
    expect_nothing();
}

Test(judge_state, rolled_back_without_old_software_breaks_inv_1)
{
    term.code = MASTER_ROLLED_BACK;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, success_of_a_rollback_means_the_old_software)
{
    term.rollback = true;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, up_to_date_with_another_version_breaks_inv_1)
{
    run_old();
    term.code = MASTER_UP_TO_DATE;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, refused_after_an_update_breaks_inv_1)
{
    term.code = MASTER_REFUSED;
    judge_report(&ecu, 1, &term, &result);
    expect("INV-1", SIM_S(9), 77);
}

Test(judge_state, what_says_nothing_of_the_software_holds)
{
    static const enum master_code codes[] = {MASTER_INTERRUPTED, MASTER_FAILED_SAFE, MASTER_PARTIAL,
                                             MASTER_NO_REPORT};
    run_none();
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        term.code = codes[i];
        judge_report(&ecu, 1, &term, &result);
    }
    expect_nothing();
}

/* INV-2. */

Test(judge_state, old_software_and_boot_mode_hold)
{
    run_old();
    judge_software(&ecu, 1, &term, &result);
    run_none();
    judge_software(&ecu, 1, &term, &result);
    expect_nothing();
}

Test(judge_state, running_what_nobody_ordered_breaks_inv_2)
{
    ecu.holds_wanted = false;
    judge_software(&ecu, 1, &term, &result);
    expect("INV-2", SIM_S(9), 77);
}

Test(judge_state, a_retry_that_brings_it_back_holds)
{
    judge_software_again(&ecu, 1, &term, &result);
    run_old();
    judge_software_again(&ecu, 1, &term, &result);
    expect_nothing();
}

Test(judge_state, a_brick_breaks_inv_2)
{
    run_none();
    judge_software_again(&ecu, 1, &term, &result);
    expect("INV-2", SIM_S(9), 77);
}

/* INV-3. */

Test(judge_state, a_network_at_rest_holds)
{
    struct judge_ecu two[2] = {ecu, ecu};
    two[1].status.run = ECU_OFF;
    two[1].status.communication_on = false;
    judge_network(two, 2, &term, &result);
    expect_nothing();
}

Test(judge_state, communication_off_breaks_inv_3)
{
    ecu.target = false;
    ecu.status.communication_on = false;
    judge_network(&ecu, 1, &term, &result);
    expect("INV-3", SIM_S(9), 77);
}

Test(judge_state, dtc_setting_off_breaks_inv_3)
{
    ecu.status.dtc_setting_on = false;
    judge_network(&ecu, 1, &term, &result);
    expect("INV-3", SIM_S(9), 77);
}

Test(judge_state, a_session_left_open_breaks_inv_3)
{
    run_none();
    ecu.status.session = UDS_SESSION_PROGRAMMING;
    judge_network(&ecu, 1, &term, &result);
    expect("INV-3", SIM_S(9), 77);
}

/* INV-8. */

static struct master_life lives[2];

static void live(enum master_life_end end, enum master_code code, uint32_t reports)
{
    memset(lives, 0, sizeof lives);
    lives[0].end = MASTER_CUT;
    lives[1].end = end;
    lives[1].end_ns = SIM_S(4);
    lives[1].result.code = code;
    lives[1].result.reports = reports;
    judge_lives(lives, 2, &result);
}

Test(judge_state, a_cut_and_then_one_report_hold)
{
    live(MASTER_EXITED, MASTER_SUCCESS, 1);
    live(MASTER_CUT, MASTER_NO_REPORT, 0);
    expect_nothing();
}

Test(judge_state, an_exit_without_report_breaks_inv_8)
{
    live(MASTER_EXITED, MASTER_NO_REPORT, 0);
    expect("INV-8", SIM_S(4), 0);
}

Test(judge_state, two_reports_break_inv_8)
{
    live(MASTER_EXITED, MASTER_SUCCESS, 2);
    expect("INV-8", SIM_S(4), 0);
}

Test(judge_state, no_end_breaks_inv_8)
{
    live(MASTER_TIME_UP, MASTER_NO_REPORT, 0);
    expect("INV-8", SIM_S(4), 0);
}

Test(judge_state, a_master_that_is_stuck_breaks_inv_8)
{
    live(MASTER_STUCK, MASTER_NO_REPORT, 0);
    expect("INV-8", SIM_S(4), 0);
}

/* INV-9. */

static struct ecu_book book;
static const struct campaign_window windows[] = {{0x780000, 0x7F8000}, {0x7FA000, 0x7FC000}};

static size_t sector(uint32_t address)
{
    return (address - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES;
}

Test(judge_state, erasing_and_writing_inside_the_windows_holds)
{
    ecu_book_init(&book);
    book.erased[sector(0x780000)] = 2;
    book.erased[sector(0x7FBC00)] = 1;
    book.written[(0x7FBFF8 - ECU_BOOK_BASE) / ECU_BOOK_PHRASE_BYTES] = 1;
    judge_book("bcm", &book, windows, 2, &result);
    expect_nothing();
}

Test(judge_state, erasing_the_boot_block_breaks_inv_9)
{
    ecu_book_init(&book);
    book.erased[sector(0x7F8000)] = 1;
    book.last_erase_ns = SIM_S(3);
    judge_book("bcm", &book, windows, 2, &result);
    expect("INV-9", SIM_S(3), 0);
}

Test(judge_state, writing_outside_the_windows_breaks_inv_9)
{
    ecu_book_init(&book);
    book.written[(0x7FC000 - ECU_BOOK_BASE) / ECU_BOOK_PHRASE_BYTES] = 1;
    judge_book("bcm", &book, windows, 2, &result);
    expect("INV-9", SIM_NEVER, 0);
}

Test(judge_state, a_command_on_a_protected_area_breaks_inv_9)
{
    ecu_book_init(&book);
    book.findings[S12X_FIND_FPVIOL] = 1;
    judge_book("bcm", &book, windows, 2, &result);
    expect("INV-9", SIM_NEVER, 0);
}

/* All of them. */

Test(judge_state, the_thousandth_finding_tells_nothing_new)
{
    ecu.status.communication_on = false;
    for (unsigned i = 0; i < 1000; i++) {
        judge_network(&ecu, 1, &term, &result);
    }
    cr_expect_eq(result.findings_len, 3);
}
