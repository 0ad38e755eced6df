/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_report.c - results of one or several runs: merged, compared, printed. */
#include "cli/cli.h"
#include "cli/report_files.h"
#include "reports/result_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: limphome report [OPTION...] FOLDER|RESULTS.json...\n\n"
    "Reports what `limphome run --out` and `limphome explore --out` have found: as text on\n"
    "standard output, and as files. Several are put together: parts of one run (shards, or other\n"
    "cases with the same master, seed and date) become one run again, and shards of a sweep one\n"
    "sweep; other masters, other seeds and other sweeps stand side by side.\n\n"
    "  FOLDER           of a run or a sweep: its results.json is taken\n"
    "  --html FILE      a page that opens from disk, with all that happened\n"
    "  --junit FILE     JUnit XML, for the test views of CI servers\n"
    "  --json FILE      all of it as one results.json (docs/results.schema.json)\n"
    "  --out FOLDER     these three, as a run leaves them: report.html, junit.xml, results.json\n"
    "  --baseline OLD   older results, file or folder: says what fails newly, passes newly, takes\n"
    "                   longer or shorter, and which points of a sweep went wrong newly; may be\n"
    "                   given several times\n"
    "  --title TEXT     of the page\n\n"
    "Exit code: 0 all passed, or are not applicable; 1 a case or a point of a sweep failed, or a\n"
    "file holds no results; 2 wrong use; 3 a case is in error, a shard of a run or a part of a\n"
    "sweep is missing, or a file cannot be read or written.\n";

enum { OPT_HTML = 256, OPT_JUNIT, OPT_JSON, OPT_OUT, OPT_BASELINE, OPT_TITLE, OPT_HELP };

static const struct option options[] = {
    {"html", required_argument, NULL, OPT_HTML},
    {"junit", required_argument, NULL, OPT_JUNIT},
    {"json", required_argument, NULL, OPT_JSON},
    {"out", required_argument, NULL, OPT_OUT},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"title", required_argument, NULL, OPT_TITLE},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { BASELINES_MAX = 64, PATH_BYTES = 4200 };

struct arguments {
    const char *html, *junit, *json, *out, *title;
    const char *baselines[BASELINES_MAX];
    size_t baselines_len;
    bool help;
};

static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_HTML: return cli_parse_path(value, &a->html);
    case OPT_JUNIT: return cli_parse_path(value, &a->junit);
    case OPT_JSON: return cli_parse_path(value, &a->json);
    case OPT_OUT: return cli_parse_path(value, &a->out);
    case OPT_BASELINE:
        return a->baselines_len < BASELINES_MAX
                   ? cli_parse_path(value, &a->baselines[a->baselines_len++])
                   : "there are too many of them";
    case OPT_TITLE: a->title = value; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_report_syntax = {"report", help, "", options, take};

static int load(struct result_set *set, const char *path, struct err *err)
{
    struct stat status;
    char *file = NULL;
    const bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    const bool slash = path[0] != '\0' && path[strlen(path) - 1] == '/';
    CHECK(asprintf(&file, "%s%s", path,
                   !folder ? ""
                   : slash ? "results.json"
                           : "/results.json") >= 0);
    const int rc = result_set_load(set, file, err);
    free(file);
    return rc;
}

static int load_all(struct result_set *set, const char *const *paths, size_t len, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < len; i++) {
        rc = load(set, paths[i], err);
    }
    return rc;
}

/* A page that is beside them sees the folders of plays as the results do. */
static int save_folder(const struct arguments *a, struct result_set *set,
                       const struct result_changes *changes, struct err *err)
{
    char path[PATH_BYTES];
    if (mkdir(a->out, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", a->out, strerror(errno));
    }
    snprintf(path, sizeof path, "%s/report.html", a->out);
    int rc = report_files_save_html(path, set, changes, a->title, err);
    snprintf(path, sizeof path, "%s/junit.xml", a->out);
    rc = rc == 0 ? report_files_save_junit(path, set, err) : rc;
    snprintf(path, sizeof path, "%s/results.json", a->out);
    char *folder = report_files_folder(path);
    result_set_move(set, folder);
    free(folder);
    return rc == 0 ? report_files_save_json(path, set, err) : rc;
}

/* The file of all results comes last: the folders of plays are seen from there then. */
static int save(const struct arguments *a, struct result_set *set,
                const struct result_changes *changes, struct err *err)
{
    int rc = a->html != NULL ? report_files_save_html(a->html, set, changes, a->title, err) : 0;
    if (rc == 0 && a->junit != NULL) {
        rc = report_files_save_junit(a->junit, set, err);
    }
    if (rc == 0 && a->json != NULL) {
        char *folder = report_files_folder(a->json);
        result_set_move(set, folder);
        rc = report_files_save_json(a->json, set, err);
        free(folder);
    }
    return rc == 0 && a->out != NULL ? save_folder(a, set, changes, err) : rc;
}

static int report(const struct arguments *a, struct result_set *set, const struct result_set *old,
                  struct err *err)
{
    struct result_changes found = {.changes = NULL};
    const struct result_changes *changes = a->baselines_len > 0 ? &found : NULL;
    if (changes != NULL) {
        result_changes_find(&found, set, old);
    }
    result_text_print(set, changes, stdout);
    const int code = save(a, set, changes, err);
    result_changes_release(&found);
    if (code != 0) {
        return cli_error(err);
    }
    return result_set_runs_whole(set) ? report_files_exit_code(set) : CLI_ENVIRONMENT;
}

int cli_report(int argc, char **argv)
{
    struct arguments a = {.html = NULL};
    struct result_set set = {.runs = NULL};
    struct result_set old = {.runs = NULL};
    struct err err = {.code = 0};
    int rc = cli_take_options(&cli_report_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    if (optind == argc) {
        return cli_usage_error("report", "it takes results: results.json, or the folder of a run");
    }
    if (a.out != NULL && a.json != NULL) {
        return cli_usage_error("report",
                               "--out writes a results.json of its own: leave --json away");
    }
    int code = load_all(&set, (const char *const *)&argv[optind], (size_t)(argc - optind), &err);
    code = code == 0 ? load_all(&old, a.baselines, a.baselines_len, &err) : code;
    rc = code == 0 ? report(&a, &set, &old, &err) : cli_error(&err);
    result_set_release(&set);
    result_set_release(&old);
    return rc;
}
