/* SPDX-License-Identifier: Apache-2.0 */
/* cli/manual.c - the help of a command taken apart. */
#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

#define USAGE "usage: "

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static bool is_entry(const char *line)
{
    return begins(line, "  ") && line[2] != ' ' && line[2] != '\n' && line[2] != '\0';
}

static struct manual_block *add(struct manual *manual, enum manual_kind kind, const char *at)
{
    CHECK(manual->len < MANUAL_BLOCKS_MAX);
    struct manual_block *block = &manual->blocks[manual->len++];
    *block = (struct manual_block){.kind = kind, .name = {at, 0}, .text = {at, 0}};
    return block;
}

/* Up to two spaces, or the end of the line. */
static size_t name_len(const char *line, size_t len)
{
    size_t i = 0;
    while (i < len && !(line[i] == ' ' && (i + 1 == len || line[i + 1] == ' '))) {
        i++;
    }
    return i;
}

/* The block that a line begins; null: it goes on with the one before. */
static struct manual_block *begin(struct manual *manual, const char *line, size_t len, bool after)
{
    if (begins(line, USAGE)) {
        return add(manual, MANUAL_USAGE, line + strlen(USAGE));
    }
    if (is_entry(line)) {
        struct manual_block *entry = add(manual, MANUAL_ENTRY, line + 2);
        entry->name.len = name_len(line + 2, len - 2);
        entry->text.at += entry->name.len;
        return entry;
    }
    if (after || manual->len == 0) {
        return add(manual, MANUAL_PARAGRAPH, line);
    }
    const bool form = manual->blocks[manual->len - 1].kind == MANUAL_USAGE;
    return form ? add(manual, MANUAL_USAGE, line + strspn(line, " ")) : NULL;
}

void manual_read(struct manual *manual, const char *help)
{
    bool after = true; /* The line before is empty. */
    manual->len = 0;
    for (const char *line = help; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        if (len > 0) {
            (void)begin(manual, line, len, after);
            struct manual_block *last = &manual->blocks[manual->len - 1];
            last->text.len = (size_t)(line + len - last->text.at);
        }
        after = len == 0;
        line += len + (line[len] == '\n');
    }
}

struct manual_text manual_word(struct manual_text *rest)
{
    while (rest->len > 0 && isspace((unsigned char)*rest->at)) {
        rest->at++;
        rest->len--;
    }
    struct manual_text word = {rest->at, 0};
    while (word.len < rest->len && !isspace((unsigned char)word.at[word.len])) {
        word.len++;
    }
    rest->at += word.len;
    rest->len -= word.len;
    return word;
}

bool manual_is(struct manual_text text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

/* "-o," and "-o" alike. */
static bool is_option(struct manual_text word, const char *option)
{
    word.len -= word.len > 0 && word.at[word.len - 1] == ',' ? 1u : 0u;
    return manual_is(word, option);
}

const struct manual_block *manual_option(const struct manual *manual, const char *option)
{
    for (size_t i = 0; i < manual->len; i++) {
        struct manual_text rest = manual->blocks[i].name;
        struct manual_text word = manual_word(&rest);
        while (word.len > 0 && manual->blocks[i].kind == MANUAL_ENTRY) {
            if (is_option(word, option)) {
                return &manual->blocks[i];
            }
            word = manual_word(&rest);
        }
    }
    return NULL;
}

struct manual_text manual_value(const struct manual_block *option)
{
    struct manual_text rest = option->name;
    struct manual_text word = manual_word(&rest);
    while (word.len > 0 && word.at[0] == '-') {
        word = manual_word(&rest);
    }
    return word;
}

static bool is_bracket(char c)
{
    return c == '[' || c == ']' || c == '.';
}

struct manual_text manual_operand(const struct manual *manual)
{
    struct manual_text rest = manual->blocks[0].text;
    struct manual_text operand = {rest.at, 0};
    struct manual_text before = operand;
    for (struct manual_text word = manual_word(&rest); word.len > 0; word = manual_word(&rest)) {
        while (word.len > 0 && is_bracket(word.at[0])) {
            word.at++;
            word.len--;
        }
        while (word.len > 0 && is_bracket(word.at[word.len - 1])) {
            word.len--;
        }
        /* The value of an option is none; nor are "OPTION", and the arguments of a program. */
        const bool counts = isupper((unsigned char)word.at[0]) && !manual_is(word, "OPTION") &&
                            !manual_is(word, "ARGUMENT");
        const bool value = before.at[0] == '-' && !manual_is(before, "--");
        operand = counts && !value ? word : operand;
        before = word;
    }
    return operand;
}
