/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_check.c - limphome check: are these files right? */
#include "cli/cli.h"

static const char help[] =
    "usage: limphome check FILE...\n"
    "\n"
    "Reads vehicle files as a run would, images included, and says what is wrong with them.\n"
    "\n"
    "Exit code: 0 if nothing is, 1 if what a file says is wrong, 3 if one cannot be read.\n";

static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

static int check(const char *path)
{
    struct err err = {.code = 0};
    const struct sim_cfg cfg = {.seed = 1};
    struct sim sim;
    sim_init(&sim, &cfg);
    struct vehicle *vehicle = vehicle_load(path, &sim, &err);
    if (vehicle != NULL) {
        printf("%s: vehicle \"%s\", buses: %zu, ECUs: %zu\n", path, vehicle_name(vehicle),
               vehicle_bus_count(vehicle), vehicle_ecu_count(vehicle));
    } else {
        fprintf(stderr, "%s\n", err.text);
    }
    int rc = vehicle != NULL ? CLI_OK : cli_exit_code(err.code);
    vehicle_free(vehicle);
    sim_release(&sim);
    return rc;
}

int cli_check(int argc, char **argv)
{
    int option;
    int worst = CLI_OK;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?') {
            return cli_usage_hint("check");
        }
        fputs(help, stdout);
        return CLI_OK;
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
