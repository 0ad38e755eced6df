/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - the table of subcommands, and the help that is printed from it. */
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"update", cli_update, "update a simulated ECU with the reference master"},
    {"image", cli_image, "write the header of a sample application image"},
    {"check", cli_check, "check vehicle files"},
    {"version", cli_version, "print the version"},
    {"help", cli_help, "print this help"},
};

static void print_help(FILE *out)
{
    fprintf(out, "usage: limphome COMMAND [OPTION...]\n\n");
    fprintf(out, "A vehicle that is not there, for OTA masters that must not fail.\n\n");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        fprintf(out, "  %s%-10s%s %s\n", cli_on(out, CLI_BOLD), commands[i].name, cli_off(out),
                commands[i].help);
    }
    fprintf(out, "\n`limphome COMMAND --help` tells the options of a command.\n");
    fprintf(out, "Exit codes: 0 well, 1 the update did not end as wanted or a file is not right,\n"
                 "2 wrong use, 3 error of the environment.\n");
}

int cli_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    print_help(stdout);
    return CLI_OK;
}

int cli_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("limphome %s\n", LIMPHOME_VERSION);
    return CLI_OK;
}

int cli_usage_error(const char *command, const char *fmt, ...)
{
    va_list args;
    fprintf(stderr, "limphome%s%s: ", command[0] != '\0' ? " " : "", command);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    if (command[0] != '\0') {
        fprintf(stderr, "\nTry: limphome %s --help\n", command);
    } else {
        fprintf(stderr, "\nTry: limphome help\n");
    }
    return CLI_USAGE;
}

int cli_error(const struct err *err)
{
    fprintf(stderr, "limphome: %s\n", err->text[0] != '\0' ? err->text : err_text(err->code));
    return err->code == ERR_USAGE ? CLI_USAGE : CLI_ENVIRONMENT;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return cli_usage_error("", "there is no command \"%s\"", name);
}
