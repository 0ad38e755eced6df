/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay_file.c - replay.json, written and read. It may come from anywhere: what
 * is read is taken for nothing but what it should be. */
#include "scenarios/engine/replay_file.h"

#include "scenarios/engine/adapter.h"
#include "sim/file_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 4 << 20, TEXT_MAX = 4096, LIST_MAX = 100000 };

static const char format[] = "limphome-replay/1";

static char *own(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

/* 64 bits do not fit into a number of JSON. */
static void add_u64(cJSON *object, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    cJSON_AddStringToObject(object, name, text);
}

static void add_instant(cJSON *object, const char *name, sim_ns_t at_ns)
{
    if (at_ns != SIM_NEVER) {
        add_u64(object, name, at_ns);
    }
}

static void add_programs(cJSON *object, const struct replay_file *file)
{
    cJSON *list = cJSON_AddArrayToObject(object, "programs");
    for (size_t i = 0; i < file->programs_len; i++) {
        const struct replay_program *program = &file->programs[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "argument", program->argument);
        cJSON_AddStringToObject(one, "path", program->path);
        cJSON_AddStringToObject(one, "sha256", program->sha256);
        if (program->copy[0] != '\0') {
            cJSON_AddStringToObject(one, "copy", program->copy);
        }
        cJSON_AddItemToArray(list, one);
    }
}

static void add_outcome(cJSON *object, const struct play_result *play)
{
    cJSON_AddStringToObject(object, "verdict", verdict_name(play->verdict));
    cJSON_AddStringToObject(object, "error", play->error != NULL ? play->error : "");
    cJSON_AddStringToObject(object, "digest", play->digest);
    cJSON *findings = cJSON_AddArrayToObject(object, "findings");
    for (size_t i = 0; i < play->findings_len; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "criterion", play->findings[i].criterion);
        add_instant(one, "at_ns", play->findings[i].at_ns);
        cJSON_AddItemToArray(findings, one);
    }
    cJSON *injections = cJSON_AddArrayToObject(object, "injections");
    for (size_t i = 0; i < play->injections_len; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", play->injections[i].name);
        add_u64(one, "fired", play->injections[i].fired);
        add_instant(one, "first_ns", play->injections[i].first_ns);
        add_instant(one, "last_ns", play->injections[i].last_ns);
        cJSON_AddItemToArray(injections, one);
    }
}

char *replay_file_print(const struct replay_file *file)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "format", format);
    cJSON_AddStringToObject(object, "version", file->version);
    cJSON_AddStringToObject(object, "case", file->case_id);
    cJSON_AddStringToObject(object, "play", file->play.name);
    add_u64(object, "seed", file->play.seed);
    cJSON_AddStringToObject(object, "scenario", file->scenario);
    cJSON_AddStringToObject(object, "vehicle", file->vehicle);
    cJSON_AddStringToObject(object, "adapter", file->adapter);
    cJSON_AddStringToObject(object, "adapter_folder", file->adapter_folder);
    add_programs(object, file);
    add_outcome(object, &file->play);
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}

/* Reading. The first thing that is wrong makes it all bad. */
struct reading {
    const char *name; /* Of the text. */
    struct err *err;
};

static int fail(const struct reading *r, const char *member, const char *what)
{
    return err_set(r->err, ERR_SYNTAX,
                   "%s: member \"%s\" %s: no replay.json as `limphome run --out` writes it",
                   r->name, member, what);
}

static bool bad(const struct reading *r)
{
    return r->err->code != 0;
}

/* Empty where it is not as it must be. */
static char *take_text(const struct reading *r, const cJSON *object, const char *member)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
    if (!bad(r) && text == NULL) {
        fail(r, member, "is missing or no text");
    } else if (!bad(r) && strlen(text) > TEXT_MAX) {
        fail(r, member, "is too long");
    }
    return own(bad(r) || text == NULL ? "" : text);
}

static uint64_t take_u64(const struct reading *r, const cJSON *object, const char *member)
{
    char *text = take_text(r, object, member);
    char *end = text;
    errno = 0;
    const uint64_t value = strtoull(text, &end, 10);
    const bool number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    if (!bad(r) && !number) {
        fail(r, member, "is no whole number in quotes");
    }
    free(text);
    return value;
}

static sim_ns_t take_instant(const struct reading *r, const cJSON *object, const char *member)
{
    const bool given = cJSON_GetObjectItemCaseSensitive(object, member) != NULL;
    return given ? take_u64(r, object, member) : SIM_NEVER;
}

static void take_hex(const struct reading *r, const cJSON *object, const char *member, char *to,
                     size_t digits, bool may_be_empty)
{
    char *text = take_text(r, object, member);
    const size_t len = strlen(text);
    const bool fits = len == digits || (may_be_empty && len == 0);
    if (!bad(r) && (!fits || strspn(text, "0123456789abcdef") != len)) {
        fail(r, member, "is no digest");
    }
    memcpy(to, bad(r) ? "" : text, bad(r) ? 1 : len + 1);
    free(text);
}

/* Names below the folder, without a way up. */
static bool is_inside(const char *path)
{
    if (path[0] == '\0' || path[0] == '/' || strlen(path) > REPLAY_PATH_MAX) {
        return false;
    }
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        const size_t len = strcspn(part, "/");
        if (len == 0 || part[0] == '.') {
            return false;
        }
    }
    return true;
}

static char *take_inside(const struct reading *r, const cJSON *object, const char *member)
{
    char *text = take_text(r, object, member);
    if (!bad(r) && !is_inside(text)) {
        err_set(r->err, ERR_RANGE,
                "%s: member \"%s\" is \"%.100s\", which is no path inside of the folder", r->name,
                member, text);
    }
    return text;
}

static uint32_t take_argument(const struct reading *r, const cJSON *object)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "argument");
    const bool good =
        cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < ADAPTER_ARGS_MAX;
    if (!bad(r) && !good) {
        fail(r, "argument", "is no place in a command");
    }
    return good ? (uint32_t)item->valuedouble : 0;
}

/* Null, and said why, if it is no list of objects of at most max. */
static const cJSON *take_list(const struct reading *r, const cJSON *object, const char *member,
                              size_t max)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!bad(r) && !cJSON_IsArray(list)) {
        fail(r, member, "is missing or no list");
    }
    size_t len = 0;
    for (const cJSON *one = bad(r) ? NULL : list->child; one != NULL; one = one->next) {
        if (!cJSON_IsObject(one) || ++len > max) {
            fail(r, member, len > max ? "is too long" : "holds something else than objects");
            break;
        }
    }
    return bad(r) ? NULL : list->child;
}

static void take_programs(const struct reading *r, const cJSON *object, struct replay_file *file)
{
    const cJSON *one = take_list(r, object, "programs", REPLAY_PROGRAMS_MAX);
    for (; one != NULL; one = one->next) {
        struct replay_program *program = &file->programs[file->programs_len++];
        program->argument = take_argument(r, one);
        program->path = take_text(r, one, "path");
        take_hex(r, one, "sha256", program->sha256, REPLAY_SHA256_TEXT, false);
        const bool copied = cJSON_GetObjectItemCaseSensitive(one, "copy") != NULL;
        program->copy = copied ? take_inside(r, one, "copy") : own("");
    }
}

static void take_verdict(const struct reading *r, const cJSON *object, struct play_result *play)
{
    char *name = take_text(r, object, "verdict");
    int verdict = VERDICT_PASS;
    while (verdict < VERDICT_ERROR && strcmp(name, verdict_name((enum verdict)verdict)) != 0) {
        verdict++;
    }
    play->verdict = (enum verdict)verdict;
    if (!bad(r) && strcmp(name, verdict_name(play->verdict)) != 0) {
        fail(r, "verdict", "is no verdict");
    }
    free(name);
}

static void take_outcome(const struct reading *r, const cJSON *object, struct play_result *play)
{
    take_verdict(r, object, play);
    play->error = take_text(r, object, "error");
    take_hex(r, object, "digest", play->digest, sizeof play->digest - 1, true);
    for (const cJSON *one = take_list(r, object, "findings", LIST_MAX); one != NULL;
         one = one->next) {
        char *criterion = take_text(r, one, "criterion");
        const sim_ns_t at_ns = take_instant(r, one, "at_ns");
        play_result_find(play, criterion, "", "", at_ns, 0);
        free(criterion);
    }
    for (const cJSON *one = take_list(r, object, "injections", LIST_MAX); one != NULL;
         one = one->next) {
        char *name = take_text(r, one, "name");
        const uint64_t fired = take_u64(r, one, "fired");
        const sim_ns_t first_ns = take_instant(r, one, "first_ns");
        play_result_fired(play, name, fired, first_ns, take_instant(r, one, "last_ns"));
        free(name);
    }
}

static void take_all(const struct reading *r, const cJSON *tree, struct replay_file *file)
{
    char *given = take_text(r, tree, "format");
    if (!bad(r) && strcmp(given, format) != 0) {
        err_set(r->err, ERR_UNSUPPORTED,
                "%s: its format is \"%.40s\"; this version of limphome reads \"%s\"", r->name,
                given, format);
    }
    free(given);
    file->version = take_text(r, tree, "version");
    file->case_id = take_text(r, tree, "case");
    file->play.name = take_text(r, tree, "play");
    file->play.seed = take_u64(r, tree, "seed");
    file->scenario = take_inside(r, tree, "scenario");
    file->vehicle = take_inside(r, tree, "vehicle");
    file->adapter = take_inside(r, tree, "adapter");
    file->adapter_folder = take_text(r, tree, "adapter_folder");
    take_programs(r, tree, file);
    take_outcome(r, tree, &file->play);
}

int replay_file_parse(struct replay_file *file, const char *text, size_t len_bytes,
                      const char *name, struct err *err)
{
    struct err why = {.code = 0};
    const struct reading r = {.name = name, .err = &why};
    cJSON *tree = cJSON_ParseWithLength(text, len_bytes);
    if (!cJSON_IsObject(tree)) {
        err_set(&why, ERR_SYNTAX, "%s: is no JSON object", name);
    } else {
        take_all(&r, tree, file);
    }
    cJSON_Delete(tree);
    return why.code == 0 ? 0 : err_set(err, why.code, "%s", why.text);
}

int replay_file_load(struct replay_file *file, const char *folder, struct err *err)
{
    char path[4200];
    size_t len = 0;
    snprintf(path, sizeof path, "%s/replay.json", folder);
    if (access(path, F_OK) != 0) {
        return err_set(
            err, ERR_NOT_FOUND,
            "%.200s: has no replay.json; `limphome run --out FOLDER` leaves one for each "
            "play",
            folder);
    }
    char *text = file_text_read(path, FILE_MAX_BYTES, "a replay.json", &len, err);
    if (text == NULL) {
        return err->code;
    }
    const int code = replay_file_parse(file, text, len, path, err);
    free(text);
    return code;
}

void replay_file_release(struct replay_file *file)
{
    for (size_t i = 0; i < file->programs_len; i++) {
        free(file->programs[i].path);
        free(file->programs[i].copy);
    }
    free(file->version);
    free(file->case_id);
    free(file->scenario);
    free(file->vehicle);
    free(file->adapter);
    free(file->adapter_folder);
    play_result_release(&file->play);
    *file = (struct replay_file){.version = NULL};
}

int replay_file_path(const char *folder, const char *name, char *path, size_t size, struct err *err)
{
    CHECK(is_inside(name));
    char *base = realpath(folder, NULL);
    char *whole = NULL;
    if (base != NULL && (size_t)snprintf(path, size, "%s/%s", base, name) < size) {
        whole = realpath(path, NULL);
    }
    const size_t base_len = base != NULL ? strlen(base) : 0;
    const bool inside =
        whole != NULL && strncmp(whole, base, base_len) == 0 && whole[base_len] == '/';
    int code = 0;
    if (whole == NULL) {
        code = err_set(err, ERR_IO, "%s/%s: cannot be opened: %s; the folder is not whole", folder,
                       name, strerror(errno));
    } else if (!inside) {
        code =
            err_set(err, ERR_RANGE, "%s/%s: is a link that leads out of the folder", folder, name);
    }
    free(base);
    free(whole);
    return code;
}
