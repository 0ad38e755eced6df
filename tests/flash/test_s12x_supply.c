/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_supply.c - thresholds, hysteresis, exact crossing times. */
#include "sim/s12x_flash_model/s12x_supply.h"

#include <criterion/criterion.h>

static void set(struct s12x_supply *supply, const struct s12x_supply_curve *curve)
{
    s12x_supply_init(supply, &s12x_thresholds_default);
    s12x_supply_set_curve(supply, curve, 0);
}

Test(supply, without_a_curve_there_is_no_voltage_and_nothing_to_wait_for)
{
    struct s12x_supply supply;
    s12x_supply_init(&supply, &s12x_thresholds_default);
    cr_assert_eq(s12x_supply_mv(&supply, SIM_S(1)), 0);
    cr_assert_eq(s12x_supply_advance(&supply, SIM_S(1)), S12X_SUPPLY_OFF);
    cr_assert_eq(s12x_supply_next_ns(&supply), SIM_NEVER);
}

Test(supply, voltage_is_linear_between_points_and_held_outside)
{
    struct s12x_supply supply;
    struct s12x_supply_curve curve = {.points = {{SIM_MS(10), 5000}, {SIM_MS(20), 3000}}, .len = 2};
    set(&supply, &curve);
    cr_assert_eq(s12x_supply_mv(&supply, 0), 5000);
    cr_assert_eq(s12x_supply_mv(&supply, SIM_MS(15)), 4000);
    cr_assert_eq(s12x_supply_mv(&supply, SIM_MS(30)), 3000);
}

Test(supply, ramp_up_passes_all_states_at_their_release_levels)
{
    struct s12x_supply supply;
    struct s12x_supply_curve curve = {.points = {{0, 0}, {5000000, 5000}}, .len = 2};
    set(&supply, &curve); /* 1 mV in 1 us. */
    static const struct {
        sim_ns_t at_ns;
        enum s12x_supply_state state;
    } steps[] = {
        {1200000, S12X_SUPPLY_RESET}, {3150000, S12X_SUPPLY_LOW}, {4380000, S12X_SUPPLY_GOOD}};
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        sim_ns_t next_ns = s12x_supply_next_ns(&supply);
        cr_assert_eq(next_ns, steps[i].at_ns, "step %zu at %lu", i, (unsigned long)next_ns);
        cr_assert_neq(s12x_supply_advance(&supply, next_ns - 1), steps[i].state);
        cr_assert_eq(s12x_supply_advance(&supply, next_ns), steps[i].state);
    }
    cr_assert_eq(s12x_supply_next_ns(&supply), SIM_NEVER);
}

Test(supply, hysteresis_keeps_a_state_between_assert_and_release)
{
    struct s12x_supply supply;
    struct s12x_supply_curve curve = {
        .points = {{0, 5000}, {1000000, 4200}, {2000000, 4300}, {3000000, 4250}, {4000000, 4400}},
        .len = 5};
    set(&supply, &curve);
    cr_assert_eq(s12x_supply_advance(&supply, 900000), S12X_SUPPLY_GOOD); /* 4280 mV. */
    cr_assert_eq(s12x_supply_advance(&supply, 1000000), S12X_SUPPLY_LOW);
    cr_assert_eq(s12x_supply_advance(&supply, 2000000), S12X_SUPPLY_LOW);
    sim_ns_t next_ns = s12x_supply_next_ns(&supply);
    cr_assert_eq(s12x_supply_mv(&supply, next_ns), 4380);
    cr_assert_lt(s12x_supply_mv(&supply, next_ns - 1), 4380u);
    cr_assert_eq(s12x_supply_advance(&supply, next_ns), S12X_SUPPLY_GOOD);
}

Test(supply, sudden_loss_goes_through_reset_to_off_within_its_edge)
{
    struct s12x_supply supply;
    struct s12x_supply_curve curve = {.points = {{0, 5000}, {SIM_MS(1), 5000}, {SIM_MS(1) + 1, 0}},
                                      .len = 3};
    set(&supply, &curve);
    cr_assert_eq(s12x_supply_next_ns(&supply), SIM_MS(1) + 1);
    cr_assert_eq(s12x_supply_advance(&supply, SIM_MS(1)), S12X_SUPPLY_GOOD);
    cr_assert_eq(s12x_supply_advance(&supply, SIM_MS(1) + 1), S12X_SUPPLY_OFF);
}

Test(supply, brown_out_to_reset_keeps_ram_above_power_on_reset)
{
    struct s12x_supply supply;
    struct s12x_supply_curve curve = {.points = {{0, 5000}, {1000, 2000}, {2000, 5000}}, .len = 3};
    set(&supply, &curve);
    cr_assert_eq(s12x_supply_advance(&supply, 1000), S12X_SUPPLY_RESET);
    cr_assert_eq(s12x_supply_advance(&supply, 2000), S12X_SUPPLY_GOOD);
}

Test(supply, a_new_curve_counts_from_now)
{
    struct s12x_supply supply;
    struct s12x_supply_curve good = {.points = {{0, 5000}}, .len = 1};
    struct s12x_supply_curve low = {.points = {{0, 4000}}, .len = 1};
    set(&supply, &good);
    cr_assert_eq(s12x_supply_advance(&supply, 500), S12X_SUPPLY_GOOD);
    s12x_supply_set_curve(&supply, &low, 500);
    cr_assert_eq(s12x_supply_advance(&supply, 500), S12X_SUPPLY_LOW);
}
