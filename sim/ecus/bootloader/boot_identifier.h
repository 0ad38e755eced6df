/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_identifier.h - what an identifier's row reads and writes (22, 2E), for
 * the bootloader and for the application. */
#ifndef BOOT_IDENTIFIER_H
#define BOOT_IDENTIFIER_H

#include "sim/ecus/bootloader/boot_hal.h"
#include "sim/ecus/bootloader/boot_header.h"
#include "sim/ecus/bootloader/boot_lock.h"

/* Who is asked, and what it knows of itself. */
struct boot_reader {
    const struct boot_cfg *cfg;
    const struct boot_hal *hal;
    const struct boot_lock *lock;
    enum boot_where where;
    const struct boot_session_row *session;
    struct boot_header *header; /* The application: its own. The bootloader: room for one. */
    const char *version;        /* The application: as it answers. */
    /* The bootloader: reads the header of an application that could be started, or says that there
     * is none. Null in the application. */
    bool (*load_header)(void *ctx, struct boot_header *header);
    void *ctx;
};

enum { BOOT_DIDS_MAX = 8 /* In one request. */ };

/* Answers 22. Identifiers that cannot be read are left out; if none is left, the last reason counts
 * (ISO 14229-1). */
enum uds_nrc boot_identifiers_read(const struct boot_reader *reader, const struct uds_request *req,
                                   struct uds_response *rsp);

/* 2E: the row, if it may be written now. boot_identifier_write() queues its words then, and the
 * owner answers when they have settled. 31, 33 or 13. */
enum uds_nrc boot_identifier_check_write(const struct boot_reader *reader,
                                         const struct uds_request *req,
                                         const struct boot_identifier **row);
void boot_identifier_write(const struct boot_hal *hal, const struct boot_identifier *row,
                           const struct uds_request *req);

#endif
