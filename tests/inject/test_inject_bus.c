/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_inject_bus.c - which frames rules hit, what becomes of them, what is counted.
 */
#include "tests/inject/inject_rig.h"

static struct rig *rig;
static struct inject_bus inject;
static struct inject_rule rules[4];

static void set_up(void)
{
    rig = rig_new(3, 0, NULL);
    inject_bus_init(&inject, &rig->bus);
    inject_bus_watch(&inject, &rig_connection);
}

static void tear_down(void)
{
    inject_bus_release(&inject);
    rig_free(rig);
}

TestSuite(inject_bus, .init = set_up, .fini = tear_down);

static struct inject_rule *add(size_t at, struct inject_rule_cfg cfg)
{
    cfg.name = cfg.name != NULL ? cfg.name : "a rule";
    inject_bus_add(&inject, &rules[at], &cfg);
    return &rules[at];
}

static void anew(void)
{
    tear_down();
    set_up();
}

/* A request of four frames, its answer, and what else is on a bus. */
static const char talk[] = "7E0#1018360101020304 7E8#300000 7E0#2105060708090A0B "
                           "7E0#220C0D0E0F101112 7E0#2313141516 100#00 7E8#037F3678 7E8#027601 "
                           "7E0#0222F1 7E8#037F2231 7DF#023E80";

/* What is lost if everything that fits is lost; found by the whole less what the third hears. */
static void expect_lost(const struct inject_rule_cfg *cfg, const char *lost)
{
    char heard[4096], missing[4096] = "";
    anew();
    struct inject_rule_cfg losing = *cfg;
    losing.effect.lose = true;
    const struct inject_rule *rule = add(0, losing);
    rig_say(rig, talk);
    (void)snprintf(heard, sizeof heard, "%s", rig_heard(rig));
    char all[sizeof talk];
    char *rest_all = all;
    const char *at = heard;
    memcpy(all, talk, sizeof talk);
    for (char *one = strtok_r(all, " ", &rest_all); one; one = strtok_r(NULL, " ", &rest_all)) {
        if (strncmp(at, one, strlen(one)) == 0) {
            at += strlen(one) + (at[strlen(one)] == ' ');
        } else {
            (void)snprintf(missing + strlen(missing), sizeof missing - strlen(missing), "%s%s",
                           missing[0] ? " " : "", one);
        }
    }
    cr_expect_str_eq(missing, lost);
    cr_expect_eq(rule->count.fired, 11 - rig_count(rig, THIRD, SEEN_FRAME), "%s", lost);
}

Test(inject_bus, where_and_what_choose_the_frames)
{
    static const struct {
        struct inject_rule_cfg cfg;
        const char *lost;
    } rows[] = {
        {{.where = {.id = 0x100, .id_mask = 0x7FF}}, "100#00"},
        {{.where = {.id = 0x100, .id_mask = 0x7FF, .ext = true}}, ""},
        {{.where = {.way = INJECT_TO_TESTER}, .what = {.parts = INJECT_FLOW_CONTROL}},
         "7E8#300000"},
        {{.what = {.parts = INJECT_FIRST}}, "7E0#1018360101020304"},
        {{.what = {.parts = INJECT_CONSECUTIVE, .index = 2}}, "7E0#220C0D0E0F101112"},
        {{.where = {.way = INJECT_TO_ECU}, .what = {.service = 0x36, .parts = INJECT_LAST}},
         "7E0#2313141516"},
        {{.what = {.kind = UDS_KIND_POSITIVE}}, "7E8#027601"},
        {{.what = {.kind = UDS_KIND_NEGATIVE}}, "7E8#037F3678 7E8#037F2231"},
        {{.what = {.nrc = 0x31}}, "7E8#037F2231"},
        {{.what = {.service = 0x22}}, "7E0#0222F1 7E8#037F2231"},
        {{.what = {.service = 0x22}, .where = {.way = INJECT_TO_TESTER}}, "7E8#037F2231"},
        {{.what = {.sub = UDS_SUB(0)}}, "7DF#023E80"},
        {{.what = {.sub = UDS_SUB(1)}}, ""},
        {{.what = {.bytes = {{.offset = 0, .mask = 0xFF, .value = 0x76},
                             {.offset = 1, .mask = 0x0F, .value = 1}}}},
         "7E8#027601"},
        {{.what = {.bytes = {{.in_frame = true, .offset = 0, .mask = 0xF0, .value = 0x20}}}},
         "7E0#2105060708090A0B 7E0#220C0D0E0F101112 7E0#2313141516"},
        {{.what = {.whole = true, .service = 0x36, .kind = UDS_KIND_REQUEST}},
         "7E0#1018360101020304 7E0#2105060708090A0B 7E0#220C0D0E0F101112 7E0#2313141516"},
        {{.where = {.connection = INJECT_CONNECTION(1)}}, ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        expect_lost(&rows[i].cfg, rows[i].lost);
    }
    expect_lost(
        &(struct inject_rule_cfg){
            .where = {.id = 0x100, .id_mask = 0x100},
            .what = {.bytes = {{.in_frame = true, .offset = 1, .mask = 0xFF, .value = 0x22}}}},
        "7E0#0222F1");
}

Test(inject_bus, the_sender_counts)
{
    const struct inject_rule *rule =
        add(0, (struct inject_rule_cfg){.where = {.sender = &rig->station[ECU].node},
                                        .effect = {.lose = true}});
    rig_say(rig, "100#00 7E8#027601 200#00");
    cr_expect_str_eq(rig_heard(rig), "100#00 200#00");
    cr_expect_eq(rule->count.fired, 1);
}

static bool on_odd(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    (void)ctx;
    (void)now_ns;
    return (view->frame->data[0] & 1) != 0;
}

Test(inject_bus, when_chooses_among_those_that_fit)
{
    static const char nine[] = "100#01 100#02 100#03 100#04 100#05 100#06 100#07 100#08 100#09";
    static const struct {
        struct inject_when when;
        const char *left;
    } rows[] = {
        {{.skip = 7}, "100#01 100#02 100#03 100#04 100#05 100#06 100#07"},
        {{.skip = 1, .times = 1}, "100#01 100#03 100#04 100#05 100#06 100#07 100#08 100#09"},
        {{.every = 3}, "100#02 100#03 100#05 100#06 100#08 100#09"},
        {{.every = 4, .skip = 1, .times = 2}, "100#01 100#03 100#04 100#05 100#07 100#08 100#09"},
        {{.from_ns = SIM_MS(3), .until_ns = SIM_MS(7)}, "100#01 100#02 100#03 100#08 100#09"},
        {{.enabled = on_odd}, "100#02 100#04 100#06 100#08"},
        {{.chance_ppm = 1000000}, ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        anew();
        add(0, (struct inject_rule_cfg){.when = rows[i].when, .effect = {.lose = true}});
        rig_say(rig, nine);
        cr_expect_str_eq(rig_heard(rig), rows[i].left, "row %zu", i);
    }
}

Test(inject_bus, chance_follows_the_name_of_the_rule_and_nothing_else)
{
    uint64_t fired[3];
    for (size_t round = 0; round < 3; round++) {
        anew();
        const struct inject_rule *rule =
            add(0, (struct inject_rule_cfg){.name = "dice", .when = {.chance_ppm = 300000}});
        rules[0].cfg.effect.duplicates = 1;
        if (round == 1) {
            add(1, (struct inject_rule_cfg){.name = "others", .when = {.chance_ppm = 500000}});
        }
        for (unsigned i = 0; i < 1000; i++) {
            rig_send(rig, TESTER, "100#00");
            rig_run(rig, rig->sim.now_ns + SIM_US(200));
            rig->station[TESTER].seen_len = rig->station[ECU].seen_len = 0;
            rig->station[THIRD].seen_len = 0;
        }
        fired[round] = rule->count.fired;
    }
    /* Four standard deviations of a binomial of 1000 at 0.3 are 58. */
    cr_expect(fired[0] > 242 && fired[0] < 358, "%u", (unsigned)fired[0]);
    cr_expect_eq(fired[0], fired[1]);
    cr_expect_eq(fired[0], fired[2]);
}

Test(inject_bus, bytes_are_changed_in_whichever_frame_carries_them)
{
    const struct inject_rule *rule =
        add(0, (struct inject_rule_cfg){
                   .where = {.way = INJECT_TO_ECU},
                   .what = {.service = 0x36},
                   .effect = {.changes = {{.offset = 14, .mask = 0xFF, .value = 0xEE},
                                          {.offset = 23, .invert = true, .mask = 0x81}}}});
    rig_say(rig, "7E0#1018360101020304 7E8#300000 7E0#2105060708090A0B 7E0#220C0D0E0F101112 "
                 "7E0#2313141516");
    cr_expect_str_eq(rig_heard(rig), "7E0#1018360101020304 7E8#300000 7E0#2105060708090A0B "
                                     "7E0#220CEE0E0F101112 7E0#2313141597");
    cr_expect_eq(rule->count.fired, 2);
}

Test(inject_bus, a_change_that_changes_nothing_has_not_fired)
{
    const struct inject_rule *rule = add(
        0, (struct inject_rule_cfg){
               .when = {.times = 1},
               .effect = {.changes = {{.in_frame = true, .offset = 1, .mask = 0xFF, .value = 7}}}});
    rig_say(rig, "100#0007 100#00 100#0008 100#0009");
    cr_expect_str_eq(rig_heard(rig), "100#0007 100#00 100#0007 100#0009");
    cr_expect_eq(rule->count.fired, 1);
    cr_expect_eq(rule->count.seen, 3);
}

Test(inject_bus, length_can_be_cut_and_filled)
{
    add(0, (struct inject_rule_cfg){.effect = {.len = INJECT_LEN(2)}});
    rig_say(rig, "100#11223344 100#1122 100#11");
    cr_expect_str_eq(rig_heard(rig), "100#1122 100#1122 100#1100");
    cr_expect_eq(rules[0].count.fired, 2);
}

Test(inject_bus, a_swapped_frame_comes_right_after_the_next_of_its_kind)
{
    const struct inject_rule *rule =
        add(0, (struct inject_rule_cfg){.where = {.way = INJECT_TO_ECU},
                                        .what = {.parts = INJECT_CONSECUTIVE, .index = 1},
                                        .effect = {.swap = true}});
    rig_say(rig, "7E0#1018360101020304 7E8#300000 7E0#2105060708090A0B 100#00 "
                 "7E0#220C0D0E0F101112 7E0#2313141516");
    cr_expect_str_eq(rig_heard(rig), "7E0#1018360101020304 7E8#300000 100#00 7E0#220C0D0E0F101112 "
                                     "7E0#2105060708090A0B 7E0#2313141516");
    const size_t n = 3;
    cr_expect_eq(rig_seen(rig, THIRD, SEEN_FRAME, n)->at_ns,
                 rig_seen(rig, THIRD, SEEN_FRAME, n + 1)->at_ns);
    cr_expect_eq(rule->count.fired, 1);
}

Test(inject_bus, a_swapped_frame_without_a_next_one_comes_late)
{
    add(0, (struct inject_rule_cfg){.when = {.times = 1},
                                    .effect = {.swap = true, .delay_ns = SIM_MS(5)}});
    rig_say(rig, "100#00 200#00");
    rig_run(rig, SIM_MS(20));
    cr_expect_str_eq(rig_heard(rig), "200#00 100#00");
    cr_expect_eq(rig_seen(rig, THIRD, SEEN_FRAME, 1)->at_ns, rig_length_ns("100#00") + SIM_MS(5));
}

Test(inject_bus, delay_with_jitter_stays_in_its_bounds_and_varies)
{
    sim_ns_t least_ns = SIM_NEVER, most_ns = 0;
    add(0, (struct inject_rule_cfg){
               .effect = {.delay_ns = SIM_US(300), .delay_jitter_ns = SIM_US(500)}});
    for (unsigned i = 0; i < 100; i++) {
        const sim_ns_t sent_ns = rig->sim.now_ns;
        rig_say(rig, "100#00");
        rig_run(rig, sent_ns + SIM_MS(2));
        const sim_ns_t late_ns =
            rig_seen(rig, THIRD, SEEN_FRAME, i)->at_ns - sent_ns - rig_length_ns("100#00");
        least_ns = sim_min_ns(least_ns, late_ns);
        most_ns = late_ns > most_ns ? late_ns : most_ns;
    }
    cr_expect(least_ns >= SIM_US(300) && least_ns < SIM_US(330), "%u", (unsigned)least_ns);
    cr_expect(most_ns <= SIM_US(800) && most_ns > SIM_US(770), "%u", (unsigned)most_ns);
}

Test(inject_bus, damage_makes_an_error_frame_and_the_frame_comes_again)
{
    const struct inject_rule *rule =
        add(0, (struct inject_rule_cfg){.when = {.times = 2},
                                        .effect = {.damage = true, .damage_anywhere = true}});
    rig_say(rig, "100#0011223344556677");
    cr_expect_str_eq(rig_heard(rig), "100#0011223344556677");
    cr_expect_eq(rig->bus.stats.error_frames, 2);
    cr_expect_eq(rule->count.fired, 2);
}

Test(inject_bus, effects_of_several_rules_add_up_on_the_frame_as_it_was_sent)
{
    add(0, (struct inject_rule_cfg){
               .name = "first",
               .effect = {.changes = {{.in_frame = true, .offset = 0, .mask = 0xFF, .value = 5}}}});
    add(1, (struct inject_rule_cfg){.name = "second",
                                    .what = {.bytes = {{true, 0, 0xFF, 1}}},
                                    .effect = {.duplicates = 1, .delay_ns = SIM_US(100)}});
    add(2, (struct inject_rule_cfg){
               .name = "third", .what = {.bytes = {{true, 0, 0xFF, 5}}}, .effect = {.lose = true}});
    rig_say(rig, "100#01");
    cr_expect_str_eq(rig_heard(rig), "100#05 100#05");
    cr_expect_eq(rules[2].count.fired, 0);
}

static void note_fault(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    if (rec->kind == TRACE_FAULT) {
        char *text = ctx;
        (void)sprintf(text + strlen(text), "%u us %.*s (%u)\n", (unsigned)(rec->at_ns / 1000),
                      (int)rec->bytes_len, (const char *)rec->bytes, (unsigned)rec->arg[0]);
    }
}

Test(inject_bus, the_trace_tells_when_a_fault_begins_fires_and_ends)
{
    char text[1000] = "";
    trace_subscribe(rig->trace, note_fault, text);
    add(0, (struct inject_rule_cfg){.name = "loss",
                                    .when = {.from_ns = SIM_US(500), .times = 1},
                                    .effect = {.lose = true}});
    add(1, (struct inject_rule_cfg){
               .name = "never", .when = {.until_ns = SIM_US(2500)}, .where = {.id_mask = 0x7FF}});
    rig_say(rig, "100#01 100#02 100#03");
    cr_expect_str_eq(text, "0 us never: begins (0)\n500 us loss: begins (0)\n"
                           "1000 us loss: fires on 100#02 (1)\n1000 us loss: ends (1)\n"
                           "2500 us never: ends (0)\n");
    cr_expect_eq(rules[0].count.first_ns, SIM_MS(1));
    cr_expect_eq(rules[0].count.last_ns, SIM_MS(1));
    cr_expect_eq(rules[1].count.fired, 0);
}

Test(inject_bus, a_removed_rule_is_out_and_keeps_its_count)
{
    add(0, (struct inject_rule_cfg){.effect = {.lose = true}});
    add(1, (struct inject_rule_cfg){.effect = {.duplicates = 1}});
    rig_say(rig, "100#01");
    inject_bus_remove(&rules[0]);
    rig_say(rig, "100#02");
    cr_expect_str_eq(rig_heard(rig), "100#02 100#02");
    cr_expect_eq(rules[0].count.fired, 1);
    cr_expect_eq(rules[1].count.fired, 2);
}

Test(inject_bus, whole_messages_are_counted_as_messages_and_let_the_next_one_through)
{
    static const char talk_of_three[] =
        "7E0#1008360100000000 7E0#210000 7E0#1008360211111111 7E0#211111 "
        "7E0#1008360322222222 7E0#212222 7E0#023E00";
    static const struct {
        struct inject_when when;
        const char *left;
    } rows[] = {
        {{.skip = 1, .times = 1},
         "7E0#1008360100000000 7E0#210000 7E0#1008360322222222 7E0#212222 7E0#023E00"},
        {{.every = 2}, "7E0#1008360211111111 7E0#211111 7E0#023E00"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[1000] = "";
        anew();
        trace_subscribe(rig->trace, note_fault, text);
        const struct inject_rule *rule =
            add(0, (struct inject_rule_cfg){.what = {.whole = true, .service = 0x36},
                                            .when = rows[i].when,
                                            .effect = {.lose = true}});
        rig_say(rig, talk_of_three);
        cr_expect_str_eq(rig_heard(rig), rows[i].left);
        cr_expect_eq(rule->count.seen, i == 0 ? 2 : 3);
        cr_expect_eq(rule->count.fired, i == 0 ? 2 : 4);
        cr_expect_eq(rule->over, i == 0);
        cr_expect_eq(strstr(text, "ends (2)") != NULL, i == 0, "%s", text);
    }
}
