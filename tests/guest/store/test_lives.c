/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/test_lives.c - a master that loses its power: supervisor_stop(), and several
 * supervisors after each other on one simulation. */
#include "guest/af_can/af_can.h"
#include "guest/af_can/af_can_private.h"
#include "guest/supervisor.h"
#include "sim/trace.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIFE    LIMPHOME_BINARY_DIR "/tests/guest/store/life"
#define PRELOAD LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so"

enum { SEEN_MAX = 1024, LIVES = 3 };

/* One host on a bus with a peer that acknowledges and takes note. */
struct world {
    struct trace *trace;
    struct sim sim;
    struct can_bus bus;
    struct can_node peer;
    struct af_can *can;
    struct supervisor *master;
    struct sim_event cut;
    struct seen {
        sim_ns_t at_ns;
        uint32_t id;
        unsigned uptime_s;
    } seen[SEEN_MAX];
    size_t seen_len;
};

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct world *w = ctx;
    cr_assert_lt(w->seen_len, SEEN_MAX);
    struct seen *seen = &w->seen[w->seen_len++];
    *seen = (struct seen){.at_ns = now_ns, .id = frame->id};
    memcpy(&seen->uptime_s, frame->data, sizeof seen->uptime_s);
}

static void on_can_change(void *ctx, void *user)
{
    struct world *w = ctx;
    if (w->master) {
        supervisor_on_can_change(w->master, user);
    }
}

static void on_cut(struct sim *sim, void *ctx)
{
    struct world *w = ctx;
    (void)sim;
    supervisor_stop(w->master);
}

static void open_world(struct world *w)
{
    static const struct can_node_ops ops = {.on_frame = on_frame};
    *w = (struct world){.trace = trace_new(true)};
    sim_init(&w->sim, &(struct sim_cfg){.seed = 1, .trace = w->trace});
    can_bus_init(&w->bus, &w->sim, &(struct can_bus_cfg){.name = "can0", .nominal_bps = 500000});
    can_node_init(&w->peer, &(struct can_node_cfg){.name = "peer", .ops = &ops, .ctx = w});
    can_bus_attach(&w->bus, &w->peer);
    w->can = af_can_new(&(struct af_can_cfg){.sim = &w->sim, .on_change = on_can_change, .ctx = w});
    cr_assert_not_null(w->can);
    af_can_add_interface(w->can, &(struct af_can_interface_cfg){.name = "can0", .bus = &w->bus});
    sim_event_init(&w->cut, SIM_POWER, on_cut, w, NULL);
}

static void close_world(struct world *w)
{
    af_can_free(w->can);
    can_bus_detach(&w->bus, &w->peer);
    can_bus_release(&w->bus);
    sim_release(&w->sim);
    trace_free(w->trace);
}

static void boot(struct world *w, unsigned life)
{
    struct err err = {0};
    char number[12];
    snprintf(number, sizeof number, "%u", life);
    char *argv[] = {(char[]){LIFE}, number, NULL};
    struct supervisor_cfg cfg = {.sim = &w->sim,
                                 .can = w->can,
                                 .preload_path = PRELOAD,
                                 .booted_ns = w->sim.now_ns,
                                 .seed = life};
    w->master = supervisor_new(&cfg, &err);
    cr_assert(w->master && supervisor_start(w->master, argv, &err) == 0, "%s", err.text);
}

static enum supervisor_end run(struct world *w, sim_ns_t cut_ns)
{
    struct err err = {0};
    sim_schedule(&w->sim, &w->cut, cut_ns);
    enum supervisor_end end = supervisor_run(w->master, w->sim.now_ns + SIM_S(10), &err);
    cr_assert_neq(end, SUPERVISOR_FAILED, "%s", err.text);
    return end;
}

static void lose_power(struct world *w)
{
    supervisor_free(w->master);
    w->master = NULL;
    cr_assert_null(w->can->first, "a socket of the dead life is left");
    af_can_set_power(w->can, false);
}

/* Of this life; and the last instant at which one of its frames was seen. */
static size_t count(const struct world *w, unsigned life, sim_ns_t *last_ns)
{
    size_t len = 0;
    for (size_t i = 0; i < w->seen_len; i++) {
        if ((w->seen[i].id & 0xFF) == life) {
            len++;
            *last_ns = w->seen[i].at_ns;
            cr_assert_eq(w->seen[i].uptime_s, 1000, "uptime %u", w->seen[i].uptime_s);
        }
    }
    return len;
}

/* Three lives; the power is lost in the middle of the first two and comes back a second later. */
static void live(struct trace_digest *digest)
{
    static const sim_ns_t cuts_ns[LIVES] = {SIM_MS(50) + SIM_US(700), SIM_MS(75), SIM_NEVER};
    struct world *w = malloc(sizeof *w);
    cr_assert_not_null(w);
    open_world(w);
    for (unsigned life = 1; life <= LIVES; life++) {
        sim_ns_t cut_ns = cuts_ns[life - 1];
        cut_ns = cut_ns == SIM_NEVER ? SIM_NEVER : w->sim.now_ns + cut_ns;
        sim_ns_t last_ns = 0;
        boot(w, life);
        enum supervisor_end end = run(w, cut_ns);
        if (cut_ns == SIM_NEVER) {
            cr_assert_eq(end, SUPERVISOR_EXITED);
            cr_assert_eq(supervisor_exit_code(w->master), LIVES);
            supervisor_free(w->master);
            cr_assert_eq(count(w, life, &last_ns), 2 * 20 * 5);
            break;
        }
        cr_assert_eq(end, SUPERVISOR_STOPPED);
        cr_assert_eq(w->sim.now_ns, cut_ns);
        lose_power(w);
        sim_run_until(&w->sim, w->sim.now_ns + SIM_S(1));
        size_t len = count(w, life, &last_ns);
        cr_assert(len > 50 && len < 2 * 20 * 5, "%zu frames", len);
        cr_assert_leq(last_ns, cut_ns, "a frame of the dead life came later");
        af_can_set_power(w->can, true);
    }
    *digest = trace_digest(w->trace);
    close_world(w);
    free(w);
}

Test(lives, three_after_each_other_on_one_bus)
{
    struct trace_digest first;
    live(&first);
    for (int i = 1; i < 20; i++) {
        struct trace_digest again;
        live(&again);
        cr_assert_str_eq(again.hex, first.hex);
    }
}

/* Nothing is queued any more, so nothing may come; without the loss of the interfaces' power it
 * does. */
Test(lives, frames_in_the_interface_outlive_the_programs_alone)
{
    struct world *w = malloc(sizeof *w);
    sim_ns_t last_ns = 0;
    cr_assert_not_null(w);
    open_world(w);
    boot(w, 1);
    sim_ns_t cut_ns = SIM_MS(50) + SIM_US(700);
    cr_assert_eq(run(w, cut_ns), SUPERVISOR_STOPPED);
    supervisor_free(w->master);
    w->master = NULL;
    sim_run_until(&w->sim, w->sim.now_ns + SIM_S(1));
    count(w, 1, &last_ns);
    cr_assert_gt(last_ns, cut_ns);
    close_world(w);
    free(w);
}

Test(lives, a_stopped_run_goes_on_where_it_was)
{
    struct world *w = malloc(sizeof *w);
    struct trace_digest digests[2];
    cr_assert_not_null(w);
    for (int stops = 0; stops < 2; stops++) {
        open_world(w);
        boot(w, 2);
        for (int i = 1; stops && i <= 50; i++) {
            cr_assert_eq(run(w, (sim_ns_t)i * SIM_US(1700)), SUPERVISOR_STOPPED);
        }
        cr_assert_eq(run(w, SIM_NEVER), SUPERVISOR_EXITED);
        cr_assert_eq(supervisor_exit_code(w->master), 2);
        digests[stops] = trace_digest(w->trace);
        supervisor_free(w->master);
        w->master = NULL;
        close_world(w);
    }
    cr_assert_str_eq(digests[0].hex, digests[1].hex);
    free(w);
}
