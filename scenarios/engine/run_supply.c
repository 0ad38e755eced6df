/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_supply.c - walks the faults of a supply from bend to bend: between two bends
 * the voltage is one straight line, and the ECU is given that line only. */
#include "scenarios/engine/run_supply.h"

#include "sim/trace.h"

/* Between a and b, where a < b, on the way from one voltage to another. */
static uint32_t between_mv(sim_ns_t a_ns, uint32_t a_mv, sim_ns_t b_ns, uint32_t b_mv,
                           sim_ns_t at_ns)
{
    double share = (double)(at_ns - a_ns) / (double)(b_ns - a_ns);
    return (uint32_t)((double)a_mv + share * ((double)b_mv - (double)a_mv) + 0.5);
}

static bool is_over(const struct run_supply_line *line, sim_ns_t now_ns)
{
    return line->len == 0 || line->points[line->len - 1].at_ns <= now_ns;
}

/* What a fault asks for; false before its begin, and from its end on. */
static bool asks(const struct run_supply_line *line, sim_ns_t at_ns, uint32_t *mv)
{
    if (is_over(line, at_ns) || at_ns < line->points[0].at_ns) {
        return false;
    }
    size_t i = line->len - 2;
    while (line->points[i].at_ns > at_ns) {
        i--;
    }
    const struct s12x_supply_point *a = &line->points[i];
    const struct s12x_supply_point *b = &line->points[i + 1];
    *mv = a->mv == b->mv ? a->mv : between_mv(a->at_ns, a->mv, b->at_ns, b->mv, at_ns);
    return true;
}

static uint32_t merged_mv(const struct run_supply *supply, sim_ns_t at_ns)
{
    uint32_t lowest_mv = UINT32_MAX;
    for (size_t i = 0; i < RUN_SUPPLY_FAULTS_MAX; i++) {
        uint32_t mv = 0;
        if (asks(&supply->lines[i], at_ns, &mv) && mv < lowest_mv) {
            lowest_mv = mv;
        }
    }
    return lowest_mv != UINT32_MAX ? lowest_mv : supply->nominal_mv;
}

static sim_ns_t next_corner_ns(const struct run_supply *supply, sim_ns_t now_ns)
{
    sim_ns_t next_ns = SIM_NEVER;
    for (size_t i = 0; i < RUN_SUPPLY_FAULTS_MAX; i++) {
        const struct run_supply_line *line = &supply->lines[i];
        for (size_t k = 0; k < line->len; k++) {
            if (line->points[k].at_ns > now_ns) {
                next_ns = sim_min_ns(next_ns, line->points[k].at_ns);
            }
        }
    }
    return next_ns;
}

/* Where other, above one now, comes to lie below it; end_ns if it does not before. Both are
 * straight until then. */
static sim_ns_t crossing_ns(const struct run_supply_line *one, const struct run_supply_line *other,
                            sim_ns_t now_ns, sim_ns_t end_ns)
{
    uint32_t a_now = 0, a_end = 0, b_now = 0, b_end = 0;
    if (end_ns - now_ns < 2 || !asks(one, now_ns, &a_now) || !asks(other, now_ns, &b_now) ||
        !asks(one, end_ns - 1, &a_end) || !asks(other, end_ns - 1, &b_end) || a_now >= b_now ||
        a_end <= b_end) {
        return end_ns;
    }
    double before = (double)b_now - (double)a_now;
    double after = (double)a_end - (double)b_end;
    sim_ns_t at_ns = now_ns + (sim_ns_t)((double)(end_ns - 1 - now_ns) * before / (before + after));
    return at_ns > now_ns ? at_ns : now_ns + 1;
}

/* The next instant at which the lowest line is another one, or bends or jumps. */
static sim_ns_t next_bend_ns(const struct run_supply *supply, sim_ns_t now_ns)
{
    sim_ns_t corner_ns = next_corner_ns(supply, now_ns);
    sim_ns_t next_ns = corner_ns;
    for (size_t i = 0; corner_ns != SIM_NEVER && i < RUN_SUPPLY_FAULTS_MAX; i++) {
        for (size_t k = 0; k < RUN_SUPPLY_FAULTS_MAX; k++) {
            next_ns = sim_min_ns(
                next_ns, crossing_ns(&supply->lines[i], &supply->lines[k], now_ns, corner_ns));
        }
    }
    return next_ns;
}

static void draw_line(struct sim *sim, void *ctx)
{
    struct run_supply *supply = ctx;
    sim_ns_t now_ns = sim->now_ns;
    sim_ns_t next_ns = next_bend_ns(supply, now_ns);
    struct s12x_supply_curve curve = {.points = {{now_ns, merged_mv(supply, now_ns)}}, .len = 1};
    if (next_ns != SIM_NEVER && next_ns > now_ns + 1) {
        curve.points[curve.len++] =
            (struct s12x_supply_point){next_ns - 1, merged_mv(supply, next_ns - 1)};
    }
    ecu_set_supply(supply->ecu, &curve);
    if (next_ns != SIM_NEVER) {
        sim_schedule(sim, &supply->event, next_ns);
    }
}

void run_supply_init(struct run_supply *supply, struct ecu *ecu, uint32_t nominal_mv)
{
    *supply = (struct run_supply){.ecu = ecu, .nominal_mv = nominal_mv};
    sim_event_init(&supply->event, SIM_FAULT, draw_line, supply, NULL);
}

void run_supply_release(struct run_supply *supply)
{
    sim_cancel(supply->ecu->sim, &supply->event);
}

/* Null: all places are taken. */
static const struct run_supply_line *free_place(const struct run_supply *supply)
{
    for (size_t i = 0; i < RUN_SUPPLY_FAULTS_MAX; i++) {
        if (is_over(&supply->lines[i], supply->ecu->sim->now_ns)) {
            return &supply->lines[i];
        }
    }
    return NULL;
}

bool run_supply_has_room(const struct run_supply *supply)
{
    return free_place(supply) != NULL;
}

uint64_t run_supply_begin_line(struct run_supply *supply, const struct run_supply_line *line)
{
    struct sim *sim = supply->ecu->sim;
    const struct run_supply_line *place = free_place(supply);
    CHECK(place != NULL && line->len >= 2 && line->points[0].at_ns == sim->now_ns);
    struct run_supply_line *mine = &supply->lines[place - supply->lines];
    *mine = *line;
    mine->number = ++supply->begun;
    draw_line(sim, supply);
    return mine->number;
}

void run_supply_end(struct run_supply *supply, uint64_t number)
{
    struct sim *sim = supply->ecu->sim;
    for (size_t i = 0; i < RUN_SUPPLY_FAULTS_MAX; i++) {
        struct run_supply_line *line = &supply->lines[i];
        if (line->number == number && !is_over(line, sim->now_ns)) {
            line->len = 0;
            draw_line(sim, supply);
        }
    }
}

static struct run_supply_line trapezium(const struct run_supply_fault *fault, uint32_t nominal_mv)
{
    const sim_ns_t down_ns = fault->begin_ns + fault->ramp_ns;
    const sim_ns_t up_ns = down_ns + fault->for_ns;
    return (struct run_supply_line){.points = {{fault->begin_ns, nominal_mv},
                                               {down_ns, fault->level_mv},
                                               {up_ns, fault->level_mv},
                                               {up_ns + fault->ramp_ns, nominal_mv}},
                                    .len = 4};
}

sim_ns_t run_supply_begin(struct run_supply *supply, const struct run_supply_fault *fault)
{
    struct sim *sim = supply->ecu->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, 0, fault->level_mv,
               "supply to %u mV for %u ms", fault->level_mv, (unsigned)(fault->for_ns / 1000000u));
    const struct run_supply_line line = trapezium(fault, supply->nominal_mv);
    (void)run_supply_begin_line(supply, &line);
    return line.points[line.len - 1].at_ns;
}
