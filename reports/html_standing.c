/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_standing.c - how a case stands, times and counts, as the page says them. */
#include "reports/html_standing.h"

#include <inttypes.h>

static const struct {
    const char *class, *en, *zh;
} standings[] = {
    [STANDS_PASS] = {"pass", "pass", "通过"},
    [STANDS_NOT_APPLICABLE] = {"na", "not applicable", "不适用"},
    [STANDS_FAIL] = {"fail", "fail", "失败"},
    [STANDS_ERROR] = {"error", "error", "错误"},
    [STANDS_NOT_RUN] = {"not-run", "not run", "未执行"},
    [STANDS_NOT_BUILT] = {"not-built", "not built", "未实现"},
};

const enum standing standings_by_weight[STANDINGS] = {
    STANDS_FAIL, STANDS_ERROR, STANDS_PASS, STANDS_NOT_APPLICABLE, STANDS_NOT_RUN, STANDS_NOT_BUILT,
};

const char *standing_class(enum standing standing)
{
    return standings[standing].class;
}

const char *standing_en(enum standing standing)
{
    return standings[standing].en;
}

const char *standing_zh(enum standing standing)
{
    return standings[standing].zh;
}

void html_verdict(struct html *html, enum standing standing)
{
    html_raw(html, "<span class=\"verdict is-%s\">", standings[standing].class);
    html_both(html, standings[standing].en, standings[standing].zh);
    html_raw(html, "</span>");
}

static void hidden_word(struct html *html, enum standing standing)
{
    html_raw(html, "<span class=\"unseen\"> ");
    html_both(html, standings[standing].en, standings[standing].zh);
    html_raw(html, "</span>");
}

void html_sign(struct html *html, enum standing standing)
{
    html_raw(html, "<span class=\"sign is-%s\">", standings[standing].class);
    hidden_word(html, standing);
    html_raw(html, "</span>");
}

void html_tile(struct html *html, enum standing standing, const char *anchor, const char *text)
{
    const char *tag = anchor != NULL ? "a" : "span";
    html_raw(html, "<%s class=\"tile is-%s\"", tag, standings[standing].class);
    if (anchor != NULL) {
        html_raw(html, " href=\"#");
        html_text(html, anchor);
        html_raw(html, "\"");
    }
    html_raw(html, ">");
    html_text(html, text);
    hidden_word(html, standing);
    html_raw(html, "</%s>", tag);
}

void html_put_duration(struct html *html, uint64_t ns)
{
    const uint64_t s = ns / SIM_S(1);
    if (ns == 0) {
        html_raw(html, "–");
    } else if (ns < SIM_S(1)) {
        html_raw(html, "%.*f ms", ns < SIM_MS(10) ? 2 : ns < SIM_MS(100) ? 1 : 0, (double)ns / 1e6);
    } else if (s < 60) {
        html_raw(html, "%.*f s", s < 10 ? 2 : 1, (double)ns / 1e9);
    } else if (s < 3600) {
        html_raw(html, "%" PRIu64 " min %02" PRIu64 " s", s / 60, s % 60);
    } else {
        html_raw(html, "%" PRIu64 " h %02" PRIu64 " min", s / 3600, s % 3600 / 60);
    }
}

void html_put_instant(struct html *html, sim_ns_t at_ns)
{
    html_raw(html, "%" PRIu64 ".%06" PRIu64 " s", at_ns / SIM_S(1), at_ns % SIM_S(1) / 1000);
}

void html_put_number(struct html *html, uint64_t number)
{
    if (number >= 1000) {
        html_put_number(html, number / 1000);
        html_raw(html, ",%03" PRIu64, number % 1000);
    } else {
        html_raw(html, "%" PRIu64, number);
    }
}

void html_put_count(struct html *html, size_t count, const char *one, const char *many,
                    const char *zh)
{
    html_put_number(html, count);
    html_raw(html, " ");
    html_both(html, count == 1 ? one : many, zh);
}
