/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_start_quirk.c - gives the ECU a nature of its own: the quirks of the
 * catalogue. */
#include "scenarios/explore/fault_play.h"

#include <stdio.h>
#include <stdlib.h>

static void set_quirks(struct fault_slot *slot, const struct ecu_quirks *quirks)
{
    s12x_ecu_set_quirks(slot->play->world.target, quirks);
    fault_slot_fires(slot);
}

/* Those that it has already. */
static struct ecu_quirks quirks_of(const struct fault_slot *slot)
{
    return *s12x_ecu_quirks(slot->play->world.target);
}

void fault_start_quirk(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    ecu_quirks_add(&quirks, (enum ecu_quirk)strtol(slot->kind->quirk + 1, NULL, 10));
    set_quirks(slot, &quirks);
}

void fault_start_slow_start(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    quirks.software.start_ns = fault_value_ns(slot->fault, "boot");
    quirks.boot_ns = fault_value_ns(slot->fault, "bootloader");
    set_quirks(slot, &quirks);
}

void fault_start_write_back(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    quirks.blocks_lost = (uint8_t)fault_value(slot->fault, "blocks");
    set_quirks(slot, &quirks);
}

void fault_start_small_buffer(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    quirks.buffer_bytes = ISOTP_LEN_MAX;
    quirks.waits = (uint16_t)fault_value(slot->fault, "waits");
    quirks.wait_ns = fault_value_ns(slot->fault, "wait");
    quirks.sets_flow = true;
    quirks.block_size = (uint8_t)fault_value(slot->fault, "block_size");
    quirks.st_min = (uint8_t)fault_value(slot->fault, "st_min");
    set_quirks(slot, &quirks);
}

void fault_start_slow_ecu(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    ecu_quirks_add(&quirks, ECU_QUIRK_SLOW);
    quirks.p2_star_ns = fault_value_ns(slot->fault, "p2_star");
    quirks.answer_ns = fault_value_ns(slot->fault, "answer");
    quirks.erase_ns = fault_value_ns(slot->fault, "erase");
    set_quirks(slot, &quirks);
}

void fault_start_odd_seed(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    const bool same = fault_value(slot->fault, "seed") != 0;
    quirks.software.same_seed = same;
    quirks.software.zero_seed = !same;
    set_quirks(slot, &quirks);
}

/* Rules stay with the judge's, which lets off what they strike. */
void fault_start_bad_gateway(struct fault_slot *slot)
{
    struct inject_bus *inject = &slot->play->world.judge.inject;
    struct inject_gateway_cfg cfg = {
        .name = slot->name,
        .delay_ns = fault_value_ns(slot->fault, "delay"),
        .jitter_ns = fault_value_ns(slot->fault, "jitter"),
        .loss_ppm = fault_value(slot->fault, "loss"),
        .duplicate_ppm = fault_value(slot->fault, "twice"),
    };
    for (size_t i = 0; i < inject->watches_len; i++) {
        if (slot->play->world.judge.ecus[i] == slot->play->world.target) {
            cfg.connection = (uint16_t)INJECT_CONNECTION(i);
        }
    }
    inject_gateway_init(&slot->as.gateway, inject, &cfg);
    fault_slot_fires(slot);
}

/* What no longer holds when the campaign is over. */
static void stop_lies(struct fault_slot *slot)
{
    struct ecu_quirks quirks = quirks_of(slot);
    quirks.software.keeps_image = false;
    quirks.software.hides_version = false;
    quirks.software.version[0] = '\0';
    s12x_ecu_set_quirks(slot->play->world.target, &quirks);
}

void fault_start_liar(struct fault_slot *slot)
{
    fault_start_quirk(slot);
    slot->stop = stop_lies;
}

void fault_start_other_version(struct fault_slot *slot)
{
    static const char *const versions[] = {"1.1.0", "9.9.9", ""};
    const char *version = versions[fault_value(slot->fault, "version")];
    struct ecu_quirks quirks = quirks_of(slot);
    (void)snprintf(quirks.software.version, sizeof quirks.software.version, "%s", version);
    quirks.software.hides_version = version[0] == '\0';
    set_quirks(slot, &quirks);
    slot->stop = stop_lies;
}
