/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_state.c - the state of an S12X ECU between two requests, as a number. */
#include "sim/ecus/s12x_ecu_private.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_application(const struct application *app, uint64_t hash)
{
    hash = mix(hash, (uint64_t)app->state << 16 | (uint64_t)app->server.session << 8 |
                         (uint64_t)app->lock.open);
    hash = mix(hash, (uint64_t)app->lock.seed_sub << 8 | (uint64_t)app->tx_enabled << 1 |
                         (uint64_t)app->dtc_enabled);
    return hash;
}

uint64_t s12x_ecu_state_hash(const struct s12x_ecu *ecu)
{
    const bool runs = ecu->base.run == ECU_BOOTLOADER || ecu->base.run == ECU_APPLICATION;
    const uint64_t stored =
        runs ? s12x_flash_eee_hash(ecu->flash) : s12x_flash_log_hash(ecu->flash);
    const uint64_t hash = mix(stored, (uint64_t)ecu->base.run);
    switch (ecu->base.run) {
    case ECU_BOOTLOADER:
        if (!bootloader_at_rest(&ecu->boot)) {
            return 0;
        }
        return mix(hash, bootloader_state_hash(&ecu->boot));
    case ECU_APPLICATION:
        return ecu->app.work != APPLICATION_NO_WORK || ecu->app.reset_wanted
                   ? 0
                   : hash_application(&ecu->app, hash);
    case ECU_OFF:
    case ECU_IN_RESET: break;
    }
    return hash;
}
