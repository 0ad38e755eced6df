/* SPDX-License-Identifier: Apache-2.0 */
/* sim/file_text.h - a whole text file, read into memory or written. Never is more read than a
 * bound: what is no file of its own (a folder, a device, a pipe) could wait or run on for ever, and
 * is refused. */
#ifndef SIM_FILE_TEXT_H
#define SIM_FILE_TEXT_H

#include "sim/err.h"

#include <stddef.h>

/* The caller frees the result, behind which there is a zero byte. what: how messages call what was
 * expected ("a vehicle file"). Null with *err set: ERR_IO, ERR_NOMEM, or ERR_RANGE if it is longer
 * than max_bytes. */
char *file_text_read(const char *path, size_t max_bytes, const char *what, size_t *len_bytes,
                     struct err *err);
/* The text and a line end instead of what the file held. ERR_IO. */
int file_text_write(const char *path, const char *text, struct err *err);
/* Whether it would be opened: 0, or a code and a message. */
int file_text_check(const char *path, const char *what, struct err *err);

#endif
