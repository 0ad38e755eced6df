/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_inject_flash.c - each fault of a flash, as the cells and a tester see it. */
#include "inject/inject_flash.h"

#include "tests/inject/ecu_rig.h"

enum { START = 0x780000, SECTOR = 1024 };

struct bench {
    struct ecu_rig t;
    struct inject_flash inject;
    struct inject_flash_rule rule;
    unsigned launched, done, torn; /* What the observer hears of. */
    sim_ns_t erasing_ns;
};

static void observe_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct bench *b = ctx;
    (void)op;
    (void)fault;
    b->launched++;
}

static void observe_done(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)fstat;
    b->done++;
    if (op->command == S12X_CMD_ERASE_P_SECTOR || op->command == S12X_CMD_ERASE_P_BLOCK) {
        b->erasing_ns += now_ns - op->start_ns;
    }
}

static void observe_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)op;
    (void)permille;
    (void)now_ns;
    b->torn++;
}

static void start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    ecu_rig_init(&b->t);
    const struct s12x_hooks observer = {
        .ctx = b, .on_launch = observe_launch, .on_done = observe_done, .on_torn = observe_torn};
    inject_flash_init(&b->inject, b->t.rig.ecu, &observer);
    ecu_rig_enter(&b->t);
}

static void add(struct bench *b, struct inject_flash_what what, struct inject_flash_effect effect,
                uint32_t times)
{
    const struct inject_flash_rule_cfg cfg = {
        .turns = {.name = "rule", .times = times}, .what = what, .effect = effect};
    inject_flash_add(&b->inject, &b->rule, &cfg);
}

static void end(struct bench *b)
{
    inject_flash_release(&b->inject);
    ecu_rig_release(&b->t);
}

static void download(struct bench *b)
{
    ECU_RIG_EXPECT(&b->t, "34 00 44 00 78 00 00 00 00 01 00", SIM_MS(100), "74200402");
}

/* Erases, and sends one block of 256 bytes from 0x780000 on. */
static void write_block(struct bench *b)
{
    ecu_rig_erase(&b->t);
    download(b);
    ecu_rig_block(&b->t, 1, 0);
}

static uint8_t cell(struct bench *b, uint32_t address)
{
    uint8_t byte;
    s12x_flash_peek(s12x_ecu_flash(b->t.rig.ecu), address, &byte, 1);
    return byte;
}

Test(inject_flash, the_observer_hears_of_everything)
{
    struct bench b;
    start(&b);
    write_block(&b);
    cr_expect(ecu_rig_answered(&b.t, "7601"));
    cr_expect(b.launched > 200 && b.launched == b.done);
    ecu_rig_send(&b.t, (const uint8_t[]){0x31, 1, 0xFF, 0}, 4, SIM_MS(50));
    ecu_power_cut(b.t.rig.base, SIM_S(1));
    rig_run(&b.t.rig, SIM_S(2));
    cr_expect_eq(b.torn, 1);
    inject_flash_release(&b.inject);
    const unsigned before = b.launched;
    rig_run(&b.t.rig, SIM_S(1));
    ecu_power_cut(b.t.rig.base, SIM_S(1));
    rig_run(&b.t.rig, SIM_S(2));
    cr_expect(b.launched > before, "the observer stays when the injections go");
    ecu_rig_release(&b.t);
}

Test(inject_flash, slow_erase_takes_as_long_as_told)
{
    static const struct {
        struct inject_flash_effect effect;
        sim_ns_t at_least_ns, at_most_ns; /* All erases of 0x780000 ... 0x7FBFFF. */
    } rows[] = {
        {{.kind = INJECT_FLASH_SLOW, .slow_permille = 1000}, SIM_S(4), SIM_S(6)},
        {{.kind = INJECT_FLASH_SLOW, .slow_permille = 2000}, SIM_S(8), SIM_S(12)},
        {{.kind = INJECT_FLASH_SLOW, .duration_ns = SIM_MS(100)}, SIM_MS(23400), SIM_MS(23600)},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench b;
        start(&b);
        add(&b, (struct inject_flash_what){.ops = INJECT_FLASH_ERASE}, rows[i].effect, 0);
        ECU_RIG_ERASE(&b.t, "7101FF0000");
        cr_expect(b.erasing_ns >= rows[i].at_least_ns && b.erasing_ns <= rows[i].at_most_ns,
                  "row %zu: %u ms", i, (unsigned)(b.erasing_ns / SIM_MS(1)));
        cr_expect(b.rule.turns.count.fired > 200);
        end(&b);
    }
}

Test(inject_flash, a_failing_erase_is_answered_with_72)
{
    struct bench b;
    start(&b);
    add(&b,
        (struct inject_flash_what){
            .ops = INJECT_FLASH_ERASE, .start = START + 0x40000, .end = START + 0x40001},
        (struct inject_flash_effect){.kind = INJECT_FLASH_FAIL}, 1);
    ECU_RIG_ERASE(&b.t, "7F3172");
    cr_expect_eq(b.rule.turns.count.fired, 1);
    ECU_RIG_ERASE(&b.t, "7101FF0000");
    end(&b);
}

Test(inject_flash, a_bad_sector_never_takes_data)
{
    struct bench b;
    start(&b);
    ecu_rig_erase(&b.t);
    add(&b, (struct inject_flash_what){.start = START, .end = START + SECTOR},
        (struct inject_flash_effect){.kind = INJECT_FLASH_FAIL, .not_correctable = true}, 0);
    for (int i = 0; i < 2; i++) {
        download(&b);
        ecu_rig_block(&b.t, 1, 0);
        cr_expect(ecu_rig_answered(&b.t, "7F3672"));
    }
    ECU_RIG_ERASE(&b.t, "7F3172");
    end(&b);
}

Test(inject_flash, a_range_leaves_the_rest_alone)
{
    struct bench b;
    start(&b);
    add(&b,
        (struct inject_flash_what){
            .ops = INJECT_FLASH_PROGRAM, .start = START + 0x100, .end = START + 0x200},
        (struct inject_flash_effect){.kind = INJECT_FLASH_FAIL}, 0);
    write_block(&b);
    cr_expect(ecu_rig_answered(&b.t, "7601"));
    cr_expect_eq(b.rule.turns.count.seen, 0);
    end(&b);
}

/* The bootloader reads back what it has programmed, and mends it. */
Test(inject_flash, a_program_without_effect_is_found_and_repeated)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_flash_what){.ops = INJECT_FLASH_PROGRAM},
        (struct inject_flash_effect){.kind = INJECT_FLASH_NO_EFFECT}, 1);
    write_block(&b);
    cr_expect(ecu_rig_answered(&b.t, "7601"));
    cr_expect_eq(b.rule.turns.count.fired, 1);
    cr_expect_eq(cell(&b, START + 1), 1);
    cr_expect_eq(s12x_flash_erase_count(s12x_ecu_flash(b.t.rig.ecu), START), 2);
    end(&b);
}

Test(inject_flash, an_erase_without_effect_is_found_by_the_blank_check)
{
    struct bench b;
    start(&b);
    write_block(&b);
    add(&b, (struct inject_flash_what){.ops = INJECT_FLASH_ERASE, .start = START, .end = START + 8},
        (struct inject_flash_effect){.kind = INJECT_FLASH_NO_EFFECT}, 1);
    ECU_RIG_ERASE(&b.t, "7F3172");
    end(&b);
}

Test(inject_flash, bits_that_flip_in_flight_have_a_fitting_ecc)
{
    struct bench b;
    struct ecu_quirks quirks = {.blocks_lost = 0};
    start(&b);
    quirks.software.programs_blindly = true; /* Else the bootloader mends it at once. */
    s12x_ecu_set_quirks(b.t.rig.ecu, &quirks);
    add(&b, (struct inject_flash_what){.start = START + 16, .end = START + 24},
        (struct inject_flash_effect){.kind = INJECT_FLASH_IN_FLIGHT, .mask = 0x8000}, 1);
    write_block(&b);
    cr_expect(ecu_rig_answered(&b.t, "7601"));
    cr_expect_eq(cell(&b, START + 17), 17 ^ 0x80);
    cr_expect_eq(cell(&b, START + 18), 18);
    ecu_rig_exit(&b.t, "\0"); /* A string cannot hold a first byte of 0; any hash is wrong. */
    cr_expect(ecu_rig_answered(&b.t, "7F3772"));
    cr_expect_eq(b.rule.turns.count.fired, 1);
    end(&b);
}

static void read_all(struct bench *b, uint8_t *ferstat)
{
    uint8_t bytes[8];
    struct s12x_flash *flash = s12x_ecu_flash(b->t.rig.ecu);
    const sim_ns_t now_ns = b->t.rig.sim.now_ns;
    s12x_flash_reg_write(flash, S12X_FERSTAT, 3, now_ns);
    s12x_flash_read(flash, START + 16, bytes, sizeof bytes, now_ns);
    *ferstat = s12x_flash_reg_read(flash, S12X_FERSTAT, now_ns);
}

Test(inject_flash, bits_at_rest_are_corrected_singly_and_not_in_pairs)
{
    static const struct {
        uint64_t mask;
        uint8_t ferstat;
    } rows[] = {{1, S12X_SFDIF}, {3, S12X_DFDIF}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench b;
        uint8_t ferstat;
        start(&b);
        struct ecu_quirks quirks = {.blocks_lost = 0};
        quirks.software.programs_blindly = true;
        s12x_ecu_set_quirks(b.t.rig.ecu, &quirks);
        add(&b, (struct inject_flash_what){.start = START + 16, .end = START + 24},
            (struct inject_flash_effect){.kind = INJECT_FLASH_AT_REST, .mask = rows[i].mask}, 1);
        write_block(&b);
        read_all(&b, &ferstat);
        cr_expect_eq(ferstat, rows[i].ferstat);
        cr_expect_eq(cell(&b, START + 16), 16, "the truth is as it was programmed");
        cr_expect_eq(b.rule.turns.count.fired, 1);
        end(&b);
    }
}

Test(inject_flash, a_flip_now_is_mended_by_an_erase_and_a_stuck_bit_is_not)
{
    struct bench b;
    uint8_t ferstat;
    start(&b);
    write_block(&b);
    inject_flash_flip(&b.inject, "flip", START + 16, 0x03);
    read_all(&b, &ferstat);
    cr_expect_eq(ferstat, S12X_DFDIF);
    ecu_rig_erase(&b.t);
    read_all(&b, &ferstat);
    cr_expect_eq(ferstat, 0);
    inject_flash_stick(&b.inject, "stuck", START + 16, 0x03, 0x00);
    ECU_RIG_ERASE(&b.t, "7101FF0000"); /* Known to be blank: not looked at. */
    read_all(&b, &ferstat);
    cr_expect_eq(ferstat, S12X_DFDIF);
    download(&b);
    ecu_rig_block(&b.t, 1, 0xFF); /* Byte 16 is 0x0F: its stuck bits are wanted at 1. */
    cr_expect(ecu_rig_answered(&b.t, "7F3672"));
    end(&b);
}

Test(inject_flash, a_worn_sector_is_a_finding_when_it_is_erased)
{
    struct bench b;
    start(&b);
    struct s12x_flash *flash = s12x_ecu_flash(b.t.rig.ecu);
    const uint32_t endurance = s12x_ecu_cfg(b.t.rig.ecu)->flash.part->p_endurance_cycles;
    inject_flash_wear(&b.inject, "worn", START, endurance);
    cr_expect_eq(s12x_flash_erase_count(flash, START), endurance);
    ecu_rig_erase(&b.t);
    cr_expect_geq(s12x_flash_finding_count(flash, S12X_FIND_WORN_SECTOR), 1);
    end(&b);
}
