/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_help.c - limphome help: the table of subcommands for people, manuals and shells. */
#include "cli/completion.h"

#include <string.h>

static const char program_help[] =
    "usage: limphome COMMAND [OPTION...]\n"
    "\n"
    "A vehicle that is not there, for OTA masters that must not fail.\n"
    "\n"
    "`limphome COMMAND --help` tells the options of a command.\n"
    "\n"
    "Exit codes: 0 well, 1 the update or a fault did not go as wanted, or what a file says is not\n"
    "right, 2 wrong use, 3 something could not be read or written, or memory ran out. exec ends\n"
    "with the code of its program.\n";

static const char help[] =
    "usage: limphome help [COMMAND]\n"
    "       limphome help --man [COMMAND] [--date DATE]\n"
    "       limphome help --man --page NAME=SUMMARY <HELP\n"
    "       limphome help --completion bash|zsh|fish\n"
    "\n"
    "Prints the subcommands, or the help of one.\n"
    "\n"
    "  --man                 prints the manual page instead, limphome(1) or limphome-COMMAND(1);\n"
    "                        to look at it: limphome help --man run | man -l -\n"
    "  --date DATE           the date that the page bears, 2026-01-31; default: none\n"
    "  --page NAME=SUMMARY   with --man: a page of section 1 of another program, of which "
    "standard\n"
    "                        input is the help\n"
    "  --completion bash|zsh|fish\n"
    "                        prints a script that lets this shell complete command lines of\n"
    "                        limphome: source <(limphome help --completion bash)\n"
    "\n"
    "Exit code: 0, or 2 for wrong use.\n";

enum option_id { OPT_MAN = 256, OPT_DATE, OPT_PAGE, OPT_COMPLETION, OPT_HELP };

static const struct option options[] = {
    {"man", no_argument, NULL, OPT_MAN},
    {"date", required_argument, NULL, OPT_DATE},
    {"page", required_argument, NULL, OPT_PAGE},
    {"completion", required_argument, NULL, OPT_COMPLETION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

enum { NAME_CAP = 64, INPUT_CAP = 16 * 1024 };

struct arguments {
    const char *date;
    char page[NAME_CAP];
    const char *summary; /* Null: the page is one of limphome's. */
    int shell;           /* -1: none. */
    bool man, help;
};

/* It stands between quotes in the page. */
static const char *take_date(struct arguments *a, const char *text)
{
    a->date = text;
    return strlen(text) == 10 && strspn(text, "0123456789-") == 10 ? NULL
                                                                   : "must be like 2026-01-31";
}

static const char *take_page(struct arguments *a, const char *text)
{
    const size_t len = strcspn(text, "=");
    if (len == 0 || len >= NAME_CAP || text[len] == '\0' || text[len + 1] == '\0') {
        return "must be NAME=SUMMARY";
    }
    memcpy(a->page, text, len);
    a->page[len] = '\0';
    a->summary = &text[len + 1];
    return NULL;
}

static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_MAN: a->man = true; return NULL;
    case OPT_DATE: return take_date(a, value);
    case OPT_PAGE: return take_page(a, value);
    case OPT_COMPLETION:
        a->shell = cli_parse_choice(value, completion_shells);
        return a->shell >= 0 ? NULL : "must be bash, zsh or fish";
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_help_syntax = {"help", help, "", options, take};

/* Lines of a text from the begin of one on. */
static void print_from(FILE *out, const char *text, const char *begin)
{
    fputs(strstr(text, begin), out);
}

void cli_print_help(FILE *out)
{
    static const char tail[] = "`limphome COMMAND";
    fprintf(out, "%.*s", (int)(strstr(program_help, tail) - program_help), program_help);
    for (size_t i = 0; i < cli_commands_len; i++) {
        fprintf(out, "  %s%-11s%s %s\n", cli_on(out, CLI_BOLD), cli_commands[i].name, cli_off(out),
                cli_commands[i].summary);
    }
    fputc('\n', out);
    print_from(out, program_help, tail);
}

/* Of a command, or of limphome itself. */
static int print_page(const struct arguments *a, const struct cli_command *command)
{
    static const char program_summary[] = "ECU and vehicle simulator that checks OTA masters";
    char name[NAME_CAP] = "limphome";
    if (command != NULL) {
        snprintf(name, sizeof name, "limphome-%s", command->name);
    }
    manual_print_page(stdout, &(struct manual_page){
                                  .name = name,
                                  .summary = command != NULL ? command->summary : program_summary,
                                  .help = command != NULL ? command->syntax->help : program_help,
                                  .date = a->date,
                                  .lists_commands = command == NULL});
    return CLI_OK;
}

static int print_other_page(const struct arguments *a)
{
    static char text[INPUT_CAP];
    const size_t len = fread(text, 1, sizeof text - 1, stdin);
    if (len == 0 || len == sizeof text - 1 || memchr(text, '\0', len) != NULL) {
        return cli_usage_error("help", "standard input is no help of at most 16 KB");
    }
    manual_print_page(stdout,
                      &(struct manual_page){
                          .name = a->page, .summary = a->summary, .help = text, .date = a->date});
    return CLI_OK;
}

static int print(const struct arguments *a, const struct cli_command *command)
{
    if (a->shell >= 0) {
        completion_print(stdout, (size_t)a->shell);
    } else if (a->summary != NULL) {
        return print_other_page(a);
    } else if (a->man) {
        return print_page(a, command);
    } else if (command != NULL) {
        fputs(command->syntax->help, stdout);
    } else {
        cli_print_help(stdout);
    }
    return CLI_OK;
}

int cli_help(int argc, char **argv)
{
    struct arguments a = {.date = "", .shell = -1};
    const struct cli_command *command = NULL;
    const int rc = cli_take_options(&cli_help_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    if (optind < argc) {
        command = cli_find_command(argv[optind]);
        if (command == NULL) {
            return cli_usage_error("help", "there is no command \"%s\"", argv[optind]);
        }
        optind++;
    }
    if (optind < argc) {
        return cli_usage_error("help", "one command at most, not \"%s\" as well", argv[optind]);
    }
    return print(&a, command);
}
