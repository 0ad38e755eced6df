/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench_core.c - what the bare core costs: one event through the queue, one trace record.
 *
 * Prints the median of several rounds and its ratio to a target. The targets leave most of the
 * 250 ns that one CAN frame may cost altogether to the models. */
#include "sim/prng.h"
#include "sim/sim.h"
#include "sim/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, OPERATIONS = 2000000, EVENTS_MAX = 4096 };

static double wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Median cost of one operation; a round does OPERATIONS of them. */
static double median_ns(void (*round)(void *ctx), void *ctx)
{
    double cost[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        double start_ns = wall_ns();
        round(ctx);
        cost[i] = (wall_ns() - start_ns) / OPERATIONS;
    }
    qsort(cost, ROUNDS, sizeof(cost[0]), compare_doubles);
    return cost[ROUNDS / 2];
}

static void report(const char *what, double cost_ns, double target_ns)
{
    printf("%-46s %6.1f ns   %6.1f million/s   %.2f x the target of %.0f ns\n", what, cost_ns,
           1000.0 / cost_ns, cost_ns / target_ns, target_ns);
}

/* As a simulation uses the queue: each event that runs schedules itself again a little later. */
struct queue_load {
    struct sim sim;
    struct prng prng;
    struct sim_owner owner;
    struct sim_event event[EVENTS_MAX];
    sim_ns_t delay_ns[256];
    size_t next_delay;
};

static void load_event(struct sim *sim, void *ctx)
{
    struct sim_event *event = ctx;
    struct queue_load *load = container_of(sim, struct queue_load, sim);
    sim_schedule(sim, event, sim->now_ns + load->delay_ns[load->next_delay++ & 255]);
}

static void queue_round(void *ctx)
{
    struct queue_load *load = ctx;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        sim_step(&load->sim);
    }
}

static void bench_queue(struct queue_load *load, size_t pending)
{
    *load = (struct queue_load){0};
    sim_init(&load->sim, &(struct sim_cfg){0});
    prng_init(&load->prng, 1, "bench");
    for (size_t i = 0; i < ARRAY_SIZE(load->delay_ns); i++) {
        load->delay_ns[i] = 1 + prng_below(&load->prng, SIM_US(250));
    }
    for (size_t i = 0; i < pending; i++) {
        struct sim_event *event = &load->event[i];
        sim_event_init(event, (enum sim_phase)(i % 5), load_event, event, &load->owner);
        sim_schedule(&load->sim, event, prng_below(&load->prng, SIM_US(250)));
    }
    char what[64];
    snprintf(what, sizeof(what), "schedule and run, %zu events pending", pending);
    report(what, median_ns(queue_round, load), 50);
    sim_release(&load->sim);
}

static void trace_round(void *ctx)
{
    struct trace *trace = ctx;
    static const uint8_t bytes[8] = {0x02, 0x10, 0x03};
    uint64_t args[TRACE_ARGS] = {0x7E0, 0, 1, 0};
    for (unsigned i = 0; i < OPERATIONS; i++) {
        args[3] = 108 + (i & 15);
        trace_emit(trace, SIM_US(230) * i, TRACE_CAN_FRAME, 0, args, bytes, sizeof(bytes));
    }
}

static void print_rec(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    trace_print(ctx, trace, rec);
}

static void bench_trace(const char *what, bool digest, FILE *out, double target_ns)
{
    struct trace *trace = trace_new(digest);
    CHECK(trace != NULL);
    trace_source(trace, "can0");
    if (out) {
        trace_subscribe(trace, print_rec, out);
    }
    report(what, median_ns(trace_round, trace), target_ns);
    trace_free(trace);
}

int main(void)
{
    struct queue_load *load = malloc(sizeof(*load));
    FILE *out = fopen("/dev/null", "w");
    CHECK(load != NULL && out != NULL);
    bench_queue(load, 4);
    bench_queue(load, 16);
    bench_queue(load, 64);
    bench_queue(load, EVENTS_MAX);
    bench_trace("CAN frame record, nobody listens", false, NULL, 2);
    bench_trace("CAN frame record, digest", true, NULL, 60);
    bench_trace("CAN frame record, digest and text line", true, out, 250);
    fclose(out);
    free(load);
    return 0;
}
