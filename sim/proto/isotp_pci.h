/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp_pci.h - the protocol control information at the head of every ISO 15765-2 frame,
 * and the STmin code. Pure functions; addresses and state are the caller's.
 *
 * `frame` is what follows the address byte (or the whole payload with normal addressing), and
 * address_len says whether there was one: the limits of SF_DL and FF_DL depend on it. */
#ifndef SIM_PROTO_ISOTP_PCI_H
#define SIM_PROTO_ISOTP_PCI_H

#include "sim/proto/proto.h"

enum isotp_pci_type {
    ISOTP_PCI_SINGLE = 0,
    ISOTP_PCI_FIRST = 1,
    ISOTP_PCI_CONSECUTIVE = 2,
    ISOTP_PCI_FLOW_CONTROL = 3,
};

enum isotp_flow_status { ISOTP_FS_CONTINUE = 0, ISOTP_FS_WAIT = 1, ISOTP_FS_OVERFLOW = 2 };

enum { ISOTP_LEN_MAX = 4095 };

struct isotp_pci {
    enum isotp_pci_type type;
    uint8_t head_len;    /* Bytes before the data, address byte not counted. */
    uint32_t len;        /* Single and first frame: length of the message. */
    uint8_t sn;          /* Consecutive frame. */
    uint8_t flow_status; /* Flow control; values above 2 are reserved. */
    uint8_t block_size;
    uint8_t st_min;
};

/* False: not a valid frame, to be ignored (reserved type, or a length that ISO 15765-2 calls
 * wrong). */
bool isotp_pci_decode(const uint8_t *frame, uint8_t len_bytes, uint8_t address_len,
                      struct isotp_pci *pci);
/* Writes the head of a frame and returns its length. A single frame of more than 7 bytes (6 with an
 * address byte) gets the escape of CAN FD. */
uint8_t isotp_pci_encode(const struct isotp_pci *pci, uint8_t address_len, uint8_t head[3]);

/* The longest message for a single frame of frame_len_max bytes. */
uint8_t isotp_single_max(uint8_t frame_len_max, uint8_t address_len);
/* The frame length that carries len_bytes: itself up to 8, then the next CAN FD length. */
uint8_t isotp_frame_len(uint8_t len_bytes);

/* ISO 15765-2, STmin: 00-7F milliseconds, F1-F9 hundreds of microseconds; reserved values count as
 * the longest time, 127 ms. */
proto_ns_t isotp_st_min_ns(uint8_t code);
/* The smallest code that lasts at least gap_ns; 7F for all above 127 ms. */
uint8_t isotp_st_min_code(proto_ns_t gap_ns);

#endif
