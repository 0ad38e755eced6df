/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_ended.h - how the last campaign ended, kept in the state folder: a campaign that is
 * delivered again is not executed again, and a package that has failed is not tried again until a
 * new campaign asks for it. */
#ifndef OTA_ENDED_H
#define OTA_ENDED_H

#include "master/ota_master.h"

#define OTA_ENDED_FILE "ended.json"

/* What makes a campaign the same one: what was ordered, of what, for whom. */
struct ota_campaign_key {
    char campaign[OTA_TEXT_MAX + 1];
    bool rollback;                        /* It ordered one. */
    uint8_t image_sha256[OTA_SHA256_LEN]; /* Over the content of its image; zero if it has none. */
    char serial_number[OTA_TEXT_MAX + 1]; /* Of the ECU. */
};

struct ota_ended {
    struct ota_campaign_key key;
    enum ota_result_code code;
    char reason[OTA_REASON_MAX + 1];
    char version[OTA_TEXT_MAX + 1]; /* Read back in the end. */
};

/* False: none has ended, or the file cannot be read. */
bool ota_ended_read(const struct ota_port *port, struct ota_ended *ended);
int ota_ended_write(const struct ota_port *port, const struct ota_ended *ended,
                    struct ota_error *error);
bool ota_campaign_key_equal(const struct ota_campaign_key *a, const struct ota_campaign_key *b);

#endif
