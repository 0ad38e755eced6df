/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_faults.c - what an ISO-TP socket makes of a peer that is silent, wrong,
 * or slow: a RAW socket plays it. */
#include "tests/guest/kernel/isotp.h"

#include <linux/can/error.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FC_TIME_OUT_MS = 1000, LATE_MS = 1500, LONG = 30 };

static const struct isotp_cfg plain = {.socket_flags = SOCK_NONBLOCK};

struct bench {
    int tp;
    int peer; /* RAW: hears FROM, sends TO. */
};

static struct bench bench_of(const struct links *links, const struct isotp_cfg *cfg)
{
    return (struct bench){isotp_open(links, cfg), raw_only(links->index[0], FROM)};
}

static void close_bench(struct bench bench)
{
    close(bench.peer);
    close(bench.tp);
}

/* Waits for POLLERR alone. */
static void wait_for_error(int fd, const char *name, int about_ms)
{
    const long begin = now_ms();
    unsigned events;
    do {
        pause_ms(5);
        events = poll_now(fd, 0);
    } while ((events & 8u /* POLLERR */) == 0 && now_ms() - begin < about_ms + LATE_MS);
    say(name, "%s after %s", poll_text(events).chars, since_text(begin, about_ms).chars);
}

static void no_flow_control(const struct links *links)
{
    struct bench bench = bench_of(links, &plain);
    say("no flow control: send", "%s", send_text(bench.tp, LONG).chars);
    say("no flow control: first frame", "%s", take_text(bench.peer, COMES_MS).chars);
    say("no flow control: poll meanwhile", "%s", poll_text(poll_now(bench.tp, 0)).chars);
    say("no flow control: send meanwhile", "%s", send_text(bench.tp, 5).chars);
    say("no flow control: recv meanwhile", "%s", message_text(bench.tp, 0).chars);
    wait_for_error(bench.tp, "no flow control: poll", FC_TIME_OUT_MS);
    say("no flow control: SO_ERROR", "%s", error_of(bench.tp).chars);
    say("no flow control: SO_ERROR again", "%s", error_of(bench.tp).chars);
    say("no flow control: send again", "%s", send_text(bench.tp, 5).chars);
    say("no flow control: frame", "%s", take_text(bench.peer, COMES_MS).chars);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    wait_for_error(bench.tp, "told by recv: poll", FC_TIME_OUT_MS);
    say("told by recv", "%s", message_text(bench.tp, 0).chars);
    say("told by recv: again", "%s", message_text(bench.tp, 0).chars);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    wait_for_error(bench.tp, "told by send: poll", FC_TIME_OUT_MS);
    say("told by send", "%s", send_text(bench.tp, LONG).chars);
    say("told by send: poll", "%s", poll_text(poll_now(bench.tp, 0)).chars);
    close_bench(bench);
}

/* Answers the first frame of a message with these bytes, and says what comes of it. */
static void answer(const struct links *links, const char *name, const char *bytes, size_t len)
{
    struct bench bench = bench_of(links, &plain);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    take_text(bench.peer, COMES_MS);
    inject(bench.peer, TO, bytes, len);
    say_frames(bench.peer, name, 2);
    pause_ms(QUIET_MS);
    say(text("%s: poll", name).chars, "%s", poll_text(poll_now(bench.tp, 0)).chars);
    say(text("%s: error", name).chars, "%s", error_of(bench.tp).chars);
    if ((poll_now(bench.tp, 0) & 4u /* POLLOUT */) == 0) {
        INJECT(bench.peer, TO, "\x30\x00\x00");
        pause_ms(QUIET_MS);
        say_frames(bench.peer, text("%s: then a right one", name).chars, 2);
    }
    close_bench(bench);
}

#define ANSWER(links, name, bytes) answer(links, name, bytes, sizeof(bytes) - 1)

static void flow_controls(const struct links *links)
{
    ANSWER(links, "continue", "\x30\x00\x00");
    ANSWER(links, "continue, padded", "\x30\x00\x00\x00\x00\x00\x00\x00");
    ANSWER(links, "continue, blocks of 2", "\x30\x02\x00");
    ANSWER(links, "wait", "\x31\x00\x00");
    ANSWER(links, "overflow", "\x32\x00\x00");
    ANSWER(links, "unknown status 3", "\x33\x00\x00");
    ANSWER(links, "unknown status F", "\x3F\x00\x00");
    ANSWER(links, "2 bytes only", "\x30\x00");
    ANSWER(links, "1 byte only", "\x30");
    ANSWER(links, "no bytes", "");
    ANSWER(links, "reserved gap 80", "\x30\x00\x80");
    ANSWER(links, "a single frame instead", "\x02\xAB\xCD");
}

static void waits(const struct links *links)
{
    struct bench bench = bench_of(links, &plain);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    take_text(bench.peer, COMES_MS);
    for (int i = 0; i < 3; i++) {
        pause_ms(FC_TIME_OUT_MS * 6 / 10);
        INJECT(bench.peer, TO, "\x31\x00\x00");
    }
    say("after three waits: error", "%s", error_of(bench.tp).chars);
    INJECT(bench.peer, TO, "\x30\x00\x00");
    say_frames(bench.peer, "after three waits", 1);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO, "\x31\x00\x00");
    wait_for_error(bench.tp, "a wait, then silence", FC_TIME_OUT_MS);
    say("a wait, then silence: error", "%s", error_of(bench.tp).chars);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO, "\x30\x01\x00");
    take_text(bench.peer, COMES_MS);
    wait_for_error(bench.tp, "silence after a block", FC_TIME_OUT_MS);
    say("silence after a block: error", "%s", error_of(bench.tp).chars);
    INJECT(bench.peer, TO, "\x30\x00\x00");
    say_frames(bench.peer, "a late flow control", 1);
    close_bench(bench);
}

static void reception(const struct links *links)
{
    struct bench bench = bench_of(links, &plain);
    INJECT(bench.peer, TO,
           "\x10\x14"
           "abcdef");
    say("first frame: answer", "%s", take_text(bench.peer, COMES_MS).chars);
    wait_for_error(bench.tp, "lost consecutive frame: poll", FC_TIME_OUT_MS);
    say("lost consecutive frame", "%s", message_text(bench.tp, 0).chars);
    INJECT(bench.peer, TO, "\x21ghijklm");
    say("a consecutive frame alone", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO,
           "\x10\x14"
           "abcdef");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO, "\x22ghijklm");
    pause_ms(QUIET_MS);
    say("wrong sequence number: poll", "%s", poll_text(poll_now(bench.tp, 0)).chars);
    say("wrong sequence number", "%s", message_text(bench.tp, 0).chars);
    INJECT(bench.peer, TO, "\x21ghijklm");
    INJECT(bench.peer, TO, "\x22nopqrst");
    say("the right ones after it", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO,
           "\x10\x14"
           "abcdef");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO,
           "\x03"
           "sgl");
    say("a single frame in between", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO, "\x21ghijklm");
    INJECT(bench.peer, TO, "\x22nopqrst");
    say("and the rest", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO,
           "\x10\x14"
           "abcdef");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO,
           "\x10\x08"
           "ABCDEF");
    say("a first frame in between: answer", "%s", take_text(bench.peer, COMES_MS).chars);
    INJECT(bench.peer, TO, "\x21GH");
    say("a first frame in between", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO,
           "\x10\x14"
           "abcdef");
    take_text(bench.peer, COMES_MS);
    INJECT(bench.peer, TO, "\x21ghijklm");
    INJECT(bench.peer, TO, "\x21ghijklm");
    say("a consecutive frame twice", "%s", message_text(bench.tp, QUIET_MS).chars);
    close_bench(bench);
}

/* One frame each to a fresh socket; what it makes of it, and what it answers. */
static void hear(const struct links *links, const struct isotp_cfg *cfg, const char *kind,
                 const char *bytes, size_t len)
{
    struct bench bench = bench_of(links, cfg);
    inject(bench.peer, TO, bytes, len);
    const struct text name = text("%s: %s", kind, bytes_text(bytes, len).chars);
    const struct text answered = take_text(bench.peer, NEXT_FRAME_MS);
    say(name.chars, "%s, answered %s", message_text(bench.tp, NEXT_FRAME_MS).chars, answered.chars);
    close_bench(bench);
}

#define HEAR(links, cfg, kind, bytes) hear(links, cfg, kind, bytes, sizeof(bytes) - 1)

static void odd_frames(const struct links *links)
{
    HEAR(links, &plain, "plain", "");
    HEAR(links, &plain, "plain", "\x00");
    HEAR(links, &plain, "plain", "\x00\x01\x02\x03\x04\x05\x06\x07");
    HEAR(links, &plain, "plain", "\x01");
    HEAR(links, &plain, "plain", "\x01\xAA");
    HEAR(links, &plain, "plain", "\x03\xAA\xBB");
    HEAR(links, &plain, "plain", "\x07\x01\x02\x03\x04\x05\x06\x07");
    HEAR(links, &plain, "plain", "\x08\x01\x02\x03\x04\x05\x06\x07");
    HEAR(links, &plain, "plain", "\x0F\x01\x02\x03\x04\x05\x06\x07");
    HEAR(links, &plain, "plain", "\x10\x00\x01\x02\x03\x04\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x00\x00\x00\x10\x00\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x00\x00\x00\x00\x14\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x00\x00\x01\x00\x00\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x07\x01\x02\x03\x04\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x08\x01\x02\x03\x04\x05\x06");
    HEAR(links, &plain, "plain", "\x10\x14\x01\x02\x03\x04\x05");
    HEAR(links, &plain, "plain", "\x1F\xFF\x01\x02\x03\x04\x05\x06");
    HEAR(links, &plain, "plain", "\x40\x01\x02\x03\x04\x05\x06\x07");
    HEAR(links, &plain, "plain", "\xF0\x01\x02\x03\x04\x05\x06\x07");
}

static void padding(const struct links *links)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } rows[] = {
        {"padding accepted", CAN_ISOTP_RX_PADDING},
        {"length checked", CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_LEN},
        {"data checked", CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_DATA},
        {"both checked", CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA},
        {"checks without padding", CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct isotp_cfg cfg = {.options = {.flags = rows[i].flags, .rxpad_content = 0xAA},
                                      .socket_flags = SOCK_NONBLOCK};
        const char *name = rows[i].name;
        HEAR(links, &cfg, name, "\x02\x01\x02");
        HEAR(links, &cfg, name, "\x02\x01\x02\xAA");
        HEAR(links, &cfg, name, "\x02\x01\x02\xAA\xAA\xAA\xAA\xAA");
        HEAR(links, &cfg, name, "\x02\x01\x02\xAA\xAA\xAA\xAA\xBB");
        HEAR(links, &cfg, name, "\x02\x01\x02\xAA\xAA\xAA\xAA");
        HEAR(links, &cfg, name, "\x07\x01\x02\x03\x04\x05\x06\x07");
        HEAR(links, &cfg, name, "\x10\x14\x01\x02\x03\x04\x05\x06");
    }
}

/* Padding of a last consecutive frame and of a flow control. */
static void padding_later(const struct links *links)
{
    static const struct isotp_cfg cfg = {
        .options = {.flags = CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA,
                    .rxpad_content = 0xAA},
        .socket_flags = SOCK_NONBLOCK};
    static const char *const lasts[] = {"\x21GH\xAA\xAA\xAA\xAA\xAA", "\x21GH\xAA\xAA\xAA\xAA\xAB",
                                        "\x21GH"};
    static const size_t sizes[] = {8, 8, 3};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench = bench_of(links, &cfg);
        INJECT(bench.peer, TO,
               "\x10\x08"
               "ABCDEF");
        take_text(bench.peer, COMES_MS);
        inject(bench.peer, TO, lasts[i], sizes[i]);
        say(text("padding of the last frame, %zu", i).chars, "%s",
            message_text(bench.tp, QUIET_MS).chars);
        close_bench(bench);
    }
    static const char *const flows[] = {"\x30\x00\x00\xAA\xAA\xAA\xAA\xAA",
                                        "\x30\x00\x00\xAA\xAA\xAA\xAA\xAB", "\x30\x00\x00"};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench = bench_of(links, &cfg);
        must(send(bench.tp, message_bytes(), 10, 0), "send");
        take_text(bench.peer, COMES_MS);
        inject(bench.peer, TO, flows[i], sizes[i]);
        const struct text name = text("padding of flow control, %zu", i);
        const struct text frame = take_text(bench.peer, QUIET_MS);
        say(name.chars, "%s, error %s", frame.chars, error_of(bench.tp).chars);
        close_bench(bench);
    }
}

static void addresses(const struct links *links)
{
    static const struct isotp_cfg one = {
        .options = {.flags = CAN_ISOTP_EXTEND_ADDR, .ext_address = 0xE1},
        .socket_flags = SOCK_NONBLOCK};
    static const struct isotp_cfg two = {
        .options = {.flags = CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR,
                    .ext_address = 0xE1,
                    .rx_ext_address = 0xE2},
        .socket_flags = SOCK_NONBLOCK};
    static const struct isotp_cfg receive_only = {
        .options = {.flags = CAN_ISOTP_RX_EXT_ADDR, .ext_address = 0xE1, .rx_ext_address = 0xE2},
        .socket_flags = SOCK_NONBLOCK};
    const struct isotp_cfg *const cfgs[] = {&one, &two, &receive_only};
    static const char *const names[] = {"one address", "two addresses", "receive address only"};
    for (size_t i = 0; i < 3; i++) {
        HEAR(links, cfgs[i], names[i], "\xE1\x02\x01\x02");
        HEAR(links, cfgs[i], names[i], "\xE2\x02\x01\x02");
        HEAR(links, cfgs[i], names[i], "\x02\x01\x02");
        HEAR(links, cfgs[i], names[i],
             "\xE1\x10\x14"
             "abcde");
        HEAR(links, cfgs[i], names[i],
             "\xE2\x10\x14"
             "abcde");
        HEAR(links, cfgs[i], names[i],
             "\xE1\x06"
             "abcdef");
        HEAR(links, cfgs[i], names[i],
             "\xE1\x07"
             "abcdef");
    }
}

/* Kinds of frames and identifiers that are not its own. */
static void other_frames(const struct links *links)
{
    struct bench bench = bench_of(links, &plain);
    INJECT(bench.peer, TO | CAN_EFF_FLAG, "\x02\x01\x02");
    say("29 bits of the same number", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, TO | CAN_RTR_FLAG, "\x02\x01\x02");
    say("a remote frame", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, FROM, "\x02\x01\x02");
    say("its own identifier from another", "%s", message_text(bench.tp, QUIET_MS).chars);
    INJECT(bench.peer, 0x1000 | TO, "\x02\x01\x02");
    say("high bits in a standard identifier", "%s", message_text(bench.tp, QUIET_MS).chars);
    close_bench(bench);
}

static void set_up(const struct links *links, int up)
{
    struct ifreq request = {0};
    const int fd = must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket");
    strncpy(request.ifr_name, links->name[0], IFNAMSIZ - 1);
    request.ifr_flags = (short)(up ? IFF_UP : 0);
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(fd);
}

static void interface_down(const struct links *links)
{
    struct bench bench = bench_of(links, &plain);
    set_up(links, 0);
    say("down: poll", "%s", poll_text(poll_now(bench.tp, 0)).chars);
    say("down: error", "%s", error_of(bench.tp).chars);
    say("down: send", "%s", send_text(bench.tp, 5).chars);
    say("down: send again", "%s", send_text(bench.tp, LONG).chars);
    set_up(links, 1);
    say("up: send", "%s", send_text(bench.tp, 5).chars);
    take_text(bench.peer, COMES_MS);
    say("up: frame", "%s", take_text(bench.peer, COMES_MS).chars);
    drain(bench.peer);
    must(send(bench.tp, message_bytes(), LONG, 0), "send");
    set_up(links, 0);
    say("down while sending: poll", "%s", poll_text(poll_now(bench.tp, 0)).chars);
    say("down while sending: error", "%s", error_of(bench.tp).chars);
    set_up(links, 1);
    wait_for_error(bench.tp, "down while sending: then", FC_TIME_OUT_MS);
    say("down while sending: error later", "%s", error_of(bench.tp).chars);
    const int late = must(socket(PF_CAN, SOCK_DGRAM, CAN_ISOTP), "socket");
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    address.can_addr.tp.rx_id = 0x6FA;
    address.can_addr.tp.tx_id = 0x6F2;
    set_up(links, 0);
    say("bind while down", "%s",
        rc_text(bind(late, (const struct sockaddr *)&address, sizeof address)).chars);
    say("bind while down: error", "%s", error_of(late).chars);
    set_up(links, 1);
    close(late);
    close_bench(bench);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    no_flow_control(&links);
    flow_controls(&links);
    waits(&links);
    reception(&links);
    odd_frames(&links);
    padding(&links);
    padding_later(&links);
    addresses(&links);
    other_frames(&links);
    interface_down(&links);
    return 0;
}
