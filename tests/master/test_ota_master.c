/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_master.c - the master against a scripted ECU: the order of services, and
 * what it does about every kind of trouble. Case names in comments are the catalogue's. */
#include "tests/master/fake_ecu.h"

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

TestSuite(ota_master, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
}

static void check_updated(void)
{
    cr_assert(fake_holds(world, &image));
    cr_assert(world->app_valid);
    cr_assert_str_eq(report.version, "2.0.0");
    cr_assert_eq(world->comm_off, 0);
    cr_assert_not(world->dtc_off);
    cr_assert_eq(world->session, UDS_SESSION_DEFAULT);
}

static void check_restored(void)
{
    cr_assert_eq(world->comm_off, 0);
    cr_assert_not(world->dtc_off);
    cr_assert_eq(world->session, UDS_SESSION_DEFAULT);
}

static uint64_t image_bytes(void)
{
    return image.bytes_total;
}

Test(ota_master, nominal_update_follows_the_order_of_services) /* SEQ-01 */
{
    static const char *const order[] = {
        "22F191", "22F18C", "22F189", "1003",     "31010203", "8502",     "280103", "1002",
        "2701",   "2702",   "2EF15A", "3101FF00", "34",       "36",       "37",     "3101FF01",
        "1001",   "22F189", "1003",   "280003",   "8501",     "14FFFFFF", "1001",   "22F189"};
    run_to(OTA_SUCCESS);
    check_updated();
    size_t at = 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        uint8_t first = 0;
        while (at < world->log_len) {
            size_t found = world->log_len;
            for (size_t n = 0; (found = fake_find(world, order[i], n)) < at; n++) {
                ;
            }
            cr_assert(found < world->log_len, "%s missing after %zu", order[i], at);
            at = found + 1;
            first = 1;
            break;
        }
        cr_assert(first, "%s missing", order[i]);
    }
    cr_assert_eq(fake_count(world, "3101FF01"), 1);
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(world->data_bytes, image_bytes());
    cr_assert_eq(report.payload_bytes, image_bytes());
    cr_assert_eq(fake_count(world, "34"), 4);
    cr_assert_eq(fake_count(world, "37"), 4);
    cr_assert_eq(report.resends, 0);
    cr_assert_null(fake_file(world, "journal"));
}

Test(ota_master, nothing_but_data_identifiers_when_up_to_date) /* FUN-02 */
{
    fake_job(&job, &old_image, "1.0.0");
    run_to(OTA_UP_TO_DATE);
    cr_assert_eq(world->log_len, 3);
    cr_assert_eq(fake_count(world, "22"), 3);
}

Test(ota_master, lines_with_their_checksum_in_the_paper_style)
{
    world->style = OTA_STYLE_S19_LINE;
    job.style = OTA_STYLE_S19_LINE;
    job.resume_34 = OTA_RESUME_FULL_SEGMENT;
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(fake_count(world, "36"), 94 + 157 + 22 + 4);
}

Test(ota_master, hard_reset_activates_when_the_job_says_so)
{
    job.activation = OTA_ACTIVATE_HARD_RESET;
    run_to(OTA_SUCCESS);
    cr_assert_eq(fake_count(world, "1101"), 1);
    check_updated();
}

Test(ota_master, block_length_counts_service_and_counter) /* SEQ-09 */
{
    static const uint16_t lengths[] = {130, 258, 1026, 4095};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        world->block_len = lengths[i];
        world->log_len = 0;
        world->app_valid = true;
        memcpy(world->flash + 12, "1.0.0", 6);
        run_to(OTA_SUCCESS);
        size_t longest = 0;
        for (size_t n = 0, at = 0; (at = fake_find(world, "36", n)) < world->log_len; n++) {
            longest = world->log[at].len > longest ? world->log[at].len : longest;
        }
        size_t wanted = lengths[i] < 5002 ? lengths[i] : 5002;
        cr_assert_eq(longest, wanted);
    }
}

Test(ota_master, counter_wraps_to_zero_and_restarts_with_each_download) /* SEQ-10 */
{
    world->block_len = 18; /* 5,000 bytes are 313 blocks. */
    run_to(OTA_SUCCESS);
    check_updated();
    uint8_t expected = 1;
    bool wrapped = false;
    for (size_t i = 0; i < world->log_len; i++) {
        const uint8_t *head = world->log[i].head;
        if (head[0] == UDS_REQUEST_DOWNLOAD) {
            expected = 1;
        }
        if (head[0] != UDS_TRANSFER_DATA) {
            continue;
        }
        cr_assert_eq(head[1], expected);
        wrapped = wrapped || expected == 0;
        expected++;
    }
    cr_assert(wrapped);
}

/* COM-01: each service's answer lost once. */
Test(ota_master, one_lost_answer_costs_one_resend)
{
    static const char *const requests[] = {"22F191", "1003", "31010203", "8502",     "28",
                                           "1002",   "2701", "2702",     "2E",       "3101FF00",
                                           "34",     "36",   "37",       "3101FF01", "14"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, requests[i], 1, 1, FAKE_LOSE_RESPONSE, 0);
        world->rules[0].first = 1;
        run_to(OTA_SUCCESS);
        check_updated();
        bool key = strcmp(requests[i], "2702") == 0; /* A new seed, which says "unlocked". */
        cr_assert_eq(report.resends, key ? 0 : 1, "%s", requests[i]);
        cr_assert_eq(report.interruptions, 0, "%s", requests[i]);
        cr_assert_eq(world->rewritten, 0);
    }
}

Test(ota_master, repeated_block_is_byte_identical_and_written_once) /* COM-03, COM-04 */
{
    fake_rule(world, "36", 5, 1, FAKE_LOSE_RESPONSE, 0);
    fake_rule(world, "36", 9, 1, FAKE_LOSE_REQUEST, 0);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->data_bytes, image_bytes());
    cr_assert_eq(report.resends, 2);
    size_t first = fake_find(world, "36", 4);
    size_t second = fake_find(world, "36", 5);
    cr_assert_eq(memcmp(world->log[first].head, world->log[second].head, 12), 0);
}

Test(ota_master, late_answer_is_not_taken_for_the_next_one) /* COM-06 */
{
    fake_rule(world, "36", 4, 1, FAKE_DELAY, 75);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->data_bytes, image_bytes());
}

Test(ota_master, ecu_that_rejects_a_repeat_gets_a_new_download) /* COM-03 with Q2 */
{
    world->rejects_repeats = true;
    fake_rule(world, "36", 5, 1, FAKE_LOSE_RESPONSE, 0);
    run_to(OTA_SUCCESS);
    check_updated();
}

Test(ota_master, at_most_three_resends_then_pause) /* COM-02 */
{
    fake_rule(world, "31010203", 1, 0, FAKE_LOSE_REQUEST, 0);
    job.pause_max = 2;
    run_to(OTA_INTERRUPTED);
    cr_assert_eq(fake_count(world, "31010203"), 3 * 4);
    cr_assert_eq(fake_count(world, "8502"), 0);
    cr_assert_eq(report.interruptions, 3);
    check_restored();
}

Test(ota_master, mute_ecu_ends_interrupted)
{
    world->muted = true;
    job.pause_max = 3;
    run_to(OTA_INTERRUPTED);
    cr_assert_eq(fake_count(world, "22F191"), 4); /* Never again before there is an answer. */
    cr_assert_eq(fake_count(world, "3E00"), 3);
    cr_assert_eq(world->log_len, 4 + 3);
    cr_assert(report.prompt);
    cr_assert_eq(report.sid, UDS_READ_DATA);
    cr_assert(strstr(world->log_text, "check supply and wiring"));
    cr_assert_eq(fake_count(world, "1002"), 0);
}

Test(ota_master, pending_is_waited_for_without_a_repeat) /* SEQ-05 */
{
    static const char *const requests[] = {"2701", "3101FF00", "36", "37", "3101FF01", "1002"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, requests[i], 1, 1, FAKE_PENDING, 5);
        run_to(OTA_SUCCESS);
        cr_assert_eq(report.resends, 0, "%s", requests[i]);
        check_updated();
    }
}

Test(ota_master, tester_present_goes_on_while_an_answer_is_pending) /* SEQ-04 */
{
    fake_rule(world, "3101FF00", 1, 1, FAKE_PENDING, 9);
    run_to(OTA_SUCCESS);
    uint64_t last = 0;
    size_t from = fake_find(world, "1003", 0);
    size_t to = fake_find(world, "3101FF01", 0);
    for (size_t i = from; i < to; i++) {
        uint64_t gap = last ? world->log[i].at_ns - last : 0;
        cr_assert_lt(gap, PROTO_MS(2200));
        last = world->log[i].at_ns;
    }
    cr_assert_geq(fake_count(world, "3E80"), 8);
    cr_assert(world->log[fake_find(world, "3E80", 0)].functional);
}

Test(ota_master, pending_for_ever_is_given_up_at_the_cap) /* SEQ-07 */
{
    fake_rule(world, "3101FF01", 1, 0, FAKE_PENDING, 1000);
    run_to(OTA_FAILED_SAFE);
    cr_assert_str_eq(report.version, "");
    cr_assert_eq(report.sid, UDS_ROUTINE_CONTROL);
    cr_assert_eq(report.nrc, UDS_NRC_RESPONSE_PENDING);
    cr_assert_eq(fake_count(world, "3101FF01"), 1);
    uint64_t asked = world->log[fake_find(world, "3101FF01", 0)].at_ns;
    uint64_t left = world->log[fake_find(world, "280003", 0)].at_ns;
    cr_assert_geq(left - asked, PROTO_MS(22500));
    cr_assert_leq(left - asked, PROTO_MS(27500));
}

Test(ota_master, pending_then_silence_uses_the_long_time_out) /* SEQ-06 */
{
    fake_rule(world, "37", 1, 1, FAKE_PENDING_ONCE, 0);
    run_to(OTA_SUCCESS);
    cr_assert_eq(report.resends, 1);
    uint64_t gap =
        world->log[fake_find(world, "37", 1)].at_ns - world->log[fake_find(world, "37", 0)].at_ns;
    cr_assert_geq(gap, PROTO_MS(5000));
    cr_assert_leq(gap, PROTO_MS(6250));
}

Test(ota_master, busy_is_repeated_after_a_delay) /* SEQ-08 */
{
    fake_rule(world, "34", 1, 3, FAKE_BUSY, 0);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(report.busies, 3);
    for (size_t n = 0; n < 3; n++) {
        uint64_t gap = world->log[fake_find(world, "34", n + 1)].at_ns -
                       world->log[fake_find(world, "34", n)].at_ns;
        cr_assert_geq(gap, PROTO_MS(200));
    }
}

Test(ota_master, busy_for_ever_ends_at_its_cap) /* SEQ-08 */
{
    fake_rule(world, "1002", 1, 0, FAKE_BUSY, 0);
    run_to(OTA_FAILED_OLD);
    cr_assert_eq(report.nrc, UDS_NRC_BUSY_REPEAT);
    check_restored();
}

/* SEQ-13: code, request, how often the request may be sent. */
static const struct final_row {
    const char *request;
    uint8_t nrc;
    enum ota_result_code code;
    size_t sent_max;
} final_rows[] = {
    {"1002", 0x10, OTA_FAILED_OLD, 1},      {"1002", 0x12, OTA_FAILED_OLD, 1},
    {"1002", 0x22, OTA_REFUSED, 1},         {"1002", 0x88, OTA_REFUSED, 1},
    {"1002", 0x7E, OTA_FAILED_OLD, 1},      {"31010203", 0x22, OTA_REFUSED, 1},
    {"2701", 0x22, OTA_FAILED_OLD, 1},      {"2701", 0x12, OTA_FAILED_OLD, 1},
    {"3101FF00", 0x22, OTA_FAILED_SAFE, 1}, {"3101FF00", 0x31, OTA_FAILED_SAFE, 1},
    {"3101FF00", 0x33, OTA_FAILED_SAFE, 1}, {"34", 0x10, OTA_FAILED_SAFE, 1},
    {"34", 0x11, OTA_FAILED_SAFE, 1},       {"34", 0x13, OTA_FAILED_SAFE, 1},
    {"34", 0x22, OTA_FAILED_SAFE, 1},       {"34", 0x31, OTA_FAILED_SAFE, 1},
    {"34", 0x33, OTA_FAILED_SAFE, 1},       {"34", 0x70, OTA_FAILED_SAFE, 1},
    {"34", 0x7F, OTA_FAILED_SAFE, 1},       {"36", 0x13, OTA_FAILED_SAFE, 1},
    {"36", 0x24, OTA_FAILED_SAFE, 1},       {"36", 0x31, OTA_FAILED_SAFE, 1},
    {"36", 0x71, OTA_FAILED_SAFE, 2},       {"36", 0x7F, OTA_FAILED_SAFE, 1},
    {"37", 0x13, OTA_FAILED_SAFE, 1},       {"37", 0x24, OTA_FAILED_SAFE, 1},
    {"37", 0x31, OTA_FAILED_SAFE, 1},       {"3101FF01", 0x22, OTA_FAILED_SAFE, 1},
    {"3101FF01", 0x24, OTA_FAILED_SAFE, 1}, {"3101FF01", 0x31, OTA_FAILED_SAFE, 1},
};

Test(ota_master, final_answers_end_the_campaign_and_are_named)
{
    for (size_t i = 0; i < sizeof final_rows / sizeof final_rows[0]; i++) {
        const struct final_row *row = &final_rows[i];
        tear_down();
        set_up();
        fake_rule(world, row->request, 1, 0, FAKE_NRC, row->nrc);
        cr_assert(fake_run(world, &job, &report));
        cr_expect_eq((int)report.code, (int)row->code, "%s %02X: %s \"%s\"", row->request, row->nrc,
                     ota_result_name(report.code), report.reason);
        cr_expect_eq(report.nrc, row->nrc, "%s %02X", row->request, row->nrc);
        cr_expect_neq(report.sid, 0);
        cr_expect_leq(fake_count(world, row->request), row->sent_max, "%s %02X", row->request,
                      row->nrc);
        cr_expect_not(world->comm_off, "%s %02X", row->request, row->nrc);
        cr_expect_eq(world->session, UDS_SESSION_DEFAULT, "%s %02X", row->request, row->nrc);
        cr_expect_neq((uint8_t)report.reason[0], 0);
    }
}

Test(ota_master, wrong_counter_once_starts_the_segment_anew) /* SEQ-11 */
{
    fake_rule(world, "36", 7, 1, FAKE_NRC, 0x73);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->data_bytes, image_bytes());
    cr_assert_eq(world->erases, 1);
}

Test(ota_master, wrong_counter_for_ever_is_bounded) /* SEQ-11 */
{
    fake_rule(world, "36", 7, 0, FAKE_NRC, 0x73);
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(fake_count(world, "36"), 6 + 3);
    cr_assert_eq(report.nrc, 0x73);
}

Test(ota_master, programming_failure_once_starts_again_from_the_erase) /* SEQ-12 */
{
    static const char *const requests[] = {"3101FF00", "36", "37"};
    for (size_t i = 0; i < 3; i++) {
        tear_down();
        set_up();
        fake_rule(world, requests[i], 1, 1, FAKE_NRC, 0x72);
        run_to(OTA_SUCCESS);
        check_updated();
        cr_assert_eq(fake_count(world, "3101FF00"), 2);
    }
}

Test(ota_master, programming_failure_for_ever_ends_safe_without_a_backup) /* SEQ-12 */
{
    fake_rule(world, "36", 12, 0, FAKE_NRC, 0x72);
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(fake_count(world, "3101FF00"), 3);
    cr_assert_eq(fake_count(world, "36"), 11 + 3);
    cr_assert_eq(report.sid, UDS_TRANSFER_DATA);
    cr_assert_eq(report.nrc, 0x72);
    cr_assert_eq(report.segment, 1u); /* The last try began anew. */
    cr_assert_eq(report.address, 0x780000u);
}

Test(ota_master, programming_failure_rolls_back_to_the_backup) /* SEQ-12, RBK-02 */
{
    struct ota_error error;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    fake_rule(world, "36", 12, 3, FAKE_NRC, 0x72);
    world->rules[0].count = 1;
    job.update_retry_max = 0;
    run_to(OTA_ROLLED_BACK);
    cr_assert(fake_holds(world, &old_image));
    cr_assert_str_eq(report.version, "1.0.0");
    check_restored();
}

Test(ota_master, wrong_key_is_tried_twice_at_most_with_fresh_seeds) /* SEQ-14 */
{
    job.security_secret = 0x12345678;
    run_to(OTA_FAILED_OLD);
    cr_assert_eq(world->keys, 2);
    cr_assert_eq(fake_count(world, "2701"), 2);
    cr_assert_eq(report.nrc, 0x35);
    cr_assert_eq(world->erases, 0);
    check_restored();
}

Test(ota_master, delay_of_the_ecu_is_honoured) /* SEQ-14 */
{
    fake_rule(world, "2701", 1, 1, FAKE_NRC, 0x37);
    run_to(OTA_SUCCESS);
    uint64_t gap = world->log[fake_find(world, "2701", 1)].at_ns -
                   world->log[fake_find(world, "2701", 0)].at_ns;
    cr_assert_geq(gap, PROTO_MS(10000));
    check_updated();
}

Test(ota_master, supply_out_of_limits_is_probed_slowly) /* SEQ-15 */
{
    static const char *const requests[] = {"1002", "3101FF00", "36"};
    for (size_t i = 0; i < 3; i++) {
        tear_down();
        set_up();
        fake_rule(world, requests[i], 2, 6, FAKE_NRC, 0x93);
        world->rules[0].first = i == 2 ? 8 : 1;
        run_to(OTA_SUCCESS);
        check_updated();
        cr_assert_eq(world->erases, 1);
        size_t nth = i == 2 ? 7 : 0;
        for (size_t n = nth; n < nth + 6; n++) {
            uint64_t gap = world->log[fake_find(world, requests[i], n + 1)].at_ns -
                           world->log[fake_find(world, requests[i], n)].at_ns;
            cr_assert_geq(gap, PROTO_MS(5000));
        }
    }
}

Test(ota_master, supply_out_of_limits_for_ever_ends_interrupted) /* SEQ-15 */
{
    fake_rule(world, "36", 8, 0, FAKE_NRC, 0x92);
    run_to(OTA_INTERRUPTED);
    cr_assert_eq(report.nrc, 0x92);
    check_restored();
    world->rules_len = 0;
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(world->data_bytes, image_bytes());
}

/* SEQ-16: request, byte of the answer, what it becomes. */
Test(ota_master, answers_with_a_wrong_echo_count_as_none)
{
    static const struct {
        const char *request;
        uint32_t at, value;
    } rows[] = {{"36", 1, 0x77},     {"3101FF00", 3, 0x07}, {"1002", 1, 3},
                {"22F189", 2, 0x8C}, {"36", 0, 0x66},       {"28", 1, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tear_down();
        set_up();
        fake_rule(world, rows[i].request, 1, 1, FAKE_PATCH, rows[i].at);
        world->rules[0].arg2 = rows[i].value;
        run_to(OTA_SUCCESS);
        check_updated();
        cr_assert_eq(report.resends, 1, "row %zu", i);
        cr_assert_eq(report.strays, 1, "row %zu", i);
    }
}

Test(ota_master, routine_status_failed_is_a_failure) /* SEQ-16 */
{
    fake_rule(world, "3101FF01", 1, 0, FAKE_PATCH, 4);
    world->rules[0].arg2 = 1;
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(fake_count(world, "3101FF01"), 1);
    cr_assert_eq(fake_count(world, "14"), 0);
}

Test(ota_master, announced_timing_is_used) /* SEQ-17 */
{
    world->p2_ms = 200;
    fake_rule(world, "36", 3, 4, FAKE_DELAY, 190);
    run_to(OTA_SUCCESS);
    cr_assert_eq(report.resends, 0);
}

Test(ota_master, success_needs_the_version_read_back) /* SEQ-18 */
{
    world->lie_version = "1.0.0";
    run_to(OTA_FAILED_OLD);
    tear_down();
    set_up();
    fake_rule(world, "22F189", 2, 0, FAKE_PATCH, 3);
    world->rules[0].arg2 = '9';
    run_to(OTA_FAILED_SAFE);
    tear_down();
    set_up();
    fake_rule(world, "22F189", 2, 0, FAKE_NRC, 0x31);
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(fake_count(world, "14"), 0);
}

Test(ota_master, reboot_gap_is_polled_up_to_its_limit) /* SEQ-19 */
{
    world->boot_ms = 9000;
    run_to(OTA_SUCCESS);
    cr_assert_eq(report.interruptions, 0);
    check_updated();
    tear_down();
    set_up();
    world->boot_ms = 40000;
    job.pause_max = 2;
    run_to(OTA_FAILED_SAFE);
    cr_assert_geq(fake_count(world, "280003"), 0);
}

Test(ota_master, other_hardware_is_refused_untouched) /* SEC-04 */
{
    world->hardware_id = "BCM-HW-2";
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_TARGET);
    cr_assert_eq(world->log_len, 3);
}

Test(ota_master, declared_hash_and_length_are_checked_before_the_bus) /* SEC-01, SEC-03 */
{
    memset(job.sha256_hex, '0', 64);
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_INTEGRITY);
    job.sha256_hex[0] = '\0';
    job.file_bytes = image.file_bytes - 1;
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_SIZE);
    cr_assert_eq(world->log_len, 0);
}

Test(ota_master, other_base_version_is_refused)
{
    strcpy(job.from_version, "0.9.0");
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_BASE_MISMATCH);
    cr_assert_eq(fake_count(world, "10"), 0);
}

Test(ota_master, missing_space_is_refused_before_the_session) /* STO-01 */
{
    world->free_bytes = 1000;
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_NO_SPACE);
    cr_assert_eq(fake_count(world, "10"), 0);
    cr_assert_eq(fake_files_count(world), 1u);
    cr_assert_not_null(fake_file(world, "inventory.json"));
}

Test(ota_master, bytes_changed_in_memory_are_never_confirmed) /* STO-03, SEC-12 */
{
    struct ota_image changed;
    fake_image(&changed, "2.0.0");
    changed.segments[1].bytes[77] ^= 0x10;
    job.image = &changed;
    run_to(OTA_REFUSED);
    cr_assert_eq(fake_count(world, "10"), 0);
    ota_image_release(&changed);
}
