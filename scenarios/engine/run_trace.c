/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_trace.c - writes bus logs, events, flash images and states. */
#include "scenarios/engine/run_trace.h"

#include "sim/can/can_log.h"
#include "sim/file_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_CAP = 1024, EVENTS_BUFFER = 256 * 1024 };

struct run_trace {
    char folder[PATH_CAP];
    struct can_log *candump, *pcapng;
    FILE *events;
    int failed_errno; /* Of the first write to it that failed. */
    size_t len;
    char buffer[EVENTS_BUFFER];
};

static int make_folders(const char *folder, struct err *err)
{
    char path[PATH_CAP];
    size_t len = strlen(folder);
    if (len == 0 || len >= sizeof path - 64) {
        return err_set(err, ERR_RANGE, "%s: name of the trace folder is empty or too long", folder);
    }
    memcpy(path, folder, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        path[i] = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            return err_set(err, ERR_IO, "%s: folder cannot be made: %s", path, strerror(errno));
        }
        path[i] = i < len ? '/' : '\0';
    }
    return 0;
}

static void path_in(const struct run_trace *run, const char *name, const char *ending,
                    char path[PATH_CAP])
{
    (void)snprintf(path, PATH_CAP, "%.900s/%.100s%s", run->folder, name, ending);
}

static void flush_events(struct run_trace *run)
{
    if (run->len > 0 && fwrite(run->buffer, 1, run->len, run->events) != run->len &&
        run->failed_errno == 0) {
        run->failed_errno = errno != 0 ? errno : EIO;
    }
    run->len = 0;
}

/* There may be a hundred thousand lines a second: they are made where they are written from. */
static void print_event(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    struct run_trace *run = ctx;
    if (run->len > sizeof run->buffer - TRACE_LINE_MAX) {
        flush_events(run);
    }
    run->len = (size_t)(trace_format(run->buffer + run->len, trace, rec) - run->buffer);
}

static int open_files(struct run_trace *run, struct trace *trace, struct err *err)
{
    char path[PATH_CAP];
    path_in(run, "bus", ".log", path);
    run->candump = can_log_open_candump(path, trace, err);
    path_in(run, "bus", ".pcapng", path);
    run->pcapng = run->candump != NULL ? can_log_open_pcapng(path, trace, err) : NULL;
    if (run->pcapng == NULL) {
        return ERR_IO;
    }
    path_in(run, "events", ".log", path);
    run->events = fopen(path, "w");
    if (run->events == NULL) {
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    (void)setvbuf(run->events, NULL, _IONBF, 0);
    trace_subscribe(trace, print_event, run);
    return 0;
}

struct run_trace *run_trace_open(const char *folder, struct trace *trace, struct err *err)
{
    if (make_folders(folder, err) != 0) {
        return NULL;
    }
    struct run_trace *run = calloc(1, sizeof *run);
    if (run == NULL) {
        (void)err_set(err, ERR_NOMEM, "out of memory for the trace");
        return NULL;
    }
    memcpy(run->folder, folder, strlen(folder) + 1);
    if (open_files(run, trace, err) != 0) {
        (void)run_trace_close(run, NULL);
        return NULL;
    }
    return run;
}

static cJSON *ecu_state(struct s12x_ecu *ecu)
{
    struct s12x_ecu_status status;
    struct ecu *base = s12x_ecu_base(ecu);
    cJSON *json = cJSON_CreateObject();
    s12x_ecu_status(ecu, &status);
    cJSON_AddStringToObject(json, "name", base->name);
    cJSON_AddStringToObject(json, "runs", ecu_run_name(status.run));
    cJSON_AddStringToObject(json, "version", status.version);
    cJSON_AddBoolToObject(json, "application_valid", status.application_valid);
    cJSON_AddNumberToObject(json, "erase_state", status.erase_state);
    cJSON_AddNumberToObject(json, "session", status.session);
    cJSON_AddBoolToObject(json, "communication_on", status.communication_on);
    cJSON_AddBoolToObject(json, "dtc_setting_on", status.dtc_setting_on);
    cJSON_AddNumberToObject(json, "resets", base->resets);
    cJSON_AddNumberToObject(json, "frames_lost", (double)status.frames_lost);
    return json;
}

int run_trace_save_state(struct run_trace *run, struct vehicle *vehicle, sim_ns_t now_ns,
                         struct err *err)
{
    char path[PATH_CAP];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "vehicle", vehicle_name(vehicle));
    cJSON_AddNumberToObject(json, "at_ns", (double)now_ns);
    cJSON *list = cJSON_AddArrayToObject(json, "ecus");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < vehicle_ecu_count(vehicle); i++) {
        struct s12x_ecu *ecu = s12x_ecu_from(vehicle_ecu_at(vehicle, i));
        if (ecu != NULL) {
            cJSON_AddItemToArray(list, ecu_state(ecu));
            path_in(run, vehicle_ecu_at(vehicle, i)->name, ".s19", path);
            rc = s12x_flash_save_srec(s12x_ecu_flash(ecu), path, err);
        }
    }
    char *text = cJSON_Print(json);
    cJSON_Delete(json);
    if (rc == 0) {
        path_in(run, "state", ".json", path);
        rc = text != NULL ? file_text_write(path, text, err)
                          : err_set(err, ERR_NOMEM, "out of memory");
    }
    cJSON_free(text);
    return rc;
}

void run_trace_flush(struct run_trace *run)
{
    can_log_flush(run->candump);
    can_log_flush(run->pcapng);
    flush_events(run);
}

static int close_events(struct run_trace *run)
{
    flush_events(run);
    if (fclose(run->events) != 0 && run->failed_errno == 0) {
        run->failed_errno = errno;
    }
    return run->failed_errno;
}

int run_trace_close(struct run_trace *run, struct err *err)
{
    int rc = 0;
    if (run == NULL) {
        return 0;
    }
    if (run->candump != NULL && can_log_close(run->candump, err) != 0) {
        rc = ERR_IO;
    }
    if (run->pcapng != NULL && can_log_close(run->pcapng, err) != 0) {
        rc = ERR_IO;
    }
    if (run->events != NULL && close_events(run) != 0) {
        rc = err_set(err, ERR_IO, "%s/events.log: writing failed: %s", run->folder,
                     strerror(run->failed_errno));
    }
    free(run);
    return rc;
}
