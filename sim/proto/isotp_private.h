/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/isotp_private.h - what the two machines of a link and their common part share. */
#ifndef SIM_PROTO_ISOTP_PRIVATE_H
#define SIM_PROTO_ISOTP_PRIVATE_H

#include "sim/proto/isotp.h"
#include "sim/proto/isotp_pci.h"

enum { ISOTP_FRAME_MAX = 64 };

static inline uint8_t isotp_address_len(const struct isotp *tp)
{
    return tp->cfg.extended ? 1 : 0;
}

/* Offers the controller what is pending, if it has no frame of this link. */
void isotp_pump(struct isotp *tp, proto_ns_t now_ns);

/* Builds a frame - address, PCI, data, padding - and hands it to the controller. */
bool isotp_emit(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                uint8_t len_bytes);

void isotp_tx_reset(struct isotp *tp);
void isotp_tx_start(struct isotp *tp, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns);
/* Hands the next frame of the message to the controller. */
bool isotp_tx_emit(struct isotp *tp);
void isotp_tx_on_confirm(struct isotp *tp, proto_ns_t now_ns);
void isotp_tx_on_flow_control(struct isotp *tp, const struct isotp_pci *pci, proto_ns_t now_ns);
void isotp_tx_on_deadline(struct isotp *tp, proto_ns_t now_ns);

void isotp_rx_reset(struct isotp *tp);
bool isotp_rx_emit_fc(struct isotp *tp);
void isotp_rx_on_fc_confirm(struct isotp *tp, proto_ns_t now_ns);
/* data and len_bytes are what follows the PCI; frame_len is the whole frame. */
void isotp_rx_on_single(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                        proto_ns_t now_ns);
void isotp_rx_on_first(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                       uint8_t len_bytes, uint8_t frame_len, proto_ns_t now_ns);
void isotp_rx_on_consecutive(struct isotp *tp, const struct isotp_pci *pci, const uint8_t *data,
                             uint8_t len_bytes, proto_ns_t now_ns);
void isotp_rx_on_deadline(struct isotp *tp, proto_ns_t now_ns);

#endif
