/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_guest_store.h - between a guest and its state folder: the calls that
 * any program makes there, as explore_store.h counts them, on the disk of guest/guest_store.h.
 *
 * What only a master itself could tell is asked of those that declare it: that work is not done
 * again, of "resume" with "persistence"; that the room is looked at before flash is erased, of
 * "storage". What had been confirmed is what the bus has shown. */
#ifndef EXPLORE_GUEST_STORE_H
#define EXPLORE_GUEST_STORE_H

#include "scenarios/explore/explore_guest.h"
#include "scenarios/explore/explore_store.h"

struct explore_guest_sector {
    uint32_t erases; /* Until the campaign began. */
    bool is_done;    /* It had been erased and written when the master first lost its power. */
};

/* Must not move in memory. */
struct explore_guest_store {
    struct explore_store *store; /* Null: it is nowhere between. */
    struct explore_guest *guest;
    uint64_t version;
    enum explore_call call;     /* Of the call under way; EXPLORE_CALL_KINDS: it does not count. */
    enum explore_mishap mishap; /* At it. */
    struct explore_called *called;          /* Null: it is not noted. */
    size_t names_from;                      /* The first note since names were synced. */
    bool sync_fails;                        /* The next one of a folder. */
    bool made;                              /* A file, and nothing has been written since; */
    char made_path[EXPLORE_GUEST_PATH_MAX]; /* its name. */
    uint64_t times_full;
    struct explore_guest_sector *sectors; /* Of the application. Owned. */
    uint64_t erases;                      /* Work area: of those that are done. */
};

/* What the guest needs to have such a disk: before explore_guest_init(). */
void explore_guest_store_fit(struct explore_guest_store *self, struct explore_guest_cfg *cfg);
/* In a world whose master is vacant, with the guest in its seat; initialises the store as well. */
void explore_guest_store_init(struct explore_guest_store *self, struct explore_store *store,
                              struct explore_guest *guest, struct explore_world *world,
                              sim_ns_t off_ns);
/* The guest has its disk: from now on there is as much room on it as on any machine. */
void explore_guest_store_begin(struct explore_guest_store *self);
void explore_guest_store_release(struct explore_guest_store *self);

#endif
