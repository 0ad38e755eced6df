/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_bus_replay.c - logs as candump writes them, played back onto a bus. */
#include "inject/bus_replay.h"
#include "sim/can/can_log.h"
#include "tests/inject/inject_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct rig *rig;
static struct bus_replay replay;
static char path[] = "/tmp/bus-replay-XXXXXX";

/* can-utils, candump -l: seconds with six digits, the interface, the frame. */
static const char log_text[] = "(1436509052.249713) can0 044#2A366C2BBA\n"
                               "(1436509052.449847) can0 0F6#7ADFE07BD2\n"
                               "(1436509052.650004) can1 236#C3406B09F4C88036\n"
                               "(1436509052.650004) can0 20000088#0000000000000000\n"
                               "\n"
                               "(1436509052.850277) can0 12345678#R\n";

static void write_log(const char *text)
{
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
}

static void set_up(void)
{
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    rig = rig_new(3, 0, NULL);
}

static void tear_down(void)
{
    unlink(path);
    rig_free(rig);
}

TestSuite(bus_replay, .init = set_up, .fini = tear_down);

static void play(const struct bus_replay_cfg *cfg)
{
    struct err err;
    cr_assert_eq(bus_replay_start(&replay, &rig->bus, path, cfg, &err), 0, "%s", err.text);
    rig_run(rig, rig->sim.now_ns + SIM_S(3));
    bus_replay_stop(&replay);
}

Test(bus_replay, frames_come_as_far_apart_as_in_the_log)
{
    write_log(log_text);
    play(&(struct bus_replay_cfg){.name = "replay", .interface = "can0", .from_ns = SIM_MS(10)});
    cr_expect_str_eq(rig_heard(rig), "044#2A366C2BBA 0F6#7ADFE07BD2 12345678#R");
    const sim_ns_t begin_ns = SIM_MS(10);
    cr_expect_eq(rig_seen(rig, THIRD, SEEN_FRAME, 0)->at_ns,
                 begin_ns + rig_length_ns("044#2A366C2BBA"));
    cr_expect_eq(rig_seen(rig, THIRD, SEEN_FRAME, 1)->at_ns,
                 begin_ns + SIM_US(200134) + rig_length_ns("0F6#7ADFE07BD2"));
    cr_expect_eq(replay.left_out, 2);
    cr_expect_eq(replay.sent, 3);
}

Test(bus_replay, time_can_be_scaled)
{
    write_log(log_text);
    play(&(struct bus_replay_cfg){.name = "replay", .speed_permille = 2000});
    cr_expect_eq(rig_seen(rig, THIRD, SEEN_FRAME, 1)->at_ns,
                 SIM_US(100067) + rig_length_ns("0F6#7ADFE07BD2"));
}

Test(bus_replay, a_log_of_ours_comes_back_the_same)
{
    char heard[2048];
    struct err err;
    struct can_log *log = can_log_open_candump(path, rig->trace, &err);
    cr_assert_not_null(log);
    rig_say(rig, "7E0#021003 7E8#065003003201F4 100# 18DA10F1#0011223344556677");
    cr_assert_eq(can_log_close(log, &err), 0);
    (void)snprintf(heard, sizeof heard, "%s", rig_heard(rig));
    rig_free(rig);
    rig = rig_new(3, 0, NULL);
    play(&(struct bus_replay_cfg){.name = "replay"});
    cr_expect_str_eq(rig_heard(rig), heard);
}

Test(bus_replay, bad_logs_are_refused_with_file_and_line)
{
    static const struct {
        const char *text;
        int code;
        const char *says;
    } rows[] = {
        {"", ERR_NOT_FOUND, "no frame"},
        {"can0 100#00\n", ERR_SYNTAX, ":1: not a line"},
        {"(1.0) can0 100#00\n(12) can0 100#00\n", ERR_SYNTAX, ":2: not a line"},
        {"(1.0) can0 100#00\n(2.0) can0 100#0\n", ERR_SYNTAX, ":2: \"100#0\" is not"},
        {"(2.0) can0 100#00\n(1.0) can0 100#00\n", ERR_SYNTAX, ":2: this frame is older"},
        {"(1.0) can0 100##100\n", ERR_UNSUPPORTED, ":1: a CAN FD frame, but can0"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err err = {.code = 0};
        write_log(rows[i].text);
        cr_expect_eq(bus_replay_start(&replay, &rig->bus, path,
                                      &(struct bus_replay_cfg){.name = "replay"}, &err),
                     rows[i].code, "%s", rows[i].text);
        cr_expect_not_null(strstr(err.text, rows[i].says), "%s", err.text);
        cr_expect_not_null(strstr(err.text, path), "%s", err.text);
    }
    struct err err;
    unlink(path);
    cr_expect_eq(bus_replay_start(&replay, &rig->bus, path,
                                  &(struct bus_replay_cfg){.name = "replay"}, &err),
                 ERR_IO);
}
