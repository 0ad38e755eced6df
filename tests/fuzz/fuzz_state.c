/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_state.c - any bytes as a file of the master's state folder: progress record, list
 * of backups, stored image, last end. What is read is whole and in its limits, or not there.
 * Sources: master/ota_*.c sim/proto/[a-z]*.c
 * Packages: libcrypto zlib libcjson */
#include "master/ota_backup.h"
#include "master/ota_ended.h"
#include "master/ota_hash.h"
#include "master/ota_journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every file of the folder has this content. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

static long read_at(void *ctx, const char *name, size_t offset, void *to, size_t len)
{
    const struct bytes *file = ctx;
    (void)name;
    if (offset >= file->len) {
        return 0;
    }
    size_t got = len < file->len - offset ? len : file->len - offset;
    memcpy(to, file->data + offset, got);
    return (long)got;
}

static long size_of(void *ctx, const char *name)
{
    const struct bytes *file = ctx;
    (void)name;
    return (long)file->len;
}

static void read_backups(const struct ota_port *port, const struct bytes *file)
{
    struct ota_backups backups;
    struct ota_image image;
    struct ota_error error;
    ota_backups_read(port, &backups);
    REQUIRE(backups.len <= OTA_BACKUPS_MAX);
    for (size_t i = 0; i < backups.len; i++) {
        REQUIRE(strncmp(backups.list[i].file, "image-", 6) == 0);
        REQUIRE(strchr(backups.list[i].file, '/') == NULL);
    }
    /* As if the manifest had the hash of these very bytes. */
    struct ota_backup backup = {.file = "image-0.bin", .bytes = file->len};
    ota_sha256(file->data, file->len, backup.sha256);
    if (ota_backup_load(port, &backup, &image, &error) == 0) {
        REQUIRE(image.segments_len >= 1 && image.segments_len <= OTA_SEGMENTS_MAX);
        ota_image_release(&image);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = {.data = data, .len = size};
    struct ota_port port = {.ctx = &file, .file_read = read_at, .file_size = size_of};
    struct ota_journal journal;
    struct ota_record record;
    struct ota_ended ended;
    if (ota_journal_open(&journal, &port, &record)) {
        REQUIRE(record.stage < OTA_STAGE_COUNT && record.erase < OTA_ERASE_COUNT);
        REQUIRE(strlen(record.campaign) <= OTA_TEXT_MAX);
    }
    if (ota_ended_read(&port, &ended)) {
        REQUIRE(ended.code <= OTA_FAILED_SAFE && strlen(ended.reason) <= OTA_REASON_MAX);
    }
    read_backups(&port, &file);
    return 0;
}
