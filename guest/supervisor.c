/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor.c - makes, runs and ends the supervision of one program and its children. */
#include "guest/supervisor.h"

#include "guest/calls_store.h"
#include "guest/can_channel.h"
#include "guest/guest_clock.h"
#include "guest/guest_table.h"
#include "guest/launch.h"
#include "guest/notify.h"
#include "guest/supervisor_loop.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The user's wish to stop reaches the loop as a descriptor: nothing else may interrupt it, because
 * a signal in the middle of an answer that carries a descriptor makes the kernel answer twice. */
static int open_descriptors(struct supervisor *s, struct err *err)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, &s->old_mask);
    s->signal_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
    s->deaths = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (s->signal_fd < 0 || s->deaths < 0 ||
        epoll_ctl(s->deaths, EPOLL_CTL_ADD, s->signal_fd, &event) != 0) {
        return err_set(err, ERR_IO, "the supervisor of guests: %s", strerror(errno));
    }
    return 0;
}

struct supervisor *supervisor_new(const struct supervisor_cfg *cfg, struct err *err)
{
    struct supervisor *s = calloc(1, sizeof *s);
    struct launch *launch = calloc(1, sizeof *launch);
    if (!s || !launch) {
        free(s);
        free(launch);
        err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
        return NULL;
    }
    CHECK(!cfg->store || !cfg->real_time);
    s->cfg = *cfg;
    s->sim = cfg->sim;
    s->launch = launch;
    s->listener = s->deaths = s->signal_fd = s->page_fd = -1;
    prng_init(&s->random, cfg->seed, "guest");
    int code = open_descriptors(s, err);
    if (!code && !cfg->real_time) {
        code = guest_clock_open(s, err);
    }
    if (!code && cfg->calls_path) {
        s->calls_log = fopen(cfg->calls_path, "we");
        code = s->calls_log ? 0 : err_set(err, ERR_IO, "%s: %s", cfg->calls_path, strerror(errno));
    }
    if (code) {
        supervisor_free(s);
        return NULL;
    }
    return s;
}

void supervisor_free(struct supervisor *s)
{
    if (!s) {
        return;
    }
    guest_table_kill(s);
    if (s->launch->shared) {
        launch_end(s->launch);
    }
    guest_table_free(s);
    if (s->cfg.store && s->cfg.store->reap_ctx == s) {
        store_reap(s, s->cfg.store); /* Nobody has a file open any more. */
        s->cfg.store->reap = NULL;
    }
    supervisor_watches_free(s);
    can_channels_free(s);
    guest_clock_close(s);
    for (size_t i = 0; i < s->said_len; i++) {
        free(s->said[i]);
    }
    if (s->calls_log) {
        fclose(s->calls_log);
    }
    if (s->signal_fd >= 0) {
        close(s->signal_fd);
    }
    if (s->deaths >= 0) {
        close(s->deaths);
    }
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
    free(s->launch);
    free(s);
}

/* Supervisor and guests share one core: a hand-over then costs a quarter, and two guests can never
 * run at once, whatever happens. */
static int choose_cpu(void)
{
    int cpu = sched_getcpu();
    cpu_set_t one;
    CPU_ZERO(&one);
    if (cpu < 0) {
        return -1;
    }
    CPU_SET((size_t)cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? cpu : -1;
}

static size_t list_calls(const struct supervisor *s, int *calls)
{
    size_t len = 0;
    for (size_t i = 0; i < guest_call_rows_len; i++) {
        const struct guest_call_row *row = &guest_call_rows[i];
        bool wanted = s->cfg.real_time ? row->in_real_time : !row->with_store || s->cfg.store;
        if (row->fn && wanted) {
            calls[len++] = row->nr;
        }
    }
    return len;
}

int supervisor_start(struct supervisor *s, char *const argv[], struct err *err)
{
    int calls[512];
    CHECK(guest_call_rows_len <= ARRAY_SIZE(calls));
    struct launch_cfg cfg = {.argv = argv,
                             .calls = calls,
                             .calls_len = list_calls(s, calls),
                             .preload_path = s->cfg.real_time ? NULL : s->cfg.preload_path,
                             .fixed_layout = !s->cfg.real_time,
                             .cpu = s->cfg.real_time ? -1 : choose_cpu()};
    int code = s->cfg.store ? guest_store_refresh(s->cfg.store, err) : 0;
    code = code ? code : launch_start(s->launch, &cfg, err);
    if (code) {
        return code;
    }
    s->listener = s->launch->listener;
    if (s->cfg.store) {
        s->cfg.store->reap = store_reap;
        s->cfg.store->reap_ctx = s;
    }
    notify_make_sync(s->listener);
    struct guest_process *process = guest_table_add_process(s, s->launch->leader_pid, NULL, false);
    struct guest_thread *t =
        process ? guest_table_add_thread(s, process, s->launch->leader_pid) : NULL;
    if (!t) {
        return err_set(err, ERR_IO, "the first guest cannot be watched: %s", strerror(errno));
    }
    guest_process_rename(process->name, argv[0]);
    guest_process_rename(process->next_name, argv[0]);
    s->program = argv[0];
    guest_set_state(s, t, GUEST_RUNS);
    s->turn = t;
    return 0;
}

static void take_exit_status(struct supervisor *s)
{
    int status = launch_status(s->launch);
    int error = launch_exec_errno(s->launch);
    s->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (status < 0) {
        s->end = SUPERVISOR_FAILED;
        err_set(&s->error, ERR_IO, "%s and all that it started were killed from outside",
                s->program);
    } else if (error) {
        s->end = SUPERVISOR_FAILED;
        err_set(&s->error, ERR_NOT_FOUND, "%s: %s; the program cannot be started", s->program,
                strerror(error));
    }
}

static void finish_log(struct supervisor *s)
{
    if (s->calls_log && (fflush(s->calls_log) != 0 || ferror(s->calls_log))) {
        s->end = SUPERVISOR_FAILED;
        err_set(&s->error, ERR_IO, "%s: not all calls could be written; make room on that disk",
                s->cfg.calls_path);
    }
}

enum supervisor_end supervisor_run(struct supervisor *s, sim_ns_t until_ns, struct err *err)
{
    s->ended = false;
    s->until_ns = until_ns;
    supervisor_go_on(s);
    if (s->cfg.real_time) {
        supervisor_loop_real(s, until_ns);
    } else {
        supervisor_loop_virtual(s, until_ns);
    }
    if (s->end == SUPERVISOR_EXITED) {
        take_exit_status(s);
    }
    finish_log(s);
    if (s->end == SUPERVISOR_FAILED && err) {
        *err = s->error;
    }
    return s->end;
}

int supervisor_exit_code(const struct supervisor *s)
{
    return s->exit_code;
}

uint64_t supervisor_fast_frames(const struct supervisor *s)
{
    return s->fast_frames;
}

struct supervisor_usage supervisor_usage(const struct supervisor *s)
{
    return s->usage;
}

uint64_t supervisor_calls(const struct supervisor *s)
{
    return s->calls;
}

void guest_say(struct supervisor *s, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (size_t i = 0; i < s->said_len; i++) {
        if (strcmp(s->said[i], text) == 0) {
            return;
        }
    }
    if (s->said_len < ARRAY_SIZE(s->said)) {
        s->said[s->said_len] = strdup(text);
        s->said_len += s->said[s->said_len] != NULL;
    }
    fprintf(stderr, "limphome: %s\n", text);
}
