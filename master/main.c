/* SPDX-License-Identifier: Apache-2.0 */
/* master/main.c - the program limphome-master: one job, one CAN interface, one result. */
#include "master/ota_job.h"
#include "master/ota_link.h"
#include "master/ota_master.h"
#include "master/socketcan_port.h"
#include "sim/proto/proto.h"

#include <cjson/cJSON.h>

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
          "65 job or image not good, 71 no bus or no state folder\n",
          out);
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
        port->sent++;
    }
    return fd.revents & ~POLLOUT;
}

/* A frame that the socket has taken counts as sent, and room after a refusal as a frame that has
 * gone. */
static void confirm_frames(struct socketcan_port *port, struct ota_master *master)
{
    for (; port->sent; port->sent--) {
        ota_master_on_confirm(master, now_ns());
    }
    if (port->refusal == SOCKETCAN_QUEUE_FULL && now_ns() >= port->retry_ns) {
        port->refusal = SOCKETCAN_TAKEN;
        ota_master_on_confirm(master, now_ns());
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
        ota_master_on_frame(master, &frame, now_ns());
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
        if (port->sent || ota_master_done(master, NULL)) {
            continue;
        }
        due = ota_master_deadline_ns(master);
        look = wait_for_something(port, due);
    }
    return 0;
}

/* The result as JSON; the caller frees it. */
static char *print_report(const struct ota_job *job, const struct ota_report *report)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "campaign", job->campaign);
    cJSON_AddStringToObject(tree, "result", ota_result_name(report->code));
    cJSON_AddStringToObject(tree, "reason_code", ota_why_name(report->why));
    cJSON_AddStringToObject(tree, "reason", report->reason);
    cJSON_AddBoolToObject(tree, "prompt", report->prompt);
    cJSON_AddStringToObject(tree, "version", report->version);
    cJSON_AddNumberToObject(tree, "sid", report->sid);
    cJSON_AddNumberToObject(tree, "nrc", report->nrc);
    if (report->segment) {
        cJSON_AddNumberToObject(tree, "segment", report->segment);
        cJSON_AddNumberToObject(tree, "address", report->address);
    }
    cJSON_AddNumberToObject(tree, "requests", report->requests);
    cJSON_AddNumberToObject(tree, "resends", report->resends);
    cJSON_AddNumberToObject(tree, "pendings", report->pendings);
    cJSON_AddNumberToObject(tree, "busies", report->busies);
    cJSON_AddNumberToObject(tree, "strays", report->strays);
    cJSON_AddNumberToObject(tree, "interruptions", report->interruptions);
    cJSON_AddNumberToObject(tree, "payload_bytes", (double)report->payload_bytes);
    cJSON *phases = cJSON_AddObjectToObject(tree, "phase_ms");
    for (int i = 0; i < OTA_PHASE_COUNT; i++) {
        const uint64_t whole_ms = report->phase_ns[i] / 1000000u;
        cJSON_AddNumberToObject(phases, ota_phase_name((enum ota_phase)i), (double)whole_ms);
    }
    char *text = cJSON_Print(tree);
    cJSON_Delete(tree);
    return text;
}

static void publish(const struct ota_job *job, const struct ota_port *port,
                    const struct ota_report *report)
{
    static const char name[] = "result.json";
    static const char part[] = "result.new";
    char *text = print_report(job, report);
    if (!text) {
        return;
    }
    puts(text);
    port->file_remove(port->ctx, part);
    long len = (long)strlen(text);
    if (port->file_write(port->ctx, part, 0, text, (size_t)len) != len ||
        port->file_sync(port->ctx, part) != 0 || port->file_rename(port->ctx, part, name) != 0) {
        fprintf(stderr, "limphome-master: %s could not be written to the state folder\n", name);
    }
    free(text);
}

static int run_job(const struct options *options, const struct ota_job *job)
{
    struct socketcan_port can;
    struct ota_error error;
    const char *state = options->state ? options->state : job->state_folder;
    uint32_t ids[OTA_RECEIVES_MAX];
    size_t ids_len = ota_link_receives(job, ids);
    int code = socketcan_port_open(&can, options->interface, ids, ids_len, state, &error);
    if (code) {
        fprintf(stderr, "limphome-master: %s\n", error.text);
        return EXIT_SYSTEM;
    }
    can.quiet = options->quiet;
    struct ota_port port = socketcan_port_ops(&can);
    struct ota_master *master = ota_master_new(job, &port);
    int result = EXIT_SYSTEM;
    struct ota_report report;
    if (!master) {
        fprintf(stderr, "limphome-master: out of memory\n");
    } else if (run(master, &can, &error) != 0) {
        fprintf(stderr, "limphome-master: %s\n", error.text);
    } else if (ota_master_done(master, &report)) {
        publish(job, &port, &report);
        result = (int)report.code;
    }
    ota_master_free(master);
    socketcan_port_close(&can);
    return result;
}

/* The declared length and hash; the master checks them as well, but --check has no master. */
static int check_declared(const struct ota_job *job, const struct ota_image *image)
{
    char reason[160];
    if (ota_image_check_declared(image, job->file_bytes, job->sha256_hex, reason, sizeof reason) ==
        OTA_WHY_NONE) {
        return 0;
    }
    fprintf(stderr, "limphome-master: %s: %s\n", job->image_path, reason);
    return EXIT_INPUT;
}

static int check_only(const struct ota_job *job, const struct ota_image *image)
{
    if (job->action == OTA_ACTION_ROLLBACK) {
        printf("job good: rollback\n");
        return 0;
    }
    int code = check_declared(job, image);
    if (!code) {
        printf("job and image good: %zu segments, %" PRIu64 " bytes, version %s\n",
               image->segments_len, image->bytes_total, job->version);
    }
    return code;
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
    code = ota_job_load(&job, options.job, &error);
    if (!code && job.action == OTA_ACTION_UPDATE) {
        code = ota_image_load(&image, job.image_path, job.windows, job.windows_len, &error);
    }
    if (code) {
        fprintf(stderr, "limphome-master: %s\n", error.text);
        return EXIT_INPUT;
    }
    job.image = &image;
    code = options.check ? check_only(&job, &image) : run_job(&options, &job);
    ota_image_release(&image);
    return code;
}
