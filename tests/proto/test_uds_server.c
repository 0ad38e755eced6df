/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_uds_server.c - the server against the order of checks, the suppression rules and
 * the timing of ISO 14229-1 and -2. */
#include "sim/proto/uds_server.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A server whose handler does as told, and all that it sent and called, as text. */
struct bench {
    struct uds_server server;
    uint8_t buffer[64];
    enum uds_nrc verdict; /* What the handler of 31 returns. */
    bool busy;            /* The transport refuses. */
    bool in_transport;
    const uint8_t *sent_data; /* Must stay as it was until the transport is done. */
    uint8_t sent_copy[64];
    uint16_t sent_len;
    unsigned calls;
    uint8_t seen[80]; /* The request as the handler saw it. */
    uint16_t seen_len;
    char log[400];
};

static void note(struct bench *b, const char *text)
{
    cr_assert(strlen(b->log) + strlen(text) + 2 < sizeof b->log);
    strcat(b->log, b->log[0] == '\0' ? "" : " ");
    strcat(b->log, text);
}

static bool bench_send(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    char text[2 * 64 + 1] = "";
    (void)now_ns;
    cr_assert(!b->in_transport, "a second frame before the first one has left");
    if (b->busy) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        snprintf(text + 2 * i, 3, "%02X", data[i]);
    }
    note(b, text);
    b->in_transport = true;
    b->sent_data = data;
    b->sent_len = len;
    memcpy(b->sent_copy, data, len);
    return true;
}

static void bench_on_session(void *ctx, enum uds_session from, enum uds_session to,
                             proto_ns_t now_ns)
{
    char text[20];
    (void)now_ns;
    snprintf(text, sizeof text, "session:%d>%d", (int)from, (int)to);
    note(ctx, text);
}

static void bench_on_answered(void *ctx, proto_ns_t now_ns)
{
    (void)now_ns;
    note(ctx, "answered");
}

static void bench_on_abandoned(void *ctx, proto_ns_t now_ns)
{
    (void)now_ns;
    note(ctx, "abandoned");
}

static const struct uds_server_ops bench_ops = {bench_send, bench_on_session, bench_on_answered,
                                                bench_on_abandoned};

static enum uds_nrc handle(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bench *b = ctx;
    b->calls++;
    memcpy(b->seen, req->data, req->len);
    b->seen_len = req->len;
    rsp->data[rsp->len] = 0xEE;
    rsp->len++;
    return b->verdict;
}

static enum uds_nrc handle_session(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bench *b = ctx;
    (void)rsp;
    uds_server_set_session(&b->server, (enum uds_session)req->data[1], req->now_ns);
    return UDS_POSITIVE;
}

static enum uds_nrc handle_plain(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    (void)ctx;
    (void)req;
    (void)rsp;
    return UDS_POSITIVE;
}

enum { NOT_DEFAULT = UDS_IN_PROGRAMMING | UDS_IN_EXTENDED };

static const struct uds_subfunction sessions[] = {
    {1, UDS_IN_ANY, false}, {2, UDS_IN_EXTENDED, false}, {3, UDS_IN_ANY, false}};
static const struct uds_subfunction present[] = {{0, UDS_IN_ANY, false}};
static const struct uds_subfunction routine[] = {
    {1, UDS_IN_ANY, false}, {2, UDS_IN_EXTENDED, false}, {3, UDS_IN_EXTENDED, true}};
static const struct uds_service services[] = {
    {UDS_SESSION_CONTROL, UDS_IN_ANY, false, 2, sessions, 3, handle_session},
    {UDS_TESTER_PRESENT, UDS_IN_ANY, false, 2, present, 1, handle_plain},
    {UDS_ROUTINE_CONTROL, UDS_IN_ANY, false, 4, routine, 3, handle},
    {UDS_READ_DATA, UDS_IN_ANY, false, 3, NULL, 0, handle},
    {UDS_TRANSFER_DATA, NOT_DEFAULT, true, 2, NULL, 0, handle},
};

static void start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    struct uds_server_cfg cfg = {.services = services,
                                 .services_len = sizeof services / sizeof services[0],
                                 .response_cap = sizeof b->buffer,
                                 .response = b->buffer};
    uds_server_init(&b->server, &cfg, &bench_ops, b);
}

static void enter(struct bench *b, enum uds_session session)
{
    uds_server_set_session(&b->server, session, 0);
    b->log[0] = '\0';
}

static uint16_t bytes_from_hex(const char *hex, uint8_t *bytes)
{
    uint16_t len = 0;
    unsigned value;
    int used;
    while (sscanf(hex, " %2x%n", &value, &used) == 1) {
        bytes[len++] = (uint8_t)value;
        hex += used;
    }
    return len;
}

static void ask(struct bench *b, const char *hex, bool functional, proto_ns_t now_ns)
{
    uint8_t request[80];
    uint16_t len = bytes_from_hex(hex, request);
    uds_server_on_request(&b->server, request, len, functional, now_ns);
    memset(request, 0x55, sizeof request); /* The request is gone when the call returns. */
}

static void leave(struct bench *b, proto_ns_t now_ns)
{
    cr_assert(b->in_transport);
    cr_assert_arr_eq(b->sent_data, b->sent_copy, b->sent_len, "changed while in the transport");
    b->in_transport = false;
    uds_server_on_sent(&b->server, now_ns);
}

static void wake(struct bench *b)
{
    proto_ns_t due = uds_server_deadline_ns(&b->server);
    cr_assert_neq(due, PROTO_NEVER);
    uds_server_on_deadline(&b->server, due);
}

static void expect_log(struct bench *b, const char *expected)
{
    cr_assert_str_eq(b->log, expected);
    b->log[0] = '\0';
}

/* ISO 14229-1:2013, figures 5 and 6: each row passes all checks before its own, and fails the ones
 * after it too where that is possible. */
Test(uds_server, checks_are_made_in_the_order_of_the_standard)
{
    static const struct {
        const char *check;
        enum uds_session session;
        bool unlocked;
        const char *request;
        const char *answer;
    } rows[] = {
        {"service unknown", UDS_SESSION_DEFAULT, false, "BA", "7FBA11"},
        {"service not in session, locked, too short", UDS_SESSION_DEFAULT, false, "36", "7F367F"},
        {"service locked, too short", UDS_SESSION_EXTENDED, false, "36", "7F3633"},
        {"service too short", UDS_SESSION_EXTENDED, true, "36", "7F3613"},
        {"service good", UDS_SESSION_EXTENDED, true, "36 01", "76EE"},
        {"too short to have a sub-function", UDS_SESSION_DEFAULT, false, "31", "7F3113"},
        {"too short, sub-function unknown", UDS_SESSION_DEFAULT, false, "31 09 00", "7F3113"},
        {"sub-function unknown", UDS_SESSION_DEFAULT, false, "31 09 00 00", "7F3112"},
        {"sub-function not in session, locked", UDS_SESSION_DEFAULT, false, "31 03 00 00",
         "7F317E"},
        {"sub-function locked", UDS_SESSION_EXTENDED, false, "31 03 00 00", "7F3133"},
        {"sub-function good", UDS_SESSION_EXTENDED, true, "31 03 00 00", "7103EE"},
        {"session by request", UDS_SESSION_DEFAULT, false, "10 02", "7F107E"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        start(&b);
        enter(&b, rows[i].session);
        b.server.unlocked = rows[i].unlocked;
        ask(&b, rows[i].request, false, 0);
        cr_assert_str_eq(b.log, rows[i].answer, "%s: %s", rows[i].check, b.log);
        leave(&b, 1);
        cr_assert_eq(b.server.state, UDS_SERVER_IDLE);
    }
}

Test(uds_server, handlers_verdict_becomes_the_negative_response)
{
    static const enum uds_nrc verdicts[] = {UDS_NRC_LENGTH,         UDS_NRC_CONDITIONS,
                                            UDS_NRC_SEQUENCE,       UDS_NRC_OUT_OF_RANGE,
                                            UDS_NRC_INVALID_KEY,    UDS_NRC_PROGRAMMING_FAILURE,
                                            UDS_NRC_VOLTAGE_TOO_LOW};
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        struct bench b;
        char expected[8];
        start(&b);
        b.verdict = verdicts[i];
        ask(&b, "22 F1 90", false, 0);
        snprintf(expected, sizeof expected, "7F22%02X", (unsigned)verdicts[i]);
        expect_log(&b, expected);
    }
}

/* ISO 14229-1:2013, 7.5: what a functionally addressed request does not get. */
Test(uds_server, functional_requests_get_no_answer_for_the_five_codes_only)
{
    static const struct {
        enum uds_nrc verdict;
        const char *log;
    } rows[] = {
        {UDS_NRC_SERVICE_NOT_SUPPORTED, "answered"},
        {UDS_NRC_SUBFUNCTION_NOT_SUPPORTED, "answered"},
        {UDS_NRC_OUT_OF_RANGE, "answered"},
        {UDS_NRC_SUBFUNCTION_NOT_IN_SESSION, "answered"},
        {UDS_NRC_SERVICE_NOT_IN_SESSION, "answered"},
        {UDS_NRC_LENGTH, "7F2213"},
        {UDS_NRC_CONDITIONS, "7F2222"},
        {UDS_NRC_SECURITY_DENIED, "7F2233"},
        {UDS_POSITIVE, "62EE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        start(&b);
        b.verdict = rows[i].verdict;
        ask(&b, "22 F1 90", true, 0);
        expect_log(&b, rows[i].log);
    }
    struct bench b;
    start(&b);
    ask(&b, "BA", true, 0);
    expect_log(&b, "answered");
}

Test(uds_server, suppress_bit_silences_positive_answers_and_is_hidden_from_the_handler)
{
    struct bench b;
    start(&b);
    ask(&b, "31 81 FF 00", false, 0);
    expect_log(&b, "answered");
    cr_assert_eq(b.seen_len, 4);
    cr_assert_eq(b.seen[1], 0x01);
    b.verdict = UDS_NRC_CONDITIONS;
    ask(&b, "31 81 FF 00", false, 0);
    expect_log(&b, "7F3122");
}

Test(uds_server, suppressed_request_longer_than_the_copy_is_refused)
{
    struct bench b;
    uint8_t request[UDS_SUPPRESSIBLE_LEN_MAX + 1] = {0x31, 0x81, 0xFF, 0x00};
    start(&b);
    uds_server_on_request(&b.server, request, UDS_SUPPRESSIBLE_LEN_MAX, false, 0);
    expect_log(&b, "answered");
    uds_server_on_request(&b.server, request, UDS_SUPPRESSIBLE_LEN_MAX + 1, false, 0);
    expect_log(&b, "7F3113");
    leave(&b, 0);
    request[1] = 0x01;
    uds_server_on_request(&b.server, request, UDS_SUPPRESSIBLE_LEN_MAX + 1, false, 0);
    expect_log(&b, "answered 7101EE");
}

Test(uds_server, request_without_bytes_is_ignored)
{
    struct bench b;
    start(&b);
    uds_server_on_request(&b.server, NULL, 0, false, 0);
    expect_log(&b, "");
}

Test(uds_server, pending_goes_out_before_p2_and_then_before_each_p2_star)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, PROTO_MS(1000));
    expect_log(&b, "");
    proto_ns_t first = uds_server_deadline_ns(&b.server);
    cr_assert(first > PROTO_MS(1025) && first < PROTO_MS(1050));
    uds_server_on_deadline(&b.server, first - 1);
    expect_log(&b, "");
    uds_server_on_deadline(&b.server, first);
    expect_log(&b, "7F3178");
    leave(&b, first + 1);
    proto_ns_t second = uds_server_deadline_ns(&b.server);
    cr_assert(second > first + PROTO_MS(2500) && second < first + PROTO_MS(5000));
    uds_server_on_deadline(&b.server, second);
    expect_log(&b, "7F3178");
    leave(&b, second);
    uds_server_finish(&b.server, UDS_POSITIVE, second + 1);
    expect_log(&b, "7101EE");
    leave(&b, second + 2);
    expect_log(&b, "answered");
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_NEVER);
}

Test(uds_server, work_that_ends_in_time_gets_no_pending)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, 0);
    uds_server_finish(&b.server, UDS_POSITIVE, PROTO_MS(37));
    expect_log(&b, "7101EE");
}

/* ISO 14229-1, annex A.1, requestCorrectlyReceivedResponsePending. */
Test(uds_server, after_a_pending_the_final_answer_is_given_in_any_case)
{
    static const struct {
        const char *request;
        bool functional;
        enum uds_nrc verdict;
        const char *answer;
    } rows[] = {
        {"31 81 FF 00", false, UDS_POSITIVE, "7101EE"},
        {"31 01 FF 00", true, UDS_NRC_OUT_OF_RANGE, "7F3131"},
        {"31 81 FF 00", true, UDS_POSITIVE, "7101EE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int with_pending = 0; with_pending <= 1; with_pending++) {
            struct bench b;
            start(&b);
            b.verdict = UDS_NRC_RESPONSE_PENDING;
            ask(&b, rows[i].request, rows[i].functional, 0);
            if (with_pending) {
                wake(&b);
                leave(&b, PROTO_MS(49));
                expect_log(&b, "7F3178");
            }
            uds_server_finish(&b.server, rows[i].verdict, PROTO_MS(50));
            expect_log(&b, with_pending ? rows[i].answer : "answered");
        }
    }
}

Test(uds_server, busy_transport_delays_pending_and_final_answer)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, 0);
    b.busy = true;
    wake(&b);
    wake(&b);
    expect_log(&b, "");
    b.busy = false;
    wake(&b);
    expect_log(&b, "7F3178");
    uds_server_finish(&b.server, UDS_POSITIVE, PROTO_MS(60));
    expect_log(&b, "");
    leave(&b, PROTO_MS(61));
    expect_log(&b, "7101EE");
}

Test(uds_server, request_during_work_is_refused_as_busy_and_disturbs_nothing)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, 0);
    ask(&b, "22 F1 90", false, 1);
    expect_log(&b, "7F2221");
    uds_server_finish(&b.server, UDS_POSITIVE, 2);
    expect_log(&b, "");
    leave(&b, 3);
    expect_log(&b, "7101EE");
    ask(&b, "22 F1 90", false, 4);
    expect_log(&b, "");
    leave(&b, 5);
    expect_log(&b, "answered");
    cr_assert_eq(b.calls, 1u);
}

Test(uds_server, busy_refusal_does_not_overtake_a_final_answer_that_waits)
{
    struct bench b;
    start(&b);
    b.busy = true;
    ask(&b, "22 F1 90", false, 0);
    b.busy = false;
    ask(&b, "22 F1 91", false, 1);
    expect_log(&b, "");
    wake(&b);
    expect_log(&b, "62EE");
}

Test(uds_server, tester_present_and_functional_requests_during_work_are_silent)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, 0);
    ask(&b, "3E 80", false, 1);
    ask(&b, "3E 80", true, 1);
    ask(&b, "3E 00", true, 1);
    ask(&b, "22 F1 90", true, 1);
    expect_log(&b, "");
    ask(&b, "3E 00", false, 1);
    expect_log(&b, "7F3E21");
}

Test(uds_server, pending_waits_for_a_busy_refusal_in_the_transport)
{
    struct bench b;
    start(&b);
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, 0);
    ask(&b, "22 F1 90", false, 1);
    expect_log(&b, "7F2221");
    wake(&b);
    expect_log(&b, "");
    leave(&b, PROTO_MS(41));
    expect_log(&b, "7F3178");
}

Test(uds_server, s3_runs_from_the_final_answer_and_ends_the_session)
{
    struct bench b;
    start(&b);
    ask(&b, "10 03", false, 0);
    expect_log(&b, "session:1>3 5003");
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_NEVER);
    leave(&b, PROTO_MS(10));
    b.server.unlocked = true;
    b.log[0] = '\0';
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(5010));
    uds_server_on_deadline(&b.server, PROTO_MS(5010) - 1);
    expect_log(&b, "");
    uds_server_on_deadline(&b.server, PROTO_MS(5010));
    expect_log(&b, "session:3>1");
    cr_assert(!b.server.unlocked);
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_NEVER);
}

Test(uds_server, s3_stands_still_while_a_request_is_received_or_in_work)
{
    struct bench b;
    start(&b);
    enter(&b, UDS_SESSION_EXTENDED);
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(5000));
    uds_server_on_first_frame(&b.server, PROTO_MS(4000));
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_NEVER);
    uds_server_on_receive_error(&b.server, PROTO_MS(6000));
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(11000));
    b.verdict = UDS_NRC_RESPONSE_PENDING;
    ask(&b, "31 01 FF 00", false, PROTO_MS(10000));
    uds_server_on_deadline(&b.server, PROTO_MS(20000));
    expect_log(&b, "7F3178");
    leave(&b, PROTO_MS(20001));
    uds_server_finish(&b.server, UDS_POSITIVE, PROTO_MS(21000));
    leave(&b, PROTO_MS(21001));
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(26001));
    cr_assert_eq(b.server.session, UDS_SESSION_EXTENDED);
}

Test(uds_server, suppressed_tester_present_keeps_the_session)
{
    struct bench b;
    start(&b);
    enter(&b, UDS_SESSION_EXTENDED);
    ask(&b, "3E 80", true, PROTO_MS(4000));
    expect_log(&b, "answered");
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(9000));
}

Test(uds_server, entering_a_session_locks_and_reports_only_a_change)
{
    struct bench b;
    start(&b);
    enter(&b, UDS_SESSION_EXTENDED);
    b.server.unlocked = true;
    uds_server_set_session(&b.server, UDS_SESSION_EXTENDED, 0);
    cr_assert(!b.server.unlocked);
    expect_log(&b, "");
}

Test(uds_server, promised_answer_can_be_sent_without_a_request)
{
    struct bench b;
    uint8_t answer[] = {0x50, 0x02, 0x00, 0x32, 0x01, 0xF4};
    static const uint8_t too_long[65];
    start(&b);
    enter(&b, UDS_SESSION_PROGRAMMING);
    cr_assert(!uds_server_send_unrequested(&b.server, too_long, sizeof too_long, 0));
    cr_assert(uds_server_send_unrequested(&b.server, answer, sizeof answer, 0));
    answer[0] = 0;
    expect_log(&b, "5002003201F4");
    cr_assert(!uds_server_send_unrequested(&b.server, answer, sizeof answer, 0));
    leave(&b, PROTO_MS(1));
    expect_log(&b, "answered");
    cr_assert_eq(uds_server_deadline_ns(&b.server), PROTO_MS(5001));
}
