/* SPDX-License-Identifier: Apache-2.0 */
/* sim/real_time.c - the real driver: the one place where libev is used. */
#include "sim/real_time.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct real_time {
    struct sim *sim;
    struct ev_loop *loop;
    int timer_fd; /* libev's own timers wait in whole milliseconds: four frames on the bus. */
    ev_io timer;
    ev_signal interrupt, terminate;
    bool signalled;
    sim_ns_t until_ns;
    sim_ns_t origin_ns; /* CLOCK_MONOTONIC at virtual time 0. */
    struct real_time_stats stats;
};

struct real_time_watch {
    ev_io io;
    struct real_time *driver;
    real_time_fn *fn;
    void *ctx;
};

static sim_ns_t monotonic_ns(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return SIM_S((uint64_t)now.tv_sec) + (uint64_t)now.tv_nsec;
}

static sim_ns_t elapsed_ns(const struct real_time *driver)
{
    return monotonic_ns() - driver->origin_ns;
}

static void note_lateness(struct real_time *driver, sim_ns_t due_ns)
{
    const sim_ns_t late_ns = elapsed_ns(driver) - due_ns;
    driver->stats.late += late_ns > REAL_TIME_LATE_NS;
    if (late_ns > driver->stats.late_max_ns) {
        driver->stats.late_max_ns = late_ns;
    }
}

/* Runs what is due at the instant of the call: should that take longer than it may, descriptors
 * and signals still get their turn. False: nothing more may happen in this run. */
static bool catch_up(struct real_time *driver)
{
    struct sim *sim = driver->sim;
    const sim_ns_t present_ns = sim_min_ns(elapsed_ns(driver), driver->until_ns);
    sim_ns_t due_ns = 0;
    while (!driver->signalled && !sim->stop_requested &&
           (due_ns = sim_next_due_ns(sim)) <= present_ns) {
        note_lateness(driver, due_ns);
        sim_step(sim);
    }
    if (driver->signalled || sim->stop_requested) {
        return false;
    }
    sim_run_until(sim, present_ns); /* Nothing is left but to set the clock. */
    return true;
}

static void on_timer(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    uint64_t expirations = 0;
    /* Reading silences the descriptor; what is due is seen by the clock. */
    CHECK(read(io->fd, &expirations, sizeof expirations) >= 0 || errno == EAGAIN);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)loop;
    (void)events;
    struct real_time *driver = watcher->data;
    driver->signalled = true;
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    struct real_time_watch *watch = io->data;
    struct real_time *driver = watch->driver;
    if (catch_up(driver)) {
        watch->fn(watch->ctx, driver->sim->now_ns);
    }
}

struct real_time *real_time_new(struct sim *sim, struct err *err)
{
    struct real_time *driver = calloc(1, sizeof *driver);
    if (driver == NULL) {
        err_set(err, ERR_NOMEM, "out of memory for the real-time driver");
        return NULL;
    }
    driver->sim = sim;
    driver->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    driver->loop = ev_loop_new(EVFLAG_AUTO);
    if (driver->timer_fd < 0 || driver->loop == NULL) {
        err_set(err, ERR_IO, "no timer for the real-time driver: %s", strerror(errno));
        real_time_free(driver);
        return NULL;
    }
    ev_io_init(&driver->timer, on_timer, driver->timer_fd, EV_READ);
    ev_io_start(driver->loop, &driver->timer);
    ev_signal_init(&driver->interrupt, on_signal, SIGINT);
    ev_signal_init(&driver->terminate, on_signal, SIGTERM);
    driver->interrupt.data = driver;
    driver->terminate.data = driver;
    return driver;
}

void real_time_free(struct real_time *driver)
{
    if (driver == NULL) {
        return;
    }
    if (driver->loop != NULL) {
        ev_loop_destroy(driver->loop);
    }
    if (driver->timer_fd >= 0) {
        close(driver->timer_fd);
    }
    free(driver);
}

struct real_time_watch *real_time_add(struct real_time *driver, int fd, real_time_fn *fn, void *ctx)
{
    struct real_time_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return NULL;
    }
    watch->driver = driver;
    watch->fn = fn;
    watch->ctx = ctx;
    ev_io_init(&watch->io, on_readable, fd, EV_READ);
    watch->io.data = watch;
    ev_io_start(driver->loop, &watch->io);
    return watch;
}

void real_time_remove(struct real_time_watch *watch)
{
    if (watch != NULL) {
        ev_io_stop(watch->driver->loop, &watch->io);
        free(watch);
    }
}

void real_time_enable(struct real_time_watch *watch, bool on)
{
    if (on) {
        ev_io_start(watch->driver->loop, &watch->io);
    } else {
        ev_io_stop(watch->driver->loop, &watch->io);
    }
}

/* Sets the alarm to the next event or to the end, whichever is first. */
static void arm(const struct real_time *driver)
{
    const sim_ns_t due_ns = sim_min_ns(sim_next_due_ns(driver->sim), driver->until_ns);
    struct itimerspec at = {.it_value = {0}}; /* All zero: no alarm. */
    if (due_ns != SIM_NEVER) {
        const sim_ns_t real_ns = driver->origin_ns + due_ns;
        at.it_value = (struct timespec){.tv_sec = (time_t)(real_ns / SIM_S(1)),
                                        .tv_nsec = (long)(real_ns % SIM_S(1))};
    }
    CHECK(timerfd_settime(driver->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
}

static void turn(struct real_time *driver)
{
    while (catch_up(driver) && driver->sim->now_ns < driver->until_ns) {
        arm(driver);
        ev_run(driver->loop, EVRUN_ONCE);
    }
}

enum real_time_end real_time_run(struct real_time *driver, sim_ns_t until_ns)
{
    CHECK(until_ns >= driver->sim->now_ns);
    driver->until_ns = until_ns;
    driver->signalled = false;
    driver->sim->stop_requested = false;
    ev_signal_start(driver->loop, &driver->interrupt);
    ev_signal_start(driver->loop, &driver->terminate);
    driver->origin_ns = monotonic_ns() - driver->sim->now_ns;
    turn(driver);
    ev_signal_stop(driver->loop, &driver->interrupt);
    ev_signal_stop(driver->loop, &driver->terminate);
    if (driver->signalled) {
        return REAL_TIME_SIGNAL;
    }
    return driver->sim->stop_requested ? REAL_TIME_STOPPED : REAL_TIME_REACHED;
}

struct real_time_stats real_time_stats(const struct real_time *driver)
{
    return driver->stats;
}
