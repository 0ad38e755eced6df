/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_vehicle.c - reads the vehicle of a play, changed as the play wants it. */
#include "scenarios/engine/case_vehicle.h"

#include "scenarios/engine/case_image.h"
#include "scenarios/engine/ecu_lua.h"
#include "scenarios/engine/lua_json.h"
#include "sim/can/can_frame.h"
#include "sim/file_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VEHICLE_FILE_MAX = 1 << 20 };

void case_vehicle_path(const struct case_file *file, const char *vehicles, char *path, size_t size)
{
    const char *name = file->vehicle[0] != '\0' ? file->vehicle : "single";
    if (strchr(name, '/') == NULL && strstr(name, ".json") == NULL) {
        snprintf(path, size, "%s/%s.json", vehicles, name);
        return;
    }
    const char *slash = strrchr(file->path, '/');
    const int folder_len = slash != NULL ? (int)(slash - file->path) : 1;
    snprintf(path, size, "%.*s/%s", folder_len, slash != NULL ? file->path : ".", name);
}

/* The vehicle's text with the changes in its first ECU. The caller frees it. */
static char *changed(const char *text, size_t len, const char *changes)
{
    cJSON *tree = cJSON_ParseWithLength(text, len);
    cJSON *wanted = cJSON_Parse(changes);
    cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "ecus"), 0);
    CHECK(wanted != NULL);
    if (first != NULL) {
        json_merge(first, wanted);
    }
    char *result = tree != NULL ? cJSON_Print(tree) : strndup(text, len);
    cJSON_Delete(tree);
    cJSON_Delete(wanted);
    CHECK(result != NULL);
    return result;
}

static struct vehicle_overrides overrides_of(const struct profile *profile)
{
    static const int styles[] = {
        [PROFILE_BLOCK_BLOCK] = BOOT_STYLE_BLOCK, [PROFILE_BLOCK_S19_LINE] = BOOT_STYLE_S19_LINE};
    static const int checks[] = {[PROFILE_HASH_SHA1] = BOOT_CHECK_SHA1,
                                 [PROFILE_HASH_SHA256] = -1,
                                 [PROFILE_HASH_CRC32] = BOOT_CHECK_CRC32,
                                 [PROFILE_HASH_CRC16] = -1,
                                 [PROFILE_HASH_SUM8] = BOOT_CHECK_SUM8};
    struct vehicle_overrides overrides = VEHICLE_AS_IN_FILE;
    overrides.transfer = styles[profile->values[PROFILE_BLOCK]];
    overrides.check = checks[profile->values[PROFILE_HASH]];
    overrides.hooks = &ecu_lua_hooks;
    return overrides;
}

/* Each with a cyclic frame of its own: two senders of one identifier would disturb each other. */
static int install(const struct case_world *world, struct s12x_ecu *ecu, uint32_t place,
                   struct err *err)
{
    struct case_image_cfg image;
    char path[CASE_PATH_MAX];
    case_image_for(&image, ecu, "1.0.0");
    image.header.cyclic_id += place;
    snprintf(path, sizeof path, "%s/installed.s19", world->cfg.folder);
    const int code = case_image_save(&image, path, err);
    return code == 0 ? s12x_ecu_load_application(ecu, path, err) : code;
}

/* What the file names is loaded; every other ECU gets an application too. */
static int install_all(const struct case_world *world, struct vehicle *vehicle, struct err *err)
{
    int code = 0;
    /* The first one last: its image is the one that stays in the folder. */
    for (size_t i = vehicle_ecu_count(vehicle); code == 0 && i-- > 0;) {
        struct s12x_ecu *ecu = s12x_ecu_from(vehicle_ecu_at(vehicle, i));
        struct s12x_ecu_status status;
        if (ecu != NULL) {
            s12x_ecu_status(ecu, &status);
            code = status.version[0] == '\0' ? install(world, ecu, (uint32_t)i, err) : 0;
        }
    }
    return code;
}

struct vehicle *case_vehicle_load(struct case_world *world, struct err *err)
{
    const struct case_world_cfg *cfg = &world->cfg;
    const struct vehicle_overrides overrides = overrides_of(&cfg->adapter->profile);
    char path[CASE_PATH_MAX];
    size_t len = 0;
    if (cfg->vehicle != NULL) {
        snprintf(path, sizeof path, "%s", cfg->vehicle);
    } else {
        case_vehicle_path(cfg->file, cfg->vehicles, path, sizeof path);
    }
    char *text = file_text_read(path, VEHICLE_FILE_MAX, "a vehicle file", &len, err);
    if (text == NULL) {
        return NULL;
    }
    const char *changes = cfg->file->changes[cfg->play];
    if (changes != NULL) {
        char *own = changed(text, len, changes);
        free(text);
        text = own;
        len = strlen(text);
    }
    char folder[CASE_PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    struct vehicle *vehicle =
        vehicle_parse_with(text, len, path, folder, &overrides, &world->sim, err);
    free(text);
    if (vehicle != NULL && install_all(world, vehicle, err) != 0) {
        vehicle_free(vehicle);
        return NULL;
    }
    return vehicle;
}

size_t case_vehicle_watch(struct inject_bus *inject, struct s12x_ecu *ecu)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu)->boot;
    return inject_bus_watch(
        inject,
        &(struct isotp_watch_cfg){
            .request = {.id = boot->request_id, .ext = boot->request_id > CAN_STD_ID_MAX},
            .response = {.id = boot->response_id, .ext = boot->response_id > CAN_STD_ID_MAX},
            .has_functional = true,
            .functional = {.id = boot->functional_id,
                           .ext = boot->functional_id > CAN_STD_ID_MAX}});
}
