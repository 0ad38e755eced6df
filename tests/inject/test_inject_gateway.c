/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_inject_gateway.c - quirk Q14: answers that come late, twice or not at all. */
#include "inject/inject_gateway.h"

#include "tests/inject/ecu_rig.h"

struct bench {
    struct ecu_rig t;
    struct inject_bus inject;
    struct inject_gateway gateway;
};

static void start(struct bench *b, struct inject_gateway_cfg cfg)
{
    ecu_rig_init(&b->t);
    inject_bus_init(&b->inject, vehicle_bus_at(b->t.rig.vehicle, 0));
    const size_t connection = inject_bus_watch(
        &b->inject, &(struct isotp_watch_cfg){.request = {.id = 0x7E0}, .response = {.id = 0x7E8}});
    cfg.name = "gateway";
    cfg.connection = (uint16_t)INJECT_CONNECTION(connection);
    inject_gateway_init(&b->gateway, &b->inject, &cfg);
}

static void end(struct bench *b)
{
    inject_gateway_release(&b->gateway);
    inject_bus_release(&b->inject);
    ecu_rig_release(&b->t);
}

Test(inject_gateway, q14_delays_all_frames)
{
    struct bench b;
    start(&b, (struct inject_gateway_cfg){.delay_ns = SIM_MS(30)});
    ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_S(1), "30:7E00");
    /* Three frames, and a flow control that is not delayed. */
    ECU_RIG_EXPECT_LOG(&b.t, "22 F1 90", SIM_S(1), "61:62F1904C483053494D554C415445443030303031");
    cr_expect_eq(inject_gateway_fired(&b.gateway), 4);
    inject_gateway_release(&b.gateway);
    ECU_RIG_EXPECT_LOG(&b.t, "3E 00", SIM_S(1), "0:7E00");
    end(&b);
}

Test(inject_gateway, q14_loses_and_repeats_some)
{
    struct bench b;
    unsigned answers[4] = {0};
    start(&b, (struct inject_gateway_cfg){
                  .jitter_ns = SIM_MS(5), .loss_ppm = 200000, .duplicate_ppm = 200000});
    for (int i = 0; i < 200; i++) {
        const char *log = ecu_rig_ask(&b.t, "3E 00", SIM_MS(20));
        size_t count = 0;
        for (; *log != '\0'; log++) {
            count += *log == ':' ? 1u : 0u;
        }
        cr_assert(count < 3);
        answers[count]++;
    }
    cr_expect(answers[0] > 20 && answers[0] < 60, "%u lost", answers[0]);
    cr_expect(answers[2] > 15 && answers[2] < 55, "%u twice", answers[2]);
    end(&b);
}
