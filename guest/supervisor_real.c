/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_real.c - the loop in real time.
 *
 * Waits and clocks are the kernel's; guests run side by side. Only calls on CAN sockets are
 * answered here, and the readiness of their descriptors is real, so that poll and epoll work. */
#include "guest/calls.h"
#include "guest/can_channel.h"
#include "guest/guest_table.h"
#include "guest/notify.h"
#include "guest/supervisor_loop.h"

#include <poll.h>
#include <time.h>

/* A parked thread's signal is found by looking. */
#define SIGNAL_TICK_NS SIM_MS(10)

static bool some_parked(const struct supervisor *s)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_thread *t = p->threads; t; t = t->next) {
            if (t->state == GUEST_PARKED) {
                return true;
            }
        }
    }
    return false;
}

static void serve_ready(struct supervisor *s)
{
    struct guest_thread *t;
    while ((t = guest_ready_pop(s)) != NULL && !s->ended) {
        supervisor_take_turn(s, t);
        s->turn = NULL;
    }
}

/* Sleeps until something comes from a guest or the simulation has something due. */
static void wait_for_event(struct supervisor *s, sim_ns_t begin_ns, sim_ns_t until_ns)
{
    sim_ns_t due_ns = sim_min_ns(sim_next_due_ns(s->sim), until_ns);
    sim_ns_t now_ns = supervisor_wall_ns() - begin_ns;
    sim_ns_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    if (some_parked(s)) {
        left_ns = sim_min_ns(left_ns, SIGNAL_TICK_NS);
    }
    left_ns = sim_min_ns(left_ns, SIM_S(1));
    struct timespec timeout = {(time_t)(left_ns / 1000000000u), (long)(left_ns % 1000000000u)};
    struct pollfd fds[] = {{.fd = s->listener, .events = POLLIN},
                           {.fd = s->deaths, .events = POLLIN}};
    if (ppoll(fds, ARRAY_SIZE(fds), &timeout, NULL) > 0) {
        supervisor_take_event(s, 0);
    } else {
        supervisor_look_at_signals(s);
    }
}

void supervisor_loop_real(struct supervisor *s, sim_ns_t until_ns)
{
    sim_ns_t begin_ns = supervisor_wall_ns() - s->sim->now_ns;
    while (!s->ended) {
        sim_ns_t now_ns = supervisor_wall_ns() - begin_ns;
        sim_run_until(s->sim, sim_min_ns(now_ns, until_ns));
        can_channels_settle(s);
        can_channels_reap(s);
        supervisor_bury(s);
        if (now_ns >= until_ns) {
            supervisor_finish(s, SUPERVISOR_TIME_UP);
        } else if (s->ready_first) {
            serve_ready(s);
        } else {
            wait_for_event(s, begin_ns, until_ns);
        }
    }
}
