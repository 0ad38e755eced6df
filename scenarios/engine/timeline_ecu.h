/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_ecu.h - what a timeline shows of one ECU, noted while the play goes on:
 * supply, session, lock, and what its flash does. */
#ifndef ENGINE_TIMELINE_ECU_H
#define ENGINE_TIMELINE_ECU_H

#include "scenarios/engine/case_world.h"
#include "scenarios/engine/timeline_curve.h"
#include "scenarios/engine/timeline_spans.h"

/* What holds from an instant on, and is shown once it is over. */
struct timeline_state {
    sim_ns_t since_ns;
    uint32_t value; /* 0: nothing to show. */
    struct timeline_spans spans;
};

struct timeline_ecu {
    const struct case_ecu *ecu;
    uint32_t request_id, response_id, functional_id; /* As in the trace. */
    sim_ns_t asked_ns;                               /* The last frame of a connection of it. */

    struct timeline_curve supply;     /* mV. */
    struct s12x_supply_curve drawing; /* The line it follows since supply_ns. */
    sim_ns_t supply_ns;

    struct timeline_state session; /* Run and session: see timeline_ecu.c. */
    struct timeline_state lock;    /* The level that is open. */

    struct timeline_spans flash;
    struct timeline_curve progress; /* Bytes. */
    uint64_t programmed_bytes, drawn_bytes;
    sim_ns_t op_ns; /* When the flash command began that runs. */
    bool torn[ECU_BOOK_PART_BYTES / ECU_BOOK_SECTOR_BYTES];
};

void timeline_ecu_init(struct timeline_ecu *own, const struct case_ecu *ecu);
void timeline_ecu_release(struct timeline_ecu *own);

/* A record whose source is this ECU. */
void timeline_ecu_note(struct timeline_ecu *own, const struct trace_rec *rec);
/* A frame of its bus. */
void timeline_ecu_frame(struct timeline_ecu *own, uint32_t id, sim_ns_t at_ns);
/* Nothing more comes. */
void timeline_ecu_end(struct timeline_ecu *own, sim_ns_t end_ns);

/* It did something in this play: it was programmed, cut, or asked for a session. */
bool timeline_ecu_acted(const struct timeline_ecu *own);
/* Its lanes; share: how many ECUs the space is for. After timeline_ecu_end(). */
void timeline_ecu_fill_supply(struct timeline_ecu *own, struct timeline *timeline, size_t share);
void timeline_ecu_fill_access(struct timeline_ecu *own, struct timeline *timeline, size_t share);
void timeline_ecu_fill_flash(struct timeline_ecu *own, struct timeline *timeline, size_t share);

#endif
