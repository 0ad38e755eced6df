/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_isotp_hooks.c - flow control as a laboratory's hook wants it. */
#include "sim/proto/isotp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct bench {
    struct isotp link;
    struct isotp_hooks hooks;
    struct isotp_flow want[4]; /* For the flow controls of a message in turn; the last one stays. */
    size_t want_len;
    uint16_t seen_done[8];
    uint16_t seen;
    uint8_t buffer[64];
    char log[300];
};

static void note(struct bench *b, const char *text)
{
    cr_assert(strlen(b->log) + strlen(text) + 2 < sizeof b->log);
    strcat(b->log, b->log[0] == '\0' ? "" : " ");
    strcat(b->log, text);
}

static bool bench_send(void *ctx, const uint8_t *data, uint8_t len)
{
    char text[8];
    cr_assert(len == 3);
    snprintf(text, sizeof text, "%02X%02X%02X", data[0], data[1], data[2]);
    note(ctx, text);
    return true;
}

static void bench_on_message(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    char text[16];
    (void)data;
    (void)now_ns;
    snprintf(text, sizeof text, "got:%u", len);
    note(ctx, text);
}

static void bench_on_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    char text[16];
    (void)now_ns;
    snprintf(text, sizeof text, "error:%d", (int)why);
    note(ctx, text);
}

static const struct isotp_ops ops = {
    .send = bench_send, .on_message = bench_on_message, .on_receive_error = bench_on_error};

static void on_flow(void *ctx, struct isotp_flow *flow, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    (void)now_ns;
    cr_assert_eq(flow->len_bytes, 20);
    cr_assert_eq(flow->status, ISOTP_FS_CONTINUE);
    cr_assert_eq(flow->number, b->seen);
    b->seen_done[b->seen++] = flow->done_bytes;
    if (b->want_len > 0) {
        const size_t last = b->want_len - 1;
        const struct isotp_flow *want = &b->want[flow->number < last ? flow->number : last];
        flow->status = want->status;
        flow->block_size = want->block_size;
        flow->st_min = want->st_min;
        flow->leave_out = want->leave_out;
        flow->again_ns = want->again_ns;
    }
}

static void start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->hooks = (struct isotp_hooks){.ctx = b, .on_flow = on_flow};
    const struct isotp_cfg cfg = {.rx_buffer = b->buffer,
                                  .rx_buffer_len = sizeof b->buffer,
                                  .block_size = 8,
                                  .st_min = 5,
                                  .hooks = &b->hooks};
    isotp_init(&b->link, &cfg, &ops, b);
}

static void frame(struct bench *b, uint8_t first, uint8_t second, proto_ns_t now_ns)
{
    const uint8_t data[8] = {first, second, 1, 2, 3, 4, 5, 6};
    isotp_on_frame(&b->link, data, sizeof data, now_ns);
}

static void run_until(struct bench *b, proto_ns_t until_ns)
{
    while (isotp_deadline_ns(&b->link) <= until_ns) {
        isotp_on_deadline(&b->link, isotp_deadline_ns(&b->link));
    }
}

static void expect_log(struct bench *b, const char *expected)
{
    cr_assert_str_eq(b->log, expected);
    b->log[0] = '\0';
}

Test(isotp_hooks, without_a_wish_the_link_does_as_configured)
{
    struct bench b;
    start(&b);
    frame(&b, 0x10, 20, 0);
    expect_log(&b, "300805");
}

Test(isotp_hooks, block_size_and_separation_time_change_between_blocks)
{
    struct bench b;
    start(&b);
    b.want[0] = (struct isotp_flow){.block_size = 1, .st_min = 127};
    b.want[1] = (struct isotp_flow){.block_size = 0, .st_min = 0xFA};
    b.want_len = 2;
    frame(&b, 0x10, 20, 0);
    isotp_on_confirm(&b.link, 0);
    frame(&b, 0x21, 0, 1);
    isotp_on_confirm(&b.link, 1);
    frame(&b, 0x22, 0, 2);
    expect_log(&b, "30017F 3000FA got:20");
    cr_assert_eq(b.seen_done[0], 6);
    cr_assert_eq(b.seen_done[1], 13);
}

Test(isotp_hooks, waits_are_repeated_until_it_may_go_on)
{
    struct bench b;
    start(&b);
    b.want[0] = (struct isotp_flow){.status = ISOTP_FS_WAIT, .again_ns = PROTO_MS(800)};
    b.want[1] = b.want[0];
    b.want[2] = (struct isotp_flow){.status = ISOTP_FS_CONTINUE};
    b.want_len = 3;
    frame(&b, 0x10, 20, 0);
    isotp_on_confirm(&b.link, PROTO_MS(1));
    run_until(&b, PROTO_MS(800));
    expect_log(&b, "310000");
    frame(&b, 0x21, 0, PROTO_MS(800)); /* Not asked for: ignored. */
    run_until(&b, PROTO_MS(801));
    expect_log(&b, "310000");
    isotp_on_confirm(&b.link, PROTO_MS(802));
    run_until(&b, PROTO_MS(1602));
    isotp_on_confirm(&b.link, PROTO_MS(1602));
    expect_log(&b, "300000");
    frame(&b, 0x21, 0, PROTO_MS(1603));
    frame(&b, 0x22, 0, PROTO_MS(1604));
    expect_log(&b, "got:20");
}

Test(isotp_hooks, overflow_ends_the_reception)
{
    struct bench b;
    start(&b);
    b.want[0] = (struct isotp_flow){.status = ISOTP_FS_OVERFLOW};
    b.want_len = 1;
    frame(&b, 0x10, 20, 0);
    isotp_on_confirm(&b.link, 0);
    frame(&b, 0x21, 0, 1);
    frame(&b, 0x22, 0, 2);
    expect_log(&b, "error:8 320000");
    cr_assert(!isotp_receiving(&b.link));
}

Test(isotp_hooks, a_flow_control_is_left_out_and_frames_are_awaited_all_the_same)
{
    struct bench b;
    start(&b);
    b.want[0] = (struct isotp_flow){.leave_out = true};
    b.want_len = 1;
    frame(&b, 0x10, 20, 0);
    frame(&b, 0x21, 0, 1);
    frame(&b, 0x22, 0, 2);
    expect_log(&b, "got:20");
    b.seen = 0;
    frame(&b, 0x10, 20, 3);
    run_until(&b, PROTO_MS(1001));
    expect_log(&b, "error:3"); /* N_Cr. */
}
