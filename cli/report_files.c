/* SPDX-License-Identifier: Apache-2.0 */
/* cli/report_files.c - opens, prints, and says which file could not be written. */
#include "cli/report_files.h"

#include "cli/cli.h"
#include "reports/html_report.h"
#include "reports/junit.h"
#include "reports/result_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_file(const char *path, struct err *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        (void)err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    return out;
}

/* rc: of what was printed; 0: the stream itself is to tell. */
static int close_file(const char *path, FILE *out, int rc, struct err *err)
{
    const bool lost = ferror(out) != 0;
    const int why = errno;
    if (fclose(out) == 0 && !lost && rc == 0) {
        return 0;
    }
    return err_set(err, rc != 0 ? rc : ERR_IO, "%s: cannot be written: %s", path,
                   strerror(lost || rc != 0 ? why : errno));
}

char *report_files_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    CHECK(folder != NULL);
    return folder;
}

int report_files_save_json(const char *path, const struct result_set *set, struct err *err)
{
    FILE *out = open_file(path, err);
    if (out == NULL) {
        return err->code;
    }
    char *text = result_set_print(set);
    (void)fprintf(out, "%s\n", text);
    free(text);
    return close_file(path, out, 0, err);
}

int report_files_save_junit(const char *path, const struct result_set *set, struct err *err)
{
    FILE *out = open_file(path, err);
    return out != NULL ? close_file(path, out, junit_print(set, out, NULL), err) : err->code;
}

int report_files_save_html(const char *path, const struct result_set *set,
                           const struct result_changes *changes, const char *title, struct err *err)
{
    FILE *out = open_file(path, err);
    if (out == NULL) {
        return err->code;
    }
    char *folder = report_files_folder(path);
    const struct html_report report = {
        .set = set, .changes = changes, .title = title, .folder = folder};
    const int rc = html_report_print(&report, out, NULL);
    free(folder);
    return close_file(path, out, rc, err);
}

/* Whole or not at all under its name: what a full disk has left must not be taken for results. */
static int save_json_whole(const char *path, const struct result_set *set, struct err *err)
{
    char draft[4210];
    snprintf(draft, sizeof draft, "%s.new", path);
    int rc = report_files_save_json(draft, set, err);
    if (rc == 0 && rename(draft, path) != 0) {
        rc = err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (rc != 0) {
        (void)remove(draft);
    }
    return rc;
}

int report_files_save_folder(const char *folder, const struct result_set *set, struct err *err)
{
    static const char *const names[] = {"results.json", "junit.xml", "report.html"};
    char path[ARRAY_SIZE(names)][4200];
    struct result_set as_read = {.runs = NULL};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
    }
    int rc = save_json_whole(path[0], set, err);
    rc = rc == 0 ? result_set_load(&as_read, path[0], err) : rc;
    rc = rc == 0 ? report_files_save_junit(path[1], &as_read, err) : rc;
    rc = rc == 0 ? report_files_save_html(path[2], &as_read, NULL, NULL, err) : rc;
    result_set_release(&as_read);
    return rc;
}

int report_files_save_part(const char *folder, const struct result_set *set, uint32_t shard,
                           uint32_t shards, struct err *err)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/results-%u-of-%u.json", folder, (unsigned)shard,
             (unsigned)shards);
    return save_json_whole(path, set, err);
}

int report_files_exit_code(const struct result_set *set)
{
    if (result_set_count(set, VERDICT_ERROR) > 0 || !result_set_sweeps_whole(set)) {
        return CLI_ENVIRONMENT;
    }
    const bool good = result_set_count(set, VERDICT_FAIL) == 0 && result_set_sweeps_good(set);
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}
