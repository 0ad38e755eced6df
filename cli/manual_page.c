/* SPDX-License-Identifier: Apache-2.0 */
/* cli/manual_page.c - manual pages from the help of commands, in the language of man(7). */
#include "cli/manual.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Characters that the formatter would take for something else, and what stands for them. */
static const struct {
    char c;
    const char *escape;
} escapes[] = {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'^', "\\(ha"}, {'~', "\\(ti"}};

static void print_char(FILE *out, char c)
{
    for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
        if (escapes[i].c == c) {
            fputs(escapes[i].escape, out);
            return;
        }
    }
    fputc(c, out);
}

static void print_chars(FILE *out, struct manual_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        print_char(out, text.at[i]);
    }
}

static size_t count_leading(struct manual_text word, const char *set)
{
    size_t n = 0;
    while (n < word.len && strchr(set, word.at[n]) != NULL) {
        n++;
    }
    return n;
}

static size_t count_trailing(struct manual_text word, const char *set)
{
    size_t n = 0;
    while (n < word.len && strchr(set, word.at[word.len - 1 - n]) != NULL) {
        n++;
    }
    return n;
}

/* A word of a form or of an entry's name: bold what is typed so, slanted what is put in its place,
 * plain the brackets and dots around it. */
static void print_term(FILE *out, struct manual_text word)
{
    const size_t before = count_leading(word, "[");
    const size_t after = before < word.len ? count_trailing(word, "].,") : 0;
    const struct manual_text core = {word.at + before, word.len - before - after};
    const bool slanted = core.len > 0 && isupper((unsigned char)core.at[0]);
    print_chars(out, (struct manual_text){word.at, before});
    fputs(slanted ? "\\fI" : "\\fB", out);
    print_chars(out, core);
    fputs("\\fR", out);
    print_chars(out, (struct manual_text){core.at + core.len, after});
}

static void print_terms(FILE *out, struct manual_text text)
{
    struct manual_text word = manual_word(&text);
    for (bool first = true; word.len > 0; word = manual_word(&text), first = false) {
        fputs(first ? "" : " ", out);
        print_term(out, word);
    }
    fputc('\n', out);
}

/* A word of running text; `code` switches to bold and back. */
static void print_running(FILE *out, struct manual_text word, bool *code)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '`') {
            *code = !*code;
            fputs(*code ? "\\fB" : "\\fR", out);
        } else {
            print_char(out, word.at[i]);
        }
    }
}

/* The formatter makes lines of its own, but reads a dot or quote at the begin of one as a request;
 * a sentence that ends a line gets the space that belongs there. */
static void print_text(FILE *out, struct manual_text text)
{
    enum { WIDTH = 70 };
    size_t column = 0;
    bool code = false;
    for (struct manual_text word = manual_word(&text); word.len > 0; word = manual_word(&text)) {
        if (column + word.len > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        fputs(column > 0 ? " " : word.at[0] == '.' ? "\\&" : "", out);
        print_running(out, word, &code);
        column += word.len + 1;
    }
    fputs(code ? "\\fR\n" : "\n", out);
}

static bool tells_exit(const struct manual_block *block)
{
    static const char begin[] = "exit code";
    return block->kind == MANUAL_PARAGRAPH && block->text.len > strlen(begin) &&
           strncasecmp(block->text.at, begin, strlen(begin)) == 0;
}

static struct manual_text text_of(const char *text)
{
    return (struct manual_text){text, strlen(text)};
}

static void print_commands(FILE *out)
{
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        fputs(".TP\n", out);
        print_terms(out, text_of(cli_commands[i].name));
        print_text(out, text_of(cli_commands[i].summary));
    }
}

static void print_others(FILE *out, const char *name)
{
    fputs(".SH SEE ALSO\n", out);
    bool first = true;
    if (strcmp(name, "limphome") != 0) {
        fputs(".BR limphome (1)", out);
        first = false;
    }
    for (size_t i = 0; i < cli_commands_len; i++) {
        char page[48];
        snprintf(page, sizeof page, "limphome-%s", cli_commands[i].name);
        if (strcmp(page, name) != 0) {
            fprintf(out, "%s.BR ", first ? "" : ",\n");
            print_chars(out, text_of(page));
            fputs(" (1)", out);
            first = false;
        }
    }
    fputc('\n', out);
}

static void print_forms(FILE *out, const struct manual *manual)
{
    fputs(".SH SYNOPSIS\n", out);
    for (size_t i = 0; i < manual->len && manual->blocks[i].kind == MANUAL_USAGE; i++) {
        fputs(i > 0 ? ".br\n" : "", out);
        print_terms(out, manual->blocks[i].text);
    }
}

static bool has_options(const struct manual *manual)
{
    for (size_t i = 0; i < manual->len; i++) {
        if (manual->blocks[i].kind == MANUAL_ENTRY && manual->blocks[i].name.at[0] == '-') {
            return true;
        }
    }
    return false;
}

/* Paragraphs and entries as they follow each other; what tells of the exit code has a section. */
static void print_blocks(FILE *out, const struct manual *manual, bool lists_commands)
{
    enum manual_kind before = MANUAL_USAGE;
    bool titled = !has_options(manual);
    for (size_t i = 0; i < manual->len; i++) {
        const struct manual_block *block = &manual->blocks[i];
        if (tells_exit(block)) {
            if (lists_commands) {
                print_commands(out);
            }
            fputs(".SH EXIT STATUS\n", out);
        } else if (block->kind == MANUAL_PARAGRAPH) {
            fputs(before == MANUAL_USAGE ? ".SH DESCRIPTION\n" : ".PP\n", out);
        } else if (block->kind == MANUAL_ENTRY) {
            fputs(titled ? ".TP\n" : ".SH OPTIONS\n.TP\n", out);
            titled = true;
            print_terms(out, block->name);
        }
        if (block->kind != MANUAL_USAGE) {
            print_text(out, block->text);
        }
        before = block->kind;
    }
}

void manual_print_page(FILE *out, const struct manual_page *page)
{
    struct manual manual;
    manual_read(&manual, page->help);
    fputs(".TH ", out);
    for (const char *c = page->name; *c != '\0'; c++) {
        print_char(out, (char)toupper((unsigned char)*c));
    }
    fprintf(out, " 1 \"%s\" \"limphome %s\" \"User Commands\"\n", page->date, LIMPHOME_VERSION);
    fputs(".SH NAME\n", out);
    print_chars(out, text_of(page->name));
    fputs(" \\- ", out);
    print_text(out, text_of(page->summary));
    print_forms(out, &manual);
    print_blocks(out, &manual, page->lists_commands);
    print_others(out, page->name);
}
