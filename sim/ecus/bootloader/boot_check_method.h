/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_check_method.h - the check values that a segment may carry. A
 * personality lists those that it uses, so that a port links no other. */
#ifndef BOOT_CHECK_METHOD_H
#define BOOT_CHECK_METHOD_H

#include "sim/proto/sha1.h"
#include "sim/proto/sha256.h"

enum boot_segment_check {
    BOOT_CHECK_SHA1,      /* 20 bytes. */
    BOOT_CHECK_CRC32,     /* 4 bytes. */
    BOOT_CHECK_SUM8,      /* 1 byte, as in the paper's short form. */
    BOOT_CHECK_CRC16,     /* 2 bytes, "CCITT-FALSE"; sim/proto/crc.h. */
    BOOT_CHECK_CRC16_X25, /* 2 bytes. */
    BOOT_CHECK_SHA256,    /* 32 bytes. */
};

enum { BOOT_CHECKS = BOOT_CHECK_SHA256 + 1, BOOT_CHECK_MAX = SHA256_LEN };

union boot_check_state {
    struct sha1 sha1;
    struct sha256 sha256;
    uint32_t crc32;
    uint16_t crc16;
    uint8_t sum8;
};

struct boot_check_method {
    uint8_t len; /* Of the value, in bytes. */
    void (*begin)(union boot_check_state *state);
    void (*add)(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes);
    void (*end)(union boot_check_state *state, uint8_t value[BOOT_CHECK_MAX]);
};

/* By enum boot_segment_check. */
extern const struct boot_check_method boot_check_sha1, boot_check_crc32, boot_check_sum8;
extern const struct boot_check_method boot_check_crc16, boot_check_crc16_x25, boot_check_sha256;
extern const struct boot_check_method *const boot_check_methods[BOOT_CHECKS];

#endif
