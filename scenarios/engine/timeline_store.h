/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_store.h - what the master does to its disk, for a timeline: changes of
 * each file, errors, and what power cuts took away. */
#ifndef ENGINE_TIMELINE_STORE_H
#define ENGINE_TIMELINE_STORE_H

#include "scenarios/engine/case_store.h"
#include "scenarios/engine/master_seat.h"
#include "scenarios/engine/timeline_spans.h"

struct timeline_store {
    struct sim *sim;
    struct case_store_listener listener;
    struct timeline_spans spans;
};

/* Listens from now on, until timeline_store_release(). */
void timeline_store_init(struct timeline_store *own, struct sim *sim, struct case_store *store);
void timeline_store_release(struct timeline_store *own, struct case_store *store);
void timeline_store_fill(struct timeline_store *own, const struct master_seat *seat,
                         struct timeline *timeline);

#endif
