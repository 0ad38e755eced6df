/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_store.h - whole files of the state folder: read at one go, and replaced so that a
 * power cut leaves the old content or the new one. */
#ifndef OTA_STORE_H
#define OTA_STORE_H

#include "master/ota_error.h"
#include "master/ota_port.h"

/* *bytes is allocated and followed by a zero that *len_bytes does not count. Returns 0 or a
 * negative enum ota_error_code. */
int ota_store_read(const struct ota_port *port, const char *name, size_t max_bytes, uint8_t **bytes,
                   size_t *len_bytes, struct ota_error *error);
/* Writes under the name part, syncs, renames. On failure (OTA_ERR_SPACE: the folder is full) the
 * old content stays and part is gone. */
int ota_store_replace(const struct ota_port *port, const char *name, const char *part,
                      const void *bytes, size_t len_bytes, struct ota_error *error);
/* OTA_ERR_SPACE or OTA_ERR_IO for a negative errno value of a write. */
int ota_store_error_code(long negative_errno);

#endif
