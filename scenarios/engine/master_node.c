/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_node.c - the reference master on a simulated bus. */
#include "scenarios/engine/master_node.h"

#include "sim/trace.h"

#include <string.h>

/* Deadlines mostly move away, with each frame: a wake-up that comes too early costs less than
 * moving it each time. */
static void plan_wake(struct master_node *node)
{
    sim_ns_t now_ns = node->sim->now_ns;
    sim_ns_t due_ns = ota_master_deadline_ns(node->master);
    due_ns = due_ns > now_ns ? due_ns : now_ns;
    if (!sim_event_pending(&node->wake_event) || due_ns < node->wake_ns) {
        node->wake_ns = due_ns;
        sim_schedule(node->sim, &node->wake_event, due_ns);
    }
}

/* After every input: tell the observer, and sleep until the master's next deadline. */
static void after_step(struct master_node *node)
{
    sim_ns_t now_ns = node->sim->now_ns;
    if (node->done) {
        return;
    }
    if (node->ops.on_step != NULL) {
        node->ops.on_step(node->ops.ctx, now_ns);
    }
    if (ota_master_done(node->master, &node->report)) {
        node->done = true;
        sim_cancel(node->sim, &node->wake_event);
        if (node->ops.on_done != NULL) {
            node->ops.on_done(node->ops.ctx, now_ns);
        }
        return;
    }
    plan_wake(node);
}

static void start(struct sim *sim, void *ctx)
{
    struct master_node *node = ctx;
    node->started = true;
    ota_master_start(node->master, sim->now_ns);
    after_step(node);
}

static void wake(struct sim *sim, void *ctx)
{
    struct master_node *node = ctx;
    if (ota_master_deadline_ns(node->master) > sim->now_ns) {
        plan_wake(node);
        return;
    }
    ota_master_on_deadline(node->master, sim->now_ns);
    after_step(node);
}

/* No more than there is: most frames are classical. */
static void copy_data(uint8_t to[CAN_DATA_MAX], const uint8_t from[CAN_DATA_MAX], uint8_t len_bytes)
{
    if (len_bytes <= CAN_CLASSIC_DATA_MAX) {
        memcpy(to, from, CAN_CLASSIC_DATA_MAX);
    } else {
        memcpy(to, from, CAN_DATA_MAX);
    }
}

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct master_node *node = ctx;
    if (!node->started || node->done || (frame->flags & CAN_FLAG_RTR) != 0) {
        return;
    }
    struct ota_frame copy;
    copy.id = frame->id;
    copy.ext = (frame->flags & CAN_FLAG_EXT) != 0;
    copy.fd = (frame->flags & CAN_FLAG_FD) != 0;
    copy.len_bytes = frame->len_bytes;
    copy_data(copy.data, frame->data, frame->len_bytes);
    ota_master_on_frame(node->master, &copy, now_ns);
    after_step(node);
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct master_node *node = ctx;
    (void)frame;
    if (node->started && !node->done) {
        ota_master_on_confirm(node->master, now_ns);
        after_step(node);
    }
}

static const struct can_node_ops node_ops = {.on_frame = on_frame, .on_confirm = on_confirm};

static bool port_can_send(void *ctx, const struct ota_frame *frame)
{
    struct master_node *node = ctx;
    unsigned flags = (frame->ext ? (unsigned)CAN_FLAG_EXT : 0u) |
                     (frame->fd ? (unsigned)CAN_FLAG_FD | (unsigned)CAN_FLAG_BRS : 0u);
    struct can_frame copy;
    copy.id = frame->id;
    copy.flags = (uint8_t)flags;
    copy.len_bytes = frame->len_bytes;
    copy_data(copy.data, frame->data, frame->len_bytes);
    return can_node_send(&node->node, &copy) == CAN_SEND_QUEUED;
}

static long port_read(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes)
{
    struct master_node *node = ctx;
    return master_files_read(node->files, name, offset, to, len_bytes);
}

static long port_write(void *ctx, const char *name, size_t offset, const void *from,
                       size_t len_bytes)
{
    struct master_node *node = ctx;
    return master_files_write(node->files, name, offset, from, len_bytes);
}

/* Files in memory are as safe as they get. */
static int port_sync(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return 0;
}

static int port_rename(void *ctx, const char *from, const char *to)
{
    struct master_node *node = ctx;
    return master_files_rename(node->files, from, to);
}

static int port_remove(void *ctx, const char *name)
{
    struct master_node *node = ctx;
    return master_files_remove(node->files, name);
}

static long port_size(void *ctx, const char *name)
{
    struct master_node *node = ctx;
    return master_files_size(node->files, name);
}

static uint64_t port_free_bytes(void *ctx)
{
    struct master_node *node = ctx;
    return master_files_free_bytes(node->files);
}

static void port_log(void *ctx, const char *text)
{
    struct master_node *node = ctx;
    trace_text(node->sim->cfg.trace, node->sim->now_ns, TRACE_MASTER, node->source, 0, "%s", text);
}

static void init_port(struct master_node *node)
{
    node->port = (struct ota_port){
        .ctx = node,
        .can_send = port_can_send,
        .file_read = port_read,
        .file_write = port_write,
        .file_sync = port_sync,
        .file_rename = port_rename,
        .file_remove = port_remove,
        .file_size = port_size,
        .free_bytes = port_free_bytes,
        /* Building sentences for nobody would cost more than the frames. */
        .log = trace_on(node->sim->cfg.trace) ? port_log : NULL,
    };
}

int master_node_init(struct master_node *node, struct can_bus *bus, const struct ota_job *job,
                     struct master_files *files, const struct master_node_ops *ops,
                     sim_ns_t start_ns, struct err *err)
{
    const struct can_node_cfg cfg = {.name = "master", .ops = &node_ops, .ctx = node};
    *node = (struct master_node){.bus = bus, .sim = bus->sim, .files = files, .ops = *ops};
    struct trace *trace = node->sim->cfg.trace;
    node->source = trace != NULL ? trace_source(trace, cfg.name) : 0;
    can_node_init(&node->node, &cfg);
    init_port(node);
    if (ops->on_port != NULL) {
        ops->on_port(ops->ctx, &node->port);
    }
    node->master = ota_master_new(job, &node->port);
    if (node->master == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the master");
    }
    can_bus_attach(bus, &node->node);
    sim_event_init(&node->start_event, SIM_NODE, start, node, NULL);
    sim_event_init(&node->wake_event, SIM_NODE, wake, node, NULL);
    sim_schedule(node->sim, &node->start_event, start_ns);
    return 0;
}

void master_node_release(struct master_node *node)
{
    if (node->master == NULL) {
        return;
    }
    sim_cancel(node->sim, &node->start_event);
    sim_cancel(node->sim, &node->wake_event);
    can_bus_detach(node->bus, &node->node);
    ota_master_free(node->master);
    node->master = NULL;
}
