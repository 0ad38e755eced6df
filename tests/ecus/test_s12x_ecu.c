/* SPDX-License-Identifier: Apache-2.0 */
/* test_s12x_ecu.c - power, resets and the CPU model of the S12X ECU. */
#include "tests/ecus/rig.h"

#include "sim/ecus/s12x_cpu.h"
#include "sim/trace.h"

Test(ecu, regulator_drops_600_mv_and_stops_at_5_v)
{
    cr_expect_eq(ecu_vdd_mv(0), 0);
    cr_expect_eq(ecu_vdd_mv(600), 0);
    cr_expect_eq(ecu_vdd_mv(3730), 3130);
    cr_expect_eq(ecu_vdd_mv(5599), 4999);
    cr_expect_eq(ecu_vdd_mv(13500), 5000);
}

Test(ecu, battery_on_boots_and_off_stops_everything)
{
    struct rig rig;
    rig_init_text(&rig, NULL, "single", "single");
    rig_load(&rig, 0);
    cr_expect_eq(rig_status(&rig).run, ECU_OFF);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig_status(&rig).run, ECU_OFF);
    vehicle_power_on(rig.vehicle);
    rig_run(&rig, 0);
    cr_expect_eq(rig.base->run, ECU_IN_RESET);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->run, ECU_APPLICATION);
    cr_expect_eq(rig.base->reset_cause, ECU_RESET_POWER_ON);
    cr_expect_eq(rig.base->resets, 1);
    ecu_power_off(rig.base);
    rig_run(&rig, 0);
    cr_expect_eq(rig.base->run, ECU_OFF);
    rig.cyclic = 0;
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.cyclic, 0);
    cr_expect_eq(sim_next_due_ns(&rig.sim), SIM_NEVER);
    rig_release(&rig);
}

Test(ecu, without_an_application_it_stays_in_the_bootloader)
{
    struct rig rig;
    rig_init_text(&rig, NULL, "single", "single");
    vehicle_power_on(rig.vehicle);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->run, ECU_BOOTLOADER);
    cr_expect(!rig_status(&rig).application_valid);
    cr_expect_str_eq(rig_status(&rig).version, "");
    RIG_EXPECT(&rig, (0x3E, 0x00), 0x7E, 0x00);
    rig_release(&rig);
}

/* From 13.5 V down to level in 20 ms, there for 100 ms, and back. */
static void brown_out(struct rig *rig, uint32_t level_mv)
{
    sim_ns_t now_ns = rig->sim.now_ns;
    const struct s12x_supply_curve curve = {.points = {{now_ns, 13500},
                                                       {now_ns + SIM_MS(20), level_mv},
                                                       {now_ns + SIM_MS(120), level_mv},
                                                       {now_ns + SIM_MS(140), 13500}},
                                            .len = 4};
    ecu_set_supply(rig->base, &curve);
}

Test(ecu, brown_out_causes_follow_the_thresholds_of_the_chip)
{
    static const struct {
        uint32_t level_mv; /* Of the battery; VDD is 600 mV less. */
        enum ecu_run during;
        uint32_t resets;
        enum ecu_reset_cause cause;
    } rows[] = {
        {6000, ECU_APPLICATION, 1, ECU_RESET_POWER_ON}, /* VDD 5.0 V: not even noticed. */
        {4000, ECU_APPLICATION, 1, ECU_RESET_POWER_ON}, /* 3.4 V: LVI only. */
        {3740, ECU_APPLICATION, 1, ECU_RESET_POWER_ON}, /* 3.14 V: just above LVR. */
        {3720, ECU_IN_RESET, 2, ECU_RESET_LOW_VOLTAGE}, /* 3.12 V: just below. */
        {1510, ECU_IN_RESET, 2, ECU_RESET_LOW_VOLTAGE}, /* 0.91 V: just above POR. */
        {1490, ECU_OFF, 2, ECU_RESET_POWER_ON},         /* 0.89 V. */
        {0, ECU_OFF, 2, ECU_RESET_POWER_ON},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig rig;
        rig_init(&rig, 0);
        brown_out(&rig, rows[i].level_mv);
        rig_run(&rig, SIM_MS(60));
        cr_expect(rig.base->run == rows[i].during, "%u mV: %s", rows[i].level_mv,
                  ecu_run_name(rig.base->run));
        rig_run(&rig, SIM_S(1));
        cr_expect_eq(rig.base->run, ECU_APPLICATION);
        cr_expect(rig.base->resets == rows[i].resets, "%u mV: %u resets", rows[i].level_mv,
                  rig.base->resets);
        cr_expect(rig.base->reset_cause == rows[i].cause, "%u mV: %s", rows[i].level_mv,
                  ecu_reset_cause_name(rig.base->reset_cause));
        rig_release(&rig);
    }
}

Test(ecu, power_cut_comes_back_by_itself)
{
    struct rig rig;
    rig_init(&rig, 0);
    sim_ns_t at_ns = rig.sim.now_ns;
    ecu_power_cut(rig.base, SIM_MS(250));
    rig_run(&rig, SIM_MS(249));
    cr_expect_eq(rig.base->run, ECU_OFF);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->run, ECU_APPLICATION);
    cr_expect_eq(ecu_supply_mv(rig.base), 13500);
    cr_expect_eq(rig.base->resets, 2);
    cr_expect(rig.sim.now_ns > at_ns);
    rig_release(&rig);
}

Test(ecu, resets_from_outside_have_their_cause_and_need_power)
{
    struct rig rig;
    rig_init(&rig, 0);
    ecu_reset(rig.base, ECU_RESET_EXTERNAL);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->resets, 2);
    cr_expect_eq(rig.base->reset_cause, ECU_RESET_EXTERNAL);
    cr_expect_eq(rig.base->run, ECU_APPLICATION);
    ecu_power_off(rig.base);
    rig_run(&rig, SIM_MS(1));
    ecu_reset(rig.base, ECU_RESET_EXTERNAL);
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(rig.base->resets, 2);
    cr_expect_eq(rig.base->run, ECU_OFF);
    rig_release(&rig);
}

Test(ecu, power_lost_while_the_line_stores_its_flags_does_not_lose_the_application)
{
    for (sim_ns_t cut_ns = 0; cut_ns < SIM_MS(12); cut_ns += SIM_US(300)) {
        struct rig rig;
        rig_init_text(&rig, NULL, "single", "single");
        rig_load(&rig, 0);
        vehicle_power_on(rig.vehicle);
        rig_run(&rig, cut_ns);
        ecu_power_cut(rig.base, SIM_MS(10));
        rig_run(&rig, SIM_S(1));
        cr_expect(rig.base->run == ECU_APPLICATION, "cut after %u us",
                  (unsigned)(cut_ns / SIM_US(1)));
        rig_release(&rig);
    }
}

/* To the programming session, unlocked, ready to erase. */
static void unlock(struct rig *rig)
{
    RIG_EXPECT(rig, (0x10, 0x03), 0x50, 0x03, 0x00, 0x32, 0x01, 0xF4);
    RIG_EXPECT(rig, (0x10, 0x02), 0x50, 0x02, 0x00, 0x32, 0x01, 0xF4);
    cr_assert(rig_ask(rig, RIG_BYTES(0x27, 0x01)));
    cr_assert(rig->answer_len == 6 && rig->answer[0] == 0x67);
    /* docs/formats.md, "Seed and key". */
    uint32_t secret = 0x4C494D50;
    uint32_t key = proto_get_u32(&rig->answer[2]) ^ secret;
    for (int i = 0; i < 35; i++) {
        key = (key << 1) ^ ((key & 0x80000000u) != 0 ? secret : 0);
    }
    RIG_EXPECT(
        rig,
        (0x27, 0x02, (uint8_t)(key >> 24), (uint8_t)(key >> 16), (uint8_t)(key >> 8), (uint8_t)key),
        0x67, 0x02);
}

struct commands {
    uint64_t launched, done, torn, findings;
    sim_ns_t first_ns;
    uint32_t last_address;
};

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct commands *seen = ctx;
    (void)fault;
    seen->launched++;
    seen->last_address = op->address;
}

static void on_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    struct commands *seen = ctx;
    (void)op;
    (void)now_ns;
    seen->torn++;
    cr_expect(permille <= 1000);
}

static void on_finding(void *ctx, enum s12x_finding finding, uint32_t address, sim_ns_t now_ns)
{
    struct commands *seen = ctx;
    (void)address;
    (void)now_ns;
    seen->findings++;
    (void)finding;
}

/* Lets the bootloader erase and stops the clock while a command runs in block 0, where its code
 * lies. */
static void run_into_block_0(struct rig *rig, struct commands *seen)
{
    const struct s12x_hooks hooks = {
        .ctx = seen, .on_launch = on_launch, .on_torn = on_torn, .on_finding = on_finding};
    struct s12x_flash *flash = s12x_ecu_flash(rig->ecu);
    unlock(rig);
    s12x_ecu_set_flash_hooks(rig->ecu, &hooks);
    rig_send(rig, 0x7E0, RIG_BYTES(0x31, 0x01, 0xFF, 0x00));
    for (int i = 0; i < 2000000 && !s12x_flash_block_busy(flash, 0x7FC000, rig->sim.now_ns); i++) {
        cr_assert(sim_step(&rig->sim));
    }
    cr_assert(s12x_flash_block_busy(flash, 0x7FC000, rig->sim.now_ns));
}

Test(s12x_ecu, code_stands_still_while_its_block_is_busy_and_the_sixth_frame_is_lost)
{
    struct rig rig;
    struct commands seen = {.launched = 0};
    rig_init(&rig, 0);
    run_into_block_0(&rig, &seen);
    /* An erase pulse lasts 20 ms; eight frames last two. */
    sim_ns_t end_ns = s12x_flash_next_ns(s12x_ecu_flash(rig.ecu));
    uint64_t launched = seen.launched;
    for (int i = 0; i < 8; i++) {
        rig_send_frame(&rig, 0x7E0, (const uint8_t[]){0x02, 0x3E, 0x80}, 3);
    }
    sim_run_until(&rig.sim, end_ns - 1);
    cr_expect_eq(rig_status(&rig).frames_lost, 8 - S12X_RX_BUFFERS);
    cr_expect_eq(seen.launched, launched);
    rig_run(&rig, SIM_MS(1));
    cr_expect_gt(seen.launched, launched);
    rig_release(&rig);
}

Test(s12x_ecu, power_cut_during_a_command_tears_it)
{
    struct rig rig;
    struct commands seen = {.launched = 0};
    rig_init(&rig, 0);
    run_into_block_0(&rig, &seen);
    rig_run(&rig, SIM_MS(3));
    cr_expect_eq(seen.torn, 0);
    ecu_power_cut(rig.base, SIM_MS(50));
    rig_run(&rig, SIM_S(1));
    cr_expect_eq(seen.torn, 1);
    cr_expect_eq(rig_status(&rig).run, ECU_BOOTLOADER);
    cr_expect(!rig_status(&rig).application_valid);
    rig_release(&rig);
}

Test(s12x_ecu, low_voltage_reset_tears_a_command_at_the_crossing)
{
    struct rig rig;
    struct commands seen = {.launched = 0};
    rig_init(&rig, 0);
    run_into_block_0(&rig, &seen);
    brown_out(&rig, 3000);
    rig_run(&rig, SIM_MS(60));
    cr_expect_eq(rig.base->run, ECU_IN_RESET);
    cr_expect_eq(seen.torn, 1);
    rig_release(&rig);
}

Test(s12x_ecu, whole_erase_leaves_the_boot_block_alone)
{
    struct rig rig;
    struct commands seen = {.launched = 0};
    static uint8_t before[2][0x4000];
    static uint8_t after[2][0x4000];
    rig_init(&rig, 0);
    struct s12x_flash *flash = s12x_ecu_flash(rig.ecu);
    s12x_flash_peek(flash, 0x7F8000, before[0], 0x2000);
    s12x_flash_peek(flash, 0x7FC000, before[1], 0x4000);
    cr_expect_eq(before[1][0x3F0C], 0xDB);
    cr_expect_eq(before[1][0x3F0F], 0xFE);
    run_into_block_0(&rig, &seen);
    for (int i = 0; i < 10 && !rig.answered; i++) {
        (void)rig_wait(&rig);
    }
    cr_expect(rig.answer[0] == 0x71);
    s12x_flash_peek(flash, 0x7F8000, after[0], 0x2000);
    s12x_flash_peek(flash, 0x7FC000, after[1], 0x4000);
    cr_expect(memcmp(before, after, sizeof before) == 0);
    cr_expect_eq(seen.findings, 0);
    uint8_t header[4];
    s12x_flash_peek(flash, 0x780000, header, 4);
    cr_expect(memcmp(header, "\xFF\xFF\xFF\xFF", 4) == 0);
    rig_release(&rig);
}

Test(s12x_cpu, frames_are_handled_in_order_one_frame_time_apart)
{
    struct s12x_cpu cpu = {.frame_ns = 20, .byte_ns = 2};
    struct can_frame frame = {.len_bytes = 1};
    s12x_cpu_reset(&cpu, 1000);
    cr_expect_eq(s12x_cpu_next_ns(&cpu), SIM_NEVER);
    for (uint32_t id = 1; id <= S12X_RX_BUFFERS; id++) {
        frame.id = id;
        cr_expect(s12x_cpu_receive(&cpu, &frame, 1000));
    }
    cr_expect(!s12x_cpu_receive(&cpu, &frame, 1000));
    cr_expect_eq(cpu.frames_lost, 1);
    cr_expect_eq(s12x_cpu_next_ns(&cpu), 1020);
    cr_expect(!s12x_cpu_take(&cpu, &frame, 1019));
    cr_expect(s12x_cpu_take(&cpu, &frame, 1020) && frame.id == 1);
    s12x_cpu_charge(&cpu, 100, 1020);
    cr_expect_eq(s12x_cpu_next_ns(&cpu), 1120);
    cr_expect(!s12x_cpu_take(&cpu, &frame, 1100));
    cr_expect(s12x_cpu_take(&cpu, &frame, 1120) && frame.id == 2);
}

Test(s12x_ecu, equal_runs_have_equal_digests_and_two_vehicles_do_not_disturb_each_other)
{
    struct trace_digest digests[3];
    for (int i = 0; i < 3; i++) {
        struct trace *trace = trace_new(true);
        struct rig rig;
        struct rig other;
        rig_init_text(&rig, trace, "single", "single");
        rig_load(&rig, 0);
        vehicle_power_on(rig.vehicle);
        if (i == 2) {
            rig_init(&other, BOOT_BEHAVE_NO_BOOT);
        }
        rig_run(&rig, SIM_S(1));
        RIG_EXPECT(&rig, (0x22, 0xF1, 0x86), 0x62, 0xF1, 0x86, 0x01);
        if (i == 2) {
            rig_release(&other);
        }
        digests[i] = trace_digest(trace);
        cr_expect_gt(trace_count(trace), 10);
        rig_release(&rig);
        trace_free(trace);
    }
    cr_expect_str_eq(digests[0].hex, digests[1].hex);
    cr_expect_str_eq(digests[0].hex, digests[2].hex);
}
