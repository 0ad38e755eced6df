/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_options.c - values of the options of limphome explore. */
#include "cli/explore.h"
#include "scenarios/explore/fault_schedule.h"

#include <inttypes.h>
#include <string.h>

enum { JOBS_MAX = 256 };

const char *const explore_styles[] = {"block", "s19-line", NULL};
const char *const explore_checks[] = {"sha1", "crc32", "sum8", NULL};
const char *const explore_resumes[] = {"full", "remaining", NULL};
const char *const explore_modes[] = {"log", "linear", "exhaustive", NULL};

static const char *take_choice(const char *text, const char *const *choices, const char *why,
                               int *value)
{
    *value = cli_parse_choice(text, choices);
    return *value >= 0 ? NULL : why;
}

static const char *take_number(const char *text, uint64_t min, uint64_t max, const char *why,
                               uint64_t *value)
{
    return cli_parse_u64(text, max, value) && *value >= min ? NULL : why;
}

static const char *take_size(struct explore_arguments *a, const char *text)
{
    uint64_t kb = 0;
    const char *why = take_number(text, 1, 256, "must be 1 to 256", &kb);
    a->power.world.image_bytes = (uint32_t)kb * 1024u;
    return why;
}

static const char *take_way(struct explore_arguments *a, int option, const char *value)
{
    int choice = 0;
    const char *why = NULL;
    if (option == EXPLORE_OPT_RESUME) {
        why = take_choice(value, explore_resumes, "must be full or remaining", &choice);
        a->power.world.resume = choice == 1 ? OTA_RESUME_REMAINING : OTA_RESUME_FULL_SEGMENT;
    } else {
        why = take_choice(value, explore_modes, "must be log, linear or exhaustive", &choice);
        a->power.plan.mode = (enum explore_mode)choice;
    }
    return why;
}

static const char *take_count(struct explore_arguments *a, int option, const char *value)
{
    uint64_t number = 0;
    const char *why = NULL;
    if (option == EXPLORE_OPT_DEPTH) {
        why = take_number(value, 1, EXPLORE_CUTS_MAX, "must be 1 or 2", &number);
        a->power.depth = (unsigned)number;
    } else if (option == EXPLORE_OPT_JOBS) {
        why = take_number(value, 1, JOBS_MAX, "must be 1 to 256", &number);
        a->sweep.jobs = (size_t)number;
    } else {
        why = take_number(value, 1, UINT32_MAX, "must be 1 or more", &number);
        a->power.plan.sample = (size_t)number;
    }
    return why;
}

static const char *take_duration(const char *value, uint64_t *ns)
{
    return cli_parse_duration(value, ns) && *ns > 0
               ? NULL
               : "must be a duration, such as 10ms, 2s or 10min";
}

/* "8" or "1-8". */
static const char *take_faults(struct explore_arguments *a, const char *value)
{
    static const char why[] = "must be 1 to 64, such as 40, or a range such as 1-8";
    char least[16];
    uint64_t min = 0;
    uint64_t max = 0;
    const char *dash = strchr(value, '-');
    const int len = dash != NULL ? (int)(dash - value) : (int)strlen(value);
    (void)snprintf(least, sizeof least, "%.*s", len, value);
    const char *bad = take_number(least, 1, FAULTS_MAX, why, &min);
    if (bad == NULL) {
        bad = take_number(dash != NULL ? dash + 1 : least, min, FAULTS_MAX, why, &max);
    }
    a->faults_min = (size_t)min;
    a->faults_max = (size_t)max;
    return bad;
}

/* "careful,liar". */
static const char *take_settings(struct explore_arguments *a, const char *value)
{
    a->settings = 0;
    while (true) {
        char name[32];
        const size_t len = strcspn(value, ",");
        (void)snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : 0), value);
        const int setting = fault_setting_find(name);
        if (setting < 0) {
            return "must be settings of docs/explore.md, such as sound,liar";
        }
        a->settings |= UINT32_C(1) << setting;
        if (value[len] == '\0') {
            return NULL;
        }
        value += len + 1;
    }
}

static const char *take_shrink(struct explore_arguments *a, const char *value)
{
    uint64_t number = 0;
    const char *why = take_number(value, 0, SWEEP_FAILURES_MAX, "must be 0 to 32", &number);
    a->shrink = (size_t)number;
    return why;
}

const char *cli_explore_take(void *arguments, int option, const char *value)
{
    struct explore_arguments *a = arguments;
    struct vehicle_overrides *vehicle = &a->power.world.vehicle;
    a->given |= UINT64_C(1) << (option - EXPLORE_OPT_FIRST);
    switch (option) {
    case EXPLORE_OPT_VEHICLE: return cli_parse_path(value, &a->power.world.vehicle_path);
    case EXPLORE_OPT_SIZE: return take_size(a, value);
    case EXPLORE_OPT_STYLE:
        return take_choice(value, explore_styles, "must be block or s19-line", &vehicle->transfer);
    case EXPLORE_OPT_CHECK:
        return take_choice(value, explore_checks, "must be sha1, crc32 or sum8", &vehicle->check);
    case EXPLORE_OPT_RESUME:
    case EXPLORE_OPT_MODE: return take_way(a, option, value);
    case EXPLORE_OPT_OFF: return take_duration(value, &a->power.world.off_ns);
    case EXPLORE_OPT_MASTER_OFF: return take_duration(value, &a->master_off_ns);
    case EXPLORE_OPT_WITH_POWER: a->with_power = true; return NULL;
    case EXPLORE_OPT_DEPTH:
    case EXPLORE_OPT_SAMPLE:
    case EXPLORE_OPT_JOBS: return take_count(a, option, value);
    case EXPLORE_OPT_MASTER: return cli_parse_path(value, &a->master);
    case EXPLORE_OPT_SEED: return cli_parse_seed(value, &a->power.world.seed);
    case EXPLORE_OPT_STRICT: a->power.world.strict = true; return NULL;
    case EXPLORE_OPT_NO_JOIN: a->power.no_join = true; return NULL;
    case EXPLORE_OPT_FORK: a->power.forks = true; return NULL;
    case EXPLORE_OPT_POINT: a->point_text = value; return NULL;
    case EXPLORE_OPT_SCHEDULES:
        return take_number(value, 1, UINT32_MAX, "must be 1 or more", &a->schedules);
    case EXPLORE_OPT_FAULTS: return take_faults(a, value);
    case EXPLORE_OPT_SETTING: return take_settings(a, value);
    case EXPLORE_OPT_SHRINK: return take_shrink(a, value);
    case EXPLORE_OPT_SHARD: return cli_parse_shard(value, &a->sweep.shard, &a->sweep.shards);
    case EXPLORE_OPT_TIME: return take_duration(value, &a->sweep.limit_ns);
    case EXPLORE_OPT_OUT: return cli_parse_path(value, &a->out);
    case EXPLORE_OPT_DATE: a->sweep.date = value; return NULL;
    case EXPLORE_OPT_QUIET: a->quiet = true; return NULL;
    default: a->help = true; return NULL;
    }
}

void cli_explore_print_update(FILE *out, const struct explore_arguments *a)
{
    const struct explore_world_cfg *world = &a->power.world;
    fprintf(out, " --size %u --resume %s --seed %" PRIu64, (unsigned)(world->image_bytes / 1024u),
            explore_resumes[world->resume == OTA_RESUME_REMAINING], world->seed);
    if (world->vehicle_path != NULL) {
        fputs(" --vehicle ", out);
        cli_shell_word(out, world->vehicle_path);
    }
    if (world->vehicle.transfer >= 0) {
        fprintf(out, " --style %s", explore_styles[world->vehicle.transfer]);
    }
    if (world->vehicle.check >= 0) {
        fprintf(out, " --check %s", explore_checks[world->vehicle.check]);
    }
    if (world->off_ns != 0) {
        fprintf(out, " --off %" PRIu64 "ns", world->off_ns);
    }
    if (a->master != NULL) {
        fputs(" --master ", out);
        cli_shell_word(out, a->master);
    }
    if (world->strict) {
        fputs(" --strict", out);
    }
}
