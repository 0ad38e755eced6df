/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_check.c - limphome check: are these files right? */
#include "cli/cli.h"

#include <string.h>

static const char help[] = "usage: limphome check FILE...\n"
                           "\n"
                           "Reads vehicle files as a run would, images included, and says what is\n"
                           "wrong with them. Exit code 1 if anything is.\n";

static bool check(const char *path)
{
    struct err err = {.code = 0};
    const struct sim_cfg cfg = {.seed = 1};
    struct sim sim;
    sim_init(&sim, &cfg);
    struct vehicle *vehicle = vehicle_load(path, &sim, &err);
    bool good = vehicle != NULL;
    if (good) {
        printf("%s: vehicle \"%s\", buses: %zu, ECUs: %zu\n", path, vehicle_name(vehicle),
               vehicle_bus_count(vehicle), vehicle_ecu_count(vehicle));
    } else {
        fprintf(stderr, "%s\n", err.text);
    }
    vehicle_free(vehicle);
    sim_release(&sim);
    return good;
}

int cli_check(int argc, char **argv)
{
    bool all = true;
    if (argc < 2) {
        return cli_usage_error("check", "no file given");
    }
    if (strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return CLI_OK;
    }
    for (int i = 1; i < argc; i++) {
        all = check(argv[i]) && all;
    }
    return all ? CLI_OK : CLI_NOT_AS_WANTED;
}
