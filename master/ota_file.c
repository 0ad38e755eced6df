/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_file.c - reading a whole file, bounded. */
#include "master/ota_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(FILE *file, const char *path, size_t max_bytes, char **text, size_t *len_bytes,
                    struct ota_error *error)
{
    size_t cap = 65536;
    size_t len = 0;
    char *buffer = malloc(cap);
    while (buffer) {
        len += fread(buffer + len, 1, cap - 1 - len, file);
        if (len < cap - 1) {
            break;
        }
        cap *= 2;
        char *bigger = realloc(buffer, cap);
        if (!bigger) {
            free(buffer);
        }
        buffer = bigger;
        if (len > max_bytes) {
            break;
        }
    }
    if (!buffer) {
        return ota_error_set(error, OTA_ERR_MEMORY, "%s: not enough memory to read it", path);
    }
    int code = 0;
    if (ferror(file)) {
        code = ota_error_set(error, OTA_ERR_IO, "%s: %s; check the file", path, strerror(errno));
    } else if (len > max_bytes) {
        code = ota_error_set(error, OTA_ERR_RANGE,
                             "%s: longer than %zu bytes; this cannot be the right file", path,
                             max_bytes);
    }
    if (code) {
        free(buffer);
        return code;
    }
    buffer[len] = '\0';
    *text = buffer;
    *len_bytes = len;
    return 0;
}

int ota_file_load(const char *path, size_t max_bytes, char **text, size_t *len_bytes,
                  struct ota_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s; check the path", path, strerror(errno));
    }
    int code = read_all(file, path, max_bytes, text, len_bytes, error);
    fclose(file);
    return code;
}
