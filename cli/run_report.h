/* SPDX-License-Identifier: Apache-2.0 */
/* cli/run_report.h - a run as it is shown: progress, a line for each case, what failed and how to
 * see it again, a summary. */
#ifndef CLI_RUN_REPORT_H
#define CLI_RUN_REPORT_H

#include "cli/cli.h"
#include "scenarios/engine/case_play.h"
#include "scenarios/engine/case_run.h"

struct run_report_cfg {
    FILE *out;
    const struct run_result *result; /* That case_run() fills. */
    const char *folder;              /* As given: where plays are kept. Null: nowhere. */
    const char *master, *scenarios;  /* As given. Null: those of limphome. */
    /* The folder of the scenarios; cases may lie elsewhere. Null: it is not told how to play a case
     * again. */
    const char *place;
};

struct run_report {
    struct run_report_cfg cfg;
    bool terminal;
    bool shown;                   /* A progress line stands there unfinished. */
    size_t done, all;             /* Plays. */
    const struct case_result *of; /* Of the last play that is done. Null: none is. */
    uint64_t begin_ns;            /* Of the wall clock, as the next. */
    uint64_t estimated_ns, left_ns;
};

void run_report_init(struct run_report *report, const struct run_report_cfg *cfg);
/* For struct case_run_cfg; ctx is the report. */
void run_report_case(void *ctx, const struct case_result *result);
void run_report_play(void *ctx, size_t done, size_t all, const struct case_result *of);
void run_report_end(struct run_report *report);

/* From now on SIGINT and SIGTERM make *this 1, for give_up of what is run (cmd_run.c). */
const volatile sig_atomic_t *cli_catch_interrupts(void);
/* The adapter of that file, or of the reference master without one (cmd_run.c). */
int cli_load_master(const char *name, struct adapter *adapter, struct err *err);
/* The cases that the patterns want, all without any; of a folder, or of those that come with the
 * program (cmd_list.c). */
int cli_load_cases(struct case_catalogue *catalogue, const char *folder, char *const *patterns,
                   size_t patterns_len, struct err *err);

#endif
