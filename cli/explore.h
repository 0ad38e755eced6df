/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore.h - limphome explore: what its kinds of sweeps share. cmd_explore.c has the table of
 * kinds and options, explore_options.c reads their values, explore_run.c runs a sweep of any kind
 * and keeps what it leaves; each kind is a file explore_*.c. */
#ifndef CLI_EXPLORE_H
#define CLI_EXPLORE_H

#include "cli/cli.h"
#include "scenarios/explore/explore_guest.h"
#include "scenarios/explore/explore_power.h"

struct explore_command; /* A kind, by name. */

struct explore_arguments {
    const struct explore_command *kind;
    struct explore_sweep_cfg sweep; /* What all kinds share: jobs, shard, time, date. */
    struct explore_power_cfg power;
    uint64_t schedules;            /* Of faults. 0: until the time is over. */
    size_t faults_min, faults_max; /* In a schedule. 0, 0: as explore_faults.h has it. */
    uint32_t settings;             /* Drawn from, as a set. 0: all. */
    size_t shrink;                 /* So many schedules that go wrong become scenarios. */
    sim_ns_t master_off_ns;        /* As struct explore_storage_cfg has them. */
    bool with_power;
    const char *point_text; /* Null: a sweep. */
    const char *out;        /* Folder. Null: none. */
    const char *master;     /* Adapter file. Null: the reference, in this process. */
    uint64_t given;         /* Options, as a set: bit number - EXPLORE_OPT_FIRST. */
    bool quiet, help;
};

enum explore_option {
    EXPLORE_OPT_FIRST = 256,
    EXPLORE_OPT_VEHICLE = EXPLORE_OPT_FIRST,
    EXPLORE_OPT_SIZE,
    EXPLORE_OPT_STYLE,
    EXPLORE_OPT_CHECK,
    EXPLORE_OPT_RESUME,
    EXPLORE_OPT_OFF,
    EXPLORE_OPT_MASTER_OFF,
    EXPLORE_OPT_WITH_POWER,
    EXPLORE_OPT_MODE,
    EXPLORE_OPT_DEPTH,
    EXPLORE_OPT_SAMPLE,
    EXPLORE_OPT_NO_JOIN,
    EXPLORE_OPT_FORK,
    EXPLORE_OPT_SCHEDULES,
    EXPLORE_OPT_FAULTS,
    EXPLORE_OPT_SHRINK,
    EXPLORE_OPT_SETTING,
    EXPLORE_OPT_STRICT,
    EXPLORE_OPT_POINT,
    EXPLORE_OPT_SEED,
    EXPLORE_OPT_MASTER,
    EXPLORE_OPT_JOBS,
    EXPLORE_OPT_SHARD,
    EXPLORE_OPT_TIME,
    EXPLORE_OPT_OUT,
    EXPLORE_OPT_DATE,
    EXPLORE_OPT_QUIET,
    EXPLORE_OPT_HELP
};

/* Choices of options, ended by null. */
extern const char *const explore_styles[], *const explore_checks[], *const explore_resumes[],
                                                                        *const explore_modes[];

/* As struct cli_syntax has it (explore_options.c). */
const char *cli_explore_take(void *arguments, int option, const char *value);
/* The options that make the update what it is, as on a command line, with a blank before each. */
void cli_explore_print_update(FILE *out, const struct explore_arguments *a);

/* Runs a sweep with all that the kinds have in common: progress, Ctrl-C, the folder of --out with
 * its journal, printing. a->sweep is then filled but for what the kind itself fills in. */
struct explore_run {
    struct explore_arguments *a;
    char *identity; /* As struct result_sweep has it. */
    int (*run)(struct explore_arguments *a, struct result_sweep *result, struct err *err);
    /* The command that plays a failure again. */
    void (*print_replay)(FILE *out, const struct explore_arguments *a, const char *id);
};
/* An exit code. Frees the identity. */
int cli_explore_run(const struct explore_run *run);

/* A master that is a guest, while a sweep or a point is run with it (explore_master.c). */
struct explore_master {
    struct adapter *adapter; /* Owned. */
    struct explore_guest_cfg guest;
    char folder[4096]; /* Of all that it writes. */
    char preload[4096];
};
/* a->master is there; styles and checks that were not given become those of its adapter. keep: its
 * folder is that one, and stays. 0 or a negative code; release in either case. */
int cli_explore_master_open(struct explore_master *master, struct explore_arguments *a,
                            const char *keep, struct err *err);
void cli_explore_master_release(struct explore_master *master);

/* What the judge has seen first, and what it had expected; nothing, if no rule was broken. */
void cli_explore_print_judgement(const struct explore_judgement *why);

/* Each returns an exit code. */
int cli_explore_power(struct explore_arguments *a);
int cli_explore_storage(struct explore_arguments *a);
int cli_explore_faults(struct explore_arguments *a);

#endif
