/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/crc.h - the checks that images, segments and records carry. Streaming: start with the
 * INIT value, feed pieces, and compare what the last call returned. */
#ifndef SIM_PROTO_CRC_H
#define SIM_PROTO_CRC_H

#include "sim/proto/proto.h"

#define CRC32_INIT     0u
#define CRC16_INIT     0xFFFFu
#define CRC16_X25_INIT 0u
#define SUM8_INIT      0u

/* CRC-32/ISO-HDLC (the one of zip and Ethernet); check value of "123456789": 0xCBF43926. */
uint32_t crc32_update(uint32_t crc, const uint8_t *data, uint16_t len_bytes);
/* CRC-16/IBM-3740 ("CCITT-FALSE"); check value 0x29B1. */
uint16_t crc16_update(uint16_t crc, const uint8_t *data, uint16_t len_bytes);
/* CRC-16/IBM-SDLC ("X-25"); check value 0x906E. */
uint16_t crc16_x25_update(uint16_t crc, const uint8_t *data, uint16_t len_bytes);
/* Plain sum modulo 256. */
uint8_t sum8_update(uint8_t sum, const uint8_t *data, uint16_t len_bytes);

#endif
