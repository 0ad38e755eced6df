/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_campaign.c - what a campaign says about the ECUs of the play's vehicle. */
#include "scenarios/engine/case_world.h"

#include <stdio.h>
#include <string.h>

static void fill_address(struct campaign_address *address, const struct boot_cfg *boot)
{
    *address = (struct campaign_address){.request_id = boot->request_id,
                                         .response_id = boot->response_id,
                                         .functional_id = boot->functional_id};
}

static void fill_target(struct campaign_ecu *target, const struct case_ecu *ecu)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu->s12x)->boot;
    snprintf(target->name, sizeof target->name, "%s", ecu->ecu->name);
    snprintf(target->bus, sizeof target->bus, "%s", ecu->bus->bus->cfg.name);
    fill_address(&target->address, boot);
    snprintf(target->hardware_id, sizeof target->hardware_id, "%s", boot->hardware_id);
    target->secret = boot->security_secret;
    target->pad = boot->isotp_pad;
    target->padding = boot->isotp_padding_byte;
    target->windows_len = boot->regions_len;
    for (size_t i = 0; i < boot->regions_len; i++) {
        target->windows[i] = (struct campaign_window){boot->regions[i].start, boot->regions[i].end};
    }
}

void case_world_campaign(const struct case_world *world, struct campaign *campaign)
{
    campaign_init(campaign);
    snprintf(campaign->id, sizeof campaign->id, "campaign-1");
    campaign->profile = world->cfg.adapter->profile;
    snprintf(campaign->state_folder, sizeof campaign->state_folder, "%s/state", world->cfg.folder);
    campaign->ecus_len = 1;
    fill_target(&campaign->ecus[0], &world->ecus[0]);
    CHECK(world->ecus_len <= CAMPAIGN_OTHERS_MAX);
    for (size_t i = 1; i < world->ecus_len; i++) {
        struct campaign_other *other = &campaign->others[campaign->others_len++];
        const struct case_ecu *ecu = &world->ecus[i];
        snprintf(other->name, sizeof other->name, "%s", ecu->ecu->name);
        fill_address(&other->address, &s12x_ecu_cfg(ecu->s12x)->boot);
    }
}
