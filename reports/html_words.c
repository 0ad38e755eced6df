/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_words.c - what the drawing of a timeline says in words, in both languages. */
#include "reports/html_drawing.h"
#include "reports/html_time.h"

#include <string.h>

enum { LABEL_BYTES_MAX = 13 }; /* Of the name beside a lane. */

static const struct {
    const char *en, *zh;
} kind_names[LANE_KINDS] = {
    [LANE_PHASE] = {"Phases", "阶段"},          [LANE_SERVICE] = {"Services", "诊断服务"},
    [LANE_BUS_LOAD] = {"Bus load", "总线负载"}, [LANE_SUPPLY] = {"Supply", "供电电压"},
    [LANE_SESSION] = {"Session", "会话"},       [LANE_LOCK] = {"Unlocked", "安全解锁"},
    [LANE_FLASH] = {"Flash", "闪存"},           [LANE_PROGRESS] = {"Programmed", "刷写进度"},
    [LANE_MASTER] = {"Master", "主控"},         [LANE_STORAGE] = {"Master's storage", "主控存储"},
    [LANE_FAULT] = {"Fault", "故障"},
};

static const struct {
    const char *en, *zh;
} tone_names[TONES] = {
    [TONE_PLAIN] = {"idle or default", "空闲或默认"},
    [TONE_BUSY] = {"at work", "进行中"},
    [TONE_GOOD] = {"done, positive", "完成、肯定"},
    [TONE_WARN] = {"disturbed, negative", "受扰、否定"},
    [TONE_BAD] = {"failed, lost", "失败、丢失"},
};

void drawing_label(const struct drawing *d, const struct lane_view *lane, int y_px)
{
    const enum timeline_lane_kind kind = lane->lane->kind;
    html_raw(d->html, "<text class=\"tl-label\" x=\"0\" y=\"%d\">", y_px + 13);
    html_svg_both(d->html, kind_names[kind].en, kind_names[kind].zh);
    if (lane->lane->of[0] != '\0') {
        html_raw(d->html, " <tspan class=\"tl-of\">");
        html_cut_text(d->html, lane->lane->of, LABEL_BYTES_MAX);
        html_raw(d->html, "</tspan>");
    }
    html_raw(d->html, "</text>");
}

void drawing_print_title(const struct drawing *d)
{
    const struct html_time end = html_duration(d->view.end_ns);
    html_raw(d->html, "<span lang=\"en\">What happened in %s</span>", end.text);
    html_raw(d->html, "<span lang=\"zh-Hans\">%s 内发生的事</span>", end.text);
}

static size_t count_of(const struct lane_view *lane, enum timeline_tone from)
{
    size_t count = 0;
    for (size_t i = 0; i < lane->spans_len; i++) {
        count += lane->spans[i].tone >= from ? lane->spans[i].count : 0;
    }
    return count;
}

/* " Supply bcm: 6.2 V to 13.5 V." */
static void print_lane_words(const struct drawing *d, const struct lane_view *lane, bool zh)
{
    const enum timeline_lane_kind kind = lane->lane->kind;
    html_raw(d->html, " %s ", zh ? kind_names[kind].zh : kind_names[kind].en);
    html_cut_text(d->html, lane->lane->of, DRAWING_TEXT_BYTES_MAX);
    html_raw(d->html, zh ? "：" : ": ");
    if (lane_view_is_curve(lane)) {
        double low, high;
        lane_view_range(lane, &low, &high);
        drawing_value(d, kind, low);
        html_raw(d->html, zh ? " 至 " : " to ");
        drawing_value(d, kind, high);
    } else {
        html_raw(d->html, zh ? "%zu 段" : "%zu spans", count_of(lane, TONE_PLAIN));
        if (count_of(lane, TONE_WARN) > 0) {
            html_raw(d->html, zh ? "，其中 %zu 段不正常" : ", %zu of them not good",
                     count_of(lane, TONE_WARN));
        }
    }
    html_raw(d->html, zh ? "。" : ".");
}

static void print_words_in(const struct drawing *d, bool zh)
{
    const char *what = zh                ? (d->of->violated ? "违反" : "故障")
                       : d->of->violated ? "Violated"
                                         : "Fault";
    html_raw(d->html, zh ? "<span lang=\"zh-Hans\">" : "<span lang=\"en\">");
    for (size_t i = 0; i < d->flags_len; i++) {
        const struct timeline_focus *focus = &d->of->timeline->foci[i];
        html_raw(d->html, zh ? "%s（%s）：" : "%s at %s: ", what, html_instant(focus->at_ns).text);
        html_cut_text(d->html, focus->text, DRAWING_TEXT_BYTES_MAX);
        html_raw(d->html, zh ? "。" : ". ");
    }
    for (size_t i = 0; i < d->view.lanes_len; i++) {
        print_lane_words(d, &d->view.lanes[i], zh);
    }
    html_raw(d->html, "</span>");
}

void drawing_print_words(const struct drawing *d)
{
    html_raw(d->html, "<p class=\"tl-words\" id=\"%s-words\">", d->of->id);
    print_words_in(d, false);
    print_words_in(d, true);
    html_raw(d->html, "</p>\n");
}

void drawing_print_key(const struct drawing *d)
{
    html_raw(d->html, "<ul class=\"tl-key\">");
    for (enum timeline_tone tone = TONE_PLAIN; tone < TONES; tone++) {
        const char *name = timeline_tone_name(tone);
        if (d->tones_used[tone]) {
            html_raw(d->html,
                     "<li><svg viewBox=\"0 0 22 14\" aria-hidden=\"true\"><path class=\"tl-%s\" "
                     "fill=\"url(#%s-%s)\" d=\"M1 1h20v12H1z\"/></svg> ",
                     name, d->of->id, name);
            html_both(d->html, tone_names[tone].en, tone_names[tone].zh);
            html_raw(d->html, "</li>");
        }
    }
    if (d->view.lanes_left_out > 0) {
        html_raw(d->html, "<li>");
        html_both(d->html, "Lanes left out: ", "未绘制的通道：");
        html_raw(d->html, "%zu</li>", d->view.lanes_left_out);
    }
    html_raw(d->html, "</ul>\n");
}
