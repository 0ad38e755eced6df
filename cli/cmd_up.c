/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_up.c - limphome up: a vehicle in real time on SocketCAN interfaces. */
#include "cli/cli.h"
#include "cli/up_status.h"
#include "scenarios/engine/run_faults.h"
#include "scenarios/engine/run_trace.h"
#include "scenarios/engine/run_vehicle.h"
#include "sim/can/can_socket.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: limphome up --bus BUS=INTERFACE... [OPTION...]\n"
    "\n"
    "Runs a simulated vehicle in real time on CAN interfaces of this machine, virtual or real,\n"
    "until Ctrl-C. Any program on those interfaces talks to its ECUs.\n"
    "\n"
    "  --vehicle FILE.json   vehicle file (docs/formats.md); else the built-in vehicle, the same\n"
    "                        as vehicles/single.json with an application of version 1.0.0\n"
    "  --bus BUS=INTERFACE   a bus of the vehicle and the interface that it goes on: can0=vcan0;\n"
    "                        once for each; a bus without one stays inside, a bus with two\n"
    "                        joins them\n"
    "  --image OLD.s19       what the first ECU leaves its line with; else as the vehicle file "
    "says\n"
    "  --cut AT[:DURATION]   no supply of the first ECU from AT on, a time since the start, for\n"
    "                        DURATION (default 1s): --cut 3s:500ms\n"
    "  --brownout WHAT       low supply: time=3s,level=3600mV,for=1500ms[,ramp=20ms]; at most 8\n"
    "                        faults in all\n"
    "  --for DURATION        ends by itself: 10s, 5min\n"
    "  --seed N              seed of all randomness (default 1)\n"
    "  --trace FOLDER        write bus.log, bus.pcapng, events.log, state.json, flash images\n"
    "  --quiet               say nothing while it runs\n"
    "\n"
    "A virtual interface: ip link add dev vcan0 type vcan && ip link set up vcan0\n"
    "\n"
    "Exit code: 0 if it ran to its end or Ctrl-C and each fault has begun, 1 if not, or if what a\n"
    "file says is wrong, 2 for wrong use, 3 if an interface or a file does not serve.\n";

enum option_id {
    OPT_VEHICLE = 256,
    OPT_BUS,
    OPT_IMAGE,
    OPT_CUT,
    OPT_BROWNOUT,
    OPT_FOR,
    OPT_SEED,
    OPT_TRACE,
    OPT_QUIET,
    OPT_HELP
};

static const struct option options[] = {
    {"vehicle", required_argument, NULL, OPT_VEHICLE},
    {"bus", required_argument, NULL, OPT_BUS},
    {"image", required_argument, NULL, OPT_IMAGE},
    {"cut", required_argument, NULL, OPT_CUT},
    {"brownout", required_argument, NULL, OPT_BROWNOUT},
    {"for", required_argument, NULL, OPT_FOR},
    {"seed", required_argument, NULL, OPT_SEED},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { BUS_NAME_CAP = 32 };

struct join {
    char bus[BUS_NAME_CAP];
    const char *interface;
};

struct arguments {
    struct run_vehicle_cfg vehicle;
    const char *trace_folder;
    struct join joins[VEHICLE_BUSES_MAX];
    size_t joins_len;
    struct cli_faults faults;
    uint64_t seed;
    sim_ns_t for_ns;
    bool quiet, help;
};

struct up {
    const struct arguments *args;
    struct trace *trace; /* Null: none wanted. */
    struct run_trace *files;
    struct sim sim;
    struct vehicle *vehicle;
    struct real_time *driver;
    struct can_socket *sockets[VEHICLE_BUSES_MAX];
    struct up_status status;
    struct run_faults faults;
    enum real_time_end end;
};

/* Options. */

static const char *take_join(struct arguments *a, const char *text)
{
    const size_t len = strcspn(text, "=");
    if (len == 0 || len >= BUS_NAME_CAP || text[len] == '\0' || text[len + 1] == '\0') {
        return "must be BUS=INTERFACE, for example can0=vcan0";
    }
    if (a->joins_len == VEHICLE_BUSES_MAX) {
        return "one too many: at most 8 interfaces";
    }
    struct join *join = &a->joins[a->joins_len++];
    memcpy(join->bus, text, len);
    join->bus[len] = '\0';
    join->interface = &text[len + 1];
    return NULL;
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_VEHICLE: return cli_parse_path(value, &a->vehicle.path);
    case OPT_BUS: return take_join(a, value);
    case OPT_IMAGE: return cli_parse_path(value, &a->vehicle.image);
    case OPT_CUT: return cli_take_fault(&a->faults, value, cli_parse_cut);
    case OPT_BROWNOUT: return cli_take_fault(&a->faults, value, cli_parse_timed_brownout);
    case OPT_FOR:
        return cli_parse_duration(value, &a->for_ns) ? NULL : "must be a duration such as 10s";
    case OPT_SEED: return cli_parse_seed(value, &a->seed);
    case OPT_TRACE: return cli_parse_path(value, &a->trace_folder);
    case OPT_QUIET: a->quiet = true; return NULL;
    default: a->help = true; return NULL;
    }
}

/* One interface on two buses would pass each frame to and fro. */
static const char *used_twice(const struct arguments *a)
{
    for (size_t i = 0; i < a->joins_len; i++) {
        for (size_t k = i + 1; k < a->joins_len; k++) {
            if (strcmp(a->joins[i].interface, a->joins[k].interface) == 0) {
                return a->joins[i].interface;
            }
        }
    }
    return NULL;
}

const struct cli_syntax cli_up_syntax = {"up", help, "", options, take};

static int parse(struct arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_up_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    if (optind < argc) {
        return cli_usage_error("up", "\"%s\" belongs to no option", argv[optind]);
    }
    if (a->joins_len == 0) {
        return cli_usage_error("up", "at least one --bus is needed, for example can0=vcan0");
    }
    if (used_twice(a) != NULL) {
        return cli_usage_error("up", "the interface %s is given twice", used_twice(a));
    }
    return CLI_OK;
}

/* Building. */

static int open_trace(struct up *up, struct err *err)
{
    if (up->args->trace_folder == NULL) {
        return 0;
    }
    up->trace = trace_new(false);
    if (up->trace == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for the trace");
    }
    up->files = run_trace_open(up->args->trace_folder, up->trace, err);
    return up->files != NULL ? 0 : err->code;
}

static void on_report(void *ctx, const char *interface, const char *text, sim_ns_t now_ns)
{
    struct up *up = ctx;
    up_status_say(&up->status, interface, text, now_ns);
}

static int join_bus(struct up *up, size_t index, struct err *err)
{
    const struct join *join = &up->args->joins[index];
    struct can_bus *bus = vehicle_bus(up->vehicle, join->bus);
    if (bus == NULL) {
        return err_set(err, ERR_USAGE, "%s: there is no bus \"%s\"; the first is \"%s\"",
                       run_vehicle_name(&up->args->vehicle), join->bus,
                       vehicle_bus_at(up->vehicle, 0)->cfg.name);
    }
    const int fd = can_socket_open(join->interface, bus->cfg.data_bps != 0, err);
    if (fd < 0) {
        return fd;
    }
    up->sockets[index] = can_socket_new(bus, up->driver, fd, join->interface, on_report, up);
    return up->sockets[index] != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int build(struct up *up, struct err *err)
{
    int rc = open_trace(up, err);
    if (rc != 0) {
        return rc;
    }
    sim_init(&up->sim, &(struct sim_cfg){.seed = up->args->seed, .trace = up->trace});
    up->vehicle = run_vehicle_load(&up->args->vehicle, &up->sim, err);
    rc = up->vehicle != NULL ? 0 : err->code;
    if (rc == 0 && (up->driver = real_time_new(&up->sim, err)) == NULL) {
        rc = err->code;
    }
    for (size_t i = 0; rc == 0 && i < up->args->joins_len; i++) {
        rc = join_bus(up, i, err);
    }
    return rc;
}

static void release(struct up *up)
{
    for (size_t i = 0; i < up->args->joins_len; i++) {
        can_socket_free(up->sockets[i]);
    }
    real_time_free(up->driver);
    vehicle_free(up->vehicle);
    sim_release(&up->sim);
    trace_free(up->trace);
}

/* Running. */

static void on_fault(void *ctx, const struct update_fault *fault, sim_ns_t now_ns)
{
    struct up *up = ctx;
    char text[UP_STATUS_TEXT];
    char duration[48];
    cli_print_duration(duration, sizeof duration, fault->for_ns);
    snprintf(text, sizeof text, "supply to %u mV for %s", fault->level_mv, duration);
    up_status_say(&up->status, vehicle_ecu_at(up->vehicle, 0)->name, text, now_ns);
}

static void start_faults(struct up *up)
{
    const struct cli_faults *ordered = &up->args->faults;
    const struct run_faults_cfg cfg = {
        .faults = ordered->faults, .faults_len = ordered->len, .on_begin = on_fault, .ctx = up};
    run_faults_start(&up->faults, vehicle_ecu_at(up->vehicle, 0),
                     vehicle_nominal_mv(up->vehicle, 0), &cfg);
}

static void print_start(const struct up *up)
{
    if (up->args->quiet) {
        return;
    }
    fputs(cli_on(stdout, CLI_BOLD), stdout);
    cli_text(stdout, vehicle_name(up->vehicle));
    printf("%s is up on", cli_off(stdout));
    for (size_t i = 0; i < up->args->joins_len; i++) {
        printf(" %s=%s", up->args->joins[i].bus, up->args->joins[i].interface);
    }
    printf("; Ctrl-C ends\n");
    fflush(stdout);
}

static void print_interface(const struct up *up, size_t index)
{
    const struct can_socket_stats s = can_socket_stats(up->sockets[index]);
    printf("  %s=%s: %" PRIu64 " frames out, %" PRIu64 " in", up->args->joins[index].bus,
           up->args->joins[index].interface, s.sent, s.received);
    if (s.lost_out + s.lost_in + s.error_frames + s.retries > 0) {
        printf("; lost %" PRIu64 " out, %" PRIu64 " in; %" PRIu64 " error frames; no room %" PRIu64
               " times",
               s.lost_out, s.lost_in, s.error_frames, s.retries);
    }
    putchar('\n');
}

static void print_summary(const struct up *up)
{
    static const char *const ends[] = {[REAL_TIME_REACHED] = "ended",
                                       [REAL_TIME_STOPPED] = "ended",
                                       [REAL_TIME_SIGNAL] = "stopped"};
    const struct real_time_stats late = real_time_stats(up->driver);
    char text[UP_STATUS_TEXT];
    cli_print_duration(text, sizeof text, up->sim.now_ns);
    printf("%s after %s, %" PRIu64 " events\n", ends[up->end], text, up->sim.events_run);
    for (size_t i = 0; i < up->args->joins_len; i++) {
        print_interface(up, i);
    }
    for (size_t i = 0; i < vehicle_ecu_count(up->vehicle); i++) {
        struct ecu *ecu = vehicle_ecu_at(up->vehicle, i);
        up_status_print_ecu(text, ecu);
        cli_say(stdout, "  %s: %s", ecu->name, text);
    }
    cli_print_duration(text, sizeof text, late.late_max_ns);
    printf("  latest event: %s late; %" PRIu64 " more than 1 ms\n", text, late.late);
}

static int run(struct up *up, struct err *err)
{
    up_status_start(&up->status, up->vehicle, &up->sim, stdout, up->args->quiet);
    print_start(up);
    vehicle_power_on(up->vehicle);
    start_faults(up);
    up->end = real_time_run(up->driver, up->args->for_ns);
    up_status_end(&up->status);
    print_summary(up);
    return up->files != NULL ? run_trace_save_state(up->files, up->vehicle, up->sim.now_ns, err)
                             : 0;
}

int cli_up(int argc, char **argv)
{
    struct arguments a = {.seed = 1, .for_ns = SIM_NEVER};
    struct err err = {.code = 0};
    int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    struct up *up = calloc(1, sizeof *up);
    if (up == NULL) {
        err_set(&err, ERR_NOMEM, "out of memory");
        return cli_error(&err);
    }
    up->args = &a;
    rc = build(up, &err);
    rc = rc != 0 ? rc : run(up, &err);
    const int closed = run_trace_close(up->files, rc == 0 ? &err : NULL);
    const size_t begun = up->faults.begun_len;
    release(up);
    free(up);
    if (rc != 0 || closed != 0) {
        return cli_error(&err);
    }
    return cli_all_faults_begun("up", begun, a.faults.len) ? CLI_OK : CLI_NOT_AS_WANTED;
}
