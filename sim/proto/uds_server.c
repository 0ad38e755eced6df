/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds_server.c - the server machine: checks by table, one request at a time, one frame in
 * the transport at a time. */
#include "sim/proto/uds_server.h"

#include <string.h>

#define RETRY_NS PROTO_MS(1)

static proto_ns_t or_default(proto_ns_t value, proto_ns_t fallback)
{
    return value != 0 ? value : fallback;
}

static proto_ns_t three_quarters(proto_ns_t span)
{
    return span - (span >> 2);
}

void uds_server_init(struct uds_server *server, const struct uds_server_cfg *cfg,
                     const struct uds_server_ops *ops, void *ctx)
{
    PROTO_CHECK(cfg->response != NULL && cfg->response_cap >= 8);
    memset(server, 0, sizeof *server);
    server->cfg = *cfg;
    server->cfg.p2_ns = or_default(cfg->p2_ns, PROTO_MS(50));
    server->cfg.p2_star_ns = or_default(cfg->p2_star_ns, PROTO_MS(5000));
    server->cfg.s3_ns = or_default(cfg->s3_ns, PROTO_MS(5000));
    server->ops = ops;
    server->ctx = ctx;
    server->session = UDS_SESSION_DEFAULT;
    server->pending_due_ns = PROTO_NEVER;
    server->retry_due_ns = PROTO_NEVER;
    server->s3_due_ns = PROTO_NEVER;
    server->hold_due_ns = PROTO_NEVER;
}

proto_ns_t uds_server_p2_ns(const struct uds_server *server)
{
    const struct uds_hooks *hooks = server->cfg.hooks;
    return hooks != NULL && hooks->p2_ns != 0 ? hooks->p2_ns : server->cfg.p2_ns;
}

proto_ns_t uds_server_p2_star_ns(const struct uds_server *server)
{
    const struct uds_hooks *hooks = server->cfg.hooks;
    return hooks != NULL && hooks->p2_star_ns != 0 ? hooks->p2_star_ns : server->cfg.p2_star_ns;
}

bool uds_server_more_pendings(const struct uds_server *server)
{
    return server->plan.pendings > 0;
}

static bool s3_is_strict(const struct uds_server *server)
{
    return server->cfg.hooks != NULL && server->cfg.hooks->s3_strict;
}

static void set_negative(uint8_t frame[3], uint8_t sid, enum uds_nrc nrc)
{
    frame[0] = UDS_NEGATIVE_RESPONSE;
    frame[1] = sid;
    frame[2] = (uint8_t)nrc;
}

static void s3_stop(struct uds_server *server)
{
    server->s3_due_ns = PROTO_NEVER;
}

static void s3_start(struct uds_server *server, proto_ns_t now_ns)
{
    bool runs = server->state == UDS_SERVER_IDLE || s3_is_strict(server);
    runs = runs && server->session != UDS_SESSION_DEFAULT;
    server->s3_due_ns = runs ? now_ns + server->cfg.s3_ns : PROTO_NEVER;
}

void uds_server_set_timing(struct uds_server *server, proto_ns_t p2_ns, proto_ns_t p2_star_ns,
                           proto_ns_t s3_ns)
{
    server->cfg.p2_ns = p2_ns;
    server->cfg.p2_star_ns = p2_star_ns;
    server->cfg.s3_ns = s3_ns;
}

void uds_server_set_session(struct uds_server *server, enum uds_session session, proto_ns_t now_ns)
{
    enum uds_session from = server->session;
    server->session = session;
    server->unlocked = false;
    s3_start(server, now_ns);
    if (from != session && server->ops->on_session != NULL) {
        server->ops->on_session(server->ctx, from, session, now_ns);
    }
}

static bool transmit(struct uds_server *server, enum uds_server_flight flight, const uint8_t *data,
                     uint16_t len_bytes, proto_ns_t now_ns)
{
    server->flight = flight;
    if (server->ops->send(server->ctx, data, len_bytes, now_ns)) {
        return true;
    }
    server->flight = UDS_FLIGHT_NONE;
    return false;
}

static void send_answer(struct uds_server *server, proto_ns_t now_ns)
{
    if (now_ns < server->answer_due_ns) {
        server->retry_due_ns = server->answer_due_ns;
        return;
    }
    bool taken = transmit(server, UDS_FLIGHT_FINAL, server->answer, server->answer_len, now_ns);
    server->retry_due_ns = taken ? PROTO_NEVER : now_ns + RETRY_NS;
}

/* One more 0x78 has gone out: when is the next one due? */
static proto_ns_t next_pending_ns(struct uds_server *server, proto_ns_t now_ns)
{
    struct uds_plan *plan = &server->plan;
    const proto_ns_t usual_ns = now_ns + three_quarters(uds_server_p2_star_ns(server));
    if (plan->pendings == 0) {
        return usual_ns;
    }
    if (plan->pendings != UDS_PENDINGS_FOR_EVER) {
        plan->pendings--;
    }
    if (plan->pendings > 0) {
        return now_ns + plan->pending_every_ns;
    }
    server->hold_due_ns = now_ns + plan->pending_every_ns;
    return server->state == UDS_SERVER_WORKING ? usual_ns : PROTO_NEVER;
}

static void send_pending(struct uds_server *server, proto_ns_t now_ns)
{
    set_negative(server->pending_frame, server->sid, UDS_NRC_RESPONSE_PENDING);
    if (!transmit(server, UDS_FLIGHT_PENDING, server->pending_frame, 3, now_ns)) {
        server->retry_due_ns = now_ns + RETRY_NS;
        return;
    }
    server->pending_waits = false;
    server->pending_sent = true;
    server->retry_due_ns = PROTO_NEVER;
    server->pending_due_ns = next_pending_ns(server, now_ns);
}

/* Gives the transport what is owed, if it has no frame of ours. */
static void pump(struct uds_server *server, proto_ns_t now_ns)
{
    if (server->flight != UDS_FLIGHT_NONE) {
        return;
    }
    if (server->state == UDS_SERVER_ANSWERING) {
        send_answer(server, now_ns);
    } else if (server->pending_waits) {
        send_pending(server, now_ns);
    }
}

/* The owner may start the server anew in on_answered, so nothing may follow it. */
static void answered(struct uds_server *server, proto_ns_t now_ns)
{
    server->state = UDS_SERVER_IDLE;
    s3_start(server, now_ns);
    if (server->ops->on_answered != NULL) {
        server->ops->on_answered(server->ctx, now_ns);
    }
}

static bool silent_when_functional(enum uds_nrc nrc)
{
    return nrc == UDS_NRC_SERVICE_NOT_SUPPORTED || nrc == UDS_NRC_SUBFUNCTION_NOT_SUPPORTED ||
           nrc == UDS_NRC_OUT_OF_RANGE || nrc == UDS_NRC_SUBFUNCTION_NOT_IN_SESSION ||
           nrc == UDS_NRC_SERVICE_NOT_IN_SESSION;
}

static bool is_suppressed(const struct uds_server *server, enum uds_nrc nrc)
{
    if (server->pending_sent) {
        return false;
    }
    if (nrc == UDS_POSITIVE) {
        return server->suppress;
    }
    return server->functional && silent_when_functional(nrc);
}

/* The answer to be, as a hook sees it: it gets room for any other one. */
static struct uds_response response_of(struct uds_server *server)
{
    return (struct uds_response){
        .data = server->cfg.response, .len = server->response_len, .cap = server->cfg.response_cap};
}

/* False: a hook does not want it to be sent. */
static bool ask_hook(struct uds_server *server, proto_ns_t now_ns)
{
    const struct uds_hooks *hooks = server->cfg.hooks;
    if (hooks == NULL || hooks->on_response == NULL) {
        return true;
    }
    if (server->nrc != UDS_POSITIVE) {
        set_negative(server->cfg.response, server->sid, server->nrc);
        server->response_len = 3;
    }
    struct uds_response rsp = response_of(server);
    const bool wanted = hooks->on_response(hooks->ctx, &rsp, &server->answer_due_ns, now_ns);
    PROTO_CHECK(rsp.len <= rsp.cap);
    server->answer = rsp.data;
    server->answer_len = rsp.len;
    return wanted && rsp.len > 0;
}

/* The work is done, and nothing is to come before its answer any more. */
static void conclude(struct uds_server *server, proto_ns_t now_ns)
{
    server->pending_due_ns = PROTO_NEVER;
    server->pending_waits = false;
    server->retry_due_ns = PROTO_NEVER;
    server->hold_due_ns = PROTO_NEVER;
    server->answer_due_ns = 0;
    server->answer = server->cfg.response;
    server->answer_len = server->response_len;
    if (server->nrc != UDS_POSITIVE) {
        set_negative(server->negative_frame, server->sid, server->nrc);
        server->answer = server->negative_frame;
        server->answer_len = 3;
    }
    if (server->plan.silent || is_suppressed(server, server->nrc) || !ask_hook(server, now_ns)) {
        answered(server, now_ns);
        return;
    }
    server->state = UDS_SERVER_ANSWERING;
    pump(server, now_ns);
}

static bool is_held(const struct uds_server *server, proto_ns_t now_ns)
{
    return server->plan.pendings > 0 ||
           (server->hold_due_ns != PROTO_NEVER && now_ns < server->hold_due_ns);
}

void uds_server_finish(struct uds_server *server, enum uds_nrc nrc, proto_ns_t now_ns)
{
    PROTO_CHECK(server->state == UDS_SERVER_WORKING);
    PROTO_CHECK(nrc != UDS_NRC_RESPONSE_PENDING);
    server->nrc = nrc;
    if (is_held(server, now_ns)) {
        server->state = UDS_SERVER_HOLDING;
        if (server->plan.pendings == 0) {
            server->pending_due_ns = PROTO_NEVER;
        }
        return;
    }
    conclude(server, now_ns);
}

void uds_server_end_pendings(struct uds_server *server, proto_ns_t now_ns)
{
    const bool series = server->plan.pendings > 0;
    server->plan.pendings = 0;
    if (server->state == UDS_SERVER_HOLDING) {
        server->pending_due_ns = PROTO_NEVER;
        server->hold_due_ns = now_ns;
    } else if (server->state == UDS_SERVER_WORKING && series) {
        server->pending_due_ns = now_ns + three_quarters(uds_server_p2_star_ns(server));
    }
}

static const struct uds_service *find_service(const struct uds_server *server, uint8_t sid)
{
    for (uint8_t i = 0; i < server->cfg.services_len; i++) {
        if (server->cfg.services[i].sid == sid) {
            return &server->cfg.services[i];
        }
    }
    return NULL;
}

static const struct uds_subfunction *find_subfunction(const struct uds_service *service,
                                                      uint8_t value)
{
    for (uint8_t i = 0; i < service->subfunctions_len; i++) {
        if (service->subfunctions[i].value == value) {
            return &service->subfunctions[i];
        }
    }
    return NULL;
}

static bool in_session(const struct uds_server *server, uint8_t sessions)
{
    return (sessions & (1u << (unsigned)server->session)) != 0;
}

/* ISO 14229-1:2013, figure 6. */
static enum uds_nrc check_subfunction(const struct uds_server *server,
                                      const struct uds_service *service,
                                      const struct uds_request *req)
{
    uint8_t value = (uint8_t)(req->data[1] & ~(unsigned)UDS_SUPPRESS_POSITIVE);
    const struct uds_subfunction *sub = find_subfunction(service, value);
    if (sub == NULL) {
        return UDS_NRC_SUBFUNCTION_NOT_SUPPORTED;
    }
    if (!in_session(server, sub->sessions)) {
        return UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    }
    if (sub->secured && !server->unlocked) {
        return UDS_NRC_SECURITY_DENIED;
    }
    return UDS_POSITIVE;
}

/* ISO 14229-1:2013, figure 5. */
static enum uds_nrc check_request(const struct uds_server *server,
                                  const struct uds_service *service, const struct uds_request *req)
{
    if (service == NULL) {
        return UDS_NRC_SERVICE_NOT_SUPPORTED;
    }
    if (!in_session(server, service->sessions)) {
        return UDS_NRC_SERVICE_NOT_IN_SESSION;
    }
    if (service->secured && !server->unlocked) {
        return UDS_NRC_SECURITY_DENIED;
    }
    bool has_subfunction = service->subfunctions != NULL;
    if (req->len < service->len_min || (has_subfunction && req->len < 2)) {
        return UDS_NRC_LENGTH;
    }
    return has_subfunction ? check_subfunction(server, service, req) : UDS_POSITIVE;
}

/* The request belongs to the transport, so clearing the suppress bit takes a copy. */
static enum uds_nrc take_suppression(struct uds_server *server, struct uds_request *req)
{
    if ((req->data[1] & UDS_SUPPRESS_POSITIVE) == 0) {
        return UDS_POSITIVE;
    }
    if (req->len > UDS_SUPPRESSIBLE_LEN_MAX) {
        return UDS_NRC_LENGTH;
    }
    memcpy(server->request_copy, req->data, req->len);
    server->request_copy[1] &= 0x7Fu;
    req->data = server->request_copy;
    server->suppress = true;
    return UDS_POSITIVE;
}

/* The head of a positive response: service and sub-function. */
static void put_head(struct uds_server *server, const struct uds_service *service,
                     const struct uds_request *req)
{
    struct uds_response rsp = response_of(server);
    rsp.data[0] = (uint8_t)(req->data[0] + UDS_RESPONSE_OFFSET);
    server->response_len = 1;
    if (service != NULL && service->subfunctions != NULL && req->len > 1) {
        rsp.data[1] = req->data[1] & 0x7Fu;
        server->response_len = 2;
    }
}

static enum uds_nrc run_handler(struct uds_server *server, const struct uds_service *service,
                                const struct uds_request *req)
{
    put_head(server, service, req);
    struct uds_response rsp = response_of(server);
    enum uds_nrc nrc = service->handler(server->ctx, req, &rsp);
    PROTO_CHECK(rsp.len <= rsp.cap);
    server->response_len = rsp.len;
    return nrc;
}

static void begin_request(struct uds_server *server, const struct uds_request *req)
{
    server->state = UDS_SERVER_WORKING;
    server->sid = req->data[0];
    server->functional = req->functional;
    server->suppress = false;
    server->pending_sent = false;
    server->pending_waits = false;
    server->pending_due_ns = PROTO_NEVER;
    server->retry_due_ns = PROTO_NEVER;
    server->hold_due_ns = PROTO_NEVER;
    server->plan = (struct uds_plan){.refuse = false};
    if (s3_is_strict(server)) {
        s3_start(server, req->now_ns);
    } else {
        s3_stop(server);
    }
}

static void ask_plan(struct uds_server *server, const struct uds_request *req)
{
    const struct uds_hooks *hooks = server->cfg.hooks;
    if (hooks == NULL || hooks->on_request == NULL) {
        return;
    }
    hooks->on_request(hooks->ctx, req, &server->plan);
    PROTO_CHECK(server->plan.nrc != UDS_NRC_RESPONSE_PENDING);
    if (server->plan.lose_session) {
        uds_server_set_session(server, UDS_SESSION_DEFAULT, req->now_ns);
    }
}

/* As far as it goes at once: UDS_NRC_RESPONSE_PENDING if it goes on. */
static enum uds_nrc work(struct uds_server *server, struct uds_request *req)
{
    const struct uds_service *service = find_service(server, req->data[0]);
    if (server->plan.refuse) {
        put_head(server, service, req);
        if (server->response_len > 1) {
            (void)take_suppression(server, req);
        }
        return server->plan.nrc;
    }
    enum uds_nrc nrc = check_request(server, service, req);
    if (nrc == UDS_POSITIVE && service->subfunctions != NULL) {
        nrc = take_suppression(server, req);
    }
    return nrc == UDS_POSITIVE ? run_handler(server, service, req) : nrc;
}

static void process(struct uds_server *server, struct uds_request *req)
{
    begin_request(server, req);
    ask_plan(server, req);
    const struct uds_plan *plan = &server->plan;
    const enum uds_nrc nrc = work(server, req);
    if (plan->pendings > 0) {
        server->pending_due_ns = req->now_ns + plan->pending_first_ns;
    } else if (nrc == UDS_NRC_RESPONSE_PENDING) {
        server->pending_due_ns = req->now_ns + three_quarters(uds_server_p2_ns(server));
    }
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        uds_server_finish(server, nrc, req->now_ns);
    }
}

static bool only_keeps_alive(const uint8_t *data, uint16_t len_bytes)
{
    return len_bytes == 2 && data[0] == UDS_TESTER_PRESENT && data[1] == UDS_SUPPRESS_POSITIVE;
}

/* S3 stands still while a request is in work, so keeping alive needs nothing here. The final
 * response of that request goes first: nothing overtakes it. */
static void refuse_as_busy(struct uds_server *server, const uint8_t *data, uint16_t len_bytes,
                           bool functional, proto_ns_t now_ns)
{
    if (s3_is_strict(server) && data[0] == UDS_TESTER_PRESENT) {
        s3_start(server, now_ns);
    }
    const bool works = server->state == UDS_SERVER_WORKING || server->state == UDS_SERVER_HOLDING;
    if (functional || !works || server->flight != UDS_FLIGHT_NONE ||
        only_keeps_alive(data, len_bytes)) {
        return;
    }
    set_negative(server->busy_frame, data[0], UDS_NRC_BUSY_REPEAT);
    (void)transmit(server, UDS_FLIGHT_BUSY, server->busy_frame, 3, now_ns);
}

void uds_server_on_request(struct uds_server *server, const uint8_t *data, uint16_t len_bytes,
                           bool functional, proto_ns_t now_ns)
{
    if (len_bytes == 0) {
        uds_server_on_receive_error(server, now_ns);
        return;
    }
    const bool stuck = server->state == UDS_SERVER_HOLDING &&
                       server->plan.pendings == UDS_PENDINGS_FOR_EVER &&
                       data[0] != UDS_TESTER_PRESENT;
    if (server->state != UDS_SERVER_IDLE && !stuck) {
        refuse_as_busy(server, data, len_bytes, functional, now_ns);
        return;
    }
    struct uds_request req = {
        .data = data, .len = len_bytes, .functional = functional, .now_ns = now_ns};
    process(server, &req);
}

void uds_server_on_first_frame(struct uds_server *server, proto_ns_t now_ns)
{
    (void)now_ns;
    s3_stop(server);
}

void uds_server_on_receive_error(struct uds_server *server, proto_ns_t now_ns)
{
    if (server->s3_due_ns == PROTO_NEVER) {
        s3_start(server, now_ns);
    }
}

void uds_server_on_sent(struct uds_server *server, proto_ns_t now_ns)
{
    enum uds_server_flight sent = server->flight;
    server->flight = UDS_FLIGHT_NONE;
    if (sent == UDS_FLIGHT_FINAL) {
        answered(server, now_ns);
        return;
    }
    pump(server, now_ns);
}

/* S3 is strict, and nobody has kept the session alive. */
static void abandon(struct uds_server *server, proto_ns_t now_ns)
{
    if (server->state == UDS_SERVER_WORKING && server->ops->on_abandoned != NULL) {
        server->ops->on_abandoned(server->ctx, now_ns);
    }
    server->plan = (struct uds_plan){.refuse = false};
    server->hold_due_ns = PROTO_NEVER;
    server->state = UDS_SERVER_WORKING;
    uds_server_finish(server, UDS_NRC_PROGRAMMING_FAILURE, now_ns);
}

void uds_server_on_deadline(struct uds_server *server, proto_ns_t now_ns)
{
    if (now_ns >= server->s3_due_ns) {
        s3_stop(server);
        if (server->state == UDS_SERVER_WORKING || server->state == UDS_SERVER_HOLDING) {
            abandon(server, now_ns);
        }
        uds_server_set_session(server, UDS_SESSION_DEFAULT, now_ns);
    }
    if (now_ns >= server->pending_due_ns) {
        server->pending_due_ns = PROTO_NEVER;
        server->pending_waits = true;
    }
    if (server->state == UDS_SERVER_HOLDING && now_ns >= server->hold_due_ns) {
        conclude(server, now_ns);
        return;
    }
    pump(server, now_ns);
}

proto_ns_t uds_server_deadline_ns(const struct uds_server *server)
{
    proto_ns_t due = proto_min_ns(server->s3_due_ns, server->pending_due_ns);
    if (server->state == UDS_SERVER_HOLDING) {
        due = proto_min_ns(due, server->hold_due_ns);
    }
    return server->flight == UDS_FLIGHT_NONE ? proto_min_ns(due, server->retry_due_ns) : due;
}

bool uds_server_send_unrequested(struct uds_server *server, const uint8_t *data, uint16_t len_bytes,
                                 proto_ns_t now_ns)
{
    if (server->state != UDS_SERVER_IDLE || len_bytes == 0 ||
        len_bytes > server->cfg.response_cap) {
        return false;
    }
    memcpy(server->cfg.response, data, len_bytes);
    server->response_len = len_bytes;
    server->nrc = UDS_POSITIVE;
    server->suppress = false;
    server->plan = (struct uds_plan){.refuse = false};
    s3_stop(server);
    conclude(server, now_ns);
    return true;
}
