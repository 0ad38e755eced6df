/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp.c - the common part of a link: frames in and out, and which of the two machines
 * may use the controller. */
#include "sim/proto/isotp.h"

#include "sim/proto/isotp_private.h"

#include <string.h>

enum { CLASSIC_LEN = 8 };

/* ISO 15765-2 leaves the repetition of a refused request to the implementation. */
#define RETRY_NS           PROTO_MS(1)
#define TIMEOUT_DEFAULT_NS PROTO_MS(1000)

static proto_ns_t or_default(proto_ns_t value)
{
    return value != 0 ? value : TIMEOUT_DEFAULT_NS;
}

void isotp_init(struct isotp *tp, const struct isotp_cfg *cfg, const struct isotp_ops *ops,
                void *ctx)
{
    memset(tp, 0, sizeof *tp);
    tp->cfg = *cfg;
    tp->ops = ops;
    tp->ctx = ctx;
    tp->cfg.n_as_ns = or_default(cfg->n_as_ns);
    tp->cfg.n_bs_ns = or_default(cfg->n_bs_ns);
    tp->cfg.n_cr_ns = or_default(cfg->n_cr_ns);
    if (tp->cfg.frame_len_max == 0) {
        tp->cfg.frame_len_max = CLASSIC_LEN;
    }
    PROTO_CHECK(tp->cfg.frame_len_max >= CLASSIC_LEN && tp->cfg.frame_len_max <= ISOTP_FRAME_MAX);
    PROTO_CHECK(isotp_frame_len(tp->cfg.frame_len_max) == tp->cfg.frame_len_max);
    PROTO_CHECK(ops->send != NULL || cfg->functional);
    PROTO_CHECK(cfg->rx_buffer != NULL || cfg->rx_buffer_len == 0);
    isotp_reset(tp);
}

void isotp_reset(struct isotp *tp)
{
    tp->in_flight = ISOTP_FLIGHT_NONE;
    tp->retry_ns = 0;
    isotp_tx_reset(tp);
    isotp_rx_reset(tp);
}

bool isotp_sending(const struct isotp *tp)
{
    return tp->tx.state != ISOTP_TX_IDLE;
}

bool isotp_receiving(const struct isotp *tp)
{
    return tp->rx.state != ISOTP_RX_IDLE;
}

bool isotp_send(struct isotp *tp, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    uint16_t single_max = isotp_single_max(tp->cfg.frame_len_max, isotp_address_len(tp));
    uint16_t len_max = tp->cfg.functional ? single_max : ISOTP_LEN_MAX;
    if (isotp_sending(tp) || len_bytes == 0 || len_bytes > len_max) {
        return false;
    }
    PROTO_CHECK(tp->ops->send != NULL);
    isotp_tx_start(tp, data, len_bytes, now_ns);
    return true;
}

bool isotp_emit(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                uint8_t len_bytes)
{
    uint8_t frame[ISOTP_FRAME_MAX];
    uint8_t len = 0;
    if (tp->cfg.extended) {
        frame[len++] = tp->cfg.address_tx;
    }
    len = (uint8_t)(len + isotp_pci_encode(pci, isotp_address_len(tp), frame + len));
    PROTO_CHECK((uint16_t)len + len_bytes <= tp->cfg.frame_len_max);
    if (len_bytes > 0) {
        memcpy(frame + len, data, len_bytes);
        len = (uint8_t)(len + len_bytes);
    }
    uint8_t full = isotp_frame_len(len);
    if (tp->cfg.pad && full < CLASSIC_LEN) {
        full = CLASSIC_LEN;
    }
    memset(frame + len, tp->cfg.padding_byte, (size_t)(full - len));
    return tp->ops->send(tp->ctx, frame, full);
}

/* A flow control keeps the other side waiting, so it goes first. */
void isotp_pump(struct isotp *tp, proto_ns_t now_ns)
{
    if (tp->in_flight != ISOTP_FLIGHT_NONE) {
        return;
    }
    if (tp->rx.fc_pending) {
        if (isotp_rx_emit_fc(tp)) {
            tp->rx.fc_pending = false;
            tp->in_flight = ISOTP_FLIGHT_FC;
        }
    } else if (tp->tx.frame_pending) {
        if (isotp_tx_emit(tp)) {
            tp->tx.frame_pending = false;
            tp->in_flight = ISOTP_FLIGHT_TX;
        }
    }
    tp->retry_ns = now_ns + RETRY_NS;
}

void isotp_on_confirm(struct isotp *tp, proto_ns_t now_ns)
{
    enum isotp_in_flight confirmed = tp->in_flight;
    tp->in_flight = ISOTP_FLIGHT_NONE;
    switch (confirmed) {
    case ISOTP_FLIGHT_NONE: break;
    case ISOTP_FLIGHT_TX: isotp_tx_on_confirm(tp, now_ns); break;
    case ISOTP_FLIGHT_FC: isotp_rx_on_fc_confirm(tp, now_ns); break;
    }
    isotp_pump(tp, now_ns);
}

void isotp_on_frame(struct isotp *tp, const uint8_t *data, uint8_t len_bytes, proto_ns_t now_ns)
{
    uint8_t address_len = isotp_address_len(tp);
    if (len_bytes <= address_len || len_bytes > ISOTP_FRAME_MAX ||
        (tp->cfg.extended && data[0] != tp->cfg.address_rx)) {
        return;
    }
    const uint8_t *frame = data + address_len;
    uint8_t len = (uint8_t)(len_bytes - address_len);
    struct isotp_pci pci;
    if (!isotp_pci_decode(frame, len, address_len, &pci) ||
        (tp->cfg.functional && pci.type != ISOTP_PCI_SINGLE)) {
        return;
    }
    const uint8_t *body = frame + pci.head_len;
    uint8_t body_len = (uint8_t)(len - pci.head_len);
    switch (pci.type) {
    case ISOTP_PCI_SINGLE: isotp_rx_on_single(tp, &pci, body, now_ns); return;
    case ISOTP_PCI_FIRST: isotp_rx_on_first(tp, &pci, body, body_len, len_bytes, now_ns); return;
    case ISOTP_PCI_CONSECUTIVE: isotp_rx_on_consecutive(tp, &pci, body, body_len, now_ns); return;
    case ISOTP_PCI_FLOW_CONTROL: isotp_tx_on_flow_control(tp, &pci, now_ns); return;
    }
}

void isotp_on_deadline(struct isotp *tp, proto_ns_t now_ns)
{
    isotp_rx_on_deadline(tp, now_ns);
    isotp_tx_on_deadline(tp, now_ns);
    isotp_pump(tp, now_ns);
}

proto_ns_t isotp_deadline_ns(const struct isotp *tp)
{
    proto_ns_t due = proto_min_ns(tp->tx.deadline_ns, tp->rx.deadline_ns);
    due = proto_min_ns(due, tp->rx.fc_deadline_ns);
    due = proto_min_ns(due, tp->rx.fc_again_ns);
    if (tp->in_flight == ISOTP_FLIGHT_NONE && (tp->rx.fc_pending || tp->tx.frame_pending)) {
        due = proto_min_ns(due, tp->retry_ns);
    }
    return due;
}
