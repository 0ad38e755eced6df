/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_storage.h - the sweep over the master's state folder: an update runs
 * once clean, the master's calls are counted, and then each of them fails in each way that a disk
 * has, or the master loses its power before, in and after it. With depth 2 something else happens
 * at a call of the recovery; with power the ECU loses its supply before or after the master does.
 *
 * The reference master runs in this process, and futures branch off it. Any other is a guest, and
 * each future starts it anew.
 *
 * An error may end the campaign, if it is told and a clean retry, on a sound disk, ends well. A
 * loss of power may cost nothing: the master starts again and goes on. */
#ifndef EXPLORE_STORAGE_H
#define EXPLORE_STORAGE_H

#include "scenarios/explore/explore_guest.h"
#include "scenarios/explore/explore_step.h"
#include "scenarios/explore/explore_sweep.h"

#define EXPLORE_MASTER_OFF_NS SIM_S(1)

struct explore_storage_cfg {
    struct explore_world_cfg world;
    sim_ns_t master_off_ns; /* How long a loss of the master's power lasts. 0: 1 s. */
    unsigned depth;         /* Things that happen in a row, 1 or 2. 0: 1. */
    bool with_power;        /* Two: a cut of the ECU and a loss of the master, in either order. */
    size_t sample;          /* So many (with two: pairs), drawn at random. 0: all. */
    /* The master is this guest. Null: the reference master in this process. */
    const struct explore_guest_cfg *guest;
    /* Identity, shard, jobs, journal, progress, give_up; the rest is filled in. */
    struct explore_sweep_cfg sweep;
};

/* 0 with *result filled, to be released; or a negative code with *err, for instance if the update
 * does not even go well when all is sound. */
int explore_storage_run(const struct explore_storage_cfg *cfg, struct result_sweep *result,
                        struct err *err);

struct explore_storage_outcome {
    enum explore_verdict verdict;
    uint16_t invariants;          /* Rules of the judge that were broken: bit n is INV-n. */
    uint64_t state;               /* Of flash and state folder right after what happened last. */
    uint64_t digest;              /* explore_world_digest() at the end. */
    uint64_t frames;              /* On the target's bus, until the campaign has ended. */
    struct explore_judgement why; /* Which rules of the judge the master has broken on the way. */
};

/* One point alone, with a trace if the world's configuration names a folder for it. ERR_NOT_FOUND:
 * the run has no such call or operation. */
int explore_storage_point(const struct explore_storage_cfg *cfg, const struct explore_steps *steps,
                          struct explore_storage_outcome *outcome, struct err *err);

#endif
