/* SPDX-License-Identifier: Apache-2.0 */
/* cli/completion_bash.c - the tables of the script for bash. */
#include "cli/completion.h"

#include <string.h>

static const char *const kinds[] = {
    [COMPLETION_NOTHING] = "nothing",   [COMPLETION_FILE] = "file",
    [COMPLETION_FOLDER] = "folder",     [COMPLETION_CASES] = "cases",
    [COMPLETION_COMMANDS] = "commands", [COMPLETION_PROGRAM] = "program",
    [COMPLETION_WORDS] = "words",
};

static void print_what(FILE *out, struct completion_what what)
{
    fprintf(out, "echo %s", kinds[what.kind]);
    fputs(what.with.len > 0 ? " " : "", out);
    completion_print_words(out, what.with);
    fputs(" ;;\n", out);
}

static void print_options(FILE *out)
{
    fputs("_limphome_options() { # COMMAND\n    case $1 in\n", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        const struct option *option = cli_commands[i].syntax->options;
        fprintf(out, "    %s) echo", cli_commands[i].name);
        for (; option->name != NULL; option++) {
            fprintf(out, " --%s", option->name);
        }
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\n\n", out);
}

static void print_values(FILE *out, const struct cli_command *command)
{
    struct manual manual;
    manual_read(&manual, command->syntax->help);
    for (const struct option *o = command->syntax->options; o->name != NULL; o++) {
        char name[64];
        char letter[3];
        if (o->has_arg != no_argument) {
            snprintf(name, sizeof name, "--%s", o->name);
            fprintf(out, "    %s:%s", command->name, name);
            if (completion_short(o, letter)[0] != '\0') {
                fprintf(out, " | %s:%s", command->name, letter);
            }
            fputs(") ", out);
            print_what(out, completion_of_option(&manual, name));
        }
    }
    const struct completion_what what = completion_of(manual_operand(&manual));
    if (what.kind != COMPLETION_NOTHING) {
        fprintf(out, "    %s:) ", command->name);
        print_what(out, what);
    }
}

void completion_print_bash(FILE *out)
{
    fputs("# bash completion for limphome, by `limphome help --completion bash`\n\n", out);
    fputs("_limphome_commands='", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        fprintf(out, "%s%s", i > 0 ? " " : "", cli_commands[i].name);
    }
    fputs("'\n\n", out);
    print_options(out);
    fputs("# What a value is: of an option, or without one of what belongs to no option.\n"
          "_limphome_kind() { # COMMAND [OPTION]\n    case $1:$2 in\n",
          out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        print_values(out, &cli_commands[i]);
    }
    fputs("    esac\n}\n\n", out);
    fwrite(completion_bash, 1, completion_bash_len, out);
}
