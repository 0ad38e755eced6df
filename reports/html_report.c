/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_report.c - the page as a whole: its head, the sections in their order, and how large
 * it may become. */
#include "reports/html_report.h"

#include "reports/html_sections.h"
#include "reports/page_assets.h"
#include "sim/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 7500000 };

static void policy(struct html *html)
{
    html_raw(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
                   "script-src");
    for (const struct page_asset *script = page_scripts; script->text != NULL; script++) {
        html_raw(html, " 'sha256-%s'", script->sha256);
    }
    html_raw(html, "\">\n");
}

static void head(struct html *html, const struct page *page)
{
    html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    policy(html);
    html_raw(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html_page_title(html, page);
    html_raw(html, " – ");
    html_text(html, page->report->title != NULL ? page->report->title : "limphome");
    html_raw(html, "</title>\n");
    for (const struct page_asset *style = page_styles; style->text != NULL; style++) {
        html_raw(html, "<style>");
        fputs(style->text, html->out);
        html_raw(html, "</style>\n");
    }
    html_raw(html, "</head>\n");
}

struct option {
    const char *value, *en, *zh;
};

static void option(struct html *html, const char *name, const struct option *option, bool checked)
{
    html_raw(html,
             "<label><input type=\"radio\" name=\"%s\" id=\"page-%s-%s\" value=\"%s\"%s><span>",
             name, name, option->value, option->value, checked ? " checked" : "");
    if (option->zh != NULL) {
        html_both(html, option->en, option->zh);
    } else {
        html_text(html, option->en);
    }
    html_raw(html, "</span></label>");
}

/* Radio buttons, so that style sheets alone can follow them. */
static void switches(struct html *html)
{
    static const struct option themes[] = {
        {"auto", "auto", "自动"}, {"light", "light", "浅色"}, {"dark", "dark", "深色"}};
    html_raw(html, "<fieldset class=\"choice\"><legend class=\"unseen\">Language / 语言</legend>");
    option(html, "lang", &(struct option){"en", "English", NULL}, true);
    html_raw(html, "<span lang=\"zh-Hans\" class=\"always\">");
    option(html, "lang", &(struct option){"zh", "中文", NULL}, false);
    html_raw(html, "</span></fieldset>\n<fieldset class=\"choice\"><legend class=\"unseen\">");
    html_both(html, "Theme", "主题");
    html_raw(html, "</legend>");
    for (size_t i = 0; i < ARRAY_SIZE(themes); i++) {
        option(html, "theme", &themes[i], i == 0);
    }
    html_raw(html, "</fieldset>\n");
}

static void link_to(struct html *html, const char *anchor, const char *en, const char *zh)
{
    html_raw(html, "<li><a href=\"#%s\">", anchor);
    html_both(html, en, zh);
    html_raw(html, "</a></li>");
}

static bool is_broken(const struct page *page)
{
    return result_set_count(page->report->set, VERDICT_FAIL) +
               result_set_count(page->report->set, VERDICT_ERROR) >
           0;
}

static void links(struct html *html, const struct page *page)
{
    const bool has_cases = html_page_has_cases(page);
    const struct {
        bool there;
        const char *anchor, *en, *zh;
    } all[] = {
        {is_broken(page), "page-broken", "Broken", "问题"},
        {has_cases, "page-groups", "Groups", "分组"},
        {page->report->set->sweeps_len > 0, "page-sweeps", "Sweeps", "扫描"},
        {page->report->changes != NULL, "page-changes", "Changes", "变化"},
        {has_cases, "page-coverage", "Coverage", "覆盖"},
        {has_cases, "page-identity", "Run", "运行"},
        {has_cases, "page-cases", "Cases", "用例"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        if (all[i].there) {
            link_to(html, all[i].anchor, all[i].en, all[i].zh);
        }
    }
}

static void bar(struct html *html, const struct page *page)
{
    const bool has_cases = html_page_has_cases(page);
    html_raw(html, "<body>\n<a class=\"skip\" href=\"#page-%s\">", has_cases ? "cases" : "sweeps");
    html_both(html, has_cases ? "To the cases" : "To the sweeps",
              has_cases ? "跳到用例" : "跳到扫描");
    html_raw(html, "</a>\n<header class=\"bar\"><p class=\"brand\">");
    html_text(html, page->report->title != NULL ? page->report->title : "limphome");
    html_raw(html, "</p>\n<nav aria-label=\"Sections\"><ul>");
    links(html, page);
    html_raw(html, "</ul></nav>\n<div class=\"switches\">");
    switches(html);
    html_raw(html, "</div></header>\n");
}

static void print_page(struct html *html, const struct page *page)
{
    head(html, page);
    bar(html, page);
    html_raw(html, "<main>\n");
    html_overview(html, page);
    html_broken(html, page);
    if (html_page_has_cases(page)) {
        html_groups(html, page);
    }
    html_sweeps(html, page);
    html_changes(html, page);
    if (html_page_has_cases(page)) {
        html_coverage(html, page);
        html_identity(html, page);
        html_cases(html, page);
    }
    html_raw(html, "</main>\n");
    for (const struct page_asset *script = page_scripts; script->text != NULL; script++) {
        if (script->license != NULL) {
            html_raw(html, "<!-- %s-->\n", script->license);
        }
        html_raw(html, "<script>");
        fputs(script->text, html->out);
        html_raw(html, "</script>\n");
    }
    html_raw(html, "</body>\n</html>\n");
}

/* What the page takes without any play. */
static size_t bytes_without_plays(const struct page *page)
{
    char *text = NULL;
    size_t len = 0;
    struct html html = {.out = open_memstream(&text, &len)};
    CHECK(html.out != NULL);
    print_page(&html, page);
    CHECK(fclose(html.out) == 0);
    free(text);
    return len;
}

int html_report_print(const struct html_report *report, FILE *out, struct err *err)
{
    const size_t max_bytes = report->max_bytes != 0 ? report->max_bytes : PAGE_BYTES;
    struct case_table cases;
    struct html_shown shown = {.plays = NULL};
    case_table_make(&cases, report->set);
    const struct page page = {.report = report, .cases = &cases, .shown = &shown};
    const size_t bare_bytes = bytes_without_plays(&page);
    html_shown_choose(&shown, &cases, report->folder,
                      bare_bytes < max_bytes ? max_bytes - bare_bytes : 0);
    print_page(&(struct html){.out = out}, &page);
    html_shown_release(&shown);
    case_table_release(&cases);
    if (fflush(out) != 0 || ferror(out)) {
        return err_set(err, ERR_IO, "the page could not be written: %s", strerror(errno));
    }
    return 0;
}
