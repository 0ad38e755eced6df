/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/ecu_rig.h - a real ECU with an application on a bus, and a tester that speaks ISO-TP
 * to it and writes down all answers with the milliseconds since its request. */
#ifndef TESTS_INJECT_ECU_RIG_H
#define TESTS_INJECT_ECU_RIG_H

#include "sim/proto/isotp.h"
#include "tests/ecus/rig.h"

#include <openssl/sha.h>

struct ecu_rig {
    struct rig rig;
    struct can_node node; /* Of the tester; rig's own one is not used. */
    struct isotp link;
    struct sim_event timer;
    uint8_t rx[4095];
    uint8_t request[4095];
    sim_ns_t asked_ns;
    uint8_t answer[64]; /* The last one that was not 0x78. */
    size_t answer_len;
    char log[1024];  /* "30:7F3178 2030:7F3178". */
    char flow[512];  /* Flow controls of the ECU: "30:300000". */
    unsigned cyclic; /* Frames of the application. */
};

static inline void ecu_rig_plan(struct ecu_rig *t)
{
    const sim_ns_t due_ns = isotp_deadline_ns(&t->link);
    if (due_ns == SIM_NEVER) {
        sim_cancel(&t->rig.sim, &t->timer);
        return;
    }
    sim_schedule(&t->rig.sim, &t->timer, due_ns > t->rig.sim.now_ns ? due_ns : t->rig.sim.now_ns);
}

static inline void ecu_rig_note(struct ecu_rig *t, char *log, size_t size, const uint8_t *data,
                                size_t len)
{
    size_t at = strlen(log);
    at += (size_t)snprintf(log + at, size - at, "%s%u:", at > 0 ? " " : "",
                           (unsigned)((t->rig.sim.now_ns - t->asked_ns) / SIM_MS(1)));
    for (size_t i = 0; i < len && at + 3 < size; i++) {
        at += (size_t)snprintf(log + at, size - at, "%02X", data[i]);
    }
    cr_assert(at + 3 < size);
}

static inline void ecu_rig_message(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct ecu_rig *t = ctx;
    (void)now_ns;
    ecu_rig_note(t, t->log, sizeof t->log, data, len);
    if (!(len == 3 && data[0] == 0x7F && data[2] == 0x78)) {
        t->answer_len = len < sizeof t->answer ? len : sizeof t->answer;
        memcpy(t->answer, data, t->answer_len);
    }
}

static inline bool ecu_rig_send_frame(void *ctx, const uint8_t *data, uint8_t len)
{
    struct ecu_rig *t = ctx;
    struct can_frame frame = {.id = 0x7E0, .len_bytes = len};
    memcpy(frame.data, data, len);
    return can_node_send(&t->node, &frame) == CAN_SEND_QUEUED;
}

static inline void ecu_rig_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct ecu_rig *t = ctx;
    t->cyclic += frame->id == 0x3D0 ? 1u : 0u;
    if (frame->id == 0x7E8) {
        if (frame->data[0] >> 4 == 3) {
            ecu_rig_note(t, t->flow, sizeof t->flow, frame->data, 3);
        }
        isotp_on_frame(&t->link, frame->data, frame->len_bytes, now_ns);
        ecu_rig_plan(t);
    }
}

static inline void ecu_rig_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct ecu_rig *t = ctx;
    (void)frame;
    isotp_on_confirm(&t->link, now_ns);
    ecu_rig_plan(t);
}

static inline void ecu_rig_timer(struct sim *sim, void *ctx)
{
    struct ecu_rig *t = ctx;
    isotp_on_deadline(&t->link, sim->now_ns);
    ecu_rig_plan(t);
}

static inline void ecu_rig_init_text(struct ecu_rig *t, const char *find, const char *replace)
{
    static const struct can_node_ops ops = {.on_frame = ecu_rig_frame,
                                            .on_confirm = ecu_rig_confirm};
    static const struct isotp_ops link_ops = {.send = ecu_rig_send_frame,
                                              .on_message = ecu_rig_message};
    const struct can_node_cfg node = {.name = "tester", .ops = &ops, .ctx = t, .queue_len = 8};
    memset(t, 0, sizeof *t);
    rig_init_text(&t->rig, NULL, find, replace);
    rig_load(&t->rig, 0);
    can_bus_detach(vehicle_bus_at(t->rig.vehicle, 0), &t->rig.tester);
    can_node_init(&t->node, &node);
    can_bus_attach(vehicle_bus_at(t->rig.vehicle, 0), &t->node);
    const struct isotp_cfg link = {
        .rx_buffer = t->rx, .rx_buffer_len = sizeof t->rx, .pad = true, .wft_max = 20};
    isotp_init(&t->link, &link, &link_ops, t);
    sim_event_init(&t->timer, SIM_NODE, ecu_rig_timer, t, NULL);
    vehicle_power_on(t->rig.vehicle);
    rig_run(&t->rig, SIM_S(1));
}

static inline void ecu_rig_init(struct ecu_rig *t)
{
    ecu_rig_init_text(t, "single", "single");
}

static inline void ecu_rig_release(struct ecu_rig *t)
{
    sim_cancel(&t->rig.sim, &t->timer);
    can_bus_detach(vehicle_bus_at(t->rig.vehicle, 0), &t->node);
    vehicle_free(t->rig.vehicle);
    sim_release(&t->rig.sim);
}

/* Sends, and lets for_ns pass. What came is in log and answer. */
static inline void ecu_rig_send(struct ecu_rig *t, const uint8_t *data, size_t len, sim_ns_t for_ns)
{
    struct sim *sim = &t->rig.sim;
    cr_assert(len <= sizeof t->request);
    memcpy(t->request, data, len);
    t->log[0] = '\0';
    t->flow[0] = '\0';
    t->answer_len = 0;
    t->asked_ns = sim->now_ns;
    cr_assert(isotp_send(&t->link, t->request, (uint16_t)len, sim->now_ns));
    ecu_rig_plan(t);
    sim_run_until(sim, sim->now_ns + for_ns);
}

static inline size_t ecu_rig_hex(const char *hex, uint8_t *to, size_t max)
{
    size_t len = 0;
    unsigned value;
    int used;
    while (sscanf(hex, " %2x%n", &value, &used) == 1) {
        cr_assert(len < max);
        to[len++] = (uint8_t)value;
        hex += used;
    }
    return len;
}

static inline const char *ecu_rig_ask(struct ecu_rig *t, const char *hex, sim_ns_t for_ns)
{
    uint8_t request[64];
    ecu_rig_send(t, request, ecu_rig_hex(hex, request, sizeof request), for_ns);
    return t->log;
}

/* The final answer, within for_ns, as text. */
static inline const char *ecu_rig_answer(struct ecu_rig *t, const char *hex, sim_ns_t for_ns)
{
    static char text[2 * 64 + 1];
    (void)ecu_rig_ask(t, hex, for_ns);
    text[0] = '\0';
    for (size_t i = 0; i < t->answer_len; i++) {
        (void)snprintf(text + 2 * i, 3, "%02X", t->answer[i]);
    }
    return text;
}

#define ECU_RIG_EXPECT(t, request, for_ns, expected)                                               \
    do {                                                                                           \
        const char *got_ = ecu_rig_answer((t), (request), (for_ns));                               \
        cr_expect(strcmp(got_, (expected)) == 0, "line %d: %s: \"%s\", not \"%s\"", __LINE__,      \
                  (request), got_, (expected));                                                    \
    } while (0)

#define ECU_RIG_EXPECT_LOG(t, request, for_ns, expected)                                           \
    do {                                                                                           \
        const char *got_ = ecu_rig_ask((t), (request), (for_ns));                                  \
        cr_expect(strcmp(got_, (expected)) == 0, "line %d: %s: \"%s\", not \"%s\"", __LINE__,      \
                  (request), got_, (expected));                                                    \
    } while (0)

/* Docs: formats.md, "Security access". */
static inline void ecu_rig_unlock(struct ecu_rig *t)
{
    uint8_t request[6] = {0x27, 0x02};
    (void)ecu_rig_ask(t, "27 01", SIM_MS(100));
    cr_assert(t->answer_len == 6 && t->answer[0] == 0x67);
    uint32_t key = proto_get_u32(t->answer + 2) ^ 0x4C494D50;
    for (int i = 0; i < 35; i++) {
        key = (key << 1) ^ ((key >> 31) != 0 ? 0x4C494D50u : 0u);
    }
    proto_put_u32(request + 2, key);
    ecu_rig_send(t, request, sizeof request, SIM_MS(100));
    cr_assert(t->answer_len == 2 && t->answer[0] == 0x67);
}

/* From the application into the unlocked programming session. */
static inline void ecu_rig_enter(struct ecu_rig *t)
{
    ECU_RIG_EXPECT(t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(t, "10 02", SIM_S(1), "5002003201F4");
    ecu_rig_unlock(t);
}

/* Sends, and waits for the final answer, half a minute at most. */
static inline void ecu_rig_until(struct ecu_rig *t, const char *hex)
{
    (void)ecu_rig_ask(t, hex, 0);
    for (int i = 0; i < 600 && t->answer_len == 0; i++) {
        rig_run(&t->rig, SIM_MS(50));
    }
}

static inline void ecu_rig_erase_ends(struct ecu_rig *t, int line, const char *answer)
{
    uint8_t bytes[8];
    const size_t len = ecu_rig_hex(answer, bytes, sizeof bytes);
    ecu_rig_until(t, "31 01 FF 00");
    cr_expect(t->answer_len == len && memcmp(t->answer, bytes, len) == 0, "line %d: %s", line,
              t->log);
}
#define ECU_RIG_ERASE(t, answer) ecu_rig_erase_ends((t), __LINE__, (answer))

static inline void ecu_rig_erase(struct ecu_rig *t)
{
    ECU_RIG_ERASE(t, "7101FF0000");
}

enum { ECU_RIG_BLOCK = 256 };

/* One block of data that rises from `first`. */
static inline void ecu_rig_block(struct ecu_rig *t, uint8_t counter, uint8_t first)
{
    uint8_t request[2 + ECU_RIG_BLOCK] = {0x36, counter};
    for (size_t i = 0; i < ECU_RIG_BLOCK; i++) {
        request[2 + i] = (uint8_t)(first + i);
    }
    ecu_rig_send(t, request, sizeof request, SIM_S(1));
}

/* 37 with the SHA-1 of blocks that begin with these bytes. */
static inline void ecu_rig_exit(struct ecu_rig *t, const char *firsts)
{
    uint8_t data[8 * ECU_RIG_BLOCK];
    uint8_t request[21] = {0x37};
    size_t len = 0;
    for (; *firsts != '\0'; firsts++) {
        for (size_t i = 0; i < ECU_RIG_BLOCK; i++) {
            data[len++] = (uint8_t)(*firsts + (char)i);
        }
    }
    SHA1(data, len, request + 1);
    ecu_rig_send(t, request, sizeof request, SIM_S(2));
}

static inline bool ecu_rig_answered(const struct ecu_rig *t, const char *hex)
{
    uint8_t bytes[64];
    const size_t len = ecu_rig_hex(hex, bytes, sizeof bytes);
    return t->answer_len == len && memcmp(t->answer, bytes, len) == 0;
}

#endif
