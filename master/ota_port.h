/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_port.h - everything the master needs of the world: frames, files, a place to speak.
 *
 * Two ports exist: SocketCAN with a state folder (the program), and the simulator's node with files
 * in memory or in a folder. Storage follows POSIX: a write is only safe after sync, and any of it
 * may fail or be torn by a power cut; the journal is written for that. */
#ifndef OTA_PORT_H
#define OTA_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ota_frame {
    uint32_t id; /* 11 or 29 bits. */
    bool ext;
    bool fd;
    bool exact; /* To be confirmed when it has gone over the bus; else when it is taken will do. */
    uint8_t len_bytes;
    uint8_t data[64];
};

struct ota_port {
    void *ctx;
    /* False: the send queue is full; ota_master_on_confirm() follows when there is room. Frames are
     * confirmed in the order in which they were taken. */
    bool (*can_send)(void *ctx, const struct ota_frame *frame);

    /* Files of the state folder, by plain name. Results: bytes, 0 or a negative errno value. */
    long (*file_read)(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes);
    long (*file_write)(void *ctx, const char *name, size_t offset, const void *from,
                       size_t len_bytes);
    int (*file_sync)(void *ctx, const char *name);
    int (*file_rename)(void *ctx, const char *from, const char *to);
    int (*file_remove)(void *ctx, const char *name);
    long (*file_size)(void *ctx, const char *name);
    uint64_t (*free_bytes)(void *ctx);

    /* One sentence about what happens, for people. May be null. */
    void (*log)(void *ctx, const char *text);
};

#endif
