/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_react.c - the master's rules for what may be repeated, when, and how often.
 * Case names in comments are the catalogue's. */
#include "tests/master/fake_services.h"

#include "master/ota_backup.h"
#include "sim/proto/uds.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fake_world *world;
static struct ota_image image, old_image;
static struct ota_job job;
static struct ota_report report;

static void set_up(void)
{
    world = fake_new();
    fake_image(&image, "2.0.0");
    fake_image(&old_image, "1.0.0");
    fake_job(&job, &image, "2.0.0");
}

static void tear_down(void)
{
    ota_image_release(&image);
    ota_image_release(&old_image);
    fake_free(world);
}

TestSuite(ota_react, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
}

static uint64_t at_ns(const char *request, size_t nth)
{
    size_t found = fake_find(world, request, nth);
    cr_assert_lt(found, world->log_len, "%s %zu", request, nth);
    return world->log[found].at_ns;
}

/* An update that was cut in the middle of the transfer, with the master. */
static void cut_in_transfer(void)
{
    fake_rule(world, "36", 20, 0, FAKE_MUTE, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED);
    world->muted = false;
    world->rules_len = 0;
    world->log_len = 0;
    job.pause_max = 30;
    fake_reset(world, 0);
}

Test(ota_react, unmet_conditions_are_asked_for_again_after_30_s) /* PRE-11 */
{
    static const struct {
        const char *request;
        uint8_t nrc;
    } rows[] = {{"31010203", 0x22}, {"1002", 0x22}, {"1002", 0x83}, {"1002", 0x88}, {"1002", 0x90}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tear_down();
        set_up();
        cut_in_transfer();
        fake_rule(world, rows[i].request, 1, 2, FAKE_NRC, rows[i].nrc);
        run_to(OTA_SUCCESS);
        for (size_t n = 0; n < 2; n++) {
            uint64_t gap = at_ns(rows[i].request, n + 1) - at_ns(rows[i].request, n);
            cr_assert_geq(gap, PROTO_MS(30000), "%s %02X", rows[i].request, rows[i].nrc);
        }
        cr_assert_eq(fake_count(world, "3101FF00"), 0);
    }
}

Test(ota_react, conditions_that_never_come_true_end_interrupted) /* PRE-11, PWR-12 */
{
    cut_in_transfer();
    fake_rule(world, "1002", 1, 0, FAKE_NRC, 0x88);
    run_to(OTA_INTERRUPTED);
    cr_assert_eq(report.why, OTA_WHY_CONDITIONS);
    cr_assert_eq(report.sid, UDS_SESSION_CONTROL);
    cr_assert_eq(report.nrc, 0x88);
    cr_assert_eq(fake_count(world, "1002"), 3);
    cr_assert_eq(fake_count(world, "34"), 0);
    cr_assert_not(world->comm_off);
}

Test(ota_react, low_supply_alone_is_waited_for) /* PRE-11, SEQ-15 */
{
    fake_rule(world, "31010203", 1, 1, FAKE_PATCH, 4);
    world->rules[0].arg2 = 0x10;
    run_to(OTA_SUCCESS);
    cr_assert_geq(at_ns("31010203", 1) - at_ns("31010203", 0), PROTO_MS(30000));
    tear_down();
    set_up();
    fake_rule(world, "31010203", 1, 1, FAKE_PATCH, 4);
    world->rules[0].arg2 = 0x14;
    run_to(OTA_REFUSED);
    cr_assert_eq(fake_count(world, "31010203"), 1);
}

Test(ota_react, silent_request_is_not_sent_again_before_there_is_an_answer) /* COM-02 */
{
    static const char *const requests[] = {"1003", "8502", "1002", "2701", "3101FF00",
                                           "34",   "36",   "37",   "14"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, requests[i], 1, 0, FAKE_MUTE, 0);
        job.pause_max = 4;
        run_to(OTA_INTERRUPTED);
        size_t sent = fake_count(world, requests[i]);
        /* 10 03 is also the way out. */
        size_t wanted = strcmp(requests[i], "1003") == 0 ? 8 : 4;
        cr_expect_eq(sent, wanted, "%s: %zu", requests[i], sent);
        cr_expect_eq(fake_count(world, "3E00"), 4, "%s", requests[i]);
        cr_expect(report.prompt);
        cr_expect_eq(report.why, OTA_WHY_TIMEOUT);
        cr_expect_neq(report.sid, 0);
        cr_expect_eq(report.interruptions, 1, "%s", requests[i]);
        cr_expect_null(strstr(report.reason, "look for"), "%s", report.reason);
    }
}

Test(ota_react, lost_answer_to_the_reset_costs_one_resend) /* COM-01 */
{
    for (int hard = 0; hard < 2; hard++) {
        tear_down();
        set_up();
        job.activation = hard ? OTA_ACTIVATE_HARD_RESET : OTA_ACTIVATE_DEFAULT_SESSION;
        fake_rule(world, hard ? "1101" : "1001", 1, 1, FAKE_RESET_AFTER, 300);
        run_to(OTA_SUCCESS);
        cr_assert_eq(report.resends, 1);
        cr_assert_eq(report.interruptions, 0);
    }
}

Test(ota_react, truncated_answers_count_as_none) /* COM-07 */
{
    world->noise_ms = 20;
    memcpy(world->noise, (uint8_t[]){0x03, 0x62, 0xF1, 0x89}, 4);
    run_to(OTA_SUCCESS);
    cr_assert_gt(report.strays, 0);
    cr_assert_eq(report.resends, 0);
}

Test(ota_react, damaged_identifiers_are_no_answers) /* COM-07 */
{
    static const struct {
        uint32_t at, value;
    } rows[] = {{0, 0x66}, {0, 0x7E}, {0, 0x37}, {1, 0x00}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, "36", 4, 1, FAKE_PATCH, rows[i].at);
        world->rules[0].arg2 = rows[i].value;
        run_to(OTA_SUCCESS);
        cr_assert_eq(report.resends, 1);
        cr_assert_eq(world->data_bytes, image.bytes_total);
    }
}

/* COM-08: single frames, and first frames of messages that never end. */
Test(ota_react, unsolicited_messages_do_not_put_the_time_out_off)
{
    static const uint8_t noises[][8] = {{0x05, 0x6A, 0x01, 2, 3, 4},
                                        {0x06, 0x62, 0xF1, 0x90, 'V', 'I', 'N'},
                                        {0x10, 0x20, 0x6A, 1, 2, 3, 4, 5}};
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++) {
        for (uint32_t period_ms = 7; period_ms < 1000; period_ms *= 3) {
            tear_down();
            set_up();
            memcpy(world->noise, noises[i], 8);
            world->noise_ms = period_ms;
            fake_rule(world, "36", 4, 1, FAKE_LOSE_RESPONSE, 0);
            run_to(OTA_SUCCESS);
            uint64_t gap = at_ns("36", 4) - at_ns("36", 3);
            cr_assert_geq(gap, PROTO_MS(50));
            cr_assert_leq(gap, PROTO_MS(90), "noise %zu, %u ms: %llu", i, period_ms,
                          (unsigned long long)gap);
        }
    }
}

Test(ota_react, overflow_makes_blocks_shorter) /* COM-11 */
{
    world->buffer_len = 100;
    run_to(OTA_SUCCESS);
    cr_assert(fake_holds(world, &image));
    for (size_t n = 0, at = 0; (at = fake_find(world, "36", n)) < world->log_len; n++) {
        cr_assert_leq(world->log[at].len, 100);
        cr_assert_geq(world->log[at].len, n + 1 < 4 ? 64 : 2);
    }
    cr_assert_eq(report.resends, 0);
}

Test(ota_react, overflow_of_what_cannot_be_shorter_fails_with_a_reason) /* COM-11 */
{
    world->buffer_len = 20; /* 37 has 21 bytes. */
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(fake_count(world, "37"), 0);
    cr_assert_eq(report.resends, 1);
    cr_assert_eq(report.sid, UDS_TRANSFER_EXIT);
    cr_assert(strstr(report.reason, "21 bytes"), "%s", report.reason);
    cr_assert_not(world->comm_off);
}

Test(ota_react, rollback_does_not_try_further_keys) /* SEQ-14 */
{
    struct ota_error error;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    cut_in_transfer();
    job.security_secret = 0x12345678;
    world->keys = 0;
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(world->keys, 2);
    cr_assert_eq(report.nrc, UDS_NRC_INVALID_KEY);
}

Test(ota_react, seed_of_zero_means_unlocked_and_is_not_answered) /* SEQ-14 */
{
    world->seed = 0 - UINT32_C(0x01234567); /* The first one is zero, and the ECU locked. */
    run_to(OTA_FAILED_OLD);
    cr_assert_eq(world->keys, 0);
    cr_assert_eq(world->erases, 0);
    cr_assert_eq(report.nrc, UDS_NRC_SECURITY_DENIED);
}

/* PWR-01: the reset comes after the step was done. */
Test(ota_react, reset_between_the_first_steps_starts_again_with_the_first)
{
    static const char *const steps[] = {"1003", "31010203", "8502", "280103"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, steps[i], 1, 1, FAKE_RESET_AFTER, 60);
        run_to(OTA_SUCCESS);
        cr_expect_geq(fake_count(world, "31010203"), i >= 1 ? 2 : 1, "%s", steps[i]);
        size_t programming = fake_find(world, "1002", fake_count(world, "1002") - 1);
        size_t quiet = fake_find(world, "280103", fake_count(world, "280103") - 1);
        size_t dtc = fake_find(world, "8502", fake_count(world, "8502") - 1);
        size_t checked = fake_find(world, "31010203", fake_count(world, "31010203") - 1);
        cr_expect(checked < dtc && dtc < quiet && quiet < programming, "%s", steps[i]);
        cr_expect_eq(world->erases, 1);
    }
}

Test(ota_react, refused_routine_is_final_if_the_session_is_still_there) /* PWR-01, SEQ-13 */
{
    fake_rule(world, "31010203", 1, 1, FAKE_NRC, UDS_NRC_OUT_OF_RANGE);
    run_to(OTA_FAILED_OLD);
    cr_assert_eq(fake_count(world, "22F186"), 1);
    cr_assert_eq(report.nrc, UDS_NRC_OUT_OF_RANGE);
}

Test(ota_react, only_post_programming_is_left_when_the_new_software_runs) /* PWR-05 */
{
    fake_rule(world, "3101FF01", 1, 1, FAKE_RESET_AFTER, 3000);
    run_to(OTA_SUCCESS);
    cr_assert_eq(fake_count(world, "1002"), 1);
    cr_assert_eq(fake_count(world, "2701"), 1);
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(world->data_bytes, image.bytes_total);
    cr_assert_eq(fake_count(world, "14FFFFFF"), 1);
    cr_assert_eq(fake_count(world, "280003"), 1);
}

Test(ota_react, first_reason_stays_with_its_service_and_code) /* SEQ-13, AUD-02 */
{
    struct ota_error error;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    fake_rule(world, "36", 4, 1, FAKE_NRC, UDS_NRC_OUT_OF_RANGE);
    fake_rule(world, "37", 1, 0, FAKE_NRC, UDS_NRC_DOWNLOAD_NOT_ACCEPTED);
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(report.sid, UDS_TRANSFER_DATA);
    cr_assert_eq(report.nrc, UDS_NRC_OUT_OF_RANGE);
    cr_assert(strstr(report.reason, "requestOutOfRange"), "%s", report.reason);
}

Test(ota_react, way_out_fits_five_seconds_with_a_slow_ecu) /* SEQ-03, SEQ-17 */
{
    world->p2_ms = 2000;
    fake_rule(world, "36", 4, 0, FAKE_MUTE, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED);
    cr_assert_geq(fake_count(world, "280003"), 1);
    cr_assert_geq(fake_count(world, "8501"), 1);
    cr_assert_geq(fake_count(world, "1001"), 1);
    cr_assert_leq(at_ns("1001", 0) - at_ns("1003", 1), PROTO_MS(5000));
}
