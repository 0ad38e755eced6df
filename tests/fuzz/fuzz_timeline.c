/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_timeline.c - any bytes as a timeline.json: refused with a sentence, or read, and
 * what was read is printed and read again without a difference.
 * Sources: reports/timeline.c reports/timeline_json.c sim/[ceu]*.c
 * Packages: libcjson libxxhash */
#include "reports/timeline_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_sane(const struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->lanes_len; i++) {
        const struct timeline_lane *lane = &timeline->lanes[i];
        for (size_t k = 0; k < lane->spans_len; k++) {
            REQUIRE(lane->spans[k].from_ns <= lane->spans[k].to_ns && lane->spans[k].count > 0);
        }
        for (size_t k = 1; k < lane->points_len; k++) {
            REQUIRE(lane->points[k - 1].at_ns < lane->points[k].at_ns);
        }
    }
    for (size_t i = 0; i < timeline->messages_len; i++) {
        REQUIRE(timeline->messages[i].focus < timeline->foci_len);
    }
    for (size_t i = 0; i < timeline->flashes_len; i++) {
        REQUIRE(strlen(timeline->flashes[i].state) == timeline->flashes[i].sectors_len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct timeline timeline = {.end_ns = 0};
    struct timeline back = {.end_ns = 0};
    struct err err = {.code = 0};
    const int code = timeline_parse(&timeline, (const char *)data, size, &err);
    if (code != 0) {
        REQUIRE(code == ERR_SYNTAX && err.code == code && err.text[0] != '\0');
    } else {
        require_sane(&timeline);
        char *text = timeline_print(&timeline);
        REQUIRE(timeline_parse(&back, text, strlen(text), &err) == 0);
        char *again = timeline_print(&back);
        REQUIRE(strcmp(text, again) == 0);
        free(text);
        free(again);
    }
    timeline_release(&timeline);
    timeline_release(&back);
    return 0;
}
