/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_survey.c - looks at the clean run before each cut. */
#include "scenarios/explore/explore_guest_survey.h"

#include <stdio.h>

/* Real time for all of it. */
enum { LIMIT_S = 3600, PEEK_LIMIT_S = 60 };

/* What a program could know: its calls, and what went over the bus. */
struct talk {
    uint64_t calls, fast_frames, frames_begun, frames, error_frames;
};

struct survey {
    struct explore_guest *guest;
    struct explore_world *world;
    const struct explore_plan *plan;
    struct explore_survey_entry *entries;
    uint64_t *peeked; /* Shared. */
    struct err *err;
};

static struct talk talk_of(const struct survey *survey)
{
    const struct supervisor *supervisor = survey->guest->lives.supervisor;
    const struct can_bus_stats *stats = &s12x_ecu_base(survey->world->target)->bus->stats;
    return (struct talk){
        .calls = supervisor != NULL ? supervisor_calls(supervisor) : 0,
        .fast_frames = supervisor != NULL ? supervisor_fast_frames(supervisor) : 0,
        .frames_begun = survey->guest->frames_begun,
        .frames = stats->frames,
        .error_frames = stats->error_frames,
    };
}

static bool same_talk(const struct talk *a, const struct talk *b)
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

/* What the flash would hold after the cut. 0: that could not be found out. */
static uint64_t state_after(const struct survey *survey, sim_ns_t cut_ns)
{
    struct peek one = {survey->world, cut_ns, survey->peeked};
    bool ended_well = false;
    *survey->peeked = 0;
    const int rc = explore_branch_fork(peek, &one, PEEK_LIMIT_S, &ended_well, NULL);
    return rc == 0 && ended_well ? *survey->peeked : 0;
}

static void look(const struct survey *survey)
{
    struct explore_world *world = survey->world;
    struct talk last = {.calls = 0};
    uint64_t events = 0;
    for (size_t i = 0; i < survey->plan->len; i++) {
        const sim_ns_t cut_ns = survey->plan->cuts[i].at_ns;
        struct explore_survey_entry *entry = &survey->entries[i];
        const struct explore_survey_entry *before = i > 0 ? entry - 1 : NULL;
        explore_world_run_before(world, cut_ns);
        const struct talk now = talk_of(survey);
        const bool idle = s12x_flash_next_ns(s12x_ecu_flash(world->target)) == SIM_NEVER;
        entry->same_world = before != NULL && idle && events == world->sim.events_run;
        entry->state = entry->same_world ? before->state : state_after(survey, cut_ns);
        const bool known = before != NULL && same_talk(&now, &last) && entry->state != 0;
        const bool joins = entry->same_world || (known && entry->state == before->state);
        entry->group = before != NULL ? before->group + !joins : 0;
        events = world->sim.events_run;
        last = now;
    }
}

static void run(void *ctx)
{
    const struct survey *survey = ctx;
    if (explore_world_start(survey->world, survey->err) == 0) {
        look(survey);
        if (survey->guest->err.code != 0) {
            *survey->err = survey->guest->err;
        }
    }
    explore_guest_release(survey->guest);
}

int explore_guest_survey(struct explore_guest *guest, struct explore_world *world,
                         const struct explore_plan *plan, bool join,
                         struct explore_survey_entry *entries, struct err *child_err,
                         struct err *err)
{
    for (size_t i = 0; i < plan->len; i++) {
        entries[i] = (struct explore_survey_entry){.group = (uint32_t)i};
    }
    if (!join) {
        return 0;
    }
    struct survey survey = {guest,    world, plan, entries, explore_share(sizeof(uint64_t)),
                            child_err};
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
