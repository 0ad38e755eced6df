/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_play.c - plays a schedule: starts its faults when their turn comes, and
 * takes them away. */
#include "scenarios/explore/fault_play.h"

#include "scenarios/engine/case_vehicle.h"
#include "scenarios/explore/explore_branch.h"
#include "scenarios/explore/explore_past.h"
#include "scenarios/explore/fault_judge.h"
#include "scenarios/explore/fault_tie.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Real time for one schedule: far beyond what the longest takes. */
enum { LIMIT_S = 120, LIMIT_GUEST_S = 600 };
/* Two nodes that send one identifier would destroy each other's frames without end: foreign ones
 * have another, 7F8 for instance. */
enum { FOREIGN_BIT = 0x10 };
enum { SECTOR_BYTES = 1024 };
/* More than the longest frame of a bus takes. */
#define FRAME_NS SIM_MS(20)
/* The longest that a fault of the supply may last when the campaign is over. */
#define SUPPLY_NS SIM_S(10)

static struct s12x_ecu *target_of(const struct fault_play *play)
{
    return play->world.target;
}

void fault_slot_fires(struct fault_slot *slot)
{
    const sim_ns_t now_ns = slot->play->world.sim.now_ns;
    if (slot->fired++ == 0) {
        slot->first_ns = now_ns;
    }
}

/* Beginning and end. */

static void on_event(struct sim *sim, void *ctx)
{
    struct fault_slot *slot = ctx;
    (void)sim;
    if (!slot->begun) {
        slot->begun = true;
        slot->kind->start(slot);
    } else if (!slot->ended && slot->stop != NULL) {
        slot->ended = true;
        slot->stop(slot);
    }
}

static bool starts_at_once(const struct fault_kind *kind)
{
    return kind->tie == FAULT_HITS_MESSAGE || kind->tie == FAULT_FROM_BEGIN ||
           (kind->tie == FAULT_HITS_COMMAND && kind->start != fault_start_cut_at);
}

static void attach_setting(struct fault_play *play)
{
    inject_ecu_init(&play->ecu, target_of(play));
    if (play->setting.setting->attach != NULL) {
        play->setting.setting->attach(&play->setting, &play->ecu);
    }
}

static void attach(struct fault_play *play)
{
    inject_bus_init(&play->bus, s12x_ecu_base(target_of(play))->bus);
    (void)case_vehicle_watch(&play->bus, target_of(play));
    attach_setting(play);
    fault_tie_attach(play);
    run_supply_init(&play->supply, s12x_ecu_base(target_of(play)),
                    vehicle_nominal_mv(play->world.vehicle, 0));
}

static void start(struct fault_play *play, const struct fault_schedule *schedule)
{
    attach(play);
    play->slots_len = schedule->len;
    for (size_t i = 0; i < schedule->len; i++) {
        struct fault_slot *slot = &play->slots[i];
        const struct fault *fault = &schedule->faults[i];
        *slot = (struct fault_slot){
            .play = play, .fault = fault, .kind = &fault_kinds[fault->kind], .first_ns = SIM_NEVER};
        (void)snprintf(slot->name, sizeof slot->name, "fault %u", fault->number);
        sim_event_init(&slot->event, SIM_FAULT, on_event, slot, NULL);
        if (starts_at_once(slot->kind)) {
            slot->begun = true;
            slot->kind->start(slot);
        }
    }
}

/* A master that still runs goes on. */
static void go_on(struct explore_world *world, sim_ns_t until_ns)
{
    explore_world_run_to(world, until_ns);
    sim_run_until(&world->sim, until_ns); /* It may have ended on the way. */
}

/* What a fault keeps back arrives: it must not answer the clean retry. */
static void let_arrive(struct fault_play *play)
{
    sim_ns_t until_ns = play->world.sim.now_ns;
    for (size_t i = 0; i < play->slots_len; i++) {
        const struct fault_slot *slot = &play->slots[i];
        if (slot->late_ns != 0 && slot->count != NULL && slot->count->fired != 0) {
            const sim_ns_t arrived_ns = slot->count->last_ns + slot->late_ns + FRAME_NS;
            until_ns = arrived_ns > until_ns ? arrived_ns : until_ns;
        }
    }
    go_on(&play->world, until_ns);
}

/* Those that end so. What stays is the ECU's. */
static void end_faults(struct fault_play *play, enum fault_end end)
{
    for (size_t i = 0; i < play->slots_len; i++) {
        struct fault_slot *slot = &play->slots[i];
        if (slot->kind->end != end) {
            continue;
        }
        sim_cancel(&play->world.sim, &slot->event);
        if (slot->begun && !slot->ended && slot->stop != NULL) {
            slot->stop(slot);
        }
        slot->ended = true;
    }
}

/* A voltage that is still down comes back by itself. */
static void take_away(struct fault_play *play)
{
    struct ecu *ecu = s12x_ecu_base(target_of(play));
    struct sim *sim = &play->world.sim;
    const sim_ns_t until_ns = sim->now_ns + SUPPLY_NS;
    end_faults(play, FAULT_ENDS);
    while (ecu_supply_mv(ecu) != play->supply.nominal_mv && sim->now_ns < until_ns) {
        go_on(&play->world, sim->now_ns + SIM_MS(1));
    }
    let_arrive(play);
}

/* The campaign is over, or never will be. */
static void detach(struct fault_play *play)
{
    end_faults(play, FAULT_ENDS_WITH_CAMPAIGN);
    let_arrive(play);
    inject_bus_release(&play->bus);
    inject_ecu_release(&play->ecu);
    attach_setting(play);
    inject_flash_release(&play->flash);
    s12x_ecu_set_flash_hooks(target_of(play), &(struct s12x_hooks){.ctx = NULL});
    run_supply_release(&play->supply);
}

static void note_fired(const struct fault_play *play, struct fault_outcome *outcome)
{
    bool natured = false; /* A nature is there all the time. */
    outcome->fired = 0;
    outcome->first_ns = SIM_NEVER;
    for (size_t i = 0; i < play->slots_len; i++) {
        const struct fault_slot *slot = &play->slots[i];
        const uint64_t fired = slot->count != NULL ? slot->count->fired : slot->fired;
        const sim_ns_t at_ns = slot->count != NULL ? slot->count->first_ns : slot->first_ns;
        outcome->at_ns[i] = SIM_NEVER;
        if (fired != 0) {
            outcome->fired |= UINT64_C(1) << i;
            outcome->at_ns[i] = at_ns - play->begin_ns;
            natured = natured || slot->kind->end == FAULT_STAYS;
            if (slot->kind->end != FAULT_STAYS) {
                outcome->first_ns = sim_min_ns(outcome->first_ns, outcome->at_ns[i]);
            }
        }
    }
    if (natured && outcome->first_ns == SIM_NEVER) {
        outcome->first_ns = 0;
    }
}

static void play_through(struct fault_play *play, const struct fault_schedule *schedule,
                         struct fault_outcome *outcome)
{
    struct explore_world *world = &play->world;
    struct err *err = &outcome->err;
    if (fault_setting_begin(&play->setting, schedule->setting, world, err) != 0 ||
        (!play->has_guest && explore_world_start(world, err) != 0)) {
        return;
    }
    play->begin_ns = world->sim.now_ns;
    start(play, schedule);
    if (play->has_guest && explore_world_start(world, &outcome->err) != 0) {
        return;
    }
    explore_world_run_to_end(world, play->begin_ns + FAULT_HORIZON_NS);
    play->dark = s12x_ecu_base(target_of(play))->run == ECU_OFF;
    take_away(play);
    explore_world_run_to_end(world, play->begin_ns + FAULT_HORIZON_NS + EXPLORE_BOUND_NS);
    detach(play);
    note_fired(play, outcome);
    outcome->took_ns = world->sim.now_ns - play->begin_ns;
    fault_setting_again(&play->setting);
    outcome->verdict = (uint8_t)fault_judge(play, outcome);
}

void fault_play_here(struct fault_play *play, const struct fault_schedule *schedule,
                     struct fault_outcome *outcome)
{
    *outcome = (struct fault_outcome){.verdict = EXPLORE_BROKEN, .first_ns = SIM_NEVER};
    if (!play->has_guest) {
        play_through(play, schedule, outcome);
    } else if (explore_guest_init(&play->guest, &play->guest_cfg, NULL, &outcome->err) == 0) {
        play_through(play, schedule, outcome);
        if (play->guest.err.code != 0) {
            outcome->err = play->guest.err;
        }
        explore_guest_release(&play->guest);
    }
}

struct trial {
    struct fault_play *play;
    const struct fault_schedule *schedule;
    struct fault_outcome *outcome;
    struct fault_scope *scope; /* Null: is not asked for. */
};

static void run_trial(void *ctx)
{
    const struct trial *trial = ctx;
    if (trial->play->has_guest) {
        (void)setsid(); /* Ctrl-C is the sweep's business. */
        trial->play->guest_cfg.keep_folder = false;
    }
    fault_play_here(trial->play, trial->schedule, trial->outcome);
    if (trial->scope != NULL) {
        *trial->scope = trial->play->scope;
    }
}

static int try_in_child(const struct trial *trial, struct err *err)
{
    bool ended_well = false;
    struct trial copy = *trial;
    *trial->outcome = (struct fault_outcome){.verdict = EXPLORE_BROKEN, .first_ns = SIM_NEVER};
    if (trial->play->has_guest) {
        fflush(NULL); /* The child starts programs, and would write what stands here once more. */
    }
    const int rc = explore_branch_fork(
        run_trial, &copy, trial->play->has_guest ? LIMIT_GUEST_S : LIMIT_S, &ended_well, err);
    if (rc == 0 && trial->outcome->err.code != 0) {
        *err = trial->outcome->err;
        return err->code;
    }
    if (rc == 0 && !ended_well) {
        trial->outcome->verdict = EXPLORE_BROKEN;
    }
    return rc;
}

int fault_play_try(struct fault_play *play, const struct fault_schedule *schedule,
                   struct fault_outcome *outcome, struct err *err)
{
    return try_in_child(&(struct trial){.play = play, .schedule = schedule, .outcome = outcome},
                        err);
}

/* Of a master without a journal any file will do. */
static void take_scope(struct fault_play *play, const struct fault_scope *scope)
{
    play->scope = *scope;
    if (scope->files[0] == 0 && scope->files[1] == 0) {
        play->scope.journal = NULL;
        memcpy(play->scope.files, scope->any_files, sizeof play->scope.files);
    }
}

/* The undisturbed update. */
static int scout(struct fault_play *play, struct err *err)
{
    struct shared {
        struct fault_outcome outcome;
        struct fault_scope scope;
    } *shared = explore_share(sizeof *shared);
    const struct fault_schedule nothing = {.len = 0};
    if (shared == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the undisturbed update");
    }
    int rc = try_in_child(&(struct trial){.play = play,
                                          .schedule = &nothing,
                                          .outcome = &shared->outcome,
                                          .scope = &shared->scope},
                          err);
    const enum explore_verdict verdict = (enum explore_verdict)shared->outcome.verdict;
    if (rc == 0 && verdict != EXPLORE_UPDATED) {
        rc = explore_verdict_refuse(verdict, err);
    }
    take_scope(play, &shared->scope);
    explore_unshare(shared, sizeof *shared);
    return rc;
}

static int init(struct fault_play *play, const struct explore_world_cfg *cfg,
                const struct explore_guest_cfg *guest, struct err *err);

/* A world that is traced has to be clean when its schedule begins: another one is asked. */
static int scout_apart(struct fault_play *play, const struct explore_world_cfg *cfg,
                       const struct explore_guest_cfg *guest, struct err *err)
{
    struct explore_world_cfg untraced = *cfg;
    struct fault_play *other = calloc(1, sizeof *other);
    CHECK(other != NULL);
    untraced.trace_folder = NULL;
    const int rc = init(other, &untraced, guest, err);
    if (rc == 0) {
        const char *ecu = play->scope.ecu;
        play->scope = other->scope;
        play->scope.ecu = ecu;
        play->past = other->past;
        other->past.len = 0; /* It has been handed over. */
        (void)fault_play_release(other, NULL);
    }
    free(other);
    return rc;
}

/* The first sectors of each segment in turn. */
static void note_sectors(struct fault_play *play)
{
    const struct ota_image *image = &play->world.new_image;
    for (size_t i = 0; i < FAULT_SECTORS; i++) {
        const struct ota_segment *segment = &image->segments[i % image->segments_len];
        const uint32_t sectors = (segment->len_bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
        const uint32_t sector = (uint32_t)(i / image->segments_len) % sectors;
        const uint32_t start = segment->start - segment->start % SECTOR_BYTES;
        play->scope.sectors[i] = start + sector * SECTOR_BYTES;
    }
}

static int init(struct fault_play *play, const struct explore_world_cfg *cfg,
                const struct explore_guest_cfg *guest, struct err *err)
{
    struct explore_world_cfg world = *cfg;
    *play = (struct fault_play){.has_guest = guest != NULL};
    world.vacant = true;
    if (guest != NULL) {
        play->guest_cfg = *guest;
        play->guest_cfg.state = &play->past;
        play->guest_cfg.on_disk = fault_tie_disk;
        play->guest_cfg.disk_ctx = play;
        world.seat = &play->guest.seat;
    }
    int rc = explore_world_init(&play->world, &world, err);
    if (rc != 0) {
        return rc;
    }
    play->scope.ecu = s12x_ecu_base(target_of(play))->name;
    note_sectors(play);
    play->scope.foreign_id = s12x_ecu_cfg(target_of(play))->boot.response_id ^ FOREIGN_BIT;
    play->scope.journal = FAULT_JOURNAL;
    if (cfg->trace_folder != NULL) {
        rc = scout_apart(play, cfg, guest, err);
    } else {
        rc = guest != NULL ? explore_past_learn(&play->past, &play->guest_cfg, cfg, err) : 0;
        rc = rc != 0 ? rc : scout(play, err);
    }
    if (rc != 0) {
        (void)fault_play_release(play, NULL);
    }
    return rc;
}

int fault_play_init(struct fault_play *play, const struct explore_world_cfg *cfg, struct err *err)
{
    return init(play, cfg, NULL, err);
}

int fault_play_init_guest(struct fault_play *play, const struct explore_world_cfg *cfg,
                          const struct explore_guest_cfg *guest, struct err *err)
{
    return init(play, cfg, guest, err);
}

int fault_play_release(struct fault_play *play, struct err *err)
{
    explore_folder_release(&play->past);
    return explore_world_release(&play->world, err);
}
