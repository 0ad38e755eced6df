/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_init_master.c - limphome init-master: an adapter to be filled in. */
#include "cli/cli.h"

#include "scenarios/engine/adapter.h"
#include "scenarios/engine/built_in.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char help[] =
    "usage: limphome init-master NAME\n"
    "\n"
    "Writes NAME.json into the current folder: an adapter that says how a master of yours is\n"
    "started and how its result is read, with comments, to be filled in. A file that is there\n"
    "already stays as it is. docs/adapters.md is the tutorial.\n";

const struct cli_syntax cli_init_master_syntax = {"init-master", help, "", cli_help_only,
                                                  cli_take_help};

/* Where the template has the master's name. */
static const char stand_in[] = "NAME";

static bool is_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("_-", *c) == NULL) {
            return false;
        }
    }
    return text[0] != '\0' && text[0] != '-' && strlen(text) <= ADAPTER_NAME_MAX;
}

static void print_named(FILE *out, const char *name)
{
    const char *at = built_in_template;
    for (const char *next; (next = strstr(at, stand_in)) != NULL; at = next + strlen(stand_in)) {
        fprintf(out, "%.*s%s", (int)(next - at), at, name);
    }
    fputs(at, out);
}

static int cannot_write(const char *path)
{
    struct err err = {.code = 0};
    (void)err_set(&err, ERR_IO, "%s: cannot be written: %s%s", path, strerror(errno),
                  errno == EEXIST ? "; remove it first, or choose another name" : "");
    return cli_error(&err);
}

static int write_adapter(const char *name)
{
    char path[ADAPTER_NAME_MAX + 6];
    (void)snprintf(path, sizeof path, "%s.json", name);
    FILE *out = fopen(path, "wx");
    if (out == NULL) {
        return cannot_write(path);
    }
    print_named(out, name);
    const bool lost = ferror(out) != 0;
    if (fclose(out) != 0 || lost) {
        return cannot_write(path);
    }
    printf("%s is written. What to do next:\n"
           "  1. In it, set the command, the sources of the result, and what your master can do.\n"
           "  2. limphome check %s\n"
           "  3. limphome run FUN-01 --master %s\n"
           "docs/adapters.md explains each member.\n",
           path, path, path);
    return CLI_OK;
}

int cli_init_master(int argc, char **argv)
{
    bool wants_help = false;
    const int rc = cli_take_options(&cli_init_master_syntax, &wants_help, argc, argv);
    if (rc != CLI_OK || wants_help) {
        fputs(wants_help ? help : "", stdout);
        return rc;
    }
    if (optind != argc - 1) {
        return cli_usage_error("init-master", "one name is needed");
    }
    if (!is_name(argv[optind])) {
        return cli_usage_error("init-master",
                               "\"%s\" is no name: 1 to %d letters, digits, '_' and '-'",
                               argv[optind], ADAPTER_NAME_MAX);
    }
    return write_adapter(argv[optind]);
}
