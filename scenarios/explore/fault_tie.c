/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_tie.c - counts what faults are tied to, and begins them. */
#include "scenarios/explore/fault_tie.h"

#include "sim/can/can_wire.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

/* Requests. */

static bool is_target(enum fault_target target, const struct isotp_watch_message *message)
{
    const struct fault_target_row *row = &fault_targets[target];
    return message->uds.service == row->service &&
           (row->sub == 0 || message->uds.sub == UDS_SUB(row->sub)) &&
           (row->rid == 0 || (message->len >= 4 && message->data[2] == row->rid >> 8 &&
                              message->data[3] == (row->rid & 0xFFu)));
}

static sim_ns_t frame_end_ns(const struct fault_play *play, const struct can_frame *frame)
{
    const struct can_bus_cfg *bus = &play->bus.bus->cfg;
    const struct can_wire wire = can_wire_measure(frame);
    return play->world.sim.now_ns + can_wire_duration_ns(&wire, bus->nominal_bps, bus->data_bps);
}

/* Begins once the last frame of the request is over. */
static void request_passes(struct fault_slot *slot, const struct inject_view *view)
{
    if (slot->kind->tie != FAULT_BEGINS_AFTER ||
        !is_target((enum fault_target)slot->fault->target, view->watch->message) ||
        ++slot->seen != slot->fault->nth) {
        return;
    }
    const sim_ns_t after_ns = fault_value_ns(slot->fault, "after");
    sim_schedule(&slot->play->world.sim, &slot->event,
                 frame_end_ns(slot->play, view->frame) + after_ns);
}

static void on_view(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    struct fault_play *play = ctx;
    (void)now_ns;
    if (view->watch->channel == ISOTP_WATCH_RESPONSE || !view->watch->complete ||
        view->watch->message == NULL || view->retransmitted) {
        return; /* What a controller repeats was sent once. */
    }
    for (size_t i = 0; i < FAULT_TARGETS; i++) {
        play->scope.requests[i] += is_target((enum fault_target)i, view->watch->message);
    }
    for (size_t i = 0; i < play->slots_len; i++) {
        request_passes(&play->slots[i], view);
    }
    if (play->setting.setting->on_request != NULL) {
        play->setting.setting->on_request(&play->setting, view->watch->message);
    }
}

/* Commands of the flash. */

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct fault_play *play = ctx;
    (void)fault;
    const bool erases = op->command == S12X_CMD_ERASE_P_SECTOR;
    if (!erases && op->command != S12X_CMD_PROGRAM_P) {
        return;
    }
    play->scope.commands[erases ? 0 : 1]++;
    for (size_t i = 0; i < play->slots_len; i++) {
        struct fault_slot *slot = &play->slots[i];
        if (slot->kind->start == fault_start_cut_at &&
            (fault_value(slot->fault, "operation") == 0) == erases &&
            ++slot->seen == slot->fault->nth) {
            sim_schedule(&play->world.sim, &slot->event,
                         play->world.sim.now_ns +
                             op->duration_ns * fault_value(slot->fault, "permille") / 1000u);
        }
    }
}

/* Files. */

/* An error, or 0. operation: 0 a write, 1 a sync. */
static int file_fault(struct fault_play *play, const char *name, uint32_t operation)
{
    static const int errors[] = {EIO, ENOSPC, EROFS, EDQUOT}; /* In the order of their words. */
    const bool is_journal = fnmatch(FAULT_JOURNAL, name, 0) == 0;
    int error = 0;
    play->scope.any_files[operation]++;
    play->scope.files[operation] += is_journal;
    if (!is_journal && play->scope.journal != NULL) {
        return 0;
    }
    for (size_t i = 0; i < play->slots_len; i++) {
        struct fault_slot *slot = &play->slots[i];
        if (slot->kind->start == fault_start_store && !slot->ended &&
            fault_value(slot->fault, "operation") == operation) {
            const uint32_t number = ++slot->seen;
            const bool for_good = slot->kind->end != FAULT_ENDS;
            if (number >= slot->fault->nth &&
                (for_good || number < slot->fault->nth + fault_value(slot->fault, "times"))) {
                fault_slot_fires(slot);
                error = errors[fault_value(slot->fault, "error")];
            }
        }
    }
    return error;
}

static struct fault_play *play_of(void *ctx)
{
    struct master_node *node = ctx;
    return container_of(container_of(node, struct explore_world, master), struct fault_play, world);
}

static long write_file(void *ctx, const char *name, size_t offset, const void *from,
                       size_t len_bytes)
{
    struct fault_play *play = play_of(ctx);
    const int error = file_fault(play, name, 0);
    return error != 0 ? -error : play->port.file_write(ctx, name, offset, from, len_bytes);
}

static int sync_file(void *ctx, const char *name)
{
    struct fault_play *play = play_of(ctx);
    const int error = file_fault(play, name, 1);
    return error != 0 ? -error : play->port.file_sync(ctx, name);
}

void fault_tie_disk(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    struct fault_play *play = ctx;
    if (when == GUEST_STORE_BEFORE &&
        (op->kind == GUEST_STORE_WRITE || op->kind == GUEST_STORE_SYNC)) {
        const int error = file_fault(play, op->path, op->kind == GUEST_STORE_SYNC);
        op->error = error != 0 ? error : op->error;
    }
}

static void come_between(struct fault_play *play)
{
    struct ota_port *port = &play->world.master.port;
    play->port = *port;
    port->file_write = write_file;
    port->file_sync = sync_file;
}

void fault_tie_attach(struct fault_play *play)
{
    const struct s12x_hooks observer = {.ctx = play, .on_launch = on_launch};
    struct fault_scope *scope = &play->scope;
    memset(scope->requests, 0, sizeof scope->requests);
    memset(scope->commands, 0, sizeof scope->commands);
    memset(scope->any_files, 0, sizeof scope->any_files);
    memset(scope->files, 0, sizeof scope->files);
    play->bus.on_view = on_view;
    play->bus.ctx = play;
    inject_flash_init(&play->flash, play->world.target, &observer);
    if (!play->has_guest) {
        come_between(play);
    }
}
