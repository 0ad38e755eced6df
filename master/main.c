/* SPDX-License-Identifier: Apache-2.0 */
/* master/main.c - the program limphome-master: one job, one CAN interface, one result. */
#include "master/ota_job.h"
#include "master/ota_link.h"
#include "master/ota_master.h"
#include "master/ota_package.h"
#include "master/ota_result.h"
#include "master/socketcan_port.h"
#include "sim/proto/proto.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Exit codes: 0 to 8 are the results in their order in ota_master.h, the rest is trouble that kept
 * the campaign from running. */
enum { EXIT_USAGE = 64, EXIT_INPUT = 65, EXIT_SYSTEM = 71 };

struct options {
    const char *interface;
    const char *job;
    const char *state;
    bool check;
    bool quiet;
};

static void print_help(FILE *out)
{
    fputs("usage: limphome-master --if INTERFACE --job FILE [--state FOLDER] [--quiet]\n"
          "       limphome-master --check --job FILE\n\n"
          "  --if, -i      CAN interface, for example can0\n"
          "  --job, -j     what to do (docs/formats.md, \"Job file\")\n"
          "  --state, -s   folder for journal, backups and result.json; default: the job's\n"
          "  --check, -c   check job and image, and use no bus\n"
          "  --quiet, -q   no lines about what is going on\n\n"
          "exit codes: 0 SUCCESS, 1 UP_TO_DATE, 2 REFUSED, 3 CANCELLED, 4 INTERRUPTED (start\n"
          "again to go on), 5 FAILED_OLD, 6 ROLLED_BACK, 7 PARTIAL, 8 FAILED_SAFE; 64 wrong use,\n"
          "65 job not good (with --check: or image), 71 no state folder or no memory\n",
          out);
}

/* Returns code. */
static int complain(const char *text, int code)
{
    fprintf(stderr, "limphome-master: %s\n", text);
    return code;
}

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        {"if", required_argument, NULL, 'i'},
        {"job", required_argument, NULL, 'j'},
        {"state", required_argument, NULL, 's'},
        {"check", no_argument, NULL, 'c'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c = 0;
    while ((c = getopt_long(argc, argv, "i:j:s:cqh", names, NULL)) != -1) {
        switch (c) {
        case 'i': options->interface = optarg; break;
        case 'j': options->job = optarg; break;
        case 's': options->state = optarg; break;
        case 'c': options->check = true; break;
        case 'q': options->quiet = true; break;
        case 'h': print_help(stdout); return 0;
        default: print_help(stderr); return EXIT_USAGE;
        }
    }
    if (optind < argc || !options->job || (!options->check && !options->interface)) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    return -1;
}

/* In which ten frames go out on a slow bus, where poll() tells of room. */
#define ROOM_WAIT_NS PROTO_MS(20)

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Until a frame arrives, the socket takes frames again, or due_ns. True: there may be a frame. */
static bool wait_for_something(struct socketcan_port *port, uint64_t due_ns)
{
    struct pollfd fd = {.fd = port->socket, .events = POLLIN};
    uint64_t now = now_ns();
    if (port->refusal == SOCKETCAN_BUFFER_FULL) {
        fd.events |= POLLOUT;
        /* To try again sooner is in vain, and nothing else is that urgent. */
        due_ns = due_ns > now + ROOM_WAIT_NS ? due_ns : now + ROOM_WAIT_NS;
    } else if (port->refusal == SOCKETCAN_QUEUE_FULL) {
        due_ns = proto_min_ns(due_ns, port->retry_ns);
    }
    uint64_t wait_ns = due_ns > now ? due_ns - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait_ns / UINT64_C(1000000000)),
                               .tv_nsec = (long)(wait_ns % UINT64_C(1000000000))};
    ppoll(&fd, 1, due_ns == PROTO_NEVER ? NULL : &timeout, NULL);
    if (fd.revents & POLLOUT) {
        port->refusal = SOCKETCAN_TAKEN;
        port->room = true;
    }
    return fd.revents & ~POLLOUT;
}

static void confirm_frames(struct socketcan_port *port, struct ota_master *master)
{
    for (; port->sent; port->sent--) {
        ota_master_on_confirm(master, now_ns());
    }
    if (port->lost) {
        port->lost = false;
        ota_master_on_lost(master, now_ns());
    }
    if (port->room) {
        port->room = false;
        ota_master_on_room(master, now_ns());
    }
    if (port->refusal == SOCKETCAN_QUEUE_FULL && now_ns() >= port->retry_ns) {
        port->refusal = SOCKETCAN_TAKEN;
        ota_master_on_room(master, now_ns());
        port->retry_ns = now_ns() + PROTO_MS(2);
    }
}

/* Hands over everything that has arrived. A quick ECU may have answered a frame already when we
 * come here: that it is sent has to be known before its answer. Returns 0 or a negative errno
 * value. */
static int receive_frames(struct socketcan_port *port, struct ota_master *master, bool look)
{
    struct ota_frame frame;
    int got = 0;
    confirm_frames(port, master);
    while (look && (got = socketcan_port_receive(port, &frame)) > 0) {
        if (got == 1) {
            ota_master_on_frame(master, &frame, now_ns());
        }
        confirm_frames(port, master);
    }
    return got == -ENETDOWN ? 0 : got;
}

static int run(struct ota_master *master, struct socketcan_port *port, struct ota_error *error)
{
    bool look = true;
    ota_master_start(master, now_ns());
    while (!ota_master_done(master, NULL)) {
        /* The master's own work takes time, and an answer may come meanwhile: a deadline counts
         * only if it had passed before the socket was found empty. */
        const uint64_t before = now_ns();
        const int got =
            receive_frames(port, master, look || before >= ota_master_deadline_ns(master));
        if (got < 0) {
            return ota_error_set(error, OTA_ERR_IO, "the CAN interface is lost: %s",
                                 strerror(-got));
        }
        uint64_t due = ota_master_deadline_ns(master);
        if (before >= due) {
            ota_master_on_deadline(master, now_ns());
        }
        look = false;
        if (port->sent || port->room || ota_master_done(master, NULL)) {
            continue;
        }
        due = ota_master_deadline_ns(master);
        look = wait_for_something(port, due);
    }
    return 0;
}

/* The one terminal report: to standard output, and to the state folder if there is one. */
static int publish(const struct ota_job *job, const struct ota_port *port,
                   const struct ota_report *report)
{
    char ended_at[32] = "";
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) {
        strftime(ended_at, sizeof ended_at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    char *text = ota_result_text(job, report, ended_at);
    struct ota_error error;
    if (!text) {
        return complain("not enough memory for the result", EXIT_SYSTEM);
    }
    puts(text);
    if (ota_result_write(port, text, &error) != 0) {
        complain(error.text, 0);
    }
    free(text);
    return (int)report->code;
}

/* The bus is gone: what was begun can be taken up when it is back. */
static void lose_bus(struct ota_report *report, const struct ota_error *error)
{
    memset(report, 0, sizeof *report);
    report->code = OTA_INTERRUPTED;
    report->why = OTA_WHY_NO_BUS;
    report->prompt = true;
    snprintf(report->reason, sizeof report->reason, "%.*s", (int)sizeof report->reason - 1,
             error->text);
}

static void run_campaign(const struct ota_job *job, const struct ota_port *port,
                         struct socketcan_port *can, struct ota_report *report)
{
    static const struct ota_trouble no_memory = {.why = OTA_WHY_NO_MEMORY,
                                                 .text = "not enough memory for the campaign"};
    struct ota_error error;
    struct ota_master *master = ota_master_new(job, port);
    if (!master) {
        ota_result_refuse(report, &no_memory);
    } else if (run(master, can, &error) != 0) {
        lose_bus(report, &error);
    } else {
        ota_master_done(master, report);
    }
    ota_master_free(master);
}

static const char *state_folder(const struct options *options, const struct ota_job *job)
{
    return options->state ? options->state : job->state_folder;
}

static int run_job(const struct options *options, const struct ota_job *job)
{
    struct socketcan_port can;
    struct ota_error error;
    struct ota_report report;
    if (socketcan_port_open_folder(&can, state_folder(options, job), &error) != 0) {
        return complain(error.text, EXIT_SYSTEM);
    }
    can.quiet = options->quiet;
    const struct ota_port port = socketcan_port_ops(&can);
    if (ota_result_reserve(&port, &error) != 0) {
        complain(error.text, 0);
    }
    uint32_t ids[OTA_RECEIVES_MAX];
    const size_t ids_len = ota_link_receives(job, ids);
    if (socketcan_port_open_bus(&can, options->interface, ids, ids_len, &error) == 0) {
        run_campaign(job, &port, &can, &report);
    } else if (job->trouble.why != OTA_WHY_NONE) {
        ota_result_refuse(&report, &job->trouble);
    } else {
        lose_bus(&report, &error);
    }
    const int result = publish(job, &port, &report);
    socketcan_port_close(&can);
    return result;
}

/* A job that cannot be read is a refused campaign as well, as far as it is known who wants to know.
 */
static int refuse_job(const struct options *options, const struct ota_job *job,
                      const struct ota_error *error)
{
    struct socketcan_port can;
    struct ota_trouble trouble = {.why = ota_why_of(error->code)};
    snprintf(trouble.text, sizeof trouble.text, "%.*s", (int)sizeof trouble.text - 1, error->text);
    complain(error->text, 0);
    if (!options->check && options->state &&
        socketcan_port_open_folder(&can, options->state, NULL) == 0) {
        struct ota_report report;
        const struct ota_port port = socketcan_port_ops(&can);
        ota_result_refuse(&report, &trouble);
        publish(job, &port, &report);
        socketcan_port_close(&can);
    }
    return EXIT_INPUT;
}

static int check_only(const struct ota_job *job)
{
    if (job->trouble.why != OTA_WHY_NONE) {
        return complain(job->trouble.text, EXIT_INPUT);
    }
    if (job->action == OTA_ACTION_UPDATE) {
        printf("job and image good: %zu segments, %" PRIu64 " bytes, version %s\n",
               job->image->segments_len, job->image->bytes_total, job->version);
    } else {
        printf("job good: %s\n", job->action == OTA_ACTION_ROLLBACK ? "rollback" : "no campaign");
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int code = read_options(argc, argv, &options);
    if (code >= 0) {
        return code;
    }
    struct ota_job job;
    struct ota_image image = {0};
    struct ota_error error;
    if (ota_job_load(&job, options.job, &error) != 0) {
        return refuse_job(&options, &job, &error);
    }
    if (job.action == OTA_ACTION_UPDATE) {
        ota_package_load(&job, &image, &job.trouble);
    }
    job.image = &image;
    code = options.check ? check_only(&job) : run_job(&options, &job);
    ota_image_release(&image);
    return code;
}
