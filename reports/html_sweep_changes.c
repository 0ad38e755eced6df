/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweep_changes.c - sweeps compared with those of the baseline. */
#include "reports/html_sections.h"
#include "reports/html_sweep.h"
#include "reports/sweep_text.h"

#include <stdlib.h>

static void count_row(struct html *html, const struct sweep_verdict *verdict, uint64_t before,
                      uint64_t now)
{
    const bool worse = verdict->good ? now < before : now > before;
    html_raw(html, "<tr><th scope=\"row\">");
    html_sweep_text(html, verdict->name);
    html_raw(html, "</th><td class=\"number\">");
    html_put_number(html, before);
    html_raw(html, "</td><td class=\"arrow\" aria-hidden=\"true\">→</td><td class=\"number%s\">",
             worse ? " loud" : "");
    html_put_number(html, now);
    html_raw(html, "</td></tr>\n");
}

static void counts(struct html *html, const struct sweep_change *change)
{
    html_raw(html, "<div class=\"scroll\"><table class=\"rows sweep-change\"><thead><tr><th "
                   "scope=\"col\">");
    html_both(html, "Verdict", "判定");
    html_raw(html, "</th><th scope=\"col\" class=\"number\">");
    html_both(html, "Baseline", "基线");
    html_raw(html, "</th><td></td><th scope=\"col\" class=\"number\">");
    html_both(html, "Now", "现在");
    html_raw(html, "</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < change->now->verdicts_len; i++) {
        const struct sweep_verdict *verdict = &change->now->verdicts[i];
        const uint64_t before = sweep_change_count(change->before, verdict->name);
        if (before != verdict->count) {
            count_row(html, verdict, before, verdict->count);
        }
    }
    html_raw(html, "</tbody></table></div>\n");
}

/* Those listed in one and not in the other. */
static void points(struct html *html, const struct result_sweep *in,
                   const struct result_sweep *not_in, const char *en, const char *zh)
{
    bool any = false;
    for (size_t i = 0; i < in->failures_len; i++) {
        const struct sweep_failure *failure = &in->failures[i];
        if (sweep_change_lists(not_in, failure->id)) {
            continue;
        }
        if (!any) {
            html_raw(html, "<h4>");
            html_both(html, en, zh);
            html_raw(html, "</h4><ul class=\"sweep-points\">\n");
        }
        any = true;
        html_raw(html, "<li><code class=\"id\">");
        html_text(html, failure->id);
        html_raw(html, "</code> ");
        html_sweep_text(html, in->verdicts[failure->verdict].name);
        html_raw(html, "</li>\n");
    }
    html_raw(html, any ? "</ul>\n" : "");
}

static void both(struct html *html, const struct sweep_change *change)
{
    if (sweep_change_none(change)) {
        html_raw(html, "<p class=\"quiet\">");
        html_both(html, "Nothing has changed.", "没有变化。");
        html_raw(html, "</p>\n");
        return;
    }
    counts(html, change);
    points(html, change->now, change->before, "Newly bad", "新出错");
    points(html, change->before, change->now, "Bad no more", "不再出错");
    if (!sweep_change_lists_all(change->now) || !sweep_change_lists_all(change->before)) {
        html_raw(html, "<p class=\"quiet\">");
        html_both(html, "Of each sweep only the first points that went wrong are listed.",
                  "每次扫描只列出最前面的出错测试点。");
        html_raw(html, "</p>\n");
    }
}

void html_sweep_changes(struct html *html, const struct sweep_changes *changes)
{
    for (size_t i = 0; i < changes->len; i++) {
        const struct sweep_change *change = &changes->list[i];
        char *command = sweep_text_command(change->now != NULL ? change->now : change->before);
        html_raw(html, "<h3><code>");
        html_text(html, command);
        html_raw(html, "</code></h3>\n");
        free(command);
        if (change->now != NULL && change->before != NULL) {
            both(html, change);
            continue;
        }
        html_raw(html, "<p class=\"quiet\">");
        if (change->now != NULL) {
            html_both(html, "Not in the baseline", "基线中没有");
        } else {
            html_both(html, "Only in the baseline", "仅在基线中");
        }
        html_raw(html, "</p>\n");
    }
}
