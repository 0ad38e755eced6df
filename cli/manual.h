/* SPDX-License-Identifier: Apache-2.0 */
/* cli/manual.h - the help of a command taken apart, for manual pages and shell completion. The help
 * is the only source of both. It is written so:
 *
 *     usage: limphome NAME [OPTION...] FILE...
 *            limphome NAME --other FILE           a further form
 *
 *     A paragraph. `limphome run` is code.
 *
 *       --option VALUE        what it is for,
 *                             over several lines
 *       -o, --output FILE     a short form comes first
 *       --style block|line    a value with '|' is one of these words
 *
 *     Exit code: 0 if ...
 *
 * Entries are indented by two spaces, and two spaces or a new line are between name and text. What
 * a value is called tells the shell what to offer: FILE a file, FILE.json or OLD.s19 one with this
 * ending, FOLDER a folder, PATTERN the cases, COMMAND the subcommands, PROGRAM a program; nothing
 * for all others. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "cli/cli.h"

/* A part of the help. */
struct manual_text {
    const char *at;
    size_t len;
};

enum manual_kind {
    MANUAL_USAGE,     /* text: a form, without "usage: ". */
    MANUAL_PARAGRAPH, /* text */
    MANUAL_ENTRY,     /* name, and text. */
};

struct manual_block {
    enum manual_kind kind;
    struct manual_text name;
    struct manual_text text; /* With the line breaks and the indentation of the help. */
};

enum { MANUAL_BLOCKS_MAX = 64 };

struct manual {
    struct manual_block blocks[MANUAL_BLOCKS_MAX];
    size_t len;
};

/* help outlives the manual. A help that has more blocks than there is room for is a programming
 * error. */
void manual_read(struct manual *manual, const char *help);
/* The next word of a text, over spaces and line breaks; its length is 0 at the end. */
struct manual_text manual_word(struct manual_text *rest);
bool manual_is(struct manual_text text, const char *word);
/* The entry of an option, "--image". Null: there is none. */
const struct manual_block *manual_option(const struct manual *manual, const char *option);
/* What its value is called. Empty: it takes none. */
struct manual_text manual_value(const struct manual_block *option);
/* The last word of the first form, without brackets and dots: what the command works on. Empty: it
 * takes options alone. */
struct manual_text manual_operand(const struct manual *manual);

/* A manual page of section 1 in the language of man(7). date: "2026-01-31"; empty: none. For the
 * program itself: a name without summary line in the table is fine, and others are the pages that
 * it refers to. */
struct manual_page {
    const char *name; /* "limphome-run". */
    const char *summary;
    const char *help;
    const char *date;
    bool lists_commands; /* Has the table of commands between its paragraphs. */
};
void manual_print_page(FILE *out, const struct manual_page *page);

#endif
