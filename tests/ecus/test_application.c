/* SPDX-License-Identifier: Apache-2.0 */
/* test_application.c - the application model answers as docs/formats.md and ISO 14229-1 say, and
 * misbehaves as its image header asks. */
#include "tests/ecus/rig.h"

#include "sim/ecus/application.h"

static const struct boot_vehicle_state parked = {.ignition_on = true, .gear_in_park = true};

Test(application, runs_after_power_on_and_sends_its_cyclic_frame)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct s12x_ecu_status status = rig_status(&rig);
    cr_expect_eq(status.run, ECU_APPLICATION);
    cr_expect_str_eq(status.version, "1.2.3");
    cr_expect(status.application_valid);
    rig.cyclic = 0;
    rig_run(&rig, SIM_S(2));
    cr_expect(rig.cyclic >= 19 && rig.cyclic <= 21, "%u frames in 2 s", rig.cyclic);
    rig_release(&rig);
}

Test(application, identifiers)
{
    struct rig rig;
    rig_init(&rig, 0);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x89), 0x62, 0xF1, 0x89, '1', '.', '2', '.', '3');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x91), 0x62, 0xF1, 0x91, 'B', 'C', 'M', '-', 'H', 'W', '-', '1');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x80), 0x62, 0xF1, 0x80, '1', '.', '0', '.', '0');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x81), 0x62, 0xF1, 0x81, 'b', '4', '2');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x86), 0x62, 0xF1, 0x86, 0x01);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x8C), 0x62, 0xF1, 0x8C, 'L', 'H', '-', '0', '0', '0', '0', '0',
               '1');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x87), 0x62, 0xF1, 0x87, 'L', 'H', '-', 'B', 'C', 'M', '-', '1',
               '2', 'X');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x90), 0x62, 0xF1, 0x90, 'L', 'H', '0', 'S', 'I', 'M', 'U', 'L',
               'A', 'T', 'E', 'D', '0', '0', '0', '0', '1');
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x86, 0x12, 0x34, 0xF1, 0x81), 0x62, 0xF1, 0x86, 0x01, 0xF1, 0x81,
               'b', '4', '2');
    RIG_EXPECT(&rig, (0x22, 0x12, 0x34), 0x7F, 0x22, 0x31);
    RIG_EXPECT(&rig, (0x22, 0xF1), 0x7F, 0x22, 0x13);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x86, 0xF1), 0x7F, 0x22, 0x13);
    rig_release(&rig);
}

Test(application, services_and_their_negative_answers)
{
    struct rig rig;
    rig_init(&rig, 0);
    RIG_EXPECT(&rig, (0x10, 0x02), 0x7F, 0x10, 0x7E); /* Not from the default session. */
    RIG_EXPECT(&rig, (0x10, 0x04), 0x7F, 0x10, 0x12);
    RIG_EXPECT(&rig, (0x10, 0x03, 0x00), 0x7F, 0x10, 0x13);
    RIG_EXPECT(&rig, (0x28, 0x03, 0x01), 0x7F, 0x28, 0x7F);
    RIG_EXPECT(&rig, (0x85, 0x02), 0x7F, 0x85, 0x7F);
    RIG_EXPECT(&rig, (0x31, 0x01, 0x02, 0x03), 0x7F, 0x31, 0x7F);
    RIG_EXPECT(&rig, (0x34, 0x00, 0x11, 0x00, 0x00), 0x7F, 0x34, 0x11);
    RIG_EXPECT(&rig, (0x3E, 0x00), 0x7E, 0x00);
    RIG_EXPECT(&rig, (0x3E, 0x01), 0x7F, 0x3E, 0x12);
    /* P2 50 ms, P2* 5 s in steps of 10 ms. */
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x86), 0x62, 0xF1, 0x86, 0x03);
    RIG_EXPECT(&rig, (0x28, 0x03), 0x7F, 0x28, 0x13);
    RIG_EXPECT(&rig, (0x28, 0x03, 0x00), 0x7F, 0x28, 0x31);
    RIG_EXPECT(&rig, (0x28, 0x04, 0x01), 0x7F, 0x28, 0x12);
    RIG_EXPECT(&rig, (0x31, 0x01, 0x02, 0x03), 0x71, 0x01, 0x02, 0x03, 0x00);
    RIG_EXPECT(&rig, (0x31, 0x01, 0xFF, 0x00), 0x7F, 0x31, 0x31);
    RIG_EXPECT(&rig, (0x31, 0x02, 0x02, 0x03), 0x7F, 0x31, 0x12);
    RIG_EXPECT(&rig, (0x14, 0x12, 0x34, 0x56), 0x7F, 0x14, 0x31);
    RIG_EXPECT(&rig, (0x19, 0x03), 0x7F, 0x19, 0x12);
    RIG_EXPECT(&rig, (0x19, 0x01), 0x7F, 0x19, 0x13);
    RIG_EXPECT(&rig, (0x19, 0x01, 0x09), 0x59, 0x01, 0x09, 0x01, 0x00, 0x00);
    RIG_EXPECT(&rig, (0x19, 0x0A), 0x59, 0x0A, 0x09, 0x9A, 0x45, 0x49, 0x00);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x09), 0x59, 0x02, 0x09);
    rig_expect_silence(&rig, 0x7E0, RIG_BYTES(0x3E, 0x80));
    rig_expect_silence(&rig, 0x7DF, RIG_BYTES(0x27, 0x01));
    rig_release(&rig);
}

Test(application, quiet_network_lasts_as_long_as_the_session)
{
    struct rig rig;
    rig_init(&rig, 0);
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(&rig, (0x28, 0x03, 0x01), 0x68, 0x03);
    RIG_EXPECT(&rig, (0x85, 0x02), 0xC5, 0x02);
    cr_expect(!rig_status(&rig).communication_on && !rig_status(&rig).dtc_setting_on);
    rig.cyclic = 0;
    rig_run(&rig, SIM_S(4));
    cr_expect_eq(rig.cyclic, 0);
    /* S3 (5 s) ends the session; ISO 14229-1 ends what 28 and 85 did with it. */
    rig_run(&rig, SIM_S(2));
    cr_expect_eq(rig_status(&rig).session, UDS_SESSION_DEFAULT);
    cr_expect(rig_status(&rig).communication_on && rig_status(&rig).dtc_setting_on);
    cr_expect(rig.cyclic > 0);
    rig_release(&rig);
}

Test(application, preconditions_decide_about_programming)
{
    static const struct {
        struct boot_vehicle_state state;
        uint32_t supply_mv;
        uint8_t bits, nrc;
    } rows[] = {
        {{.ignition_on = false, .gear_in_park = true}, 13500, 0x01, 0x22},
        {{.ignition_on = true, .gear_in_park = true, .engine_running = true}, 13500, 0x02, 0x83},
        {{.ignition_on = true, .gear_in_park = false}, 13500, 0x04, 0x90},
        {{.ignition_on = true, .gear_in_park = true, .speed_kmh = 3}, 13500, 0x08, 0x88},
        {{.ignition_on = true, .gear_in_park = true}, 8999, 0x10, 0x93},
        {{.ignition_on = true, .gear_in_park = true}, 16001, 0x20, 0x92},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig rig;
        rig_init(&rig, 0);
        ecu_power_on(rig.base, rows[i].supply_mv);
        vehicle_set_state(rig.vehicle, &rows[i].state);
        RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
        RIG_EXPECT(&rig, (0x31, 0x01, 0x02, 0x03), 0x71, 0x01, 0x02, 0x03, rows[i].bits);
        RIG_EXPECT(&rig, (0x10, 0x02), 0x7F, 0x10, rows[i].nrc);
        cr_expect_eq(rig_status(&rig).run, ECU_APPLICATION);
        vehicle_set_state(rig.vehicle, &parked);
        ecu_power_on(rig.base, 13500);
        RIG_EXPECT(&rig, (0x31, 0x01, 0x02, 0x03), 0x71, 0x01, 0x02, 0x03, 0x00);
        rig_release(&rig);
    }
}

Test(application, programming_session_is_promised_and_answered_by_the_bootloader)
{
    struct rig rig;
    rig_init(&rig, 0);
    uint32_t resets = rig.base->resets;
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(&rig, (0x10, 0x02), 0x50, 0x02, 0x00, 0x32, 0x01, 0xF4);
    cr_expect(rig.pendings >= 1, "no 0x78 before the reset");
    cr_expect_eq(rig.base->resets, resets + 1);
    cr_expect_eq(rig.base->reset_cause, ECU_RESET_SOFTWARE);
    cr_expect_eq(rig_status(&rig).run, ECU_BOOTLOADER);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x86), 0x62, 0xF1, 0x86, 0x02);
    rig_release(&rig);
}

Test(application, reset_happens_after_the_answer)
{
    struct rig rig;
    rig_init(&rig, 0);
    uint32_t resets = rig.base->resets;
    RIG_EXPECT(&rig, (0x11, 0x01), 0x51, 0x01);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->resets, resets + 1);
    cr_expect_eq(rig_status(&rig).run, ECU_APPLICATION);
    RIG_EXPECT(&rig, (0x11, 0x05), 0x7F, 0x11, 0x12);
    rig_release(&rig);
}

Test(application, trouble_code_is_raised_kept_over_a_power_cut_and_cleared)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_RAISE_DTC);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x09), 0x59, 0x02, 0x09);
    rig_run(&rig, SIM_S(2));
    RIG_EXPECT(&rig, (0x19, 0x02, 0x08), 0x59, 0x02, 0x09, 0x9A, 0x45, 0x49, 0x09);
    RIG_EXPECT(&rig, (0x19, 0x01, 0x08), 0x59, 0x01, 0x09, 0x01, 0x00, 0x01);
    RIG_EXPECT(&rig, (0x19, 0x0A), 0x59, 0x0A, 0x09, 0x9A, 0x45, 0x49, 0x09);
    rig_run(&rig, SIM_S(1));
    ecu_power_cut(rig.base, SIM_MS(100));
    rig_run(&rig, SIM_S(1));
    RIG_EXPECT(&rig, (0x19, 0x02, 0x08), 0x59, 0x02, 0x09, 0x9A, 0x45, 0x49, 0x09);
    RIG_EXPECT(&rig, (0x14, 0xFF, 0xFF, 0xFF), 0x54);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x08), 0x59, 0x02, 0x09);
    rig_release(&rig);
}

Test(application, trouble_code_is_read_and_cleared_in_the_bootloader)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_RAISE_DTC);
    rig_run(&rig, SIM_S(3));
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(&rig, (0x10, 0x02), 0x50, 0x02, 0x00, 0x32, 0x01, 0xF4);
    cr_expect_eq(rig_status(&rig).run, ECU_BOOTLOADER);
    RIG_EXPECT(&rig, (0x19, 0x01, 0x09), 0x59, 0x01, 0x09, 0x01, 0x00, 0x01);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x09), 0x59, 0x02, 0x09, 0x9A, 0x45, 0x49, 0x09);
    RIG_EXPECT(&rig, (0x19, 0x0A), 0x59, 0x0A, 0x09, 0x9A, 0x45, 0x49, 0x09);
    RIG_EXPECT(&rig, (0x14, 0x9A, 0x45, 0x49), 0x54);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x09), 0x59, 0x02, 0x09);
    RIG_EXPECT(&rig, (0x10, 0x01), 0x50, 0x01, 0x00, 0x32, 0x01, 0xF4);
    rig_run(&rig, SIM_S(1)); /* The application is back, and has not raised the code again. */
    cr_expect_eq(rig_status(&rig).run, ECU_APPLICATION);
    RIG_EXPECT(&rig, (0x19, 0x02, 0x09), 0x59, 0x02, 0x09);
    rig_release(&rig);
}

Test(application, trouble_code_is_not_stored_while_the_setting_is_off)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_RAISE_DTC);
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(&rig, (0x85, 0x02), 0xC5, 0x02);
    rig_run(&rig, SIM_S(3));
    RIG_EXPECT(&rig, (0x19, 0x02, 0x08), 0x59, 0x02, 0x09);
    RIG_EXPECT(&rig, (0x85, 0x01), 0xC5, 0x01);
    rig_run(&rig, SIM_MS(10));
    RIG_EXPECT(&rig, (0x19, 0x02, 0x08), 0x59, 0x02, 0x09, 0x9A, 0x45, 0x49, 0x09);
    rig_release(&rig);
}

Test(application, wrong_version_is_told)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_WRONG_VERSION);
    cr_assert(rig_ask(&rig, RIG_BYTES(0x22, 0xF1, 0x89)));
    cr_expect(rig.answer[0] == 0x62 && memcmp(&rig.answer[3], "1.2.3", 5) != 0);
    rig_release(&rig);
}

Test(application, mute_application_runs_but_does_not_answer)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_MUTE);
    rig_expect_silence(&rig, 0x7E0, RIG_BYTES(0x3E, 0x00));
    cr_expect(rig.cyclic > 0);
    rig_release(&rig);
}

Test(application, without_cyclic_frame_it_still_answers)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_NO_CYCLIC);
    RIG_EXPECT(&rig, (0x3E, 0x00), 0x7E, 0x00);
    cr_expect_eq(rig.cyclic, 0);
    rig_release(&rig);
}

Test(application, slow_application_is_silent_for_eight_seconds)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_SLOW_BOOT);
    rig_expect_silence(&rig, 0x7E0, RIG_BYTES(0x3E, 0x00)); /* Waits six seconds. */
    cr_expect_eq(rig.cyclic, 0);
    rig_run(&rig, SIM_S(2));
    RIG_EXPECT(&rig, (0x3E, 0x00), 0x7E, 0x00);
    rig_release(&rig);
}

/* The bootloader lingers for S3, 5 s, between two tries, and can be reached meanwhile. */
Test(application, application_that_does_not_boot_is_reset_by_the_watchdog_for_ever)
{
    struct rig rig;
    rig_init(&rig, BOOT_BEHAVE_NO_BOOT);
    uint32_t resets = rig.base->resets;
    cr_expect_eq(rig.base->reset_cause, ECU_RESET_WATCHDOG);
    rig_run(&rig, SIM_S(30));
    cr_expect(rig.base->resets >= resets + 10 && rig.base->resets <= resets + 12,
              "%u resets in 30 s", rig.base->resets - resets);
    RIG_EXPECT(&rig, (0x22, 0xF1, 0x89), 0x7F, 0x22, 0x31);
    RIG_EXPECT(&rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    rig_release(&rig);
}
