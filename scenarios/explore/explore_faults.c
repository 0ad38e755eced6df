/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_faults.c - the sweep over random schedules of faults. */
#include "scenarios/explore/explore_faults.h"

/* Schedules in a unit of work. */
enum { UNIT_SCHEDULES = 16 };
/* The map ends there; what comes later is put into its last bin. */
#define MAP_NS SIM_S(30)

enum { ROW_PLAYED, ROW_NOTHING, ROW_OTHER, ROW_DRAWN, ROW_FIRED = ROW_DRAWN + FAULT_FAMILIES };
enum { ROWS = ROW_FIRED + FAULT_FAMILIES };

#define SCHEDULES "schedules"
#define DRAWN     "faults that were drawn"
#define FIRED     "faults that took effect"
#define FAMILY_ROWS(heading)                                                                       \
    {heading, "of frames and messages", SWEEP_SUM, true},                                          \
        {heading, "of the bus", SWEEP_SUM, true},                                                  \
        {heading, "of the ECU's behaviour", SWEEP_SUM, true},                                      \
        {heading, "of the ECU's flash", SWEEP_SUM, true},                                          \
        {heading, "of the ECU's supply", SWEEP_SUM, true},                                         \
    {                                                                                              \
        heading, "of the master's store", SWEEP_SUM, true                                          \
    }

static const struct explore_row rows[ROWS] = {
    [ROW_PLAYED] = {SCHEDULES, "played", SWEEP_SUM, true},
    [ROW_NOTHING] = {SCHEDULES, "of these have tested nothing: none of their faults took effect",
                     SWEEP_SUM, true},
    [ROW_OTHER] = {SCHEDULES, "of these in another setting than the sound update", SWEEP_SUM, true},
    [ROW_DRAWN] = FAMILY_ROWS(DRAWN),
    [ROW_FIRED] = FAMILY_ROWS(FIRED),
};

static const struct explore_kind kind = {
    .name = "faults", .axis = "instant of the first fault", .rows = rows, .rows_len = ROWS};

struct sweep {
    const struct explore_faults_cfg *cfg;
    struct fault_draw_cfg draw;
    struct fault_play play;
    struct explore_map map;
};

struct fault_draw_cfg explore_faults_draw(const struct explore_faults_cfg *cfg)
{
    const bool given = cfg->faults_max != 0;
    const uint32_t all =
        cfg->guest != NULL ? fault_settings_for(cfg->guest->adapter->capabilities) : UINT32_MAX;
    return (struct fault_draw_cfg){.seed = cfg->world.seed,
                                   .min = given ? cfg->faults_min : EXPLORE_FAULTS_MIN,
                                   .max = given ? cfg->faults_max : EXPLORE_FAULTS_MAX,
                                   .settings = cfg->settings != 0 ? cfg->settings : all};
}

static void count_faults(struct explore_tally *tally, const struct fault_schedule *schedule,
                         const struct fault_outcome *outcome)
{
    tally->numbers[ROW_PLAYED]++;
    tally->numbers[ROW_NOTHING] += outcome->fired == 0 && schedule->setting == FAULT_SOUND;
    tally->numbers[ROW_OTHER] += schedule->setting != FAULT_SOUND;
    for (size_t i = 0; i < schedule->len; i++) {
        const enum fault_family family = fault_kinds[schedule->faults[i].kind].family;
        tally->numbers[ROW_DRAWN + (int)family]++;
        tally->numbers[ROW_FIRED + (int)family] += outcome->fired >> i & 1u;
    }
}

static int begin(void *ctx, void **worker, struct err *err)
{
    (void)ctx;
    *worker = explore_share(sizeof(struct fault_outcome));
    return *worker != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for an outcome");
}

static void end(void *ctx, void *worker)
{
    (void)ctx;
    explore_unshare(worker, sizeof(struct fault_outcome));
}

static int work(void *ctx, void *worker, struct explore_unit *unit, struct err *err)
{
    struct sweep *sweep = ctx;
    struct fault_outcome *outcome = worker;
    struct fault_schedule schedule;
    for (uint64_t i = 0; i < UNIT_SCHEDULES; i++) {
        const uint64_t number = unit->index * UNIT_SCHEDULES + i + 1;
        char id[FAULT_ID_CHARS];
        if (sweep->cfg->schedules != 0 && number > sweep->cfg->schedules) {
            break;
        }
        fault_schedule_draw(&schedule, &sweep->draw, number, &sweep->play.scope);
        const int rc = fault_play_try(&sweep->play, &schedule, outcome, err);
        if (rc != 0) {
            return rc;
        }
        const bool fired = outcome->first_ns != SIM_NEVER;
        fault_schedule_id(number, id);
        explore_unit_count(unit, (enum explore_verdict)outcome->verdict, outcome->invariants, id,
                           fired ? sim_min_ns(outcome->first_ns, MAP_NS - 1) : SIM_NEVER);
        count_faults(unit->tally, &schedule, outcome);
        explore_unit_progress(unit, 1);
    }
    return 0;
}

static uint64_t points_of(const struct explore_sweep_cfg *sweep, uint64_t schedules)
{
    uint64_t points = 0;
    for (uint64_t unit = 0; unit < sweep->units; unit++) {
        const uint64_t left = schedules - unit * UNIT_SCHEDULES;
        if (sweep->shards == 0 || unit % sweep->shards == sweep->shard - 1u) {
            points += left < UNIT_SCHEDULES ? left : UNIT_SCHEDULES;
        }
    }
    return points;
}

int explore_faults_run(const struct explore_faults_cfg *cfg, struct result_sweep *result,
                       struct err *err)
{
    struct sweep sweep = {.cfg = cfg, .draw = explore_faults_draw(cfg)};
    struct explore_sweep_cfg sweep_cfg = cfg->sweep;
    CHECK(cfg->schedules != 0 || cfg->sweep.limit_ns != 0);
    int rc = cfg->guest != NULL ? fault_play_init_guest(&sweep.play, &cfg->world, cfg->guest, err)
                                : fault_play_init(&sweep.play, &cfg->world, err);
    if (rc != 0) {
        return rc;
    }
    sweep_cfg.kind = &kind;
    sweep_cfg.units = (cfg->schedules + UNIT_SCHEDULES - 1) / UNIT_SCHEDULES;
    sweep_cfg.points = points_of(&sweep_cfg, cfg->schedules);
    explore_map_init(&sweep.map, 0, MAP_NS, EXPLORE_BINS);
    sweep_cfg.map = &sweep.map;
    sweep_cfg.begin = begin;
    sweep_cfg.work = work;
    sweep_cfg.end = end;
    sweep_cfg.ctx = &sweep;
    rc = explore_sweep_run(&sweep_cfg, result, err);
    (void)fault_play_release(&sweep.play, NULL);
    return rc;
}
