/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_header.h - the header at a fixed place of every application image.
 *
 * 96 bytes, big-endian, decoded field by field so that no compiler's padding matters
 * (docs/formats.md, "Image header"). The bootloader reads magic, length, CRC, hardware and segment
 * count; version, identifiers and behaviour concern the application. */
#ifndef BOOT_HEADER_H
#define BOOT_HEADER_H

#include "sim/proto/proto.h"

enum { BOOT_HEADER_LEN = 96, BOOT_HEADER_TEXT = 16 };

#define BOOT_HEADER_MAGIC UINT32_C(0x4C484150) /* "LHAP" */

/* What the application does once it runs; a set. Real software has such faults by accident. */
enum boot_behaviour {
    BOOT_BEHAVE_NO_BOOT = 1u << 0,       /* Crashes at once: the watchdog resets. */
    BOOT_BEHAVE_RAISE_DTC = 1u << 1,     /* Confirms a trouble code two seconds after the start. */
    BOOT_BEHAVE_NO_CYCLIC = 1u << 2,     /* Never sends its cyclic frame. */
    BOOT_BEHAVE_WRONG_VERSION = 1u << 3, /* Answers another version than the header says. */
    BOOT_BEHAVE_MUTE = 1u << 4,          /* Does not answer diagnostics. */
    BOOT_BEHAVE_SLOW_BOOT = 1u << 5,     /* Silent for eight seconds after the start. */
};

struct boot_header {
    uint32_t magic;
    uint16_t format;    /* 1. */
    uint16_t segments;  /* Number of segments of the image, for checkProgrammingDependencies.
                         * 0: not checked. */
    uint32_t behaviour; /* Set of enum boot_behaviour. */
    char version[BOOT_HEADER_TEXT + 1];     /* As DID F189 answers it. */
    char hardware_id[BOOT_HEADER_TEXT + 1]; /* Must equal the ECU's (DID F191). */
    char part_number[BOOT_HEADER_TEXT + 1];
    char build_id[BOOT_HEADER_TEXT + 1];
    uint32_t cyclic_id; /* Identifier of its cyclic frame. */
    uint16_t cyclic_ms; /* Its period. 0: none. */
    uint32_t crc32;     /* CRC-32 over the 92 bytes before it. */
};

/* False if magic, format or CRC do not fit: there is no application header. */
bool boot_header_decode(const uint8_t bytes[BOOT_HEADER_LEN], struct boot_header *header);
/* Fills in magic, format and CRC. */
void boot_header_encode(const struct boot_header *header, uint8_t bytes[BOOT_HEADER_LEN]);

#endif
