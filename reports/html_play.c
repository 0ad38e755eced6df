/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_play.c - the parts of a play in the order in which a reader wants them. */
#include "reports/html_play.h"

#include "reports/html_flash.h"
#include "reports/html_messages.h"
#include "reports/html_output.h"
#include "reports/html_replay.h"
#include "reports/html_timeline.h"

void html_play_print(struct html *html, const struct html_play *play)
{
    html_raw(html, "<div class=\"play\" id=\"%s-play\">\n", play->id);
    if (play->timeline != NULL) {
        const struct html_timeline of = {
            .id = play->id,
            .timeline = play->timeline,
            .violated = play->play->findings_len > 0,
        };
        html_timeline_print(html, &of);
        html_messages_print(html, &of);
        html_flash_print(html, &of);
        html_timeline_print_data(html, &of);
    }
    html_output_print(html, play->id, play->output, play->output_len);
    html_replay_print(html, play->id, play->play, play->page_folder);
    html_raw(html, "</div>\n");
}
