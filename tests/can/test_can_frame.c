/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_frame.c - frames: validity, length codes, candump text. */
#include "sim/base.h"
#include "sim/can/can_frame.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ISO 11898-1:2015, coding of the data length; the same table is in the CAN FD article of
 * Wikipedia. */
static const uint8_t fd_lengths[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};

Test(can_frame, length_codes_are_those_of_the_standard)
{
    for (uint8_t dlc = 0; dlc < 16; dlc++) {
        cr_assert_eq(can_len_from_dlc(dlc, true), fd_lengths[dlc]);
        cr_assert_eq(can_len_from_dlc(dlc, false), dlc < 8 ? dlc : 8);
        cr_assert_eq(can_dlc_from_len(fd_lengths[dlc]), dlc);
    }
}

Test(can_frame, rounding_up_gives_the_shortest_fd_length_that_fits)
{
    for (unsigned len = 0; len <= 64; len++) {
        size_t i = 0;
        while (fd_lengths[i] < len) {
            i++;
        }
        cr_assert_eq(can_fd_len_at_least((uint8_t)len), fd_lengths[i], "length %u", len);
    }
}

Test(can_frame, only_frames_that_a_bus_can_carry_are_valid)
{
    static const struct {
        struct can_frame frame;
        bool valid;
    } rows[] = {
        {{.id = 0x7FF, .len_bytes = 8}, true},
        {{.id = 0x800, .len_bytes = 8}, false},
        {{.id = 0x800, .flags = CAN_FLAG_EXT}, true},
        {{.id = 0x1FFFFFFF, .flags = CAN_FLAG_EXT}, true},
        {{.id = 0x20000000, .flags = CAN_FLAG_EXT}, false},
        {{.id = 1, .len_bytes = 9}, false},
        {{.id = 1, .len_bytes = 8, .flags = CAN_FLAG_RTR}, true},
        {{.id = 1, .len_bytes = 0, .flags = CAN_FLAG_RTR | CAN_FLAG_FD}, false},
        {{.id = 1, .flags = CAN_FLAG_BRS}, false},
        {{.id = 1, .flags = CAN_FLAG_ESI}, false},
        {{.id = 1, .len_bytes = 64, .flags = CAN_FLAG_FD | CAN_FLAG_BRS | CAN_FLAG_ESI}, true},
        {{.id = 1, .len_bytes = 9, .flags = CAN_FLAG_FD}, false},
        {{.id = 1, .len_bytes = 12, .flags = CAN_FLAG_FD}, true},
        {{.id = 1, .len_bytes = 65, .flags = CAN_FLAG_FD}, false},
        {{.id = 1, .flags = 0x20}, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert_eq(can_frame_valid(&rows[i].frame), rows[i].valid, "row %zu", i);
    }
}

/* The examples of the comment above parse_canframe() in can-utils' lib.h, and of its manual pages:
 * https://github.com/linux-can/can-utils/blob/master/lib.h */
Test(can_frame, candump_text_is_read_as_can_utils_writes_it)
{
    static const struct {
        const char *text;
        struct can_frame frame;
    } rows[] = {
        {"123#", {.id = 0x123}},
        {"123#DEADBEEF", {.id = 0x123, .len_bytes = 4, .data = {0xDE, 0xAD, 0xBE, 0xEF}}},
        {"5AA#", {.id = 0x5AA}},
        {"1F334455#1122334455667788",
         {.id = 0x1F334455,
          .flags = CAN_FLAG_EXT,
          .len_bytes = 8,
          .data = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}}},
        {"12345678#R5", {.id = 0x12345678, .flags = CAN_FLAG_EXT | CAN_FLAG_RTR, .len_bytes = 5}},
        {"123#R", {.id = 0x123, .flags = CAN_FLAG_RTR}},
        {"123##0112233",
         {.id = 0x123, .flags = CAN_FLAG_FD, .len_bytes = 3, .data = {0x11, 0x22, 0x33}}},
        {"123##1AABB",
         {.id = 0x123, .flags = CAN_FLAG_FD | CAN_FLAG_BRS, .len_bytes = 2, .data = {0xAA, 0xBB}}},
        {"123##2112233",
         {.id = 0x123,
          .flags = CAN_FLAG_FD | CAN_FLAG_ESI,
          .len_bytes = 3,
          .data = {0x11, 0x22, 0x33}}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct can_frame parsed;
        char text[CAN_TEXT_MAX];
        cr_assert(can_frame_parse(rows[i].text, &parsed), "%s", rows[i].text);
        cr_assert(can_frame_equal(&parsed, &rows[i].frame), "%s", rows[i].text);
        cr_assert_eq(can_frame_print(&parsed, text), strlen(rows[i].text));
        cr_assert_str_eq(text, rows[i].text);
    }
}

Test(can_frame, lower_case_digits_are_accepted)
{
    struct can_frame frame;
    cr_assert(can_frame_parse("7df#02aBcD", &frame));
    cr_assert_eq(frame.id, 0x7DF);
    cr_assert_eq(frame.data[2], 0xCD);
}

Test(can_frame, malformed_text_is_refused_and_changes_nothing)
{
    static const char *const rows[] = {
        "",
        "#",
        "1#",
        "12#00",
        "1234#00",
        "123",
        "800#00",
        "123 #00",
        "20000000#00",
        "FFFFFFFF#00",
        "123456789#",
        "123#0",
        "123#001",
        "123#0G",
        "123#00 ",
        "123#00\n",
        "123#R9",
        "123#RA",
        "123#R12",
        "123#R1 ",
        "123##",
        "123##G",
        "123##8",
        "123##0001",
        "123#-1",
        "123#+1",
        "xyz#00",
        "-12#00",
        "123#0x00",
        "123#001122334455667788",
        "123##000112233445566778899",
        "\xFF\xFF\xFF#00",
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct can_frame frame = {.id = 0x55, .len_bytes = 1, .data = {7}};
        const struct can_frame before = frame;
        cr_assert_not(can_frame_parse(rows[i], &frame), "%s", rows[i]);
        cr_assert(can_frame_equal(&frame, &before), "%s", rows[i]);
    }
}

Test(can_frame, the_longest_frame_prints_within_the_promised_size)
{
    struct can_frame frame = {
        .id = CAN_EXT_ID_MAX, .flags = CAN_FLAG_EXT | CAN_FLAG_FD | CAN_FLAG_BRS, .len_bytes = 64};
    memset(frame.data, 0xA5, sizeof(frame.data));
    char text[CAN_TEXT_MAX];
    struct can_frame parsed;
    cr_assert_eq(can_frame_print(&frame, text), CAN_TEXT_MAX - 1);
    cr_assert(can_frame_parse(text, &parsed));
    cr_assert(can_frame_equal(&parsed, &frame));
}

Test(can_frame, frames_differ_by_identifier_format_length_and_data_but_not_by_remote_data)
{
    const struct can_frame frame = {.id = 0x100, .len_bytes = 2, .data = {1, 2}};
    struct can_frame other = frame;
    other.data[2] = 9; /* Past the end. */
    cr_assert(can_frame_equal(&frame, &other));
    other.data[1] = 9;
    cr_assert_not(can_frame_equal(&frame, &other));
    other = frame;
    other.flags = CAN_FLAG_EXT;
    cr_assert_not(can_frame_equal(&frame, &other));
    const struct can_frame remote = {.id = 1, .flags = CAN_FLAG_RTR, .len_bytes = 2};
    other = remote;
    other.data[0] = 1;
    cr_assert(can_frame_equal(&remote, &other));
    other.len_bytes = 3;
    cr_assert_not(can_frame_equal(&remote, &other));
}
