/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/sha1.h - SHA-1 (FIPS 180-4) for the bootloader, which has no library to call. Good
 * against faults, not against attackers: the paper uses it to find changed bits after a resume. */
#ifndef SIM_PROTO_SHA1_H
#define SIM_PROTO_SHA1_H

#include "sim/proto/proto.h"

enum { SHA1_LEN = 20 };

struct sha1 {
    uint32_t state[5];
    uint32_t len_bytes; /* Messages up to 512 MB. */
    uint8_t block[64];
    uint8_t used;
};

void sha1_init(struct sha1 *sha);
void sha1_update(struct sha1 *sha, const uint8_t *data, uint16_t len_bytes);
void sha1_final(struct sha1 *sha, uint8_t digest[SHA1_LEN]);

#endif
