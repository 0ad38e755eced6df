/* SPDX-License-Identifier: Apache-2.0 */
/* guest/proc_file.c - what /proc tells of a guest. */
#include "guest/proc_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long proc_read(pid_t pid, const char *name, char *text, size_t size)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    size_t have = 0;
    ssize_t got = 1;
    while (have < size - 1 && (got = read(fd, text + have, size - 1 - have)) > 0) {
        have += (size_t)got;
    }
    close(fd);
    text[have] = '\0';
    return got < 0 ? -1 : (long)have;
}

static uint64_t hex_after(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 16) : 0;
}

bool proc_signals(pid_t tid, struct proc_signals *signals)
{
    char text[4096];
    if (proc_read(tid, "status", text, sizeof text) <= 0) {
        return false;
    }
    *signals = (struct proc_signals){.pending = hex_after(text, "\nSigPnd:"),
                                     .shared = hex_after(text, "\nShdPnd:"),
                                     .blocked = hex_after(text, "\nSigBlk:"),
                                     .ignored = hex_after(text, "\nSigIgn:"),
                                     .caught = hex_after(text, "\nSigCgt:")};
    return true;
}

static pid_t pid_after(pid_t tid, const char *label)
{
    char text[4096];
    if (proc_read(tid, "status", text, sizeof text) <= 0) {
        return 0;
    }
    const char *at = strstr(text, label);
    return at ? (pid_t)strtol(at + strlen(label), NULL, 10) : 0;
}

pid_t proc_tgid(pid_t tid)
{
    return pid_after(tid, "\nTgid:");
}

pid_t proc_parent(pid_t pid)
{
    return pid_after(pid, "\nPPid:");
}

pid_t proc_inner_pid(pid_t pid)
{
    char text[4096];
    long inner = pid;
    if (proc_read(pid, "status", text, sizeof text) <= 0) {
        return pid;
    }
    char *at = strstr(text, "\nNSpid:");
    char *end = at ? at + 7 : NULL;
    while (end && *end != '\n') {
        char *from = end;
        long value = strtol(from, &end, 10);
        if (end == from) {
            break;
        }
        inner = value;
    }
    return (pid_t)inner;
}

/* The name in parentheses may hold anything: what follows the last one counts. */
static const char *after_name(pid_t tid, char *text, size_t size)
{
    if (proc_read(tid, "stat", text, size) <= 0) {
        return NULL;
    }
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' ? end + 2 : NULL;
}

char proc_state(pid_t tid)
{
    char text[1024];
    const char *fields = after_name(tid, text, sizeof text);
    return fields ? fields[0] : 0;
}

uint64_t proc_cpu_ticks(pid_t tid)
{
    char text[1024];
    const char *fields = after_name(tid, text, sizeof text);
    unsigned long user = 0;
    unsigned long system = 0;
    if (!fields || sscanf(fields, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                          &system) != 2) {
        return 0;
    }
    return user + system;
}

int proc_call(pid_t tid)
{
    char text[256];
    char *end;
    if (proc_read(tid, "syscall", text, sizeof text) <= 0) {
        return -1;
    }
    long nr = strtol(text, &end, 10);
    return end == text ? -1 : (int)nr;
}

static size_t entries_len(pid_t pid, const char *name)
{
    char path[64];
    size_t len = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    DIR *folder = opendir(path);
    if (!folder) {
        return 0;
    }
    while (readdir(folder)) {
        len++;
    }
    closedir(folder);
    return len > 2 ? len - 2 : 0;
}

size_t proc_threads_len(pid_t pid)
{
    return entries_len(pid, "task");
}

size_t proc_open_files(pid_t pid)
{
    return entries_len(pid, "fd");
}

uint64_t proc_peak_bytes(pid_t pid)
{
    char text[4096];
    if (proc_read(pid, "status", text, sizeof text) <= 0) {
        return 0;
    }
    const char *at = strstr(text, "\nVmHWM:");
    return at ? strtoull(at + strlen("\nVmHWM:"), NULL, 10) * 1024 : 0;
}

bool proc_has_child(pid_t pid, pid_t tid, bool (*is_known)(void *ctx, pid_t child), void *ctx)
{
    char name[64];
    char text[8192];
    snprintf(name, sizeof name, "task/%d/children", (int)tid);
    if (proc_read(pid, name, text, sizeof text) <= 0) {
        return false;
    }
    for (char *at = text, *end;; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at) {
            return false;
        }
        if (!is_known(ctx, (pid_t)child)) {
            return true;
        }
    }
}
