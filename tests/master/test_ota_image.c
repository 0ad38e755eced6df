/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_image.c - reading S-record files: what is refused and how that is said, and
 * that good files mean what srecord, a program that is not ours, says they mean. */
#include "master/ota_image.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ota_window windows[] = {{0x1000, 0x8000}, {0x780000, 0x7F8000}};

/* Good records, by hand: checksum = ~(sum of count, address and data bytes). */
#define HEAD  "S0030000FC\n"
#define DATA  "S1051000AABB85\n" /* 2 bytes at 0x1000 */
#define DATA2 "S1051002CCDD3F\n" /* 2 bytes at 0x1002 */
#define END   "S9030000FC\n"

static const struct bad_row {
    const char *text;
    int code;
    unsigned line;
    const char *says;
} bad_rows[] = {
    {"", OTA_ERR_SYNTAX, 1, "no data record"},
    {"\n", OTA_ERR_SYNTAX, 1, "empty line"},
    {" ", OTA_ERR_SYNTAX, 1, ""},
    {"hello\n", OTA_ERR_SYNTAX, 1, ""},
    {"\x7F"
     "ELF\n",
     OTA_ERR_SYNTAX, 1, ""},
    {":10010000214601360121470136007EFE09D2190140\n", OTA_ERR_SYNTAX, 1, ""}, /* Intel hex */
    {"s1051000AABB85\n" END, OTA_ERR_SYNTAX, 1, ""},
    {"S\n" END, OTA_ERR_SYNTAX, 1, ""},
    {"S1\n" END, OTA_ERR_SYNTAX, 1, ""},
    {"S4030000FC\n" END, OTA_ERR_SYNTAX, 1, ""},
    {"SA030000FC\n" END, OTA_ERR_SYNTAX, 1, ""},
    {HEAD "S1051000AABB86\n" END, OTA_ERR_INTEGRITY, 2, "checksum"},
    {HEAD "S1051000AABA85\n" END, OTA_ERR_INTEGRITY, 2, "checksum"},
    {HEAD "S1051001AABB85\n" END, OTA_ERR_INTEGRITY, 2, "checksum"},
    {"S0030000FD\n" DATA END, OTA_ERR_INTEGRITY, 1, "checksum"},
    {HEAD DATA "S9030000FD\n", OTA_ERR_INTEGRITY, 3, "checksum"},
    {HEAD "S1051000AABB8\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1051000AABB\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1061000AABB84\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1041000AABB86\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1051000AABB8500\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S10510G0AABB85\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S10510 00AABB85\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD " S1051000AABB85\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1021000\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S100\n" END, OTA_ERR_SYNTAX, 2, ""},
    {HEAD "S1031000EC\n" END, OTA_ERR_SYNTAX, 2, "no data"},
    {HEAD DATA, OTA_ERR_INTEGRITY, 2, "no end record"},
    {HEAD DATA "S5030001FB\n", OTA_ERR_INTEGRITY, 3, "no end record"},
    {HEAD END, OTA_ERR_SYNTAX, 2, "no data record"},
    {DATA END DATA2, OTA_ERR_SYNTAX, 3, "end record of line 2"},
    {DATA END END, OTA_ERR_SYNTAX, 3, "end record of line 2"},
    {DATA END "\n", OTA_ERR_SYNTAX, 3, "end record of line 2"},
    {DATA END "PK\x03\x04", OTA_ERR_SYNTAX, 3, "end record of line 2"},
    {DATA HEAD END, OTA_ERR_SYNTAX, 2, "header record S0 in the middle"},
    {HEAD "S5030000FC\n" DATA END, OTA_ERR_SYNTAX, 3, "count record of line 2"},
    {HEAD DATA "S5030002FA\n" END, OTA_ERR_INTEGRITY, 3, "2 data records, the file has 1"},
    {HEAD DATA DATA2 "S5030001FB\n" END, OTA_ERR_INTEGRITY, 4, "1 data records, the file has 2"},
    {HEAD DATA "S604000002F9\n" END, OTA_ERR_INTEGRITY, 3, "2 data records"},
    {HEAD DATA "S5030001FB\nS5030001FB\n" END, OTA_ERR_SYNTAX, 4, "second count record"},
    {HEAD DATA "S503000100FA\n" END, OTA_ERR_SYNTAX, 3, ""},
    {HEAD DATA DATA END, OTA_ERR_CONFLICT, 3, "given already by line 2"},
    {HEAD DATA "S1051001CCDD40\n" END, OTA_ERR_CONFLICT, 3, "given already by line 2"},
    {HEAD "S1051001CCDD40\n" DATA END, OTA_ERR_CONFLICT, 3, "given already by line 2"},
    {HEAD "S1050FFFAABB87\n" END, OTA_ERR_RANGE, 2, "outside the windows"},
    {HEAD "S1057FFFAABB17\n" END, OTA_ERR_RANGE, 2, "outside the windows"},
    {HEAD "S1058000AABB15\n" END, OTA_ERR_RANGE, 2, "outside the windows"},
    {HEAD "S206000000AABB94\n" END, OTA_ERR_RANGE, 2, "outside the windows"},
    {HEAD "S2067F8000AABB95\n" END, OTA_ERR_RANGE, 2, "outside the windows"},
    {HEAD "S307FFFFFFFFAABB97\n" END, OTA_ERR_RANGE, 2, "past the end of the S3"},
    {HEAD "S105FFFFAABB97\n" END, OTA_ERR_RANGE, 2, "past the end of the S1"},
    {HEAD "S206FFFFFFAABB97\n" END, OTA_ERR_RANGE, 2, "past the end of the S2"},
};

Test(ota_image, malformed_files_are_named_with_line_and_reason)
{
    cr_assert_geq(sizeof bad_rows / sizeof bad_rows[0], 40u);
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        const struct bad_row *row = &bad_rows[i];
        struct ota_image image;
        struct ota_error error = {0};
        int code =
            ota_image_parse(&image, row->text, strlen(row->text), "bad.s19", windows, 2, &error);
        char place[32];
        snprintf(place, sizeof place, "bad.s19:%u: ", row->line);
        cr_expect_eq(code, row->code, "row %zu: %d %s", i, code, error.text);
        cr_expect_eq(error.code, row->code);
        cr_expect_eq(strncmp(error.text, place, strlen(place)), 0, "row %zu: %s", i, error.text);
        cr_expect_not_null(strstr(error.text, row->says), "row %zu: %s", i, error.text);
        cr_expect_gt(strlen(error.text), strlen(place) + 10, "row %zu says nothing", i);
        cr_expect_eq(image.segments_len, 0u, "row %zu leaves something", i);
    }
}

Test(ota_image, too_many_segments_are_refused)
{
    char text[64 * 40];
    char *end = text;
    for (unsigned i = 0; i <= OTA_SEGMENTS_MAX; i++) {
        unsigned address = 0x1000 + 2 * i;
        unsigned sum = 4 + (address >> 8) + (address & 0xFF) + 0x55;
        end += sprintf(end, "S104%04X55%02X\n", address, ~sum & 0xFF);
    }
    sprintf(end, "%s", END);
    struct ota_image image;
    struct ota_error error;
    cr_assert_eq(ota_image_parse(&image, text, strlen(text), "x", NULL, 0, &error), OTA_ERR_RANGE);
    cr_assert_not_null(strstr(error.text, "x:33: more than 32"), "%s", error.text);
}

Test(ota_image, order_of_lines_and_line_ends_do_not_matter)
{
    static const char text[] = "S0030000FC\r\nS1051002CCDD3F\r\nS1051000AABB85 \r\nS5030002FA\r\n"
                               "S9030000FC";
    struct ota_image image;
    struct ota_error error;
    int code = ota_image_parse(&image, text, strlen(text), "x", windows, 2, &error);
    cr_assert_eq(code, 0, "%s", error.text);
    cr_assert_eq(image.segments_len, 1u);
    cr_assert_eq(image.segments[0].start, 0x1000u);
    cr_assert_eq(memcmp(image.segments[0].bytes, "\xAA\xBB\xCC\xDD", 4), 0);
    cr_assert_eq(image.segments[0].lines_len, 2u);
    cr_assert_eq(image.segments[0].lines[1].address, 0x1002u);
    cr_assert_eq(image.file_bytes, strlen(text));
    ota_image_release(&image);
}

/* SHA-1, SHA-256 and CRC-32 of "abc": FIPS 180-4 examples; CRC catalogue of G. Cook. */
Test(ota_image, checks_of_a_segment_match_published_vectors)
{
    static const char abc[] = "S1060000616263D3\nS9030000FC\n";
    static const uint8_t sha1[] = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
                                   0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
    struct ota_image image;
    struct ota_error error;
    int code = ota_image_parse(&image, abc, strlen(abc), "abc", NULL, 0, &error);
    cr_assert_eq(code, 0, "%s", error.text);
    cr_assert_eq(memcmp(image.segments[0].sha1, sha1, sizeof sha1), 0);
    cr_assert_eq(image.segments[0].crc32, 0x352441C2u);
    cr_assert_eq(image.segments[0].sum8, 0x26);
    uint8_t before[OTA_SHA256_LEN];
    memcpy(before, image.content_sha256, sizeof before);
    image.segments[0].bytes[1] ^= 1;
    ota_image_content_hash(&image, image.content_sha256);
    cr_assert_neq(memcmp(before, image.content_sha256, sizeof before), 0);
    ota_image_release(&image);
}

/* srec_cat options that make the same bytes in different files. Without a start address srec_cat
 * writes no end record, which is refused: see the table above. */
static const char *const srec_options[] = {
    "-address-length=2 -obs=16",         "-address-length=3 -obs=32",
    "-address-length=4 -obs=64",         "-address-length=4 -obs=7",
    "-address-length=4 -line-length=78", "-disable=header",
    "-disable=data-count -obs=1",        "-obs=250",
};

static char folder[] = "/tmp/ota_image_XXXXXX";

static void shell(const char *command, const char *more)
{
    char text[1024];
    snprintf(text, sizeof text, "cd %s && %s %s", folder, command, more);
    cr_assert_eq(system(text), 0, "%s", text);
}

static size_t slurp(const char *name, uint8_t *to, size_t max)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t len = fread(to, 1, max, file);
    fclose(file);
    return len;
}

Test(ota_image, files_of_srec_cat_mean_what_srec_cat_says)
{
    static uint8_t expected[0x10000];
    cr_assert_not_null(mkdtemp(folder));
    shell("srec_cat -generate 0x1000 0x2345 -repeat-string 'limp home' -generate 0x3000 0x3001 "
          "-constant 0x5A -generate 0x4000 0x8000 -repeat-string 0123456789",
          "-execution-start-address=0 -o in.s19 -motorola");
    shell("srec_cat in.s19 -o out.bin -binary", "");
    size_t expected_len = slurp("out.bin", expected, sizeof expected);
    cr_assert_eq(expected_len, 0x8000u);
    for (size_t i = 0; i < sizeof srec_options / sizeof srec_options[0]; i++) {
        shell("srec_cat in.s19 -o made.s19 -motorola", srec_options[i]);
        char path[128];
        snprintf(path, sizeof path, "%s/made.s19", folder);
        struct ota_image image;
        struct ota_error error;
        int code = ota_image_load(&image, path, windows, 2, &error);
        cr_assert_eq(code, 0, "%s: %s", srec_options[i], error.text);
        cr_assert_eq(image.segments_len, 3u, "%s", srec_options[i]);
        cr_assert_eq(image.bytes_total, 0x1345u + 1 + 0x4000);
        for (size_t n = 0; n < image.segments_len; n++) {
            const struct ota_segment *segment = &image.segments[n];
            cr_assert_eq(memcmp(segment->bytes, expected + segment->start, segment->len_bytes), 0,
                         "%s, segment %zu", srec_options[i], n);
        }
        ota_image_release(&image);
    }
    shell("rm -r", folder);
}

Test(ota_image, file_that_is_not_there_is_named)
{
    struct ota_image image;
    struct ota_error error;
    cr_assert_eq(ota_image_load(&image, "/nonexistent/a.s19", NULL, 0, &error), OTA_ERR_IO);
    cr_assert_not_null(strstr(error.text, "/nonexistent/a.s19"));
}
