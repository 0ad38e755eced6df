/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp_rx.c - the receiving machine of a link (ISO 15765-2:2016, 9.3 to 9.8). */
#include "sim/proto/isotp_private.h"

#include <string.h>

static void rx_enter(struct isotp *tp, enum isotp_rx_state next, proto_ns_t deadline_ns)
{
    tp->rx.state = next;
    tp->rx.deadline_ns = deadline_ns;
}

void isotp_rx_reset(struct isotp *tp)
{
    memset(&tp->rx, 0, sizeof tp->rx);
    tp->rx.fc_deadline_ns = PROTO_NEVER;
    tp->rx.fc_again_ns = PROTO_NEVER;
    rx_enter(tp, ISOTP_RX_IDLE, PROTO_NEVER);
}

static void rx_fail(struct isotp *tp, enum isotp_result why, proto_ns_t now_ns)
{
    tp->rx.fc_pending = false;
    tp->rx.fc_again_ns = PROTO_NEVER;
    if (tp->in_flight != ISOTP_FLIGHT_FC) {
        tp->rx.fc_deadline_ns = PROTO_NEVER;
    }
    rx_enter(tp, ISOTP_RX_IDLE, PROTO_NEVER);
    if (tp->ops->on_receive_error != NULL) {
        tp->ops->on_receive_error(tp->ctx, why, now_ns);
    }
}

/* N_Cr does not run while we owe the flow control; N_Ar does. */
static void rx_send_fc(struct isotp *tp, const struct isotp_flow *flow, proto_ns_t now_ns)
{
    tp->rx.fc_status = flow->status;
    tp->rx.fc_block_size = flow->block_size;
    tp->rx.fc_st_min = flow->st_min;
    tp->rx.fc_gap_ns = flow->status == ISOTP_FS_WAIT ? flow->again_ns : 0;
    tp->rx.fc_pending = true;
    tp->rx.fc_deadline_ns = now_ns + tp->cfg.n_as_ns;
    isotp_pump(tp, now_ns);
}

static struct isotp_flow rx_flow(const struct isotp *tp, enum isotp_flow_status status)
{
    return (struct isotp_flow){.data = tp->cfg.rx_buffer,
                               .len_bytes = tp->rx.len,
                               .done_bytes = tp->rx.done,
                               .number = tp->rx.fc_number,
                               .status = (uint8_t)status,
                               .block_size = tp->cfg.block_size,
                               .st_min = tp->cfg.st_min};
}

static void rx_refuse(struct isotp *tp, proto_ns_t now_ns)
{
    const struct isotp_flow flow = rx_flow(tp, ISOTP_FS_OVERFLOW);
    rx_send_fc(tp, &flow, now_ns);
}

/* Lets the other side go on, unless a hook wants something else. */
static void rx_request_fc(struct isotp *tp, proto_ns_t now_ns)
{
    struct isotp_flow flow = rx_flow(tp, ISOTP_FS_CONTINUE);
    const struct isotp_hooks *hooks = tp->cfg.hooks;
    if (hooks != NULL && hooks->on_flow != NULL) {
        hooks->on_flow(hooks->ctx, &flow, now_ns);
    }
    tp->rx.fc_number++;
    tp->rx.block_left = flow.block_size;
    if (flow.status == ISOTP_FS_OVERFLOW) {
        rx_fail(tp, ISOTP_BUFFER_OVFLW, now_ns);
    }
    if (!flow.leave_out) {
        rx_send_fc(tp, &flow, now_ns);
    } else if (tp->rx.state == ISOTP_RX_WAIT_CF) {
        rx_enter(tp, ISOTP_RX_WAIT_CF, now_ns + tp->cfg.n_cr_ns);
    }
}

bool isotp_rx_emit_fc(struct isotp *tp)
{
    struct isotp_pci pci = {.type = ISOTP_PCI_FLOW_CONTROL,
                            .head_len = 3,
                            .flow_status = tp->rx.fc_status,
                            .block_size = tp->rx.fc_block_size,
                            .st_min = tp->rx.fc_st_min};
    return isotp_emit(tp, &pci, NULL, 0);
}

void isotp_rx_on_fc_confirm(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->rx.fc_pending) {
        return; /* That was the flow control of a reception which a newer one has replaced. */
    }
    tp->rx.fc_deadline_ns = PROTO_NEVER;
    if (tp->rx.state != ISOTP_RX_WAIT_CF) {
        return;
    }
    if (tp->rx.fc_status == ISOTP_FS_WAIT && tp->rx.fc_gap_ns != 0) {
        tp->rx.fc_again_ns = now_ns + tp->rx.fc_gap_ns; /* N_Br, which is the hook's affair. */
        return;
    }
    rx_enter(tp, ISOTP_RX_WAIT_CF, now_ns + tp->cfg.n_cr_ns);
}

/* ISO 15765-2, handling of unexpected arrivals: a new message ends the old reception. */
static void rx_give_up_for_new(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->rx.state == ISOTP_RX_WAIT_CF) {
        rx_fail(tp, ISOTP_UNEXP_PDU, now_ns);
    }
}

void isotp_rx_on_single(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                        proto_ns_t now_ns)
{
    rx_give_up_for_new(tp, now_ns);
    tp->ops->on_message(tp->ctx, data, (uint16_t)pci->len, now_ns);
}

void isotp_rx_on_first(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                       uint8_t len_bytes, uint8_t frame_len, proto_ns_t now_ns)
{
    rx_give_up_for_new(tp, now_ns);
    if (pci->len > tp->cfg.rx_buffer_len || pci->len > ISOTP_LEN_MAX) {
        rx_refuse(tp, now_ns);
        return;
    }
    PROTO_CHECK(len_bytes < pci->len);
    memcpy(tp->cfg.rx_buffer, data, len_bytes);
    tp->rx.len = (uint16_t)pci->len;
    tp->rx.done = len_bytes;
    tp->rx.frame_len = frame_len;
    tp->rx.next_sn = 1;
    tp->rx.fc_number = 0;
    rx_enter(tp, ISOTP_RX_WAIT_CF, PROTO_NEVER);
    rx_request_fc(tp, now_ns);
    if (tp->rx.state == ISOTP_RX_WAIT_CF && tp->ops->on_first_frame != NULL) {
        tp->ops->on_first_frame(tp->ctx, tp->rx.len, now_ns);
    }
}

/* All frames but the last are as long as the first one; the last may be filled up. */
static bool rx_length_fits(const struct isotp *tp, uint8_t len_bytes, uint16_t left)
{
    uint8_t full = (uint8_t)(tp->rx.frame_len - isotp_address_len(tp) - 1);
    return len_bytes == full || (len_bytes < full && len_bytes >= left);
}

static void rx_after_consecutive(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->rx.done == tp->rx.len) {
        rx_enter(tp, ISOTP_RX_IDLE, PROTO_NEVER);
        tp->ops->on_message(tp->ctx, tp->cfg.rx_buffer, tp->rx.len, now_ns);
        return;
    }
    if (tp->rx.block_left != 0 && --tp->rx.block_left == 0) {
        rx_enter(tp, ISOTP_RX_WAIT_CF, PROTO_NEVER);
        rx_request_fc(tp, now_ns);
        return;
    }
    rx_enter(tp, ISOTP_RX_WAIT_CF, now_ns + tp->cfg.n_cr_ns);
}

void isotp_rx_on_consecutive(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                             uint8_t len_bytes, proto_ns_t now_ns)
{
    uint16_t left = (uint16_t)(tp->rx.len - tp->rx.done);
    if (tp->rx.state != ISOTP_RX_WAIT_CF || tp->rx.fc_pending ||
        tp->rx.fc_again_ns != PROTO_NEVER || !rx_length_fits(tp, len_bytes, left)) {
        return;
    }
    if (pci->sn != tp->rx.next_sn) {
        rx_fail(tp, ISOTP_WRONG_SN, now_ns);
        return;
    }
    uint16_t step = len_bytes < left ? len_bytes : left;
    memcpy(tp->cfg.rx_buffer + tp->rx.done, data, step);
    tp->rx.done = (uint16_t)(tp->rx.done + step);
    tp->rx.next_sn = (tp->rx.next_sn + 1u) & 0x0Fu;
    rx_after_consecutive(tp, now_ns);
}

static void rx_on_fc_timeout(struct isotp *tp, proto_ns_t now_ns)
{
    bool blocks_reception = tp->rx.state == ISOTP_RX_WAIT_CF && tp->rx.deadline_ns == PROTO_NEVER;
    tp->rx.fc_pending = false;
    tp->rx.fc_deadline_ns = PROTO_NEVER;
    if (tp->in_flight == ISOTP_FLIGHT_FC) {
        tp->in_flight = ISOTP_FLIGHT_NONE;
    }
    if (blocks_reception) {
        rx_fail(tp, ISOTP_TIMEOUT_A, now_ns);
    }
}

void isotp_rx_on_deadline(struct isotp *tp, proto_ns_t now_ns)
{
    if (now_ns >= tp->rx.fc_deadline_ns) {
        rx_on_fc_timeout(tp, now_ns);
    }
    if (now_ns >= tp->rx.fc_again_ns) {
        tp->rx.fc_again_ns = PROTO_NEVER;
        rx_request_fc(tp, now_ns);
    }
    if (now_ns >= tp->rx.deadline_ns) {
        rx_fail(tp, ISOTP_TIMEOUT_CR, now_ns);
    }
}
