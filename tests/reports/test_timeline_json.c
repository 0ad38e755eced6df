/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_timeline_json.c - timelines on their way through JSON, hostile texts and
 * damaged files included. */
#include "reports/timeline_json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const hostile[] = {
    "",
    "\"]],\"x\":[[\"",
    "\\\" \\u0000 \\",
    "line\nbreak\r\ttab\b\f\x01\x1F\x7F",
    "%n%s%s%n",
    "</script><script>alert(1)</script>",
    "正常升级 ÄÖÜ \xF0\x9F\x9A\x97",
};

static const struct timeline_message sample = {
    .begin_ns = 17,
    .end_ns = SIM_NEVER,
    .service = (char[]){"31 RoutineControl"},
    .shape = (char[]){"FF + 146 CF"},
    .len_bytes = 1024,
    .bus_line = 77,
    .focus = 1,
    .tone = TONE_BAD,
    .struck = true,
};

static void fill(struct timeline *timeline, const char *text)
{
    struct timeline_message message = sample;
    char own[80];
    snprintf(own, sizeof own, "%s", text);
    timeline->end_ns = SIM_S(7200);
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_FLASH, text);
    timeline_lane_span(lane, 5, SIM_S(7199) + 123456789, text, TONE_BUSY);
    lane->spans[0].count = 4000000000u;
    timeline_lane_span(lane, 9, 9, "torn", TONE_BAD);
    lane = timeline_add_lane(timeline, LANE_SUPPLY, "bcm");
    timeline_lane_point(lane, 0, 13500);
    timeline_lane_point(lane, 8, -1);
    timeline_lane_point(lane, 8, 4500.5);
    timeline_add_focus(timeline, 3, "fault");
    timeline_add_focus(timeline, 4, text);
    message.from = message.to = message.bus = message.meaning = message.bytes = own;
    timeline_add_message(timeline, &message);
    message.end_ns = 18;
    message.lost = true;
    timeline_add_message(timeline, &message);
    timeline_add_flash(
        timeline, &(struct timeline_flash){.ecu = own,
                                           .base = 0x700000,
                                           .sector_bytes = 1024,
                                           .sectors_len = 7,
                                           .state = (char[]){"BB..#T+"},
                                           .erased = (uint32_t[]){0, 0, 1, 1, 1, 2, 4000000000u}});
}

static void expect_lanes(const struct timeline *back, const char *text)
{
    cr_assert_eq(back->lanes_len, 2u);
    cr_expect_eq(back->lanes[0].kind, LANE_FLASH);
    cr_expect_str_eq(back->lanes[0].of, text);
    cr_assert_eq(back->lanes[0].spans_len, 2u);
    const struct timeline_span *span = &back->lanes[0].spans[0];
    cr_expect_eq(span->from_ns, 5u);
    cr_expect_eq(span->to_ns, SIM_S(7199) + 123456789);
    cr_expect_str_eq(span->text, text);
    cr_expect_eq(span->tone, TONE_BUSY);
    cr_expect_eq(span->count, 4000000000u);
    cr_expect_eq(back->lanes[0].spans[1].count, 1u);
    cr_expect_eq(back->lanes[1].kind, LANE_SUPPLY);
    cr_assert_eq(back->lanes[1].points_len, 2u);
    cr_expect_eq(back->lanes[1].points[1].at_ns, 8u);
    cr_expect_eq(back->lanes[1].points[1].value, 4500.5);
}

static void expect_messages(const struct timeline *back, const char *text)
{
    cr_assert_eq(back->foci_len, 2u);
    cr_expect_eq(back->foci[0].at_ns, 3u);
    cr_expect_str_eq(back->foci[1].text, text);
    cr_assert_eq(back->messages_len, 2u);
    const struct timeline_message *message = &back->messages[0];
    cr_expect_eq(message->begin_ns, 17u);
    cr_expect_eq(message->end_ns, SIM_NEVER);
    cr_expect_str_eq(message->bus, text);
    cr_expect_str_eq(message->from, text);
    cr_expect_str_eq(message->to, text);
    cr_expect_str_eq(message->service, sample.service);
    cr_expect_str_eq(message->meaning, text);
    cr_expect_str_eq(message->shape, sample.shape);
    cr_expect_str_eq(message->bytes, text);
    cr_expect_eq(message->len_bytes, 1024u);
    cr_expect_eq(message->bus_line, 77u);
    cr_expect_eq(message->focus, 1u);
    cr_expect_eq(message->tone, TONE_BAD);
    cr_expect(message->struck && !message->lost);
    cr_expect(back->messages[1].lost);
    cr_expect_eq(back->messages[1].end_ns, 18u);
}

static void expect_flash(const struct timeline *back, const char *text)
{
    cr_assert_eq(back->flashes_len, 1u);
    const struct timeline_flash *flash = &back->flashes[0];
    cr_expect_str_eq(flash->ecu, text);
    cr_expect_eq(flash->base, 0x700000u);
    cr_expect_eq(flash->sector_bytes, 1024u);
    cr_assert_eq(flash->sectors_len, 7u);
    cr_expect_str_eq(flash->state, "BB..#T+");
    cr_expect_eq(flash->erased[4], 1u);
    cr_expect_eq(flash->erased[5], 2u);
    cr_expect_eq(flash->erased[6], 4000000000u);
}

Test(timeline_json, a_timeline_comes_back_as_it_was)
{
    for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
        struct timeline timeline = {.end_ns = 0}, back = {.end_ns = 0};
        struct err err = {0};
        fill(&timeline, hostile[i]);
        char *text = timeline_print(&timeline);
        cr_assert_eq(timeline_parse(&back, text, strlen(text), &err), 0, "%s: %s", err.text, text);
        cr_expect_eq(back.end_ns, SIM_S(7200));
        expect_lanes(&back, hostile[i]);
        expect_messages(&back, hostile[i]);
        expect_flash(&back, hostile[i]);
        char *again = timeline_print(&back);
        cr_expect_str_eq(again, text);
        free(again);
        free(text);
        timeline_release(&timeline);
        timeline_release(&back);
    }
}

Test(timeline_json, every_kind_of_lane_and_every_tone_has_a_name)
{
    struct timeline timeline = {.end_ns = 1}, back = {.end_ns = 0};
    struct err err = {0};
    for (int i = 0; i < LANE_KINDS; i++) {
        struct timeline_lane *lane = timeline_add_lane(&timeline, (enum timeline_lane_kind)i, "x");
        timeline_lane_span(lane, 0, 1, "y", (enum timeline_tone)(i % TONES));
    }
    char *text = timeline_print(&timeline);
    cr_assert_eq(timeline_parse(&back, text, strlen(text), &err), 0, "%s", err.text);
    cr_assert_eq(back.lanes_len, (size_t)LANE_KINDS);
    for (int i = 0; i < LANE_KINDS; i++) {
        cr_expect_eq(back.lanes[i].kind, (enum timeline_lane_kind)i);
        cr_expect_eq(back.lanes[i].spans[0].tone, (enum timeline_tone)(i % TONES));
    }
    free(text);
    timeline_release(&timeline);
    timeline_release(&back);
}

/* JSON is UTF-8, and what a guest writes need not be. */
Test(timeline_json, bytes_that_are_no_utf_8_stay_visible)
{
    struct timeline timeline = {.end_ns = 1};
    timeline_add_focus(&timeline, 0, "a\xFF\xC3(\xE4\xBD");
    cr_expect_str_eq(timeline.foci[0].text, "a\\xff\\xc3(\\xe4\\xbd");
    timeline_release(&timeline);
}

Test(timeline_json, a_long_text_is_cut_between_characters)
{
    struct timeline timeline = {.end_ns = 1};
    char text[2 * TIMELINE_TEXT_MAX] = "xx";
    while (strlen(text) < TIMELINE_TEXT_MAX + 10) {
        strcat(text, "级");
    }
    timeline_add_focus(&timeline, 0, text);
    cr_expect_eq(strlen(timeline.foci[0].text), (size_t)TIMELINE_TEXT_MAX);
    cr_expect_eq((strlen(timeline.foci[0].text) - 2) % 3, 0u);
    timeline_release(&timeline);
}

/* Whatever is cut off, and whatever byte is broken, is refused or read: never worse. */
Test(timeline_json, a_damaged_text_is_refused)
{
    struct timeline timeline = {.end_ns = 0};
    fill(&timeline, "name");
    char *text = timeline_print(&timeline);
    const size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        struct timeline back = {.end_ns = 0};
        struct err err = {0};
        cr_expect_eq(timeline_parse(&back, text, i, &err), ERR_SYNTAX, "%.*s", (int)i, text);
        timeline_release(&back);
        char *damaged = strdup(text);
        damaged[i] = (char)(damaged[i] ^ 0x15);
        (void)timeline_parse(&back, damaged, len, &err);
        timeline_release(&back);
        free(damaged);
    }
    free(text);
    timeline_release(&timeline);
}

#define HEAD "{\"format\":\"limphome-timeline/1\",\"end_ns\":9,\"lanes\":["
#define TAIL "],\"foci\":[[1,\"f\"]],\"messages\":[],\"flashes\":[]}"
#define LANE(spans, points)                                                                        \
    HEAD "{\"kind\":\"fault\",\"of\":\"\",\"spans\":[" spans "],\"points\":[" points "]}" TAIL
#define FLASH(state, erased)                                                                       \
    HEAD "],\"foci\":[],\"messages\":[],\"flashes\":[{\"ecu\":\"b\",\"base\":0,"                   \
         "\"sector_bytes\":1024,\"state\":[" state "],\"erased\":[" erased "]}]}"
#define MESSAGE(focus, end)                                                                        \
    HEAD "],\"foci\":[[1,\"f\"]],\"messages\":[[" focus ",1,0," end ",\"\",\"\",\"\",\"\",\"\","   \
         "\"\",\"\",1,\"plain\",false,false]],\"flashes\":[]}"

Test(timeline_json, what_is_wrong_is_named)
{
    static const struct {
        const char *text, *told; /* Null: it is good. */
    } rows[] = {
        {"null", "format"},
        {"{\"format\":\"limphome-timeline/2\"}", "format"},
        {"{\"format\":\"limphome-timeline/1\"}", "end_ns"},
        {HEAD TAIL, NULL},
        {HEAD "7" TAIL, "lanes[0]: of"},
        {HEAD "{\"kind\":\"odd\",\"of\":\"\",\"spans\":[],\"points\":[]}" TAIL, "lanes[0]: kind"},
        {LANE("[1,2,\"a\",\"bad\",1]", "[1,2],[2,-0.5]"), NULL},
        {LANE("[2,1,\"a\",\"bad\",1]", ""), "lanes[0]: span ends"},
        {LANE("[1,2,\"a\",\"bad\",0]", ""), "lanes[0]: span ends"},
        {LANE("[1,2,\"a\",\"worse\",1]", ""), "lanes[0]: tone"},
        {LANE("[1,2,\"a\",\"bad\"]", ""), "lanes[0]: span is no row"},
        {LANE("[1,2,\"a\",\"bad\",1,1]", ""), "lanes[0]: span is no row"},
        {LANE("[1.5,2,\"a\",\"bad\",1]", ""), "begin of a span"},
        {LANE("[-1,2,\"a\",\"bad\",1]", ""), "begin of a span"},
        {LANE("[1,1e300,\"a\",\"bad\",1]", ""), "end of a span"},
        {LANE("", "[1,2],[1,3]"), "point does not come after"},
        {LANE("", "[1,1e999]"), "value of a point"},
        {MESSAGE("0", "null"), NULL},
        {MESSAGE("1", "null"), "messages[0]: focus"},
        {MESSAGE("0", "false"), "messages[0]: end"},
        {FLASH("[\"T\",3]", "[0,1],[1,2]"), NULL},
        {FLASH("[\"T\",3]", "[0,1],[1,3]"), "flashes[0]: erased"},
        {FLASH("[\"Q\",3]", "[0,3]"), "flashes[0]: state"},
        {FLASH("[\"T\",0]", ""), "run of sectors"},
        {FLASH("[\"T\",65536],[\"T\",1]", ""), "run of sectors"},
        {FLASH("[\"T\",4000000000]", ""), "run of sectors"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct timeline back = {.end_ns = 0};
        struct err err = {0};
        const int code = timeline_parse(&back, rows[i].text, strlen(rows[i].text), &err);
        cr_expect_eq(code, rows[i].told != NULL ? ERR_SYNTAX : 0, "%s: %s", rows[i].text, err.text);
        cr_expect(rows[i].told == NULL || strstr(err.text, rows[i].told) != NULL, "%s: %s",
                  rows[i].text, err.text);
        timeline_release(&back);
    }
}

Test(timeline_json, a_file_is_read_or_its_fault_told_with_its_name)
{
    char path[] = "/tmp/limphome-timeline-XXXXXX";
    struct timeline timeline = {.end_ns = 0}, back = {.end_ns = 0};
    struct err err = {0};
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    fill(&timeline, "name");
    char *text = timeline_print(&timeline);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_expect_eq(timeline_load(&back, path, &err), 0, "%s", err.text);
    expect_lanes(&back, "name");
    timeline_release(&back);
    cr_assert_eq(ftruncate(fd, 100), 0);
    cr_expect_eq(timeline_load(&back, path, &err), ERR_SYNTAX);
    cr_expect_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
    timeline_release(&back);
    close(fd);
    unlink(path);
    cr_expect_eq(timeline_load(&back, path, &err), ERR_NOT_FOUND);
    free(text);
    timeline_release(&timeline);
}
