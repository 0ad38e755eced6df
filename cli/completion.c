/* SPDX-License-Identifier: Apache-2.0 */
/* cli/completion.c - what a shell offers, from what a help calls a value. */
#include "cli/completion.h"

#include <ctype.h>
#include <string.h>

const char *const completion_shells[] = {"bash", "zsh", "fish", NULL};

void completion_print(FILE *out, size_t shell)
{
    static void (*const print[])(FILE * out) = {completion_print_bash, completion_print_zsh,
                                                completion_print_fish};
    CHECK(shell < ARRAY_SIZE(print));
    print[shell](out);
}

static const struct {
    const char *name;
    enum completion_kind kind;
} kinds[] = {
    {"FILE", COMPLETION_FILE},       {"FOLDER", COMPLETION_FOLDER},
    {"PATTERN", COMPLETION_CASES},   {"COMMAND", COMPLETION_COMMANDS},
    {"PROGRAM", COMPLETION_PROGRAM},
};

/* What follows the last c. Empty: there is none. */
static struct manual_text after_last(struct manual_text text, char c)
{
    size_t i = text.len;
    while (i > 0 && text.at[i - 1] != c) {
        i--;
    }
    return i > 0 ? (struct manual_text){text.at + i, text.len - i}
                 : (struct manual_text){text.at, 0};
}

/* "block|line", and neither "FOLDER|NAME" nor "AT[:DURATION]". */
static bool is_choice(struct manual_text value)
{
    bool bar = false;
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.at[i];
        if (isupper((unsigned char)c) || strchr("[]:=#", c) != NULL) {
            return false;
        }
        bar = bar || c == '|';
    }
    return bar;
}

static bool is_ending(struct manual_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!islower((unsigned char)text.at[i]) && !isdigit((unsigned char)text.at[i])) {
            return false;
        }
    }
    return text.len > 0;
}

struct completion_what completion_of(struct manual_text value)
{
    const struct manual_text ending = after_last(value, '.');
    /* Of "FOLDER|NAME" the first. */
    const char *bar = memchr(value.at, '|', value.len);
    const struct manual_text first = {value.at, bar != NULL ? (size_t)(bar - value.at) : value.len};
    if (is_choice(value)) {
        return (struct completion_what){COMPLETION_WORDS, value};
    }
    if (is_ending(ending)) {
        return (struct completion_what){COMPLETION_FILE, ending};
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (manual_is(first, kinds[i].name)) {
            return (struct completion_what){kinds[i].kind, {value.at, 0}};
        }
    }
    return (struct completion_what){COMPLETION_NOTHING, {value.at, 0}};
}

struct completion_what completion_of_option(const struct manual *manual, const char *option)
{
    const struct manual_block *entry = manual_option(manual, option);
    return entry != NULL ? completion_of(manual_value(entry))
                         : (struct completion_what){COMPLETION_NOTHING, {"", 0}};
}

void completion_print_words(FILE *out, struct manual_text with)
{
    for (size_t i = 0; i < with.len; i++) {
        fputc(with.at[i] == '|' ? ' ' : with.at[i], out);
    }
}

const char *completion_short(const struct option *option, char text[static 3])
{
    const bool has = option->val < 256 && isalnum(option->val) && strcmp(option->name, "help") != 0;
    text[0] = '\0';
    if (has) {
        snprintf(text, 3, "-%c", option->val);
    }
    return text;
}
