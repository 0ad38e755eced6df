/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_loop.c - whose turn it is, and when time moves.
 *
 * One turn: a thread is let out of its call and runs until it is in the next one. It keeps its turn
 * while its calls need not wait; then the next ready one has it, in the order in which they became
 * ready. Time moves only when nobody runs, nobody is ready and no watched descriptor is. */
#include "guest/supervisor_loop.h"

#include "guest/calls.h"
#include "guest/can_channel.h"
#include "guest/guest_clock.h"
#include "guest/guest_fast.h"
#include "guest/guest_table.h"
#include "guest/guest_timers.h"
#include "guest/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own codes, which it turns into EINTR or a restart on the way back to the program
 * (include/linux/errno.h); they must not be given to a thread without a pending signal. */
enum { KERNEL_RESTARTSYS = 512, KERNEL_RESTARTNOHAND = 514 };

enum guest_verdict guest_value(struct guest_thread *t, int64_t value)
{
    t->answer = value;
    return GUEST_ANSWER;
}

enum guest_verdict guest_error(struct guest_thread *t, int error)
{
    t->answer = -error;
    return GUEST_ANSWER;
}

enum guest_verdict guest_let(struct guest_thread *t)
{
    (void)t;
    return GUEST_LET;
}

enum guest_verdict guest_park(struct supervisor *s, struct guest_thread *t, const char *what)
{
    (void)s;
    t->wait.what = what;
    return GUEST_WAITS;
}

enum guest_verdict guest_give_fd(struct supervisor *s, struct guest_thread *t, int fd, bool cloexec)
{
    guest_clock_publish(s); /* It runs as soon as it has its answer. */
    guest_fast_publish(s, t);
    int number = notify_give_fd(s->listener, t->call.id, fd, cloexec);
    if (number < 0 && number != -ENOENT && number != -EINPROGRESS) {
        return guest_error(t, -number);
    }
    t->answer = number;
    return GUEST_SENT;
}

void guest_wake(struct supervisor *s, struct guest_thread *t)
{
    if (t->state == GUEST_PARKED && !t->late) {
        t->call.wake = GUEST_WAKE_CHANGE;
        guest_set_state(s, t, GUEST_READY);
        guest_ready_push(s, t);
    }
}

void supervisor_finish(struct supervisor *s, enum supervisor_end end)
{
    if (!s->ended) {
        s->ended = true;
        s->end = end;
    }
}

void supervisor_stop(struct supervisor *s)
{
    supervisor_finish(s, SUPERVISOR_STOPPED);
}

void supervisor_on_can_change(void *ctx, void *user)
{
    can_channel_changed(ctx, user);
}

static void log_call(struct supervisor *s, const struct guest_thread *t, enum guest_verdict verdict)
{
    static const char *const verdicts[] = {
        [GUEST_ANSWER] = "=", [GUEST_LET] = "let", [GUEST_WAITS] = "waits", [GUEST_SENT] = "="};
    const struct guest_call_row *row = guest_call_row(t->call.nr);
    fprintf(s->calls_log, "%" PRIu64 ".%09" PRIu64 " %u.%u %s %s", s->sim->now_ns / 1000000000u,
            s->sim->now_ns % 1000000000u, t->process->number, t->number, row->name,
            verdicts[verdict]);
    if (verdict == GUEST_ANSWER || verdict == GUEST_SENT) {
        fprintf(s->calls_log, " %" PRId64, t->answer);
    }
    fputc('\n', s->calls_log);
}

static void start_waiting(struct supervisor *s, struct guest_thread *t)
{
    guest_clock_rest(s);
    guest_set_state(s, t, GUEST_PARKED);
    sim_schedule(s->sim, &t->timer,
                 t->wait.deadline_ns < s->sim->now_ns ? s->sim->now_ns : t->wait.deadline_ns);
    s->turn = s->turn == t ? NULL : s->turn;
}

/* The call is over: what it waited for is forgotten before the thread runs. */
static void stop_waiting(struct supervisor *s, struct guest_thread *t)
{
    sim_cancel(s->sim, &t->timer);
    guest_wait_drop_fds(t);
    t->interrupted = false;
}

static void carry_out(struct supervisor *s, struct guest_thread *t, enum guest_verdict verdict)
{
    bool there = true;
    if (s->calls_log) {
        log_call(s, t, verdict);
    }
    if (verdict == GUEST_WAITS) {
        start_waiting(s, t);
        return;
    }
    stop_waiting(s, t);
    if (verdict != GUEST_SENT) {
        guest_clock_publish(s);
        guest_fast_publish(s, t);
    }
    s->look_at_fds = true;
    s->turn = t;
    guest_set_state(s, t, verdict == GUEST_LET ? t->let_state : GUEST_RUNS);
    if (t->state != GUEST_RUNS) {
        s->turn = NULL;
    }
    if (verdict == GUEST_LET) {
        there = notify_let(s->listener, t->call.id);
    } else if (verdict == GUEST_ANSWER) {
        there = t->answer < 0 && t->answer >= -4095
                    ? notify_error(s->listener, t->call.id, (int)t->answer)
                    : notify_value(s->listener, t->call.id, t->answer);
    }
    if (!there) {
        /* Killed while it waited: the end of its process is about to be told. */
        guest_set_state(s, t, GUEST_LEAVES);
        s->turn = NULL;
    }
}

/* A debugger stops it: the kernel begins the same call anew afterwards, and the guest sees nothing.
 */
static enum guest_verdict step_aside(struct guest_thread *t)
{
    t->resume = (struct guest_resume){
        .valid = true, .nr = t->call.nr, .due_ns = t->wait.deadline_ns, .any_call = true};
    memcpy(t->resume.arg, t->call.arg, sizeof t->resume.arg);
    return guest_error(t, KERNEL_RESTARTNOHAND);
}

/* It is back in that call. */
static void step_back(struct guest_thread *t, enum guest_verdict verdict)
{
    if (t->resume.any_call && verdict == GUEST_WAITS && t->resume.nr == t->call.nr &&
        memcmp(t->resume.arg, t->call.arg, sizeof t->resume.arg) == 0) {
        t->wait.deadline_ns = t->resume.due_ns;
    }
    t->resume.valid = t->resume.valid && !t->resume.any_call;
    t->resume.any_call = false;
}

static enum guest_verdict interrupt(struct supervisor *s, struct guest_thread *t)
{
    if (s->attends && t->wait.on_signal != GUEST_SIGNAL_PARTIAL) {
        return step_aside(t);
    }
    if (t->wait.on_interrupt) {
        t->wait.on_interrupt(s, t);
    }
    switch (t->wait.on_signal) {
    case GUEST_SIGNAL_RESTART: return guest_error(t, KERNEL_RESTARTSYS);
    case GUEST_SIGNAL_NOHAND: return guest_error(t, KERNEL_RESTARTNOHAND);
    case GUEST_SIGNAL_LET: return guest_let(t);
    case GUEST_SIGNAL_PARTIAL: return guest_value(t, (int64_t)t->wait.scratch[0]);
    case GUEST_SIGNAL_EINTR: break;
    }
    return guest_error(t, EINTR);
}

static void reset_wait(struct guest_thread *t)
{
    struct guest_watch *watches = t->wait.watches;
    size_t cap = t->wait.watches_cap;
    t->wait = (struct guest_wait){.deadline_ns = SIM_NEVER, .watches = watches, .watches_cap = cap};
    t->call.wake = GUEST_WAKE_FIRST;
}

/* In real time the kernel does everything but what concerns CAN. */
static bool is_kernels(struct supervisor *s, const struct guest_thread *t,
                       const struct guest_call_row *row)
{
    bool on_descriptor =
        row->fn == call_read_fd || row->fn == call_write_fd || row->fn == call_connect;
    return s->cfg.real_time && on_descriptor && !can_channel_of(s, t, (int)t->call.arg[0]);
}

void supervisor_take_turn(struct supervisor *s, struct guest_thread *t)
{
    const struct guest_call_row *row = guest_call_row(t->call.nr);
    s->turn = t;
    t->let_state = GUEST_RUNS;
    if (t->state == GUEST_AT_CALL) {
        reset_wait(t);
        s->calls++;
    }
    /* Another thread may have taken the signal since. */
    t->interrupted = t->interrupted && supervisor_has_signal(t);
    if (t->interrupted) {
        t->interrupted_call = t->call.id;
        carry_out(s, t, interrupt(s, t));
        return;
    }
    enum guest_verdict verdict = is_kernels(s, t, row) ? guest_let(t) : row->fn(s, t);
    if (verdict != GUEST_GONE && t->resume.any_call) {
        step_back(t, verdict);
    }
    if (s->ended && verdict != GUEST_GONE && verdict != GUEST_SENT) {
        s->held = (struct guest_held){t, verdict};
    } else if (verdict != GUEST_GONE) {
        carry_out(s, t, verdict);
    }
}

void supervisor_go_on(struct supervisor *s)
{
    struct guest_held held = s->held;
    s->held = (struct guest_held){NULL, GUEST_GONE};
    if (held.thread) {
        carry_out(s, held.thread, held.verdict);
    }
}

/* Whoever waits for the simulation or for a clock. */
static bool waits_for_time(const struct supervisor *s)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->state == GUEST_PARKED &&
                (t->late || t->wait.deadline_ns != SIM_NEVER || t->wait.wants_can)) {
                return true;
            }
        }
    }
    return guest_timers_armed(s);
}

static void wake_for_can(struct supervisor *s)
{
    can_channels_settle(s);
    s->look_at_fds = true;
}

/* Others have run since: locks may be free, queues may have room. */
static void wake_lookers(struct supervisor *s)
{
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->wait.wants_look) {
                guest_wake(s, t);
            }
        }
    }
}

/* Runs the simulation up to to_ns, or until something concerns a guest; ends the run at until_ns.
 */
static void advance(struct supervisor *s, sim_ns_t to_ns, sim_ns_t until_ns)
{
    enum { STEPS_PER_LOOK = 1024 };
    for (unsigned steps = 1; !s->ready_first && !s->look_at_can && !s->look_at_signals &&
                             !s->look_at_fds && !s->some_ended && !s->ended;
         steps++) {
        sim_ns_t due_ns = sim_next_due_ns(s->sim);
        if (due_ns > to_ns || due_ns == SIM_NEVER) {
            if (to_ns == until_ns && until_ns != SIM_NEVER) {
                sim_run_until(s->sim, until_ns);
                supervisor_finish(s, SUPERVISOR_TIME_UP);
            }
            return;
        }
        sim_step(s->sim);
        if (steps % STEPS_PER_LOOK == 0) {
            supervisor_take_event(s, 0); /* The user may wish to stop. */
        }
    }
}

/* Beside a thread outside of virtual time, that goes on as real time does. */
static void keep_pace(struct supervisor *s, sim_ns_t until_ns)
{
    enum { LOOK_MS = 1 };
    sim_ns_t to_ns = supervisor_pace_ns(s);
    if (s->cfg.escape_limit_ns != 0 && to_ns - s->escape.at_ns > s->cfg.escape_limit_ns) {
        supervisor_finish(s, SUPERVISOR_STUCK);
    } else if (sim_next_due_ns(s->sim) <= sim_min_ns(to_ns, until_ns) || to_ns >= until_ns) {
        advance(s, sim_min_ns(to_ns, until_ns), until_ns);
    } else {
        supervisor_look_at_fds(s, LOOK_MS);
    }
}

/* Nothing is left to look at: on to what comes by time, or from outside, or never. */
static void move_on(struct supervisor *s, sim_ns_t until_ns)
{
    bool time_helps = waits_for_time(s) && sim_next_due_ns(s->sim) != SIM_NEVER;
    bool may_pass = until_ns != SIM_NEVER && !s->cfg.ends_if_stuck;
    if (supervisor_some_escaped(s)) {
        keep_pace(s, until_ns);
    } else if (!time_helps && supervisor_watches_outside(s)) {
        supervisor_look_at_fds(s, -1);
    } else if (time_helps || may_pass) {
        advance(s, until_ns, until_ns);
    } else {
        supervisor_report_stuck(s);
        supervisor_finish(s, SUPERVISOR_STUCK);
    }
}

/* Nobody runs, nobody is ready. */
static void stand_still(struct supervisor *s, sim_ns_t until_ns)
{
    if (s->look_at_signals) {
        s->look_at_signals = false;
        supervisor_look_at_signals(s);
    } else if (s->look_at_can) {
        wake_for_can(s);
    } else if (s->look_at_fds) {
        s->look_at_fds = false;
        can_channels_reap(s);
        wake_lookers(s);
        supervisor_look_at_fds(s, 0);
    } else {
        move_on(s, until_ns);
    }
}

/* Others have the processor first: the thread stays parked for a while. Once, each time it has
 * waited. */
static bool comes_late(struct supervisor *s, struct guest_thread *t)
{
    if (s->cfg.wake_delay_ns == 0 || t->state != GUEST_READY) {
        return false;
    }
    if (t->late) {
        t->late = false;
        t->call.wake = t->late_wake;
        return false;
    }
    t->late = true;
    t->late_wake = t->call.wake;
    guest_set_state(s, t, GUEST_PARKED);
    sim_cancel(s->sim, &t->timer);
    sim_schedule(s->sim, &t->timer, s->sim->now_ns + s->cfg.wake_delay_ns);
    return true;
}

void supervisor_loop_virtual(struct supervisor *s, sim_ns_t until_ns)
{
    while (!s->ended) {
        supervisor_settle(s);
        if (s->ended) {
            return;
        }
        if (s->look_for_dying) {
            supervisor_look_for_dying(s);
            continue;
        }
        struct guest_thread *t =
            s->turn && s->turn->state == GUEST_AT_CALL ? s->turn : guest_ready_pop(s);
        if (t == NULL) {
            stand_still(s, until_ns);
        } else if (!comes_late(s, t)) {
            supervisor_take_turn(s, t);
        }
    }
}
