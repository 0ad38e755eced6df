/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_transfer.c - what is sent of which segment, and what 37 has to say about it. */
#include "master/ota_transfer.h"

#include "master/ota_machine.h"
#include "sim/proto/crc.h"
#include "sim/proto/srec.h"

#include <string.h>

enum {
    HEAD_LEN = 2,      /* Service and counter; maxNumberOfBlockLength counts them. */
    BLOCK_MIN = 8,     /* A shorter announcement is no block length. */
    FORMAT_4_4 = 0x44, /* Four bytes of address, four of length. */
    PIECE_MAX = 0x8000u
};

static const struct ota_segment *in_hand(const struct ota_master *m)
{
    return &m->image->segments[m->transfer.segment];
}

void ota_transfer_start(struct ota_master *m)
{
    m->transfer.segment = 0;
    m->transfer.finished = m->progress.segment;
    m->transfer.block_limit = 0;
    m->transfer.again = false;
    ota_transfer_plan(m);
}

static enum ota_plan choose_plan(const struct ota_master *m)
{
    const struct ota_transfer *t = &m->transfer;
    if (t->again) {
        return OTA_PLAN_ALL;
    }
    if (t->segment < t->finished || m->progress.confirmed == in_hand(m)->len_bytes) {
        return OTA_PLAN_CHECK;
    }
    if (m->progress.confirmed == 0) {
        return OTA_PLAN_ALL;
    }
    if (m->job->resume_34 == OTA_RESUME_REMAINING) {
        return OTA_PLAN_REST;
    }
    return m->job->style == OTA_STYLE_S19_LINE ? OTA_PLAN_LINES : OTA_PLAN_ALL;
}

/* Takes bytes into the check that 37 will carry. */
static void account(struct ota_master *m, const uint8_t *bytes, uint32_t len)
{
    struct ota_transfer *t = &m->transfer;
    if (m->job->check == OTA_CHECK_SHA1) {
        ota_hash_update(t->hash, bytes, len);
    }
    for (uint32_t at = 0; m->job->check != OTA_CHECK_SHA1 && at < len;) {
        uint16_t piece = (uint16_t)(len - at < PIECE_MAX ? len - at : PIECE_MAX);
        t->crc32 = ota_crc32(t->crc32, bytes + at, piece);
        t->sum8 = sum8_update(t->sum8, bytes + at, piece);
        at += piece;
    }
}

void ota_transfer_plan(struct ota_master *m)
{
    struct ota_transfer *t = &m->transfer;
    t->plan = choose_plan(m);
    t->again = false;
    if (t->plan == OTA_PLAN_ALL) {
        m->progress.segment = t->segment;
        m->progress.confirmed = 0;
        m->progress.lines = 0;
    }
    bool goes_on = t->plan == OTA_PLAN_REST || t->plan == OTA_PLAN_LINES;
    t->at = goes_on ? m->progress.confirmed : 0;
    t->from = t->plan == OTA_PLAN_REST ? t->at : 0;
    t->line = t->at ? m->progress.lines : 0;
    t->counter = 0;
    t->repeated = false;
    t->crc32 = 0;
    t->sum8 = SUM8_INIT;
    ota_hash_start_sha1(t->hash);
    if (t->plan == OTA_PLAN_CHECK) {
        account(m, in_hand(m)->bytes, in_hand(m)->len_bytes);
    } else {
        account(m, in_hand(m)->bytes + t->from, t->at - t->from);
    }
}

uint16_t ota_transfer_build_34(struct ota_master *m, uint8_t *request)
{
    const struct ota_transfer *t = &m->transfer;
    request[0] = UDS_REQUEST_DOWNLOAD;
    request[1] = 0; /* Neither compressed nor encrypted. */
    request[2] = FORMAT_4_4;
    proto_put_u32(request + 3, in_hand(m)->start + t->from);
    proto_put_u32(request + 7, in_hand(m)->len_bytes - t->from);
    return 11;
}

bool ota_transfer_take_74(struct ota_master *m, const uint8_t *data, uint16_t len_bytes)
{
    uint8_t width = len_bytes >= 2 ? data[1] >> 4 : 0;
    if (width < 1 || len_bytes < 2 + width) {
        return false;
    }
    uint64_t announced = 0;
    for (uint8_t i = 0; i < width && i < 8; i++) {
        announced = (announced << 8) | data[2 + i];
    }
    if (announced < BLOCK_MIN || width > 8) {
        return false;
    }
    struct ota_transfer *t = &m->transfer;
    t->block_max = (uint16_t)(announced < UDS_MESSAGE_MAX ? announced : UDS_MESSAGE_MAX);
    if (t->block_limit && t->block_max > t->block_limit) {
        t->block_max = t->block_limit;
    }
    t->counter = 1;
    return true;
}

static uint16_t build_block(struct ota_master *m, uint8_t *request)
{
    struct ota_transfer *t = &m->transfer;
    uint32_t left = in_hand(m)->len_bytes - t->at;
    uint16_t room = (uint16_t)(t->block_max - HEAD_LEN);
    t->piece = (uint16_t)(left < room ? left : room);
    memcpy(request + HEAD_LEN, in_hand(m)->bytes + t->at, t->piece);
    return (uint16_t)(HEAD_LEN + t->piece);
}

static uint16_t build_line(struct ota_master *m, uint8_t *request)
{
    struct ota_transfer *t = &m->transfer;
    const struct ota_line *line = &in_hand(m)->lines[t->line];
    struct srec rec = {.type = line->type, .len = line->len_bytes, .address = line->address};
    memcpy(rec.data, in_hand(m)->bytes + t->at, rec.len);
    t->piece = rec.len;
    uint16_t len = (uint16_t)(HEAD_LEN + srec_to_binary(&rec, request + HEAD_LEN));
    return len <= t->block_max ? len : 0;
}

uint16_t ota_transfer_build_36(struct ota_master *m, uint8_t *request)
{
    m->transfer.repeated = false;
    request[0] = UDS_TRANSFER_DATA;
    request[1] = m->transfer.counter;
    uint16_t len =
        m->job->style == OTA_STYLE_BLOCK ? build_block(m, request) : build_line(m, request);
    if (len == 0) {
        ota_reason(m, OTA_WHY_BAD_RESPONSE,
                   "a line of segment %u is longer than the ECU's blocks of %u bytes",
                   m->transfer.segment + 1u, m->transfer.block_max);
    }
    return len;
}

/* Where the data lies in a 36, so that the check covers the very bytes that were sent. */
static const uint8_t *sent_bytes(const struct ota_master *m)
{
    if (m->job->style == OTA_STYLE_BLOCK) {
        return m->request + HEAD_LEN;
    }
    const struct ota_line *line = &in_hand(m)->lines[m->transfer.line];
    return m->request + HEAD_LEN + 2 + srec_address_len(line->type);
}

bool ota_transfer_take_76(struct ota_master *m)
{
    struct ota_transfer *t = &m->transfer;
    account(m, sent_bytes(m), t->piece);
    t->at += t->piece;
    t->line += m->job->style == OTA_STYLE_S19_LINE;
    t->counter++; /* 01 ... FF, 00, 01 ...: ISO 14229-1, blockSequenceCounter. */
    m->report.payload_bytes += t->piece;
    m->progress.confirmed = t->at;
    m->progress.lines = t->line;
    ota_save(m);
    return t->at == in_hand(m)->len_bytes;
}

/* A check over the whole segment must be the one that was computed when the image was read. */
static bool whole_is_unchanged(const struct ota_master *m, const uint8_t *sha1)
{
    const struct ota_transfer *t = &m->transfer;
    const struct ota_segment *segment = in_hand(m);
    if (t->from != 0) {
        return true;
    }
    switch (m->job->check) {
    case OTA_CHECK_SHA1: return memcmp(sha1, segment->sha1, OTA_SHA1_LEN) == 0;
    case OTA_CHECK_CRC32: return t->crc32 == segment->crc32;
    case OTA_CHECK_SUM8: return t->sum8 == segment->sum8;
    }
    return false;
}

uint16_t ota_transfer_build_37(struct ota_master *m, uint8_t *request)
{
    uint8_t sha1[OTA_HASH_MAX];
    ota_hash_finish(m->transfer.hash, sha1);
    if (!whole_is_unchanged(m, sha1)) {
        ota_reason(m, OTA_WHY_INTEGRITY,
                   "segment %u of the image has changed in memory since it was read",
                   m->transfer.segment + 1u);
        return 0;
    }
    request[0] = UDS_TRANSFER_EXIT;
    switch (m->job->check) {
    case OTA_CHECK_SHA1: memcpy(request + 1, sha1, OTA_SHA1_LEN); return 1 + OTA_SHA1_LEN;
    case OTA_CHECK_CRC32: proto_put_u32(request + 1, m->transfer.crc32); return 5;
    case OTA_CHECK_SUM8: request[1] = m->transfer.sum8; return 2;
    }
    return 0;
}

bool ota_transfer_take_77(struct ota_master *m)
{
    struct ota_transfer *t = &m->transfer;
    if (t->plan == OTA_PLAN_REST) {
        return false;
    }
    t->segment++;
    if (t->segment <= m->progress.segment) {
        return true;
    }
    m->progress.segment = t->segment;
    m->progress.segment_tries = 0;
    m->progress.confirmed = 0;
    m->progress.lines = 0;
    ota_save(m);
    return true;
}

bool ota_transfer_shrink(struct ota_master *m)
{
    uint16_t shorter = (uint16_t)(m->transfer.block_max / 2);
    if (m->job->style != OTA_STYLE_BLOCK || shorter < BLOCK_MIN) {
        return false;
    }
    m->transfer.block_limit = shorter;
    m->transfer.block_max = shorter;
    return true;
}
