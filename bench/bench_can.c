/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench_can.c - what a CAN frame costs in wall time: measuring it, and sending it over a bus
 * with tracing off, with the digest, and with both logs. */
#include "sim/can/can_bus.h"
#include "sim/can/can_log.h"
#include "sim/can/can_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FRAMES = 1000000, FD_FRAMES = 100000, ROUNDS = 3 };

static double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Sends the next frame as soon as the last is confirmed, as a block transfer does. */
struct sender {
    struct can_node node;
    struct can_frame frame;
    uint32_t left;
};

static void send_next(struct sender *sender)
{
    if (sender->left > 0) {
        sender->left--;
        sender->frame.data[1]++;
        (void)can_node_send(&sender->node, &sender->frame);
    }
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)frame;
    (void)now_ns;
    send_next(ctx);
}

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)now_ns;
    uint32_t *sum = ctx;
    *sum += frame->data[1];
}

static double bus_round(struct trace *trace)
{
    static const struct can_node_ops sender_ops = {.on_confirm = on_confirm};
    static const struct can_node_ops receiver_ops = {.on_frame = on_frame};
    struct sim sim;
    struct can_bus bus;
    uint32_t sum = 0;
    struct can_node receiver;
    struct sender *sender = calloc(1, sizeof(*sender));
    CHECK(sender != NULL);
    sim_init(&sim, &(struct sim_cfg){.seed = 1, .trace = trace});
    can_bus_init(&bus, &sim, &(struct can_bus_cfg){.name = "can0", .nominal_bps = 500000});
    can_node_init(&sender->node,
                  &(struct can_node_cfg){.name = "master", .ops = &sender_ops, .ctx = sender});
    can_node_init(&receiver,
                  &(struct can_node_cfg){.name = "ecu", .ops = &receiver_ops, .ctx = &sum});
    can_bus_attach(&bus, &sender->node);
    can_bus_attach(&bus, &receiver);
    sender->frame = (struct can_frame){
        .id = 0x7E0, .len_bytes = 8, .data = {0x21, 0, 0x5A, 0x13, 0x9C, 0x42, 0xF0, 0x77}};
    sender->left = FRAMES;
    const double start_s = wall_s();
    send_next(sender);
    while (sim_step(&sim)) {
    }
    const double spent_s = wall_s() - start_s;
    CHECK(bus.stats.frames == FRAMES && sum != 0);
    can_bus_release(&bus);
    sim_release(&sim);
    free(sender);
    return spent_s * 1e9 / FRAMES;
}

static double bus_silent(void)
{
    return bus_round(NULL);
}

static double bus_digest(void)
{
    struct trace *trace = trace_new(true);
    const double ns = bus_round(trace);
    trace_free(trace);
    return ns;
}

static double bus_logs(void)
{
    struct err err = {0};
    struct trace *trace = trace_new(true);
    struct can_log *candump = can_log_open_candump("/dev/null", trace, &err);
    struct can_log *pcapng = can_log_open_pcapng("/dev/null", trace, &err);
    CHECK(candump != NULL && pcapng != NULL);
    const double ns = bus_round(trace);
    CHECK(can_log_close(candump, &err) == 0 && can_log_close(pcapng, &err) == 0);
    trace_free(trace);
    return ns;
}

static double measure(const char *text, uint32_t times)
{
    struct can_frame frame;
    uint64_t bits = 0;
    CHECK(can_frame_parse(text, &frame));
    const double start_s = wall_s();
    for (uint32_t i = 0; i < times; i++) {
        frame.data[1] = (uint8_t)i;
        frame.data[5] = (uint8_t)(i >> 8);
        bits += can_wire_measure(&frame).nominal_bits;
    }
    const double spent_s = wall_s() - start_s;
    CHECK(bits != 0);
    return spent_s * 1e9 / times;
}

static double measure_classic(void)
{
    return measure("7E0#21005A139C42F077", FRAMES);
}

static double measure_fd(void)
{
    return measure("7E0##1"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077"
                   "21005A139C42F077",
                   FD_FRAMES);
}

int main(void)
{
    static const struct {
        const char *name;
        double (*run)(void);
    } rows[] = {
        {"length of a classical frame of 8 bytes", measure_classic},
        {"length of an FD frame of 64 bytes", measure_fd},
        {"frame over a bus, no trace", bus_silent},
        {"frame over a bus, digest", bus_digest},
        {"frame over a bus, digest, candump and pcapng", bus_logs},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        double best_ns = rows[i].run();
        for (int round = 1; round < ROUNDS; round++) {
            const double ns = rows[i].run();
            best_ns = ns < best_ns ? ns : best_ns;
        }
        printf("%-48s %7.1f ns\n", rows[i].name, best_ns);
    }
    return 0;
}
