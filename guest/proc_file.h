/* SPDX-License-Identifier: Apache-2.0 */
/* guest/proc_file.h - what /proc tells of a guest (proc(5)). */
#ifndef GUEST_PROC_FILE_H
#define GUEST_PROC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_signals {
    uint64_t pending; /* Of the thread; bit n-1 for signal n. */
    uint64_t shared;  /* Of the process. */
    uint64_t blocked;
    uint64_t ignored;
    uint64_t caught;
};

/* False: the thread is gone. */
bool proc_signals(pid_t tid, struct proc_signals *signals);
/* 'R', 'S', 'D', 'T', 't', 'Z' ...; 0: gone. */
char proc_state(pid_t tid);
pid_t proc_tgid(pid_t tid);   /* 0: gone. */
pid_t proc_parent(pid_t pid); /* 0: gone. */
/* Its identifier in the innermost PID namespace. */
pid_t proc_inner_pid(pid_t pid);
/* User and system time in clock ticks. */
uint64_t proc_cpu_ticks(pid_t tid);
/* Number of the system call that the thread is in, -1: none or not known. */
int proc_call(pid_t tid);
/* Entries of /proc/PID/task. */
size_t proc_threads_len(pid_t pid);
/* Entries of /proc/PID/fd. 0: gone. */
size_t proc_open_files(pid_t pid);
/* The most memory that it has had resident (VmHWM). 0: gone. */
uint64_t proc_peak_bytes(pid_t pid);
/* True if the thread has started a process that is_known() does not know. */
bool proc_has_child(pid_t pid, pid_t tid, bool (*is_known)(void *ctx, pid_t child), void *ctx);
/* Reads /proc/PID/NAME whole, cut at size - 1, terminated. Returns its length, -1: gone. */
long proc_read(pid_t pid, const char *name, char *text, size_t size);

#endif
