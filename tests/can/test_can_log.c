/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_log.c - bus logs, read back by the tools they are written for. */
#include "sim/can/can_log.h"
#include "tests/can/bus_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 14 };

static void temporary(char path[static 32], const char *suffix)
{
    snprintf(path, 32, "/tmp/canlog-XXXXXX%s", suffix);
    const int file = mkstemps(path, (int)strlen(suffix));
    cr_assert_geq(file, 0);
    close(file);
}

/* Runs a command and returns what it printed; the command must be there and succeed. */
static const char *output_of(const char *command, char output[static OUTPUT_MAX])
{
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    const size_t len = fread(output, 1, OUTPUT_MAX - 1, pipe);
    output[len] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s: failed; is the package installed? %s", command, output);
    return output;
}

static const char *contents_of(const char *path, char text[static OUTPUT_MAX])
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    text[fread(text, 1, OUTPUT_MAX - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* One frame of each kind, then one that fails for want of an acknowledgement. */
static const char *const sent[] = {
    "7E0#02100100CCCCCCCC",
    "18DAF110#AABB",
    "123#R4",
    "12345678#R",
    "100#",
    "123##1AABB",
    "1234567F##300112233445566778899AABB",
};

static void play_sent(struct rig *rig)
{
    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        rig_send(rig, 0, sent[i]);
        rig_run(rig, rig->sim.now_ns + SIM_MS(1));
    }
    can_node_set_power(&rig->station[1].node, false);
    rig_send(rig, 0, "7E1#00");
    rig_run(rig, rig->sim.now_ns + 60 * BIT_NS);
}

Test(can_log, candump_lines_have_the_form_of_candump_and_the_time_of_eof)
{
    char path[32];
    char text[OUTPUT_MAX];
    struct err err = {0};
    temporary(path, ".log");
    struct rig *rig = rig_new(2, 2000000, NULL);
    struct can_log *log = can_log_open_candump(path, rig->trace, &err);
    cr_assert_not_null(log, "%s", err.text);
    play_sent(rig);
    cr_assert_eq(can_log_close(log, &err), 0);
    /* 114 bits of 2 us (test_can_wire.c). */
    char want[256];
    contents_of(path, text);
    snprintf(want, sizeof(want), "(1704067200.000228) can0 7E0#02100100CCCCCCCC\n");
    cr_assert_eq(strncmp(text, want, strlen(want)), 0, "%s", text);
    const char *line = text;
    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        const sim_ns_t at_ns = i * SIM_MS(1) + rig_length_ns(sent[i]);
        snprintf(want, sizeof(want), "(1704067200.%06u) can0 %s\n", (unsigned)(at_ns / 1000),
                 sent[i]);
        cr_assert_eq(strncmp(line, want, strlen(want)), 0, "%s is not %s", line, want);
        line += strlen(want);
    }
    /* SocketCAN error frame: protocol error flags, missing ACK, counters after it. */
    cr_assert_not_null(strstr(line, "can0 200002A0#0000801900000800\n"), "%s", line);
    rig_free(rig);
    unlink(path);
}

Test(can_log, can_utils_reads_the_candump_log)
{
    char path[32];
    char command[128];
    char output[OUTPUT_MAX];
    struct err err = {0};
    temporary(path, ".log");
    struct rig *rig = rig_new(2, 2000000, NULL);
    struct can_log *log = can_log_open_candump(path, rig->trace, &err);
    play_sent(rig);
    cr_assert_eq(can_log_close(log, &err), 0);

    snprintf(command, sizeof(command), "log2asc -I %s can0 2>&1", path);
    output_of(command, output);
    cr_assert_not_null(strstr(output, "7E0             Rx   d 8 02 10 01 00 CC CC CC CC"), "%s",
                       output);
    cr_assert_not_null(strstr(output, "18DAF110x       Rx   d 2 AA BB"), "%s", output);
    cr_assert_not_null(strstr(output, "123             Rx   r"), "%s", output);

    snprintf(command, sizeof(command), "log2long < %s 2>&1", path);
    output_of(command, output);
    cr_assert_not_null(strstr(output, "(1704067200.000228)  can0       7E0   [8]  02 10 01 00"),
                       "%s", output);
    cr_assert_not_null(strstr(output, "[02]  AA BB"), "%s", output);
    cr_assert_not_null(strstr(output, "ERRORFRAME"), "%s", output);
    rig_free(rig);
    unlink(path);
}

Test(can_log, tshark_reads_the_pcapng_to_the_nanosecond)
{
    char path[32];
    char command[256];
    char output[OUTPUT_MAX];
    struct err err = {0};
    temporary(path, ".pcapng");
    struct rig *rig = rig_new(2, 2000000, NULL);
    struct can_log *log = can_log_open_pcapng(path, rig->trace, &err);
    cr_assert_not_null(log, "%s", err.text);
    rig_run(rig, 123457); /* Off every round number. */
    play_sent(rig);
    cr_assert_eq(can_log_close(log, &err), 0);
    snprintf(command, sizeof(command),
             "tshark -r %s -T fields -E separator=, -e frame.interface_name -e can.id -e can.len "
             "-e can.flags.xtd -e can.flags.rtr -e canfd.flags.brs -e frame.time_epoch 2>/dev/null",
             path);
    const char *line = output_of(command, output);
    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        const struct can_frame frame = rig_frame(sent[i]);
        const sim_ns_t at_ns = 123457 + i * SIM_MS(1) + rig_length_ns(sent[i]);
        const bool fd = (frame.flags & CAN_FLAG_FD) != 0;
        char want[256];
        snprintf(want, sizeof(want), "can0,%u,%u,%d,%s,%s,1704067200.%09u\n", frame.id,
                 frame.len_bytes, (frame.flags & CAN_FLAG_EXT) != 0,
                 fd                                  ? ""
                 : (frame.flags & CAN_FLAG_RTR) != 0 ? "1"
                                                     : "0",
                 fd ? "1" : "", (unsigned)at_ns);
        cr_assert_eq(strncmp(line, want, strlen(want)), 0, "%s is not %s", line, want);
        line += strlen(want);
    }
    rig_free(rig);
    unlink(path);
}

Test(can_log, tshark_finds_error_frames_and_nothing_malformed)
{
    char path[32];
    char command[256];
    char output[OUTPUT_MAX];
    struct err err = {0};
    temporary(path, ".pcapng");
    struct rig *rig = rig_new(2, 2000000, NULL);
    struct can_log *log = can_log_open_pcapng(path, rig->trace, &err);
    play_sent(rig);
    cr_assert_eq(can_log_close(log, &err), 0);
    snprintf(command, sizeof(command), "tshark -r %s -Y _ws.malformed 2>/dev/null", path);
    cr_assert_str_empty(output_of(command, output));
    snprintf(command, sizeof(command),
             "tshark -r %s -Y can.flags.err==1 -T fields -E separator=, -e can.err.ack "
             "-e can.err.buserror 2>/dev/null",
             path);
    cr_assert_str_eq(output_of(command, output), "1,1\n");
    rig_free(rig);
    unlink(path);
}

Test(can_log, two_buses_are_two_interfaces)
{
    char path[32];
    char command[256];
    char output[OUTPUT_MAX];
    struct err err = {0};
    temporary(path, ".pcapng");
    struct trace *trace = trace_new(false);
    struct can_log *log = can_log_open_pcapng(path, trace, &err);
    const uint16_t first = trace_source(trace, "powertrain");
    const uint16_t second = trace_source(trace, "can1");
    const uint64_t args[TRACE_ARGS] = {0x123};
    trace_emit(trace, 1, TRACE_CAN_FRAME, first, args, "\x11", 1);
    trace_emit(trace, SIM_S(7) + 2, TRACE_CAN_FRAME, second, args, "\x22", 1);
    trace_emit(trace, SIM_S(8), TRACE_CAN_FRAME, first, args, "\x33", 1);
    cr_assert_eq(can_log_close(log, &err), 0);
    snprintf(command, sizeof(command),
             "tshark -r %s -T fields -E separator=, -e frame.interface_name -e frame.time_epoch "
             "-e data.data 2>/dev/null",
             path);
    cr_assert_str_eq(output_of(command, output), "powertrain,1704067200.000000001,11\n"
                                                 "can1,1704067207.000000002,22\n"
                                                 "powertrain,1704067208.000000000,33\n");
    trace_free(trace);
    unlink(path);
}

static void check_frame(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    size_t *seen = ctx;
    if (rec->kind != TRACE_CAN_FRAME) {
        return;
    }
    struct can_frame frame = {0};
    can_log_frame(rec, &frame);
    const struct can_frame want = rig_frame(sent[*seen]);
    cr_assert(can_frame_equal(&frame, &want), "%s", sent[*seen]);
    (*seen)++;
}

Test(can_log, a_trace_record_holds_the_whole_frame)
{
    struct rig *rig = rig_new(2, 2000000, NULL);
    size_t seen = 0;
    trace_subscribe(rig->trace, check_frame, &seen);
    play_sent(rig);
    cr_assert_eq(seen, ARRAY_SIZE(sent));
    rig_free(rig);
}

Test(can_log, a_file_that_cannot_be_created_is_an_error_that_names_it)
{
    struct err err = {0};
    struct trace *trace = trace_new(false);
    cr_assert_null(can_log_open_candump("/nowhere/x.log", trace, &err));
    cr_assert_eq(err.code, ERR_IO);
    cr_assert_not_null(strstr(err.text, "/nowhere/x.log"));
    cr_assert_null(can_log_open_pcapng("/nowhere/x.pcapng", trace, &err));
    cr_assert_not(trace_on(trace));
    trace_free(trace);
}

Test(can_log, a_full_disk_is_reported_when_the_log_is_closed)
{
    struct err err = {0};
    struct trace *trace = trace_new(false);
    struct can_log *log = can_log_open_candump("/dev/full", trace, &err);
    cr_assert_not_null(log);
    const uint16_t bus = trace_source(trace, "can0");
    const uint64_t args[TRACE_ARGS] = {0x123};
    trace_emit(trace, 1, TRACE_CAN_FRAME, bus, args, "\x11", 1);
    cr_assert_eq(can_log_close(log, &err), ERR_IO);
    cr_assert_not_null(strstr(err.text, "/dev/full"));
    trace_free(trace);
}
