/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_spans.c - joins spans that no eye would tell apart. */
#include "scenarios/engine/timeline_spans.h"

#include "sim/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_WIDE_NS SIM_US(100)

enum { ROWS_MAX = 1024 };

void timeline_spans_init(struct timeline_spans *spans, sim_ns_t gap_ns, size_t look_back)
{
    *spans = (struct timeline_spans){.gap_ns = gap_ns, .look_back = look_back};
}

void timeline_spans_release(struct timeline_spans *spans)
{
    free(spans->rows);
    spans->rows = NULL;
    spans->len = spans->cap = 0;
}

static bool near(const struct timeline_spans_row *row, sim_ns_t from_ns, sim_ns_t gap_ns)
{
    return from_ns <= row->to_ns || from_ns - row->to_ns <= gap_ns;
}

static void join(struct timeline_spans_row *row, sim_ns_t to_ns, uint32_t count)
{
    row->to_ns = to_ns > row->to_ns ? to_ns : row->to_ns;
    row->longest_ns = row->to_ns - row->from_ns;
    row->count += count;
}

/* Of the rows before len, one that is alike and near; or null. */
static struct timeline_spans_row *alike(struct timeline_spans *spans, size_t len, sim_ns_t from_ns,
                                        enum timeline_tone tone, const char *text)
{
    const sim_ns_t gap_ns = spans->gap_ns > spans->wide_ns ? spans->gap_ns : spans->wide_ns;
    for (size_t i = len; i > 0 && i + spans->look_back > len; i--) {
        struct timeline_spans_row *row = &spans->rows[i - 1];
        if (!row->mixed && row->tone == tone && near(row, from_ns, gap_ns) &&
            strcmp(row->text, text) == 0) {
            return row;
        }
    }
    return NULL;
}

static void join_alike(struct timeline_spans *spans)
{
    size_t kept = 0;
    for (size_t i = 0; i < spans->len; i++) {
        const struct timeline_spans_row row = spans->rows[i];
        struct timeline_spans_row *like =
            row.mixed ? NULL : alike(spans, kept, row.from_ns, row.tone, row.text);
        if (like != NULL) {
            join(like, row.to_ns, row.count);
        } else {
            spans->rows[kept++] = row;
        }
    }
    spans->len = kept;
}

static bool speaks_louder(const struct timeline_spans_row *row,
                          const struct timeline_spans_row *other)
{
    return row->tone != other->tone ? row->tone > other->tone : row->longest_ns > other->longest_ns;
}

/* The tail says that the text is not the only one. */
static void join_unlike(struct timeline_spans_row *row, const struct timeline_spans_row *other)
{
    static const char tail[] = " …";
    const bool louder = speaks_louder(other, row);
    const sim_ns_t longest_ns = louder ? other->longest_ns : row->longest_ns;
    if (louder) {
        row->tone = other->tone;
        memcpy(row->text, other->text, sizeof row->text);
    }
    const size_t len = strlen(row->text);
    const bool told = louder ? other->mixed : row->mixed;
    if (!told && len + sizeof tail <= sizeof row->text) {
        memcpy(row->text + len, tail, sizeof tail);
    }
    row->mixed = true;
    join(row, other->to_ns, other->count);
    row->longest_ns = longest_ns;
}

static bool is_short(const struct timeline_spans *spans, const struct timeline_spans_row *row)
{
    return row->to_ns - row->from_ns <= spans->wide_ns;
}

static void join_short(struct timeline_spans *spans)
{
    size_t kept = 0;
    for (size_t i = 0; i < spans->len; i++) {
        struct timeline_spans_row *last = kept > 0 ? &spans->rows[kept - 1] : NULL;
        const struct timeline_spans_row row = spans->rows[i];
        if (last != NULL && is_short(spans, last) && is_short(spans, &row) &&
            near(last, row.from_ns, spans->wide_ns)) {
            join_unlike(last, &row);
        } else {
            spans->rows[kept++] = row;
        }
    }
    spans->len = kept;
}

static void thin(struct timeline_spans *spans, size_t max)
{
    while (spans->len > max) {
        join_alike(spans);
        if (spans->len > max) {
            join_short(spans);
        }
        if (spans->len > max) {
            spans->wide_ns = spans->wide_ns == 0 ? FIRST_WIDE_NS : 2 * spans->wide_ns;
        }
    }
}

void timeline_spans_add(struct timeline_spans *spans, sim_ns_t from_ns, sim_ns_t to_ns,
                        enum timeline_tone tone, const char *text)
{
    struct timeline_spans_row row = {.from_ns = from_ns,
                                     .to_ns = to_ns,
                                     .tone = tone,
                                     .count = 1,
                                     .longest_ns = to_ns - from_ns};
    const size_t len = utf8_cut(text, strlen(text), sizeof row.text - 1);
    memcpy(row.text, text, len);
    struct timeline_spans_row *like = alike(spans, spans->len, from_ns, tone, row.text);
    if (like != NULL) {
        join(like, to_ns, 1);
        return;
    }
    if (spans->len == ROWS_MAX) {
        thin(spans, ROWS_MAX / 2);
    }
    if (spans->len == spans->cap) {
        spans->cap = spans->cap > 0 ? 2 * spans->cap : 16;
        spans->rows = realloc(spans->rows, spans->cap * sizeof *spans->rows);
        CHECK(spans->rows != NULL);
    }
    spans->rows[spans->len++] = row;
}

static int by_begin(const void *a, const void *b)
{
    const struct timeline_span *one = a, *other = b;
    if (one->from_ns != other->from_ns) {
        return one->from_ns < other->from_ns ? -1 : 1;
    }
    if (one->to_ns != other->to_ns) {
        return one->to_ns < other->to_ns ? -1 : 1;
    }
    return strcmp(one->text, other->text);
}

void timeline_spans_fill(struct timeline_spans *spans, struct timeline_lane *lane, size_t max)
{
    thin(spans, max);
    for (size_t i = 0; i < spans->len; i++) {
        const struct timeline_spans_row *row = &spans->rows[i];
        timeline_lane_span(lane, row->from_ns, row->to_ns, row->text, row->tone);
        lane->spans[lane->spans_len - 1].count = row->count;
    }
    if (lane->spans_len > 0) {
        qsort(lane->spans, lane->spans_len, sizeof *lane->spans, by_begin);
    }
}
