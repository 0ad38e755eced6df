/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_thread.h - the threads and processes of the programs under test.
 *
 * Numbers count from 1 in the order of creation and are the same in every run; they decide every
 * order and are what messages show. Kernel identifiers are those of the supervisor's PID namespace
 * and decide nothing. */
#ifndef GUEST_THREAD_H
#define GUEST_THREAD_H

#include "sim/base.h"
#include "sim/sim.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct can_channel;
struct guest_process;
struct guest_thread;
struct guest_timer;
struct supervisor;

enum guest_thread_state {
    GUEST_RUNS,    /* On the CPU: it has the turn, or it was born and has not shown itself. */
    GUEST_AT_CALL, /* In a notified call that nobody has looked at: waits for its turn. */
    GUEST_PARKED,  /* In a notified call that waits for something. */
    GUEST_READY,   /* Was parked and something happened: waits for its turn. */
    GUEST_LEAVES,  /* Was let into exit; gone soon. */
    GUEST_AWAY,    /* In the kernel outside the supervisor's sight: vfork until the child's exec, a
                    * stop signal, a call that waited where none was expected. */
};

/* Why a handler is called. */
enum guest_wake {
    GUEST_WAKE_FIRST,   /* The call has just been made. */
    GUEST_WAKE_CHANGE,  /* Something it waits for may have come true: look anew. */
    GUEST_WAKE_TIMEOUT, /* Its deadline has come. */
};

/* What a signal does to a parked call (signal(7), "Interruption of system calls"). */
enum guest_on_signal {
    GUEST_SIGNAL_EINTR,   /* Always EINTR. */
    GUEST_SIGNAL_RESTART, /* Restarts under SA_RESTART or without a handler (-ERESTARTSYS). */
    GUEST_SIGNAL_NOHAND,  /* Restarts if no handler runs (-ERESTARTNOHAND). */
    GUEST_SIGNAL_LET,     /* Let into the kernel, which sees the signal under the mask that the call
                           * brings with it (sigsuspend, ppoll). See guest_wait.mask. */
    GUEST_SIGNAL_PARTIAL, /* Returns scratch[0], the bytes moved so far. */
};

struct guest_call {
    uint64_t id; /* Of the notification. */
    int nr;
    uint64_t arg[6];
    enum guest_wake wake;
};

enum { GUEST_WATCHES_FIRST = 4, GUEST_NAME_SIZE = 32 };

/* A kernel descriptor that a parked call looks at: a duplicate of the guest's, owned. */
struct guest_watch {
    int fd;                  /* -1: none, the place is kept. */
    short events;            /* 0: only kept until the call is answered. */
    struct can_channel *can; /* Looked at in place of fd, with wants_can; else null. */
};

/* What a parked thread waits for. Reset before the first look at a call; a handler fills it and
 * finds it again when it is called for the same call anew. */
struct guest_wait {
    sim_ns_t deadline_ns; /* SIM_NEVER: none. Set by the handler on GUEST_WAKE_FIRST. */
    enum guest_on_signal on_signal;
    bool has_mask;    /* The call brings a signal mask (ppoll ...); else the thread's own. */
    uint64_t mask;    /* Blocked signals while it waits, bit n-1 for signal n. */
    uint64_t accepts; /* Signals that end the wait although blocked (sigtimedwait). */
    bool wants_child; /* Look anew when a child process changes state. */
    bool wants_look;  /* Look anew whenever guests have run: file locks, System V queues. */
    bool wants_can;   /* Look anew when this CAN socket changes, or any if null. */
    struct can_channel *can;
    short can_events;            /* Of poll(2): what of that socket; 0: any change. */
    struct guest_watch *watches; /* Kernel descriptors; see guest_wait_fd(). */
    size_t watches_len;
    size_t watches_cap;
    /* Futex: the word waited for; key_valid only while in the table. */
    struct guest_futex_key {
        uint64_t space;  /* Address space (guest_process.space), or device of a shared file. */
        uint64_t inode;  /* 0 for a private word. */
        uint64_t offset; /* Address, or offset in the file. */
    } futex;
    bool in_futex;
    bool futex_woken;
    uint32_t futex_bits;
    struct guest_thread *futex_next, *futex_prev;
    /* Called before a signal ends the wait: writes back what the call owes (remaining time). */
    void (*on_interrupt)(struct supervisor *s, struct guest_thread *t);
    const char *what;    /* For the report of who waits for what: "a CAN frame", "a lock". */
    uint64_t scratch[4]; /* The handler's own, zero at first. */
};

struct guest_thread {
    struct guest_process *process;
    struct guest_thread *next; /* In the process, by number. */
    pid_t tid;
    pid_t inner_tid; /* As guests know it; 0: not asked yet. */
    uint32_t number;
    enum guest_thread_state state;
    struct guest_call call;
    struct guest_wait wait;
    struct sim_event timer; /* The deadline. */
    bool escaped; /* GUEST_AWAY, and runs or waits where the supervisor does not see it. */
    bool stopped; /* GUEST_AWAY, by a stop signal. */
    /* A sleep that a stop signal has interrupted: the kernel begins the same call anew when the
     * thread goes on, and it still ends when it should have. */
    struct guest_resume {
        bool valid;
        int nr;
        uint64_t arg[4];
        sim_ns_t due_ns;
        bool any_call; /* A debugger has stopped it: not in sleeps alone. */
    } resume;
    bool interrupted;          /* A signal ends the wait when the turn comes. */
    uint64_t interrupted_call; /* guest_call.id of the last call that a signal has ended. */
    bool late; /* What it waited for has come, and others have the processor (wake_delay_ns). */
    enum guest_wake late_wake; /* Why its handler is called then. */
    bool in_ready;
    struct guest_thread *ready_next;
    struct supervisor *supervisor;
    /* The watchdog's: the call it was found asleep in plus 1, its processor time and the number of
     * notified calls when that was first looked at. */
    int suspect_call;
    uint64_t ticks_at_call;
    uint64_t ticks_calls;
    int64_t answer; /* What guest_value() and guest_error() left: a value, or negative errno. */
    /* What it does after guest_let(): runs, or is away (vfork) or leaves (exit). Reset each turn.
     */
    enum guest_thread_state let_state;
};

struct guest_process {
    struct guest_process *next;   /* By number, all that are not forgotten. */
    struct guest_process *parent; /* Null: the supervisor's own child, or an orphan. */
    struct guest_thread *threads; /* By number. */
    pid_t pid;
    pid_t inner_pid; /* As guests know it, in their PID namespace. */
    int pidfd;
    uint32_t number;
    uint64_t space;    /* Which address space; equal for a vfork child until its exec. */
    bool ended;        /* Its end was told, and is not dealt with yet. */
    bool stop_told;    /* Is stopped, and somebody has waited for that. */
    bool continued;    /* Was stopped and goes on, and nobody has waited for that yet. */
    bool dead;         /* Ended; kept until its parent has waited for it. */
    bool image_is_new; /* An exec was let through: clock reads of the image are not caught yet. */
    struct guest_thread *vfork_parent; /* Waits in the kernel for this process's exec or end. */
    bool first_is_gone;                /* The first thread has ended, others go on. */
    bool may_hold_can;                 /* Some descriptor may be a CAN socket. */
    char name[GUEST_NAME_SIZE];        /* Of the program, for messages: printable. */
    char next_name[GUEST_NAME_SIZE];   /* Of the one that an exec under way has named. */
    void *files;                       /* Of guest/can_channel.c. */
    struct guest_timer *timers;        /* Of guest/guest_timers.c. */
    struct guest_fast *fast;           /* Of guest/guest_fast.c. */
};

#endif
