/* SPDX-License-Identifier: Apache-2.0 */
/* sim/sim.c - the clock and the event queue. */
#include "sim/sim.h"

#include "sim/event_heap.h"

enum { CASCADE_MAX_DEFAULT = 100000, PHASE_SHIFT = 60 };

void sim_init(struct sim *sim, const struct sim_cfg *cfg)
{
    *sim = (struct sim){.cfg = *cfg};
    if (sim->cfg.cascade_max == 0) {
        sim->cfg.cascade_max = CASCADE_MAX_DEFAULT;
    }
}

void sim_release(struct sim *sim)
{
    event_heap_release(sim);
}

void sim_event_init(struct sim_event *event, enum sim_phase phase, sim_event_fn *fn, void *ctx,
                    struct sim_owner *owner)
{
    CHECK(fn != NULL && phase <= SIM_ARBITRATE);
    *event = (struct sim_event){
        .fn = fn, .ctx = ctx, .owner = owner, .phase = phase, .heap_slot = SIM_NOT_QUEUED};
}

static void owner_link(struct sim_event *event)
{
    struct sim_owner *owner = event->owner;
    if (!owner) {
        return;
    }
    event->owner_prev = NULL;
    event->owner_next = owner->first;
    if (owner->first) {
        owner->first->owner_prev = event;
    }
    owner->first = event;
}

static void owner_unlink(struct sim_event *event)
{
    struct sim_owner *owner = event->owner;
    if (!owner) {
        return;
    }
    if (event->owner_prev) {
        event->owner_prev->owner_next = event->owner_next;
    } else {
        owner->first = event->owner_next;
    }
    if (event->owner_next) {
        event->owner_next->owner_prev = event->owner_prev;
    }
}

static void dequeue(struct sim *sim, struct sim_event *event)
{
    event_heap_remove(sim, event);
    owner_unlink(event);
}

bool sim_event_pending(const struct sim_event *event)
{
    return event->heap_slot != SIM_NOT_QUEUED;
}

void sim_schedule(struct sim *sim, struct sim_event *event, sim_ns_t due_ns)
{
    CHECK(due_ns >= sim->now_ns);
    if (due_ns == SIM_NEVER) {
        sim_cancel(sim, event);
        return;
    }
    if (!sim_event_pending(event)) {
        owner_link(event);
    }
    event_heap_put(
        sim, &(struct sim_slot){.due_ns = due_ns,
                                .order = ((uint64_t)event->phase << PHASE_SHIFT) | sim->next_seq++,
                                .event = event});
}

void sim_cancel(struct sim *sim, struct sim_event *event)
{
    if (sim_event_pending(event)) {
        dequeue(sim, event);
    }
}

void sim_cancel_owner(struct sim *sim, struct sim_owner *owner)
{
    while (owner->first) {
        dequeue(sim, owner->first);
    }
}

sim_ns_t sim_next_due_ns(const struct sim *sim)
{
    CHECK(!sim->top_is_running);
    return sim->heap_len == 0 ? SIM_NEVER : sim->heap[0].due_ns;
}

static void advance(struct sim *sim, sim_ns_t due_ns)
{
    if (due_ns != sim->now_ns) {
        CHECK(due_ns > sim->now_ns);
        sim->now_ns = due_ns;
        sim->cascade = 0;
    }
    sim->cascade++;
    CHECK(sim->cascade <= sim->cfg.cascade_max);
}

bool sim_step(struct sim *sim)
{
    CHECK(!sim->top_is_running);
    if (sim->heap_len == 0) {
        return false;
    }
    advance(sim, sim->heap[0].due_ns);
    struct sim_event *event = event_heap_take(sim);
    owner_unlink(event);
    sim->events_run++;
    /* The event may be rescheduled, or freed, by the call. */
    event->fn(sim, event->ctx);
    event_heap_close(sim);
    return true;
}

void sim_run_until(struct sim *sim, sim_ns_t until_ns)
{
    CHECK(until_ns >= sim->now_ns);
    sim->stop_requested = false;
    while (sim->heap_len != 0 && sim->heap[0].due_ns <= until_ns) {
        sim_step(sim);
        if (sim->stop_requested) {
            return;
        }
    }
    if (until_ns != SIM_NEVER && until_ns != sim->now_ns) {
        sim->now_ns = until_ns;
        sim->cascade = 0;
    }
}

void sim_stop(struct sim *sim)
{
    sim->stop_requested = true;
}
