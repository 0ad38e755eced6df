/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest.h - any master in the seat of a world: an unmodified program,
 * started through its adapter, in virtual time (docs/guests.md).
 *
 * A fork of the world would have to share the program with the original. So the program is doubled
 * first (explore_guest_branch.h); where it cannot be, each future starts it in a process of its
 * own, and goes through what lies before the cut once more. The world itself is made once and
 * stands, vacant, where the master begins. */
#ifndef EXPLORE_GUEST_H
#define EXPLORE_GUEST_H

#include "scenarios/engine/master_seat.h"
#include "scenarios/explore/explore_folder.h"
#include "scenarios/explore/explore_world.h"

struct explore_guest_cfg {
    const struct adapter *adapter; /* Required, as folder. Kept by pointer, as all of these. */
    const char *folder;            /* Absolute; it exists. The master has a folder in it. */
    const char *preload_path;      /* See struct supervisor_cfg. */
    const char *programs;          /* See struct adapter_place. */
    bool keep_folder;              /* The master's stays where it is, with all that is in it. */
    const struct explore_folder *state; /* In its state folder when it starts first. Null: nothing.
                                         */
    guest_store_hook *on_disk; /* Hears of what it does there, on a disk of its own. Null: the state
                                * folder is the machine's. */
    void *disk_ctx;
    bool exact_disk; /* It counts its room in bytes, not in blocks, and tells of reads as well. */
};

enum { EXPLORE_GUEST_PATH_MAX = 400 };

/* Must not move in memory once a world has its seat. */
struct explore_guest {
    struct explore_guest_cfg cfg;
    struct explore_seat seat; /* For struct explore_world_cfg. */
    char work[EXPLORE_GUEST_PATH_MAX + 1];
    char image[EXPLORE_GUEST_PATH_MAX + 16]; /* Of the new version. */
    char state[EXPLORE_GUEST_PATH_MAX + 16]; /* Its state folder. */
    struct guest_store *disk;                /* Below that. Null: none. */
    struct explore_world *world;
    struct af_can *can;
    struct can_tap tap; /* Looks at what the target runs. */
    struct master_seat lives;
    uint64_t frames_begun; /* On the target's bus, by anybody. */
    bool open;             /* There was a life. */
    bool shares_folder;    /* It is a double, and the folder is the original's. */
    struct err err;        /* Why the master could not even be played. Code 0: it could. */
};

/* Fills guest->seat. place: a name for its folder that no other process has. Null: one after this
 * process, or "master" where the folder is kept. ERR_RANGE: a path is too long. */
int explore_guest_init(struct explore_guest *guest, const struct explore_guest_cfg *cfg,
                       const char *place, struct err *err);
/* What the adapter says about styles and checks, where the configuration leaves them open, and what
 * the judge has to know of the master. */
void explore_guest_fit(const struct adapter *adapter, struct explore_world_cfg *cfg);
/* Ends a life that still goes on, and removes the folder. Before explore_world_release(). */
void explore_guest_release(struct explore_guest *guest);

#endif
