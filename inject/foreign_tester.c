/* SPDX-License-Identifier: Apache-2.0 */
/* inject/foreign_tester.c - one ISO-TP link on a controller of its own. */
#include "inject/foreign_tester.h"

#include "inject/fault_note.h"

#include <string.h>

static void plan_wake(struct foreign_tester *tester)
{
    const sim_ns_t due_ns = isotp_deadline_ns(&tester->link);
    const sim_ns_t now_ns = tester->sim->now_ns;
    sim_schedule(tester->sim, &tester->wake, due_ns > now_ns ? due_ns : now_ns);
}

static void on_wake(struct sim *sim, void *ctx)
{
    struct foreign_tester *tester = ctx;
    isotp_on_deadline(&tester->link, sim->now_ns);
    plan_wake(tester);
}

static struct can_frame frame_to(const struct isotp_watch_address *to)
{
    return (struct can_frame){.id = to->id, .flags = to->ext ? CAN_FLAG_EXT : 0};
}

static bool link_send(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    struct foreign_tester *tester = ctx;
    struct can_frame frame = frame_to(&tester->cfg.address.request);
    frame.len_bytes = len_bytes;
    memcpy(frame.data, data, len_bytes);
    return can_node_send(&tester->node, &frame) == CAN_SEND_QUEUED;
}

static void link_message(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct foreign_tester *tester = ctx;
    tester->heard++;
    if (tester->cfg.on_message != NULL) {
        tester->cfg.on_message(tester->cfg.ctx, data, len_bytes, now_ns);
    }
}

static void went_out(struct foreign_tester *tester, sim_ns_t now_ns)
{
    if (tester->sent++ == 0) {
        tester->first_ns = now_ns;
    }
    fault_note(tester->node.bus, tester->sent, "%s: has sent", tester->cfg.name);
}

static void link_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    if (result == ISOTP_OK) {
        went_out(ctx, now_ns);
    }
}

static bool is_from(const struct isotp_watch_address *address, const struct can_frame *frame)
{
    return frame->id == address->id && ((frame->flags & CAN_FLAG_EXT) != 0) == address->ext;
}

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct foreign_tester *tester = ctx;
    if (is_from(&tester->cfg.address.response, frame) && (frame->flags & CAN_FLAG_RTR) == 0) {
        isotp_on_frame(&tester->link, frame->data, frame->len_bytes, now_ns);
        plan_wake(tester);
    }
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct foreign_tester *tester = ctx;
    if (is_from(&tester->cfg.address.request, frame)) {
        isotp_on_confirm(&tester->link, now_ns);
        plan_wake(tester);
    } else {
        went_out(tester, now_ns);
    }
}

void foreign_tester_start(struct foreign_tester *tester, struct can_bus *bus,
                          const struct foreign_tester_cfg *cfg)
{
    static const struct can_node_ops node_ops = {.on_frame = on_frame, .on_confirm = on_confirm};
    static const struct isotp_ops link_ops = {
        .send = link_send, .on_message = link_message, .on_sent = link_sent};
    memset(tester, 0, sizeof *tester);
    tester->cfg = *cfg;
    tester->sim = bus->sim;
    const struct isotp_cfg link = {.padding_byte = cfg->padding_byte,
                                   .pad = cfg->pad,
                                   .extended = cfg->address.request.has_target,
                                   .address_tx = cfg->address.request.target,
                                   .address_rx = cfg->address.response.target,
                                   .wft_max = UINT8_MAX,
                                   .rx_buffer_len = sizeof tester->rx,
                                   .rx_buffer = tester->rx};
    isotp_init(&tester->link, &link, &link_ops, tester);
    can_node_init(&tester->node,
                  &(struct can_node_cfg){.name = cfg->name, .ops = &node_ops, .ctx = tester});
    can_bus_attach(bus, &tester->node);
    sim_event_init(&tester->wake, SIM_NODE, on_wake, tester, NULL);
}

void foreign_tester_stop(struct foreign_tester *tester)
{
    sim_cancel(tester->sim, &tester->wake);
    can_bus_detach(tester->node.bus, &tester->node);
}

bool foreign_tester_send(struct foreign_tester *tester, const uint8_t *data, size_t len_bytes)
{
    if (len_bytes > sizeof tester->tx || isotp_sending(&tester->link)) {
        return false;
    }
    memcpy(tester->tx, data, len_bytes);
    const bool sends =
        isotp_send(&tester->link, tester->tx, (uint16_t)len_bytes, tester->sim->now_ns);
    plan_wake(tester);
    return sends;
}

bool foreign_tester_send_functional(struct foreign_tester *tester, const uint8_t *data,
                                    size_t len_bytes)
{
    const struct isotp_watch_address *to = &tester->cfg.address.functional;
    struct can_frame frame = frame_to(to);
    const uint8_t at = to->has_target ? 1 : 0;
    if (!tester->cfg.address.has_functional || len_bytes == 0 ||
        len_bytes + at + 1u > CAN_CLASSIC_DATA_MAX) {
        return false;
    }
    frame.data[0] = to->target;
    frame.data[at] = (uint8_t)len_bytes; /* ISO 15765-2: N_PCI of a single frame. */
    memcpy(&frame.data[at + 1], data, len_bytes);
    frame.len_bytes = (uint8_t)(at + 1u + len_bytes);
    if (tester->cfg.pad) {
        memset(&frame.data[frame.len_bytes], tester->cfg.padding_byte,
               (size_t)(CAN_CLASSIC_DATA_MAX - frame.len_bytes));
        frame.len_bytes = CAN_CLASSIC_DATA_MAX;
    }
    return can_node_send(&tester->node, &frame) == CAN_SEND_QUEUED;
}
