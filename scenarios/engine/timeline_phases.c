/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_phases.c - what the master is about, as its requests show it: the
 * phases of an update (paper, section 3). A table, because it is the same for any master. */
#include "scenarios/engine/timeline_bus.h"

#include "scenarios/engine/timeline_spans.h"
#include "sim/proto/uds.h"

enum { PHASES_MAX = 90, ANY = -1 };

enum phase {
    PHASE_NONE,
    PHASE_CONNECT,
    PHASE_PREPARE,
    PHASE_ENTER,
    PHASE_UNLOCK,
    PHASE_ERASE,
    PHASE_TRANSFER,
    PHASE_CHECK,
    PHASE_RESET,
    PHASE_AFTER,
    PHASE_LEAVE, /* The reset, if anything was begun that it ends; else the phase stays. */
};

static const char *const names[] = {
    [PHASE_CONNECT] = "connect",
    [PHASE_PREPARE] = "pre-programming",
    [PHASE_ENTER] = "enter",
    [PHASE_UNLOCK] = "unlock",
    [PHASE_ERASE] = "erase",
    [PHASE_TRANSFER] = "transfer",
    [PHASE_CHECK] = "check",
    [PHASE_RESET] = "reset",
    [PHASE_AFTER] = "post-programming",
};

static const struct rule {
    uint8_t service;
    int sub, function;        /* ANY; of 31 an enum boot_function. */
    enum phase before, after; /* Before and after the reset. */
} rules[] = {
    {UDS_SESSION_CONTROL, UDS_SESSION_PROGRAMMING, ANY, PHASE_ENTER, PHASE_ENTER},
    {UDS_SESSION_CONTROL, UDS_SESSION_DEFAULT, ANY, PHASE_LEAVE, PHASE_AFTER},
    {UDS_SESSION_CONTROL, ANY, ANY, PHASE_PREPARE, PHASE_AFTER},
    {UDS_COMMUNICATION_CONTROL, ANY, ANY, PHASE_PREPARE, PHASE_AFTER},
    {UDS_CONTROL_DTC_SETTING, ANY, ANY, PHASE_PREPARE, PHASE_AFTER},
    {UDS_SECURITY_ACCESS, ANY, ANY, PHASE_UNLOCK, PHASE_UNLOCK},
    {UDS_ROUTINE_CONTROL, ANY, BOOT_DO_PRECONDITIONS, PHASE_PREPARE, PHASE_AFTER},
    {UDS_ROUTINE_CONTROL, ANY, BOOT_DO_ERASE, PHASE_ERASE, PHASE_ERASE},
    {UDS_ROUTINE_CONTROL, ANY, BOOT_DO_DEPENDENCIES, PHASE_CHECK, PHASE_CHECK},
    {UDS_ROUTINE_CONTROL, ANY, BOOT_DO_CHECK_MEMORY, PHASE_CHECK, PHASE_CHECK},
    {UDS_REQUEST_DOWNLOAD, ANY, ANY, PHASE_TRANSFER, PHASE_TRANSFER},
    {UDS_TRANSFER_DATA, ANY, ANY, PHASE_TRANSFER, PHASE_TRANSFER},
    {UDS_TRANSFER_EXIT, ANY, ANY, PHASE_TRANSFER, PHASE_TRANSFER},
    {UDS_ECU_RESET, ANY, ANY, PHASE_RESET, PHASE_RESET},
};

static enum phase phase_of(const struct timeline_words *words, enum phase now)
{
    const int function = timeline_words_function(words);
    const bool is_after = now == PHASE_RESET || now == PHASE_AFTER;
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        const struct rule *rule = &rules[i];
        if (rule->service == words->uds->service &&
            (rule->sub == ANY || words->uds->sub == UDS_SUB((unsigned)rule->sub)) &&
            (rule->function == ANY || rule->function == function)) {
            const enum phase next = is_after ? rule->after : rule->before;
            return next != PHASE_LEAVE ? next : now >= PHASE_ENTER ? PHASE_RESET : now;
        }
    }
    return is_after ? PHASE_AFTER : now;
}

/* One life of the master after the other: each begins anew. */
struct walk {
    struct timeline_spans spans;
    enum phase phase;
    sim_ns_t since_ns;
};

static void enter(struct walk *walk, enum phase phase, sim_ns_t at_ns)
{
    if (walk->phase == phase) {
        return;
    }
    at_ns = at_ns > walk->since_ns ? at_ns : walk->since_ns;
    if (walk->phase != PHASE_NONE) {
        timeline_spans_add(&walk->spans, walk->since_ns, at_ns, TONE_PLAIN, names[walk->phase]);
    }
    walk->phase = phase;
    walk->since_ns = at_ns;
}

static void end_life(struct walk *walk, const struct master_seat *seat, size_t life)
{
    const struct master_life *last = &seat->lives[life];
    const sim_ns_t end_ns = last->end == MASTER_RUNS ? seat->cfg.sim->now_ns : last->end_ns;
    enter(walk, PHASE_NONE, end_ns);
}

void timeline_bus_fill_phases(const struct case_world *world, const struct timeline_place *places,
                              size_t len, struct timeline *timeline)
{
    const struct master_seat *seat = &world->seat;
    struct walk walk = {.phase = PHASE_NONE};
    size_t life = 0;
    timeline_spans_init(&walk.spans, 0, 1);
    for (size_t i = 0; i < len && seat->lives_len > 0; i++) {
        const struct bus_message *message = timeline_bus_at(&places[i]);
        struct timeline_words words;
        while (life + 1 < seat->lives_len && message->begin_ns >= seat->lives[life + 1].begin_ns) {
            end_life(&walk, seat, life++);
        }
        if (timeline_bus_is_masters(&places[i]) && message->uds.kind == UDS_KIND_REQUEST) {
            timeline_bus_words(world, &places[i], &words);
            enter(&walk, phase_of(&words, walk.phase != PHASE_NONE ? walk.phase : PHASE_CONNECT),
                  message->begin_ns);
        }
    }
    if (seat->lives_len > 0) {
        end_life(&walk, seat, life);
    }
    timeline_spans_fill(&walk.spans, timeline_add_lane(timeline, LANE_PHASE, ""), PHASES_MAX);
    timeline_spans_release(&walk.spans);
}
