/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_run.c - cases against a master: options, the folder, the exit code. */
#include "cli/report_files.h"
#include "cli/run_report.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: limphome run [OPTION...] [PATTERN...]\n\n"
    "Checks an OTA master against the cases of the test catalogue, in virtual time.\n\n"
    "  PATTERN             an id or a pattern of ids (COM-03, 'PWR-*'), a group (COM), tag:NAME, "
    "or\n"
    "                      the path of a case of your own; without any, all cases\n"
    "  --master FILE.json  the adapter of the master (docs/adapters.md); default: the reference\n"
    "                      master of limphome\n"
    "  --seed N            of everything that is random; default 1\n"
    "  --repeat N          plays with so many seeds, from --seed on\n"
    "  --verify            plays everything twice and compares the traces\n"
    "  --jobs N            plays so many at once; default: one for each core\n"
    "  --shard I/N         only part I of N, for as many machines (docs/cluster.md); limphome "
    "report\n"
    "                      puts the parts together\n"
    "  --out FOLDER        keeps there report.html, junit.xml, results.json and what each play "
    "leaves,\n"
    "                      with the traces of plays that do not pass\n"
    "                      With --shard: results-I-of-N.json instead of these three, so that all\n"
    "                      shards can share a folder\n"
    "  --date TEXT         of the run, for the reports: no clock is asked\n"
    "  --keep-traces       with --out: the traces of all plays\n"
    "  --scenarios FOLDER  cases of your own instead of those that come with limphome\n\n"
    "Exit code: 0 all passed, or are not applicable to this master; 1 a case failed; 2 wrong use;\n"
    "3 an error of the harness or of a case.\n";

enum option_id {
    OPT_MASTER = 256,
    OPT_SEED,
    OPT_REPEAT,
    OPT_VERIFY,
    OPT_JOBS,
    OPT_SHARD,
    OPT_OUT,
    OPT_DATE,
    OPT_KEEP_TRACES,
    OPT_SCENARIOS,
    OPT_HELP
};

static const struct option options[] = {
    {"master", required_argument, NULL, OPT_MASTER},
    {"seed", required_argument, NULL, OPT_SEED},
    {"repeat", required_argument, NULL, OPT_REPEAT},
    {"verify", no_argument, NULL, OPT_VERIFY},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"out", required_argument, NULL, OPT_OUT},
    {"date", required_argument, NULL, OPT_DATE},
    {"keep-traces", no_argument, NULL, OPT_KEEP_TRACES},
    {"scenarios", required_argument, NULL, OPT_SCENARIOS},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { REPEAT_MAX = 100000, JOBS_MAX = 64 };

struct arguments {
    struct case_run_cfg run;
    const char *master, *scenarios, *out;
    bool help;
};

static const char *take_number(const char *text, uint64_t max, uint64_t *value)
{
    static char why[64];
    if (cli_parse_u64(text, max, value) && *value > 0) {
        return NULL;
    }
    snprintf(why, sizeof why, "must be a whole number from 1 to %llu", (unsigned long long)max);
    return why;
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    uint64_t number = 0;
    const char *why = NULL;
    switch (option) {
    case OPT_MASTER: return cli_parse_path(value, &a->master);
    case OPT_SEED: return cli_parse_seed(value, &a->run.seed);
    case OPT_REPEAT:
        why = take_number(value, REPEAT_MAX, &number);
        a->run.repeat = (uint32_t)number;
        return why;
    case OPT_JOBS:
        why = take_number(value, JOBS_MAX, &number);
        a->run.jobs = (size_t)number;
        return why;
    case OPT_SHARD: return cli_parse_shard(value, &a->run.shard, &a->run.shards);
    case OPT_VERIFY: a->run.verify = true; return NULL;
    case OPT_OUT: return cli_parse_path(value, &a->out);
    case OPT_DATE: a->run.date = value; return NULL;
    case OPT_KEEP_TRACES: a->run.keep_traces = true; return NULL;
    case OPT_SCENARIOS: return cli_parse_path(value, &a->scenarios);
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_run_syntax = {"run", help, "", options, take};

static volatile sig_atomic_t interrupted;

/* A second one ends the program at once. */
static void on_interrupt(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

const volatile sig_atomic_t *cli_catch_interrupts(void)
{
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    return &interrupted;
}

/* The folder of the run, absolute: the plays' masters work in folders of their own. */
static int make_folder(const struct arguments *a, char *path, size_t size, struct err *err)
{
    char *plain = NULL;
    struct stat status;
    if (a->out == NULL) {
        const char *temporary = getenv("TMPDIR");
        snprintf(path, size, "%s/limphome-XXXXXX", temporary != NULL ? temporary : "/tmp");
        return mkdtemp(path) != NULL
                   ? 0
                   : err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    if (mkdir(a->out, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", a->out, strerror(errno));
    }
    plain = realpath(a->out, NULL);
    if (plain == NULL || strlen(plain) >= size || stat(plain, &status) != 0 ||
        !S_ISDIR(status.st_mode) || access(plain, W_OK | X_OK) != 0) {
        free(plain);
        return err_set(err, ERR_IO, "%s: is no folder that can be written to", a->out);
    }
    memcpy(path, plain, strlen(plain) + 1);
    free(plain);
    return 0;
}

static int save(const char *folder, struct run_result *result, struct err *err)
{
    const struct result_set set = {.runs = result, .runs_len = 1};
    const struct run_part *part = result->parts_len > 0 ? &result->parts[0] : NULL;
    return part != NULL ? report_files_save_part(folder, &set, part->shard, part->shards, err)
                        : report_files_save_folder(folder, &set, err);
}

int cli_load_master(const char *name, struct adapter *adapter, struct err *err)
{
    char path[4096];
    const char *file =
        name != NULL ? name : cli_find_shared("masters/reference.json", path, sizeof path);
    return file != NULL
               ? adapter_load(adapter, file, err)
               : err_set(err, ERR_NOT_FOUND,
                         "the adapter of the reference master is not beside limphome; say which "
                         "master to check with --master FILE");
}

static int run(struct arguments *a, const struct case_catalogue *catalogue,
               const struct adapter *adapter, const char *folder)
{
    char place[4096] = "";
    struct run_report report;
    struct run_result result = {.cases = NULL};
    struct err err = {.code = 0};
    (void)cli_find_shared("scenarios", place, sizeof place);
    run_report_init(&report, &(struct run_report_cfg){
                                 .out = stdout,
                                 .result = &result,
                                 .folder = a->out,
                                 .master = a->master,
                                 .scenarios = a->scenarios,
                                 .place = a->scenarios != NULL ? a->scenarios : place,
                             });
    a->run.catalogue = catalogue;
    a->run.adapter = adapter;
    a->run.folder = folder;
    a->run.keep_folders = a->out != NULL;
    a->run.on_case = run_report_case;
    a->run.on_play = run_report_play;
    a->run.ctx = &report;
    a->run.give_up = cli_catch_interrupts();
    case_run(&a->run, &result);
    run_report_end(&report);
    int rc = report_files_exit_code(&(struct result_set){.runs = &result, .runs_len = 1});
    if (a->out != NULL && save(a->out, &result, &err) != 0) {
        rc = cli_error(&err);
    }
    run_result_release(&result);
    return rc;
}

int cli_run(int argc, char **argv)
{
    static struct adapter adapter;
    char folder[4000];
    char vehicles[4096];
    char preload[4096];
    struct arguments a = {.run = {.version = LIMPHOME_VERSION, .seed = 1}};
    struct case_catalogue catalogue = {.cases = NULL};
    struct err err = {.code = 0};
    int rc = cli_take_options(&cli_run_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    a.run.preload_path = cli_find_preload(preload, sizeof preload);
    a.run.vehicles = cli_find_shared("vehicles", vehicles, sizeof vehicles);
    int code = cli_load_master(a.master, &adapter, &err);
    if (code == 0) {
        code =
            cli_load_cases(&catalogue, a.scenarios, &argv[optind], (size_t)(argc - optind), &err);
    }
    code = code == 0 ? make_folder(&a, folder, sizeof folder, &err) : code;
    rc = code == 0 ? run(&a, &catalogue, &adapter, folder) : cli_error(&err);
    if (code == 0 && a.out == NULL) {
        case_play_remove(folder);
    }
    case_catalogue_release(&catalogue);
    return rc;
}
