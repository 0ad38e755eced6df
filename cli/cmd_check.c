/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_check.c - limphome check: are these files right? */
#include "cli/cli.h"

#include "scenarios/engine/adapter.h"
#include "scenarios/engine/case_check.h"
#include "scenarios/engine/run_vehicle.h"
#include "sim/file_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: limphome check FILE...\n"
    "\n"
    "Reads cases (*.lua), vehicle files and adapters of masters as a run would, images and hooks\n"
    "included, and says what is wrong with them; nothing is run. What a file of JSON is, is told\n"
    "by its content.\n"
    "\n"
    "Exit code: 0 if nothing is, 1 if what a file says is wrong, 3 if one cannot be read.\n";

const struct cli_syntax cli_check_syntax = {"check", help, "", cli_help_only, cli_take_help};

static int check_vehicle(const char *path, struct err *err)
{
    const struct sim_cfg cfg = {.seed = 1};
    struct sim sim;
    sim_init(&sim, &cfg);
    struct vehicle *vehicle = run_vehicle_load(&(struct run_vehicle_cfg){.path = path}, &sim, err);
    if (vehicle != NULL) {
        cli_say(stdout, "%s: vehicle \"%s\", buses: %zu, ECUs: %zu", path, vehicle_name(vehicle),
                vehicle_bus_count(vehicle), vehicle_ecu_count(vehicle));
    }
    const int code = vehicle != NULL ? 0 : err->code;
    vehicle_free(vehicle);
    sim_release(&sim);
    return code;
}

static int check_adapter(const char *path, struct err *err)
{
    struct adapter *adapter = calloc(1, sizeof *adapter);
    unsigned able = 0;
    if (adapter == NULL) {
        return err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    const int code = adapter_load(adapter, path, err);
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
        able += adapter_can(adapter, (enum capability)i) ? 1u : 0u;
    }
    if (code == 0) {
        cli_say(
            stdout,
            "%s: adapter of the master \"%s\", capabilities: %u of %d, sources of its result: %zu",
            path, adapter->name, able, CAPABILITY_COUNT, adapter->sources_len);
    }
    free(adapter);
    return code;
}

static int check_case(const char *path, struct err *err)
{
    char folder[4096];
    struct case_file file;
    const char *vehicles = cli_find_shared("vehicles", folder, sizeof folder);
    int code = case_file_load(&file, path, err);
    code = code == 0 ? case_check(&file, vehicles != NULL ? vehicles : ".", err) : code;
    if (code == 0) {
        cli_say(stdout, "%s: case %s, \"%s\", plays: %zu", path, file.id, file.title,
                file.plays_len);
    }
    case_file_release(&file);
    return code;
}

static bool is_case(const char *path)
{
    const size_t len = strlen(path);
    return len > 4 && strcmp(&path[len - 4], ".lua") == 0;
}

/* What is no JSON is left to the reader of vehicles, which says where it goes wrong. */
static bool is_adapter(const char *path)
{
    size_t len = 0;
    char *text = file_text_read(path, 1024 * 1024, "an adapter", &len, NULL);
    cJSON *tree = text != NULL ? cJSON_ParseWithLength(text, len) : NULL;
    const bool adapter = cJSON_HasObjectItem(tree, "command") ||
                         cJSON_HasObjectItem(tree, "capabilities") ||
                         cJSON_HasObjectItem(tree, "result");
    cJSON_Delete(tree);
    free(text);
    return adapter;
}

static int check(const char *path)
{
    struct err err = {.code = 0};
    const int code = is_case(path)      ? check_case(path, &err)
                     : is_adapter(path) ? check_adapter(path, &err)
                                        : check_vehicle(path, &err);
    if (code == 0) {
        return CLI_OK;
    }
    cli_say(stderr, "%s", err.text);
    return cli_exit_code(code);
}

int cli_check(int argc, char **argv)
{
    bool wants_help = false;
    int worst = cli_take_options(&cli_check_syntax, &wants_help, argc, argv);
    if (worst != CLI_OK || wants_help) {
        fputs(wants_help ? help : "", stdout);
        return worst;
    }
    if (optind == argc) {
        return cli_usage_error("check", "no file given");
    }
    for (int i = optind; i < argc; i++) {
        int rc = check(argv[i]);
        worst = rc > worst ? rc : worst;
    }
    return worst;
}
