/* SPDX-License-Identifier: Apache-2.0 */
/* cli/replay_prompt_run.c - gdb and a shell beside a play that stands still. */
#include "cli/replay_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process group of its own, so that Ctrl-C reaches it and neither the play nor its guests;
 * and without the supervisor's blocked signals. */
static pid_t begin(struct replay_prompt *prompt, const char *folder, char *const argv[])
{
    fflush(NULL);
    const bool terminal = isatty(fileno(prompt->in));
    const pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    sigset_t none;
    setpgid(0, 0);
    if (terminal) {
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(fileno(prompt->in), getpid());
        signal(SIGTTOU, SIG_DFL);
    } else {
        const int nothing = open("/dev/null", O_RDONLY); /* The input holds commands for us. */
        dup2(nothing, STDIN_FILENO);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (folder != NULL && chdir(folder) != 0) {
        _exit(127);
    }
    execvp(argv[0], argv);
    fprintf(stderr, "limphome: %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* The terminal is ours again. */
static void take_terminal(const struct replay_prompt *prompt)
{
    if (isatty(fileno(prompt->in))) {
        void (*before)(int) = signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(fileno(prompt->in), getpgrp());
        signal(SIGTTOU, before);
    }
}

enum prompt_next prompt_gdb(struct replay_prompt *prompt, char *rest)
{
    char command[4200];
    struct err err = {.code = 0};
    int status = 0;
    struct supervisor *supervisor = prompt->world->seat.supervisor;
    const pid_t guest = supervisor != NULL ? supervisor_pid(supervisor) : 0;
    if (guest == 0) {
        fprintf(prompt->out, "no master runs at this instant\n");
        return PROMPT_STAY;
    }
    snprintf(command, sizeof command, "exec gdb -q -p %d %s", (int)guest, rest);
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char *argv[] = {shell, option, command, NULL};
    const pid_t gdb = begin(prompt, NULL, argv);
    if (gdb < 0) {
        fprintf(prompt->out, "gdb cannot be started: %s\n", strerror(errno));
        return PROMPT_STAY;
    }
    const enum supervisor_end end = supervisor_attend(supervisor, gdb, &status, &err);
    take_terminal(prompt);
    if (end != SUPERVISOR_TIME_UP) {
        fprintf(prompt->out, "the master has ended in the debugger: the play cannot go on\n");
        return PROMPT_QUIT;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        fprintf(prompt->out, "gdb is not installed\n");
    }
    return PROMPT_STAY;
}

enum prompt_next prompt_shell(struct replay_prompt *prompt, char *rest)
{
    const struct case_world *world = prompt->world;
    const char *given = getenv("SHELL");
    char *shell = strdup(given != NULL && given[0] != '\0' ? given : "/bin/sh");
    CHECK(shell != NULL);
    char option[] = "-c";
    char *argv[] = {shell, rest[0] != '\0' ? option : NULL, rest, NULL};
    char now[32];
    char pid[16];
    snprintf(now, sizeof now, "%llu", (unsigned long long)world->sim.now_ns);
    snprintf(pid, sizeof pid, "%d",
             world->seat.supervisor != NULL ? (int)supervisor_pid(world->seat.supervisor) : 0);
    setenv("LIMPHOME_FOLDER", prompt->folder, 1);
    setenv("LIMPHOME_CASE", world->cfg.file->id, 1);
    setenv("LIMPHOME_TIME_NS", now, 1);
    setenv("LIMPHOME_MASTER_PID", pid, 1);
    const pid_t child = begin(prompt, prompt->folder, argv);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    take_terminal(prompt);
    free(shell);
    unsetenv("LIMPHOME_FOLDER");
    unsetenv("LIMPHOME_CASE");
    unsetenv("LIMPHOME_TIME_NS");
    unsetenv("LIMPHOME_MASTER_PID");
    return PROMPT_STAY;
}
