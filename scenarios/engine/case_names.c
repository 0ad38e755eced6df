/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_names.c - reads Lua word by word: no tree is needed to tell which names are
 * declared nowhere. */
#include "scenarios/engine/case_names.h"

#include "scenarios/engine/nearest.h"
#include "sim/base.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, LIKE_MAX = 3 };

enum word_kind { WORD_NAME, WORD_KEYWORD, WORD_SIGN, WORD_VALUE };

struct word {
    enum word_kind kind;
    char text[NAME_MAX_BYTES]; /* Of a value empty; of a sign one or two characters. */
    unsigned line;
};

struct words {
    struct word *list;
    size_t len, cap;
    const char *at, *end;
    unsigned line;
};

static const char *const keywords[] = {
    "and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
    "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
    "repeat",   "return", "then", "true", "until",  "while",
};

static void add(struct words *words, enum word_kind kind, const char *text, size_t len)
{
    if (words->len == words->cap) {
        words->cap = words->cap * 2 + 256;
        words->list = realloc(words->list, words->cap * sizeof *words->list);
        CHECK(words->list != NULL);
    }
    struct word *word = &words->list[words->len++];
    *word = (struct word){.kind = kind, .line = words->line};
    memcpy(word->text, text, len < sizeof word->text ? len : sizeof word->text - 1);
}

/* How many equals signs "[==[" has; -1: no long bracket begins here. */
static int long_bracket(const char *at)
{
    int level = 0;
    while (at[1 + level] == '=') {
        level++;
    }
    return at[0] == '[' && at[1 + level] == '[' ? level : -1;
}

static void skip_to(struct words *words, const char *to)
{
    for (; words->at < to; words->at++) {
        words->line += *words->at == '\n';
    }
}

static void skip_long(struct words *words, int level)
{
    const char *at = words->at;
    for (; at < words->end; at++) {
        int equals = 0;
        while (at[0] == ']' && at[1 + equals] == '=') {
            equals++;
        }
        if (at[0] == ']' && equals == level && at[1 + equals] == ']') {
            skip_to(words, at + level + 2);
            return;
        }
    }
    skip_to(words, words->end);
}

static void skip_comment(struct words *words)
{
    words->at += 2;
    const int level = long_bracket(words->at);
    if (level >= 0) {
        skip_long(words, level);
    } else {
        words->at += strcspn(words->at, "\n");
    }
}

static void take_text(struct words *words)
{
    const char quote = *words->at;
    const char *at = words->at + 1;
    add(words, WORD_VALUE, "", 0);
    while (at < words->end && *at != quote) {
        at += *at == '\\' && at + 1 < words->end ? 2 : 1;
    }
    skip_to(words, at + 1 < words->end ? at + 1 : words->end);
}

static void take_name(struct words *words)
{
    size_t len = 0;
    while (isalnum((unsigned char)words->at[len]) || words->at[len] == '_') {
        len++;
    }
    enum word_kind kind = WORD_NAME;
    for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
        if (strlen(keywords[i]) == len && strncmp(keywords[i], words->at, len) == 0) {
            kind = WORD_KEYWORD;
        }
    }
    add(words, kind, words->at, len);
    words->at += len;
}

static void take_number(struct words *words)
{
    add(words, WORD_VALUE, "", 0);
    while (isalnum((unsigned char)*words->at) || *words->at == '.') {
        words->at++;
    }
}

/* "==", "..", "::" and the like are one sign each: their halves mean something else. */
static void take_sign(struct words *words)
{
    const bool twin = words->at[0] == words->at[1] && strchr("=.:", words->at[0]) != NULL;
    const bool compares = strchr("<>~", words->at[0]) != NULL && words->at[1] == '=';
    const size_t len = twin || compares ? 2 : 1;
    add(words, WORD_SIGN, words->at, len);
    words->at += len;
}

static void take_word(struct words *words)
{
    const unsigned char first = (unsigned char)words->at[0];
    if (isspace(first)) {
        skip_to(words, words->at + 1);
    } else if (first == '-' && words->at[1] == '-') {
        skip_comment(words);
    } else if (long_bracket(words->at) >= 0) {
        add(words, WORD_VALUE, "", 0);
        skip_long(words, long_bracket(words->at));
    } else if (first == '"' || first == '\'') {
        take_text(words);
    } else if (isalpha(first) || first == '_') {
        take_name(words);
    } else if (isdigit(first)) {
        take_number(words);
    } else {
        take_sign(words);
    }
}

static bool is(const struct words *words, size_t at, const char *text)
{
    return at < words->len && words->list[at].kind != WORD_VALUE &&
           strcmp(words->list[at].text, text) == 0;
}

static bool is_name(const struct words *words, size_t at)
{
    return at < words->len && words->list[at].kind == WORD_NAME;
}

/* What a table or an object holds is nobody's global. */
static bool is_member(const struct words *words, size_t at)
{
    return at > 0 && (is(words, at - 1, ".") || is(words, at - 1, ":"));
}

/* Marks the names of a list from there on, which is a declaration: "a, b <const>, c" or "(a, ...)".
 */
static void declare_list(const struct words *words, size_t at, bool *declares)
{
    while (is_name(words, at)) {
        declares[at++] = true;
        if (is(words, at, "<") && at + 2 < words->len) {
            declares[at + 1] = true;
            at += 3;
        }
        if (!is(words, at, ",")) {
            return;
        }
        at++;
    }
}

/* Which words declare the name that they are. */
static bool *find_declarations(const struct words *words)
{
    bool *declares = calloc(words->len + 1, sizeof *declares);
    CHECK(declares != NULL);
    for (size_t i = 0; i < words->len; i++) {
        if (is(words, i, "local") || is(words, i, "for")) {
            declare_list(words, i + 1, declares);
        } else if (is(words, i, "function")) {
            size_t at = i + 1;
            while (is_name(words, at) || is(words, at, ".") || is(words, at, ":")) {
                declares[at] = declares[at] || is_name(words, at);
                at++;
            }
            declare_list(words, at + 1, declares);
        } else if (is_name(words, i) && (is(words, i + 1, "=") || is(words, i + 1, "::"))) {
            declares[i] = true; /* An assignment, a named member, or a label. */
        } else if (is(words, i, "goto") || is(words, i, "::")) {
            declares[i + 1] = i + 1 < words->len;
        }
    }
    return declares;
}

static bool is_declared(const struct words *words, const bool *declares, const char *name)
{
    for (size_t i = 0; i < words->len; i++) {
        if (declares[i] && strcmp(words->list[i].text, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The name in the table at the top of the stack that looks most like it; empty: none does. */
static void find_nearest(lua_State *L, const char *name, char *nearest, size_t size)
{
    unsigned best = LIKE_MAX + 1;
    nearest[0] = '\0';
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        const char *known = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        const unsigned distance = nearest_distance(name, known);
        const bool first = distance == best && strcmp(known, nearest) < 0;
        if ((distance < best || first) && known[0] != '\0' && strlen(known) < size) {
            best = distance;
            snprintf(nearest, size, "%s", known);
        }
        lua_pop(L, 1);
    }
}

/* The table that has no such member is at the top of the stack. */
static int refuse(lua_State *L, const struct word *word, const char *table, const char *path,
                  struct err *err)
{
    char nearest[NAME_MAX_BYTES];
    const char *dot = table[0] != '\0' ? "." : "";
    find_nearest(L, word->text, nearest, sizeof nearest);
    if (nearest[0] == '\0') {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: there is no \"%s%s%s\"; docs/scenarios.md has all functions", path,
                       word->line, table, dot, word->text);
    }
    return err_set(err, ERR_SYNTAX, "%s:%u: there is no \"%s%s%s\"; did you mean \"%s%s%s\"?", path,
                   word->line, table, dot, word->text, table, dot, nearest);
}

/* The table of globals is at the top of the stack; it is left there. */
static int check_name(lua_State *L, const struct words *words, size_t at, const char *path,
                      struct err *err)
{
    const struct word *word = &words->list[at];
    const int type = lua_getfield(L, -1, word->text);
    int code = 0;
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return refuse(L, word, "", path, err);
    }
    if (type == LUA_TTABLE && is(words, at + 1, ".") && is_name(words, at + 2)) {
        lua_pushstring(L, words->list[at + 2].text);
        if (lua_rawget(L, -2) == LUA_TNIL) {
            lua_pop(L, 1);
            code = refuse(L, &words->list[at + 2], word->text, path, err);
            lua_pushnil(L);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return code;
}

int case_names_check(lua_State *L, const char *text, size_t len, const char *path, struct err *err)
{
    struct words words = {.at = text, .end = text + len, .line = 1};
    int code = 0;
    while (words.at < words.end) {
        take_word(&words);
    }
    bool *declares = find_declarations(&words);
    lua_pushglobaltable(L);
    for (size_t i = 0; code == 0 && i < words.len; i++) {
        if (is_name(&words, i) && !is_member(&words, i) &&
            !is_declared(&words, declares, words.list[i].text)) {
            code = check_name(L, &words, i, path, err);
        }
    }
    lua_pop(L, 1);
    free(declares);
    free(words.list);
    return code;
}
