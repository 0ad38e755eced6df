/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_identifier.c - identifiers by their rows. */
#include "sim/ecus/bootloader/boot_identifier.h"

#include "sim/ecus/bootloader/bootloader.h"

#include <string.h>

enum { TEXT_LEN = BOOT_ID_LEN, VIN_LEN = 17, DATA_AT = 3 /* 2E, identifier, data. */ };

static const struct boot_identifier *find(const struct boot_reader *reader, uint16_t did)
{
    const struct boot_personality *persona = boot_personality_of(reader->cfg);
    for (uint8_t i = 0; i < persona->identifiers_len; i++) {
        const struct boot_identifier *row = &persona->identifiers[i];
        /* An identifier may have one row for each of those who answer it. */
        if (row->did == did && ((row->where | row->write_where) & (unsigned)reader->where) != 0) {
            return row;
        }
    }
    return NULL;
}

static uint8_t session_bit(const struct boot_reader *reader)
{
    return boot_session_bit(boot_personality_of(reader->cfg), reader->session);
}

static uint16_t stored_word(const struct boot_identifier *row)
{
    return row->slot == 0 ? BOOT_NVM_FINGERPRINT
                          : (uint16_t)(BOOT_NVM_STORED + BOOT_NVM_STORED_STEP * (row->slot - 1u));
}

static uint16_t read_stored(const struct boot_hal *hal, const struct boot_identifier *row,
                            uint8_t *to)
{
    const uint16_t at = stored_word(row);
    const uint16_t len = boot_nvm_read(hal, at);
    if (len > BOOT_STORED_MAX && row->bytes == NULL) {
        return 0;
    }
    if (len > BOOT_STORED_MAX) {
        memcpy(to, row->bytes, row->len);
        return row->len;
    }
    for (uint16_t i = 0; i < len; i++) {
        const uint16_t word = boot_nvm_read(hal, (uint16_t)(at + 2u + (i & ~1u)));
        to[i] = (uint8_t)((i & 1u) != 0 ? word : word >> 8);
    }
    return len;
}

static const char *header_text(const struct boot_reader *reader, enum boot_value value)
{
    const struct boot_quirks *quirks = boot_lab_quirks(reader->cfg->lab);
    if (reader->load_header != NULL) {
        if (quirks->version[0] != '\0') {
            return quirks->version;
        }
        return reader->load_header(reader->ctx, reader->header) ? reader->header->version : NULL;
    }
    return value == BOOT_VALUE_BUILD ? reader->header->build_id : reader->version;
}

static const char *text_of(const struct boot_reader *reader, enum boot_value value)
{
    const struct boot_cfg *cfg = reader->cfg;
    const bool runs = reader->load_header == NULL;
    switch (value) {
    case BOOT_VALUE_BOOT_VERSION: return cfg->boot_version;
    case BOOT_VALUE_BUILD:
    case BOOT_VALUE_VERSION: return header_text(reader, value);
    case BOOT_VALUE_PART_NUMBER: return runs ? reader->header->part_number : cfg->part_number;
    case BOOT_VALUE_SERIAL_NUMBER: return cfg->serial_number;
    case BOOT_VALUE_HARDWARE_ID: return cfg->hardware_id;
    case BOOT_VALUE_VIN: return cfg->vin;
    case BOOT_VALUE_BYTES:
    case BOOT_VALUE_MEMORY:
    case BOOT_VALUE_STORED:
    case BOOT_VALUE_HOOK:
    case BOOT_VALUE_SESSION:
    case BOOT_VALUE_SUPPLY_MV:
    case BOOT_VALUE_RUNNING: break;
    }
    return NULL;
}

static bool hidden(const struct boot_reader *reader, const struct boot_identifier *row)
{
    return boot_lab_quirks(reader->cfg->lab)->hides_version &&
           (row->value == BOOT_VALUE_VERSION ||
            (row->value == BOOT_VALUE_BUILD && reader->load_header != NULL));
}

static uint16_t read_text(const struct boot_reader *reader, const struct boot_identifier *row,
                          uint8_t *to)
{
    const char *text = text_of(reader, row->value);
    const uint8_t max = row->value == BOOT_VALUE_VIN ? VIN_LEN : TEXT_LEN;
    uint8_t used = 0;
    if (text == NULL) {
        return 0;
    }
    while (used < max && text[used] != '\0') {
        to[used] = (uint8_t)text[used];
        used++;
    }
    const uint8_t padded = reader->where == BOOT_IN_APPLICATION ? used : max;
    const uint8_t len = row->len != 0 ? row->len : padded;
    for (uint8_t i = used; i < len; i++) {
        to[i] = 0;
    }
    return len;
}

static uint8_t running(enum boot_where where)
{
    return where == BOOT_IN_APPLICATION ? 3 : where == BOOT_IN_LOADER ? 2 : 1;
}

static uint16_t read_row(const struct boot_reader *reader, const struct boot_identifier *row,
                         uint8_t *to)
{
    const struct boot_hal *hal = reader->hal;
    switch (row->value) {
    case BOOT_VALUE_BYTES: memcpy(to, row->bytes, row->len); return row->len;
    case BOOT_VALUE_MEMORY: (void)boot_flash_read(hal, row->address, to, row->len); return row->len;
    case BOOT_VALUE_STORED: return read_stored(hal, row, to);
    case BOOT_VALUE_SESSION: to[0] = reader->session->id; return 1;
    case BOOT_VALUE_SUPPLY_MV: proto_put_u16(to, hal->supply_mv(hal->ctx)); return 2;
    case BOOT_VALUE_RUNNING: to[0] = running(reader->where); return 1;
    case BOOT_VALUE_HOOK:
    case BOOT_VALUE_BOOT_VERSION:
    case BOOT_VALUE_BUILD:
    case BOOT_VALUE_VERSION:
    case BOOT_VALUE_PART_NUMBER:
    case BOOT_VALUE_SERIAL_NUMBER:
    case BOOT_VALUE_HARDWARE_ID:
    case BOOT_VALUE_VIN: break;
    }
    return read_text(reader, row, to);
}

static enum uds_nrc ask_hook(const struct boot_reader *reader, const struct boot_identifier *row,
                             uint8_t *to, uint16_t cap, uint16_t *len)
{
    const struct boot_hook *hook = &reader->cfg->hook;
    const int got = hook->call != NULL ? hook->call(hook->ctx, row->hook, NULL, 0, to, cap) : 0;
    *len = got > 0 ? (uint16_t)got : 0;
    if (got < 0) {
        return (enum uds_nrc) - got;
    }
    return got > 0 ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}

/* More than any row but a hook's gives. */
static uint16_t room_for(const struct boot_identifier *row)
{
    const uint16_t text_len = VIN_LEN;
    const uint16_t stored = row->value == BOOT_VALUE_STORED ? BOOT_STORED_MAX : 0;
    const uint16_t len = row->len > stored ? row->len : stored;
    return len > text_len ? len : text_len;
}

static enum uds_nrc read_one(const struct boot_reader *reader, uint16_t did, uint8_t *to,
                             uint16_t cap, uint16_t *len)
{
    const struct boot_identifier *row = find(reader, did);
    *len = 0;
    if (row == NULL || (row->where & (unsigned)reader->where) == 0 ||
        (row->read & session_bit(reader)) == 0 || hidden(reader, row)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (!boot_lock_passes(reader->lock, row->read_level)) {
        return UDS_NRC_SECURITY_DENIED;
    }
    if (row->value == BOOT_VALUE_HOOK) {
        return ask_hook(reader, row, to, cap, len);
    }
    if (cap < room_for(row)) {
        return UDS_NRC_RESPONSE_TOO_LONG;
    }
    *len = read_row(reader, row, to);
    /* The application answers an empty text with nothing, the bootloader leaves it out. */
    return *len > 0 || reader->where == BOOT_IN_APPLICATION ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}

enum uds_nrc boot_identifiers_read(const struct boot_reader *reader, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    enum uds_nrc worst = UDS_NRC_OUT_OF_RANGE;
    if (req->len % 2 == 0 || req->len > 1 + 2 * BOOT_DIDS_MAX) {
        return UDS_NRC_LENGTH;
    }
    for (uint16_t at = 1; at < req->len; at = (uint16_t)(at + 2)) {
        const uint16_t used = (uint16_t)(rsp->len + 2);
        const uint16_t room = used < rsp->cap ? (uint16_t)(rsp->cap - used) : 0;
        uint16_t len;
        const enum uds_nrc nrc =
            read_one(reader, proto_get_u16(req->data + at), rsp->data + used, room, &len);
        if (nrc == UDS_NRC_RESPONSE_TOO_LONG) {
            return nrc;
        }
        if (nrc == UDS_POSITIVE) {
            memcpy(rsp->data + rsp->len, req->data + at, 2);
            rsp->len = (uint16_t)(used + len);
        } else {
            worst = nrc;
        }
    }
    return rsp->len > 1 ? UDS_POSITIVE : worst;
}

enum uds_nrc boot_identifier_check_write(const struct boot_reader *reader,
                                         const struct uds_request *req,
                                         const struct boot_identifier **row)
{
    const uint16_t len = (uint16_t)(req->len - DATA_AT);
    *row = find(reader, proto_get_u16(req->data + 1));
    if (*row == NULL || ((*row)->write_where & (unsigned)reader->where) == 0 ||
        ((*row)->write & session_bit(reader)) == 0) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (!boot_lock_passes(reader->lock, (*row)->write_level)) {
        return UDS_NRC_SECURITY_DENIED;
    }
    return len >= (*row)->len_min && len <= (*row)->len_max ? UDS_POSITIVE : UDS_NRC_LENGTH;
}

void boot_identifier_write(const struct boot_hal *hal, const struct boot_identifier *row,
                           const struct uds_request *req)
{
    const uint8_t *data = req->data + DATA_AT;
    const uint16_t len = (uint16_t)(req->len - DATA_AT);
    const uint16_t at = stored_word(row);
    boot_nvm_write(hal, at, len);
    for (uint16_t i = 0; i < len; i = (uint16_t)(i + 2)) {
        const uint8_t low = i + 1 < len ? data[i + 1] : 0xFF;
        boot_nvm_write(hal, (uint16_t)(at + 2 + i),
                       (uint16_t)((uint16_t)((uint16_t)data[i] << 8) | low));
    }
}
