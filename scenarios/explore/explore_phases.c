/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_phases.c - reads the phases of an update from what was asked for. */
#include "scenarios/explore/explore_phases.h"

#include "scenarios/engine/judge_bus.h"
#include "sim/proto/uds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[EXPLORE_PHASE_COUNT] = {
#define EXPLORE_ROW(name, text) [name] = (text),
    EXPLORE_PHASE_KINDS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

static enum explore_phase_kind of_routine(const struct judge_bus *bus,
                                          const struct bus_message *request,
                                          enum explore_phase_kind now)
{
    switch (judge_bus_routine(bus, request)) {
    case UDS_RID_ERASE_MEMORY: return EXPLORE_ERASE;
    case UDS_RID_CHECK_DEPENDENCIES: return EXPLORE_DEPENDENCIES;
    default: return now == EXPLORE_TRANSFER ? EXPLORE_CHECK : now;
    }
}

static enum explore_phase_kind of_session(uint16_t sub, enum explore_phase_kind now)
{
    if (sub == UDS_SUB(UDS_SESSION_PROGRAMMING)) {
        return EXPLORE_UNLOCK;
    }
    if (sub == UDS_SUB(UDS_SESSION_DEFAULT) && now >= EXPLORE_TRANSFER && now < EXPLORE_CLOSING) {
        return EXPLORE_ACTIVATION;
    }
    return now == EXPLORE_ACTIVATION ? EXPLORE_CLOSING : now;
}

/* The phase that a request belongs to, in which the update was or which it begins. */
static enum explore_phase_kind of_request(const struct judge_bus *bus,
                                          const struct bus_message *request,
                                          enum explore_phase_kind now)
{
    switch (request->uds.service) {
    case UDS_TESTER_PRESENT: return now;
    case UDS_SESSION_CONTROL: return of_session(request->uds.sub, now);
    case UDS_ROUTINE_CONTROL: return of_routine(bus, request, now);
    case UDS_REQUEST_DOWNLOAD: return EXPLORE_TRANSFER;
    case UDS_ECU_RESET: return EXPLORE_ACTIVATION;
    default: return now == EXPLORE_ACTIVATION ? EXPLORE_CLOSING : now;
    }
}

static void begin(struct explore_phases *phases, enum explore_phase_kind kind, sim_ns_t at_ns)
{
    if (phases->len < EXPLORE_PHASES_MAX) {
        phases->phases[phases->len++] =
            (struct explore_phase){.kind = kind, .segment = phases->segments, .start_ns = at_ns};
    }
}

void explore_phases_find(struct explore_phases *phases, const struct explore_world *world)
{
    const struct bus_log *log = &world->judge.log;
    const struct judge_bus bus = {.log = log};
    enum explore_phase_kind now = EXPLORE_PREPARATION;
    *phases = (struct explore_phases){.len = 0};
    begin(phases, now, 0);
    for (size_t i = 0; i < log->messages_len; i++) {
        const struct bus_message *message = &log->messages[i];
        if (message->channel == ISOTP_WATCH_RESPONSE) {
            continue;
        }
        const enum explore_phase_kind next = of_request(&bus, message, now);
        const bool segment = message->uds.service == UDS_REQUEST_DOWNLOAD;
        phases->segments = (uint16_t)(phases->segments + segment);
        if (next != now || segment) {
            begin(phases, next, message->begin_ns);
        }
        now = next;
    }
}

void explore_phase_name(char name[EXPLORE_PHASE_CHARS], const struct explore_phases *phases,
                        size_t phase)
{
    const struct explore_phase *one = &phases->phases[phase];
    const bool numbered =
        phases->segments > 1 && (one->kind == EXPLORE_TRANSFER || one->kind == EXPLORE_CHECK);
    if (numbered) {
        (void)snprintf(name, EXPLORE_PHASE_CHARS, "%s %u", names[one->kind],
                       (unsigned)one->segment);
    } else {
        (void)snprintf(name, EXPLORE_PHASE_CHARS, "%s", names[one->kind]);
    }
}

void explore_phases_split(const struct explore_phases *phases, struct explore_map *map)
{
    for (size_t i = 0; i < phases->len; i++) {
        explore_map_split(map, phases->phases[i].start_ns);
    }
}

void explore_phases_print(const struct explore_phases *phases, sim_ns_t start_ns, sim_ns_t end_ns,
                          struct sweep_map *map)
{
    map->phases = calloc(phases->len + 1, sizeof *map->phases);
    CHECK(map->phases != NULL);
    for (size_t i = 0; i < phases->len && phases->phases[i].start_ns < end_ns; i++) {
        char name[EXPLORE_PHASE_CHARS];
        const sim_ns_t next_ns = i + 1 < phases->len ? phases->phases[i + 1].start_ns : end_ns;
        struct sweep_phase *to = &map->phases[map->phases_len++];
        explore_phase_name(name, phases, i);
        to->name = strdup(name);
        CHECK(to->name != NULL);
        to->start_ns = i == 0 ? start_ns : phases->phases[i].start_ns;
        to->end_ns = next_ns < end_ns ? next_ns : end_ns;
    }
}
