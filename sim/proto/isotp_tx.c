/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp_tx.c - the sending machine of a link (ISO 15765-2:2016, 9.3 to 9.8). */
#include "sim/proto/isotp_private.h"

#include <string.h>

static void tx_enter(struct isotp *tp, enum isotp_tx_state next, proto_ns_t deadline_ns)
{
    tp->tx.state = next;
    tp->tx.deadline_ns = deadline_ns;
}

void isotp_tx_reset(struct isotp *tp)
{
    memset(&tp->tx, 0, sizeof tp->tx);
    tx_enter(tp, ISOTP_TX_IDLE, PROTO_NEVER);
}

static void tx_finish(struct isotp *tp, enum isotp_result result, proto_ns_t now_ns)
{
    tp->tx.frame_pending = false;
    tx_enter(tp, ISOTP_TX_IDLE, PROTO_NEVER);
    if (tp->ops->on_sent != NULL) {
        tp->ops->on_sent(tp->ctx, result, now_ns);
    }
}

/* N_As runs from the first attempt, whether or not the controller takes the frame at once. */
static void tx_request_frame(struct isotp *tp, proto_ns_t now_ns)
{
    tp->tx.frame_pending = true;
    tx_enter(tp, ISOTP_TX_WAIT_CONFIRM, now_ns + tp->cfg.n_as_ns);
    isotp_pump(tp, now_ns);
}

void isotp_tx_start(struct isotp *tp, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    isotp_tx_reset(tp);
    tp->tx.data = data;
    tp->tx.len = len_bytes;
    tp->tx.block_size = 1; /* The first frame is a block of its own. */
    tp->tx.block_left = 1;
    tx_request_frame(tp, now_ns);
}

static void tx_describe_frame(const struct isotp *tp, struct isotp_pci *pci)
{
    pci->len = tp->tx.len;
    pci->sn = tp->tx.next_sn;
    if (tp->tx.done > 0) {
        pci->type = ISOTP_PCI_CONSECUTIVE;
        pci->head_len = 1;
    } else if (tp->tx.len <= isotp_single_max(tp->cfg.frame_len_max, isotp_address_len(tp))) {
        pci->type = ISOTP_PCI_SINGLE;
        pci->head_len = tp->tx.len <= isotp_single_max(8, isotp_address_len(tp)) ? 1 : 2;
    } else {
        pci->type = ISOTP_PCI_FIRST;
        pci->head_len = 2;
    }
}

bool isotp_tx_emit(struct isotp *tp)
{
    struct isotp_pci pci;
    tx_describe_frame(tp, &pci);
    uint16_t left = (uint16_t)(tp->tx.len - tp->tx.done);
    uint8_t room = (uint8_t)(tp->cfg.frame_len_max - isotp_address_len(tp) - pci.head_len);
    uint8_t len = left < room ? (uint8_t)left : room;
    if (!isotp_emit(tp, &pci, tp->tx.data + tp->tx.done, len)) {
        return false;
    }
    tp->tx.done = (uint16_t)(tp->tx.done + len);
    tp->tx.next_sn = (tp->tx.next_sn + 1u) & 0x0Fu;
    return true;
}

/* The next consecutive frame, not before STmin has passed since the end of the last one. The first
 * frame is none: what follows it may go at once. */
static void tx_continue(struct isotp *tp, proto_ns_t now_ns)
{
    proto_ns_t due_ns = tp->tx.cf_sent ? tp->tx.last_cf_ns + tp->tx.gap_ns : now_ns;
    if (due_ns <= now_ns) {
        tx_request_frame(tp, now_ns);
    } else {
        tx_enter(tp, ISOTP_TX_WAIT_GAP, due_ns);
    }
}

void isotp_tx_on_confirm(struct isotp *tp, proto_ns_t now_ns)
{
    PROTO_CHECK(tp->tx.state == ISOTP_TX_WAIT_CONFIRM);
    tp->tx.cf_sent = tp->tx.first_sent;
    tp->tx.first_sent = true;
    tp->tx.last_cf_ns = now_ns;
    if (tp->tx.done == tp->tx.len) {
        tx_finish(tp, ISOTP_OK, now_ns);
        return;
    }
    if (tp->tx.block_size != 0 && --tp->tx.block_left == 0) {
        tp->tx.waits = 0;
        tx_enter(tp, ISOTP_TX_WAIT_FC, now_ns + tp->cfg.n_bs_ns);
        return;
    }
    tx_continue(tp, now_ns);
}

static void tx_on_wait(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->tx.waits >= tp->cfg.wft_max) {
        tx_finish(tp, ISOTP_WFT_OVRN, now_ns);
        return;
    }
    tp->tx.waits++;
    tx_enter(tp, ISOTP_TX_WAIT_FC, now_ns + tp->cfg.n_bs_ns);
}

void isotp_tx_on_flow_control(struct isotp *tp, const struct isotp_pci *pci, proto_ns_t now_ns)
{
    if (tp->tx.state != ISOTP_TX_WAIT_FC) {
        return;
    }
    switch (pci->flow_status) {
    case ISOTP_FS_CONTINUE:
        tp->tx.gap_ns = isotp_st_min_ns(pci->st_min);
        tp->tx.block_size = pci->block_size;
        tp->tx.block_left = pci->block_size;
        tx_continue(tp, now_ns);
        return;
    case ISOTP_FS_WAIT: tx_on_wait(tp, now_ns); return;
    case ISOTP_FS_OVERFLOW: tx_finish(tp, ISOTP_BUFFER_OVFLW, now_ns); return;
    default: tx_finish(tp, ISOTP_INVALID_FS, now_ns); return;
    }
}

void isotp_give_up_waiting(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->tx.state == ISOTP_TX_WAIT_FC) {
        tx_finish(tp, ISOTP_TIMEOUT_BS, now_ns);
    }
}

void isotp_tx_on_deadline(struct isotp *tp, proto_ns_t now_ns)
{
    if (now_ns < tp->tx.deadline_ns) {
        return;
    }
    switch (tp->tx.state) {
    case ISOTP_TX_IDLE: return;
    case ISOTP_TX_WAIT_CONFIRM:
        if (tp->in_flight == ISOTP_FLIGHT_TX) {
            tp->in_flight = ISOTP_FLIGHT_NONE;
        }
        tx_finish(tp, ISOTP_TIMEOUT_A, now_ns);
        return;
    case ISOTP_TX_WAIT_FC: tx_finish(tp, ISOTP_TIMEOUT_BS, now_ns); return;
    case ISOTP_TX_WAIT_GAP: tx_request_frame(tp, now_ns); return;
    }
}
