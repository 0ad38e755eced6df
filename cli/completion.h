/* SPDX-License-Identifier: Apache-2.0 */
/* cli/completion.h - scripts that let a shell complete limphome's command lines. They hold the
 * subcommands, their options and what the values are, from the table and the help (cli/manual.h);
 * the cases are asked of `limphome list` when they are needed. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/manual.h"

/* What a shell offers for a value or an operand. */
enum completion_kind {
    COMPLETION_NOTHING,
    COMPLETION_FILE, /* with: the ending, "json"; empty: any. */
    COMPLETION_FOLDER,
    COMPLETION_CASES, /* Their ids and groups, and files *.lua. */
    COMPLETION_COMMANDS,
    COMPLETION_PROGRAM,
    COMPLETION_WORDS, /* with: the words, with '|' between them. */
};

struct completion_what {
    enum completion_kind kind;
    struct manual_text with;
};

/* What the name of a value in a help stands for: "FILE.json", "block|line". */
struct completion_what completion_of(struct manual_text value);
/* The same of an option of a command, "-o" or "--output". */
struct completion_what completion_of_option(const struct manual *manual, const char *option);
/* The words of COMPLETION_WORDS, with spaces between them. */
void completion_print_words(FILE *out, struct manual_text with);
/* "-o" if the option has such a form, else "". */
const char *completion_short(const struct option *option, char text[static 3]);

/* The scripts. */
extern const char *const completion_shells[]; /* Null-terminated; indexes of completion_print(). */
void completion_print(FILE *out, size_t shell);

void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
void completion_print_fish(FILE *out);

/* Their parts that do not depend on the tables: cli/completion/, as the program carries them. */
extern const char completion_bash[];
extern const size_t completion_bash_len;
extern const char completion_zsh[];
extern const size_t completion_zsh_len;
extern const char completion_fish[];
extern const size_t completion_fish_len;

#endif
