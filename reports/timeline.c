/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline.c - a timeline grows by copies. */
#include "reports/timeline.h"

#include "sim/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *timeline_lane_name(enum timeline_lane_kind kind)
{
    static const char *const names[LANE_KINDS] = {
        [LANE_PHASE] = "phase",     [LANE_SERVICE] = "service",   [LANE_BUS_LOAD] = "bus load",
        [LANE_SUPPLY] = "supply",   [LANE_SESSION] = "session",   [LANE_LOCK] = "lock",
        [LANE_FLASH] = "flash",     [LANE_PROGRESS] = "progress", [LANE_MASTER] = "master",
        [LANE_STORAGE] = "storage", [LANE_FAULT] = "fault",
    };
    return names[kind];
}

const char *timeline_tone_name(enum timeline_tone tone)
{
    static const char *const names[TONES] = {
        [TONE_PLAIN] = "plain", [TONE_BUSY] = "busy", [TONE_GOOD] = "good",
        [TONE_WARN] = "warn",   [TONE_BAD] = "bad",
    };
    return names[tone];
}

/* A byte that is no UTF-8 takes four characters. */
static char *copy(const char *text)
{
    char own[TIMELINE_TEXT_MAX + 1];
    size_t len = 0;
    const size_t left = text != NULL ? strlen(text) : 0;
    for (size_t i = 0; i < left;) {
        const size_t good = utf8_char_len(&text[i], left - i);
        const size_t needed = good > 0 ? good : 4;
        if (len + needed > TIMELINE_TEXT_MAX) {
            break;
        }
        if (good > 0) {
            memcpy(&own[len], &text[i], good);
        } else {
            snprintf(&own[len], 5, "\\x%02x", (unsigned char)text[i]);
        }
        len += needed;
        i += good > 0 ? good : 1;
    }
    own[len] = '\0';
    char *kept = strdup(own);
    CHECK(kept != NULL);
    return kept;
}

/* Room for one more: the capacity is the next power of two, and need not be kept. */
static void *grow(void *list, size_t len, size_t size)
{
    if ((len & (len - 1)) != 0) {
        return list;
    }
    void *grown = realloc(list, (len > 0 ? 2 * len : 1) * size);
    CHECK(grown != NULL);
    return grown;
}

struct timeline_lane *timeline_add_lane(struct timeline *timeline, enum timeline_lane_kind kind,
                                        const char *of)
{
    timeline->lanes = grow(timeline->lanes, timeline->lanes_len, sizeof *timeline->lanes);
    struct timeline_lane *lane = &timeline->lanes[timeline->lanes_len++];
    *lane = (struct timeline_lane){.kind = kind, .of = copy(of)};
    return lane;
}

void timeline_lane_span(struct timeline_lane *lane, sim_ns_t from_ns, sim_ns_t to_ns,
                        const char *text, enum timeline_tone tone)
{
    CHECK(from_ns <= to_ns);
    lane->spans = grow(lane->spans, lane->spans_len, sizeof *lane->spans);
    lane->spans[lane->spans_len++] = (struct timeline_span){
        .from_ns = from_ns, .to_ns = to_ns, .text = copy(text), .count = 1, .tone = tone};
}

void timeline_lane_point(struct timeline_lane *lane, sim_ns_t at_ns, double value)
{
    const struct timeline_point point = {.at_ns = at_ns, .value = value};
    if (lane->points_len > 0 && lane->points[lane->points_len - 1].at_ns >= at_ns) {
        CHECK(lane->points[lane->points_len - 1].at_ns == at_ns);
        lane->points[lane->points_len - 1] = point;
        return;
    }
    lane->points = grow(lane->points, lane->points_len, sizeof *lane->points);
    lane->points[lane->points_len++] = point;
}

void timeline_add_focus(struct timeline *timeline, sim_ns_t at_ns, const char *text)
{
    timeline->foci = grow(timeline->foci, timeline->foci_len, sizeof *timeline->foci);
    timeline->foci[timeline->foci_len++] =
        (struct timeline_focus){.at_ns = at_ns, .text = copy(text)};
}

void timeline_add_message(struct timeline *timeline, const struct timeline_message *message)
{
    timeline->messages =
        grow(timeline->messages, timeline->messages_len, sizeof *timeline->messages);
    struct timeline_message *own = &timeline->messages[timeline->messages_len++];
    *own = *message;
    own->bus = copy(message->bus);
    own->from = copy(message->from);
    own->to = copy(message->to);
    own->service = copy(message->service);
    own->meaning = copy(message->meaning);
    own->shape = copy(message->shape);
    own->bytes = copy(message->bytes);
}

void timeline_add_flash(struct timeline *timeline, const struct timeline_flash *flash)
{
    timeline->flashes = grow(timeline->flashes, timeline->flashes_len, sizeof *timeline->flashes);
    struct timeline_flash *own = &timeline->flashes[timeline->flashes_len++];
    *own = *flash;
    own->ecu = copy(flash->ecu);
    own->state = calloc(flash->sectors_len + 1, 1);
    own->erased = calloc(flash->sectors_len + 1, sizeof *own->erased);
    CHECK(own->state != NULL && own->erased != NULL);
    if (flash->sectors_len > 0) {
        memcpy(own->state, flash->state, flash->sectors_len);
        memcpy(own->erased, flash->erased, flash->sectors_len * sizeof *own->erased);
    }
}

static void release_lane(struct timeline_lane *lane)
{
    for (size_t i = 0; i < lane->spans_len; i++) {
        free(lane->spans[i].text);
    }
    free(lane->spans);
    free(lane->points);
    free(lane->of);
}

static void release_message(struct timeline_message *message)
{
    free(message->bus);
    free(message->from);
    free(message->to);
    free(message->service);
    free(message->meaning);
    free(message->shape);
    free(message->bytes);
}

void timeline_release(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->lanes_len; i++) {
        release_lane(&timeline->lanes[i]);
    }
    for (size_t i = 0; i < timeline->foci_len; i++) {
        free(timeline->foci[i].text);
    }
    for (size_t i = 0; i < timeline->messages_len; i++) {
        release_message(&timeline->messages[i]);
    }
    for (size_t i = 0; i < timeline->flashes_len; i++) {
        free(timeline->flashes[i].ecu);
        free(timeline->flashes[i].state);
        free(timeline->flashes[i].erased);
    }
    free(timeline->lanes);
    free(timeline->foci);
    free(timeline->messages);
    free(timeline->flashes);
    *timeline = (struct timeline){.end_ns = 0};
}
