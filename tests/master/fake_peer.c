/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_peer.c - another ECU of the scripted network. */
#include "tests/master/fake_peer.h"

#include "sim/proto/proto.h"
#include "sim/proto/uds.h"

#include <string.h>

#define S3_NS PROTO_MS(5000)

void fake_peer_init(struct fake_peer *peer, uint32_t request_id)
{
    *peer = (struct fake_peer){.request_id = request_id,
                               .response_id = request_id + 8,
                               .delay_ms = 1,
                               .session = UDS_SESSION_DEFAULT,
                               .s3_due_ns = UINT64_MAX,
                               .answer_ns = UINT64_MAX,
                               .final_ns = UINT64_MAX};
}

static void set_session(struct fake_peer *peer, uint8_t session)
{
    peer->session = session;
    if (session == UDS_SESSION_DEFAULT && !peer->sticky) {
        peer->comm_off = false;
        peer->dtc_off = false;
    }
}

/* 0, or why not. */
static uint8_t obey(struct fake_peer *peer, const uint8_t *request)
{
    bool quiet = request[0] == UDS_COMMUNICATION_CONTROL || request[0] == UDS_CONTROL_DTC_SETTING;
    if (quiet && peer->session == UDS_SESSION_DEFAULT) {
        return UDS_NRC_SERVICE_NOT_IN_SESSION;
    }
    if (quiet && peer->refuses) {
        peer->refuses--;
        return peer->nrc;
    }
    switch (request[0]) {
    case UDS_SESSION_CONTROL: set_session(peer, request[1]); return 0;
    case UDS_COMMUNICATION_CONTROL: peer->comm_off = request[1] != UDS_COMM_ENABLE_RX_TX; return 0;
    case UDS_CONTROL_DTC_SETTING: peer->dtc_off = request[1] == UDS_DTC_OFF; return 0;
    case UDS_CLEAR_DTC: peer->clears++; return 0;
    default: return UDS_NRC_SERVICE_NOT_SUPPORTED;
    }
}

static void put_answer(const uint8_t *request, uint8_t nrc, uint8_t answer[8])
{
    static const uint8_t timing[] = {0, 50, 1, 0xF4};
    bool session = request[0] == UDS_SESSION_CONTROL;
    memset(answer, 0, 8);
    if (nrc) {
        memcpy(answer, (uint8_t[]){3, UDS_NEGATIVE_RESPONSE, request[0], nrc}, 4);
        return;
    }
    answer[0] = session ? 6 : 2;
    answer[1] = (uint8_t)(request[0] + UDS_RESPONSE_OFFSET);
    answer[2] = request[1];
    memcpy(answer + 3, timing, session ? sizeof timing : 0);
}

static bool hears(struct fake_peer *peer, bool to_all)
{
    uint16_t *deaf = to_all ? &peer->deaf_to_all : &peer->deaf;
    if (*deaf) {
        (*deaf)--;
        return false;
    }
    return !peer->heard_max || peer->heard++ < peer->heard_max;
}

void fake_peer_on_frame(struct fake_peer *peer, const struct ota_frame *frame,
                        uint32_t functional_id, uint64_t now_ns)
{
    bool to_all = frame->id == functional_id;
    const uint8_t *request = frame->data + 1;
    if (!to_all && frame->id != peer->request_id) {
        return;
    }
    if (request[0] == UDS_TESTER_PRESENT) {
        peer->s3_due_ns = peer->session == UDS_SESSION_DEFAULT ? UINT64_MAX : now_ns + S3_NS;
        return;
    }
    peer->asked_alone += !to_all;
    if (!hears(peer, to_all)) {
        return;
    }
    uint8_t nrc = obey(peer, request);
    peer->s3_due_ns = peer->session == UDS_SESSION_DEFAULT ? UINT64_MAX : now_ns + S3_NS;
    peer->answer_ns = now_ns + PROTO_MS(peer->delay_ms);
    put_answer(request, nrc, peer->answer);
    if (peer->pendings) {
        peer->pendings--;
        memcpy(peer->final, peer->answer, sizeof peer->final);
        peer->final_ns = now_ns + PROTO_MS(2000);
        put_answer(request, UDS_NRC_RESPONSE_PENDING, peer->answer);
    }
}

uint64_t fake_peer_due_ns(const struct fake_peer *peer)
{
    return proto_min_ns(peer->s3_due_ns, proto_min_ns(peer->answer_ns, peer->final_ns));
}

bool fake_peer_on_deadline(struct fake_peer *peer, uint64_t now_ns, struct ota_frame *frame)
{
    if (now_ns >= peer->s3_due_ns) {
        peer->s3_due_ns = UINT64_MAX;
        peer->fallbacks++;
        set_session(peer, UDS_SESSION_DEFAULT);
    }
    bool last = now_ns >= peer->final_ns;
    if (!last && now_ns < peer->answer_ns) {
        return false;
    }
    *frame = (struct ota_frame){.id = peer->response_id, .len_bytes = 8};
    memcpy(frame->data, last ? peer->final : peer->answer, 8);
    *(last ? &peer->final_ns : &peer->answer_ns) = UINT64_MAX;
    return true;
}
