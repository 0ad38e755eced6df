/* SPDX-License-Identifier: Apache-2.0 */
/* cli/completion_zsh.c - the tables of the script for zsh. */
#include "cli/completion.h"

#include <string.h>

/* Within single quotes, where the characters of set need a backslash. */
static void print_quoted(FILE *out, struct manual_text text, const char *set)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'') {
            fputs("'\\''", out);
        } else {
            fprintf(out, "%s%c", strchr(set, text.at[i]) != NULL ? "\\" : "", text.at[i]);
        }
    }
}

static void print_action(FILE *out, struct completion_what what)
{
    static const char *const actions[] = {
        [COMPLETION_NOTHING] = " ",
        [COMPLETION_FILE] = "_files",
        [COMPLETION_FOLDER] = "_files -/",
        [COMPLETION_CASES] = "_limphome_cases",
        [COMPLETION_COMMANDS] = "_limphome_commands",
        [COMPLETION_PROGRAM] = "_command_names -e",
        [COMPLETION_WORDS] = "(",
    };
    fputs(actions[what.kind], out);
    if (what.kind == COMPLETION_FILE && what.with.len > 0) {
        fprintf(out, " -g \"*.%.*s\"", (int)what.with.len, what.with.at);
    } else if (what.kind == COMPLETION_WORDS) {
        completion_print_words(out, what.with);
        fputs(")", out);
    }
}

/* name is "--image" or "-o"; entry may be null. */
static void print_option(FILE *out, const char *name, bool has_value,
                         const struct manual_block *entry)
{
    struct manual_text text = entry != NULL ? entry->text : (struct manual_text){"", 0};
    fprintf(out, " \\\n            '*%s[", name);
    for (size_t i = 0; i < 9; i++) {
        const struct manual_text word = manual_word(&text);
        fputs(word.len > 0 && i > 0 ? " " : "", out);
        print_quoted(out, word, "[]\\");
    }
    fputs(strcmp(name, "--help") == 0 ? "print help]" : "]", out);
    if (has_value) {
        const struct manual_text value = entry != NULL ? manual_value(entry) : text;
        fputc(':', out);
        print_quoted(out, value, ":\\");
        fputc(':', out);
        print_action(out, completion_of(value));
    }
    fputc('\'', out);
}

static void print_operand(FILE *out, const struct manual *manual)
{
    const struct manual_text operand = manual_operand(manual);
    const struct completion_what what = completion_of(operand);
    if (operand.len == 0) {
        return;
    }
    const bool program = what.kind == COMPLETION_PROGRAM;
    fputs(program ? " \\\n            '(-)1:" : " \\\n            '*:", out);
    print_quoted(out, operand, ":\\");
    fputc(':', out);
    print_action(out, what);
    fputs(program ? "' \\\n            '*::argument: _normal'" : "'", out);
}

static void print_command(FILE *out, const struct cli_command *command)
{
    struct manual manual;
    manual_read(&manual, command->syntax->help);
    fprintf(out, "    %s)\n        _arguments -S", command->name);
    for (const struct option *o = command->syntax->options; o->name != NULL; o++) {
        char name[64];
        char letter[3];
        snprintf(name, sizeof name, "--%s", o->name);
        const struct manual_block *entry = manual_option(&manual, name);
        print_option(out, name, o->has_arg != no_argument, entry);
        if (completion_short(o, letter)[0] != '\0') {
            print_option(out, letter, o->has_arg != no_argument, entry);
        }
    }
    print_operand(out, &manual);
    fputs("\n        ;;\n", out);
}

void completion_print_zsh(FILE *out)
{
    fputs("#compdef limphome\n# zsh completion for limphome, by `limphome help --completion zsh`\n"
          "\ntypeset -ga _limphome_table=(\n",
          out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        const char *summary = cli_commands[i].summary;
        fprintf(out, "    '%s:", cli_commands[i].name);
        print_quoted(out, (struct manual_text){summary, strlen(summary)}, ":\\");
        fputs("'\n", out);
    }
    fputs(")\n\n_limphome_arguments() { # COMMAND\n    case $1 in\n", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        print_command(out, &cli_commands[i]);
    }
    fputs("    esac\n}\n\n", out);
    fwrite(completion_zsh, 1, completion_zsh_len, out);
}
