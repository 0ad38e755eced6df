/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_verdict.c - judges how a cut update has ended. */
#include "scenarios/explore/explore_verdict.h"

#include "scenarios/explore/explore_truth.h"

#include <string.h>

/* Emulated EEPROM and last frames; a reset, until the application is up; and the longest that a
 * bootloader may wait for somebody before it starts the application. */
#define REST_NS   SIM_MS(100)
#define RESET_NS  SIM_MS(100)
#define LINGER_NS SIM_S(10)

static const struct {
    const char *text;
    const char *meaning;
} verdicts[EXPLORE_VERDICT_COUNT] = {
#define EXPLORE_ROW(name, text, meaning) [name] = {text, meaning},
    EXPLORE_VERDICTS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

const struct explore_invariant explore_invariants[EXPLORE_RULES] = {
    {3, "INV-3", "the network is restored"},  {4, "INV-4", "nothing is programmed before its time"},
    {5, "INV-5", "one request at a time"},    {6, "INV-6", "bounded repetition"},
    {7, "INV-7", "the data are the segment"}, {9, "INV-9", "what is protected stays"},
};

const char *explore_verdict_text(enum explore_verdict verdict)
{
    CHECK(verdict < EXPLORE_VERDICT_COUNT);
    return verdicts[verdict].text;
}

const char *explore_verdict_meaning(enum explore_verdict verdict)
{
    CHECK(verdict < EXPLORE_VERDICT_COUNT);
    return verdicts[verdict].meaning;
}

bool explore_verdict_good(enum explore_verdict verdict)
{
    return verdict <= EXPLORE_STOPPED;
}

int explore_verdict_refuse(enum explore_verdict verdict, struct err *err)
{
    return err_set(err, ERR_CONFLICT,
                   "the update does not even go well undisturbed: %s; to see it, play it alone: "
                   "limphome explore power --point clean --out FOLDER, with the same --master, "
                   "--vehicle, --size, --style, --check, --resume and --seed",
                   explore_verdict_text(verdict));
}

enum installed { INSTALLED_NOTHING, INSTALLED_OLD, INSTALLED_NEW, INSTALLED_TRIAL };

/* Whether an application really runs is seen after a reset: it has to start by itself. */
static bool runs_after_reset(struct explore_world *world)
{
    struct ecu *ecu = s12x_ecu_base(world->target);
    sim_run_until(&world->sim, world->sim.now_ns + REST_NS);
    ecu_power_cut(ecu, world->cfg.off_ns);
    sim_run_until(&world->sim, world->sim.now_ns + world->cfg.off_ns + RESET_NS);
    if (ecu->run != ECU_APPLICATION) {
        sim_run_until(&world->sim, world->sim.now_ns + LINGER_NS);
    }
    explore_world_look(world);
    return ecu->run == ECU_APPLICATION;
}

static enum installed installed(struct explore_world *world)
{
    if (explore_world_holds(world, &world->new_image)) {
        return INSTALLED_NEW;
    }
    if (explore_world_holds(world, &world->old_image)) {
        return INSTALLED_OLD;
    }
    return world->trial.segments_len != 0 && explore_world_holds(world, &world->trial)
               ? INSTALLED_TRIAL
               : INSTALLED_NOTHING;
}

static bool claims_success(const struct explore_world *world)
{
    return explore_world_claim(world) == EXPLORE_CLAIMS_SUCCESS;
}

/* A rollback leads from the version that runs to the one before it; where none runs, to any. */
static bool is_there(struct explore_world *world, bool any)
{
    const enum installed what = installed(world);
    return what == INSTALLED_NEW || (any && what == INSTALLED_OLD);
}

static bool try_again(struct explore_world *world, const char *campaign, bool any)
{
    if (explore_world_start_again(world, campaign, NULL) != 0) {
        return false;
    }
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    return claims_success(world) && runs_after_reset(world) && is_there(world, any);
}

/* A campaign that waits to be taken up is; one that has ended, perhaps with the rollback that it
 * was in, is ordered again. */
static bool retry_ends_well(struct explore_world *world, bool runs, enum installed what)
{
    const bool any = world->job.action == OTA_ACTION_ROLLBACK && !(runs && what == INSTALLED_OLD);
    const bool interrupted = explore_world_claim(world) == EXPLORE_CLAIMS_INTERRUPTED;
    if (interrupted && try_again(world, NULL, any)) {
        return true;
    }
    if (world->on_retry != NULL) {
        world->on_retry(world);
    }
    return try_again(world, "retry", any);
}

/* What it comes to if a clean retry ends well. */
static enum explore_verdict as_it_was(bool runs, enum installed what, enum explore_claim claim)
{
    if (!runs || what == INSTALLED_TRIAL) {
        return EXPLORE_RETRIED;
    }
    if (what == INSTALLED_OLD) {
        return EXPLORE_OLD_RUNS;
    }
    return claim == EXPLORE_CLAIMS_INTERRUPTED ? EXPLORE_STOPPED : EXPLORE_UNDERSTATED;
}

static enum explore_verdict after_end(struct explore_world *world)
{
    /* Without supply it may have run until a moment ago; but then no bootloader has answered. */
    const bool only_bootloader = s12x_ecu_base(world->target)->run == ECU_BOOTLOADER;
    const bool runs = runs_after_reset(world);
    const enum installed what = installed(world);
    const enum explore_claim claim = explore_world_claim(world);
    const bool claimed = claim == EXPLORE_CLAIMS_SUCCESS;
    const bool claimed_old = claim == EXPLORE_CLAIMS_ROLLED_BACK;
    if ((claimed && (what != INSTALLED_NEW || !runs)) ||
        (claimed_old && (what != INSTALLED_OLD || !runs))) {
        return EXPLORE_FALSE_SUCCESS;
    }
    if (runs && what == INSTALLED_NOTHING) {
        return EXPLORE_WRONG;
    }
    if (claimed) {
        return only_bootloader ? EXPLORE_EARLY_SUCCESS : EXPLORE_UPDATED;
    }
    if (retry_ends_well(world, runs, what)) {
        return as_it_was(runs, what, claim);
    }
    return runs ? EXPLORE_LOST : EXPLORE_BRICKED;
}

/* Whether the network is as it was is seen before anything is reset. */
static enum explore_verdict of_campaign(struct explore_world *world)
{
    if (explore_world_claim(world) == EXPLORE_CLAIMS_NOTHING) {
        return EXPLORE_WITHOUT_END;
    }
    sim_run_until(&world->sim, world->sim.now_ns + REST_NS);
    const bool restored = explore_judge_network_restored(&world->judge);
    enum explore_verdict verdict = after_end(world);
    if (world->cfg.strict && (verdict == EXPLORE_OLD_RUNS || verdict == EXPLORE_RETRIED)) {
        verdict = EXPLORE_GAVE_UP;
    }
    if (!restored && verdict < EXPLORE_INVARIANT) {
        verdict = EXPLORE_INVARIANT;
    }
    return verdict < EXPLORE_UNTRUE && !explore_truth_kept(world) ? EXPLORE_UNTRUE : verdict;
}

enum explore_verdict explore_verdict_of_end(struct explore_world *world)
{
    const enum explore_verdict verdict = of_campaign(world);
    return verdict < EXPLORE_WRONG && explore_world_others_hash(world) != world->others_hash
               ? EXPLORE_WRONG
               : verdict;
}

/* What a power cut explains by itself is no fault of the code. */
struct explore_breaches explore_breaches_of(const struct explore_world *world)
{
    const struct s12x_flash *flash = s12x_ecu_flash(world->target);
    struct explore_breaches breaches = {.unapproved = world->ran_unapproved,
                                        .at_ns = world->sim.now_ns};
    for (int kind = 0; kind < S12X_FINDING_COUNT; kind++) {
        if (kind != S12X_FIND_EEE_LOST) {
            breaches.rules += (uint32_t)s12x_flash_finding_count(flash, (enum s12x_finding)kind);
        }
    }
    return breaches;
}

struct explore_breaches explore_breaches_judged(const struct explore_world *world,
                                                struct explore_judgement *why)
{
    struct explore_judgement judgement;
    struct explore_breaches breaches = explore_breaches_of(world);
    explore_judge_bus(&world->judge, &judgement);
    breaches.judged_ns = judgement.last_ns;
    if (why != NULL) {
        *why = judgement;
    }
    return breaches;
}

unsigned explore_breaches_since(const struct explore_breaches *now,
                                const struct explore_breaches *before)
{
    return (now->rules != before->rules ? (unsigned)EXPLORE_BROKE_RULE : 0u) |
           (now->unapproved != before->unapproved ? (unsigned)EXPLORE_RAN_UNAPPROVED : 0u) |
           (now->judged_ns > before->at_ns ? (unsigned)EXPLORE_BROKE_INVARIANT : 0u);
}

enum explore_verdict explore_verdict_with(enum explore_verdict of_end, unsigned breaches)
{
    enum explore_verdict breach = EXPLORE_UPDATED;
    if ((breaches & EXPLORE_RAN_UNAPPROVED) != 0) {
        breach = EXPLORE_WRONG;
    } else if ((breaches & EXPLORE_BROKE_RULE) != 0) {
        breach = EXPLORE_RULE_BROKEN;
    } else if ((breaches & EXPLORE_BROKE_INVARIANT) != 0) {
        breach = EXPLORE_INVARIANT;
    }
    return breach > of_end ? breach : of_end;
}
