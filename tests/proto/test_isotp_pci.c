/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_isotp_pci.c - protocol control information and STmin against the tables of
 * ISO 15765-2:2016, 9.6. */
#include "sim/proto/isotp_pci.h"

#include <criterion/criterion.h>
#include <string.h>

/* Values of STmin: table "Definition of STmin values". */
Test(isotp_pci, st_min_follows_the_table_of_the_standard)
{
    for (unsigned code = 0; code <= 0xFF; code++) {
        proto_ns_t expected = PROTO_MS(127);
        if (code <= 0x7F) {
            expected = (proto_ns_t)code * 1000000;
        } else if (code >= 0xF1 && code <= 0xF9) {
            expected = (proto_ns_t)(code & 0x0F) * 100000;
        }
        cr_assert_eq(isotp_st_min_ns((uint8_t)code), expected, "STmin %02X", code);
    }
}

Test(isotp_pci, st_min_code_never_promises_less_than_was_asked)
{
    cr_assert_eq(isotp_st_min_code(0), 0);
    cr_assert_eq(isotp_st_min_code(1), 0xF1);
    cr_assert_eq(isotp_st_min_code(PROTO_US(100)), 0xF1);
    cr_assert_eq(isotp_st_min_code(PROTO_US(101)), 0xF2);
    cr_assert_eq(isotp_st_min_code(PROTO_US(900)), 0xF9);
    cr_assert_eq(isotp_st_min_code(PROTO_US(901)), 1);
    cr_assert_eq(isotp_st_min_code(PROTO_MS(127)), 0x7F);
    cr_assert_eq(isotp_st_min_code(PROTO_MS(500)), 0x7F);
}

/* One row a rule of 9.6.2 (single frame), 9.6.3 (first frame), 9.6.4 and 9.6.5. */
static const struct {
    const char *rule;
    uint8_t len;
    uint8_t address_len;
    uint8_t head[6];
    bool valid;
    enum isotp_pci_type type;
    uint32_t message_len;
} rows[] = {
    {"SF_DL 0 is ignored", 8, 0, {0x00}, false, ISOTP_PCI_SINGLE, 0},
    {"SF_DL 7 in 8 bytes", 8, 0, {0x07}, true, ISOTP_PCI_SINGLE, 7},
    {"SF_DL 8 is no value", 8, 0, {0x08}, false, ISOTP_PCI_SINGLE, 0},
    {"SF without padding", 4, 0, {0x03}, true, ISOTP_PCI_SINGLE, 3},
    {"SF shorter than SF_DL", 3, 0, {0x03}, false, ISOTP_PCI_SINGLE, 0},
    {"SF_DL 6 with an address", 7, 1, {0x06}, true, ISOTP_PCI_SINGLE, 6},
    {"SF_DL 7 with an address", 7, 1, {0x07}, false, ISOTP_PCI_SINGLE, 0},
    {"escape in a classical frame", 8, 0, {0x00, 0x03}, false, ISOTP_PCI_SINGLE, 0},
    {"short form in a long frame", 12, 0, {0x05}, false, ISOTP_PCI_SINGLE, 0},
    {"escaped SF_DL 7 is reserved", 12, 0, {0x00, 0x07}, false, ISOTP_PCI_SINGLE, 0},
    {"escaped SF_DL 7 with an address", 11, 1, {0x00, 0x07}, true, ISOTP_PCI_SINGLE, 7},
    {"escaped SF_DL 10 in 12 bytes", 12, 0, {0x00, 0x0A}, true, ISOTP_PCI_SINGLE, 10},
    {"escaped SF_DL 11 in 12 bytes", 12, 0, {0x00, 0x0B}, false, ISOTP_PCI_SINGLE, 0},
    {"escaped SF_DL 62 in 64 bytes", 64, 0, {0x00, 0x3E}, true, ISOTP_PCI_SINGLE, 62},
    {"FF_DL 8 is the least", 8, 0, {0x10, 0x08}, true, ISOTP_PCI_FIRST, 8},
    {"FF_DL 7 fits a single frame", 8, 0, {0x10, 0x07}, false, ISOTP_PCI_FIRST, 0},
    {"FF_DL 7 with an address", 7, 1, {0x10, 0x07}, true, ISOTP_PCI_FIRST, 7},
    {"FF_DL 6 with an address", 7, 1, {0x10, 0x06}, false, ISOTP_PCI_FIRST, 0},
    {"FF_DL 4095", 8, 0, {0x1F, 0xFF}, true, ISOTP_PCI_FIRST, 4095},
    {"FF in a short frame", 7, 0, {0x10, 0x20}, false, ISOTP_PCI_FIRST, 0},
    {"FF_DL 62 fits a frame of 64", 64, 0, {0x10, 0x3E}, false, ISOTP_PCI_FIRST, 0},
    {"FF_DL 63 in a frame of 64", 64, 0, {0x10, 0x3F}, true, ISOTP_PCI_FIRST, 63},
    {"escaped FF_DL 4096", 8, 0, {0x10, 0, 0, 0, 0x10, 0}, true, ISOTP_PCI_FIRST, 4096},
    {"escaped FF_DL 4095", 8, 0, {0x10, 0, 0, 0, 0x0F, 0xFF}, false, ISOTP_PCI_FIRST, 0},
    {"CF without data", 1, 0, {0x21}, false, ISOTP_PCI_CONSECUTIVE, 0},
    {"CF", 2, 0, {0x21}, true, ISOTP_PCI_CONSECUTIVE, 0},
    {"FC of 3 bytes", 3, 0, {0x30}, true, ISOTP_PCI_FLOW_CONTROL, 0},
    {"FC of 2 bytes", 2, 0, {0x30}, false, ISOTP_PCI_FLOW_CONTROL, 0},
    {"reserved type 4", 8, 0, {0x40}, false, ISOTP_PCI_SINGLE, 0},
    {"reserved type F", 8, 0, {0xF0}, false, ISOTP_PCI_SINGLE, 0},
    {"empty frame", 0, 0, {0}, false, ISOTP_PCI_SINGLE, 0},
};

Test(isotp_pci, frames_are_accepted_and_refused_by_the_rules_of_the_standard)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t frame[64] = {0};
        memcpy(frame, rows[i].head, sizeof rows[i].head);
        struct isotp_pci pci = {0};
        bool valid = isotp_pci_decode(frame, rows[i].len, rows[i].address_len, &pci);
        cr_assert_eq(valid, rows[i].valid, "%s", rows[i].rule);
        if (valid) {
            cr_assert_eq(pci.type, rows[i].type, "%s", rows[i].rule);
        }
        if (valid && pci.type <= ISOTP_PCI_FIRST) {
            cr_assert_eq(pci.len, rows[i].message_len, "%s", rows[i].rule);
        }
    }
}

Test(isotp_pci, flow_control_carries_status_block_size_and_st_min)
{
    const uint8_t frame[] = {0x31, 0x05, 0xF3};
    struct isotp_pci pci;
    cr_assert(isotp_pci_decode(frame, sizeof frame, 0, &pci));
    cr_assert_eq(pci.flow_status, ISOTP_FS_WAIT);
    cr_assert_eq(pci.block_size, 5);
    cr_assert_eq(pci.st_min, 0xF3);
}

Test(isotp_pci, what_is_encoded_is_decoded)
{
    for (uint8_t address_len = 0; address_len <= 1; address_len++) {
        for (uint32_t len = 8; len <= ISOTP_LEN_MAX; len++) {
            struct isotp_pci pci = {.type = ISOTP_PCI_FIRST, .len = len};
            struct isotp_pci again;
            uint8_t frame[8] = {0};
            cr_assert_eq(isotp_pci_encode(&pci, address_len, frame), 2);
            cr_assert(isotp_pci_decode(frame, (uint8_t)(8 - address_len), address_len, &again));
            cr_assert_eq(again.len, len);
        }
    }
}

/* ISO 11898-1: DLC 9 to 15. */
Test(isotp_pci, long_frames_have_the_lengths_of_can_fd)
{
    static const uint8_t ends[] = {12, 16, 20, 24, 32, 48, 64};
    uint8_t len = 0;
    for (; len <= 8; len++) {
        cr_assert_eq(isotp_frame_len(len), len);
    }
    for (size_t i = 0; i < sizeof ends; i++) {
        for (; len <= ends[i]; len++) {
            cr_assert_eq(isotp_frame_len(len), ends[i]);
        }
    }
}
