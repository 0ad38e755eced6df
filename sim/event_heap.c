/* SPDX-License-Identifier: Apache-2.0 */
/* sim/event_heap.c - the queue behind sim/sim.h: a 4-ary heap of pending events. */
#include "sim/event_heap.h"

#include <stdlib.h>

enum { HEAP_ARITY = 4, HEAP_CAP_FIRST = 64 };

static inline bool slot_before(const struct sim_slot *a, const struct sim_slot *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static inline void place(struct sim_slot *heap, size_t at, struct sim_slot slot)
{
    heap[at] = slot;
    slot.event->heap_slot = at;
}

/* Both sifts carry the slot in hand and move others into the hole at `at`. */
static size_t sift_up(struct sim_slot *heap, size_t at, const struct sim_slot *slot)
{
    while (at > 0) {
        size_t parent = (at - 1) / HEAP_ARITY;
        if (!slot_before(slot, &heap[parent])) {
            break;
        }
        place(heap, at, heap[parent]);
        at = parent;
    }
    return at;
}

static size_t earliest_child(const struct sim_slot *heap, size_t len, size_t first)
{
    size_t end = first + HEAP_ARITY < len ? first + HEAP_ARITY : len;
    size_t best = first;
    for (size_t child = first + 1; child < end; child++) {
        if (slot_before(&heap[child], &heap[best])) {
            best = child;
        }
    }
    return best;
}

static size_t sift_down(struct sim_slot *heap, size_t len, size_t at, const struct sim_slot *slot)
{
    for (;;) {
        size_t first = at * HEAP_ARITY + 1;
        if (first >= len) {
            return at;
        }
        size_t child = earliest_child(heap, len, first);
        if (!slot_before(&heap[child], slot)) {
            return at;
        }
        place(heap, at, heap[child]);
        at = child;
    }
}

static void settle(struct sim *sim, size_t at, const struct sim_slot *slot)
{
    size_t risen = sift_up(sim->heap, at, slot);
    if (risen == at) {
        at = sift_down(sim->heap, sim->heap_len, at, slot);
    } else {
        at = risen;
    }
    place(sim->heap, at, *slot);
}

static void grow(struct sim *sim)
{
    size_t cap = sim->heap_cap == 0 ? HEAP_CAP_FIRST : sim->heap_cap * 2;
    struct sim_slot *heap = realloc(sim->heap, cap * sizeof(*heap));
    /* A model schedules a bounded number of events: running out of memory here is a leak. */
    CHECK(heap != NULL);
    sim->heap = heap;
    sim->heap_cap = cap;
}

void event_heap_release(struct sim *sim)
{
    free(sim->heap);
    sim->heap = NULL;
    sim->heap_len = 0;
    sim->heap_cap = 0;
    sim->top_is_running = false;
}

static void put_new(struct sim *sim, const struct sim_slot *slot)
{
    if (sim->top_is_running) {
        sim->top_is_running = false;
        place(sim->heap, sift_down(sim->heap, sim->heap_len, 0, slot), *slot);
        return;
    }
    if (sim->heap_len == sim->heap_cap) {
        grow(sim);
    }
    size_t at = sift_up(sim->heap, sim->heap_len++, slot);
    place(sim->heap, at, *slot);
}

void event_heap_put(struct sim *sim, const struct sim_slot *slot)
{
    size_t at = slot->event->heap_slot;
    if (at == SIM_NOT_QUEUED) {
        put_new(sim, slot);
        return;
    }
    CHECK(at < sim->heap_len && sim->heap[at].event == slot->event);
    settle(sim, at, slot);
}

static void remove_at(struct sim *sim, size_t at)
{
    struct sim_slot last = sim->heap[--sim->heap_len];
    if (at != sim->heap_len) {
        settle(sim, at, &last);
    }
}

void event_heap_remove(struct sim *sim, struct sim_event *event)
{
    size_t at = event->heap_slot;
    CHECK(at < sim->heap_len && sim->heap[at].event == event);
    remove_at(sim, at);
    event->heap_slot = SIM_NOT_QUEUED;
}

struct sim_event *event_heap_take(struct sim *sim)
{
    struct sim_event *event = sim->heap[0].event;
    event->heap_slot = SIM_NOT_QUEUED;
    /* Before anything, even what an event of a later phase puts at this instant: it never moves. */
    sim->heap[0] = (struct sim_slot){.event = NULL};
    sim->top_is_running = true;
    return event;
}

void event_heap_close(struct sim *sim)
{
    if (sim->top_is_running) {
        sim->top_is_running = false;
        remove_at(sim, 0);
    }
}
