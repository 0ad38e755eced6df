/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/crc.c - CRCs by nibble tables: 96 bytes of constants, which a bootloader can afford,
 * and two look-ups a byte. */
#include "sim/proto/crc.h"

/* Remainders of a nibble for the reflected polynomial 0xEDB88320. */
static const uint32_t crc32_nibbles[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
    0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
    0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};

/* Remainders of a nibble for the polynomial 0x1021. */
static const uint16_t crc16_nibbles[16] = {
    0x0000u, 0x1021u, 0x2042u, 0x3063u, 0x4084u, 0x50A5u, 0x60C6u, 0x70E7u,
    0x8108u, 0x9129u, 0xA14Au, 0xB16Bu, 0xC18Cu, 0xD1ADu, 0xE1CEu, 0xF1EFu,
};

uint32_t crc32_update(uint32_t crc, const uint8_t *data, uint16_t len_bytes)
{
    crc = ~crc;
    for (uint16_t i = 0; i < len_bytes; i++) {
        crc ^= data[i];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0x0Fu];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0x0Fu];
    }
    return ~crc;
}

static uint16_t crc16_nibble(uint16_t crc, uint8_t nibble)
{
    uint8_t index = (uint8_t)((crc >> 12) ^ nibble);
    return (uint16_t)((uint16_t)(crc << 4) ^ crc16_nibbles[index]);
}

uint16_t crc16_update(uint16_t crc, const uint8_t *data, uint16_t len_bytes)
{
    for (uint16_t i = 0; i < len_bytes; i++) {
        crc = crc16_nibble(crc, (uint8_t)(data[i] >> 4));
        crc = crc16_nibble(crc, (uint8_t)(data[i] & 0x0Fu));
    }
    return crc;
}

/* Rare and short: bit by bit, so that no second table takes room in the boot block. */
uint16_t crc16_x25_update(uint16_t crc, const uint8_t *data, uint16_t len_bytes)
{
    crc = (uint16_t)~crc;
    for (uint16_t i = 0; i < len_bytes; i++) {
        crc ^= data[i];
        for (uint8_t bit = 0; bit < 8; bit++) {
            crc = (uint16_t)((crc & 1u) != 0 ? (crc >> 1) ^ 0x8408u : crc >> 1);
        }
    }
    return (uint16_t)~crc;
}

uint8_t sum8_update(uint8_t sum, const uint8_t *data, uint16_t len_bytes)
{
    for (uint16_t i = 0; i < len_bytes; i++) {
        sum = (uint8_t)(sum + data[i]);
    }
    return sum;
}
