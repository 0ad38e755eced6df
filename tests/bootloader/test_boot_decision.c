/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_decision.c - what runs after a reset: every row of figure 1 of the
 * paper, as a function and on the bench. */
#include "sim/ecus/bootloader/boot_decision.h"

#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

#include <string.h>

struct row {
    uint16_t request;
    uint16_t valid;
    bool header_good;
    enum boot_action action;
    bool hung;
};

static const struct row rows[] = {
    {BOOT_REQUEST_NONE, BOOT_VALID, true, BOOT_ACTION_RUN, false},
    {BOOT_REQUEST_NONE, BOOT_VALID, false, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_NONE, BOOT_NOT_VALID, true, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_NONE, BOOT_NOT_VALID, false, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_NONE, 0xFFFF, true, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_PROGRAMMING, BOOT_VALID, true, BOOT_ACTION_LINGER, false},
    {BOOT_REQUEST_PROGRAMMING, BOOT_VALID, false, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_PROGRAMMING, BOOT_NOT_VALID, true, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_PROGRAMMING, 0xFFFF, false, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_PROGRAMMING_ANSWER, BOOT_VALID, true, BOOT_ACTION_ANSWER, false},
    {BOOT_REQUEST_PROGRAMMING_ANSWER, BOOT_VALID, false, BOOT_ACTION_ANSWER, false},
    {BOOT_REQUEST_PROGRAMMING_ANSWER, BOOT_NOT_VALID, true, BOOT_ACTION_ANSWER, false},
    {BOOT_REQUEST_PROGRAMMING_ANSWER, 0xFFFF, false, BOOT_ACTION_ANSWER, false},
    {0x0000, BOOT_VALID, true, BOOT_ACTION_RUN, false}, /* No mark at all: a damaged word. */
    {0x1234, BOOT_VALID, true, BOOT_ACTION_RUN, false},
    {0x0000, 0x0000, true, BOOT_ACTION_STAY, false},
    {BOOT_REQUEST_NONE, BOOT_VALID, true, BOOT_ACTION_LINGER, true},
    {BOOT_REQUEST_NONE, BOOT_NOT_VALID, true, BOOT_ACTION_STAY, true},
    {BOOT_REQUEST_PROGRAMMING, BOOT_VALID, true, BOOT_ACTION_LINGER, true},
    {BOOT_REQUEST_PROGRAMMING_ANSWER, BOOT_VALID, true, BOOT_ACTION_ANSWER, true},
};

Test(boot_decision, every_row_of_the_table)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct boot_marks marks = {.request = rows[i].request,
                                         .valid = rows[i].valid,
                                         .header_good = rows[i].header_good,
                                         .hung = rows[i].hung};
        cr_expect_eq(boot_decide(&marks), rows[i].action, "row %zu", i);
    }
}

static struct boot_bench bench;

static void begin(void)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    bench_init(&bench, &cfg, 5);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(500));
}

static void end(void)
{
    bench_free(&bench);
}

static void put_header(const char *hardware)
{
    struct boot_header header = {.version = "3.1.4"};
    uint8_t bytes[BOOT_HEADER_LEN];
    struct err err;
    strcpy(header.hardware_id, hardware);
    boot_header_encode(&header, bytes);
    cr_assert_eq(s12x_flash_factory_program(bench.flash, 0x7BE000, bytes, sizeof bytes, &err), 0,
                 "%s", err.text);
}

Test(boot_decision, a_valid_application_for_this_hardware_runs, .init = begin, .fini = end)
{
    put_header("BCM-HW-1");
    bench_nvm_write(&bench, BOOT_NVM_APPLICATION_VALID, BOOT_VALID);
    bench_reset(&bench);
    cr_expect(bench.in_application);
}

Test(boot_decision, an_application_for_other_hardware_does_not_run, .init = begin, .fini = end)
{
    put_header("BCM-HW-2");
    bench_nvm_write(&bench, BOOT_NVM_APPLICATION_VALID, BOOT_VALID);
    bench_reset(&bench);
    cr_expect_not(bench.in_application);
}

Test(boot_decision, the_open_10_02_is_answered_once, .init = begin, .fini = end)
{
    static const uint8_t expected[] = {0x50, 0x02, 0x00, 0x32, 0x01, 0xF4};
    bench_nvm_write(&bench, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING_ANSWER);
    bench_reset(&bench);
    cr_assert_eq(bench_wait_answer(&bench, SIM_S(2)), 0);
    cr_expect_eq(bench.answer_len, sizeof expected);
    cr_expect_arr_eq(bench.answer, expected, sizeof expected);
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_PROGRAMMING_REQUEST), BOOT_REQUEST_PROGRAMMING);
    bench.answer_len = 0;
    bench_reset(&bench);
    cr_expect_eq(bench_wait_answer(&bench, SIM_S(2)), BENCH_SILENCE);
}

Test(boot_decision, without_partition_all_work_is_refused)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    const struct s12x_flash_cfg flash = {
        .part = &s12x_part_mc9s12xeq512, .seed = 1, .stream_name = "bare"};
    bench_init_on(&bench, &cfg, s12x_flash_new(&flash));
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(500));
    cr_expect_eq(bench_ask(&bench, "10 03"), 0);
    cr_expect_eq(bench_ask(&bench, "27 01"), UDS_NRC_PROGRAMMING_FAILURE);
    cr_expect_eq(bench_ask(&bench, "11 01"), 0);
    bench_run_for(&bench, SIM_MS(100));
    cr_expect_eq(bench.resets, 1);
    bench_free(&bench);
}

static void linger(void)
{
    put_header("BCM-HW-1");
    bench_nvm_write(&bench, BOOT_NVM_APPLICATION_VALID, BOOT_VALID);
    bench_nvm_write(&bench, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING);
    bench_reset(&bench);
    cr_assert_not(bench.in_application);
}

Test(boot_decision, after_s3_without_a_request_the_application_gets_the_ecu_back, .init = begin,
     .fini = end)
{
    linger();
    bench_run_for(&bench, SIM_MS(4900));
    cr_expect_not(bench.in_application);
    bench_run_for(&bench, SIM_MS(300));
    cr_expect(bench.in_application);
    cr_expect_eq(bench.resets, 1);
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_PROGRAMMING_REQUEST), BOOT_REQUEST_NONE);
}

Test(boot_decision, a_request_restarts_the_wait, .init = begin, .fini = end)
{
    linger();
    for (int i = 0; i < 4; i++) {
        bench_run_for(&bench, SIM_MS(3000));
        cr_expect_eq(bench_ask(&bench, "3E 00"), 0);
    }
    cr_expect_not(bench.in_application);
    bench_run_for(&bench, SIM_MS(5300));
    cr_expect(bench.in_application);
}

Test(boot_decision, s3_in_the_programming_session_leads_back, .init = begin, .fini = end)
{
    linger();
    cr_assert_eq(bench_enter_programming(&bench), 0);
    bench_run_for(&bench, SIM_MS(4900));
    cr_expect_not(bench.in_application);
    cr_expect_eq(bench.boot.uds.session, UDS_SESSION_PROGRAMMING);
    bench_run_for(&bench, SIM_MS(400));
    cr_expect(bench.in_application);
}

Test(boot_decision, s3_without_an_application_falls_back_to_the_default_session, .init = begin,
     .fini = end)
{
    cr_assert_eq(bench_enter_programming(&bench), 0);
    bench_run_for(&bench, SIM_MS(5300));
    cr_expect_eq(bench.resets, 0);
    cr_expect_eq(bench_ask(&bench, "22 F1 86"), 0);
    cr_expect_eq(bench.answer[3], UDS_SESSION_DEFAULT);
    cr_expect_eq(bench_ask(&bench, "27 01"), UDS_NRC_SERVICE_NOT_IN_SESSION);
}

Test(boot_decision, default_session_on_request_resets_into_a_valid_application, .init = begin,
     .fini = end)
{
    linger();
    cr_assert_eq(bench_ask(&bench, "10 01"), 0);
    bench_run_for(&bench, SIM_MS(100));
    cr_expect(bench.in_application);
}

Test(boot_decision, default_session_on_request_stays_without_an_application, .init = begin,
     .fini = end)
{
    cr_assert_eq(bench_enter_programming(&bench), 0);
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_PROGRAMMING_REQUEST), BOOT_REQUEST_PROGRAMMING);
    cr_assert_eq(bench_ask(&bench, "10 01"), 0);
    bench_run_for(&bench, SIM_MS(100));
    cr_expect_eq(bench.resets, 0);
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_PROGRAMMING_REQUEST), BOOT_REQUEST_NONE);
}

Test(boot_decision, reset_withdraws_the_programming_request, .init = begin, .fini = end)
{
    static const char *const requests[] = {"11 01", "11 03", "11 81"};
    for (size_t i = 0; i < 3; i++) {
        bench_nvm_write(&bench, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING);
        const int expected = i < 2 ? 0 : BENCH_SILENCE;
        bench.answer_len = 0;
        cr_expect_eq(bench_ask(&bench, requests[i]), expected);
        bench_run_for(&bench, SIM_MS(500));
        cr_expect_eq(bench.resets, i + 1, "%s", requests[i]);
        cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_PROGRAMMING_REQUEST), BOOT_REQUEST_NONE);
    }
}
