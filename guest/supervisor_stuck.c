/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_stuck.c - the report of who waits for what when nothing can ever come. */
#include "guest/supervisor_loop.h"

#include <inttypes.h>
#include <sys/syscall.h>

static void report_thread(FILE *out, const char *mark, const struct guest_process *p,
                          const struct guest_thread *t)
{
    const struct guest_call_row *row = guest_call_row(t->call.nr);
    fprintf(out, "%s%s (process %u, thread %u) ", mark, p->name, p->number, t->number);
    if (t->state == GUEST_PARKED) {
        fprintf(out, "waits for %s, in %s()", t->wait.what,
                t->call.nr == SYS_prctl ? "poll" : row->name);
        if (t->wait.deadline_ns != SIM_NEVER) {
            fprintf(out, ", until %" PRIu64 ".%09" PRIu64 " s", t->wait.deadline_ns / 1000000000u,
                    t->wait.deadline_ns % 1000000000u);
        }
    } else if (t->stopped) {
        fprintf(out, "was stopped by a signal");
    } else if (t->state == GUEST_AWAY) {
        fprintf(out, "waits for its child (vfork)");
    } else {
        fprintf(out, "is ready to go on, in %s()", row->name);
    }
    fputc('\n', out);
}

void supervisor_print_waits(const struct supervisor *s, FILE *out)
{
    for (const struct guest_process *p = s->processes; p; p = p->next) {
        for (const struct guest_thread *t = p->threads; t; t = t->next) {
            report_thread(out, "  ", p, t);
        }
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
            report_thread(stderr, "limphome:   ", p, t);
        }
    }
}
