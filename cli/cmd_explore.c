/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_explore.c - limphome explore: every power cut of an update. */
#include "cli/explore.h"

#include <string.h>

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

const char *const explore_styles[] = {"block", "s19-line", NULL};
const char *const explore_checks[] = {"sha1", "crc32", "sum8", NULL};
const char *const explore_resumes[] = {"full", "remaining", NULL};
static const char *const modes[] = {"log", "linear", "exhaustive", NULL};

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
    if (option == OPT_RESUME) {
        why = take_choice(value, explore_resumes, "must be full or remaining", &choice);
        a->power.world.resume = choice == 1 ? OTA_RESUME_REMAINING : OTA_RESUME_FULL_SEGMENT;
    } else {
        why = take_choice(value, modes, "must be log, linear or exhaustive", &choice);
        a->power.plan.mode = (enum explore_mode)choice;
    }
    return why;
}

static const char *take_count(struct explore_arguments *a, int option, const char *value)
{
    uint64_t number = 0;
    const char *why = NULL;
    if (option == OPT_DEPTH) {
        why = take_number(value, 1, EXPLORE_CUTS_MAX, "must be 1 or 2", &number);
        a->power.depth = (unsigned)number;
    } else if (option == OPT_JOBS) {
        why = take_number(value, 1, 256, "must be 1 to 256", &number);
        a->power.jobs = (size_t)number;
    } else {
        why = take_number(value, 1, UINT32_MAX, "must be 1 or more", &number);
        a->power.plan.sample = (size_t)number;
    }
    return why;
}

static const char *take_off(struct explore_arguments *a, const char *value)
{
    return cli_parse_duration(value, &a->power.world.off_ns) && a->power.world.off_ns > 0
               ? NULL
               : "must be a duration, such as 10ms or 2s";
}

static const char *take_point(struct explore_arguments *a, const char *value)
{
    a->point_text = value;
    return explore_path_parse(&a->point, value)
               ? NULL
               : "must be an id as a sweep prints it, such as f12.3 or f12.3+b1.0";
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct explore_arguments *a = arguments;
    struct vehicle_overrides *vehicle = &a->power.world.vehicle;
    switch (option) {
    case OPT_VEHICLE: return cli_parse_path(value, &a->power.world.vehicle_path);
    case OPT_SIZE: return take_size(a, value);
    case OPT_STYLE:
        return take_choice(value, explore_styles, "must be block or s19-line", &vehicle->transfer);
    case OPT_CHECK:
        return take_choice(value, explore_checks, "must be sha1, crc32 or sum8", &vehicle->check);
    case OPT_RESUME:
    case OPT_MODE: return take_way(a, option, value);
    case OPT_OFF: return take_off(a, value);
    case OPT_DEPTH:
    case OPT_SAMPLE:
    case OPT_JOBS: return take_count(a, option, value);
    case OPT_SEED: return cli_parse_seed(value, &a->power.world.seed);
    case OPT_NO_JOIN: a->power.no_join = true; return NULL;
    case OPT_POINT: return take_point(a, value);
    case OPT_OUT: return cli_parse_path(value, &a->power.world.trace_folder);
    case OPT_QUIET: a->quiet = true; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_explore_syntax = {"explore", help, "", options, take};

static const struct explore_command {
    const char *name;
    int (*run)(struct explore_arguments *a);
} kinds[] = {
    {"power", cli_explore_power},
};

static const struct explore_command *find_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static int parse(struct explore_arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_explore_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    a->kind = optind < argc ? find_kind(argv[optind]) : NULL;
    if (a->kind == NULL) {
        return cli_usage_error("explore", "say what is to be explored: power");
    }
    if (optind + 1 < argc) {
        return cli_usage_error("explore", "\"%s\" belongs to no option", argv[optind + 1]);
    }
    if (a->power.world.trace_folder != NULL && a->point_text == NULL) {
        return cli_usage_error("explore", "--out goes with --point");
    }
    return CLI_OK;
}

int cli_explore(int argc, char **argv)
{
    struct explore_arguments a = {
        .power = {.plan = {.mode = EXPLORE_EXHAUSTIVE}, .depth = 1},
        .point_text = NULL,
    };
    a.power.world = (struct explore_world_cfg){
        .image_bytes = EXPLORE_BYTES_DEFAULT, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    const int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    return a.kind->run(&a);
}
