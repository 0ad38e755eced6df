/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_json_locate.c - one pass over JSON text that knows depth and names, nothing else. */
#include "master/ota_json_locate.h"

#include <stdbool.h>
#include <string.h>

/* A name or a text, without its quotes. */
struct span {
    const char *at;
    size_t len;
};

static bool span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/* *at is on the opening quote; afterwards behind the closing one. */
static struct span take_string(const char *text, size_t len_bytes, size_t *at)
{
    const size_t first = ++*at;
    while (*at < len_bytes && text[*at] != '"') {
        *at += text[*at] == '\\' ? 2 : 1;
    }
    const size_t end = *at < len_bytes ? *at : len_bytes;
    *at = end + 1;
    return (struct span){text + first, end - first};
}

static bool colon_follows(const char *text, size_t len_bytes, size_t at)
{
    while (at < len_bytes && strchr(" \t\r\n", text[at]) != NULL) {
        at++;
    }
    return at < len_bytes && text[at] == ':';
}

unsigned ota_json_line(const char *text, size_t len_bytes, const char *object, const char *name,
                       unsigned occurrence)
{
    const unsigned wanted_depth = *object != '\0' ? 2 : 1;
    struct span outer = {text, 0}; /* The member of the top that is being read. */
    unsigned depth = 0;
    size_t nearest = 0;
    while (nearest < len_bytes && text[nearest] != '{') {
        nearest++;
    }
    size_t at = 0;
    while (at < len_bytes) {
        if (text[at] != '"') {
            depth += text[at] == '{' || text[at] == '[' ? 1u : 0u;
            depth -= text[at] == '}' || text[at] == ']' ? 1u : 0u;
            at++;
            continue;
        }
        const struct span string = take_string(text, len_bytes, &at);
        if (!colon_follows(text, len_bytes, at)) {
            continue;
        }
        outer = depth == 1 ? string : outer;
        const bool inside = depth == 1 ? *object == '\0' : span_is(outer, object);
        if (depth == wanted_depth && inside && span_is(string, name) && occurrence-- == 0) {
            return ota_json_line_at(text, (size_t)(string.at - text));
        }
        nearest = depth == 1 && span_is(string, object) ? (size_t)(string.at - text) : nearest;
    }
    return ota_json_line_at(text, nearest < len_bytes ? nearest : 0);
}

unsigned ota_json_line_at(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++) {
        line += text[i] == '\n' ? 1u : 0u;
    }
    return line;
}

size_t ota_json_find_nul(const char *text, size_t len_bytes)
{
    static const char escape[] = {'\\', 'u', '0', '0', '0', '0'};
    for (size_t i = 0; i < len_bytes; i++) {
        const bool is_escape =
            len_bytes - i >= sizeof escape && memcmp(text + i, escape, sizeof escape) == 0;
        if (text[i] == '\0' || is_escape) {
            return i;
        }
        i += text[i] == '\\' ? 1 : 0; /* What is escaped begins no escape itself. */
    }
    return len_bytes;
}
