/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_gateway.c - a slow, lossy, duplicating gateway, made of rules on frames. */
#include "inject/inject_gateway.h"

#include <stdio.h>
#include <string.h>

void inject_gateway_init(struct inject_gateway *gateway, struct inject_bus *inject,
                         const struct inject_gateway_cfg *cfg)
{
    const struct {
        const char *suffix;
        bool wanted;
        unsigned parts;
        uint32_t chance_ppm;
        struct inject_effect effect;
    } rows[INJECT_GATEWAY_RULES] = {
        {"delay", cfg->delay_ns != 0, 0, 0, {.delay_ns = cfg->delay_ns}},
        {"jitter", cfg->jitter_ns != 0, INJECT_SINGLE, 0, {.delay_jitter_ns = cfg->jitter_ns}},
        {"loss", cfg->loss_ppm != 0, INJECT_SINGLE, cfg->loss_ppm, {.lose = true}},
        {"twice", cfg->duplicate_ppm != 0, INJECT_SINGLE, cfg->duplicate_ppm, {.duplicates = 1}},
    };
    memset(gateway, 0, sizeof *gateway);
    for (size_t i = 0; i < INJECT_GATEWAY_RULES; i++) {
        if (!rows[i].wanted) {
            continue;
        }
        (void)snprintf(gateway->names[i], sizeof gateway->names[i], "%s/%s", cfg->name,
                       rows[i].suffix);
        const struct inject_rule_cfg rule = {
            .name = gateway->names[i],
            .where = {.connection = cfg->connection, .way = INJECT_TO_TESTER},
            .what = {.parts = rows[i].parts},
            .when = {.chance_ppm = rows[i].chance_ppm},
            .effect = rows[i].effect};
        inject_bus_add(inject, &gateway->rules[i], &rule);
    }
}

void inject_gateway_release(struct inject_gateway *gateway)
{
    for (size_t i = 0; i < INJECT_GATEWAY_RULES; i++) {
        if (gateway->rules[i].inject != NULL) {
            inject_bus_remove(&gateway->rules[i]);
        }
    }
}

uint64_t inject_gateway_fired(const struct inject_gateway *gateway)
{
    uint64_t fired = 0;
    for (size_t i = 0; i < INJECT_GATEWAY_RULES; i++) {
        fired += gateway->rules[i].count.fired;
    }
    return fired;
}
