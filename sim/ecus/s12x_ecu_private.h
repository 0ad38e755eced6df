/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_ecu_private.h - the memory of an S12X ECU, for s12x_ecu.c, s12x_hal.c and
 * s12x_factory.c only. */
#ifndef SIM_S12X_ECU_PRIVATE_H
#define SIM_S12X_ECU_PRIVATE_H

#include "sim/ecus/application.h"
#include "sim/ecus/s12x_cpu.h"
#include "sim/ecus/s12x_ecu.h"

/* What the code that runs has asked of the chip in its turn. */
enum s12x_request { S12X_GO_ON, S12X_START_APPLICATION, S12X_STAND_STILL };

/* The first power-up on the line, after an application was loaded: its flag goes into emulated
 * EEPROM. Begins anew if the power goes meanwhile. */
enum s12x_station {
    S12X_STATION_DONE,
    S12X_STATION_ENABLE_EEE,
    S12X_STATION_WRITE,
    S12X_STATION_WAIT
};

struct s12x_ecu {
    struct ecu base;
    struct s12x_ecu_cfg cfg;
    char *name;
    struct s12x_flash *flash; /* Owned. */
    struct boot_hal hal;
    struct s12x_cpu cpu;
    enum s12x_request request;
    bool run_wanted; /* The flash has finished something: let the code look at it. */
    bool ramping;    /* The supply moves: bring the flash up to date before each launch. */
    enum s12x_station station;
    sim_ns_t flash_due_ns;
    sim_ns_t wake_ns;          /* When wake_event is due, while it is pending. */
    uint32_t confirmed_ids[4]; /* Frames confirmed while the CPU could not look. */
    uint8_t confirmed_used;
    struct boot_vehicle_state vehicle;
    uint8_t ram[S12X_LOADER_RAM]; /* Of a secondary bootloader. */
    struct sim_event boot_event;  /* The reset sequence is over. */
    struct sim_event wake_event;
    struct boot_lab lab; /* What bootloader and application see of the next three. */
    struct ecu_quirks quirks;
    struct uds_hooks uds_hooks;
    struct isotp_hooks isotp_hooks;
    sim_ns_t requested_ns; /* When the request in work came. */
    struct bootloader boot;
    struct application app;
};

/* s12x_hal.c */
void s12x_hal_init(struct s12x_ecu *ecu);
void s12x_hal_update_supply(struct s12x_ecu *ecu);

/* s12x_ecu.c: lets the code have a turn at this instant. */
void s12x_ecu_wake(struct s12x_ecu *ecu);

/* s12x_quirks.c */
void s12x_quirks_power_lost(struct s12x_ecu *ecu);

/* s12x_factory.c: what the line writes before an ECU leaves it. */
int s12x_factory_program(struct s12x_ecu *ecu, struct err *err);
/* One step of the first power-up; returns when the next one is due. The last is a reset. */
sim_ns_t s12x_factory_station(struct s12x_ecu *ecu, sim_ns_t now_ns);

#endif
