/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/sha1.c - SHA-1 after FIPS 180-4, section 6.1.3: the schedule is kept in a ring of
 * 16 words, because a bootloader has little stack. */
#include "sim/proto/sha1.h"

#include <string.h>

enum { BLOCK_LEN = 64, LENGTH_AT = 56, ROUNDS = 80 };

static uint32_t rotate_left(uint32_t value, uint8_t bits)
{
    return (value << bits) | (value >> (32u - bits));
}

/* FIPS 180-4, 4.1.1 and 4.2.1: function and constant of one round. */
static uint32_t round_term(uint8_t round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20) {
        return ((b & c) | (~b & d)) + 0x5A827999u;
    }
    if (round < 40) {
        return (b ^ c ^ d) + 0x6ED9EBA1u;
    }
    if (round < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu;
    }
    return (b ^ c ^ d) + 0xCA62C1D6u;
}

static uint32_t schedule(uint32_t ring[16], uint8_t round)
{
    uint8_t at = round & 15u;
    if (round >= 16) {
        uint32_t mixed = ring[(at + 13u) & 15u] ^ ring[(at + 8u) & 15u] ^ ring[(at + 2u) & 15u];
        ring[at] = rotate_left(mixed ^ ring[at], 1);
    }
    return ring[at];
}

static void take_block(uint32_t state[5], const uint8_t block[BLOCK_LEN])
{
    uint32_t ring[16];
    for (uint8_t i = 0; i < 16; i++) {
        ring[i] = proto_get_u32(block + 4u * i);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (uint8_t round = 0; round < ROUNDS; round++) {
        uint32_t next = rotate_left(a, 5) + round_term(round, b, c, d) + e + schedule(ring, round);
        e = d;
        d = c;
        c = rotate_left(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void sha1_init(struct sha1 *sha)
{
    memset(sha, 0, sizeof *sha);
    sha->state[0] = 0x67452301u;
    sha->state[1] = 0xEFCDAB89u;
    sha->state[2] = 0x98BADCFEu;
    sha->state[3] = 0x10325476u;
    sha->state[4] = 0xC3D2E1F0u;
}

void sha1_update(struct sha1 *sha, const uint8_t *data, uint16_t len_bytes)
{
    sha->len_bytes += len_bytes;
    while (len_bytes > 0) {
        if (sha->used == 0 && len_bytes >= BLOCK_LEN) {
            take_block(sha->state, data);
            data += BLOCK_LEN;
            len_bytes = (uint16_t)(len_bytes - BLOCK_LEN);
            continue;
        }
        uint16_t room = (uint16_t)(BLOCK_LEN - sha->used);
        uint16_t step = len_bytes < room ? len_bytes : room;
        memcpy(sha->block + sha->used, data, step);
        sha->used = (uint8_t)(sha->used + step);
        data += step;
        len_bytes = (uint16_t)(len_bytes - step);
        if (sha->used == BLOCK_LEN) {
            take_block(sha->state, sha->block);
            sha->used = 0;
        }
    }
}

void sha1_final(struct sha1 *sha, uint8_t digest[SHA1_LEN])
{
    uint32_t len_bytes = sha->len_bytes;
    sha->block[sha->used++] = 0x80u;
    if (sha->used > LENGTH_AT) {
        memset(sha->block + sha->used, 0, (size_t)(BLOCK_LEN - sha->used));
        take_block(sha->state, sha->block);
        sha->used = 0;
    }
    memset(sha->block + sha->used, 0, (size_t)(LENGTH_AT - sha->used));
    proto_put_u32(sha->block + LENGTH_AT, len_bytes >> 29);
    proto_put_u32(sha->block + LENGTH_AT + 4, len_bytes << 3);
    take_block(sha->state, sha->block);
    for (uint8_t i = 0; i < 5; i++) {
        proto_put_u32(digest + 4u * i, sha->state[i]);
    }
}
