/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_wire.h - how long a frame really is: bits on the wire, stuffing and CRC included.
 *
 * The bit sequence is built as ISO 11898-1 says, its CRC is computed (CRC-15 for classical frames,
 * CRC-17 and CRC-21 for FD) and its stuff bits are counted, so durations are exact and not an
 * estimate. Pure functions.
 *
 * With bit rate switching the rate changes at the sample points of the BRS bit and of the CRC
 * delimiter, so each of these two bits is partly slow and partly fast. Together they last one bit
 * of each rate if both rates sample at the same fraction of a bit; so BRS counts as a nominal bit
 * here and the CRC delimiter as a data bit. */
#ifndef SIM_CAN_CAN_WIRE_H
#define SIM_CAN_CAN_WIRE_H

#include "sim/base.h"
#include "sim/can/can_frame.h"

struct can_wire {
    uint16_t
        nominal_bits;    /* Bits at the nominal rate, SOF to the end of EOF, stuff bits included. */
    uint16_t data_bits;  /* Bits at the data rate (FD with BRS), stuff bits included. */
    uint16_t stuff_bits; /* Of both, dynamic and fixed. */
    uint16_t switch_bit; /* FD: index of the first bit after BRS, from SOF. Classical: 0. */
    uint32_t crc;
};

/* Bit times after EOF before the next SOF. */
enum { CAN_INTERMISSION_BITS = 3, CAN_SUSPEND_BITS = 8, CAN_BUS_OFF_RECOVERY_BITS = 128 * 11 };

/* ACK slot, ACK delimiter and the seven bits of EOF: what follows the CRC delimiter. */
enum { CAN_TRAILER_BITS = 1 + 1 + 7 };

struct can_wire can_wire_measure(const struct can_frame *frame);
/* The same in place: moved as a whole right after it was filled, it would wait for its parts. */
void can_wire_fill(struct can_wire *wire, const struct can_frame *frame);

/* Time of SOF to the end of EOF. data_bps is used for FD frames with BRS only. */
sim_ns_t can_wire_duration_ns(const struct can_wire *wire, uint32_t nominal_bps, uint32_t data_bps);

/* Time of SOF to the start of bit number bit (to the end of EOF if there is no such bit), and the
 * number of the bit that is on the wire elapsed_ns after the start of SOF. */
sim_ns_t can_wire_prefix_ns(const struct can_wire *wire, uint16_t bit, uint32_t nominal_bps,
                            uint32_t data_bps);
uint16_t can_wire_bit_at(const struct can_wire *wire, sim_ns_t elapsed_ns, uint32_t nominal_bps,
                         uint32_t data_bps);

/* Where two frames first differ on the wire, from SOF, stuff bits included. Frames that are equal
 * (can_frame_equal) have no such place: programming error. */
uint16_t can_wire_first_difference(const struct can_frame *a, const struct can_frame *b);

/* CRC-15 of ISO 11898-1 over len_bits bits, most significant bit of bits[0] first. */
uint16_t can_crc15(const uint8_t *bits, size_t len_bits);

#endif
