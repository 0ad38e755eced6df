/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_json_locate.h - in which line of a job file a member stands: the parser forgets where
 * things were, so the text is read again, for messages only. */
#ifndef OTA_JSON_LOCATE_H
#define OTA_JSON_LOCATE_H

#include <stddef.h>

/* Line of the occurrence-th (from 0) member of that name, counted from 1. object: in which member
 * of the top it lies; "": it is one itself. If it does not exist: the line of the object, or that
 * of the opening bracket. The text must be well-formed. */
unsigned ota_json_line(const char *text, size_t len_bytes, const char *object, const char *name,
                       unsigned occurrence);
/* Line of a byte. */
unsigned ota_json_line_at(const char *text, size_t at);
/* The first NUL, as a byte or as an escape: a C string would end there. len_bytes: none. */
size_t ota_json_find_nul(const char *text, size_t len_bytes);

#endif
