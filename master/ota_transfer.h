/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_transfer.h - 34, 36 and 37 of the segments, in both styles, from the start or from
 * where the transfer was cut. */
#ifndef OTA_TRANSFER_H
#define OTA_TRANSFER_H

#include "master/ota_hash.h"
#include "master/ota_image.h"

#include <stdbool.h>

struct ota_master;

/* What one 34 ... 37 is for. */
enum ota_plan {
    OTA_PLAN_ALL,   /* The segment from its start. */
    OTA_PLAN_REST,  /* 34 announces what is left; the whole is checked afterwards. */
    OTA_PLAN_LINES, /* 34 announces the whole; lines go on where they were cut. */
    OTA_PLAN_CHECK, /* 34 and 37 alone. */
};

struct ota_transfer {
    enum ota_plan plan;
    bool again;         /* The segment in hand is to be sent in full, whatever is recorded. */
    bool repeated;      /* This block was repeated once because of 71. */
    uint16_t segment;   /* In hand. */
    uint16_t finished;  /* Segments before it need no data, only their check. */
    uint32_t from;      /* First byte that 34 announces, within the segment. */
    uint32_t at;        /* Next byte to send. */
    uint32_t line;      /* Next line to send. */
    uint16_t piece;     /* Bytes of the block under way. */
    uint16_t block_max; /* Length of a 36 as the ECU announced it, service and counter included. */
    uint16_t block_limit; /* The same after an overflow. 0: none. */
    uint8_t counter;
    struct ota_hash *hash; /* Owned; SHA-1 over what 37 will speak of. */
    uint32_t crc32;
    uint8_t sum8;
};

/* From the progress record: which segment, and what to do with it. */
void ota_transfer_start(struct ota_master *master);
/* The plan of the segment in hand. */
void ota_transfer_plan(struct ota_master *master);

uint16_t ota_transfer_build_34(struct ota_master *master, uint8_t *request);
/* False: the answer cannot be used. */
bool ota_transfer_take_74(struct ota_master *master, const uint8_t *data, uint16_t len_bytes);
/* 0: the block does not fit what the ECU can take. */
uint16_t ota_transfer_build_36(struct ota_master *master, uint8_t *request);
/* The block is in the ECU. True: it was the last one. */
bool ota_transfer_take_76(struct ota_master *master);
/* 0: the bytes sent are not the bytes that were checked before. */
uint16_t ota_transfer_build_37(struct ota_master *master, uint8_t *request);
/* True: the segment is done. False: it wants its check over the whole. */
bool ota_transfer_take_77(struct ota_master *master);
/* Halves the block. False: it cannot get shorter. */
bool ota_transfer_shrink(struct ota_master *master);

#endif
