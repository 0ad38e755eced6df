/* SPDX-License-Identifier: Apache-2.0 */
/* tests/core/test_real_time.c - the real driver. Nothing here depends on how fast the machine is:
 * it is only ever claimed that things do not happen too early, not in another order, and not at
 * all once the run has ended. */
#include "sim/real_time.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { NOTES_MAX = 32 };

struct rig {
    struct sim sim;
    struct real_time *driver;
    sim_ns_t start_ns; /* CLOCK_MONOTONIC, not after the start of the run. */
    int notes[NOTES_MAX];
    size_t notes_len;
};

struct probe {
    struct sim_event event;
    struct rig *rig;
    int number;
    sim_ns_t due_ns;
    void (*action)(struct rig *rig); /* May be null. */
};

static sim_ns_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return SIM_S((uint64_t)now.tv_sec) + (uint64_t)now.tv_nsec;
}

static void note(struct rig *rig, int number)
{
    cr_assert_lt(rig->notes_len, NOTES_MAX);
    rig->notes[rig->notes_len++] = number;
}

static void probe_run(struct sim *sim, void *ctx)
{
    const struct probe *probe = ctx;
    cr_expect_eq(sim->now_ns, probe->due_ns, "event %d saw another time than its own",
                 probe->number);
    cr_expect_geq(wall_ns() - probe->rig->start_ns, probe->due_ns, "event %d ran too early",
                  probe->number);
    note(probe->rig, probe->number);
    if (probe->action != NULL) {
        probe->action(probe->rig);
    }
}

static void plan(struct rig *rig, struct probe *probe, int number, sim_ns_t due_ns)
{
    *probe = (struct probe){.rig = rig, .number = number, .due_ns = due_ns};
    sim_event_init(&probe->event, SIM_NODE, probe_run, probe, NULL);
    sim_schedule(&rig->sim, &probe->event, due_ns);
}

static void rig_init(struct rig *rig)
{
    struct err err;
    *rig = (struct rig){0};
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1});
    rig->driver = real_time_new(&rig->sim, &err);
    cr_assert_not_null(rig->driver, "%s", err.text);
}

static enum real_time_end rig_run(struct rig *rig, sim_ns_t until_ns)
{
    rig->start_ns = wall_ns() - rig->sim.now_ns;
    return real_time_run(rig->driver, until_ns);
}

static void rig_release(struct rig *rig)
{
    real_time_free(rig->driver);
    sim_release(&rig->sim);
}

static void stop(struct rig *rig)
{
    sim_stop(&rig->sim);
}

static void dawdle(struct rig *rig)
{
    (void)rig;
    const sim_ns_t end_ns = wall_ns() + SIM_MS(20);
    while (wall_ns() < end_ns) {
    }
}

static void interrupt(struct rig *rig)
{
    (void)rig;
    raise(SIGINT);
}

Test(real_time, events_run_in_order_and_never_before_their_time, .timeout = 30)
{
    struct rig rig;
    struct probe probes[4];
    rig_init(&rig);
    plan(&rig, &probes[0], 0, SIM_MS(9));
    plan(&rig, &probes[1], 1, SIM_US(300));
    plan(&rig, &probes[2], 2, 0);
    plan(&rig, &probes[3], 3, SIM_US(300));
    cr_assert_eq(rig_run(&rig, SIM_MS(10)), REAL_TIME_REACHED);
    cr_assert_eq(rig.notes_len, 4);
    cr_assert_arr_eq(rig.notes, ((int[]){2, 1, 3, 0}), sizeof(int[4]));
    rig_release(&rig);
}

Test(real_time, a_run_lasts_as_long_as_it_shall_though_nothing_happens_and_goes_on_later,
     .timeout = 30)
{
    struct rig rig;
    struct probe probe;
    rig_init(&rig);
    cr_assert_eq(rig_run(&rig, SIM_MS(3)), REAL_TIME_REACHED);
    cr_assert_eq(rig.sim.now_ns, SIM_MS(3));
    cr_assert_geq(wall_ns() - rig.start_ns, SIM_MS(3));
    plan(&rig, &probe, 7, SIM_MS(5));
    cr_assert_eq(rig_run(&rig, SIM_MS(6)), REAL_TIME_REACHED);
    cr_assert_eq(rig.notes_len, 1);
    cr_assert_eq(rig.sim.now_ns, SIM_MS(6));
    rig_release(&rig);
}

Test(real_time, stop_ends_the_run_before_the_next_event, .timeout = 30)
{
    struct rig rig;
    struct probe probes[2];
    rig_init(&rig);
    plan(&rig, &probes[0], 0, SIM_MS(1));
    plan(&rig, &probes[1], 1, SIM_MS(1));
    probes[0].action = stop;
    cr_assert_eq(rig_run(&rig, SIM_NEVER), REAL_TIME_STOPPED);
    cr_assert_eq(rig.notes_len, 1);
    cr_assert(sim_event_pending(&probes[1].event));
    rig_release(&rig);
}

Test(real_time, late_events_run_at_once_see_their_own_time_and_are_counted, .timeout = 30)
{
    struct rig rig;
    struct probe probes[3];
    rig_init(&rig);
    plan(&rig, &probes[0], 0, 0);
    plan(&rig, &probes[1], 1, SIM_MS(5));
    plan(&rig, &probes[2], 2, SIM_MS(6));
    probes[0].action = dawdle;
    cr_assert_eq(rig_run(&rig, SIM_MS(7)), REAL_TIME_REACHED);
    cr_assert_eq(rig.notes_len, 3);
    const struct real_time_stats stats = real_time_stats(rig.driver);
    cr_expect_geq(stats.late, 2);
    cr_expect_leq(stats.late, 3);
    cr_expect_geq(stats.late_max_ns, SIM_MS(15));
    rig_release(&rig);
}

Test(real_time, a_signal_ends_the_run_cleanly, .timeout = 30)
{
    struct rig rig;
    struct probe probe;
    rig_init(&rig);
    plan(&rig, &probe, 0, SIM_MS(1));
    probe.action = interrupt;
    cr_assert_eq(rig_run(&rig, SIM_NEVER), REAL_TIME_SIGNAL);
    cr_assert_geq(rig.sim.now_ns, SIM_MS(1));
    rig_release(&rig);
}

struct reader {
    struct rig *rig;
    struct real_time_watch *watch;
    int fd;
    sim_ns_t at_ns;
};

static void on_input(void *ctx, sim_ns_t now_ns)
{
    struct reader *reader = ctx;
    char byte = 0;
    cr_assert_eq(read(reader->fd, &byte, 1), 1);
    cr_expect_eq(now_ns, reader->rig->sim.now_ns);
    reader->at_ns = now_ns;
    note(reader->rig, byte);
    if (byte == 'b') {
        sim_stop(&reader->rig->sim);
    }
}

struct writer {
    struct sim_event event;
    int fd;
    char byte;
};

static void write_byte(struct sim *sim, void *ctx)
{
    struct writer *writer = ctx;
    cr_assert_eq(write(writer->fd, &writer->byte, 1), 1);
    sim_schedule(sim, &writer->event, writer->byte == 'a' ? sim->now_ns + SIM_MS(2) : SIM_NEVER);
    writer->byte++;
}

Test(real_time, a_descriptor_is_served_after_what_was_due_before_it, .timeout = 30)
{
    struct rig rig;
    int ends[2];
    rig_init(&rig);
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    struct writer writer = {.fd = ends[1], .byte = 'a'};
    struct reader reader = {.rig = &rig, .fd = ends[0]};
    sim_event_init(&writer.event, SIM_NODE, write_byte, &writer, NULL);
    sim_schedule(&rig.sim, &writer.event, SIM_MS(1));
    reader.watch = real_time_add(rig.driver, ends[0], on_input, &reader);
    cr_assert_not_null(reader.watch);
    cr_assert_eq(rig_run(&rig, SIM_NEVER), REAL_TIME_STOPPED, "stopped from a descriptor's call");
    cr_assert_eq(rig.notes_len, 2);
    cr_assert_arr_eq(rig.notes, ((int[]){'a', 'b'}), sizeof(int[2]));
    cr_expect_geq(reader.at_ns, SIM_MS(3));
    real_time_remove(reader.watch);
    rig_release(&rig);
}

Test(real_time, a_descriptor_that_is_switched_off_waits, .timeout = 30)
{
    struct rig rig;
    int ends[2];
    rig_init(&rig);
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    struct reader reader = {.rig = &rig, .fd = ends[0]};
    reader.watch = real_time_add(rig.driver, ends[0], on_input, &reader);
    cr_assert_not_null(reader.watch);
    cr_assert_eq(write(ends[1], "b", 1), 1);
    real_time_enable(reader.watch, false);
    cr_assert_eq(rig_run(&rig, SIM_MS(3)), REAL_TIME_REACHED);
    cr_assert_eq(rig.notes_len, 0);
    real_time_enable(reader.watch, true);
    cr_assert_eq(rig_run(&rig, SIM_NEVER), REAL_TIME_STOPPED);
    cr_assert_eq(rig.notes_len, 1);
    real_time_remove(reader.watch);
    rig_release(&rig);
}
