/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_store.h - between a master and its state folder: each call that it
 * makes has a number, and at one of them the folder fails, or the master loses its power.
 *
 * A master that has lost its power is gone at once: none of its calls and frames has an effect any
 * more. It starts again after a while in what the loss has left. Who comes between is one of two:
 * explore_port.h at the reference master in this process, explore_guest_store.h at a guest. */
#ifndef EXPLORE_STORE_H
#define EXPLORE_STORE_H

#include "scenarios/explore/explore_world.h"

/* Letters are those of ids. */
#define EXPLORE_CALLS(X)                                                                           \
    X(EXPLORE_CALL_WRITE, 'w', "writes")                                                           \
    X(EXPLORE_CALL_SYNC, 's', "syncs")                                                             \
    X(EXPLORE_CALL_RENAME, 'n', "renames")                                                         \
    X(EXPLORE_CALL_REMOVE, 'u', "removals") /* Of files that are there. */                         \
    X(EXPLORE_CALL_READ, 'r', "reads")      /* Of files that are there. */                         \
    X(EXPLORE_CALL_CREATE, 'c',                                                                    \
      "new names") /* Of guests, as the next two: of files, folders, links.                        \
                    */                                                                             \
    X(EXPLORE_CALL_RESIZE, 't', "changes of size")                                                 \
    X(EXPLORE_CALL_SYNC_FOLDER, 'd', "syncs of a folder or of all")                                \
    X(EXPLORE_CALL_FRAME, 'b', "bus frames") /* No call, but an instant to lose power at as well.  \
                                              */

enum explore_call {
#define EXPLORE_ENUM(id, letter, text) id,
    EXPLORE_CALLS(EXPLORE_ENUM)
#undef EXPLORE_ENUM
        EXPLORE_CALL_KINDS
};
char explore_call_letter(enum explore_call call);
const char *explore_call_text(enum explore_call call);

enum { EXPLORE_TEARS = 7 };

/* What happens at a call. Those from EXPLORE_MISHAP_LOST on are losses of the master's power. */
#define EXPLORE_MISHAPS(X)                                                                         \
    X(EXPLORE_MISHAP_ERROR, "error", "fails with an I/O error; nothing is done")                   \
    X(EXPLORE_MISHAP_ROOM, "room", "the disk is too small for it from the beginning on")           \
    X(EXPLORE_MISHAP_FULL, "full", "no space, from here on until something is removed")            \
    X(EXPLORE_MISHAP_PART, "part", "half of it fits, then the disk is full likewise")              \
    X(EXPLORE_MISHAP_ONCE, "once", "no space, this once")                                          \
    X(EXPLORE_MISHAP_SHORT, "short", "half of it is taken, as the call says; then all is well")    \
    X(EXPLORE_MISHAP_LATE, "late", "done, but the sync of the folder behind it fails")             \
    X(EXPLORE_MISHAP_LOST, "lost", "power lost before it; what was not synced is gone")            \
    X(EXPLORE_MISHAP_TORN, "torn1",                                                                \
      "power lost in it: an eighth of what it changes is on the disk")                             \
    X(EXPLORE_MISHAP_TORN_2, "torn2", "two eighths")                                               \
    X(EXPLORE_MISHAP_TORN_3, "torn3", "three eighths")                                             \
    X(EXPLORE_MISHAP_TORN_4, "torn4", "four eighths")                                              \
    X(EXPLORE_MISHAP_TORN_5, "torn5", "five eighths")                                              \
    X(EXPLORE_MISHAP_TORN_6, "torn6", "six eighths")                                               \
    X(EXPLORE_MISHAP_TORN_7, "torn7", "seven eighths")                                             \
    X(EXPLORE_MISHAP_REAR, "rear",                                                                 \
      "power lost in it: its second half is on the disk, not its first")                           \
    X(EXPLORE_MISHAP_NAMED, "named",                                                               \
      "power lost after it: of what was not synced only names are on the disk")                    \
    X(EXPLORE_MISHAP_KEPT, "kept", "power lost after it; all is on the disk, synced or not")       \
    X(EXPLORE_MISHAP_AFTER, "after", "power lost after it; what was not synced is gone")

enum explore_mishap {
#define EXPLORE_ENUM(id, name, meaning) id,
    EXPLORE_MISHAPS(EXPLORE_ENUM)
#undef EXPLORE_ENUM
        EXPLORE_MISHAP_COUNT
};
const char *explore_mishap_name(enum explore_mishap mishap);
const char *explore_mishap_meaning(enum explore_mishap mishap);
static inline bool explore_mishap_is_loss(enum explore_mishap mishap)
{
    return mishap >= EXPLORE_MISHAP_LOST;
}

/* A call that has been made. */
struct explore_called {
    uint8_t call;    /* enum explore_call. */
    bool grows;      /* A write: the file was shorter, or not there. */
    bool creates;    /* A write: the file was not there, or its name may still be lost. */
    bool synced;     /* A write: it is on the disk when it returns. */
    bool pending;    /* A change of names: it may be on the disk before a sync, or not. */
    bool followed;   /* A change of names: the folder is synced behind it. */
    bool follows;    /* A sync of the folder: that one. */
    uint8_t tears;   /* Bit i: torn so, it leaves what no other tear leaves. */
    uint32_t number; /* Among those of its kind since counting began, from 1. */
    uint64_t len_bytes;
    uint64_t used_bytes; /* Of the disk, after it. */
    sim_ns_t at_ns;
    uint64_t events_run;     /* Of the world: nothing has happened outside between equal ones. */
    uint64_t order;          /* The caller's. */
    uint64_t before_version; /* Of what is durable. */
    uint64_t after_version;
};

struct explore_mishap_at {
    uint8_t call;   /* enum explore_call. */
    uint8_t mishap; /* enum explore_mishap. */
    uint32_t number;
};

enum { EXPLORE_MISHAPS_MAX = 2 };

/* Who comes between. */
struct explore_store_ops {
    /* The master loses its power, and what was not synced. From inside none of its calls. */
    void (*lose)(void *ctx);
    /* It has lost its power: it is away from the bus from now on. */
    void (*leave)(void *ctx);
    /* So much fits. */
    void (*limit)(void *ctx, uint64_t capacity_bytes);
    void (*heal)(void *ctx); /* Without limit from now on. */
    uint64_t (*used_bytes)(void *ctx);
    uint64_t (*version)(void *ctx); /* Of what is durable: another number when that has changed. */
    uint64_t (*hash)(void *ctx);    /* Of names and contents as the master sees them. */
    /* As struct ota_port has it. */
    long (*read)(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes);
    /* The master has recorded progress which the ECU has confirmed, and can go on from there. */
    bool (*has_progress)(void *ctx);
    uint64_t (*erases)(void *ctx); /* Of what such progress stands for. */
};

struct explore_store {
    struct explore_world *world;
    const struct explore_store_ops *ops;
    void *ops_ctx;
    sim_ns_t off_ns; /* How long the master is without power. */
    uint32_t numbers[EXPLORE_CALL_KINDS];
    struct explore_mishap_at due[EXPLORE_MISHAPS_MAX]; /* The next one first. */
    size_t due_len;
    bool lost;             /* The master's power, and it is not away yet. */
    bool off;              /* It is away, */
    sim_ns_t off_until_ns; /* until then. */
    bool erred;            /* Something else than losses has happened. */
    bool no_room;          /* A write found no room that should have been there. */
    uint64_t erases_at_start, erases_at_loss; /* The latter UINT64_MAX: nothing was recorded. */
    struct explore_called *called;            /* The caller's; null: not noted. */
    size_t called_cap, called_len;
    bool called_full; /* There were more. */
};

/* In a world whose master is about to begin. */
void explore_store_init(struct explore_store *store, struct explore_world *world,
                        const struct explore_store_ops *ops, void *ops_ctx, sim_ns_t off_ns);

/* The next mishap behind those that are due. Calls are counted anew when it becomes the next one:
 * when the one before it has happened. */
void explore_store_expect(struct explore_store *store, const struct explore_mishap_at *mishap);
/* The disk is that large from now on, whatever it holds. */
void explore_store_limit(struct explore_store *store, uint64_t capacity_bytes);
/* Calls are noted from now on, and again from the beginning whenever they are counted anew. */
void explore_store_note(struct explore_store *store, struct explore_called *called, size_t cap);
/* The master loses its power now. */
void explore_store_lose(struct explore_store *store);
/* Something has happened to the ECU: calls are counted anew, and work may be done again. */
void explore_store_disturbed(struct explore_store *store);

/* Runs up to that instant, over losses of power, or to the end of the campaign. */
void explore_store_run_until(struct explore_store *store, sim_ns_t until_ns);
/* The flash was erased again although nothing but losses of the master's power had happened, and
 * blocks had been confirmed before. */
bool explore_store_did_again(const struct explore_store *store);
/* The flash was erased on a disk that was too small from the beginning on, and that showed. */
bool explore_store_began_without_room(const struct explore_store *store);
/* All is well with the disk from now on, and nothing is counted. */
void explore_store_heal(struct explore_store *store);

/* The rest is for those who come between.
 *
 * Counts a call that is about to be made. Not null: it is noted, to be filled in further, and to be
 * shown again after the call. */
struct explore_called *explore_store_count(struct explore_store *store, enum explore_call call);
void explore_store_counted(const struct explore_store *store, struct explore_called *called);
/* What happens at the call that was counted last; EXPLORE_MISHAP_COUNT: nothing. */
enum explore_mishap explore_store_mishap(struct explore_store *store, enum explore_call call);
/* The master is losing its power in a call. */
void explore_store_gone(struct explore_store *store);
/* A call has found no room. */
void explore_store_missed_room(struct explore_store *store);

struct explore_write {
    const char *name;
    size_t offset;
    const uint8_t *from;
    size_t len;
};
/* How many of its bytes are written when so many eighths of those that it changes are. Before the
 * write is made. */
size_t explore_store_tear_at(struct explore_store *store, const struct explore_write *write,
                             unsigned eighths);
/* As struct explore_called has them. */
uint8_t explore_store_tears(struct explore_store *store, const struct explore_write *write);
/* The mishap is a tear: so many eighths; 0: it is none. */
unsigned explore_mishap_eighths(enum explore_mishap mishap);

#endif
