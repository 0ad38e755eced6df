/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_uds_server.c - the UDS server under any sequence of requests, confirmations,
 * deadlines and ends of work: it answers or is silent as ISO 14229-1 allows, one frame at a time,
 * never more than its buffer holds, and never changes a frame that is under way. With hooks of a
 * laboratory, which the first byte of the input switches on, it also stays silent or late.
 * Sources: sim/proto/uds_server.c sim/proto/proto_check_host.c */
#include "sim/proto/uds_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RESPONSE_CAP = 40 };

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t next(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->data++;
}

struct world {
    struct uds_server server;
    struct input in;
    uint8_t *response;
    bool refuse;
    bool in_transport;
    const uint8_t *sent;
    uint8_t sent_copy[RESPONSE_CAP];
    uint16_t sent_len;
    uint8_t open_sid; /* Of the request in work. */
    bool open;
    bool pending_sent;
    bool may_be_silent;
    bool hushed; /* By a hook. */
    struct uds_hooks hooks;
    unsigned answers; /* To the open request. */
    proto_ns_t now_ns;
};

static bool is_nrc(const uint8_t *data, uint16_t len, uint8_t nrc)
{
    return len == 3 && data[0] == 0x7F && data[2] == nrc;
}

static bool world_send(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(!w->in_transport && len >= 1 && len <= RESPONSE_CAP);
    REQUIRE(data[0] != 0x7F || len == 3);
    if (w->refuse) {
        return false;
    }
    if (is_nrc(data, len, 0x78)) {
        REQUIRE(w->open && data[1] == w->open_sid);
        w->pending_sent = true;
    } else if (w->server.state == UDS_SERVER_WORKING || w->server.state == UDS_SERVER_HOLDING) {
        REQUIRE(is_nrc(data, len, 0x21));
    } else {
        REQUIRE(w->open);
        REQUIRE(data[0] == 0x7F ? data[1] == w->open_sid
                                : data[0] == (uint8_t)(w->open_sid + 0x40));
        w->answers++;
        REQUIRE(w->answers == 1);
    }
    w->in_transport = true;
    w->sent = data;
    w->sent_len = len;
    memcpy(w->sent_copy, data, len);
    return true;
}

static void world_on_session(void *ctx, enum uds_session from, enum uds_session to,
                             proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(from != to && w->server.session == to && !w->server.unlocked);
}

static void world_on_answered(void *ctx, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(w->open && w->server.state == UDS_SERVER_IDLE);
    REQUIRE(w->answers == 1 || w->hushed || (w->may_be_silent && !w->pending_sent));
    w->open = false;
}

static void world_on_abandoned(void *ctx, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(w->open && w->hooks.s3_strict && w->server.state == UDS_SERVER_WORKING);
}

static const struct uds_server_ops world_ops = {world_send, world_on_session, world_on_answered,
                                                world_on_abandoned};

static void hook_request(void *ctx, const struct uds_request *req, struct uds_plan *plan)
{
    static const uint16_t pendings[] = {0, 0, 1, 3, UDS_PENDINGS_FOR_EVER};
    static const enum uds_nrc nrcs[] = {UDS_POSITIVE, UDS_NRC_BUSY_REPEAT, UDS_NRC_OUT_OF_RANGE};
    struct world *w = ctx;
    const uint8_t what = next(&w->in);
    REQUIRE(req->len >= 1 && req->data[0] == w->open_sid);
    plan->lose_session = (what & 1) != 0;
    plan->refuse = (what & 2) != 0;
    plan->silent = (what & 4) != 0;
    plan->nrc = nrcs[next(&w->in) % 3];
    if (req->data[0] == 0x3F) {
        plan->nrc = UDS_NRC_OUT_OF_RANGE; /* 3F + 40 would look like a negative answer. */
    }
    plan->pendings = pendings[next(&w->in) % 5];
    plan->pending_first_ns = PROTO_MS(1) * next(&w->in);
    plan->pending_every_ns = PROTO_MS(1) + PROTO_MS(20) * next(&w->in);
    w->hushed = plan->silent;
}

static bool hook_response(void *ctx, struct uds_response *rsp, proto_ns_t *not_before_ns,
                          proto_ns_t now_ns)
{
    struct world *w = ctx;
    const uint8_t what = next(&w->in);
    REQUIRE(w->open && rsp->len >= 1 && rsp->len <= rsp->cap && rsp->cap == RESPONSE_CAP);
    if (rsp->data[0] != 0x7F) {
        const uint16_t len = (uint16_t)(1 + what % RESPONSE_CAP);
        memset(rsp->data + 1, what, (size_t)(RESPONSE_CAP - 1));
        rsp->len = len;
    }
    *not_before_ns = now_ns + PROTO_MS(1) * next(&w->in);
    w->hushed = w->hushed || what == 0;
    return what != 0;
}

static enum uds_nrc any_verdict(struct world *w)
{
    static const enum uds_nrc verdicts[] = {UDS_POSITIVE,         UDS_NRC_RESPONSE_PENDING,
                                            UDS_NRC_OUT_OF_RANGE, UDS_NRC_LENGTH,
                                            UDS_NRC_CONDITIONS,   UDS_NRC_RESPONSE_PENDING,
                                            UDS_NRC_INVALID_KEY,  UDS_NRC_SERVICE_NOT_IN_SESSION};
    return verdicts[next(&w->in) % 8];
}

static enum uds_nrc handle(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct world *w = ctx;
    REQUIRE(req->len >= 1 && req->data[0] == w->open_sid);
    REQUIRE(rsp->cap == RESPONSE_CAP && rsp->len <= 2);
    uint16_t extra = next(&w->in) % (uint16_t)(RESPONSE_CAP - rsp->len + 1);
    memset(rsp->data + rsp->len, req->data[req->len - 1], extra);
    rsp->len = (uint16_t)(rsp->len + extra);
    return any_verdict(w);
}

static enum uds_nrc handle_session(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct world *w = ctx;
    (void)rsp;
    REQUIRE(req->data[1] >= 1 && req->data[1] <= 3);
    uds_server_set_session(&w->server, (enum uds_session)req->data[1], req->now_ns);
    return UDS_POSITIVE;
}

static enum uds_nrc handle_unlock(void *ctx, const struct uds_request *req,
                                  struct uds_response *rsp)
{
    struct world *w = ctx;
    (void)req;
    (void)rsp;
    w->server.unlocked = true;
    return UDS_POSITIVE;
}

enum { NOT_DEFAULT = UDS_IN_PROGRAMMING | UDS_IN_EXTENDED };

static const struct uds_subfunction sessions[] = {
    {1, UDS_IN_ANY, false}, {2, UDS_IN_EXTENDED, false}, {3, UDS_IN_ANY, false}};
static const struct uds_subfunction one[] = {{0, UDS_IN_ANY, false}, {1, NOT_DEFAULT, true}};
static const struct uds_service services[] = {
    {UDS_SESSION_CONTROL, UDS_IN_ANY, false, 2, sessions, 3, handle_session},
    {UDS_SECURITY_ACCESS, NOT_DEFAULT, false, 2, one, 1, handle_unlock},
    {UDS_TESTER_PRESENT, UDS_IN_ANY, false, 2, one, 2, handle},
    {UDS_ROUTINE_CONTROL, UDS_IN_ANY, false, 4, one, 2, handle},
    {UDS_READ_DATA, UDS_IN_ANY, false, 3, NULL, 0, handle},
    {UDS_TRANSFER_DATA, NOT_DEFAULT, true, 2, NULL, 0, handle},
};

/* The request lies in memory of its own that goes away with the call. */
static void ask(struct world *w)
{
    uint8_t len = next(&w->in) % 80;
    bool functional = (next(&w->in) & 1) != 0;
    uint8_t *request = malloc(len > 0 ? len : 1);
    REQUIRE(request != NULL);
    for (uint8_t i = 0; i < len; i++) {
        request[i] = next(&w->in);
    }
    const bool keeps_alive = len > 0 && request[0] == UDS_TESTER_PRESENT;
    const bool stuck = w->server.state == UDS_SERVER_HOLDING &&
                       w->server.plan.pendings == UDS_PENDINGS_FOR_EVER && !keeps_alive;
    bool begins = (w->server.state == UDS_SERVER_IDLE || stuck) && len > 0;
    if (begins) {
        w->hushed = false;
        w->open = true;
        w->open_sid = request[0];
        w->answers = 0;
        w->pending_sent = false;
        w->may_be_silent = functional || (len > 1 && (request[1] & 0x80) != 0);
    }
    uds_server_on_request(&w->server, request, len, functional, w->now_ns);
    REQUIRE(!begins || !w->open || w->server.state != UDS_SERVER_IDLE);
    free(request);
}

static void leave(struct world *w)
{
    if (w->in_transport) {
        REQUIRE(memcmp(w->sent, w->sent_copy, w->sent_len) == 0);
        w->in_transport = false;
    }
    uds_server_on_sent(&w->server, w->now_ns);
}

static void finish(struct world *w)
{
    if (w->server.state != UDS_SERVER_WORKING) {
        return;
    }
    enum uds_nrc nrc = any_verdict(w);
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        uds_server_finish(&w->server, nrc, w->now_ns);
    }
}

static void run_deadline(struct world *w)
{
    proto_ns_t due_ns = uds_server_deadline_ns(&w->server);
    if (due_ns == PROTO_NEVER) {
        return;
    }
    w->now_ns = due_ns > w->now_ns ? due_ns : w->now_ns;
    uds_server_on_deadline(&w->server, w->now_ns);
    REQUIRE(uds_server_deadline_ns(&w->server) > w->now_ns);
}

static void step(struct world *w)
{
    switch (next(&w->in) % 8) {
    case 0:
    case 1: ask(w); return;
    case 2: leave(w); return;
    case 3: run_deadline(w); return;
    case 4: w->refuse = !w->refuse; return;
    case 5: finish(w); return;
    case 6: uds_server_on_first_frame(&w->server, w->now_ns); return;
    default: w->now_ns += PROTO_MS(1) * next(&w->in); return;
    }
}

/* The transport recovers and the work ends: then the open request is answered. */
static void wind_down(struct world *w)
{
    w->refuse = false;
    leave(w);
    if (w->server.plan.pendings == UDS_PENDINGS_FOR_EVER) {
        w->server.plan.pendings = 1;
    }
    if (w->server.state == UDS_SERVER_WORKING) {
        uds_server_finish(&w->server, UDS_NRC_CONDITIONS, w->now_ns);
    }
    for (int i = 0; i < 12; i++) {
        leave(w);
        run_deadline(w);
    }
    REQUIRE(!w->open && w->server.state == UDS_SERVER_IDLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {.in = {.data = data, .left = size}};
    w.response = malloc(RESPONSE_CAP);
    REQUIRE(w.response != NULL);
    struct uds_server_cfg cfg = {.services = services,
                                 .services_len = sizeof services / sizeof services[0],
                                 .response_cap = RESPONSE_CAP,
                                 .response = w.response};
    const uint8_t hooks = next(&w.in);
    if ((hooks & 1) != 0) {
        w.hooks = (struct uds_hooks){.ctx = &w,
                                     .on_request = hook_request,
                                     .on_response = hook_response,
                                     .s3_strict = (hooks & 2) != 0};
        cfg.hooks = &w.hooks;
    }
    uds_server_init(&w.server, &cfg, &world_ops, &w);
    while (w.in.left > 0) {
        step(&w);
    }
    wind_down(&w);
    free(w.response);
    return 0;
}
