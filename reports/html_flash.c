/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_flash.c - 64 sectors a row; cells of one state are one path, and what is rare is
 * drawn so that it is seen. */
#include "reports/html_flash.h"

#include <inttypes.h>
#include <string.h>

enum {
    ROW_SECTORS = 64,
    CELL = 12,
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
} states[] = {
    {SECTOR_ERASED, "erased", "erased", "已擦除", NULL},
    {SECTOR_FULL, "full", "programmed", "已编程", NULL},
    {SECTOR_PART, "part", "programmed in part", "部分编程", "m1 11v-10l10 10z"},
    {SECTOR_BOOT, "boot", "boot loader", "引导程序", NULL},
    {SECTOR_WEAK, "weak", "weak: may not keep", "弱：可能丢失", "m1 9l2.5-6 2.5 6 2.5-6 2.5 6"},
    {SECTOR_TORN, "torn", "torn: cut while erased or programmed", "撕裂：擦写被中断",
     "m7 1l-3 5h4l-3 5"},
    {SECTOR_BROKEN, "broken", "broken: does not take what is written", "损坏：无法写入",
     "m2 2l8 8m0-8l-8 8"},
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

/* The end of the run of sectors that are alike, in the same row. */
static size_t run_end(const struct map *m, size_t from, bool count_erasures)
{
    const struct timeline_flash *flash = m->flash;
    size_t to = from + 1;
    while (to < m->drawn && to % ROW_SECTORS != 0 && flash->state[to] == flash->state[from] &&
           (!count_erasures || flash->erased[to] == flash->erased[from])) {
        to++;
    }
    return to;
}

static void open_path(const struct map *m, const struct state *state, bool *opened)
{
    if (!*opened) {
        html_raw(m->html, "<path class=\"fl-%s\" d=\"", state->class);
        *opened = true;
    }
}

static void print_run(const struct map *m, size_t from, size_t to)
{
    const size_t width = (to - from) * CELL - 1;
    html_raw(m->html, "M%zu %zuh%zuv%dh-%zuz", x_of(from), y_of(from), width, CELL - 1, width);
}

static void print_state(const struct map *m, const struct state *state)
{
    const struct timeline_flash *flash = m->flash;
    const bool fills = state->sign == NULL || count_of(flash, state->letter) > SIGNS_MAX;
    bool opened = false;
    for (size_t from = 0, to; from < m->drawn; from = to) {
        to = fills ? run_end(m, from, false) : from + 1;
        if (flash->state[from] != state->letter) {
            continue;
        }
        open_path(m, state, &opened);
        if (fills) {
            print_run(m, from, to);
        } else {
            html_raw(m->html, "M%zu %zu%s", x_of(from), y_of(from), state->sign);
        }
    }
    html_raw(m->html, opened ? "\"/>" : "");
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

/* How often it was erased stands in a cell if that was more than once. */
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
        if (flash->erased[from] > 1) {
            html_raw(m->html, "<text class=\"fl-count\" x=\"%zu\" y=\"%zu\">%" PRIu32 "</text>",
                     x_of(from) + 1, y_of(from) + CELL - 3, flash->erased[from]);
        }
    }
}

static void print_grid(const struct map *m)
{
    const size_t rows = (m->drawn + ROW_SECTORS - 1) / ROW_SECTORS;
    html_raw(m->html, "<g class=\"fl-address\">");
    for (size_t row = 0; row < rows; row++) {
        html_raw(m->html, "<text x=\"%d\" y=\"%zu\">0x%06" PRIX32 "</text>", LEFT - 8,
                 row * CELL + CELL - 2,
                 m->flash->base + (uint32_t)(row * ROW_SECTORS) * m->flash->sector_bytes);
    }
    html_raw(m->html, "</g><path class=\"fl-erased\" d=\"");
    for (size_t from = 0; from < m->drawn; from += ROW_SECTORS) {
        const size_t left = m->drawn - from;
        print_run(m, from, from + (left < ROW_SECTORS ? left : ROW_SECTORS));
    }
    html_raw(m->html, "\"/><path class=\"fl-grid\" d=\"");
    for (size_t column = 1; column < ROW_SECTORS && column < m->drawn; column++) {
        html_raw(m->html, "M%zu 0V%zu", x_of(column), rows * CELL);
    }
    html_raw(m->html, "\"/>\n");
}

static void print_key(const struct map *m)
{
    html_raw(m->html, "<ul class=\"tl-key\">");
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        const struct state *state = &states[i];
        const size_t count = count_of(m->flash, state->letter);
        if (count == 0) {
            continue;
        }
        html_raw(m->html, "<li><svg viewBox=\"-1 -1 14 14\" aria-hidden=\"true\">"
                          "<path class=\"fl-erased\" d=\"M0 0h11v11h-11z\"/>");
        if (state->letter != SECTOR_ERASED) {
            html_raw(m->html, "<path class=\"fl-%s\" d=\"M0 0%s\"/>", state->class,
                     state->sign != NULL ? state->sign : "h11v11h-11z");
        }
        html_raw(m->html, "</svg> ");
        html_both(m->html, state->en, state->zh);
        html_raw(m->html, " %zu</li>", count);
    }
    html_raw(m->html, "</ul>\n");
}

static void print_caption(const struct map *m, size_t number)
{
    html_raw(m->html, "<figcaption id=\"%s-flash-%zu\">", m->of->id, number);
    html_both(m->html, "P-Flash of ", "P-Flash：");
    html_raw(m->html, "<b>");
    html_cut_text(m->html, m->flash->ecu, 40);
    html_raw(m->html, "</b>, %zu \xC3\x97 %" PRIu32 " ", m->flash->sectors_len,
             m->flash->sector_bytes);
    html_both(m->html, "bytes; a number in a cell: so often erased", "字节；格内数字为擦除次数");
    html_raw(m->html, "</figcaption>\n");
}

static void print_map(const struct map *m, size_t number)
{
    const size_t rows = (m->drawn + ROW_SECTORS - 1) / ROW_SECTORS;
    html_raw(m->html, "<figure class=\"fl\">\n");
    print_caption(m, number);
    html_raw(m->html,
             "<div class=\"fl-stage\" tabindex=\"0\" role=\"group\" "
             "aria-labelledby=\"%s-flash-%zu\"><svg viewBox=\"0 0 %d %zu\" role=\"img\" ",
             m->of->id, number, LEFT + ROW_SECTORS * CELL, rows * CELL);
    html_raw(m->html, "aria-labelledby=\"%s-flash-%zu\" aria-describedby=\"%s-flash-%zu-key\">\n",
             m->of->id, number, m->of->id, number);
    print_grid(m);
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (states[i].letter != SECTOR_ERASED) {
            print_state(m, &states[i]);
        }
    }
    print_titles(m);
    html_raw(m->html, "</svg></div>\n<div id=\"%s-flash-%zu-key\">", m->of->id, number);
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
