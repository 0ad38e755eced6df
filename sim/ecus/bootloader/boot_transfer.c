/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_transfer.c - 34, 36 and 37 in both styles, and the list of segments that
 * have passed their check. Orders of checks: ISO 14229-1, clauses of the three services. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_arguments.h"
#include "sim/proto/crc.h"
#include "sim/proto/srec.h"

#include <string.h>

enum {
    BLOCK_LEN_DEFAULT = 1026,
    NUMBER_MAX = 4,
    LENGTH_FORMAT = 2, /* Bytes of maxNumberOfBlockLength in the answer. */
    CRC16_LEN = 2,
    DATA_AT = 2 /* 36, counter, then the data. */
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
static void add_verified(struct boot_transfer *transfer)
{
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
    if (boot->cfg->lab == NULL || boot->cfg->lab->quirks.keeps_image) {
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

void boot_transfer_checked(struct bootloader *boot)
{
    boot_transfer_forget_taken(boot);
    struct boot_transfer *transfer = &boot->transfer;
    if (!boot->checker.proves) {
        transfer->state = BOOT_TRANSFER_ENDED;
        return;
    }
    transfer->state = BOOT_TRANSFER_DONE;
    if (boot_loader_holds(boot, &transfer->range)) {
        boot->loader.checked = transfer->range;
    } else {
        add_verified(transfer);
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

static enum uds_nrc parse_download(struct bootloader *boot, const struct uds_request *req,
                                   struct boot_range *range)
{
    struct boot_arguments arguments;
    const uint8_t check_len = boot_check_len(boot);
    const enum uds_nrc nrc =
        boot_arguments_read(boot->persona, &boot->persona->download, check_len, req->data + 1,
                            (uint16_t)(req->len - 1), &arguments);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    if (!boot_arguments_range(boot->persona, &arguments, &range->start, &range->end)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (arguments.check != NULL) {
        boot_transfer_foretell(boot, arguments.check);
    }
    return boot_loader_holds(boot, range) ||
                   (boot_loader_permits_flash(boot) &&
                    boot_range_allowed(boot->cfg, range->start, range->end))
               ? UDS_POSITIVE
               : UDS_NRC_OUT_OF_RANGE;
}

void boot_transfer_foretell(struct bootloader *boot, const uint8_t *check)
{
    memcpy(boot->transfer.expected, check, boot_check_len(boot));
    boot->transfer.foretold = true;
}

static enum uds_nrc check_erased(const struct bootloader *boot, const struct boot_range *range)
{
    struct boot_range erased;
    if (boot_loader_holds(boot, range)) {
        return UDS_POSITIVE;
    }
    if (boot->unusable) {
        return UDS_NRC_PROGRAMMING_FAILURE;
    }
    const struct boot_quirks *quirks = boot_lab_quirks(boot->cfg->lab);
    if (quirks->keeps_image || quirks->programs_blindly) {
        erased = *range;
    } else if (!boot_erased_range(boot, &erased)) {
        return UDS_NRC_CONDITIONS;
    }
    if (range->start < erased.start || range->end > erased.end) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    return boot_supply_nrc(boot);
}

static void put_block_length(const struct bootloader *boot, struct uds_response *rsp)
{
    const uint8_t given = boot->persona->block_length_bytes;
    const uint8_t len = given != 0 ? given : LENGTH_FORMAT;
    uint8_t number[NUMBER_MAX];
    proto_put_u32(number, block_len_max(boot->cfg));
    rsp->data[1] = (uint8_t)(len << 4);
    memcpy(rsp->data + 2, number + NUMBER_MAX - len, len);
    rsp->len = (uint16_t)(2 + len);
}

enum uds_nrc boot_on_request_download(void *ctx, const struct uds_request *req,
                                      struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct boot_range range;
    enum uds_nrc nrc = parse_download(boot, req, &range);
    if (nrc == UDS_POSITIVE) {
        nrc = check_erased(boot, &range);
    }
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    /* While a transfer is open too: this is how a master begins a segment again. */
    boot->transfer.range = range;
    boot->transfer.next = range.start;
    boot->transfer.wrote = false;
    boot->transfer.counter = 0;
    boot->transfer.state = BOOT_TRANSFER_OPEN;
    put_block_length(boot, rsp);
    return UDS_POSITIVE;
}

/* Where the data of a 36 goes; the bytes lie in boot->data. */
struct piece {
    uint32_t address;
    uint16_t len;
};

static enum uds_nrc take_block(struct bootloader *boot, const struct uds_request *req, uint16_t end,
                               struct piece *piece)
{
    const struct boot_transfer *transfer = &boot->transfer;
    piece->len = (uint16_t)(end - DATA_AT);
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

static enum uds_nrc take_line(struct bootloader *boot, const struct uds_request *req, uint16_t end,
                              struct piece *piece)
{
    const struct boot_range *range = &boot->transfer.range;
    struct srec record;
    const enum uds_nrc nrc =
        nrc_of_record(srec_from_binary(req->data + DATA_AT, (uint16_t)(end - DATA_AT), &record));
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
    if (transfer->state != BOOT_TRANSFER_OPEN || block_style_complete(boot)) {
        return UDS_NRC_SEQUENCE;
    }
    if (req->data[1] != (uint8_t)(transfer->counter + 1)) {
        return UDS_NRC_WRONG_BLOCK_COUNTER;
    }
    return req->len > block_len_max(boot->cfg) ? UDS_NRC_LENGTH : UDS_POSITIVE;
}

/* A secondary bootloader goes into RAM, which takes no time. */
static enum uds_nrc write_ram(struct bootloader *boot, const struct piece *piece)
{
    boot->hal->ram_write(boot->hal->ctx, piece->address, boot->data, piece->len);
    boot->loader.checked.end = boot->loader.checked.start;
    boot_transfer_written(boot);
    return UDS_POSITIVE;
}

static enum uds_nrc begin_write(struct bootloader *boot, const struct piece *piece, uint8_t counter)
{
    struct boot_transfer *transfer = &boot->transfer;
    transfer->pending_counter = counter;
    transfer->pending_address = piece->address;
    transfer->pending_len = piece->len;
    if (boot_loader_holds(boot, &transfer->range)) {
        return write_ram(boot, piece);
    }
    enum uds_nrc nrc = boot_supply_nrc(boot);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
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

/* Where the data of a 36 ends: a check over the line may follow it. */
static enum uds_nrc check_line(const struct bootloader *boot, const struct uds_request *req,
                               uint16_t *end)
{
    *end = req->len;
    if (!boot->persona->line_crc16) {
        return UDS_POSITIVE;
    }
    if (req->len < DATA_AT + CRC16_LEN) {
        return UDS_NRC_LENGTH;
    }
    *end = (uint16_t)(req->len - CRC16_LEN);
    return crc16_x25_update(CRC16_X25_INIT, req->data, *end) == proto_get_u16(req->data + *end)
               ? UDS_POSITIVE
               : UDS_NRC_TRANSFER_SUSPENDED; /* The master repeats it. */
}

static enum uds_nrc take(struct bootloader *boot, const struct uds_request *req)
{
    struct piece piece;
    uint16_t end;
    enum uds_nrc nrc = check_counter(boot, req);
    if (nrc == UDS_POSITIVE) {
        nrc = check_line(boot, req, &end);
    }
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    nrc = boot->cfg->style == BOOT_STYLE_BLOCK ? take_block(boot, req, end, &piece)
                                               : take_line(boot, req, end, &piece);
    return nrc == UDS_POSITIVE ? begin_write(boot, &piece, req->data[1]) : nrc;
}

enum uds_nrc boot_on_transfer_data(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct boot_bytes *extra = &boot->persona->transferred;
    if (boot->transfer.state == BOOT_TRANSFER_NONE) {
        return UDS_NRC_SEQUENCE;
    }
    rsp->data[1] = req->data[1];
    memcpy(rsp->data + DATA_AT, extra->bytes, extra->len);
    rsp->len = (uint16_t)(DATA_AT + extra->len);
    return repeats_last(&boot->transfer, req->data[1]) ? repeat_verdict(boot) : take(boot, req);
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

/* What the segment is compared with: the check of this request, or one that came before. */
static const uint8_t *expected_check(const struct bootloader *boot, const uint8_t *carried)
{
    const struct boot_transfer *transfer = &boot->transfer;
    return carried == NULL && transfer->foretold ? transfer->expected : carried;
}

enum uds_nrc boot_on_transfer_exit(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct boot_transfer *transfer = &boot->transfer;
    struct boot_arguments arguments;
    (void)rsp;
    if (transfer->state == BOOT_TRANSFER_NONE) {
        return UDS_NRC_SEQUENCE;
    }
    /* A line carries its address, so a resumed segment need not begin at its start; blocks must
     * all have come, or none, which asks for a check of what is there. */
    if (boot->cfg->style == BOOT_STYLE_BLOCK && transfer->wrote && !block_style_complete(boot)) {
        return UDS_NRC_SEQUENCE;
    }
    enum uds_nrc nrc =
        boot_arguments_read(boot->persona, &boot->persona->exit, boot_check_len(boot),
                            req->data + 1, (uint16_t)(req->len - 1), &arguments);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    if (boot_checks_foretold(boot->persona) && !transfer->foretold &&
        !boot_loader_holds(boot, &transfer->range)) {
        return UDS_NRC_SEQUENCE; /* A reset has forgotten it: the erase, or 34, says it again. */
    }
    if (!has_room(transfer)) {
        return UDS_NRC_CONDITIONS;
    }
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        boot->checker.proves = true;
        boot_transfer_checked(boot);
        return UDS_POSITIVE;
    }
    nrc = boot_begin_job(boot, BOOT_JOB_CHECK);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_check_begin(boot, &transfer->range, expected_check(boot, arguments.check),
                         !boot_checks_by_routine(boot->persona));
    }
    return nrc;
}

enum uds_nrc boot_transfer_begin_check(struct bootloader *boot, const struct boot_range *range,
                                       const uint8_t *check)
{
    struct boot_transfer *transfer = &boot->transfer;
    if (transfer->state != BOOT_TRANSFER_ENDED && transfer->state != BOOT_TRANSFER_DONE) {
        return UDS_NRC_SEQUENCE;
    }
    /* A block is named as a whole; what was announced of it counts. */
    if (range != NULL &&
        (transfer->range.start < range->start || transfer->range.end > range->end)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (!has_room(transfer)) {
        return UDS_NRC_CONDITIONS;
    }
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_CHECK);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_check_begin(boot, &transfer->range, expected_check(boot, check), true);
    }
    return nrc;
}
