/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_health.h - the new software under observation: for a while after the update no trouble
 * code may appear, and the ECU's cyclic frame must come. Only then the update is a success. */
#ifndef OTA_HEALTH_H
#define OTA_HEALTH_H

#include "master/ota_port.h"

struct ota_master;

struct ota_health {
    uint64_t until_ns;
    uint64_t heartbeat_ns; /* When it was seen last, or when the window began. */
};

/* The version was read back. Ends the campaign, now or after the window. */
void ota_health_begin(struct ota_master *master, uint64_t now_ns);
/* Time for a look. */
void ota_health_look(struct ota_master *master, uint64_t now_ns);
/* The answer to 19 02: data behind service, report and mask is four bytes for each code. */
void ota_health_take_dtcs(struct ota_master *master, const uint8_t *data, uint16_t len_bytes,
                          uint64_t now_ns);
void ota_health_on_frame(struct ota_master *master, const struct ota_frame *frame, uint64_t now_ns);

#endif
