/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_file.h - reading a whole file that the user named: an image or a job. */
#ifndef OTA_FILE_H
#define OTA_FILE_H

#include "master/ota_error.h"

#include <stddef.h>

/* *text is allocated and ends with a zero that *len_bytes does not count. Returns 0 or a negative
 * enum ota_error_code. */
int ota_file_load(const char *path, size_t max_bytes, char **text, size_t *len_bytes,
                  struct ota_error *error);

#endif
