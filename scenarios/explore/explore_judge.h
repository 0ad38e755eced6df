/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_judge.h - the invariants of the case engine (docs/judge.md), asked of
 * an explored world: what the master asks for on the target's bus, and in what state it leaves the
 * network. The others show in the verdict itself: what runs, what the master claims, who else was
 * touched.
 *
 * The judge sits on the bus through its inject_bus, to which faults may add rules: what they strike
 * is then never held against the master. ECUs of the world are sticky (what 28 and 85 have switched
 * off stays off), so that nobody's timer hides what a master has not restored. */
#ifndef EXPLORE_JUDGE_H
#define EXPLORE_JUDGE_H

#include "inject/inject_bus.h"
#include "scenarios/engine/bus_log.h"
#include "scenarios/engine/judge_bus.h"
#include "scenarios/engine/profile.h"
#include "sim/ecus/vehicle.h"

enum { EXPLORE_LIVES_MAX = 64, EXPLORE_INVARIANTS = 11 };

struct explore_judge_cfg {
    const struct profile *profile; /* Of the master. Null: the catalogue's defaults. */
    bool asks_nothing;             /* The master does not declare that it asks preconditions. */
    bool spares_network;           /* INV-3 is not asked: an ECU has said no to its restoration. */
};

struct explore_judge {
    struct explore_judge_cfg cfg;
    struct profile defaults;
    struct vehicle *vehicle;
    struct inject_bus inject;
    struct bus_log log;
    uint32_t lines;
    const struct s12x_ecu *ecus[INJECT_CONNECTIONS_MAX]; /* By the number of their connection. */
    struct s12x_ecu *target;
    struct campaign_window windows[BOOT_REGIONS_MAX]; /* Of the target. */
    struct judge_life lives[EXPLORE_LIVES_MAX];
    struct case_forbidden forbidden; /* If it has a reason. */
    size_t lives_len;                /* Those beyond count as the last one. */
    bool answers;                    /* The last frame that began was the target's, */
    uint64_t frames;                 /* when so many had come to their end, */
    enum ecu_run run;                /* in that state of the target, */
    uint32_t resets;                 /* which had been reset so often. */
    char left[150]; /* The first ECU that INV-3 was broken on, and how; empty: none. */
};

/* INV-3, in a set. */
enum { EXPLORE_INV_NETWORK = 1 << 3 };

/* What was broken. */
struct explore_judgement {
    uint16_t invariants;                     /* A set: bit n is INV-n. */
    sim_ns_t last_ns;                        /* Of the latest breach that is known; 0: none. */
    sim_ns_t last_of_ns[EXPLORE_INVARIANTS]; /* Likewise, of INV-n. */
    char first[200];    /* "INV-5 at 9.1 s: what was seen", of the first. Empty: none. */
    char expected[200]; /* What should have been seen. */
};

/* Attaches it to the target's bus; the judge must not move any more. */
void explore_judge_init(struct explore_judge *judge, const struct explore_judge_cfg *cfg,
                        struct vehicle *vehicle, struct s12x_ecu *target);
void explore_judge_release(struct explore_judge *judge);
/* The master begins a campaign, or goes on with it. The name is kept by pointer. */
void explore_judge_life(struct explore_judge *judge, sim_ns_t now_ns, const char *campaign);

/* From now on no ECU may be erased or loaded, and if session_too the programming session may not
 * be asked for either (INV-4). */
void explore_judge_forbid(struct explore_judge *judge, sim_ns_t now_ns, const char *reason,
                          bool session_too);
/* Nor was it forbidden before. */
void explore_judge_allow(struct explore_judge *judge);

/* The target loses its supply now: what it is just sending arrives nowhere. */
void explore_judge_cut(struct explore_judge *judge, sim_ns_t now_ns);

/* INV-4 to INV-7, and of INV-9 what was asked for, from the beginning until now. Costs some
 * microseconds for each message. */
void explore_judge_bus(const struct explore_judge *judge, struct explore_judgement *judgement);
/* A set: those of which a breach is known that came later. */
uint16_t explore_judgement_since(const struct explore_judgement *judgement, sim_ns_t at_ns);
/* INV-3: false if the campaign has ended, and some ECU with supply is still silent or notes no
 * trouble codes. */
bool explore_judge_network_restored(struct explore_judge *judge);
/* Adds what the last call of explore_judge_network_restored() has found, if it has found any. It is
 * the first breach only where there is none on the bus. */
void explore_judge_add_network(const struct explore_judge *judge,
                               struct explore_judgement *judgement);

#endif
