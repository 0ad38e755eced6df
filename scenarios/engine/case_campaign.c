/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_campaign.c - what a campaign says about the ECUs of the play's vehicle. */
#include "scenarios/engine/campaign_vehicle.h"
#include "scenarios/engine/case_world.h"

#include <stdio.h>

void case_world_campaign(const struct case_world *world, struct campaign *campaign)
{
    campaign_init(campaign);
    snprintf(campaign->id, sizeof campaign->id, "campaign-1");
    campaign->profile = world->cfg.adapter->profile;
    snprintf(campaign->state_folder, sizeof campaign->state_folder, "%s/state", world->cfg.folder);
    (void)campaign_add_target(campaign, world->ecus[0].s12x);
    for (size_t i = 1; i < world->ecus_len; i++) {
        campaign_add_other(campaign, world->ecus[i].s12x);
    }
}
