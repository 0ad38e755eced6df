/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_result.c - what the result file says, and how it gets there on a full disk. */
#include "master/ota_result.h"

#include "master/ota_store.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_FILE "result.new"

/* A block of most file systems; a report is shorter. */
enum { ROOM_BYTES = 4096 };

static void add_ecus(cJSON *tree, const struct ota_job *job, const struct ota_report *report)
{
    cJSON *ecus = cJSON_AddArrayToObject(tree, "ecus");
    cJSON *ecu = cJSON_CreateObject();
    cJSON_AddStringToObject(ecu, "name", job->ecu_name);
    cJSON_AddStringToObject(ecu, "result", ota_result_name(report->code));
    cJSON_AddStringToObject(ecu, "version", report->version);
    cJSON_AddItemToArray(ecus, ecu);
}

static void add_counts(cJSON *tree, const struct ota_report *report)
{
    cJSON_AddNumberToObject(tree, "requests", report->requests);
    cJSON_AddNumberToObject(tree, "resends", report->resends);
    cJSON_AddNumberToObject(tree, "pendings", report->pendings);
    cJSON_AddNumberToObject(tree, "busies", report->busies);
    cJSON_AddNumberToObject(tree, "strays", report->strays);
    cJSON_AddNumberToObject(tree, "interruptions", report->interruptions);
    cJSON_AddNumberToObject(tree, "payload_bytes", (double)report->payload_bytes);
    cJSON *phases = cJSON_AddObjectToObject(tree, "phase_ms");
    for (int i = 0; i < OTA_PHASE_COUNT; i++) {
        const uint64_t whole_ms = report->phase_ns[i] / 1000000u;
        cJSON_AddNumberToObject(phases, ota_phase_name((enum ota_phase)i), (double)whole_ms);
    }
}

char *ota_result_text(const struct ota_job *job, const struct ota_report *report,
                      const char *ended_at)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "campaign", job->campaign);
    cJSON_AddStringToObject(tree, "result", ota_result_name(report->code));
    cJSON_AddStringToObject(tree, "reason_code", ota_why_name(report->why));
    cJSON_AddStringToObject(tree, "reason", report->reason);
    cJSON_AddBoolToObject(tree, "prompt", report->prompt);
    cJSON_AddStringToObject(tree, "version", report->version);
    cJSON_AddNumberToObject(tree, "sid", report->sid);
    cJSON_AddNumberToObject(tree, "nrc", report->nrc);
    if (report->segment) {
        cJSON_AddNumberToObject(tree, "segment", report->segment);
        cJSON_AddNumberToObject(tree, "address", report->address);
    }
    add_ecus(tree, job, report);
    cJSON_AddStringToObject(tree, "ended_at", ended_at);
    add_counts(tree, report);
    char *text = cJSON_Print(tree);
    cJSON_Delete(tree);
    return text;
}

/* The text and blanks behind it, so that the reserved bytes are overwritten and none is added. */
static long overwrite(const struct ota_port *port, const char *text)
{
    char room[ROOM_BYTES];
    size_t len = strlen(text);
    if (len >= sizeof room) {
        return -EFBIG;
    }
    memset(room, ' ', sizeof room);
    memcpy(room, text, len);
    room[sizeof room - 1] = '\n';
    long put = port->file_write(port->ctx, PART_FILE, 0, room, sizeof room);
    return put == (long)sizeof room ? port->file_sync(port->ctx, PART_FILE)
                                    : (put < 0 ? put : -ENOSPC);
}

int ota_result_reserve(const struct ota_port *port, struct ota_error *error)
{
    long code = overwrite(port, "");
    if (code == 0) {
        return 0;
    }
    port->file_remove(port->ctx, PART_FILE);
    return ota_error_set(error, ota_store_error_code(code), "%s: %s", PART_FILE,
                         strerror((int)-code));
}

int ota_result_write(const struct ota_port *port, const char *text, struct ota_error *error)
{
    long code = overwrite(port, text);
    if (code == 0) {
        code = port->file_rename(port->ctx, PART_FILE, OTA_RESULT_FILE);
    }
    if (code == 0) {
        return 0;
    }
    port->file_remove(port->ctx, PART_FILE);
    return ota_error_set(error, ota_store_error_code(code), "%s: %s; check the state folder",
                         OTA_RESULT_FILE, strerror((int)-code));
}

void ota_result_refuse(struct ota_report *report, const struct ota_trouble *trouble)
{
    memset(report, 0, sizeof *report);
    report->code = OTA_REFUSED;
    report->why = trouble->why;
    memcpy(report->reason, trouble->text, sizeof report->reason);
}
