/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_resume.c - the master after long interruptions: power cuts of the ECU and
 * of the master at every place, and the way back to a known-good image. Case names in comments are
 * the catalogue's. */
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

TestSuite(ota_resume, .init = set_up, .fini = tear_down);

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

static uint64_t image_bytes(void)
{
    return image.bytes_total;
}

/* PWR-01 to PWR-06: power of the ECU is lost at the request, for three seconds. */
static const struct cut_row {
    const char *request;
    uint16_t nth;
    uint32_t erases;
} cut_rows[] = {
    {"1003", 1, 1}, {"31010203", 1, 1}, {"8502", 1, 1}, {"28", 1, 1},       {"1002", 1, 1},
    {"2701", 1, 1}, {"2702", 1, 1},     {"2E", 1, 1},   {"3101FF00", 1, 1}, {"34", 1, 1},
    {"34", 2, 1},   {"36", 1, 1},       {"36", 15, 1},  {"36", 25, 1},      {"37", 1, 1},
    {"37", 4, 1},   {"3101FF01", 1, 1}, {"1001", 1, 1}, {"1003", 2, 1},     {"280003", 1, 1},
    {"8501", 1, 1}, {"14", 1, 1},       {"1001", 2, 1}, {"22F189", 3, 1},
};

static void check_cut(const struct cut_row *row, uint32_t off_ms)
{
    fake_rule(world, row->request, row->nth, 1, FAKE_RESET, off_ms);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_expect_eq(world->erases, row->erases, "%s %u", row->request, row->nth);
    cr_expect_eq(world->data_bytes, image_bytes(), "%s %u", row->request, row->nth);
    cr_expect_eq(world->rewritten, 0, "%s %u", row->request, row->nth);
}

Test(ota_resume, ecu_power_cut_anywhere_resumes_without_sending_twice)
{
    for (size_t i = 0; i < sizeof cut_rows / sizeof cut_rows[0]; i++) {
        for (uint32_t off_ms = 10; off_ms <= 4000; off_ms += 1330) {
            tear_down();
            set_up();
            check_cut(&cut_rows[i], off_ms);
        }
    }
}

Test(ota_resume, power_cut_in_the_paper_style_resumes_at_the_line)
{
    for (uint16_t nth = 1; nth < 270; nth = (uint16_t)(nth + 37)) {
        tear_down();
        set_up();
        world->style = OTA_STYLE_S19_LINE;
        job.style = OTA_STYLE_S19_LINE;
        job.resume_34 = OTA_RESUME_FULL_SEGMENT;
        struct cut_row row = {"36", nth, 1};
        check_cut(&row, 3000);
    }
}

Test(ota_resume, resume_checks_finished_segments_by_34_and_37_alone) /* PWR-04 */
{
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    run_to(OTA_SUCCESS);
    size_t resume = fake_find(world, "1002", 1);
    size_t first_34 = resume;
    while (world->log[first_34].head[0] != UDS_REQUEST_DOWNLOAD) {
        first_34++;
    }
    const uint8_t *head = world->log[first_34].head;
    cr_assert_eq(proto_get_u32(head + 3), 0x780000u);
    cr_assert_eq(proto_get_u32(head + 7), 3000u);
    cr_assert_eq(world->log[first_34 + 1].head[0], UDS_TRANSFER_EXIT);
    /* Then what is left of segment 2: blocks of 256 bytes, 12 in segment 1, 7 confirmed here. */
    head = world->log[first_34 + 2].head;
    cr_assert_eq(proto_get_u32(head + 3), 0x790000u + 7 * 256);
    cr_assert_eq(proto_get_u32(head + 7), 5000u - 7 * 256);
}

Test(ota_resume, failed_check_after_a_resume_sends_the_segment_in_full) /* PWR-09, PWR-15 */
{
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    fake_rule(world, "37", 4, 1, FAKE_NRC, 0x72); /* Segment 1, again, the rest, the whole. */
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(world->data_bytes, image_bytes() + 5000);
}

Test(ota_resume, failed_check_after_that_erases_again) /* PWR-09 */
{
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    fake_rule(world, "37", 4, 2, FAKE_NRC, 0x72);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 2);
}

Test(ota_resume, cut_in_post_programming_repeats_only_that) /* PWR-05 */
{
    fake_rule(world, "280003", 1, 1, FAKE_RESET, 3000);
    run_to(OTA_SUCCESS);
    cr_assert_eq(fake_count(world, "1002"), 1);
    cr_assert_eq(fake_count(world, "3101FF01"), 1);
    cr_assert_eq(fake_count(world, "280003"), 2);
}

Test(ota_resume, ecu_that_forgot_its_erase_is_erased_again) /* PWR-09 */
{
    world->forgets_on_reset = true;
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 2);
}

Test(ota_resume, master_power_cut_at_any_instant_resumes) /* PWR-07 */
{
    run_to(OTA_SUCCESS);
    uint64_t whole = world->now_ns;
    for (uint64_t i = 1; i < 120; i++) {
        tear_down();
        set_up();
        world->stop_at_ns = whole * i / 120;
        cr_assert_not(fake_run(world, &job, &report));
        world->stop_at_ns = 0;
        world->now_ns += PROTO_MS(1 + i * 97 % 7000);
        cr_assert(fake_run(world, &job, &report));
        bool good = report.code == OTA_SUCCESS || report.code == OTA_UP_TO_DATE;
        cr_assert(good, "cut %d: %s \"%s\"", (int)i, ota_result_name(report.code), report.reason);
        cr_assert(fake_holds(world, &image));
        cr_assert(world->app_valid);
        cr_assert_leq(world->data_bytes, image_bytes() + 256);
        cr_assert_leq(world->erases, 2);
    }
}

Test(ota_resume, master_power_cut_at_every_write_resumes) /* PWR-07, PWR-08 */
{
    run_to(OTA_SUCCESS);
    uint32_t writes = world->writes;
    cr_assert_gt(writes, 30);
    for (uint32_t i = 1; i <= writes; i++) {
        tear_down();
        set_up();
        world->writes_until_cut = i;
        world->write_cut_at = i * 37 % 512;
        cr_assert_not(fake_run(world, &job, &report), "write %u", i);
        world->cut = false;
        world->now_ns += PROTO_MS(3000);
        cr_assert(fake_run(world, &job, &report));
        bool good = report.code == OTA_SUCCESS || report.code == OTA_UP_TO_DATE;
        cr_assert(good, "write %u: %s \"%s\"", i, ota_result_name(report.code), report.reason);
        cr_assert(fake_holds(world, &image));
        cr_assert_leq(world->data_bytes, image_bytes() + 256, "write %u", i);
    }
}

Test(ota_resume, other_ecu_or_other_image_drops_the_progress) /* PWR-13 */
{
    fake_rule(world, "36", 20, 0, FAKE_LOSE_REQUEST, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED);
    world->rules_len = 0;
    world->serial_number = "LH-000002";
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 2);
}

/* What an ECU could not send to the master that was gone, it sends to the next one: no answer to
 * what that one asks. */
Test(ota_resume, refusal_left_from_a_life_before_does_not_drop_the_progress)
{
    fake_rule(world, "36", 20, 0, FAKE_LOSE_REQUEST, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED);
    world->rules_len = 0;
    fake_rule(world, "22F191", 1, 1, FAKE_NRC, UDS_NRC_OUT_OF_RANGE);
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 1);
}

Test(ota_resume, hardware_that_is_refused_twice_is_unknown)
{
    fake_rule(world, "22F191", 1, 0, FAKE_NRC, UDS_NRC_OUT_OF_RANGE);
    run_to(OTA_REFUSED);
    cr_assert_eq(fake_count(world, "22F191"), 2);
    cr_assert_eq(fake_count(world, "1003"), 0);
}

Test(ota_resume, many_cuts_make_monotonic_progress) /* PWR-14 */
{
    for (uint16_t i = 0; i < 8; i++) {
        fake_rule(world, "36", (uint16_t)(3 + 5 * i), 1, FAKE_RESET, 500);
    }
    run_to(OTA_SUCCESS);
    check_updated();
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(world->data_bytes, image_bytes());
    cr_assert_eq(report.interruptions, 8);
}

Test(ota_resume, rollback_installs_the_previous_known_good_image) /* RBK-01 */
{
    struct ota_error error;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    run_to(OTA_SUCCESS);
    job.action = OTA_ACTION_ROLLBACK;
    job.image = NULL;
    strcpy(job.campaign, "back");
    run_to(OTA_ROLLED_BACK);
    cr_assert(fake_holds(world, &old_image));
    cr_assert_str_eq(report.version, "1.0.0");
}

Test(ota_resume, rollback_without_a_backup_is_refused)
{
    job.action = OTA_ACTION_ROLLBACK;
    run_to(OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_NO_BACKUP);
    cr_assert_eq(fake_count(world, "10"), 0);
}

Test(ota_resume, application_that_does_not_come_up_is_rolled_back) /* RBK-02 */
{
    struct ota_error error;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    fake_rule(world, "22F189", 2, 45, FAKE_LOSE_REQUEST, 0);
    run_to(OTA_ROLLED_BACK);
    cr_assert(fake_holds(world, &old_image));
}
