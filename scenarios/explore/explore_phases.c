/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_phases.c - watches the master of an undisturbed update. */
#include "scenarios/explore/explore_phases.h"

#include "scenarios/explore/explore_branch.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_S = 120 };

static void note(struct explore_world *world)
{
    struct explore_phases *phases = world->ctx;
    struct ota_progress now;
    ota_master_progress(world->master.master, &now);
    if (phases->len < EXPLORE_PHASES_MAX &&
        (phases->len == 0 || phases->phases[phases->len - 1].phase != now.phase)) {
        phases->phases[phases->len].phase = now.phase;
        phases->phases[phases->len].start_ns = world->sim.now_ns;
        phases->len++;
    }
}

struct watch {
    struct explore_world *world;
    struct explore_phases *shared;
};

static void run(void *ctx)
{
    const struct watch *watch = ctx;
    struct explore_world *world = watch->world;
    world->ctx = watch->shared;
    world->on_step = note;
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
}

int explore_phases_find(struct explore_phases *phases, struct explore_world *world, struct err *err)
{
    bool ended_well = false;
    struct watch watch = {.world = world, .shared = explore_share(sizeof *phases)};
    if (watch.shared == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the phases of an update");
    }
    const int rc = explore_branch_fork(run, &watch, LIMIT_S, &ended_well, err);
    memcpy(phases, watch.shared, sizeof *phases);
    explore_unshare(watch.shared, sizeof *phases);
    return rc;
}

void explore_phases_print(const struct explore_phases *phases, sim_ns_t end_ns,
                          struct sweep_map *map)
{
    map->phases = calloc(phases->len + 1, sizeof *map->phases);
    CHECK(map->phases != NULL);
    for (size_t i = 0; i < phases->len && phases->phases[i].start_ns < end_ns; i++) {
        const sim_ns_t next_ns = i + 1 < phases->len ? phases->phases[i + 1].start_ns : end_ns;
        struct sweep_phase *to = &map->phases[map->phases_len++];
        to->name = strdup(ota_phase_name(phases->phases[i].phase));
        CHECK(to->name != NULL);
        to->start_ns = phases->phases[i].start_ns;
        to->end_ns = next_ns < end_ns ? next_ns : end_ns;
    }
}
