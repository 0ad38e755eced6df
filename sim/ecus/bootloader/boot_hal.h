/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_hal.h - everything the bootloader needs of the hardware.
 *
 * Porting it to an MC9S12XEQ512 means writing these functions: they are thin. The simulator's own
 * implementation is sim/ecus/s12x_hal.c. */
#ifndef BOOT_HAL_H
#define BOOT_HAL_H

#include "sim/proto/proto.h"

/* What the ECU knows of its vehicle from the bus, for the programming preconditions. */
struct boot_vehicle_state {
    bool ignition_on; /* KL15. */
    bool engine_running;
    bool gear_in_park;
    uint16_t speed_kmh;
};

struct boot_hal {
    void *ctx;

    /* Flash module registers, offset from 0x0100. */
    uint8_t (*flash_reg_read)(void *ctx, uint8_t offset);
    void (*flash_reg_write)(void *ctx, uint8_t offset, uint8_t value);
    /* Launches the command in FCCOB by clearing CCIF, from RAM. It comes back when code can be
     * fetched again: at CCIF if the command runs on the block that holds this code, possibly
     * earlier otherwise. The caller polls CCIF in either case, and does not poll in a loop: it
     * returns to the main loop and looks again at the next call of bootloader_run(). */
    void (*flash_launch)(void *ctx);
    /* Reads through the global address space. */
    void (*flash_read)(void *ctx, uint32_t address, uint8_t *to, uint16_t len_bytes);
    /* Emulated EEPROM in buffer RAM, one word; offset in bytes, even. */
    uint16_t (*eee_read)(void *ctx, uint16_t offset);
    void (*eee_write)(void *ctx, uint16_t offset, uint16_t value);

    /* Where a secondary bootloader is loaded; inside the personality's RAM range. Null if that has
     * none. */
    void (*ram_write)(void *ctx, uint32_t address, const uint8_t *data, uint16_t len_bytes);
    void (*ram_read)(void *ctx, uint32_t address, uint8_t *to, uint16_t len_bytes);

    /* One data frame, of the kind that the link speaks (cfg->frame_len). False: no transmit buffer
     * is free; bootloader_on_confirm() follows when one becomes free. */
    bool (*can_send)(void *ctx, uint32_t id, const uint8_t *data, uint8_t len_bytes);

    bool (*supply_low)(void *ctx);    /* VREGCTRL.LVDS. */
    uint16_t (*supply_mv)(void *ctx); /* Battery voltage at the ADC. */
    void (*vehicle_state)(void *ctx, struct boot_vehicle_state *state);

    /* The last reset was the watchdog's (COP: a vector of its own on the chip). */
    bool (*watchdog_reset)(void *ctx);

    /* Software reset and jump to the application's reset vector. On the chip neither returns; in
     * the simulator they do, and the bootloader then returns at once without touching its state. */
    void (*reset)(void *ctx);
    void (*start_application)(void *ctx);
};

#endif
