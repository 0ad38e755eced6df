/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_ecu.h - an ECU built on an MC9S12XEQ512: flash module, bootloader, application.
 *
 * The CPU is modelled as far as it matters to the bus: code in the block on which a flash command
 * runs stands still until the command is done, frames wait in the controller's receive buffers
 * (five, as MSCAN has) and the sixth is lost. CPU time is charged by use of the hardware: a fixed
 * time for each frame handled and a time for each byte read from flash (docs/fidelity.md). */
#ifndef SIM_S12X_ECU_H
#define SIM_S12X_ECU_H

#include "sim/ecus/bootloader/boot_header.h"
#include "sim/ecus/bootloader/bootloader.h"
#include "sim/ecus/ecu.h"
#include "sim/ecus/ecu_quirks.h"
#include "sim/s12x_flash_model/s12x_flash.h"

/* The first is the room in RAM that a secondary bootloader may have. */
enum { S12X_LOADER_RAM = 8192, S12X_RX_BUFFERS = 5 };

/* The flash that FPROT protects from the line on: the boot block, 24 KB (the paper, 3.1). */
enum { S12X_BOOT_AREAS = 2 };
extern const struct boot_region s12x_ecu_boot_areas[S12X_BOOT_AREAS];

struct s12x_ecu_cfg {
    struct boot_cfg boot;        /* The bootloader's configuration, security and memory map. */
    struct s12x_flash_cfg flash; /* part, clocks and timing; seed, stream and hooks are set by the
                                  * ECU, which forwards hooks to the last member below. */
    sim_ns_t frame_ns;           /* CPU time to handle one received frame. 0 means 20 us. */
    sim_ns_t byte_ns; /* CPU time for each byte read from flash, hashing included. 0: 2 us. */
    struct s12x_hooks flash_hooks; /* For observers and injections; may be null. */
};

struct s12x_ecu;

/* Makes the ECU, unpowered, with its factory contents: boot block, configuration field, partitioned
 * emulated EEPROM. Null with *err filled on failure. cfg is copied. */
struct s12x_ecu *s12x_ecu_new(const char *name, struct sim *sim, struct can_bus *bus,
                              const struct s12x_ecu_cfg *cfg, struct err *err);

struct ecu *s12x_ecu_base(struct s12x_ecu *ecu);
/* The ECU, if it is of this kind; null otherwise. */
struct s12x_ecu *s12x_ecu_from(struct ecu *ecu);

/* Factory programming, unpowered ECUs only: an S-record file into the application regions; marks
 * the application valid. Errors name file, line and reason, and leave the flash as it was. */
int s12x_ecu_load_application(struct s12x_ecu *ecu, const char *path, struct err *err);
/* The same from memory; name is used in messages. */
int s12x_ecu_load_application_text(struct s12x_ecu *ecu, const char *text, size_t len_bytes,
                                   const char *name, struct err *err);

struct s12x_flash *s12x_ecu_flash(struct s12x_ecu *ecu);
const struct s12x_ecu_cfg *s12x_ecu_cfg(const struct s12x_ecu *ecu);
/* Observers and injections of flash operations; replaces the ones of the configuration. */
void s12x_ecu_set_flash_hooks(struct s12x_ecu *ecu, const struct s12x_hooks *hooks);
void s12x_ecu_set_vehicle_state(struct s12x_ecu *ecu, const struct boot_vehicle_state *state);
struct boot_vehicle_state s12x_ecu_vehicle_state(const struct s12x_ecu *ecu);

/* Hooks into transport and services, of bootloader and application alike; they stay over resets,
 * and replace the ones before. Null: none. Both are copied. */
void s12x_ecu_set_diagnostic_hooks(struct s12x_ecu *ecu, const struct uds_hooks *uds,
                                   const struct isotp_hooks *isotp);
/* What it does otherwise than a conforming ECU, from now on; copied. */
void s12x_ecu_set_quirks(struct s12x_ecu *ecu, const struct ecu_quirks *quirks);
/* CPU time to handle one received frame, from now on; see frame_ns of its configuration. */
void s12x_ecu_set_frame_time(struct s12x_ecu *ecu, sim_ns_t frame_ns);
/* A series of 0x78 that a hook or a quirk has begun is over: what it held back is due now. */
void s12x_ecu_end_pendings(struct s12x_ecu *ecu);
const struct ecu_quirks *s12x_ecu_quirks(const struct s12x_ecu *ecu);

/* The truth, for tests and the judge. */
struct s12x_ecu_status {
    enum ecu_run run;
    bool application_valid;             /* The flag in emulated EEPROM. */
    char version[BOOT_HEADER_TEXT + 1]; /* Of the header in flash; empty if there is none. */
    uint16_t erase_state;               /* enum boot_erase_state. */
    bool communication_on, dtc_setting_on;
    enum uds_session session;
    bool unlocked;
    uint64_t frames_lost; /* Receive buffer overruns. */
};
void s12x_ecu_status(struct s12x_ecu *ecu, struct s12x_ecu_status *status);

/* Whether it takes part in the network; false where no code runs. Costs next to nothing, unlike the
 * above, which looks at a copy of the flash. */
struct s12x_ecu_network {
    bool communication_on, dtc_setting_on;
};
struct s12x_ecu_network s12x_ecu_network(const struct s12x_ecu *ecu);

/* What a tester may do in it now. Costs next to nothing. */
struct s12x_ecu_access {
    uint8_t session;       /* As 10 names it; the default one while nothing runs. */
    enum uds_session kind; /* What it counts as. */
    uint8_t level;  /* Of security access that is open, by its seed's sub-function; 0: none. */
    sim_ns_t s3_ns; /* It ends so long after the last request. */
};
void s12x_ecu_access(const struct s12x_ecu *ecu, struct s12x_ecu_access *access);

/* A number that is equal for ECUs that will do the same if they are asked the same, as far as
 * emulated EEPROM and the RAM of the code that runs decide: s12x_flash_range_hash() tells the rest.
 * Left out: clocks, what buffers hold of past messages, wear, and the next draws of the random
 * streams. 0: the code is at work, and has no state that could be told in a number. */
uint64_t s12x_ecu_state_hash(const struct s12x_ecu *ecu);

#endif
