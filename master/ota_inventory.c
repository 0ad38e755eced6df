/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_inventory.c - the inventory file. */
#include "master/ota_inventory.h"

#include "master/ota_store.h"

#include <cjson/cJSON.h>

#include <stdlib.h>
#include <string.h>

#define PART_FILE "inventory.new"

enum { FILE_MAX = 4096 };

static char *print(const struct ota_inventory_row *row)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON *ecus = cJSON_AddArrayToObject(tree, "ecus");
    cJSON *ecu = cJSON_CreateObject();
    cJSON_AddStringToObject(ecu, "name", row->name);
    cJSON_AddStringToObject(ecu, "hardware_id", row->hardware_id);
    cJSON_AddStringToObject(ecu, "serial_number", row->serial_number);
    cJSON_AddStringToObject(ecu, "version", row->version);
    cJSON_AddItemToArray(ecus, ecu);
    char *text = cJSON_Print(tree);
    cJSON_Delete(tree);
    return text;
}

static bool says(const struct ota_port *port, const char *text)
{
    uint8_t *now = NULL;
    size_t len = 0;
    if (ota_store_read(port, OTA_INVENTORY_FILE, FILE_MAX, &now, &len, NULL) != 0) {
        return false;
    }
    bool same = len == strlen(text) && memcmp(now, text, len) == 0;
    free(now);
    return same;
}

int ota_inventory_set(const struct ota_port *port, const struct ota_inventory_row *row,
                      struct ota_error *error)
{
    char *text = print(row);
    if (!text) {
        return ota_error_set(error, OTA_ERR_MEMORY, "%s: not enough memory", OTA_INVENTORY_FILE);
    }
    int code = 0;
    if (!says(port, text)) {
        code = ota_store_replace(port, OTA_INVENTORY_FILE, PART_FILE, text, strlen(text), error);
    }
    free(text);
    return code;
}
