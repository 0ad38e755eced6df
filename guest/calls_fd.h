/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd.h - inside guest/calls_*.c: waiting for a kernel descriptor of a guest.
 *
 * The supervisor looks at a duplicate of the guest's descriptor: both mean one open file. A call
 * that would not wait now is let into the kernel; one that would is parked, with the duplicate
 * watched. One guest runs at a time, so what was seen still holds when the kernel does the call. */
#ifndef GUEST_CALLS_FD_H
#define GUEST_CALLS_FD_H

#include "guest/supervisor_internal.h"

#include <sys/uio.h>

/* t->wait.scratch of these calls. */
enum fd_scratch {
    FD_PROGRESS,  /* Bytes moved so far; must be what GUEST_SIGNAL_PARTIAL answers. */
    FD_SPUN,      /* The call has let others have their turn. */
    FD_IN_PIECES, /* The supervisor moves the data. */
    FD_OWN,       /* Of the handler. */
};

struct fd_need {
    int fd; /* The guest's number. */
    short events;
    int time_option; /* SO_RCVTIMEO, SO_SNDTIMEO; 0: no time-out. */
    bool dont_wait;  /* The call's own flags forbid to wait. */
    const char *what;
};

/* Lets the call through when the descriptor is ready or may not be waited for; else parks it. */
enum guest_verdict fd_when_ready(struct supervisor *s, struct guest_thread *t,
                                 const struct fd_need *need);

/* The duplicate that the parked call watches, or a new one; negative errno: none. */
int fd_look(const struct guest_thread *t, int fd);
/* Closes what fd_look() gave unless it is watched. */
void fd_look_end(const struct guest_thread *t, int copy);
/* Parks on a descriptor that is not ready; takes the duplicate over. Answers EAGAIN at the
 * deadline. */
enum guest_verdict fd_wait(struct supervisor *s, struct guest_thread *t, int copy,
                           const struct fd_need *need);
/* A call that may not wait and has nothing to do: lets it through; many of them cost time. */
enum guest_verdict fd_let_empty(struct supervisor *s, struct guest_thread *t);

short fd_poll(int fd, short events);
bool fd_is_nonblocking(int fd);
/* Makes the open file non-blocking for a call of the supervisor's own; no guest runs meanwhile.
 * Returns the flags for fd_flags_restore(). */
int fd_flags_nonblocking(int fd);
void fd_flags_restore(int fd, int flags);
/* If fd is a signalfd: the signals that it takes; else 0. Polling it tells of the supervisor's own
 * signals (signalfd_poll() in fs/signalfd.c looks at the caller). */
uint64_t fd_signals(int fd);
/* Waits for signals that a watched signalfd takes. */
void fd_wait_signals(struct supervisor *s, struct guest_thread *t, uint64_t signals);
/* MSG_*, RWF_NOWAIT and SPLICE_F_NONBLOCK all end here: the call must not wait. */
bool fd_call_dont_wait(const struct guest_call *call);
int fd_message_flags(const struct guest_call *call);
/* Reads or writes at a place in a file: what would wait refuses that (ESPIPE). */
bool fd_call_has_offset(const struct guest_call *call);

/* The memory of the guest that a call reads or writes. */
struct fd_buffer {
    struct iovec iov[UIO_MAXIOV];
    size_t len;
    size_t bytes;
};

/* False: the arguments are wrong; the kernel will say how. */
bool fd_buffer_load(const struct guest_thread *t, struct fd_buffer *buffer);
/* Copies up to len_bytes from offset on. Returns how many, 0 if the memory is not there. */
size_t fd_buffer_get(const struct guest_thread *t, const struct fd_buffer *buffer, size_t offset,
                     void *to, size_t len_bytes);
size_t fd_buffer_put(const struct guest_thread *t, const struct fd_buffer *buffer, size_t offset,
                     void *from, size_t len_bytes);

/* guest/calls_fd_open.c: the guest's path as the supervisor can open it. */
void fd_make_path(const struct guest_thread *t, int directory, const char *path, char *out,
                  size_t size);

/* guest/calls_fd_unix.c: connect() to a name of the host. */
struct sockaddr_un;
enum guest_verdict fd_connect_unix(struct supervisor *s, struct guest_thread *t,
                                   const struct sockaddr_un *address);

/* guest/calls_fd_receive.c: recv*() with MSG_WAITALL on a stream. */
enum guest_verdict fd_receive_all(struct supervisor *s, struct guest_thread *t);

#endif
