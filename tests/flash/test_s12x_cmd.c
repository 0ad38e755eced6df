/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_cmd.c - causes of refusal and effects of every command. */
#include "tests/flash/flash_rig.h"

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(cmd, .init = open_rig, .fini = close_rig);

enum outcome {
    GOES = S12X_CCIF,
    ACCERR = S12X_CCIF | S12X_ACCERR,
    FPVIOL = S12X_CCIF | S12X_FPVIOL
};

struct row {
    uint8_t code, ix;
    uint32_t address;
    uint16_t words[4];
    enum outcome outcome;
    bool special;
};

/* What each command refuses and accepts on an open, erased, unpartitioned part. The rules are those
 * of the tables in docs/fidelity.md, "Commands". */
static const struct row rows[] = {
    {0x00, 0, 0, {0}, ACCERR, false}, /* No such code. */
    {0x16, 0, 0, {0}, ACCERR, false},
    {0xFF, 0, 0, {0}, ACCERR, false},
    {0x02, 0, 0x780000, {0}, GOES, false},
    {0x02, 1, 0x780000, {0}, ACCERR, false},
    {0x02, 0, 0x700000, {0}, ACCERR, false}, /* No such block. */
    {0x02, 0, 0x100000, {0}, GOES, false},
    {0x03, 2, 0x780000, {4}, GOES, false},
    {0x03, 1, 0x780000, {4}, ACCERR, false},
    {0x03, 2, 0x780004, {4}, ACCERR, false}, /* Not a phrase. */
    {0x03, 2, 0x740000, {4}, ACCERR, false}, /* The probe for unimplemented pages. */
    {0x03, 2, 0x7FFFF8, {2}, ACCERR, false}, /* Crosses 256 KB. */
    {0x03, 2, 0x7BFFF8, {2}, ACCERR, false}, /* The same between blocks. */
    {0x03, 2, 0x100000, {1}, ACCERR, false}, /* D-Flash. */
    {0x04, 1, 7, {0}, GOES, false},
    {0x04, 1, 8, {0}, ACCERR, false},
    {0x04, 2, 0, {0}, ACCERR, false},
    {0x05, 5, 0x780000, {1}, GOES, false},
    {0x05, 4, 0x780000, {1}, ACCERR, false},
    {0x05, 5, 0x780002, {1}, ACCERR, false},
    {0x06, 5, 0x780008, {1}, GOES, false},
    {0x06, 4, 0x780008, {1}, ACCERR, false},
    {0x06, 6, 0x780008, {1}, ACCERR, false},
    {0x06, 5, 0x780009, {1}, ACCERR, false},
    {0x06, 5, 0x100000, {1}, ACCERR, false},
    {0x06, 5, 0x6FFFF8, {1}, ACCERR, false},
    {0x07, 5, 0, {1, 2, 3, 4}, GOES, false},
    {0x07, 5, 8, {1}, ACCERR, false},
    {0x07, 4, 0, {1}, ACCERR, false},
    {0x09, 1, 0x7A0000, {0}, GOES, false},
    {0x09, 0, 0x7A0000, {0}, ACCERR, false},
    {0x09, 1, 0x100000, {0}, ACCERR, false},
    {0x0A, 1, 0x780008, {0}, GOES, false},
    {0x0A, 1, 0x780001, {0}, ACCERR, false},
    {0x0A, 2, 0x780000, {0}, ACCERR, false},
    {0x0A, 1, 0x000000, {0}, ACCERR, false},
    {0x0B, 0, 0, {0}, ACCERR, false}, /* Special mode only. */
    {0x0C, 4, 0, {0}, ACCERR, false}, /* KEYEN is off. */
    {0x0D, 1, 0x780000, {0}, GOES, false},
    {0x0D, 1, 0x780002, {0}, GOES, false},
    {0x0D, 1, 0x780003, {0}, ACCERR, false}, /* No user level 3. */
    {0x0D, 1, 0x700000, {0}, ACCERR, false},
    {0x0D, 0, 0x780000, {0}, ACCERR, false},
    {0x0E, 1, 0x780003, {0}, ACCERR, false}, /* Special mode only. */
    {0x0E, 1, 0x780004, {0}, GOES, true},
    {0x0E, 1, 0x780005, {0}, ACCERR, true},
    {0x0F, 2, 0, {16}, ACCERR, false}, /* Special mode only. */
    {0x0F, 2, 0, {16}, GOES, true},
    {0x0F, 2, 129, {0}, ACCERR, true},
    {0x0F, 2, 0, {17}, ACCERR, true},
    {0x0F, 1, 0, {16}, ACCERR, true},
    {0x10, 2, 0x100000, {128}, GOES, false},
    {0x10, 2, 0x100001, {1}, ACCERR, false},
    {0x10, 2, 0x107FFE, {2}, ACCERR, false},
    {0x10, 2, 0x780000, {2}, ACCERR, false},
    {0x10, 3, 0x100000, {2}, ACCERR, false},
    {0x11, 2, 0x100000, {1}, GOES, false},
    {0x11, 5, 0x100000, {1, 2, 3, 4}, GOES, false},
    {0x11, 1, 0x100000, {1}, ACCERR, false},
    {0x11, 6, 0x100000, {1}, ACCERR, false},
    {0x11, 2, 0x100001, {1}, ACCERR, false},
    {0x11, 3, 0x107FFE, {1, 2}, ACCERR, false},
    {0x12, 1, 0x107F00, {0}, GOES, false},
    {0x12, 1, 0x107F01, {0}, ACCERR, false},
    {0x12, 1, 0x780000, {0}, ACCERR, false},
    {0x12, 2, 0x107F00, {0}, ACCERR, false},
    {0x13, 0, 0, {0}, ACCERR, false}, /* Not partitioned. */
    {0x14, 0, 0, {0}, ACCERR, false},
    {0x15, 0, 0, {0}, GOES, false},
    {0x15, 1, 0, {0}, ACCERR, false},
    {0x20, 2, 0, {16}, GOES, false},
    {0x20, 2, 117, {1}, ACCERR, false}, /* 11 sectors. */
    {0x20, 2, 116, {1}, GOES, false},   /* 12 sectors. */
    {0x20, 2, 113, {2}, ACCERR, false}, /* 15 sectors for two pages. */
    {0x20, 2, 112, {2}, GOES, false},
    {0x20, 2, 128, {0}, GOES, false},
    {0x01, 0, 0, {0}, GOES, false},
    {0x01, 1, 0, {0}, ACCERR, false},
    {0x08, 1, 0, {0}, ACCERR, false},
    {0x08, 0, 0, {0}, GOES, false},
};

Test(cmd, every_row_of_causes_is_as_the_table_says)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        static const uint8_t config[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
        struct s12x_flash_cfg cfg = {.special_mode = row->special};
        struct rig one;
        rig_new(&one, &cfg);
        cr_assert_eq(s12x_flash_factory_program(one.flash, 0x7FFF08, config, 8, NULL), 0);
        rig_reset(&one);
        uint64_t hash = s12x_flash_state_hash(one.flash);
        uint8_t fstat = rig_command(&one, row->code, row->address, row->words, 4, row->ix);
        uint8_t causes = fstat & (S12X_CCIF | S12X_ACCERR | S12X_FPVIOL);
        cr_assert_eq(causes, row->outcome, "row %zu: %02X at %06X: FSTAT %02X", i, row->code,
                     row->address, fstat);
        if (row->outcome != GOES) {
            cr_assert_eq(rig_found(&one, S12X_FIND_ACCERR), 1);
            cr_assert_eq(s12x_flash_state_hash(one.flash), hash, "row %zu changed something", i);
            cr_assert_eq(s12x_flash_command_count(one.flash, row->code), 0);
        }
        rig_close(&one);
    }
}

struct prot_row {
    uint8_t fprot;
    uint32_t address;
    bool closed;
};

/* Decoding as the OpenOCD S12XE driver has it. */
static const struct prot_row prot_rows[] = {
    {0xFF, 0x7FFC00, false}, {0xFF, 0x780000, false}, {0xDF, 0x7FBC00, false},
    {0xDF, 0x7FC000, true},  {0xDF, 0x7FFC00, true},                           /* High 16 KB. */
    {0xC7, 0x7FF400, false}, {0xC7, 0x7FF800, true},                           /* High 2 KB. */
    {0xCF, 0x7FEC00, false}, {0xCF, 0x7FF000, true},                           /* High 4 KB. */
    {0xD7, 0x7FDC00, false}, {0xD7, 0x7FE000, true},                           /* High 8 KB. */
    {0xF8, 0x7F8000, true},  {0xF8, 0x7F8400, false},                          /* Low 1 KB. */
    {0xF9, 0x7F8400, true},  {0xF9, 0x7F8800, false},                          /* Low 2 KB. */
    {0xFA, 0x7F8C00, true},  {0xFA, 0x7F9000, false},                          /* Low 4 KB. */
    {0xFB, 0x7F9C00, true},  {0xFB, 0x7FA000, false}, {0xFB, 0x7F7C00, false}, /* Low 8 KB. */
    {0xDB, 0x7F7C00, false}, {0xDB, 0x7F8000, true},  {0xDB, 0x7F9C00, true},  /* 24 KB. */
    {0xDB, 0x7FA000, false}, {0xDB, 0x7FBC00, false}, {0xDB, 0x7FC000, true},
    {0xDB, 0x7FFC00, true},  {0xDB, 0x780000, false}, {0x7F, 0x780000, true},
    {0x7F, 0x7FFC00, true},  {0x7F, 0x7FA000, true},                          /* All. */
    {0x5F, 0x7FC000, false}, {0x5F, 0x7FBC00, true},  {0x5F, 0x780000, true}, /* All but high. */
    {0x7B, 0x7F8000, false}, {0x7B, 0x7FA000, true},                          /* All but low. */
};

Test(cmd, protection_is_decoded_row_by_row)
{
    static const uint16_t ones[4] = {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF};
    for (size_t i = 0; i < ARRAY_SIZE(prot_rows); i++) {
        const struct prot_row *row = &prot_rows[i];
        rig_reset(&rig);
        rig_set(&rig, S12X_FPROT, row->fprot);
        uint8_t want = row->closed ? FPVIOL : GOES;
        cr_assert_eq(rig_command(&rig, 0x06, row->address, ones, 4, 5), want, "row %zu", i);
        cr_assert_eq(rig_command(&rig, 0x05, row->address, ones, 4, 5), want, "row %zu load", i);
        rig_command(&rig, 0x01, 0, NULL, 0, 0); /* Ends the load by its error. */
        cr_assert_eq(rig_command(&rig, 0x0A, row->address, NULL, 0, 1), want, "row %zu erase", i);
    }
}

Test(cmd, any_protection_stops_mass_erase_and_that_of_its_block)
{
    rig_set(&rig, S12X_FPROT, 0xF8);
    cr_assert_eq(rig_command(&rig, 0x08, 0, NULL, 0, 0), FPVIOL);
    cr_assert_eq(rig_command(&rig, 0x09, 0x7C0000, NULL, 0, 1), FPVIOL);
    cr_assert_eq(rig_command(&rig, 0x09, 0x780000, NULL, 0, 1), GOES);
    cr_assert_eq(rig_found(&rig, S12X_FIND_FPVIOL), 2);
    rig_reset(&rig);
    rig_set(&rig, S12X_EPROT, 0xF7);
    cr_assert_eq(rig_command(&rig, 0x08, 0, NULL, 0, 0), FPVIOL);
    cr_assert(rig_get(&rig, S12X_FERSTAT) & S12X_EPVIOLIF);
}

Test(cmd, load_data_field_programs_two_blocks_at_once)
{
    static const uint16_t low[4] = {0x0102, 0x0304, 0x0506, 0x0708};
    static const uint16_t high[4] = {0x1112, 0x1314, 0x1516, 0x1718};
    uint8_t got[8];
    cr_assert_eq(rig_command(&rig, 0x05, 0x780010, low, 4, 5), GOES);
    sim_ns_t start_ns = rig.now_ns;
    cr_assert_eq(rig_command(&rig, 0x06, 0x7C0010, high, 4, 5), GOES);
    cr_assert_eq(rig.now_ns - start_ns, 140000 + (1725 + 510) * 20);
    rig_read(&rig, 0x780010, got, 8);
    cr_assert_arr_eq(got, ((uint8_t[8]){1, 2, 3, 4, 5, 6, 7, 8}), 8);
    rig_read(&rig, 0x7C0010, got, 8);
    cr_assert_arr_eq(got, ((uint8_t[8]){0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}), 8);
}

Test(cmd, load_data_field_sequence_has_its_rules)
{
    static const uint16_t data[4] = {1, 2, 3, 4};
    static const struct {
        uint8_t code;
        uint32_t address;
    } bad[] = {
        {0x05, 0x780018},                   /* The same block again. */
        {0x05, 0x7C0018},                   /* Other low address bits. */
        {0x06, 0x780010},                   /* The block that is loaded. */
        {0x06, 0x7C0018}, {0x0A, 0x7C0000}, /* Another command. */
        {0x01, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint8_t ix = bad[i].code == 0x0A ? 1 : bad[i].code == 0x01 ? 0 : 5;
        cr_assert_eq(rig_command(&rig, 0x05, 0x780010, data, 4, 5), GOES);
        cr_assert_eq(rig_command(&rig, bad[i].code, bad[i].address, data, 4, ix), ACCERR, "%zu", i);
        cr_assert_eq(rig_command(&rig, 0x0A, 0x780000, NULL, 0, 1), GOES, "the sequence is over");
    }
    cr_assert_eq(s12x_flash_program_count(rig.flash, 0x780010), 0);
}

Test(cmd, program_once_takes_each_phrase_once_and_survives_mass_erase)
{
    static const uint16_t ones[4] = {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF};
    static const uint16_t data[4] = {0xCAFE, 0xBABE, 0x1234, 0x5678};
    cr_assert_eq(rig_command(&rig, 0x07, 3, ones, 4, 5), GOES);
    cr_assert_eq(rig_command(&rig, 0x07, 3, data, 4, 5), GOES);
    cr_assert_eq(rig_command(&rig, 0x07, 3, data, 4, 5), ACCERR);
    cr_assert_eq(rig_command(&rig, 0x08, 0, NULL, 0, 0), GOES);
    cr_assert_eq(rig_command(&rig, 0x04, 3, NULL, 0, 1), GOES);
    for (uint8_t i = 0; i < 4; i++) {
        rig_set(&rig, S12X_FCCOBIX, (uint8_t)(2 + i));
        cr_assert_eq(rig_get(&rig, S12X_FCCOBHI) << 8 | rig_get(&rig, S12X_FCCOBLO), data[i]);
    }
}

Test(cmd, erase_verify_tells_blank_from_programmed)
{
    static const uint16_t count[1] = {2};
    cr_assert_eq(rig_command(&rig, 0x03, 0x780000, count, 1, 2), GOES);
    rig_program(&rig, 0x780008, (const uint8_t[8]){0});
    cr_assert_eq(rig_command(&rig, 0x03, 0x780000, count, 1, 2),
                 S12X_CCIF | S12X_MGSTAT1 | S12X_MGSTAT0);
    cr_assert_eq(rig_command(&rig, 0x02, 0x780000, NULL, 0, 0),
                 S12X_CCIF | S12X_MGSTAT1 | S12X_MGSTAT0);
    cr_assert_eq(rig_command(&rig, 0x02, 0x7A0000, NULL, 0, 0), GOES);
    cr_assert_eq(rig_command(&rig, 0x01, 0, NULL, 0, 0), S12X_CCIF | S12X_MGSTAT1 | S12X_MGSTAT0);
    rig_command(&rig, 0x11, 0x100010, count, 1, 2);
    cr_assert_eq(rig_command(&rig, 0x10, 0x100000, (const uint16_t[]){8}, 1, 2), GOES);
    cr_assert_eq(rig_command(&rig, 0x10, 0x100000, (const uint16_t[]){9}, 1, 2),
                 S12X_CCIF | S12X_MGSTAT1 | S12X_MGSTAT0);
}

Test(cmd, d_flash_takes_one_to_four_words_in_memory_order)
{
    static const uint16_t words[4] = {0x0102, 0x0304, 0x0506, 0x0708};
    uint8_t got[10];
    cr_assert_eq(rig_command(&rig, 0x11, 0x100000, words, 4, 5), GOES);
    rig_read(&rig, 0x100000, got, 10);
    cr_assert_arr_eq(got, ((uint8_t[10]){1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0xFF}), 10);
    cr_assert_eq(rig_command(&rig, 0x12, 0x100000, NULL, 0, 1), GOES);
    rig_read(&rig, 0x100000, got, 2);
    cr_assert_eq(got[0], 0xFF);
    cr_assert_eq(s12x_flash_erase_count(rig.flash, 0x100000), 1);
}

static void secure_rig_with(struct rig *secured, const uint8_t keys[8], uint8_t fsec, bool special)
{
    uint8_t field[16] = {[8] = 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, fsec};
    struct s12x_flash_cfg cfg = {.special_mode = special};
    memcpy(field, keys, 8);
    rig_new(secured, &cfg);
    cr_assert_eq(s12x_flash_factory_program(secured->flash, 0x7FFF00, field, 16, NULL), 0);
    rig_reset(secured);
}

static void secure_rig(struct rig *secured, uint8_t fsec, bool special)
{
    static const uint8_t keys[8] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
    secure_rig_with(secured, keys, fsec, special);
}

/* The four keys in FCCOB 1 to 4. */
static uint8_t backdoor(struct rig *secured, const uint16_t keys[4])
{
    return rig_command(secured, 0x0C, keys[0], keys + 1, 3, 4);
}

Test(cmd, backdoor_key_opens_and_a_wrong_one_locks_until_reset)
{
    static const uint16_t good[4] = {0x1122, 0x3344, 0x5566, 0x7788};
    static const uint16_t bad[4] = {0x1122, 0x3344, 0x5566, 0x7789};
    struct rig secured;
    secure_rig(&secured, 0xBF, false); /* KEYEN 10, SEC 11. */
    cr_assert_eq(backdoor(&secured, bad), ACCERR);
    cr_assert_eq(backdoor(&secured, good), ACCERR);
    cr_assert_eq(rig_get(&secured, S12X_FSEC), 0xBF);
    rig_reset(&secured);
    cr_assert_eq(backdoor(&secured, good), GOES);
    cr_assert_eq(rig_get(&secured, S12X_FSEC), 0xBE);
    rig_close(&secured);
    secure_rig(&secured, 0x7F, false); /* KEYEN 01. */
    cr_assert_eq(backdoor(&secured, good), ACCERR);
    rig_close(&secured);
}

Test(cmd, a_backdoor_key_of_zeros_or_ones_never_opens)
{
    static const struct {
        uint8_t stored[8];
        uint16_t given[4];
    } pairs[] = {
        {{0x11, 0x22, 0x00, 0x00, 0x55, 0x66, 0x77, 0x88}, {0x1122, 0x0000, 0x5566, 0x7788}},
        {{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xFF, 0xFF}, {0x1122, 0x3344, 0x5566, 0xFFFF}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct rig secured;
        secure_rig_with(&secured, pairs[i].stored, 0xBF, false);
        cr_expect_eq(backdoor(&secured, pairs[i].given), ACCERR, "row %zu", i);
        cr_expect_eq(rig_get(&secured, S12X_FSEC), 0xBF);
        rig_close(&secured);
    }
}

Test(cmd, a_secured_part_in_special_mode_can_only_be_wiped_and_unsecured)
{
    struct rig secured;
    secure_rig(&secured, 0xFF, true);
    cr_assert_eq(rig_erase(&secured, 0x780000), ACCERR);
    cr_assert_eq(rig_program(&secured, 0x780000, (const uint8_t[8]){0}), ACCERR);
    cr_assert_eq(rig_command(&secured, 0x0B, 0, NULL, 0, 0), GOES);
    cr_assert_eq(rig_get(&secured, S12X_FSEC) & 3, 2);
    cr_assert_eq(rig_program(&secured, 0x780000, (const uint8_t[8]){0}), GOES);
    rig_close(&secured);
}

Test(cmd, erasing_the_last_sector_leaves_the_part_secured_at_the_next_reset)
{
    cr_assert_eq(rig_erase(&rig, 0x7FFC00), GOES);
    rig_reset(&rig);
    cr_assert_eq(rig_get(&rig, S12X_FSEC), 0xFF);
}

Test(cmd, reading_the_busy_block_is_a_fault_and_other_blocks_are_free)
{
    uint8_t byte;
    rig_program(&rig, 0x7A0000, (const uint8_t[8]){7, 0, 0, 0, 0, 0, 0, 0});
    rig_program(&rig, 0x7C0000, (const uint8_t[8]){7, 0, 0, 0, 0, 0, 0, 0});
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x7C0400, NULL, 0, 1);
    cr_assert(s12x_flash_block_busy(rig.flash, 0x7FFFFF, rig.now_ns));
    cr_assert(!s12x_flash_block_busy(rig.flash, 0x7A0000, rig.now_ns));
    rig_read(&rig, 0x7A0000, &byte, 1);
    cr_assert_eq(byte, 7);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), 0);
    rig_read(&rig, 0x7C0000, &byte, 1);
    cr_assert_eq(byte, 0xFF);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_SFDIF | S12X_DFDIF);
    cr_assert_eq(rig_found(&rig, S12X_FIND_READ_WHILE_BUSY), 1);
    rig_wait(&rig);
    cr_assert(!s12x_flash_block_busy(rig.flash, 0x7FFFFF, rig.now_ns));
    rig_read(&rig, 0x7C0000, &byte, 1);
    cr_assert_eq(byte, 7);
}

struct fault_ctx {
    struct s12x_op_fault fault;
    unsigned launched, done;
    sim_ns_t duration_ns;
};

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct fault_ctx *faults = ctx;
    faults->launched++;
    faults->duration_ns = op->duration_ns;
    *fault = faults->fault;
}

static void on_done(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns)
{
    struct fault_ctx *faults = ctx;
    (void)op;
    (void)fstat;
    (void)now_ns;
    faults->done++;
}

Test(cmd, hooks_can_slow_fail_and_void_a_command)
{
    struct fault_ctx faults = {.fault = {.slow_permille = 2000}};
    struct s12x_flash_cfg cfg = {
        .hooks = {.ctx = &faults, .on_launch = on_launch, .on_done = on_done}};
    struct rig slow;
    uint8_t got[8];
    rig_new(&slow, &cfg);
    rig_reset(&slow);
    sim_ns_t start_ns = slow.now_ns;
    cr_assert_eq(rig_program(&slow, 0x780000, (const uint8_t[8]){0}), GOES);
    cr_assert_eq(slow.now_ns - start_ns, 2 * faults.duration_ns);
    faults.fault = (struct s12x_op_fault){.mgstat1 = true};
    cr_assert_eq(rig_program(&slow, 0x780008, (const uint8_t[8]){0}), S12X_CCIF | S12X_MGSTAT1);
    faults.fault = (struct s12x_op_fault){.no_effect = true};
    cr_assert_eq(rig_program(&slow, 0x780010, (const uint8_t[8]){0}), GOES);
    rig_read(&slow, 0x780010, got, 8);
    cr_assert_eq(got[0], 0xFF);
    cr_assert_eq(faults.launched, 3);
    cr_assert_eq(faults.done, 3);
    rig_close(&slow);
}

Test(cmd, reset_while_busy_is_a_finding_and_power_loss_is_not)
{
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    s12x_flash_power_off(rig.flash, rig.now_ns + 1000);
    cr_assert_eq(rig_found(&rig, S12X_FIND_RESET_WHILE_BUSY), 0);
    cr_assert_eq(rig.torn, 1);
    rig.now_ns += 2000;
    rig_reset(&rig);
    rig_launch(&rig, S12X_CMD_ERASE_P_SECTOR, 0x780000, NULL, 0, 1);
    rig.now_ns += 1000;
    rig_reset(&rig);
    cr_assert_eq(rig_found(&rig, S12X_FIND_RESET_WHILE_BUSY), 1);
    cr_assert_eq(rig.torn, 2);
}
