/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_power.c - limphome explore power: every power cut of an update, or one of them. */
#include "cli/explore.h"
#include "scenarios/explore/explore_guest_branch.h"

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

static int run_power(struct explore_arguments *a, struct explore_power_result *power,
                     struct err *err)
{
    struct explore_master master;
    if (a->master == NULL) {
        return explore_power_run(&a->power, power, err);
    }
    *power = (struct explore_power_result){.cuts_len = 0};
    int rc = cli_explore_master_open(&master, a, NULL, err);
    if (rc == 0) {
        a->power.guest = &master.guest;
        a->sweep.master = master.adapter->name;
        rc = explore_power_run(&a->power, power, err);
    }
    cli_explore_master_release(&master);
    return rc;
}

static int sweep(struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    struct explore_power_result power;
    a->power.sweep = &a->sweep;
    const int rc = run_power(a, &power, err);
    if (rc == 0) {
        *result = power.sweep;
        power.sweep = (struct result_sweep){.kind = NULL};
    }
    explore_power_result_release(&power);
    return rc;
}

static int play_point(struct explore_arguments *a, const struct explore_path *path,
                      struct explore_outcome *outcome, struct explore_judgement *why,
                      struct err *err)
{
    struct explore_master master;
    a->power.world.trace_folder = a->out;
    if (a->master == NULL) {
        return explore_power_point(&a->power.world, path, outcome, why, err);
    }
    int rc = cli_explore_master_open(&master, a, a->out, err);
    rc =
        rc != 0 ? rc : explore_guest_point(&a->power.world, &master.guest, path, outcome, why, err);
    cli_explore_master_release(&master);
    return rc;
}

static int point(struct explore_arguments *a)
{
    struct explore_outcome outcome;
    struct explore_judgement why = {.invariants = 0};
    struct explore_path path;
    struct err err = {.code = 0};
    if (!explore_path_parse(&path, a->point_text)) {
        return cli_usage_error(
            "explore",
            "--point \"%s\": must be an id as a sweep prints it, such as f12.3 or f12.3+b1.0, or "
            "clean",
            a->point_text);
    }
    const int rc = play_point(a, &path, &outcome, &why, &err);
    if (rc != 0) {
        return cli_error(&err);
    }
    const enum explore_verdict verdict = (enum explore_verdict)outcome.verdict;
    const bool good = explore_verdict_good(verdict);
    if (!a->quiet || !good) {
        printf("point    %s\n", a->point_text);
        printf("verdict  %s: %s\n", explore_verdict_text(verdict),
               explore_verdict_meaning(verdict));
        cli_explore_print_judgement(&why);
        if (path.len > 0) {
            printf("state    %016" PRIx64 " of flash after the cut\n", outcome.state);
        }
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
