/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/ecu.h - what every virtual ECU has: a name, a supply, a place on a bus, and an owner of
 * its pending events, so that taking its power away is one call.
 *
 * A kind of ECU is a const row of operations (struct ecu_type) with struct ecu as the first member
 * of its own struct. Models never know that they are attacked: supply curve, bus taps and flash
 * hooks are where injections enter. */
#ifndef SIM_ECU_H
#define SIM_ECU_H

#include "sim/can/can_bus.h"
#include "sim/s12x_flash_model/s12x_supply.h"
#include "sim/sim.h"

struct ecu;

enum ecu_reset_cause {
    ECU_RESET_POWER_ON,
    ECU_RESET_LOW_VOLTAGE,
    ECU_RESET_SOFTWARE,
    ECU_RESET_WATCHDOG,
    ECU_RESET_EXTERNAL
};
const char *ecu_reset_cause_name(enum ecu_reset_cause cause);

/* What runs in it; data for traces, tests and the judge. */
enum ecu_run { ECU_OFF, ECU_IN_RESET, ECU_BOOTLOADER, ECU_APPLICATION };
const char *ecu_run_name(enum ecu_run run);

struct ecu_type {
    const char *name;
    /* Reset has been released: begin. */
    void (*start)(struct ecu *ecu, enum ecu_reset_cause cause, sim_ns_t now_ns);
    /* Reset is asserted, or power is gone (then RAM is lost as well): stop everything. */
    void (*halt)(struct ecu *ecu, bool power_lost, sim_ns_t now_ns);
    /* The supply has changed without a change of state. */
    void (*supply)(struct ecu *ecu, uint32_t mv, sim_ns_t now_ns);
    void (*free)(struct ecu *ecu);
};

/* The regulator between battery and chip: VDD = min(5 V, battery - 0.6 V). Our own assumption
 * (docs/fidelity.md); the chip's thresholds apply to VDD. */
enum { ECU_VDD_MV = 5000, ECU_DROPOUT_MV = 600 };
uint32_t ecu_vdd_mv(uint32_t battery_mv);

struct ecu {
    const struct ecu_type *type;
    const char *name; /* Owned by the vehicle. */
    struct sim *sim;
    uint16_t source; /* Trace source. */
    struct can_bus *bus;
    struct can_node node;
    struct s12x_supply supply;           /* Of the battery; thresholds moved by the drop-out. */
    enum s12x_supply_state supply_state; /* The state that the ECU has acted upon. */
    uint32_t watch_mv; /* Battery voltage whose crossing the kind wants to be told. 0: none. */
    struct sim_event supply_event;
    struct sim_event reset_event;
    enum ecu_reset_cause reset_cause; /* Of the reset to come, or of the last one. */
    struct sim_owner owner;           /* Everything that dies with a reset. */
    enum ecu_run run;
    uint32_t resets; /* Since the vehicle was made, power-on included. */
};

/* Sets the supply curve of the battery; times in the curve are absolute. This and the next four
 * take effect at this instant, but after the caller's event: in the phase of power. */
void ecu_set_supply(struct ecu *ecu, const struct s12x_supply_curve *curve);
/* Shorthands: constant voltage from now on. Off is 0 mV at once. */
void ecu_power_on(struct ecu *ecu, uint32_t mv);
void ecu_power_off(struct ecu *ecu);
/* Down at now for off_ns, then back to the old voltage. */
void ecu_power_cut(struct ecu *ecu, sim_ns_t off_ns);
/* A reset by the chip itself, or from outside. */
void ecu_reset(struct ecu *ecu, enum ecu_reset_cause cause);

/* Battery voltage now. */
uint32_t ecu_supply_mv(const struct ecu *ecu);

/* For kinds of ECU. ecu_init attaches a node as node_cfg says (its name is set by the ECU);
 * unpowered, off. ecu_enter writes what runs, and tells the trace. */
void ecu_init(struct ecu *ecu, const struct ecu_type *type, const char *name, struct sim *sim,
              struct can_bus *bus, const struct can_node_cfg *node_cfg);
void ecu_enter(struct ecu *ecu, enum ecu_run run);
/* Detaches, and calls type->free. */
void ecu_free(struct ecu *ecu);

#endif
