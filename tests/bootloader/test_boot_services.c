/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_services.c - every service's negative responses, in the order in which
 * ISO 14229-1 asks for the checks; one row a claim. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

/* How far the tester has come before the request. */
enum stage {
    STAGE_DEFAULT,
    STAGE_EXTENDED,
    STAGE_PROGRAMMING, /* Locked. */
    STAGE_UNLOCKED,
    STAGE_ERASED,   /* 0x7BE000 to 0x7BF000. */
    STAGE_OPEN,     /* 34 for 0x7BE000, 16 bytes. */
    STAGE_HALF,     /* The first 8 of them have come. */
    STAGE_COMPLETE, /* All of them. */
};

struct row {
    enum stage stage;
    const char *request;
    int expected;
};

#define POSITIVE 0
#define SILENT   BENCH_SILENCE

static const struct row rows[] = {
    {STAGE_DEFAULT, "23 00", 0x11},
    {STAGE_DEFAULT, "00", 0x11},
    {STAGE_DEFAULT, "10", 0x13},
    {STAGE_DEFAULT, "10 00", 0x12},
    {STAGE_DEFAULT, "10 04", 0x12},
    {STAGE_DEFAULT, "10 02", 0x7E},
    {STAGE_DEFAULT, "10 03 00", 0x13},
    {STAGE_DEFAULT, "10 03", POSITIVE},
    {STAGE_DEFAULT, "10 83", SILENT},
    {STAGE_DEFAULT, "10 82", 0x7E},
    {STAGE_EXTENDED, "10 02", POSITIVE},
    {STAGE_EXTENDED, "10 82", SILENT},
    {STAGE_PROGRAMMING, "10 02", POSITIVE},
    {STAGE_PROGRAMMING, "10 03", POSITIVE},
    {STAGE_PROGRAMMING, "10 01", POSITIVE},
    {STAGE_DEFAULT, "11", 0x13},
    {STAGE_DEFAULT, "11 02", 0x12},
    {STAGE_DEFAULT, "11 01 00", 0x13},
    {STAGE_DEFAULT, "11 01", POSITIVE},
    {STAGE_DEFAULT, "14 FF FF", 0x13},
    {STAGE_DEFAULT, "14 FF FF FF FF", 0x13},
    {STAGE_DEFAULT, "14 00 00 01", 0x31},
    {STAGE_DEFAULT, "14 FF FF FF", POSITIVE},
    {STAGE_DEFAULT, "19", 0x13},
    {STAGE_DEFAULT, "19 03", 0x12},
    {STAGE_DEFAULT, "19 02", 0x13},
    {STAGE_DEFAULT, "19 02 FF", POSITIVE},
    {STAGE_DEFAULT, "19 01 FF", POSITIVE},
    {STAGE_DEFAULT, "19 0A", POSITIVE},
    {STAGE_DEFAULT, "19 0A 00", 0x13},
    {STAGE_DEFAULT, "22", 0x13},
    {STAGE_DEFAULT, "22 F1", 0x13},
    {STAGE_DEFAULT, "22 F1 90 F1", 0x13},
    {STAGE_DEFAULT, "22 FF FF", 0x31},
    {STAGE_DEFAULT, "22 F1 89", 0x31}, /* No application. */
    {STAGE_DEFAULT, "22 F1 90", POSITIVE},
    {STAGE_DEFAULT, "22 FF FF F1 90", POSITIVE},
    {STAGE_DEFAULT, "27 01", 0x7F},
    {STAGE_EXTENDED, "27", 0x13},
    {STAGE_EXTENDED, "27 03", 0x12},
    {STAGE_EXTENDED, "27 01 00", 0x13},
    {STAGE_EXTENDED, "27 02 00", 0x13},
    {STAGE_EXTENDED, "27 02 00 00 00 00", 0x24},
    {STAGE_EXTENDED, "27 01", POSITIVE},
    {STAGE_UNLOCKED, "27 01", POSITIVE},
    {STAGE_UNLOCKED, "27 02 00 00 00 00", 0x24},
    {STAGE_DEFAULT, "28 03 01", 0x7F},
    {STAGE_EXTENDED, "28 03", 0x13},
    {STAGE_EXTENDED, "28 04 01", 0x12},
    {STAGE_EXTENDED, "28 03 00", 0x31},
    {STAGE_EXTENDED, "28 03 01 00", 0x13},
    {STAGE_EXTENDED, "28 03 01", POSITIVE},
    {STAGE_EXTENDED, "28 83 01", SILENT},
    {STAGE_DEFAULT, "2E F1 5A 01", 0x7F},
    {STAGE_EXTENDED, "2E F1 5A 01", 0x7F},
    {STAGE_PROGRAMMING, "2E F1 5A 01", 0x33},
    {STAGE_UNLOCKED, "2E F1 5A", 0x13},
    {STAGE_UNLOCKED, "2E F1 90 01", 0x31},
    {STAGE_UNLOCKED, "2E F1 5A 01 02 03", POSITIVE},
    {STAGE_DEFAULT, "31 01 02 03", 0x7F},
    {STAGE_EXTENDED, "31 01 02", 0x13},
    {STAGE_EXTENDED, "31 01 12 34", 0x31},
    {STAGE_EXTENDED, "31 02 02 03", 0x12},
    {STAGE_EXTENDED, "31 03 02 03", 0x12},
    {STAGE_EXTENDED, "31 01 02 03 00", 0x13},
    {STAGE_EXTENDED, "31 01 02 03", POSITIVE},
    {STAGE_EXTENDED, "31 01 FF 00", 0x31},
    {STAGE_PROGRAMMING, "31 01 FF 00", 0x33},
    {STAGE_PROGRAMMING, "31 01 FF 01", 0x33},
    {STAGE_UNLOCKED, "31 01 FF 00 44", 0x13},
    {STAGE_UNLOCKED, "31 01 FF 00 33 00 7B E0 00 00 00 04 00", 0x31},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 04 00 00 04 00", 0x31}, /* Part of a sector. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 04 01", 0x31},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 00 00", 0x31}, /* Nothing. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F 80 00 00 00 04 00", 0x31}, /* Protected. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F C0 00 00 00 04 00", 0x31},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F 7C 00 00 00 08 00", 0x31}, /* Reaches into it. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 78 00 00 00 07 C0 00", 0x31}, /* Spans it. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 10 00 00 00 00 04 00", 0x31}, /* D-Flash. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 78 00 00 FF FF FC 00", 0x31}, /* Past the last address. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 04 00", POSITIVE},
    {STAGE_UNLOCKED, "31 03 FF 00", POSITIVE},
    {STAGE_UNLOCKED, "31 03 FF 00 00", 0x13},
    {STAGE_UNLOCKED, "31 01 FF 01 00", 0x13},
    {STAGE_UNLOCKED, "31 03 FF 01", 0x12},
    {STAGE_UNLOCKED, "31 01 FF 01", POSITIVE}, /* With a status that says no. */
    {STAGE_DEFAULT, "34 00 44 00 7B E0 00 00 00 00 10", 0x7F},
    {STAGE_EXTENDED, "34 00 44 00 7B E0 00 00 00 00 10", 0x7F},
    {STAGE_PROGRAMMING, "34 00 44 00 7B E0 00 00 00 00 10", 0x33},
    {STAGE_UNLOCKED, "34 00 44 00", 0x13},
    {STAGE_UNLOCKED, "34 00 44 00 7B E0 00 00 00 00 10", 0x22}, /* Not erased. */
    {STAGE_ERASED, "34 10 44 00 7B E0 00 00 00 00 10", 0x31},   /* Compressed. */
    {STAGE_ERASED, "34 00 04 00 7B E0 00 00 00 00 10", 0x31},   /* No length. */
    {STAGE_ERASED, "34 00 40 00 7B E0 00 00 00 00 10", 0x31},   /* No address. */
    {STAGE_ERASED, "34 00 54 00 7B E0 00 00 00 00 10", 0x31},
    {STAGE_ERASED, "34 00 45 00 7B E0 00 00 00 00 10", 0x31},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00", 0x13},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 10 00", 0x13},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 00", 0x31}, /* Nothing. */
    {STAGE_ERASED, "34 00 44 00 7B EF F8 00 00 00 10", 0x31}, /* Leaves the erased range. */
    {STAGE_ERASED, "34 00 44 00 7B DF F8 00 00 00 10", 0x31},
    {STAGE_ERASED, "34 00 44 00 7F 80 00 00 00 00 10", 0x31}, /* Protected. */
    {STAGE_ERASED, "34 00 44 00 7F FF 00 00 00 00 10", 0x31},
    {STAGE_ERASED, "34 00 44 FF FF FF F8 00 00 00 10", 0x31}, /* Past the last address. */
    {STAGE_ERASED, "34 00 44 00 7B E0 00 FF FF FF FF", 0x31},
    {STAGE_ERASED, "34 00 23 7B E0 00 01 00", POSITIVE},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 10", POSITIVE},
    {STAGE_OPEN, "34 00 44 00 7B E0 00 00 00 00 10", POSITIVE}, /* Begun again. */
    {STAGE_PROGRAMMING, "36 01 00", 0x33},
    {STAGE_UNLOCKED, "36 01 00", 0x24},
    {STAGE_ERASED, "36 01 00", 0x24},
    {STAGE_OPEN, "36", 0x13},
    {STAGE_OPEN, "36 01", 0x13},
    {STAGE_OPEN, "36 00 00", 0x73},
    {STAGE_OPEN, "36 02 00", 0x73},
    {STAGE_OPEN, "36 01 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x31}, /* 17 bytes. */
    {STAGE_HALF, "36 01 55", POSITIVE},                            /* The last one, again. */
    {STAGE_HALF, "36 03 55", 0x73},
    {STAGE_HALF, "36 02 1 2 3 4 5 6 7 8", POSITIVE},
    {STAGE_COMPLETE, "36 02 55", POSITIVE},
    {STAGE_COMPLETE, "36 03 55", 0x24},
    {STAGE_PROGRAMMING, "37 00", 0x33},
    {STAGE_UNLOCKED, "37 00", 0x24},
    {STAGE_OPEN, "37 00", 0x13},
    {STAGE_HALF, "37 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x24},
    {STAGE_COMPLETE, "37", 0x13},
    {STAGE_COMPLETE, "37 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x72},
    {STAGE_DEFAULT, "3E", 0x13},
    {STAGE_DEFAULT, "3E 01", 0x12},
    {STAGE_DEFAULT, "3E 00 00", 0x13},
    {STAGE_DEFAULT, "3E 00", POSITIVE},
    {STAGE_DEFAULT, "3E 80", SILENT},
    {STAGE_DEFAULT, "85 02", 0x7F},
    {STAGE_EXTENDED, "85", 0x13},
    {STAGE_EXTENDED, "85 03", 0x12},
    {STAGE_EXTENDED, "85 02 00", 0x13},
    {STAGE_EXTENDED, "85 02", POSITIVE},
    {STAGE_EXTENDED, "85 82", SILENT},
};

static const struct row functional_rows[] = {
    {STAGE_DEFAULT, "23 00", SILENT},
    {STAGE_DEFAULT, "10 04", SILENT},
    {STAGE_DEFAULT, "10 02", SILENT},
    {STAGE_DEFAULT, "10 03", POSITIVE},
    {STAGE_DEFAULT, "10", 0x13},
    {STAGE_DEFAULT, "3E 00", POSITIVE},
    {STAGE_DEFAULT, "22 F1 90", POSITIVE},
    {STAGE_DEFAULT, "22 FF FF", SILENT},
    {STAGE_DEFAULT, "14 FF FF FF", POSITIVE},
    {STAGE_DEFAULT, "28 03 01", SILENT},
    {STAGE_EXTENDED, "28 03 01", POSITIVE},
    {STAGE_EXTENDED, "85 02", POSITIVE},
    {STAGE_EXTENDED, "27 01", SILENT},
    {STAGE_EXTENDED, "31 01 02 03", SILENT},
    {STAGE_UNLOCKED, "31 01 FF 00", SILENT},
    {STAGE_UNLOCKED, "2E F1 5A 01", SILENT},
    {STAGE_OPEN, "36 01 00", SILENT},
    {STAGE_COMPLETE, "37", SILENT},
};

static struct boot_bench bench;
static const uint8_t data[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void reach(enum stage stage)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    bench_init(&bench, &cfg, 11);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    if (stage >= STAGE_EXTENDED) {
        cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    }
    if (stage >= STAGE_PROGRAMMING) {
        cr_assert_eq(bench_ask(&bench, "10 02"), 0);
    }
    if (stage >= STAGE_UNLOCKED) {
        cr_assert_eq(bench_unlock(&bench), 0);
    }
    if (stage >= STAGE_ERASED) {
        cr_assert_eq(bench_erase(&bench, 0x7BE000, 0x1000), 0);
    }
    if (stage >= STAGE_OPEN) {
        cr_assert_eq(bench_download(&bench, 0x7BE000, sizeof data), 0);
    }
    if (stage >= STAGE_HALF) {
        cr_assert_eq(bench_transfer(&bench, 1, 0x7BE000, data, 8), 0);
    }
    if (stage >= STAGE_COMPLETE) {
        cr_assert_eq(bench_transfer(&bench, 2, 0x7BE008, data + 8, 8), 0);
    }
}

Test(boot_services, every_row)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reach(rows[i].stage);
        const int code = bench_ask(&bench, rows[i].request);
        cr_expect_eq(code, rows[i].expected, "%s in stage %d: %02x, not %02x", rows[i].request,
                     (int)rows[i].stage, (unsigned)code, (unsigned)rows[i].expected);
        cr_expect(bench_protected_untouched(&bench), "%s", rows[i].request);
        bench_free(&bench);
    }
}

Test(boot_services, every_functional_row)
{
    for (size_t i = 0; i < sizeof functional_rows / sizeof functional_rows[0]; i++) {
        const struct row *row = &functional_rows[i];
        reach(row->stage);
        const int code = bench_ask_functional(&bench, row->request);
        cr_expect_eq(code, row->expected, "%s in stage %d: %02x, not %02x", row->request,
                     (int)row->stage, (unsigned)code, (unsigned)row->expected);
        bench_free(&bench);
    }
}
