/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_progress.c - prints what a sweep will try, how far it is, and how long it will take.
 */
#include "cli/explore_progress.h"

#include "cli/cli.h"
#include "scenarios/engine/wall_clock.h"

#include <inttypes.h>
#include <string.h>

#define SECOND_NS UINT64_C(1000000000)
/* Speed is that of the last half-minute at least, and of an eighth of the time so far. */
enum { PLAIN_EVERY_S = 60, LEAST_S = 2, MARK_EVERY_S = 30, MARK_SHARE = 8, LINE_CHARS = 200 };

void explore_progress_init(struct explore_progress *progress, FILE *out, uint64_t limit_ns)
{
    *progress = (struct explore_progress){.out = out,
                                          .terminal = cli_is_terminal(out),
                                          .limit_ns = limit_ns,
                                          .begin_ns = wall_clock_ns()};
    progress->last_ns = progress->begin_ns;
}

static void show_line(struct explore_progress *progress, const char *line)
{
    fputc('\r', progress->out);
    (void)cli_text_cut(progress->out, line, cli_columns(progress->out) - 1);
    fputs("\033[K", progress->out);
    fflush(progress->out);
    progress->shown = true;
}

void explore_progress_wait(struct explore_progress *progress, const char *what)
{
    if (progress->terminal) {
        show_line(progress, what);
    }
}

/* "1264 flash commands, 23 steps of emulated EEPROM": the first numbers of which all are known. */
static void print_operations(FILE *out, const struct explore_sweep_cfg *cfg)
{
    const struct explore_kind *kind = cfg->kind;
    const char *heading = kind->rows_len > 0 ? kind->rows[0].heading : "";
    const char *before = "";
    for (size_t i = 0; i < kind->rows_len && cfg->same != NULL; i++) {
        const struct explore_row *row = &kind->rows[i];
        if (row->merge == SWEEP_SAME && strcmp(row->heading, heading) == 0 && cfg->same[i] != 0) {
            fprintf(out, "%s%" PRIu64 " %s", before, cfg->same[i], row->text);
            before = ", ";
        }
    }
    fputs(before[0] != '\0' ? "; " : "", out);
}

void explore_progress_begin(void *ctx, const struct explore_sweep_cfg *cfg, uint64_t points_done,
                            size_t jobs)
{
    struct explore_progress *progress = ctx;
    explore_progress_end(progress);
    progress->begin_ns = progress->last_ns = wall_clock_ns();
    progress->begin_points = points_done;
    fputs("limphome explore: ", progress->out);
    print_operations(progress->out, cfg);
    if (cfg->points == 0) {
        fputs("as many points as there is time for", progress->out);
    } else {
        fprintf(progress->out, "%" PRIu64 " points to try", cfg->points);
    }
    if (cfg->shards != 0) {
        fprintf(progress->out, " in shard %" PRIu32 " of %" PRIu32, cfg->shard, cfg->shards);
    }
    if (points_done > 0) {
        fprintf(progress->out, ", of which the journal has %" PRIu64, points_done);
    }
    fprintf(progress->out, "; %zu %s\n", jobs, jobs == 1 ? "process" : "processes");
    fflush(progress->out);
}

static void mark(struct explore_progress *progress, uint64_t done, uint64_t now_ns)
{
    const struct explore_mark now = {.at_ns = now_ns, .points = done};
    if (!progress->moves) {
        progress->moves = done > progress->begin_points;
        progress->older = progress->newer = now;
        return;
    }
    const uint64_t share_ns = (now_ns - progress->begin_ns) / MARK_SHARE;
    const uint64_t least_ns = MARK_EVERY_S * SECOND_NS;
    if (now_ns - progress->newer.at_ns >= (share_ns > least_ns ? share_ns : least_ns)) {
        progress->older = progress->newer;
        progress->newer = now;
    }
}

/* By what was done of late, or by the time that there is. False: it is too early to say. */
static bool time_left_s(const struct explore_progress *progress, uint64_t done, uint64_t points,
                        uint64_t now_ns, uint64_t *left_s)
{
    const uint64_t past_ns = now_ns - progress->older.at_ns;
    const uint64_t fresh = done - progress->older.points;
    uint64_t left_ns = UINT64_MAX;
    if (points > 0 && progress->moves && fresh > 0 && past_ns >= LEAST_S * SECOND_NS) {
        const uint64_t left = points > done ? points - done : 0;
        left_ns = (uint64_t)((double)past_ns / (double)fresh * (double)left);
    }
    if (progress->limit_ns != 0) {
        const uint64_t all_ns = now_ns - progress->begin_ns;
        const uint64_t limit_ns = progress->limit_ns > all_ns ? progress->limit_ns - all_ns : 0;
        left_ns = left_ns < limit_ns ? left_ns : limit_ns;
    }
    *left_s = left_ns / SECOND_NS + (left_ns % SECOND_NS != 0);
    return left_ns != UINT64_MAX;
}

static void print_line(char line[LINE_CHARS], const struct explore_progress *progress,
                       uint64_t done, uint64_t points, uint64_t now_ns)
{
    uint64_t left_s = 0;
    char left[64] = "";
    if (time_left_s(progress, done, points, now_ns, &left_s)) {
        (void)snprintf(left, sizeof left, ", %" PRIu64 ":%02u left", left_s / 60,
                       (unsigned)(left_s % 60));
    }
    const char *before = progress->moves || done == points ? "" : "preparing: ";
    if (points > 0) {
        (void)snprintf(line, LINE_CHARS, "%s%" PRIu64 " of %" PRIu64 " points, %" PRIu64 " to go%s",
                       before, done, points, points > done ? points - done : 0, left);
    } else {
        (void)snprintf(line, LINE_CHARS, "%s%" PRIu64 " points%s", before, done, left);
    }
}

void explore_progress_show(void *ctx, uint64_t points_done, uint64_t points)
{
    struct explore_progress *progress = ctx;
    const uint64_t now_ns = wall_clock_ns();
    char line[LINE_CHARS];
    mark(progress, points_done, now_ns);
    print_line(line, progress, points_done, points, now_ns);
    if (progress->terminal) {
        show_line(progress, line);
    } else if (now_ns - progress->last_ns >= PLAIN_EVERY_S * SECOND_NS) {
        fprintf(progress->out, "%s\n", line);
        progress->last_ns = now_ns;
    }
}

void explore_progress_end(struct explore_progress *progress)
{
    if (progress->shown) {
        fprintf(progress->out, "\r\033[K");
        fflush(progress->out);
        progress->shown = false;
    }
}
