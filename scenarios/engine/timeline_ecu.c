/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_ecu.c - supply, session and lock of an ECU as time goes on. */
#include "scenarios/engine/timeline_ecu.h"

#include "scenarios/engine/timeline_flash.h"

#include <stdio.h>
#include <string.h>

enum { RAMP_STEPS = 12, SUPPLY_MAX = 120, ACCESS_MAX = 64, FLASH_MAX = 80, PROGRESS_MAX = 60 };

void timeline_ecu_init(struct timeline_ecu *own, const struct case_ecu *ecu)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu->s12x)->boot;
    memset(own, 0, sizeof *own);
    own->ecu = ecu;
    own->request_id = boot->request_id;
    own->response_id = boot->response_id;
    own->functional_id = boot->functional_id;
    timeline_spans_init(&own->session.spans, 0, 1);
    timeline_spans_init(&own->lock.spans, 0, 1);
    timeline_spans_init(&own->flash, SIM_MS(10), 4);
    timeline_curve_add(&own->progress, 0, 0);
}

void timeline_ecu_release(struct timeline_ecu *own)
{
    timeline_curve_release(&own->supply);
    timeline_curve_release(&own->progress);
    timeline_spans_release(&own->session.spans);
    timeline_spans_release(&own->lock.spans);
    timeline_spans_release(&own->flash);
}

/* Supply. A line that falls or rises is drawn as stairs. */

/* The shorter the fewer: a fall within microseconds is a fall to any eye. */
static sim_ns_t steps_of(sim_ns_t ramp_ns)
{
    const sim_ns_t steps = ramp_ns / SIM_US(50);
    return steps < RAMP_STEPS ? steps : RAMP_STEPS;
}

static void draw_ramp(struct timeline_ecu *own, sim_ns_t until_ns)
{
    const struct s12x_supply line = {.curve = own->drawing};
    const sim_ns_t ramp_ns = until_ns - own->supply_ns, steps = steps_of(ramp_ns);
    const uint32_t from_mv = s12x_supply_mv(&line, own->supply_ns);
    if (own->drawing.len < 2 || ramp_ns == 0 || s12x_supply_mv(&line, until_ns - 1) == from_mv) {
        return;
    }
    for (sim_ns_t i = 1; i < steps; i++) {
        const sim_ns_t at_ns = own->supply_ns + ramp_ns * i / steps;
        timeline_curve_add(&own->supply, at_ns, s12x_supply_mv(&line, at_ns));
    }
}

static void note_supply(struct timeline_ecu *own, uint32_t mv, sim_ns_t at_ns)
{
    draw_ramp(own, at_ns);
    timeline_curve_add(&own->supply, at_ns, mv);
    own->drawing = own->ecu->ecu->supply.curve;
    own->supply_ns = at_ns;
}

/* States. A session's value is: who runs, and the number of the session. */

static uint32_t session_value(enum ecu_run run, uint8_t session, enum uds_session kind)
{
    return 1u << 24 | (uint32_t)run << 16 | (uint32_t)session << 8 | (uint32_t)kind;
}

static enum timeline_tone name_session(uint32_t value, char *text, size_t size)
{
    static const char *const kinds[] = {
        [UDS_SESSION_DEFAULT] = "default session",
        [UDS_SESSION_PROGRAMMING] = "programming session",
        [UDS_SESSION_EXTENDED] = "extended session",
    };
    const enum ecu_run run = (enum ecu_run)(value >> 16 & 0xFF);
    const uint8_t session = (uint8_t)(value >> 8);
    const uint8_t kind = (uint8_t)value;
    if (run == ECU_OFF || run == ECU_IN_RESET) {
        snprintf(text, size, "%s", ecu_run_name(run));
        return run == ECU_OFF ? TONE_WARN : TONE_PLAIN; /* An update resets. */
    }
    if (session == kind) {
        snprintf(text, size, "%s, %s", ecu_run_name(run), kinds[kind]);
    } else {
        snprintf(text, size, "%s, %s %02X", ecu_run_name(run), kinds[kind], session);
    }
    return kind == UDS_SESSION_PROGRAMMING ? TONE_BUSY : TONE_PLAIN;
}

static enum timeline_tone name_lock(uint32_t value, char *text, size_t size)
{
    snprintf(text, size, "unlocked, level %02X", value);
    return TONE_GOOD;
}

static void change(struct timeline_state *state, uint32_t value, sim_ns_t at_ns,
                   enum timeline_tone (*name)(uint32_t value, char *text, size_t size))
{
    char text[TIMELINE_SPAN_TEXT];
    if (state->value == value) {
        return;
    }
    if (state->value != 0 && at_ns > state->since_ns) {
        const enum timeline_tone tone = name(state->value, text, sizeof text);
        timeline_spans_add(&state->spans, state->since_ns, at_ns, tone, text);
    }
    state->value = value;
    state->since_ns = at_ns;
}

static void note_run(struct timeline_ecu *own, enum ecu_run run, sim_ns_t at_ns)
{
    change(&own->lock, 0, at_ns, name_lock);
    change(&own->session, session_value(run, UDS_SESSION_DEFAULT, UDS_SESSION_DEFAULT), at_ns,
           name_session);
}

/* What is seen now began when the last frame came, or when S3 ended. */
static void look(struct timeline_ecu *own, sim_ns_t now_ns)
{
    struct s12x_ecu_access access;
    const enum ecu_run run = own->ecu->ecu->run;
    s12x_ecu_access(own->ecu->s12x, &access);
    sim_ns_t at_ns = now_ns;
    if (access.kind == UDS_SESSION_DEFAULT && own->asked_ns + access.s3_ns < now_ns) {
        at_ns = own->asked_ns + access.s3_ns;
    }
    at_ns = at_ns > own->session.since_ns ? at_ns : own->session.since_ns;
    change(&own->lock, access.level, at_ns, name_lock);
    change(&own->session, session_value(run, access.session, access.kind), at_ns, name_session);
}

void timeline_ecu_note(struct timeline_ecu *own, const struct trace_rec *rec)
{
    if (rec->kind == TRACE_SUPPLY) {
        note_supply(own, (uint32_t)rec->arg[0], rec->at_ns);
    } else if (rec->kind == TRACE_ECU) {
        note_run(own, (enum ecu_run)rec->arg[0], rec->at_ns);
    } else {
        timeline_flash_note(own, rec);
    }
}

void timeline_ecu_frame(struct timeline_ecu *own, uint32_t id, sim_ns_t at_ns)
{
    if (id == own->request_id || id == own->response_id || id == own->functional_id) {
        look(own, at_ns);
        own->asked_ns = at_ns;
    }
}

void timeline_ecu_end(struct timeline_ecu *own, sim_ns_t end_ns)
{
    draw_ramp(own, end_ns);
    look(own, end_ns);
    change(&own->lock, 0, end_ns, name_lock);
    change(&own->session, 0, end_ns, name_session);
    timeline_curve_add(&own->progress, end_ns, (double)own->programmed_bytes);
}

bool timeline_ecu_acted(const struct timeline_ecu *own)
{
    return own->flash.len > 0 || own->session.spans.len > 3 || own->supply.len > 1;
}

void timeline_ecu_fill_supply(struct timeline_ecu *own, struct timeline *timeline, size_t share)
{
    if (own->supply.len > 1) {
        timeline_curve_fill(&own->supply,
                            timeline_add_lane(timeline, LANE_SUPPLY, own->ecu->ecu->name),
                            SUPPLY_MAX / share);
    }
}

void timeline_ecu_fill_access(struct timeline_ecu *own, struct timeline *timeline, size_t share)
{
    const char *name = own->ecu->ecu->name;
    timeline_spans_fill(&own->session.spans, timeline_add_lane(timeline, LANE_SESSION, name),
                        ACCESS_MAX / share);
    if (own->lock.spans.len > 0) {
        timeline_spans_fill(&own->lock.spans, timeline_add_lane(timeline, LANE_LOCK, name),
                            ACCESS_MAX / share);
    }
}

void timeline_ecu_fill_flash(struct timeline_ecu *own, struct timeline *timeline, size_t share)
{
    const char *name = own->ecu->ecu->name;
    if (own->flash.len > 0) {
        timeline_spans_fill(&own->flash, timeline_add_lane(timeline, LANE_FLASH, name),
                            FLASH_MAX / share);
    }
    if (own->progress.len > 1) {
        timeline_curve_fill(&own->progress, timeline_add_lane(timeline, LANE_PROGRESS, name),
                            PROGRESS_MAX / share);
    }
}
