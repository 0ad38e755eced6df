/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/campaign_vehicle.h - what a campaign says about ECUs of a vehicle. */
#ifndef ENGINE_CAMPAIGN_VEHICLE_H
#define ENGINE_CAMPAIGN_VEHICLE_H

#include "scenarios/engine/campaign.h"
#include "sim/ecus/s12x_ecu.h"

/* A further ECU to be updated, without image and version. */
struct campaign_ecu *campaign_add_target(struct campaign *campaign, struct s12x_ecu *ecu);
/* A further ECU of the network. */
void campaign_add_other(struct campaign *campaign, struct s12x_ecu *ecu);

#endif
