/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_bus.c - asks the rules of a bus about each frame, and keeps their books. */
#include "inject/inject_bus.h"

#include "inject/fault_note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_BITS = 64, STREAM_CHARS = 128 };

static uint64_t id_bit(uint32_t id)
{
    return UINT64_C(1) << (id % ID_BITS);
}

static void note(const struct inject_rule *rule, const char *what)
{
    fault_note(rule->inject->bus, rule->count.fired, "%s: %s", rule->cfg.name, what);
}

static void end(struct inject_rule *rule)
{
    if (!rule->over) {
        rule->over = true;
        note(rule, "ends");
    }
}

static sim_ns_t until_ns(const struct inject_when *when)
{
    return when->until_ns != 0 ? when->until_ns : SIM_NEVER;
}

/* Notes the edges of the window. */
static void on_edge(struct sim *sim, void *ctx)
{
    struct inject_rule *rule = ctx;
    const sim_ns_t end_ns = until_ns(&rule->cfg.when);
    if (sim->now_ns < end_ns) {
        note(rule, "begins");
        sim_schedule(sim, &rule->edge, end_ns);
    } else {
        end(rule);
    }
}

static bool in_window(const struct inject_rule *rule, sim_ns_t now_ns)
{
    return now_ns >= rule->cfg.when.from_ns && now_ns < until_ns(&rule->cfg.when) && !rule->over;
}

/* The next one that fits: is it hit? Counts it. */
static bool chooses(struct inject_rule *rule, const struct inject_view *view, sim_ns_t now_ns)
{
    const struct inject_when *when = &rule->cfg.when;
    const uint64_t number = rule->count.seen++;
    if (number < when->skip || (when->every > 1 && (number - when->skip) % when->every != 0)) {
        return false;
    }
    if (when->times != 0 && rule->chosen >= when->times) {
        return false;
    }
    if (when->chance_ppm != 0 && !prng_chance_ppm(&rule->prng, when->chance_ppm)) {
        return false;
    }
    return when->enabled == NULL || when->enabled(when->ctx, view, now_ns);
}

static uint64_t channel_bit(const struct inject_view *view)
{
    return UINT64_C(1) << (view->connection * ISOTP_WATCH_CHANNELS + view->watch->channel);
}

/* Whole messages are chosen at their beginning; what follows shares their fate. */
static bool hits_whole(struct inject_rule *rule, const struct inject_view *view, sim_ns_t now_ns)
{
    if (view->watch == NULL || view->watch->message == NULL ||
        view->watch->pci.type == ISOTP_PCI_FLOW_CONTROL) {
        return false;
    }
    const uint64_t bit = channel_bit(view);
    if (view->watch->pci.type == ISOTP_PCI_CONSECUTIVE) {
        return (rule->whole & bit) != 0;
    }
    rule->whole &= ~bit;
    if (!in_window(rule, now_ns) || !inject_rule_fits(rule, view) || !chooses(rule, view, now_ns)) {
        return false;
    }
    rule->whole |= bit;
    rule->chosen++;
    return true;
}

static bool hits(struct inject_rule *rule, const struct inject_view *view, sim_ns_t now_ns)
{
    if (rule->cfg.what.whole) {
        return hits_whole(rule, view, now_ns);
    }
    return in_window(rule, now_ns) && inject_rule_fits(rule, view) && chooses(rule, view, now_ns);
}

static void count_fired(struct inject_rule *rule, const struct inject_view *view, sim_ns_t now_ns)
{
    char text[CAN_TEXT_MAX + 16] = "fires on ";
    if (rule->count.fired++ == 0) {
        rule->count.first_ns = now_ns;
    }
    rule->count.last_ns = now_ns;
    if (trace_on(rule->inject->bus->sim->cfg.trace)) {
        (void)can_frame_print(view->frame, text + strlen(text));
        note(rule, text);
    }
    const bool whole = rule->cfg.what.whole;
    rule->chosen += !whole;
    if (rule->cfg.when.times != 0 && rule->chosen >= rule->cfg.when.times &&
        (!whole || (view->watch != NULL && view->watch->last))) {
        end(rule);
    }
    if (rule->cfg.effect.on_fire != NULL) {
        rule->cfg.effect.on_fire(rule->cfg.effect.ctx, view, now_ns);
    }
}

static bool look(struct inject_bus *inject, const struct can_frame *frame,
                 struct isotp_watch_view *watch, size_t *connection)
{
    if ((inject->watched_ids & id_bit(frame->id)) == 0) {
        return false;
    }
    for (size_t i = 0; i < inject->watches_len; i++) {
        if (isotp_watch_on_frame(inject->watches[i], frame, watch)) {
            *connection = i;
            return true;
        }
    }
    return false;
}

enum { CLASS_OTHER, CLASS_WATCHED, PCI_TYPES = 4, CLASSES = CLASS_WATCHED + 2 * PCI_TYPES };

/* Frames of no connection, and those of each type in each direction. */
static unsigned class_of(const struct isotp_watch_view *watch)
{
    if (watch == NULL) {
        return CLASS_OTHER;
    }
    const unsigned answers = watch->channel == ISOTP_WATCH_RESPONSE ? PCI_TYPES : 0;
    return CLASS_WATCHED + answers + watch->pci.type;
}

static bool may_hit(const struct inject_rule_cfg *cfg, unsigned class)
{
    const unsigned parts = cfg->what.parts;
    const bool answer = class >= CLASS_WATCHED + PCI_TYPES;
    if (class == CLASS_OTHER) {
        return parts == 0 && cfg->what.service == 0 && cfg->where.way == INJECT_ANY_WAY;
    }
    if (cfg->where.way != INJECT_ANY_WAY && answer != (cfg->where.way == INJECT_TO_TESTER)) {
        return false;
    }
    const unsigned type = (class - CLASS_WATCHED) % PCI_TYPES;
    return parts == 0 || cfg->what.whole || (parts & INJECT_LAST) != 0 || (parts >> type & 1) != 0;
}

static struct inject_glance glance_at(const struct inject_rule_cfg *cfg)
{
    struct inject_glance glance = {.service = cfg->what.service};
    for (unsigned class = 0; class < CLASSES; class ++) {
        glance.classes = (uint16_t)(glance.classes | may_hit(cfg, class) << class);
    }
    return glance;
}

static uint64_t hit_by(struct inject_bus *inject, const struct inject_view *view, sim_ns_t now_ns)
{
    const unsigned class = class_of(view->watch);
    const bool message = view->watch != NULL && view->watch->message != NULL;
    const uint8_t service = message ? view->watch->message->uds.service : 0;
    uint64_t hit = 0;
    for (size_t i = 0; i < inject->rules_len; i++) {
        const struct inject_glance *glance = &inject->glances[i];
        if ((glance->classes >> class & 1) != 0 &&
            (glance->service == 0 || glance->service == service)) {
            hit |= (uint64_t)hits(inject->rules[i], view, now_ns) << i;
        }
    }
    return hit;
}

/* A duplicate takes nothing from the frame. */
static bool strikes(const struct inject_effect *effect)
{
    return effect->lose || effect->delay_ns != 0 || effect->delay_jitter_ns != 0 || effect->swap ||
           effect->damage || effect->changes[0].mask != 0 || effect->len != 0;
}

/* All rules are asked before any changes the frame. */
static void ask_rules(struct inject_bus *inject, const struct inject_view *view,
                      struct can_frame *frame, struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    uint64_t hit = hit_by(inject, view, now_ns);
    if (hit == 0) {
        return;
    }
    const struct can_frame sent = *frame;
    const struct inject_view before = {.sender = view->sender,
                                       .frame = &sent,
                                       .watch = view->watch,
                                       .connection = view->connection,
                                       .retransmitted = view->retransmitted};
    bool struck = false;
    bool lost = false;
    for (; hit != 0; hit &= hit - 1) {
        struct inject_rule *rule = inject->rules[__builtin_ctzll(hit)];
        if (inject_rule_apply(rule, &before, frame, verdict)) {
            count_fired(rule, &before, now_ns);
            struck = struck || strikes(&rule->cfg.effect);
            lost = lost || rule->cfg.effect.lose || rule->cfg.effect.damage;
        }
    }
    if (struck && view->watch != NULL && inject->on_struck != NULL) {
        inject->on_struck(inject->ctx, &before, lost, now_ns);
    }
}

static void on_transmit(void *ctx, const struct can_node *sender, struct can_frame *frame,
                        struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    struct inject_bus *inject = ctx;
    struct isotp_watch_view watch;
    struct inject_view view = {
        .sender = sender, .frame = frame, .retransmitted = can_node_retransmits(sender)};
    if (look(inject, frame, &watch, &view.connection)) {
        view.watch = &watch;
        if (inject->on_view != NULL) {
            inject->on_view(inject->ctx, &view, now_ns);
        }
    }
    if (inject->rules_len != 0) {
        ask_rules(inject, &view, frame, verdict, now_ns);
    }
}

void inject_bus_init(struct inject_bus *inject, struct can_bus *bus)
{
    memset(inject, 0, sizeof *inject);
    inject->bus = bus;
    inject->tap = (struct can_tap){.ctx = inject, .on_transmit = on_transmit};
    can_bus_add_tap(bus, &inject->tap);
}

void inject_bus_release(struct inject_bus *inject)
{
    while (inject->rules_len > 0) {
        inject_bus_remove(inject->rules[inject->rules_len - 1]);
    }
    for (size_t i = 0; i < inject->watches_len; i++) {
        free(inject->watches[i]);
    }
    inject->watches_len = 0;
    can_bus_remove_tap(inject->bus, &inject->tap);
}

size_t inject_bus_watch(struct inject_bus *inject, const struct isotp_watch_cfg *cfg)
{
    CHECK(inject->watches_len < INJECT_CONNECTIONS_MAX);
    struct isotp_watch *watch = malloc(sizeof *watch);
    CHECK(watch != NULL);
    isotp_watch_init(watch, cfg);
    inject->watched_ids |= id_bit(cfg->request.id) | id_bit(cfg->response.id);
    if (cfg->has_functional) {
        inject->watched_ids |= id_bit(cfg->functional.id);
    }
    inject->watches[inject->watches_len] = watch;
    return inject->watches_len++;
}

void inject_bus_add(struct inject_bus *inject, struct inject_rule *rule,
                    const struct inject_rule_cfg *cfg)
{
    struct sim *sim = inject->bus->sim;
    char stream[STREAM_CHARS];
    CHECK(inject->rules_len < INJECT_RULES_MAX && cfg->name != NULL);
    *rule = (struct inject_rule){.cfg = *cfg, .inject = inject};
    (void)snprintf(stream, sizeof stream, "inject/%s", cfg->name);
    prng_init(&rule->prng, sim->cfg.seed, stream);
    sim_event_init(&rule->edge, SIM_FAULT, on_edge, rule, NULL);
    inject->glances[inject->rules_len] = glance_at(cfg);
    inject->rules[inject->rules_len++] = rule;
    if (cfg->when.from_ns > sim->now_ns) {
        sim_schedule(sim, &rule->edge, cfg->when.from_ns);
        return;
    }
    note(rule, "begins");
    const sim_ns_t end_ns = until_ns(&cfg->when);
    sim_schedule(sim, &rule->edge, end_ns > sim->now_ns ? end_ns : sim->now_ns);
}

static size_t place_of(const struct inject_rule *rule)
{
    const struct inject_bus *inject = rule->inject;
    size_t at = 0;
    while (inject->rules[at] != rule) {
        at++;
        CHECK(at < inject->rules_len);
    }
    return at;
}

void inject_bus_remove(struct inject_rule *rule)
{
    struct inject_bus *inject = rule->inject;
    const size_t at = place_of(rule);
    end(rule);
    sim_cancel(inject->bus->sim, &rule->edge);
    inject->rules_len--;
    memmove(&inject->rules[at], &inject->rules[at + 1],
            (inject->rules_len - at) * sizeof(struct inject_rule *));
    memmove(&inject->glances[at], &inject->glances[at + 1],
            (inject->rules_len - at) * sizeof inject->glances[0]);
    rule->inject = NULL;
}
