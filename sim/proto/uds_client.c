/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds_client.c - the client machine: what counts as an answer, and when to ask again. */
#include "sim/proto/uds_client.h"

#include <string.h>

#define RETRY_NS PROTO_MS(1)

static proto_ns_t or_default(proto_ns_t value, proto_ns_t fallback)
{
    return value != 0 ? value : fallback;
}

void uds_client_init(struct uds_client *client, const struct uds_client_cfg *cfg,
                     const struct uds_client_ops *ops, void *ctx)
{
    PROTO_CHECK(cfg->resend_max < UINT8_MAX);
    memset(client, 0, sizeof *client);
    client->cfg = *cfg;
    client->cfg.margin_ns = or_default(cfg->margin_ns, PROTO_MS(20));
    proto_ns_t margin_ns = client->cfg.margin_ns;
    client->cfg.p2_ns = or_default(cfg->p2_ns, PROTO_MS(50) + margin_ns);
    client->cfg.p2_star_ns = or_default(cfg->p2_star_ns, PROTO_MS(5000) + margin_ns);
    client->cfg.busy_delay_ns = or_default(cfg->busy_delay_ns, PROTO_MS(200));
    client->cfg.busy_cap_ns = or_default(cfg->busy_cap_ns, PROTO_MS(25000));
    client->cfg.pending_cap_ns = or_default(cfg->pending_cap_ns, PROTO_MS(25000));
    client->ops = ops;
    client->ctx = ctx;
    client->state = UDS_CLIENT_IDLE;
    client->deadline_ns = PROTO_NEVER;
}

void uds_client_set_timing(struct uds_client *client, uint16_t p2_ms, uint16_t p2_star_10ms)
{
    client->cfg.p2_ns = PROTO_MS(p2_ms) + client->cfg.margin_ns;
    client->cfg.p2_star_ns = PROTO_MS(10) * p2_star_10ms + client->cfg.margin_ns;
}

bool uds_client_busy(const struct uds_client *client)
{
    return client->state != UDS_CLIENT_IDLE;
}

proto_ns_t uds_client_deadline_ns(const struct uds_client *client)
{
    return client->deadline_ns;
}

static void enter(struct uds_client *client, enum uds_client_state next, proto_ns_t deadline_ns)
{
    client->state = next;
    client->deadline_ns = deadline_ns;
}

/* Waits for an answer until then. */
static void wait_for_answer(struct uds_client *client, enum uds_client_state next,
                            proto_ns_t due_ns)
{
    client->answer_due_ns = due_ns;
    enter(client, next, due_ns);
}

static proto_ns_t p2_ns(const struct uds_client *client)
{
    return or_default(client->options.p2_ns, client->cfg.p2_ns);
}

static proto_ns_t pending_cap_ns(const struct uds_client *client)
{
    return or_default(client->options.pending_cap_ns, client->cfg.pending_cap_ns);
}

/* The callback may start the next request, so nothing may follow it. */
static void finish(struct uds_client *client, enum uds_client_result result, const uint8_t *data,
                   uint16_t len_bytes, proto_ns_t now_ns)
{
    client->surplus = client->outstanding;
    client->surplus_sid = client->request[0];
    client->drain_until_ns = now_ns + client->cfg.drain_ns;
    client->outstanding = 0;
    enter(client, UDS_CLIENT_IDLE, PROTO_NEVER);
    client->ops->on_result(client->ctx, result, data, len_bytes, now_ns);
}

static bool draining(const struct uds_client *client, proto_ns_t now_ns)
{
    return client->surplus > 0 && now_ns < client->drain_until_ns;
}

static void ask_again(struct uds_client *client, enum uds_client_result otherwise,
                      proto_ns_t now_ns);

/* The state is written before the call: a transport may confirm from within. */
static void try_to_send(struct uds_client *client, proto_ns_t now_ns)
{
    if (draining(client, now_ns)) {
        client->give_up_ns = client->drain_until_ns + client->cfg.p2_star_ns;
        enter(client, UDS_CLIENT_SENDING, client->drain_until_ns);
        return;
    }
    client->in_transport = true;
    enter(client, UDS_CLIENT_SENDING, PROTO_NEVER);
    if (client->ops->send(client->ctx, client->request, client->request_len, now_ns)) {
        return;
    }
    client->in_transport = false;
    if (now_ns >= client->give_up_ns) {
        ask_again(client, UDS_CLIENT_TRANSPORT, now_ns);
        return;
    }
    enter(client, UDS_CLIENT_SENDING, now_ns + RETRY_NS);
}

static void transmit(struct uds_client *client, proto_ns_t now_ns)
{
    client->pending_seen = false;
    client->lost_response = false;
    client->first_pending_ns = PROTO_NEVER;
    client->give_up_ns = now_ns + client->cfg.p2_star_ns;
    try_to_send(client, now_ns);
}

static uint8_t resend_max(const struct uds_client *client)
{
    uint8_t fewer = client->options.resend_max;
    return fewer != 0 && fewer < client->cfg.resend_max ? fewer : client->cfg.resend_max;
}

/* A transmission came to nothing: another one if the budget allows, else the end. */
static void ask_again(struct uds_client *client, enum uds_client_result otherwise,
                      proto_ns_t now_ns)
{
    if (client->options.no_resend || client->resends >= resend_max(client)) {
        finish(client, otherwise, NULL, 0, now_ns);
        return;
    }
    client->resends++;
    client->stats.resends++;
    transmit(client, now_ns);
}

void uds_client_request(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                        const struct uds_client_options *options, proto_ns_t now_ns)
{
    PROTO_CHECK(!uds_client_busy(client));
    PROTO_CHECK(len_bytes > 0);
    memset(&client->options, 0, sizeof client->options);
    if (options != NULL) {
        client->options = *options;
    }
    client->request = data;
    client->request_len = len_bytes;
    client->resends = 0;
    client->outstanding = 0;
    client->first_busy_ns = PROTO_NEVER;
    client->stats.requests++;
    transmit(client, now_ns);
}

void uds_client_abort(struct uds_client *client)
{
    client->in_transport = false;
    client->outstanding = 0;
    client->surplus = 0;
    enter(client, UDS_CLIENT_IDLE, PROTO_NEVER);
}

static void wait_for_long(struct uds_client *client, proto_ns_t now_ns)
{
    proto_ns_t cap_ns = client->first_pending_ns + pending_cap_ns(client);
    wait_for_answer(client, UDS_CLIENT_WAIT_STAR,
                    proto_min_ns(now_ns + client->cfg.p2_star_ns, cap_ns));
}

void uds_client_on_sent(struct uds_client *client, bool ok, proto_ns_t now_ns)
{
    if (!client->in_transport) {
        return;
    }
    client->in_transport = false;
    if (!ok) {
        ask_again(client, UDS_CLIENT_TRANSPORT, now_ns);
        return;
    }
    if (client->options.no_response) {
        finish(client, UDS_CLIENT_POSITIVE, NULL, 0, now_ns);
        return;
    }
    client->outstanding++;
    if (client->pending_seen) {
        wait_for_long(client, now_ns);
    } else {
        wait_for_answer(client, UDS_CLIENT_WAIT, now_ns + p2_ns(client));
    }
}

static bool waiting(const struct uds_client *client)
{
    return client->state == UDS_CLIENT_WAIT || client->state == UDS_CLIENT_WAIT_STAR;
}

void uds_client_on_first_frame(struct uds_client *client, proto_ns_t now_ns)
{
    if (client->outstanding == 0 || client->in_transport) {
        return;
    }
    enum uds_client_state next =
        client->state == UDS_CLIENT_WAIT_STAR ? UDS_CLIENT_WAIT_STAR : UDS_CLIENT_WAIT;
    enter(client, next, now_ns + client->cfg.p2_star_ns);
}

void uds_client_on_receive_error(struct uds_client *client, proto_ns_t now_ns)
{
    if (!waiting(client)) {
        return;
    }
    if (client->lost_response) {
        enter(client, client->state, client->answer_due_ns);
        return;
    }
    client->lost_response = true;
    wait_for_answer(client, client->state, now_ns + p2_ns(client));
}

/* What a positive response repeats from its request, after the service identifier. */
static const struct {
    uint8_t sid;
    uint8_t echo_len;
    bool has_subfunction; /* The first echoed byte comes without the suppress bit. */
    uint8_t len_min;      /* Shorter ones were cut off on their way. */
} echoes[] = {
    {UDS_SESSION_CONTROL, 1, true, 6},
    {UDS_ECU_RESET, 1, true, 2},
    {UDS_READ_DTC, 1, true, 3},
    {UDS_READ_DATA, 2, false, 4},
    {UDS_SECURITY_ACCESS, 1, true, 2},
    {UDS_COMMUNICATION_CONTROL, 1, true, 2},
    {UDS_WRITE_DATA, 2, false, 3},
    {UDS_ROUTINE_CONTROL, 3, true, 4},
    {UDS_TRANSFER_DATA, 1, false, 2},
    {UDS_TESTER_PRESENT, 1, true, 2},
    {UDS_CONTROL_DTC_SETTING, 1, true, 2},
};

static bool echo_matches(const struct uds_client *client, uint8_t echo_len, bool has_subfunction,
                         const uint8_t *data, uint16_t len_bytes)
{
    if (len_bytes < 1u + echo_len || client->request_len < 1u + echo_len) {
        return false;
    }
    uint8_t mask = has_subfunction ? 0x7F : 0xFF;
    return (client->request[1] & mask) == data[1] &&
           memcmp(client->request + 2, data + 2, (size_t)(echo_len - 1)) == 0;
}

static bool answers_request(const struct uds_client *client, const uint8_t *data,
                            uint16_t len_bytes)
{
    uint8_t sid = client->request[0];
    if (data[0] == UDS_NEGATIVE_RESPONSE) {
        return len_bytes >= 3 && data[1] == sid;
    }
    if (data[0] != (uint8_t)(sid + UDS_RESPONSE_OFFSET)) {
        return false;
    }
    for (uint8_t i = 0; i < sizeof echoes / sizeof echoes[0]; i++) {
        if (echoes[i].sid == sid) {
            return len_bytes >= echoes[i].len_min &&
                   echo_matches(client, echoes[i].echo_len, echoes[i].has_subfunction, data,
                                len_bytes);
        }
    }
    return true;
}

bool uds_client_awaits(const struct uds_client *client, const uint8_t *data, uint16_t len_bytes)
{
    return uds_client_busy(client) && answers_request(client, data, len_bytes);
}

static bool is_negative(const uint8_t *data, enum uds_nrc nrc)
{
    return data[0] == UDS_NEGATIVE_RESPONSE && data[2] == (uint8_t)nrc;
}

static bool ends_surplus(const struct uds_client *client, const uint8_t *data, uint16_t len_bytes)
{
    if (data[0] != UDS_NEGATIVE_RESPONSE) {
        return data[0] == (uint8_t)(client->surplus_sid + UDS_RESPONSE_OFFSET);
    }
    return len_bytes >= 3 && data[1] == client->surplus_sid && data[2] != UDS_NRC_RESPONSE_PENDING;
}

static void on_stray(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                     proto_ns_t now_ns)
{
    client->stats.strays++;
    if (waiting(client)) {
        enter(client, client->state, client->answer_due_ns);
    }
    if (!draining(client, now_ns) || !ends_surplus(client, data, len_bytes)) {
        return;
    }
    client->surplus--;
    if (client->surplus == 0 && client->state == UDS_CLIENT_SENDING && !client->in_transport) {
        try_to_send(client, now_ns);
    }
}

static void on_pending(struct uds_client *client, proto_ns_t now_ns)
{
    client->stats.pendings++;
    if (client->first_pending_ns == PROTO_NEVER) {
        client->first_pending_ns = now_ns;
    }
    if (client->in_transport) {
        client->pending_seen = true;
        return;
    }
    wait_for_long(client, now_ns);
}

/* The server did not look at that transmission. If it works on an earlier one, no repeat is
 * needed. */
static void on_busy(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                    proto_ns_t now_ns)
{
    client->stats.busies++;
    client->outstanding--;
    if (client->in_transport || client->state == UDS_CLIENT_BUSY_DELAY ||
        (client->state == UDS_CLIENT_WAIT_STAR && client->outstanding > 0)) {
        return;
    }
    if (client->first_busy_ns == PROTO_NEVER) {
        client->first_busy_ns = now_ns;
    }
    proto_ns_t repeat_ns = now_ns + client->cfg.busy_delay_ns;
    if (repeat_ns - client->first_busy_ns > client->cfg.busy_cap_ns) {
        finish(client, UDS_CLIENT_NEGATIVE, data, len_bytes, now_ns);
        return;
    }
    enter(client, UDS_CLIENT_BUSY_DELAY, repeat_ns);
}

void uds_client_on_response(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                            proto_ns_t now_ns)
{
    if (len_bytes == 0) {
        return;
    }
    if (client->outstanding == 0 || !answers_request(client, data, len_bytes)) {
        on_stray(client, data, len_bytes, now_ns);
        return;
    }
    if (is_negative(data, UDS_NRC_RESPONSE_PENDING)) {
        on_pending(client, now_ns);
        return;
    }
    if (is_negative(data, UDS_NRC_BUSY_REPEAT)) {
        on_busy(client, data, len_bytes, now_ns);
        return;
    }
    client->outstanding--;
    if (client->in_transport) {
        client->stats.strays++;
        return;
    }
    bool negative = data[0] == UDS_NEGATIVE_RESPONSE;
    finish(client, negative ? UDS_CLIENT_NEGATIVE : UDS_CLIENT_POSITIVE, data, len_bytes, now_ns);
}

static void on_long_wait_over(struct uds_client *client, proto_ns_t now_ns)
{
    if (now_ns - client->first_pending_ns < pending_cap_ns(client)) {
        ask_again(client, UDS_CLIENT_TIMEOUT, now_ns);
        return;
    }
    const uint8_t pending[] = {UDS_NEGATIVE_RESPONSE, client->request[0], UDS_NRC_RESPONSE_PENDING};
    finish(client, UDS_CLIENT_PENDING_TOO_LONG, pending, sizeof pending, now_ns);
}

void uds_client_on_deadline(struct uds_client *client, proto_ns_t now_ns)
{
    if (now_ns < client->deadline_ns) {
        return;
    }
    switch (client->state) {
    case UDS_CLIENT_IDLE: return;
    case UDS_CLIENT_SENDING: try_to_send(client, now_ns); return;
    case UDS_CLIENT_WAIT: ask_again(client, UDS_CLIENT_TIMEOUT, now_ns); return;
    case UDS_CLIENT_WAIT_STAR: on_long_wait_over(client, now_ns); return;
    case UDS_CLIENT_BUSY_DELAY: transmit(client, now_ns); return;
    }
}
