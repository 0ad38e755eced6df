/* SPDX-License-Identifier: Apache-2.0 */
/* cli/completion_fish.c - the tables of the script for fish. */
#include "cli/completion.h"

#include <string.h>

static void print_quoted(FILE *out, struct manual_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        fprintf(out, "%s%c", strchr("'\\", text.at[i]) != NULL ? "\\" : "", text.at[i]);
    }
}

static void print_what(FILE *out, struct completion_what what)
{
    switch (what.kind) {
    case COMPLETION_NOTHING: break;
    case COMPLETION_FILE:
        if (what.with.len == 0) {
            fputs(" -F", out);
        } else {
            fprintf(out, " -f -a '(__limphome_files %.*s)'", (int)what.with.len, what.with.at);
        }
        break;
    case COMPLETION_FOLDER: fputs(" -f -a '(__fish_complete_directories)'", out); break;
    case COMPLETION_CASES: fputs(" -F -a '(__limphome_cases)'", out); break;
    case COMPLETION_PROGRAM: fputs(" -a '(__limphome_program)'", out); break;
    case COMPLETION_COMMANDS:
        for (size_t i = 0; i < cli_commands_len; i++) {
            fprintf(out, "%s%s", i == 0 ? " -a '" : " ", cli_commands[i].name);
        }
        fputs("'", out);
        break;
    case COMPLETION_WORDS:
        fputs(" -a '", out);
        completion_print_words(out, what.with);
        fputs("'", out);
        break;
    }
}

static void print_begin(FILE *out, const char *command)
{
    fprintf(out, "complete -c limphome -n '__fish_seen_subcommand_from %s'", command);
}

static void print_option(FILE *out, const char *command, const struct option *option,
                         const struct manual *manual)
{
    char name[64];
    char letter[3];
    snprintf(name, sizeof name, "--%s", option->name);
    const struct manual_block *entry = manual_option(manual, name);
    print_begin(out, command);
    fprintf(out, " -l %s", option->name);
    if (completion_short(option, letter)[0] != '\0') {
        fprintf(out, " -s %c", letter[1]);
    }
    if (option->has_arg != no_argument) {
        fputs(" -r", out);
        print_what(out, completion_of_option(manual, name));
    }
    if (entry != NULL) {
        struct manual_text text = entry->text;
        fputs(" -d '", out);
        for (size_t i = 0; i < 9; i++) {
            const struct manual_text word = manual_word(&text);
            fputs(word.len > 0 && i > 0 ? " " : "", out);
            print_quoted(out, word);
        }
        fputs("'", out);
    }
    fputc('\n', out);
}

static void print_command(FILE *out, const struct cli_command *command)
{
    struct manual manual;
    const struct manual_text summary = {command->summary, strlen(command->summary)};
    manual_read(&manual, command->syntax->help);
    fprintf(out, "complete -c limphome -n __fish_use_subcommand -a %s -d '", command->name);
    print_quoted(out, summary);
    fputs("'\n", out);
    for (const struct option *o = command->syntax->options; o->name != NULL; o++) {
        print_option(out, command->name, o, &manual);
    }
    const struct completion_what what = completion_of(manual_operand(&manual));
    if (what.kind != COMPLETION_NOTHING) {
        print_begin(out, command->name);
        print_what(out, what);
        fputc('\n', out);
    }
}

void completion_print_fish(FILE *out)
{
    fputs("# fish completion for limphome, by `limphome help --completion fish`\n\n", out);
    fwrite(completion_fish, 1, completion_fish_len, out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        print_command(out, &cli_commands[i]);
    }
}
