/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_journal.c - the ring of progress records and their bytes. */
#include "master/ota_journal.h"

#include "master/ota_hash.h"
#include "sim/proto/proto.h"

#include <errno.h>
#include <string.h>

/* Layout of a slot, big-endian; the rest of the slot is zero. */
enum {
    MAGIC_AT = 0,
    SEQ_AT = 4,
    CAMPAIGN_AT = 8,
    HARDWARE_AT = CAMPAIGN_AT + OTA_TEXT_MAX,
    SERIAL_AT = HARDWARE_AT + OTA_TEXT_MAX,
    VERSION_AT = SERIAL_AT + OTA_TEXT_MAX,
    IMAGE_AT = VERSION_AT + OTA_TEXT_MAX,
    FLAGS_AT = IMAGE_AT + OTA_SHA256_LEN,
    STAGE_AT,
    ERASE_AT,
    SEGMENT_TRIES_AT,
    UPDATE_TRIES_AT,
    KEYS_REFUSED_AT,
    SEGMENT_AT,
    CONFIRMED_AT = SEGMENT_AT + 2,
    LINES_AT = CONFIRMED_AT + 4,
    CRC_AT = LINES_AT + 4,
    RECORD_BYTES = CRC_AT + 4,
    FLAG_ROLLBACK = 1,
    FLAG_QUIET = 2
};

_Static_assert((int)RECORD_BYTES <= (int)OTA_JOURNAL_SLOT_BYTES, "a record fits its slot");

static const uint8_t magic[4] = {'L', 'H', 'J', '1'};

static void encode(const struct ota_record *record, uint32_t seq, uint8_t *slot)
{
    memset(slot, 0, OTA_JOURNAL_SLOT_BYTES);
    memcpy(slot + MAGIC_AT, magic, sizeof magic);
    proto_put_u32(slot + SEQ_AT, seq);
    memcpy(slot + CAMPAIGN_AT, record->campaign, OTA_TEXT_MAX);
    memcpy(slot + HARDWARE_AT, record->hardware_id, OTA_TEXT_MAX);
    memcpy(slot + SERIAL_AT, record->serial_number, OTA_TEXT_MAX);
    memcpy(slot + VERSION_AT, record->old_version, OTA_TEXT_MAX);
    memcpy(slot + IMAGE_AT, record->image_sha256, OTA_SHA256_LEN);
    slot[FLAGS_AT] =
        (uint8_t)((record->rollback ? FLAG_ROLLBACK : 0) | (record->quiet ? FLAG_QUIET : 0));
    slot[STAGE_AT] = (uint8_t)record->stage;
    slot[ERASE_AT] = (uint8_t)record->erase;
    slot[SEGMENT_TRIES_AT] = record->segment_tries;
    slot[UPDATE_TRIES_AT] = record->update_tries;
    slot[KEYS_REFUSED_AT] = record->keys_refused;
    proto_put_u16(slot + SEGMENT_AT, record->segment);
    proto_put_u32(slot + CONFIRMED_AT, record->confirmed);
    proto_put_u32(slot + LINES_AT, record->lines);
    proto_put_u32(slot + CRC_AT, ota_crc32(0, slot, CRC_AT));
}

/* The sequence number, or 0 if the slot holds no whole record. */
static uint32_t valid_seq(const uint8_t *slot)
{
    if (memcmp(slot + MAGIC_AT, magic, sizeof magic) != 0) {
        return 0;
    }
    if (ota_crc32(0, slot, CRC_AT) != proto_get_u32(slot + CRC_AT)) {
        return 0;
    }
    if (slot[STAGE_AT] >= OTA_STAGE_COUNT || slot[ERASE_AT] >= OTA_ERASE_COUNT) {
        return 0;
    }
    return proto_get_u32(slot + SEQ_AT);
}

static void decode(const uint8_t *slot, struct ota_record *record)
{
    memset(record, 0, sizeof *record);
    memcpy(record->campaign, slot + CAMPAIGN_AT, OTA_TEXT_MAX);
    memcpy(record->hardware_id, slot + HARDWARE_AT, OTA_TEXT_MAX);
    memcpy(record->serial_number, slot + SERIAL_AT, OTA_TEXT_MAX);
    memcpy(record->old_version, slot + VERSION_AT, OTA_TEXT_MAX);
    memcpy(record->image_sha256, slot + IMAGE_AT, OTA_SHA256_LEN);
    record->rollback = slot[FLAGS_AT] & FLAG_ROLLBACK;
    record->quiet = slot[FLAGS_AT] & FLAG_QUIET;
    record->stage = (enum ota_stage)slot[STAGE_AT];
    record->erase = (enum ota_erase)slot[ERASE_AT];
    record->segment_tries = slot[SEGMENT_TRIES_AT];
    record->update_tries = slot[UPDATE_TRIES_AT];
    record->keys_refused = slot[KEYS_REFUSED_AT];
    record->segment = proto_get_u16(slot + SEGMENT_AT);
    record->confirmed = proto_get_u32(slot + CONFIRMED_AT);
    record->lines = proto_get_u32(slot + LINES_AT);
}

bool ota_journal_open(struct ota_journal *journal, const struct ota_port *port,
                      struct ota_record *record)
{
    *journal = (struct ota_journal){.port = port};
    uint8_t slot[OTA_JOURNAL_SLOT_BYTES];
    for (uint32_t i = 0; i < OTA_JOURNAL_SLOTS; i++) {
        long got = port->file_read(port->ctx, OTA_JOURNAL_FILE, (size_t)i * OTA_JOURNAL_SLOT_BYTES,
                                   slot, sizeof slot);
        if (got == 0 || got == -ENOENT) {
            break;
        }
        if (got < 0) {
            journal->error = (int)got;
            continue;
        }
        uint32_t seq = got >= RECORD_BYTES ? valid_seq(slot) : 0;
        if (seq <= journal->seq) {
            continue;
        }
        decode(slot, record);
        journal->seq = seq;
        journal->slot = (i + 1) % OTA_JOURNAL_SLOTS;
    }
    return journal->seq != 0;
}

int ota_journal_write(struct ota_journal *journal, const struct ota_record *record)
{
    const struct ota_port *port = journal->port;
    uint8_t slot[OTA_JOURNAL_SLOT_BYTES];
    encode(record, journal->seq + 1, slot);
    long put = port->file_write(port->ctx, OTA_JOURNAL_FILE,
                                (size_t)journal->slot * OTA_JOURNAL_SLOT_BYTES, slot, sizeof slot);
    if (put != (long)sizeof slot) {
        return put < 0 ? (int)put : -ENOSPC;
    }
    int code = port->file_sync(port->ctx, OTA_JOURNAL_FILE);
    if (code < 0) {
        return code;
    }
    journal->seq++;
    journal->slot = (journal->slot + 1) % OTA_JOURNAL_SLOTS;
    return 0;
}

void ota_journal_clear(struct ota_journal *journal)
{
    const struct ota_port *port = journal->port;
    port->file_remove(port->ctx, OTA_JOURNAL_FILE);
    journal->seq = 0;
    journal->slot = 0;
}
