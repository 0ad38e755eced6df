/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/store_rig.h - a machine with a disk: one folder, its store, and a guest at a
 * time whose working folder it is. */
#ifndef STORE_RIG_H
#define STORE_RIG_H

#include "guest/guest_store.h"
#include "guest/supervisor.h"

struct rig {
    char folder[64]; /* Made by rig_open(), removed by rig_close(). */
    struct guest_store_cfg cfg;
    struct guest_store *store;
    struct sim sim;
    struct supervisor *master; /* Null between lives. */
    char output[16384];        /* Of the last guest. */
    /* The hook: a line for each operation, and where it stops the run. */
    char ops[16384];
    uint64_t stop_at; /* Operation. 0: never. */
    enum guest_store_when stop_when;
    uint64_t middle_bytes;
};

/* cfg may be null. */
void rig_open(struct rig *rig, const struct guest_store_cfg *cfg);
void rig_close(struct rig *rig);
/* Runs the command line, words divided by spaces, until it ends or stops; it is ended then. */
enum supervisor_end rig_run(struct rig *rig, const char *command);
/* The same without ending it. */
enum supervisor_end rig_start(struct rig *rig, const char *command);
enum supervisor_end rig_go_on(struct rig *rig);
void rig_kill(struct rig *rig);
/* `disk COMMANDS`: what it printed, without the instants. */
const char *rig_disk(struct rig *rig, const char *commands);
struct guest_store_loss rig_power_loss(struct rig *rig, enum guest_store_keep keep);
/* All files below the folder, sorted: path, size and a hash of the content, a line each. */
const char *rig_tree(struct rig *rig, char *text, size_t size);
/* The content as runs of equal bytes: "x100 y20"; "-": no such file; "": empty. */
const char *rig_content(struct rig *rig, const char *path);

#endif
