/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_error.h - environment errors of the master: a code and one sentence. The master stands
 * on its own and shares no header with the simulator outside sim/proto/. */
#ifndef OTA_ERROR_H
#define OTA_ERROR_H

enum ota_error_code {
    OTA_ERR_IO = -1,
    OTA_ERR_SYNTAX = -2,
    OTA_ERR_RANGE = -3,
    OTA_ERR_CONFLICT = -4,
    OTA_ERR_MEMORY = -5,
    OTA_ERR_INTEGRITY = -6,
    OTA_ERR_SPACE = -7, /* The state folder is full. */
};

struct ota_error {
    int code;
    char text[320];
};

/* Fills *error (may be null) and returns code. */
int ota_error_set(struct ota_error *error, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
