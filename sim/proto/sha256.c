/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/sha256.c - SHA-256 after FIPS 180-4, section 6.2: the schedule is kept in a ring of
 * 16 words, because a bootloader has little stack. */
#include "sim/proto/sha256.h"

#include <string.h>

enum { LENGTH_AT = 56, ROUNDS = 64 };

/* FIPS 180-4, 4.2.2. */
static const uint32_t round_constants[ROUNDS] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u,
};

static uint32_t rotate_right(uint32_t value, uint8_t bits)
{
    return (value >> bits) | (value << (32u - bits));
}

static uint32_t sigma(uint32_t x, uint8_t a, uint8_t b, uint32_t last)
{
    return rotate_right(x, a) ^ rotate_right(x, b) ^ last;
}

static uint32_t schedule(uint32_t ring[16], uint8_t round)
{
    uint8_t at = round & 15u;
    if (round >= 16) {
        uint32_t x = ring[(at + 1u) & 15u];
        uint32_t y = ring[(at + 14u) & 15u];
        ring[at] += sigma(x, 7, 18, x >> 3) + ring[(at + 9u) & 15u] + sigma(y, 17, 19, y >> 10);
    }
    return ring[at];
}

static void take_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK_LEN])
{
    uint32_t ring[16];
    uint32_t v[8];
    for (uint8_t i = 0; i < 16; i++) {
        ring[i] = proto_get_u32(block + 4u * i);
    }
    memcpy(v, state, sizeof v);
    for (uint8_t round = 0; round < ROUNDS; round++) {
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t first = v[7] + sigma(v[4], 6, 11, rotate_right(v[4], 25)) + choice +
                         round_constants[round] + schedule(ring, round);
        uint32_t second = sigma(v[0], 2, 13, rotate_right(v[0], 22)) + majority;
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += first;
        v[0] = first + second;
    }
    for (uint8_t i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

void sha256_init(struct sha256 *sha)
{
    static const uint32_t start[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                      0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
    memset(sha, 0, sizeof *sha);
    memcpy(sha->state, start, sizeof start);
}

void sha256_update(struct sha256 *sha, const uint8_t *data, uint16_t len_bytes)
{
    sha->len_bytes += len_bytes;
    while (len_bytes > 0) {
        uint16_t room = (uint16_t)(SHA256_BLOCK_LEN - sha->used);
        uint16_t step = len_bytes < room ? len_bytes : room;
        memcpy(sha->block + sha->used, data, step);
        sha->used = (uint8_t)(sha->used + step);
        data += step;
        len_bytes = (uint16_t)(len_bytes - step);
        if (sha->used == SHA256_BLOCK_LEN) {
            take_block(sha->state, sha->block);
            sha->used = 0;
        }
    }
}

void sha256_final(struct sha256 *sha, uint8_t digest[SHA256_LEN])
{
    uint32_t len_bytes = sha->len_bytes;
    sha->block[sha->used++] = 0x80u;
    if (sha->used > LENGTH_AT) {
        memset(sha->block + sha->used, 0, (size_t)(SHA256_BLOCK_LEN - sha->used));
        take_block(sha->state, sha->block);
        sha->used = 0;
    }
    memset(sha->block + sha->used, 0, (size_t)(LENGTH_AT - sha->used));
    proto_put_u32(sha->block + LENGTH_AT, len_bytes >> 29);
    proto_put_u32(sha->block + LENGTH_AT + 4, len_bytes << 3);
    take_block(sha->state, sha->block);
    for (uint8_t i = 0; i < 8; i++) {
        proto_put_u32(digest + 4u * i, sha->state[i]);
    }
}

static void begin_padded(struct sha256 *sha, const uint8_t *key, uint8_t key_len, uint8_t pad)
{
    uint8_t block[SHA256_BLOCK_LEN];
    for (uint8_t i = 0; i < SHA256_BLOCK_LEN; i++) {
        block[i] = (uint8_t)(pad ^ (i < key_len ? key[i] : 0u));
    }
    sha256_init(sha);
    sha256_update(sha, block, sizeof block);
}

void sha256_hmac(const uint8_t *key, uint8_t key_len, const uint8_t *data, uint16_t len_bytes,
                 uint8_t mac[SHA256_LEN])
{
    struct sha256 sha;
    PROTO_CHECK(key_len <= SHA256_BLOCK_LEN);
    begin_padded(&sha, key, key_len, 0x36u);
    sha256_update(&sha, data, len_bytes);
    sha256_final(&sha, mac);
    begin_padded(&sha, key, key_len, 0x5Cu);
    sha256_update(&sha, mac, SHA256_LEN);
    sha256_final(&sha, mac);
}
