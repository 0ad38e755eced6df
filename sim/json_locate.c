/* SPDX-License-Identifier: Apache-2.0 */
/* sim/json_locate.c - walks well-formed JSON to the line of a member. */
#include "sim/json_locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    const char *at;
    const char *end;
};

unsigned json_line_at(const char *text, size_t len_bytes, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < len_bytes; i++) {
        line += text[i] == '\n' ? 1u : 0u;
    }
    return line;
}

static void skip_space(struct walk *w)
{
    while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL && *w->at != '\0') {
        w->at++;
    }
}

static void skip_string(struct walk *w)
{
    w->at++;
    while (w->at < w->end && *w->at != '"') {
        w->at += *w->at == '\\' && w->at + 1 < w->end ? 2 : 1;
    }
    w->at += w->at < w->end ? 1 : 0;
}

/* Any value: strings are stepped over whole, brackets are counted. */
static void skip_value(struct walk *w)
{
    unsigned depth = 0;
    skip_space(w);
    while (w->at < w->end) {
        char c = *w->at;
        if (c == '"') {
            skip_string(w);
        } else if (c == '{' || c == '[') {
            depth++;
            w->at++;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return;
        } else {
            depth -= c == '}' || c == ']' ? 1u : 0u;
            w->at++;
        }
    }
}

static bool next_item(struct walk *w)
{
    skip_space(w);
    if (w->at < w->end && *w->at == ',') {
        w->at++;
        skip_space(w);
        return w->at < w->end;
    }
    return false;
}

/* Enters an object and stands on the value of the member; *name_at is where its name begins. */
static bool enter_member(struct walk *w, const char *name, size_t name_len, unsigned occurrence,
                         const char **name_at)
{
    if (w->at >= w->end || *w->at != '{') {
        return false;
    }
    w->at++;
    skip_space(w);
    do {
        if (w->at >= w->end || *w->at != '"') {
            return false;
        }
        const char *key = w->at;
        skip_string(w);
        size_t key_len = (size_t)(w->at - key) - 2u;
        skip_space(w);
        w->at += w->at < w->end ? 1 : 0; /* The colon. */
        skip_space(w);
        if (key_len == name_len && memcmp(key + 1, name, name_len) == 0 && occurrence-- == 0) {
            *name_at = key;
            return true;
        }
        skip_value(w);
    } while (next_item(w));
    return false;
}

static bool enter_element(struct walk *w, unsigned long index, const char **at)
{
    if (w->at >= w->end || *w->at != '[') {
        return false;
    }
    w->at++;
    skip_space(w);
    while (index > 0) {
        skip_value(w);
        if (!next_item(w)) {
            return false;
        }
        index--;
    }
    *at = w->at;
    return true;
}

unsigned json_locate(const char *text, size_t len_bytes, const char *path, unsigned occurrence)
{
    struct walk w = {text, text + len_bytes};
    skip_space(&w);
    const char *found = w.at;
    bool on = true;
    while (on && *path != '\0') {
        if (*path == '[') {
            char *rest = NULL;
            unsigned long index = strtoul(path + 1, &rest, 10);
            path = *rest == ']' ? rest + 1 : rest;
            on = enter_element(&w, index, &found);
        } else {
            size_t len = strcspn(path, ".[");
            bool last = path[len] == '\0';
            on = enter_member(&w, path, len, last ? occurrence : 0, &found);
            path += len;
        }
        path += *path == '.' ? 1 : 0;
    }
    return json_line_at(text, len_bytes, (size_t)(found - text));
}

size_t json_find_nul(const char *text, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes; i++) {
        if (text[i] == '\0') {
            return i;
        }
        if (text[i] != '\\') {
            continue;
        }
        if (len_bytes - i >= 6 && memcmp(&text[i], "\\u0000", 6) == 0) {
            return i;
        }
        i++; /* What is escaped begins no escape itself. */
    }
    return len_bytes;
}

unsigned json_depth_at(const char *text, size_t len_bytes, size_t offset)
{
    struct walk w = {text, text + (offset < len_bytes ? offset : len_bytes)};
    unsigned depth = 0;
    while (w.at < w.end) {
        if (*w.at == '"') {
            skip_string(&w);
            continue;
        }
        depth += *w.at == '{' || *w.at == '[' ? 1u : 0u;
        depth -= depth > 0 && (*w.at == '}' || *w.at == ']') ? 1u : 0u;
        w.at++;
    }
    return depth;
}
