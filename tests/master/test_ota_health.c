/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_health.c - the observation window after an update (FUN-08), and what a
 * failure in it leads to. */
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
    job.health_window_ms = 30000;
}

static void tear_down(void)
{
    ota_image_release(&image);
    ota_image_release(&old_image);
    fake_free(world);
}

TestSuite(ota_health, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
}

static uint64_t window_ns(void)
{
    size_t post = fake_find(world, "14FFFFFF", 0);
    return world->now_ns - world->log[post].at_ns;
}

Test(ota_health, success_waits_for_the_window)
{
    job.health_dtc = true;
    job.health_heartbeat_id = 0x321;
    world->heartbeat_ms = 100;
    run_to(OTA_SUCCESS);
    cr_assert_geq(window_ns(), PROTO_MS(30000));
    cr_assert_leq(window_ns(), PROTO_MS(31000));
    cr_assert_eq(fake_count(world, "190209"), 30);
    cr_assert_eq(report.why, OTA_WHY_NONE);
}

Test(ota_health, no_window_no_look)
{
    job.health_window_ms = 0;
    job.health_dtc = true;
    world->dtc = 0x123456;
    run_to(OTA_SUCCESS);
    cr_assert_eq(fake_count(world, "19"), 0);
}

Test(ota_health, trouble_code_is_no_success)
{
    job.health_dtc = true;
    world->dtc = 0x123456;
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(report.why, OTA_WHY_HEALTH);
    cr_assert_eq(report.sid, UDS_READ_DTC);
    cr_assert(strstr(report.reason, "123456"), "%s", report.reason);
    cr_assert_str_eq(report.version, "2.0.0");
    cr_assert_eq(world->session, UDS_SESSION_DEFAULT);
    cr_assert_not(world->comm_off);
}

Test(ota_health, missing_heartbeat_is_no_success)
{
    job.health_heartbeat_id = 0x321;
    run_to(OTA_FAILED_SAFE);
    cr_assert_eq(report.why, OTA_WHY_HEALTH);
    cr_assert(strstr(report.reason, "000321"), "%s", report.reason);
    cr_assert_leq(window_ns(), PROTO_MS(8000));
}

Test(ota_health, heartbeat_slower_than_declared_is_no_success)
{
    job.health_heartbeat_id = 0x321;
    job.health_heartbeat_ms = 200;
    world->heartbeat_ms = 900;
    run_to(OTA_FAILED_SAFE);
    tear_down();
    set_up();
    job.health_heartbeat_id = 0x321;
    job.health_heartbeat_ms = 950;
    world->heartbeat_ms = 900;
    run_to(OTA_SUCCESS);
}

Test(ota_health, policy_decides_between_rollback_and_standing_still)
{
    struct ota_error error;
    job.health_dtc = true;
    job.health_window_ms = 5000;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    fake_rule(world, "190209", 2, 1, FAKE_NRC, UDS_NRC_CONDITIONS);
    run_to(OTA_ROLLED_BACK);
    cr_assert(fake_holds(world, &old_image));
    cr_assert_str_eq(report.version, "1.0.0");
    cr_assert_eq(report.nrc, UDS_NRC_CONDITIONS);
    tear_down();
    set_up();
    job.health_dtc = true;
    job.policy = OTA_POLICY_STAY;
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    world->dtc = 0x123456;
    run_to(OTA_FAILED_SAFE);
    cr_assert(fake_holds(world, &image));
    cr_assert_eq(world->erases, 1);
}

Test(ota_health, power_cut_in_the_window_repeats_post_programming_alone) /* PWR-05 */
{
    job.health_dtc = true;
    fake_rule(world, "190209", 3, 1, FAKE_RESET, 1500);
    run_to(OTA_SUCCESS);
    cr_assert_eq(fake_count(world, "1002"), 1);
    cr_assert_eq(world->erases, 1);
    cr_assert_eq(fake_count(world, "14FFFFFF"), 2);
}
