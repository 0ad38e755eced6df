/* SPDX-License-Identifier: Apache-2.0 */
/* tests/ecus/rig.h - one vehicle on the bench: the default ECU, a plain tester on its bus that
 * speaks ISO-TP by hand, and sample applications. */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "sim/ecus/vehicle.h"
#include "sim/proto/srec.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rig {
    struct sim sim;
    struct vehicle *vehicle;
    struct s12x_ecu *ecu;
    struct ecu *base;
    struct can_node tester;
    uint8_t answer[256]; /* The last one that was not 0x78. */
    size_t answer_len, answer_done;
    bool answered;
    unsigned pendings;
    unsigned cyclic; /* Frames with identifier 0x3D0. */
};

static inline void rig_take(struct rig *rig)
{
    if (rig->answer_len == 3 && rig->answer[0] == 0x7F && rig->answer[2] == 0x78) {
        rig->pendings++;
        return;
    }
    rig->answered = true;
}

static inline void rig_send_frame(struct rig *rig, uint32_t id, const uint8_t *data, size_t len)
{
    struct can_frame frame = {.id = id, .len_bytes = 8};
    memset(frame.data, 0xCC, 8);
    memcpy(frame.data, data, len);
    cr_assert_eq(can_node_send(&rig->tester, &frame), CAN_SEND_QUEUED);
}

/* ISO 15765-2: single frames, first frames with consecutive ones. */
static inline void rig_on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct rig *rig = ctx;
    (void)now_ns;
    rig->cyclic += frame->id == 0x3D0 ? 1u : 0u;
    if (frame->id != 0x7E8) {
        return;
    }
    if (frame->data[0] >> 4 == 0) {
        rig->answer_len = frame->data[0];
        memcpy(rig->answer, &frame->data[1], rig->answer_len);
        rig_take(rig);
    } else if (frame->data[0] >> 4 == 1) {
        rig->answer_len = (size_t)(frame->data[0] & 15) << 8 | frame->data[1];
        cr_assert(rig->answer_len <= sizeof rig->answer);
        memcpy(rig->answer, &frame->data[2], 6);
        rig->answer_done = 6;
        rig_send_frame(rig, 0x7E0, (const uint8_t[]){0x30, 0, 0}, 3);
    } else if (frame->data[0] >> 4 == 2) {
        size_t left = rig->answer_len - rig->answer_done;
        size_t len = left < 7 ? left : 7;
        memcpy(&rig->answer[rig->answer_done], &frame->data[1], len);
        rig->answer_done += len;
        if (rig->answer_done == rig->answer_len) {
            rig_take(rig);
        }
    }
}

static inline const char *rig_image(char path[64], const struct boot_header *header)
{
    struct srec rec = {.type = 2, .len = BOOT_HEADER_LEN, .address = 0x780000};
    char text[SREC_TEXT_MAX];
    (void)snprintf(path, 64, "/tmp/rig-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    FILE *out = fdopen(fd, "w");
    boot_header_encode(header, rec.data);
    srec_print(&rec, text);
    fprintf(out, "%s\n", text);
    rec.address = 0x7A0000;
    srec_print(&rec, text);
    fprintf(out, "%s\nS804780060%02X\n", text, 0xFF - ((0x04 + 0x78 + 0x00 + 0x60) & 0xFF));
    fclose(out);
    return path;
}

static inline void rig_init_text(struct rig *rig, struct trace *trace, const char *find,
                                 const char *replace)
{
    static const struct can_node_ops ops = {.on_frame = rig_on_frame};
    const struct can_node_cfg node = {.name = "tester", .ops = &ops, .ctx = rig, .queue_len = 64};
    const struct sim_cfg cfg = {.seed = 1, .trace = trace};
    struct err err = {.code = 0};
    char text[8192] = "";
    char edited[8192];
    memset(rig, 0, sizeof *rig);
    sim_init(&rig->sim, &cfg);
    FILE *in = fopen(LIMPHOME_SOURCE_DIR "/vehicles/single.json", "rb");
    cr_assert(in != NULL && fread(text, 1, sizeof text - 1, in) > 0);
    fclose(in);
    char *at = strstr(text, find);
    cr_assert(at != NULL);
    (void)snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text, replace,
                   at + strlen(find));
    rig->vehicle = vehicle_parse(edited, strlen(edited), "single", "", &rig->sim, &err);
    cr_assert(rig->vehicle != NULL, "%s", err.text);
    rig->base = vehicle_ecu_at(rig->vehicle, 0);
    rig->ecu = s12x_ecu_from(rig->base);
    can_node_init(&rig->tester, &node);
    can_bus_attach(vehicle_bus_at(rig->vehicle, 0), &rig->tester);
}

static inline void rig_load(struct rig *rig, uint32_t behaviour)
{
    struct boot_header header = {.version = "1.2.3",
                                 .hardware_id = "BCM-HW-1",
                                 .part_number = "LH-BCM-12X",
                                 .build_id = "b42",
                                 .cyclic_id = 0x3D0,
                                 .cyclic_ms = 100,
                                 .behaviour = behaviour};
    struct err err = {.code = 0};
    char path[64];
    rig_image(path, &header);
    cr_assert_eq(s12x_ecu_load_application(rig->ecu, path, &err), 0, "%s", err.text);
    unlink(path);
}

static inline void rig_run(struct rig *rig, sim_ns_t for_ns)
{
    sim_run_until(&rig->sim, rig->sim.now_ns + for_ns);
}

/* An ECU with an application of that behaviour, powered for one second. */
static inline void rig_init(struct rig *rig, uint32_t behaviour)
{
    rig_init_text(rig, NULL, "single", "single");
    rig_load(rig, behaviour);
    vehicle_power_on(rig->vehicle);
    rig_run(rig, SIM_S(1));
}

static inline void rig_release(struct rig *rig)
{
    can_bus_detach(vehicle_bus_at(rig->vehicle, 0), &rig->tester);
    vehicle_free(rig->vehicle);
    sim_release(&rig->sim);
}

static inline void rig_send(struct rig *rig, uint32_t id, const uint8_t *data, size_t len)
{
    uint8_t frame[8] = {(uint8_t)len};
    cr_assert(len <= 7);
    memcpy(&frame[1], data, len);
    rig->answered = false;
    rig->pendings = 0;
    rig_send_frame(rig, id, frame, len + 1);
}

/* False: no answer in 6 s (P2* and some). */
static inline bool rig_wait(struct rig *rig)
{
    sim_ns_t until_ns = rig->sim.now_ns + SIM_S(6);
    while (!rig->answered && sim_next_due_ns(&rig->sim) <= until_ns) {
        (void)sim_step(&rig->sim);
    }
    if (!rig->answered) {
        sim_run_until(&rig->sim, until_ns);
    }
    return rig->answered;
}

static inline bool rig_ask(struct rig *rig, const uint8_t *data, size_t len)
{
    rig_send(rig, 0x7E0, data, len);
    return rig_wait(rig);
}

#define RIG_BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* Asks, and compares the answer byte by byte. */
#define RIG_EXPECT(rig, request, ...)                                                              \
    rig_expect((rig), __LINE__, RIG_UNWRAP request, RIG_BYTES(__VA_ARGS__))
#define RIG_UNWRAP(...) RIG_BYTES(__VA_ARGS__)

static inline void rig_expect(struct rig *rig, int line, const uint8_t *request, size_t request_len,
                              const uint8_t *answer, size_t answer_len)
{
    char got[3 * 32 + 1] = "";
    bool answered = rig_ask(rig, request, request_len);
    for (size_t i = 0; answered && i < rig->answer_len && i < 32; i++) {
        (void)snprintf(&got[3 * i], 4, "%02X ", rig->answer[i]);
    }
    cr_expect(answered && rig->answer_len == answer_len &&
                  memcmp(rig->answer, answer, answer_len) == 0,
              "line %d: request %02X %02X: answer %s", line, request[0], request[1],
              answered ? got : "none");
}

/* Asks, and expects silence. */
static inline void rig_expect_silence(struct rig *rig, uint32_t id, const uint8_t *data, size_t len)
{
    rig_send(rig, id, data, len);
    cr_expect(!rig_wait(rig), "an answer to %02X where there should be none", data[0]);
}

static inline struct s12x_ecu_status rig_status(struct rig *rig)
{
    struct s12x_ecu_status status;
    s12x_ecu_status(rig->ecu, &status);
    return status;
}

#endif
