/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds_client.h - the client side of one ISO 14229-2 connection: one request at a time,
 * P2 and P2*, response pending, busy-repeat, resending after time-outs, matching of answers.
 *
 * A response counts only if it answers the request: same service, and for 10, 11, 19, 22, 27, 28,
 * 2E, 31, 36, 3E and 85 the same sub-function, identifier or counter. Everything else is dropped
 * and counted; the time-out keeps running.
 *
 * P2 runs from uds_client_on_sent() and is met by the first frame of the response. A time-out, with
 * or without 0x78 before it, costs one of resend_max; 0x21 does not, it has a cap of its own.
 *
 * A final answer that arrives while a repeat is in the transport is dropped: the repeat brings its
 * own, and so exactly one is left to come. One that arrives after the repeat was sent, or before
 * the transport took it, is the answer; then the repeat's own answer is surplus. It is dropped as a
 * stray if no request is open, and if the next request differs in service, identifier or counter.
 * Two equal requests in a row cannot be told apart by their answers: drain_ns is for them. */
#ifndef SIM_PROTO_UDS_CLIENT_H
#define SIM_PROTO_UDS_CLIENT_H

#include "sim/proto/proto.h"
#include "sim/proto/uds.h"

enum uds_client_result {
    UDS_CLIENT_POSITIVE,
    UDS_CLIENT_NEGATIVE, /* nrc in data[2] of the response; never 0x78, 0x21 only past its cap. */
    UDS_CLIENT_TIMEOUT,  /* No answer after all resends. */
    UDS_CLIENT_PENDING_TOO_LONG, /* 0x78 past its cap. */
    UDS_CLIENT_TRANSPORT,        /* The transport could not send, resends included. */
};

struct uds_client_ops {
    /* Starts to send a request. False: the transport is busy; the client tries again a little
     * later. */
    bool (*send)(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns);
    /* The request has ended. data is the response and valid until the return; it is null after
     * TIMEOUT and TRANSPORT, and for a request that asked for no response. The callback may start
     * the next request. */
    void (*on_result)(void *ctx, enum uds_client_result result, const uint8_t *data,
                      uint16_t len_bytes, proto_ns_t now_ns);
};

struct uds_client_cfg {
    proto_ns_t p2_ns;         /* P2client. 0 means 50 ms plus margin_ns. */
    proto_ns_t p2_star_ns;    /* P2*client. 0 means 5 s plus margin_ns. */
    proto_ns_t margin_ns;     /* Bus delay added to what a server announces (delta P2). 0: 20 ms. */
    proto_ns_t busy_delay_ns; /* Wait before the repeat that 0x21 asks for. 0 means 200 ms. */
    proto_ns_t busy_cap_ns;   /* Stop repeating after this long. 0 means 25 s. */
    proto_ns_t pending_cap_ns; /* Stop waiting on 0x78 after this long. 0 means 25 s. */
    proto_ns_t drain_ns; /* After an answer to a repeated request, hold the next one back until the
                          * surplus answers are in, but not longer than this. 0: never. */
    uint8_t resend_max;  /* Resends after time-outs; the paper allows 3. 0: none. */
};

/* Per request; zero is the usual case. */
struct uds_client_options {
    proto_ns_t pending_cap_ns; /* Overrides the configuration. 0: no override. */
    proto_ns_t p2_ns;          /* Overrides P2client for this request. 0: no override. */
    uint8_t resend_max;        /* Fewer resends than the configuration allows. 0: as configured. */
    bool no_response;          /* Sent with suppression: done when sent. */
    bool no_resend;            /* No resend after a time-out (27: each attempt needs a new seed). A
                                * request refused with 0x21 is repeated all the same. */
};

enum uds_client_state {
    UDS_CLIENT_IDLE,
    UDS_CLIENT_SENDING,    /* In the transport, or waiting for it or for surplus answers. */
    UDS_CLIENT_WAIT,       /* P2 runs. */
    UDS_CLIENT_WAIT_STAR,  /* 0x78 was received, P2* runs. */
    UDS_CLIENT_BUSY_DELAY, /* 0x21 was received. */
};

struct uds_client_stats {
    uint32_t requests;
    uint32_t resends;
    uint32_t pendings; /* 0x78 received. */
    uint32_t busies;   /* 0x21 received. */
    uint32_t strays;   /* Responses that answered nothing. */
};

struct uds_client {
    struct uds_client_cfg cfg;
    const struct uds_client_ops *ops;
    void *ctx;
    enum uds_client_state state;
    struct uds_client_stats stats;
    /* The rest belongs to the client. */
    struct uds_client_options options;
    const uint8_t *request; /* The caller's; stays until on_result. */
    uint16_t request_len;
    uint8_t resends; /* Resends of this request so far. */
    uint8_t surplus; /* Answers that may still come for transmissions of an earlier request. */
    uint8_t surplus_sid;
    uint8_t outstanding; /* Transmissions of this request that may still be answered. */
    bool in_transport;
    bool pending_seen;  /* 0x78 came while a repeat was in the transport. */
    bool lost_response; /* One was lost in the transport and P2 has run once more. */
    proto_ns_t deadline_ns;
    proto_ns_t answer_due_ns; /* P2 or P2*, whatever first frames have come since. */
    proto_ns_t give_up_ns;    /* While the transport takes nothing. */
    proto_ns_t drain_until_ns;
    proto_ns_t first_pending_ns;
    proto_ns_t first_busy_ns;
};

void uds_client_init(struct uds_client *client, const struct uds_client_cfg *cfg,
                     const struct uds_client_ops *ops, void *ctx);
/* What a positive response to 0x10 announces (1 ms and 10 ms units). Kept until told otherwise. */
void uds_client_set_timing(struct uds_client *client, uint16_t p2_ms, uint16_t p2_star_10ms);
/* Starts a request; options may be null. It is a programming error while another one is open. */
void uds_client_request(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                        const struct uds_client_options *options, proto_ns_t now_ns);
bool uds_client_busy(const struct uds_client *client);
/* Forgets the request without a callback. The owner stops its transport with it (isotp_reset). */
void uds_client_abort(struct uds_client *client);

/* A request has left the transport; ok is false if the transport gave up on it. P2 starts here. */
void uds_client_on_sent(struct uds_client *client, bool ok, proto_ns_t now_ns);
/* Whether a message that begins like this can be an answer to the open request. Its owner then has
 * no reason to tell of the first frame of any other. */
bool uds_client_awaits(const struct uds_client *client, const uint8_t *data, uint16_t len_bytes);
/* The first frame of a response has arrived: P2 is met, the rest is the transport's time, at most
 * P2* if it says nothing more. If that message then answers something else, the old time-out holds
 * again, so that unsolicited messages cannot put it off for ever. */
void uds_client_on_first_frame(struct uds_client *client, proto_ns_t now_ns);
/* The transport lost that response. P2 runs once more for each transmission, since a lost response
 * may be followed at once by another one, and then it is a time-out. */
void uds_client_on_receive_error(struct uds_client *client, proto_ns_t now_ns);
void uds_client_on_response(struct uds_client *client, const uint8_t *data, uint16_t len_bytes,
                            proto_ns_t now_ns);
void uds_client_on_deadline(struct uds_client *client, proto_ns_t now_ns);
proto_ns_t uds_client_deadline_ns(const struct uds_client *client);

#endif
