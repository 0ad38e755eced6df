/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_store.c - the disk of the master: made, told of, and released. */
#include "scenarios/engine/case_store.h"

#include "scenarios/engine/case_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void on_store_op(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    const struct case_store *store = ctx;
    for (struct case_store_listener *at = store->listeners; at != NULL; at = at->next) {
        at->on_op(at->ctx, op, when);
    }
}

int case_store_open(struct case_world *world, struct err *err)
{
    char path[CASE_PATH_MAX];
    struct case_store *store = &world->store;
    snprintf(path, sizeof path, "%s/state", world->cfg.folder);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    store->disk = guest_store_new(&(struct guest_store_cfg){.folders = {path},
                                                            .seed = world->cfg.seed,
                                                            .reads = true,
                                                            .hook = on_store_op,
                                                            .ctx = store},
                                  err);
    return store->disk != NULL ? 0 : err->code;
}

void case_store_release(struct case_store *store)
{
    guest_store_free(store->disk);
    store->disk = NULL;
}

void case_store_listen(struct case_store *store, struct case_store_listener *listener)
{
    struct case_store_listener **at = &store->listeners;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    listener->next = NULL;
    *at = listener;
}

void case_store_unlisten(struct case_store *store, struct case_store_listener *listener)
{
    struct case_store_listener **at = &store->listeners;
    while (*at != NULL && *at != listener) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = listener->next;
    }
}
