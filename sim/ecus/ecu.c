/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/ecu.c - the base of every virtual ECU: walks the supply curve and sequences resets. */
#include "sim/ecus/ecu.h"

#include "sim/trace.h"

#include <string.h>

const char *ecu_reset_cause_name(enum ecu_reset_cause cause)
{
    static const char *const names[] = {"power-on", "low voltage", "software", "watchdog",
                                        "external"};
    CHECK((size_t)cause < ARRAY_SIZE(names));
    return names[cause];
}

const char *ecu_run_name(enum ecu_run run)
{
    static const char *const names[] = {"off", "reset", "bootloader", "application"};
    CHECK((size_t)run < ARRAY_SIZE(names));
    return names[run];
}

uint32_t ecu_vdd_mv(uint32_t battery_mv)
{
    if (battery_mv <= ECU_DROPOUT_MV) {
        return 0;
    }
    uint32_t mv = battery_mv - ECU_DROPOUT_MV;
    return mv < ECU_VDD_MV ? mv : ECU_VDD_MV;
}

uint32_t ecu_supply_mv(const struct ecu *ecu)
{
    return s12x_supply_mv(&ecu->supply, ecu->sim->now_ns);
}

void ecu_enter(struct ecu *ecu, enum ecu_run run)
{
    if (ecu->run == run) {
        return;
    }
    ecu->run = run;
    trace_text(ecu->sim->cfg.trace, ecu->sim->now_ns, TRACE_ECU, ecu->source, (uint64_t)run, "%s",
               ecu_run_name(run));
}

static void stop(struct ecu *ecu, bool power_lost)
{
    if (ecu->run == ECU_OFF) {
        return;
    }
    ecu->type->halt(ecu, power_lost, ecu->sim->now_ns);
    sim_cancel_owner(ecu->sim, &ecu->owner);
    /* In reset the controller's pins are recessive inputs, as without power. */
    can_node_set_power(&ecu->node, false);
    ecu_enter(ecu, power_lost ? ECU_OFF : ECU_IN_RESET);
}

static void begin(struct ecu *ecu)
{
    struct trace *trace = ecu->sim->cfg.trace;
    const char *cause = ecu_reset_cause_name(ecu->reset_cause);
    ecu->resets++;
    trace_emit(trace, ecu->sim->now_ns, TRACE_RESET, ecu->source,
               &(uint64_t){(uint64_t)ecu->reset_cause}, cause, strlen(cause));
    ecu_enter(ecu, ECU_IN_RESET);
    ecu->type->start(ecu, ecu->reset_cause, ecu->sim->now_ns);
}

static bool runs_at(enum s12x_supply_state state)
{
    return state == S12X_SUPPLY_LOW || state == S12X_SUPPLY_GOOD;
}

static void supply_moved(struct ecu *ecu, enum s12x_supply_state from, enum s12x_supply_state to)
{
    if (from == S12X_SUPPLY_OFF) {
        ecu->reset_cause = ECU_RESET_POWER_ON;
    }
    if (to == S12X_SUPPLY_OFF) {
        stop(ecu, true);
    } else if (to == S12X_SUPPLY_RESET && runs_at(from)) {
        ecu->reset_cause = ECU_RESET_LOW_VOLTAGE;
        stop(ecu, false);
    } else if (runs_at(to) && !runs_at(from)) {
        begin(ecu);
    } else if (to == S12X_SUPPLY_RESET) {
        ecu_enter(ecu, ECU_IN_RESET);
    }
}

/* The first instant after now_ns at which the curve is on the other side of mv. */
static sim_ns_t next_crossing_ns(const struct s12x_supply_curve *curve, uint32_t mv,
                                 sim_ns_t now_ns)
{
    for (uint8_t i = 0; i + 1 < curve->len; i++) {
        const struct s12x_supply_point *a = &curve->points[i];
        const struct s12x_supply_point *b = &curve->points[i + 1];
        if (b->at_ns <= now_ns || (a->mv < mv) == (b->mv < mv)) {
            continue;
        }
        uint64_t whole = a->mv > b->mv ? a->mv - b->mv : b->mv - a->mv;
        uint64_t part = a->mv > b->mv ? a->mv - mv + 1u : mv - a->mv;
        double share = (double)part / (double)whole;
        sim_ns_t at_ns = a->at_ns + 1u + (sim_ns_t)(share * (double)(b->at_ns - a->at_ns));
        at_ns = sim_min_ns(at_ns, b->at_ns);
        if (at_ns > now_ns) {
            return at_ns;
        }
    }
    return SIM_NEVER;
}

static sim_ns_t next_point_ns(const struct s12x_supply_curve *curve, sim_ns_t now_ns)
{
    for (uint8_t i = 0; i < curve->len; i++) {
        if (curve->points[i].at_ns > now_ns) {
            return curve->points[i].at_ns;
        }
    }
    return SIM_NEVER;
}

static void supply_walk(struct sim *sim, void *ctx)
{
    struct ecu *ecu = ctx;
    enum s12x_supply_state from = ecu->supply_state;
    enum s12x_supply_state to = s12x_supply_advance(&ecu->supply, sim->now_ns);
    uint32_t mv = ecu_supply_mv(ecu);

    trace_emit(sim->cfg.trace, sim->now_ns, TRACE_SUPPLY, ecu->source, &(uint64_t){mv}, NULL, 0);
    if (runs_at(from)) {
        ecu->type->supply(ecu, mv, sim->now_ns);
    }
    ecu->supply_state = to;
    if (from != to) {
        supply_moved(ecu, from, to);
    }
    sim_ns_t next_ns = sim_min_ns(s12x_supply_next_ns(&ecu->supply),
                                  next_point_ns(&ecu->supply.curve, sim->now_ns));
    next_ns = sim_min_ns(next_ns, next_crossing_ns(&ecu->supply.curve, ecu->watch_mv, sim->now_ns));
    sim_schedule(sim, &ecu->supply_event, next_ns);
}

void ecu_set_supply(struct ecu *ecu, const struct s12x_supply_curve *curve)
{
    s12x_supply_set_curve(&ecu->supply, curve, ecu->sim->now_ns);
    sim_schedule(ecu->sim, &ecu->supply_event, ecu->sim->now_ns);
}

void ecu_power_on(struct ecu *ecu, uint32_t mv)
{
    struct s12x_supply_curve curve = {.points = {{ecu->sim->now_ns, mv}}, .len = 1};
    ecu_set_supply(ecu, &curve);
}

void ecu_power_off(struct ecu *ecu)
{
    ecu_power_on(ecu, 0);
}

void ecu_power_cut(struct ecu *ecu, sim_ns_t off_ns)
{
    sim_ns_t now_ns = ecu->sim->now_ns;
    uint32_t mv = ecu_supply_mv(ecu);
    sim_ns_t last_off_ns = now_ns + (off_ns > 0 ? off_ns : 1u);
    struct s12x_supply_curve curve = {
        .points = {{now_ns, 0}, {last_off_ns, 0}, {last_off_ns + 1u, mv}}, .len = 3};
    ecu_set_supply(ecu, &curve);
}

static void reset_now(struct sim *sim, void *ctx)
{
    struct ecu *ecu = ctx;
    (void)sim;
    if (!runs_at(ecu->supply_state)) {
        return; /* The supply holds it in reset anyway, for a cause of its own. */
    }
    stop(ecu, false);
    begin(ecu);
}

void ecu_reset(struct ecu *ecu, enum ecu_reset_cause cause)
{
    if (!runs_at(ecu->supply_state)) {
        return;
    }
    ecu->reset_cause = cause;
    sim_schedule(ecu->sim, &ecu->reset_event, ecu->sim->now_ns);
}

static struct s12x_thresholds battery_thresholds(void)
{
    struct s12x_thresholds t = s12x_thresholds_default;
    t.lvi_assert_mv += ECU_DROPOUT_MV;
    t.lvi_release_mv += ECU_DROPOUT_MV;
    t.lvr_assert_mv += ECU_DROPOUT_MV;
    t.lvr_release_mv += ECU_DROPOUT_MV;
    t.por_assert_mv += ECU_DROPOUT_MV;
    t.por_release_mv += ECU_DROPOUT_MV;
    return t;
}

void ecu_init(struct ecu *ecu, const struct ecu_type *type, const char *name, struct sim *sim,
              struct can_bus *bus, const struct can_node_cfg *node_cfg)
{
    CHECK(type != NULL && name != NULL && sim != NULL && bus != NULL);
    struct s12x_thresholds thresholds = battery_thresholds();
    struct can_node_cfg cfg = *node_cfg;
    cfg.name = name;
    ecu->type = type;
    ecu->name = name;
    ecu->sim = sim;
    ecu->bus = bus;
    ecu->source = sim->cfg.trace != NULL ? trace_source(sim->cfg.trace, name) : 0;
    ecu->run = ECU_OFF;
    ecu->supply_state = S12X_SUPPLY_OFF;
    s12x_supply_init(&ecu->supply, &thresholds);
    sim_event_init(&ecu->supply_event, SIM_POWER, supply_walk, ecu, NULL);
    sim_event_init(&ecu->reset_event, SIM_POWER, reset_now, ecu, NULL);
    can_node_init(&ecu->node, &cfg);
    can_bus_attach(bus, &ecu->node);
    can_node_set_power(&ecu->node, false);
}

void ecu_free(struct ecu *ecu)
{
    if (ecu == NULL) {
        return;
    }
    sim_cancel(ecu->sim, &ecu->supply_event);
    sim_cancel(ecu->sim, &ecu->reset_event);
    sim_cancel_owner(ecu->sim, &ecu->owner);
    can_bus_detach(ecu->bus, &ecu->node);
    ecu->type->free(ecu);
}
