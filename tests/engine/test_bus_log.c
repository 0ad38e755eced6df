/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_bus_log.c - messages put together from hand-made frames, also those of two ECUs
 * and of both directions at once. */
#include "scenarios/engine/bus_log.h"

#include "sim/can/can_bus.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A bus of two connections, 7E0/7E8 and 7E1/7E9, and a log of it. */
struct bench {
    struct isotp_watch watches[2];
    struct can_bus bus;
    struct can_node sender;
    struct bus_log log;
    uint32_t lines;
    sim_ns_t now_ns;
    unsigned complete;
};

static void count(void *ctx, const struct bus_message *message, sim_ns_t now_ns)
{
    struct bench *bench = ctx;
    cr_expect_eq(message->end_ns, now_ns);
    /* 44 bits, bytes and stuff bits at 500 kbit/s. */
    cr_expect_gt(message->over_ns, now_ns + SIM_US(88));
    cr_expect_lt(message->over_ns, now_ns + SIM_US(276));
    bench->complete++;
}

static void begin(struct bench *bench)
{
    *bench = (struct bench){.bus = {.cfg = {.nominal_bps = 500000}}};
    bench->sender.bus = &bench->bus;
    for (uint32_t i = 0; i < 2; i++) {
        isotp_watch_init(&bench->watches[i],
                         &(struct isotp_watch_cfg){.request = {.id = 0x7E0 + i},
                                                   .response = {.id = 0x7E8 + i},
                                                   .has_functional = true,
                                                   .functional = {.id = 0x7DF}});
    }
    bus_log_init(&bench->log, &bench->lines);
    bench->log.on_message = count;
    bench->log.ctx = bench;
}

/* Frames as text, a millisecond apart, each heard by both connections as on a real bus. */
static void hear(struct bench *bench, const char *frames)
{
    char text[1024];
    char *rest = text;
    snprintf(text, sizeof text, "%s", frames);
    for (char *one = strtok_r(rest, " ", &rest); one != NULL; one = strtok_r(rest, " ", &rest)) {
        struct can_frame frame;
        cr_assert(can_frame_parse(one, &frame), "%s", one);
        bench->now_ns += SIM_MS(1);
        for (size_t i = 0; i < 2; i++) {
            struct isotp_watch_view watch;
            if (isotp_watch_on_frame(&bench->watches[i], &frame, &watch) &&
                (i == 0 || watch.channel != ISOTP_WATCH_FUNCTIONAL)) {
                const struct inject_view view = {
                    .frame = &frame, .sender = &bench->sender, .connection = i, .watch = &watch};
                bus_log_on_view(&bench->log, &view, bench->now_ns);
            }
        }
        bench->lines++;
    }
}

static void end(struct bench *bench)
{
    bus_log_release(&bench->log);
}

static void expect_bytes(const struct bench *bench, size_t message, const char *bytes, size_t len)
{
    const struct bus_message *of = &bench->log.messages[message];
    cr_assert_eq(of->data_len, len, "message %zu: %u bytes", message, of->data_len);
    cr_expect_eq(memcmp(bus_log_bytes(&bench->log, of), bytes, len), 0, "message %zu", message);
}

Test(bus_log, messages_of_two_ecus_and_both_directions_grow_side_by_side)
{
    struct bench bench;
    begin(&bench);
    hear(&bench, "7E0#100A360111121314 7E1#1008220102030405 7E8#300000 7E9#300000 "
                 "7E1#210607 7E0#2115161718 7E9#037F2231 7E8#027601");
    cr_assert_eq(bench.log.messages_len, 4u);
    cr_expect_eq(bench.complete, 4u);
    expect_bytes(&bench, 0, "\x36\x01\x11\x12\x13\x14\x15\x16\x17\x18", 10);
    expect_bytes(&bench, 1, "\x22\x01\x02\x03\x04\x05\x06\x07", 8);
    expect_bytes(&bench, 2, "\x7F\x22\x31", 3);
    expect_bytes(&bench, 3, "\x76\x01", 2);
    const struct bus_message *messages = bench.log.messages;
    cr_expect_eq(messages[0].connection, 0);
    cr_expect_eq(messages[1].connection, 1);
    cr_expect_eq(messages[0].line, 1u);
    cr_expect_eq(messages[3].line, 8u);
    cr_expect_eq(messages[0].begin_ns, SIM_MS(1));
    cr_expect_eq(messages[0].end_ns, SIM_MS(6));
    cr_expect_eq(messages[2].answers, 1u, "a refusal belongs to the request that it names");
    cr_expect_eq(messages[3].answers, 0u);
    cr_expect_eq(bench.log.done[0], 1u, "what ended first stands first");
    cr_expect_eq(bench.log.done[1], 0u);
    cr_expect_eq(bench.log.frames[2].message, 0u, "a flow control belongs to what it controls");
    cr_expect_eq(bench.log.frames[3].message, 1u);
    end(&bench);
}

Test(bus_log, a_message_that_is_begun_again_leaves_the_first_open_for_ever)
{
    struct bench bench;
    begin(&bench);
    hear(&bench, "7E0#100A360111121314 7E8#300000 7E0#100A360121222324 7E8#300000 "
                 "7E0#2125262728");
    cr_assert_eq(bench.log.messages_len, 2u);
    cr_expect_eq(bench.complete, 1u);
    cr_expect_eq(bench.log.messages[0].end_ns, SIM_NEVER);
    expect_bytes(&bench, 0, "\x36\x01\x11\x12\x13\x14", 6);
    expect_bytes(&bench, 1, "\x36\x01\x21\x22\x23\x24\x25\x26\x27\x28", 10);
    end(&bench);
}

Test(bus_log, a_functional_request_is_answered_by_each)
{
    struct bench bench;
    begin(&bench);
    hear(&bench, "7DF#028502 7E9#02C502 7E8#02C502 7E0#023E80 7DF#023E00 7E8#027E00");
    cr_assert_eq(bench.log.messages_len, 6u);
    cr_expect_eq(bench.log.messages[0].channel, ISOTP_WATCH_FUNCTIONAL);
    cr_expect_eq(bench.log.messages[1].answers, 0u);
    cr_expect_eq(bench.log.messages[2].answers, 0u);
    cr_expect_eq(bench.log.messages[5].answers, 4u);
    end(&bench);
}

Test(bus_log, frames_without_a_beginning_belong_to_no_message)
{
    struct bench bench;
    begin(&bench);
    hear(&bench, "7E0#2101020304 7E8#300000 123#0102 7E0#023E00");
    cr_expect_eq(bench.log.messages_len, 1u);
    cr_assert_eq(bench.log.frames_len, 3u);
    cr_expect_eq(bench.log.frames[0].message, BUS_LOG_NONE);
    cr_expect_eq(bench.log.frames[1].message, BUS_LOG_NONE);
    cr_expect_eq(bench.log.frames[2].line, 4u);
    end(&bench);
}
