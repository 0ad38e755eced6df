/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_report.h - a run as it is shown: progress, a line for each case, findings, a summary. */
#ifndef CLI_RUN_REPORT_H
#define CLI_RUN_REPORT_H

#include "cli/cli.h"
#include "scenarios/engine/case_play.h"
#include "scenarios/engine/case_run.h"

struct run_report {
    FILE *out;
    const char *folder; /* Where what the plays leave is kept. Null: nowhere. */
    bool terminal;
    bool shown; /* A progress line stands there unfinished. */
};

void run_report_init(struct run_report *report, FILE *out, const char *folder);
/* For struct case_run_cfg; ctx is the report. */
void run_report_case(void *ctx, const struct case_result *result);
void run_report_play(void *ctx, size_t done, size_t all, const struct case_result *of);
void run_report_end(struct run_report *report, const struct run_result *result);

/* From now on SIGINT and SIGTERM make *this 1, for give_up of what is run (cmd_run.c). */
const volatile sig_atomic_t *cli_catch_interrupts(void);
/* The adapter of that file, or of the reference master without one (cmd_run.c). */
int cli_load_master(const char *name, struct adapter *adapter, struct err *err);
/* The cases that the patterns want, all without any; of a folder, or of those that come with the
 * program (cmd_list.c). */
int cli_load_cases(struct case_catalogue *catalogue, const char *folder, char *const *patterns,
                   size_t patterns_len, struct err *err);

#endif
