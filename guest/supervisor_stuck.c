/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_stuck.c - the report of who waits for what when nothing can ever come. */
#include "guest/supervisor_loop.h"

#include <inttypes.h>
#include <sys/syscall.h>

static void report_thread(const struct guest_process *p, const struct guest_thread *t)
{
    const struct guest_call_row *row = guest_call_row(t->call.nr);
    if (t->state == GUEST_PARKED) {
        fprintf(stderr, "limphome:   %s (process %u, thread %u) waits for %s, in %s()\n", p->name,
                p->number, t->number, t->wait.what, t->call.nr == SYS_prctl ? "poll" : row->name);
    } else if (t->stopped) {
        fprintf(stderr, "limphome:   %s (process %u, thread %u) was stopped by a signal\n", p->name,
                p->number, t->number);
    } else {
        fprintf(stderr, "limphome:   %s (process %u, thread %u) waits for its child (vfork)\n",
                p->name, p->number, t->number);
    }
}

void supervisor_report_stuck(struct supervisor *s)
{
    fprintf(stderr,
            "limphome: stuck at %" PRIu64 ".%09" PRIu64
            " s: all guests wait for something that can never come:\n",
            s->sim->now_ns / 1000000000u, s->sim->now_ns % 1000000000u);
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_thread *t = p->threads; t; t = t->next) {
            report_thread(p, t);
        }
    }
}
