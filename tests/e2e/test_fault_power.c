/* SPDX-License-Identifier: Apache-2.0 */
/* test_fault_power.c - the gist of the catalogue's groups PWR and RBK: the ECU and the master lose
 * their power, and what comes after an image that is no good. */
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

TestSuite(fault_power, .init = setup, .fini = teardown, .timeout = 120);

enum { IMAGE_BYTES = 0x2000 + 0x2000 + 0xE03 + 0x200, BLOCK_BYTES = 1024 };

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
}

/* The ECU loses its power. */

struct cut {
    const char *what;
    enum inject_way way;
    uint8_t sid, second;
    uint32_t skip;
    uint32_t erases_max;
    uint32_t blocks_again; /* At most so many are sent again. */
    bool only_rest;        /* Nothing of the programming phase is done twice. */
};

static const struct cut cuts[] = {
    {"PWR-01 after 10 03", INJECT_TO_TESTER, 0x50, 3, 0, 1, 0, false},
    {"PWR-01 after 31", INJECT_TO_TESTER, 0x71, 0, 0, 1, 0, false},
    {"PWR-01 after 85", INJECT_TO_TESTER, 0xC5, 0, 0, 1, 0, false},
    {"PWR-01 after 28", INJECT_TO_TESTER, 0x68, 0, 0, 1, 0, false},
    {"PWR-02 at 10 02", INJECT_TO_ECU, 0x10, 2, 0, 1, 0, false},
    {"PWR-02 after 10 02", INJECT_TO_TESTER, 0x50, 2, 0, 1, 0, false},
    {"PWR-02 after seed", INJECT_TO_TESTER, 0x67, 1, 0, 1, 0, false},
    {"PWR-02 after key", INJECT_TO_TESTER, 0x67, 2, 0, 1, 0, false},
    {"PWR-02 after 2E", INJECT_TO_TESTER, 0x6E, 0, 0, 1, 0, false},
    {"PWR-03 as the erase begins", INJECT_TO_ECU, 0x31, 1, 1, 2, 0, false},
    {"PWR-03 in the erase", INJECT_TO_TESTER, 0x7F, 0x31, 0, 2, 0, false},
    {"PWR-03 as 71 goes", INJECT_TO_TESTER, 0x71, 0, 1, 1, 0, false},
    {"PWR-04 after 34", INJECT_TO_TESTER, 0x74, 0, 0, 1, 0, false},
    {"PWR-04 after the first 36", INJECT_TO_TESTER, 0x76, 0, 0, 1, 1, false},
    {"PWR-04 in segment 1", INJECT_TO_TESTER, 0x76, 0, 5, 1, 1, false},
    {"PWR-04 at 37", INJECT_TO_ECU, 0x37, 0, 0, 1, 0, false},
    {"PWR-04 after 37", INJECT_TO_TESTER, 0x77, 0, 0, 1, 0, false},
    {"PWR-04 in segment 2", INJECT_TO_TESTER, 0x76, 0, 9, 1, 1, false},
    {"PWR-04 late in segment 2", INJECT_TO_TESTER, 0x76, 0, 15, 1, 1, false},
    {"PWR-04 in segment 3", INJECT_TO_TESTER, 0x76, 0, 18, 1, 1, false},
    {"PWR-05 after the last 37", INJECT_TO_TESTER, 0x77, 0, 3, 1, 0, false},
    {"PWR-05 at FF01", INJECT_TO_ECU, 0x31, 1, 2, 1, 0, false},
    {"PWR-05 as the answer to FF01 goes", INJECT_TO_TESTER, 0x71, 0, 2, 1, 0, false},
    {"PWR-05 at 10 01", INJECT_TO_ECU, 0x10, 1, 0, 1, 0, true},
    {"PWR-05 after 10 01", INJECT_TO_TESTER, 0x50, 1, 0, 1, 0, true},
    {"PWR-05 after the poll", INJECT_TO_TESTER, 0x62, 0, 3, 1, 0, true},
    {"PWR-05 after 10 03", INJECT_TO_TESTER, 0x50, 3, 1, 1, 0, true},
    {"PWR-05 after 28 00", INJECT_TO_TESTER, 0x68, 0, 1, 1, 0, true},
    {"PWR-05 after 85 01", INJECT_TO_TESTER, 0xC5, 1, 0, 1, 0, true},
    {"PWR-05 after 14", INJECT_TO_TESTER, 0x54, 0, 0, 1, 0, true},
    {"PWR-05 after the last 10 01", INJECT_TO_TESTER, 0x50, 1, 1, 1, 0, true},
};

Test(fault_power, pwr_01_to_05_ecu_without_power_is_taken_up_where_the_paper_says)
{
    static const sim_ns_t offs_ms[] = {20, 300, 3000};
    for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
        for (size_t off = 0; off < ARRAY_SIZE(offs_ms); off++) {
            const struct cut *cut = &cuts[i];
            char what[80];
            anew(i + 1);
            const struct rig_rule *rule =
                rig_add(&rig, (struct rig_rule){.way = cut->way,
                                                .sid = cut->sid,
                                                .second = cut->second,
                                                .skip = cut->skip,
                                                .times = 1,
                                                .cut_ns = SIM_MS(offs_ms[off])});
            (void)snprintf(what, sizeof what, "%s, %u ms", cut->what, (unsigned)offs_ms[off]);
            rig_play(&rig);
            cr_expect_eq(rule->injected.count.fired, 1, "%s: never seen", what);
            expect_end(OTA_SUCCESS, what);
            cr_expect(rig_erases(&rig) >= 1 && rig_erases(&rig) <= cut->erases_max,
                      "%s: erased %u times", what, rig_erases(&rig));
            cr_expect_leq(rig.sent_36, IMAGE_BYTES + cut->blocks_again * BLOCK_BYTES,
                          "%s: %u bytes sent", what, (unsigned)rig.sent_36);
            /* The master knows by itself whether to erase. */
            cr_expect(cut->sid == 0x74 || rig.refused[0x34] == 0, "%s: 34 refused", what);
            if (strncmp(cut->what, "PWR-01", 6) == 0) {
                cr_expect_geq(rig.asked[0x85], 2 + (cut->sid == 0xC5 || cut->sid == 0x68), "%s",
                              what);
                cr_expect_geq(rig.asked[0x31], 3 + (cut->sid != 0x50), "%s", what);
            }
            if (cut->only_rest) {
                cr_expect_eq(rig.asked_erase, 1, "%s", what);
                cr_expect_eq(rig.asked[0x34], 4, "%s: %u times 34", what, rig.asked[0x34]);
                cr_expect_eq(rig.asked[0x27], 2, "%s", what);
            }
        }
    }
}

Test(fault_power, pwr_04_finished_segments_are_checked_by_34_and_37_alone)
{
    rig_add(
        &rig,
        (struct rig_rule){
            .way = INJECT_TO_TESTER, .sid = 0x76, .skip = 17, .times = 1, .cut_ns = SIM_MS(500)});
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "cut in segment 3");
    cr_expect_eq(rig_erases(&rig), 1);
    /* Four, two finished ones again, the rest of the third and all of it. */
    cr_expect_eq(rig.asked[0x34], 3 + 2 + 1 + 1 + 1);
    cr_expect_eq(rig.asked[0x37], 2 + 2 + 1 + 1 + 1);
    cr_expect_leq(rig.sent_36, IMAGE_BYTES + BLOCK_BYTES);
}

Test(fault_power, pwr_14_ten_cuts_cost_one_block_each_at_most)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        anew(seed);
        for (uint32_t i = 0; i < 10; i++) {
            rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                            .sid = 0x76,
                                            .skip = 2 * i + 1,
                                            .times = 1,
                                            .cut_ns = SIM_MS(100 + 150 * i)});
        }
        rig_play(&rig);
        expect_end(OTA_SUCCESS, "ten cuts");
        cr_expect_eq(rig.master.report.interruptions, 10);
        cr_expect_eq(rig_erases(&rig), 1);
        cr_expect_leq(rig.sent_36, IMAGE_BYTES + 10 * BLOCK_BYTES);
    }
}

static void play_with_supply(uint32_t mv, sim_ns_t at_ns, sim_ns_t for_ns)
{
    rig_start(&rig);
    sim_run_until(&rig.sim, at_ns);
    const uint32_t normal_mv = ecu_supply_mv(s12x_ecu_base(rig.ecu));
    const struct s12x_supply_curve curve = {
        .len = 3, .points = {{at_ns, mv}, {at_ns + for_ns, mv}, {at_ns + for_ns + 1, normal_mv}}};
    ecu_set_supply(s12x_ecu_base(rig.ecu), &curve);
    cr_assert(rig_run(&rig, SIM_S(3600)), "the campaign did not end");
}

Test(fault_power, pwr_06_brown_out_costs_no_second_erase_once_that_is_confirmed)
{
    for (uint64_t i = 0; i < 75; i++) {
        char what[64];
        anew(i + 1);
        const sim_ns_t at_ns =
            i < 20 ? SIM_MS(500) + i * SIM_MS(9) : SIM_MS(4000) + (i - 20) * SIM_MS(48);
        const uint32_t mv = 2500 + 200 * (uint32_t)(i % 7);
        play_with_supply(mv, at_ns, SIM_MS(50 + i % 10 * 50));
        (void)snprintf(what, sizeof what, "%u mV at %u ms", mv, (unsigned)(at_ns / SIM_MS(1)));
        expect_end(OTA_SUCCESS, what);
        /* A torn phrase can only be mended by erasing its sector. */
        cr_expect(rig.asked_erase > 1 || rig_sectors_erased_again(&rig) <= 1, "%s", what);
        cr_expect_leq(rig_erases(&rig), 2, "%s", what);
        cr_expect_leq(rig.sent_36, IMAGE_BYTES + BLOCK_BYTES, "%s", what);
    }
}

Test(fault_power, seq_15_low_supply_is_waited_for_and_asked_about_slowly)
{
    for (uint64_t i = 0; i < 30; i++) {
        char what[64];
        anew(i + 1);
        const sim_ns_t at_ns = SIM_MS(510) + i * SIM_MS(200);
        play_with_supply(8000, at_ns, SIM_S(31));
        (void)snprintf(what, sizeof what, "8 V at %u ms", (unsigned)(at_ns / SIM_MS(1)));
        expect_end(OTA_SUCCESS, what);
        cr_expect_leq(rig.asked_erase, 1 + 7, "%s: %u times", what, rig.asked_erase);
        cr_expect_leq(rig.sent_36, IMAGE_BYTES + BLOCK_BYTES, "%s", what);
        cr_expect_leq(rig.asked[0x36], 23 + 7, "%s: %u times 36", what, rig.asked[0x36]);
    }
}

/* The master loses its power. */

static sim_ns_t clean_end_ns(uint32_t *file_ops)
{
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "nothing happens");
    *file_ops = rig.file_ops;
    return rig.sim.now_ns - SIM_MS(500);
}

static void expect_survived(const char *what)
{
    enum ota_result_code code = rig.master.report.code;
    struct s12x_ecu_status status;
    rig_status(&rig, &status);
    const char *wrong = rig_wrong(&rig);
    cr_expect(wrong == NULL, "%s: %s", what, wrong);
    cr_expect(code == OTA_SUCCESS || code == OTA_UP_TO_DATE, "%s: %s: %s", what,
              ota_result_name(code), rig.master.report.reason);
    cr_expect_eq(status.run, ECU_APPLICATION, "%s", what);
    cr_expect_str_eq(status.version, "2.0.0", "%s", what);
    cr_expect(rig_image_in_flash(&rig), "%s", what);
    cr_expect_eq(rig_erases(&rig), 1, "%s: erased %u times", what, rig_erases(&rig));
    cr_expect_leq(rig.sent_36, IMAGE_BYTES + rig.kills * BLOCK_BYTES, "%s: %u bytes sent", what,
                  (unsigned)rig.sent_36);
}

Test(fault_power, pwr_07_master_may_lose_its_power_at_any_instant)
{
    uint32_t file_ops;
    const sim_ns_t end_ns = clean_end_ns(&file_ops);
    for (uint64_t i = 0; i < 300; i++) {
        char what[48];
        anew(i + 1);
        /* The erase takes most of the time: every other one comes after it. */
        const sim_ns_t from_ns = i % 2 == 0 ? SIM_MS(500) : end_ns - SIM_MS(1500);
        rig.kill.at_ns = from_ns + prng_below(&rig.prng, end_ns - from_ns);
        (void)snprintf(what, sizeof what, "killed at %.6f s", (double)rig.kill.at_ns / 1e9);
        rig_play(&rig);
        cr_expect_eq(rig.kills, 1, "%s", what);
        expect_survived(what);
    }
}

Test(fault_power, pwr_07_and_08_master_may_lose_its_power_in_any_file_operation)
{
    static const uint16_t torn_permille[] = {0, 10, 500, 1000};
    uint32_t file_ops;
    (void)clean_end_ns(&file_ops);
    for (uint32_t op = 1; op <= file_ops; op++) {
        for (size_t torn = 0; torn < ARRAY_SIZE(torn_permille); torn++) {
            char what[64];
            anew(op);
            rig.kill = (struct rig_kill){.at_file_op = op, .torn_permille = torn_permille[torn]};
            (void)snprintf(what, sizeof what, "killed in file operation %u, %u permille", op,
                           torn_permille[torn]);
            rig_play(&rig);
            cr_expect_eq(rig.kills, 1, "%s", what);
            expect_survived(what);
        }
    }
}

/* Bad images. */

static void rolls_back_from(uint32_t behaviour, const char *what)
{
    struct s12x_ecu_status status;
    rig_release(&rig);
    rig_init(&rig, "2.0.0", behaviour, 1);
    rig_add_backup(&rig, "1.0.0");
    rig_play(&rig);
    expect_end(OTA_ROLLED_BACK, what);
    rig_status(&rig, &status);
    cr_expect_eq(status.run, ECU_APPLICATION, "%s", what);
    cr_expect_str_eq(status.version, "1.0.0", "%s", what);
    cr_expect_str_eq(rig.master.report.version, "1.0.0", "%s", what);
}

Test(fault_power, rbk_02_image_that_does_not_boot_is_rolled_back)
{
    rolls_back_from(BOOT_BEHAVE_NO_BOOT, "does not boot");
}

Test(fault_power, rbk_02_image_with_another_version_is_rolled_back)
{
    rolls_back_from(BOOT_BEHAVE_WRONG_VERSION, "wrong version");
}

Test(fault_power, rbk_02_image_that_does_not_answer_is_never_a_success)
{
    rig_release(&rig);
    rig_init(&rig, "2.0.0", BOOT_BEHAVE_MUTE, 1);
    rig.job.pause_max = 3;
    rig_add_backup(&rig, "1.0.0");
    rig_play(&rig);
    cr_expect_eq(rig.master.report.code, OTA_INTERRUPTED, "%s",
                 ota_result_name(rig.master.report.code));
    cr_expect_str_eq(rig.master.report.version, "");
}

Test(fault_power, without_a_backup_a_bad_image_ends_in_the_safe_state_and_a_good_one_mends_it)
{
    rig_release(&rig);
    rig_init(&rig, "2.0.0", BOOT_BEHAVE_NO_BOOT, 1);
    rig_play(&rig);
    expect_end(OTA_FAILED_SAFE, "no backup");
    rig_next_job(&rig, "3.0.0", 0);
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "a good one");
}

Test(fault_power, rbk_01_two_updates_then_the_way_back)
{
    struct s12x_ecu_status status;
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "to 2.0.0");
    rig_next_job(&rig, "3.0.0", 0);
    rig_play(&rig);
    expect_end(OTA_SUCCESS, "to 3.0.0");
    rig_next_job(&rig, "2.0.0", 0);
    rig.job.action = OTA_ACTION_ROLLBACK;
    (void)snprintf(rig.job.campaign, sizeof rig.job.campaign, "back");
    rig_play(&rig);
    expect_end(OTA_ROLLED_BACK, "back");
    rig_status(&rig, &status);
    cr_expect_str_eq(status.version, "2.0.0");
    cr_expect_str_eq(rig.master.report.version, "2.0.0");
    cr_expect(rig_image_in_flash(&rig));
    cr_expect_eq(rig_erases(&rig), 3);
}

Test(fault_power, wrong_hardware_is_refused_before_anything_is_touched)
{
    (void)snprintf(rig.job.hardware_id, sizeof rig.job.hardware_id, "BCM-HW-2");
    rig_play(&rig);
    expect_end(OTA_REFUSED, "wrong hardware");
    cr_expect_eq(rig_erases(&rig), 0);
    cr_expect_eq(rig.asked[0x10], 0);
}

Test(fault_power, sec_12_image_that_changes_before_the_start_is_refused)
{
    rig.image.segments[1].bytes[77] ^= 0x10;
    rig_play(&rig);
    expect_end(OTA_REFUSED, "changed before the start");
    cr_expect_eq(rig_erases(&rig), 0);
}

Test(fault_power, pwr_15_one_bit_changed_after_a_resume_is_no_success)
{
    for (uint32_t kill_after = 3; kill_after < 20; kill_after += 4) {
        for (size_t segment = 0; segment < 4; segment++) {
            char what[64];
            anew(kill_after);
            rig_add(&rig, (struct rig_rule){.way = INJECT_TO_TESTER,
                                            .sid = 0x76,
                                            .skip = kill_after,
                                            .times = 1,
                                            .cut_ns = SIM_MS(400)});
            rig_start(&rig);
            while (rig.rules[0].injected.count.fired == 0) {
                cr_assert(sim_step(&rig.sim));
            }
            sim_run_until(&rig.sim, rig.sim.now_ns + SIM_MS(1500));
            rig.image.segments[segment].bytes[100] ^= 0x01;
            cr_assert(rig_run(&rig, SIM_S(3600)));
            (void)snprintf(what, sizeof what, "segment %u, cut after block %u",
                           (unsigned)segment + 1u, kill_after);
            /* The master may hold a copy that has not changed: then that is what runs. */
            rig.image.segments[segment].bytes[100] ^= 0x01;
            cr_expect(rig.master.report.code != OTA_SUCCESS || rig_image_in_flash(&rig), "%s",
                      what);
            const char *wrong = rig_wrong(&rig);
            cr_expect(wrong == NULL, "%s: %s", what, wrong);
        }
    }
}
