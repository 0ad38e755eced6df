/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_isotp.c - one ISO-TP link against recorded traces, the timing rules and the
 * table of unexpected arrivals of ISO 15765-2:2016. */
#include "sim/proto/isotp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { LOG_MAX = 700 };

/* A link with a controller that takes one frame at a time, and all that happened, as text. */
struct bench {
    struct isotp link;
    uint8_t rx_buffer[4095];
    uint8_t message[4095];
    uint8_t reply[20];
    uint16_t reply_len; /* Sent from within on_message. */
    bool refuse;
    unsigned frames;
    char last_frame[200];
    char log[LOG_MAX];
};

static void note(struct bench *b, const char *text)
{
    cr_assert(strlen(b->log) + strlen(text) + 2 < LOG_MAX);
    strcat(b->log, b->log[0] == '\0' ? "" : " ");
    strcat(b->log, text);
}

static bool bench_send(void *ctx, const uint8_t *data, uint8_t len)
{
    struct bench *b = ctx;
    if (b->refuse) {
        return false;
    }
    b->frames++;
    for (size_t i = 0; i < len; i++) {
        snprintf(b->last_frame + 2 * i, 3, "%02X", data[i]);
    }
    if (len <= 8) {
        note(b, b->last_frame);
    }
    return true;
}

static void bench_on_message(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    struct bench *b = ctx;
    char text[40];
    memcpy(b->message, data, len);
    snprintf(text, sizeof text, "got:%u", len);
    note(b, text);
    if (b->reply_len > 0) {
        cr_assert(isotp_send(&b->link, b->reply, b->reply_len, now_ns));
    }
}

static void bench_on_first_frame(void *ctx, uint16_t len, proto_ns_t now_ns)
{
    (void)len;
    (void)now_ns;
    note(ctx, "first");
}

static void bench_on_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    char text[40];
    (void)now_ns;
    snprintf(text, sizeof text, "rxerr:%d", (int)why);
    note(ctx, text);
}

static void bench_on_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    char text[40];
    (void)now_ns;
    snprintf(text, sizeof text, "sent:%d", (int)result);
    note(ctx, text);
}

static const struct isotp_ops bench_ops = {bench_send, bench_on_message, bench_on_first_frame,
                                           bench_on_receive_error, bench_on_sent};

static struct isotp_cfg plain(void)
{
    return (struct isotp_cfg){.rx_buffer_len = 4095};
}

static void start(struct bench *b, struct isotp_cfg cfg)
{
    memset(b, 0, sizeof *b);
    cfg.rx_buffer = b->rx_buffer;
    isotp_init(&b->link, &cfg, &bench_ops, b);
}

static uint8_t bytes_from_hex(const char *hex, uint8_t *bytes)
{
    uint8_t len = 0;
    unsigned value;
    int used;
    while (sscanf(hex, " %2x%n", &value, &used) == 1) {
        bytes[len++] = (uint8_t)value;
        hex += used;
    }
    return len;
}

static void receive(struct bench *b, const char *hex, proto_ns_t now_ns)
{
    uint8_t frame[64];
    isotp_on_frame(&b->link, frame, bytes_from_hex(hex, frame), now_ns);
}

static void confirm(struct bench *b, proto_ns_t now_ns)
{
    isotp_on_confirm(&b->link, now_ns);
}

static void expect_log(struct bench *b, const char *expected)
{
    cr_assert_str_eq(b->log, expected);
    b->log[0] = '\0';
}

/* Linux kernel ISO-TP (can-isotp with isotpsend and isotprecv), as printed by candump. */
Test(isotp, sends_the_frames_that_the_linux_kernel_sends)
{
    struct bench b;
    start(&b, plain());
    uint8_t data[10];
    bytes_from_hex("11 22 33 44 55 66 CA FE 99 AA", data);
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, 1);
    receive(&b, "30 00 00", 2);
    confirm(&b, 3);
    expect_log(&b, "100A112233445566 21CAFE99AA sent:0");
}

Test(isotp, answers_the_linux_kernel_as_the_linux_kernel_does)
{
    struct bench b;
    start(&b, plain());
    receive(&b, "10 0A 11 22 33 44 55 66", 0);
    confirm(&b, 1);
    receive(&b, "21 CA FE 99 AA", 2);
    expect_log(&b, "300000 first got:10");
    uint8_t expected[10];
    bytes_from_hex("11 22 33 44 55 66 CA FE 99 AA", expected);
    cr_assert_arr_eq(b.message, expected, sizeof expected);
}

/* The answer of a car to OBD service 09 02 as an ELM327 shows it: the example VIN of 49 CFR 565. */
Test(isotp, puts_a_vehicle_identification_number_together)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.pad = true;
    cfg.padding_byte = 0xCC;
    start(&b, cfg);
    receive(&b, "10 14 49 02 01 31 4D 38", 0);
    confirm(&b, 1);
    receive(&b, "21 47 44 4D 39 41 58 4B", 2);
    receive(&b, "22 50 30 34 32 37 38 38", 3);
    expect_log(&b, "300000CCCCCCCCCC first got:20");
    cr_assert_arr_eq(b.message + 3, "1M8GDM9AXKP042788", 17);
}

Test(isotp, gap_is_measured_from_the_confirmation_and_never_shorter_than_st_min)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[27];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, PROTO_MS(1));
    receive(&b, "30 00 05", PROTO_MS(2));
    cr_assert_eq(b.frames, 2u, "the first consecutive frame needs no gap");
    confirm(&b, PROTO_MS(4));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(9));
    isotp_on_deadline(&b.link, PROTO_MS(9) - 1);
    cr_assert_eq(b.frames, 2u);
    isotp_on_deadline(&b.link, PROTO_MS(9));
    cr_assert_eq(b.frames, 3u);
}

Test(isotp, gap_holds_across_a_flow_control)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[27];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, 0);
    receive(&b, "30 01 0A", 0);
    confirm(&b, PROTO_MS(1));
    cr_assert_eq(b.frames, 2u, "a block of one is over");
    receive(&b, "30 01 0A", PROTO_MS(2));
    cr_assert_eq(b.frames, 2u);
    isotp_on_deadline(&b.link, PROTO_MS(11));
    cr_assert_eq(b.frames, 3u);
}

Test(isotp, block_size_asks_for_a_flow_control_after_each_block)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[6 + 5 * 7];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, 0);
    receive(&b, "30 02 00", 0);
    confirm(&b, 0);
    confirm(&b, 0);
    cr_assert_eq(b.frames, 3u);
    receive(&b, "30 00 00", 0);
    for (int i = 0; i < 3; i++) {
        confirm(&b, 0);
    }
    cr_assert_eq(b.frames, 6u, "block size 0: no further flow control");
    cr_assert(!isotp_sending(&b.link));
}

Test(isotp, wait_restarts_the_flow_control_timer_and_is_counted)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.wft_max = 2;
    start(&b, cfg);
    static const uint8_t data[20];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, 0);
    receive(&b, "31 00 00", PROTO_MS(900));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1900));
    receive(&b, "31 00 00", PROTO_MS(1800));
    b.log[0] = '\0';
    receive(&b, "31 00 00", PROTO_MS(1900));
    expect_log(&b, "sent:7");
}

Test(isotp, waits_are_counted_anew_for_each_block)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.wft_max = 1;
    start(&b, cfg);
    static const uint8_t data[27];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    for (unsigned block = 0; block < 3; block++) {
        confirm(&b, block);
        receive(&b, "31 00 00", block);
        receive(&b, "30 01 00", block);
        cr_assert_eq(b.frames, block + 2);
    }
}

Test(isotp, sending_fails_for_the_reason_that_the_flow_control_gives)
{
    static const struct {
        const char *flow_control;
        const char *log;
    } rows[] = {
        {"32 00 00", "sent:8"}, {"31 00 00", "sent:7"}, {"33 00 00", "sent:5"},
        {"3F 00 00", "sent:5"}, {"30 00", ""},          {"21 00 00", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        start(&b, plain());
        static const uint8_t data[20];
        cr_assert(isotp_send(&b.link, data, sizeof data, 0));
        confirm(&b, 0);
        b.log[0] = '\0';
        receive(&b, rows[i].flow_control, 1);
        expect_log(&b, rows[i].log);
    }
}

Test(isotp, missing_flow_control_and_missing_confirmation_time_out)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.n_as_ns = PROTO_MS(30);
    cfg.n_bs_ns = PROTO_MS(70);
    start(&b, cfg);
    static const uint8_t data[20];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    isotp_on_deadline(&b.link, PROTO_MS(30) - 1);
    isotp_on_deadline(&b.link, PROTO_MS(30));
    expect_log(&b, "1014000000000000 sent:1");
    cr_assert(isotp_send(&b.link, data, sizeof data, PROTO_MS(100)));
    expect_log(&b, "1014000000000000");
    confirm(&b, PROTO_MS(101));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(171));
    isotp_on_deadline(&b.link, PROTO_MS(171));
    expect_log(&b, "sent:2");
}

Test(isotp, message_that_waits_for_its_flow_control_can_be_given_up_and_no_other)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[20];
    isotp_give_up_waiting(&b.link, 0);
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    isotp_give_up_waiting(&b.link, 1);
    expect_log(&b, "1014000000000000");
    confirm(&b, 2);
    isotp_give_up_waiting(&b.link, 3);
    expect_log(&b, "sent:2");
    cr_assert(isotp_send(&b.link, data, 3, 4));
    expect_log(&b, "03000000");
}

Test(isotp, refused_frame_is_offered_again_until_n_as_ends)
{
    struct bench b;
    start(&b, plain());
    b.refuse = true;
    static const uint8_t data[] = {0x3E, 0x00};
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1));
    isotp_on_deadline(&b.link, PROTO_MS(1));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(2));
    b.refuse = false;
    confirm(&b, PROTO_US(1500));
    expect_log(&b, "023E00");
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1000), "N_As runs from the first attempt");
    confirm(&b, PROTO_MS(2));
    expect_log(&b, "sent:0");
}

Test(isotp, impossible_messages_are_refused)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    static const uint8_t data[4096];
    start(&b, cfg);
    cr_assert(!isotp_send(&b.link, data, 0, 0));
    cr_assert(!isotp_send(&b.link, data, 4096, 0));
    cr_assert(isotp_send(&b.link, data, 4095, 0));
    cr_assert(!isotp_send(&b.link, data, 1, 0), "one at a time");
    cfg.functional = true;
    start(&b, cfg);
    cr_assert(!isotp_send(&b.link, data, 8, 0));
    cr_assert(isotp_send(&b.link, data, 7, 0));
}

/* Receiving: "unexpected arrival of N_PDU", the table of ISO 15765-2:2016, 9.8.3 */

struct arrival {
    const char *situation;
    const char *frame;
    const char *log;
};

static void expect_arrivals(const struct arrival *rows, size_t count, bool receiving)
{
    for (size_t i = 0; i < count; i++) {
        struct bench b;
        start(&b, plain());
        if (receiving) {
            receive(&b, "10 14 00 01 02 03 04 05", 0);
            confirm(&b, 0);
            b.log[0] = '\0';
        }
        receive(&b, rows[i].frame, 1);
        cr_assert_str_eq(b.log, rows[i].log, "%s: %s", rows[i].situation, b.log);
    }
}

Test(isotp, unexpected_arrivals_while_idle_are_handled_by_the_table)
{
    static const struct arrival rows[] = {
        {"single frame", "02 3E 00", "got:2"},
        {"first frame", "10 08 00 01 02 03 04 05", "300000 first"},
        {"consecutive frame", "21 00 01 02 03 04 05 06", ""},
        {"flow control", "30 00 00", ""},
        {"unknown type", "50 00 00", ""},
    };
    expect_arrivals(rows, sizeof rows / sizeof rows[0], false);
}

Test(isotp, unexpected_arrivals_while_receiving_are_handled_by_the_table)
{
    static const struct arrival rows[] = {
        {"single frame ends the reception", "02 3E 00", "rxerr:6 got:2"},
        {"first frame begins anew", "10 08 00 01 02 03 04 05", "rxerr:6 300000 first"},
        {"expected frame", "21 00 01 02 03 04 05 06", ""},
        {"wrong sequence number", "22 00 01 02 03 04 05 06", "rxerr:4"},
        {"short frame in the middle", "21 00 01", ""},
        {"flow control", "30 00 00", ""},
        {"unknown type", "50 00 00", ""},
        {"invalid single frame", "00 00 00", ""},
        {"too short a first frame", "10 05 00 01 02 03 04 05", ""},
    };
    expect_arrivals(rows, sizeof rows / sizeof rows[0], true);
}

Test(isotp, message_that_does_not_fit_is_answered_with_overflow)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.rx_buffer_len = 20;
    start(&b, cfg);
    receive(&b, "10 15 00 01 02 03 04 05", 0);
    confirm(&b, 0);
    expect_log(&b, "320000");
    receive(&b, "10 00 00 00 10 00 01 02", 0);
    confirm(&b, 0);
    expect_log(&b, "320000");
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    expect_log(&b, "300000 first");
}

Test(isotp, missing_consecutive_frame_times_out)
{
    struct bench b;
    start(&b, plain());
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    confirm(&b, PROTO_MS(5));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1005));
    receive(&b, "21 00 01 02 03 04 05 06", PROTO_MS(10));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1010));
    b.log[0] = '\0';
    isotp_on_deadline(&b.link, PROTO_MS(1010));
    expect_log(&b, "rxerr:3");
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_NEVER);
}

Test(isotp, flow_control_that_never_leaves_ends_the_reception)
{
    struct bench b;
    start(&b, plain());
    b.refuse = true;
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    isotp_on_deadline(&b.link, PROTO_MS(1));
    isotp_on_deadline(&b.link, PROTO_MS(1000));
    expect_log(&b, "first rxerr:1");
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_NEVER);
}

Test(isotp, link_works_again_after_a_flow_control_was_never_confirmed)
{
    struct bench b;
    start(&b, plain());
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    isotp_on_deadline(&b.link, PROTO_MS(1000));
    expect_log(&b, "300000 first rxerr:1");
    receive(&b, "10 14 00 01 02 03 04 05", PROTO_MS(1001));
    expect_log(&b, "300000 first");
}

Test(isotp, consecutive_frame_before_the_flow_control_is_ignored)
{
    struct bench b;
    start(&b, plain());
    b.refuse = true;
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    receive(&b, "21 00 01 02 03 04 05 06", 0);
    b.refuse = false;
    isotp_on_deadline(&b.link, PROTO_MS(1));
    confirm(&b, PROTO_MS(2));
    receive(&b, "21 06 07 08 09 0A 0B 0C", PROTO_MS(3));
    receive(&b, "22 0D 0E 0F 10 11 12 13", PROTO_MS(4));
    expect_log(&b, "first 300000 got:20");
    cr_assert_eq(b.message[6], 0x06);
}

Test(isotp, new_first_frame_while_a_flow_control_is_under_way_gets_its_own)
{
    struct bench b;
    start(&b, plain());
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    receive(&b, "10 08 00 01 02 03 04 05", PROTO_MS(1));
    expect_log(&b, "300000 first rxerr:6 first");
    confirm(&b, PROTO_MS(2));
    expect_log(&b, "300000");
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1001), "N_Ar of the second one");
    confirm(&b, PROTO_MS(3));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_MS(1003));
    receive(&b, "21 06 07", PROTO_MS(4));
    expect_log(&b, "got:8");
}

Test(isotp, flow_control_is_sent_after_each_block_received)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.block_size = 2;
    cfg.st_min = 0xF2;
    start(&b, cfg);
    receive(&b, "10 20 00 01 02 03 04 05", 0);
    confirm(&b, 0);
    receive(&b, "21 00 01 02 03 04 05 06", 0);
    expect_log(&b, "3002F2 first");
    receive(&b, "22 00 01 02 03 04 05 06", 0);
    expect_log(&b, "3002F2");
    confirm(&b, 0);
    receive(&b, "23 00 01 02 03 04 05 06", 0);
    receive(&b, "24 00 01 02 03 04 05 06", 0);
    expect_log(&b, "got:32");
}

Test(isotp, flow_control_goes_before_further_frames_of_a_message)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[27];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    confirm(&b, 0);
    receive(&b, "30 00 00", 0);
    b.log[0] = '\0';
    receive(&b, "10 08 00 01 02 03 04 05", 0);
    expect_log(&b, "first");
    confirm(&b, 0);
    expect_log(&b, "300000");
    confirm(&b, 0);
    expect_log(&b, "2200000000000000");
    receive(&b, "21 06 07", 0);
    confirm(&b, 0);
    confirm(&b, 0);
    expect_log(&b, "got:8 2300000000000000 sent:0");
}

Test(isotp, reply_can_be_sent_from_within_the_message)
{
    struct bench b;
    start(&b, plain());
    b.reply[0] = 0x7E;
    b.reply_len = 2;
    receive(&b, "02 3E 00", 0);
    expect_log(&b, "got:2 027E00");
}

Test(isotp, extended_addressing_leads_every_frame)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.extended = true;
    cfg.address_tx = 0xF1;
    cfg.address_rx = 0x10;
    start(&b, cfg);
    receive(&b, "11 02 3E 00", 0);
    expect_log(&b, "");
    receive(&b, "10 02 3E 00", 0);
    expect_log(&b, "got:2");
    receive(&b, "10 10 07 01 02 03 04 05", 0);
    confirm(&b, 0);
    receive(&b, "10 21 06 07", 0);
    expect_log(&b, "F1300000 first got:7");
    static const uint8_t data[7];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    expect_log(&b, "F110070000000000");
}

Test(isotp, can_fd_frames_use_the_escape_and_are_filled_to_an_fd_length)
{
    struct bench b;
    struct isotp_cfg cfg = plain();
    cfg.frame_len_max = 64;
    cfg.padding_byte = 0xAA;
    start(&b, cfg);
    static const uint8_t data[70];
    cr_assert(isotp_send(&b.link, data, 7, 0));
    cr_assert_str_eq(b.last_frame, "0700000000000000");
    confirm(&b, 0);
    cr_assert(isotp_send(&b.link, data, 9, 0));
    cr_assert_str_eq(b.last_frame, "0009000000000000000000AA");
    confirm(&b, 0);
    cr_assert(isotp_send(&b.link, data, 70, 0));
    cr_assert_eq(strncmp(b.last_frame, "1046", 4), 0);
    cr_assert_eq(strlen(b.last_frame), 128u);
    confirm(&b, 0);
    receive(&b, "30 00 00", 0);
    cr_assert_str_eq(b.last_frame, "210000000000000000AAAAAA");
}

Test(isotp, functional_link_takes_single_frames_only)
{
    struct bench b;
    struct isotp_cfg cfg = {.functional = true};
    start(&b, cfg);
    receive(&b, "10 08 00 01 02 03 04 05", 0);
    expect_log(&b, "");
    receive(&b, "02 3E 80", 0);
    expect_log(&b, "got:2");
}

Test(isotp, reset_forgets_both_directions_silently)
{
    struct bench b;
    start(&b, plain());
    static const uint8_t data[20];
    cr_assert(isotp_send(&b.link, data, sizeof data, 0));
    receive(&b, "10 14 00 01 02 03 04 05", 0);
    b.log[0] = '\0';
    isotp_reset(&b.link);
    cr_assert(!isotp_sending(&b.link) && !isotp_receiving(&b.link));
    cr_assert_eq(isotp_deadline_ns(&b.link), PROTO_NEVER);
    confirm(&b, 1);
    expect_log(&b, "");
}
