/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_sweeps.c - all sweeps, one below the other. */
#include "reports/html_sections.h"
#include "reports/html_sweep.h"

bool html_page_has_cases(const struct page *page)
{
    return page->report->set->runs_len > 0 || page->report->set->sweeps_len == 0;
}

struct html_sweep_id html_sweep_id(size_t sweep)
{
    struct html_sweep_id id;
    snprintf(id.text, sizeof id.text, "page-sweep-%zu", sweep + 1);
    return id;
}

void html_sweeps(struct html *html, const struct page *page)
{
    const struct result_set *set = page->report->set;
    if (set->sweeps_len == 0) {
        return;
    }
    html_section(html, "page-sweeps", "Sweeps", "扫描");
    for (size_t i = 0; i < set->sweeps_len; i++) {
        const struct html_sweep_id id = html_sweep_id(i);
        html_sweep_print(html, &(struct html_sweep){.id = id.text,
                                                    .of = &set->sweeps[i],
                                                    .page_folder = page->report->folder});
    }
    html_raw(html, "</section>\n");
}
