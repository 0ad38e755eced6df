/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_explore.c - limphome explore: sweeps over an update. The tables of kinds and options. */
#include "cli/explore.h"

#include <string.h>

static const char help[] =
    "usage: limphome explore power|storage|faults [OPTION...]\n"
    "\n"
    "power: cuts the supply of an ECU before, in and after every flash command, every step of\n"
    "emulated EEPROM and every bus frame of an update, and judges each recovery. storage: lets\n"
    "each call of the master on its state folder fail in each way, and takes the master's power\n"
    "before, in and after it. faults: plays random schedules of faults, judges what becomes of "
    "the\n"
    "update, and makes a scenario of what goes wrong. docs/explore.md says more.\n"
    "\n"
    "The update:\n"
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
    "  --seed N              seed of all randomness (default 1)\n"
    "  --master FILE.json    the master: any program, by its adapter (docs/adapters.md); else the\n"
    "                        reference master inside limphome, which is faster\n"
    "\n"
    "The cuts:\n"
    "\n"
    "  --off DURATION        how long the supply is gone (default 10ms)\n"
    "  --mode log|linear|exhaustive\n"
    "                        log: operations 1, 2, 4, 8, ... of each kind; linear: each, before\n"
    "                        and after it; exhaustive: besides after 1/5 to 4/5 of it, and of\n"
    "                        flash after 7 and 93 % (default exhaustive)\n"
    "  --depth 1|2           2: cut the recovery after each cut likewise (default 1)\n"
    "  --sample N            only so many of them, drawn at random; at depth 2 so many pairs\n"
    "  --no-join             go through each recovery to its end, even if its state is known\n"
    "  --fork                a process for each recovery: slower, and the same result\n"
    "  --strict              a recovery that needs a retry is a failure of its own\n"
    "  --point ID            play that point alone, such as f12.3 or f12.3+b1.0: the kind of the\n"
    "                        operation (f, e, b), its number, and how many fifths of it have "
    "passed;\n"
    "                        6: 7 %, 7: 93 %. clean: no cut at all\n"
    "\n"
    "The state folder; --depth, --sample and --off likewise:\n"
    "\n"
    "  --with-power          pairs of a cut of the ECU (--off) and a loss of the master, in "
    "either\n"
    "                        order; goes with --sample\n"
    "  --master-off DURATION\n"
    "                        how long a loss of the master's power lasts (default 1s)\n"
    "  --point ID            such as w12.full or f12.3+w5.lost: the kind of the call (w, s, n, u, "
    "r,\n"
    "                        c, t, d), its number, and what happens at it\n"
    "\n"
    "The faults:\n"
    "\n"
    "  --schedules N         so many schedules (default 1000; with --time no limit)\n"
    "  --faults N|M-N        faults in a schedule (default 1-8)\n"
    "  --setting NAME,...    in these settings alone\n"
    "  --shrink N            with --out: so many that go wrong are made small, and written to\n"
    "                        FOLDER/scenarios as cases in Lua (default 3)\n"
    "  --point ID            play that schedule alone, such as s17\n"
    "\n"
    "The sweep:\n"
    "\n"
    "  --jobs N              processes side by side (default: one for each core)\n"
    "  --shard I/N           only part I of N, for as many machines; `limphome report` makes one\n"
    "                        sweep of all parts again\n"
    "  --time DURATION       end after so long, such as 10min\n"
    "  --out FOLDER          keep there report.html, junit.xml and results.json, and a journal by\n"
    "                        which the same command goes on. With --shard results-I-of-N.json\n"
    "                        instead of these three, so that all shards can share a folder. With\n"
    "                        --point bus.log, bus.pcapng, events.log, state.json and flash\n"
    "  --date TEXT           of the sweep, for the reports: no clock is asked\n"
    "  --quiet               say nothing unless it fails\n"
    "\n"
    "Exit code: 0 if every recovery is good, 1 if one is not, 2 for wrong use, 3 if something\n"
    "cannot be read or written, or the sweep was interrupted.\n";

enum { SHRINK_DEFAULT = 3 };

static const struct option options[] = {
    {"vehicle", required_argument, NULL, EXPLORE_OPT_VEHICLE},
    {"size", required_argument, NULL, EXPLORE_OPT_SIZE},
    {"style", required_argument, NULL, EXPLORE_OPT_STYLE},
    {"check", required_argument, NULL, EXPLORE_OPT_CHECK},
    {"resume", required_argument, NULL, EXPLORE_OPT_RESUME},
    {"seed", required_argument, NULL, EXPLORE_OPT_SEED},
    {"master", required_argument, NULL, EXPLORE_OPT_MASTER},
    {"off", required_argument, NULL, EXPLORE_OPT_OFF},
    {"master-off", required_argument, NULL, EXPLORE_OPT_MASTER_OFF},
    {"with-power", no_argument, NULL, EXPLORE_OPT_WITH_POWER},
    {"mode", required_argument, NULL, EXPLORE_OPT_MODE},
    {"depth", required_argument, NULL, EXPLORE_OPT_DEPTH},
    {"sample", required_argument, NULL, EXPLORE_OPT_SAMPLE},
    {"no-join", no_argument, NULL, EXPLORE_OPT_NO_JOIN},
    {"fork", no_argument, NULL, EXPLORE_OPT_FORK},
    {"schedules", required_argument, NULL, EXPLORE_OPT_SCHEDULES},
    {"faults", required_argument, NULL, EXPLORE_OPT_FAULTS},
    {"shrink", required_argument, NULL, EXPLORE_OPT_SHRINK},
    {"setting", required_argument, NULL, EXPLORE_OPT_SETTING},
    {"strict", no_argument, NULL, EXPLORE_OPT_STRICT},
    {"point", required_argument, NULL, EXPLORE_OPT_POINT},
    {"jobs", required_argument, NULL, EXPLORE_OPT_JOBS},
    {"shard", required_argument, NULL, EXPLORE_OPT_SHARD},
    {"time", required_argument, NULL, EXPLORE_OPT_TIME},
    {"out", required_argument, NULL, EXPLORE_OPT_OUT},
    {"date", required_argument, NULL, EXPLORE_OPT_DATE},
    {"quiet", no_argument, NULL, EXPLORE_OPT_QUIET},
    {"help", no_argument, NULL, EXPLORE_OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct cli_syntax cli_explore_syntax = {"explore", help, "", options, cli_explore_take};

/* A kind, and the options that belong to it. */
#define OPTION(name) (UINT64_C(1) << (EXPLORE_OPT_##name - EXPLORE_OPT_FIRST))
#define OF_UPDATE                                                                                  \
    (OPTION(VEHICLE) | OPTION(SIZE) | OPTION(STYLE) | OPTION(CHECK) | OPTION(RESUME) |             \
     OPTION(SEED) | OPTION(STRICT))
#define OF_CUTS    (OPTION(DEPTH) | OPTION(SAMPLE) | OPTION(OFF))
#define OF_PLAN    (OPTION(MODE) | OPTION(NO_JOIN) | OPTION(FORK))
#define OF_DRAW    (OPTION(SCHEDULES) | OPTION(FAULTS) | OPTION(SETTING) | OPTION(SHRINK))
#define OF_STORAGE (OPTION(WITH_POWER) | OPTION(MASTER_OFF))
#define OF_POINT   (OPTION(POINT) | OPTION(OUT) | OPTION(QUIET) | OPTION(HELP))
#define OF_SWEEP   (OPTION(JOBS) | OPTION(SHARD) | OPTION(TIME) | OPTION(DATE))

static const struct explore_command {
    const char *name;
    int (*run)(struct explore_arguments *a);
    uint64_t options;    /* As a set; */
    uint64_t with_point; /* and of these, with --point. */
} kinds[] = {
    {"power", cli_explore_power,
     OPTION(MASTER) | OF_UPDATE | OF_CUTS | OF_PLAN | OF_POINT | OF_SWEEP,
     OPTION(MASTER) | OF_UPDATE | OF_POINT | OPTION(OFF)},
    {"storage", cli_explore_storage,
     OPTION(MASTER) | OF_UPDATE | OF_CUTS | OF_STORAGE | OF_POINT | OF_SWEEP,
     OPTION(MASTER) | OF_UPDATE | OF_POINT | OPTION(OFF) | OPTION(MASTER_OFF)},
    {"faults", cli_explore_faults, OPTION(MASTER) | OF_UPDATE | OF_DRAW | OF_POINT | OF_SWEEP,
     OPTION(MASTER) | OF_UPDATE | OF_POINT | OPTION(FAULTS) | OPTION(SETTING)},
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

/* Null, or the first one given that is not in the set. */
static const char *stranger(const struct explore_arguments *a, uint64_t set)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        const uint64_t one = UINT64_C(1) << (options[i].val - EXPLORE_OPT_FIRST);
        if ((a->given & one) != 0 && (set & one) == 0) {
            return options[i].name;
        }
    }
    return NULL;
}

static int check_options(const struct explore_arguments *a)
{
    const char *name = stranger(a, a->kind->options);
    if (name != NULL) {
        return cli_usage_error("explore", "--%s is no option of \"explore %s\"", name,
                               a->kind->name);
    }
    if ((a->given & OPTION(SHRINK)) != 0 && a->out == NULL) {
        return cli_usage_error("explore",
                               "--shrink goes with --out FOLDER: there the scenarios are "
                               "written");
    }
    name = a->point_text != NULL ? stranger(a, a->kind->with_point) : NULL;
    if (name != NULL) {
        return cli_usage_error("explore", "--%s is for a sweep, and --point plays a single point",
                               name);
    }
    return CLI_OK;
}

static int no_kind(const char *given)
{
    char names[128] = "";
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const size_t len = strlen(names);
        const char *before = i == 0 ? "" : i + 1 < ARRAY_SIZE(kinds) ? ", " : " or ";
        (void)snprintf(&names[len], sizeof names - len, "%s%s", before, kinds[i].name);
    }
    return given != NULL
               ? cli_usage_error("explore", "\"%s\" is no kind of sweep: %s", given, names)
               : cli_usage_error("explore", "say what is to be explored: %s", names);
}

static int parse(struct explore_arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_explore_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    a->kind = optind < argc ? find_kind(argv[optind]) : NULL;
    if (a->kind == NULL) {
        return no_kind(optind < argc ? argv[optind] : NULL);
    }
    if (optind + 1 < argc) {
        return cli_usage_error("explore", "\"%s\" belongs to no option", argv[optind + 1]);
    }
    return check_options(a);
}

int cli_explore(int argc, char **argv)
{
    struct explore_arguments a = {
        .power = {.plan = {.mode = EXPLORE_EXHAUSTIVE}, .depth = 1},
        .point_text = NULL,
        .shrink = SHRINK_DEFAULT,
    };
    a.power.world = (struct explore_world_cfg){
        .image_bytes = EXPLORE_BYTES_DEFAULT, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1};
    const int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    CHECK(a.kind != NULL);
    return a.kind->run(&a);
}
