/* SPDX-License-Identifier: Apache-2.0 */
/* test_faults.c - the gist of the catalogue's groups COM, PWR and RBK, played on real frames
 * between the real master and the real bootloader. Names of cases are the catalogue's. */
#include "inject/bus_fault.h"
#include "tests/e2e/fault_rig.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fault_rig rig;

static void setup(void)
{
    rig_init(&rig, "2.0.0", 0, 1);
}

static void teardown(void)
{
    rig_release(&rig);
}

TestSuite(faults, .init = setup, .fini = teardown, .timeout = 120);

static void anew(uint64_t seed)
{
    rig_release(&rig);
    rig_init(&rig, "2.0.0", 0, seed);
}

static void expect_end(enum ota_result_code want, const char *what)
{
    const struct ota_report *report = &rig.master.report;
    const char *wrong = rig_wrong(&rig);
    cr_expect_eq(report->code, want, "%s: %s, not %s: %s", what, ota_result_name(report->code),
                 ota_result_name(want), report->reason);
    cr_expect(wrong == NULL, "%s: %s", what, wrong);
    if (want == OTA_SUCCESS) {
        cr_expect(rig_image_in_flash(&rig), "%s", what);
    }
}

static void expect_clean_flash(const char *what)
{
    cr_expect_eq(rig_erases(&rig), 1, "%s: erased %u times", what, rig_erases(&rig));
    cr_expect_leq(rig_writes(&rig), 1, "%s: written %u times", what, rig_writes(&rig));
}

/* COM: what is lost, late or doubled. */

struct lost {
    const char *what;
    uint8_t sid, second;
    uint32_t skip;
    uint32_t resends; /* Expected in the report. */
};

static const struct lost answers[] = {
    {"22 hardware", 0x62, 0, 0, 1},
    {"22 version", 0x62, 0, 2, 1},
    {"10 03", 0x50, 0x03, 0, 1},
    {"31 preconditions", 0x71, 0, 0, 1},
    {"85 02", 0xC5, 0x02, 0, 1},
    {"28", 0x68, 0x01, 0, 1},
    {"10 02", 0x50, 0x02, 0, 1},
    {"27 seed", 0x67, 0x01, 0, 1},
    {"27 key", 0x67, 0x02, 0, 0},
    {"2E", 0x6E, 0, 0, 1},
    {"31 erase", 0x71, 0, 1, 1},
    {"34", 0x74, 0, 0, 1},
    {"36 first", 0x76, 0, 0, 1},
    {"36 last of a segment", 0x76, 0, 7, 1},
    {"36 in the middle", 0x76, 0, 9, 1},
    {"37 first", 0x77, 0, 0, 1},
    {"37 last", 0x77, 0, 3, 1},
    {"31 dependencies", 0x71, 0, 2, 1},
    {"10 01 activation", 0x50, 0x01, 0, 1},
    {"22 poll", 0x62, 0, 3, 0},
    {"10 03 afterwards", 0x50, 0x03, 1, 1},
    {"28 00", 0x68, 0, 1, 1},
    {"85 01", 0xC5, 0x01, 0, 1},
    {"14", 0x54, 0, 0, 1},
    {"10 01 afterwards", 0x50, 0x01, 1, 1},
    {"22 read back", 0x62, 0, 4, 1},
};

Test(faults, com_01_and_03_and_05_one_answer_lost_is_asked_for_once_more)
{
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        const struct lost *lost = &answers[i];
        anew(1);
        const struct rig_rule *rule = rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                                                      .sid = lost->sid,
                                                                      .second = lost->second,
                                                                      .skip = lost->skip,
                                                                      .times = 1,
                                                                      .what = {.lose = true}});
        rig_play(&rig);
        cr_expect_eq(rule->injected.count.fired, 1, "%s: never seen", lost->what);
        expect_end(OTA_SUCCESS, lost->what);
        expect_clean_flash(lost->what);
        cr_expect_eq(rig.master.report.resends, lost->resends, "%s: %u resends", lost->what,
                     rig.master.report.resends);
        cr_expect_eq(rig.master.report.interruptions, 0, "%s", lost->what);
    }
}

static const struct lost requests[] = {
    {"22 hardware", 0x22, 0, 0, 1}, {"10 03", 0x10, 0x03, 0, 1},
    {"31", 0x31, 0, 0, 1},          {"85 02", 0x85, 0x02, 0, 1},
    {"28 01", 0x28, 0x01, 0, 1},    {"10 02", 0x10, 0x02, 0, 1},
    {"27 seed", 0x27, 0x01, 0, 1},  {"27 key", 0x27, 0x02, 0, 0},
    {"2E", 0x2E, 0, 0, 1},          {"31 erase", 0x31, 0, 1, 1},
    {"34", 0x34, 0, 0, 1},          {"36", 0x36, 0, 2, 1},
    {"37", 0x37, 0, 1, 1},          {"31 dependencies", 0x31, 0, 2, 1},
    {"10 01", 0x10, 0x01, 0, 1},    {"14", 0x14, 0, 0, 1},
};

Test(faults, com_04_one_request_lost_is_sent_once_more)
{
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        const struct lost *lost = &requests[i];
        anew(1);
        const struct rig_rule *rule = rig_add(&rig, (struct rig_rule){.way = INJECT_TO_ECU,
                                                                      .sid = lost->sid,
                                                                      .second = lost->second,
                                                                      .skip = lost->skip,
                                                                      .times = 1,
                                                                      .what = {.lose = true}});
        rig_play(&rig);
        cr_expect_eq(rule->injected.count.fired, 1, "%s: never seen", lost->what);
        expect_end(OTA_SUCCESS, lost->what);
        expect_clean_flash(lost->what);
        cr_expect_eq(rig.master.report.resends, lost->resends, "%s: %u resends", lost->what,
                     rig.master.report.resends);
    }
}

Test(faults, com_02_mute_ecu_is_asked_four_times_and_the_update_is_resumed_later)
{
    rig_add(&rig,
            (struct rig_rule){.way = INJECT_TO_TESTER,
                              .parts = INJECT_BEGIN | INJECT_CONSECUTIVE | INJECT_FLOW_CONTROL,
                              .skip = 60,
                              .times = 1000000,
                              .what = {.lose = true}});
    rig.job.pause_max = 2;
    rig_play(&rig);
    expect_end(OTA_INTERRUPTED, "mute");
    uint32_t transfers = rig.asked[0x36];
    cr_expect_eq(rig.master.report.resends % 3, 0);
    rig_clear(&rig);
    rig_next_job(&rig, "2.0.0", 0);
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "heard again");
    expect_clean_flash("heard again");
    cr_expect_gt(rig.asked[0x36], transfers);
}

Test(faults, com_06_late_and_doubled_answers_are_paired_with_their_requests)
{
    static const sim_ns_t delays_ms[] = {0, 60, 75, 100, 140, 210, 300};
    for (size_t i = 0; i < ARRAY_SIZE(delays_ms); i++) {
        for (uint8_t doubled = 0; doubled < 3; doubled++) {
            char what[64];
            anew(i + 1);
            for (size_t at = 0; at < 12; at++) {
                rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                                .skip = (uint32_t)(at * 5 + i),
                                                .times = 1,
                                                .what = {.delay_ns = SIM_MS(delays_ms[i]),
                                                         .duplicates = doubled}});
            }
            (void)snprintf(what, sizeof what, "%u ms late, %u times more", (unsigned)delays_ms[i],
                           doubled);
            rig_play(&rig);
            expect_end(OTA_SUCCESS, what);
            expect_clean_flash(what);
        }
    }
}

Test(faults, com_06_late_seed_is_not_answered_with_a_key_that_costs_an_attempt)
{
    for (sim_ns_t delay_ms = 60; delay_ms <= 300; delay_ms += 10) {
        char what[32];
        anew(delay_ms);
        rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                        .sid = 0x67,
                                        .second = 1,
                                        .times = 1,
                                        .what = {.delay_ns = SIM_MS(delay_ms)}});
        (void)snprintf(what, sizeof what, "%u ms late", (unsigned)delay_ms);
        rig_play(&rig);
        expect_end(OTA_SUCCESS, what);
        cr_expect_eq(rig.asked[0x27] % 2, rig.answered[0x67] % 2, "%s", what);
        cr_expect_eq(rig.answered[0x7F], rig.master.report.pendings, "%s: a key was refused", what);
    }
}

Test(faults, com_08_foreign_answers_do_not_keep_the_master_from_timing_out)
{
    static const uint8_t firsts[] = {0x02, 0x03, 0x06, 0x10, 0x11, 0x21, 0x30, 0x31, 0x32};
    for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
        char what[32];
        anew(i + 1);
        rig_add_noise(&rig, 0x7E9, firsts[i], 400, SIM_MS(400), SIM_S(3));
        (void)snprintf(what, sizeof what, "first byte %02X", firsts[i]);
        rig_play(&rig);
        expect_end(OTA_SUCCESS, what);
        cr_expect_eq(rig.master.report.resends, 0, "%s", what);
    }
}

Test(faults, com_08_unsolicited_answers_of_the_ecu_itself_are_passed_over)
{
    static const uint8_t firsts[] = {0x02, 0x06, 0x10, 0x21};
    for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
        char what[32];
        anew(i + 1);
        rig_add_noise(&rig, 0x7E8, firsts[i], 5, SIM_MS(400), SIM_S(3));
        (void)snprintf(what, sizeof what, "first byte %02X", firsts[i]);
        rig_play(&rig);
        expect_end(OTA_SUCCESS, what);
        expect_clean_flash(what);
    }
}

Test(faults, com_09_without_flow_control_nothing_follows_and_the_message_is_sent_anew)
{
    rig_play(&rig);
    const uint32_t consecutive = rig.consecutive;
    anew(1);
    const struct rig_rule *rule = rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                                                  .parts = INJECT_FLOW_CONTROL,
                                                                  .skip = 4,
                                                                  .times = 1,
                                                                  .what = {.lose = true}});
    rig_play(&rig);
    cr_expect_eq(rule->injected.count.fired, 1);
    expect_end(OTA_SUCCESS, "flow control lost");
    expect_clean_flash("flow control lost");
    cr_expect_eq(rig.master.report.resends, 1);
    cr_expect_eq(rig.consecutive, consecutive, "consecutive frames without flow control");
    /* N_Bs, 1000 ms within a tenth. */
    cr_expect_geq(rig.gap_max_ns[0x36], SIM_MS(1000));
    cr_expect_leq(rig.gap_max_ns[0x36], SIM_MS(1100));
}

/* COM: the whole bus. */

/* The erase takes five seconds and is always the same: instants before it, and all through the
 * transfer and what follows. */
enum { INSTANTS = 40 };

static sim_ns_t instant_ns(unsigned i)
{
    return i < 8 ? SIM_MS(495) + i * SIM_MS(11) : SIM_MS(4900) + (i - 8) * SIM_MS(57);
}

Test(faults, com_14_congestion_is_survived)
{
    static const struct {
        uint32_t load_permille;
        sim_ns_t for_ns;
    } rows[] = {{600, SIM_S(30)}, {800, SIM_S(30)},  {950, SIM_S(30)},
                {1000, SIM_S(1)}, {1000, SIM_S(30)}, {1100, SIM_S(5)}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned instant = 0; instant < INSTANTS; instant++) {
            const sim_ns_t from_ns = instant_ns(instant);
            char what[64];
            anew(i + 1);
            rig_add_noise(&rig, 0x100, 0, rows[i].load_permille, from_ns, from_ns + rows[i].for_ns);
            (void)snprintf(what, sizeof what, "load of %u permille from %u ms on",
                           rows[i].load_permille, (unsigned)(from_ns / SIM_MS(1)));
            rig_play(&rig);
            expect_end(OTA_SUCCESS, what);
            expect_clean_flash(what);
        }
    }
}

typedef void rig_maker(struct fault_rig *rig, const char *version, uint32_t behaviour,
                       uint64_t seed);

/* One run; whatever did not end well must end well without the losses. True: it did. */
static bool ends_well_with_losses(rig_maker *make, uint32_t rate_ppm, uint64_t seed)
{
    rig_release(&rig);
    make(&rig, "2.0.0", 0, seed);
    rig_lose(&rig, rate_ppm);
    rig_play(&rig);
    const bool success = rig.master.report.code == OTA_SUCCESS;
    const char *wrong = rig_wrong(&rig);
    cr_expect(!success || wrong == NULL, "%u ppm, seed %u: %s", rate_ppm, (unsigned)seed, wrong);
    if (!success) {
        rig_heal(&rig);
        rig_next_job(&rig, "2.0.0", 0);
        rig_play(&rig);
        cr_expect(rig.master.report.code == OTA_SUCCESS || rig.master.report.code == OTA_UP_TO_DATE,
                  "%u ppm, seed %u: not recoverable: %s", rate_ppm, (unsigned)seed,
                  rig.master.report.reason);
        wrong = rig_wrong(&rig);
        cr_expect(wrong == NULL, "%u ppm, seed %u: %s", rate_ppm, (unsigned)seed, wrong);
    }
    return success;
}

Test(faults, com_15_random_losses_never_end_in_false_success_or_a_lost_ecu)
{
    static const uint32_t rates_ppm[] = {1000, 10000, 50000};
    static rig_maker *const makers[] = {rig_init, rig_init_lines};
    for (size_t style = 0; style < ARRAY_SIZE(makers); style++) {
        for (size_t rate = 0; rate < ARRAY_SIZE(rates_ppm); rate++) {
            unsigned success = 0;
            for (uint64_t seed = 1; seed <= 50; seed++) {
                success += ends_well_with_losses(makers[style], rates_ppm[rate], seed);
            }
            printf("%s, %u ppm lost: %u of 50 ended well at once\n", style ? "lines" : "blocks",
                   rates_ppm[rate], success);
            cr_expect(rates_ppm[rate] > 1000 || success == 50);
        }
    }
}

Test(faults, com_15_random_damage_is_repaired_by_the_controllers)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        char what[32];
        anew(seed);
        rig_damage(&rig, 20000);
        (void)snprintf(what, sizeof what, "seed %u", (unsigned)seed);
        rig_play(&rig);
        expect_end(OTA_SUCCESS, what);
        expect_clean_flash(what);
        cr_expect_gt(rig.bus->stats.error_frames, 0, "%s", what);
    }
}

Test(faults, com_16_shorted_bus_is_survived_without_a_second_erase)
{
    static const sim_ns_t spans_ms[] = {50, 200, 2000, 10000, 30000};
    for (int fault = CAN_WIRE_STUCK_DOMINANT; fault <= CAN_WIRE_STUCK_RECESSIVE; fault++) {
        for (size_t i = 0; i < ARRAY_SIZE(spans_ms); i++) {
            for (unsigned instant = 0; instant < INSTANTS; instant++) {
                const sim_ns_t at_ms = instant_ns(instant) / SIM_MS(1);
                struct wire_fault wire;
                char what[64];
                anew(i + 1);
                wire_fault_start(&wire, rig.bus, "short", (enum can_wire_fault)fault, SIM_MS(at_ms),
                                 SIM_MS(at_ms + spans_ms[i]));
                (void)snprintf(what, sizeof what, "fault %d at %u ms for %u ms", fault,
                               (unsigned)at_ms, (unsigned)spans_ms[i]);
                rig_play(&rig);
                expect_end(OTA_SUCCESS, what);
                expect_clean_flash(what);
                cr_expect(spans_ms[i] > 200 || rig.master.report.interruptions == 0,
                          "%s: entered again", what);
            }
        }
    }
}

/* What the ECU must not keep. */

static void tester_sends(const uint8_t bytes[8])
{
    struct can_frame frame = {.id = 0x7E0, .len_bytes = 8};
    memcpy(frame.data, bytes, 8);
    cr_assert_eq(can_node_send(&rig.noise.node, &frame), CAN_SEND_QUEUED);
}

Test(faults, session_ends_although_a_request_was_never_completed)
{
    struct s12x_ecu_status status;
    rig_add_noise(&rig, 0x7FF, 0, 1, SIM_MS(300), SIM_MS(300));
    sim_run_until(&rig.sim, SIM_MS(400));
    tester_sends((const uint8_t[8]){2, 0x10, 0x03});
    sim_run_until(&rig.sim, SIM_MS(500));
    tester_sends((const uint8_t[8]){0x10, 20, 0x22, 0xF1, 0x89, 0xF1, 0x91, 0xF1});
    sim_run_until(&rig.sim, SIM_S(6));
    rig_status(&rig, &status);
    cr_expect_eq(status.session, UDS_SESSION_EXTENDED); /* N_Cr, then S3. */
    sim_run_until(&rig.sim, SIM_S(7));
    rig_status(&rig, &status);
    cr_expect_eq(status.run, ECU_APPLICATION);
    cr_expect_eq(status.session, UDS_SESSION_DEFAULT);
}
