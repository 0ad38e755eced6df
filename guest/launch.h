/* SPDX-License-Identifier: Apache-2.0 */
/* guest/launch.h - starts the first guest under the filter.
 *
 * Between the supervisor and the program stands a process of our own, the init of a PID namespace
 * where that can be had: guests then have the same identifiers in every run, and whatever they
 * start ends with the init. It reaps orphans and tells how the program ended. */
#ifndef GUEST_LAUNCH_H
#define GUEST_LAUNCH_H

#include "sim/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct launch_shared;

struct launch {
    pid_t init_pid;   /* 0: not started. */
    pid_t leader_pid; /* The program, in the supervisor's PID namespace. */
    int leader_pidfd;
    int listener;
    bool own_pids;  /* The guests have a PID namespace. */
    bool is_twin;   /* The program is a double, and the init another supervisor's. */
    pid_t twin_pid; /* It, as that init knows it. */
    struct launch_shared *shared;
};

struct launch_cfg {
    char *const *argv; /* argv[0] is searched in PATH. */
    const int *calls;  /* Notified system calls. */
    size_t calls_len;
    const char *preload_path; /* Put before LD_PRELOAD. Null: nothing. */
    bool fixed_layout;        /* Without random addresses. */
    int cpu;                  /* Where the guests run. Negative: anywhere. */
};

/* The program then stands at its first notified call. 0 or a negative code; what was begun is ended
 * in that case. */
int launch_start(struct launch *launch, const struct launch_cfg *cfg, struct err *err);
/* After the program ended: its wait status. Ends what it left behind. */
int launch_status(struct launch *launch);
/* In a fork of the supervisor: the program is this one now, a further child of the init. inner_pid:
 * as the init knows it. */
void launch_become_twin(struct launch *launch, pid_t pid, pid_t inner_pid);
/* A double that was doubled itself goes on: the init tells of its end again. */
void launch_resume_twin(struct launch *launch);
/* The errno of an execve that failed before the program began; 0: it began. */
int launch_exec_errno(const struct launch *launch);
/* Ends everything. */
void launch_end(struct launch *launch);

#endif
