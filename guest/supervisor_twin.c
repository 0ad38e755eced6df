/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_twin.c - doubles a program, and goes on with one of the two. */
#include "guest/supervisor_twin.h"

#include "guest/can_channel.h"
#include "guest/guest_table.h"
#include "guest/launch.h"
#include "guest/proc_file.h"
#include "guest/twin_fork.h"
#include "guest/twin_keep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { END_MAX_MS = 10000 };

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_UNSUPPORTED, "the program cannot be doubled: %s", why);
}

/* The only thread, if it waits in a call. */
static struct guest_thread *only_thread(const struct supervisor *s)
{
    const struct guest_process *process = s->processes;
    struct guest_thread *t = process != NULL ? process->threads : NULL;
    const bool alone = t != NULL && t->next == NULL && process->next == NULL && !process->dead;
    return alone && t->state == GUEST_PARKED && s->held.thread == NULL && s->unsettled == 0 ? t
                                                                                            : NULL;
}

int supervisor_twin_make(struct supervisor *s, struct supervisor_twin *twin, struct err *err)
{
    struct twin_fork made;
    struct guest_thread *t = only_thread(s);
    *twin = (struct supervisor_twin){.pidfd = -1};
    if (t == NULL || s->cfg.store != NULL || s->page == NULL || s->calls_log != NULL) {
        return refuse(err, "it has several threads or processes, or does not wait");
    }
    twin->keep = twin_keep_new(s, t, err);
    if (twin->keep == NULL) {
        return err->code;
    }
    const int rc = twin_fork(s->listener, t->tid, t->call.id, &made);
    if (rc == 0) {
        t->call.id = made.call_id;
        twin->pid = made.child;
        twin->call_id = made.child_call_id;
        twin->pidfd = (int)syscall(SYS_pidfd_open, twin->pid, 0);
    }
    if (rc == -EPERM) {
        twin_keep_free(twin->keep);
        twin->keep = NULL;
        return refuse(err, "this machine does not let it be traced");
    }
    if (rc != 0 || twin->pidfd < 0) {
        return err_set(err, ERR_IO, "%s: the program cannot be doubled: %s", t->process->name,
                       strerror(rc != 0 ? -rc : errno));
    }
    return 0;
}

static void watch(int set, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* Sets of descriptors are shared with the original, which must not find this one's in its own. */
void supervisor_twin_enter(struct supervisor *s, const struct supervisor_twin *twin)
{
    struct guest_thread *t = only_thread(s);
    CHECK(t != NULL);
    struct guest_process *process = t->process;
    guest_table_rename_thread(s, t, twin->pid);
    t->inner_tid = 0;
    t->call.id = twin->call_id;
    process->pid = twin->pid;
    process->inner_pid = proc_inner_pid(twin->pid);
    CHECK(close(process->pidfd) == 0);
    process->pidfd = twin->pidfd;
    CHECK(close(s->deaths) == 0);
    s->deaths = epoll_create1(EPOLL_CLOEXEC);
    CHECK(s->deaths >= 0);
    watch(s->deaths, s->signal_fd, NULL);
    watch(s->deaths, process->pidfd, process);
    can_channels_fork(s);
    launch_become_twin(s->launch, twin->pid, process->inner_pid);
}

int supervisor_twin_end(struct supervisor *s, struct supervisor_twin *twin, struct err *err)
{
    struct guest_thread *t = only_thread(s);
    CHECK(t != NULL && twin->pidfd >= 0);
    struct pollfd end = {.fd = twin->pidfd, .events = POLLIN};
    (void)syscall(SYS_pidfd_send_signal, twin->pidfd, SIGKILL, NULL, 0);
    (void)poll(&end, 1, END_MAX_MS);
    close(twin->pidfd);
    launch_resume_twin(s->launch);
    const int rc = twin_keep_put_back(twin->keep, s, t, err);
    twin_keep_free(twin->keep);
    *twin = (struct supervisor_twin){.pidfd = -1};
    return rc;
}
