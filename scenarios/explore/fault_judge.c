/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_judge.c - what is held against a master, and what its faults excuse. */
#include "scenarios/explore/fault_judge.h"

#include "scenarios/explore/fault_conduct.h"

/* Whether the ECU has said no to something, or seemed to. */
static bool was_refused(const struct fault_play *play, uint64_t fired)
{
    for (size_t i = 0; i < play->slots_len; i++) {
        if ((fired >> i & 1u) != 0 && play->slots[i].kind->says_no) {
            return true;
        }
    }
    return false;
}

/* Whether the ECU has used its flash against the rules by itself. */
static bool was_blind(const struct fault_play *play, uint64_t fired)
{
    for (size_t i = 0; i < play->slots_len; i++) {
        if ((fired >> i & 1u) != 0 && play->slots[i].kind->is_blind) {
            return true;
        }
    }
    return false;
}

static bool kept_back_version(const struct fault_play *play, uint64_t fired)
{
    for (size_t i = 0; i < play->slots_len; i++) {
        const struct fault_slot *slot = &play->slots[i];
        if ((fired >> i & 1u) != 0 && slot->kind->says_no && slot->kind->targets != 0 &&
            slot->fault->target == FAULT_READ) {
            return true;
        }
    }
    return false;
}

/* Where the wires themselves fail, master and judge need not have seen the same. */
static bool was_on_bus(const struct fault_play *play, uint64_t fired)
{
    for (size_t i = 0; i < play->slots_len; i++) {
        if ((fired >> i & 1u) != 0 && play->slots[i].kind->family == FAULT_OF_BUS) {
            return true;
        }
    }
    return false;
}

/* The last breach of a rule. What dies by itself again and again is silent like an ECU that starts:
 * polling it is free (INV-6). */
static sim_ns_t last_breach_ns(const struct fault_setting *setting,
                               const struct explore_judgement *why)
{
    enum { BOUNDED_REPETITION = 6 };
    sim_ns_t last_ns = 0;
    for (int i = 0; i < EXPLORE_INVARIANTS; i++) {
        const bool counts = i != BOUNDED_REPETITION || !setting->again;
        last_ns = counts && why->last_of_ns[i] > last_ns ? why->last_of_ns[i] : last_ns;
    }
    return last_ns;
}

/* Who was told no may say no, to what comes after the new version runs as well, and cannot restore
 * what the ECU does not let it restore, or what has no supply (INV-3). But nobody may do so and
 * claim success. */
enum explore_verdict fault_judge(struct fault_play *play, struct fault_outcome *outcome)
{
    const struct explore_breaches none = {.rules = 0};
    const struct fault_setting *setting = play->setting.setting;
    if (setting->by_version && kept_back_version(play, outcome->fired)) {
        explore_judge_allow(&play->world.judge);
    }
    (void)explore_breaches_judged(&play->world, &outcome->why);
    const bool on_bus = was_on_bus(play, outcome->fired);
    const bool conducted =
        on_bus || !fault_conduct_broken(&play->world.judge, !play->has_guest, &outcome->why);
    const bool excused = explore_world_claim(&play->world) != EXPLORE_CLAIMS_SUCCESS &&
                         was_refused(play, outcome->fired);
    play->world.judge.cfg.spares_network =
        excused || ((play->dark || setting->blocks) &&
                    explore_world_claim(&play->world) != EXPLORE_CLAIMS_SUCCESS);
    enum explore_verdict of_end = explore_verdict_of_end(&play->world);
    explore_judge_add_network(&play->world.judge, &outcome->why);
    if (of_end == EXPLORE_UNDERSTATED && (excused || setting->keeps)) {
        of_end = EXPLORE_STOPPED;
    }
    struct explore_breaches now = explore_breaches_of(&play->world);
    now.rules = was_blind(play, outcome->fired) ? none.rules : now.rules;
    now.judged_ns = on_bus ? 0 : last_breach_ns(setting, &outcome->why);
    outcome->invariants = outcome->why.invariants & EXPLORE_INV_NETWORK;
    outcome->invariants |= on_bus ? (uint16_t)0 : explore_judgement_since(&outcome->why, 0);
    return explore_verdict_with(of_end, explore_breaches_since(&now, &none) |
                                            (conducted ? 0u : (unsigned)EXPLORE_BROKE_INVARIANT));
}
