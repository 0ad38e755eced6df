/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_ended.c - the record of the last campaign's end. */
#include "master/ota_ended.h"

#include "master/ota_hash.h"
#include "master/ota_store.h"

#include <cjson/cJSON.h>

#include <stdlib.h>
#include <string.h>

#define PART_FILE "ended.new"

enum { FILE_MAX = 4096 };

static bool read_text(const cJSON *tree, const char *name, char *to, size_t max)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
    if (!text || strlen(text) > max) {
        return false;
    }
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static bool read_code(const cJSON *tree, enum ota_result_code *code)
{
    char name[OTA_TEXT_MAX + 1];
    if (!read_text(tree, "result", name, OTA_TEXT_MAX)) {
        return false;
    }
    for (int i = OTA_SUCCESS; i <= OTA_FAILED_SAFE; i++) {
        if (strcmp(name, ota_result_name((enum ota_result_code)i)) == 0) {
            *code = (enum ota_result_code)i;
            return true;
        }
    }
    return false;
}

static bool read_tree(const cJSON *tree, struct ota_ended *ended)
{
    struct ota_campaign_key *key = &ended->key;
    char hex[2 * OTA_SHA256_LEN + 1];
    key->rollback = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "rollback"));
    return read_text(tree, "campaign", key->campaign, OTA_TEXT_MAX) &&
           read_text(tree, "image_sha256", hex, sizeof hex - 1) &&
           ota_unhex(hex, key->image_sha256, OTA_SHA256_LEN) &&
           read_text(tree, "serial_number", key->serial_number, OTA_TEXT_MAX) &&
           read_code(tree, &ended->code) &&
           read_text(tree, "reason", ended->reason, OTA_REASON_MAX) &&
           read_text(tree, "version", ended->version, OTA_TEXT_MAX);
}

bool ota_ended_read(const struct ota_port *port, struct ota_ended *ended)
{
    uint8_t *text = NULL;
    size_t len = 0;
    memset(ended, 0, sizeof *ended);
    if (ota_store_read(port, OTA_ENDED_FILE, FILE_MAX, &text, &len, NULL) != 0) {
        return false;
    }
    cJSON *tree = cJSON_ParseWithLength((const char *)text, len);
    free(text);
    bool good = read_tree(tree, ended);
    cJSON_Delete(tree);
    return good;
}

int ota_ended_write(const struct ota_port *port, const struct ota_ended *ended,
                    struct ota_error *error)
{
    char hex[2 * OTA_SHA256_LEN + 1];
    ota_hex(ended->key.image_sha256, OTA_SHA256_LEN, hex);
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "campaign", ended->key.campaign);
    cJSON_AddBoolToObject(tree, "rollback", ended->key.rollback);
    cJSON_AddStringToObject(tree, "image_sha256", hex);
    cJSON_AddStringToObject(tree, "serial_number", ended->key.serial_number);
    cJSON_AddStringToObject(tree, "result", ota_result_name(ended->code));
    cJSON_AddStringToObject(tree, "reason", ended->reason);
    cJSON_AddStringToObject(tree, "version", ended->version);
    char *text = cJSON_Print(tree);
    cJSON_Delete(tree);
    if (!text) {
        return ota_error_set(error, OTA_ERR_MEMORY, "%s: not enough memory", OTA_ENDED_FILE);
    }
    int code = ota_store_replace(port, OTA_ENDED_FILE, PART_FILE, text, strlen(text), error);
    free(text);
    return code;
}

bool ota_campaign_key_equal(const struct ota_campaign_key *a, const struct ota_campaign_key *b)
{
    return strcmp(a->campaign, b->campaign) == 0 && a->rollback == b->rollback &&
           memcmp(a->image_sha256, b->image_sha256, OTA_SHA256_LEN) == 0 &&
           strcmp(a->serial_number, b->serial_number) == 0;
}
