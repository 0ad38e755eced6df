/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_storage_point.c - plays one point of a sweep over the state folder
 * alone. */
#include "scenarios/explore/explore_storage_play.h"

static bool place_cut(struct explore_step *step, const struct explore_storage_slate *slate)
{
    for (size_t i = 0; i < slate->ops_len; i++) {
        const struct explore_op *op = &slate->ops[i];
        if (op->kind == step->cut.kind && op->number == step->cut.number) {
            step->cut.at_ns = explore_op_part_ns(op, step->cut.part);
            step->at_ns = step->cut.at_ns;
            return true;
        }
    }
    return false;
}

/* From the calls and operations of the run so far. */
static int place(const struct explore_storage_play *play, struct explore_step *step,
                 struct err *err)
{
    const struct explore_storage_slate *slate = play->slate;
    const struct explore_steps alone = {.len = 1, .steps = {*step}};
    char id[EXPLORE_ID_CHARS];
    const bool placed =
        step->is_cut ? place_cut(step, slate)
                     : explore_step_place(step, slate->called, slate->called_len, play->start_ns);
    explore_steps_print(&alone, id);
    if (!placed) {
        return err_set(err, ERR_NOT_FOUND,
                       "%s: the run has no such call or operation; size, style, resume and seed "
                       "must be those of the sweep",
                       id);
    }
    if (step->is_cut && step->at_ns <= play->world.sim.now_ns) {
        return err_set(err, ERR_RANGE, "%s: that operation begins before the campaign", id);
    }
    return 0;
}

/* Fills in the instants, in a world without trace. */
static int find_instants(const struct explore_storage_cfg *cfg, struct explore_steps *steps,
                         struct explore_storage_slate *slate, struct err *err)
{
    struct explore_storage_play play;
    struct explore_storage_cfg untraced = *cfg;
    untraced.world.trace_folder = NULL;
    int rc = explore_storage_play_init(&play, &untraced, slate, err);
    if (rc != 0) {
        return rc;
    }
    for (uint8_t i = 0; rc == 0 && i < steps->len; i++) {
        const struct explore_step *before = i > 0 ? &steps->steps[i - 1] : NULL;
        if (before != NULL) {
            explore_storage_play_before(&play, before->at_ns);
        }
        rc = explore_storage_play_scout(&play, before, err);
        rc = rc != 0 ? rc : place(&play, &steps->steps[i], err);
    }
    (void)explore_storage_play_release(&play, NULL);
    return rc;
}

int explore_storage_point(const struct explore_storage_cfg *cfg, const struct explore_steps *steps,
                          struct explore_storage_outcome *outcome, struct err *err)
{
    struct explore_steps placed = *steps;
    struct explore_storage_play play;
    struct explore_storage_slate *slate = explore_share(sizeof *slate);
    if (slate == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the calls of a run");
    }
    int rc = find_instants(cfg, &placed, slate, err);
    rc = rc != 0 ? rc : explore_storage_play_init(&play, cfg, slate, err);
    rc = rc != 0 ? rc : explore_storage_play_begin(&play, err);
    if (rc == 0) {
        slate->outcome = (struct explore_storage_outcome){.verdict = EXPLORE_BROKEN};
        for (uint8_t i = 0; i < placed.len; i++) {
            explore_storage_play_before(&play, placed.steps[i].at_ns);
            explore_storage_play_expect(&play, &placed.steps[i]);
        }
        explore_storage_play_end(&play, &placed.steps[placed.len - 1u]);
        *outcome = slate->outcome;
        *err = play.guest.err.code != 0 ? play.guest.err : *err;
        rc = play.guest.err.code;
        const int released = explore_storage_play_release(&play, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : released;
    }
    explore_unshare(slate, sizeof *slate);
    return rc;
}
