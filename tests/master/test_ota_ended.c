/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_ended.c - campaigns that are delivered again after their end, and packages
 * that have failed. Case names are the catalogue's. */
#include "tests/master/fake_ecu.h"

#include "master/ota_backup.h"
#include "master/ota_ended.h"

#include "sim/proto/uds.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fake_world *world;
static struct ota_image image, old_image;
static struct ota_job job;
static struct ota_report report;
static struct ota_error error;

static void set_up(void)
{
    world = fake_new();
    fake_image(&image, "2.0.0");
    fake_image(&old_image, "1.0.0");
    fake_job(&job, &image, "2.0.0");
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
}

static void tear_down(void)
{
    ota_image_release(&image);
    ota_image_release(&old_image);
    fake_free(world);
}

TestSuite(ota_ended, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code, enum ota_why why)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
    cr_assert_eq((int)report.why, (int)why, "%s: %s", ota_why_name(report.why), report.reason);
}

/* The ECU is asked who it is, and nothing else. */
static void again_to(enum ota_result_code code, enum ota_why why)
{
    world->log_len = 0;
    run_to(code, why);
    cr_assert_eq(fake_count(world, "22"), world->log_len);
}

Test(ota_ended, campaign_delivered_twice_is_executed_once) /* FUN-04 */
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    again_to(OTA_SUCCESS, OTA_WHY_NONE);
    again_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 1u);
    cr_assert_str_eq(report.version, "2.0.0");
    strcpy(job.campaign, "another");
    again_to(OTA_UP_TO_DATE, OTA_WHY_UP_TO_DATE);
}

Test(ota_ended, old_journal_that_comes_back_does_not_start_it_again) /* PWR-08 */
{
    fake_rule(world, "36", 20, 0, FAKE_LOSE_REQUEST, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED, OTA_WHY_TIMEOUT);
    world->rules_len = 0;
    uint8_t copy[65536];
    size_t len = fake_file(world, "journal")->len;
    cr_assert_leq(len, sizeof copy);
    memcpy(copy, fake_file(world, "journal")->bytes, len);
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    world->port.file_write(world, "journal", 0, copy, len);
    again_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 1u);
}

Test(ota_ended, success_is_told_again_only_while_its_version_runs) /* STO-05 */
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    memcpy(world->flash + 12, "1.5.0", 6); /* A workshop has been at it. */
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 2u);
    world->serial_number = "LH-000002";
    memcpy(world->flash + 12, "1.0.0", 6); /* Another ECU. */
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 3u);
}

Test(ota_ended, rollback_ordered_twice_goes_back_once)
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    strcpy(job.campaign, "back");
    job.action = OTA_ACTION_ROLLBACK;
    run_to(OTA_ROLLED_BACK, OTA_WHY_NONE);
    again_to(OTA_ROLLED_BACK, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 2u);
    cr_assert(fake_holds(world, &old_image));
}

static void make_every_segment_fail(void)
{
    /* The update's three tries of one erase and one bad segment each; the way back is good. */
    fake_rule(world, "37", 1, 3, FAKE_NRC, UDS_NRC_PROGRAMMING_FAILURE);
}

Test(ota_ended, package_that_always_fails_is_tried_a_few_times_and_then_marked) /* RBK-07 */
{
    make_every_segment_fail();
    run_to(OTA_ROLLED_BACK, OTA_WHY_NEGATIVE_RESPONSE);
    cr_assert_eq(world->erases, job.update_retry_max + 1u + 1u); /* And one for the way back. */
    for (int i = 0; i < 5; i++) {
        again_to(OTA_ROLLED_BACK, OTA_WHY_BAD_MARKED);
    }
    cr_assert_eq(world->erases, job.update_retry_max + 2u);
    cr_assert(fake_holds(world, &old_image));
}

Test(ota_ended, new_campaign_may_try_a_marked_package_again) /* RBK-07 */
{
    make_every_segment_fail();
    run_to(OTA_ROLLED_BACK, OTA_WHY_NEGATIVE_RESPONSE);
    strcpy(job.campaign, "second try");
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert(fake_holds(world, &image));
}

Test(ota_ended, ecu_without_software_is_tried_again_when_the_campaign_is_started_again) /* INV-2 */
{
    world->port.file_remove(world, OTA_BACKUP_MANIFEST);
    make_every_segment_fail();
    run_to(OTA_FAILED_SAFE, OTA_WHY_NEGATIVE_RESPONSE);
    cr_assert(report.prompt);
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    cr_assert(fake_holds(world, &image));
}

Test(ota_ended, another_ecu_is_not_marked) /* RBK-07 */
{
    make_every_segment_fail();
    run_to(OTA_ROLLED_BACK, OTA_WHY_NEGATIVE_RESPONSE);
    world->serial_number = "LH-000002";
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
}

Test(ota_ended, another_package_in_the_same_campaign_is_not_marked) /* RBK-07 */
{
    struct ota_image other;
    make_every_segment_fail();
    run_to(OTA_ROLLED_BACK, OTA_WHY_NEGATIVE_RESPONSE);
    fake_image(&other, "3.0.0");
    job.image = &other;
    strcpy(job.version, "3.0.0");
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    ota_image_release(&other);
}

Test(ota_ended, refusal_and_interruption_are_no_ends)
{
    fake_rule(world, "1003", 1, 1, FAKE_NRC, 0x22);
    job.condition_max = 0;
    run_to(OTA_REFUSED, OTA_WHY_CONDITIONS);
    cr_assert_null(fake_file(world, OTA_ENDED_FILE));
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
}

Test(ota_ended, file_of_any_content_is_no_end) /* SEC-13 */
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{\"campaign\":\"test\"}",
                                        "{\"campaign\":\"test\",\"image_sha256\":\"00\"}",
                                        "{\"campaign\":3,\"result\":\"SUCCESS\"}"};
    struct ota_ended ended;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        world->port.file_remove(world, OTA_ENDED_FILE);
        world->port.file_write(world, OTA_ENDED_FILE, 0, texts[i], strlen(texts[i]));
        cr_assert_not(ota_ended_read(&world->port, &ended), "text %zu", i);
    }
}

/* The newest backup is damaged while the way back is prepared, or before. */
static void damage_newest(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    (void)len;
    struct ota_backups backups;
    ota_backups_read(&w->port, &backups);
    if (data[0] == UDS_SECURITY_ACCESS && backups.len == 2) {
        fake_file(w, backups.list[0].file)->bytes[900] ^= 1;
        w->on_request = NULL;
    }
}

Test(ota_ended, damaged_backup_is_never_installed) /* RBK-03 */
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    memcpy(world->flash + 12, "1.5.0", 6); /* So that the newest one is wanted. */
    strcpy(job.campaign, "back");
    job.action = OTA_ACTION_ROLLBACK;
    world->on_request = damage_newest;
    run_to(OTA_ROLLED_BACK, OTA_WHY_NONE);
    cr_assert_null(world->on_request);
    cr_assert(fake_holds(world, &old_image));
    cr_assert_eq(world->erases, 2u);
}

static void damage_newest_later(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (w->data_bytes > 2 * image.bytes_total - 5000) {
        damage_newest(w, data, len);
    }
}

Test(ota_ended, backup_damaged_during_the_way_back_is_replaced_from_its_start) /* RBK-03, RBK-04 */
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    memcpy(world->flash + 12, "1.5.0", 6);
    strcpy(job.campaign, "back");
    job.action = OTA_ACTION_ROLLBACK;
    world->on_request = damage_newest_later;
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    fake_rule(world, "36", 45, 1, FAKE_RESET, 3000); /* In the other one. */
    run_to(OTA_ROLLED_BACK, OTA_WHY_NONE);
    cr_assert_null(world->on_request);
    cr_assert_str_eq(report.version, "1.0.0");
    cr_assert(fake_holds(world, &old_image));
    cr_assert_eq(world->erases, 3u);
}

Test(ota_ended, way_back_keeps_to_the_conditions_and_goes_on_after_a_cut) /* RBK-04 */
{
    run_to(OTA_SUCCESS, OTA_WHY_NONE);
    strcpy(job.campaign, "back");
    job.action = OTA_ACTION_ROLLBACK;
    job.condition_max = 0;
    fake_rule(world, "1002", 1, 1, FAKE_NRC, 0x22);
    run_to(OTA_REFUSED, OTA_WHY_CONDITIONS);
    cr_assert_eq(world->erases, 1u);
    fake_rule(world, "36", 20, 1, FAKE_RESET, 3000);
    world->data_bytes = 0;
    run_to(OTA_ROLLED_BACK, OTA_WHY_NONE);
    cr_assert_eq(world->erases, 2u);
    cr_assert_eq(world->data_bytes, old_image.bytes_total);
}
