/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_wait.c - looks at a guest's descriptor, and waits for it. */
#include "guest/calls_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

short fd_poll(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    return poll(&one, 1, 0) > 0 ? one.revents : 0;
}

bool fd_is_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

int fd_flags_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && !(flags & O_NONBLOCK)) {
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    }
    return flags;
}

void fd_flags_restore(int fd, int flags)
{
    if (flags >= 0 && !(flags & O_NONBLOCK)) {
        fcntl(fd, F_SETFL, flags);
    }
}

int fd_message_flags(const struct guest_call *call)
{
    switch (call->nr) {
    case SYS_recvfrom:
    case SYS_sendto:
    case SYS_recvmmsg:
    case SYS_sendmmsg: return (int)call->arg[3];
    case SYS_recvmsg:
    case SYS_sendmsg: return (int)call->arg[2];
    default: return 0;
    }
}

bool fd_call_dont_wait(const struct guest_call *call)
{
    switch (call->nr) {
    case SYS_preadv2:
    case SYS_pwritev2: return (call->arg[5] & RWF_NOWAIT) != 0;
    case SYS_vmsplice: return (call->arg[3] & SPLICE_F_NONBLOCK) != 0;
    /* The error queue and urgent data are never waited for (tcp_recv_urg(), inet_recv_error()). */
    default: return (fd_message_flags(call) & (MSG_DONTWAIT | MSG_ERRQUEUE | MSG_OOB)) != 0;
    }
}

bool fd_call_has_offset(const struct guest_call *call)
{
    return (call->nr == SYS_preadv2 || call->nr == SYS_pwritev2) && (int64_t)call->arg[3] != -1;
}

int fd_look(const struct guest_thread *t, int fd)
{
    return t->wait.watches_len > 0 ? t->wait.watches[0].fd : guest_fd(t, fd);
}

void fd_look_end(const struct guest_thread *t, int copy)
{
    if (t->wait.watches_len == 0) {
        close(copy);
    }
}

/* signalfd_show_fdinfo() in fs/signalfd.c. Descriptors of anonymous inodes have no file type. */
uint64_t fd_signals(int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || (info.st_mode & S_IFMT) != 0) {
        return 0;
    }
    char path[48];
    char text[256];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0) {
        close(file);
    }
    text[len > 0 ? len : 0] = 0;
    const char *mask = strstr(text, "sigmask:");
    return mask ? strtoull(mask + strlen("sigmask:"), NULL, 16) : 0;
}

void fd_wait_signals(struct supervisor *s, struct guest_thread *t, uint64_t signals)
{
    if (signals) {
        t->wait.accepts |= signals;
        t->wait.on_signal = GUEST_SIGNAL_LET;
        s->look_at_signals = true;
    }
}

/* With a time-out on the socket an interrupted call is not restarted (signal(7)). */
static void set_deadline(struct supervisor *s, struct guest_thread *t, int copy, int option)
{
    struct timeval timeout = {0};
    socklen_t len = sizeof timeout;
    t->wait.on_signal = GUEST_SIGNAL_RESTART;
    if (option == 0 || getsockopt(copy, SOL_SOCKET, option, &timeout, &len) != 0) {
        return;
    }
    if (timeout.tv_sec != 0 || timeout.tv_usec != 0) {
        t->wait.on_signal = GUEST_SIGNAL_EINTR;
        t->wait.deadline_ns =
            guest_deadline(s, SIM_S((uint64_t)timeout.tv_sec) + SIM_US((uint64_t)timeout.tv_usec));
    }
}

enum guest_verdict fd_wait(struct supervisor *s, struct guest_thread *t, int copy,
                           const struct fd_need *need)
{
    if (t->call.wake == GUEST_WAKE_TIMEOUT) {
        return guest_error(t, EAGAIN);
    }
    if (t->wait.watches_len == 0) {
        set_deadline(s, t, copy, need->time_option);
        fd_wait_signals(s, t, fd_signals(copy));
        guest_wait_fd(t, copy, need->events);
    }
    return guest_park(s, t, need->what);
}

enum guest_verdict fd_let_empty(struct supervisor *s, struct guest_thread *t)
{
    if (!t->wait.scratch[FD_SPUN] && guest_spins(s)) {
        t->wait.scratch[FD_SPUN] = 1;
        return guest_spin_park(s, t);
    }
    return guest_let(t);
}

enum guest_verdict fd_when_ready(struct supervisor *s, struct guest_thread *t,
                                 const struct fd_need *need)
{
    if (s->cfg.real_time || t->wait.scratch[FD_SPUN]) {
        return guest_let(t);
    }
    int copy = fd_look(t, need->fd);
    if (copy < 0) {
        return guest_let(t);
    }
    short ready = fd_poll(copy, need->events);
    if (ready || need->dont_wait || fd_is_nonblocking(copy)) {
        fd_look_end(t, copy);
        return ready ? guest_let(t) : fd_let_empty(s, t);
    }
    return fd_wait(s, t, copy, need);
}
