/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_turns.c - counts what fits, and chooses. */
#include "inject/inject_turns.h"

#include "sim/trace.h"

#include <stdio.h>

enum { STREAM_CHARS = 128 };

static void note(const struct inject_turns *turns, const char *what, const char *on)
{
    trace_text(turns->sim->cfg.trace, turns->sim->now_ns, TRACE_FAULT, turns->source,
               turns->count.fired, "%s: %s%s", turns->cfg.name, what, on);
}

static void end(struct inject_turns *turns)
{
    if (!turns->over) {
        turns->over = true;
        note(turns, "ends", "");
    }
}

static sim_ns_t end_ns(const struct inject_turns *turns)
{
    return turns->cfg.until_ns != 0 ? turns->cfg.until_ns : SIM_NEVER;
}

/* Begin and end of the window. */
static void on_edge(struct sim *sim, void *ctx)
{
    struct inject_turns *turns = ctx;
    if (sim->now_ns < end_ns(turns)) {
        note(turns, "begins", "");
        sim_schedule(sim, &turns->edge, end_ns(turns));
    } else {
        end(turns);
    }
}

void inject_turns_init(struct inject_turns *turns, struct sim *sim, uint16_t source,
                       const struct inject_turns_cfg *cfg)
{
    char stream[STREAM_CHARS];
    CHECK(cfg->name != NULL);
    *turns = (struct inject_turns){.cfg = *cfg, .sim = sim, .source = source};
    (void)snprintf(stream, sizeof stream, "inject/%s", cfg->name);
    prng_init(&turns->prng, sim->cfg.seed, stream);
    sim_event_init(&turns->edge, SIM_FAULT, on_edge, turns, NULL);
    if (cfg->from_ns > sim->now_ns) {
        sim_schedule(sim, &turns->edge, cfg->from_ns);
        return;
    }
    note(turns, "begins", "");
    const sim_ns_t until_ns = end_ns(turns);
    sim_schedule(sim, &turns->edge, until_ns > sim->now_ns ? until_ns : sim->now_ns);
}

void inject_turns_release(struct inject_turns *turns)
{
    end(turns);
    sim_cancel(turns->sim, &turns->edge);
}

static bool takes_turn(struct inject_turns *turns, sim_ns_t now_ns)
{
    const struct inject_turns_cfg *cfg = &turns->cfg;
    const uint64_t number = turns->count.seen++;
    if (number < cfg->skip || (cfg->every > 1 && (number - cfg->skip) % cfg->every != 0)) {
        return false;
    }
    if (cfg->chance_ppm != 0 && !prng_chance_ppm(&turns->prng, cfg->chance_ppm)) {
        return false;
    }
    return cfg->enabled == NULL || cfg->enabled(cfg->ctx, now_ns);
}

bool inject_turns_choose(struct inject_turns *turns, sim_ns_t now_ns)
{
    const struct inject_turns_cfg *cfg = &turns->cfg;
    const bool spent = cfg->times != 0 && turns->chosen >= cfg->times;
    if (turns->over || spent || now_ns < cfg->from_ns || now_ns >= end_ns(turns) ||
        !takes_turn(turns, now_ns)) {
        return false;
    }
    turns->chosen++;
    return true;
}

void inject_turns_fire(struct inject_turns *turns, sim_ns_t now_ns, const char *on)
{
    if (turns->count.fired++ == 0) {
        turns->count.first_ns = now_ns;
    }
    turns->count.last_ns = now_ns;
    note(turns, "fires on ", on);
    if (turns->cfg.times != 0 && turns->chosen >= turns->cfg.times) {
        end(turns);
    }
}
