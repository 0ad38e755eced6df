/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/play_pool.c - one process a play, one play a core. */
#include "scenarios/engine/play_pool.h"

#include "reports/result_json.h"
#include "scenarios/engine/wall_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, LIMIT_DEFAULT_S = 300, TEXT_MAX_BYTES = 8 << 20, LOOK_MS = 1000 };

struct worker {
    pid_t pid; /* 0: idle. */
    int pipe;
    size_t index;
    char *text;
    size_t len, cap;
    uint64_t until_ns; /* Of the wall clock. */
    const char *ended; /* Why it was ended from here. Null: it was not. */
};

struct pool {
    const struct play_pool_cfg *cfg;
    struct worker workers[WORKERS_MAX];
    size_t workers_len;
    size_t next, plays_len;
    size_t busy;
    int cores[WORKERS_MAX];
    size_t cores_len;
};

static size_t list_cores(int *cores)
{
    cpu_set_t set;
    size_t len = 0;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 0;
    }
    for (int i = 0; i < CPU_SETSIZE && len < WORKERS_MAX; i++) {
        if (CPU_ISSET((size_t)i, &set)) {
            cores[len++] = i;
        }
    }
    return len;
}

size_t play_pool_cores(void)
{
    int cores[WORKERS_MAX];
    const size_t len = list_cores(cores);
    return len > 0 ? len : 1;
}

static void write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t done = write(fd, text, len);
        if (done < 0 && errno != EINTR) {
            _exit(1);
        }
        text += done > 0 ? done : 0;
        len -= done > 0 ? (size_t)done : 0;
    }
}

/* The child. Guests and simulator share one core: handing over between two is slower. */
static _Noreturn void play(const struct pool *pool, size_t index, int core, int to)
{
    struct play_result result = {.verdict = VERDICT_PASS};
    cpu_set_t set;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (core >= 0) {
        CPU_ZERO(&set);
        CPU_SET((size_t)core, &set);
        (void)sched_setaffinity(0, sizeof set, &set);
    }
    pool->cfg->play(pool->cfg->ctx, index, &result);
    char *text = play_result_print(&result);
    write_all(to, text, strlen(text));
    free(text);
    play_result_release(&result);
    exit(0);
}

static void begin(struct pool *pool, size_t place)
{
    int ends[2];
    struct worker *worker = &pool->workers[place];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    fflush(NULL);
    const size_t index = pool->next++;
    const int core = pool->cores_len > 0 ? pool->cores[place % pool->cores_len] : -1;
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        play(pool, index, core, ends[1]);
    }
    close(ends[1]);
    const uint64_t limit_s = pool->cfg->limit_s != 0 ? pool->cfg->limit_s : LIMIT_DEFAULT_S;
    *worker = (struct worker){.pid = pid,
                              .pipe = ends[0],
                              .index = index,
                              .until_ns = wall_clock_ns() + limit_s * 1000000000u};
    pool->busy++;
}

/* What it said is not whole: how it ended tells why. */
static void explain(struct play_result *result, const struct worker *worker, int status)
{
    char text[160];
    if (worker->ended != NULL) {
        snprintf(text, sizeof text, "%s", worker->ended);
    } else if (WIFSIGNALED(status)) {
        snprintf(text, sizeof text, "the process of the play was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else {
        snprintf(text, sizeof text, "the process of the play ended with code %d and no result",
                 WEXITSTATUS(status));
    }
    play_result_error(result, text);
}

static void end(struct pool *pool, struct worker *worker)
{
    int status = 0;
    struct err err = {0};
    struct play_result result = {.verdict = VERDICT_PASS};
    close(worker->pipe);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (play_result_parse(&result, worker->text != NULL ? worker->text : "", worker->len, &err) !=
        0) {
        play_result_release(&result);
        explain(&result, worker, status);
    }
    free(worker->text);
    const size_t index = worker->index;
    *worker = (struct worker){.pid = 0};
    pool->busy--;
    pool->cfg->done(pool->cfg->ctx, index, &result);
}

/* False: the end of what it has to say. */
static bool hear(struct worker *worker)
{
    if (worker->cap - worker->len < 4096) {
        worker->cap = worker->cap * 2 + 16384;
        worker->text = realloc(worker->text, worker->cap);
        CHECK(worker->text != NULL);
    }
    const ssize_t got = read(worker->pipe, &worker->text[worker->len], worker->cap - worker->len);
    if (got < 0 && errno == EINTR) {
        return true;
    }
    worker->len += got > 0 ? (size_t)got : 0;
    if (worker->len >= TEXT_MAX_BYTES) {
        worker->ended = "the play said too much: its result is longer than 8 MB";
        kill(worker->pid, SIGKILL);
    }
    return got > 0 && worker->ended == NULL;
}

static bool given_up(const struct pool *pool)
{
    return pool->cfg->give_up != NULL && *pool->cfg->give_up != 0;
}

/* Those that have taken too long, or all if nobody wants them any more. */
static void end_plays(struct pool *pool)
{
    const uint64_t now_ns = wall_clock_ns();
    const bool all = given_up(pool);
    for (size_t i = 0; i < pool->workers_len; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->pid != 0 && worker->ended == NULL && (all || now_ns >= worker->until_ns)) {
            worker->ended =
                all ? "interrupted" : "the play took too long in real time and was ended";
            kill(worker->pid, SIGKILL);
        }
    }
}

static void wait_for_some(struct pool *pool)
{
    struct pollfd fds[WORKERS_MAX];
    for (size_t i = 0; i < pool->workers_len; i++) {
        const struct worker *worker = &pool->workers[i];
        fds[i] = (struct pollfd){.fd = worker->pid != 0 ? worker->pipe : -1, .events = POLLIN};
    }
    if (poll(fds, pool->workers_len, LOOK_MS) > 0) {
        for (size_t i = 0; i < pool->workers_len; i++) {
            if (fds[i].revents != 0 && !hear(&pool->workers[i])) {
                end(pool, &pool->workers[i]);
            }
        }
    }
    end_plays(pool);
}

static bool goes_on(const struct pool *pool)
{
    return pool->next < pool->plays_len && !given_up(pool);
}

void play_pool_run(const struct play_pool_cfg *cfg, size_t plays_len)
{
    struct pool pool = {.cfg = cfg, .plays_len = plays_len};
    pool.cores_len = list_cores(pool.cores);
    pool.workers_len = cfg->workers != 0 ? cfg->workers : play_pool_cores();
    pool.workers_len = pool.workers_len < WORKERS_MAX ? pool.workers_len : WORKERS_MAX;
    while (goes_on(&pool) || pool.busy > 0) {
        for (size_t i = 0; i < pool.workers_len && goes_on(&pool); i++) {
            if (pool.workers[i].pid == 0) {
                begin(&pool, i);
            }
        }
        if (pool.busy > 0) {
            wait_for_some(&pool);
        }
    }
}
