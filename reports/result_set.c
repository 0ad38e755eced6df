/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_set.c - parts of one run or sweep become one again; others stand side by side. */
#include "reports/result_set.h"

#include "reports/path_from.h"
#include "reports/result_json.h"
#include "sim/file_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 256 << 20 };

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_settings(const struct run_result *a, const struct run_result *b)
{
    bool same = a->settings_len == b->settings_len;
    for (size_t i = 0; same && i < a->settings_len; i++) {
        same = same_text(a->settings[i].name, b->settings[i].name) &&
               same_text(a->settings[i].value, b->settings[i].value);
    }
    return same;
}

static bool same_identity(const struct run_result *a, const struct run_result *b)
{
    return same_text(a->version, b->version) && same_text(a->master, b->master) &&
           same_text(a->date, b->date) && a->seed == b->seed && a->repeat == b->repeat &&
           same_settings(a, b);
}

static struct run_result *find_run(struct result_set *set, const struct run_result *like)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        if (same_identity(&set->runs[i], like)) {
            return &set->runs[i];
        }
    }
    return NULL;
}

/* Two files may claim one id: then each is a case in error, and only the file tells them apart. */
static struct case_result *find_case(struct case_result *cases, size_t len,
                                     const struct case_result *like)
{
    struct case_result *found = NULL;
    for (size_t i = 0; i < len; i++) {
        struct case_result *one = &cases[i];
        if (same_text(one->id, like->id) && (found == NULL || same_text(one->file, like->file))) {
            found = one;
        }
    }
    return found;
}

static const struct play_result *find_play(const struct case_result *one,
                                           const struct play_result *like)
{
    for (size_t i = 0; i < one->plays_len; i++) {
        if (one->plays[i].seed == like->seed && same_text(one->plays[i].name, like->name)) {
            return &one->plays[i];
        }
    }
    return NULL;
}

static int check_case(const struct case_result *into, const struct case_result *from,
                      struct err *err)
{
    for (size_t i = 0; i < from->plays_len; i++) {
        const struct play_result *play = &from->plays[i];
        const struct play_result *there = find_play(into, play);
        if (there != NULL &&
            (there->verdict != play->verdict || strcmp(there->digest, play->digest) != 0)) {
            return err_set(err, ERR_RANGE,
                           "case %s%s%s, seed %" PRIu64 ": one part of the run says \"%s\" (digest "
                           "%s), another \"%s\" (%s); are these two builds of the master?",
                           from->id, play->name[0] != '\0' ? ", play " : "", play->name, play->seed,
                           verdict_name(there->verdict), there->digest, verdict_name(play->verdict),
                           play->digest);
        }
    }
    return 0;
}

static int check_run(const struct run_result *into, const struct run_result *from, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < from->cases_len; i++) {
        const struct case_result *there = find_case(into->cases, into->cases_len, &from->cases[i]);
        rc = there != NULL ? check_case(there, &from->cases[i], err) : 0;
    }
    return rc;
}

static bool is_behind(const struct play_result *a, const struct play_result *b)
{
    return a->seed != b->seed ? a->seed > b->seed : a->number > b->number;
}

/* Where a whole run has it: by seed, then in the order of the case. */
static void insert_play(struct case_result *into, struct play_result *play)
{
    into->plays = realloc(into->plays, (into->plays_len + 1) * sizeof *into->plays);
    CHECK(into->plays != NULL);
    size_t i = into->plays_len++;
    for (; i > 0 && is_behind(&into->plays[i - 1], play); i--) {
        into->plays[i] = into->plays[i - 1];
    }
    into->plays[i] = *play;
    *play = (struct play_result){.verdict = VERDICT_PASS};
}

static void merge_case(struct case_result *into, struct case_result *from)
{
    for (size_t i = 0; i < from->plays_len; i++) {
        struct play_result *play = &from->plays[i];
        if (find_play(into, play) == NULL) {
            into->verdict = play->verdict > into->verdict ? play->verdict : into->verdict;
            insert_play(into, play);
        }
    }
}

/* Each play of the part is there. */
static bool has_plays(const struct run_result *run, const struct run_result *part)
{
    for (size_t i = 0; i < part->cases_len; i++) {
        const struct case_result *one = &part->cases[i];
        const struct case_result *there = find_case(run->cases, run->cases_len, one);
        for (size_t k = 0; k < one->plays_len; k++) {
            if (there == NULL || find_play(there, &one->plays[k]) == NULL) {
                return false;
            }
        }
    }
    return true;
}

static int by_part(const void *a, const void *b)
{
    return run_part_order(a, b);
}

/* How many of the parts from there on, which are sorted, are of one and the same run. */
static size_t parts_of_one(const struct run_part *parts, size_t len)
{
    size_t like = 0;
    while (like < len && parts[like].shards == parts[0].shards &&
           parts[like].plays == parts[0].plays) {
        like++;
    }
    return like;
}

/* What is whole is no list of parts any more. */
static void forget_whole(struct run_result *run)
{
    size_t kept = 0;
    size_t like = 0;
    for (size_t i = 0; i < run->parts_len; i += like) {
        like = parts_of_one(&run->parts[i], run->parts_len - i);
        if (like < run->parts[i].shards) {
            memmove(&run->parts[kept], &run->parts[i], like * sizeof *run->parts);
            kept += like;
        }
    }
    run->parts_len = kept;
}

static void add_parts(struct run_result *into, const struct run_result *from)
{
    const size_t len = into->parts_len + from->parts_len;
    into->parts = realloc(into->parts, (len + 1) * sizeof *into->parts);
    CHECK(into->parts != NULL);
    for (size_t i = 0; i < from->parts_len; i++) {
        into->parts[into->parts_len++] = from->parts[i];
    }
    qsort(into->parts, len, sizeof *into->parts, by_part);
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (kept == 0 || by_part(&into->parts[kept - 1], &into->parts[i]) != 0) {
            into->parts[kept++] = into->parts[i];
        }
    }
    into->parts_len = kept;
    forget_whole(into);
}

/* Before the plays are put together: a whole run loses nothing by a part of it. */
static void merge_parts(struct run_result *into, const struct run_result *from)
{
    if (into->parts_len == 0 && has_plays(into, from)) {
        return;
    }
    if (from->parts_len == 0 && has_plays(from, into)) {
        into->parts_len = 0;
        return;
    }
    add_parts(into, from);
}

static int by_id(const void *a, const void *b)
{
    const struct case_result *one = a;
    const struct case_result *other = b;
    const int order = strcmp(one->id, other->id);
    return order != 0 ? order : strcmp(one->file, other->file);
}

static void merge_run(struct run_result *into, struct run_result *from)
{
    const size_t there_len = into->cases_len;
    merge_parts(into, from);
    struct case_result *cases =
        realloc(into->cases, (there_len + from->cases_len + 1) * sizeof *cases);
    CHECK(cases != NULL);
    into->cases = cases;
    for (size_t i = 0; i < from->cases_len; i++) {
        struct case_result *there = find_case(into->cases, there_len, &from->cases[i]);
        if (there != NULL) {
            merge_case(there, &from->cases[i]);
        } else {
            into->cases[into->cases_len++] = from->cases[i];
            from->cases[i] = (struct case_result){.id = NULL};
        }
    }
    qsort(into->cases, into->cases_len, sizeof *into->cases, by_id);
    into->wall_ns += from->wall_ns;
    run_result_release(from);
}

int result_set_add(struct result_set *set, struct run_result *run, struct err *err)
{
    struct run_result *into = find_run(set, run);
    if (into != NULL) {
        const int rc = check_run(into, run, err);
        if (rc == 0) {
            merge_run(into, run);
        }
        return rc;
    }
    set->runs = realloc(set->runs, (set->runs_len + 1) * sizeof *set->runs);
    CHECK(set->runs != NULL);
    set->runs[set->runs_len++] = *run;
    *run = (struct run_result){.cases = NULL};
    return 0;
}

int result_set_add_sweep(struct result_set *set, struct result_sweep *sweep, struct err *err)
{
    for (size_t i = 0; i < set->sweeps_len; i++) {
        if (result_sweep_same(&set->sweeps[i], sweep)) {
            return result_sweep_add(&set->sweeps[i], sweep, err);
        }
    }
    set->sweeps = realloc(set->sweeps, (set->sweeps_len + 1) * sizeof *set->sweeps);
    CHECK(set->sweeps != NULL);
    set->sweeps[set->sweeps_len++] = *sweep;
    *sweep = (struct result_sweep){.kind = NULL};
    return 0;
}

static void put_before(char **folder, const char *path, size_t len)
{
    if (*folder == NULL || (*folder)[0] == '\0' || (*folder)[0] == '/' || len == 0) {
        return;
    }
    char *whole = malloc(len + strlen(*folder) + 1);
    CHECK(whole != NULL);
    memcpy(whole, path, len);
    memcpy(&whole[len], *folder, strlen(*folder) + 1);
    free(*folder);
    *folder = whole;
}

/* Of a path: what stands before the name of the file. */
static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash + 1 - path) : 0;
}

static void place_scenarios(struct result_sweep *sweep, const char *path)
{
    for (size_t i = 0; i < sweep->failures_len; i++) {
        put_before(&sweep->failures[i].scenario, path, folder_len(path));
    }
}

static void place_folders(struct run_result *run, const char *path)
{
    const size_t len = folder_len(path);
    for (size_t i = 0; i < run->cases_len; i++) {
        for (size_t k = 0; k < run->cases[i].plays_len; k++) {
            put_before(&run->cases[i].plays[k].folder, path, len);
        }
    }
}

/* Moves what a file has into the set. */
static int add_all(struct result_set *set, struct result_set *of_file, const char *path,
                   struct err *err)
{
    struct err why = {.code = 0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < of_file->runs_len; i++) {
        place_folders(&of_file->runs[i], path);
        rc = result_set_add(set, &of_file->runs[i], &why);
    }
    for (size_t i = 0; rc == 0 && i < of_file->sweeps_len; i++) {
        place_scenarios(&of_file->sweeps[i], path);
        rc = result_set_add_sweep(set, &of_file->sweeps[i], &why);
    }
    return rc == 0 ? 0 : err_set(err, rc, "%s: %s", path, why.text);
}

int result_set_load(struct result_set *set, const char *path, struct err *err)
{
    struct result_set of_file = {.runs = NULL};
    size_t len = 0;
    char *text = file_text_read(path, FILE_MAX_BYTES, "a results.json of limphome", &len, err);
    if (text == NULL) {
        return err->code;
    }
    int rc = result_set_parse(&of_file, text, len, path, err);
    free(text);
    rc = rc == 0 ? add_all(set, &of_file, path, err) : rc;
    result_set_release(&of_file);
    return rc;
}

/* A folder or a file. */
static void move_folder(char **folder, const char *from)
{
    if (*folder != NULL && (*folder)[0] != '\0') {
        char *seen = path_from(from, *folder);
        free(*folder);
        *folder = seen;
    }
}

void result_set_move(struct result_set *set, const char *folder)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        const struct run_result *run = &set->runs[i];
        for (size_t k = 0; k < run->cases_len; k++) {
            for (size_t m = 0; m < run->cases[k].plays_len; m++) {
                move_folder(&run->cases[k].plays[m].folder, folder);
            }
        }
    }
    for (size_t i = 0; i < set->sweeps_len; i++) {
        for (size_t k = 0; k < set->sweeps[i].failures_len; k++) {
            move_folder(&set->sweeps[i].failures[k].scenario, folder);
        }
    }
}

void result_set_release(struct result_set *set)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        run_result_release(&set->runs[i]);
    }
    for (size_t i = 0; i < set->sweeps_len; i++) {
        result_sweep_release(&set->sweeps[i]);
    }
    free(set->runs);
    free(set->sweeps);
    *set = (struct result_set){.runs = NULL};
}

size_t result_set_count(const struct result_set *set, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < set->runs_len; i++) {
        count += run_result_count(&set->runs[i], verdict);
    }
    return count;
}

bool result_set_sweeps_good(const struct result_set *set)
{
    bool good = true;
    for (size_t i = 0; i < set->sweeps_len; i++) {
        good = good && result_sweep_good(&set->sweeps[i]);
    }
    return good;
}

bool result_set_sweeps_whole(const struct result_set *set)
{
    bool whole = true;
    for (size_t i = 0; i < set->sweeps_len; i++) {
        whole = whole && result_sweep_whole(&set->sweeps[i]);
    }
    return whole;
}

bool result_set_runs_whole(const struct result_set *set)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        if (set->runs[i].parts_len > 0) {
            return false;
        }
    }
    return true;
}
