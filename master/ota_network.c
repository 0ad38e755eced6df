/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_network.c - collecting the answers to a request to all, and chasing what is missing.
 */
#include "master/ota_network.h"

#include "master/ota_machine.h"

#include <stdio.h>
#include <string.h>

enum { REFUSALS_MAX = 3, SINGLE_FRAME_MAX = 7 };

#define REFUSAL_GAP_NS PROTO_MS(500)

static size_t missing(const struct ota_master *m, size_t from)
{
    while (from < m->job->network_len && m->network.answered[from]) {
        from++;
    }
    return from;
}

void ota_network_begin(struct ota_master *m, bool to_all)
{
    memset(&m->network, 0, sizeof m->network);
    m->network.listening = to_all;
    ota_link_talk_to(&m->link, m->job->request_id, m->job->response_id);
}

bool ota_network_ask_target(struct ota_master *m, uint64_t now_ns)
{
    if (!m->network.listening || m->network.alone || m->job->network_len == 0) {
        return false;
    }
    m->network.alone = true;
    ota_ask(m, false, now_ns);
    return true;
}

static void settled(struct ota_master *m, uint64_t now_ns)
{
    m->network.listening = false;
    m->network.chasing = false;
    ota_next(m, now_ns);
}

void ota_network_settle(struct ota_master *m, uint64_t now_ns)
{
    if (!m->network.listening || missing(m, 0) == m->job->network_len) {
        settled(m, now_ns);
    } else if (m->network.alone) {
        ota_network_chase(m, now_ns); /* They have had their time. */
    } else {
        ota_wait(m, OTA_THEN_CHASE, now_ns + m->link.client.cfg.p2_ns);
    }
}

void ota_network_chase(struct ota_master *m, uint64_t now_ns)
{
    struct ota_network *n = &m->network;
    n->listening = false;
    size_t next = missing(m, n->peer);
    if (next == m->job->network_len) {
        settled(m, now_ns);
        return;
    }
    n->chasing = true;
    n->peer = (uint8_t)next;
    ota_link_talk_to(&m->link, m->job->network[next].request_id, m->job->network[next].response_id);
    ota_ask(m, false, now_ns);
}

/* The next one. This one has done it, or will not do it. */
static void pass_on(struct ota_master *m, uint64_t now_ns)
{
    m->network.peer++;
    m->network.tries = 0;
    ota_network_chase(m, now_ns);
}

static void give_up(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    const struct ota_peer *peer = &m->job->network[m->network.peer];
    char what[140];
    snprintf(what, sizeof what, "%s of %s: %s (%02X)", ota_step(m->step)->name, peer->name,
             nrc ? uds_nrc_name(nrc) : "no answer", nrc);
    ota_log(m, "%s", what);
    if (ota_step(m->step)->phase != OTA_PH3_PRE || m->leaving) {
        pass_on(m, now_ns);
    } else if (nrc) {
        ota_refuse(m, OTA_WHY_NETWORK, nrc, what, now_ns);
    } else {
        ota_interrupted(m, what, now_ns);
    }
}

void ota_network_on_result(struct ota_master *m, enum uds_client_result result, const uint8_t *data,
                           uint64_t now_ns)
{
    uint8_t nrc = data && result != UDS_CLIENT_POSITIVE ? data[2] : 0;
    if (result == UDS_CLIENT_POSITIVE) {
        pass_on(m, now_ns);
    } else if (nrc == UDS_NRC_CONDITIONS && m->network.tries++ < REFUSALS_MAX) {
        ota_wait(m, OTA_THEN_CHASE, now_ns + REFUSAL_GAP_NS);
    } else {
        give_up(m, nrc, now_ns);
    }
}

static bool is_pending(const struct ota_master *m, const uint8_t *data, uint8_t len)
{
    return len >= 3 && data[0] == UDS_NEGATIVE_RESPONSE && data[1] == m->request[0] &&
           data[2] == UDS_NRC_RESPONSE_PENDING;
}

static bool is_done(const struct ota_master *m, const uint8_t *data, uint8_t len)
{
    return len >= 2 && data[0] == m->request[0] + UDS_RESPONSE_OFFSET && data[1] == m->request[1];
}

static void on_answer(struct ota_master *m, size_t peer, const uint8_t *data, uint8_t len,
                      uint64_t now_ns)
{
    bool waited_for = m->state == OTA_STATE_WAITING && m->then == OTA_THEN_CHASE;
    m->network.answered[peer] = m->network.answered[peer] || is_done(m, data, len);
    if (!waited_for) {
        return;
    }
    if (missing(m, 0) == m->job->network_len) {
        settled(m, now_ns);
    } else if (is_pending(m, data, len)) {
        m->wait_ns = now_ns + m->link.client.cfg.p2_star_ns;
    }
}

/* All that is asked of all is answered in a single frame. */
void ota_network_on_frame(struct ota_master *m, const struct ota_frame *frame, uint64_t now_ns)
{
    uint8_t len = frame->len_bytes ? frame->data[0] : 0;
    if (!m->network.listening || len > SINGLE_FRAME_MAX || len >= frame->len_bytes) {
        return;
    }
    for (size_t i = 0; i < m->job->network_len; i++) {
        if (m->job->network[i].response_id == frame->id) {
            on_answer(m, i, frame->data + 1, len, now_ns);
        }
    }
}
