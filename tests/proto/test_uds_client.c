/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_uds_client.c - the client against written schedules: what it sends when, what it
 * takes for an answer, and how it ends. */
#include "sim/proto/uds_client.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { P2_MS = 100, P2_STAR_MS = 5000, BUSY_MS = 200 };

struct bench {
    struct uds_client client;
    uint8_t request[16];
    bool refuse;
    unsigned sends;
    unsigned results;
    enum uds_client_result result;
    uint8_t answer[16];
    uint16_t answer_len;
    bool answer_null;
};

static bool bench_send(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)now_ns;
    cr_assert_eq(data, b->request);
    cr_assert(len > 0);
    if (b->refuse) {
        return false;
    }
    b->sends++;
    return true;
}

static void bench_on_result(void *ctx, enum uds_client_result result, const uint8_t *data,
                            uint16_t len, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)now_ns;
    b->results++;
    b->result = result;
    b->answer_null = data == NULL;
    b->answer_len = len;
    if (data != NULL) {
        memcpy(b->answer, data, len);
    }
}

static const struct uds_client_ops bench_ops = {bench_send, bench_on_result};

static struct uds_client_cfg usual(void)
{
    return (struct uds_client_cfg){.p2_ns = PROTO_MS(P2_MS),
                                   .p2_star_ns = PROTO_MS(P2_STAR_MS),
                                   .busy_delay_ns = PROTO_MS(BUSY_MS),
                                   .busy_cap_ns = PROTO_MS(1000),
                                   .pending_cap_ns = PROTO_MS(12000),
                                   .resend_max = 3};
}

static void start(struct bench *b, struct uds_client_cfg cfg)
{
    memset(b, 0, sizeof *b);
    uds_client_init(&b->client, &cfg, &bench_ops, b);
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

static void ask(struct bench *b, const char *hex, const struct uds_client_options *options,
                proto_ns_t now_ns)
{
    uint16_t len = bytes_from_hex(hex, b->request);
    uds_client_request(&b->client, b->request, len, options, now_ns);
}

static void answer(struct bench *b, const char *hex, proto_ns_t now_ns)
{
    uint8_t data[16];
    uint16_t len = bytes_from_hex(hex, data);
    uds_client_on_response(&b->client, data, len, now_ns);
}

/* One event of a schedule, at a time in milliseconds. */
enum what { SENT, NOT_SENT, FIRST_FRAME, LOST, ANSWER, CLOCK, REFUSE, TAKE };

struct step {
    unsigned at_ms;
    enum what what;
    const char *hex;
};

struct schedule {
    const char *claim;
    const char *request;
    struct uds_client_options options;
    struct step steps[16];
    unsigned sends;
    int result; /* -1: still open. */
    struct uds_client_stats stats;
};

static void take_step(struct bench *b, const struct step *step)
{
    proto_ns_t now_ns = PROTO_MS(step->at_ms);
    switch (step->what) {
    case SENT: uds_client_on_sent(&b->client, true, now_ns); return;
    case NOT_SENT: uds_client_on_sent(&b->client, false, now_ns); return;
    case FIRST_FRAME: uds_client_on_first_frame(&b->client, now_ns); return;
    case LOST: uds_client_on_receive_error(&b->client, now_ns); return;
    case ANSWER: answer(b, step->hex, now_ns); return;
    case CLOCK:
        cr_assert_eq(uds_client_deadline_ns(&b->client), now_ns, "deadline is %lu us, not %u ms",
                     (unsigned long)(uds_client_deadline_ns(&b->client) / 1000), step->at_ms);
        uds_client_on_deadline(&b->client, now_ns - 1);
        uds_client_on_deadline(&b->client, now_ns);
        return;
    case REFUSE: b->refuse = true; return;
    case TAKE: b->refuse = false; return;
    }
}

static const struct schedule schedules[] = {
    {.claim = "positive answer ends the request",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {20, ANSWER, "62 F1 90 31"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1}},
    {.claim = "negative answer ends the request",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {20, ANSWER, "7F 22 31"}},
     .sends = 1,
     .result = UDS_CLIENT_NEGATIVE,
     .stats = {.requests = 1}},
    {.claim = "answers to something else are dropped, and P2 keeps running",
     .request = "36 05 AA",
     .steps = {{1, SENT, ""},
               {10, ANSWER, "76 04"},
               {20, ANSWER, "7F 22 31"},
               {30, ANSWER, "62 F1 90"},
               {40, ANSWER, "76"},
               {50, ANSWER, "7F 36"},
               {101, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1, .strays = 5}},
    {.claim = "no answer: three resends, then the end",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, SENT, ""},
               {202, CLOCK, ""},
               {203, SENT, ""},
               {303, CLOCK, ""},
               {304, SENT, ""},
               {404, CLOCK, ""}},
     .sends = 4,
     .result = UDS_CLIENT_TIMEOUT,
     .stats = {.requests = 1, .resends = 3}},
    {.claim = "a request that must not be resent ends at the first time-out",
     .request = "27 01",
     .options = {.no_resend = true},
     .steps = {{1, SENT, ""}, {101, CLOCK, ""}},
     .sends = 1,
     .result = UDS_CLIENT_TIMEOUT,
     .stats = {.requests = 1}},
    {.claim = "a request may have fewer resends than the configuration allows",
     .request = "11 01",
     .options = {.resend_max = 1},
     .steps = {{1, SENT, ""}, {101, CLOCK, ""}, {102, SENT, ""}, {202, CLOCK, ""}},
     .sends = 2,
     .result = UDS_CLIENT_TIMEOUT,
     .stats = {.requests = 1, .resends = 1}},
    {.claim = "an answer that was cut short is none: data identifier",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {20, ANSWER, "62 F1 90"}, {101, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1, .strays = 1}},
    {.claim = "an answer that was cut short is none: session",
     .request = "10 02",
     .steps = {{1, SENT, ""}, {20, ANSWER, "50 02 00 32 01"}, {101, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1, .strays = 1}},
    {.claim = "first frame meets P2",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {100, FIRST_FRAME, ""}, {300, ANSWER, "62 F1 90 31"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1}},
    {.claim = "a lost multi-frame response runs into P2 and is asked for again",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {100, FIRST_FRAME, ""}, {1100, LOST, ""}, {1200, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1}},
    {.claim = "messages that answer something else do not put the time-out off",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""},
               {20, FIRST_FRAME, ""},
               {30, ANSWER, "62 F1 91 31"},
               {60, FIRST_FRAME, ""},
               {90, ANSWER, "62 F1 91 31"},
               {101, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1, .strays = 2}},
    {.claim = "broken messages one after the other put the time-out off once",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""},
               {20, FIRST_FRAME, ""},
               {30, LOST, ""},
               {90, FIRST_FRAME, ""},
               {125, LOST, ""},
               {130, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1}},
    {.claim = "each pending restarts P2*",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {90, ANSWER, "7F 31 78"},
               {5089, ANSWER, "7F 31 78"},
               {10000, ANSWER, "71 01 FF 00"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .pendings = 2}},
    {.claim = "a time-out after a pending counts into the resends",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {90, ANSWER, "7F 31 78"},
               {5090, CLOCK, ""},
               {5091, SENT, ""},
               {5191, CLOCK, ""},
               {5192, SENT, ""},
               {5292, CLOCK, ""},
               {5293, SENT, ""},
               {5393, CLOCK, ""}},
     .sends = 4,
     .result = UDS_CLIENT_TIMEOUT,
     .stats = {.requests = 1, .resends = 3, .pendings = 1}},
    {.claim = "endless pending ends at its cap",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {90, ANSWER, "7F 31 78"},
               {4000, ANSWER, "7F 31 78"},
               {8000, ANSWER, "7F 31 78"},
               {12000, ANSWER, "7F 31 78"},
               {12090, CLOCK, ""}},
     .sends = 1,
     .result = UDS_CLIENT_PENDING_TOO_LONG,
     .stats = {.requests = 1, .pendings = 4}},
    {.claim = "the request's own pending cap counts",
     .request = "31 01 FF 00",
     .options = {.pending_cap_ns = PROTO_MS(300)},
     .steps = {{1, SENT, ""}, {90, ANSWER, "7F 31 78"}, {390, CLOCK, ""}},
     .sends = 1,
     .result = UDS_CLIENT_PENDING_TOO_LONG,
     .stats = {.requests = 1, .pendings = 1}},
    {.claim = "the request's own P2 counts",
     .request = "11 01",
     .options = {.p2_ns = PROTO_MS(700)},
     .steps = {{1, SENT, ""}, {701, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .resends = 1}},
    {.claim = "busy is answered with the same request after a delay",
     .request = "22 F1 90",
     .options = {.no_resend = true},
     .steps = {{1, SENT, ""},
               {20, ANSWER, "7F 22 21"},
               {220, CLOCK, ""},
               {221, SENT, ""},
               {230, ANSWER, "62 F1 90 31"}},
     .sends = 2,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .busies = 1}},
    {.claim = "endless busy ends at its cap",
     .request = "22 F1 90",
     .steps = {{0, SENT, ""},
               {100, ANSWER, "7F 22 21"},
               {300, CLOCK, ""},
               {300, SENT, ""},
               {500, ANSWER, "7F 22 21"},
               {700, CLOCK, ""},
               {700, SENT, ""},
               {900, ANSWER, "7F 22 21"},
               {1100, CLOCK, ""},
               {1100, SENT, ""},
               {1101, ANSWER, "7F 22 21"}},
     .sends = 4,
     .result = UDS_CLIENT_NEGATIVE,
     .stats = {.requests = 1, .busies = 4}},
    {.claim = "a refusal during the delay changes nothing",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, SENT, ""},
               {103, ANSWER, "7F 22 21"},
               {150, ANSWER, "7F 22 21"},
               {303, CLOCK, ""}},
     .sends = 3,
     .result = -1,
     .stats = {.requests = 1, .resends = 1, .busies = 2}},
    {.claim = "a refusal of the only transmission is followed by a repeat even after a pending",
     .request = "22 F1 90",
     .steps = {{1, SENT, ""}, {50, ANSWER, "7F 22 78"}, {60, ANSWER, "7F 22 21"}, {260, CLOCK, ""}},
     .sends = 2,
     .result = -1,
     .stats = {.requests = 1, .pendings = 1, .busies = 1}},
    {.claim = "a pending counts for the repeat that it met, not for the next one",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, ANSWER, "7F 31 78"},
               {103, SENT, ""},
               {5103, CLOCK, ""},
               {5104, SENT, ""},
               {5204, CLOCK, ""}},
     .sends = 4,
     .result = -1,
     .stats = {.requests = 1, .resends = 3, .pendings = 1}},
    {.claim = "an answer while the repeat is in the transport is dropped, the repeat's own counts",
     .request = "36 01 AA",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, ANSWER, "76 01"},
               {103, SENT, ""},
               {110, ANSWER, "76 01"}},
     .sends = 2,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .resends = 1, .strays = 1}},
    {.claim = "an answer while the repeat waits for the transport is the answer",
     .request = "36 01 AA",
     .steps = {{1, SENT, ""}, {2, REFUSE, ""}, {101, CLOCK, ""}, {101, ANSWER, "76 01"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .resends = 1}},
    {.claim = "a pending while the repeat is in the transport leads to P2*",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, ANSWER, "7F 31 78"},
               {103, SENT, ""},
               {104, ANSWER, "7F 31 21"},
               {4000, ANSWER, "71 01 FF 00"}},
     .sends = 2,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .resends = 1, .pendings = 1, .busies = 1}},
    {.claim = "the answer to the first transmission counts while a refused repeat is delayed",
     .request = "31 01 FF 00",
     .steps = {{1, SENT, ""},
               {101, CLOCK, ""},
               {102, SENT, ""},
               {103, ANSWER, "7F 31 21"},
               {150, ANSWER, "71 01 FF 00"}},
     .sends = 2,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .resends = 1, .busies = 1}},
    {.claim = "an answer before the request was sent answers nothing",
     .request = "22 F1 90",
     .steps = {{0, ANSWER, "62 F1 90 31"}, {1, SENT, ""}},
     .sends = 1,
     .result = -1,
     .stats = {.requests = 1, .strays = 1}},
    {.claim = "a request without response is done when sent",
     .request = "3E 80",
     .options = {.no_response = true},
     .steps = {{1, SENT, ""}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1}},
    {.claim = "the suppress bit does not come back in the answer",
     .request = "10 83",
     .steps = {{1, SENT, ""}, {5, ANSWER, "50 03 00 32 01 F4"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1}},
    {.claim = "block counters above 7F are compared whole",
     .request = "36 85 AA",
     .steps = {{1, SENT, ""}, {5, ANSWER, "76 05"}, {6, ANSWER, "76 85"}},
     .sends = 1,
     .result = UDS_CLIENT_POSITIVE,
     .stats = {.requests = 1, .strays = 1}},
    {.claim = "a transport that gives up each time ends the request",
     .request = "22 F1 90",
     .steps = {{1, NOT_SENT, ""}, {2, NOT_SENT, ""}, {3, NOT_SENT, ""}, {4, NOT_SENT, ""}},
     .sends = 4,
     .result = UDS_CLIENT_TRANSPORT,
     .stats = {.requests = 1, .resends = 3}},
};

Test(uds_client, keeps_to_every_schedule)
{
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++) {
        const struct schedule *s = &schedules[i];
        struct bench b;
        start(&b, usual());
        ask(&b, s->request, &s->options, 0);
        for (size_t j = 0; j < sizeof s->steps / sizeof s->steps[0] && s->steps[j].hex; j++) {
            take_step(&b, &s->steps[j]);
        }
        cr_assert_eq(b.sends, s->sends, "%s: %u transmissions", s->claim, b.sends);
        cr_assert_eq(b.results, s->result < 0 ? 0u : 1u, "%s: %u results", s->claim, b.results);
        cr_assert(s->result < 0 || (int)b.result == s->result, "%s: result %d", s->claim,
                  (int)b.result);
        cr_assert_eq(memcmp(&b.client.stats, &s->stats, sizeof s->stats), 0, "%s: %u %u %u %u",
                     s->claim, b.client.stats.resends, b.client.stats.pendings,
                     b.client.stats.busies, b.client.stats.strays);
    }
}

Test(uds_client, transport_that_takes_nothing_is_tried_until_p2_star_ends)
{
    struct bench b;
    struct uds_client_cfg cfg = usual();
    cfg.resend_max = 0;
    start(&b, cfg);
    b.refuse = true;
    ask(&b, "22 F1 90", NULL, 0);
    unsigned tries = 0;
    while (b.results == 0 && tries < 10000) {
        uds_client_on_deadline(&b.client, uds_client_deadline_ns(&b.client));
        tries++;
    }
    cr_assert_eq(tries, 5000u);
    cr_assert_eq(b.result, UDS_CLIENT_TRANSPORT);
    cr_assert(b.answer_null);
}

Test(uds_client, endless_pending_hands_out_the_pending_response)
{
    struct bench b;
    start(&b, usual());
    ask(&b, "31 01 FF 00", &(struct uds_client_options){.pending_cap_ns = PROTO_MS(1)}, 0);
    uds_client_on_sent(&b.client, true, 0);
    answer(&b, "7F 31 78", 0);
    uds_client_on_deadline(&b.client, PROTO_MS(1));
    cr_assert_eq(b.result, UDS_CLIENT_PENDING_TOO_LONG);
    cr_assert_eq(b.answer_len, 3);
    cr_assert_eq(b.answer[2], 0x78);
}

Test(uds_client, timing_that_the_server_announces_gets_the_margin)
{
    struct bench b;
    struct uds_client_cfg cfg = {.margin_ns = PROTO_MS(7)};
    start(&b, cfg);
    ask(&b, "22 F1 90", NULL, 0);
    uds_client_on_sent(&b.client, true, 0);
    cr_assert_eq(uds_client_deadline_ns(&b.client), PROTO_MS(57));
    uds_client_abort(&b.client);
    uds_client_set_timing(&b.client, 25, 200);
    ask(&b, "22 F1 90", NULL, 0);
    uds_client_on_sent(&b.client, true, 0);
    cr_assert_eq(uds_client_deadline_ns(&b.client), PROTO_MS(32));
    answer(&b, "7F 22 78", 0);
    cr_assert_eq(uds_client_deadline_ns(&b.client), PROTO_MS(2007));
}

/* A request that had to be repeated, and whose first answer was only late. */
static void repeat_once(struct bench *b)
{
    ask(b, "22 F1 89", NULL, 0);
    uds_client_on_sent(&b->client, true, 0);
    uds_client_on_deadline(&b->client, PROTO_MS(100));
    uds_client_on_sent(&b->client, true, PROTO_MS(101));
    answer(b, "62 F1 89 31", PROTO_MS(102));
    cr_assert_eq(b->results, 1u);
}

Test(uds_client, surplus_answer_of_a_repeat_is_a_stray_if_the_next_request_differs)
{
    struct bench b;
    start(&b, usual());
    repeat_once(&b);
    ask(&b, "22 F1 91", NULL, PROTO_MS(103));
    uds_client_on_sent(&b.client, true, PROTO_MS(103));
    answer(&b, "62 F1 89 31", PROTO_MS(104));
    cr_assert_eq(b.results, 1u);
    cr_assert_eq(b.client.stats.strays, 1u);
    answer(&b, "62 F1 91 31", PROTO_MS(105));
    cr_assert_eq(b.results, 2u);
}

Test(uds_client, drain_holds_the_next_request_until_the_surplus_answer_is_in)
{
    struct bench b;
    struct uds_client_cfg cfg = usual();
    cfg.drain_ns = PROTO_MS(100);
    start(&b, cfg);
    repeat_once(&b);
    ask(&b, "22 F1 89", NULL, PROTO_MS(103));
    cr_assert_eq(b.sends, 2u);
    cr_assert_eq(uds_client_deadline_ns(&b.client), PROTO_MS(202));
    answer(&b, "62 F1 89 31", PROTO_MS(104));
    cr_assert_eq(b.sends, 3u);
    cr_assert_eq(b.results, 1u);
    uds_client_on_sent(&b.client, true, PROTO_MS(105));
    answer(&b, "62 F1 89 32", PROTO_MS(106));
    cr_assert_eq(b.results, 2u);
    cr_assert_eq(b.answer[3], 0x32);
}

Test(uds_client, drain_ends_by_itself)
{
    struct bench b;
    struct uds_client_cfg cfg = usual();
    cfg.drain_ns = PROTO_MS(100);
    start(&b, cfg);
    repeat_once(&b);
    ask(&b, "22 F1 89", NULL, PROTO_MS(103));
    uds_client_on_deadline(&b.client, PROTO_MS(202));
    cr_assert_eq(b.sends, 3u);
}

static void next_on_result(void *ctx, enum uds_client_result result, const uint8_t *data,
                           uint16_t len, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    bench_on_result(ctx, result, data, len, now_ns);
    if (b->results < 3) {
        uds_client_request(&b->client, b->request, 3, NULL, now_ns);
    }
}

Test(uds_client, knows_how_an_answer_begins)
{
    static const uint8_t good[] = {0x62, 0xF1, 0x90, 0x31, 0x32, 0x33};
    static const uint8_t other[] = {0x62, 0xF1, 0x91, 0x31, 0x32, 0x33};
    struct bench b;
    start(&b, usual());
    cr_assert_not(uds_client_awaits(&b.client, good, sizeof good));
    ask(&b, "22 F1 90", NULL, 0);
    cr_assert(uds_client_awaits(&b.client, good, sizeof good));
    cr_assert_not(uds_client_awaits(&b.client, other, sizeof other));
}

Test(uds_client, next_request_can_be_started_from_the_result)
{
    static const struct uds_client_ops ops = {bench_send, next_on_result};
    struct bench b;
    start(&b, usual());
    b.client.ops = &ops;
    ask(&b, "22 F1 90", NULL, 0);
    for (unsigned i = 0; i < 3; i++) {
        uds_client_on_sent(&b.client, true, i);
        answer(&b, "62 F1 90 31", i);
    }
    cr_assert_eq(b.results, 3u);
    cr_assert(!uds_client_busy(&b.client));
}

Test(uds_client, abort_ends_without_a_callback_and_late_confirmations_mean_nothing)
{
    struct bench b;
    start(&b, usual());
    ask(&b, "22 F1 90", NULL, 0);
    uds_client_abort(&b.client);
    cr_assert(!uds_client_busy(&b.client));
    cr_assert_eq(uds_client_deadline_ns(&b.client), PROTO_NEVER);
    uds_client_on_sent(&b.client, true, 1);
    answer(&b, "62 F1 90 31", 2);
    cr_assert_eq(b.results, 0u);
    cr_assert(!uds_client_busy(&b.client));
}
