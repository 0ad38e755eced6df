/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_isotp.c - one ISO-TP link under any sequence of frames, confirmations, deadlines
 * and requests to send: its frames are well formed, one at a time, each message that was accepted
 * has one result, and no timer stands still.
 * Sources: sim/proto/isotp.c sim/proto/isotp_tx.c sim/proto/isotp_rx.c sim/proto/isotp_pci.c
 * Sources: sim/proto/proto_check_host.c */
#include "sim/proto/isotp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t next(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->data++;
}

struct world {
    struct isotp link;
    struct isotp_cfg cfg;
    struct isotp_hooks hooks;
    struct input in;
    uint8_t out[4096];
    bool refuse;
    bool in_flight; /* The controller has a frame that it has not confirmed. */
    unsigned accepted;
    unsigned results;
    proto_ns_t now_ns;
};

static bool world_send(void *ctx, const uint8_t *data, uint8_t len)
{
    struct world *w = ctx;
    uint8_t frame_len_max = w->cfg.frame_len_max != 0 ? w->cfg.frame_len_max : 8;
    REQUIRE(len >= 2 && len <= frame_len_max);
    REQUIRE(len <= 8 || len == 12 || len == 16 || len == 20 || len == 24 || len == 32 ||
            len == 48 || len == 64);
    REQUIRE(!w->cfg.pad || len >= 8);
    REQUIRE(!w->cfg.extended || data[0] == w->cfg.address_tx);
    REQUIRE(data[w->cfg.extended ? 1 : 0] >> 4 <= (w->cfg.functional ? 0 : 3));
    REQUIRE(!w->in_flight);
    if (w->refuse) {
        return false;
    }
    w->in_flight = true;
    return true;
}

static void world_on_message(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct world *w = ctx;
    REQUIRE(len >= 1 && len <= 4095);
    REQUIRE(data != w->cfg.rx_buffer || len <= w->cfg.rx_buffer_len);
    uint8_t sum = 0; /* Touches every byte. */
    for (uint16_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + data[i]);
    }
    if ((sum & 1) != 0 && isotp_send(&w->link, w->out, len, now_ns)) {
        w->accepted++;
    }
}

static void world_on_first_frame(void *ctx, uint16_t len, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(len <= w->cfg.rx_buffer_len);
    REQUIRE(isotp_receiving(&w->link));
}

static void world_on_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(why != ISOTP_OK && !isotp_receiving(&w->link));
}

static void world_on_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    w->results++;
    if (result == ISOTP_TIMEOUT_A) {
        w->in_flight = false;
    }
    REQUIRE(w->results <= w->accepted && !isotp_sending(&w->link));
}

static const struct isotp_ops world_ops = {world_send, world_on_message, world_on_first_frame,
                                           world_on_receive_error, world_on_sent};

/* Any flow control, as a laboratory may want it. */
static void world_on_flow(void *ctx, struct isotp_flow *flow, proto_ns_t now_ns)
{
    struct world *w = ctx;
    (void)now_ns;
    REQUIRE(flow->done_bytes < flow->len_bytes && flow->len_bytes <= w->cfg.rx_buffer_len);
    uint8_t sum = 0; /* Touches every byte. */
    for (uint16_t i = 0; i < flow->done_bytes; i++) {
        sum = (uint8_t)(sum + flow->data[i]);
    }
    const uint8_t what = next(&w->in);
    flow->status = (uint8_t)(what % 4);
    flow->leave_out = (what & 0xF0) == 0x30;
    flow->block_size = (uint8_t)(sum % 3);
    flow->st_min = next(&w->in);
    flow->again_ns = PROTO_MS(7) * (proto_ns_t)(what % 16);
}

static void configure(struct world *w, uint8_t *rx_buffer)
{
    static const uint8_t lengths[] = {0, 8, 12, 16, 20, 24, 32, 64};
    uint8_t flags = next(&w->in);
    w->cfg = (struct isotp_cfg){.frame_len_max = lengths[next(&w->in) % 8],
                                .pad = (flags & 1) != 0,
                                .extended = (flags & 2) != 0,
                                .functional = (flags & 12) == 12,
                                .address_tx = 0xF1,
                                .address_rx = 0x10,
                                .block_size = next(&w->in),
                                .st_min = next(&w->in),
                                .wft_max = next(&w->in) % 4,
                                .rx_buffer_len = (uint16_t)(next(&w->in) * 16),
                                .rx_buffer = rx_buffer};
    if ((flags & 16) != 0) {
        w->hooks = (struct isotp_hooks){.ctx = w, .on_flow = world_on_flow};
        w->cfg.hooks = &w->hooks;
    }
    isotp_init(&w->link, &w->cfg, &world_ops, w);
}

/* The frame lies at the end of its memory, so that reading past it is caught. */
static void feed_frame(struct world *w)
{
    uint8_t len = next(&w->in) % 65;
    uint8_t *frame = malloc(len > 0 ? len : 1);
    REQUIRE(frame != NULL);
    for (uint8_t i = 0; i < len; i++) {
        frame[i] = next(&w->in);
    }
    isotp_on_frame(&w->link, frame, len, w->now_ns);
    free(frame);
}

static void run_deadline(struct world *w)
{
    proto_ns_t due_ns = isotp_deadline_ns(&w->link);
    if (due_ns == PROTO_NEVER) {
        return;
    }
    w->now_ns = due_ns > w->now_ns ? due_ns : w->now_ns;
    /* A controller may lose a frame in the second that it takes for N_As to end. */
    if (w->link.in_flight == ISOTP_FLIGHT_FC && due_ns == w->link.rx.fc_deadline_ns) {
        w->in_flight = false;
    }
    if (w->link.in_flight == ISOTP_FLIGHT_TX && due_ns == w->link.tx.deadline_ns) {
        w->in_flight = false;
    }
    isotp_on_deadline(&w->link, w->now_ns);
    REQUIRE(isotp_deadline_ns(&w->link) > w->now_ns);
}

static void step(struct world *w)
{
    switch (next(&w->in) % 7) {
    case 0:
    case 1: feed_frame(w); return;
    case 2:
        w->in_flight = false;
        isotp_on_confirm(&w->link, w->now_ns);
        return;
    case 3: run_deadline(w); return;
    case 4: w->refuse = !w->refuse; return;
    case 5: {
        uint16_t len = (uint16_t)(next(&w->in) * 17u);
        if (isotp_send(&w->link, w->out, len, w->now_ns)) {
            w->accepted++;
        }
        return;
    }
    default: w->now_ns += PROTO_US(10) * next(&w->in); return;
    }
}

/* Left alone, a link comes to rest. */
static void wind_down(struct world *w)
{
    unsigned steps = 0;
    while (isotp_deadline_ns(&w->link) != PROTO_NEVER) {
        run_deadline(w);
        REQUIRE(++steps < 5000);
    }
    REQUIRE(!isotp_sending(&w->link) && !isotp_receiving(&w->link));
    REQUIRE(w->accepted == w->results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t rx_buffer[4096];
    struct world w = {.in = {.data = data, .left = size}};
    configure(&w, rx_buffer);
    while (w.in.left > 0) {
        step(&w);
    }
    wind_down(&w);
    return 0;
}
