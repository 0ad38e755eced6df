/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_recorder.c - hands what it sees to those who keep it, and puts the
 * lanes together in the end. */
#include "scenarios/engine/timeline_recorder.h"

#include "reports/timeline_json.h"
#include "scenarios/engine/timeline_bus.h"
#include "scenarios/engine/timeline_ecu.h"
#include "scenarios/engine/timeline_faults.h"
#include "scenarios/engine/timeline_flash.h"
#include "scenarios/engine/timeline_focus.h"
#include "scenarios/engine/timeline_store.h"
#include "sim/file_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ECUS_SHOWN = 8, LIVES_MAX = 60 };

struct timeline_recorder {
    struct case_world *world;
    struct timeline_load loads[VEHICLE_BUSES_MAX];
    struct timeline_ecu *ecus;
    size_t ecu_of[TRACE_SOURCES_MAX]; /* Number of the ECU from 1; 0: none. */
    size_t bus_of[TRACE_SOURCES_MAX];
    struct timeline_store store;
    struct timeline_faults faults;
    bool settled;
    struct timeline timeline;
};

static void note_bus(struct timeline_recorder *own, size_t index, const struct trace_rec *rec)
{
    const struct case_bus *bus = &own->world->buses[index];
    timeline_load_add(&own->loads[index], rec->at_ns, bus->bus->stats.busy_ns);
    for (size_t i = 0; rec->kind == TRACE_CAN_FRAME && i < own->world->ecus_len; i++) {
        if (own->world->ecus[i].bus == bus) {
            timeline_ecu_frame(&own->ecus[i], (uint32_t)rec->arg[0], rec->at_ns);
        }
    }
}

static void on_record(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    struct timeline_recorder *own = ctx;
    if (own->bus_of[rec->source] != 0 &&
        (rec->kind == TRACE_CAN_FRAME || rec->kind == TRACE_CAN_ERROR)) {
        note_bus(own, own->bus_of[rec->source] - 1, rec);
    } else if (own->ecu_of[rec->source] != 0) {
        timeline_ecu_note(&own->ecus[own->ecu_of[rec->source] - 1], rec);
    }
    if (!own->settled) {
        timeline_faults_look(&own->faults, own->world);
    }
}

struct timeline_recorder *timeline_recorder_new(struct case_world *world)
{
    struct timeline_recorder *own = calloc(1, sizeof *own);
    CHECK(own != NULL);
    own->world = world;
    own->ecus = calloc(world->ecus_len, sizeof *own->ecus);
    CHECK(own->ecus != NULL);
    for (size_t i = 0; i < world->ecus_len; i++) {
        timeline_ecu_init(&own->ecus[i], &world->ecus[i]);
        own->ecu_of[world->ecus[i].ecu->source] = i + 1;
    }
    for (size_t i = 0; i < world->buses_len; i++) {
        own->bus_of[world->buses[i].bus->source] = i + 1;
    }
    timeline_faults_init(&own->faults);
    timeline_store_init(&own->store, &world->sim, &world->store);
    trace_subscribe(world->trace, on_record, own);
    return own;
}

void timeline_recorder_free(struct timeline_recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    for (size_t i = 0; i < recorder->world->ecus_len; i++) {
        timeline_ecu_release(&recorder->ecus[i]);
    }
    timeline_faults_release(&recorder->faults);
    timeline_store_release(&recorder->store, &recorder->world->store);
    timeline_release(&recorder->timeline);
    free(recorder->ecus);
    free(recorder);
}

/* Of many ECUs only those that did something. */
static size_t shown(const struct timeline_recorder *own, struct timeline_ecu **list)
{
    size_t len = 0;
    for (size_t i = 0; i < own->world->ecus_len && len < ECUS_SHOWN; i++) {
        if (i == 0 || timeline_ecu_acted(&own->ecus[i])) {
            list[len++] = &own->ecus[i];
        }
    }
    return len;
}

void timeline_recorder_settle(struct timeline_recorder *recorder)
{
    struct timeline_ecu *list[ECUS_SHOWN];
    if (recorder == NULL || recorder->settled) {
        return;
    }
    timeline_faults_look(&recorder->faults, recorder->world);
    recorder->settled = true;
    const size_t len = shown(recorder, list);
    for (size_t i = 0; i < len; i++) {
        timeline_flash_map(list[i], &recorder->timeline);
    }
}

void timeline_recorder_fired(const struct timeline_recorder *recorder, size_t index,
                             sim_ns_t *first_ns, sim_ns_t *last_ns)
{
    *first_ns = *last_ns = SIM_NEVER;
    if (recorder != NULL && index < recorder->faults.len) {
        *first_ns = recorder->faults.list[index].first_ns;
        *last_ns = recorder->faults.list[index].last_ns;
    }
}

static enum timeline_tone name_life(const struct master_life *life, size_t number, char *text,
                                    size_t size)
{
    const enum master_code code = life->result.code;
    switch (life->end) {
    case MASTER_EXITED:
        snprintf(text, size, "life %zu: %s, exit code %d", number, master_code_name(code),
                 life->exit_code);
        return code == MASTER_SUCCESS || code == MASTER_UP_TO_DATE ? TONE_GOOD : TONE_PLAIN;
    case MASTER_CUT: snprintf(text, size, "life %zu: power cut", number); return TONE_WARN;
    case MASTER_STUCK: snprintf(text, size, "life %zu: stuck", number); return TONE_BAD;
    case MASTER_TIME_UP: snprintf(text, size, "life %zu: time is up", number); return TONE_BAD;
    case MASTER_RUNS:
    default: snprintf(text, size, "life %zu: runs", number); return TONE_PLAIN;
    }
}

static void fill_lives(const struct timeline_recorder *own, struct timeline *timeline)
{
    const struct master_seat *seat = &own->world->seat;
    struct timeline_spans spans;
    timeline_spans_init(&spans, 0, 1);
    for (size_t i = 0; i < seat->lives_len; i++) {
        const struct master_life *life = &seat->lives[i];
        char text[TIMELINE_SPAN_TEXT];
        const enum timeline_tone tone = name_life(life, i + 1, text, sizeof text);
        const sim_ns_t end_ns = life->end == MASTER_RUNS ? own->world->sim.now_ns : life->end_ns;
        timeline_spans_add(&spans, life->begin_ns, end_ns, tone, text);
    }
    timeline_spans_fill(&spans, timeline_add_lane(timeline, LANE_MASTER, ""), LIVES_MAX);
    timeline_spans_release(&spans);
}

static void fill_loads(const struct timeline_recorder *own, struct timeline *timeline)
{
    for (size_t i = 0; i < own->world->buses_len; i++) {
        if (own->loads[i].seen_ns > 0) {
            timeline_load_fill(
                &own->loads[i],
                timeline_add_lane(timeline, LANE_BUS_LOAD, own->world->buses[i].bus->cfg.name),
                timeline->end_ns);
        }
    }
}

static void fill_lanes(struct timeline_recorder *own, const struct timeline_place *places,
                       size_t len)
{
    struct timeline *timeline = &own->timeline;
    struct timeline_ecu *list[ECUS_SHOWN];
    const size_t share = shown(own, list);
    timeline_bus_fill_phases(own->world, places, len, timeline);
    for (size_t i = 0; i < share; i++) {
        (void)timeline_bus_fill_services(own->world, list[i]->ecu, timeline, share);
    }
    fill_loads(own, timeline);
    for (size_t i = 0; i < share; i++) {
        timeline_ecu_fill_supply(list[i], timeline, share);
    }
    for (size_t i = 0; i < share; i++) {
        timeline_ecu_fill_access(list[i], timeline, share);
    }
    for (size_t i = 0; i < share; i++) {
        timeline_ecu_fill_flash(list[i], timeline, share);
    }
    fill_lives(own, timeline);
    timeline_store_fill(&own->store, &own->world->seat, timeline);
    timeline_faults_fill(&own->faults, own->world, timeline);
}

static void make(struct timeline_recorder *own)
{
    struct timeline_place *places = NULL;
    const size_t len = timeline_bus_order(own->world, &places);
    timeline_recorder_settle(own);
    own->timeline.end_ns = own->world->sim.now_ns;
    for (size_t i = 0; i < own->world->ecus_len; i++) {
        timeline_ecu_end(&own->ecus[i], own->timeline.end_ns);
    }
    fill_lanes(own, places, len);
    timeline_focus_fill(own->world, &own->faults, places, len, &own->timeline);
    free(places);
}

int timeline_recorder_save(struct timeline_recorder *recorder, struct err *err)
{
    char path[CASE_PATH_MAX];
    if (recorder == NULL) {
        return 0;
    }
    make(recorder);
    char *text = timeline_print(&recorder->timeline);
    snprintf(path, sizeof path, "%s/timeline.json", recorder->world->cfg.folder);
    const int code = file_text_write(path, text, err);
    free(text);
    return code;
}
