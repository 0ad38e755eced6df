/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - the table of subcommands, and what they share. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct cli_command cli_commands[] = {
    {"update", cli_update, "update a simulated ECU with the reference master", &cli_update_syntax},
    {"run", cli_run, "check an OTA master against the test catalogue", &cli_run_syntax},
    {"replay", cli_replay, "play again what a run has left, bit for bit", &cli_replay_syntax},
    {"report", cli_report, "print results of runs: text, a page, JUnit; merge and compare them",
     &cli_report_syntax},
    {"prove", cli_prove, "prove the test catalogue by masters with one defect each",
     &cli_prove_syntax},
    {"explore", cli_explore, "cut the power at every instant of an update", &cli_explore_syntax},
    {"list", cli_list, "list the cases of the test catalogue", &cli_list_syntax},
    {"exec", cli_exec, "run an unmodified program on a simulated vehicle, in virtual time",
     &cli_exec_syntax},
    {"up", cli_up, "run a vehicle in real time on SocketCAN interfaces", &cli_up_syntax},
    {"image", cli_image, "write the header of a sample application image", &cli_image_syntax},
    {"check", cli_check, "check cases, vehicle files and adapters", &cli_check_syntax},
    {"init-master", cli_init_master, "write an adapter for a master of yours, to be filled in",
     &cli_init_master_syntax},
    {"doctor", cli_doctor, "tell what this machine can do, and how to fix what is missing",
     &cli_doctor_syntax},
    {"version", cli_version, "print the version", &cli_version_syntax},
    {"help", cli_help, "print help, manual pages and shell completion", &cli_help_syntax},
};
const size_t cli_commands_len = ARRAY_SIZE(cli_commands);

const struct cli_command *cli_find_command(const char *name)
{
    for (size_t i = 0; i < cli_commands_len; i++) {
        if (strcmp(name, cli_commands[i].name) == 0) {
            return &cli_commands[i];
        }
    }
    return NULL;
}

const struct option cli_help_only[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

const char *cli_take_help(void *arguments, int option, const char *value)
{
    (void)option;
    (void)value;
    *(bool *)arguments = true;
    return NULL;
}

static const char version_help[] = "usage: limphome version\n\nPrints the version.\n";

const struct cli_syntax cli_version_syntax = {"version", version_help, "", cli_help_only,
                                              cli_take_help};

int cli_version(int argc, char **argv)
{
    bool wants_help = false;
    const int rc = cli_take_options(&cli_version_syntax, &wants_help, argc, argv);
    if (rc != CLI_OK || wants_help) {
        fputs(wants_help ? version_help : "", stdout);
        return rc;
    }
    if (optind < argc) {
        return cli_usage_error("version", "it takes nothing, not \"%s\"", argv[optind]);
    }
    printf("limphome %s\n", LIMPHOME_VERSION);
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
    char *text = NULL;
    va_start(args, fmt);
    CHECK(vasprintf(&text, fmt, args) >= 0);
    va_end(args);
    fprintf(stderr, "limphome%s%s: ", command[0] != '\0' ? " " : "", command);
    cli_say(stderr, "%s", text);
    free(text);
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
    cli_say(stderr, "limphome: %s", err->text[0] != '\0' ? err->text : err_text(err->code));
    return cli_exit_code(err->code);
}

/* The name is put before the message by getopt_long(), which calls the program argv[0]. */
static int run_command(const struct cli_command *command, int argc, char **argv)
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
        cli_print_help(stderr);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    const struct cli_command *command = cli_find_command(name);
    return command != NULL ? run_command(command, argc - 1, argv + 1)
                           : cli_usage_error("", "there is no command \"%s\"", name);
}

int main(int argc, char **argv)
{
    return close_output(dispatch(argc, argv));
}
