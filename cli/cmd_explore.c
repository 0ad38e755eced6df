/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_explore.c - limphome explore: every power cut of an update. */
#include "cli/cli.h"
#include "cli/run_report.h"
#include "scenarios/engine/wall_clock.h"
#include "scenarios/explore/explore_power.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: limphome explore power [OPTION...]\n"
    "\n"
    "Cuts the supply of an ECU before, in and after every flash command, every step of emulated\n"
    "EEPROM and every bus frame of an update by the reference master, and judges each recovery.\n"
    "\n"
    "  --vehicle FILE.json   vehicle file (docs/formats.md); else the built-in vehicle. The first\n"
    "                        ECU is updated\n"
    "  --size KB             of the old and the new image, 1 to 256 (default 8)\n"
    "  --style block|s19-line\n"
    "                        style of the transfer; else as the vehicle file says\n"
    "  --check sha1|crc32|sum8\n"
    "                        check of a segment, likewise\n"
    "  --resume full|remaining\n"
    "                        what 34 announces when a segment is resumed (default full)\n"
    "  --off DURATION        how long the supply is gone (default 10ms)\n"
    "  --mode log|linear|exhaustive\n"
    "                        log: operations 1, 2, 4, 8, ... of each kind; linear: each, before\n"
    "                        and after it; exhaustive: each, before it, after 1/5 to 4/5 of it,\n"
    "                        after it, and of flash after 7 and 93 % (default exhaustive)\n"
    "  --depth 1|2           2: cut the recovery after each cut likewise (default 1)\n"
    "  --sample N            only so many of them, drawn at random; at depth 2 so many pairs\n"
    "  --seed N              seed of all randomness (default 1)\n"
    "  --jobs N              processes side by side (default: one for each core)\n"
    "  --no-join             go through each recovery to its end, even if its state is known\n"
    "  --point ID            play that point alone, such as f12.3 or f12.3+b1.0: the kind of the\n"
    "                        operation (f, e, b), its number, and how many fifths of it have "
    "passed;\n"
    "                        6: 7 %, 7: 93 %\n"
    "  --out FOLDER          with --point: write bus.log, bus.pcapng, events.log, state.json, "
    "flash\n"
    "  --quiet               say nothing unless it fails\n"
    "\n"
    "Exit code: 0 if every recovery is good, 1 if one is not, 2 for wrong use, 3 if something\n"
    "cannot be read or written, or the sweep was interrupted.\n";

enum option_id {
    OPT_VEHICLE = 256,
    OPT_SIZE,
    OPT_STYLE,
    OPT_CHECK,
    OPT_RESUME,
    OPT_OFF,
    OPT_MODE,
    OPT_DEPTH,
    OPT_SAMPLE,
    OPT_SEED,
    OPT_JOBS,
    OPT_NO_JOIN,
    OPT_POINT,
    OPT_OUT,
    OPT_QUIET,
    OPT_HELP
};

static const struct option options[] = {
    {"vehicle", required_argument, NULL, OPT_VEHICLE},
    {"size", required_argument, NULL, OPT_SIZE},
    {"style", required_argument, NULL, OPT_STYLE},
    {"check", required_argument, NULL, OPT_CHECK},
    {"resume", required_argument, NULL, OPT_RESUME},
    {"off", required_argument, NULL, OPT_OFF},
    {"mode", required_argument, NULL, OPT_MODE},
    {"depth", required_argument, NULL, OPT_DEPTH},
    {"sample", required_argument, NULL, OPT_SAMPLE},
    {"seed", required_argument, NULL, OPT_SEED},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"no-join", no_argument, NULL, OPT_NO_JOIN},
    {"point", required_argument, NULL, OPT_POINT},
    {"out", required_argument, NULL, OPT_OUT},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char *const styles[] = {"block", "s19-line", NULL};
static const char *const checks[] = {"sha1", "crc32", "sum8", NULL};
static const char *const resumes[] = {"full", "remaining", NULL};
static const char *const modes[] = {"log", "linear", "exhaustive", NULL};

struct arguments {
    struct explore_power_cfg cfg;
    struct explore_path point;
    const char *point_text;
    bool quiet, help;
    bool terminal;
    bool shown; /* A progress line stands there unfinished. */
};

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

static const char *take_size(struct arguments *a, const char *text)
{
    uint64_t kb = 0;
    const char *why = take_number(text, 1, 256, "must be 1 to 256", &kb);
    a->cfg.world.image_bytes = (uint32_t)kb * 1024u;
    return why;
}

static const char *take_way(struct arguments *a, int option, const char *value)
{
    int choice = 0;
    const char *why = NULL;
    if (option == OPT_RESUME) {
        why = take_choice(value, resumes, "must be full or remaining", &choice);
        a->cfg.world.resume = choice == 1 ? OTA_RESUME_REMAINING : OTA_RESUME_FULL_SEGMENT;
    } else {
        why = take_choice(value, modes, "must be log, linear or exhaustive", &choice);
        a->cfg.plan.mode = (enum explore_mode)choice;
    }
    return why;
}

static const char *take_count(struct arguments *a, int option, const char *value)
{
    uint64_t number = 0;
    const char *why = NULL;
    if (option == OPT_DEPTH) {
        why = take_number(value, 1, EXPLORE_CUTS_MAX, "must be 1 or 2", &number);
        a->cfg.depth = (unsigned)number;
    } else if (option == OPT_JOBS) {
        why = take_number(value, 1, 256, "must be 1 to 256", &number);
        a->cfg.jobs = (size_t)number;
    } else {
        why = take_number(value, 1, UINT32_MAX, "must be 1 or more", &number);
        a->cfg.plan.sample = (size_t)number;
    }
    return why;
}

static const char *take_off(struct arguments *a, const char *value)
{
    return cli_parse_duration(value, &a->cfg.world.off_ns) && a->cfg.world.off_ns > 0
               ? NULL
               : "must be a duration, such as 10ms or 2s";
}

static const char *take_point(struct arguments *a, const char *value)
{
    a->point_text = value;
    return explore_path_parse(&a->point, value)
               ? NULL
               : "must be an id as a sweep prints it, such as f12.3 or f12.3+b1.0";
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    struct vehicle_overrides *vehicle = &a->cfg.world.vehicle;
    switch (option) {
    case OPT_VEHICLE: return cli_parse_path(value, &a->cfg.world.vehicle_path);
    case OPT_SIZE: return take_size(a, value);
    case OPT_STYLE:
        return take_choice(value, styles, "must be block or s19-line", &vehicle->transfer);
    case OPT_CHECK:
        return take_choice(value, checks, "must be sha1, crc32 or sum8", &vehicle->check);
    case OPT_RESUME:
    case OPT_MODE: return take_way(a, option, value);
    case OPT_OFF: return take_off(a, value);
    case OPT_DEPTH:
    case OPT_SAMPLE:
    case OPT_JOBS: return take_count(a, option, value);
    case OPT_SEED: return cli_parse_seed(value, &a->cfg.world.seed);
    case OPT_NO_JOIN: a->cfg.no_join = true; return NULL;
    case OPT_POINT: return take_point(a, value);
    case OPT_OUT: return cli_parse_path(value, &a->cfg.world.trace_folder);
    case OPT_QUIET: a->quiet = true; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_explore_syntax = {"explore", help, "", options, take};

static int parse(struct arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_explore_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    if (optind >= argc || strcmp(argv[optind], "power") != 0) {
        return cli_usage_error("explore", "say what is to be explored: power");
    }
    if (optind + 1 < argc) {
        return cli_usage_error("explore", "\"%s\" belongs to no option", argv[optind + 1]);
    }
    if (a->cfg.world.trace_folder != NULL && a->point_text == NULL) {
        return cli_usage_error("explore", "--out goes with --point");
    }
    return CLI_OK;
}

static void show_progress(void *ctx, size_t done, size_t all)
{
    struct arguments *a = ctx;
    if (a->terminal && !a->quiet) {
        fprintf(stdout, "\r%zu of %zu cuts, %zu left ", done, all, all - done);
        fflush(stdout);
        a->shown = true;
    }
}

/* The options that make a point what it is. */
static void print_replay(const struct arguments *a, const char *id)
{
    const struct explore_world_cfg *world = &a->cfg.world;
    printf("limphome explore power --size %u --resume %s --seed %" PRIu64,
           (unsigned)(world->image_bytes / 1024u), resumes[world->resume == OTA_RESUME_REMAINING],
           world->seed);
    if (world->vehicle_path != NULL) {
        printf(" --vehicle %s", world->vehicle_path);
    }
    if (world->vehicle.transfer >= 0) {
        printf(" --style %s", styles[world->vehicle.transfer]);
    }
    if (world->vehicle.check >= 0) {
        printf(" --check %s", checks[world->vehicle.check]);
    }
    if (world->off_ns != 0) {
        printf(" --off %" PRIu64 "ns", world->off_ns);
    }
    printf(" --point %s\n", id);
}

static void print_row(uint64_t number, const char *text)
{
    printf("  %10" PRIu64 "  %s\n", number, text);
}

static void print_counts(const struct explore_plan_counts *counts, const char *title)
{
    printf("%s\n", title);
    print_row(
        counts->points,
        "points: each operation before, after 1/5 to 4/5, after; of flash also after 7 and 93 %");
    const struct {
        uint64_t number;
        const char *text;
    } rows[] = {
        {counts->not_in_mode, "left out: not in this mode"},
        {counts->no_supply, "left out: the ECU has no supply then"},
        {counts->same_instant, "left out: another point has the same instant"},
        {counts->not_drawn, "left out: not in the sample"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].number != 0) {
            print_row(rows[i].number, rows[i].text);
        }
    }
    print_row(counts->cuts, "cuts");
}

static void print_failures(const struct arguments *a, const struct explore_tally *tally)
{
    const uint64_t listed =
        tally->failures_len < EXPLORE_FAILURES_MAX ? tally->failures_len : EXPLORE_FAILURES_MAX;
    for (uint64_t i = 0; i < listed; i++) {
        char id[EXPLORE_ID_CHARS];
        const struct explore_failure *failure = &tally->failures[i];
        explore_path_print(&failure->path, id);
        printf("%s%s%s: %s: ", cli_on(stdout, CLI_BAD),
               explore_verdict_text((enum explore_verdict)failure->verdict), cli_off(stdout), id);
        print_replay(a, id);
    }
    if (tally->failures_len > listed) {
        printf("and %" PRIu64 " more\n", tally->failures_len - listed);
    }
}

static void print_result(const struct arguments *a, const struct explore_power_result *result)
{
    const struct explore_tally *tally = &result->tally;
    printf("operations of the update\n");
    for (int kind = 0; kind < EXPLORE_OP_KINDS; kind++) {
        print_row(result->ops[kind], explore_op_kind_text((enum explore_op_kind)kind));
    }
    print_counts(&tally->counts[0], a->cfg.depth > 1 ? "first cuts" : "cuts");
    if (a->cfg.depth > 1) {
        print_counts(&tally->counts[1], "second cuts, in the recoveries after these");
        print_row(tally->recoveries_joined, "recoveries swept up to a state that was swept before");
    }
    printf("recoveries\n");
    print_row(tally->tried, "tried");
    print_row(result->states, result->states_full ? "or more different states of flash after them"
                                                  : "different states of flash after them");
    print_row(tally->same_world,
              "not gone through: nothing but the clock has moved since the last");
    print_row(tally->joined, "not gone through to the end: from a state whose end was known");
    printf("verdicts\n");
    for (int i = 0; i < EXPLORE_VERDICT_COUNT; i++) {
        const enum explore_verdict verdict = (enum explore_verdict)i;
        if (tally->verdicts[i] != 0 || i == EXPLORE_BRICKED || i == EXPLORE_FALSE_SUCCESS) {
            printf("  %10" PRIu64 "  %s: %s\n", tally->verdicts[i], explore_verdict_text(verdict),
                   explore_verdict_meaning(verdict));
        }
    }
    print_failures(a, tally);
}

static int sweep(struct arguments *a)
{
    struct explore_power_result result;
    struct err err = {.code = 0};
    const uint64_t start_ns = wall_clock_ns();
    a->cfg.on_progress = show_progress;
    a->cfg.ctx = a;
    a->cfg.give_up = cli_catch_interrupts();
    a->terminal = isatty(STDOUT_FILENO) != 0;
    const int rc = explore_power_run(&a->cfg, &result, &err);
    const double spent_s = (double)(wall_clock_ns() - start_ns) / 1e9;
    if (a->shown) {
        printf("\r\033[K");
    }
    if (rc != 0) {
        explore_power_result_release(&result);
        return cli_error(&err);
    }
    const bool good = result.tally.failures_len == 0;
    if (!a->quiet || !good) {
        print_result(a, &result);
    }
    if (a->terminal && !a->quiet) {
        printf("%.1f s, %.0f recoveries a second\n", spent_s,
               (double)result.tally.tried / (spent_s > 0 ? spent_s : 1));
    }
    if (result.interrupted) {
        fprintf(stderr, "limphome explore: interrupted; what stands above is not complete\n");
    }
    explore_power_result_release(&result);
    return result.interrupted ? CLI_ENVIRONMENT : good ? CLI_OK : CLI_NOT_AS_WANTED;
}

static int point(struct arguments *a)
{
    struct explore_outcome outcome;
    struct err err = {.code = 0};
    const int rc = explore_power_point(&a->cfg.world, &a->point, &outcome, &err);
    if (rc != 0) {
        return cli_error(&err);
    }
    const enum explore_verdict verdict = (enum explore_verdict)outcome.verdict;
    const bool good = explore_verdict_good(verdict);
    if (!a->quiet || !good) {
        printf("point    %s\n", a->point_text);
        printf("verdict  %s: %s\n", explore_verdict_text(verdict),
               explore_verdict_meaning(verdict));
        printf("state    %016" PRIx64 " of flash after the cut\n", outcome.state);
        printf("digest   %016" PRIx64 " of the run\n", outcome.digest);
    }
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_explore(int argc, char **argv)
{
    struct arguments a = {
        .cfg = {.plan = {.mode = EXPLORE_EXHAUSTIVE}, .depth = 1},
        .point_text = NULL,
    };
    a.cfg.world = (struct explore_world_cfg){
        .image_bytes = EXPLORE_BYTES_DEFAULT, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    const int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    return a.point_text != NULL ? point(&a) : sweep(&a);
}
