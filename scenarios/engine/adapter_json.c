/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/adapter_json.c - reads an adapter file, and says exactly what is wrong with it.
 */
#include "scenarios/engine/adapter_reader.h"

#include "scenarios/engine/lua_duration.h"
#include "scenarios/engine/nearest.h"
#include "sim/file_text.h"
#include "sim/json_locate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1024 * 1024 };

#define UPDATE_LIMIT_NS SIM_S(3600)

static int read_name(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    const int code = adapter_read_text(r, json, 1, a->name, sizeof a->name);
    return code != 0 ? code : adapter_check_name(r, a->name);
}

static int read_argument(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    return adapter_read_template(r, json, 0, a->command[a->command_len++], ADAPTER_TEXT_MAX + 1);
}

static int read_command(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    int code = adapter_read_list(r, json, 1, ADAPTER_ARGS_MAX, read_argument, a);
    if (code != 0) {
        return code;
    }
    const char *program = a->command[0];
    const size_t mark = vehicle_enter_index(r, 0);
    if (program[0] == '\0') {
        code = vehicle_fail(r, ERR_RANGE, "the program has no name");
    } else if (strchr(program, '/') != NULL && program[0] != '/' && program[0] != '{') {
        code =
            vehicle_fail(r, ERR_SYNTAX,
                         "a path in no known folder: write \"{adapter}/%.80s\" if it lies beside "
                         "this file, or the whole path",
                         program);
    }
    vehicle_leave(r, mark);
    return code;
}

static int read_variable(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter *a = to;
    struct adapter_env *env = &a->env[a->env_len++];
    if (name[0] == '\0' || strlen(name) > ADAPTER_TEXT_MAX || strchr(name, '=') != NULL) {
        return vehicle_fail(r, ERR_SYNTAX, "no name of an environment variable");
    }
    (void)snprintf(env->name, sizeof env->name, "%s", name);
    return adapter_read_template(r, json, 0, env->value, sizeof env->value);
}

static int read_environment(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_ENV_MAX, read_variable, to);
}

static int read_working_folder(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    return adapter_read_template(r, json, 1, a->working_folder, sizeof a->working_folder);
}

static int read_job_file(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    if (cJSON_IsNull(json)) {
        a->job_file[0] = '\0';
        return 0;
    }
    return adapter_read_template(r, json, 1, a->job_file, sizeof a->job_file);
}

static int read_job(struct vehicle_reader *r, const cJSON *json, void *to)
{
    static const struct adapter_member members[] = {{"file", true, read_job_file}};
    return adapter_read_object(r, json, members, ARRAY_SIZE(members), to);
}

static int read_update_limit(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    struct err why = {.code = 0};
    if (!cJSON_IsString(json) || lua_duration_parse(json->valuestring, &a->update_ns, &why) != 0) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a duration with its unit, such as \"10min\"");
    }
    if (a->update_ns < SIM_S(1) || a->update_ns > SIM_S(7 * 86400)) {
        return vehicle_fail(r, ERR_RANGE, "must be 1s to 168h");
    }
    return 0;
}

static int read_limits(struct vehicle_reader *r, const cJSON *json, void *to)
{
    static const struct adapter_member members[] = {{"update", false, read_update_limit}};
    return adapter_read_object(r, json, members, ARRAY_SIZE(members), to);
}

static int read_capability(struct vehicle_reader *r, const cJSON *json, void *to)
{
    struct adapter *a = to;
    char name[64];
    const int code = adapter_read_text(r, json, 1, name, sizeof name);
    if (code != 0) {
        return code;
    }
    const enum capability capability = capability_find(name);
    if (capability == CAPABILITY_COUNT) {
        return vehicle_fail(r, ERR_NOT_FOUND,
                            "there is no capability \"%s\"; did you mean \"%s\"? docs/adapters.md "
                            "has all",
                            name, capability_nearest(name));
    }
    if (adapter_can(a, capability)) {
        return vehicle_fail(r, ERR_CONFLICT, "\"%s\" is given twice; leave one of them", name);
    }
    a->capabilities |= UINT64_C(1) << capability;
    return 0;
}

static int read_capabilities(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_list(r, json, 0, CAPABILITY_COUNT, read_capability, to);
}

static int read_interface(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter *a = to;
    struct adapter_interface *interface = &a->interfaces[a->interfaces_len++];
    int code = 0;
    if (name[0] == '\0' || strlen(name) >= sizeof interface->name) {
        return vehicle_fail(r, ERR_RANGE, "a CAN interface has a name of 1 to %zu characters",
                            sizeof interface->name - 1);
    }
    code = adapter_check_name(r, name);
    (void)snprintf(interface->name, sizeof interface->name, "%s", name);
    code = code != 0 ? code : adapter_read_text(r, json, 1, interface->bus, sizeof interface->bus);
    return code != 0 ? code : adapter_check_name(r, interface->bus);
}

static int read_interfaces(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, ADAPTER_INTERFACES_MAX, read_interface, to);
}

static const char *nearest_parameter(const char *name)
{
    size_t best = 0;
    for (size_t i = 1; i < PROFILE_COUNT; i++) {
        if (nearest_distance(name, profile_parameters[i].name) <
            nearest_distance(name, profile_parameters[best].name)) {
            best = i;
        }
    }
    return profile_parameters[best].name;
}

static int read_parameter(struct vehicle_reader *r, const char *name, const cJSON *json, void *to)
{
    struct adapter *a = to;
    char number[32];
    const char *text = cJSON_IsString(json) ? json->valuestring : number;
    const enum profile_id id = profile_find(name);
    if (id == PROFILE_COUNT) {
        return vehicle_fail(r, ERR_NOT_FOUND,
                            "there is no such profile parameter; did you mean \"%s\"? "
                            "docs/adapters.md has all",
                            nearest_parameter(name));
    }
    if (cJSON_IsNumber(json)) {
        (void)snprintf(number, sizeof number, "%.10g", json->valuedouble);
    } else if (!cJSON_IsString(json)) {
        return vehicle_fail(r, ERR_SYNTAX, "must be a number, or a text in quotes");
    }
    struct err why = {.code = 0};
    const int code = profile_set(&a->profile, id, text, &why);
    return code == 0 ? 0 : vehicle_fail(r, code, "%s", why.text);
}

static int read_profile(struct vehicle_reader *r, const cJSON *json, void *to)
{
    return adapter_read_map(r, json, PROFILE_COUNT, read_parameter, to);
}

static const struct adapter_member top_members[] = {
    {"name", true, read_name},
    {"command", true, read_command},
    {"environment", false, read_environment},
    {"working_folder", false, read_working_folder},
    {"job", false, read_job},
    {"result", true, adapter_read_result},
    {"limits", false, read_limits},
    {"capabilities", true, read_capabilities},
    {"interfaces", false, read_interfaces},
    {"profile", false, read_profile},
};

/* A job that nobody hands over. */
static int check_job(struct vehicle_reader *r, const struct adapter *a)
{
    if (a->job_file[0] != '\0') {
        return adapter_uses(a->job_file, "job")
                   ? vehicle_fail(r, ERR_CONFLICT, "job.file: {job} would stand for itself")
                   : 0;
    }
    for (size_t i = 0; i < a->command_len; i++) {
        if (adapter_uses(a->command[i], "job")) {
            return vehicle_fail(r, ERR_CONFLICT,
                                "command[%zu] names {job}, but job.file is null: no job is written",
                                i);
        }
    }
    return 0;
}

static int fail_to_parse(const struct vehicle_reader *r, size_t at)
{
    const unsigned line = json_line_at(r->text, r->len, at);
    if (json_depth_at(r->text, r->len, at) >= CJSON_NESTING_LIMIT) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: nested too deeply: more than %d brackets are open", r->file, line,
                       CJSON_NESTING_LIMIT);
    }
    return err_set(r->err, ERR_SYNTAX,
                   "%s:%u: not JSON from here on: check commas, quotes and "
                   "brackets",
                   r->file, line);
}

static int parse_tree(const struct vehicle_reader *r, cJSON **tree)
{
    const size_t nul = json_find_nul(r->text, r->len);
    if (nul < r->len) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: a NUL character, which no text here may hold; "
                       "remove it",
                       r->file, json_line_at(r->text, r->len, nul));
    }
    const char *end = r->text;
    *tree = cJSON_ParseWithLengthOpts(r->text, r->len, &end, false);
    size_t at = end != NULL ? (size_t)(end - r->text) : 0;
    if (*tree == NULL) {
        return fail_to_parse(r, at);
    }
    while (at < r->len && isspace((unsigned char)r->text[at])) {
        at++;
    }
    return at == r->len
               ? 0
               : err_set(r->err, ERR_SYNTAX, "%s:%u: there is more after the closing bracket",
                         r->file, json_line_at(r->text, r->len, at));
}

int adapter_parse(struct adapter *adapter, const char *text, size_t len_bytes, const char *name,
                  const char *folder, struct err *err)
{
    struct vehicle_reader r = {.file = name, .text = text, .len = len_bytes, .err = err};
    cJSON *tree = NULL;
    memset(adapter, 0, sizeof *adapter);
    (void)snprintf(adapter->path, sizeof adapter->path, "%s", name);
    (void)snprintf(adapter->folder, sizeof adapter->folder, "%s", folder);
    (void)snprintf(adapter->job_file, sizeof adapter->job_file, "{folder}/job.json");
    adapter->update_ns = UPDATE_LIMIT_NS;
    profile_init(&adapter->profile);
    int code = parse_tree(&r, &tree);
    if (code == 0) {
        code = adapter_read_object(&r, tree, top_members, ARRAY_SIZE(top_members), adapter);
    }
    if (code == 0) {
        code = check_job(&r, adapter);
    }
    cJSON_Delete(tree);
    return code;
}

/* The folder of a file, absolute. */
static int folder_of(const char *path, char *folder, size_t cap, struct err *err)
{
    char *whole = realpath(path, NULL);
    if (whole == NULL || strlen(whole) >= cap) {
        free(whole);
        return err_set(err, ERR_RANGE, "%s: its path is longer than %zu characters", path, cap - 1);
    }
    char *slash = strrchr(whole, '/');
    slash[slash == whole ? 1 : 0] = '\0';
    (void)snprintf(folder, cap, "%s", whole);
    free(whole);
    return 0;
}

int adapter_load(struct adapter *adapter, const char *path, struct err *err)
{
    size_t len = 0;
    char folder[ADAPTER_PATH_MAX + 1];
    char *text = file_text_read(path, FILE_MAX, "an adapter file", &len, err);
    if (text == NULL) {
        return err->code;
    }
    int code = folder_of(path, folder, sizeof folder, err);
    code = code != 0 ? code : adapter_parse(adapter, text, len, path, folder, err);
    free(text);
    return code;
}

bool adapter_can(const struct adapter *adapter, enum capability capability)
{
    CHECK(capability < CAPABILITY_COUNT);
    return (adapter->capabilities >> capability & 1u) != 0;
}
