/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_transfer.c - messages between two ISO-TP sockets: lengths, addressing,
 * padding, and the frames that carry them, as a RAW socket sees them. */
#include "tests/guest/kernel/isotp.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { LONG_MS = 8000, FRAMES_SHOWN = 4 };

struct bench {
    int tx;
    int rx;
    int monitor;
};

static struct bench bench_of(const struct links *links, const struct isotp_cfg *cfg)
{
    return (struct bench){isotp_open(links, cfg), isotp_open_peer(links, cfg), monitor_open(links)};
}

static void close_bench(struct bench bench)
{
    close(bench.tx);
    close(bench.rx);
    close(bench.monitor);
}

static void transfer(struct bench bench, const char *kind, size_t len, int frames_shown)
{
    const struct text name = text("%s, %zu bytes", kind, len);
    const struct text sent = send_text(bench.tx, len);
    const int went = sent.chars[0] != 'E';
    say(name.chars, "%s, received %s", sent.chars,
        message_text(bench.rx, went ? LONG_MS : 0).chars);
    say_frames(bench.monitor, name.chars, frames_shown);
}

static void lengths(const struct links *links)
{
    static const size_t sizes[] = {0,  1,   6,   7,    8,    9,    13,   14,   20,   21,
                                   62, 111, 112, 4094, 4095, 4096, 4097, 8200, 8201, 8300};
    static const struct isotp_cfg cfg = {.socket_flags = SOCK_NONBLOCK};
    const struct bench bench = bench_of(links, &cfg);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        transfer(bench, "plain", sizes[i], sizes[i] < 112 ? 20 : FRAMES_SHOWN);
    }
    close_bench(bench);
}

static void kinds(const struct links *links)
{
    static const struct {
        const char *name;
        struct isotp_cfg cfg;
    } rows[] = {
        {"padding", {.options = {.flags = CAN_ISOTP_TX_PADDING, .txpad_content = 0xCC}}},
        {"extended address", {.options = {.flags = CAN_ISOTP_EXTEND_ADDR, .ext_address = 0xE1}}},
        {"two extended addresses",
         {.options = {.flags = CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR,
                      .ext_address = 0xE1,
                      .rx_ext_address = 0xE1}}},
        {"extended address, padding",
         {.options = {.flags = CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_TX_PADDING,
                      .ext_address = 0xE1,
                      .txpad_content = 0x55}}},
        {"blocks of 3", {.with_fc = true, .fc = {.bs = 3, .stmin = 0, .wftmax = 0}}},
        {"own padding expected",
         {.options = {.flags = CAN_ISOTP_TX_PADDING | CAN_ISOTP_RX_PADDING | CAN_ISOTP_CHK_PAD_LEN |
                               CAN_ISOTP_CHK_PAD_DATA,
                      .txpad_content = 0xAA,
                      .rxpad_content = 0xAA}}},
        {"receive padding", {.options = {.flags = CAN_ISOTP_RX_PADDING, .rxpad_content = 0xAA}}},
        {"half duplex", {.options = {.flags = CAN_ISOTP_HALF_DUPLEX}}},
        {"29 bits", {.tx_id = 0x18DA10F1 | CAN_EFF_FLAG, .rx_id = 0x18DAF110 | CAN_EFF_FLAG}},
    };
    static const size_t sizes[] = {1, 5, 6, 7, 8, 12, 13, 30, 4095};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct isotp_cfg cfg = rows[i].cfg;
        cfg.socket_flags = SOCK_NONBLOCK;
        const struct bench bench = bench_of(links, &cfg);
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            transfer(bench, rows[i].name, sizes[j], sizes[j] < 100 ? 12 : FRAMES_SHOWN);
        }
        close_bench(bench);
    }
}

static void both_ways(const struct links *links)
{
    static const struct isotp_cfg cfg = {.socket_flags = SOCK_NONBLOCK};
    const struct bench bench = bench_of(links, &cfg);
    const struct text one = send_text(bench.tx, 500);
    const struct text other = send_text(bench.rx, 600);
    say("both ways at once", "%s and %s", one.chars, other.chars);
    say("both ways at once: one", "%s", message_text(bench.rx, LONG_MS).chars);
    say("both ways at once: other", "%s", message_text(bench.tx, LONG_MS).chars);
    close_bench(bench);
}

static void several_wait(const struct links *links)
{
    static const struct isotp_cfg cfg = {.socket_flags = SOCK_NONBLOCK};
    const struct bench bench = bench_of(links, &cfg);
    for (size_t len = 1; len <= 7; len++) {
        must(send(bench.tx, message_bytes(), len, 0), "send");
        pause_ms(5);
    }
    for (int i = 0; i < 3; i++) {
        say("several wait", "%s", message_text(bench.rx, COMES_MS).chars);
    }
    say("several wait: poll", "%s", poll_text(poll_now(bench.rx, 0)).chars);
    close_bench(bench);
}

static void receive(const struct links *links, struct bench bench, const char *name, int flags,
                    size_t room)
{
    uint8_t bytes[32] = {0}, control[128];
    struct sockaddr_can from = {0};
    struct iovec pieces[2] = {{bytes, room / 2}, {bytes + room / 2, room - room / 2}};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = pieces,
                             .msg_iovlen = 2,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    must(send(bench.tx, message_bytes(), 10, 0), "send");
    poll_now(bench.rx, COMES_MS);
    const ssize_t len = recvmsg(bench.rx, &message, flags);
    if (len < 0) {
        say(name, "%s", rc_text(len).chars);
    } else {
        say(name, "%zd: %s, %s, %s, control %zu bytes", len, bytes_text(bytes, 12).chars,
            msg_text(message.msg_flags).chars,
            address_text(links, &from, message.msg_namelen).chars, (size_t)message.msg_controllen);
    }
    say(text("%s: left", name).chars, "%s", message_text(bench.rx, QUIET_MS).chars);
}

static void receive_flags(const struct links *links)
{
    static const struct {
        const char *name;
        int flags;
        size_t room;
    } rows[] = {{"recvmsg", 0, 20},
                {"recvmsg, room 4", 0, 4},
                {"recvmsg, room 0", 0, 0},
                {"recvmsg, room 4, trunc", MSG_TRUNC, 4},
                {"recvmsg, peek", MSG_PEEK, 20},
                {"recvmsg, room 4, peek and trunc", MSG_PEEK | MSG_TRUNC, 4},
                {"recvmsg, dontwait", MSG_DONTWAIT, 20},
                {"recvmsg, wait for all", MSG_WAITALL, 20},
                {"recvmsg, out of band", MSG_OOB, 20},
                {"recvmsg, error queue", MSG_ERRQUEUE, 20},
                {"recvmsg, nosignal", MSG_NOSIGNAL, 20}};
    static const struct isotp_cfg cfg = {.socket_flags = SOCK_NONBLOCK};
    const struct bench bench = bench_of(links, &cfg);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        receive(links, bench, rows[i].name, rows[i].flags, rows[i].room);
    }
    must(on(bench.rx, SOL_SOCKET, SO_TIMESTAMP), "stamp");
    receive(links, bench, "recvmsg, with a time stamp", 0, 20);
    close_bench(bench);
}

static void send_pieces(const struct links *links)
{
    static const struct isotp_cfg cfg = {.socket_flags = SOCK_NONBLOCK};
    const struct bench bench = bench_of(links, &cfg);
    char first[] = {1, 7 + 1, 15}, second[] = {22, 29, 36, 43, 50, 57, 64};
    struct iovec pieces[2] = {{first, sizeof first}, {second, sizeof second}};
    say("writev", "%s", rc_text(writev(bench.tx, pieces, 2)).chars);
    say("writev: received", "%s", message_text(bench.rx, COMES_MS).chars);
    const struct sockaddr_can other = {.can_family = AF_CAN, .can_ifindex = links->index[1]};
    say("sendto with an address", "%s",
        rc_text(
            sendto(bench.tx, message_bytes(), 5, 0, (const struct sockaddr *)&other, sizeof other))
            .chars);
    say("sendto: received", "%s", message_text(bench.rx, COMES_MS).chars);
    say("send from nowhere", "%s", rc_text(send(bench.tx, nowhere(), 5, 0)).chars);
    say("send from nowhere, long", "%s", rc_text(send(bench.tx, nowhere(), 50, 0)).chars);
    say("and then", "%s", send_text(bench.tx, 6).chars);
    say("and then: received", "%s", message_text(bench.rx, COMES_MS).chars);
    close_bench(bench);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    lengths(&links);
    kinds(&links);
    both_ways(&links);
    several_wait(&links);
    receive_flags(&links);
    send_pieces(&links);
    return 0;
}
