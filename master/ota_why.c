/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_why.c - the words of the reason codes. */
#include "master/ota_why.h"

#include <stddef.h>

const char *ota_why_name(enum ota_why why)
{
#define OTA_NAME(name, text) text,
    static const char *const names[] = {OTA_WHYS(OTA_NAME)};
#undef OTA_NAME
    return (size_t)why < sizeof names / sizeof names[0] ? names[why] : "unknown";
}
