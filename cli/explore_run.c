/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_run.c - runs a sweep of any kind, prints it, and keeps it. */
#include "cli/explore.h"
#include "cli/explore_files.h"
#include "cli/explore_progress.h"
#include "cli/report_files.h"
#include "cli/run_report.h"
#include "reports/sweep_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096 };

static void add_replays(const struct explore_run *run, struct result_sweep *result)
{
    for (size_t i = 0; i < result->failures_len; i++) {
        struct sweep_failure *failure = &result->failures[i];
        char *replay = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&replay, &len);
        CHECK(out != NULL);
        run->print_replay(out, run->a, failure->id);
        CHECK(fclose(out) == 0);
        free(failure->replay);
        failure->replay = replay;
    }
}

/* Makes the folder, and the path of the journal in it. */
static int prepare_folder(struct explore_arguments *a, char path[PATH_BYTES], struct err *err)
{
    if (a->out == NULL) {
        return 0;
    }
    if (mkdir(a->out, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", a->out,
                       errno == ENOENT ? "the folder that it is to lie in is not there"
                                       : strerror(errno));
    }
    const int len = a->sweep.shards == 0
                        ? snprintf(path, PATH_BYTES, "%s/sweep.journal", a->out)
                        : snprintf(path, PATH_BYTES, "%s/sweep-%" PRIu32 "-of-%" PRIu32 ".journal",
                                   a->out, a->sweep.shard, a->sweep.shards);
    if (len < 0 || len >= PATH_BYTES) {
        return err_set(err, ERR_RANGE, "%s: the path is too long", a->out);
    }
    a->sweep.journal_path = path;
    return 0;
}

/* Gives the result away. */
static int save(const struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    struct result_set set = {.runs = NULL};
    int rc = result_set_add_sweep(&set, result, err);
    if (rc == 0) {
        rc = a->sweep.shards == 0
                 ? report_files_save_folder(a->out, &set, err)
                 : report_files_save_part(a->out, &set, a->sweep.shard, a->sweep.shards, err);
    }
    result_set_release(&set);
    return rc;
}

/* All units that were ours to do. */
static bool complete(const struct explore_arguments *a, const struct result_sweep *result)
{
    const uint64_t units =
        explore_sweep_shard_units(result->units, a->sweep.shard, a->sweep.shards);
    return result->units == SWEEP_UNITS_OPEN || result_sweep_done(result) == units;
}

static void say_interrupted(const struct explore_arguments *a, bool by_user)
{
    fprintf(stderr, "limphome explore: %s; what stands above is not complete%s\n",
            by_user ? "interrupted" : "the time is over",
            a->out != NULL ? ". The same command goes on from here"
                           : "; with --out FOLDER it could be gone on with");
}

static void say_where(const struct explore_arguments *a)
{
    if (a->sweep.shards == 0) {
        cli_say(stdout, "%s/results.json", a->out);
    } else {
        cli_say(stdout, "%s/results-%" PRIu32 "-of-%" PRIu32 ".json", a->out, a->sweep.shard,
                a->sweep.shards);
    }
}

static int tell(const struct explore_run *run, struct result_sweep *result)
{
    const struct explore_arguments *a = run->a;
    struct err err = {.code = 0};
    const bool by_user = *a->sweep.give_up != 0;
    const bool ended = complete(a, result) && !(by_user && result->units == SWEEP_UNITS_OPEN);
    const bool good = result_sweep_good(result);
    add_replays(run, result);
    if (!a->quiet || !good) {
        sweep_text_print(result, cli_on(stdout, CLI_BAD), cli_off(stdout), stdout);
    }
    if (a->out != NULL) {
        if (save(a, result, &err) != 0) {
            return cli_error(&err);
        }
        if (!a->quiet) {
            say_where(a);
        }
    }
    (void)fflush(stdout);
    if (!ended) {
        say_interrupted(a, by_user);
        return CLI_ENVIRONMENT;
    }
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}

static void say_speed(uint64_t points, uint64_t spent_ns)
{
    const double spent_s = (double)spent_ns / 1e9;
    printf("%.1f s, %.0f points a second\n", spent_s, (double)points / (spent_s > 0 ? spent_s : 1));
}

static int run_sweep(const struct explore_run *run)
{
    struct explore_arguments *a = run->a;
    struct explore_files files;
    struct result_sweep result;
    struct explore_progress progress;
    struct err err = {.code = 0};
    char journal[PATH_BYTES];
    if (explore_files_find(&files, a, &err) != 0 || prepare_folder(a, journal, &err) != 0) {
        return cli_error(&err);
    }
    explore_progress_init(&progress, cli_is_terminal(stdout) ? stdout : stderr, a->sweep.limit_ns);
    a->sweep.identity = run->identity;
    a->sweep.files = files.list;
    a->sweep.files_len = files.len;
    a->sweep.version = LIMPHOME_VERSION;
    a->sweep.give_up = cli_catch_interrupts();
    a->sweep.on_begin = a->quiet ? NULL : explore_progress_begin;
    a->sweep.on_progress = a->quiet ? NULL : explore_progress_show;
    a->sweep.progress_ctx = &progress;
    if (!a->quiet) {
        explore_progress_wait(&progress, "going through the update once, undisturbed ...");
    }
    const int rc = run->run(a, &result, &err);
    explore_progress_end(&progress);
    if (rc != 0) {
        /* A journal that cannot be gone on with says nothing about the master. */
        const bool of_journal = a->out != NULL && strncmp(err.text, journal, strlen(journal)) == 0;
        const int code = cli_error(&err);
        return of_journal ? CLI_ENVIRONMENT : code;
    }
    const uint64_t points = sweep_text_points(&result);
    const uint64_t wall_ns = result.wall_ns;
    const int code = tell(run, &result);
    if (!a->quiet && cli_is_terminal(stdout)) {
        say_speed(points, wall_ns);
    }
    result_sweep_release(&result);
    return code;
}

void cli_explore_print_judgement(const struct explore_judgement *why)
{
    if (why->first[0] != '\0') {
        printf("judge    %s\n", why->first);
        printf("expected %s\n", why->expected);
    }
}

int cli_explore_run(const struct explore_run *run)
{
    const int code = run_sweep(run);
    free(run->identity);
    return code;
}
