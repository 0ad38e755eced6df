/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_journal.h - the progress record: what a campaign has reached, safe against the loss of
 * the master's own power.
 *
 * The file is a ring of slots, each a whole flash page of the master's storage. A record is written
 * into the slot behind the last one, with the next sequence number and a CRC-32, and is synced
 * before the next one goes elsewhere: a torn write can only spoil the record that was being
 * written, and the one before it is found instead. Progress is thus never ahead of what happened.
 *
 * A record is written for each acknowledged block, so that a cut costs at most one block. The ring
 * bounds the wear: an update of 8 MB in blocks of 1 KB writes each slot eight times. */
#ifndef OTA_JOURNAL_H
#define OTA_JOURNAL_H

#include "master/ota_image.h"
#include "master/ota_job.h"
#include "master/ota_port.h"

#define OTA_JOURNAL_FILE "journal"

enum { OTA_JOURNAL_SLOT_BYTES = 512, OTA_JOURNAL_SLOTS = 1024 };

enum ota_stage {
    OTA_STAGE_PRE,         /* Nothing that a restart would have to take up. */
    OTA_STAGE_PROGRAMMING, /* Programming session reached; the erase state says what to do. */
    OTA_STAGE_POST,        /* Dependencies checked; post-programming is left. */
    OTA_STAGE_COUNT
};

enum ota_erase {
    OTA_ERASE_NONE,      /* Not requested: the old software is whole. */
    OTA_ERASE_REQUESTED, /* Sent, not confirmed: the old software counts as lost. */
    OTA_ERASE_CONFIRMED,
    OTA_ERASE_COUNT
};

struct ota_record {
    char campaign[OTA_TEXT_MAX + 1];
    char hardware_id[OTA_TEXT_MAX + 1];
    char serial_number[OTA_TEXT_MAX + 1];
    char old_version[OTA_TEXT_MAX + 1];   /* What ran before; empty if it was not readable. */
    uint8_t image_sha256[OTA_SHA256_LEN]; /* Over the content that is being sent. */
    bool rollback;                        /* The image is a backup, sent after a failed update. */
    bool quiet;                           /* The network was asked to be quiet. */
    enum ota_stage stage;
    enum ota_erase erase;
    uint16_t segment;   /* Segments before it are confirmed by 37. */
    uint32_t confirmed; /* Bytes of that segment acknowledged by 36. */
    uint32_t lines;     /* The same in lines. */
    uint8_t segment_tries;
    uint8_t update_tries;
    uint8_t keys_refused;
};

struct ota_journal {
    const struct ota_port *port;
    uint32_t seq;  /* Of the last record; 0: none yet. */
    uint32_t slot; /* Where the next record goes. */
    int error;     /* A negative errno value: a part could not be read, and with it perhaps the
                    * newest record. 0: all was read. */
};

/* Finds the newest whole record. False: there is none. */
bool ota_journal_open(struct ota_journal *journal, const struct ota_port *port,
                      struct ota_record *record);
/* 0 or a negative errno value; the journal then still holds the record before. */
int ota_journal_write(struct ota_journal *journal, const struct ota_record *record);
/* The campaign has ended: nothing is left to take up. */
void ota_journal_clear(struct ota_journal *journal);

#endif
