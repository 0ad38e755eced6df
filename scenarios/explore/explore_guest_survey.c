/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_survey.c - looks at the clean run before each cut. */
#include "scenarios/explore/explore_guest_survey.h"

#include <stdio.h>
#include <unistd.h>

/* Real time for all of it. */
enum { LIMIT_S = EXPLORE_GUEST_WALK_LIMIT_S, PEEK_LIMIT_S = 60 };

static struct explore_talk talk_of(const struct explore_guest *guest,
                                   const struct explore_world *world)
{
    const struct supervisor *supervisor = guest->lives.supervisor;
    const struct can_bus_stats *stats = &s12x_ecu_base(world->target)->bus->stats;
    return (struct explore_talk){
        .calls = supervisor != NULL ? supervisor_calls(supervisor) : 0,
        .fast_frames = supervisor != NULL ? supervisor_fast_frames(supervisor) : 0,
        .frames_begun = guest->frames_begun,
        .frames = stats->frames,
        .error_frames = stats->error_frames,
    };
}

static bool same_talk(const struct explore_talk *a, const struct explore_talk *b)
{
    return a->calls == b->calls && a->fast_frames == b->fast_frames &&
           a->frames_begun == b->frames_begun && a->frames == b->frames &&
           a->error_frames == b->error_frames;
}

struct peek {
    struct explore_world *world;
    sim_ns_t cut_ns;
    uint64_t *state;
};

static void peek(void *ctx)
{
    const struct peek *peek = ctx;
    explore_world_leave(peek->world);
    explore_world_cut(peek->world, peek->cut_ns);
    sim_run_until(&peek->world->sim, peek->cut_ns);
    *peek->state = explore_flash_hash(peek->world);
}

/* What the flash would hold after the cut. 0: that could not be found out. A child has to try only
 * what cannot be foreseen. */
static uint64_t state_after(struct explore_world *world, sim_ns_t cut_ns, uint64_t *peeked)
{
    struct explore_foreseen foreseen;
    if (explore_foresee_flash(world, cut_ns, &foreseen)) {
        return foreseen.flash;
    }
    struct peek one = {world, cut_ns, peeked};
    bool ended_well = false;
    *peeked = 0;
    const int rc = explore_branch_fork(peek, &one, PEEK_LIMIT_S, &ended_well, NULL);
    return rc == 0 && ended_well ? *peeked : 0;
}

enum explore_alike explore_guest_look(struct explore_lookout *lookout,
                                      const struct explore_guest *guest,
                                      struct explore_world *world, sim_ns_t cut_ns,
                                      uint64_t *peeked)
{
    const struct explore_lookout last = *lookout;
    const bool idle = s12x_flash_next_ns(s12x_ecu_flash(world->target)) == SIM_NEVER;
    *lookout = (struct explore_lookout){
        .any = true, .events_run = world->sim.events_run, .talk = talk_of(guest, world)};
    if (last.any && idle && last.events_run == lookout->events_run) {
        lookout->state = last.state;
        return EXPLORE_ALIKE_CLOCK;
    }
    lookout->state = state_after(world, cut_ns, peeked);
    return last.any && same_talk(&last.talk, &lookout->talk) && lookout->state != 0 &&
                   lookout->state == last.state
               ? EXPLORE_ALIKE_STATE
               : EXPLORE_ALIKE_NOT;
}

struct survey {
    struct explore_guest *guest;
    struct explore_world *world;
    const struct explore_path *path;
    const struct explore_cut *cuts;
    size_t len;
    enum explore_alike *alike;
    uint64_t *peeked; /* Shared. */
    struct err *err;
};

static void run(void *ctx)
{
    const struct survey *survey = ctx;
    const struct explore_path *path = survey->path;
    struct explore_lookout lookout = {.any = false};
    (void)setsid(); /* Ctrl-C is the sweep's business. */
    if (explore_world_start(survey->world, survey->err) == 0) {
        for (uint8_t i = 0; i < path->len; i++) {
            explore_world_run_before(survey->world, path->cuts[i].at_ns);
            explore_guest_cut(survey->world, path->cuts[i].at_ns);
        }
        for (size_t i = 0; i < survey->len; i++) {
            const sim_ns_t cut_ns = survey->cuts[i].at_ns;
            explore_world_run_before(survey->world, cut_ns);
            survey->alike[i] =
                explore_guest_look(&lookout, survey->guest, survey->world, cut_ns, survey->peeked);
        }
        if (survey->guest->err.code != 0) {
            *survey->err = survey->guest->err;
        }
    }
    explore_guest_release(survey->guest);
}

int explore_guest_survey(struct explore_guest *guest, struct explore_world *world,
                         const struct explore_path *path, const struct explore_cut *cuts,
                         size_t len, enum explore_alike *alike, struct err *child_err,
                         struct err *err)
{
    struct survey survey = {
        guest, world, path, cuts, len, alike, explore_share(sizeof(uint64_t)), child_err};
    bool ended_well = false;
    if (survey.peeked == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a number");
    }
    *child_err = (struct err){.code = 0};
    fflush(NULL);
    int rc = explore_branch_fork(run, &survey, LIMIT_S, &ended_well, err);
    explore_unshare(survey.peeked, sizeof(uint64_t));
    if (rc == 0 && child_err->code != 0) {
        *err = *child_err;
        rc = err->code;
    }
    return rc == 0 && !ended_well
               ? err_set(err, ERR_NOMEM, "the survey of the clean run died or took too long")
               : rc;
}
