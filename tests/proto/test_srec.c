/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_srec.c - S-records against a published example, files of srec_cat, and one
 * damage of every kind. */
#include "sim/proto/srec.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum srec_result parse(const char *text, struct srec *rec)
{
    return srec_parse(text, (uint16_t)strlen(text), rec);
}

/* en.wikipedia.org/wiki/SREC_(file_format), "16-bit memory address". */
static const char *const published[] = {
    "S00F000068656C6C6F202020202000003C",
    "S11F00007C0802A6900100049421FFF07C6C1B787C8C23783C6000003863000026",
    "S11F001C4BFFFFE5398000007D83637880010014382100107C0803A64E800020E9",
    "S111003848656C6C6F20776F726C642E0A0042",
    "S5030003F9",
    "S9030000FC",
};

Test(srec, published_example_is_read_and_printed_unchanged)
{
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        struct srec rec;
        char text[SREC_TEXT_MAX];
        cr_assert_eq(parse(published[i], &rec), SREC_OK, "%s", published[i]);
        cr_assert_eq(srec_print(&rec, text), strlen(published[i]));
        cr_assert_str_eq(text, published[i]);
    }
}

Test(srec, fields_of_the_published_example_are_right)
{
    struct srec rec;
    cr_assert_eq(parse(published[3], &rec), SREC_OK);
    cr_assert_eq(rec.type, 1);
    cr_assert_eq(rec.address, 0x38u);
    cr_assert_eq(rec.len, 14);
    cr_assert_arr_eq(rec.data, "Hello world.\n", 14);
    cr_assert_eq(parse(published[4], &rec), SREC_OK);
    cr_assert_eq(rec.address, 3u);
    cr_assert_eq(rec.len, 0);
}

/* Runs srec_cat over a known memory image and compares every byte that comes back. */
static void expect_srec_cat_agrees(const char *options, uint32_t offset)
{
    char command[256];
    snprintf(command, sizeof command,
             "srec_cat -generate 0x%X 0x%X -repeat-data 0x12 0x34 0x56 0x78 0x9A %s", offset,
             offset + 1000, options);
    static const uint8_t pattern[] = {0x12, 0x34, 0x56, 0x78, 0x9A};
    static uint8_t memory[1000];
    memset(memory, 0, sizeof memory);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    char line[600];
    size_t bytes = 0;
    while (fgets(line, sizeof line, pipe) != NULL) {
        struct srec rec;
        char text[SREC_TEXT_MAX];
        cr_assert_eq(parse(line, &rec), SREC_OK, "%s", line);
        srec_print(&rec, text);
        cr_assert_eq(strncmp(text, line, strlen(text)), 0, "%s != %s", text, line);
        if (rec.type >= 1 && rec.type <= 3) {
            cr_assert(rec.address >= offset && rec.address + rec.len <= offset + 1000);
            memcpy(memory + (rec.address - offset), rec.data, rec.len);
            bytes += rec.len;
        }
    }
    cr_assert_eq(pclose(pipe), 0);
    cr_assert_eq(bytes, 1000);
    for (size_t i = 0; i < sizeof memory; i++) {
        cr_assert_eq(memory[i], pattern[i % 5], "byte %zu", i);
    }
}

Test(srec, agrees_with_srec_cat_for_every_address_length)
{
    expect_srec_cat_agrees("-o - -motorola -address-length=2 -obs=16", 0x4000);
    expect_srec_cat_agrees("-o - -motorola -address-length=3 -obs=32", 0x7E0000);
    expect_srec_cat_agrees("-o - -motorola -address-length=4 -obs=250", 0x80000000u);
}

Test(srec, trailing_white_space_and_small_letters_are_accepted)
{
    struct srec rec;
    cr_assert_eq(parse("S9030000FC \t\r\n", &rec), SREC_OK);
    cr_assert_eq(parse("S9030000fc", &rec), SREC_OK);
}

Test(srec, each_damage_has_its_own_result)
{
    static const struct {
        const char *text;
        enum srec_result expected;
    } rows[] = {
        {"", SREC_NOT_A_RECORD},           {"S", SREC_NOT_A_RECORD},
        {"s9030000FC", SREC_NOT_A_RECORD}, {":00000001FF", SREC_NOT_A_RECORD},
        {"SA030000FC", SREC_NOT_A_RECORD}, {" S9030000FC", SREC_NOT_A_RECORD},
        {"S4030000FC", SREC_BAD_TYPE},     {"S90300G0FC", SREC_BAD_HEX},
        {"S9 3000FC0", SREC_BAD_HEX},      {"S9", SREC_TOO_SHORT},
        {"S903", SREC_TOO_SHORT},          {"S9030000", SREC_TOO_SHORT},
        {"S9030000F", SREC_TOO_SHORT},     {"S90200FD", SREC_TOO_SHORT},
        {"S900", SREC_TOO_SHORT},          {"S3040000000", SREC_TOO_SHORT},
        {"S9030000FC00", SREC_TOO_LONG},   {"S904000000FB", SREC_TOO_LONG},
        {"S5040003AA4E", SREC_TOO_LONG},   {"S9030000FB", SREC_BAD_CHECKSUM},
        {"S9030001FC", SREC_BAD_CHECKSUM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct srec rec;
        cr_assert_eq(parse(rows[i].text, &rec), rows[i].expected, "%s", rows[i].text);
        cr_assert_not_null(srec_result_text(rows[i].expected));
    }
}

Test(srec, a_line_longer_than_any_record_is_refused)
{
    char line[700];
    struct srec rec;
    memset(line, '0', sizeof line);
    memcpy(line, "S1FF", 4);
    cr_assert_eq(srec_parse(line, sizeof line, &rec), SREC_TOO_LONG);
}

Test(srec, binary_form_is_the_text_without_hexadecimal)
{
    struct srec rec;
    uint8_t bytes[SREC_BINARY_MAX];
    cr_assert_eq(parse("S5030003F9", &rec), SREC_OK);
    cr_assert_eq(srec_to_binary(&rec, bytes), 5);
    const uint8_t expected[] = {5, 3, 0, 3, 0xF9};
    cr_assert_arr_eq(bytes, expected, sizeof expected);
    cr_assert_eq(srec_from_binary(bytes, 4, &rec), SREC_TOO_SHORT);
    cr_assert_eq(srec_from_binary(bytes, 0, &rec), SREC_TOO_SHORT);
    bytes[0] = 10;
    cr_assert_eq(srec_from_binary(bytes, 5, &rec), SREC_BAD_TYPE);
}

Test(srec, the_longest_record_of_each_type_survives_both_forms)
{
    for (uint8_t type = 1; type <= 3; type++) {
        struct srec rec = {.type = type,
                           .len = (uint8_t)(SREC_DATA_MAX + 2 - srec_address_len(type)),
                           .address = 0x1234};
        memset(rec.data, 0xA5, rec.len);
        char text[SREC_TEXT_MAX];
        struct srec again;
        uint16_t len = srec_print(&rec, text);
        cr_assert_eq(len, SREC_TEXT_MAX - 1);
        cr_assert_eq(srec_parse(text, len, &again), SREC_OK);
        cr_assert_eq(again.len, rec.len);
        cr_assert_arr_eq(again.data, rec.data, rec.len);
    }
}
