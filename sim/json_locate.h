/* SPDX-License-Identifier: Apache-2.0 */
/* sim/json_locate.h - in which line of a JSON text a member stands: cJSON forgets where things
 * were, so the text is walked again, for messages only. */
#ifndef SIM_JSON_LOCATE_H
#define SIM_JSON_LOCATE_H

#include <stddef.h>

/* path: names joined by dots, indexes in brackets: "ecus[0].isotp.padding"; the empty path is the
 * whole. text must be well-formed JSON. Returns the line of the member's name (of the value for an
 * element of an array), counted from 1; the line of the innermost part that exists if the path does
 * not. Of members with equal names the occurrence-th counts, from 0, on the last step only. */
unsigned json_locate(const char *text, size_t len_bytes, const char *path, unsigned occurrence);

/* Line of a byte offset. */
unsigned json_line_at(const char *text, size_t len_bytes, size_t offset);

/* Offset of the first NUL, as a byte or as \u0000, len_bytes if there is none: a C string would end
 * there. The text need not be well-formed. */
size_t json_find_nul(const char *text, size_t len_bytes);

/* How many brackets are open at an offset. The text before it must be well-formed. */
unsigned json_depth_at(const char *text, size_t len_bytes, size_t offset);

#endif
