/* SPDX-License-Identifier: Apache-2.0 */
/* cli/progress.c - how far the update is, while it runs. */
#include "cli/cli.h"

enum { BAR_CELLS = 30, PERCENT_STEP_PLAIN = 10 };

void cli_progress_init(struct cli_progress *progress, FILE *out)
{
    *progress = (struct cli_progress){.out = out, .terminal = cli_is_terminal(out)};
}

static unsigned percent_of(const struct ota_progress *at)
{
    return at->bytes_total == 0 ? 0 : (unsigned)((uint64_t)at->bytes_done * 100u / at->bytes_total);
}

static void show_bar(struct cli_progress *progress, const struct ota_progress *at, unsigned percent,
                     sim_ns_t now_ns)
{
    char bar[BAR_CELLS + 1];
    char line[160];
    for (unsigned i = 0; i < BAR_CELLS; i++) {
        bar[i] = i < percent * BAR_CELLS / 100u ? '#' : '.';
    }
    bar[BAR_CELLS] = '\0';
    snprintf(line, sizeof line, "  %-17s [%s] %3u %%  segment %u of %u  at %.1f s",
             ota_phase_name(at->phase), bar, percent, at->segment, at->segments,
             (double)now_ns / 1e9);
    fputc('\r', progress->out);
    (void)cli_text_cut(progress->out, line, cli_columns(progress->out) - 1);
    fputs("\033[K", progress->out);
    fflush(progress->out);
    progress->shown = true;
}

static void show_line(struct cli_progress *progress, const struct ota_progress *at,
                      unsigned percent, sim_ns_t now_ns)
{
    fprintf(progress->out, "  %9.3f s  %-17s", (double)now_ns / 1e9, ota_phase_name(at->phase));
    if (at->segment > 0) {
        fprintf(progress->out, " %3u %%  segment %u of %u", percent, at->segment, at->segments);
    }
    fputc('\n', progress->out);
}

void cli_progress_show(void *ctx, const struct ota_progress *at, sim_ns_t now_ns)
{
    struct cli_progress *progress = ctx;
    unsigned percent = percent_of(at);
    bool phase = !progress->any || at->phase != progress->last.phase;
    unsigned step = progress->terminal ? 1 : PERCENT_STEP_PLAIN;
    if (!phase && percent / step == progress->last_percent / step) {
        return;
    }
    progress->any = true;
    progress->last = *at;
    progress->last_percent = percent;
    if (progress->terminal) {
        show_bar(progress, at, percent, now_ns);
    } else {
        show_line(progress, at, percent, now_ns);
    }
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->shown) {
        fprintf(progress->out, "\r\033[K");
        fflush(progress->out);
        progress->shown = false;
    }
}
