/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - the table of subcommands, and the help that is printed from it. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"update", cli_update, "update a simulated ECU with the reference master"},
    {"run", cli_run, "check an OTA master against the test catalogue"},
    {"prove", cli_prove, "prove the test catalogue by masters with one defect each"},
    {"list", cli_list, "list the cases of the test catalogue"},
    {"exec", cli_exec, "run an unmodified program on a simulated vehicle, in virtual time"},
    {"up", cli_up, "run a vehicle in real time on SocketCAN interfaces"},
    {"image", cli_image, "write the header of a sample application image"},
    {"check", cli_check, "check cases, vehicle files and adapters"},
    {"init-master", cli_init_master, "write an adapter for a master of yours, to be filled in"},
    {"doctor", cli_doctor, "tell what this machine can do, and how to fix what is missing"},
    {"version", cli_version, "print the version"},
    {"help", cli_help, "print this help"},
};

static void print_help(FILE *out)
{
    fprintf(out, "usage: limphome COMMAND [OPTION...]\n\n");
    fprintf(out, "A vehicle that is not there, for OTA masters that must not fail.\n\n");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        fprintf(out, "  %s%-11s%s %s\n", cli_on(out, CLI_BOLD), commands[i].name, cli_off(out),
                commands[i].help);
    }
    fprintf(out, "\n`limphome COMMAND --help` tells the options of a command.\n");
    fprintf(out, "Exit codes: 0 well, 1 the update or a fault did not go as wanted, or what a file "
                 "says is\nnot right, 2 wrong use, 3 something could not be read or written, or "
                 "memory ran out. exec\nends with the code of its program.\n");
}

/* For commands without options. */
static bool takes_nothing(int argc, char **argv)
{
    return argc == 1 || (argc == 2 && strcmp(argv[1], "--help") == 0);
}

int cli_help(int argc, char **argv)
{
    if (!takes_nothing(argc, argv)) {
        return cli_usage_error("help", "it takes nothing, not \"%s\"", argv[1]);
    }
    print_help(stdout);
    return CLI_OK;
}

int cli_version(int argc, char **argv)
{
    if (!takes_nothing(argc, argv)) {
        return cli_usage_error("version", "it takes nothing, not \"%s\"", argv[1]);
    }
    if (argc > 1) {
        printf("usage: limphome version\n");
    } else {
        printf("limphome %s\n", LIMPHOME_VERSION);
    }
    return CLI_OK;
}

int cli_usage_hint(const char *command)
{
    fprintf(stderr, "Try: limphome %s%s\n", command[0] != '\0' ? command : "help",
            command[0] != '\0' ? " --help" : "");
    return CLI_USAGE;
}

int cli_usage_error(const char *command, const char *fmt, ...)
{
    va_list args;
    fprintf(stderr, "limphome%s%s: ", command[0] != '\0' ? " " : "", command);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return cli_usage_hint(command);
}

static const char *name_of(const struct option *options, int option)
{
    while (options->name != NULL && options->val != option) {
        options++;
    }
    return options->name != NULL ? options->name : "?";
}

int cli_take_options(const struct cli_syntax *syntax, void *arguments, int argc, char **argv)
{
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, syntax->short_options, syntax->options, NULL)) != -1) {
        if (option == '?') {
            return cli_usage_hint(syntax->command);
        }
        const char *why = syntax->take(arguments, option, optarg);
        if (why != NULL) {
            return cli_usage_error(syntax->command, "--%s \"%s\": %s",
                                   name_of(syntax->options, option), optarg, why);
        }
    }
    return CLI_OK;
}

int cli_exit_code(int err_code)
{
    switch ((enum err_code)err_code) {
    case ERR_NOT_FOUND:
    case ERR_SYNTAX:
    case ERR_RANGE:
    case ERR_CONFLICT:
    case ERR_UNSUPPORTED: return CLI_NOT_AS_WANTED;
    case ERR_USAGE: return CLI_USAGE;
    case ERR_NOMEM:
    case ERR_IO: break;
    }
    return CLI_ENVIRONMENT;
}

int cli_error(const struct err *err)
{
    fprintf(stderr, "limphome: %s\n", err->text[0] != '\0' ? err->text : err_text(err->code));
    return cli_exit_code(err->code);
}

/* The name is put before the message by getopt_long(), which calls the program argv[0]. */
static int run_command(const struct command *command, int argc, char **argv)
{
    char title[32];
    (void)snprintf(title, sizeof title, "limphome %s", command->name);
    argv[0] = title;
    return command->run(argc, argv);
}

/* A report that nobody could read is none, whatever it said. */
static int close_output(int rc)
{
    bool lost = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) == 0 && !lost) {
        return rc;
    }
    fprintf(stderr, "limphome: standard output could not be written%s%s; its text is lost\n",
            errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return CLI_ENVIRONMENT;
}

static int dispatch(int argc, char **argv)
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
            return run_command(&commands[i], argc - 1, argv + 1);
        }
    }
    return cli_usage_error("", "there is no command \"%s\"", name);
}

int main(int argc, char **argv)
{
    return close_output(dispatch(argc, argv));
}
