/* SPDX-License-Identifier: Apache-2.0 */
/* sim/event_heap.h - the queue behind sim/sim.h: a 4-ary heap of pending events.
 *
 * Private to sim.c. Invariants: heap[i].event->heap_slot == i; no slot is before its parent; the
 * order is total, because no two slots share a sequence number. The sort key sits in the slot, so
 * that sifting does not chase pointers.
 *
 * An event that runs mostly schedules itself or the next one. So the slot of the running event
 * stays at the top, emptied, for the first new event to take its place. */
#ifndef SIM_EVENT_HEAP_H
#define SIM_EVENT_HEAP_H

#include "sim/sim.h"

void event_heap_release(struct sim *sim);
/* Inserts the slot's event, or gives it the slot's key if it is queued already. */
void event_heap_put(struct sim *sim, const struct sim_slot *slot);
void event_heap_remove(struct sim *sim, struct sim_event *event);
/* The earliest event, no longer queued, but its slot stays until one is put or it is closed. */
struct sim_event *event_heap_take(struct sim *sim);
/* Takes the slot out if it still stays. */
void event_heap_close(struct sim *sim);

#endif
