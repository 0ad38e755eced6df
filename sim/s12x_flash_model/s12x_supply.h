/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_supply.h - the supply voltage as a curve, and the chip's thresholds:
 * low-voltage interrupt (LVI), low-voltage reset (LVR), power-on reset (POR). Pure.
 *
 * A curve is a list of points joined by straight lines; it holds its last value. The supervisor
 * walks it and answers "call me again at ..." for the next crossing of a threshold. */
#ifndef SIM_S12X_SUPPLY_H
#define SIM_S12X_SUPPLY_H

#include "sim/base.h"

#include <stdbool.h>

enum { S12X_SUPPLY_POINTS_MAX = 32 };

struct s12x_supply_point {
    sim_ns_t at_ns;
    uint32_t mv;
};

struct s12x_supply_curve {
    struct s12x_supply_point points[S12X_SUPPLY_POINTS_MAX]; /* Times rise strictly. */
    uint8_t len;                                             /* 0: constantly 0 mV. */
};

struct s12x_thresholds {
    uint32_t lvi_assert_mv, lvi_release_mv;
    uint32_t lvr_assert_mv, lvr_release_mv;
    uint32_t por_assert_mv, por_release_mv;
};
/* Appendix A values as docs/fidelity.md cites them: LVI 4230/4380, LVR 3130/3150, POR 900/1200 mV.
 */
extern const struct s12x_thresholds s12x_thresholds_default;

enum s12x_supply_state {
    S12X_SUPPLY_OFF,   /* Below POR: RAM is lost. */
    S12X_SUPPLY_RESET, /* Held in reset by LVR. */
    S12X_SUPPLY_LOW,   /* Runs, LVDS set. */
    S12X_SUPPLY_GOOD,
};

struct s12x_supply {
    struct s12x_supply_curve curve;
    struct s12x_thresholds thresholds;
    enum s12x_supply_state state;
    sim_ns_t at_ns; /* Walked up to here. */
};

uint32_t s12x_supply_mv(const struct s12x_supply *supply, sim_ns_t now_ns);
void s12x_supply_init(struct s12x_supply *supply, const struct s12x_thresholds *thresholds);
/* Replaces the curve from now on; points before now_ns count only for the line they begin. */
void s12x_supply_set_curve(struct s12x_supply *supply, const struct s12x_supply_curve *curve,
                           sim_ns_t now_ns);
/* Brings the state to now_ns, hysteresis included. */
enum s12x_supply_state s12x_supply_advance(struct s12x_supply *supply, sim_ns_t now_ns);
/* The next instant at which the state changes; SIM_NEVER if the curve never crosses again. */
sim_ns_t s12x_supply_next_ns(const struct s12x_supply *supply);

#endif
