/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_hal.c - the HAL of bootloader and application on the simulated chip. */
#include "sim/ecus/s12x_ecu_private.h"
#include "sim/trace.h"

#include <string.h>

static sim_ns_t now_of(const struct s12x_ecu *ecu)
{
    return ecu->base.sim->now_ns;
}

void s12x_hal_update_supply(struct s12x_ecu *ecu)
{
    s12x_flash_set_supply_mv(ecu->flash, ecu_vdd_mv(ecu_supply_mv(&ecu->base)), now_of(ecu));
}

static uint8_t flash_reg_read(void *ctx, uint8_t offset)
{
    struct s12x_ecu *ecu = ctx;
    return s12x_flash_reg_read(ecu->flash, offset, now_of(ecu));
}

static void flash_reg_write(void *ctx, uint8_t offset, uint8_t value)
{
    struct s12x_ecu *ecu = ctx;
    s12x_flash_reg_write(ecu->flash, offset, value, now_of(ecu));
}

static void flash_launch(void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    if (ecu->ramping) {
        s12x_hal_update_supply(ecu);
    }
    s12x_flash_reg_write(ecu->flash, S12X_FSTAT, S12X_CCIF, now_of(ecu));
}

static void flash_read(void *ctx, uint32_t address, uint8_t *to, uint16_t len_bytes)
{
    struct s12x_ecu *ecu = ctx;
    s12x_flash_read(ecu->flash, address, to, len_bytes, now_of(ecu));
    s12x_cpu_charge(&ecu->cpu, len_bytes * ecu->cpu.byte_ns, now_of(ecu));
}

static uint16_t eee_read(void *ctx, uint16_t offset)
{
    struct s12x_ecu *ecu = ctx;
    return s12x_flash_eee_read(ecu->flash, offset, now_of(ecu));
}

static void eee_write(void *ctx, uint16_t offset, uint16_t value)
{
    struct s12x_ecu *ecu = ctx;
    if (ecu->ramping) {
        s12x_hal_update_supply(ecu);
    }
    s12x_flash_eee_write(ecu->flash, offset, value, now_of(ecu));
}

/* The range was checked with the vehicle file, and lies in ram. */
static uint8_t *ram_at(struct s12x_ecu *ecu, uint32_t address, uint16_t len_bytes)
{
    uint32_t offset = address - ecu->cfg.boot.personality->ram_start;
    CHECK(offset <= sizeof ecu->ram && len_bytes <= sizeof ecu->ram - offset);
    return &ecu->ram[offset];
}

static void ram_write(void *ctx, uint32_t address, const uint8_t *data, uint16_t len_bytes)
{
    memcpy(ram_at(ctx, address, len_bytes), data, len_bytes);
}

static void ram_read(void *ctx, uint32_t address, uint8_t *to, uint16_t len_bytes)
{
    memcpy(to, ram_at(ctx, address, len_bytes), len_bytes);
}

static bool hal_can_send(void *ctx, uint32_t id, const uint8_t *data, uint8_t len_bytes)
{
    struct s12x_ecu *ecu = ctx;
    struct can_frame frame;
    if (ecu->request == S12X_STAND_STILL) {
        return false;
    }
    frame.id = id;
    frame.flags = id > CAN_STD_ID_MAX ? CAN_FLAG_EXT : 0;
    if (ecu->cfg.boot.frame_len != 0 && id == ecu->cfg.boot.response_id) {
        frame.flags |= CAN_FLAG_FD | CAN_FLAG_BRS;
    }
    frame.len_bytes = len_bytes;
    memset(frame.data, 0, sizeof frame.data);
    memcpy(frame.data, data, len_bytes);
    return can_node_send(&ecu->base.node, &frame) == CAN_SEND_QUEUED;
}

static bool supply_low(void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    return s12x_supply_advance(&ecu->base.supply, now_of(ecu)) < S12X_SUPPLY_GOOD;
}

static uint16_t supply_mv(void *ctx)
{
    const struct s12x_ecu *ecu = ctx;
    return (uint16_t)ecu_supply_mv(&ecu->base);
}

static void vehicle_state(void *ctx, struct boot_vehicle_state *state)
{
    const struct s12x_ecu *ecu = ctx;
    *state = ecu->vehicle;
}

static bool watchdog_reset(void *ctx)
{
    const struct s12x_ecu *ecu = ctx;
    return ecu->base.reset_cause == ECU_RESET_WATCHDOG;
}

static void reset(void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    ecu->request = S12X_STAND_STILL;
    ecu_reset(&ecu->base, ECU_RESET_SOFTWARE);
}

static void start_application(void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    if (ecu->request == S12X_GO_ON) {
        ecu->request = S12X_START_APPLICATION;
    }
}

void s12x_hal_init(struct s12x_ecu *ecu)
{
    ecu->hal = (struct boot_hal){
        .ctx = ecu,
        .flash_reg_read = flash_reg_read,
        .flash_reg_write = flash_reg_write,
        .flash_launch = flash_launch,
        .flash_read = flash_read,
        .eee_read = eee_read,
        .eee_write = eee_write,
        .ram_write = ram_write,
        .ram_read = ram_read,
        .can_send = hal_can_send,
        .supply_low = supply_low,
        .supply_mv = supply_mv,
        .vehicle_state = vehicle_state,
        .watchdog_reset = watchdog_reset,
        .reset = reset,
        .start_application = start_application,
    };
}
