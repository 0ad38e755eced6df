/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds_server.h - the server side of ISO 14229-1/-2: sessions, order of checks, response
 * pending, suppression, S3. What a service does is a row of a table and a handler.
 *
 * Order of checks for every request (ISO 14229-1:2013, figures 5 and 6):
 *   service known (11) - in this session (7F) - unlocked, if the whole service asks for it (33) -
 *   minimum length (13) - sub-function known (12) - sub-function in this session (7E) - unlocked,
 *   if the sub-function asks for it (33) - then the handler: sequence (24), exact length (13),
 *   range (31), conditions (22), in the order the service's own clause gives.
 * Functionally addressed requests get no answer for 11, 12, 31, 7E and 7F. Once a 0x78 went out the
 * final answer is always given, whatever suppression asked for (ISO 14229-1, annex A.1).
 *
 * The first 0x78 goes out three quarters into P2server_max, each further one three quarters into
 * P2*server_max: early enough for the bus, late enough to spare a 0x78 that is not needed. Work
 * that ends sooner gets none. S3 runs from the final answer, only outside the default session, and
 * stands still while a request is received, in work or answered.
 *
 * A laboratory may put hooks into the server (struct uds_hooks): they decide what becomes of a
 * request and of its final response. The 0x78 and 0x21 of the server itself are not shown. */
#ifndef SIM_PROTO_UDS_SERVER_H
#define SIM_PROTO_UDS_SERVER_H

#include "sim/proto/proto.h"
#include "sim/proto/uds.h"

/* Sets of sessions. */
enum {
    UDS_IN_DEFAULT = 1u << 1,
    UDS_IN_PROGRAMMING = 1u << 2,
    UDS_IN_EXTENDED = 1u << 3,
    UDS_IN_ANY = UDS_IN_DEFAULT | UDS_IN_PROGRAMMING | UDS_IN_EXTENDED
};

/* A request with the suppress bit is copied to clear it: longer ones are answered with 13. */
enum { UDS_SUPPRESSIBLE_LEN_MAX = 64 };

/* A request, as the handler sees it. The data is valid until the handler returns: work that goes on
 * needs a copy of what it uses. */
struct uds_request {
    const uint8_t *data; /* data[0] is the service identifier; the suppress bit is cleared. */
    uint16_t len;
    bool functional;
    proto_ns_t now_ns;
};

/* Where a handler writes its positive response. data[0] is already sid + 0x40 and, for services
 * with a sub-function, data[1] the echoed sub-function; len counts them. */
struct uds_response {
    uint8_t *data;
    uint16_t len;
    uint16_t cap;
};

/* Returns UDS_POSITIVE, a negative response code, or UDS_NRC_RESPONSE_PENDING: the work goes on,
 * the server sends 0x78 in time, and the owner calls uds_server_finish() when it is done. The
 * response buffer keeps its contents until then. */
typedef enum uds_nrc uds_handler(void *ctx, const struct uds_request *req,
                                 struct uds_response *rsp);

struct uds_subfunction {
    uint8_t value;
    uint8_t sessions; /* Set of sessions. */
    bool secured;     /* Needs the server unlocked. */
};

struct uds_service {
    uint8_t sid;
    uint8_t sessions;
    bool secured;
    uint16_t len_min;                           /* SID included. */
    const struct uds_subfunction *subfunctions; /* Null: the service has none. */
    uint8_t subfunctions_len;
    uds_handler *handler;
};

/* What a hook makes of one request. All zero: the server does what it always does. */
struct uds_plan {
    bool lose_session; /* First of all the session ends, as after S3. */
    bool refuse;       /* No handler sees it. Its answer is nrc, or, if that is UDS_POSITIVE, the
                        * head of a positive response. */
    enum uds_nrc nrc;
    bool silent;                 /* In the end there is no answer. */
    uint16_t pendings;           /* So many 0x78 come before the end, whatever the work needs. */
    proto_ns_t pending_first_ns; /* The first one, from the request; */
    proto_ns_t pending_every_ns; /* between them, and from the last one to the end. */
};

/* Of pendings: without end. A further request, but tester present, takes the place of the one that
 * waits, once its work is done. */
#define UDS_PENDINGS_FOR_EVER UINT16_MAX

/* Set by a laboratory, and changed while the server runs. Any function may be null. */
struct uds_hooks {
    void *ctx;
    /* Before anything else looks at a request; not asked while another one is in work. */
    void (*on_request)(void *ctx, const struct uds_request *req, struct uds_plan *plan);
    /* A final response is ready, and would be sent: it may be changed in place, up to cap, and put
     * off by setting *not_before_ns. False: it is not sent. Nothing overtakes it, and until it is
     * sent requests are not heard. */
    bool (*on_response)(void *ctx, struct uds_response *rsp, proto_ns_t *not_before_ns,
                        proto_ns_t now_ns);
    bool s3_strict;   /* S3 runs while a request is in work; only 3E starts it anew. When it
                       * ends, so does the work, with 72. */
    proto_ns_t p2_ns; /* In the place of the configured ones. 0: those. */
    proto_ns_t p2_star_ns;
};

struct uds_server_ops {
    /* Sends a response. False: the transport is still busy with the last one; the server tries
     * again from uds_server_on_sent() or after a millisecond. data stays valid until
     * uds_server_on_sent(). The server never asks for a second one before that call. */
    bool (*send)(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns);
    /* The session changed, by request or by S3 time-out. May be null. */
    void (*on_session)(void *ctx, enum uds_session from, enum uds_session to, proto_ns_t now_ns);
    /* The final response to a request has left the transport (or was suppressed): now is the time
     * for a reset that the request asked for; the server may be initialised anew from here. May be
     * null. */
    void (*on_answered)(void *ctx, proto_ns_t now_ns);
    /* The server has ended the work in hand by itself (s3_strict): it must not be finished any
     * more. May be null, if no hooks are. */
    void (*on_abandoned)(void *ctx, proto_ns_t now_ns);
};

struct uds_server_cfg {
    const struct uds_service *services;
    uint8_t services_len;
    proto_ns_t p2_ns;      /* P2server_max. 0 means 50 ms. */
    proto_ns_t p2_star_ns; /* P2*server_max. 0 means 5 s. */
    proto_ns_t s3_ns;      /* S3server. 0 means 5 s. */
    uint16_t response_cap;
    uint8_t *response;             /* Owned by the caller; at least 8 bytes. */
    const struct uds_hooks *hooks; /* May be null. */
};

enum uds_server_state {
    UDS_SERVER_IDLE,
    UDS_SERVER_WORKING,   /* The handler answered "pending"; 0x78 goes out before P2 and P2* end. */
    UDS_SERVER_HOLDING,   /* The work is done; a hook wants further 0x78 before the answer. */
    UDS_SERVER_ANSWERING, /* The final response is in the transport, or waits for it. */
};

/* Which of the server's frames the transport has. */
enum uds_server_flight {
    UDS_FLIGHT_NONE,
    UDS_FLIGHT_PENDING, /* 0x78. */
    UDS_FLIGHT_BUSY,    /* 0x21 for a request that came while another was in work. */
    UDS_FLIGHT_FINAL,
};

struct uds_server {
    struct uds_server_cfg cfg;
    const struct uds_server_ops *ops;
    void *ctx;
    enum uds_server_state state;
    enum uds_session session;
    bool unlocked;
    /* The rest belongs to the server. */
    uint8_t sid;
    bool functional;
    bool suppress;
    bool pending_sent;  /* A 0x78 went out: suppression no longer applies (ISO 14229-1). */
    bool pending_waits; /* A 0x78 is due and waits for the transport. */
    enum uds_server_flight flight;
    struct uds_plan plan;     /* For the request in work; pendings counts down. */
    enum uds_nrc nrc;         /* While holding: how the work ended. */
    proto_ns_t hold_due_ns;   /* While holding: when the answer is due. */
    proto_ns_t answer_due_ns; /* While answering: not before. */
    const uint8_t *answer;    /* The final response: the response buffer or negative_frame. */
    uint16_t answer_len;
    uint16_t response_len;
    uint8_t pending_frame[3];
    uint8_t negative_frame[3];
    uint8_t busy_frame[3];
    uint8_t request_copy[UDS_SUPPRESSIBLE_LEN_MAX];
    proto_ns_t pending_due_ns;
    proto_ns_t retry_due_ns;
    proto_ns_t s3_due_ns;
};

/* Default session, locked. */
void uds_server_init(struct uds_server *server, const struct uds_server_cfg *cfg,
                     const struct uds_server_ops *ops, void *ctx);

/* A complete request has arrived. While another one is in work it is answered with 0x21 (physical;
 * dropped if the transport is busy, and once the final response is ready) or ignored
 * (functional); tester present with suppression only keeps the session alive. A request of no bytes
 * is ignored. */
void uds_server_on_request(struct uds_server *server, const uint8_t *data, uint16_t len_bytes,
                           bool functional, proto_ns_t now_ns);
/* The first frame of a request has arrived: S3 does not run while a request is received. */
void uds_server_on_first_frame(struct uds_server *server, proto_ns_t now_ns);
/* That request will not come: the transport gave up on it. S3 runs again. */
void uds_server_on_receive_error(struct uds_server *server, proto_ns_t now_ns);
/* Ends work that a handler left pending: UDS_POSITIVE sends what the response buffer holds. */
void uds_server_finish(struct uds_server *server, enum uds_nrc nrc, proto_ns_t now_ns);
/* What was given to ops->send has left, or failed; either way the answer counts as given. */
void uds_server_on_sent(struct uds_server *server, proto_ns_t now_ns);
void uds_server_on_deadline(struct uds_server *server, proto_ns_t now_ns);
proto_ns_t uds_server_deadline_ns(const struct uds_server *server);

/* What it announces and keeps to: as configured, or as a hook wants it. */
proto_ns_t uds_server_p2_ns(const struct uds_server *server);
proto_ns_t uds_server_p2_star_ns(const struct uds_server *server);
/* A hook wants more 0x78 for the request in work. */
bool uds_server_more_pendings(const struct uds_server *server);
/* A hook wants no more of them: what was held is due now. */
void uds_server_end_pendings(struct uds_server *server, proto_ns_t now_ns);

/* Enters a session from within (after a reset, or from the 0x10 handler). Locks the server;
 * on_session follows if the session is another one. */
void uds_server_set_session(struct uds_server *server, enum uds_session session, proto_ns_t now_ns);
/* P2, P2* and S3 from now on, for sessions with times of their own; none may be 0. An S3 that runs
 * is not changed. */
void uds_server_set_timing(struct uds_server *server, proto_ns_t p2_ns, proto_ns_t p2_star_ns,
                           proto_ns_t s3_ns);
/* Sends a positive response that no request asked for in this life: the answer to 10 02 that the
 * application promised with 0x78 before it reset. False while a request is in work, or if the
 * response buffer, which takes a copy, is too small. on_answered follows. */
bool uds_server_send_unrequested(struct uds_server *server, const uint8_t *data, uint16_t len_bytes,
                                 proto_ns_t now_ns);

#endif
