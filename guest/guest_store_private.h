/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_store_private.h - inside guest/guest_store*.c and guest/calls_store*.c: files, names,
 * and the changes that are not durable yet. */
#ifndef GUEST_STORE_PRIVATE_H
#define GUEST_STORE_PRIVATE_H

#include "guest/guest_store.h"
#include "sim/prng.h"

#include <sys/stat.h>

enum store_type { STORE_FILE, STORE_FOLDER, STORE_SYMLINK };

enum { STORE_PATH_SIZE = 4096, STORE_BUCKETS = 256 };

struct store_bytes {
    uint8_t *at;
    size_t len, cap;
};

/* A change of a file's content. */
struct store_write {
    struct store_write *next;
    uint64_t number;
    sim_ns_t at_ns;
    bool resizes; /* offset is the new size; no data. */
    uint64_t offset;
    size_t len;
    uint8_t data[];
};

struct store_inode {
    struct store_inode *next; /* By number. */
    uint64_t number;
    enum store_type type;
    dev_t device; /* The real file; real is 0 when it is gone. */
    ino_t real;
    struct store_inode *same_hash;
    mode_t mode;
    uint64_t size;              /* As programs see it. */
    uint64_t blocks;            /* That it occupies. */
    struct store_bytes durable; /* Content, or where a symbolic link leads to. */
    bool grew;                  /* New, or of another size than the journal knows. */
    struct store_write *pending, *pending_last;
    bool mapped; /* A program may change it without a call. */
    bool held;   /* Work area of the search for those that have it open. */
    bool orphan; /* Without a name; it lives while somebody has it open. */
    struct guest_store_file *stat;
    uint32_t *sector_writes;
    size_t sectors_len;
};

struct store_entry {
    struct store_entry *next;
    struct store_inode *folder, *inode;
    char *name;
};

struct store_tree {
    struct store_entry *first;
};

enum store_change_kind { STORE_ADD, STORE_TAKE, STORE_MOVE, STORE_EXCHANGE };

/* A change of names. */
struct store_change {
    struct store_change *next;
    uint64_t number;
    sim_ns_t at_ns;
    enum store_change_kind kind;
    struct store_inode *folder, *to_folder;
    struct store_inode *inode; /* Which one the name means, or gets. */
    struct store_inode *other; /* Which one is replaced or exchanged; may be null. */
    char *name, *to_name;
};

struct store_stat {
    struct store_stat *next;
    struct guest_store_file file;
};

struct guest_store {
    struct guest_store_cfg cfg;
    struct prng random;
    char *folders[GUEST_STORE_FOLDERS_MAX]; /* Real paths. */
    struct store_inode *roots[GUEST_STORE_FOLDERS_MAX];
    size_t folders_len;
    struct store_inode *inodes, *inodes_last;
    struct store_inode *buckets[STORE_BUCKETS];
    uint64_t next_inode;
    struct store_tree now, durable;
    struct store_change *changes, *changes_last;
    struct guest_store_fault *faults;
    struct store_stat *stats, *stats_last;
    uint64_t ops;
    sim_ns_t at_ns; /* Of the operation under way. */
    uint64_t counts[GUEST_STORE_KINDS_LEN];
    uint64_t used_blocks;
    uint64_t times_full;
    size_t orphans_len;
    uint64_t pending_bytes;
    /* Of the supervisor: forgets orphans that nobody has open. May be null. */
    void (*reap)(void *ctx, struct guest_store *store);
    void *reap_ctx;
    char path[STORE_PATH_SIZE]; /* Work areas of names for the hook. */
    char to[STORE_PATH_SIZE];
};

/* guest_store_bytes.c */
void store_bytes_resize(struct store_bytes *bytes, size_t len);
void store_bytes_put(struct store_bytes *bytes, size_t offset, const void *from, size_t len);
void store_bytes_free(struct store_bytes *bytes);
/* A whole real file. False: errno. */
bool store_bytes_read_file(struct store_bytes *bytes, const char *path);
bool store_bytes_write_file(const struct store_bytes *bytes, const char *path, mode_t mode);

/* guest_store_tree.c: names. */
struct store_entry *store_tree_find(const struct store_tree *tree, const struct store_inode *folder,
                                    const char *name);
struct store_entry *store_tree_name_of(const struct store_tree *tree,
                                       const struct store_inode *inode);
bool store_tree_has_children(const struct store_tree *tree, const struct store_inode *folder);
void store_tree_add(struct store_tree *tree, struct store_inode *folder, const char *name,
                    struct store_inode *inode);
void store_tree_take(struct store_tree *tree, const struct store_inode *folder, const char *name);
void store_tree_apply(struct store_tree *tree, const struct store_change *change);
void store_tree_clear(struct store_tree *tree);
void store_tree_copy(struct store_tree *to, const struct store_tree *from);
/* Of the file system; the path that programs use. False: no name, or too long. */
bool store_tree_path(const struct guest_store *store, const struct store_tree *tree,
                     const struct store_inode *inode, char *path, size_t size);
/* As the public functions and the hook have it. */
void store_shown_path(const struct guest_store *store, const struct store_inode *folder,
                      const char *name, char *path, size_t size);
/* Of programs' view; null: none. */
struct store_inode *store_find_path(struct guest_store *store, const char *path);

/* guest_store_inode.c: files. */
struct store_inode *store_inode_new(struct guest_store *store, enum store_type type,
                                    const struct stat *real);
struct store_inode *store_inode_of(const struct guest_store *store, const struct stat *real);
void store_inode_set_real(struct guest_store *store, struct store_inode *inode,
                          const struct stat *real);
void store_inode_set_size(struct guest_store *store, struct store_inode *inode, uint64_t size);
void store_inode_drop_pending(struct guest_store *store, struct store_inode *inode);
void store_inode_free(struct guest_store *store, struct store_inode *inode);
/* Takes note of a change that programs see already. data null: zeros. */
void store_inode_wrote(struct guest_store *store, struct store_inode *inode, uint64_t offset,
                       const void *data, size_t len, sim_ns_t now_ns);
void store_inode_resized(struct guest_store *store, struct store_inode *inode, uint64_t size,
                         sim_ns_t now_ns);
/* The first bytes of what is pending become durable, UINT64_MAX: all. */
void store_inode_settle(struct guest_store *store, struct store_inode *inode, uint64_t bytes);
uint64_t store_inode_pending_bytes(const struct store_inode *inode);
/* As programs see it. */
void store_inode_content(const struct store_inode *inode, struct store_bytes *content);
/* What was changed through a mapping becomes a pending write. */
void store_inode_absorb(struct guest_store *store, struct store_inode *inode, sim_ns_t now_ns);

/* guest_store_commit.c: names and syncs. */
void store_change_add(struct guest_store *store, const struct store_change *change);
/* fsync() and fdatasync() of a file or folder. */
void store_sync(struct guest_store *store, struct store_inode *inode, bool data_only,
                sim_ns_t now_ns);
void store_sync_all(struct guest_store *store, sim_ns_t now_ns);
/* Changes of names up to that number are durable. */
void store_commit_names(struct guest_store *store, uint64_t number);
/* Drops files that no name means any more, neither now nor on the disk. */
void store_collect(struct guest_store *store);
/* An orphan that nobody has open. */
void store_forget_orphan(struct guest_store *store, struct store_inode *inode);

/* guest_store_ops.c: an operation around what it does. */
void store_op_begin(struct guest_store *store, struct guest_store_op *op,
                    struct store_inode *folder, const char *name, sim_ns_t now_ns);
void store_op_middle(struct guest_store *store, struct guest_store_op *op);
void store_op_end(struct guest_store *store, struct guest_store_op *op);
/* How long so many bytes take to the disk. */
sim_ns_t store_sync_ns(const struct guest_store *store, uint64_t bytes);
struct guest_store_file *store_stat_of(struct guest_store *store, const char *path);
/* How large the file may become. inode null: a new one. */
uint64_t store_room(struct guest_store *store, const struct store_inode *inode);

/* guest_store_survive.c: a file's content after a loss of power. */
struct store_survival {
    uint64_t floor; /* Changes up to that number are kept. */
    bool random;
    const struct store_write *torn; /* This one is kept in part. */
    size_t torn_bytes;              /* Its first ones, */
    bool torn_rear;                 /* or its last ones. */
    uint64_t sectors_torn;          /* Out. */
};
void store_survive(struct guest_store *store, const struct store_inode *inode,
                   struct store_survival *how, struct store_bytes *content);

#endif
