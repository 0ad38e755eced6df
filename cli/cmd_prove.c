/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_prove.c - the catalogue against masters with one defect each. */
#include "cli/run_report.h"
#include "scenarios/engine/proof.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: limphome prove [OPTION...] [PATCH...]\n\n"
    "Proves the test catalogue: builds the reference master with one defect after the other (the\n"
    "mutants) and with legal variations, and plays their cases. Each defect must be found by its\n"
    "case, for the reason that the patch names; no variation may fail.\n\n"
    "  PATCH               names or patterns of names: M050, 'M07*', V03; without any, all of "
    "them\n"
    "  --mutants FOLDER    patches with a defect each, instead of those that come with limphome\n"
    "  --variants FOLDER   likewise the legal variations\n"
    "  --scenarios FOLDER  cases of your own\n"
    "  --jobs N            so many at once; default: one for each core\n"
    "  --seed N            of everything that is random; default 1\n\n"
    "Exit code: 0 all defects are found and all variations pass; 1 otherwise; 2 wrong use; 3 an\n"
    "error of the harness. It needs the sources of the master, a C compiler and patch.\n";

enum option_id { OPT_MUTANTS = 256, OPT_VARIANTS, OPT_SCENARIOS, OPT_JOBS, OPT_SEED, OPT_HELP };

static const struct option options[] = {
    {"mutants", required_argument, NULL, OPT_MUTANTS},
    {"variants", required_argument, NULL, OPT_VARIANTS},
    {"scenarios", required_argument, NULL, OPT_SCENARIOS},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { PATH_CAP = 4096, JOBS_MAX = 64, CASE_WIDTH = 7 };

struct arguments {
    const char *mutants, *variants, *scenarios;
    uint64_t jobs, seed;
    bool help;
};

/* What is proved, and where it lies. */
struct work {
    struct mutant *mutants;
    size_t mutants_len;
    struct proof_row *rows;
    char source[PATH_CAP];
    char build[PATH_CAP + 32];
};

static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_MUTANTS: return cli_parse_path(value, &a->mutants);
    case OPT_VARIANTS: return cli_parse_path(value, &a->variants);
    case OPT_SCENARIOS: return cli_parse_path(value, &a->scenarios);
    case OPT_JOBS:
        return cli_parse_u64(value, JOBS_MAX, &a->jobs) && a->jobs > 0
                   ? NULL
                   : "must be a whole number from 1 to 64";
    case OPT_SEED: return cli_parse_seed(value, &a->seed);
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_prove_syntax = {"prove", help, "", options, take};

static bool is_wanted(const struct mutant *mutant, char *const *patterns, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (fnmatch(patterns[i], mutant->id, 0) == 0 ||
            fnmatch(patterns[i], mutant->name, 0) == 0) {
            return true;
        }
    }
    return len == 0;
}

static int add_patches(struct work *work, const char *folder, bool legal, char *const *patterns,
                       size_t patterns_len, struct err *err)
{
    struct mutant *found = NULL;
    size_t len = 0;
    const int code = mutants_load(folder, legal, &found, &len, err);
    work->mutants = realloc(work->mutants, (work->mutants_len + len + 1) * sizeof *work->mutants);
    CHECK(work->mutants != NULL);
    for (size_t i = 0; code == 0 && i < len; i++) {
        if (is_wanted(&found[i], patterns, patterns_len)) {
            work->mutants[work->mutants_len++] = found[i];
        }
    }
    free(found);
    return code;
}

static int find_work(struct work *work, const struct arguments *a, char *const *patterns,
                     size_t patterns_len, struct err *err)
{
    char folder[PATH_CAP + 32];
    if (cli_find_shared("master", folder, PATH_CAP) == NULL) {
        return err_set(
            err, ERR_NOT_FOUND,
            "the sources of the reference master are not beside limphome; prove works in "
            "a source tree");
    }
    *strrchr(folder, '/') = '\0';
    memcpy(work->source, folder, sizeof work->source);
    snprintf(work->build, sizeof work->build, "%s/mutants/build.sh", work->source);
    snprintf(folder, sizeof folder, "%s/mutants", work->source);
    int code = add_patches(work, a->mutants != NULL ? a->mutants : folder, false, patterns,
                           patterns_len, err);
    snprintf(folder, sizeof folder, "%s/variants", work->source);
    if (code == 0) {
        code = add_patches(work, a->variants != NULL ? a->variants : folder, true, patterns,
                           patterns_len, err);
    }
    if (code == 0 && work->mutants_len == 0) {
        code =
            err_set(err, ERR_USAGE, "no patch is wanted; `ls %s/mutants` shows them", work->source);
    }
    return code;
}

/* What a compiler says has several lines. */
static void print_indented(const char *text)
{
    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");
        char *line = strndup(text, len);
        CHECK(line != NULL);
        printf("        %s", cli_on(stdout, CLI_DIM));
        cli_text(stdout, line);
        printf("%s\n", cli_off(stdout));
        free(line);
        text += len + (text[len] == '\n');
    }
}

static void print_row(void *ctx, const struct proof_row *row)
{
    (void)ctx;
    const char *word =
        row->mutant->legal ? (row->good ? "passes" : "FAILS") : (row->good ? "killed" : "ALIVE");
    printf("%s%-6s%s  ", cli_on(stdout, row->good ? CLI_GOOD : CLI_BAD), word, cli_off(stdout));
    cli_text_padded(stdout, row->mutant->id, 5);
    putchar(' ');
    cli_text_padded(stdout, row->case_id, CASE_WIDTH);
    fputs("  ", stdout);
    cli_text(stdout, row->mutant->what);
    putchar('\n');
    if (!row->good || !row->mutant->legal) {
        print_indented(row->seen);
    }
    fflush(stdout);
}

static int print_summary(const struct work *work)
{
    size_t defects = 0;
    size_t killed = 0;
    size_t legal = 0;
    size_t passed = 0;
    for (size_t i = 0; i < work->mutants_len; i++) {
        const struct proof_row *row = &work->rows[i];
        defects += !row->mutant->legal;
        killed += !row->mutant->legal && row->good;
        legal += row->mutant->legal;
        passed += row->mutant->legal && row->good;
    }
    printf("\n%zu of %zu defects found by their case for the reason named; %zu of %zu legal "
           "variations pass\n",
           killed, defects, passed, legal);
    return killed == defects && passed == legal ? CLI_OK : CLI_NOT_AS_WANTED;
}

static int prove(const struct arguments *a, struct work *work, struct case_run_cfg *run,
                 struct err *err)
{
    char folder[] = "/tmp/limphome-prove-XXXXXX";
    if (mkdtemp(folder) == NULL) {
        return cli_error(
            (err_set(err, ERR_IO, "%s: cannot be made: %s", folder, strerror(errno)), err));
    }
    work->rows = calloc(work->mutants_len, sizeof *work->rows);
    CHECK(work->rows != NULL);
    run->seed = a->seed;
    run->jobs = (size_t)a->jobs;
    run->give_up = cli_catch_interrupts();
    const int code = proof_run(&(struct proof_cfg){.run = run,
                                                   .mutants = work->mutants,
                                                   .mutants_len = work->mutants_len,
                                                   .build = work->build,
                                                   .source = work->source,
                                                   .folder = folder,
                                                   .on_row = print_row},
                               work->rows, err);
    int rc = code == 0 ? print_summary(work) : cli_error(err);
    if (*run->give_up != 0) {
        rc = cli_error((err_set(err, ERR_IO, "interrupted"), err));
    }
    case_play_remove(folder);
    free(work->rows);
    return rc;
}

int cli_prove(int argc, char **argv)
{
    static struct adapter adapter;
    static struct work work;
    char vehicles[PATH_CAP];
    char preload[PATH_CAP];
    struct arguments a = {.seed = 1};
    struct case_run_cfg run = {.version = LIMPHOME_VERSION, .adapter = &adapter};
    struct case_catalogue catalogue = {.cases = NULL};
    struct err err = {.code = 0};
    int rc = cli_take_options(&cli_prove_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    run.catalogue = &catalogue;
    run.preload_path = cli_find_preload(preload, sizeof preload);
    run.vehicles = cli_find_shared("vehicles", vehicles, sizeof vehicles);
    int code = find_work(&work, &a, &argv[optind], (size_t)(argc - optind), &err);
    code = code == 0 ? cli_load_master(NULL, &adapter, &err) : code;
    code = code == 0 ? cli_load_cases(&catalogue, a.scenarios, NULL, 0, &err) : code;
    rc = code == 0 ? prove(&a, &work, &run, &err) : cli_error(&err);
    case_catalogue_release(&catalogue);
    free(work.mutants);
    return rc;
}
