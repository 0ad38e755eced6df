/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_progress.c - prints how far a sweep is, and how long it will take. */
#include "cli/explore_progress.h"

#include "cli/cli.h"
#include "scenarios/engine/wall_clock.h"

#include <inttypes.h>

#define SECOND_NS UINT64_C(1000000000)
enum { PLAIN_EVERY_S = 60, LEAST_S = 2 };

void explore_progress_init(struct explore_progress *progress, FILE *out, uint64_t limit_ns)
{
    *progress = (struct explore_progress){
        .out = out, .terminal = cli_is_terminal(out), .limit_ns = limit_ns};
}

/* By what was done of it, or by the time that there is. False: it is too early to say. */
static bool time_left_s(const struct explore_progress *progress, uint64_t done, uint64_t points,
                        uint64_t now_ns, uint64_t *left_s)
{
    const uint64_t past_ns = now_ns - progress->begin_ns;
    const uint64_t fresh = done - progress->begin_points;
    uint64_t left_ns = UINT64_MAX;
    if (points > 0 && fresh > 0 && past_ns >= LEAST_S * SECOND_NS) {
        const uint64_t left = points > done ? points - done : 0;
        left_ns = (uint64_t)((double)past_ns / (double)fresh * (double)left);
    }
    if (progress->limit_ns != 0) {
        const uint64_t limit_ns = progress->limit_ns > past_ns ? progress->limit_ns - past_ns : 0;
        left_ns = left_ns < limit_ns ? left_ns : limit_ns;
    }
    *left_s = (left_ns + SECOND_NS - 1) / SECOND_NS;
    return left_ns != UINT64_MAX;
}

static void print_line(char line[160], const struct explore_progress *progress, uint64_t done,
                       uint64_t points, uint64_t now_ns)
{
    uint64_t left_s = 0;
    char left[64] = "";
    if (time_left_s(progress, done, points, now_ns, &left_s)) {
        (void)snprintf(left, sizeof left, ", %" PRIu64 ":%02u left", left_s / 60,
                       (unsigned)(left_s % 60));
    }
    if (points > 0) {
        (void)snprintf(line, 160, "%" PRIu64 " of %" PRIu64 " points, %" PRIu64 " to go%s", done,
                       points, points > done ? points - done : 0, left);
    } else {
        (void)snprintf(line, 160, "%" PRIu64 " points%s", done, left);
    }
}

void explore_progress_show(void *ctx, uint64_t points_done, uint64_t points)
{
    struct explore_progress *progress = ctx;
    const uint64_t now_ns = wall_clock_ns();
    char line[160];
    if (!progress->begun) {
        progress->begun = true;
        progress->begin_points = points_done;
        progress->begin_ns = progress->last_ns = now_ns;
    }
    print_line(line, progress, points_done, points, now_ns);
    if (progress->terminal) {
        fputc('\r', progress->out);
        (void)cli_text_cut(progress->out, line, cli_columns(progress->out) - 1);
        fputs("\033[K", progress->out);
        fflush(progress->out);
        progress->shown = true;
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
