/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_exec.c - limphome exec: an unmodified program on a simulated vehicle. */
#include "cli/cli.h"
#include "scenarios/engine/guest_run.h"
#include "scenarios/engine/wall_clock.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: limphome exec [OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs an unmodified program, and all that it starts, as a node on the CAN buses of a "
    "simulated\n"
    "vehicle, in virtual time: it may sleep and wait for hours and is done in seconds. It needs\n"
    "neither CAN in the kernel nor root. Its CAN interfaces are the buses of the vehicle, by "
    "name.\n"
    "docs/guests.md is the manual.\n"
    "\n"
    "  --vehicle FILE.json   vehicle file (docs/formats.md); default: the built-in vehicle, one "
    "ECU\n"
    "                        at 7E0/7E8 on can0, which is also vcan0\n"
    "  --image OLD.s19       what the first ECU runs at first; default: see the vehicle file\n"
    "  --alias NAME=BUS      a further name for the interface of a bus: slcan0=can0; at most 8\n"
    "  --cut AT[:DURATION]   cuts the supply of the first ECU at AT, a time since the start, for\n"
    "                        DURATION (default 1s): --cut 3s:500ms\n"
    "  --brownout WHAT       lowers its supply: time=3s,level=3600mV,for=1500ms[,ramp=20ms]; at\n"
    "                        most 8 faults in all\n"
    "  --for DURATION        ends the run after so much virtual time: 10s, 5min. Default: it ends\n"
    "                        with the program, or after 7 days\n"
    "  --until-exit          ends the run with the program, however long that takes\n"
    "  --seed N              seed of all randomness (default 1)\n"
    "  --trace FOLDER        writes bus.log, bus.pcapng, events.log, state.json and flash images,\n"
    "                        and prints the digest\n"
    "  --calls               also writes calls.log, the system calls of the guests; slower, as\n"
    "                        each frame is a call then\n"
    "  --realtime            clocks and waits are the machine's; only the buses are simulated\n"
    "  --no-preload          puts no library into the program: looks at the clock and frames are\n"
    "                        system calls then, slower and with the same result\n"
    "\n"
    "Exit code: the program's, or 128 plus the signal that ended it; 126 or 127 if it cannot be\n"
    "started; 0 when --for ends the run; 120 if all guests wait for something that can never "
    "come,\n"
    "if the 7 days are over, or if a fault never began; 2 for wrong use; 3 if guests cannot run\n"
    "here (`limphome doctor` tells why).\n";

enum option_id {
    OPT_VEHICLE = 256,
    OPT_IMAGE,
    OPT_ALIAS,
    OPT_CUT,
    OPT_BROWNOUT,
    OPT_UNTIL_EXIT,
    OPT_FOR,
    OPT_SEED,
    OPT_TRACE,
    OPT_CALLS,
    OPT_REALTIME,
    OPT_NO_PRELOAD,
    OPT_HELP
};

static const struct option options[] = {
    {"vehicle", required_argument, NULL, OPT_VEHICLE},
    {"image", required_argument, NULL, OPT_IMAGE},
    {"alias", required_argument, NULL, OPT_ALIAS},
    {"cut", required_argument, NULL, OPT_CUT},
    {"brownout", required_argument, NULL, OPT_BROWNOUT},
    {"until-exit", no_argument, NULL, OPT_UNTIL_EXIT},
    {"for", required_argument, NULL, OPT_FOR},
    {"seed", required_argument, NULL, OPT_SEED},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"calls", no_argument, NULL, OPT_CALLS},
    {"realtime", no_argument, NULL, OPT_REALTIME},
    {"no-preload", no_argument, NULL, OPT_NO_PRELOAD},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { ALIAS_CAP = 16, EXIT_STUCK = 120, EXIT_INTERRUPTED = 130 };

/* A program that waits for what never comes, on a bus with cyclic messages, would fill the disk
 * with its trace. */
#define DEFAULT_LIMIT_NS SIM_S(7 * 24 * 3600)

struct arguments {
    struct guest_run_cfg run;
    struct cli_faults faults;
    char alias_names[GUEST_RUN_ALIASES_MAX][ALIAS_CAP];
    bool no_preload, help;
};

static const char *take_alias(struct arguments *a, const char *text)
{
    const size_t len = strcspn(text, "=");
    if (len == 0 || len >= ALIAS_CAP || text[len] == '\0' || text[len + 1] == '\0') {
        return "must be NAME=BUS with a name of at most 15 characters, for example slcan0=can0";
    }
    if (a->run.aliases_len == GUEST_RUN_ALIASES_MAX) {
        return "one too many: at most 8 aliases";
    }
    char *name = a->alias_names[a->run.aliases_len];
    memcpy(name, text, len);
    name[len] = '\0';
    a->run.aliases[a->run.aliases_len++] =
        (struct guest_run_alias){.name = name, .bus = &text[len + 1]};
    return NULL;
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_VEHICLE: return cli_parse_path(value, &a->run.vehicle.path);
    case OPT_IMAGE: return cli_parse_path(value, &a->run.vehicle.image);
    case OPT_ALIAS: return take_alias(a, value);
    case OPT_CUT: return cli_take_fault(&a->faults, value, cli_parse_cut);
    case OPT_BROWNOUT: return cli_take_fault(&a->faults, value, cli_parse_timed_brownout);
    case OPT_UNTIL_EXIT: a->run.for_ns = SIM_NEVER; return NULL;
    case OPT_FOR:
        a->run.ends_if_stuck = false; /* The buses are wanted for so long. */
        return cli_parse_duration(value, &a->run.for_ns) ? NULL : "must be a duration such as 10s";
    case OPT_SEED: return cli_parse_seed(value, &a->run.seed);
    case OPT_TRACE: return cli_parse_path(value, &a->run.trace_folder);
    case OPT_CALLS: a->run.calls = true; return NULL;
    case OPT_REALTIME: a->run.real_time = true; return NULL;
    case OPT_NO_PRELOAD: a->no_preload = true; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_exec_syntax = {"exec", help, "+", options, take};

static int parse(struct arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_exec_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    if (optind >= argc) {
        return cli_usage_error("exec",
                               "the program to run is missing, for example -- candump can0");
    }
    a->run.argv = &argv[optind];
    a->run.faults.faults = a->faults.faults;
    a->run.faults.faults_len = a->faults.len;
    return CLI_OK;
}

static bool ran_for_ever(const struct arguments *a, const struct guest_run_result *result)
{
    return result->end == SUPERVISOR_TIME_UP && a->run.for_ns == DEFAULT_LIMIT_NS;
}

static void report(const struct arguments *a, const struct guest_run_result *result,
                   uint64_t wall_ns)
{
    char text[48];
    char wall[48];
    if (ran_for_ever(a, result)) {
        fprintf(stderr,
                "limphome: %s still ran after 7 days of virtual time and was ended; --for "
                "sets another limit, --until-exit none\n",
                a->run.argv[0]);
    }
    if (a->run.trace_folder) {
        cli_print_duration(text, sizeof text, result->now_ns);
        cli_print_duration(wall, sizeof wall, wall_ns);
        fprintf(stderr,
                "limphome: %s of virtual time in %s, %" PRIu64 " calls, %" PRIu64
                " frames without one; trace in %s, digest %s\n",
                text, wall, result->calls, result->frames, a->run.trace_folder, result->digest.hex);
    }
}

static int exit_code(const struct arguments *a, const struct guest_run_result *result)
{
    switch (result->end) {
    case SUPERVISOR_STOPPED: /* Nothing here asks for it. */
    case SUPERVISOR_EXITED: break;
    case SUPERVISOR_TIME_UP: return ran_for_ever(a, result) ? EXIT_STUCK : CLI_OK;
    case SUPERVISOR_STUCK: return EXIT_STUCK;
    case SUPERVISOR_INTERRUPTED: return EXIT_INTERRUPTED;
    case SUPERVISOR_FAILED: return CLI_ENVIRONMENT;
    }
    if (!cli_all_faults_begun("exec", result->faults_begun, a->faults.len)) {
        return EXIT_STUCK;
    }
    return result->exit_code;
}

/* A program that cannot be started has a code of its own, as in a shell. */
static int failure(const struct guest_run_result *result, const struct err *err)
{
    const int code = cli_error(err);
    const bool not_started = result->end == SUPERVISOR_FAILED && result->exit_code != 0;
    return not_started ? result->exit_code : code;
}

int cli_exec(int argc, char **argv)
{
    struct arguments a = {.run = {.seed = 1, .for_ns = DEFAULT_LIMIT_NS, .ends_if_stuck = true}};
    struct guest_run_result result;
    struct err err = {.code = 0};
    char preload[4200];
    int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    CHECK(a.run.argv != NULL);
    a.run.preload_path = a.no_preload ? NULL : cli_find_preload(preload, sizeof preload);
    const uint64_t begin_ns = wall_clock_ns();
    rc = guest_run(&a.run, &result, &err);
    if (rc != 0) {
        return failure(&result, &err);
    }
    report(&a, &result, wall_clock_ns() - begin_ns);
    return exit_code(&a, &result);
}
