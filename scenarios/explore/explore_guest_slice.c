/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_slice.c - tries the cuts of a slice with a guest. */
#include "scenarios/explore/explore_guest_slice.h"

#include <stdio.h>
#include <unistd.h>

enum { STATES_MAX = 1 << 13 };

int explore_guest_worker_init(struct explore_guest_worker *worker,
                              const struct explore_world_cfg *world,
                              const struct explore_guest_cfg *guest, struct err *err)
{
    char place[32];
    struct explore_world_cfg cfg = *world;
    *worker = (struct explore_guest_worker){.plan = NULL};
    (void)snprintf(place, sizeof place, "worker-%010ld", (long)getpid());
    worker->slate = explore_share(sizeof *worker->slate);
    worker->child_err = explore_share(sizeof *worker->child_err);
    int rc = worker->slate != NULL && worker->child_err != NULL
                 ? 0
                 : err_set(err, ERR_NOMEM, "out of memory for a worker");
    rc = rc != 0 ? rc : explore_table_init(&worker->alone, STATES_MAX, err);
    rc = rc != 0 ? rc : explore_guest_init(&worker->guest, guest, place, err);
    cfg.seat = &worker->guest.seat;
    cfg.vacant = true;
    return rc != 0 ? rc : explore_world_init(&worker->world, &cfg, err);
}

void explore_guest_worker_release(struct explore_guest_worker *worker)
{
    if (worker->world.vehicle != NULL) {
        (void)explore_world_release(&worker->world, NULL);
    }
    explore_table_release(&worker->alone);
    explore_unshare(worker->slate, sizeof *worker->slate);
    explore_unshare(worker->child_err, sizeof *worker->child_err);
}

int explore_guest_worker_scout(struct explore_guest_worker *worker, struct err *err)
{
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .watch = true};
    return explore_guest_try(&branch, &worker->guest, 0, worker->child_err, err);
}

static void count(struct explore_unit *unit, const struct explore_cut *cut,
                  const struct explore_outcome *outcome, uint64_t *also)
{
    char id[EXPLORE_ID_CHARS];
    const struct explore_path path = {.len = 1, .cuts = {*cut}};
    explore_path_print(&path, id);
    unit->tally->numbers[EXPLORE_ROW_TRIED]++;
    explore_table_count(unit->states, outcome->state);
    explore_unit_count(unit, (enum explore_verdict)outcome->verdict, id, cut->at_ns);
    if (also != NULL) {
        ++*also;
    }
}

int explore_guest_worker_slice(struct explore_guest_worker *worker, size_t first, size_t len,
                               struct explore_unit *unit, struct explore_outcome *outcomes,
                               struct err *err)
{
    const struct explore_branch branch = {
        .world = &worker->world, .slate = worker->slate, .alone = &worker->alone};
    struct explore_outcome last = {.joined = false};
    int rc = 0;
    explore_table_clear(&worker->alone);
    for (size_t i = 0; rc == 0 && i < len; i++) {
        const struct explore_cut *cut = &worker->plan->cuts[first + i];
        const struct explore_survey_entry *entry = &worker->entries[first + i];
        uint64_t *also = NULL;
        if (i > 0 && entry->group == entry[-1].group) {
            const enum explore_power_row row =
                entry->same_world ? EXPLORE_ROW_SAME_WORLD : EXPLORE_ROW_JOINED;
            also = &unit->tally->numbers[row];
            last.joined = true;
            last.digest = 0;
        } else {
            rc = explore_guest_try(&branch, &worker->guest, cut->at_ns, worker->child_err, err);
            last = worker->slate->outcome;
        }
        if (rc == 0) {
            count(unit, cut, &last, also);
            if (outcomes != NULL) {
                outcomes[i] = last;
            }
        }
        explore_unit_progress(unit, 1);
    }
    return rc;
}
