/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_faults.c - limphome explore faults: random schedules of faults, or one of them; what
 * goes wrong is made small and written as a scenario. */
#include "scenarios/explore/explore_faults.h"
#include "cli/explore.h"
#include "scenarios/explore/fault_scenario.h"
#include "scenarios/explore/fault_shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEDULES_DEFAULT = 1000, PATH_BYTES = 4096 };

static void print_draw(FILE *out, const struct explore_arguments *a)
{
    fprintf(out, " --faults %zu-%zu", a->faults_min, a->faults_max);
    const char *before = " --setting ";
    for (size_t i = 0; a->settings != 0 && i < fault_settings_len; i++) {
        if ((a->settings >> i & 1u) != 0) {
            fprintf(out, "%s%s", before, fault_settings[i].name);
            before = ",";
        }
    }
}

static void print_replay(FILE *out, const struct explore_arguments *a, const char *id)
{
    fputs("limphome explore faults", out);
    cli_explore_print_update(out, a);
    print_draw(out, a);
    fprintf(out, " --point %s", id);
}

static char *identity_of(const struct explore_arguments *a)
{
    char *identity = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&identity, &len);
    CHECK(out != NULL);
    fputs("faults", out);
    cli_explore_print_update(out, a);
    print_draw(out, a);
    if (a->schedules != 0) {
        fprintf(out, " --schedules %" PRIu64, a->schedules);
    }
    CHECK(fclose(out) == 0);
    return identity;
}

static struct explore_faults_cfg cfg_of(const struct explore_arguments *a)
{
    return (struct explore_faults_cfg){.world = a->power.world,
                                       .guest = a->power.guest,
                                       .faults_min = a->faults_min,
                                       .faults_max = a->faults_max,
                                       .settings = a->settings,
                                       .schedules = a->schedules,
                                       .sweep = a->sweep};
}

/* With the guest of a->power, if there is one. */
static int open_play(const struct explore_arguments *a, struct fault_play *play, struct err *err)
{
    return a->power.guest != NULL
               ? fault_play_init_guest(play, &a->power.world, a->power.guest, err)
               : fault_play_init(play, &a->power.world, err);
}

/* Making it small. */

static void show_shrinking(void *ctx, size_t faults, uint64_t tried)
{
    const char *id = ctx;
    if (cli_is_terminal(stderr)) {
        fprintf(stderr, "\r\033[K%s: %zu faults left, %" PRIu64 " schedules tried", id, faults,
                tried);
    }
}

static void end_shrinking(void)
{
    if (cli_is_terminal(stderr)) {
        fputs("\r\033[K", stderr);
    }
}

/* FOLDER/scenarios, and the name of the file in it, as seen from FOLDER. */
static int make_place(const struct explore_arguments *a, uint64_t number, char path[PATH_BYTES],
                      char **name, struct err *err)
{
    char id[FAULT_CASE_CHARS];
    char file[FAULT_CASE_CHARS + 32];
    fault_scenario_id(a->power.world.seed, number, id);
    (void)snprintf(file, sizeof file, "scenarios/%s.lua", id);
    int len = snprintf(path, PATH_BYTES, "%s/scenarios", a->out);
    if (len < 0 || (size_t)len + sizeof file >= PATH_BYTES) {
        return err_set(err, ERR_RANGE, "%s: the path is too long", a->out);
    }
    if ((mkdir(a->out, 0755) != 0 && errno != EEXIST) ||
        (mkdir(path, 0755) != 0 && errno != EEXIST)) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    len = snprintf(path, PATH_BYTES, "%s/%s", a->out, file);
    *name = len > 0 && len < PATH_BYTES ? strdup(file) : NULL;
    return *name != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for a name");
}

static int save_scenario(const struct explore_arguments *a, const struct fault_play *play,
                         const struct fault_shrunk *shrunk, char **name, struct err *err)
{
    char path[PATH_BYTES];
    char id[FAULT_ID_CHARS];
    char *replay = NULL;
    size_t len = 0;
    int rc = make_place(a, shrunk->schedule.number, path, name, err);
    if (rc != 0) {
        return rc;
    }
    FILE *out = open_memstream(&replay, &len);
    CHECK(out != NULL);
    fault_schedule_id(shrunk->schedule.number, id);
    print_replay(out, a, id);
    CHECK(fclose(out) == 0);
    const struct fault_scenario_cfg cfg = {.replay = replay,
                                           .seed = a->power.world.seed,
                                           .world = &play->world,
                                           .scope = &play->scope};
    rc = fault_scenario_save(&cfg, &shrunk->schedule, &shrunk->outcome, path, err);
    free(replay);
    return rc;
}

static int shrink(const struct explore_arguments *a, struct fault_play *play, uint64_t number,
                  enum explore_verdict verdict, struct fault_shrunk *shrunk, struct err *err)
{
    const struct explore_faults_cfg faults = cfg_of(a);
    const struct fault_draw_cfg draw = explore_faults_draw(&faults);
    struct fault_schedule schedule;
    char id[FAULT_ID_CHARS];
    fault_schedule_id(number, id);
    fault_schedule_draw(&schedule, &draw, number, &play->scope);
    const struct fault_shrink_cfg cfg = {.jobs = a->sweep.jobs,
                                         .on_progress = a->quiet ? NULL : show_shrinking,
                                         .ctx = id,
                                         .give_up = a->sweep.give_up};
    const int rc = fault_shrink(play, &schedule, verdict, &cfg, shrunk, err);
    end_shrinking();
    return rc;
}

static void print_setting(const struct fault_schedule *schedule)
{
    const struct fault_setting *setting = &fault_settings[schedule->setting];
    if (schedule->setting != FAULT_SOUND) {
        printf("setting  %s: %s\n", setting->name, setting->text);
    }
}

static void print_faults(const struct fault_schedule *schedule, const struct fault_outcome *outcome)
{
    if (schedule->len == 0) {
        puts("                  none");
    }
    for (size_t i = 0; i < schedule->len; i++) {
        char text[FAULT_TEXT_CHARS];
        fault_describe(&schedule->faults[i], text);
        if (outcome->at_ns[i] != SIM_NEVER) {
            printf("  %12.6f s  %s\n", (double)outcome->at_ns[i] / 1e9, text);
        } else {
            printf("  %12s    %s\n", "never", text);
        }
    }
}

/* The sweep. */

static enum explore_verdict verdict_named(const char *name)
{
    int verdict = 0;
    while (verdict < EXPLORE_VERDICT_COUNT &&
           strcmp(explore_verdict_text((enum explore_verdict)verdict), name) != 0) {
        verdict++;
    }
    CHECK(verdict < EXPLORE_VERDICT_COUNT);
    return (enum explore_verdict)verdict;
}

/* Failures that become scenarios, and what each of them came down to. */
struct chosen {
    size_t len;
    size_t failures[SWEEP_FAILURES_MAX]; /* Their places in the result. */
    struct fault_schedule schedules[SWEEP_FAILURES_MAX];
};

/* Nothing that was chosen has come to this verdict by these rules. */
static bool is_new(const struct result_sweep *result, const struct chosen *chosen, size_t failure)
{
    const struct sweep_failure *one = &result->failures[failure];
    for (size_t i = 0; i < chosen->len; i++) {
        const struct sweep_failure *other = &result->failures[chosen->failures[i]];
        if (one->verdict == other->verdict && strcmp(one->rules, other->rules) == 0) {
            return false;
        }
    }
    return true;
}

static bool has(const struct chosen *chosen, size_t failure)
{
    size_t i = 0;
    while (i < chosen->len && chosen->failures[i] != failure) {
        i++;
    }
    return i < chosen->len;
}

/* One of each kind, then the others, both in order: who looks at a few sees as much as can be. */
static void choose(struct chosen *chosen, const struct result_sweep *result, size_t most)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < result->failures_len && chosen->len < most; i++) {
            if (round == 0 ? is_new(result, chosen, i) : !has(chosen, i)) {
                chosen->failures[chosen->len++] = i;
            }
        }
    }
}

/* What comes down to the same as one before it has the same scenario. */
static int name_scenario(const struct explore_arguments *a, const struct fault_play *play,
                         const struct result_sweep *result, const struct chosen *chosen, size_t at,
                         const struct fault_shrunk *shrunk, struct err *err)
{
    struct sweep_failure *failure = &result->failures[chosen->failures[at]];
    free(failure->scenario);
    failure->scenario = NULL;
    for (size_t i = 0; i < at; i++) {
        const struct sweep_failure *other = &result->failures[chosen->failures[i]];
        if (other->verdict == failure->verdict &&
            fault_schedule_same(&chosen->schedules[i], &shrunk->schedule)) {
            failure->scenario = strdup(other->scenario);
            return failure->scenario != NULL ? 0
                                             : err_set(err, ERR_NOMEM, "out of memory for a name");
        }
    }
    return save_scenario(a, play, shrunk, &failure->scenario, err);
}

static int shrink_failure(const struct explore_arguments *a, struct fault_play *play,
                          const struct result_sweep *result, struct chosen *chosen, size_t at,
                          struct err *err)
{
    const struct sweep_failure *failure = &result->failures[chosen->failures[at]];
    const enum explore_verdict verdict = verdict_named(result->verdicts[failure->verdict].name);
    struct fault_shrunk shrunk;
    uint64_t number = 0;
    CHECK(fault_schedule_parse_id(failure->id, &number));
    int rc = shrink(a, play, number, verdict, &shrunk, err);
    if (rc == 0) {
        chosen->schedules[at] = shrunk.schedule;
        rc = name_scenario(a, play, result, chosen, at, &shrunk, err);
    }
    return rc;
}

static int shrink_failures(const struct explore_arguments *a, struct result_sweep *result,
                           struct err *err)
{
    struct fault_play *play = calloc(1, sizeof *play);
    struct chosen *chosen = calloc(1, sizeof *chosen);
    CHECK(play != NULL && chosen != NULL);
    int rc = open_play(a, play, err);
    if (rc == 0) {
        choose(chosen, result, a->shrink);
        for (size_t i = 0; rc == 0 && i < chosen->len; i++) {
            rc = shrink_failure(a, play, result, chosen, i, err);
        }
        (void)fault_play_release(play, NULL);
    }
    free(chosen);
    free(play);
    return rc;
}

static int run_and_shrink(struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    const struct explore_faults_cfg cfg = cfg_of(a);
    int rc = explore_faults_run(&cfg, result, err);
    const bool given_up = a->sweep.give_up != NULL && *a->sweep.give_up != 0;
    if (rc == 0 && a->out != NULL && result->failures_len > 0 && !given_up) {
        rc = shrink_failures(a, result, err);
        if (rc != 0) {
            result_sweep_release(result);
        }
    }
    return rc;
}

static int sweep(struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    struct explore_master master;
    if (a->master == NULL) {
        return run_and_shrink(a, result, err);
    }
    int rc = cli_explore_master_open(&master, a, NULL, err);
    if (rc == 0) {
        a->power.guest = &master.guest;
        a->sweep.master = master.adapter->name;
        rc = run_and_shrink(a, result, err);
        a->power.guest = NULL;
    }
    cli_explore_master_release(&master);
    return rc;
}

/* One schedule. */

static int print_shrunk(const struct explore_arguments *a, struct fault_play *play, uint64_t number,
                        enum explore_verdict verdict, struct err *err)
{
    struct fault_shrunk shrunk;
    char *name = NULL;
    int rc = shrink(a, play, number, verdict, &shrunk, err);
    if (rc != 0) {
        return rc;
    }
    printf("smallest part of it that comes to the same, simplified\n");
    print_setting(&shrunk.schedule);
    print_faults(&shrunk.schedule, &shrunk.outcome);
    if (a->out != NULL) {
        rc = save_scenario(a, play, &shrunk, &name, err);
        if (rc == 0) {
            cli_say(stdout, "%s/%s", a->out, name);
        }
        free(name);
    }
    return rc;
}

/* With a trace, in a world of its own. */
static int trace_here(const struct explore_arguments *a, const struct fault_schedule *schedule,
                      struct err *err)
{
    struct fault_play *play = calloc(1, sizeof *play);
    struct fault_outcome outcome;
    CHECK(play != NULL);
    int rc = open_play(a, play, err);
    if (rc == 0) {
        fault_play_here(play, schedule, &outcome);
        rc = fault_play_release(play, err);
    }
    free(play);
    return rc;
}

static int trace_point(const struct explore_arguments *a, const struct fault_schedule *schedule,
                       struct err *err)
{
    struct explore_arguments traced = *a;
    struct explore_master master;
    traced.power.world.trace_folder = a->out;
    if (a->master == NULL) {
        return trace_here(&traced, schedule, err);
    }
    int rc = cli_explore_master_open(&master, &traced, a->out, err);
    traced.power.guest = &master.guest;
    rc = rc != 0 ? rc : trace_here(&traced, schedule, err);
    cli_explore_master_release(&master);
    return rc;
}

static int play_point(const struct explore_arguments *a, struct fault_play *play, uint64_t number,
                      struct fault_outcome *outcome, struct err *err)
{
    const struct explore_faults_cfg cfg = cfg_of(a);
    const struct fault_draw_cfg draw = explore_faults_draw(&cfg);
    struct fault_schedule schedule;
    fault_schedule_draw(&schedule, &draw, number, &play->scope);
    int rc = fault_play_try(play, &schedule, outcome, err);
    const enum explore_verdict verdict = (enum explore_verdict)outcome->verdict;
    const bool good = explore_verdict_good(verdict);
    if (rc == 0 && a->out != NULL) {
        rc = trace_point(a, &schedule, err);
    }
    if (rc == 0 && (!a->quiet || !good)) {
        printf("point    %s\n", a->point_text);
        printf("verdict  %s: %s\n", explore_verdict_text(verdict),
               explore_verdict_meaning(verdict));
        if (verdict == EXPLORE_INVARIANT) { /* Of others the faults may be the cause. */
            cli_explore_print_judgement(&outcome->why);
        }
        print_setting(&schedule);
        printf("faults, and when they took effect\n");
        print_faults(&schedule, outcome);
    }
    return rc == 0 && !good ? print_shrunk(a, play, number, verdict, err) : rc;
}

static int open_and_play(struct explore_arguments *a, uint64_t number,
                         struct fault_outcome *outcome, struct err *err)
{
    struct explore_master master = {.adapter = NULL};
    struct fault_play *play = calloc(1, sizeof *play);
    CHECK(play != NULL);
    int rc = a->master != NULL ? cli_explore_master_open(&master, a, NULL, err) : 0;
    a->power.guest = a->master != NULL ? &master.guest : NULL;
    rc = rc != 0 ? rc : open_play(a, play, err);
    if (rc == 0) {
        rc = play_point(a, play, number, outcome, err);
        (void)fault_play_release(play, NULL);
    }
    a->power.guest = NULL;
    cli_explore_master_release(&master);
    free(play);
    return rc;
}

static int point(struct explore_arguments *a)
{
    struct err err = {.code = 0};
    uint64_t number = 0;
    if (!fault_schedule_parse_id(a->point_text, &number)) {
        return cli_usage_error("explore",
                               "--point \"%s\": must be an id as a sweep prints it, such as s17",
                               a->point_text);
    }
    struct fault_outcome *outcome = explore_share(sizeof *outcome);
    CHECK(outcome != NULL);
    const int rc = open_and_play(a, number, outcome, &err);
    const bool good = explore_verdict_good((enum explore_verdict)outcome->verdict);
    explore_unshare(outcome, sizeof *outcome);
    return rc != 0 ? cli_error(&err) : good ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_explore_faults(struct explore_arguments *a)
{
    if (a->faults_max == 0) {
        a->faults_min = EXPLORE_FAULTS_MIN;
        a->faults_max = EXPLORE_FAULTS_MAX;
    }
    if (a->point_text != NULL) {
        return point(a);
    }
    if (a->schedules == 0 && a->sweep.limit_ns == 0) {
        a->schedules = SCHEDULES_DEFAULT;
    }
    a->sweep.master = "reference (in process)";
    return cli_explore_run(&(struct explore_run){
        .a = a, .identity = identity_of(a), .run = sweep, .print_replay = print_replay});
}
