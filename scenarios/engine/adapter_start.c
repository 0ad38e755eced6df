/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_start.c - one life of a master: its job, arguments and environment. */
#include "scenarios/engine/adapter_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What placeholders stand for. */
struct filling {
    const struct adapter *adapter;
    const struct campaign *campaign;
    const struct adapter_place *place;
    const struct adapter_launch *launch;
    char programs[ADAPTER_PATH_MAX + 1];
    char text[64];
};

static const char *hex(struct filling *f, uint32_t value)
{
    (void)snprintf(f->text, sizeof f->text, "0x%X", value);
    return f->text;
}

static const char *number(struct filling *f, uint64_t value)
{
    (void)snprintf(f->text, sizeof f->text, "%" PRIu64, value);
    return f->text;
}

static const char *address_value(struct filling *f, const char *name)
{
    const struct campaign_ecu *ecu = &f->campaign->ecus[0];
    const struct campaign_address *at = &ecu->address;
    if (strcmp(name, "ecu.name") == 0) {
        return ecu->name;
    }
    if (strcmp(name, "ecu.request_id") == 0) {
        return hex(f, at->request_id);
    }
    if (strcmp(name, "ecu.response_id") == 0) {
        return hex(f, at->response_id);
    }
    if (strcmp(name, "ecu.functional_id") == 0) {
        return hex(f, at->functional_id);
    }
    if (strcmp(name, "ecu.request_extension") == 0) {
        return at->extended ? hex(f, at->request_extension) : "";
    }
    if (strcmp(name, "ecu.response_extension") == 0) {
        return at->extended ? hex(f, at->response_extension) : "";
    }
    if (strcmp(name, "ecu.hardware_id") == 0) {
        return ecu->hardware_id;
    }
    return strcmp(name, "ecu.secret") == 0 ? hex(f, ecu->secret) : NULL;
}

static const char *image_value(struct filling *f, const char *name)
{
    const struct campaign_ecu *ecu = &f->campaign->ecus[0];
    if (strcmp(name, "image") == 0) {
        return ecu->image;
    }
    if (strcmp(name, "version") == 0) {
        return ecu->version;
    }
    if (strcmp(name, "from_version") == 0) {
        return ecu->from_version;
    }
    if (strcmp(name, "sha256") == 0) {
        return ecu->sha256;
    }
    return strcmp(name, "bytes") == 0 ? number(f, ecu->bytes) : NULL;
}

static const char *interface_of(const struct filling *f)
{
    const char *bus = f->campaign->ecus[0].bus;
    for (size_t i = 0; i < f->adapter->interfaces_len; i++) {
        if (strcmp(f->adapter->interfaces[i].bus, bus) == 0) {
            return f->adapter->interfaces[i].name;
        }
    }
    return bus;
}

static const char *place_value(struct filling *f, const char *name)
{
    if (strcmp(name, "adapter") == 0) {
        return f->adapter->folder;
    }
    if (strcmp(name, "programs") == 0) {
        return f->place->programs != NULL ? f->place->programs : f->programs;
    }
    if (strcmp(name, "folder") == 0) {
        return f->place->folder;
    }
    if (strcmp(name, "job") == 0) {
        return f->launch->job_path;
    }
    if (strcmp(name, "state") == 0) {
        return f->campaign->state_folder;
    }
    if (strcmp(name, "campaign") == 0) {
        return f->campaign->id;
    }
    if (strcmp(name, "action") == 0) {
        return campaign_action_name(f->campaign->action);
    }
    if (strcmp(name, "interface") == 0) {
        return f->place->interface != NULL ? f->place->interface : interface_of(f);
    }
    return NULL;
}

static const char *profile_value(struct filling *f, const char *name)
{
    const size_t prefix = strlen("profile.");
    const enum profile_id id =
        strncmp(name, "profile.", prefix) == 0 ? profile_find(name + prefix) : PROFILE_COUNT;
    if (id == PROFILE_COUNT) {
        return NULL;
    }
    const uint32_t value = f->campaign->profile.values[id];
    return profile_parameters[id].unit == PROFILE_CHOICE ? profile_choice(&f->campaign->profile, id)
                                                         : number(f, value);
}

static const char *value_of(void *ctx, const char *name)
{
    const char *(*const tables[])(struct filling *, const char *) = {place_value, image_value,
                                                                     address_value, profile_value};
    const struct filling *f = ctx;
    const char *found = NULL;
    CHECK(f->adapter != NULL && f->campaign != NULL);
    for (size_t i = 0; found == NULL && i < ARRAY_SIZE(tables); i++) {
        found = tables[i](ctx, name);
    }
    return found;
}

/* The reader has checked everything but the length. */
static int fill(struct filling *f, const char *text, const char *what, char *to, size_t cap,
                struct err *err)
{
    char bad[48];
    if (adapter_fill(text, value_of, f, to, cap, bad, sizeof bad)) {
        return 0;
    }
    if (strcmp(bad, ADAPTER_TOO_LONG) == 0) {
        return err_set(err, ERR_RANGE,
                       "%s: %s becomes longer than %zu characters once its placeholders are filled "
                       "in; use shorter paths",
                       f->adapter->path, what, cap - 1);
    }
    return err_set(err, ERR_NOT_FOUND, "%s: %s: there is no placeholder {%s}", f->adapter->path,
                   what, bad);
}

/* One text behind the other in launch->text. */
static int append(struct filling *f, struct adapter_launch *launch, size_t *used,
                  const char *prefix, const char *text, const char *what, char **slot,
                  struct err *err)
{
    char filled[ADAPTER_PATH_MAX + 1];
    const int code = fill(f, text, what, filled, sizeof filled, err);
    if (code != 0) {
        return code;
    }
    const size_t room = sizeof launch->text - *used;
    const int len = snprintf(launch->text + *used, room, "%s%s", prefix, filled);
    CHECK(len >= 0 && (size_t)len < room);
    *slot = launch->text + *used;
    *used += (size_t)len + 1;
    return 0;
}

static int fill_arguments(struct filling *f, struct adapter_launch *launch, struct err *err)
{
    const struct adapter *a = f->adapter;
    size_t used = 0;
    int code = 0;
    for (size_t i = 0; code == 0 && i < a->command_len; i++) {
        code = append(f, launch, &used, "", a->command[i], "an argument of the command",
                      &launch->argv[i], err);
    }
    for (size_t i = 0; code == 0 && i < a->env_len; i++) {
        char prefix[ADAPTER_TEXT_MAX + 2];
        (void)snprintf(prefix, sizeof prefix, "%s=", a->env[i].name);
        code = append(f, launch, &used, prefix, a->env[i].value, "an environment variable",
                      &launch->environment[i], err);
    }
    return code;
}

static int fill_paths(struct filling *f, struct adapter_launch *launch, struct err *err)
{
    const struct adapter *a = f->adapter;
    const char *folder = a->working_folder[0] != '\0' ? a->working_folder : "{folder}";
    int code = fill(f, a->job_file, "job.file", launch->job_path, sizeof launch->job_path, err);
    code = code != 0 ? code
                     : fill(f, folder, "working_folder", launch->working_folder,
                            sizeof launch->working_folder, err);
    for (size_t i = 0; code == 0 && i < a->sources_len; i++) {
        code = fill(f, a->sources[i].file, "the path of a result file", launch->result_paths[i],
                    sizeof launch->result_paths[i], err);
    }
    return code;
}

/* Where limphome's own programs lie. */
static void find_programs(struct filling *f)
{
    const ssize_t len = readlink("/proc/self/exe", f->programs, sizeof f->programs - 1);
    f->programs[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(f->programs, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool in_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[ADAPTER_PATH_MAX + 1];
    while (path != NULL && *path != '\0') {
        const size_t len = strcspn(path, ":");
        (void)snprintf(file, sizeof file, "%.*s/%s", (int)len, path, name);
        if (is_program(file)) {
            return true;
        }
        path += len + (path[len] == ':' ? 1 : 0);
    }
    return false;
}

static int check_program(const struct adapter *a, const char *program, struct err *err)
{
    if (strchr(program, '/') == NULL) {
        return in_path(program)
                   ? 0
                   : err_set(err, ERR_NOT_FOUND,
                             "%s: command[0]: there is no program \"%s\" in PATH; install it, or "
                             "write its whole path",
                             a->path, program);
    }
    return is_program(program)
               ? 0
               : err_set(err, ERR_NOT_FOUND,
                         "%s: command[0]: %s is no program that can be run; check the path, and "
                         "that it may be executed",
                         a->path, program);
}

static int forget_results(const struct adapter *a, const struct adapter_launch *launch,
                          struct err *err)
{
    for (size_t i = 0; i < a->sources_len; i++) {
        const char *path = launch->result_paths[i];
        if (path[0] != '\0' && unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR) {
            return err_set(err, ERR_IO, "%s: the result of an earlier run cannot be removed: %s",
                           path, strerror(errno));
        }
    }
    return 0;
}

int adapter_start(const struct adapter *adapter, const struct campaign *campaign,
                  const struct adapter_place *place, struct adapter_launch *launch, struct err *err)
{
    struct filling f = {.adapter = adapter, .campaign = campaign, .place = place, .launch = launch};
    CHECK(campaign->ecus_len > 0);
    memset(launch, 0, sizeof *launch);
    find_programs(&f);
    int code = fill_paths(&f, launch, err);
    code = code != 0 ? code : fill_arguments(&f, launch, err);
    code = code != 0 ? code : check_program(adapter, launch->argv[0], err);
    code = code != 0 ? code : forget_results(adapter, launch, err);
    if (code == 0 && launch->job_path[0] != '\0') {
        code = campaign_write_job(campaign, launch->job_path, err);
    }
    return code;
}
