/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_network.c - the master and the other ECUs of the network: quiet before
 * programming, restored on every path. Case names in comments are the catalogue's. */
#include "tests/master/fake_ecu.h"

#include "sim/proto/uds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct fake_world *world;
static struct ota_image image;
static struct ota_job job;
static struct ota_report report;

/* Eleven others, which stay quiet until they are told (Q1). */
static void set_up(void)
{
    world = fake_new();
    fake_image(&image, "2.0.0");
    fake_job(&job, &image, "2.0.0");
    for (uint32_t i = 0; i < 11; i++) {
        struct fake_peer *peer = &world->peers[world->peers_len++];
        fake_peer_init(peer, 0x700 + 0x10 * i);
        peer->sticky = true;
        struct ota_peer *named = &job.network[job.network_len++];
        snprintf(named->name, sizeof named->name, "ecu%u", (unsigned)i);
        named->request_id = peer->request_id;
        named->response_id = peer->response_id;
    }
}

static void tear_down(void)
{
    ota_image_release(&image);
    fake_free(world);
}

TestSuite(ota_network, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
}

static void check_restored(const char *where)
{
    cr_expect_not(world->comm_off, "%s", where);
    cr_expect_not(world->dtc_off, "%s", where);
    cr_expect_eq(world->session, UDS_SESSION_DEFAULT, "%s", where);
    for (size_t i = 0; i < world->peers_len; i++) {
        const struct fake_peer *peer = &world->peers[i];
        cr_expect_not(peer->comm_off, "%s: peer %zu", where, i);
        cr_expect_not(peer->dtc_off, "%s: peer %zu", where, i);
        cr_expect_eq(peer->session, UDS_SESSION_DEFAULT, "%s: peer %zu", where, i);
        cr_expect_eq(peer->clears, 0, "%s: peer %zu", where, i);
    }
}

static uint32_t asked_alone(void)
{
    uint32_t n = 0;
    for (size_t i = 0; i < world->peers_len; i++) {
        n += world->peers[i].asked_alone;
    }
    return n;
}

Test(ota_network, all_are_quiet_before_programming_and_restored_after_it) /* SEQ-02 */
{
    run_to(OTA_SUCCESS);
    check_restored("success");
    cr_assert_eq(world->loud_at_programming, 0);
    cr_assert_eq(asked_alone(), 0);
    cr_assert_eq(fake_count(world, "14FFFFFF"), 1);
    cr_assert_not(world->log[fake_find(world, "14FFFFFF", 0)].functional);
    cr_assert(world->log[fake_find(world, "1003", 0)].functional);
    cr_assert(world->log[fake_find(world, "1003", 1)].functional);
    cr_assert_not(world->log[fake_find(world, "1001", 0)].functional); /* The target's reset. */
    cr_assert(world->log[fake_find(world, "1001", 1)].functional);
    cr_assert_eq(report.resends, 0);
}

Test(ota_network, who_did_not_answer_or_refused_is_asked_physically) /* SEQ-02 */
{
    world->peers[2].deaf_to_all = 100;
    world->peers[5].refuses = 2;
    world->peers[5].nrc = UDS_NRC_CONDITIONS;
    world->peers[7].deaf_to_all = 1; /* 10 03 alone. */
    world->peers[7].deaf = 2;        /* So that resends are needed as well. */
    run_to(OTA_SUCCESS);
    check_restored("success");
    cr_assert_eq(world->loud_at_programming, 0);
    cr_assert_eq(world->peers[2].asked_alone, 7, "%u", world->peers[2].asked_alone);
    cr_assert_eq(world->peers[5].asked_alone, 2);
    cr_assert_eq(world->peers[7].asked_alone, 3);
    cr_assert_eq(asked_alone(), 12);
}

Test(ota_network, target_is_one_of_those_that_are_asked_physically) /* SEQ-02, COM-01 */
{
    static const char *const requests[] = {"1003", "8502", "280103", "280003", "8501"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        for (int refuses = 0; refuses < 2; refuses++) {
            tear_down();
            set_up();
            fake_rule(world, requests[i], 1, 1, refuses ? FAKE_NRC : FAKE_LOSE_REQUEST,
                      UDS_NRC_CONDITIONS);
            run_to(OTA_SUCCESS);
            check_restored(requests[i]);
            cr_expect(world->log[fake_find(world, requests[i], 0)].functional);
            cr_expect_not(world->log[fake_find(world, requests[i], 1)].functional);
            cr_expect_eq(asked_alone(), 0, "%s", requests[i]);
            cr_expect_eq(report.interruptions, 0, "%s", requests[i]);
        }
    }
}

Test(ota_network, slow_ones_are_waited_for) /* SEQ-02 */
{
    world->peers[3].delay_ms = 40;
    world->peers[4].pendings = 7;
    run_to(OTA_SUCCESS);
    check_restored("success");
    cr_assert_eq(world->loud_at_programming, 0);
    cr_assert_eq(asked_alone(), 0);
}

Test(ota_network, one_that_refuses_for_good_keeps_the_update_from_starting) /* SEQ-02 */
{
    world->peers[9].refuses = 6;
    world->peers[9].nrc = UDS_NRC_CONDITIONS;
    run_to(OTA_REFUSED);
    cr_assert_eq(report.why, OTA_WHY_NETWORK);
    cr_assert_eq(report.sid, UDS_CONTROL_DTC_SETTING);
    cr_assert_eq(report.nrc, UDS_NRC_CONDITIONS);
    cr_assert(strstr(report.reason, "ecu9"), "%s", report.reason);
    cr_assert_eq(fake_count(world, "1002"), 0);
    check_restored("refused");
}

Test(ota_network, one_that_is_silent_for_good_keeps_the_update_from_starting) /* SEQ-02 */
{
    job.pause_max = 2;
    world->peers[9].deaf_to_all = UINT16_MAX;
    world->peers[9].deaf = UINT16_MAX;
    run_to(OTA_INTERRUPTED);
    cr_assert(strstr(report.reason, "ecu9"), "%s", report.reason);
    cr_assert_eq(fake_count(world, "1002"), 0);
    check_restored("interrupted");
}

Test(ota_network, silent_one_does_not_spoil_an_update_that_is_done)
{
    world->peers[9].heard_max = 3; /* 10 03, 85 02, 28 01. */
    run_to(OTA_SUCCESS);
    cr_assert_eq(world->loud_at_programming, 0);
    cr_assert_eq(world->peers[9].asked_alone, 4 * 4);
    cr_assert(strstr(world->log_text, "network on of ecu9: no answer"), "%s", world->log_text);
}

/* SEQ-03: the seven paths. */
Test(ota_network, quiet_state_is_restored_on_every_failing_path)
{
    static const char *const steps[] = {"1002", "2701", "3101FF00", "34",
                                        "36",   "37",   "3101FF01", "1001"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        tear_down();
        set_up();
        world->peers[6].deaf_to_all = 100; /* 28 00 and 85 01 to all do not reach it. */
        fake_rule(world, steps[i], 1, 1, FAKE_NRC, UDS_NRC_GENERAL_REJECT);
        cr_assert(fake_run(world, &job, &report));
        cr_expect_neq((int)report.code, (int)OTA_SUCCESS, "%s", steps[i]);
        cr_expect_eq(report.nrc, UDS_NRC_GENERAL_REJECT, "%s", steps[i]);
        check_restored(steps[i]);
    }
}

Test(ota_network, others_are_restored_though_the_target_is_mute) /* SEQ-03, SEQ-19, COM-02 */
{
    static const uint16_t p2s_ms[] = {50, 1000};
    for (size_t i = 0; i < 2; i++) {
        tear_down();
        set_up();
        world->p2_ms = p2s_ms[i];
        job.pause_max = 1;
        fake_rule(world, "36", 9, 1, FAKE_MUTE, 0);
        run_to(OTA_INTERRUPTED);
        for (size_t n = 0; n < world->peers_len; n++) {
            cr_assert_not(world->peers[n].comm_off, "%zu", n);
            cr_assert_not(world->peers[n].dtc_off, "%zu", n);
            cr_assert_eq(world->peers[n].session, UDS_SESSION_DEFAULT);
        }
    }
}

/* SEQ-04: an erase of 20 s, and a start of 9 s. */
Test(ota_network, others_keep_their_sessions_all_the_time)
{
    fake_rule(world, "3101FF00", 1, 1, FAKE_PENDING, 10);
    world->boot_ms = 9000;
    run_to(OTA_SUCCESS);
    for (size_t i = 0; i < world->peers_len; i++) {
        cr_assert_eq(world->peers[i].fallbacks, 0, "%zu", i);
    }
    check_restored("success");
}

Test(ota_network, target_is_asked_again_after_the_others)
{
    world->peers[10].deaf_to_all = 1;
    world->peers[10].deaf = 1;
    world->peers[10].delay_ms = 45;
    run_to(OTA_SUCCESS);
    cr_assert_eq(world->peers[10].asked_alone, 2);
    cr_assert_eq(world->loud_at_programming, 0);
}

/* PWR-07: what the life before has left quiet is restored, though its own session is long over. */
Test(ota_network, next_life_of_the_master_restores_what_the_last_one_quieted)
{
    world->stop_at_ns = PROTO_MS(700);
    cr_assert_not(fake_run(world, &job, &report));
    cr_assert(world->peers[3].comm_off);
    world->stop_at_ns = 0;
    world->now_ns += PROTO_MS(60000);
    run_to(OTA_SUCCESS);
    check_restored("second life");
    cr_assert_eq(world->loud_at_programming, 0);
    cr_assert_eq(world->erases, 1);
}
