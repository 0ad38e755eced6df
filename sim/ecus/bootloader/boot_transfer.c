/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_transfer.c - 34, 36 and 37 in both styles, and the list of segments that
 * have passed their check. Orders of checks: ISO 14229-1, clauses of the three services. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/proto/srec.h"

#include <string.h>

enum {
    BLOCK_LEN_DEFAULT = 1026,
    NUMBER_MAX = 4,    /* Bytes of an address or a length in 34. */
    LENGTH_FORMAT = 2, /* Bytes of maxNumberOfBlockLength in the answer. */
    DATA_AT = 2        /* 36, counter, then the data. */
};

static uint16_t block_len_max(const struct boot_cfg *cfg)
{
    return cfg->block_len_max != 0 ? cfg->block_len_max : BLOCK_LEN_DEFAULT;
}

void boot_transfer_reset(struct bootloader *boot)
{
    boot->transfer.state = BOOT_TRANSFER_NONE;
}

void boot_transfer_forget(struct bootloader *boot, const struct boot_range *range)
{
    struct boot_transfer *transfer = &boot->transfer;
    uint8_t kept = 0;
    for (uint8_t i = 0; i < transfer->verified_len; i++) {
        const struct boot_range seen = transfer->verified[i];
        if (seen.end <= range->start || seen.start >= range->end) {
            transfer->verified[kept++] = seen;
        }
    }
    transfer->verified_len = kept;
}

/* A range that contains earlier ones replaces them: after a resume the rest of a segment is checked
 * first, and then the whole of it. */
void boot_transfer_checked(struct bootloader *boot)
{
    struct boot_transfer *transfer = &boot->transfer;
    uint8_t kept = 0;
    bool contained = false;
    for (uint8_t i = 0; i < transfer->verified_len; i++) {
        const struct boot_range seen = transfer->verified[i];
        const bool inside = seen.start >= transfer->range.start && seen.end <= transfer->range.end;
        contained = contained || (!inside && seen.start <= transfer->range.start &&
                                  seen.end >= transfer->range.end);
        if (!inside) {
            transfer->verified[kept++] = seen;
        }
    }
    if (!contained) {
        PROTO_CHECK(kept < BOOT_SEGMENTS_MAX);
        transfer->verified[kept++] = transfer->range;
    }
    transfer->verified_len = kept;
    transfer->state = BOOT_TRANSFER_DONE;
    boot_transfer_forget_taken(boot);
}

void boot_transfer_forget_taken(struct bootloader *boot)
{
    if (boot->cfg->lab != NULL) {
        boot->cfg->lab->kept.taken_len = 0;
    }
}

static void note_taken(const struct bootloader *boot)
{
    const struct boot_transfer *transfer = &boot->transfer;
    if (boot->cfg->lab == NULL) {
        return;
    }
    struct boot_kept *kept = &boot->cfg->lab->kept;
    memmove(&kept->taken[1], &kept->taken[0], sizeof kept->taken - sizeof kept->taken[0]);
    kept->taken[0].start = transfer->pending_address;
    kept->taken[0].end = transfer->pending_address + transfer->pending_len;
    if (kept->taken_len < BOOT_TAKEN_MAX) {
        kept->taken_len++;
    }
}

void boot_transfer_written(struct bootloader *boot)
{
    struct boot_transfer *transfer = &boot->transfer;
    note_taken(boot);
    transfer->wrote = true;
    transfer->counter = transfer->pending_counter;
    transfer->next += transfer->pending_len;
}

static uint32_t get_number(const uint8_t *from, uint8_t len)
{
    uint32_t value = 0;
    for (uint8_t i = 0; i < len; i++) {
        value = (value << 8) | from[i];
    }
    return value;
}

static enum uds_nrc parse_download(const struct bootloader *boot, const struct uds_request *req,
                                   struct boot_range *range)
{
    const uint8_t address_len = req->data[2] & 0x0Fu;
    const uint8_t size_len = req->data[2] >> 4;
    if (req->data[1] != 0) {
        return UDS_NRC_OUT_OF_RANGE; /* Neither compression nor encryption. */
    }
    if (address_len < 1 || address_len > NUMBER_MAX || size_len < 1 || size_len > NUMBER_MAX) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (req->len != 3u + address_len + size_len) {
        return UDS_NRC_LENGTH;
    }
    const uint32_t size = get_number(req->data + 3 + address_len, size_len);
    range->start = get_number(req->data + 3, address_len);
    range->end = range->start + size;
    if (size > UINT32_MAX - range->start ||
        !boot_range_allowed(boot->cfg, range->start, range->end)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    return UDS_POSITIVE;
}

enum uds_nrc boot_on_request_download(void *ctx, const struct uds_request *req,
                                      struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct boot_range range;
    struct boot_range erased;
    enum uds_nrc nrc = parse_download(boot, req, &range);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    if (boot->unusable) {
        return UDS_NRC_PROGRAMMING_FAILURE;
    }
    const struct boot_quirks *quirks = boot_lab_quirks(boot->cfg->lab);
    if (quirks->keeps_image || quirks->programs_blindly) {
        erased = range;
    } else if (!boot_erased_range(boot, &erased)) {
        return UDS_NRC_CONDITIONS;
    }
    if (range.start < erased.start || range.end > erased.end) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    nrc = boot_supply_nrc(boot);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    /* While a transfer is open too: this is how a master begins a segment again. */
    boot->transfer.range = range;
    boot->transfer.next = range.start;
    boot->transfer.wrote = false;
    boot->transfer.counter = 0;
    boot->transfer.state = BOOT_TRANSFER_OPEN;
    rsp->data[1] = LENGTH_FORMAT << 4;
    proto_put_u16(rsp->data + 2, block_len_max(boot->cfg));
    rsp->len = 4;
    return UDS_POSITIVE;
}

/* Where the data of a 36 goes; the bytes lie in boot->data. */
struct piece {
    uint32_t address;
    uint16_t len;
};

static enum uds_nrc take_block(struct bootloader *boot, const struct uds_request *req,
                               struct piece *piece)
{
    const struct boot_transfer *transfer = &boot->transfer;
    piece->len = (uint16_t)(req->len - DATA_AT);
    piece->address = transfer->next;
    if (piece->len == 0) {
        return UDS_NRC_LENGTH;
    }
    if (piece->len > transfer->range.end - transfer->next) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    memcpy(boot->data, req->data + DATA_AT, piece->len);
    return UDS_POSITIVE;
}

static enum uds_nrc nrc_of_record(enum srec_result result)
{
    switch (result) {
    case SREC_OK: return UDS_POSITIVE;
    case SREC_BAD_CHECKSUM: return UDS_NRC_TRANSFER_SUSPENDED; /* The master repeats it. */
    case SREC_TOO_SHORT:
    case SREC_TOO_LONG: return UDS_NRC_LENGTH;
    case SREC_NOT_A_RECORD:
    case SREC_BAD_TYPE:
    case SREC_BAD_HEX: return UDS_NRC_OUT_OF_RANGE;
    }
    return UDS_NRC_OUT_OF_RANGE;
}

static enum uds_nrc take_line(struct bootloader *boot, const struct uds_request *req,
                              struct piece *piece)
{
    const struct boot_range *range = &boot->transfer.range;
    struct srec record;
    const enum uds_nrc nrc = nrc_of_record(
        srec_from_binary(req->data + DATA_AT, (uint16_t)(req->len - DATA_AT), &record));
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    if (record.type < 1 || record.type > 3 || record.len == 0 || record.address < range->start ||
        record.address >= range->end || record.len > range->end - record.address) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    memcpy(boot->data, record.data, record.len);
    piece->address = record.address;
    piece->len = record.len;
    return UDS_POSITIVE;
}

static bool block_style_complete(const struct bootloader *boot)
{
    return boot->cfg->style == BOOT_STYLE_BLOCK && boot->transfer.next == boot->transfer.range.end;
}

/* The counter names the last block again: its answer was lost (ISO 14229-1, and paper 4.1.1). */
static bool repeats_last(const struct boot_transfer *transfer, uint8_t counter)
{
    return transfer->wrote && counter == transfer->counter;
}

static enum uds_nrc repeat_verdict(struct bootloader *boot)
{
    if (!boot_lab_quirks(boot->cfg->lab)->rejects_repeat) {
        return UDS_POSITIVE;
    }
    boot_transfer_reset(boot);
    return UDS_NRC_SEQUENCE;
}

static enum uds_nrc check_counter(const struct bootloader *boot, const struct uds_request *req)
{
    const struct boot_transfer *transfer = &boot->transfer;
    if (transfer->state == BOOT_TRANSFER_DONE || block_style_complete(boot)) {
        return UDS_NRC_SEQUENCE;
    }
    if (req->data[1] != (uint8_t)(transfer->counter + 1)) {
        return UDS_NRC_WRONG_BLOCK_COUNTER;
    }
    return req->len > block_len_max(boot->cfg) ? UDS_NRC_LENGTH : UDS_POSITIVE;
}

static enum uds_nrc begin_write(struct bootloader *boot, const struct piece *piece, uint8_t counter)
{
    struct boot_transfer *transfer = &boot->transfer;
    enum uds_nrc nrc = boot_supply_nrc(boot);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    transfer->pending_counter = counter;
    transfer->pending_address = piece->address;
    transfer->pending_len = piece->len;
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        boot_transfer_written(boot);
        return UDS_POSITIVE;
    }
    nrc = boot_begin_job(boot, BOOT_JOB_WRITE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_transfer_forget(boot, &transfer->range);
        boot_write_begin(boot, piece->address, boot->data, piece->len);
    }
    return nrc;
}

enum uds_nrc boot_on_transfer_data(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct piece piece;
    if (boot->transfer.state == BOOT_TRANSFER_NONE) {
        return UDS_NRC_SEQUENCE;
    }
    rsp->data[1] = req->data[1];
    rsp->len = DATA_AT;
    if (repeats_last(&boot->transfer, req->data[1])) {
        return repeat_verdict(boot);
    }
    enum uds_nrc nrc = check_counter(boot, req);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    nrc = boot->cfg->style == BOOT_STYLE_BLOCK ? take_block(boot, req, &piece)
                                               : take_line(boot, req, &piece);
    return nrc == UDS_POSITIVE ? begin_write(boot, &piece, req->data[1]) : nrc;
}

/* A full list still takes what it holds already: the answer to the last 37 may have been lost. */
static bool has_room(const struct boot_transfer *transfer)
{
    bool held = false;
    for (uint8_t i = 0; i < transfer->verified_len; i++) {
        held = held || (transfer->verified[i].start == transfer->range.start &&
                        transfer->verified[i].end == transfer->range.end);
    }
    return held || transfer->verified_len < BOOT_SEGMENTS_MAX;
}

enum uds_nrc boot_on_transfer_exit(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct boot_transfer *transfer = &boot->transfer;
    (void)rsp;
    if (transfer->state == BOOT_TRANSFER_NONE) {
        return UDS_NRC_SEQUENCE;
    }
    /* A line carries its address, so a resumed segment need not begin at its start; blocks must
     * all have come, or none, which asks for a check of what is there. */
    if (boot->cfg->style == BOOT_STYLE_BLOCK && transfer->wrote && !block_style_complete(boot)) {
        return UDS_NRC_SEQUENCE;
    }
    if (req->len != 1u + boot_check_len(boot->cfg->check)) {
        return UDS_NRC_LENGTH;
    }
    if (!has_room(transfer)) {
        return UDS_NRC_CONDITIONS;
    }
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        boot_transfer_checked(boot);
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_CHECK);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_check_begin(boot, &transfer->range, req->data + 1);
    }
    return nrc;
}
