/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_json_read.c - results from JSON. Who wrote the text is not known: whatever is not
 * as this program writes it is refused with the line and the member. */
#include "reports/result_json.h"
#include "reports/result_shape.h"
#include "reports/safe_text.h"
#include "sim/json_locate.h"
#include "sim/utf8.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_BYTES = 200, WHAT_MAX = 240, NAME_SHOWN_MAX = 60, DIGEST_LEN = 32 };

struct reading {
    const char *file; /* How messages call it. */
    const char *text;
    size_t len;
    char path[PATH_MAX_BYTES]; /* Of the value that is looked at: "runs[0].cases[2].id". */
    struct err *err;
};

static int fail(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reading *r, const char *fmt, ...)
{
    char what[WHAT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(r->err, ERR_SYNTAX, "%s:%u: %s%s%s", r->file,
                   json_locate(r->text, r->len, r->path, 0), r->path,
                   r->path[0] != '\0' ? ": " : "", what);
}

static size_t enter(struct reading *r, const char *name)
{
    const size_t len = strlen(r->path);
    (void)snprintf(&r->path[len], sizeof r->path - len, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static size_t enter_index(struct reading *r, size_t index)
{
    const size_t len = strlen(r->path);
    (void)snprintf(&r->path[len], sizeof r->path - len, "[%zu]", index);
    return len;
}

static int read_text(struct reading *r, const cJSON *json, bool none_if_empty, char **to)
{
    const char *text = cJSON_GetStringValue(json);
    if (text == NULL) {
        return fail(r, "must be a text");
    }
    if (text[0] != '\0' || !none_if_empty) {
        *to = strdup(text);
        CHECK(*to != NULL);
    }
    return 0;
}

static int read_u64(struct reading *r, const cJSON *json, uint64_t *to)
{
    const char *text = cJSON_GetStringValue(json);
    const size_t len = text != NULL ? strlen(text) : 0;
    uint64_t value = 0;
    bool good = len > 0 && strspn(text, "0123456789") == len && (text[0] != '0' || len == 1);
    for (size_t i = 0; good && i < len; i++) {
        const uint64_t digit = (uint64_t)(text[i] - '0');
        good = value <= (UINT64_MAX - digit) / 10u;
        value = value * 10u + digit;
    }
    if (!good) {
        return fail(r, "must be a whole number of 64 bits, in quotes, without leading zeros");
    }
    *to = value;
    return 0;
}

static int read_u32(struct reading *r, const cJSON *json, uint32_t max, uint32_t *to)
{
    const bool good = cJSON_IsNumber(json) && json->valuedouble >= 0 && json->valuedouble <= max &&
                      json->valuedouble == (double)(uint32_t)json->valuedouble;
    if (!good) {
        return fail(r, "must be a whole number from 0 to %u", (unsigned)max);
    }
    *to = (uint32_t)json->valuedouble;
    return 0;
}

static int read_verdict(struct reading *r, const cJSON *json, enum verdict *to)
{
    const char *name = cJSON_GetStringValue(json);
    for (int i = VERDICT_PASS; name != NULL && i <= VERDICT_ERROR; i++) {
        if (strcmp(name, verdict_name((enum verdict)i)) == 0) {
            *to = (enum verdict)i;
            return 0;
        }
    }
    return fail(r, "must be \"pass\", \"not applicable\", \"fail\" or \"error\"");
}

static int read_digest(struct reading *r, const cJSON *json, char *to)
{
    const char *text = cJSON_GetStringValue(json);
    const size_t len = text != NULL ? strlen(text) : 1;
    if ((len != 0 && len != DIGEST_LEN) || strspn(text, "0123456789abcdef") != len) {
        return fail(r, "must have 32 hexadecimal digits in lower case, or be empty");
    }
    memcpy(to, text, len + 1);
    return 0;
}

static int read_object(struct reading *r, const cJSON *json, const struct shape *shape, void *to);

/* As deep as the tables of shapes, no deeper. */
static int read_list(struct reading *r, const cJSON *json, const struct shape_member *member,
                     void *to)
{
    char **elements = (void *)((char *)to + member->at);
    size_t *len = (void *)((char *)to + member->len_at);
    const size_t size = cJSON_IsArray(json) ? (size_t)cJSON_GetArraySize(json) : 0;
    if (!cJSON_IsArray(json) || (size == 0 && member->kind == SHAPE_NON_EMPTY)) {
        return fail(r, size == 0 && cJSON_IsArray(json) ? "must not be empty" : "must be a list");
    }
    *elements = calloc(size + 1, member->of->bytes);
    CHECK(*elements != NULL);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, json)
    {
        const size_t back = enter_index(r, *len);
        const int rc = read_object(r, item, member->of, *elements + *len * member->of->bytes);
        *len += 1; /* What is half read is released as well. */
        if (rc != 0) {
            return rc;
        }
        r->path[back] = '\0';
    }
    return 0;
}

static int read_member(struct reading *r, const cJSON *json, const struct shape_member *member,
                       void *to)
{
    void *at = (char *)to + member->at;
    switch (member->kind) {
    case SHAPE_TEXT: return read_text(r, json, false, at);
    case SHAPE_NO_TEXT: return read_text(r, json, true, at);
    case SHAPE_INSTANT:
    case SHAPE_U64: return read_u64(r, json, at);
    case SHAPE_U32: return read_u32(r, json, member->max, at);
    case SHAPE_VERDICT: return read_verdict(r, json, at);
    case SHAPE_DIGEST: return read_digest(r, json, at);
    case SHAPE_LIST:
    case SHAPE_NON_EMPTY: return read_list(r, json, member, to);
    }
    return 0;
}

static size_t find_member(const struct shape *shape, const char *name)
{
    size_t i = 0;
    while (i < shape->members_len && strcmp(shape->members[i].name, name) != 0) {
        i++;
    }
    return i;
}

static int refuse_member(struct reading *r, const char *name, const char *why)
{
    char *shown = safe_text_line(name);
    shown[utf8_cut(shown, strlen(shown), NAME_SHOWN_MAX)] = '\0';
    const int rc = fail(r, "%s: \"%s\"", why, shown);
    free(shown);
    return rc;
}

static int fill_absent(struct reading *r, const struct shape *shape, uint32_t seen, void *to)
{
    for (size_t i = 0; i < shape->members_len; i++) {
        const struct shape_member *member = &shape->members[i];
        if ((seen & 1u << i) != 0) {
            continue;
        }
        if (member->kind != SHAPE_INSTANT) {
            return refuse_member(r, member->name, "a member is missing");
        }
        *(sim_ns_t *)(void *)((char *)to + member->at) = SIM_NEVER;
    }
    return 0;
}

static int check_play(struct reading *r, const struct play_result *play)
{
    if (play->findings_len > 0 && play->verdict < VERDICT_FAIL) {
        return fail(r, "the verdict is \"%s\" in spite of findings", verdict_name(play->verdict));
    }
    return 0;
}

static int check_case(struct reading *r, const struct case_result *one)
{
    enum verdict highest = VERDICT_PASS;
    for (size_t i = 0; i < one->plays_len; i++) {
        highest = one->plays[i].verdict > highest ? one->plays[i].verdict : highest;
    }
    return one->verdict == highest ? 0
                                   : fail(r, "the verdict is \"%s\", and that of its plays \"%s\"",
                                          verdict_name(one->verdict), verdict_name(highest));
}

static int check_object(struct reading *r, const struct shape *shape, const void *object)
{
    if (shape == &shape_play) {
        return check_play(r, object);
    }
    return shape == &shape_case ? check_case(r, object) : 0;
}

static int read_object(struct reading *r, const cJSON *json, const struct shape *shape, void *to)
{
    uint32_t seen = 0;
    int rc = cJSON_IsObject(json) ? 0 : fail(r, "must be an object");
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, json)
    {
        const size_t i = find_member(shape, item->string != NULL ? item->string : "");
        if (rc != 0) {
            return rc;
        }
        if (i == shape->members_len || (seen & 1u << i) != 0) {
            return refuse_member(r, item->string != NULL ? item->string : "",
                                 i == shape->members_len ? "there is no such member"
                                                         : "a member is there twice");
        }
        seen |= 1u << i;
        const size_t back = enter(r, shape->members[i].name);
        rc = read_member(r, item, &shape->members[i], to);
        if (rc == 0) {
            r->path[back] = '\0';
        }
    }
    rc = rc == 0 ? fill_absent(r, shape, seen, to) : rc;
    return rc == 0 ? check_object(r, shape, to) : rc;
}

/* Offset of the first byte that no file of this program can have; len if there is none. */
static size_t find_foreign(const struct reading *r)
{
    const size_t nul = json_find_nul(r->text, r->len);
    size_t i = 0;
    while (i < nul) {
        const size_t step = utf8_char_len(&r->text[i], r->len - i);
        if (step == 0) {
            return i;
        }
        i += step;
    }
    return nul;
}

static int parse_tree(struct reading *r, cJSON **tree)
{
    const size_t foreign = find_foreign(r);
    if (foreign < r->len) {
        return err_set(r->err, ERR_SYNTAX, "%s:%u: a NUL character, or a byte that is no UTF-8",
                       r->file, json_line_at(r->text, r->len, foreign));
    }
    const char *end = r->text;
    *tree = r->len > 0 ? cJSON_ParseWithLengthOpts(r->text, r->len, &end, false) : NULL;
    size_t at = end != NULL ? (size_t)(end - r->text) : 0;
    while (*tree != NULL && at < r->len && strchr(" \t\r\n", r->text[at]) != NULL) {
        at++;
    }
    if (*tree == NULL || at < r->len) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: not JSON from here on: is the file cut off, or no JSON?", r->file,
                       json_line_at(r->text, r->len, at));
    }
    return 0;
}

int play_result_parse(struct play_result *play, const char *text, size_t len_bytes, struct err *err)
{
    struct reading r = {.file = "the result of a play", .text = text, .len = len_bytes, .err = err};
    cJSON *tree = NULL;
    int rc = parse_tree(&r, &tree);
    rc = rc == 0 ? read_object(&r, tree, &shape_play, play) : rc;
    cJSON_Delete(tree);
    return rc;
}

static int check_format(struct reading *r, const cJSON *tree)
{
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "format"));
    if (format == NULL ||
        strncmp(format, RESULT_FORMAT_FAMILY, strlen(RESULT_FORMAT_FAMILY)) != 0) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s: no results of limphome: its \"format\" is not \"%s\"", r->file,
                       RESULT_FORMAT);
    }
    if (strcmp(format, RESULT_FORMAT) != 0) {
        char *shown = safe_text_line(format);
        shown[utf8_cut(shown, strlen(shown), NAME_SHOWN_MAX)] = '\0';
        const int rc = err_set(r->err, ERR_UNSUPPORTED,
                               "%s: has the format \"%s\" of another version of limphome; this one "
                               "reads \"%s\": run the cases again",
                               r->file, shown, RESULT_FORMAT);
        free(shown);
        return rc;
    }
    return 0;
}

/* The outermost object is no part of the model but for its runs. */
struct root {
    char *format;
    struct result_set set;
};

static const struct shape_member root_members[] = {
    {"format", SHAPE_TEXT, offsetof(struct root, format), 0, 0, NULL},
    {"runs", SHAPE_LIST, offsetof(struct root, set.runs), offsetof(struct root, set.runs_len), 0,
     &shape_run},
};
static const struct shape shape_root = {sizeof(struct root), root_members,
                                        ARRAY_SIZE(root_members)};

int result_set_parse(struct result_set *set, const char *text, size_t len_bytes, const char *name,
                     struct err *err)
{
    struct reading r = {.file = name, .text = text, .len = len_bytes, .err = err};
    struct root root = {.format = NULL};
    cJSON *tree = NULL;
    int rc = parse_tree(&r, &tree);
    rc = rc == 0 ? check_format(&r, tree) : rc;
    rc = rc == 0 ? read_object(&r, tree, &shape_root, &root) : rc;
    cJSON_Delete(tree);
    free(root.format);
    *set = root.set;
    return rc;
}
