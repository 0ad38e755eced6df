/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_html_writer.c - hostile data comes out inert and visible, in HTML and JSON. */
#include "reports/html_writer.h"
#include "sim/base.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *written(const char *data, size_t len)
{
    char *text = NULL;
    size_t text_len;
    struct html html = {.out = open_memstream(&text, &text_len)};
    html_text_len(&html, data, len);
    fclose(html.out);
    return text;
}

static char *written_json(const char *data)
{
    char *text = NULL;
    size_t text_len;
    struct html html = {.out = open_memstream(&text, &text_len)};
    html_json_text(&html, data);
    fclose(html.out);
    return text;
}

#define TEXT(literal) literal, sizeof literal - 1

static const struct {
    const char *data;
    size_t len;
    const char *html;
} texts[] = {
    {TEXT(""), ""},
    {TEXT("plain text, 级 Ä \xF0\x9F\x9A\x97"), "plain text, 级 Ä \xF0\x9F\x9A\x97"},
    {TEXT("<b>&'\""), "&lt;b&gt;&amp;&#39;&quot;"},
    {TEXT("</script><script>"), "&lt;/script&gt;&lt;script&gt;"},
    {TEXT("&lt;"), "&amp;lt;"},
    {TEXT("%s%n"), "%s%n"},
    {TEXT("a\tb\nc"), "a\tb\nc"},
    {TEXT("a\0b"), "a␀b"},
    {TEXT("\r\x1B[31m\x7F"), "␍␛[31m␡"},
    {TEXT("\xC2\x85"), "&lt;U+0085&gt;"},
    {TEXT("\xE2\x80\xAE"), "&lt;U+202E&gt;"},
    {TEXT("\xE2\x81\xA6\xE2\x80\x8F"), "&lt;U+2066&gt;&lt;U+200F&gt;"},
    {TEXT("\xEF\xBB\xBF\xEF\xBF\xBE"), "&lt;U+FEFF&gt;&lt;U+FFFE&gt;"},
    {TEXT("\xF3\xA0\x81\x81"), "&lt;U+E0041&gt;"},
    /* No UTF-8: alone, cut, too long, a surrogate, beyond the last one. */
    {TEXT("a\x80z"), "a\xEF\xBF\xBDz"},
    {TEXT("a\xE7\xBA"), "a\xEF\xBF\xBD\xEF\xBF\xBD"},
    {TEXT("\xE7<b>"), "\xEF\xBF\xBD&lt;b&gt;"},
    {TEXT("\xC0\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {TEXT("\xE0\x80\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {TEXT("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {TEXT("\xF4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {TEXT("\xFF\xFE"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
};

Test(html_writer, data_is_inert_and_visible)
{
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        char *text = written(texts[i].data, texts[i].len);
        cr_expect_str_eq(text, texts[i].html, "of text %zu: %s", i, text);
        free(text);
    }
}

/* What no text may bring into a page, whatever its bytes. */
Test(html_writer, every_pair_of_bytes_is_harmless)
{
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const char data[2] = {(char)first, (char)second};
            char *text = written(data, sizeof data);
            cr_assert_null(strpbrk(text, "<>\"'\r\x1B\x7F"), "%02X %02X", first, second);
            cr_assert_gt(strlen(text), 0u);
            free(text);
        }
    }
}

Test(html_writer, json_comes_back_and_closes_no_script)
{
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        char *text = written_json(texts[i].data);
        cr_expect_null(strpbrk(text, "<>&\n\t"), "%s", text);
        cJSON *back = cJSON_Parse(text);
        cr_assert_not_null(back, "%s", text);
        /* The same characters as in the page. */
        char *shown = written(cJSON_GetStringValue(back), strlen(cJSON_GetStringValue(back)));
        char *direct = written(texts[i].data, strlen(texts[i].data));
        cr_expect_str_eq(shown, direct);
        free(direct);
        free(shown);
        cJSON_Delete(back);
        free(text);
    }
}

Test(html_writer, markup_stands_and_both_languages_are_there)
{
    char *text = NULL;
    size_t len;
    struct html html = {.out = open_memstream(&text, &len)};
    html_raw(&html, "<p id=\"%d\">", 7);
    html_both(&html, "a < b", "一 < 二");
    html_textf(&html, "%s %d", "<i>", 3);
    html_raw(&html, "</p>");
    fclose(html.out);
    cr_expect_str_eq(text, "<p id=\"7\"><span lang=\"en\">a &lt; b</span>"
                           "<span lang=\"zh-Hans\">一 &lt; 二</span>&lt;i&gt; 3</p>");
    free(text);
}
