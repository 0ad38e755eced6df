/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_html_play.c - what a play's page says that a shell takes, and the edges of its
 * parts. */
#include "reports/html_flash.h"
#include "reports/html_output.h"
#include "reports/html_play.h"
#include "reports/html_replay.h"
#include "reports/html_time.h"
#include "tests/reports/sample_timeline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
    struct html html;
    char *text;
    size_t len;
};

static void page_open(struct page *page)
{
    page->html.out = open_memstream(&page->text, &page->len);
    cr_assert_not_null(page->html.out);
}

static const char *page_text(struct page *page)
{
    cr_assert_eq(fclose(page->html.out), 0);
    return page->text;
}

/* Between two texts, markup taken back; the caller frees it. */
static char *between(const char *text, const char *from, const char *to)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    const char *begin = strstr(text, from);
    cr_assert_not_null(begin, "%s is not in %s", from, text);
    begin += strlen(from);
    const char *end = strstr(begin, to);
    cr_assert_not_null(end);
    char *out = calloc((size_t)(end - begin) + 1, 1);
    for (char *p = out; begin < end; p++) {
        *p = *begin;
        size_t len = 1;
        for (size_t i = 0; i < ARRAY_SIZE(entities); i++) {
            if (strncmp(begin, entities[i].name, strlen(entities[i].name)) == 0) {
                *p = entities[i].c;
                len = strlen(entities[i].name);
            }
        }
        begin += len;
    }
    return out;
}

/* bash gives back the word that stands behind "limphome replay". */
static void expect_shell_gives_back(const char *command, const char *word)
{
    char script[] = "/tmp/test_html_play-XXXXXX";
    const int fd = mkstemp(script);
    cr_assert_geq(fd, 0);
    FILE *out = fdopen(fd, "w");
    cr_assert_not_null(out);
    fprintf(out, "limphome() { [ $# = 2 ] && printf %%s \"$2\"; }\n%s\n", command);
    fclose(out);
    char run[80], back[256] = "";
    snprintf(run, sizeof run, "bash %s", script);
    FILE *in = popen(run, "r");
    cr_assert_not_null(in);
    const size_t len = fread(back, 1, sizeof back - 1, in);
    cr_expect_eq(pclose(in), 0);
    remove(script);
    back[len] = '\0';
    cr_expect_str_eq(back, word[0] == '-' ? back : word, "%s", command);
    cr_expect(word[0] != '-' || (strncmp(back, "./", 2) == 0 && strcmp(back + 2, word) == 0));
}

Test(html_play, the_command_names_any_folder)
{
    static const char *const folders[] = {
        "plays/FUN-01/1",
        "with blank/x",
        "it's",
        "$(touch /tmp/bad)`x`",
        "-rf",
        "a\"b\\c;d&e|f<g>",
        "line\nbreak\ttab\x1B[2J",
        "\xE6\xAD\xA3 \xFF'\\",
        "*?[a]~!#",
    };
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        struct page page;
        char own[64];
        snprintf(own, sizeof own, "%s", folders[i]);
        page_open(&page);
        html_replay_print(&page.html, "X", &(struct play_result){.folder = own}, NULL);
        const char *text = page_text(&page);
        char *command = between(text, "<code class=\"play-command\">", "</code>");
        expect_shell_gives_back(command, folders[i]);
        cr_expect_null(strchr(command, '\x1B'));
        free(command);
        free(page.text);
    }
}

Test(html_play, a_link_stays_on_this_machine)
{
    static const struct {
        char folder[24];
        const char *address;
    } links[] = {
        {"plays/FUN-01", "./plays/FUN-01/bus.log"},
        {"javascript:alert(1)", "./javascript%3Aalert%281%29/bus.log"},
        {"/tmp/x y", "file:///tmp/x%20y/bus.log"},
        {"//example.org", "file:///example.org/bus.log"},
        {"a?b#c%", "./a%3Fb%23c%25/bus.log"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
        struct page page;
        char own[24];
        memcpy(own, links[i].folder, sizeof own);
        page_open(&page);
        html_replay_print(&page.html, "X", &(struct play_result){.folder = own}, NULL);
        char *address = between(page_text(&page), "<a href=\"", "\">");
        cr_expect_str_eq(address, links[i].address);
        free(address);
        free(page.text);
    }
}

Test(html_play, a_play_without_anything_says_how_to_get_it)
{
    struct page page;
    page_open(&page);
    html_play_print(&page.html,
                    &(struct html_play){.id = "X", .play = &(struct play_result){.seed = 1}});
    const char *text = page_text(&page);
    cr_expect_not_null(strstr(text, "--keep-traces"));
    cr_expect_null(strstr(text, "<svg"));
    cr_expect_null(strstr(text, "<table"));
    cr_expect_null(strstr(text, "<pre"));
    free(page.text);
}

Test(html_play, an_empty_timeline_is_drawn)
{
    struct timeline timeline = {0};
    struct page page;
    page_open(&page);
    html_play_print(&page.html, &(struct html_play){.id = "X",
                                                    .play = &(struct play_result){.seed = 1},
                                                    .timeline = &timeline});
    cr_expect_not_null(strstr(page_text(&page), "<svg"));
    free(page.text);
}

Test(html_play, of_long_output_the_end_is_shown_from_the_begin_of_a_line)
{
    char output[10000];
    memset(output, 'x', sizeof output);
    for (size_t i = 99; i < sizeof output; i += 100) {
        output[i] = '\n';
    }
    memcpy(output + 9950, "<the end>", 9);
    struct page page;
    page_open(&page);
    html_output_print(&page.html, "X", output, sizeof output);
    char *shown = between(page_text(&page), "aria-labelledby=\"X-output\">", "</pre>");
    cr_expect_eq(strncmp(shown, "\xE2\x80\xA6\nxxx", 7), 0, "%.10s", shown);
    cr_expect_eq(strlen(shown), 4u + 4000u);
    cr_expect_not_null(strstr(shown, "<the end>"));
    free(shown);
    free(page.text);
}

Test(html_play, each_state_of_a_sector_is_in_the_map_and_in_its_key)
{
    struct timeline timeline;
    struct page page;
    sample_timeline_make_of(&timeline, "x");
    page_open(&page);
    html_flash_print(&page.html, &(struct html_timeline){.id = "X", .timeline = &timeline});
    const char *text = page_text(&page);
    static const char *const classes[] = {"fl-full",      "fl-part",        "fl-cell-torn",
                                          "fl-cell-weak", "fl-cell-broken", "fl-boot",
                                          "fl-again"};
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        const char *first = strstr(text, classes[i]);
        cr_assert_not_null(first, "%s is not drawn", classes[i]);
        cr_expect_not_null(strstr(first + 1, classes[i]), "%s is not in the key", classes[i]);
    }
    cr_expect_not_null(strstr(text, "erase / \xE6\x93\xA6\xE9\x99\xA4 \xC3\x97"
                                    "5"));
    free(page.text);
    timeline_release(&timeline);
}

Test(html_play, times_are_exact)
{
    cr_expect_str_eq(html_instant(SIM_MS(8934) + SIM_US(271) + 999).text, "8.934271 s");
    cr_expect_str_eq(html_duration(SIM_US(15300)).text, "15.300 ms");
    cr_expect_str_eq(html_duration(SIM_S(70)).text, "70.000 s");
    cr_expect_str_eq(html_duration(250).text, "0.250 \xC2\xB5s");
    cr_expect_str_eq(html_offset(SIM_MS(1), SIM_MS(3)).text, "\xE2\x88\x92"
                                                             "2.000 ms");
    cr_expect_str_eq(html_offset(SIM_MS(3), SIM_MS(1)).text, "+2.000 ms");
    cr_expect_str_eq(html_offset(7, 7).text, "0");
    cr_expect_str_eq(html_us(1234567250).text, "1234567.25");
    cr_expect_str_eq(html_us(SIM_MS(100)).text, "100000");
    cr_expect_str_eq(html_us(0).text, "0");
}
