/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_internal.h - inside the supervisor: its state, and what a handler of a system
 * call may do. Not for users of guest/supervisor.h.
 *
 * A handler is called when its thread has the turn. It looks, and returns one of
 *
 *     guest_value(t, n), guest_error(t, ENOENT)   the call returns that
 *     guest_let(t)                                the kernel does the call; it must not wait now
 *     guest_park(s, t, "a CAN frame")             the thread waits
 *     GUEST_SENT                                  the handler has answered itself (descriptors)
 *     GUEST_GONE                                  the thread has ended, and is forgotten
 *
 * A parked thread's handler is called again, with the same call, when something happens that it has
 * asked for in t->wait (deadline, descriptors, children, CAN) or when guest_wake() was called.
 * It looks anew: another thread may have been first. Signals are the supervisor's business. */
#ifndef GUEST_SUPERVISOR_INTERNAL_H
#define GUEST_SUPERVISOR_INTERNAL_H

#include "guest/guest_store.h"
#include "guest/guest_thread.h"
#include "guest/supervisor.h"
#include "sim/prng.h"

#include <signal.h>
#include <stdio.h>

enum guest_verdict { GUEST_ANSWER, GUEST_LET, GUEST_WAITS, GUEST_SENT, GUEST_GONE };

typedef enum guest_verdict guest_call_fn(struct supervisor *s, struct guest_thread *t);

/* One row of the table of notified calls (guest/call_table.c), from which the filter is made. */
struct guest_call_row {
    int nr;
    const char *name;
    guest_call_fn *fn;
    bool with_store;   /* Only notified where there is a disk of the simulation. */
    bool in_real_time; /* Also notified and emulated with --realtime; else left to the kernel. */
};

const struct guest_call_row *guest_call_row(int nr);
/* By number; a call that is not notified has no function. */
extern const struct guest_call_row guest_call_rows[];
extern const size_t guest_call_rows_len;

enum { GUEST_TID_PAGES = 4096, GUEST_TIDS_PER_PAGE = 1024, GUEST_THREADS_MAX = 4096 };

struct supervisor {
    struct supervisor_cfg cfg;
    struct sim *sim;
    sim_ns_t until_ns; /* The end of the run. */
    int listener;      /* Notifications. */
    int deaths;        /* epoll: pidfds of all processes, the stop signals. */
    int signal_fd;
    int page_fd; /* memfd of the clock page, handed to the preload library. */
    struct guest_clock_page *page;
    struct launch *launch;
    struct guest_process *processes;             /* By number. */
    struct guest_thread **tids[GUEST_TID_PAGES]; /* By kernel thread identifier. */
    uint32_t next_process;
    uint32_t next_thread;
    uint64_t next_space;
    size_t threads_len;
    size_t unsettled;          /* Threads in GUEST_RUNS or GUEST_LEAVES: time stands still. */
    struct guest_thread *turn; /* Whose call is handled next before anyone else's. May be null. */
    struct guest_birth {
        bool due;
        struct guest_thread *parent;
        uint64_t flags; /* CLONE_*. */
        unsigned ticks; /* How often the supervisor has looked for the child in vain. */
    } birth;
    struct guest_thread *ready_first, *ready_last;
    bool some_ended;                   /* A process has ended: guest_process.ended. */
    bool look_at_fds;                  /* A guest ran since the watched descriptors were polled. */
    bool look_for_dying;               /* A signal was sent that may end a process at once. */
    bool look_at_signals;              /* A signal may have come for a parked thread. */
    bool look_at_can;                  /* A CAN socket has changed. */
    struct prng random;                /* What getrandom() gives. */
    struct guest_thread *futexes[256]; /* Chains by hash of the key, in the order of arrival. */
    struct can_channels *channels;     /* Of guest/can_channel.c; null until the first socket. */
    struct supervisor_watches {        /* Work area of guest/supervisor_fds.c. */
        struct pollfd *fds;
        struct guest_thread **threads; /* Whose they are. */
        size_t len, cap;
    } watches;
    struct guest_held {
        struct guest_thread *thread; /* Its call was dealt with when the run was stopped, and waits
                                      * for its answer. May be null. */
        enum guest_verdict verdict;
    } held;
    bool attends; /* A debugger may stop threads; see guest/supervisor_attend.c. */
    bool ended;
    enum supervisor_end end;
    int exit_code;
    struct supervisor_usage usage;
    struct err error;           /* With SUPERVISOR_FAILED. */
    uint64_t calls;             /* Notified so far. */
    struct guest_process *fast; /* Whose page is on; see guest/guest_fast.h. May be null. */
    uint64_t fast_frames;       /* That went through shared memory so far. */
    struct guest_escape {
        sim_ns_t wall_ns, at_ns; /* Real and virtual time when the first thread escaped. */
    } escape;
    FILE *calls_log; /* Of cfg.calls_path. */
    sigset_t old_mask;
    const char *program; /* argv[0] of the first guest. */
    char *said[32];      /* What guest_say() has told; owned. */
    size_t said_len;
    struct guest_spin {
        uint32_t count;    /* Calls without effect since a guest last waited. */
        sim_ns_t since_ns; /* When that was. */
        bool parked;       /* A guest is parked because of them: that is no wait of its own. */
    } spin;
};

enum guest_verdict guest_value(struct guest_thread *t, int64_t value);
enum guest_verdict guest_error(struct guest_thread *t, int error);
enum guest_verdict guest_let(struct guest_thread *t);
/* what: completes "waits for ...". */
enum guest_verdict guest_park(struct supervisor *s, struct guest_thread *t, const char *what);
/* Gives the guest a duplicate of fd as its answer (the lowest free number); fd stays the caller's.
 */
enum guest_verdict guest_give_fd(struct supervisor *s, struct guest_thread *t, int fd,
                                 bool cloexec);

/* Something happened that the parked thread may wait for. No effect on others. */
void guest_wake(struct supervisor *s, struct guest_thread *t);
/* Watches a duplicate of a guest's descriptor while the thread is parked; takes it over; -1 keeps
 * a place. poll(2) events. Dropped when the call is answered, and by guest_wait_drop_fds(). */
void guest_wait_fd(struct guest_thread *t, int fd, short events);
void guest_wait_drop_fds(struct guest_thread *t);

/* A duplicate of the guest's descriptor, or a negative errno (EBADF). The caller closes it. */
int guest_fd(const struct guest_thread *t, int fd);

/* Memory of the guest. False: not all of it could be read or written (answer EFAULT). */
bool guest_read(const struct guest_thread *t, uint64_t address, void *to, size_t len_bytes);
bool guest_write(const struct guest_thread *t, uint64_t address, const void *from,
                 size_t len_bytes);
/* A string that ends in 0 within size bytes. False: EFAULT or too long. */
bool guest_read_text(const struct guest_thread *t, uint64_t address, char *to, size_t size);

/* Virtual clocks: what clock_gettime(clock) shows, in ns. False: no such clock. */
bool guest_clock_ns(const struct supervisor *s, clockid_t clock, uint64_t *ns);
/* The virtual instant at which that clock shows clock_ns. At least now. */
sim_ns_t guest_clock_instant(const struct supervisor *s, clockid_t clock, uint64_t clock_ns);
/* now + relative, saturating. */
sim_ns_t guest_deadline(const struct supervisor *s, uint64_t relative_ns);
/* Reads a struct timespec; -EFAULT, -EINVAL or 0. */
int guest_read_timespec(const struct guest_thread *t, uint64_t address, uint64_t *ns);
/* A call that came back at once and without effect (a clock read, an empty poll): costs virtual
 * time when there were many at one instant. True: enough, the thread must park until others had
 * their turn (GUEST_WAITS is then set up; return guest_park's verdict by guest_spin_park()). */
bool guest_spins(struct supervisor *s);
enum guest_verdict guest_spin_park(struct supervisor *s, struct guest_thread *t);

/* One line to the user, "limphome: ...", once per text and run where it repeats. */
void guest_say(struct supervisor *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* By kernel identifier; null: unknown. */
struct guest_thread *guest_thread_of(struct supervisor *s, pid_t tid);

#endif
