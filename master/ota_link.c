/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_link.c - wiring of transport, client and port; the owner of each frame on its way. */
#include "master/ota_link.h"

#include <string.h>

enum { STANDARD_ID_MAX = 0x7FF, WAITS_MAX = 10 };

/* S3client is 2 s (ISO 14229-2). When the link is busy the frame is tried again shortly after. */
#define KEEP_PERIOD_NS PROTO_MS(2000)
#define KEEP_RETRY_NS  PROTO_MS(5)

/* How long a surplus answer to a repeated request is waited for before the next request. */
#define DRAIN_NS PROTO_MS(70)

/* Of a bus between P2 of the ECU and ours. A resend is late beyond 1.25 P2 (catalogue, COM-08). */
#define MARGIN_NS PROTO_MS(10)

/* The controller still tries to send a frame of a message that was given up: what is put behind it
 * now would go out right after it, without a pause for the answer. */
static bool holds_old_frame(const struct ota_link *link)
{
    for (uint8_t i = link->lost_len; i < link->in_flight_len; i++) {
        if (link->in_flight[(link->in_flight_first + i) % OTA_FRAMES_IN_FLIGHT] == OTA_OWNER_NONE) {
            return true;
        }
    }
    return false;
}

enum { CONSECUTIVE_MAX = 7 }; /* Bytes of a message in one frame. */

static const uint8_t tester_present[] = {UDS_TESTER_PRESENT, UDS_SUPPRESS_POSITIVE};

static bool put_frame(struct ota_link *link, enum ota_link_owner owner, struct ota_frame *frame,
                      const uint8_t *data, uint8_t len_bytes)
{
    frame->len_bytes = len_bytes;
    memcpy(frame->data, data, len_bytes);
    if (link->in_flight_len == OTA_FRAMES_IN_FLIGHT || holds_old_frame(link) ||
        !link->port->can_send(link->port->ctx, frame)) {
        link->refused = true;
        return false;
    }
    uint8_t at = (uint8_t)((link->in_flight_first + link->in_flight_len) % OTA_FRAMES_IN_FLIGHT);
    link->in_flight[at] = owner;
    link->in_flight_len++;
    return true;
}

/* P2, N_Bs and STmin begin when a frame is over, not when it is queued. To be told of that costs a
 * wake-up each time, so consecutive frames that nothing is timed from are let go. */
static bool is_timed(const struct isotp_tx *tx, const uint8_t *data)
{
    const bool consecutive = data[0] >> 4 == ISOTP_PCI_CONSECUTIVE;
    return !consecutive || tx->gap_ns != 0 || tx->len - tx->done <= CONSECUTIVE_MAX;
}

static bool put_physical(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    struct ota_link *link = ctx;
    link->physical_frame.exact = is_timed(&link->physical.tx, data);
    return put_frame(link, OTA_OWNER_PHYSICAL, &link->physical_frame, data, len_bytes);
}

static bool put_functional(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    struct ota_link *link = ctx;
    return put_frame(link, OTA_OWNER_FUNCTIONAL, &link->functional_frame, data, len_bytes);
}

/* A frame whose message was given up may still go over the bus: nobody waits for it any more. */
static void disown(struct ota_link *link, enum ota_link_owner owner)
{
    for (size_t i = 0; i < OTA_FRAMES_IN_FLIGHT; i++) {
        if (link->in_flight[i] == owner) {
            link->in_flight[i] = OTA_OWNER_NONE;
        }
    }
}

static void on_physical_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    if (result == ISOTP_TIMEOUT_A) {
        disown(link, OTA_OWNER_PHYSICAL);
    }
    if (result == ISOTP_BUFFER_OVFLW && link->ops->on_overflow(link->ctx, now_ns)) {
        return;
    }
    uds_client_on_sent(&link->client, result == ISOTP_OK, now_ns);
}

static void on_functional_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    if (result == ISOTP_TIMEOUT_A) {
        disown(link, OTA_OWNER_FUNCTIONAL);
    }
    if (link->functional.tx.data != tester_present) {
        uds_client_on_sent(&link->client, result == ISOTP_OK, now_ns);
    }
}

static void on_message(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    uds_client_on_response(&link->client, data, len_bytes, now_ns);
}

static void on_first_frame(void *ctx, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    (void)len_bytes;
    /* What others say on that identifier does not put the time-out off. */
    link->answering = uds_client_awaits(&link->client, link->rx_buffer, link->physical.rx.done);
    if (link->answering) {
        uds_client_on_first_frame(&link->client, now_ns);
    }
}

static void on_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    if (why == ISOTP_TIMEOUT_A) {
        disown(link, OTA_OWNER_PHYSICAL); /* A flow control that nobody waits for any more. */
    }
    if (link->answering) {
        uds_client_on_receive_error(&link->client, now_ns);
    }
}

static bool client_send(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    return isotp_send(link->to_all ? &link->functional : &link->physical, data, len_bytes, now_ns);
}

static void client_result(void *ctx, enum uds_client_result result, const uint8_t *data,
                          uint16_t len_bytes, proto_ns_t now_ns)
{
    struct ota_link *link = ctx;
    link->ops->on_result(link->ctx, result, data, len_bytes, now_ns);
}

static const struct isotp_ops physical_ops = {.send = put_physical,
                                              .on_message = on_message,
                                              .on_first_frame = on_first_frame,
                                              .on_receive_error = on_receive_error,
                                              .on_sent = on_physical_sent};
static const struct isotp_ops functional_ops = {.send = put_functional,
                                                .on_sent = on_functional_sent};
static const struct uds_client_ops client_ops = {.send = client_send, .on_result = client_result};

static void set_id(struct ota_frame *frame, uint32_t id)
{
    frame->id = id;
    frame->ext = id > STANDARD_ID_MAX;
}

void ota_link_init(struct ota_link *link, const struct ota_job *job, const struct ota_port *port,
                   const struct ota_link_ops *ops, void *ctx)
{
    memset(link, 0, sizeof *link);
    link->port = port;
    link->ops = ops;
    link->ctx = ctx;
    link->response_id = job->response_id;
    set_id(&link->physical_frame, job->request_id);
    set_id(&link->functional_frame, job->functional_id);
    link->functional_frame.exact = true;
    struct isotp_cfg tp = {.padding_byte = job->isotp_padding_byte,
                           .pad = job->isotp_pad,
                           .wft_max = WAITS_MAX,
                           .rx_buffer = link->rx_buffer,
                           .rx_buffer_len = sizeof link->rx_buffer};
    isotp_init(&link->physical, &tp, &physical_ops, link);
    tp.rx_buffer = NULL;
    tp.rx_buffer_len = 0;
    tp.functional = true;
    isotp_init(&link->functional, &tp, &functional_ops, link);
    struct uds_client_cfg cfg = {.resend_max = job->resend_max,
                                 .margin_ns = MARGIN_NS,
                                 .drain_ns = DRAIN_NS,
                                 .pending_cap_ns = PROTO_MS(job->pending_ms_max)};
    uds_client_init(&link->client, &cfg, &client_ops, link);
}

void ota_link_talk_to(struct ota_link *link, uint32_t request_id, uint32_t response_id)
{
    if (link->response_id == response_id) {
        return;
    }
    isotp_reset(&link->physical);
    disown(link, OTA_OWNER_PHYSICAL);
    set_id(&link->physical_frame, request_id);
    link->response_id = response_id;
}

size_t ota_link_receives(const struct ota_job *job, uint32_t ids[OTA_RECEIVES_MAX])
{
    size_t len = 0;
    ids[len++] = job->response_id;
    ids[len++] = job->request_id;
    ids[len++] = job->functional_id;
    for (size_t i = 0; i < job->network_len; i++) {
        ids[len++] = job->network[i].response_id;
        ids[len++] = job->network[i].request_id;
    }
    if (job->health_heartbeat_id != OTA_NO_ID) {
        ids[len++] = job->health_heartbeat_id;
    }
    return len;
}

void ota_link_request(struct ota_link *link, const uint8_t *data, uint16_t len_bytes, bool to_all,
                      const struct uds_client_options *options, uint64_t now_ns)
{
    link->to_all = to_all;
    uds_client_request(&link->client, data, len_bytes, options, now_ns);
}

void ota_link_abort(struct ota_link *link)
{
    uds_client_abort(&link->client);
    isotp_reset(&link->physical);
    isotp_reset(&link->functional);
    disown(link, OTA_OWNER_PHYSICAL);
    disown(link, OTA_OWNER_FUNCTIONAL);
}

void ota_link_keep_alive(struct ota_link *link, bool on, uint64_t now_ns)
{
    if (on && !link->keep_alive) {
        link->keep_due_ns = now_ns + KEEP_PERIOD_NS;
    }
    link->keep_alive = on;
}

void ota_link_on_frame(struct ota_link *link, const struct ota_frame *frame, uint64_t now_ns)
{
    if (frame->id == link->response_id && frame->ext == (frame->id > STANDARD_ID_MAX)) {
        isotp_on_frame(&link->physical, frame->data, frame->len_bytes, now_ns);
    } else {
        link->ops->on_other_frame(link->ctx, frame, now_ns);
    }
}

static void confirm(struct ota_link *link, enum ota_link_owner owner, uint64_t now_ns)
{
    if (owner == OTA_OWNER_PHYSICAL) {
        isotp_on_confirm(&link->physical, now_ns);
    }
    if (owner == OTA_OWNER_FUNCTIONAL) {
        isotp_on_confirm(&link->functional, now_ns);
    }
}

/* There is room again: links with nothing on its way try what was refused. */
static void retry_refused(struct ota_link *link, uint64_t now_ns)
{
    link->refused = false;
    bool on_its_way[3] = {false, false, false};
    for (uint8_t i = 0; i < link->in_flight_len; i++) {
        on_its_way[link->in_flight[(link->in_flight_first + i) % OTA_FRAMES_IN_FLIGHT]] = true;
    }
    if (!on_its_way[OTA_OWNER_PHYSICAL]) {
        isotp_on_confirm(&link->physical, now_ns);
    }
    if (!on_its_way[OTA_OWNER_FUNCTIONAL]) {
        isotp_on_confirm(&link->functional, now_ns);
    }
}

void ota_link_on_confirm(struct ota_link *link, uint64_t now_ns)
{
    if (link->in_flight_len) {
        enum ota_link_owner owner = link->in_flight[link->in_flight_first];
        link->in_flight[link->in_flight_first] = OTA_OWNER_NONE;
        link->in_flight_first = (uint8_t)((link->in_flight_first + 1) % OTA_FRAMES_IN_FLIGHT);
        link->in_flight_len--;
        link->lost_len = (uint8_t)(link->lost_len - (link->lost_len != 0));
        confirm(link, owner, now_ns);
    }
    ota_link_on_room(link, now_ns);
}

/* Who waits for one of them waits in vain, until N_As is over. */
void ota_link_on_lost(struct ota_link *link, uint64_t now_ns)
{
    link->lost_len = link->in_flight_len;
    ota_link_on_room(link, now_ns);
}

void ota_link_on_room(struct ota_link *link, uint64_t now_ns)
{
    if (link->refused) {
        retry_refused(link, now_ns);
    }
}

static void send_tester_present(struct ota_link *link, uint64_t now_ns)
{
    bool taken = isotp_send(&link->functional, tester_present, sizeof tester_present, now_ns);
    link->keep_due_ns = now_ns + (taken ? KEEP_PERIOD_NS : KEEP_RETRY_NS);
}

void ota_link_on_deadline(struct ota_link *link, uint64_t now_ns)
{
    if (now_ns >= isotp_deadline_ns(&link->physical)) {
        isotp_on_deadline(&link->physical, now_ns);
    }
    if (now_ns >= isotp_deadline_ns(&link->functional)) {
        isotp_on_deadline(&link->functional, now_ns);
    }
    if (now_ns >= uds_client_deadline_ns(&link->client)) {
        uds_client_on_deadline(&link->client, now_ns);
    }
    if (link->keep_alive && now_ns >= link->keep_due_ns) {
        send_tester_present(link, now_ns);
    }
}

uint64_t ota_link_deadline_ns(const struct ota_link *link)
{
    uint64_t due = isotp_deadline_ns(&link->physical);
    due = proto_min_ns(due, isotp_deadline_ns(&link->functional));
    due = proto_min_ns(due, uds_client_deadline_ns(&link->client));
    return link->keep_alive ? proto_min_ns(due, link->keep_due_ns) : due;
}
