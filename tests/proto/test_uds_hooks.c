/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_uds_hooks.c - what a laboratory's hooks make of requests and responses. */
#include "sim/proto/uds_server.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A server whose transport takes everything at once, and all that it sent, with the milliseconds
 * at which it did. */
struct bench {
    struct uds_server server;
    struct uds_hooks hooks;
    struct uds_plan plan; /* What the hook answers to each request. */
    uint8_t replaced[8];  /* What the hook makes of a response; none: leaves it. */
    uint16_t replaced_len;
    bool drop;
    proto_ns_t not_before_ns;
    unsigned asked, calls;
    enum uds_nrc verdict; /* Of the handler. */
    uint8_t buffer[64];
    char log[600];
};

static void note(struct bench *b, const char *text)
{
    cr_assert(strlen(b->log) + strlen(text) + 2 < sizeof b->log);
    strcat(b->log, b->log[0] == '\0' ? "" : " ");
    strcat(b->log, text);
}

static bool bench_send(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    char text[64] = "";
    int at = snprintf(text, sizeof text, "%u:", (unsigned)(now_ns / PROTO_MS(1)));
    for (size_t i = 0; i < len; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at, "%02X", data[i]);
    }
    note(ctx, text);
    return true;
}

static void bench_on_session(void *ctx, enum uds_session from, enum uds_session to,
                             proto_ns_t now_ns)
{
    (void)now_ns;
    (void)from;
    note(ctx, to == UDS_SESSION_DEFAULT ? "default" : "session");
}

static void bench_on_abandoned(void *ctx, proto_ns_t now_ns)
{
    (void)now_ns;
    note(ctx, "abandoned");
}

static const struct uds_server_ops ops = {
    .send = bench_send, .on_session = bench_on_session, .on_abandoned = bench_on_abandoned};

static enum uds_nrc handle(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bench *b = ctx;
    (void)req;
    b->calls++;
    rsp->data[rsp->len++] = 0xEE;
    return b->verdict;
}

static const struct uds_subfunction present[] = {{0, UDS_IN_ANY, false}};
static const struct uds_subfunction routine[] = {{1, UDS_IN_ANY, false}};
static const struct uds_service services[] = {
    {UDS_TESTER_PRESENT, UDS_IN_ANY, false, 2, present, 1, handle},
    {UDS_ROUTINE_CONTROL, UDS_IN_ANY, false, 4, routine, 1, handle},
    {UDS_READ_DATA, UDS_IN_ANY, false, 3, NULL, 0, handle},
};

static void on_request(void *ctx, const struct uds_request *req, struct uds_plan *plan)
{
    struct bench *b = ctx;
    b->asked++;
    if (req->data[0] != UDS_TESTER_PRESENT) {
        *plan = b->plan;
    }
}

static bool on_response(void *ctx, struct uds_response *rsp, proto_ns_t *not_before_ns,
                        proto_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)now_ns;
    if (b->replaced_len > 0) {
        memcpy(rsp->data, b->replaced, b->replaced_len);
        rsp->len = b->replaced_len;
    }
    *not_before_ns = b->not_before_ns;
    return !b->drop;
}

static void start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->hooks = (struct uds_hooks){.ctx = b, .on_request = on_request, .on_response = on_response};
    const struct uds_server_cfg cfg = {.services = services,
                                       .services_len = sizeof services / sizeof services[0],
                                       .response_cap = sizeof b->buffer,
                                       .response = b->buffer,
                                       .hooks = &b->hooks};
    uds_server_init(&b->server, &cfg, &ops, b);
}

/* Time passes; what is sent leaves at once. */
static void run_until(struct bench *b, proto_ns_t until_ns)
{
    for (;;) {
        if (b->server.flight != UDS_FLIGHT_NONE) {
            uds_server_on_sent(&b->server, 0);
            continue;
        }
        const proto_ns_t due_ns = uds_server_deadline_ns(&b->server);
        if (due_ns > until_ns) {
            return;
        }
        uds_server_on_deadline(&b->server, due_ns);
    }
}

static void ask(struct bench *b, const char *hex, proto_ns_t now_ns)
{
    uint8_t request[16];
    uint16_t len = 0;
    unsigned value;
    int used;
    run_until(b, now_ns);
    while (sscanf(hex, " %2x%n", &value, &used) == 1) {
        request[len++] = (uint8_t)value;
        hex += used;
    }
    uds_server_on_request(&b->server, request, len, false, now_ns);
}

static void expect_log(struct bench *b, const char *expected)
{
    cr_assert_str_eq(b->log, expected);
    b->log[0] = '\0';
}

Test(uds_hooks, a_refused_request_reaches_no_handler)
{
    static const struct {
        const char *request;
        enum uds_nrc nrc;
        const char *answer;
    } rows[] = {
        {"31 01 FF 00", UDS_NRC_DOWNLOAD_NOT_ACCEPTED, "1:7F3170"},
        {"31 01 FF 00", UDS_POSITIVE, "1:7101"},
        {"31 81 FF 00", UDS_POSITIVE, ""}, /* The suppress bit still holds. */
        {"22 F1 89", UDS_POSITIVE, "1:62"},
        {"BA", UDS_POSITIVE, "1:FA"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        start(&b);
        b.plan = (struct uds_plan){.refuse = true, .nrc = rows[i].nrc};
        ask(&b, rows[i].request, PROTO_MS(1));
        run_until(&b, PROTO_MS(9));
        expect_log(&b, rows[i].answer);
        cr_assert_eq(b.calls, 0);
        cr_assert_eq(b.server.state, UDS_SERVER_IDLE);
    }
}

Test(uds_hooks, a_silent_request_is_worked_on_and_not_answered)
{
    struct bench b;
    start(&b);
    b.plan = (struct uds_plan){.silent = true};
    ask(&b, "22 F1 89", PROTO_MS(1));
    run_until(&b, PROTO_MS(9));
    expect_log(&b, "");
    cr_assert_eq(b.calls, 1);
    b.plan = (struct uds_plan){.refuse = false};
    ask(&b, "22 F1 89", PROTO_MS(10));
    expect_log(&b, "10:62EE");
}

Test(uds_hooks, pendings_come_before_the_answer_whatever_the_work_needs)
{
    struct bench b;
    start(&b);
    b.plan = (struct uds_plan){
        .pendings = 3, .pending_first_ns = PROTO_MS(30), .pending_every_ns = PROTO_MS(2000)};
    ask(&b, "22 F1 89", PROTO_MS(0));
    run_until(&b, PROTO_MS(9000));
    expect_log(&b, "30:7F2278 2030:7F2278 4030:7F2278 6030:62EE");

    b.verdict = UDS_NRC_RESPONSE_PENDING; /* Work until 5 s, and until 7 s. */
    for (unsigned end_s = 5; end_s <= 7; end_s += 2) {
        ask(&b, "22 F1 89", PROTO_MS(0));
        run_until(&b, PROTO_MS(1000) * end_s);
        uds_server_finish(&b.server, UDS_POSITIVE, PROTO_MS(1000) * end_s);
        run_until(&b, PROTO_MS(19000));
        expect_log(&b, end_s == 5 ? "30:7F2278 2030:7F2278 4030:7F2278 6030:62EE"
                                  : "30:7F2278 2030:7F2278 4030:7F2278 7000:62EE");
    }
}

Test(uds_hooks, work_longer_than_the_series_gets_the_usual_pendings)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    b.plan = (struct uds_plan){.pendings = 1, .pending_every_ns = PROTO_MS(100)};
    ask(&b, "22 F1 89", PROTO_MS(0));
    run_until(&b, PROTO_MS(8000));
    expect_log(&b, "0:7F2278 3750:7F2278 7500:7F2278");
}

Test(uds_hooks, pendings_may_end_in_silence_or_with_a_refusal)
{
    struct bench b;
    start(&b);
    b.plan = (struct uds_plan){.pendings = 1, .pending_every_ns = PROTO_MS(50), .silent = true};
    ask(&b, "22 F1 89", PROTO_MS(0));
    run_until(&b, PROTO_MS(900));
    expect_log(&b, "0:7F2278");
    cr_assert_eq(b.server.state, UDS_SERVER_IDLE);
    b.plan.silent = false;
    b.plan.refuse = true;
    b.plan.nrc = UDS_NRC_PROGRAMMING_FAILURE;
    ask(&b, "22 F1 89", PROTO_MS(1000));
    run_until(&b, PROTO_MS(2000));
    expect_log(&b, "1000:7F2278 1050:7F2272");
    cr_assert_eq(b.calls, 1);
}

Test(uds_hooks, pendings_without_end_give_way_to_the_next_request_only)
{
    struct bench b;
    start(&b);
    b.plan =
        (struct uds_plan){.pendings = UDS_PENDINGS_FOR_EVER, .pending_every_ns = PROTO_MS(2000)};
    ask(&b, "22 F1 89", PROTO_MS(0));
    ask(&b, "3E 80", PROTO_MS(2500));
    run_until(&b, PROTO_MS(5000));
    expect_log(&b, "0:7F2278 2000:7F2278 4000:7F2278");
    b.plan.pendings = 0;
    ask(&b, "31 01 FF 00", PROTO_MS(5500));
    run_until(&b, PROTO_MS(99000));
    expect_log(&b, "5500:7101EE");
}

Test(uds_hooks, a_finite_series_makes_the_server_busy)
{
    struct bench b;
    start(&b);
    b.plan = (struct uds_plan){.pendings = 2, .pending_every_ns = PROTO_MS(2000)};
    ask(&b, "22 F1 89", PROTO_MS(0));
    ask(&b, "31 01 FF 00", PROTO_MS(500));
    run_until(&b, PROTO_MS(9000));
    expect_log(&b, "0:7F2278 500:7F3121 2000:7F2278 4000:62EE");
    cr_assert_eq(b.asked, 1, "the hook does not see what the busy server refuses");
}

Test(uds_hooks, a_response_can_be_replaced_delayed_and_dropped)
{
    struct bench b;
    start(&b);
    memcpy(b.replaced, (const uint8_t[]){0x62, 0x00, 0x01}, 3);
    b.replaced_len = 3;
    b.not_before_ns = PROTO_MS(190);
    ask(&b, "22 F1 89", PROTO_MS(0));
    ask(&b, "22 F1 89", PROTO_MS(100)); /* Not heard: the answer waits. */
    run_until(&b, PROTO_MS(900));
    expect_log(&b, "190:620001");
    b.verdict = UDS_NRC_CONDITIONS; /* A negative one has as much room. */
    b.not_before_ns = 0;
    ask(&b, "22 F1 89", PROTO_MS(1000));
    expect_log(&b, "1000:620001");
    b.drop = true;
    ask(&b, "22 F1 89", PROTO_MS(1100));
    run_until(&b, PROTO_MS(1900));
    expect_log(&b, "");
    cr_assert_eq(b.server.state, UDS_SERVER_IDLE);
}

Test(uds_hooks, an_unrequested_response_passes_the_hook)
{
    struct bench b;
    start(&b);
    memcpy(b.replaced, (const uint8_t[]){0x50, 0x03}, 2);
    b.replaced_len = 2;
    const uint8_t answer[] = {0x50, 0x02, 0, 50, 1, 0xF4};
    cr_assert(uds_server_send_unrequested(&b.server, answer, sizeof answer, 0));
    expect_log(&b, "0:5003");
}

Test(uds_hooks, a_session_is_lost_before_the_request_is_looked_at)
{
    struct bench b;
    start(&b);
    uds_server_set_session(&b.server, UDS_SESSION_EXTENDED, 0);
    expect_log(&b, "session");
    b.plan = (struct uds_plan){.lose_session = true};
    ask(&b, "22 F1 89", PROTO_MS(1));
    expect_log(&b, "default 1:62EE");
}

Test(uds_hooks, announced_times_are_kept)
{
    struct bench b;
    start(&b);
    b.hooks.p2_ns = PROTO_MS(200);
    b.hooks.p2_star_ns = PROTO_MS(20000);
    cr_assert_eq(uds_server_p2_ns(&b.server), PROTO_MS(200));
    cr_assert_eq(uds_server_p2_star_ns(&b.server), PROTO_MS(20000));
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "22 F1 89", PROTO_MS(0));
    run_until(&b, PROTO_MS(20000));
    expect_log(&b, "150:7F2278 15150:7F2278");
}

/* pylessard/python-udsoncan, thread 255: an erase ended with 72 for lack of tester present. */
Test(uds_hooks, strict_s3_ends_work_that_nobody_keeps_alive)
{
    struct bench b;
    start(&b);
    uds_server_set_session(&b.server, UDS_SESSION_EXTENDED, 0);
    b.hooks.s3_strict = true;
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    b.log[0] = '\0';
    ask(&b, "22 F1 89", PROTO_MS(0));
    ask(&b, "3E 80", PROTO_MS(3000)); /* Counts, though it is not answered. */
    run_until(&b, PROTO_MS(20000));
    expect_log(&b, "37:7F2278 3787:7F2278 7537:7F2278 abandoned 8000:7F2272 default");
    cr_assert_eq(b.server.state, UDS_SERVER_IDLE);
}
