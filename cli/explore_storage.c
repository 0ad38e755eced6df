/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_storage.c - limphome explore storage: whatever may happen at each call of the master
 * on its state folder, or at one of them. */
#include "cli/explore.h"

#include "scenarios/explore/explore_storage.h"

#include <inttypes.h>
#include <stdlib.h>

static struct explore_storage_cfg cfg_of(const struct explore_arguments *a)
{
    return (struct explore_storage_cfg){.world = a->power.world,
                                        .master_off_ns = a->master_off_ns,
                                        .depth = a->power.depth,
                                        .with_power = a->with_power,
                                        .sample = a->power.plan.sample,
                                        .sweep = a->sweep};
}

static void print_options(FILE *out, const struct explore_arguments *a)
{
    cli_explore_print_update(out, a);
    if (a->master_off_ns != 0) {
        fprintf(out, " --master-off %" PRIu64 "ns", a->master_off_ns);
    }
}

static void print_replay(FILE *out, const struct explore_arguments *a, const char *id)
{
    fputs("limphome explore storage", out);
    print_options(out, a);
    fprintf(out, " --point %s", id);
}

static char *identity_of(const struct explore_arguments *a)
{
    char *identity = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&identity, &len);
    CHECK(out != NULL);
    fputs("storage", out);
    print_options(out, a);
    fprintf(out, " --depth %u%s", a->power.depth, a->with_power ? " --with-power" : "");
    if (a->power.plan.sample != 0) {
        fprintf(out, " --sample %zu", a->power.plan.sample);
    }
    CHECK(fclose(out) == 0);
    return identity;
}

static int sweep(struct explore_arguments *a, struct result_sweep *result, struct err *err)
{
    struct explore_master master;
    if (a->master == NULL) {
        const struct explore_storage_cfg cfg = cfg_of(a);
        return explore_storage_run(&cfg, result, err);
    }
    int rc = cli_explore_master_open(&master, a, NULL, err);
    if (rc == 0) {
        a->sweep.master = master.adapter->name;
        struct explore_storage_cfg cfg = cfg_of(a);
        cfg.guest = &master.guest;
        rc = explore_storage_run(&cfg, result, err);
    }
    cli_explore_master_release(&master);
    return rc;
}

static int play_point(struct explore_arguments *a, const struct explore_steps *steps,
                      struct explore_storage_outcome *outcome, struct err *err)
{
    struct explore_master master;
    a->power.world.trace_folder = a->out;
    if (a->master == NULL) {
        const struct explore_storage_cfg cfg = cfg_of(a);
        return explore_storage_point(&cfg, steps, outcome, err);
    }
    int rc = cli_explore_master_open(&master, a, a->out, err);
    if (rc == 0) {
        struct explore_storage_cfg cfg = cfg_of(a);
        cfg.guest = &master.guest;
        rc = explore_storage_point(&cfg, steps, outcome, err);
    }
    cli_explore_master_release(&master);
    return rc;
}

/* What the id stands for. */
static void print_steps(const struct explore_steps *steps)
{
    for (uint8_t i = 0; i < steps->len; i++) {
        const struct explore_step *step = &steps->steps[i];
        if (!step->is_cut) {
            printf("fault    number %u of the %s: %s\n", (unsigned)step->at.number,
                   explore_call_text((enum explore_call)step->at.call),
                   explore_mishap_meaning((enum explore_mishap)step->at.mishap));
        }
    }
}

static int point(struct explore_arguments *a)
{
    struct explore_steps steps;
    struct explore_storage_outcome outcome;
    struct err err = {.code = 0};
    if (!explore_steps_parse(&steps, a->point_text)) {
        return cli_usage_error("explore",
                               "--point \"%s\": must be an id as a sweep prints it, such as "
                               "w12.full or f12.3+w5.lost",
                               a->point_text);
    }
    if (play_point(a, &steps, &outcome, &err) != 0) {
        return cli_error(&err);
    }
    const bool good = explore_verdict_good(outcome.verdict);
    if (!a->quiet || !good) {
        printf("point    %s\n", a->point_text);
        print_steps(&steps);
        printf("verdict  %s: %s\n", explore_verdict_text(outcome.verdict),
               explore_verdict_meaning(outcome.verdict));
        cli_explore_print_judgement(&outcome.why);
        printf("state    %016" PRIx64 " of flash and state folder after it\n", outcome.state);
        printf("digest   %016" PRIx64 " of the run\n", outcome.digest);
    }
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_explore_storage(struct explore_arguments *a)
{
    if (a->point_text != NULL) {
        return point(a);
    }
    if (a->with_power && a->power.plan.sample == 0) {
        return cli_usage_error("explore", "--with-power goes with --sample N: there are millions "
                                          "of pairs");
    }
    a->sweep.master = "reference (in process)";
    return cli_explore_run(&(struct explore_run){
        .a = a, .identity = identity_of(a), .run = sweep, .print_replay = print_replay});
}
