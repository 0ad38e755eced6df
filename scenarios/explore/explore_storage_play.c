/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_storage_play.c - plays what happens to a master's state folder. */
#include "scenarios/explore/explore_storage_play.h"

#include "master/ota_backup.h"
#include "scenarios/explore/explore_past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Real time for one future. */
enum { LIMIT_S = 120, GUEST_LIMIT_S = 300 };

/* Only those that can put the old version back have a past: it is asked of them at the end. */
static int open_guest(struct explore_storage_play *play, const struct explore_guest_cfg *guest,
                      struct explore_world_cfg *world, struct err *err)
{
    int rc = 0;
    play->guest_cfg = *guest;
    play->has_past = adapter_can(guest->adapter, CAPABILITY_BACKUPS) &&
                     adapter_can(guest->adapter, CAPABILITY_ROLLBACK);
    if (play->has_past && guest->state == NULL) {
        rc = explore_past_learn(&play->past_state, guest, world, err);
        play->guest_cfg.state = &play->past_state;
    }
    explore_guest_store_fit(&play->guest_store, &play->guest_cfg);
    world->seat = &play->guest.seat;
    world->vacant = true;
    return rc != 0 ? rc : explore_guest_init(&play->guest, &play->guest_cfg, NULL, err);
}

int explore_storage_play_init(struct explore_storage_play *play,
                              const struct explore_storage_cfg *cfg,
                              struct explore_storage_slate *slate, struct err *err)
{
    const sim_ns_t off_ns = cfg->master_off_ns != 0 ? cfg->master_off_ns : EXPLORE_MASTER_OFF_NS;
    struct explore_world_cfg world = cfg->world;
    *play = (struct explore_storage_play){.slate = slate, .is_guest = cfg->guest != NULL};
    int rc = cfg->guest != NULL ? open_guest(play, cfg->guest, &world, err) : 0;
    rc = rc != 0 ? rc : explore_world_init(&play->world, &world, err);
    if (rc != 0) {
        explore_folder_release(&play->past_state);
        return rc;
    }
    if (play->is_guest) {
        explore_guest_store_init(&play->guest_store, &play->store, &play->guest, &play->world,
                                 off_ns);
    } else {
        explore_port_init(&play->port, &play->store, &play->world, off_ns);
    }
    play->start_ns = play->world.sim.now_ns;
    return 0;
}

int explore_storage_play_move(struct explore_storage_play *play, struct err *err)
{
    CHECK(!play->begun);
    return play->is_guest ? explore_guest_init(&play->guest, &play->guest_cfg, NULL, err) : 0;
}

int explore_storage_play_release(struct explore_storage_play *play, struct err *err)
{
    explore_port_release(&play->port);
    explore_guest_release(&play->guest);
    explore_guest_store_release(&play->guest_store);
    explore_folder_release(&play->past_state);
    return explore_world_release(&play->world, err);
}

static bool is_away(const struct explore_storage_play *play)
{
    return play->is_guest && !play->begun;
}

void explore_storage_play_before(struct explore_storage_play *play, sim_ns_t at_ns)
{
    if (!is_away(play) && at_ns > play->world.sim.now_ns + 1) {
        explore_store_run_until(&play->store, at_ns - 1);
        sim_run_until(&play->world.sim, at_ns - 1); /* The campaign may have ended on the way. */
    }
}

void explore_storage_play_expect(struct explore_storage_play *play, const struct explore_step *step)
{
    struct explore_store *store = &play->store;
    if (is_away(play)) {
        CHECK(play->past.len < EXPLORE_STEPS_MAX);
        play->past.steps[play->past.len++] = *step;
    } else if (step->is_cut) {
        explore_world_cut(&play->world, step->at_ns);
        explore_store_disturbed(store);
    } else if (step->at.call == EXPLORE_CALL_FRAME) {
        explore_store_lose(store);
    } else if (step->at.mishap == EXPLORE_MISHAP_ROOM) {
        explore_store_limit(store, step->capacity_bytes);
    } else {
        explore_store_expect(store, &step->at);
    }
}

int explore_storage_play_begin(struct explore_storage_play *play, struct err *err)
{
    if (!is_away(play)) {
        return 0;
    }
    const int rc = explore_world_start(&play->world, err);
    if (rc != 0) {
        return rc;
    }
    play->begun = true;
    explore_guest_store_begin(&play->guest_store);
    for (uint8_t i = 0; i < play->past.len; i++) {
        explore_storage_play_before(play, play->past.steps[i].at_ns);
        explore_storage_play_expect(play, &play->past.steps[i]);
    }
    return 0;
}

/* The image that ran before is whole and listed: an update keeps two. */
static bool has_backup(const struct explore_storage_play *play)
{
    const struct ota_port *port = &play->port.inner;
    struct ota_backups backups;
    bool whole = false;
    ota_backups_read(port, &backups);
    for (size_t i = 0; i < backups.len && !whole; i++) {
        struct ota_image image;
        if (ota_backup_load(port, &backups.list[i], &image, NULL) == 0) {
            whole = memcmp(image.content_sha256, play->world.old_image.content_sha256,
                           sizeof image.content_sha256) == 0;
            ota_image_release(&image);
        }
    }
    return whole;
}

/* Breaches of invariants that only a sweep of this kind can see. */
static enum explore_verdict breach_of(const struct explore_storage_play *play)
{
    const struct explore_store *store = &play->store;
    if (!play->is_guest && !has_backup(play)) {
        return EXPLORE_NO_BACKUP;
    }
    if (explore_store_began_without_room(store)) {
        return EXPLORE_NO_ROOM;
    }
    return explore_store_did_again(store) ? EXPLORE_REDONE : EXPLORE_UPDATED;
}

/* A guest's copies are its own matter; it has that of the old version if it can put it back. */
static bool puts_back(struct explore_storage_play *play)
{
    struct explore_world *world = &play->world;
    world->job.action = OTA_ACTION_ROLLBACK;
    if (explore_world_start_again(world, "back", NULL) != 0) {
        return false;
    }
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    return explore_world_holds(world, &world->old_image);
}

void explore_storage_play_end(struct explore_storage_play *play, const struct explore_step *last)
{
    struct explore_world *world = &play->world;
    struct explore_store *store = &play->store;
    struct explore_storage_outcome *outcome = &play->slate->outcome;
    const struct explore_breaches none = {.rules = 0};
    if (last != NULL) {
        /* What a guest does at an instant is done when the next one comes. */
        explore_store_run_until(store, last->at_ns + play->is_guest);
    }
    if (play->is_guest && store->due_len > 0) {
        return; /* It has not come to that call again: no verdict. */
    }
    outcome->state = explore_flash_hash(world) + store->ops->hash(store->ops_ctx);
    explore_store_run_until(store, world->sim.now_ns + EXPLORE_BOUND_NS);
    outcome->frames = s12x_ecu_base(world->target)->bus->stats.frames;
    const enum explore_verdict breach = breach_of(play);
    play->slate->called_len = store->called_len;
    play->slate->called_full = store->called_full;
    explore_store_heal(store);
    const struct explore_breaches judged = explore_breaches_judged(world, &outcome->why);
    const enum explore_verdict of_end = explore_verdict_of_end(world);
    explore_judge_add_network(&world->judge, &outcome->why);
    struct explore_breaches breaches = explore_breaches_of(world);
    breaches.judged_ns = judged.judged_ns;
    outcome->invariants =
        explore_judgement_since(&outcome->why, 0) | (outcome->why.invariants & EXPLORE_INV_NETWORK);
    outcome->digest =
        play->is_guest || world->master.master != NULL ? explore_world_digest(world) : 0;
    outcome->verdict = explore_verdict_with(of_end > breach ? of_end : breach,
                                            explore_breaches_since(&breaches, &none));
    if (play->has_past && explore_verdict_good(outcome->verdict) && !puts_back(play)) {
        outcome->verdict = EXPLORE_NO_BACKUP;
    }
}

struct trial {
    struct explore_storage_play *play;
    const struct explore_step *step; /* Null: nothing happens. */
    void (*end)(const struct trial *trial);
};

/* In a child, right before the step. */
static void run_trial(void *ctx)
{
    const struct trial *trial = ctx;
    struct explore_storage_play *play = trial->play;
    struct err *err = &play->slate->err;
    if (play->is_guest) {
        (void)setsid(); /* Ctrl-C is the sweep's business. */
    }
    if (explore_storage_play_begin(play, err) == 0) {
        if (trial->step != NULL) {
            explore_storage_play_before(play, trial->step->at_ns);
            explore_storage_play_expect(play, trial->step);
        }
        trial->end(trial);
        if (play->guest.err.code != 0) {
            *err = play->guest.err;
        }
    }
    explore_guest_release(&play->guest);
}

static void end_trial(const struct trial *trial)
{
    explore_storage_play_end(trial->play, trial->step);
}

static int compare(const void *left, const void *right)
{
    const struct explore_called *a = left;
    const struct explore_called *b = right;
    if (a->at_ns != b->at_ns) {
        return a->at_ns < b->at_ns ? -1 : 1;
    }
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    return 0;
}

/* Puts the frames among the calls: before those of the same instant, as the master is gone before
 * anything else happens then. */
static void add_frames(struct explore_storage_slate *slate)
{
    for (size_t i = 0; i < slate->called_len; i++) {
        slate->called[i].order = i + 1;
    }
    for (size_t i = 0; i < slate->ops_len; i++) {
        const struct explore_op *op = &slate->ops[i];
        if (op->kind != EXPLORE_FRAME) {
            continue;
        }
        if (slate->called_len == EXPLORE_CALLED_MAX) {
            slate->called_full = true;
            break;
        }
        slate->called[slate->called_len++] =
            (struct explore_called){.call = EXPLORE_CALL_FRAME,
                                    .number = op->number,
                                    .at_ns = op->start_ns,
                                    .events_run = UINT64_MAX - op->number};
    }
    qsort(slate->called, slate->called_len, sizeof slate->called[0], compare);
}

static void end_scout(const struct trial *trial)
{
    struct explore_storage_play *play = trial->play;
    struct explore_storage_slate *slate = play->slate;
    struct explore_points points = {.watching = false};
    explore_store_note(&play->store, slate->called, EXPLORE_CALLED_MAX);
    if (trial->step != NULL) {
        explore_store_run_until(&play->store, trial->step->at_ns);
    }
    explore_points_watch(&points, &play->world, slate->ops, EXPLORE_OPS_MAX);
    explore_store_run_until(&play->store, play->world.sim.now_ns + EXPLORE_BOUND_NS);
    slate->ops_len = points.len;
    slate->ops_full = points.full;
    explore_points_stop(&points);
    explore_phases_find(&slate->phases, &play->world);
    explore_storage_play_end(play, NULL);
    add_frames(slate);
}

static int branch(struct explore_storage_play *play, const struct explore_step *step,
                  void (*end)(const struct trial *trial), struct err *err)
{
    struct trial trial = {.play = play, .step = step, .end = end};
    struct explore_storage_slate *slate = play->slate;
    const unsigned limit_s = play->is_guest ? GUEST_LIMIT_S : LIMIT_S;
    bool ended_well = false;
    slate->outcome = (struct explore_storage_outcome){.verdict = EXPLORE_BROKEN};
    slate->err.code = 0;
    if (play->is_guest) {
        fflush(NULL); /* The child starts programs, and would write what stands here once more. */
    }
    const int rc = explore_branch_fork(run_trial, &trial, limit_s, &ended_well, err);
    if (rc == 0 && slate->err.code != 0) {
        *err = slate->err;
        return err->code;
    }
    if (rc == 0 && !ended_well) {
        slate->outcome = (struct explore_storage_outcome){.verdict = EXPLORE_BROKEN};
        slate->called_len = 0;
        slate->ops_len = 0;
    }
    return rc;
}

int explore_storage_play_scout(struct explore_storage_play *play, const struct explore_step *step,
                               struct err *err)
{
    return branch(play, step, end_scout, err);
}

int explore_storage_play_try(struct explore_storage_play *play, const struct explore_step *step,
                             struct err *err)
{
    return branch(play, step, end_trial, err);
}
