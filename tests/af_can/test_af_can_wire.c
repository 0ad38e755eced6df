/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can_wire.c - frames of sockets and of a bus, and fields of frames by bit. */
#include "guest/af_can/af_can_wire.h"
#include "sim/can/can_wire.h"
#include "tests/af_can/af_can_rig.h"

struct vector {
    struct af_can_wire_frame wire;
    size_t size_bytes;
    const char *bus; /* Text as candump -l writes it. */
};

/* The left side is what candump -x would show of the right one. */
static const struct vector both_ways[] = {
    {{.can_id = 0x123, .len = 2, .data = {0xDE, 0xAD}}, AF_CAN_MTU, "123#DEAD"},
    {{.can_id = 0x7FF}, AF_CAN_MTU, "7FF#"},
    {{.can_id = 0x12345678 | CAN_EFF_FLAG, .len = 1, .data = {1}}, AF_CAN_MTU, "12345678#01"},
    {{.can_id = 0x123 | CAN_EFF_FLAG}, AF_CAN_MTU, "00000123#"},
    {{.can_id = 0x123 | CAN_RTR_FLAG, .len = 8}, AF_CAN_MTU, "123#R8"},
    {{.can_id = 0x123, .flags = CANFD_FDF}, AF_CANFD_MTU, "123##0"},
    {{.can_id = 0x123, .flags = CANFD_FDF | CANFD_BRS, .len = 1, .data = {0xAA}},
     AF_CANFD_MTU,
     "123##1AA"},
    {{.can_id = 0x123, .flags = CANFD_FDF | CANFD_ESI | CANFD_BRS, .len = 12, .data = {1}},
     AF_CANFD_MTU,
     "123##3010000000000000000000000"},
};

Test(af_can_wire, frames_are_the_same_on_both_sides)
{
    for (size_t i = 0; i < ARRAY_SIZE(both_ways); i++) {
        const struct vector *row = &both_ways[i];
        char text[CAN_TEXT_MAX];
        const struct can_frame frame = af_can_wire_to_bus(&row->wire, row->size_bytes);
        can_frame_print(&frame, text);
        cr_expect_str_eq(text, row->bus);
        struct af_can_wire_frame back;
        cr_expect_eq(af_can_wire_from_bus(&frame, &back), row->size_bytes);
        cr_expect_eq(memcmp(&back, &row->wire, sizeof(back)), 0, "row %zu", i);
    }
}

/* What drivers do with what no frame can carry. */
static const struct vector one_way[] = {
    {{.can_id = 0x12345678, .len = 1, .data = {1}}, AF_CAN_MTU, "678#01"},
    {{.can_id = 0x123, .flags = 0xFF, .len8_dlc = 15, .len = 8},
     AF_CAN_MTU,
     "123#0000000000000000"},
    {{.can_id = 0x123 | CAN_RTR_FLAG, .len = 2, .data = {1, 2}}, AF_CAN_MTU, "123#R2"},
    {{.can_id = 0x123 | CAN_RTR_FLAG, .len = 1, .data = {1}}, AF_CANFD_MTU, "123##001"},
    {{.can_id = 0x123 | CAN_ERR_FLAG}, AF_CAN_MTU, "123#"},
    {{.can_id = 0x123, .len = 9, .data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0xFF}},
     AF_CANFD_MTU,
     "123##0010203040506070809000000"},
};

Test(af_can_wire, what_a_format_does_not_know_is_left_out_on_the_bus)
{
    for (size_t i = 0; i < ARRAY_SIZE(one_way); i++) {
        char text[CAN_TEXT_MAX];
        const struct can_frame frame = af_can_wire_to_bus(&one_way[i].wire, one_way[i].size_bytes);
        cr_expect(can_frame_valid(&frame));
        can_frame_print(&frame, text);
        cr_expect_str_eq(text, one_way[i].bus);
    }
}

Test(af_can_wire, size_and_length_must_agree)
{
    const struct af_can_wire_frame eight = {.len = 8};
    const struct af_can_wire_frame nine = {.len = 9};
    const struct af_can_wire_frame too_long = {.len = 65};
    cr_assert(af_can_wire_is_classical(&eight, AF_CAN_MTU));
    cr_assert_not(af_can_wire_is_classical(&nine, AF_CAN_MTU));
    cr_assert_not(af_can_wire_is_classical(&eight, AF_CANFD_MTU));
    cr_assert(af_can_wire_is_fd(&nine, AF_CANFD_MTU));
    cr_assert_not(af_can_wire_is_fd(&too_long, AF_CANFD_MTU));
    cr_assert_not(af_can_wire_is_fd(&eight, AF_CAN_MTU));
}

/* 555#55 alternates without a stuff bit up to the CRC; 000# has one after every five bits. The
 * field boundaries are those of ISO 11898-1. */
Test(af_can_wire, a_bit_lies_in_the_field_that_the_standard_puts_there)
{
    static const struct {
        const char *frame;
        unsigned bit;
        uint8_t location;
    } rows[] = {
        {"555#55", 0, CAN_ERR_PROT_LOC_SOF},
        {"555#55", 1, CAN_ERR_PROT_LOC_ID28_21},
        {"555#55", 8, CAN_ERR_PROT_LOC_ID28_21},
        {"555#55", 9, CAN_ERR_PROT_LOC_ID20_18},
        {"555#55", 12, CAN_ERR_PROT_LOC_SRTR},
        {"555#55", 13, CAN_ERR_PROT_LOC_IDE},
        {"555#55", 14, CAN_ERR_PROT_LOC_RES0},
        {"555#55", 15, CAN_ERR_PROT_LOC_DLC},
        /* RTR, IDE, r0, DLC 0001: a stuff bit comes after the fifth zero, bit 16. */
        {"555#55", 17, CAN_ERR_PROT_LOC_DLC},
        {"555#55", 19, CAN_ERR_PROT_LOC_DLC},
        {"555#55", 20, CAN_ERR_PROT_LOC_DATA},
        {"555#55", 27, CAN_ERR_PROT_LOC_DATA},
        {"555#55", 28, CAN_ERR_PROT_LOC_CRC_SEQ},
        /* SOF and four bits, a stuff bit: bit 5. From there on one in five. */
        {"000#", 5, CAN_ERR_PROT_LOC_ID28_21},
        {"000#", 9, CAN_ERR_PROT_LOC_ID28_21},
        {"000#", 10, CAN_ERR_PROT_LOC_ID20_18},
        /* The stuff bit after five zeros is the first of the next run. */
        {"07F#", 10, CAN_ERR_PROT_LOC_ID28_21},
        {"07F#", 11, CAN_ERR_PROT_LOC_ID20_18},
        {"15555555#", 13, CAN_ERR_PROT_LOC_IDE},
        {"15555555#R0", 31, CAN_ERR_PROT_LOC_ID04_00},
        {"15555555#R0", 32, CAN_ERR_PROT_LOC_RTR},
        {"15555555#R0", 33, CAN_ERR_PROT_LOC_RES1},
        {"555##055", 14, CAN_ERR_PROT_LOC_RES0},
        {"555##055", 18, CAN_ERR_PROT_LOC_DLC},
        {"555##055", 22, CAN_ERR_PROT_LOC_DLC}, /* res, BRS, ESI, DLC 0: a stuff bit before it. */
        {"555##055", 24, CAN_ERR_PROT_LOC_DATA},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct can_frame frame;
        cr_assert(can_frame_parse(rows[i].frame, &frame));
        const unsigned location = af_can_wire_location(&frame, rows[i].bit);
        cr_expect_eq(location, rows[i].location, "row %zu: %02X", i, location);
    }
}

Test(af_can_wire, the_end_of_a_frame_is_counted_from_its_last_bit)
{
    static const char *const frames[] = {"123#", "12345678#1122334455667788", "123##1AABBCC",
                                         "12345678##0"};
    for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
        struct can_frame frame;
        cr_assert(can_frame_parse(frames[i], &frame));
        const struct can_wire wire = can_wire_measure(&frame);
        const unsigned total = (unsigned)wire.nominal_bits + wire.data_bits;
        cr_expect_eq(af_can_wire_location(&frame, total - 1), CAN_ERR_PROT_LOC_EOF);
        cr_expect_eq(af_can_wire_location(&frame, total - 7), CAN_ERR_PROT_LOC_EOF);
        cr_expect_eq(af_can_wire_location(&frame, total - 8), CAN_ERR_PROT_LOC_ACK_DEL);
        cr_expect_eq(af_can_wire_location(&frame, total - 9), CAN_ERR_PROT_LOC_ACK);
        cr_expect_eq(af_can_wire_location(&frame, total - 10), CAN_ERR_PROT_LOC_CRC_DEL);
        cr_expect_eq(af_can_wire_location(&frame, total - 11), CAN_ERR_PROT_LOC_CRC_SEQ);
    }
}
