/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_store.c - the disk of the master, file by file. */
#include "scenarios/engine/timeline_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { STORE_MAX = 50, PATH_CHARS = 40 };

static bool is_folder(const struct guest_store_op *op)
{
    return strcmp(op->path, ".") == 0;
}

/* Writes and syncs of one file alternate: to the eye they are one. */
static void name_op(const struct guest_store_op *op, char *text, size_t size)
{
    const char *kind = guest_store_kind_name(op->kind);
    switch (op->kind) {
    case GUEST_STORE_CREATE:
    case GUEST_STORE_WRITE:
    case GUEST_STORE_TRUNCATE:
    case GUEST_STORE_ALLOCATE:
    case GUEST_STORE_SYNC:
        snprintf(text, size, "%.*s", PATH_CHARS, is_folder(op) ? "folder" : op->path);
        break;
    case GUEST_STORE_RENAME:
    case GUEST_STORE_LINK:
        snprintf(text, size, "%s %.*s, %.*s", kind, PATH_CHARS / 2, op->path, PATH_CHARS / 2,
                 op->to != NULL ? op->to : "");
        break;
    case GUEST_STORE_REMOVE:
    case GUEST_STORE_MKDIR:
    case GUEST_STORE_READ:
    case GUEST_STORE_OPEN:
    case GUEST_STORE_KINDS_LEN:
    default: snprintf(text, size, "%s %.*s", kind, PATH_CHARS, op->path); break;
    }
}

static void on_op(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    struct timeline_store *own = ctx;
    char text[TIMELINE_SPAN_TEXT];
    if (when != GUEST_STORE_AFTER || (op->number == 0 && op->error == 0) || op->error == ENOENT) {
        return; /* Programs look for files by such calls. */
    }
    const sim_ns_t now_ns = own->sim->now_ns;
    name_op(op, text, sizeof text);
    if (op->error == 0 && is_folder(op)) {
        return; /* Its sync belongs to what was done in it. */
    }
    if (op->error == 0) {
        timeline_spans_add(&own->spans, op->at_ns, now_ns, TONE_PLAIN, text);
        return;
    }
    const char *name = strerrorname_np(op->error);
    const size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, ": %s", name != NULL ? name : "error");
    timeline_spans_add(&own->spans, op->at_ns, now_ns, TONE_BAD, text);
}

void timeline_store_init(struct timeline_store *own, struct sim *sim, struct case_store *store)
{
    *own = (struct timeline_store){.sim = sim, .listener = {.on_op = on_op, .ctx = own}};
    timeline_spans_init(&own->spans, SIM_MS(50), 6);
    case_store_listen(store, &own->listener);
}

void timeline_store_release(struct timeline_store *own, struct case_store *store)
{
    case_store_unlisten(store, &own->listener);
    timeline_spans_release(&own->spans);
}

static void fill_losses(const struct master_seat *seat, struct timeline_lane *lane)
{
    struct timeline_spans losses;
    timeline_spans_init(&losses, 0, 1);
    for (size_t i = 0; i < seat->lives_len; i++) {
        const struct master_life *life = &seat->lives[i];
        char text[TIMELINE_SPAN_TEXT];
        if (life->end != MASTER_CUT || life->lost.unsynced_ops == 0) {
            continue;
        }
        snprintf(text, sizeof text, "cut: %llu operations not synced, %llu files changed",
                 (unsigned long long)life->lost.unsynced_ops,
                 (unsigned long long)life->lost.files_changed);
        timeline_spans_add(&losses, life->end_ns, life->end_ns,
                           life->lost.files_changed > 0 ? TONE_BAD : TONE_WARN, text);
    }
    timeline_spans_fill(&losses, lane, STORE_MAX / 2);
    timeline_spans_release(&losses);
}

void timeline_store_fill(struct timeline_store *own, const struct master_seat *seat,
                         struct timeline *timeline)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_STORAGE, "");
    timeline_spans_fill(&own->spans, lane, STORE_MAX);
    fill_losses(seat, lane);
}
