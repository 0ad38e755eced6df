/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_identity.c - what was run: all that another one needs to run the same. */
#include "reports/html_sections.h"

#include <string.h>

static void begin(struct html *html, const char *en, const char *zh)
{
    html_raw(html, "<div><dt>");
    html_both(html, en, zh);
    html_raw(html, "</dt><dd>");
}

static void end(struct html *html)
{
    html_raw(html, "</dd></div>\n");
}

static bool is_first_with_vehicle(const struct run_result *run, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(run->cases[i].vehicle, run->cases[at].vehicle) == 0) {
            return false;
        }
    }
    return run->cases[at].vehicle[0] != '\0';
}

static void vehicles(struct html *html, const struct run_result *run)
{
    bool first = true;
    begin(html, "Vehicles", "车辆");
    for (size_t i = 0; i < run->cases_len; i++) {
        if (is_first_with_vehicle(run, i)) {
            html_raw(html, first ? "<code>" : ", <code>");
            html_text(html, run->cases[i].vehicle);
            html_raw(html, "</code>");
            first = false;
        }
    }
    end(html);
}

static void seeds(struct html *html, const struct run_result *run)
{
    const unsigned long long first = run->seed;
    begin(html, "Seed", "种子");
    html_raw(html, "<code>%llu</code>", first);
    if (run->repeat > 1) {
        html_raw(html, " … <code>%llu</code>", first + run->repeat - 1);
    }
    end(html);
}

static void settings(struct html *html, const struct run_result *run)
{
    begin(html, "Profile", "配置参数");
    if (run->settings_len == 0) {
        html_both(html, "as the catalogue has it", "采用测试目录的默认值");
    }
    for (size_t i = 0; i < run->settings_len; i++) {
        html_raw(html, "%s<code>", i > 0 ? " " : "");
        html_textf(html, "%s = %s", run->settings[i].name, run->settings[i].value);
        html_raw(html, "</code>");
    }
    end(html);
}

static void identity(struct html *html, const struct run_result *run)
{
    html_raw(html, "<dl class=\"identity\">\n");
    begin(html, "Master", "主控");
    html_raw(html, "<strong>");
    html_text(html, run->master);
    html_raw(html, "</strong>");
    end(html);
    begin(html, "limphome", "limphome");
    html_raw(html, "<code>");
    html_text(html, run->version);
    html_raw(html, "</code>");
    end(html);
    if (run->date != NULL && run->date[0] != '\0') {
        begin(html, "Date", "日期");
        html_text(html, run->date);
        end(html);
    }
    seeds(html, run);
    vehicles(html, run);
    settings(html, run);
    html_raw(html, "</dl>\n");
}

void html_identity(struct html *html, const struct page *page)
{
    html_section(html, "page-identity", "What was run", "运行信息");
    for (size_t i = 0; i < page->report->set->runs_len; i++) {
        identity(html, &page->report->set->runs[i]);
    }
    html_raw(html, "</section>\n");
}
