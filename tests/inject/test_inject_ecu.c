/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_inject_ecu.c - each fault of an ECU's behaviour, as a tester sees it. */
#include "inject/inject_ecu.h"

#include "sim/trace.h"
#include "tests/inject/ecu_rig.h"

struct bench {
    struct ecu_rig t;
    struct inject_ecu inject;
    struct inject_ecu_rule rule;
};

static void start(struct bench *b)
{
    ecu_rig_init(&b->t);
    inject_ecu_init(&b->inject, b->t.rig.ecu);
}

static void add(struct bench *b, struct inject_ecu_what what, struct inject_ecu_effect effect,
                uint32_t times)
{
    const struct inject_ecu_rule_cfg cfg = {
        .turns = {.name = "rule", .times = times}, .what = what, .effect = effect};
    inject_ecu_add(&b->inject, &b->rule, &cfg);
}

static void end(struct bench *b, uint64_t fired)
{
    cr_expect(b->rule.turns.count.fired == fired, "fired %u times, not %u",
              (unsigned)b->rule.turns.count.fired, (unsigned)fired);
    inject_ecu_release(&b->inject);
    ecu_rig_release(&b->t);
}

Test(inject_ecu, refuses_with_any_code_and_leaves_the_work_undone)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10, .sub = UDS_SUB(3)},
        (struct inject_ecu_effect){.kind = INJECT_ECU_REFUSE, .nrc = 0x22}, 1);
    ECU_RIG_EXPECT(&b.t, "10 01", SIM_MS(100), "5001003201F4");
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "7F1022");
    cr_expect_eq(rig_status(&b.t.rig).session, UDS_SESSION_DEFAULT);
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "5003003201F4");
    end(&b, 1);
}

Test(inject_ecu, refuses_although_the_work_is_done)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10},
        (struct inject_ecu_effect){.kind = INJECT_ECU_REFUSE, .nrc = 0x22, .works = true}, 1);
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "7F1022");
    cr_expect_eq(rig_status(&b.t.rig).session, UDS_SESSION_EXTENDED);
    end(&b, 1);
}

Test(inject_ecu, is_silent_with_and_without_the_work)
{
    for (int works = 0; works <= 1; works++) {
        struct bench b;
        start(&b);
        add(&b, (struct inject_ecu_what){.service = 0},
            (struct inject_ecu_effect){.kind = INJECT_ECU_SILENCE, .works = works != 0}, 0);
        ECU_RIG_EXPECT_LOG(&b.t, "10 03", SIM_MS(100), "");
        cr_expect_eq(rig_status(&b.t.rig).session,
                     works != 0 ? UDS_SESSION_EXTENDED : UDS_SESSION_DEFAULT);
        ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_MS(100), "");
        cr_expect(b.t.cyclic > 0, "the rest of the ECU goes on");
        inject_ecu_remove(&b.rule);
        ECU_RIG_EXPECT(&b.t, "3E 00", SIM_MS(100), "7E00");
        end(&b, 2);
    }
}

Test(inject_ecu, holds_over_the_reset_between_application_and_bootloader)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10, .sub = UDS_SUB(2)},
        (struct inject_ecu_effect){.kind = INJECT_ECU_CHANGE,
                                   .changes = {{.offset = 1, .mask = 0xFF, .value = 3}}},
        1);
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&b.t, "10 02", SIM_S(1), "5003003201F4");
    cr_expect_eq(b.t.rig.base->run, ECU_BOOTLOADER);
    cr_expect_eq(rig_status(&b.t.rig).session, UDS_SESSION_PROGRAMMING);
    end(&b, 1);
}

/* The request was made before anybody looked. */
Test(inject_ecu, an_answer_that_nobody_asked_for_in_this_life_tells_its_request)
{
    struct bench b;
    ecu_rig_init(&b.t);
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT_LOG(&b.t, "10 02", SIM_MS(39), "37:7F1078");
    inject_ecu_init(&b.inject, b.t.rig.ecu);
    add(&b, (struct inject_ecu_what){.service = 0x10, .sub = UDS_SUB(2)},
        (struct inject_ecu_effect){
            .kind = INJECT_ECU_REPLACE, .answer = {0x7F, 0x10, 0x22}, .answer_len = 3},
        1);
    rig_run(&b.t.rig, SIM_S(1));
    cr_expect(ecu_rig_answered(&b.t, "7F 10 22"));
    end(&b, 1);
}

Test(inject_ecu, phase_tells_bootloader_from_application)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x3E, .phase = INJECT_IN_BOOTLOADER},
        (struct inject_ecu_effect){.kind = INJECT_ECU_REFUSE, .nrc = 0x21}, 0);
    ECU_RIG_EXPECT(&b.t, "3E 00", SIM_MS(100), "7E00");
    ecu_rig_enter(&b.t);
    ECU_RIG_EXPECT(&b.t, "3E 00", SIM_MS(100), "7F3E21");
    end(&b, 1);
}

Test(inject_ecu, bytes_of_the_request_choose)
{
    struct bench b;
    start(&b);
    add(&b,
        (struct inject_ecu_what){.service = 0x22,
                                 .bytes = {{.offset = 1, .mask = 0xFF, .value = 0xF1},
                                           {.offset = 2, .mask = 0xFF, .value = 0x89}}},
        (struct inject_ecu_effect){.kind = INJECT_ECU_REFUSE, .nrc = 0x31}, 0);
    ECU_RIG_EXPECT(&b.t, "22 F1 86", SIM_MS(100), "62F18601");
    ECU_RIG_EXPECT(&b.t, "22 F1 89", SIM_MS(100), "7F2231");
    end(&b, 1);
}

Test(inject_ecu, pendings_count_and_end_as_told)
{
    static const struct {
        struct inject_ecu_pending pending;
        bool works;
        uint8_t nrc;
        sim_ns_t for_ns;
        const char *log;
        enum uds_session session;
    } rows[] = {
        {{.count = 2, .every_ns = SIM_S(4)},
         true,
         0,
         SIM_S(9),
         "30:7F1078 4030:7F1078 8030:5003003201F4",
         UDS_SESSION_EXTENDED},
        {{.count = 1, .every_ns = SIM_S(4), .then = INJECT_THEN_SILENCE},
         false,
         0,
         SIM_S(9),
         "30:7F1078",
         UDS_SESSION_DEFAULT},
        {{.count = 1, .every_ns = SIM_S(1), .then = INJECT_THEN_NRC},
         false,
         0x72,
         SIM_S(4),
         "30:7F1078 1030:7F1072",
         UDS_SESSION_DEFAULT},
        {{.count = 1, .every_ns = SIM_S(1), .then = INJECT_THEN_NRC},
         true,
         0x72,
         SIM_S(4),
         "30:7F1078 1030:7F1072",
         UDS_SESSION_EXTENDED},
        {{.every_ns = SIM_S(3), .first_ns = SIM_MS(10), .then = INJECT_THEN_NEVER},
         true,
         0,
         SIM_S(9),
         "10:7F1078 3010:7F1078 6010:7F1078",
         UDS_SESSION_EXTENDED},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench b;
        start(&b);
        add(&b, (struct inject_ecu_what){.service = 0x10},
            (struct inject_ecu_effect){.kind = INJECT_ECU_PENDING,
                                       .works = rows[i].works,
                                       .nrc = rows[i].nrc,
                                       .pending = rows[i].pending},
            1);
        ECU_RIG_EXPECT_LOG(&b.t, "10 03", rows[i].for_ns, rows[i].log);
        cr_expect(rig_status(&b.t.rig).session == rows[i].session, "row %zu", i);
        end(&b, 1);
    }
}

Test(inject_ecu, pendings_end_when_their_rule_does)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10},
        (struct inject_ecu_effect){.kind = INJECT_ECU_PENDING,
                                   .works = true,
                                   .pending = {.count = 50, .every_ns = SIM_S(4)}},
        1);
    (void)ecu_rig_ask(&b.t, "10 03", SIM_S(6));
    inject_ecu_remove(&b.rule);
    rig_run(&b.t.rig, SIM_S(1));
    cr_expect_str_eq(b.t.log, "30:7F1078 4030:7F1078 6000:5003003201F4");
    ECU_RIG_EXPECT(&b.t, "3E 00", SIM_MS(100), "7E00");
    end(&b, 1);
}

Test(inject_ecu, endless_pendings_give_way_to_a_request_but_not_to_tester_present)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10, .sub = UDS_SUB(3)},
        (struct inject_ecu_effect){
            .kind = INJECT_ECU_PENDING,
            .works = true,
            .pending = {.first_ns = SIM_MS(10), .every_ns = SIM_S(3), .then = INJECT_THEN_NEVER}},
        1);
    ECU_RIG_EXPECT_LOG(&b.t, "10 03", SIM_S(1), "10:7F1078");
    ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_S(3), "0:7F3E21 2010:7F1078");
    ECU_RIG_EXPECT_LOG(&b.t, "10 01", SIM_S(3), "0:5001003201F4");
    end(&b, 1);
}

Test(inject_ecu, pendings_before_the_answer_that_the_bootloader_gives)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x10, .sub = UDS_SUB(2)},
        (struct inject_ecu_effect){.kind = INJECT_ECU_PENDING,
                                   .works = true,
                                   .pending = {.count = 3, .every_ns = SIM_S(2)}},
        1);
    ECU_RIG_EXPECT(&b.t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT_LOG(&b.t, "10 02", SIM_S(9),
                       "30:7F1078 2030:7F1078 4030:7F1078 4065:5002003201F4");
    end(&b, 1);
}

Test(inject_ecu, pendings_run_beside_the_work_of_the_bootloader)
{
    struct bench b;
    start(&b);
    ecu_rig_enter(&b.t);
    add(&b, (struct inject_ecu_what){.service = 0x31, .sub = UDS_SUB(1)},
        (struct inject_ecu_effect){.kind = INJECT_ECU_PENDING,
                                   .works = true,
                                   .pending = {.count = 2, .every_ns = SIM_S(4)}},
        1);
    ECU_RIG_EXPECT_LOG(&b.t, "31 01 FF 00", SIM_S(12), "30:7F3178 4030:7F3178 8030:7101FF0000");
    cr_expect_eq(rig_status(&b.t.rig).erase_state, BOOT_ERASE_DONE);
    end(&b, 1);
}

Test(inject_ecu, delays_answers)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x3E},
        (struct inject_ecu_effect){.kind = INJECT_ECU_DELAY, .delay_ns = SIM_MS(700)}, 1);
    ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_S(1), "700:7E00");
    ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_S(1), "0:7E00");
    end(&b, 1);
}

Test(inject_ecu, changes_positive_answers_only)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x22},
        (struct inject_ecu_effect){.kind = INJECT_ECU_CHANGE,
                                   .changes = {{.offset = 2, .mask = 0xFF, .value = 0x87}},
                                   .len = INJECT_LEN(6)},
        1);
    ECU_RIG_EXPECT(&b.t, "22 00 00", SIM_MS(100), "7F2231");
    ECU_RIG_EXPECT(&b.t, "22 F1 86", SIM_MS(100), "62F187010000");
    ECU_RIG_EXPECT(&b.t, "22 F1 86", SIM_MS(100), "62F18601");
    end(&b, 1);
}

Test(inject_ecu, replaces_answers_of_any_kind)
{
    struct bench b;
    start(&b);
    add(&b, (struct inject_ecu_what){.service = 0x22},
        (struct inject_ecu_effect){
            .kind = INJECT_ECU_REPLACE, .answer = {0x6A, 1}, .answer_len = 2},
        0);
    ECU_RIG_EXPECT(&b.t, "22 00 00", SIM_MS(100), "6A01");
    ECU_RIG_EXPECT(&b.t, "22 F1 86", SIM_MS(100), "6A01");
    end(&b, 2);
}

Test(inject_ecu, loses_its_session)
{
    struct bench b;
    start(&b);
    ecu_rig_enter(&b.t);
    add(&b, (struct inject_ecu_what){.service = 0x34},
        (struct inject_ecu_effect){.kind = INJECT_ECU_LOSE_SESSION}, 1);
    ECU_RIG_EXPECT(&b.t, "34 00 44 00 78 00 00 00 00 01 00", SIM_MS(60), "7F347F");
    cr_expect_eq(rig_status(&b.t.rig).session, UDS_SESSION_DEFAULT);
    cr_expect(!rig_status(&b.t.rig).unlocked);
    end(&b, 1);
}

static const char long_request[] = "2E F1 5A 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11";

/* A request of 20 bytes: a first frame and two consecutive ones. */
static void ask_long(struct bench *b, struct inject_ecu_flow flow, const char *expected_flow,
                     const char *expected_answer)
{
    start(b);
    ecu_rig_enter(&b->t);
    add(b, (struct inject_ecu_what){.service = 0x2E},
        (struct inject_ecu_effect){.kind = INJECT_ECU_FLOW, .flow = flow}, 1);
    ECU_RIG_EXPECT(&b->t, long_request, SIM_S(3), expected_answer);
    cr_expect_str_eq(b->t.flow, expected_flow);
}

Test(inject_ecu, flow_control_waits)
{
    struct bench b;
    ask_long(&b, (struct inject_ecu_flow){.waits = 3, .wait_ns = SIM_MS(800)},
             "0:310000 800:310000 1600:310000 2401:300000", "6EF15A");
    end(&b, 3);
}

Test(inject_ecu, flow_control_never_comes_to_an_end_of_waits)
{
    struct bench b;
    ask_long(&b, (struct inject_ecu_flow){.waits = INJECT_WAITS_FOR_EVER, .wait_ns = SIM_MS(900)},
             "0:310000 900:310000 1800:310000 2701:310000", "");
    end(&b, 4);
}

Test(inject_ecu, flow_control_overflows)
{
    struct bench b;
    ask_long(&b, (struct inject_ecu_flow){.overflow = true}, "0:320000", "");
    ECU_RIG_EXPECT(&b.t, long_request, SIM_S(1), "6EF15A");
    end(&b, 1);
}

Test(inject_ecu, flow_control_is_left_out)
{
    struct bench b;
    ask_long(&b, (struct inject_ecu_flow){.leave_out = true}, "", "");
    end(&b, 1);
    ask_long(&b,
             (struct inject_ecu_flow){
                 .leave_out = true, .leave_out_at = 1, .block_sizes = {1}, .block_sizes_len = 1},
             "0:300100", "");
    end(&b, 2);
}

Test(inject_ecu, block_sizes_and_separation_times_change_from_block_to_block)
{
    struct bench b;
    ask_long(
        &b,
        (struct inject_ecu_flow){
            .block_sizes = {1, 8}, .block_sizes_len = 2, .st_mins = {20, 0xF1}, .st_mins_len = 2},
        "0:300114 0:3008F1", "6EF15A");
    end(&b, 2);
}

Test(inject_ecu, turns_choose_by_number_and_window)
{
    struct bench b;
    start(&b);
    const struct inject_ecu_rule_cfg cfg = {
        .turns = {.name = "rule", .from_ns = SIM_S(2), .until_ns = SIM_S(4), .skip = 1, .every = 2},
        .what = {.service = 0x3E},
        .effect = {.kind = INJECT_ECU_REFUSE, .nrc = 0x10}};
    char hits[64] = "";
    inject_ecu_add(&b.inject, &b.rule, &cfg);
    rig_run(&b.t.rig, SIM_MS(750)); /* It is 1.75 s, so the first four are early. */
    for (int i = 0; i < 14; i++) {
        strcat(hits, strcmp(ecu_rig_answer(&b.t, "3E 00", SIM_MS(200)), "7F3E10") == 0 ? "x" : "-");
    }
    cr_expect_str_eq(hits, "---x-x-x-x-x--");
    cr_expect_eq(b.rule.turns.count.first_ns / SIM_MS(1), 2350);
    end(&b, 5);
}

static void keep_faults(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    char *text = ctx;
    (void)trace;
    if (rec->kind == TRACE_FAULT) {
        strcat(text, text[0] == '\0' ? "" : "; ");
        strncat(text, (const char *)rec->bytes, rec->bytes_len);
    }
}

Test(inject_ecu, the_trace_tells_beginning_firing_and_end)
{
    struct rig rig;
    struct inject_ecu inject;
    struct inject_ecu_rule rule;
    char text[256] = "";
    struct trace *trace = trace_new(false);
    trace_subscribe(trace, keep_faults, text);
    rig_init_text(&rig, trace, "single", "single");
    rig_load(&rig, 0);
    vehicle_power_on(rig.vehicle);
    rig_run(&rig, SIM_S(1));
    inject_ecu_init(&inject, rig.ecu);
    const struct inject_ecu_rule_cfg cfg = {.turns = {.name = "busy", .times = 1},
                                            .effect = {.kind = INJECT_ECU_REFUSE, .nrc = 0x21}};
    inject_ecu_add(&inject, &rule, &cfg);
    RIG_EXPECT(&rig, (0x3E, 0x00), 0x7F, 0x3E, 0x21);
    cr_expect_str_eq(text, "busy: begins; busy: fires on 3E 00; busy: ends");
    inject_ecu_release(&inject);
    rig_release(&rig);
    trace_free(trace);
}
