/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_why.c - the words of the reason codes. */
#include "master/ota_why.h"

#include "master/ota_error.h"

#include <stddef.h>

const char *ota_why_name(enum ota_why why)
{
#define OTA_NAME(name, text) text,
    static const char *const names[] = {OTA_WHYS(OTA_NAME)};
#undef OTA_NAME
    return (size_t)why < sizeof names / sizeof names[0] ? names[why] : "unknown";
}

enum ota_why ota_why_of(int error_code)
{
    switch ((enum ota_error_code)error_code) {
    case OTA_ERR_IO: return OTA_WHY_STORAGE;
    case OTA_ERR_SYNTAX:
    case OTA_ERR_CONFLICT: return OTA_WHY_FORMAT;
    case OTA_ERR_RANGE: return OTA_WHY_RANGE;
    case OTA_ERR_MEMORY: return OTA_WHY_NO_MEMORY;
    case OTA_ERR_INTEGRITY: return OTA_WHY_INTEGRITY;
    case OTA_ERR_SPACE: return OTA_WHY_NO_SPACE;
    }
    return OTA_WHY_STORAGE;
}
