/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_leave.c - a failed campaign ends in time, whatever the ECU does while the
 * quiet state is lifted. Case names in comments are the catalogue's. */
#include "tests/master/fake_ecu.h"

#include <criterion/criterion.h>

static struct fake_world *world;
static struct ota_image image;
static struct ota_job job;
static struct ota_report report;

static void set_up(void)
{
    world = fake_new();
    fake_image(&image, "2.0.0");
    fake_job(&job, &image, "2.0.0");
}

static void tear_down(void)
{
    ota_image_release(&image);
    fake_free(world);
}

TestSuite(ota_leave, .init = set_up, .fini = tear_down);

/* The ECU has been told to be quiet, refuses 10 02, and from then on does the same to every request
 * with which the master leaves. */
static uint64_t leaving_ns(enum fake_action action, uint32_t arg)
{
    fake_rule(world, "1002", 1, 0, FAKE_NRC, 0x10);
    fake_rule(world, "10", 3, 0, action, arg);
    fake_rule(world, "28", 2, 0, action, arg);
    fake_rule(world, "85", 2, 0, action, arg);
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)OTA_FAILED_OLD, "%s; log:\n%s", report.reason,
                 world->log_text);
    return world->now_ns - world->log[fake_find(world, "1002", 0)].at_ns;
}

Test(ota_leave, ecu_that_only_says_pending_is_left_within_five_seconds) /* SEQ-03 */
{
    cr_assert_leq(leaving_ns(FAKE_PENDING, 1000), PROTO_MS(5000));
}

/* Repeats alone would take longer: four requests, four times each, a second for each. */
Test(ota_leave, quiet_state_is_lifted_within_five_seconds_of_silence) /* SEQ-03 */
{
    world->p2_ms = 1000;
    uint64_t span_ns = leaving_ns(FAKE_MUTE, 0);
    cr_assert_leq(span_ns, PROTO_MS(4500), "%llu", (unsigned long long)span_ns);
    cr_assert_eq(fake_count(world, "280003"), 4); /* Nothing was left out. */
    cr_assert_eq(fake_count(world, "8501"), 4);
    cr_assert_eq(fake_count(world, "1001"), 4);
}

Test(ota_leave, ecu_that_stays_busy_is_left_within_five_seconds) /* SEQ-03 */
{
    uint64_t span_ns = leaving_ns(FAKE_BUSY, 0);
    cr_assert_geq(span_ns, PROTO_MS(4000), "%llu: the limit was not needed",
                  (unsigned long long)span_ns);
    cr_assert_leq(span_ns, PROTO_MS(5000), "%llu", (unsigned long long)span_ns);
}

/* It has restarted meanwhile: what it refuses in its default session is asked for once more. */
Test(ota_leave, quiet_state_is_lifted_though_the_ecu_has_lost_its_session)
{
    fake_rule(world, "1002", 1, 0, FAKE_NRC, 0x10);
    fake_rule(world, "8501", 1, 1, FAKE_NRC, 0x7F);
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)OTA_FAILED_OLD, "%s", report.reason);
    cr_assert_eq(fake_count(world, "1003"), 3); /* Before the update, and twice to leave. */
    cr_assert_eq(fake_count(world, "280003"), 2);
    cr_assert_eq(fake_count(world, "8501"), 2);
}

/* One that never does it is not asked without end. */
Test(ota_leave, ecu_that_always_refuses_to_be_restored_is_left)
{
    fake_rule(world, "1002", 1, 0, FAKE_NRC, 0x10);
    fake_rule(world, "280003", 1, 0, FAKE_NRC, 0x7F);
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)OTA_FAILED_OLD, "%s", report.reason);
    cr_assert_eq(fake_count(world, "280003"), 4);
    cr_assert_eq(fake_count(world, "8501"), 1);
}
