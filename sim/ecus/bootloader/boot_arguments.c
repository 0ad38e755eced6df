/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_arguments.c - records of requests, field by field. */
#include "sim/ecus/bootloader/boot_arguments.h"

#include <string.h>

enum { NUMBER_MAX = 4, COUNT_LEN = 2 };

struct cursor {
    const uint8_t *data;
    uint16_t len;
    uint16_t at;
};

static uint32_t take_number(struct cursor *in, uint8_t len)
{
    uint32_t value = 0;
    for (uint8_t i = 0; i < len; i++) {
        value = (value << 8) | in->data[in->at++];
    }
    return value;
}

/* Bytes of a field. With a format that is open, format says it: the record's, or 0 if there is
 * none. 0: the format cannot be. */
static uint8_t alfid_len(uint8_t format)
{
    const uint8_t address_len = format & 0x0Fu;
    const uint8_t length_len = format >> 4;
    const bool good = address_len >= 1 && address_len <= NUMBER_MAX && length_len >= 1 &&
                      length_len <= NUMBER_MAX;
    return good ? (uint8_t)(1 + address_len + length_len) : 0;
}

static bool open_format(const struct boot_field *field)
{
    return field->kind == BOOT_FIELD_ALFID && field->bytes[0] == 0;
}

static uint8_t fixed_len(const struct boot_field *field, uint8_t check_len)
{
    switch (field->kind) {
    case BOOT_FIELD_CONSTANT:
    case BOOT_FIELD_ADDRESS:
    case BOOT_FIELD_LENGTH: return field->len;
    case BOOT_FIELD_BLOCK: return 1;
    case BOOT_FIELD_ALFID: return alfid_len(field->bytes[0]);
    case BOOT_FIELD_CHECK: return check_len;
    case BOOT_FIELD_COUNT: return COUNT_LEN;
    case BOOT_FIELD_ANY: break;
    }
    return 0;
}

static enum uds_nrc constant_nrc(const struct boot_field *field, const uint8_t *at)
{
    return memcmp(at, field->bytes, field->len) == 0 ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}

/* Walks as far as an open format, if there is one: what stands before it, and the format, are
 * looked at before the length is. */
static enum uds_nrc check_length(const struct boot_record *record, uint8_t check_len,
                                 const uint8_t *data, uint16_t len)
{
    uint16_t needed = 0;
    bool open = false;
    bool rest = false;
    for (uint8_t i = 0; i < record->fields_len; i++) {
        open = open || open_format(&record->fields[i]);
    }
    for (uint8_t i = 0; i < record->fields_len; i++) {
        const struct boot_field *field = &record->fields[i];
        uint8_t step = fixed_len(field, check_len);
        rest = rest || field->kind == BOOT_FIELD_ANY;
        if (open_format(field)) {
            if (needed >= len) {
                return UDS_NRC_LENGTH;
            }
            step = alfid_len(data[needed]);
            if (step == 0) {
                return UDS_NRC_OUT_OF_RANGE;
            }
            open = false;
        } else if (open && field->kind == BOOT_FIELD_CONSTANT && needed + step <= len &&
                   constant_nrc(field, data + needed) != UDS_POSITIVE) {
            return UDS_NRC_OUT_OF_RANGE;
        }
        needed = (uint16_t)(needed + step);
    }
    return len == needed || (rest && len >= needed) ? UDS_POSITIVE : UDS_NRC_LENGTH;
}

static enum uds_nrc take_alfid(const struct boot_personality *persona,
                               const struct boot_field *field, struct cursor *in,
                               struct boot_arguments *to)
{
    const uint8_t format = in->data[in->at++];
    if (field->bytes[0] != 0 && format != field->bytes[0]) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    const uint32_t address = take_number(in, format & 0x0Fu);
    if ((format & 0x0Fu) == 1 && persona->blocks_len > 0) {
        to->has_block = true;
        to->block = (uint8_t)address;
    } else {
        to->has_address = true;
        to->address = address;
    }
    to->has_length = true;
    to->length = take_number(in, format >> 4);
    return UDS_POSITIVE;
}

static enum uds_nrc take_field(const struct boot_personality *persona,
                               const struct boot_field *field, uint8_t check_len, struct cursor *in,
                               struct boot_arguments *to)
{
    enum uds_nrc nrc = UDS_POSITIVE;
    switch (field->kind) {
    case BOOT_FIELD_CONSTANT:
        nrc = constant_nrc(field, in->data + in->at);
        in->at = (uint16_t)(in->at + field->len);
        break;
    case BOOT_FIELD_BLOCK:
        to->has_block = true;
        to->block = in->data[in->at++];
        break;
    case BOOT_FIELD_ALFID: nrc = take_alfid(persona, field, in, to); break;
    case BOOT_FIELD_ADDRESS:
        to->has_address = true;
        to->address = take_number(in, field->len);
        break;
    case BOOT_FIELD_LENGTH:
        to->has_length = true;
        to->length = take_number(in, field->len);
        break;
    case BOOT_FIELD_CHECK:
        to->check = in->data + in->at;
        in->at = (uint16_t)(in->at + check_len);
        break;
    case BOOT_FIELD_COUNT:
        to->has_count = true;
        to->count = (uint16_t)take_number(in, COUNT_LEN);
        break;
    case BOOT_FIELD_ANY: break;
    }
    return nrc;
}

enum uds_nrc boot_arguments_read(const struct boot_personality *persona,
                                 const struct boot_record *record, uint8_t check_len,
                                 const uint8_t *data, uint16_t len_bytes,
                                 struct boot_arguments *arguments)
{
    struct cursor in = {data, len_bytes, 0};
    memset(arguments, 0, sizeof *arguments);
    if (len_bytes == 0 && record->optional) {
        return UDS_POSITIVE;
    }
    enum uds_nrc nrc = check_length(record, check_len, data, len_bytes);
    arguments->given = true;
    for (uint8_t i = 0; nrc == UDS_POSITIVE && i < record->fields_len; i++) {
        nrc = take_field(persona, &record->fields[i], check_len, &in, arguments);
    }
    return nrc;
}

static const struct boot_block_row *find_block(const struct boot_personality *persona, uint8_t id)
{
    for (uint8_t i = 0; i < persona->blocks_len; i++) {
        if (persona->blocks[i].id == id) {
            return &persona->blocks[i];
        }
    }
    return NULL;
}

bool boot_arguments_range(const struct boot_personality *persona,
                          const struct boot_arguments *arguments, uint32_t *start, uint32_t *end)
{
    uint32_t room = 0;
    *start = arguments->address;
    if (arguments->has_block) {
        const struct boot_block_row *block = find_block(persona, arguments->block);
        if (block == NULL) {
            return false;
        }
        *start = block->start;
        room = block->end - block->start;
    } else if (arguments->has_address && arguments->has_length) {
        room = UINT32_MAX - arguments->address;
    }
    const uint32_t length = arguments->has_length ? arguments->length : room;
    *end = *start + length;
    return length > 0 && length <= room;
}
