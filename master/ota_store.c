/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_store.c - reading and replacing files of the state folder. */
#include "master/ota_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ota_store_error_code(long negative_errno)
{
    return negative_errno == -ENOSPC || negative_errno == -EDQUOT ? OTA_ERR_SPACE : OTA_ERR_IO;
}

int ota_store_read(const struct ota_port *port, const char *name, size_t max_bytes, uint8_t **bytes,
                   size_t *len_bytes, struct ota_error *error)
{
    long size = port->file_size(port->ctx, name);
    if (size < 0) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s", name, strerror((int)-size));
    }
    if ((size_t)size > max_bytes) {
        return ota_error_set(error, OTA_ERR_RANGE, "%s: longer than %zu bytes", name, max_bytes);
    }
    uint8_t *to = malloc((size_t)size + 1);
    if (!to) {
        return ota_error_set(error, OTA_ERR_MEMORY, "%s: not enough memory to read it", name);
    }
    long got = port->file_read(port->ctx, name, 0, to, (size_t)size);
    if (got != size) {
        free(to);
        return ota_error_set(error, OTA_ERR_IO, "%s: %s", name,
                             got < 0 ? strerror((int)-got) : "shorter than its length says");
    }
    to[size] = '\0';
    *bytes = to;
    *len_bytes = (size_t)size;
    return 0;
}

/* 0 or a negative errno value. A disk that fills up may take a part first. */
static long write_all(const struct ota_port *port, const char *name, const uint8_t *bytes,
                      size_t len_bytes)
{
    for (size_t at = 0; at < len_bytes;) {
        long put = port->file_write(port->ctx, name, at, bytes + at, len_bytes - at);
        if (put <= 0) {
            return put ? put : -ENOSPC;
        }
        at += (size_t)put;
    }
    return 0;
}

int ota_store_replace(const struct ota_port *port, const char *name, const char *part,
                      const void *bytes, size_t len_bytes, struct ota_error *error)
{
    port->file_remove(port->ctx, part);
    long code = write_all(port, part, bytes, len_bytes);
    if (!code) {
        code = port->file_sync(port->ctx, part);
    }
    if (!code) {
        code = port->file_rename(port->ctx, part, name);
    }
    if (!code) {
        return 0;
    }
    port->file_remove(port->ctx, part);
    bool full = ota_store_error_code(code) == OTA_ERR_SPACE;
    return ota_error_set(error, ota_store_error_code(code), "%s: %s; %s", name,
                         strerror((int)-code),
                         full ? "free some space in the state folder" : "check the state folder");
}
