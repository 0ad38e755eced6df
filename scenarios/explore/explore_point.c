/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_point.c - plays one point of a sweep alone. */
#include "scenarios/explore/explore_power.h"

/* Fills in the instants, in a world without trace. */
static int find_instants(const struct explore_world_cfg *cfg, struct explore_path *path,
                         struct explore_slate *slate, struct err *err)
{
    struct explore_world world;
    struct explore_world_cfg untraced = *cfg;
    untraced.trace_folder = NULL;
    int rc = explore_world_init(&world, &untraced, err);
    if (rc != 0) {
        return rc;
    }
    const struct explore_branch branch = {.world = &world, .slate = slate, .watch = true};
    sim_ns_t cut_ns = 0;
    for (uint8_t i = 0; rc == 0 && i < path->len; i++) {
        rc = explore_branch_try(&branch, cut_ns, err);
        rc = rc != 0 ? rc : explore_cut_place(&path->cuts[i], slate->ops, slate->ops_len, err);
        if (rc != 0) {
            break;
        }
        if (cut_ns != 0) {
            explore_world_cut(&world, cut_ns);
        }
        cut_ns = path->cuts[i].at_ns;
        if (cut_ns <= world.sim.now_ns) {
            rc = err_set(err, ERR_RANGE, "that operation begins before the campaign");
            break;
        }
        explore_world_run_before(&world, cut_ns);
    }
    (void)explore_world_release(&world, NULL);
    return rc;
}

int explore_power_point(const struct explore_world_cfg *cfg, const struct explore_path *path,
                        struct explore_outcome *outcome, struct explore_judgement *why,
                        struct err *err)
{
    struct explore_path placed = *path;
    struct explore_world world;
    struct explore_table alone;
    struct explore_slate *slate = explore_share(sizeof *slate);
    if (slate == NULL || explore_table_init(&alone, 2, err) != 0) {
        explore_unshare(slate, sizeof *slate);
        return err_set(err, ERR_NOMEM, "out of memory for the operations of a run");
    }
    int rc = find_instants(cfg, &placed, slate, err);
    rc = rc != 0 ? rc : explore_world_init(&world, cfg, err);
    if (rc == 0) {
        const struct explore_branch branch = {
            .world = &world, .slate = slate, .alone = placed.len > 0 ? &alone : NULL};
        for (uint8_t i = 0; i < placed.len; i++) {
            explore_world_run_before(&world, placed.cuts[i].at_ns);
            explore_world_cut(&world, placed.cuts[i].at_ns);
        }
        if (placed.len > 0) {
            sim_run_until(&world.sim, placed.cuts[placed.len - 1u].at_ns);
        }
        slate->outcome = (struct explore_outcome){.verdict = EXPLORE_BROKEN};
        explore_branch_after_cut(&branch);
        *outcome = slate->outcome;
        if (why != NULL) {
            *why = slate->why;
        }
        rc = explore_world_release(&world, err);
    }
    explore_table_release(&alone);
    explore_unshare(slate, sizeof *slate);
    return rc;
}
