/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_replay.c - a folder's name as a word for the shell and as a link. */
#include "reports/html_replay.h"

#include "reports/html_folder.h"
#include "reports/shell_word.h"

#include <stdlib.h>

static void print_links(struct html *html, const char *page_folder, const char *folder)
{
    static const struct {
        const char *name, *en, *zh;
    } files[] = {
        {"bus.log", "frames", "帧"},
        {"events.log", "all events", "全部事件"},
        {"", "all files", "全部文件"},
    };
    html_raw(html, "<p class=\"play-files\">");
    html_both(html, "In its folder: ", "文件夹内容：");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        html_raw(html, "<a href=\"");
        html_folder_address(html, page_folder, folder);
        html_raw(html, "%s\">", files[i].name);
        html_both(html, files[i].en, files[i].zh);
        html_raw(html, "</a> ");
    }
    html_raw(html, "</p>\n");
}

void html_replay_print(struct html *html, const char *id, const struct play_result *play,
                       const char *page_folder)
{
    html_raw(html, "<div class=\"play-replay\"><p id=\"%s-replay\">", id);
    if (play->folder == NULL || play->folder[0] == '\0') {
        html_both(html,
                  "This play left no folder: run with --out FOLDER --keep-traces to replay it.",
                  "本次执行未保留文件夹：加 --out FOLDER --keep-traces 运行后可重放。");
        html_raw(html, "</p></div>\n");
        return;
    }
    html_both(html, "See it again, bit for bit:", "逐位重放：");
    html_raw(html, "</p>\n<code class=\"play-command\">limphome replay ");
    char *word = shell_word(play->folder);
    html_text(html, word);
    free(word);
    html_raw(html, "</code>\n");
    print_links(html, page_folder, play->folder);
    html_raw(html, "</div>\n");
}
