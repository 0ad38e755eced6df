/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_isotp_schedules.c - two links on a bus that loses and repeats frames at random:
 * what arrives is always a message that was sent, in order, or an error is reported. A decoder
 * written from the standard's text, without the code under test, reads along. */
#include "sim/prng.h"
#include "sim/proto/isotp.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MESSAGE_MAX = 600 };

struct frame {
    uint8_t data[64];
    uint8_t len;
};

/* Reads frames of one direction as ISO 15765-2 describes them; flow control is not its business. */
struct decoder {
    unsigned len;
    unsigned done;
    unsigned sn;
    unsigned complete; /* Messages seen on the wire. */
};

static void decoder_take(struct decoder *d, const struct frame *f)
{
    unsigned type = f->data[0] >> 4;
    if (type == 0) {
        d->complete++;
        d->len = 0;
    } else if (type == 1) {
        d->len = (f->data[0] & 15u) << 8 | f->data[1];
        d->done = f->len - 2u;
        d->sn = 1;
    } else if (type == 2 && d->len > 0) {
        cr_assert_eq(f->data[0] & 15u, d->sn, "sequence number on the wire");
        d->sn = (d->sn + 1) % 16;
        d->done += f->len - 1u;
        if (d->done >= d->len) {
            d->complete++;
            d->len = 0;
        }
    }
}

struct side {
    struct isotp link;
    struct side *peer;
    struct prng *dice;
    uint8_t rx_buffer[MESSAGE_MAX];
    uint8_t out[MESSAGE_MAX];
    struct frame controller;
    bool controller_full;
    struct decoder wire;
    uint32_t sent_number;     /* Of the message being sent. */
    uint32_t received_number; /* Of the last message received. */
    unsigned sent_ok;
    unsigned sent_failed;
    unsigned received;
    unsigned receive_errors;
    unsigned damage;
};

static bool side_send(void *ctx, const uint8_t *data, uint8_t len)
{
    struct side *s = ctx;
    if (s->controller_full || prng_below(s->dice, 20) == 0) {
        return false;
    }
    s->controller_full = true;
    memcpy(s->controller.data, data, len);
    s->controller.len = len;
    return true;
}

/* A message is its number in four bytes, then bytes that follow from number and place. */
static uint8_t message_byte(uint32_t number, uint16_t at)
{
    return at < 4 ? (uint8_t)(number >> (8 * at)) : (uint8_t)(number * 31 + at);
}

static void side_on_message(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct side *s = ctx;
    (void)now_ns;
    cr_assert(len >= 5);
    uint32_t number = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16;
    cr_assert(number <= s->peer->sent_number, "a message that was never sent");
    cr_assert(number >= s->received_number, "out of order");
    cr_assert(number > s->received_number || s->damage > 0, "twice without a repeated frame");
    cr_assert_eq(len, 5 + number * 7 % (MESSAGE_MAX - 5), "cut or grown");
    for (uint16_t i = 0; i < len; i++) {
        cr_assert_eq(data[i], message_byte(number, i), "byte %u of message %u", i, number);
    }
    s->received_number = number;
    s->received++;
}

static void side_on_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    struct side *s = ctx;
    (void)why;
    (void)now_ns;
    s->receive_errors++;
}

static void side_on_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct side *s = ctx;
    (void)now_ns;
    if (result == ISOTP_OK) {
        s->sent_ok++;
    } else {
        s->sent_failed++;
    }
}

static const struct isotp_ops side_ops = {side_send, side_on_message, NULL, side_on_receive_error,
                                          side_on_sent};

static void side_start_message(struct side *s, proto_ns_t now_ns)
{
    uint32_t number = ++s->sent_number;
    uint16_t len = (uint16_t)(5 + number * 7 % (MESSAGE_MAX - 5));
    for (uint16_t i = 0; i < len; i++) {
        s->out[i] = message_byte(number, i);
    }
    cr_assert(isotp_send(&s->link, s->out, len, now_ns));
}

static void side_deliver(struct side *s, unsigned loss_percent, proto_ns_t now_ns)
{
    if (!s->controller_full) {
        return;
    }
    struct frame f = s->controller;
    s->controller_full = false;
    decoder_take(&s->wire, &f);
    isotp_on_confirm(&s->link, now_ns);
    unsigned fate = (unsigned)prng_below(s->dice, 100);
    if (fate < loss_percent) {
        s->peer->damage++;
        return;
    }
    isotp_on_frame(&s->peer->link, f.data, f.len, now_ns);
    if (fate < 2 * loss_percent) {
        s->peer->damage++;
        isotp_on_frame(&s->peer->link, f.data, f.len, now_ns);
    }
}

static void run(uint64_t seed, unsigned loss_percent, uint8_t frame_len_max, struct side sides[2])
{
    struct prng dice;
    prng_init(&dice, seed, "test.isotp");
    memset(sides, 0, 2 * sizeof sides[0]);
    for (int i = 0; i < 2; i++) {
        struct isotp_cfg cfg = {.rx_buffer = sides[i].rx_buffer,
                                .rx_buffer_len = MESSAGE_MAX,
                                .frame_len_max = frame_len_max,
                                .block_size = (uint8_t)prng_below(&dice, 6),
                                .st_min = (uint8_t)prng_below(&dice, 3),
                                .pad = prng_below(&dice, 2) == 0};
        sides[i].peer = &sides[1 - i];
        sides[i].dice = &dice;
        isotp_init(&sides[i].link, &cfg, &side_ops, &sides[i]);
    }
    proto_ns_t now_ns = 0;
    for (int step = 0; step < 20000; step++) {
        now_ns += PROTO_US(200);
        struct side *s = &sides[prng_below(&dice, 2)];
        if (!isotp_sending(&s->link) && prng_below(&dice, 10) == 0) {
            side_start_message(s, now_ns);
        }
        side_deliver(s, loss_percent, now_ns);
        for (int i = 0; i < 2; i++) {
            if (isotp_deadline_ns(&sides[i].link) <= now_ns) {
                isotp_on_deadline(&sides[i].link, now_ns);
            }
        }
        if (loss_percent > 0 && prng_below(&dice, 400) == 0) {
            now_ns += PROTO_MS(400);
        }
    }
}

Test(isotp_schedules, without_loss_every_message_arrives_whichever_way_both_sides_mix)
{
    static struct side sides[2];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        run(seed, 0, seed % 2 == 0 ? 8 : 64, sides);
        for (int i = 0; i < 2; i++) {
            unsigned open = isotp_sending(&sides[i].link) ? 1 : 0;
            cr_assert_eq(sides[i].sent_failed, 0u);
            cr_assert_eq(sides[i].receive_errors, 0u);
            cr_assert_eq(sides[i].sent_ok + open, sides[i].sent_number);
            cr_assert_eq(sides[1 - i].received, sides[i].sent_ok);
            cr_assert_eq(sides[i].wire.complete, sides[i].sent_ok);
            cr_assert(sides[i].sent_ok > 50, "seed %lu: only %u", seed, sides[i].sent_ok);
        }
    }
}

Test(isotp_schedules, with_loss_nothing_arrives_that_was_not_sent_and_all_else_is_reported)
{
    static struct side sides[2];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        run(seed, 1 + (unsigned)(seed % 4), seed % 2 == 0 ? 8 : 64, sides);
        for (int i = 0; i < 2; i++) {
            unsigned open = isotp_sending(&sides[i].link) ? 1 : 0;
            cr_assert_eq(sides[i].sent_ok + sides[i].sent_failed + open, sides[i].sent_number,
                         "every message has one result");
            cr_assert(sides[i].received > 3, "seed %lu: only %u", seed, sides[i].received);
        }
        cr_assert(sides[0].receive_errors + sides[1].receive_errors + sides[0].sent_failed > 0);
    }
}
