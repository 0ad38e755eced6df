/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_faults.c - looks at the counts of injections. */
#include "scenarios/engine/timeline_faults.h"

#include <stdio.h>
#include <string.h>

enum { FAULTS_MAX = 80, LANES_MAX = 12 };

void timeline_faults_init(struct timeline_faults *faults)
{
    memset(faults, 0, sizeof *faults);
}

void timeline_faults_release(struct timeline_faults *faults)
{
    for (size_t i = 0; i < faults->len; i++) {
        timeline_spans_release(&faults->list[i].spans);
    }
}

static void begin(struct timeline_fault *fault)
{
    fault->first_ns = fault->last_ns = SIM_NEVER;
    timeline_spans_init(&fault->spans, SIM_MS(1), 1);
}

/* One that had fired when it was first seen did so when it was made. */
static void note(struct timeline_fault *fault, const struct case_injection *injection,
                 uint64_t fired, sim_ns_t now_ns, bool fresh)
{
    const sim_ns_t at_ns = fresh ? injection->made_ns : now_ns;
    timeline_spans_add(&fault->spans, at_ns, at_ns, TONE_WARN, injection->name);
    fault->spans.rows[fault->spans.len - 1].count += (uint32_t)(fired - fault->fired - 1);
    fault->first_ns = fault->first_ns == SIM_NEVER ? at_ns : fault->first_ns;
    fault->last_ns = at_ns;
    fault->fired = fired;
}

void timeline_faults_look(struct timeline_faults *faults, const struct case_world *world)
{
    for (size_t i = 0; i < world->injections_len; i++) {
        const struct case_injection *injection = &world->injections[i];
        struct timeline_fault *fault = &faults->list[i];
        const bool fresh = i == faults->len;
        if (fresh) {
            begin(fault);
            faults->len++;
        }
        const uint64_t fired = injection->fired(injection->ctx);
        if (fired > fault->fired) {
            note(fault, injection, fired, world->sim.now_ns, fresh);
        }
    }
}

/* "power.cut#2" lies in the lane of "power.cut"; and there are only so many lanes. */
static struct timeline_lane *lane_of(struct timeline *timeline, size_t first, const char *name)
{
    char base[64];
    snprintf(base, sizeof base, "%.*s", (int)strcspn(name, "#"), name);
    for (size_t i = first; i < timeline->lanes_len; i++) {
        if (strcmp(timeline->lanes[i].of, base) == 0) {
            return &timeline->lanes[i];
        }
    }
    return timeline->lanes_len - first < LANES_MAX ? timeline_add_lane(timeline, LANE_FAULT, base)
                                                   : &timeline->lanes[timeline->lanes_len - 1];
}

void timeline_faults_fill(struct timeline_faults *faults, const struct case_world *world,
                          struct timeline *timeline)
{
    const size_t first = timeline->lanes_len;
    size_t shown = 0;
    for (size_t i = 0; i < faults->len; i++) {
        shown += faults->list[i].fired > 0;
    }
    for (size_t i = 0; i < faults->len; i++) {
        struct timeline_fault *fault = &faults->list[i];
        if (fault->fired > 0) {
            timeline_spans_fill(&fault->spans, lane_of(timeline, first, world->injections[i].name),
                                FAULTS_MAX / shown > 1 ? FAULTS_MAX / shown : 1);
        }
    }
}
