/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_services.c - every service's responses: negative ones in the order in
 * which ISO 14229-1 asks for the checks, positive ones with their bytes; one row a claim. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>
#include <stdio.h>

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
    const char *answer; /* Of a positive row; ".." is any byte. */
};

#define POSITIVE 0
#define SILENT   BENCH_SILENCE

static const struct row rows[] = {
    {STAGE_DEFAULT, "23 00", 0x11, NULL},
    {STAGE_DEFAULT, "00", 0x11, NULL},
    {STAGE_DEFAULT, "10", 0x13, NULL},
    {STAGE_DEFAULT, "10 00", 0x12, NULL},
    {STAGE_DEFAULT, "10 04", 0x12, NULL},
    {STAGE_DEFAULT, "10 02", 0x7E, NULL},
    {STAGE_DEFAULT, "10 03 00", 0x13, NULL},
    {STAGE_DEFAULT, "10 03", POSITIVE, "50 03 00 32 01 F4"},
    {STAGE_DEFAULT, "10 83", SILENT, NULL},
    {STAGE_DEFAULT, "10 82", 0x7E, NULL},
    {STAGE_EXTENDED, "10 02", POSITIVE, "50 02 00 32 01 F4"},
    {STAGE_EXTENDED, "10 82", SILENT, NULL},
    {STAGE_PROGRAMMING, "10 02", POSITIVE, "50 02 00 32 01 F4"},
    {STAGE_PROGRAMMING, "10 03", POSITIVE, "50 03 00 32 01 F4"},
    {STAGE_PROGRAMMING, "10 01", POSITIVE, "50 01 00 32 01 F4"},
    {STAGE_DEFAULT, "11", 0x13, NULL},
    {STAGE_DEFAULT, "11 02", 0x12, NULL},
    {STAGE_DEFAULT, "11 01 00", 0x13, NULL},
    {STAGE_DEFAULT, "11 01", POSITIVE, "51 01"},
    {STAGE_DEFAULT, "14 FF FF", 0x13, NULL},
    {STAGE_DEFAULT, "14 FF FF FF FF", 0x13, NULL},
    {STAGE_DEFAULT, "14 00 00 01", 0x31, NULL},
    {STAGE_DEFAULT, "14 9A 45 49", POSITIVE, "54"},
    {STAGE_DEFAULT, "14 FF FF FF", POSITIVE, "54"},
    {STAGE_DEFAULT, "19", 0x13, NULL},
    {STAGE_DEFAULT, "19 03", 0x12, NULL},
    {STAGE_DEFAULT, "19 01", 0x13, NULL},
    {STAGE_DEFAULT, "19 02", 0x13, NULL},
    {STAGE_DEFAULT, "19 02 FF", POSITIVE, "59 02 09"},
    {STAGE_DEFAULT, "19 01 FF", POSITIVE, "59 01 09 01 00 00"},
    {STAGE_DEFAULT, "19 0A", POSITIVE, "59 0A 09 9A 45 49 00"},
    {STAGE_DEFAULT, "19 0A 00", 0x13, NULL},
    {STAGE_DEFAULT, "22", 0x13, NULL},
    {STAGE_DEFAULT, "22 F1", 0x13, NULL},
    {STAGE_DEFAULT, "22 F1 90 F1", 0x13, NULL},
    {STAGE_DEFAULT, "22 FF FF", 0x31, NULL},
    {STAGE_DEFAULT, "22 F1 89", 0x31, NULL}, /* No application. */
    {STAGE_DEFAULT, "22 F1 90", POSITIVE,
     "62 F1 90 4C 48 30 53 49 4D 55 4C 41 54 45 44 30 30 30 30 31"},
    {STAGE_DEFAULT, "22 F1 80", POSITIVE,
     "62 F1 80 31 2E 30 2E 30 00 00 00 00 00 00 00 00 00 00 00"},
    {STAGE_DEFAULT, "22 F1 87", POSITIVE,
     "62 F1 87 4C 48 2D 42 43 4D 2D 31 32 58 00 00 00 00 00 00"},
    {STAGE_DEFAULT, "22 F1 8C", POSITIVE,
     "62 F1 8C 4C 48 2D 30 30 30 30 30 31 00 00 00 00 00 00 00"},
    {STAGE_DEFAULT, "22 F1 91", POSITIVE,
     "62 F1 91 42 43 4D 2D 48 57 2D 31 00 00 00 00 00 00 00 00"},
    {STAGE_DEFAULT, "22 F1 86", POSITIVE, "62 F1 86 01"},
    {STAGE_UNLOCKED, "22 F1 86", POSITIVE, "62 F1 86 02"},
    {STAGE_DEFAULT, "22 FF FF F1 90", POSITIVE,
     "62 F1 90 4C 48 30 53 49 4D 55 4C 41 54 45 44 30 30 30 30 31"},
    {STAGE_DEFAULT, "27 01", 0x7F, NULL},
    {STAGE_EXTENDED, "27", 0x13, NULL},
    {STAGE_EXTENDED, "27 03", 0x12, NULL},
    {STAGE_EXTENDED, "27 01 00", 0x13, NULL},
    {STAGE_EXTENDED, "27 02 00", 0x13, NULL},
    {STAGE_EXTENDED, "27 02 00 00 00 00", 0x24, NULL},
    {STAGE_EXTENDED, "27 01", POSITIVE, "67 01 .. .. .. .."},
    {STAGE_UNLOCKED, "27 01", POSITIVE, "67 01 00 00 00 00"},
    {STAGE_UNLOCKED, "27 02 00 00 00 00", 0x24, NULL},
    {STAGE_DEFAULT, "28 03 01", 0x7F, NULL},
    {STAGE_EXTENDED, "28 03", 0x13, NULL},
    {STAGE_EXTENDED, "28 04 01", 0x12, NULL},
    {STAGE_EXTENDED, "28 03 00", 0x31, NULL},
    {STAGE_EXTENDED, "28 03 01 00", 0x13, NULL},
    {STAGE_EXTENDED, "28 03 01", POSITIVE, "68 03"},
    {STAGE_EXTENDED, "28 83 01", SILENT, NULL},
    {STAGE_DEFAULT, "2E F1 5A 01", 0x7F, NULL},
    {STAGE_EXTENDED, "2E F1 5A 01", 0x7F, NULL},
    {STAGE_PROGRAMMING, "2E F1 5A 01", 0x33, NULL},
    {STAGE_UNLOCKED, "2E F1 5A", 0x13, NULL},
    {STAGE_UNLOCKED, "2E F1 90 01", 0x31, NULL},
    {STAGE_UNLOCKED, "2E F1 5A 01 02 03", POSITIVE, "6E F1 5A"},
    {STAGE_DEFAULT, "31 01 02 03", 0x7F, NULL},
    {STAGE_EXTENDED, "31 01 02", 0x13, NULL},
    {STAGE_EXTENDED, "31 01 12 34", 0x31, NULL},
    {STAGE_EXTENDED, "31 02 02 03", 0x12, NULL},
    {STAGE_EXTENDED, "31 03 02 03", 0x12, NULL},
    {STAGE_EXTENDED, "31 01 02 03 00", 0x13, NULL},
    {STAGE_EXTENDED, "31 01 02 03", POSITIVE, "71 01 02 03 00"},
    {STAGE_EXTENDED, "31 01 FF 00", 0x31, NULL},
    {STAGE_PROGRAMMING, "31 01 FF 00", 0x33, NULL},
    {STAGE_PROGRAMMING, "31 01 FF 01", 0x33, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00 44", 0x13, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00 33 00 7B E0 00 00 00 04 00", 0x31, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 04 00 00 04 00", 0x31, NULL}, /* Part of a sector. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 04 01", 0x31, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 00 00", 0x31, NULL}, /* Nothing. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F 80 00 00 00 04 00", 0x31, NULL}, /* Protected. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F C0 00 00 00 04 00", 0x31, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7F 7C 00 00 00 08 00", 0x31, NULL}, /* Reaches into it. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 78 00 00 00 07 C0 00", 0x31, NULL}, /* Spans it. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 10 00 00 00 00 04 00", 0x31, NULL}, /* D-Flash. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 78 00 00 FF FF FC 00", 0x31,
     NULL}, /* Past the last address. */
    {STAGE_UNLOCKED, "31 01 FF 00 44 00 7B E0 00 00 00 04 00", POSITIVE, "71 01 FF 00 00"},
    {STAGE_UNLOCKED, "31 03 FF 00", POSITIVE, "71 03 FF 00 03"},
    {STAGE_ERASED, "31 03 FF 00", POSITIVE, "71 03 FF 00 00"},
    {STAGE_UNLOCKED, "31 03 FF 00 00", 0x13, NULL},
    {STAGE_UNLOCKED, "31 01 FF 01 00", 0x13, NULL},
    {STAGE_UNLOCKED, "31 03 FF 01", 0x12, NULL},
    {STAGE_UNLOCKED, "31 01 FF 01", POSITIVE, "71 01 FF 01 01"}, /* With a status that says no. */
    {STAGE_DEFAULT, "34 00 44 00 7B E0 00 00 00 00 10", 0x7F, NULL},
    {STAGE_EXTENDED, "34 00 44 00 7B E0 00 00 00 00 10", 0x7F, NULL},
    {STAGE_PROGRAMMING, "34 00 44 00 7B E0 00 00 00 00 10", 0x33, NULL},
    {STAGE_UNLOCKED, "34 00 44 00", 0x13, NULL},
    {STAGE_UNLOCKED, "34 00 44 00 7B E0 00 00 00 00 10", 0x22, NULL}, /* Not erased. */
    {STAGE_ERASED, "34 10 44 00 7B E0 00 00 00 00 10", 0x31, NULL},   /* Compressed. */
    {STAGE_ERASED, "34 00 04 00 7B E0 00 00 00 00 10", 0x31, NULL},   /* No length. */
    {STAGE_ERASED, "34 00 40 00 7B E0 00 00 00 00 10", 0x31, NULL},   /* No address. */
    {STAGE_ERASED, "34 00 54 00 7B E0 00 00 00 00 10", 0x31, NULL},
    {STAGE_ERASED, "34 00 45 00 7B E0 00 00 00 00 10", 0x31, NULL},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00", 0x13, NULL},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 10 00", 0x13, NULL},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 00", 0x31, NULL}, /* Nothing. */
    {STAGE_ERASED, "34 00 44 00 7B EF F8 00 00 00 10", 0x31, NULL}, /* Leaves the erased range. */
    {STAGE_ERASED, "34 00 44 00 7B DF F8 00 00 00 10", 0x31, NULL},
    {STAGE_ERASED, "34 00 44 00 7F 80 00 00 00 00 10", 0x31, NULL}, /* Protected. */
    {STAGE_ERASED, "34 00 44 00 7F FF 00 00 00 00 10", 0x31, NULL},
    {STAGE_ERASED, "34 00 44 FF FF FF F8 00 00 00 10", 0x31, NULL}, /* Past the last address. */
    {STAGE_ERASED, "34 00 44 00 7B E0 00 FF FF FF FF", 0x31, NULL},
    {STAGE_ERASED, "34 00 23 7B E0 00 01 00", POSITIVE, "74 20 04 02"},
    {STAGE_ERASED, "34 00 44 00 7B E0 00 00 00 00 10", POSITIVE, "74 20 04 02"},
    {STAGE_OPEN, "34 00 44 00 7B E0 00 00 00 00 10", POSITIVE, "74 20 04 02"}, /* Begun again. */
    {STAGE_PROGRAMMING, "36 01 00", 0x33, NULL},
    {STAGE_UNLOCKED, "36 01 00", 0x24, NULL},
    {STAGE_ERASED, "36 01 00", 0x24, NULL},
    {STAGE_OPEN, "36", 0x13, NULL},
    {STAGE_OPEN, "36 01", 0x13, NULL},
    {STAGE_OPEN, "36 00 00", 0x73, NULL},
    {STAGE_OPEN, "36 02 00", 0x73, NULL},
    {STAGE_OPEN, "36 01 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x31, NULL}, /* 17 bytes. */
    {STAGE_HALF, "36 01 55", POSITIVE, "76 01"},                         /* The last one, again. */
    {STAGE_HALF, "36 03 55", 0x73, NULL},
    {STAGE_HALF, "36 02 1 2 3 4 5 6 7 8", POSITIVE, "76 02"},
    {STAGE_COMPLETE, "36 02 55", POSITIVE, "76 02"},
    {STAGE_COMPLETE, "36 03 55", 0x24, NULL},
    {STAGE_PROGRAMMING, "37 00", 0x33, NULL},
    {STAGE_UNLOCKED, "37 00", 0x24, NULL},
    {STAGE_OPEN, "37 00", 0x13, NULL},
    {STAGE_HALF, "37 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x24, NULL},
    {STAGE_COMPLETE, "37", 0x13, NULL},
    {STAGE_COMPLETE, "37 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 0x72, NULL},
    {STAGE_DEFAULT, "3E", 0x13, NULL},
    {STAGE_DEFAULT, "3E 01", 0x12, NULL},
    {STAGE_DEFAULT, "3E 00 00", 0x13, NULL},
    {STAGE_DEFAULT, "3E 00", POSITIVE, "7E 00"},
    {STAGE_DEFAULT, "3E 80", SILENT, NULL},
    {STAGE_DEFAULT, "85 02", 0x7F, NULL},
    {STAGE_EXTENDED, "85", 0x13, NULL},
    {STAGE_EXTENDED, "85 03", 0x12, NULL},
    {STAGE_EXTENDED, "85 02 00", 0x13, NULL},
    {STAGE_EXTENDED, "85 02", POSITIVE, "C5 02"},
    {STAGE_EXTENDED, "85 82", SILENT, NULL},
};

static const struct row functional_rows[] = {
    {STAGE_DEFAULT, "23 00", SILENT, NULL},
    {STAGE_DEFAULT, "10 04", SILENT, NULL},
    {STAGE_DEFAULT, "10 02", SILENT, NULL},
    {STAGE_DEFAULT, "10 03", POSITIVE, "50 03 00 32 01 F4"},
    {STAGE_DEFAULT, "10", 0x13, NULL},
    {STAGE_DEFAULT, "3E 00", POSITIVE, "7E 00"},
    {STAGE_DEFAULT, "22 F1 90", POSITIVE,
     "62 F1 90 4C 48 30 53 49 4D 55 4C 41 54 45 44 30 30 30 30 31"},
    {STAGE_DEFAULT, "22 FF FF", SILENT, NULL},
    {STAGE_DEFAULT, "14 FF FF FF", POSITIVE, "54"},
    {STAGE_DEFAULT, "28 03 01", SILENT, NULL},
    {STAGE_EXTENDED, "28 03 01", POSITIVE, "68 03"},
    {STAGE_EXTENDED, "85 02", POSITIVE, "C5 02"},
    {STAGE_EXTENDED, "27 01", SILENT, NULL},
    {STAGE_EXTENDED, "31 01 02 03", SILENT, NULL},
    {STAGE_UNLOCKED, "31 01 FF 00", SILENT, NULL},
    {STAGE_UNLOCKED, "2E F1 5A 01", SILENT, NULL},
    {STAGE_OPEN, "36 01 00", SILENT, NULL},
    {STAGE_COMPLETE, "37", SILENT, NULL},
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

/* A negative answer names the service, and is three bytes long. */
static void expect_answer(const struct row *row)
{
    char negative[9];
    if (row->expected == SILENT) {
        return;
    }
    (void)snprintf(negative, sizeof negative, "7F %.2s %02X", row->request,
                   (unsigned)row->expected);
    cr_expect(bench_answer_is(&bench, row->answer != NULL ? row->answer : negative),
              "%s in stage %d: %s", row->request, (int)row->stage, bench_answer_text(&bench));
}

Test(boot_services, every_row)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reach(rows[i].stage);
        const int code = bench_ask(&bench, rows[i].request);
        cr_expect_eq(code, rows[i].expected, "%s in stage %d: %02x, not %02x", rows[i].request,
                     (int)rows[i].stage, (unsigned)code, (unsigned)rows[i].expected);
        expect_answer(&rows[i]);
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
        expect_answer(row);
        bench_free(&bench);
    }
}
