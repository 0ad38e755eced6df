/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/campaign.c - writes a campaign as a job file. */
#include "scenarios/engine/campaign.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void campaign_init(struct campaign *campaign)
{
    memset(campaign, 0, sizeof *campaign);
    profile_init(&campaign->profile);
}

/* Identifiers, addresses and secrets are read as hexadecimal by people. */
static cJSON *hex(uint32_t value)
{
    char text[16];
    (void)snprintf(text, sizeof text, "0x%X", value);
    return cJSON_CreateString(text);
}

static void add_hex(cJSON *to, const char *name, uint32_t value)
{
    cJSON_AddItemToObject(to, name, hex(value));
}

static void add_extensions(cJSON *to, const struct campaign_address *address)
{
    if (address->extended) {
        add_hex(to, "request_extension", address->request_extension);
        add_hex(to, "response_extension", address->response_extension);
    }
}

static void add_address(cJSON *to, const struct campaign_address *address)
{
    add_hex(to, "request_id", address->request_id);
    add_hex(to, "response_id", address->response_id);
    add_hex(to, "functional_id", address->functional_id);
    add_extensions(to, address);
}

static void add_ecu(cJSON *to, const struct campaign_ecu *ecu)
{
    cJSON *json = cJSON_AddObjectToObject(to, "ecu");
    cJSON_AddStringToObject(json, "name", ecu->name);
    add_address(json, &ecu->address);
    cJSON_AddStringToObject(json, "hardware_id", ecu->hardware_id);
    add_hex(json, "secret", ecu->secret);
    if (ecu->windows_len == 0) {
        return;
    }
    cJSON *windows = cJSON_AddArrayToObject(json, "windows");
    for (size_t i = 0; i < ecu->windows_len; i++) {
        cJSON *pair = cJSON_CreateArray();
        cJSON_AddItemToArray(pair, hex(ecu->windows[i].start));
        cJSON_AddItemToArray(pair, hex(ecu->windows[i].end));
        cJSON_AddItemToArray(windows, pair);
    }
}

static void add_image(cJSON *to, const struct campaign_ecu *ecu)
{
    cJSON *json = cJSON_AddObjectToObject(to, "image");
    cJSON_AddStringToObject(json, "path", ecu->image);
    cJSON_AddStringToObject(json, "version", ecu->version);
    cJSON_AddStringToObject(json, "from_version", ecu->from_version);
    cJSON_AddStringToObject(json, "sha256", ecu->sha256);
    cJSON_AddNumberToObject(json, "bytes", (double)ecu->bytes);
}

/* The parameters that a job tells: "limits.resends" is member resends of object limits. */
static void add_profile(cJSON *to, const struct profile *profile)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        const struct profile_parameter *p = &profile_parameters[i];
        if (p->job == NULL) {
            continue;
        }
        const char *dot = strchr(p->job, '.');
        char object[24];
        (void)snprintf(object, sizeof object, "%.*s", (int)(dot - p->job), p->job);
        cJSON *json = cJSON_GetObjectItemCaseSensitive(to, object);
        json = json != NULL ? json : cJSON_AddObjectToObject(to, object);
        if (p->unit == PROFILE_CHOICE) {
            cJSON_AddStringToObject(json, dot + 1, profile_choice(profile, (enum profile_id)i));
        } else {
            cJSON_AddNumberToObject(json, dot + 1, profile->values[i]);
        }
    }
}

static void add_padding(cJSON *to, const struct campaign_ecu *ecu)
{
    cJSON *json = cJSON_AddObjectToObject(to, "isotp");
    cJSON_AddItemToObject(json, "padding", ecu->pad ? hex(ecu->padding) : cJSON_CreateNull());
}

static void add_network(cJSON *to, const struct campaign *campaign)
{
    if (campaign->others_len == 0) {
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(to, "network");
    for (size_t i = 0; i < campaign->others_len; i++) {
        const struct campaign_other *other = &campaign->others[i];
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "name", other->name);
        add_hex(json, "request_id", other->address.request_id);
        add_hex(json, "response_id", other->address.response_id);
        add_extensions(json, &other->address);
        cJSON_AddItemToArray(list, json);
    }
}

static void add_health(cJSON *to, const struct campaign *campaign)
{
    const struct campaign_health *health = &campaign->health;
    if (!health->watch) {
        return;
    }
    cJSON *json = cJSON_AddObjectToObject(to, "health");
    cJSON_AddNumberToObject(json, "window_ms", campaign->profile.values[PROFILE_T_HEALTH]);
    cJSON_AddBoolToObject(json, "dtc", health->dtc);
    if (health->heartbeat) {
        add_hex(json, "heartbeat_id", health->heartbeat_id);
        cJSON_AddNumberToObject(json, "heartbeat_ms", health->heartbeat_ms);
    }
}

static void add_target(cJSON *to, const struct campaign *campaign, size_t i)
{
    add_ecu(to, &campaign->ecus[i]);
    if (campaign->action == CAMPAIGN_UPDATE) {
        add_image(to, &campaign->ecus[i]);
    }
    add_padding(to, &campaign->ecus[i]);
}

static void add_further(cJSON *to, const struct campaign *campaign)
{
    cJSON *list = campaign->ecus_len > 1 ? cJSON_AddArrayToObject(to, "further") : NULL;
    for (size_t i = 1; i < campaign->ecus_len; i++) {
        cJSON *json = cJSON_CreateObject();
        add_target(json, campaign, i);
        cJSON_AddItemToArray(list, json);
    }
}

const char *campaign_action_name(enum campaign_action action)
{
    switch (action) {
    case CAMPAIGN_ROLLBACK: return "rollback";
    case CAMPAIGN_NONE: return "none";
    case CAMPAIGN_UPDATE: break;
    }
    return "update";
}

char *campaign_job_text(const struct campaign *campaign)
{
    CHECK(campaign->ecus_len >= 1 && campaign->ecus_len <= CAMPAIGN_ECUS_MAX);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "campaign", campaign->id);
    cJSON_AddStringToObject(json, "action", campaign_action_name(campaign->action));
    cJSON_AddStringToObject(json, "policy", campaign->stay ? "stay" : "roll-back");
    add_target(json, campaign, 0);
    add_further(json, campaign);
    add_network(json, campaign);
    add_profile(json, &campaign->profile);
    add_health(json, campaign);
    cJSON_AddStringToObject(json, "state_folder", campaign->state_folder);
    char *text = cJSON_Print(json);
    cJSON_Delete(json);
    return text;
}

int campaign_write_job(const struct campaign *campaign, const char *path, struct err *err)
{
    char *text = campaign_job_text(campaign);
    if (text == NULL) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    FILE *file = fopen(path, "w");
    bool good = file != NULL && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
    if (file != NULL) {
        good = fclose(file) == 0 && good;
    }
    free(text);
    return good ? 0
                : err_set(err, ERR_IO,
                          "%s: the job cannot be written: %s; make room or choose "
                          "another folder",
                          path, strerror(errno));
}
