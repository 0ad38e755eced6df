/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_personality.c - what tables change: keys against values of Python's
 * libraries, records field by field, levels apart from each other, a check that comes with the
 * erase, and times of sessions. */
#include "tests/bootloader/boot_bench.h"

#include "sim/ecus/bootloader/boot_algorithms.h"
#include "sim/ecus/bootloader/boot_arguments.h"

#include <criterion/criterion.h>
#include <string.h>

static struct boot_bench bench;
static struct boot_personality persona;

/* Keys. */

/* Of the seed 11 22 33 44 and the secret A1 B2 C3, from zlib, hashlib and hmac. */
Test(boot_algorithms, keys_are_those_of_other_libraries)
{
    static const struct {
        boot_key_fn *algorithm;
        uint8_t len;
        uint8_t key[6];
    } rows[] = {
        {boot_key_crc32, 4, {0xE8, 0x72, 0x89, 0x62}},
        {boot_key_sha256, 6, {0xD3, 0x34, 0x22, 0xFE, 0x68, 0xFE}},
        {boot_key_hmac_sha256, 6, {0x39, 0xD5, 0x8F, 0xB1, 0x11, 0x83}},
        {boot_key_add, 4, {0x11, 0xC3, 0xE6, 0x07}},
        {boot_key_xor, 4, {0xB0, 0x90, 0xF0, 0xE5}},
        {boot_key_complement, 4, {0xEE, 0xDD, 0xCC, 0xBB}},
    };
    static const uint8_t seed[] = {0x11, 0x22, 0x33, 0x44};
    const struct boot_cfg cfg = {.security_secret = 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct boot_level level = {
            .seed_len = 4, .key_len = rows[i].len, .secret_len = 3, .secret = {0xA1, 0xB2, 0xC3}};
        uint8_t key[BOOT_SEED_MAX] = {0};
        cr_expect(rows[i].algorithm(&cfg, &level, seed, key));
        cr_expect_arr_eq(key, rows[i].key, rows[i].len, "row %zu", i);
    }
}

Test(boot_algorithms, a_hook_that_is_not_there_fits_no_key)
{
    static const uint8_t seed[4] = {1};
    const struct boot_cfg cfg = {.security_secret = 0};
    const struct boot_level level = {.seed_len = 4, .key_len = 4, .hook = "key"};
    uint8_t key[BOOT_SEED_MAX];
    cr_expect_not(boot_key_hook(&cfg, &level, seed, key));
}

/* Records. */

static enum uds_nrc read(const struct boot_record *record, const char *bytes, uint16_t len,
                         struct boot_arguments *arguments)
{
    return boot_arguments_read(&persona, record, 2, (const uint8_t *)bytes, len, arguments);
}

Test(boot_arguments, fields_are_read_in_their_order)
{
    static const struct boot_record record = {
        .fields_len = 5,
        .fields = {{.kind = BOOT_FIELD_CONSTANT, .len = 2, .bytes = {0xF0, 0x5A}},
                   {.kind = BOOT_FIELD_ADDRESS, .len = 3},
                   {.kind = BOOT_FIELD_LENGTH, .len = 2},
                   {.kind = BOOT_FIELD_CHECK},
                   {.kind = BOOT_FIELD_COUNT}}};
    struct boot_arguments arguments;
    uint32_t start;
    uint32_t end;
    persona = boot_personality_default;
    cr_assert_eq(read(&record, "\xF0\x5A\x78\x00\x10\x01\x00\xAB\xCD\x00\x03", 11, &arguments), 0);
    cr_expect(boot_arguments_range(&persona, &arguments, &start, &end));
    cr_expect(start == 0x780010 && end == 0x780110);
    cr_expect(arguments.check[0] == 0xAB && arguments.check[1] == 0xCD && arguments.count == 3);
    cr_expect_eq(read(&record, "\xF0\x5A\x78", 3, &arguments), UDS_NRC_LENGTH);
    cr_expect_eq(read(&record, "\xF0\x5B\x78\x00\x10\x01\x00\xAB\xCD\x00\x03", 11, &arguments),
                 UDS_NRC_OUT_OF_RANGE);
}

Test(boot_arguments, an_address_of_one_byte_is_a_block_where_there_are_blocks)
{
    static const struct boot_block_row blocks[] = {{7, 0x780000, 0x780400}};
    static const struct boot_record record = {.fields_len = 1,
                                              .fields = {{.kind = BOOT_FIELD_ALFID}}};
    struct boot_arguments arguments;
    uint32_t start;
    uint32_t end;
    persona = boot_personality_default;
    cr_assert_eq(read(&record, "\x21\x07\x04\x00", 4, &arguments), UDS_POSITIVE);
    cr_expect(!arguments.has_block && arguments.address == 7);
    persona.blocks = blocks;
    persona.blocks_len = 1;
    cr_assert_eq(read(&record, "\x21\x07\x04\x00", 4, &arguments), UDS_POSITIVE);
    cr_expect(boot_arguments_range(&persona, &arguments, &start, &end));
    cr_expect(start == 0x780000 && end == 0x780400);
    cr_assert_eq(read(&record, "\x21\x07\x04\x01", 4, &arguments), UDS_POSITIVE);
    cr_expect_not(boot_arguments_range(&persona, &arguments, &start, &end), "more than it holds");
    cr_assert_eq(read(&record, "\x21\x08\x00\x01", 4, &arguments), UDS_POSITIVE);
    cr_expect_not(boot_arguments_range(&persona, &arguments, &start, &end), "no such block");
    cr_expect_eq(read(&record, "\x05\x07", 2, &arguments), UDS_NRC_OUT_OF_RANGE);
    cr_expect_eq(read(&record, "\x21\x07\x04", 3, &arguments), UDS_NRC_LENGTH);
}

/* Levels and sessions in a bootloader. */

static const struct boot_session_row sessions[] = {
    {1, UDS_SESSION_DEFAULT, BOOT_ANY_SESSION, 0, 0, 0},
    {2, UDS_SESSION_PROGRAMMING, BOOT_ANY_SESSION, 0, 0, 0},
    {0x60, UDS_SESSION_EXTENDED, 1u << 0 | 1u << 2, PROTO_MS(20), PROTO_MS(700), PROTO_MS(900)},
};

static const struct boot_level levels[] = {
    {.seed_sub = 1,
     .sessions = BOOT_ANY_SESSION,
     .where = BOOT_IN_ALL,
     .seed_len = 2,
     .key_len = 2,
     .algorithm = boot_key_complement},
    {.seed_sub = 5,
     .sessions = BOOT_ANY_SESSION,
     .where = BOOT_IN_ALL,
     .programming = true,
     .seed_len = 8,
     .key_len = 8,
     .algorithm = boot_key_complement},
};

static const struct uds_subfunction session_subs[] = {
    {1, UDS_IN_ANY, false}, {2, UDS_IN_ANY, false}, {0x60, UDS_IN_ANY, false}};
static const struct uds_subfunction level_subs[] = {
    {1, UDS_IN_ANY, false}, {2, UDS_IN_ANY, false}, {5, UDS_IN_ANY, false}, {6, UDS_IN_ANY, false}};

/* 31 01 FF 00 SUM: everything; and 37 alone. */
static const struct boot_routine_row routines[] = {
    {.rid = 0xFF00,
     .function = BOOT_DO_ERASE,
     .where = BOOT_IN_ALL,
     .sessions = BOOT_ANY_SESSION,
     .level = 5,
     .option = {.fields_len = 1, .fields = {{.kind = BOOT_FIELD_CHECK}}},
     .good = {1, {0x10}}},
};

static struct uds_service services[BOOT_SERVICES];

static void begin(void)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    memcpy(services, boot_services, sizeof services);
    for (size_t i = 0; i < BOOT_SERVICES; i++) {
        if (services[i].sid == UDS_SESSION_CONTROL) {
            services[i].subfunctions = session_subs;
            services[i].subfunctions_len = 3;
        } else if (services[i].sid == UDS_SECURITY_ACCESS) {
            services[i].subfunctions = level_subs;
            services[i].subfunctions_len = 4;
        }
    }
    persona = boot_personality_default;
    persona.sessions = sessions;
    persona.sessions_len = 3;
    persona.levels = levels;
    persona.levels_len = 2;
    persona.routines = routines;
    persona.routines_len = 1;
    persona.services = services;
    persona.services_len = BOOT_SERVICES;
    persona.exit.fields_len = 0;
    cfg.personality = &persona;
    cfg.check = BOOT_CHECK_SUM8;
    cfg.style = BOOT_STYLE_BLOCK;
    bench_init(&bench, &cfg, 3);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
}

static int open_level(uint8_t level, uint8_t len)
{
    uint8_t request[2 + BOOT_SEED_MAX] = {UDS_SECURITY_ACCESS, level};
    cr_assert_eq(bench_request(&bench, request, 2), 0);
    cr_assert_eq(bench.answer_len, 2 + len);
    request[1] = (uint8_t)(level + 1);
    for (uint8_t i = 0; i < len; i++) {
        request[2 + i] = (uint8_t)~bench.answer[2 + i];
    }
    return bench_request(&bench, request, (uint16_t)(2 + len));
}

Test(boot_personality, a_session_has_its_own_times)
{
    begin();
    cr_assert_eq(bench_ask(&bench, "10 60"), 0);
    cr_expect_arr_eq(bench.answer, "\x50\x60\x00\x14\x00\x46", 6);
    cr_expect_eq(bench_ask(&bench, "10 02"), 0);
    cr_expect_eq(bench_ask(&bench, "10 60"), UDS_NRC_SUBFUNCTION_NOT_IN_SESSION);
    cr_expect_eq(bench_ask(&bench, "10 01"), 0);
    bench_run_for(&bench, SIM_MS(100));
    cr_assert_eq(bench_ask(&bench, "10 60"), 0);
    bench_run_for(&bench, SIM_MS(800));
    cr_expect_eq(bootloader_session(&bench.boot), UDS_SESSION_EXTENDED);
    bench_run_for(&bench, SIM_MS(200));
    cr_expect_eq(bootloader_session(&bench.boot), UDS_SESSION_DEFAULT, "S3 of 900 ms");
    bench_free(&bench);
}

Test(boot_personality, one_level_does_not_open_what_another_guards)
{
    begin();
    cr_assert_eq(bench_ask(&bench, "10 02"), 0);
    cr_assert_eq(open_level(1, 2), 0);
    cr_expect_not(bootloader_unlocked(&bench.boot));
    cr_expect_eq(bench_ask(&bench, "31 01 FF 00 00"), UDS_NRC_SECURITY_DENIED);
    cr_expect_eq(bench_ask(&bench, "27 06 00 00 00 00 00 00 00 00"), UDS_NRC_SEQUENCE);
    cr_assert_eq(open_level(5, 8), 0);
    cr_expect(bootloader_unlocked(&bench.boot));
    cr_expect_eq(bench_ask(&bench, "27 03"), UDS_NRC_SUBFUNCTION_NOT_SUPPORTED);
    bench_free(&bench);
}

/* Three wrong keys of one level delay it, also after a reset, and the other one not. */
Test(boot_personality, wrong_keys_are_counted_for_each_level)
{
    begin();
    cr_assert_eq(bench_ask(&bench, "10 60"), 0);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(bench_ask(&bench, "27 05"), 0);
        cr_expect_eq(bench_ask(&bench, "27 06 00 00 00 00 00 00 00 00"),
                     i < 2 ? UDS_NRC_INVALID_KEY : UDS_NRC_ATTEMPTS_EXCEEDED);
    }
    cr_expect_eq(bench_ask(&bench, "27 05"), UDS_NRC_DELAY_NOT_EXPIRED);
    cr_expect_eq(open_level(1, 2), 0);
    bench_power_off(&bench);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_ask(&bench, "10 60"), 0);
    cr_expect_eq(bench_ask(&bench, "27 05"), UDS_NRC_DELAY_NOT_EXPIRED);
    cr_expect_eq(open_level(1, 2), 0);
    bench_free(&bench);
}

/* What a reset has forgotten is not taken for "no check". */
Test(boot_personality, a_check_that_a_reset_has_forgotten_is_asked_for_again)
{
    begin();
    cr_assert_eq(bench_ask(&bench, "10 02"), 0);
    cr_assert_eq(open_level(5, 8), 0);
    cr_assert_eq(bench_ask(&bench, "31 01 FF 00 07"), 0);
    bench_power_off(&bench);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_ask(&bench, "10 02"), 0);
    cr_assert_eq(open_level(5, 8), 0);
    cr_assert_eq(bench_ask(&bench, "34 00 44 00 78 00 00 00 00 00 03"), 0);
    cr_assert_eq(bench_ask(&bench, "36 01 01 02 04"), 0);
    cr_expect_eq(bench_ask(&bench, "37"), UDS_NRC_SEQUENCE);
    bench_free(&bench);
}

/* 01 + 02 + 04, kept from the erase on; 37 carries nothing. */
Test(boot_personality, the_check_of_the_erase_is_compared_at_the_end)
{
    static const char *const sums[] = {"31 01 FF 00 07", "31 01 FF 00 08"};
    static const int ends[] = {0, UDS_NRC_PROGRAMMING_FAILURE};
    for (size_t i = 0; i < 2; i++) {
        begin();
        cr_assert_eq(bench_ask(&bench, "10 02"), 0);
        cr_assert_eq(open_level(5, 8), 0);
        cr_assert_eq(bench_ask(&bench, sums[i]), 0);
        cr_expect_arr_eq(bench.answer, "\x71\x01\xFF\x00\x10", 5);
        cr_assert_eq(bench_ask(&bench, "34 00 44 00 78 00 00 00 00 00 03"), 0);
        cr_assert_eq(bench_ask(&bench, "36 01 01 02 04"), 0);
        cr_expect_eq(bench_ask(&bench, "37 07"), UDS_NRC_LENGTH);
        cr_expect_eq(bench_ask(&bench, "37"), ends[i]);
        bench_free(&bench);
    }
}
