/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/sha256.h - SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104), for a bootloader, which
 * has no library to call. */
#ifndef SIM_PROTO_SHA256_H
#define SIM_PROTO_SHA256_H

#include "sim/proto/proto.h"

enum { SHA256_LEN = 32, SHA256_BLOCK_LEN = 64 };

struct sha256 {
    uint32_t state[8];
    uint32_t len_bytes; /* Messages up to 512 MB. */
    uint8_t block[SHA256_BLOCK_LEN];
    uint8_t used;
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const uint8_t *data, uint16_t len_bytes);
void sha256_final(struct sha256 *sha, uint8_t digest[SHA256_LEN]);

/* key_len at most SHA256_BLOCK_LEN: longer keys would have to be hashed first. */
void sha256_hmac(const uint8_t *key, uint8_t key_len, const uint8_t *data, uint16_t len_bytes,
                 uint8_t mac[SHA256_LEN]);

#endif
