/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp_pci.c - coding of the protocol control information of ISO 15765-2:2016, 9.6. */
#include "sim/proto/isotp_pci.h"

enum { CLASSIC_LEN = 8, ESCAPED_FIRST_LEN = 6 };

static uint8_t classic_single_max(uint8_t address_len)
{
    return (uint8_t)(CLASSIC_LEN - 1 - address_len);
}

uint8_t isotp_single_max(uint8_t frame_len_max, uint8_t address_len)
{
    if (frame_len_max <= CLASSIC_LEN) {
        return classic_single_max(address_len);
    }
    return (uint8_t)(frame_len_max - 2 - address_len);
}

uint8_t isotp_frame_len(uint8_t len_bytes)
{
    static const uint8_t fd_lengths[] = {12, 16, 20, 24, 32, 48, 64};
    if (len_bytes <= CLASSIC_LEN) {
        return len_bytes;
    }
    for (uint8_t i = 0; i < sizeof fd_lengths; i++) {
        if (len_bytes <= fd_lengths[i]) {
            return fd_lengths[i];
        }
    }
    PROTO_CHECK(false);
    return 0;
}

/* 9.6.2: up to 8 bytes the low nibble holds SF_DL, in longer frames the second byte does. */
static bool decode_single(const uint8_t *frame, uint8_t len, uint8_t address_len,
                          struct isotp_pci *pci)
{
    uint8_t nibble = frame[0] & 0x0Fu;
    if ((uint8_t)(len + address_len) <= CLASSIC_LEN) {
        pci->head_len = 1;
        pci->len = nibble;
        return nibble != 0 && nibble < len;
    }
    pci->head_len = 2;
    pci->len = frame[1];
    return nibble == 0 && frame[1] > classic_single_max(address_len) && frame[1] <= len - 2;
}

/* 9.6.3: a first frame is full, and its FF_DL must not fit a single frame of the same length. */
static bool decode_first(const uint8_t *frame, uint8_t len, uint8_t address_len,
                         struct isotp_pci *pci)
{
    uint8_t frame_len = (uint8_t)(len + address_len);
    if (frame_len < CLASSIC_LEN) {
        return false;
    }
    pci->head_len = 2;
    pci->len = ((uint32_t)(frame[0] & 0x0Fu) << 8) | frame[1];
    if (pci->len == 0) {
        pci->head_len = ESCAPED_FIRST_LEN;
        pci->len = proto_get_u32(frame + 2);
        return pci->len > ISOTP_LEN_MAX;
    }
    return pci->len > isotp_single_max(frame_len, address_len);
}

bool isotp_pci_decode(const uint8_t *frame, uint8_t len_bytes, uint8_t address_len,
                      struct isotp_pci *pci)
{
    if (len_bytes < 1) {
        return false;
    }
    switch (frame[0] >> 4) {
    case ISOTP_PCI_SINGLE:
        pci->type = ISOTP_PCI_SINGLE;
        return decode_single(frame, len_bytes, address_len, pci);
    case ISOTP_PCI_FIRST:
        pci->type = ISOTP_PCI_FIRST;
        return decode_first(frame, len_bytes, address_len, pci);
    case ISOTP_PCI_CONSECUTIVE:
        pci->type = ISOTP_PCI_CONSECUTIVE;
        pci->head_len = 1;
        pci->sn = frame[0] & 0x0Fu;
        return len_bytes > 1;
    case ISOTP_PCI_FLOW_CONTROL:
        if (len_bytes < 3) {
            return false;
        }
        pci->type = ISOTP_PCI_FLOW_CONTROL;
        pci->head_len = 3;
        pci->flow_status = frame[0] & 0x0Fu;
        pci->block_size = frame[1];
        pci->st_min = frame[2];
        return true;
    default: return false;
    }
}

static uint8_t type_byte(enum isotp_pci_type type, uint8_t nibble)
{
    return (uint8_t)(((uint8_t)type << 4) | nibble);
}

uint8_t isotp_pci_encode(const struct isotp_pci *pci, uint8_t address_len, uint8_t head[3])
{
    switch (pci->type) {
    case ISOTP_PCI_SINGLE:
        if (pci->len <= classic_single_max(address_len)) {
            head[0] = type_byte(pci->type, (uint8_t)pci->len);
            return 1;
        }
        head[0] = type_byte(pci->type, 0);
        head[1] = (uint8_t)pci->len;
        return 2;
    case ISOTP_PCI_FIRST:
        PROTO_CHECK(pci->len <= ISOTP_LEN_MAX);
        head[0] = type_byte(pci->type, (uint8_t)(pci->len >> 8));
        head[1] = (uint8_t)pci->len;
        return 2;
    case ISOTP_PCI_CONSECUTIVE: head[0] = type_byte(pci->type, pci->sn & 0x0Fu); return 1;
    case ISOTP_PCI_FLOW_CONTROL:
        head[0] = type_byte(pci->type, pci->flow_status & 0x0Fu);
        head[1] = pci->block_size;
        head[2] = pci->st_min;
        return 3;
    }
    PROTO_CHECK(false);
    return 0;
}

proto_ns_t isotp_st_min_ns(uint8_t code)
{
    if (code <= 0x7Fu) {
        return PROTO_MS(code);
    }
    if (code >= 0xF1u && code <= 0xF9u) {
        return PROTO_US(100) * (uint8_t)(code - 0xF0u);
    }
    return PROTO_MS(0x7F);
}

uint8_t isotp_st_min_code(proto_ns_t gap_ns)
{
    if (gap_ns == 0) {
        return 0;
    }
    for (uint8_t code = 0xF1u; code <= 0xF9u; code++) {
        if (isotp_st_min_ns(code) >= gap_ns) {
            return code;
        }
    }
    for (uint8_t code = 1; code < 0x7Fu; code++) {
        if (isotp_st_min_ns(code) >= gap_ns) {
            return code;
        }
    }
    return 0x7Fu;
}
