/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_list.c - the cases there are. */
#include "cli/run_report.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: limphome list [OPTION...] [PATTERN...]\n\n"
    "Lists the cases of the test catalogue.\n\n"
    "  PATTERN             an id or a pattern of ids (COM-03, 'PWR-*'), a group (COM), tag:NAME, "
    "or\n"
    "                      the path of a case of your own; without any, all cases\n"
    "  --json              for programs: everything that the files say about themselves\n"
    "  --scenarios FOLDER  cases of your own instead of those that come with limphome\n\n"
    "Exit code: 0; 2 for wrong use; 3 if a file is no case.\n";

enum { OPT_JSON = 256, OPT_SCENARIOS, OPT_HELP };

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"scenarios", required_argument, NULL, OPT_SCENARIOS},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    const char *scenarios;
    bool json, help;
};

static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_JSON: a->json = true; return NULL;
    case OPT_SCENARIOS: return cli_parse_path(value, &a->scenarios);
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_list_syntax = {"list", help, "", options, take};

static cJSON *words_json(const struct case_words *words)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < words->len; i++) {
        cJSON_AddItemToArray(list, cJSON_CreateString(words->word[i]));
    }
    return list;
}

static cJSON *case_json(const struct catalogue_case *one)
{
    const struct case_file *file = &one->file;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", one->name);
    cJSON_AddStringToObject(object, "file", file->path);
    if (one->broken) {
        cJSON_AddStringToObject(object, "error", one->why);
        return object;
    }
    cJSON_AddStringToObject(object, "group", file->group);
    cJSON_AddStringToObject(object, "title", file->title);
    cJSON_AddStringToObject(object, "title_zh", file->title_zh);
    cJSON_AddNumberToObject(object, "priority", file->priority);
    cJSON_AddNumberToObject(object, "plays", (double)file->plays_len);
    cJSON_AddItemToObject(object, "sources", words_json(&file->sources));
    cJSON_AddItemToObject(object, "needs", words_json(&file->needs));
    cJSON_AddItemToObject(object, "tags", words_json(&file->tags));
    return object;
}

static void print_json(const struct case_catalogue *catalogue)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        if (catalogue->cases[i].wanted) {
            cJSON_AddItemToArray(list, case_json(&catalogue->cases[i]));
        }
    }
    char *text = cJSON_Print(list);
    puts(text);
    free(text);
    cJSON_Delete(list);
}

static void print_column(enum cli_style style, const char *text, size_t columns)
{
    fputs(cli_on(stdout, style), stdout);
    cli_text_padded(stdout, text, columns);
    fputs(style != CLI_PLAIN ? cli_off(stdout) : "", stdout);
}

static void print_case(const struct catalogue_case *one)
{
    if (one->broken) {
        print_column(CLI_BAD, one->name, 8);
        cli_say(stdout, "    %s", one->why);
        return;
    }
    print_column(CLI_BOLD, one->name, 8);
    printf(" %s  ", one->file.priority == 1 ? "*" : " ");
    print_column(CLI_PLAIN, one->file.title, 58);
    printf(" %4zu %s\n", one->file.plays_len, one->file.plays_len == 1 ? "play" : "plays");
}

static int print_all(const struct case_catalogue *catalogue, bool json)
{
    size_t broken = 0;
    size_t cases = 0;
    size_t plays = 0;
    for (size_t i = 0; i < catalogue->cases_len; i++) {
        const struct catalogue_case *one = &catalogue->cases[i];
        if (one->wanted && !json) {
            print_case(one);
        }
        broken += one->wanted && one->broken;
        cases += one->wanted;
        plays += one->wanted ? one->file.plays_len : 0;
    }
    if (json) {
        print_json(catalogue);
    } else {
        printf("%zu cases, %zu plays; * is priority 1\n", cases, plays);
    }
    return broken > 0 ? CLI_ENVIRONMENT : CLI_OK;
}

int cli_load_cases(struct case_catalogue *catalogue, const char *folder, char *const *patterns,
                   size_t patterns_len, struct err *err)
{
    char path[4096];
    const char *place = folder != NULL ? folder : cli_find_shared("scenarios", path, sizeof path);
    if (place == NULL) {
        return err_set(err, ERR_NOT_FOUND,
                       "the scenarios that come with limphome are not beside it; say where they "
                       "are with --scenarios FOLDER");
    }
    int code = case_catalogue_load(catalogue, place, err);
    for (size_t i = 0; code == 0 && i < patterns_len; i++) {
        code = case_catalogue_want(catalogue, patterns[i], err);
        code = code == ERR_NOT_FOUND ? err_set(err, ERR_USAGE, "%s", err->text) : code;
    }
    if (code == 0 && patterns_len == 0) {
        case_catalogue_want_all(catalogue);
    }
    return code;
}

int cli_list(int argc, char **argv)
{
    struct arguments a = {.scenarios = NULL};
    struct case_catalogue catalogue = {.cases = NULL};
    struct err err = {.code = 0};
    int rc = cli_take_options(&cli_list_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    if (cli_load_cases(&catalogue, a.scenarios, &argv[optind], (size_t)(argc - optind), &err) ==
        0) {
        rc = print_all(&catalogue, a.json);
    } else {
        rc = cli_error(&err);
    }
    case_catalogue_release(&catalogue);
    return rc;
}
