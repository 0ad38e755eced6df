/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_overview.c - does my master pass: one sentence, one bar, a few figures. */
#include "reports/html_sections.h"
#include "reports/html_sweep.h"

#include <string.h>

struct totals {
    size_t cases, plays, counts[STANDINGS];
    uint64_t checks, virtual_ns, wall_ns;
    bool lacks_shards;
    struct sweep_points points; /* Of all sweeps. */
};

static void add_run(struct totals *totals, const struct run_result *run)
{
    totals->wall_ns += run->wall_ns;
    totals->lacks_shards = totals->lacks_shards || run->parts_len > 0;
    for (size_t i = 0; i < run->cases_len; i++) {
        const struct case_result *one = &run->cases[i];
        totals->cases++;
        totals->counts[(size_t)one->verdict]++;
        totals->plays += one->plays_len;
        for (size_t p = 0; p < one->plays_len; p++) {
            totals->checks += one->plays[p].checks;
            totals->virtual_ns += one->plays[p].virtual_ns;
        }
    }
}

static struct totals totals_of(const struct result_set *set)
{
    struct totals totals = {.cases = 0};
    for (size_t i = 0; i < set->runs_len; i++) {
        add_run(&totals, &set->runs[i]);
    }
    for (size_t i = 0; i < set->sweeps_len; i++) {
        const struct sweep_points points = sweep_points_of(&set->sweeps[i]);
        totals.points.all += points.all;
        totals.points.bad += points.bad;
        totals.points.lacking += points.lacking;
    }
    return totals;
}

static enum standing standing_of(const struct totals *totals)
{
    if (totals->counts[STANDS_FAIL] > 0) {
        return STANDS_FAIL;
    }
    return totals->cases > 0 && !totals->lacks_shards && totals->counts[STANDS_ERROR] == 0
               ? STANDS_PASS
               : STANDS_ERROR;
}

/* Of cases and sweeps: the worse of both, as far as there are both. */
static enum standing standing_of_all(const struct result_set *set, const struct totals *totals)
{
    const enum standing cases = standing_of(totals);
    const enum standing points = sweep_standing(&totals->points);
    if (set->sweeps_len == 0) {
        return cases;
    }
    if (set->runs_len == 0) {
        return points;
    }
    if (cases == STANDS_FAIL || points == STANDS_FAIL) {
        return STANDS_FAIL;
    }
    return cases == STANDS_PASS ? points : cases;
}

/* Parts of a sentence that no line break may part: blanks of U+00A0. */
struct part {
    enum standing standing;
    const char *en, *zh; /* After the number, before it a comma. */
};

static const struct part parts[] = {
    {STANDS_FAIL, " failed", " 个失败"},
    {STANDS_ERROR, " could not be judged", " 个无法判定"},
    {STANDS_NOT_APPLICABLE, " not applicable", " 个不适用"},
};

static void count_en(struct html *html, const struct totals *totals)
{
    if (totals->cases == 0) {
        html_textf(html, "No case was played.");
        return;
    }
    if (totals->counts[STANDS_PASS] == totals->cases) {
        html_textf(html, totals->cases == 1 ? "The one case passed." : "All %zu cases passed.",
                   totals->cases);
        return;
    }
    html_textf(html, "%zu of %zu cases passed", totals->counts[STANDS_PASS], totals->cases);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (totals->counts[parts[i].standing] > 0) {
            html_textf(html, ", %zu%s", totals->counts[parts[i].standing], parts[i].en);
        }
    }
    html_raw(html, ".");
}

static void count_zh(struct html *html, const struct totals *totals)
{
    if (totals->cases == 0) {
        html_textf(html, "没有执行任何用例。");
        return;
    }
    if (totals->counts[STANDS_PASS] == totals->cases) {
        html_textf(html, "全部 %zu 个用例通过。", totals->cases);
        return;
    }
    html_textf(html, "%zu 个用例中 %zu 个通过", totals->cases, totals->counts[STANDS_PASS]);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (totals->counts[parts[i].standing] > 0) {
            html_textf(html, "，%zu%s", totals->counts[parts[i].standing], parts[i].zh);
        }
    }
    html_raw(html, "。");
}

static void sentence_en(struct html *html, const struct totals *totals)
{
    count_en(html, totals);
    html_raw(html, totals->lacks_shards ? " Shards of the run are missing." : "");
}

static void sentence_zh(struct html *html, const struct totals *totals)
{
    count_zh(html, totals);
    html_raw(html, totals->lacks_shards ? "本次运行缺少分片。" : "");
}

void html_meter(struct html *html, const size_t counts[static STANDINGS])
{
    html_raw(html, "<span class=\"meter\" aria-hidden=\"true\">");
    for (size_t i = 0; i < STANDINGS; i++) {
        const enum standing standing = standings_by_weight[i];
        if (counts[standing] > 0) {
            html_raw(html, "<span class=\"is-%s\" style=\"flex-grow:%zu\"></span>",
                     standing_class(standing), counts[standing]);
        }
    }
    html_raw(html, "</span>");
}

static void legend(struct html *html, const struct totals *totals)
{
    html_raw(html, "<ul class=\"legend\">");
    for (size_t i = 0; i < STANDINGS; i++) {
        const enum standing standing = standings_by_weight[i];
        if (totals->counts[standing] > 0) {
            html_raw(html, "<li><strong>%zu</strong> ", totals->counts[standing]);
            html_verdict(html, standing);
            html_raw(html, "</li>");
        }
    }
    html_raw(html, "</ul>\n");
}

static void begin_figure(struct html *html, const char *en, const char *zh)
{
    html_raw(html, "<div><dt>");
    html_both(html, en, zh);
    html_raw(html, "</dt><dd>");
}

static void figures(struct html *html, const struct totals *totals)
{
    html_raw(html, "<dl class=\"figures\">");
    begin_figure(html, "plays", "执行次数");
    html_put_number(html, totals->plays);
    html_raw(html, "</dd></div>");
    begin_figure(html, "checks by cases", "用例检查项");
    html_put_number(html, totals->checks);
    html_raw(html, "</dd></div>");
    begin_figure(html, "virtual time", "虚拟时间");
    html_put_duration(html, totals->virtual_ns);
    html_raw(html, "</dd></div>");
    begin_figure(html, "wall time", "实际耗时");
    html_put_duration(html, totals->wall_ns);
    html_raw(html, "</dd></div></dl>\n");
}

static bool has_twin(const struct result_set *set, size_t run)
{
    for (size_t i = 0; i < set->runs_len; i++) {
        if (i != run && strcmp(set->runs[i].master, set->runs[run].master) == 0) {
            return true;
        }
    }
    return false;
}

void html_run_name(struct html *html, const struct page *page, size_t run)
{
    const struct result_set *set = page->report->set;
    html_raw(html, "<bdi>");
    html_text(html, set->runs[run].master);
    html_raw(html, "</bdi>");
    if (has_twin(set, run)) {
        html_raw(html, " · ");
        html_both(html, "seed", "种子");
        html_raw(html, " ");
        html_textf(html, "%llu", (unsigned long long)set->runs[run].seed);
    }
}

/* Of several runs each has its own line. */
static void runs(struct html *html, const struct page *page)
{
    const struct result_set *set = page->report->set;
    html_raw(html, "<ul class=\"runs\">");
    for (size_t i = 0; i < set->runs_len; i++) {
        struct totals totals = {.cases = 0};
        add_run(&totals, &set->runs[i]);
        html_raw(html, "<li>");
        html_verdict(html, standing_of(&totals));
        html_raw(html, " <strong>");
        html_run_name(html, page, i);
        html_raw(html, "</strong> <span class=\"of-run\"><span lang=\"en\">");
        sentence_en(html, &totals);
        html_raw(html, "</span><span lang=\"zh-Hans\">");
        sentence_zh(html, &totals);
        html_raw(html, "</span></span>");
        html_meter(html, totals.counts);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n");
}

/* So has each sweep, unless there is nothing else. */
static void sweeps(struct html *html, const struct result_set *set)
{
    html_raw(html, "<ul class=\"runs\">");
    for (size_t i = 0; i < set->sweeps_len; i++) {
        const struct sweep_points points = sweep_points_of(&set->sweeps[i]);
        html_raw(html, "<li>");
        html_verdict(html, sweep_standing(&points));
        html_raw(html, " <strong><a href=\"#%s\">", html_sweep_id(i).text);
        html_sweep_kind(html, &set->sweeps[i]);
        html_raw(html, "</a></strong> <span class=\"of-run\"><span lang=\"en\">");
        html_sweep_sentence(html, &points, false);
        html_raw(html, "</span><span lang=\"zh-Hans\">");
        html_sweep_sentence(html, &points, true);
        html_raw(html, "</span></span>");
        html_sweep_meter(html, &points);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n");
}

/* The master of all that there is; null: there are several. */
static const char *only_master(const struct result_set *set)
{
    const char *master = set->runs_len == 1 ? set->runs[0].master : NULL;
    for (size_t i = 0; set->runs_len == 0 && i < set->sweeps_len; i++) {
        if (master != NULL && strcmp(master, set->sweeps[i].master) != 0) {
            return NULL;
        }
        master = set->sweeps[i].master;
    }
    return master;
}

static void eyebrow(struct html *html, const struct page *page)
{
    const struct result_set *set = page->report->set;
    const char *master = only_master(set);
    html_raw(html, "<p class=\"eyebrow\">");
    if (master != NULL) {
        html_both(html, "Master under test: ", "被测主控：");
        html_raw(html, "<bdi>");
        html_text(html, master);
        html_raw(html, "</bdi>");
    } else if (set->runs_len > 0) {
        html_put_count(html, set->runs_len, "run", "runs", "次运行");
    } else {
        html_put_count(html, set->sweeps_len, "sweep", "sweeps", "次扫描");
    }
    html_raw(html, "</p>\n");
}

/* Of cases, then of sweeps, as far as there are any. */
static void sentences(struct html *html, const struct page *page, bool zh)
{
    const struct totals totals = totals_of(page->report->set);
    const bool has_sweeps = page->report->set->sweeps_len > 0;
    if (html_page_has_cases(page)) {
        (zh ? sentence_zh : sentence_en)(html, &totals);
        html_raw(html, has_sweeps && !zh ? " " : "");
    }
    if (has_sweeps) {
        html_sweep_sentence(html, &totals.points, zh);
    }
}

static void of_cases(struct html *html, const struct page *page, const struct totals *totals)
{
    if (page->report->set->runs_len > 1) {
        runs(html, page);
    } else {
        html_meter(html, totals->counts);
        legend(html, totals);
    }
    figures(html, totals);
}

void html_overview(struct html *html, const struct page *page)
{
    const struct result_set *set = page->report->set;
    const struct totals totals = totals_of(set);
    html_raw(html, "<section class=\"overview is-%s\" aria-labelledby=\"page-verdict\">\n",
             standing_class(standing_of_all(set, &totals)));
    eyebrow(html, page);
    html_raw(html, "<h1 id=\"page-verdict\"><span lang=\"en\">");
    sentences(html, page, false);
    html_raw(html, "</span><span lang=\"zh-Hans\">");
    sentences(html, page, true);
    html_raw(html, "</span></h1>\n");
    if (html_page_has_cases(page)) {
        of_cases(html, page, &totals);
    }
    if (set->sweeps_len > 1 || (set->sweeps_len > 0 && set->runs_len > 0)) {
        sweeps(html, set);
    } else if (set->sweeps_len > 0) {
        html_sweep_meter(html, &totals.points);
    }
    html_raw(html, "</section>\n");
}

void html_page_title(struct html *html, const struct page *page)
{
    const char *master = only_master(page->report->set);
    if (master != NULL) {
        html_text(html, master);
        html_raw(html, ": ");
    }
    sentences(html, page, false);
}
