/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_bus_load.c - the share of the bus that background traffic takes, by a count of
 * its own over the log that candump users would read. */
#include "inject/bus_load.h"
#include "sim/can/can_log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BPS = 500000, SECONDS = 4 };

struct bench {
    struct sim sim;
    struct trace *trace;
    struct can_bus bus;
    struct can_node listener;
    struct bus_load load;
};

static struct bench bench;

static void begin(uint64_t seed)
{
    static const struct can_node_ops deaf = {.on_frame = NULL};
    bench.trace = trace_new(true);
    sim_init(&bench.sim, &(struct sim_cfg){.seed = seed, .trace = bench.trace});
    can_bus_init(&bench.bus, &bench.sim, &(struct can_bus_cfg){"can0", .nominal_bps = BPS});
    can_node_init(&bench.listener, &(struct can_node_cfg){.name = "listener", .ops = &deaf});
    can_bus_attach(&bench.bus, &bench.listener);
}

static void end(void)
{
    bus_load_stop(&bench.load);
    can_bus_release(&bench.bus);
    sim_release(&bench.sim);
    trace_free(bench.trace);
}

/* Bits of a classical data frame from the figures of the CAN 2.0 specification: the stuffed part is
 * SOF to the end of the CRC sequence, polynomial 4599; 10 bits without stuffing and an intermission
 * of 3 follow. */
struct bits {
    unsigned count, run, crc;
    int last;
};

static void put(struct bits *bits, int bit)
{
    if (bits->run == 5) {
        bits->count++;
        bits->last = !bits->last;
        bits->run = 1;
    }
    bits->run = bits->count > 0 && bit == bits->last ? bits->run + 1 : 1;
    bits->last = bit;
    bits->count++;
    const int top = (int)(bits->crc >> 14) & 1;
    bits->crc = (bits->crc << 1) & 0x7FFF;
    bits->crc ^= top != bit ? 0x4599 : 0;
}

static void put_all(struct bits *bits, uint32_t value, unsigned count)
{
    while (count-- > 0) {
        put(bits, (int)(value >> count) & 1);
    }
}

static unsigned bits_of(uint32_t id, bool ext, const uint8_t *data, unsigned len)
{
    struct bits bits = {.last = -1};
    put(&bits, 0);
    if (ext) {
        put_all(&bits, id >> 18, 11);
        put_all(&bits, 3, 2);
        put_all(&bits, id & 0x3FFFF, 18);
        put_all(&bits, 0, 3);
    } else {
        put_all(&bits, id, 11);
        put_all(&bits, 0, 3);
    }
    put_all(&bits, len, 4);
    for (unsigned i = 0; i < len; i++) {
        put_all(&bits, data[i], 8);
    }
    put_all(&bits, bits.crc, 15);
    return bits.count + (bits.run == 5) + 10 + 3;
}

/* "(1704067200.000226) can0 100#0011..." */
static unsigned bits_of_line(const char *line)
{
    uint8_t data[8];
    unsigned len = 0, byte;
    char id[16], hex[32] = "";
    cr_assert_geq(sscanf(line, "(%*[^)]) can0 %15[^#]#%31s", id, hex), 1, "%s", line);
    for (; sscanf(hex + 2 * (size_t)len, "%2x", &byte) == 1; len++) {
        data[len] = (uint8_t)byte;
    }
    return bits_of((uint32_t)strtoul(id, NULL, 16), strlen(id) == 8, data, len);
}

static double share_in(const char *path, double seconds)
{
    char line[128];
    double bits = 0;
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        bits += bits_of_line(line);
    }
    fclose(in);
    return bits / BPS / seconds;
}

static double play(const struct bus_load_cfg *cfg, uint64_t seed)
{
    char path[] = "/tmp/bus-load-XXXXXX";
    struct err err;
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    begin(seed);
    struct can_log *log = can_log_open_candump(path, bench.trace, &err);
    cr_assert_not_null(log, "%s", err.text);
    bus_load_start(&bench.load, &bench.bus, cfg);
    sim_run_until(&bench.sim, SIM_S(SECONDS));
    cr_assert_eq(can_log_close(log, &err), 0);
    const double share = share_in(path, SECONDS);
    unlink(path);
    return share;
}

static const struct bus_load_kind mix[] = {
    {.id = 0x010, .len_bytes = 8, .weight = 1},
    {.id = 0x3C0, .len_bytes = 3, .weight = 5},
    {.id = 0x18FEF100, .flags = CAN_FLAG_EXT, .len_bytes = 8, .weight = 2},
    {.id = 0x7F0, .len_bytes = 0, .weight = 2},
};

Test(bus_load, takes_the_share_of_the_bus_that_is_asked_for)
{
    static const uint32_t shares[] = {10, 100, 333, 600, 800, 950, 1000};
    for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
        for (uint32_t jitter = 0; jitter <= 1000; jitter += 500) {
            struct bus_load_cfg cfg = {
                .name = "load", .permille = shares[i], .jitter_permille = jitter};
            memcpy(cfg.kinds, mix, sizeof mix);
            cfg.kinds_len = ARRAY_SIZE(mix);
            const double share = play(&cfg, i + 1);
            const double wanted = shares[i] / 1000.0;
            cr_expect(share > wanted * 0.99 && share < wanted * 1.01,
                      "%u permille, jitter %u: %.5f", shares[i], jitter, share);
            cr_expect_eq(bench.load.refused, 0);
            end();
        }
    }
}

static void count_ids(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    unsigned *counts = ctx;
    for (size_t i = 0; i < ARRAY_SIZE(mix) && rec->kind == TRACE_CAN_FRAME; i++) {
        counts[i] += rec->arg[0] == mix[i].id;
    }
}

Test(bus_load, identifiers_come_by_their_weights)
{
    unsigned counts[ARRAY_SIZE(mix)] = {0}, all = 0;
    struct bus_load_cfg cfg = {.name = "load", .permille = 500, .kinds_len = ARRAY_SIZE(mix)};
    memcpy(cfg.kinds, mix, sizeof mix);
    begin(1);
    trace_subscribe(bench.trace, count_ids, counts);
    bus_load_start(&bench.load, &bench.bus, &cfg);
    sim_run_until(&bench.sim, SIM_S(SECONDS));
    for (size_t i = 0; i < ARRAY_SIZE(mix); i++) {
        all += counts[i];
    }
    for (size_t i = 0; i < ARRAY_SIZE(mix); i++) {
        const double share = counts[i] / (double)all * 10.0;
        cr_expect(share > mix[i].weight * 0.93 && share < mix[i].weight * 1.07, "%zu: %f", i,
                  share);
    }
    end();
}

Test(bus_load, jitter_is_the_same_for_a_seed_and_differs_between_seeds)
{
    struct trace_digest digests[3];
    for (uint64_t i = 0; i < 3; i++) {
        begin(i == 2 ? 2 : 1);
        bus_load_start(
            &bench.load, &bench.bus,
            &(struct bus_load_cfg){.name = "load", .permille = 300, .jitter_permille = 800});
        sim_run_until(&bench.sim, SIM_MS(100));
        digests[i] = trace_digest(bench.trace);
        end();
    }
    cr_expect_str_eq(digests[0].hex, digests[1].hex);
    cr_expect_str_neq(digests[0].hex, digests[2].hex);
}

Test(bus_load, keeps_to_its_window)
{
    begin(1);
    bus_load_start(
        &bench.load, &bench.bus,
        &(struct bus_load_cfg){
            .name = "load", .permille = 1000, .from_ns = SIM_MS(100), .until_ns = SIM_MS(300)});
    sim_run_until(&bench.sim, SIM_MS(100) - 1);
    cr_expect_eq(bench.bus.stats.frames, 0);
    sim_run_until(&bench.sim, SIM_MS(301));
    const uint64_t frames = bench.bus.stats.frames;
    const double busy = (double)bench.bus.stats.busy_ns / (double)SIM_MS(200);
    cr_expect(busy > 0.99 && busy < 1.01, "%f", busy);
    sim_run_until(&bench.sim, SIM_S(1));
    cr_expect_eq(bench.bus.stats.frames, frames);
    end();
}
