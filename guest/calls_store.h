/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_store.h - inside guest/calls_*.c: calls on the disk of the guests' state.
 *
 * What changes something there is done by the supervisor, on a duplicate of the guest's descriptor
 * or in the folder itself, between the two calls of the hook. The functions that return bool are
 * asked first by the handlers of calls on any file: false means that the file is not on that disk,
 * and nothing has happened. */
#ifndef GUEST_CALLS_STORE_H
#define GUEST_CALLS_STORE_H

#include "guest/guest_store_private.h"
#include "guest/supervisor_internal.h"

/* t->wait.scratch of these calls. */
enum store_scratch {
    STORE_PHASE,  /* enum store_phase. */
    STORE_NUMBER, /* Of the operation. */
    STORE_BYTES,  /* op.bytes. */
    STORE_REST,   /* op.error in the lower 16 bits, op.middle_bytes above. */
};

enum store_phase { STORE_IS_NEW, STORE_HAS_BEGUN, STORE_IS_DONE };

/* An open file of the disk. */
struct store_open {
    int copy; /* Of the guest's descriptor. */
    int flags;
    struct stat real;
    struct store_inode *inode;
};

/* False: not a file of the disk, or no descriptor. Close copy after use. */
bool store_open_of(const struct supervisor *s, const struct guest_thread *t, int fd,
                   struct store_open *it);

/* Numbers the operation, meets faults, tells the hook, and takes its time. False: it is not to be
 * done now; return *verdict. folder and name as store_shown_path() has them. */
bool store_call_begin(struct supervisor *s, struct guest_thread *t, struct guest_store_op *op,
                      struct store_inode *folder, const char *name, enum guest_verdict *verdict);
/* Tells the hook, and answers: result, or a negative errno. */
enum guest_verdict store_call_end(struct supervisor *s, struct guest_thread *t,
                                  struct guest_store_op *op, int64_t result);
/* The call looks again as soon as the run goes on. */
enum guest_verdict store_call_pause(struct supervisor *s, struct guest_thread *t);

/* A name on the disk. */
struct store_place {
    int at; /* O_PATH descriptor of the folder; close after use. */
    struct store_inode *folder;
    char name[256];
    bool there;
    struct stat real;          /* If it is there. */
    struct store_inode *inode; /* The same; null: a socket or the like. */
};

/* False: not on the disk, or a path that the kernel refuses. follow: a symbolic link at the end. */
bool store_place_of(const struct supervisor *s, const struct guest_thread *t, int folder,
                    uint64_t path, bool follow, struct store_place *place);
/* The process's file mode creation mask. */
mode_t store_umask(const struct guest_thread *t);

/* guest/calls_store.c: read(), write() and their relatives, splice() and sendfile(), fsync() and
 * its relatives, ioctl(). */
bool store_read_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict);
bool store_write_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict);
bool store_transfer_fd(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict);
bool store_sync_call(struct supervisor *s, struct guest_thread *t, enum guest_verdict *verdict);
bool store_refuses_ioctl(const struct supervisor *s, const struct guest_thread *t);
/* A sync of one file, or of all if inode is null. */
enum guest_verdict store_sync_inode(struct supervisor *s, struct guest_thread *t,
                                    struct store_inode *inode, bool data_only);

/* guest/calls_store_open.c */
struct store_opening {
    int folder;
    uint64_t path;
    int flags;
    mode_t mode;
};
bool store_open_call(struct supervisor *s, struct guest_thread *t,
                     const struct store_opening *opening, enum guest_verdict *verdict);

/* guest/calls_store_space.c: forgets files without a name that no guest has open. */
void store_reap(void *ctx, struct guest_store *store);

#endif
