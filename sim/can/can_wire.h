/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_wire.h - how long a frame really is: bits on the wire, stuffing and CRC included.
 *
 * The bit sequence is built as ISO 11898-1 says, its CRC is computed (CRC-15 for classical frames,
 * CRC-17 and CRC-21 for FD) and its stuff bits are counted, so durations are exact and not an
 * estimate. Pure functions. */
#ifndef SIM_CAN_WIRE_H
#define SIM_CAN_WIRE_H

#include "sim/base.h"
#include "sim/can/can_frame.h"

struct can_wire {
    uint16_t
        nominal_bits;    /* Bits at the nominal rate, SOF to the end of EOF, stuff bits included. */
    uint16_t data_bits;  /* Bits at the data rate (FD with BRS), stuff bits included. */
    uint16_t stuff_bits; /* Of both, dynamic and fixed. */
    uint32_t crc;
};

/* Bit times after EOF before the next SOF. */
enum { CAN_INTERMISSION_BITS = 3, CAN_SUSPEND_BITS = 8, CAN_BUS_OFF_RECOVERY_BITS = 128 * 11 };

struct can_wire can_wire_measure(const struct can_frame *frame);

/* Time of SOF to the end of EOF. data_bps is used for FD frames with BRS only. */
sim_ns_t can_wire_duration_ns(const struct can_wire *wire, uint32_t nominal_bps, uint32_t data_bps);

/* CRC-15 of ISO 11898-1 over len_bits bits, most significant bit of bits[0] first. */
uint16_t can_crc15(const uint8_t *bits, size_t len_bits);

#endif
