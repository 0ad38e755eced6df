/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_flash.c - 64 sectors a row; cells of one state are one path, and what is rare is
 * drawn so that it is seen. */
#include "reports/html_flash.h"

#include <inttypes.h>
#include <string.h>

enum {
    ROW_SECTORS = 64,
    CELL = 14, /* Its last pixel stays free. */
    STRIPE = 3,
    LEFT = 74, /* Of the addresses. */
    ROWS_MAX = 32,
    SIGNS_MAX = 400, /* Of one state; beyond that a fill has to do. */
    TITLES_MAX = 60, /* Runs that say what they are when pointed at. */
    FLASHES_MAX = 6,
};

/* Inside a cell from (0,0) to (CELL,CELL), as relative path commands. A state that fills is drawn
 * as one rectangle for neighbours. */
static const struct state {
    char letter;
    const char *class, *en, *zh;
    const char *sign; /* Null: it fills; erased cells are left empty. */
    bool wrong;
} states[] = {
    {SECTOR_ERASED, "erased", "erased", "已擦除", NULL, false},
    {SECTOR_FULL, "full", "programmed", "已编程", NULL, false},
    {SECTOR_PART, "part", "programmed in part", "部分编程", "m0 13v-13l13 13z", false},
    {SECTOR_BOOT, "boot", "boot loader", "引导程序", NULL, false},
    {SECTOR_WEAK, "weak", "weak: may not keep", "弱：可能丢失", "m2 9l2.2-5 2.3 5 2.3-5 2.2 5",
     true},
    {SECTOR_TORN, "torn", "torn: cut while erased or programmed", "撕裂：擦写被中断",
     "m7.5 2l-3 5h4l-3 4.5", true},
    {SECTOR_BROKEN, "broken", "broken: does not take what is written", "损坏：无法写入",
     "m3.5 3.5l6 6m0-6l-6 6", true},
};

struct map {
    struct html *html;
    const struct html_timeline *of;
    const struct timeline_flash *flash;
    size_t drawn; /* Sectors. */
};

static size_t count_of(const struct timeline_flash *flash, char letter)
{
    size_t count = 0;
    for (size_t i = 0; i < flash->sectors_len; i++) {
        count += flash->state[i] == letter;
    }
    return count;
}

static size_t x_of(size_t sector)
{
    return LEFT + sector % ROW_SECTORS * CELL;
}

static size_t y_of(size_t sector)
{
    return sector / ROW_SECTORS * CELL;
}

/* The end of the run of sectors that are alike. */
static size_t run_end(const struct map *m, size_t from, bool count_erasures)
{
    const struct timeline_flash *flash = m->flash;
    size_t to = from + 1;
    while (to < m->drawn && flash->state[to] == flash->state[from] &&
           (!count_erasures || flash->erased[to] == flash->erased[from])) {
        to++;
    }
    return to;
}

/* The path of a class begins with the first thing that is in it. */
static void open_path(const struct map *m, const char *prefix, const char *class, bool *opened)
{
    if (!*opened) {
        html_raw(m->html, "<path class=\"fl-%s%s\" d=\"", prefix, class);
        *opened = true;
    }
}

static void close_path(const struct map *m, bool opened)
{
    html_raw(m->html, opened ? "\"/>\n" : "");
}

static size_t row_end(size_t from, size_t to)
{
    const size_t end = (from / ROW_SECTORS + 1) * ROW_SECTORS;
    return end < to ? end : to;
}

/* A rectangle in each row that the run reaches into: the foot of its cells. */
static void print_foot(const struct map *m, size_t from, size_t to, size_t height)
{
    for (size_t end; from < to; from = end) {
        end = row_end(from, to);
        const size_t width = (end - from) * CELL - 1;
        html_raw(m->html, "M%zu %zuh%zuv%zuh-%zuz", x_of(from), y_of(from) + CELL - 1 - height,
                 width, height, width);
    }
}

static void print_run(const struct map *m, size_t from, size_t to)
{
    print_foot(m, from, to, CELL - 1);
}

static void print_fills(const struct map *m, const struct state *state)
{
    bool opened = false;
    for (size_t from = 0, to; from < m->drawn; from = to) {
        to = run_end(m, from, false);
        if (m->flash->state[from] == state->letter) {
            open_path(m, state->wrong ? "cell-" : "", state->class, &opened);
            print_run(m, from, to);
        }
    }
    close_path(m, opened);
}

static void print_signs(const struct map *m, const struct state *state)
{
    bool opened = false;
    for (size_t i = 0; i < m->drawn; i++) {
        if (m->flash->state[i] == state->letter) {
            open_path(m, "", state->class, &opened);
            html_raw(m->html, "M%zu %zu%s", x_of(i), y_of(i), state->sign);
        }
    }
    close_path(m, opened);
}

static void print_state(const struct map *m, const struct state *state)
{
    const bool few = count_of(m->flash, state->letter) <= SIGNS_MAX;
    if (state->sign == NULL || state->wrong || !few) {
        print_fills(m, state);
    }
    if (state->sign != NULL && few) {
        print_signs(m, state);
    }
}

/* A stripe at the foot of what was erased more than once. */
static void print_again(const struct map *m)
{
    const uint32_t *erased = m->flash->erased;
    bool opened = false;
    for (size_t from = 0, to; from < m->drawn; from = to) {
        for (to = from + 1; to < m->drawn && (erased[to] > 1) == (erased[from] > 1);) {
            to++;
        }
        if (erased[from] > 1) {
            open_path(m, "", "again", &opened);
            print_foot(m, from, to, STRIPE);
        }
    }
    close_path(m, opened);
}

static const struct state *state_of(char letter)
{
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (states[i].letter == letter) {
            return &states[i];
        }
    }
    return &states[0];
}

static void print_titles(const struct map *m)
{
    const struct timeline_flash *flash = m->flash;
    size_t left = TITLES_MAX;
    for (size_t from = 0, to; from < m->drawn && left > 0; from = to, left--) {
        const struct state *state = state_of(flash->state[from]);
        to = run_end(m, from, true);
        html_raw(m->html, "<path class=\"fl-hit\" d=\"");
        print_run(m, from, to);
        html_raw(m->html,
                 "\"><title>0x%06" PRIX32 " + 0x%zX: %s / %s, erase / 擦除 ×%" PRIu32
                 "</title></path>",
                 flash->base + (uint32_t)from * flash->sector_bytes,
                 (to - from) * flash->sector_bytes, state->en, state->zh, flash->erased[from]);
    }
}

static size_t rows_of(const struct map *m)
{
    return (m->drawn + ROW_SECTORS - 1) / ROW_SECTORS;
}

static void print_addresses(const struct map *m)
{
    html_raw(m->html, "<g class=\"fl-address\">");
    for (size_t row = 0; row < rows_of(m); row++) {
        html_raw(m->html, "<text x=\"%d\" y=\"%zu\">0x%06" PRIX32 "</text>", LEFT - 8,
                 row * CELL + CELL - 4,
                 m->flash->base + (uint32_t)(row * ROW_SECTORS) * m->flash->sector_bytes);
    }
    html_raw(m->html, "</g><path class=\"fl-erased\" d=\"");
    print_run(m, 0, m->drawn);
    html_raw(m->html, "\"/>\n");
}

/* Between the sectors, over all that is right. */
static void print_grid(const struct map *m)
{
    html_raw(m->html, "<path class=\"fl-grid\" d=\"");
    for (size_t column = 1; column < ROW_SECTORS && column < m->drawn; column++) {
        html_raw(m->html, "M%zu.5 0V%zu", x_of(column) - 1, rows_of(m) * CELL);
    }
    html_raw(m->html, "\"/>\n");
}

static void print_states(const struct map *m, bool wrong)
{
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (states[i].wrong == wrong && states[i].letter != SECTOR_ERASED) {
            print_state(m, &states[i]);
        }
    }
}

static void print_key_row(const struct map *m, const struct state *state, size_t count)
{
    const char *prefix = state->wrong ? "cell-" : "";
    html_raw(m->html, "<li><svg viewBox=\"-1 -1 15 15\" aria-hidden=\"true\">"
                      "<path class=\"fl-erased\" d=\"M0 0h13v13h-13z\"/>");
    if (state->sign == NULL || state->wrong) {
        html_raw(m->html, "<path class=\"fl-%s%s\" d=\"M0 0h13v13h-13z\"/>", prefix, state->class);
    }
    if (state->sign != NULL) {
        html_raw(m->html, "<path class=\"fl-%s\" d=\"M0 0%s\"/>", state->class, state->sign);
    }
    html_raw(m->html, "</svg> ");
    html_both(m->html, state->en, state->zh);
    html_raw(m->html, " %zu</li>", count);
}

static void print_again_key(const struct map *m)
{
    uint32_t most = 0;
    for (size_t i = 0; i < m->flash->sectors_len; i++) {
        most = m->flash->erased[i] > most ? m->flash->erased[i] : most;
    }
    if (most > 1) {
        html_raw(m->html, "<li><svg viewBox=\"-1 -1 15 15\" aria-hidden=\"true\">"
                          "<path class=\"fl-erased\" d=\"M0 0h13v13h-13z\"/>"
                          "<path class=\"fl-again\" d=\"M0 10h13v3h-13z\"/></svg> ");
        html_both(m->html, "erased more than once; most:", "多次擦除；最多：");
        html_raw(m->html, " %" PRIu32 "</li>", most);
    }
}

static void print_key(const struct map *m)
{
    html_raw(m->html, "<ul class=\"tl-key\">");
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        const size_t count = count_of(m->flash, states[i].letter);
        if (count > 0) {
            print_key_row(m, &states[i], count);
        }
    }
    print_again_key(m);
    html_raw(m->html, "</ul>\n");
}

static void print_caption(const struct map *m, size_t number)
{
    html_raw(m->html, "<figcaption id=\"%s-flash-%zu\">", m->of->id, number);
    html_both(m->html, "P-Flash of ", "P-Flash ");
    html_raw(m->html, "<b>");
    html_cut_text(m->html, m->flash->ecu, 40);
    html_raw(m->html, "</b><span lang=\"en\">: %zu sectors of %" PRIu32 " bytes</span>",
             m->flash->sectors_len, m->flash->sector_bytes);
    html_raw(m->html, "<span lang=\"zh-Hans\">：%zu 个扇区，每扇区 %" PRIu32 " 字节</span>",
             m->flash->sectors_len, m->flash->sector_bytes);
    html_raw(m->html, "</figcaption>\n");
}

static void print_map(const struct map *m, size_t number)
{
    const char *id = m->of->id;
    html_raw(m->html, "<figure class=\"fl\">\n");
    print_caption(m, number);
    html_raw(m->html,
             "<div class=\"fl-stage\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-flash-%zu\"><svg viewBox=\"0 0 %d %zu\" role=\"img\" ",
             id, number, LEFT + ROW_SECTORS * CELL, rows_of(m) * CELL);
    html_raw(m->html, "aria-labelledby=\"%s-flash-%zu\" aria-describedby=\"%s-flash-%zu-key\">\n",
             id, number, id, number);
    print_addresses(m);
    print_states(m, false);
    print_grid(m);
    print_states(m, true);
    print_again(m);
    print_titles(m);
    html_raw(m->html, "</svg></div>\n<div id=\"%s-flash-%zu-key\">", id, number);
    print_key(m);
    html_raw(m->html, "</div></figure>\n");
}

void html_flash_print(struct html *html, const struct html_timeline *of)
{
    const struct timeline *timeline = of->timeline;
    for (size_t i = 0; i < timeline->flashes_len && i < FLASHES_MAX; i++) {
        const size_t sectors = timeline->flashes[i].sectors_len;
        const size_t most = (size_t)ROWS_MAX * ROW_SECTORS;
        const struct map map = {.html = html,
                                .of = of,
                                .flash = &timeline->flashes[i],
                                .drawn = sectors < most ? sectors : most};
        if (sectors > 0) {
            print_map(&map, i);
        }
    }
}
