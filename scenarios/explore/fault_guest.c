/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_guest.c - the past of a master, and its place in a play of faults. */
#include "scenarios/explore/fault_guest.h"

#include "scenarios/explore/explore_past.h"

#include <stdio.h>
#include <unistd.h>

void fault_guest_init(struct fault_guest *guest, const struct explore_guest_cfg *cfg,
                      guest_store_hook *on_disk, void *ctx)
{
    *guest = (struct fault_guest){.cfg = *cfg};
    guest->cfg.state = &guest->past;
    guest->cfg.on_disk = on_disk;
    guest->cfg.disk_ctx = ctx;
}

void fault_guest_release(struct fault_guest *guest)
{
    explore_folder_release(&guest->past);
}

int fault_guest_learn(struct fault_guest *guest, const struct explore_world_cfg *cfg,
                      struct err *err)
{
    return explore_past_learn(&guest->past, &guest->cfg, cfg, err);
}

int fault_guest_enter(struct fault_guest *guest, struct err *err)
{
    char place[32];
    if (guest->cfg.keep_folder) {
        (void)snprintf(place, sizeof place, "master");
    } else {
        (void)snprintf(place, sizeof place, "play-%010ld", (long)getpid());
    }
    return explore_guest_init(&guest->guest, &guest->cfg, place, err);
}

void fault_guest_leave(struct fault_guest *guest)
{
    explore_guest_release(&guest->guest);
}
