/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/proof.c - builds masters from patches, and lets cases judge them. */
#include "scenarios/engine/proof.h"

#include "scenarios/engine/play_pool.h"
#include "sim/file_text.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 1400, LOG_MAX_BYTES = 1 << 20, ROW_LIMIT_S = 1200 };

struct proof {
    const struct proof_cfg *cfg;
    struct proof_row *rows;
};

/* What one child follows while it plays the cases of one mutant. */
struct trial {
    const struct mutant *mutant;
    volatile sig_atomic_t decided; /* Whatever comes besides changes nothing. */
};

static int build_all(const struct proof_cfg *cfg, struct err *err)
{
    char jobs[24];
    size_t len = 0;
    int status = 0;
    pid_t pid = 0;
    char **argv = calloc(cfg->mutants_len + 5, sizeof *argv);
    char *build = strdup(cfg->build);
    char *source = strdup(cfg->source);
    char *folder = strdup(cfg->folder);
    CHECK(argv != NULL && build != NULL && source != NULL && folder != NULL);
    snprintf(jobs, sizeof jobs, "%zu", cfg->run->jobs != 0 ? cfg->run->jobs : play_pool_cores());
    argv[len++] = build;
    argv[len++] = source;
    argv[len++] = folder;
    argv[len++] = jobs;
    for (size_t i = 0; i < cfg->mutants_len; i++) {
        argv[len++] = strdup(cfg->mutants[i].path);
    }
    extern char **environ;
    const int code = posix_spawn(&pid, build, NULL, NULL, argv, environ);
    const bool good = code == 0 && waitpid(pid, &status, 0) == pid && status == 0;
    for (size_t i = 0; i < len; i++) {
        if (argv[i] != jobs) {
            free(argv[i]);
        }
    }
    free(argv);
    return good ? 0
                : err_set(err, ERR_IO, "%s: the masters could not be built: %s", cfg->build,
                          code != 0 ? strerror(code) : "see what it says above");
}

static bool is_named(const struct trial *trial, const struct finding *finding)
{
    return !trial->mutant->legal && strcmp(finding->criterion, trial->mutant->criterion) == 0;
}

static void take_findings(struct trial *trial, const struct case_result *of)
{
    for (size_t i = 0; i < of->plays_len; i++) {
        const struct play_result *play = &of->plays[i];
        for (size_t k = 0; play->name != NULL && k < play->findings_len; k++) {
            trial->decided = trial->decided || is_named(trial, &play->findings[k]);
        }
    }
}

static void on_play(void *ctx, size_t done, size_t all, const struct case_result *of)
{
    (void)done;
    (void)all;
    take_findings(ctx, of);
}

/* The verdict of the run goes to the parent as that of a play: the findings of all plays, and the
 * case that decided as its name. */
static void sum_up(const struct run_result *run, struct play_result *result)
{
    for (size_t i = 0; i < run->cases_len; i++) {
        const struct case_result *one = &run->cases[i];
        if (result->name == NULL || one->verdict > result->verdict) {
            free(result->name);
            result->name = strdup(one->id);
        }
        for (size_t k = 0; k < one->plays_len; k++) {
            const struct play_result *play = &one->plays[k];
            for (size_t n = 0; n < play->findings_len; n++) {
                const struct finding *finding = &play->findings[n];
                play_result_find(result, finding->criterion, finding->expected, finding->seen,
                                 finding->at_ns, finding->bus_line);
            }
            if (play->verdict == VERDICT_ERROR && strcmp(play->error, "interrupted") != 0) {
                play_result_error(result, play->error);
            }
        }
    }
}

static int want(const struct proof *proof, const struct mutant *mutant,
                struct case_catalogue *catalogue, struct err *err)
{
    *catalogue = *proof->cfg->run->catalogue;
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        catalogue->cases[i].wanted = mutant->cases.len == 0;
    }
    for (size_t i = 0; i < mutant->cases.len; i++) {
        const int code = case_catalogue_want(catalogue, mutant->cases.word[i], err);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* In a child of its own. */
static void try_mutant(void *ctx, size_t index, struct play_result *result)
{
    const struct proof *proof = ctx;
    const struct mutant *mutant = &proof->cfg->mutants[index];
    struct trial trial = {.mutant = mutant};
    struct case_run_cfg run = *proof->cfg->run;
    struct case_catalogue catalogue;
    struct run_result all = {.cases = NULL};
    struct err err = {0};
    char programs[PATH_BYTES];
    char folder[PATH_BYTES + 16];
    char why[PATH_BYTES + 16];
    size_t len = 0;
    snprintf(programs, sizeof programs, "%s/%s", proof->cfg->folder, mutant->name);
    snprintf(folder, sizeof folder, "%s/plays", programs);
    snprintf(why, sizeof why, "%s/error.txt", programs);
    if (access(why, F_OK) == 0 || mkdir(folder, 0755) != 0) {
        char *text = file_text_read(why, LOG_MAX_BYTES, "the log of a build", &len, &err);
        play_result_error(result, text != NULL ? text : "its master could not be built");
        free(text);
        return;
    }
    if (want(proof, mutant, &catalogue, &err) != 0) {
        play_result_error(result, err.text);
        return;
    }
    run.catalogue = &catalogue;
    run.programs = programs;
    run.folder = folder;
    run.jobs = 1;
    run.on_play = on_play;
    run.ctx = &trial;
    run.give_up = &trial.decided;
    case_run(&run, &all);
    sum_up(&all, result);
    run_result_release(&all);
}

/* A defect: killed if the criterion is among the findings. A variation: nothing may be wrong. */
static void decide(struct proof_row *row, const struct play_result *result)
{
    const struct mutant *mutant = row->mutant;
    row->verdict = result->verdict;
    snprintf(row->case_id, sizeof row->case_id, "%s",
             result->name != NULL && result->name[0] != '\0' ? result->name
             : mutant->cases.len == 1                        ? mutant->cases.word[0]
                                                             : "");
    row->good = mutant->legal && result->verdict == VERDICT_PASS;
    for (size_t i = 0; i < result->findings_len; i++) {
        const struct finding *finding = &result->findings[i];
        if (i == 0 || (!row->good && strcmp(finding->criterion, mutant->criterion) == 0)) {
            snprintf(row->seen, sizeof row->seen, "%s: expected %.120s, seen %.120s",
                     finding->criterion, finding->expected, finding->seen);
        }
        row->good =
            row->good || (!mutant->legal && strcmp(finding->criterion, mutant->criterion) == 0);
    }
    if (result->verdict == VERDICT_ERROR && !row->good) {
        snprintf(row->seen, sizeof row->seen, "%.390s", result->error);
    } else if (result->verdict == VERDICT_PASS && !row->good) {
        snprintf(row->seen, sizeof row->seen, "not found");
    }
}

static void trial_is_done(void *ctx, size_t index, struct play_result *result)
{
    const struct proof *proof = ctx;
    struct proof_row *row = &proof->rows[index];
    decide(row, result);
    play_result_release(result);
    if (proof->cfg->on_row != NULL) {
        proof->cfg->on_row(proof->cfg->ctx, row);
    }
}

int proof_run(const struct proof_cfg *cfg, struct proof_row *rows, struct err *err)
{
    struct proof proof = {.cfg = cfg, .rows = rows};
    const int code = build_all(cfg, err);
    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < cfg->mutants_len; i++) {
        rows[i] = (struct proof_row){.mutant = &cfg->mutants[i]};
    }
    play_pool_run(&(struct play_pool_cfg){.workers = cfg->run->jobs,
                                          .limit_s = ROW_LIMIT_S,
                                          .play = try_mutant,
                                          .done = trial_is_done,
                                          .ctx = &proof,
                                          .give_up = cfg->run->give_up},
                  cfg->mutants_len);
    return 0;
}
