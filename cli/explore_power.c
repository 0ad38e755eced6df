/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_power.c - limphome explore power: every power cut of an update, or one of them. */
#include "cli/explore.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_replay(FILE *out, const struct explore_arguments *a, const char *id)
{
    fputs("limphome explore power", out);
    cli_explore_print_update(out, a);
    fprintf(out, " --point %s", id);
}

static char *identity_of(const struct explore_arguments *a)
{
    const struct explore_power_cfg *power = &a->power;
    char *identity = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&identity, &len);
    CHECK(out != NULL);
    fputs("power", out);
    cli_explore_print_update(out, a);
    fprintf(out, " --mode %s --depth %u", explore_modes[power->plan.mode], power->depth);
    if (power->plan.sample != 0) {
        fprintf(out, " --sample %zu", power->plan.sample);
    }
    if (power->no_join) {
        fputs(" --no-join", out);
    }
    CHECK(fclose(out) == 0);
    return identity;
}

static int sweep(struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    struct explore_power_result power;
    a->power.sweep = &a->sweep;
    const int rc = explore_power_run(&a->power, &power, err);
    if (rc == 0) {
        *result = power.sweep;
        power.sweep = (struct result_sweep){.kind = NULL};
    }
    explore_power_result_release(&power);
    return rc;
}

static int point(struct explore_arguments *a)
{
    struct explore_outcome outcome;
    struct explore_path path;
    struct err err = {.code = 0};
    if (!explore_path_parse(&path, a->point_text)) {
        return cli_usage_error(
            "explore",
            "--point \"%s\": must be an id as a sweep prints it, such as f12.3 or f12.3+b1.0",
            a->point_text);
    }
    a->power.world.trace_folder = a->out;
    const int rc = explore_power_point(&a->power.world, &path, &outcome, &err);
    if (rc != 0) {
        return cli_error(&err);
    }
    const enum explore_verdict verdict = (enum explore_verdict)outcome.verdict;
    const bool good = explore_verdict_good(verdict);
    if (!a->quiet || !good) {
        printf("point    %s\n", a->point_text);
        printf("verdict  %s: %s\n", explore_verdict_text(verdict),
               explore_verdict_meaning(verdict));
        printf("state    %016" PRIx64 " of flash after the cut\n", outcome.state);
        printf("digest   %016" PRIx64 " of the run\n", outcome.digest);
    }
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_explore_power(struct explore_arguments *a)
{
    if (a->point_text != NULL) {
        return point(a);
    }
    a->sweep.master = "reference (in process)";
    return cli_explore_run(&(struct explore_run){
        .a = a, .identity = identity_of(a), .run = sweep, .print_replay = print_replay});
}
