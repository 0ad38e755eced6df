/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore.h - limphome explore: what its kinds of sweeps share. cmd_explore.c reads the command
 * line; each kind is a file explore_*.c. */
#ifndef CLI_EXPLORE_H
#define CLI_EXPLORE_H

#include "cli/cli.h"
#include "scenarios/explore/explore_power.h"

struct explore_command; /* A kind, by name. */

struct explore_arguments {
    const struct explore_command *kind;
    struct explore_power_cfg power;
    struct explore_path point;
    const char *point_text; /* Null: a sweep. */
    bool quiet, help;
    bool terminal;
    bool shown; /* A progress line stands there unfinished. */
};

/* Choices of options, ended by null. */
extern const char *const explore_styles[], *const explore_checks[], *const explore_resumes[];

/* Each returns an exit code. */
int cli_explore_power(struct explore_arguments *a);

#endif
