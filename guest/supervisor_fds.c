/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_fds.c - the kernel's descriptors that parked threads watch. */
#include "guest/guest_table.h"
#include "guest/supervisor_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void guest_wait_fd(struct guest_thread *t, int fd, short events)
{
    struct guest_wait *wait = &t->wait;
    if (wait->watches_len == wait->watches_cap) {
        size_t cap = wait->watches_cap ? 2 * wait->watches_cap : GUEST_WATCHES_FIRST;
        struct guest_watch *watches = realloc(wait->watches, cap * sizeof *watches);
        CHECK(watches);
        wait->watches = watches;
        wait->watches_cap = cap;
    }
    wait->watches[wait->watches_len++] = (struct guest_watch){.fd = fd, .events = events};
}

void guest_wait_drop_fds(struct guest_thread *t)
{
    for (size_t i = 0; i < t->wait.watches_len; i++) {
        if (t->wait.watches[i].fd >= 0) {
            close(t->wait.watches[i].fd);
        }
    }
    t->wait.watches_len = 0;
}

typedef void watch_fn(void *ctx, struct guest_thread *t, const struct guest_watch *watch);

static void each_watch(const struct supervisor *s, watch_fn *fn, void *ctx)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            for (size_t i = 0; t->state == GUEST_PARKED && i < t->wait.watches_len; i++) {
                fn(ctx, t, &t->wait.watches[i]);
            }
        }
    }
}

/* Room for two more: a real wait must also end by a notice or a death. */
static void make_room(struct supervisor_watches *list)
{
    enum { OTHERS = 2, FIRST_CAP = 16 };
    if (list->len + OTHERS < list->cap) {
        return;
    }
    size_t cap = list->cap ? 2 * list->cap : FIRST_CAP;
    struct pollfd *fds = realloc(list->fds, cap * sizeof *fds);
    struct guest_thread **threads =
        realloc((void *)list->threads, cap * sizeof(struct guest_thread *));
    CHECK(fds && threads);
    *list = (struct supervisor_watches){fds, threads, list->len, cap};
}

static void list_watch(void *ctx, struct guest_thread *t, const struct guest_watch *watch)
{
    struct supervisor_watches *list = ctx;
    if (watch->events && watch->fd >= 0) {
        make_room(list);
        list->fds[list->len] = (struct pollfd){.fd = watch->fd, .events = watch->events};
        list->threads[list->len++] = t;
    }
}

/* The same open pipe as one of our own standard streams, a terminal, or a network. */
static bool reaches_outside(int fd)
{
    struct stat info;
    struct stat own;
    if (fstat(fd, &info) != 0) {
        return false;
    }
    if (S_ISCHR(info.st_mode)) {
        return isatty(fd) != 0;
    }
    for (int i = 0; i < 3; i++) {
        if (fstat(i, &own) == 0 && own.st_dev == info.st_dev && own.st_ino == info.st_ino) {
            return true;
        }
    }
    return false;
}

/* What a guest writes to the outside is taken at once, as it seems to it: how fast somebody reads
 * must not change the run. */
static bool waits_to_write_outside(const struct supervisor_watches *list)
{
    for (size_t i = 0; i < list->len; i++) {
        if ((list->fds[i].events & POLLOUT) && reaches_outside(list->fds[i].fd)) {
            return true;
        }
    }
    return false;
}

void supervisor_look_at_fds(struct supervisor *s, int timeout_ms)
{
    struct supervisor_watches *list = &s->watches;
    list->len = 0;
    each_watch(s, list_watch, list);
    if (list->len == 0 && timeout_ms == 0) {
        return;
    }
    make_room(list);
    list->fds[list->len] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    list->fds[list->len + 1] = (struct pollfd){.fd = s->deaths, .events = POLLIN};
    int ready = poll(list->fds, list->len + 2, timeout_ms);
    if (ready == 0 && timeout_ms == 0 && waits_to_write_outside(list)) {
        ready = poll(list->fds, list->len + 2, -1);
    }
    for (size_t i = 0; ready > 0 && i < list->len; i++) {
        if (list->fds[i].revents) {
            guest_wake(s, list->threads[i]);
        }
    }
    if (ready > 0 && (list->fds[list->len].revents || list->fds[list->len + 1].revents)) {
        supervisor_take_event(s, 0);
    }
}

void supervisor_watches_free(struct supervisor *s)
{
    free(s->watches.fds);
    free((void *)s->watches.threads);
    s->watches = (struct supervisor_watches){0};
}

static void find_outside(void *ctx, struct guest_thread *t, const struct guest_watch *watch)
{
    bool *found = ctx;
    (void)t;
    *found = *found || reaches_outside(watch->fd);
}

bool supervisor_watches_outside(const struct supervisor *s)
{
    bool found = false;
    each_watch(s, find_outside, &found);
    return found;
}
