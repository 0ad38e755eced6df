/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/bus_rig.h - a bus with stations that remember what they saw. */
#ifndef TESTS_CAN_BUS_RIG_H
#define TESTS_CAN_BUS_RIG_H

#include "sim/can/can_bus.h"
#include "sim/can/can_wire.h"
#include "sim/trace.h"

#include <criterion/criterion.h>
#include <string.h>

enum { STATIONS = 6, SEEN_MAX = 512 };
#define BIT_NS SIM_US(2) /* 500 kbit/s */

enum seen_kind { SEEN_FRAME, SEEN_CONFIRM, SEEN_LOST, SEEN_ERROR, SEEN_STATE, SEEN_WAKE };

struct seen {
    enum seen_kind kind;
    sim_ns_t at_ns;
    struct can_frame frame;
    struct can_error error;
    enum can_state state;
};

struct station {
    struct can_node node;
    struct rig *rig;
    size_t seen_len;
    struct seen seen[SEEN_MAX];
};

struct rig {
    struct sim sim;
    struct trace *trace;
    struct can_bus bus;
    struct station station[STATIONS];
};

static inline struct seen *rig_note(void *ctx, enum seen_kind kind, sim_ns_t now_ns)
{
    struct station *station = ctx;
    cr_assert_lt(station->seen_len, SEEN_MAX);
    struct seen *seen = &station->seen[station->seen_len++];
    *seen = (struct seen){.kind = kind, .at_ns = now_ns};
    return seen;
}

static inline void rig_on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_FRAME, now_ns)->frame = *frame;
}

static inline void rig_on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_CONFIRM, now_ns)->frame = *frame;
}

static inline void rig_on_lost(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_LOST, now_ns)->frame = *frame;
}

static inline void rig_on_error(void *ctx, const struct can_error *error, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_ERROR, now_ns)->error = *error;
}

static inline void rig_on_state(void *ctx, enum can_state state, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_STATE, now_ns)->state = state;
}

static inline void rig_on_wake(void *ctx, sim_ns_t now_ns)
{
    rig_note(ctx, SEEN_WAKE, now_ns);
}

static const struct can_node_ops rig_ops = {
    .on_frame = rig_on_frame,
    .on_confirm = rig_on_confirm,
    .on_arbitration_lost = rig_on_lost,
    .on_error = rig_on_error,
    .on_state = rig_on_state,
    .on_wake_up = rig_on_wake,
};

/* Stations 0 to stations - 1 are on the bus; cfg, if given, is theirs. 500 kbit/s. */
static inline struct rig *rig_new(size_t stations, uint32_t data_bps,
                                  const struct can_node_cfg *cfg)
{
    static const char *const names[STATIONS] = {"a", "b", "c", "d", "e", "f"};
    struct rig *rig = calloc(1, sizeof(*rig));
    rig->trace = trace_new(true);
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1, .trace = rig->trace});
    can_bus_init(&rig->bus, &rig->sim,
                 &(struct can_bus_cfg){"can0", .nominal_bps = 500000, .data_bps = data_bps});
    for (size_t i = 0; i < stations; i++) {
        struct station *station = &rig->station[i];
        struct can_node_cfg own = cfg != NULL ? *cfg : (struct can_node_cfg){0};
        own.name = names[i];
        own.ops = &rig_ops;
        own.ctx = station;
        station->rig = rig;
        can_node_init(&station->node, &own);
        can_bus_attach(&rig->bus, &station->node);
    }
    return rig;
}

static inline void rig_free(struct rig *rig)
{
    can_bus_release(&rig->bus);
    sim_release(&rig->sim);
    trace_free(rig->trace);
    free(rig);
}

static inline struct can_frame rig_frame(const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    return frame;
}

static inline sim_ns_t rig_length_ns(const char *text)
{
    const struct can_frame frame = rig_frame(text);
    const struct can_wire wire = can_wire_measure(&frame);
    return can_wire_duration_ns(&wire, 500000, 2000000);
}

static inline enum can_send_result rig_send(struct rig *rig, size_t station, const char *text)
{
    const struct can_frame frame = rig_frame(text);
    return can_node_send(&rig->station[station].node, &frame);
}

static inline void rig_run(struct rig *rig, sim_ns_t until_ns)
{
    sim_run_until(&rig->sim, until_ns);
}

/* The n-th note of a kind; fails the test if there is none. */
static inline const struct seen *rig_seen(const struct rig *rig, size_t station,
                                          enum seen_kind kind, size_t n)
{
    const struct station *at = &rig->station[station];
    for (size_t i = 0; i < at->seen_len; i++) {
        if (at->seen[i].kind == kind && n-- == 0) {
            return &at->seen[i];
        }
    }
    cr_assert_fail("station %zu has not seen that often what it should have", station);
    return NULL;
}

static inline size_t rig_count(const struct rig *rig, size_t station, enum seen_kind kind)
{
    const struct station *at = &rig->station[station];
    size_t count = 0;
    for (size_t i = 0; i < at->seen_len; i++) {
        count += at->seen[i].kind == kind;
    }
    return count;
}

static inline void rig_assert_frame(const struct seen *seen, const char *text)
{
    char got[CAN_TEXT_MAX];
    can_frame_print(&seen->frame, got);
    cr_assert_str_eq(got, text);
}

#endif
