/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_gateway.h - quirk Q14 of the catalogue: the answers of an ECU come through a
 * gateway that is slow, loses some and sends some twice.
 *
 * All frames that the ECU sends on its connection are late. Jitter, loss and duplicates hit answers
 * of a single frame: a gateway forwards the frames of a longer one in order. */
#ifndef INJECT_INJECT_GATEWAY_H
#define INJECT_INJECT_GATEWAY_H

#include "inject/inject_bus.h"

struct inject_gateway_cfg {
    const char *name;    /* Kept by pointer. Required. */
    uint16_t connection; /* INJECT_CONNECTION(). */
    sim_ns_t delay_ns, jitter_ns;
    uint32_t loss_ppm, duplicate_ppm; /* 0: never. */
};

enum { INJECT_GATEWAY_RULES = 4 };

struct inject_gateway {
    char names[INJECT_GATEWAY_RULES][80];
    struct inject_rule rules[INJECT_GATEWAY_RULES]; /* Delay, jitter, loss, duplicates. */
};

/* Its memory must stay until it is released. Takes up to INJECT_GATEWAY_RULES places. */
void inject_gateway_init(struct inject_gateway *gateway, struct inject_bus *inject,
                         const struct inject_gateway_cfg *cfg);
/* Twice is allowed. */
void inject_gateway_release(struct inject_gateway *gateway);
/* Frames on which it took effect. */
uint64_t inject_gateway_fired(const struct inject_gateway *gateway);

#endif
