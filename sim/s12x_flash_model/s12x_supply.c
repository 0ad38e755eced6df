/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_supply.c - thresholds crossed by a line of points. */
#include "sim/s12x_flash_model/s12x_supply.h"

/* Recalled from MC9S12XEP100RMV1 Appendix A with low confidence (docs/fidelity.md). */
const struct s12x_thresholds s12x_thresholds_default = {
    .lvi_assert_mv = 4230,
    .lvi_release_mv = 4380,
    .lvr_assert_mv = 3130,
    .lvr_release_mv = 3150,
    .por_assert_mv = 900,
    .por_release_mv = 1200,
};

static uint32_t line_mv(const struct s12x_supply_point *a, const struct s12x_supply_point *b,
                        sim_ns_t now_ns)
{
    __extension__ typedef __int128 wide;
    wide rise = (wide)b->mv - (wide)a->mv;
    wide part = rise * (wide)(now_ns - a->at_ns) / (wide)(b->at_ns - a->at_ns);
    return (uint32_t)((wide)a->mv + part);
}

uint32_t s12x_supply_mv(const struct s12x_supply *supply, sim_ns_t now_ns)
{
    const struct s12x_supply_curve *curve = &supply->curve;
    if (curve->len == 0) {
        return 0;
    }
    if (now_ns <= curve->points[0].at_ns) {
        return curve->points[0].mv;
    }
    for (uint8_t i = 1; i < curve->len; i++) {
        if (now_ns < curve->points[i].at_ns) {
            return line_mv(&curve->points[i - 1], &curve->points[i], now_ns);
        }
    }
    return curve->points[curve->len - 1].mv;
}

/* The voltage below which a state is left downwards, 0 if never. */
static uint32_t fall_mv(const struct s12x_supply *supply)
{
    switch (supply->state) {
    case S12X_SUPPLY_OFF: return 0;
    case S12X_SUPPLY_RESET: return supply->thresholds.por_assert_mv;
    case S12X_SUPPLY_LOW: return supply->thresholds.lvr_assert_mv;
    case S12X_SUPPLY_GOOD: return supply->thresholds.lvi_assert_mv;
    }
    return 0;
}

/* The voltage at which a state is left upwards, UINT32_MAX if never. */
static uint32_t rise_mv(const struct s12x_supply *supply)
{
    switch (supply->state) {
    case S12X_SUPPLY_OFF: return supply->thresholds.por_release_mv;
    case S12X_SUPPLY_RESET: return supply->thresholds.lvr_release_mv;
    case S12X_SUPPLY_LOW: return supply->thresholds.lvi_release_mv;
    case S12X_SUPPLY_GOOD: return UINT32_MAX;
    }
    return UINT32_MAX;
}

/* Takes all steps that this voltage asks for. */
static void settle(struct s12x_supply *supply, uint32_t mv)
{
    while (supply->state > S12X_SUPPLY_OFF && mv < fall_mv(supply)) {
        supply->state--;
    }
    while (supply->state < S12X_SUPPLY_GOOD && mv >= rise_mv(supply)) {
        supply->state++;
    }
}

/* First instant in (from_ns, last] at which the line from a to b is below low or at least high. */
static sim_ns_t crossing_ns(const struct s12x_supply_point *a, const struct s12x_supply_point *b,
                            sim_ns_t from_ns, uint32_t low, uint32_t high)
{
    if (b->mv >= low && b->mv < high) {
        return SIM_NEVER;
    }
    /* A line is monotonic: halve until the instant is exact to the nanosecond. */
    sim_ns_t outside = b->at_ns;
    sim_ns_t inside = a->at_ns > from_ns ? a->at_ns : from_ns;
    while (outside - inside > 1) {
        sim_ns_t middle = inside + (outside - inside) / 2;
        uint32_t mv = line_mv(a, b, middle);
        if (mv < low || mv >= high) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    return outside;
}

sim_ns_t s12x_supply_next_ns(const struct s12x_supply *supply)
{
    const struct s12x_supply_curve *curve = &supply->curve;
    uint32_t low = fall_mv(supply);
    uint32_t high = rise_mv(supply);
    for (uint8_t i = 1; i < curve->len; i++) {
        if (curve->points[i].at_ns <= supply->at_ns) {
            continue;
        }
        sim_ns_t at_ns =
            crossing_ns(&curve->points[i - 1], &curve->points[i], supply->at_ns, low, high);
        if (at_ns != SIM_NEVER) {
            return at_ns;
        }
    }
    return SIM_NEVER;
}

void s12x_supply_init(struct s12x_supply *supply, const struct s12x_thresholds *thresholds)
{
    CHECK(thresholds->por_assert_mv < thresholds->por_release_mv);
    CHECK(thresholds->por_release_mv <= thresholds->lvr_assert_mv);
    CHECK(thresholds->lvr_assert_mv < thresholds->lvr_release_mv);
    CHECK(thresholds->lvr_release_mv <= thresholds->lvi_assert_mv);
    CHECK(thresholds->lvi_assert_mv < thresholds->lvi_release_mv);
    *supply = (struct s12x_supply){.thresholds = *thresholds, .state = S12X_SUPPLY_OFF};
}

void s12x_supply_set_curve(struct s12x_supply *supply, const struct s12x_supply_curve *curve,
                           sim_ns_t now_ns)
{
    CHECK(curve->len <= S12X_SUPPLY_POINTS_MAX);
    for (uint8_t i = 1; i < curve->len; i++) {
        CHECK(curve->points[i].at_ns > curve->points[i - 1].at_ns);
    }
    s12x_supply_advance(supply, now_ns);
    supply->curve = *curve;
    settle(supply, s12x_supply_mv(supply, now_ns));
}

enum s12x_supply_state s12x_supply_advance(struct s12x_supply *supply, sim_ns_t now_ns)
{
    CHECK(now_ns >= supply->at_ns);
    sim_ns_t next_ns = s12x_supply_next_ns(supply);
    while (next_ns <= now_ns) {
        supply->at_ns = next_ns;
        settle(supply, s12x_supply_mv(supply, next_ns));
        next_ns = s12x_supply_next_ns(supply);
    }
    supply->at_ns = now_ns;
    return supply->state;
}
