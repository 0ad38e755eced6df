/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_timeline_parts.c - spans and curves stay few however many there are, and lose
 * nothing that the eye would miss; messages are told in the words of ISO 14229-1. */
#include "scenarios/engine/timeline_curve.h"
#include "scenarios/engine/timeline_spans.h"
#include "scenarios/engine/timeline_words.h"

#include <criterion/criterion.h>
#include <string.h>

static struct timeline_lane *fill(struct timeline *timeline, struct timeline_spans *spans,
                                  size_t max)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_FLASH, "bcm");
    timeline_spans_fill(spans, lane, max);
    timeline_spans_release(spans);
    return lane;
}

static void expect_span(const struct timeline_span *span, sim_ns_t from_ns, sim_ns_t to_ns,
                        const char *text, uint32_t count)
{
    cr_expect_eq(span->from_ns, from_ns);
    cr_expect_eq(span->to_ns, to_ns);
    cr_expect_str_eq(span->text, text);
    cr_expect_eq(span->count, count);
}

Test(timeline_spans, what_is_alike_and_close_is_one)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_spans spans;
    timeline_spans_init(&spans, 10, 1);
    timeline_spans_add(&spans, 0, 5, TONE_BUSY, "program");
    timeline_spans_add(&spans, 15, 20, TONE_BUSY, "program");
    timeline_spans_add(&spans, 31, 40, TONE_BUSY, "program");
    timeline_spans_add(&spans, 41, 41, TONE_BAD, "program");
    timeline_spans_add(&spans, 42, 43, TONE_BUSY, "erase");
    const struct timeline_lane *lane = fill(&timeline, &spans, 100);
    cr_assert_eq(lane->spans_len, 4u);
    expect_span(&lane->spans[0], 0, 20, "program", 2);
    expect_span(&lane->spans[1], 31, 40, "program", 1);
    expect_span(&lane->spans[2], 41, 41, "program", 1);
    expect_span(&lane->spans[3], 42, 43, "erase", 1);
    timeline_release(&timeline);
}

Test(timeline_spans, with_others_between_as_far_as_it_looks_back)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_spans spans;
    timeline_spans_init(&spans, 10, 2);
    timeline_spans_add(&spans, 0, 5, TONE_PLAIN, "journal");
    timeline_spans_add(&spans, 6, 6, TONE_PLAIN, "image");
    timeline_spans_add(&spans, 7, 9, TONE_PLAIN, "journal");
    const struct timeline_lane *lane = fill(&timeline, &spans, 100);
    cr_assert_eq(lane->spans_len, 2u);
    expect_span(&lane->spans[0], 0, 9, "journal", 2);
    timeline_release(&timeline);
}

/* A million spans: few are left, they cover all, none is lost from the count, and the one piece of
 * bad news among them is still told. */
Test(timeline_spans, a_million_are_few_and_bad_news_stays)
{
    enum { MANY = 1000000 };
    struct timeline timeline = {.end_ns = 0};
    struct timeline_spans spans;
    uint64_t count = 0;
    bool bad = false;
    timeline_spans_init(&spans, 0, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        const sim_ns_t at_ns = SIM_MS(5) * i;
        const char *text = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c";
        const bool here = i == 777777;
        timeline_spans_add(&spans, at_ns, at_ns + SIM_MS(1) * (i % 4), here ? TONE_BAD : TONE_PLAIN,
                           here ? "torn" : text);
    }
    const struct timeline_lane *lane = fill(&timeline, &spans, 50);
    cr_expect_leq(lane->spans_len, 50u);
    cr_expect_geq(lane->spans_len, 10u);
    cr_expect_eq(lane->spans[0].from_ns, 0u);
    cr_expect_geq(lane->spans[lane->spans_len - 1].to_ns, SIM_MS(5) * (MANY - 1));
    for (size_t i = 0; i < lane->spans_len; i++) {
        count += lane->spans[i].count;
        bad = bad || (lane->spans[i].tone == TONE_BAD && strstr(lane->spans[i].text, "torn"));
    }
    cr_expect_eq(count, (uint64_t)MANY);
    cr_expect(bad);
    timeline_release(&timeline);
}

Test(timeline_spans, the_longer_one_gives_the_text)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_spans spans;
    timeline_spans_init(&spans, 0, 1);
    timeline_spans_add(&spans, 0, SIM_US(10), TONE_PLAIN, "connect");
    timeline_spans_add(&spans, SIM_US(10), SIM_US(500), TONE_PLAIN, "transfer");
    timeline_spans_add(&spans, SIM_US(500), SIM_US(520), TONE_PLAIN, "check");
    const struct timeline_lane *lane = fill(&timeline, &spans, 1);
    cr_assert_eq(lane->spans_len, 1u);
    expect_span(&lane->spans[0], 0, SIM_US(520), "transfer …", 3);
    timeline_release(&timeline);
}

Test(timeline_spans, a_long_text_is_cut_between_characters)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_spans spans;
    char text[2 * TIMELINE_SPAN_TEXT] = "x";
    while (strlen(text) < TIMELINE_SPAN_TEXT + 10) {
        strcat(text, "级");
    }
    timeline_spans_init(&spans, 0, 1);
    timeline_spans_add(&spans, 0, 1, TONE_PLAIN, text);
    const struct timeline_lane *lane = fill(&timeline, &spans, 1);
    cr_expect_null(strchr(lane->spans[0].text, '\\'), "%s", lane->spans[0].text);
    cr_expect_eq((strlen(lane->spans[0].text) - 1) % 3, 0u);
    timeline_release(&timeline);
}

/* A dip of one sample among a hundred thousand is there when the curve is drawn. */
Test(timeline_curve, a_short_dip_is_never_lost)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_curve curve = {.len = 0};
    double low = 1e9;
    bool found = false;
    for (uint32_t i = 0; i < 100000; i++) {
        timeline_curve_add(&curve, SIM_MS(i), i == 54321 ? 3100 : i % 2 == 0 ? 13500 : 13400);
    }
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_SUPPLY, "bcm");
    timeline_curve_fill(&curve, lane, 100);
    cr_expect_leq(lane->points_len, 100u);
    cr_expect_eq(lane->points[0].at_ns, 0u);
    cr_expect_eq(lane->points[lane->points_len - 1].at_ns, SIM_MS(99999));
    for (size_t i = 0; i < lane->points_len; i++) {
        low = lane->points[i].value < low ? lane->points[i].value : low;
        found = found || lane->points[i].at_ns == SIM_MS(54321);
    }
    cr_expect_eq(low, 3100.0);
    cr_expect(found);
    timeline_curve_release(&curve);
    timeline_release(&timeline);
}

/* Half of the time in use, for an hour: 50 % in each bin, and few bins. */
Test(timeline_curve, the_load_of_a_bus_is_an_average_over_time)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline_load load = {.bin_ns = 0};
    for (uint32_t i = 1; i <= 3600 * 100; i++) {
        timeline_load_add(&load, SIM_MS(10) * i - SIM_MS(5), SIM_MS(5) * i);
    }
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_BUS_LOAD, "can0");
    timeline_load_fill(&load, lane, SIM_S(3600));
    cr_expect_leq(lane->points_len, (size_t)TIMELINE_LOAD_BINS);
    cr_assert_geq(lane->points_len, 1u);
    for (size_t i = 0; i < lane->points_len; i++) {
        cr_expect(lane->points[i].value > 49 && lane->points[i].value < 51, "%f at %zu",
                  lane->points[i].value, i);
    }
    timeline_release(&timeline);
}

struct said {
    enum uds_kind kind;
    uint8_t len, bytes[24];
    const char *meaning;
};

static const struct said sayings[] = {
    {UDS_KIND_REQUEST, 2, {0x10, 0x02}, "programmingSession"},
    {UDS_KIND_REQUEST, 2, {0x10, 0x83}, "extendedDiagnosticSession, no answer wanted"},
    {UDS_KIND_POSITIVE,
     6,
     {0x50, 0x02, 0x00, 0x32, 0x01, 0xF4},
     "positive: programmingSession, P2 50 ms, P2* 5000 ms"},
    {UDS_KIND_REQUEST, 2, {0x11, 0x01}, "hardReset"},
    {UDS_KIND_REQUEST, 2, {0x27, 0x01}, "requestSeed, level 01"},
    {UDS_KIND_REQUEST, 6, {0x27, 0x12, 1, 2, 3, 4}, "sendKey, level 11"},
    {UDS_KIND_REQUEST, 3, {0x22, 0xF1, 0x89}, "F189 ECUSoftwareVersionNumber"},
    {UDS_KIND_REQUEST, 5, {0x22, 0xF1, 0x90, 0x12, 0x34}, "F190 VIN, 1234"},
    {UDS_KIND_POSITIVE,
     8,
     {0x62, 0xF1, 0x89, '2', '.', '0', 0, 0},
     "positive: F189 ECUSoftwareVersionNumber \"2.0\""},
    {UDS_KIND_POSITIVE, 4, {0x62, 0xF1, 0x86, 0x01}, "positive: F186 activeDiagnosticSession"},
    {UDS_KIND_REQUEST,
     13,
     {0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0x78, 0, 0, 0, 0, 0x20, 0},
     "startRoutine eraseMemory 0x780000, 8192 bytes"},
    {UDS_KIND_REQUEST, 4, {0x31, 0x03, 0xFF, 0x00}, "requestRoutineResults eraseMemory"},
    {UDS_KIND_REQUEST, 4, {0x31, 0x01, 0x12, 0x34}, "startRoutine routine 1234"},
    {UDS_KIND_POSITIVE,
     5,
     {0x71, 0x01, 0xFF, 0x01, 0x02},
     "positive: startRoutine checkProgrammingDependencies, result 02"},
    {UDS_KIND_REQUEST,
     11,
     {0x34, 0x00, 0x44, 0, 0x78, 0, 0, 0, 0, 0x04, 0},
     "0x780000, 1024 bytes"},
    {UDS_KIND_POSITIVE, 4, {0x74, 0x20, 0x04, 0x02}, "positive: maxNumberOfBlockLength 1026"},
    {UDS_KIND_REQUEST, 6, {0x36, 0x0C, 1, 2, 3, 4}, "block 0C, 4 bytes"},
    {UDS_KIND_POSITIVE, 2, {0x76, 0x0C}, "positive: block 0C"},
    {UDS_KIND_REQUEST, 5, {0x37, 1, 2, 3, 4}, "check of 4 bytes"},
    {UDS_KIND_REQUEST, 1, {0x37}, ""},
    {UDS_KIND_POSITIVE, 1, {0x77}, "positive"},
    {UDS_KIND_REQUEST, 2, {0x85, 0x02}, "off"},
    {UDS_KIND_REQUEST, 3, {0x28, 0x01, 0x01}, "enableRxAndDisableTx"},
    {UDS_KIND_REQUEST, 4, {0x14, 0xFF, 0xFF, 0xFF}, "group FFFFFF"},
    {UDS_KIND_NEGATIVE, 3, {0x7F, 0x36, 0x72}, "NRC 72 generalProgrammingFailure"},
    {UDS_KIND_NEGATIVE, 3, {0x7F, 0x31, 0x78}, "NRC 78 requestCorrectlyReceivedResponsePending"},
    /* Cut off, or not as the standard has it. */
    {UDS_KIND_REQUEST, 1, {0x10}, ""},
    {UDS_KIND_REQUEST, 2, {0x22, 0xF1}, ""},
    {UDS_KIND_REQUEST, 3, {0x31, 0x01, 0xFF}, "startRoutine"},
    {UDS_KIND_REQUEST, 4, {0x34, 0x00, 0x44, 0x00}, ""},
    {UDS_KIND_REQUEST, 3, {0x34, 0x00, 0xFF}, ""},
    {UDS_KIND_REQUEST, 1, {0x36}, "block 00, 0 bytes"},
    {UDS_KIND_REQUEST, 2, {0xBA, 0x01}, ""},
};

Test(timeline_words, a_message_is_told_in_the_words_of_the_standard)
{
    for (size_t i = 0; i < ARRAY_SIZE(sayings); i++) {
        const struct said *said = &sayings[i];
        struct uds_asked asked = {.sub = {0}};
        struct uds_view view;
        char meaning[TIMELINE_TEXT_MAX + 1];
        if (said->kind == UDS_KIND_REQUEST) {
            uds_view_request(&view, said->bytes, said->len, &asked);
        } else {
            uds_view_response(&view, said->bytes, said->len, &asked);
        }
        cr_assert_eq(view.kind, said->kind, "row %zu", i);
        timeline_words_meaning(
            &(struct timeline_words){.uds = &view, .bytes = said->bytes, .len = said->len}, meaning,
            sizeof meaning);
        cr_expect_str_eq(meaning, said->meaning, "row %zu: \"%s\"", i, meaning);
    }
}

Test(timeline_words, a_maker_names_routines_by_numbers_of_its_own)
{
    static const struct boot_routine_row routine = {.rid = 0x4711, .function = BOOT_DO_ERASE};
    static const struct boot_personality persona = {.routines = &routine, .routines_len = 1};
    static const uint8_t bytes[] = {0x31, 0x01, 0x47, 0x11};
    struct uds_asked asked = {.sub = {0}};
    struct uds_view view;
    char text[80];
    uds_view_request(&view, bytes, sizeof bytes, &asked);
    timeline_words_kind(
        &(struct timeline_words){
            .uds = &view, .bytes = bytes, .len = sizeof bytes, .persona = &persona},
        text, sizeof text);
    cr_expect_str_eq(text, "eraseMemory");
}

Test(timeline_words, bytes_are_cut_visibly)
{
    uint8_t bytes[64] = {0x36, 0x01};
    char text[128];
    timeline_words_bytes(bytes, 2, 2, text, sizeof text);
    cr_expect_str_eq(text, "36 01");
    timeline_words_bytes(bytes, 2, 9, text, sizeof text);
    cr_expect_str_eq(text, "36 01 …");
    timeline_words_bytes(bytes, sizeof bytes, sizeof bytes, text, sizeof text);
    cr_expect_eq(strlen(text), 32 * 3 - 1 + strlen(" …"));
}
