/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_wire_tables.h - per-byte tables for CRC and bit stuffing. Private to can_wire.c and
 * its test. */
#ifndef SIM_CAN_CAN_WIRE_TABLES_H
#define SIM_CAN_CAN_WIRE_TABLES_H

#include <stdint.h>

/* Generator polynomials of ISO 11898-1:2015, CRC field, without their highest term. */
#define CAN_CRC15_POLY 0x4599u
#define CAN_CRC17_POLY 0x1685Bu
#define CAN_CRC21_POLY 0x102899u

/* [n][byte]: what the byte adds to the CRC if n more bytes follow it. */
extern const uint16_t can_crc15_table[4][256];
extern const uint32_t can_crc17_table[256];
extern const uint32_t can_crc21_table[256];

/* A stuffing state is (last bit sent) * 4 + (length of the run of equal bits - 1). The run never
 * stays at five: the stuff bit follows at once and starts a run of one. */
enum { CAN_STUFF_STATES = 8 };
#define CAN_STUFF_STATE(bit, run) ((uint8_t)((bit)*4 + (run)-1))

/* [byte], and in it 8 bits a state, from the lowest on: the state after the byte * 8 + the stuff
 * bits inserted while it is sent. So the next state is one shift away, and not one look-up. */
extern const uint64_t can_stuff_table[256];
#define CAN_STUFF_SHIFT(state) ((unsigned)(state)*8)
#define CAN_STUFF_BITS         0x07u
#define CAN_STUFF_NEXT_SHIFT   0x38u /* Masks out the CAN_STUFF_SHIFT() of the state after it. */

#endif
