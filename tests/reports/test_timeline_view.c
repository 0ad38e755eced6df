/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_timeline_view.c - what is left of a timeline when there is little room. */
#include "reports/timeline_view.h"
#include "tests/reports/sample_timeline.h"

#include <criterion/criterion.h>

static struct timeline_view view_of(const struct timeline *timeline, struct timeline_view_room room)
{
    struct timeline_view view;
    timeline_view_make(&view, timeline, &room);
    return view;
}

static uint64_t total_of(const struct lane_view *lane)
{
    uint64_t total = 0;
    for (size_t i = 0; i < lane->spans_len; i++) {
        total += lane->spans[i].count;
    }
    return total;
}

Test(timeline_view, with_room_all_is_there_in_order)
{
    struct timeline timeline = {.end_ns = 1000};
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_FLASH, "bcm");
    timeline_lane_span(lane, 500, 600, "late", TONE_BUSY);
    timeline_lane_span(lane, 100, 100, "mark", TONE_BAD);
    timeline_lane_span(lane, 100, 5000, "beyond the end", TONE_BUSY);
    timeline_lane_span(lane, 4000, 5000, "after the end", TONE_BUSY);
    timeline_add_lane(&timeline, LANE_SUPPLY, "empty");
    timeline_lane_span(timeline_add_lane(&timeline, LANE_PHASE, ""), 0, 1, "first", TONE_PLAIN);
    struct timeline_view view =
        view_of(&timeline, (struct timeline_view_room){.spans_max = 10, .points_max = 10});
    cr_assert_eq(view.lanes_len, 2u);
    cr_expect_eq(view.lanes[0].lane->kind, LANE_PHASE);
    const struct lane_view *flash = &view.lanes[1];
    cr_assert_eq(flash->spans_len, 3u);
    cr_expect_str_eq(flash->spans[0].text, "beyond the end");
    cr_expect_eq(flash->spans[0].to_ns, 1000u);
    cr_expect_str_eq(flash->spans[1].text, "mark");
    cr_expect_str_eq(flash->spans[2].text, "late");
    timeline_view_release(&view);
    timeline_release(&timeline);
}

Test(timeline_view, without_room_spans_are_joined_and_none_is_lost)
{
    struct timeline timeline = {.end_ns = SIM_S(10)};
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_SERVICE, "bcm");
    for (unsigned i = 0; i < 5000; i++) {
        timeline_lane_span(lane, SIM_MS(2) * i, SIM_MS(2) * i + SIM_MS(1), "36 TransferData",
                           i % 2 == 0 ? TONE_GOOD : TONE_PLAIN);
    }
    timeline_lane_span(lane, SIM_MS(5001), SIM_MS(5001), "7F", TONE_BAD);
    struct timeline_view view =
        view_of(&timeline, (struct timeline_view_room){.spans_max = 40, .points_max = 10});
    const struct lane_view *seen = &view.lanes[0];
    bool bad = false;
    cr_expect_leq(seen->spans_len, 40u);
    cr_expect_eq(total_of(seen), 5001u);
    for (size_t i = 0; i < seen->spans_len; i++) {
        const struct span_view *span = &seen->spans[i];
        bad = bad || (span->tone == TONE_BAD && span->from_ns <= SIM_MS(5001) &&
                      span->to_ns >= SIM_MS(5001));
        cr_expect(i == 0 || span->from_ns >= seen->spans[i - 1].from_ns);
    }
    cr_expect(bad, "what is bad is seen in whatever it is joined with");
    timeline_view_release(&view);
    timeline_release(&timeline);
}

Test(timeline_view, long_neighbours_are_not_joined)
{
    struct timeline timeline = {.end_ns = SIM_S(10)};
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_SESSION, "bcm");
    timeline_lane_span(lane, 0, SIM_S(5), "default", TONE_BUSY);
    timeline_lane_span(lane, SIM_S(5), SIM_S(10), "programming", TONE_BUSY);
    struct timeline_view view = view_of(
        &timeline,
        (struct timeline_view_room){.near_ns = SIM_MS(10), .spans_max = 10, .points_max = 10});
    cr_expect_eq(view.lanes[0].spans_len, 2u);
    timeline_view_release(&view);
    timeline_release(&timeline);
}

Test(timeline_view, what_is_plain_gives_way_to_what_it_meets)
{
    struct timeline timeline = {.end_ns = 1000};
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_SERVICE, "bcm");
    timeline_lane_span(lane, 0, 900, "3E TesterPresent", TONE_PLAIN);
    timeline_lane_span(lane, 100, 200, "31 RoutineControl", TONE_GOOD);
    timeline_lane_span(lane, 150, 300, "36 TransferData", TONE_GOOD);
    timeline_lane_span(lane, 300, 400, "37 RequestTransferExit", TONE_GOOD);
    timeline_lane_span(lane, 950, 960, "3E TesterPresent", TONE_PLAIN);
    struct timeline_view view =
        view_of(&timeline, (struct timeline_view_room){.spans_max = 10, .points_max = 10});
    static const bool expected[] = {true, false, true, false, false};
    cr_assert_eq(view.lanes[0].spans_len, 5u);
    cr_expect(view.lanes[0].has_second_row);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(view.lanes[0].spans[i].gives_way, expected[i], "%zu", i);
    }
    timeline_view_release(&view);
    timeline_release(&timeline);
}

Test(timeline_view, a_curve_keeps_its_peaks_and_its_end)
{
    struct timeline timeline = {.end_ns = SIM_S(10)};
    struct timeline_lane *lane = timeline_add_lane(&timeline, LANE_SUPPLY, "bcm");
    for (unsigned i = 0; i < 10000; i++) {
        timeline_lane_point(lane, SIM_MS(1) * i, i == 7777 ? 4100 : i == 1234 ? 16000 : 13500);
    }
    struct timeline_view view =
        view_of(&timeline, (struct timeline_view_room){.spans_max = 10, .points_max = 100});
    double low, high;
    cr_expect_leq(view.lanes[0].points_len, 100u);
    lane_view_range(&view.lanes[0], &low, &high);
    cr_expect_eq(low, 4100);
    cr_expect_eq(high, 16000);
    cr_expect_eq(view.lanes[0].high, 20000);
    cr_expect_eq(view.lanes[0].points[0].at_ns, 0u);
    cr_expect_eq(view.lanes[0].points[view.lanes[0].points_len - 1].at_ns, SIM_MS(9999));
    timeline_view_release(&view);
    timeline_release(&timeline);
}

Test(timeline_view, lanes_beyond_the_limit_are_counted)
{
    struct timeline timeline = {.end_ns = 10};
    for (int i = 0; i < TIMELINE_VIEW_LANES_MAX + 5; i++) {
        timeline_lane_span(timeline_add_lane(&timeline, LANE_FAULT, "x"), 1, 2, "y", TONE_BAD);
    }
    struct timeline_view view =
        view_of(&timeline, (struct timeline_view_room){.spans_max = 3, .points_max = 3});
    cr_expect_eq(view.lanes_len, (size_t)TIMELINE_VIEW_LANES_MAX);
    cr_expect_eq(view.lanes_left_out, 5u);
    timeline_view_release(&view);
    timeline_release(&timeline);
}
