/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_supply.c - walks the faults of a supply from bend to bend: between two bends
 * the voltage is one straight line, and the ECU is given that line only. */
#include "scenarios/engine/run_supply.h"

#include "sim/trace.h"

enum { CORNERS = 4 };

static void corners_of(const struct run_supply_fault *fault, sim_ns_t corners[CORNERS])
{
    corners[0] = fault->begin_ns;
    corners[1] = corners[0] + fault->ramp_ns;
    corners[2] = corners[1] + fault->for_ns;
    corners[3] = corners[2] + fault->ramp_ns;
}

/* Between a and b, where a < b, on the way from one voltage to another. */
static uint32_t between_mv(sim_ns_t a_ns, uint32_t a_mv, sim_ns_t b_ns, uint32_t b_mv,
                           sim_ns_t at_ns)
{
    double share = (double)(at_ns - a_ns) / (double)(b_ns - a_ns);
    return (uint32_t)((double)a_mv + share * ((double)b_mv - (double)a_mv) + 0.5);
}

/* What a fault asks for; false before its begin, and from its end on. */
static bool asks(const struct run_supply *supply, const struct run_supply_fault *fault,
                 sim_ns_t at_ns, uint32_t *mv)
{
    sim_ns_t corners[CORNERS];
    corners_of(fault, corners);
    if (at_ns < corners[0] || at_ns >= corners[3]) {
        return false;
    }
    *mv = fault->level_mv;
    if (at_ns < corners[1]) {
        *mv = between_mv(corners[0], supply->nominal_mv, corners[1], fault->level_mv, at_ns);
    } else if (at_ns >= corners[2]) {
        *mv = between_mv(corners[2], fault->level_mv, corners[3], supply->nominal_mv, at_ns);
    }
    return true;
}

static uint32_t merged_mv(const struct run_supply *supply, sim_ns_t at_ns)
{
    uint32_t lowest_mv = UINT32_MAX;
    for (size_t i = 0; i < supply->faults_len; i++) {
        uint32_t mv = 0;
        if (asks(supply, &supply->faults[i], at_ns, &mv) && mv < lowest_mv) {
            lowest_mv = mv;
        }
    }
    return lowest_mv != UINT32_MAX ? lowest_mv : supply->nominal_mv;
}

static sim_ns_t next_corner_ns(const struct run_supply *supply, sim_ns_t now_ns)
{
    sim_ns_t next_ns = SIM_NEVER;
    for (size_t i = 0; i < supply->faults_len; i++) {
        sim_ns_t corners[CORNERS];
        corners_of(&supply->faults[i], corners);
        for (size_t k = 0; k < CORNERS; k++) {
            if (corners[k] > now_ns) {
                next_ns = sim_min_ns(next_ns, corners[k]);
            }
        }
    }
    return next_ns;
}

/* Where other, above one now, comes to lie below it; end_ns if it does not before. Both are
 * straight until then. */
static sim_ns_t crossing_ns(const struct run_supply *supply, const struct run_supply_fault *one,
                            const struct run_supply_fault *other, sim_ns_t now_ns, sim_ns_t end_ns)
{
    uint32_t a_now = 0, a_end = 0, b_now = 0, b_end = 0;
    if (end_ns - now_ns < 2 || !asks(supply, one, now_ns, &a_now) ||
        !asks(supply, other, now_ns, &b_now) || !asks(supply, one, end_ns - 1, &a_end) ||
        !asks(supply, other, end_ns - 1, &b_end) || a_now >= b_now || a_end <= b_end) {
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
    for (size_t i = 0; corner_ns != SIM_NEVER && i < supply->faults_len; i++) {
        for (size_t k = 0; k < supply->faults_len; k++) {
            next_ns = sim_min_ns(next_ns, crossing_ns(supply, &supply->faults[i],
                                                      &supply->faults[k], now_ns, corner_ns));
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

sim_ns_t run_supply_begin(struct run_supply *supply, const struct run_supply_fault *fault)
{
    CHECK(supply->faults_len < RUN_SUPPLY_FAULTS_MAX);
    struct sim *sim = supply->ecu->sim;
    CHECK(fault->begin_ns == sim->now_ns);
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, 0, fault->level_mv,
               "supply to %u mV for %u ms", fault->level_mv, (unsigned)(fault->for_ns / 1000000u));
    supply->faults[supply->faults_len++] = *fault;
    draw_line(sim, supply);
    return fault->begin_ns + 2 * fault->ramp_ns + fault->for_ns;
}
