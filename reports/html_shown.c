/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_shown.c - plays are taken in the order of their importance until the page is full.
 */
#include "reports/html_shown.h"

#include "reports/html_play.h"
#include "reports/timeline_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAILING_SHOWN_MAX = 4, /* Of one case in one run. */
    OUTPUT_FAILING_BYTES = 6000,
    OUTPUT_PASSING_BYTES = 1500,
    LIVES_MAX = 1000,
};

static bool is_bad(const struct play_result *play)
{
    return play->verdict == VERDICT_FAIL || play->verdict == VERDICT_ERROR;
}

/* The last bytes of a stream, which the caller frees; a cut begins with a line where it can. */
static char *end_of(FILE *in, size_t max_bytes, size_t *len)
{
    *len = 0;
    if (fseek(in, 0, SEEK_END) != 0) {
        return NULL;
    }
    const long size = ftell(in);
    const long from = size > (long)max_bytes ? size - (long)max_bytes : 0;
    char *text = malloc(max_bytes + 1);
    CHECK(text != NULL);
    if (size > 0 && fseek(in, from, SEEK_SET) == 0) {
        *len = fread(text, 1, max_bytes, in);
    }
    const char *line = from > 0 ? memchr(text, '\n', *len) : NULL;
    if (line != NULL && (size_t)(line + 1 - text) < *len) {
        const size_t skipped = (size_t)(line + 1 - text);
        *len -= skipped;
        memmove(text, line + 1, *len);
    }
    return text;
}

static FILE *open_in(const char *folder, const char *file)
{
    char *path = NULL;
    CHECK(asprintf(&path, "%s/%s", folder, file) >= 0);
    FILE *in = fopen(path, "rb");
    free(path);
    return in;
}

/* The end of what the last life of the master printed. Null: nothing is there. */
static char *load_output(const struct play_result *play, size_t *len)
{
    FILE *last = NULL;
    for (int life = 1; life <= LIVES_MAX; life++) {
        char name[32];
        snprintf(name, sizeof name, "master-%d.log", life);
        FILE *in = open_in(play->folder, name);
        if (in == NULL) {
            break;
        }
        if (last != NULL) {
            fclose(last);
        }
        last = in;
    }
    if (last == NULL) {
        return NULL;
    }
    char *text = end_of(last, is_bad(play) ? OUTPUT_FAILING_BYTES : OUTPUT_PASSING_BYTES, len);
    fclose(last);
    return text;
}

static bool load_timeline(struct timeline *timeline, const struct play_result *play)
{
    struct err err = {0};
    char *path = NULL;
    CHECK(asprintf(&path, "%s/timeline.json", play->folder) >= 0);
    const int code = timeline_load(timeline, path, &err);
    free(path);
    return code == 0;
}

static void render(struct html_shown_play *shown, const struct case_result *of, const char *id,
                   const char *page_folder)
{
    const bool kept = shown->play->folder != NULL && shown->play->folder[0] != '\0';
    struct timeline timeline = {0};
    const bool has_timeline = kept && load_timeline(&timeline, shown->play);
    size_t output_len = 0;
    char *output = kept ? load_output(shown->play, &output_len) : NULL;
    struct html html = {.out = open_memstream(&shown->html, &shown->html_len)};
    CHECK(html.out != NULL);
    html_play_print(&html, &(struct html_play){.id = id,
                                               .of = of,
                                               .play = shown->play,
                                               .timeline = has_timeline ? &timeline : NULL,
                                               .output = output,
                                               .output_len = output_len,
                                               .page_folder = page_folder});
    CHECK(fclose(html.out) == 0);
    free(output);
    timeline_release(&timeline);
}

/* Its number among the plays of the case in all runs makes the id unique. */
static void take(struct html_shown *shown, const struct case_row *row, size_t number,
                 const struct case_result *of, const struct play_result *play, size_t *left)
{
    char id[64];
    snprintf(id, sizeof id, "%s_%zu", row->anchor, number);
    shown->plays = realloc(shown->plays, (shown->plays_len + 1) * sizeof *shown->plays);
    CHECK(shown->plays != NULL);
    struct html_shown_play *added = &shown->plays[shown->plays_len++];
    *added = (struct html_shown_play){.play = play};
    render(added, of, id, shown->page_folder);
    if (added->html_len > *left) {
        free(added->html);
        added->html = NULL;
    } else {
        *left -= added->html_len;
    }
}

/* The play of this rank: from 0 those that fail, after them the first that passes. Null: there is
 * none. */
static const struct play_result *play_of_rank(const struct case_result *of, size_t rank)
{
    const bool wants_bad = rank < FAILING_SHOWN_MAX;
    size_t skip = wants_bad ? rank : 0;
    for (size_t i = 0; i < of->plays_len; i++) {
        const struct play_result *play = &of->plays[i];
        const bool fits = wants_bad ? is_bad(play) : play->verdict == VERDICT_PASS;
        if (fits && skip-- == 0) {
            return play;
        }
    }
    return NULL;
}

static void choose_of_row(struct html_shown *shown, const struct case_row *row, size_t runs_len,
                          size_t rank, size_t *left)
{
    size_t number = 1;
    for (size_t r = 0; r < runs_len; r++) {
        const struct case_result *of = row->of_runs[r];
        const struct play_result *play = of != NULL ? play_of_rank(of, rank) : NULL;
        if (play != NULL) {
            take(shown, row, number + (size_t)(play - of->plays), of, play, left);
        }
        number += of != NULL ? of->plays_len : 0;
    }
}

void html_shown_choose(struct html_shown *shown, const struct case_table *cases,
                       const char *page_folder, size_t max_bytes)
{
    size_t left = max_bytes;
    *shown = (struct html_shown){.page_folder = page_folder};
    for (size_t rank = 0; rank <= FAILING_SHOWN_MAX; rank++) {
        for (size_t i = 0; i < cases->rows_len; i++) {
            choose_of_row(shown, &cases->rows[i], cases->set->runs_len, rank, &left);
        }
    }
}

void html_shown_release(struct html_shown *shown)
{
    for (size_t i = 0; i < shown->plays_len; i++) {
        free(shown->plays[i].html);
    }
    free(shown->plays);
    *shown = (struct html_shown){.plays = NULL};
}

const struct html_shown_play *html_shown_find(const struct html_shown *shown,
                                              const struct play_result *play)
{
    for (size_t i = 0; i < shown->plays_len; i++) {
        if (shown->plays[i].play == play) {
            return &shown->plays[i];
        }
    }
    return NULL;
}
