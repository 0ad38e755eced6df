/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_run.c - which plays there are, how they are played, and what their results
 * come to. */
#include "scenarios/engine/case_run.h"

#include "scenarios/engine/case_play.h"
#include "scenarios/engine/play_pool.h"
#include "scenarios/engine/replay_kit.h"
#include "scenarios/engine/trace_difference.h"
#include "scenarios/engine/wall_clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PLACE_MAX = 160 }; /* Of an id, the name of a play, and a seed. */

/* One play of one case with one seed. */
struct plan {
    const struct catalogue_case *one;
    struct case_result *result;
    size_t play;  /* Of the case. */
    size_t place; /* Among the results of the case. */
    uint64_t seed;
};

struct run {
    const struct case_run_cfg *cfg;
    struct run_result *result;
    struct plan *plans;
    size_t plans_len, done;
    uint32_t plays;        /* Of all shards. */
    size_t *left;          /* Plays of each case that are not done. */
    struct replay_kit kit; /* With keep_folders. */
};

static char *own(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

/* The first capability that the master does not declare; null: it has them all. An unknown one is
 * an error of the case. */
static const char *missing(const struct case_file *file, const struct adapter *adapter,
                           const char **unknown)
{
    *unknown = NULL;
    for (size_t i = 0; i < file->needs.len; i++) {
        const enum capability capability = capability_find(file->needs.word[i]);
        if (capability == CAPABILITY_COUNT) {
            *unknown = file->needs.word[i];
            return NULL;
        }
        if (!adapter_can(adapter, capability)) {
            return file->needs.word[i];
        }
    }
    return NULL;
}

/* A case that is not played has one result that says why. */
static void settle(struct case_result *result, uint64_t seed, enum verdict verdict, const char *why)
{
    result->plays = calloc(1, sizeof *result->plays);
    CHECK(result->plays != NULL);
    result->plays_len = 1;
    result->plays[0].name = own("");
    result->plays[0].number = 1;
    result->plays[0].seed = seed;
    result->plays[0].verdict = verdict;
    result->plays[0].error = own(why);
    result->verdict = verdict;
}

static bool is_played(const struct case_run_cfg *cfg, const struct catalogue_case *one,
                      struct case_result *result)
{
    char text[200];
    const char *unknown = NULL;
    if (one->broken) {
        settle(result, cfg->seed, VERDICT_ERROR, one->why);
        return false;
    }
    const char *need = missing(&one->file, cfg->adapter, &unknown);
    if (unknown != NULL) {
        snprintf(text, sizeof text,
                 "case %s: it needs \"%s\", which is no capability; the nearest is \"%s\"",
                 one->name, unknown, capability_nearest(unknown));
        settle(result, cfg->seed, VERDICT_ERROR, text);
    } else if (need != NULL) {
        settle(result, cfg->seed, VERDICT_NOT_APPLICABLE, need);
    }
    return unknown == NULL && need == NULL;
}

static char *join(const struct case_words *words)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    CHECK(out != NULL);
    for (size_t i = 0; i < words->len; i++) {
        fprintf(out, "%s%s", i > 0 ? "; " : "", words->word[i]);
    }
    CHECK(fclose(out) == 0);
    return text;
}

static void describe(struct case_result *result, const struct catalogue_case *one)
{
    result->id = own(one->name);
    result->group = own(one->file.group);
    result->title = own(one->file.title);
    result->title_zh = own(one->file.title_zh);
    result->file = own(one->file.path);
    result->sources = join(&one->file.sources);
    result->tags = join(&one->file.tags);
    result->vehicle = own(one->file.vehicle[0] != '\0' ? one->file.vehicle : "single");
    result->priority = one->file.priority;
}

static uint32_t repeats(const struct case_run_cfg *cfg)
{
    return cfg->repeat != 0 ? cfg->repeat : 1;
}

/* The next play is one of this shard. */
static bool is_mine(struct run *run)
{
    const uint32_t shards = run->cfg->shards != 0 ? run->cfg->shards : 1;
    const uint32_t shard = run->cfg->shard != 0 ? run->cfg->shard : 1;
    return run->plays++ % shards == shard - 1;
}

static void plan_case(struct run *run, const struct catalogue_case *one, struct case_result *result)
{
    const size_t plays = one->file.plays_len * repeats(run->cfg);
    result->plays = calloc(plays, sizeof *result->plays);
    run->plans = realloc(run->plans, (run->plans_len + plays) * sizeof *run->plans);
    CHECK(result->plays != NULL && run->plans != NULL);
    for (size_t i = 0; i < plays; i++) {
        if (is_mine(run)) {
            run->plans[run->plans_len++] =
                (struct plan){.one = one,
                              .result = result,
                              .play = i % one->file.plays_len,
                              .place = result->plays_len++,
                              .seed = run->cfg->seed + i / one->file.plays_len};
        }
    }
    run->left[result - run->result->cases] = result->plays_len;
}

/* False: no play of it is of this shard. */
static bool plan_one(struct run *run, const struct catalogue_case *one, struct case_result *result)
{
    if (is_played(run->cfg, one, result)) {
        plan_case(run, one, result);
        return result->plays_len > 0;
    }
    const bool mine = is_mine(run);
    if (mine && run->cfg->on_case != NULL) {
        run->cfg->on_case(run->cfg->ctx, result);
    }
    return mine;
}

static void plan_all(struct run *run)
{
    const struct case_catalogue *catalogue = run->cfg->catalogue;
    run->result->cases = calloc(catalogue->cases_len, sizeof *run->result->cases);
    run->left = calloc(catalogue->cases_len, sizeof *run->left);
    CHECK(run->result->cases != NULL && run->left != NULL);
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        const struct catalogue_case *one = &catalogue->cases[i];
        struct case_result *result = &run->result->cases[run->result->cases_len];
        if (one->wanted) {
            describe(result, one);
            if (plan_one(run, one, result)) {
                run->result->cases_len++;
            } else {
                case_result_release(result);
            }
        }
    }
}

/* ID[/PLAY][/seed-N], below the folder of the run. */
static void play_place(const struct run *run, const struct plan *plan, char *path, size_t size)
{
    const char *name = plan->one->file.plays[plan->play];
    int len = snprintf(path, size, "%s%s%s", plan->one->name, name[0] != '\0' ? "/" : "", name);
    if (repeats(run->cfg) > 1) {
        snprintf(path + len, size - (size_t)len, "/seed-%llu", (unsigned long long)plan->seed);
    }
}

/* The folders above it are made. */
static void play_folder(const struct run *run, const struct plan *plan, char *path, size_t size)
{
    char place[PLACE_MAX];
    play_place(run, plan, place, sizeof place);
    for (const char *at = place; (at = strchr(at, '/')) != NULL; at++) {
        snprintf(path, size, "%s/%.*s", run->cfg->folder, (int)(at - place), place);
        (void)mkdir(path, 0755);
    }
    snprintf(path, size, "%s/%s", run->cfg->folder, place);
}

static struct case_world_cfg world_cfg(const struct run *run, const struct plan *plan,
                                       const char *folder)
{
    return (struct case_world_cfg){.file = &plan->one->file,
                                   .play = plan->play,
                                   .seed = plan->seed,
                                   .adapter = run->cfg->adapter,
                                   .preload_path = run->cfg->preload_path,
                                   .folder = folder,
                                   .vehicles = run->cfg->vehicles,
                                   .programs = run->cfg->programs,
                                   .keep_trace = run->cfg->keep_traces,
                                   .keep_timeline = run->cfg->keep_folders};
}

/* The same again, in a folder of its own: whatever depends on anything but the seed shows. */
static void verify(const struct case_world_cfg *cfg, struct play_result *result)
{
    char folder[CASE_PATH_MAX];
    struct case_world_cfg again = *cfg;
    struct play_result second = {.verdict = VERDICT_PASS};
    snprintf(folder, sizeof folder, "%s-again", cfg->folder);
    again.folder = folder;
    again.keep_timeline = false; /* Looking on must not change anything either. */
    case_play(&again, &second);
    if (strcmp(second.digest, result->digest) != 0) {
        char text[400];
        trace_difference(cfg->folder, folder, text, sizeof text);
        play_result_error(result, text);
    }
    play_result_release(&second);
    case_play_remove(folder);
}

static void make_replayable(const struct run *run, const struct plan *plan,
                            const struct case_reads *reads, const char *folder,
                            struct play_result *result)
{
    struct err err = {.code = 0};
    if (replay_kit_save(&run->kit, &plan->one->file, plan->play, reads, folder, result, &err) !=
        0) {
        play_result_error(result, err.text);
    }
}

static void play_one(void *ctx, size_t index, struct play_result *result)
{
    const struct run *run = ctx;
    const struct plan *plan = &run->plans[index];
    char folder[CASE_PATH_MAX];
    play_folder(run, plan, folder, sizeof folder);
    struct case_reads reads = {.len = 0};
    struct case_world_cfg cfg = world_cfg(run, plan, folder);
    cfg.reads = &reads;
    case_play(&cfg, result);
    cfg.reads = NULL;
    if (run->cfg->verify) {
        verify(&cfg, result);
    }
    if (!run->cfg->keep_folders) {
        case_play_remove(folder);
        return;
    }
    if (result->verdict != VERDICT_PASS && !cfg.keep_trace) {
        /* The same seed gives the same play: its trace can be written afterwards. */
        struct play_result traced = {.verdict = VERDICT_PASS};
        cfg.keep_trace = true;
        case_play(&cfg, &traced);
        play_result_release(&traced);
    }
    make_replayable(run, plan, &reads, folder, result);
}

/* Its own process did not come so far. */
static void make_crash_replayable(const struct run *run, const struct plan *plan,
                                  struct play_result *result)
{
    char folder[CASE_PATH_MAX];
    if (run->cfg->keep_folders) {
        play_folder(run, plan, folder, sizeof folder);
        (void)mkdir(folder, 0755);
        make_replayable(run, plan, NULL, folder, result);
    }
}

static void play_is_done(void *ctx, size_t index, struct play_result *result)
{
    struct run *run = ctx;
    const struct plan *plan = &run->plans[index];
    struct case_result *of = plan->result;
    of->plays[plan->place] = *result;
    if (of->plays[plan->place].name == NULL) {
        of->plays[plan->place].name = own(plan->one->file.plays[plan->play]);
        of->plays[plan->place].seed = plan->seed;
        make_crash_replayable(run, plan, &of->plays[plan->place]);
    }
    if (run->cfg->keep_folders) {
        char place[PLACE_MAX];
        play_place(run, plan, place, sizeof place);
        of->plays[plan->place].folder = own(place);
    }
    of->verdict = result->verdict > of->verdict ? result->verdict : of->verdict;
    of->plays[plan->place].number = (uint32_t)plan->play + 1;
    run->done++;
    if (run->cfg->on_play != NULL) {
        run->cfg->on_play(run->cfg->ctx, run->done, run->plans_len, of);
    }
    if (--run->left[of - run->result->cases] == 0 && run->cfg->on_case != NULL) {
        run->cfg->on_case(run->cfg->ctx, of);
    }
}

/* Those that were given up have no verdict of their own. */
static void settle_the_rest(struct run *run)
{
    for (size_t i = 0; i < run->plans_len; i++) {
        struct play_result *play = &run->plans[i].result->plays[run->plans[i].place];
        if (play->name == NULL) {
            play->name = own(run->plans[i].one->file.plays[run->plans[i].play]);
            play->number = (uint32_t)run->plans[i].play + 1;
            play_result_error(play, "interrupted");
            run->plans[i].result->verdict = VERDICT_ERROR;
        }
    }
}

static void add_setting(struct run_result *result, enum profile_id id, uint32_t value)
{
    char text[64];
    result->settings =
        realloc(result->settings, (result->settings_len + 1) * sizeof *result->settings);
    CHECK(result->settings != NULL);
    profile_print(id, value, text, sizeof text);
    result->settings[result->settings_len++] =
        (struct setting){.name = own(profile_parameters[id].name), .value = own(text)};
}

static void identify(struct run *run)
{
    struct run_result *result = run->result;
    const struct profile *profile = &run->cfg->adapter->profile;
    result->version = own(run->cfg->version);
    result->master = own(run->cfg->adapter->name);
    result->date = own(run->cfg->date != NULL ? run->cfg->date : "");
    result->seed = run->cfg->seed;
    result->repeat = repeats(run->cfg);
    for (int i = 0; i < PROFILE_COUNT; i++) {
        if (profile->values[i] != profile_parameters[i].standard) {
            add_setting(result, (enum profile_id)i, profile->values[i]);
        }
    }
}

static void name_part(struct run *run)
{
    const struct case_run_cfg *cfg = run->cfg;
    if (cfg->shards > 1) {
        run->result->parts = calloc(1, sizeof *run->result->parts);
        CHECK(run->result->parts != NULL);
        run->result->parts[0] =
            (struct run_part){.shard = cfg->shard, .shards = cfg->shards, .plays = run->plays};
        run->result->parts_len = 1;
    }
}

static void prepare_replays(struct run *run)
{
    const struct case_run_cfg *cfg = run->cfg;
    struct err err = {.code = 0};
    const struct replay_kit_cfg kit = {.version = cfg->version,
                                       .adapter = cfg->adapter,
                                       .vehicles = cfg->vehicles,
                                       .programs = cfg->programs};
    if (cfg->keep_folders && replay_kit_init(&run->kit, &kit, &err) != 0) {
        fprintf(stderr, "limphome: %s; the folders of the plays cannot be replayed\n", err.text);
    }
}

void case_run(const struct case_run_cfg *cfg, struct run_result *result)
{
    struct run run = {.cfg = cfg, .result = result};
    const uint64_t begin_ns = wall_clock_ns();
    identify(&run);
    plan_all(&run);
    name_part(&run);
    prepare_replays(&run);
    play_pool_run(&(struct play_pool_cfg){.workers = cfg->jobs,
                                          .play = play_one,
                                          .done = play_is_done,
                                          .ctx = &run,
                                          .give_up = cfg->give_up},
                  run.plans_len);
    settle_the_rest(&run);
    result->wall_ns = wall_clock_ns() - begin_ns;
    replay_kit_release(&run.kit);
    free(run.plans);
    free(run.left);
}
