/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_branch.h - branches of a world: a play goes on from an instant,
 * and what it comes to is left in shared memory. The world of the caller stays where it is: the
 * play has a process of its own, or its memory is put back (explore_rewind.h).
 *
 * Futures are joined. What a cut comes to is foreseen: if that state was met before in this slice
 * of the sweep, nothing is played at all. Otherwise the play looks again whenever the master has
 * got on; once its state is one that was met before, the verdict is known, and the play ends. */
#ifndef EXPLORE_BRANCH_H
#define EXPLORE_BRANCH_H

#include "scenarios/explore/explore_cut.h"
#include "scenarios/explore/explore_hash.h"
#include "scenarios/explore/explore_phases.h"
#include "scenarios/explore/explore_verdict.h"

struct explore_outcome {
    uint8_t verdict;     /* enum explore_verdict. */
    bool joined;         /* Known from another future; no digest then. */
    uint16_t invariants; /* Rules of the judge that were broken: bit n is INV-n. */
    uint64_t state;      /* explore_flash_hash() right after the cut. */
    uint64_t digest;     /* explore_world_digest() at the end. */
    sim_ns_t joined_ns;  /* When, if joined. */
};

enum { EXPLORE_VISITED_MAX = 1 << 14, EXPLORE_OPS_MAX = 1 << 20 };

/* The ECU alone: after a cut the master may be gone as well, for hours. What the ECU then starts by
 * itself, when it has waited long enough, and what it has written down follow from its flash; so it
 * is tried once for each state of it, or, where of the image nothing or no more than its header is
 * looked at, once for each state of emulated EEPROM, or of that and the header. */
#define EXPLORE_ALONE_NS SIM_S(20)

/* A state on the way, and what had happened until then. */
struct explore_visit {
    uint64_t state;
    struct explore_breaches before;
};

/* What a play leaves. */
struct explore_slate {
    struct explore_outcome outcome;
    enum explore_verdict of_end;      /* Of outcome.verdict the part that the end decides, */
    struct explore_breaches breaches; /* until the end, or the joint, */
    unsigned breaches_after;          /* and, set, behind the joint: */
    uint16_t invariants_after;        /* of the judge's rules these. */
    struct explore_judgement why;     /* What of them the judge has seen. */
    uint8_t alone;                    /* Verdict of the ECU alone, by a child of its own. */
    enum s12x_watched alone_by;       /* Likewise: what of the image had a part in it. */
    size_t visited_len;
    struct explore_visit visited[EXPLORE_VISITED_MAX]; /* Oldest first. */
    struct explore_phases phases;                      /* Where operations are noted. */
    size_t ops_len;
    bool ops_full;
    struct explore_op ops[EXPLORE_OPS_MAX];
};

struct explore_branch {
    struct explore_world *world;
    struct explore_slate *slate; /* Shared. */
    struct explore_table *known; /* Shared: states and what their futures come to, as
                                  * explore_branch_keep() has put them. Null: nothing is joined. */
    struct explore_table *alone; /* Shared: states of flash, and the verdict of the ECU alone in
                                  * them. Null: that is not tried. */
    const struct explore_foreseen *foreseen; /* Null: the cut could not be foreseen. */
    bool keep;                               /* What is found is put into known. */
    bool watch;                              /* Operations are noted on the slate. */
};

/* Whether all is known of a cut that was foreseen. True: the slate has its outcome. */
bool explore_branch_known(const struct explore_branch *branch, sim_ns_t cut_ns);

/* A play cuts the world's supply at that instant (0: not at all), which explore_world_run_before()
 * has reached, and goes on to the end. A play that crashes or hangs leaves EXPLORE_BROKEN.
 * ERR_NOMEM if there can be no child. */
int explore_branch_try(const struct explore_branch *branch, sim_ns_t cut_ns, struct err *err);

/* In this process: the world, whose supply has just gone, goes on to its end, joining as above. */
void explore_branch_after_cut(const struct explore_branch *branch);

/* Puts the states visited into a table, with what followed from each. */
void explore_branch_keep(const struct explore_slate *slate, struct explore_table *table);

/* A child runs fn and ends. *ended_well: it has not crashed. */
int explore_branch_fork(void (*fn)(void *ctx), void *ctx, unsigned limit_s, bool *ended_well,
                        struct err *err);
/* The same without a child, where explore_rewind_begin() has been called. */
int explore_branch_play(void (*fn)(void *ctx), void *ctx, unsigned limit_s, bool *ended_well,
                        struct err *err);

#endif
