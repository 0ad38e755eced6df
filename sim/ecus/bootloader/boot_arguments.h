/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_arguments.h - reads the record of a request (31, 34, 37) by its row of
 * fields: which memory it names, and the check value that it carries. */
#ifndef BOOT_ARGUMENTS_H
#define BOOT_ARGUMENTS_H

#include "sim/ecus/bootloader/boot_personality.h"

struct boot_arguments {
    bool given; /* The record was there. */
    bool has_block, has_address, has_length, has_count;
    uint8_t block;
    uint32_t address;
    uint32_t length;
    uint16_t count;
    const uint8_t *check; /* Null: it carries none. Points into the request. */
};

/* data: the record alone. check_len: bytes of a check value. UDS_POSITIVE, 13 or 31; in the order
 * of ISO 14229-1: what stands before a format that decides the length is looked at first. */
enum uds_nrc boot_arguments_read(const struct boot_personality *persona,
                                 const struct boot_record *record, uint8_t check_len,
                                 const uint8_t *data, uint16_t len_bytes,
                                 struct boot_arguments *arguments);

/* The memory that they name: [*start, *end). False: none, or one that cannot be: an unknown block,
 * more than it holds, beyond the last address. The caller checks what it may be used for. */
bool boot_arguments_range(const struct boot_personality *persona,
                          const struct boot_arguments *arguments, uint32_t *start, uint32_t *end);

#endif
