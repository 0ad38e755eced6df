/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_replay.h - how to see a play again: the command, and the files that it left. */
#ifndef REPORTS_HTML_REPLAY_H
#define REPORTS_HTML_REPLAY_H

#include "reports/html_writer.h"
#include "reports/result.h"

/* page_folder: see html_folder.h. */
void html_replay_print(struct html *html, const char *id, const struct play_result *play,
                       const char *page_folder);

#endif
