/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_header.c - the application's image header, field by field
 * (docs/formats.md, "Image header"). */
#include "sim/ecus/bootloader/boot_header.h"

#include "sim/proto/crc.h"

#include <string.h>

enum {
    AT_MAGIC = 0,
    AT_FORMAT = 4,
    AT_SEGMENTS = 6,
    AT_BEHAVIOUR = 8,
    AT_VERSION = 12,
    AT_HARDWARE = 28,
    AT_PART = 44,
    AT_BUILD = 60,
    AT_CYCLIC_ID = 76,
    AT_CYCLIC_MS = 80,
    AT_CRC = 92,
    FORMAT = 1
};

static void get_text(const uint8_t *from, char to[BOOT_HEADER_TEXT + 1])
{
    memcpy(to, from, BOOT_HEADER_TEXT);
    to[BOOT_HEADER_TEXT] = '\0';
}

static void put_text(uint8_t *to, const char from[BOOT_HEADER_TEXT + 1])
{
    for (uint8_t i = 0; i < BOOT_HEADER_TEXT && from[i] != '\0'; i++) {
        to[i] = (uint8_t)from[i];
    }
}

bool boot_header_decode(const uint8_t bytes[BOOT_HEADER_LEN], struct boot_header *header)
{
    header->magic = proto_get_u32(bytes + AT_MAGIC);
    header->format = proto_get_u16(bytes + AT_FORMAT);
    header->segments = proto_get_u16(bytes + AT_SEGMENTS);
    header->behaviour = proto_get_u32(bytes + AT_BEHAVIOUR);
    get_text(bytes + AT_VERSION, header->version);
    get_text(bytes + AT_HARDWARE, header->hardware_id);
    get_text(bytes + AT_PART, header->part_number);
    get_text(bytes + AT_BUILD, header->build_id);
    header->cyclic_id = proto_get_u32(bytes + AT_CYCLIC_ID);
    header->cyclic_ms = proto_get_u16(bytes + AT_CYCLIC_MS);
    header->crc32 = proto_get_u32(bytes + AT_CRC);
    return header->magic == BOOT_HEADER_MAGIC && header->format == FORMAT &&
           header->crc32 == crc32_update(CRC32_INIT, bytes, AT_CRC);
}

void boot_header_encode(const struct boot_header *header, uint8_t bytes[BOOT_HEADER_LEN])
{
    memset(bytes, 0, BOOT_HEADER_LEN);
    proto_put_u32(bytes + AT_MAGIC, BOOT_HEADER_MAGIC);
    proto_put_u16(bytes + AT_FORMAT, FORMAT);
    proto_put_u16(bytes + AT_SEGMENTS, header->segments);
    proto_put_u32(bytes + AT_BEHAVIOUR, header->behaviour);
    put_text(bytes + AT_VERSION, header->version);
    put_text(bytes + AT_HARDWARE, header->hardware_id);
    put_text(bytes + AT_PART, header->part_number);
    put_text(bytes + AT_BUILD, header->build_id);
    proto_put_u32(bytes + AT_CYCLIC_ID, header->cyclic_id);
    proto_put_u16(bytes + AT_CYCLIC_MS, header->cyclic_ms);
    proto_put_u32(bytes + AT_CRC, crc32_update(CRC32_INIT, bytes, AT_CRC));
}
