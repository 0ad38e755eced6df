/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/campaign_vehicle.c - fills in a campaign from the configuration of ECUs. */
#include "scenarios/engine/campaign_vehicle.h"

#include <stdio.h>

static void fill_address(struct campaign_address *address, const struct boot_cfg *boot)
{
    *address = (struct campaign_address){.request_id = boot->request_id,
                                         .response_id = boot->response_id,
                                         .functional_id = boot->functional_id};
}

struct campaign_ecu *campaign_add_target(struct campaign *campaign, struct s12x_ecu *ecu)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu)->boot;
    CHECK(campaign->ecus_len < CAMPAIGN_ECUS_MAX);
    struct campaign_ecu *target = &campaign->ecus[campaign->ecus_len++];
    snprintf(target->name, sizeof target->name, "%s", s12x_ecu_base(ecu)->name);
    snprintf(target->bus, sizeof target->bus, "%s", s12x_ecu_base(ecu)->bus->cfg.name);
    fill_address(&target->address, boot);
    snprintf(target->hardware_id, sizeof target->hardware_id, "%s", boot->hardware_id);
    target->secret = boot->security_secret;
    target->pad = boot->isotp_pad;
    target->padding = boot->isotp_padding_byte;
    target->windows_len = boot->regions_len;
    for (size_t i = 0; i < boot->regions_len; i++) {
        target->windows[i] = (struct campaign_window){boot->regions[i].start, boot->regions[i].end};
    }
    return target;
}

void campaign_add_other(struct campaign *campaign, struct s12x_ecu *ecu)
{
    CHECK(campaign->others_len < CAMPAIGN_OTHERS_MAX);
    struct campaign_other *other = &campaign->others[campaign->others_len++];
    snprintf(other->name, sizeof other->name, "%s", s12x_ecu_base(ecu)->name);
    fill_address(&other->address, &s12x_ecu_cfg(ecu)->boot);
}
