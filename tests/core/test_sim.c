/* SPDX-License-Identifier: Apache-2.0 */
/* tests/core/test_sim.c - clock, order of events, cancelling, bounds; against a naive model too. */
#include "sim/prng.h"
#include "sim/sim.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { LOG_MAX = 64 };

struct rig {
    struct sim sim;
    struct sim_owner owner;
    int log[LOG_MAX];
    size_t log_len;
};

struct probe {
    struct sim_event event;
    struct rig *rig;
    int number;
    struct probe *cancels; /* Cancelled when this one runs, if not null. */
};

static void probe_run(struct sim *sim, void *ctx)
{
    struct probe *probe = ctx;
    cr_assert_lt(probe->rig->log_len, LOG_MAX);
    probe->rig->log[probe->rig->log_len++] = probe->number;
    if (probe->cancels) {
        sim_cancel(sim, &probe->cancels->event);
    }
}

static void rig_init(struct rig *rig, uint32_t cascade_max)
{
    *rig = (struct rig){0};
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1, .cascade_max = cascade_max});
}

static void probe_init(struct probe *probe, struct rig *rig, int number, enum sim_phase phase)
{
    *probe = (struct probe){.rig = rig, .number = number};
    sim_event_init(&probe->event, phase, probe_run, probe, &rig->owner);
}

static void expect_log(const struct rig *rig, const int *expected, size_t len)
{
    cr_assert_eq(rig->log_len, len, "%zu events ran, not %zu", rig->log_len, len);
    for (size_t i = 0; i < len; i++) {
        cr_expect_eq(rig->log[i], expected[i], "place %zu: event %d, not %d", i, rig->log[i],
                     expected[i]);
    }
}

#define EXPECT_LOG(rig, ...)                                                                       \
    expect_log(rig, (const int[]){__VA_ARGS__}, ARRAY_SIZE(((const int[]){__VA_ARGS__})))

Test(sim, events_run_by_due_time_then_phase_then_order_of_scheduling)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe[7];
    static const struct {
        enum sim_phase phase;
        sim_ns_t due_ns;
    } rows[] = {
        {SIM_NODE, 20}, {SIM_ARBITRATE, 10}, {SIM_NODE, 10},    {SIM_FAULT, 10},
        {SIM_NODE, 10}, {SIM_POWER, 10},     {SIM_DELIVER, 10},
    };
    for (int i = 0; i < 7; i++) {
        probe_init(&probe[i], &rig, i, rows[i].phase);
        sim_schedule(&rig.sim, &probe[i].event, rows[i].due_ns);
    }
    while (sim_step(&rig.sim)) {
    }
    EXPECT_LOG(&rig, 3, 5, 6, 2, 4, 1, 0);
    cr_expect_eq(rig.sim.events_run, 7);
    sim_release(&rig.sim);
}

Test(sim, rescheduling_moves_an_event_and_puts_it_behind_its_equals)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe[3];
    for (int i = 0; i < 3; i++) {
        probe_init(&probe[i], &rig, i, SIM_NODE);
        sim_schedule(&rig.sim, &probe[i].event, 10);
    }
    sim_schedule(&rig.sim, &probe[0].event, 10);
    sim_schedule(&rig.sim, &probe[2].event, 5);
    sim_run_until(&rig.sim, 100);
    EXPECT_LOG(&rig, 2, 1, 0);
    sim_release(&rig.sim);
}

Test(sim, a_cancelled_event_does_not_run_and_can_be_scheduled_again)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    cr_expect_not(sim_event_pending(&probe.event));
    sim_schedule(&rig.sim, &probe.event, 10);
    cr_expect(sim_event_pending(&probe.event));
    sim_cancel(&rig.sim, &probe.event);
    sim_cancel(&rig.sim, &probe.event);
    cr_expect_not(sim_event_pending(&probe.event));
    sim_run_until(&rig.sim, 20);
    cr_expect_eq(rig.log_len, 0);
    sim_schedule(&rig.sim, &probe.event, 20);
    sim_run_until(&rig.sim, 20);
    EXPECT_LOG(&rig, 1);
    sim_release(&rig.sim);
}

Test(sim, scheduling_for_never_cancels)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    sim_schedule(&rig.sim, &probe.event, 10);
    sim_schedule(&rig.sim, &probe.event, SIM_NEVER);
    cr_expect_not(sim_event_pending(&probe.event));
    cr_expect_not(sim_step(&rig.sim));
    sim_release(&rig.sim);
}

Test(sim, cancelling_an_owner_takes_all_its_events_and_no_others)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct sim_owner other = {0};
    struct probe probe[6];
    for (int i = 0; i < 6; i++) {
        probe_init(&probe[i], &rig, i, SIM_NODE);
        probe[i].event.owner = i % 2 == 0 ? &rig.owner : &other;
        sim_schedule(&rig.sim, &probe[i].event, (sim_ns_t)(10 + i));
    }
    sim_cancel(&rig.sim, &probe[2].event);
    sim_cancel_owner(&rig.sim, &rig.owner);
    cr_expect_null(rig.owner.first);
    sim_run_until(&rig.sim, 100);
    EXPECT_LOG(&rig, 1, 3, 5);
    cr_expect_null(other.first);
    sim_release(&rig.sim);
}

Test(sim, an_event_may_cancel_another_of_the_same_instant)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe[3];
    for (int i = 0; i < 3; i++) {
        probe_init(&probe[i], &rig, i, SIM_NODE);
        sim_schedule(&rig.sim, &probe[i].event, 10);
    }
    probe[0].cancels = &probe[1];
    sim_run_until(&rig.sim, 10);
    EXPECT_LOG(&rig, 0, 2);
    sim_release(&rig.sim);
}

static void cancel_owner_run(struct sim *sim, void *ctx)
{
    struct rig *rig = ctx;
    sim_cancel_owner(sim, &rig->owner);
}

Test(sim, an_event_may_cancel_its_own_owner)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    sim_schedule(&rig.sim, &probe.event, 10);
    struct sim_event off;
    sim_event_init(&off, SIM_POWER, cancel_owner_run, &rig, &rig.owner);
    sim_schedule(&rig.sim, &off, 10);
    sim_run_until(&rig.sim, 10);
    cr_expect_eq(rig.log_len, 0);
    cr_expect_null(rig.owner.first);
    sim_release(&rig.sim);
}

struct again {
    struct sim_event event;
    sim_ns_t step_ns;
    unsigned left;
};

static void again_run(struct sim *sim, void *ctx)
{
    struct again *again = ctx;
    if (--again->left > 0) {
        sim_schedule(sim, &again->event, sim->now_ns + again->step_ns);
    }
}

static void run_again(uint32_t cascade_max, unsigned times, sim_ns_t step_ns)
{
    struct sim sim;
    sim_init(&sim, &(struct sim_cfg){.cascade_max = cascade_max});
    struct again again = {.step_ns = step_ns, .left = times};
    sim_event_init(&again.event, SIM_NODE, again_run, &again, NULL);
    sim_schedule(&sim, &again.event, 5);
    sim_run_until(&sim, SIM_S(1));
    cr_assert_eq(sim.events_run, times);
    sim_release(&sim);
}

Test(sim, as_many_events_at_one_instant_as_the_bound_allows)
{
    run_again(100, 100, 0);
}

Test(sim, more_events_at_one_instant_than_the_bound_are_a_livelock, .signal = SIGABRT)
{
    run_again(100, 101, 0);
}

Test(sim, the_bound_starts_anew_when_time_moves)
{
    run_again(1, 1000, 1);
}

Test(sim, the_bound_is_100000_unless_told)
{
    run_again(0, 100000, 0);
}

Test(sim, beyond_the_default_bound_is_a_livelock, .signal = SIGABRT)
{
    run_again(0, 100001, 0);
}

Test(sim, scheduling_into_the_past_is_a_programming_error, .signal = SIGABRT)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    sim_run_until(&rig.sim, 100);
    sim_schedule(&rig.sim, &probe.event, 99);
}

Test(sim, run_until_includes_its_end_and_leaves_the_clock_there)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe[3];
    for (int i = 0; i < 3; i++) {
        probe_init(&probe[i], &rig, i, SIM_NODE);
        sim_schedule(&rig.sim, &probe[i].event, (sim_ns_t)(99 + i));
    }
    cr_expect_eq(sim_next_due_ns(&rig.sim), 99);
    sim_run_until(&rig.sim, 100);
    EXPECT_LOG(&rig, 0, 1);
    cr_expect_eq(rig.sim.now_ns, 100);
    cr_expect_eq(sim_next_due_ns(&rig.sim), 101);
    sim_run_until(&rig.sim, 500);
    cr_expect_eq(rig.sim.now_ns, 500);
    cr_expect_eq(sim_next_due_ns(&rig.sim), SIM_NEVER);
    sim_release(&rig.sim);
}

Test(sim, run_until_never_ends_with_the_last_event)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    sim_schedule(&rig.sim, &probe.event, 77);
    sim_run_until(&rig.sim, SIM_NEVER);
    EXPECT_LOG(&rig, 1);
    cr_expect_eq(rig.sim.now_ns, 77);
    sim_release(&rig.sim);
}

static void stop_run(struct sim *sim, void *ctx)
{
    (void)ctx;
    sim_stop(sim);
}

Test(sim, stop_returns_after_the_running_event_and_the_next_run_goes_on)
{
    struct rig rig;
    rig_init(&rig, 0);
    struct probe probe;
    probe_init(&probe, &rig, 1, SIM_NODE);
    struct sim_event stop;
    sim_event_init(&stop, SIM_FAULT, stop_run, NULL, NULL);
    sim_schedule(&rig.sim, &stop, 10);
    sim_schedule(&rig.sim, &probe.event, 10);
    sim_run_until(&rig.sim, 100);
    cr_expect_eq(rig.sim.now_ns, 10);
    cr_expect_eq(rig.log_len, 0);
    sim_run_until(&rig.sim, 100);
    EXPECT_LOG(&rig, 1);
    cr_expect_eq(rig.sim.now_ns, 100);
    sim_release(&rig.sim);
}

/* The model: an unsorted array, searched for the least (due, phase, order of scheduling). */
enum { MODEL_EVENTS = 200, MODEL_OWNERS = 4, MODEL_OPERATIONS = 100000 };

struct model_event {
    struct sim_event event;
    bool pending;
    sim_ns_t due_ns;
    uint64_t order;
    struct model *model;
    size_t number;
};

struct model {
    struct sim sim;
    struct prng prng;
    struct sim_owner owner[MODEL_OWNERS];
    struct model_event event[MODEL_EVENTS];
    uint64_t next_order;
    size_t ran;
};

static bool model_before(const struct model_event *a, const struct model_event *b)
{
    if (a->due_ns != b->due_ns) {
        return a->due_ns < b->due_ns;
    }
    if (a->event.phase != b->event.phase) {
        return a->event.phase < b->event.phase;
    }
    return a->order < b->order;
}

static struct model_event *model_first(struct model *model)
{
    struct model_event *first = NULL;
    for (size_t i = 0; i < MODEL_EVENTS; i++) {
        struct model_event *event = &model->event[i];
        if (event->pending && (!first || model_before(event, first))) {
            first = event;
        }
    }
    return first;
}

static void model_schedule(struct model *model, struct model_event *event)
{
    /* Few distinct times, so that phase and order decide often. */
    event->due_ns = model->sim.now_ns + prng_below(&model->prng, 8);
    event->order = model->next_order++;
    event->pending = true;
    sim_schedule(&model->sim, &event->event, event->due_ns);
}

static void model_cancel_owner(struct model *model, struct sim_owner *owner)
{
    for (size_t i = 0; i < MODEL_EVENTS; i++) {
        if (model->event[i].event.owner == owner) {
            model->event[i].pending = false;
        }
    }
    sim_cancel_owner(&model->sim, owner);
}

static void model_operate_some(struct model *model)
{
    struct model_event *event = &model->event[prng_below(&model->prng, MODEL_EVENTS)];
    uint64_t choice = prng_below(&model->prng, 500);
    if (choice < 430) {
        model_schedule(model, event);
    } else if (choice < 498) {
        sim_cancel(&model->sim, &event->event);
        event->pending = false;
    } else {
        model_cancel_owner(model, &model->owner[prng_below(&model->prng, MODEL_OWNERS)]);
    }
    cr_assert_eq(sim_event_pending(&event->event), event->pending);
}

/* Some events do nothing, some schedule themselves, others or both, and some cancel. */
static void model_event_run(struct sim *sim, void *ctx)
{
    (void)sim;
    struct model_event *event = ctx;
    struct model *model = event->model;
    cr_assert_not(sim_event_pending(&event->event));
    event->pending = false;
    model->ran = event->number;
    for (uint64_t left = prng_below(&model->prng, 3); left > 0; left--) {
        model_operate_some(model);
    }
}

static void model_step(struct model *model)
{
    const struct model_event *expected = model_first(model);
    const sim_ns_t due_ns = expected ? expected->due_ns : 0;
    model->ran = MODEL_EVENTS;
    bool stepped = sim_step(&model->sim);
    cr_assert_eq(stepped, expected != NULL);
    if (expected) {
        cr_assert_eq(model->ran, expected->number, "event %zu ran, not %zu", model->ran,
                     expected->number);
        cr_assert_eq(model->sim.now_ns, due_ns);
    }
}

static void model_operate(struct model *model)
{
    if (prng_below(&model->prng, 1000) < 562) {
        model_operate_some(model);
    } else {
        model_step(model);
    }
}

Test(sim, random_operations_match_a_naive_list)
{
    static struct model model;
    sim_init(&model.sim, &(struct sim_cfg){0});
    prng_init(&model.prng, 2024, "model");
    for (size_t i = 0; i < MODEL_EVENTS; i++) {
        struct model_event *event = &model.event[i];
        *event = (struct model_event){.model = &model, .number = i};
        /* Every fifth has no owner. */
        struct sim_owner *owner = i % 5 == 4 ? NULL : &model.owner[i % MODEL_OWNERS];
        sim_event_init(&event->event, (enum sim_phase)(i % (SIM_ARBITRATE + 1)), model_event_run,
                       event, owner);
    }
    for (unsigned i = 0; i < MODEL_OPERATIONS; i++) {
        model_operate(&model);
    }
    while (model_first(&model)) {
        model_step(&model);
    }
    cr_expect_gt(model.sim.events_run, MODEL_OPERATIONS / 4);
    cr_expect_not(sim_step(&model.sim));
    sim_release(&model.sim);
}
