/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench_update.c - how much faster than the clock a whole update runs, with tracing off and
 * with every trace written, for both transfer styles.
 *
 *     bench_update VEHICLE OLD.s19 NEW.s19 TRACE_FOLDER */
#include "scenarios/engine/update_run.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 9 };

struct variant {
    const char *name;
    enum boot_transfer_style style;
    bool traces;
    double target_ratio;
};

static const struct variant variants[] = {
    {"block, tracing off", BOOT_STYLE_BLOCK, false, 1000},
    {"block, all traces", BOOT_STYLE_BLOCK, true, 500},
    {"s19-line, tracing off", BOOT_STYLE_S19_LINE, false, 1000},
    {"s19-line, all traces", BOOT_STYLE_S19_LINE, true, 500},
};

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(values[0]), compare_doubles);
    return values[ROUNDS / 2];
}

/* False if an update did not end well: then there is nothing to measure. */
static bool measure(const struct variant *variant, char **paths)
{
    double ratio[ROUNDS];
    double events_per_s[ROUNDS];
    struct update_result result;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct update_cfg cfg;
        struct err err;
        update_cfg_init(&cfg);
        cfg.vehicle_path = paths[0];
        cfg.old_image = paths[1];
        cfg.new_image = paths[2];
        cfg.vehicle.transfer = (int)variant->style;
        cfg.digest = variant->traces;
        cfg.trace_folder = variant->traces ? paths[3] : NULL;
        if (update_run(&cfg, &result, &err) != 0) {
            fprintf(stderr, "bench_update: %s\n", err.text);
            return false;
        }
        if (result.report.code != OTA_SUCCESS) {
            fprintf(stderr, "bench_update: the update failed: %s\n", result.report.reason);
            return false;
        }
        ratio[i] = (double)result.virtual_ns / (double)result.wall_ns;
        events_per_s[i] = (double)result.events * 1e9 / (double)result.wall_ns;
    }
    const double middle = median(ratio);
    printf("%-24s %6.1f s virtual  %7.0f x real time (%.2f of the target %4.0f)  %5.2f million "
           "events/s  "
           "%6.0f ns per frame\n",
           variant->name, (double)result.virtual_ns / 1e9, middle, middle / variant->target_ratio,
           variant->target_ratio, median(events_per_s) / 1e6,
           (double)result.virtual_ns / middle / (double)result.bus.frames);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_update VEHICLE OLD.s19 NEW.s19 TRACE_FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
        if (!measure(&variants[i], argv + 1)) {
            return 1;
        }
    }
    return 0;
}
