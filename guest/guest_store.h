/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store.h - the disk that guests keep their state on: one file system of limited size,
 * whose faults are the vehicle's.
 *
 * The store outlives the supervisors that use it, one at a time, as a disk outlives a boot.
 *
 * The folder itself always shows what a running program sees. Beside it the store keeps what is
 * durable: each file as of its last sync, and the order of all changes since.
 * guest_store_power_loss() rewrites the folder to what a journaling file system may leave of them
 * (docs/fidelity.md, "Disk of the guests"). To guests the folder is a file system of its own:
 * renames and links across its border fail with EXDEV, its root cannot be renamed.
 *
 * Each operation that changes something has a number from 1 on, over all lives of the machine. A
 * hook is called around it and may act there: stop the run (supervisor_stop()), set an error, a
 * delay, or the place inside a write where it wants to be called once more.
 *
 * Paths are relative to the folder; a further folder's are absolute. Nothing here knows guests: the
 * supervisor (struct supervisor_cfg.store) performs their calls. */
#ifndef GUEST_STORE_H
#define GUEST_STORE_H

#include "sim/err.h"
#include "sim/sim.h"

#include <stdbool.h>

enum { GUEST_STORE_FOLDERS_MAX = 4, GUEST_STORE_SECTOR = 512 };

/* What an operation does, and how it is called in scenarios. */
#define GUEST_STORE_KINDS(X)                                                                       \
    X(GUEST_STORE_CREATE, "create") /* open() of a new file, mknod(). */                           \
    X(GUEST_STORE_WRITE, "write")   /* write() and its relatives, sendfile() into a file. */       \
    X(GUEST_STORE_TRUNCATE,                                                                        \
      "truncate") /* truncate(), open() with O_TRUNC. bytes: the new size. */                      \
    X(GUEST_STORE_ALLOCATE, "allocate") /* fallocate(). */                                         \
    X(GUEST_STORE_SYNC, "sync") /* fsync(), fdatasync(), msync(); of a folder, too; sync(),        \
                                 * syncfs(): path is ".". bytes: those not durable yet. */         \
    X(GUEST_STORE_RENAME, "rename")                                                                \
    X(GUEST_STORE_REMOVE, "remove") /* unlink(), rmdir(). */                                       \
    X(GUEST_STORE_MKDIR, "mkdir")                                                                  \
    X(GUEST_STORE_LINK, "link") /* link(), symlink(). */                                           \
    X(GUEST_STORE_READ, "read") /* read() and its relatives: no change, number 0. */               \
    X(GUEST_STORE_OPEN, "open") /* of a file that is there: no change, number 0. */

enum guest_store_kind {
#define GUEST_STORE_ENUM(id, name) id,
    GUEST_STORE_KINDS(GUEST_STORE_ENUM)
#undef GUEST_STORE_ENUM
        GUEST_STORE_KINDS_LEN
};

enum guest_store_when {
    GUEST_STORE_BEFORE, /* Nothing has been done yet. error, delay_ns, middle_bytes may be set. */
    GUEST_STORE_MIDDLE, /* middle_bytes of a write are in the file, or of a sync on the disk. */
    GUEST_STORE_AFTER,  /* Done; bytes and error are what the call returns. */
};

struct guest_store_op {
    uint64_t number; /* From 1; 0: changes nothing. */
    enum guest_store_kind kind;
    const char *path; /* Only valid in the hook, as is the next one. */
    const char *to;   /* The new name (rename, link); else null. */
    uint64_t offset, bytes;
    sim_ns_t at_ns;    /* When the call was made. */
    int error;         /* 0, or an errno value that the call fails with; nothing is done then. */
    sim_ns_t delay_ns; /* How much longer the call takes. */
    uint64_t middle_bytes; /* 0: no call in the middle; else 1 to bytes - 1. */
    const uint8_t *data;   /* Of a write: its bytes, as many as the program asked for. Else null. */
};

typedef void guest_store_hook(void *ctx, struct guest_store_op *op, enum guest_store_when when);

struct guest_store_cfg {
    const char *folders[GUEST_STORE_FOLDERS_MAX]; /* They exist. The first one is required. */
    uint64_t seed;           /* Of the stream "store": what survives, which bits flip. */
    uint64_t capacity_bytes; /* Of the disk, with what is in the folders. 0: no limit. */
    uint32_t block_bytes;    /* Unit of its space, a power of two. 0: 4096. 1: exact to the byte. */
    sim_ns_t sync_ns;        /* What each sync takes. */
    uint64_t sync_bps;       /* Bytes a second that reach the disk in a sync. 0: no limit. */
    sim_ns_t writeback_ns;   /* Changes older than that are durable without a sync (Linux: 30 s,
                              * names 5 s). 0: never. */
    bool names_need_folder;  /* A name is durable only after a sync of its folder (POSIX); else any
                              * sync commits all names before it, as the journal of ext4 does. */
    bool rename_flushes;     /* A rename over another file brings the data written before with it
                              * (auto_da_alloc of ext4). */
    bool whole_sectors;      /* A sector is written whole or not at all. */
    bool reads;              /* Reads and opens are told, too. */
    guest_store_hook *hook;  /* May be null. */
    void *ctx;
};

struct guest_store;

/* What is in the folders is durable. Null with *err filled on failure. */
struct guest_store *guest_store_new(const struct guest_store_cfg *cfg, struct err *err);
/* Leaves the folders as they are. store may be null. */
void guest_store_free(struct guest_store *store);
const char *guest_store_kind_name(enum guest_store_kind kind);

/* Faults. The caller owns them, until removed or the store is gone. Those that match one operation
 * add up: the first error counts, delays are summed. */
struct guest_store_fault {
    const char *path;   /* Pattern as fnmatch(3), "*" meaning "/" too. Null: any. */
    uint32_t kinds;     /* Bits 1 << enum guest_store_kind. 0: all that change something. */
    uint64_t first;     /* Fires from the n-th match on. 0 means 1. */
    uint64_t times;     /* So many times. 0: without end. */
    int error;          /* ENOSPC, EIO, EROFS, EDQUOT ... 0: none. */
    uint64_t let_bytes; /* With an error, of a write: so many bytes go through first (a short
                         * write), and what follows fails. */
    sim_ns_t delay_ns;
    /* The rest belongs to the store. */
    uint64_t matched, fired;
    struct guest_store_fault *next;
};

/* Begins to count anew. */
void guest_store_add_fault(struct guest_store *store, struct guest_store_fault *fault);
void guest_store_remove_fault(struct guest_store *store, struct guest_store_fault *fault);

/* Space. Files take whole blocks of their size; folders one block. */
uint64_t guest_store_used_bytes(struct guest_store *store);
uint64_t guest_store_free_bytes(struct guest_store *store); /* UINT64_MAX: no limit. */
/* Sets the capacity so that so much is free now, rounded down to whole blocks. UINT64_MAX: no
 * limit. */
void guest_store_set_free(struct guest_store *store, uint64_t free_bytes);

/* How many calls got less than they asked for because the disk was full. */
uint64_t guest_store_times_full(const struct guest_store *store);

/* Power loss. After supervisor_free(). */
enum guest_store_keep {
    GUEST_STORE_KEEP_SYNCED, /* All that was not synced is lost. */
    GUEST_STORE_KEEP_ALL,
    GUEST_STORE_KEEP_FIRST,  /* Operations up to last_op, and what was synced. */
    GUEST_STORE_KEEP_RANDOM, /* Names up to a random one; each sector in one of the states that it
                              * went through, or torn between two. */
    GUEST_STORE_TEAR_LAST,   /* All but a part of the last write. */
    GUEST_STORE_KEEP_NAMES,  /* All names, and of contents what was synced. */
};

struct guest_store_policy {
    enum guest_store_keep keep;
    uint64_t last_op;       /* GUEST_STORE_KEEP_FIRST. */
    uint32_t torn_permille; /* GUEST_STORE_TEAR_LAST: of its bytes that were written. 0: random. */
    bool torn_rear;         /* Likewise: those at its end, and not its first ones. */
};

struct guest_store_loss {
    uint64_t unsynced_ops;  /* That were not durable: writes, resizes and names. */
    uint64_t files_changed; /* Of those left, how many differ from what the program saw. */
    uint64_t names_lost;    /* Changes of names that are undone. */
    uint64_t sectors_torn;
};

/* Rewrites the folders to what is left; all of it is durable then. loss may be null. */
int guest_store_power_loss(struct guest_store *store, const struct guest_store_policy *policy,
                           sim_ns_t now_ns, struct guest_store_loss *loss, struct err *err);

/* Damage at rest, at any instant: seen at once by those who read the file, and durable. 0 or a
 * negative code: no such file (ERR_NOT_FOUND), a place outside of it (ERR_RANGE). */
int guest_store_flip_bits(struct guest_store *store, const char *path, unsigned bits,
                          struct err *err); /* At random places, all different. */
int guest_store_flip_bit(struct guest_store *store, const char *path, uint64_t offset, unsigned bit,
                         struct err *err);
int guest_store_cut_file(struct guest_store *store, const char *path, uint64_t size,
                         struct err *err);
int guest_store_zero_file(struct guest_store *store, const char *path, struct err *err);
int guest_store_garble_file(struct guest_store *store, const char *path, struct err *err);

/* Durable content differs from what a program sees? True also if only one of them has the file. */
bool guest_store_is_unsynced(struct guest_store *store, const char *path);

/* What happened so far, to all files that ever had the name. */
struct guest_store_file {
    const char *path;
    uint64_t creates, writes, written_bytes, syncs;
    uint32_t sector_writes_max; /* How often the sector that was written most went to the disk. */
};
uint64_t guest_store_ops(const struct guest_store *store); /* The number of the last operation. */
uint64_t guest_store_count(const struct guest_store *store, enum guest_store_kind kind);
/* In the order in which the names came up. Null: no more. */
const struct guest_store_file *guest_store_file_at(const struct guest_store *store, size_t index);
/* Null: there never was one. */
const struct guest_store_file *guest_store_file_of(const struct guest_store *store,
                                                   const char *path);

/* The owner has changed files in the folders himself, beside all guests: takes that over as
 * durable. supervisor_start() does it; while guests run, call it after such a change. 0 or a
 * negative code. */
int guest_store_refresh(struct guest_store *store, struct err *err);

#endif
