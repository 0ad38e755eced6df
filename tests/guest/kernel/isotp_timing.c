/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_timing.c - when ISO-TP sends and when its calls return: gaps between
 * consecutive frames, blocks, waiting for the end of a transmission, close and exit. */
#include "tests/guest/kernel/isotp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A message of 20 consecutive frames: at a gap of 20 ms it takes about 400 ms. */
enum { FRAMES = 20, LONG = 6 + 7 * FRAMES, GAP_MS = 20, LONG_MS = FRAMES * GAP_MS };

struct gap_row {
    const char *name;
    uint8_t stmin;
    uint32_t flags;
    uint32_t frame_txtime_ns;
    uint32_t forced_tx_ns; /* CAN_ISOTP_TX_STMIN. */
    int about_ms;          /* The whole transmission. */
};

static const struct gap_row gap_rows[] = {
    {"no gap", 0, 0, 0, 0, 0},
    {"gap 20 ms", 20, 0, 0, 0, LONG_MS},
    {"gap F1, 100 us", 0xF1, 0, 0, 0, 2},
    {"gap F9, 900 us", 0xF9, 0, 0, 0, 18},
    {"gap 7F, reserved 80", 0x80, 0, 0, 0, 2540},
    {"gap reserved FA", 0xFA, 0, 0, 0, 2540},
    {"frame time 20 ms", 0, 0, 20000000, 0, LONG_MS},
    {"frame time 20 ms and gap 20 ms", 20, 0, 20000000, 0, 2 * LONG_MS},
    {"gap forced to 20 ms", 0, CAN_ISOTP_FORCE_TXSTMIN, 0, 20000000, LONG_MS},
    {"gap 20 ms forced to 0", 20, CAN_ISOTP_FORCE_TXSTMIN, 0, 0, 0},
    {"gap given, not forced", 0, 0, 0, 20000000, 0},
};

static int sender(const struct links *links, uint32_t flags, uint32_t frame_txtime_ns,
                  uint32_t forced_tx_ns, int socket_flags)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const struct can_isotp_options options = {.flags = flags, .frame_txtime = frame_txtime_ns};
    const int fd = must(socket(PF_CAN, SOCK_DGRAM | socket_flags, CAN_ISOTP), "socket");
    address.can_addr.tp.tx_id = FROM;
    address.can_addr.tp.rx_id = TO;
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &options, sizeof options), "options");
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_TX_STMIN, &forced_tx_ns, sizeof forced_tx_ns),
         "gap");
    must(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
    return fd;
}

static int receiver(const struct links *links, uint8_t stmin, uint8_t block)
{
    const struct isotp_cfg cfg = {.with_fc = true,
                                  .fc = {.bs = block, .stmin = stmin, .wftmax = 0},
                                  .socket_flags = SOCK_NONBLOCK};
    return isotp_open_peer(links, &cfg);
}

static void gaps(const struct links *links)
{
    for (size_t i = 0; i < sizeof gap_rows / sizeof gap_rows[0]; i++) {
        const struct gap_row *row = &gap_rows[i];
        const int tx =
            sender(links, row->flags, row->frame_txtime_ns, row->forced_tx_ns, SOCK_NONBLOCK);
        const int rx = receiver(links, row->stmin, 0);
        const long begin = now_ms();
        must(send(tx, message_bytes(), LONG, 0), "send");
        const struct text received = message_text(rx, 4 * COMES_MS);
        say(row->name, "%s after %s", received.chars, since_text(begin, row->about_ms).chars);
        close(tx);
        close(rx);
    }
}

/* CAN_ISOTP_RX_STMIN with FORCE_RXSTMIN: frames that come too early are ignored. Another socket
 * asks for time stamps, because a kernel in which nobody does stamps no frame of vcan, and then
 * takes every frame for too early (net/can/isotp.c, isotp_rcv_cf()). */
static void receive_gap(const struct links *links)
{
    const struct isotp_cfg cfg = {.options = {.flags = CAN_ISOTP_FORCE_RXSTMIN},
                                  .socket_flags = SOCK_NONBLOCK};
    const uint32_t gap_ns = 100000000;
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const int fd = must(socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_ISOTP), "socket");
    const int peer = raw_only(links->index[0], FROM);
    must(on(peer, SOL_SOCKET, SO_TIMESTAMP), "stamp");
    pause_ms(QUIET_MS);
    address.can_addr.tp.tx_id = FROM;
    address.can_addr.tp.rx_id = TO;
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &cfg.options, sizeof cfg.options),
         "options");
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_RX_STMIN, &gap_ns, sizeof gap_ns), "gap");
    must(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
    INJECT(peer, TO,
           "\x10\x14"
           "abcdef");
    say("receive gap: flow control", "%s", take_text(peer, COMES_MS).chars);
    INJECT(peer, TO, "\x21ghijklm");
    INJECT(peer, TO, "\x22nopqrst");
    say("receive gap: second frame too early", "%s", message_text(fd, QUIET_MS).chars);
    pause_ms(2 * 100);
    INJECT(peer, TO, "\x22nopqrst");
    say("receive gap: second frame again", "%s", message_text(fd, QUIET_MS).chars);
    close(fd);
    close(peer);
}

static void blocks(const struct links *links)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 19, 20, 21, 255};
    for (size_t i = 0; i < sizeof sizes; i++) {
        const int tx = sender(links, 0, 0, 0, SOCK_NONBLOCK);
        const int rx = receiver(links, 0, sizes[i]);
        const int monitor = raw_only(links->index[0], TO);
        int flow_controls = 0;
        struct can_frame frame, last = {0};
        must(send(tx, message_bytes(), LONG, 0), "send");
        const struct text received = message_text(rx, COMES_MS);
        while (take(monitor, &frame, sizeof frame, NEXT_FRAME_MS) > 0) {
            last = frame;
            flow_controls++;
        }
        say(text("blocks of %u", sizes[i]).chars, "%s, %d flow controls, last %s", received.chars,
            flow_controls, frame_text(&last, CAN_MTU).chars);
        close(tx);
        close(rx);
        close(monitor);
    }
}

static void while_sending(const struct links *links)
{
    const int tx = sender(links, 0, 0, 0, SOCK_NONBLOCK);
    const int rx = receiver(links, GAP_MS, 0);
    long begin = now_ms();
    const struct text sent = send_text(tx, LONG);
    say("send", "%s after %s", sent.chars, since_text(begin, 0).chars);
    say("while sending: poll", "%s", poll_text(poll_now(tx, 0)).chars);
    say("while sending: send", "%s", send_text(tx, 5).chars);
    struct pollfd ready = {.fd = tx, .events = POLLOUT};
    const struct text count = rc_text(poll(&ready, 1, 4 * COMES_MS));
    say("poll until it can be sent again", "%s after %s", count.chars,
        since_text(begin, LONG_MS).chars);
    say("then", "%s", poll_text(poll_now(tx, 0)).chars);
    say("received", "%s", message_text(rx, COMES_MS).chars);
    close(tx);
    close(rx);
}

static void limit_sends(int fd, int ms)
{
    const struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), "time-out");
}

static void second_send(const struct links *links)
{
    const int tx = sender(links, 0, 0, 0, 0);
    const int rx = receiver(links, GAP_MS, 0);
    long begin = now_ms();
    must(send(tx, message_bytes(), LONG, 0), "send");
    struct text sent = rc_text(send(tx, message_bytes(), 5, MSG_DONTWAIT));
    say("second send, dontwait", "%s", sent.chars);
    sent = send_text(tx, 5);
    say("second send waits", "%s after %s", sent.chars, since_text(begin, LONG_MS).chars);
    say("received first", "%s", message_text(rx, COMES_MS).chars);
    say("received second", "%s", message_text(rx, COMES_MS).chars);
    limit_sends(tx, LONG_MS / 4);
    must(send(tx, message_bytes(), LONG, 0), "send");
    begin = now_ms();
    sent = send_text(tx, 5);
    say("second send with SO_SNDTIMEO", "%s after %s", sent.chars,
        since_text(begin, LONG_MS).chars);
    close(tx);
    close(rx);
}

static void wait_for_the_end(const struct links *links)
{
    int tx = sender(links, CAN_ISOTP_WAIT_TX_DONE, 0, 0, 0);
    int rx = receiver(links, GAP_MS, 0);
    long begin = now_ms();
    struct text sent = send_text(tx, LONG);
    say("WAIT_TX_DONE", "%s after %s", sent.chars, since_text(begin, LONG_MS).chars);
    begin = now_ms();
    sent = send_text(tx, 5);
    say("WAIT_TX_DONE, one frame", "%s after %s", sent.chars, since_text(begin, 0).chars);
    begin = now_ms();
    sent = rc_text(send(tx, message_bytes(), LONG, MSG_DONTWAIT));
    say("WAIT_TX_DONE, dontwait", "%s after %s", sent.chars, since_text(begin, LONG_MS).chars);
    close(rx);
    begin = now_ms();
    sent = send_text(tx, LONG);
    say("WAIT_TX_DONE, nobody answers", "%s after %s", sent.chars, since_text(begin, 1000).chars);
    say("WAIT_TX_DONE, nobody answers: error", "%s", error_of(tx).chars);
    close(tx);
    tx = sender(links, CAN_ISOTP_WAIT_TX_DONE, 0, 0, SOCK_NONBLOCK);
    rx = receiver(links, GAP_MS, 0);
    begin = now_ms();
    sent = send_text(tx, LONG);
    say("WAIT_TX_DONE, non-blocking", "%s after %s", sent.chars, since_text(begin, LONG_MS).chars);
    close(tx);
    close(rx);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
}

static void signals(const struct links *links)
{
    const int tx = sender(links, CAN_ISOTP_WAIT_TX_DONE, 0, 0, 0);
    const int rx = receiver(links, GAP_MS, 0);
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval timer = {.it_value.tv_usec = 100000};
    sigaction(SIGALRM, &action, NULL);
    long begin = now_ms();
    setitimer(ITIMER_REAL, &timer, NULL);
    const struct text sent = send_text(tx, LONG);
    say("a signal while waiting for the end", "%s after %s", sent.chars,
        since_text(begin, 100).chars);
    say("and then: poll", "%s", poll_text(poll_now(tx, 0)).chars);
    say("and then: received", "%s", message_text(rx, 2 * COMES_MS).chars);
    close(tx);
    close(rx);
}

static void close_waits(const struct links *links)
{
    int tx = sender(links, 0, 0, 0, SOCK_NONBLOCK);
    int rx = receiver(links, GAP_MS, 0);
    long begin = now_ms();
    must(send(tx, message_bytes(), LONG, 0), "send");
    close(tx);
    say("close while sending", "after %s", since_text(begin, LONG_MS).chars);
    say("close while sending: received", "%s", message_text(rx, COMES_MS).chars);
    begin = now_ms();
    if (must(fork(), "fork") == 0) {
        const int child_tx = sender(links, 0, 0, 0, 0);
        must(send(child_tx, message_bytes(), LONG, 0), "send");
        _exit(0);
    }
    wait(NULL);
    say("exit while sending", "after %s", since_text(begin, LONG_MS).chars);
    say("exit while sending: received", "%s", message_text(rx, COMES_MS).chars);
    begin = now_ms();
    const pid_t child = must(fork(), "fork");
    if (child == 0) {
        const int child_tx = sender(links, 0, 0, 0, 0);
        must(send(child_tx, message_bytes(), LONG, 0), "send");
        pause_ms(60000);
    }
    pause_ms(LONG_MS / 4);
    kill(child, SIGKILL);
    wait(NULL);
    say("killed while sending", "%s",
        now_ms() - begin < LONG_MS * 3 / 4 ? "at once" : "it waits for the end");
    const struct text received = message_text(rx, 2 * COMES_MS);
    say("killed while sending: received", "%s", received.chars);
    close(rx);
    tx = sender(links, 0, 0, 0, SOCK_NONBLOCK);
    must(send(tx, message_bytes(), LONG, 0), "send");
    begin = now_ms();
    close(tx);
    say("close, nobody answers", "after %s", since_text(begin, 1000).chars);
    rx = receiver(links, 0, 0);
    const int peer = raw_only(links->index[0], TO);
    INJECT(peer, FROM,
           "\x10\x14"
           "abcdef");
    take_text(peer, COMES_MS);
    begin = now_ms();
    close(rx);
    say("close while receiving", "after %s", since_text(begin, 0).chars);
    close(peer);
}

/* A reader that blocks: woken by a message, by an error, by its time-out. */
static void readers(const struct links *links)
{
    const struct timeval limit = {.tv_usec = 200000};
    char bytes[64];
    int rx = receiver(links, 0, 0);
    close(rx);
    const struct isotp_cfg blocking = {.socket_flags = 0};
    rx = isotp_open_peer(links, &blocking);
    must(setsockopt(rx, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "time-out");
    long begin = now_ms();
    struct text result = rc_text(read(rx, bytes, sizeof bytes));
    say("read with a time-out", "%s after %s", result.chars, since_text(begin, 200).chars);
    const struct timeval none = {.tv_sec = 0};
    must(setsockopt(rx, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none), "time-out");
    const int peer = raw_only(links->index[0], TO);
    INJECT(peer, FROM,
           "\x10\x14"
           "abcdef");
    take_text(peer, COMES_MS);
    begin = now_ms();
    result = rc_text(read(rx, bytes, sizeof bytes));
    say("read, the peer stops", "%s after %s", result.chars, since_text(begin, 1000).chars);
    close(rx);
    close(peer);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    gaps(&links);
    receive_gap(&links);
    blocks(&links);
    while_sending(&links);
    second_send(&links);
    wait_for_the_end(&links);
    signals(&links);
    close_waits(&links);
    readers(&links);
    return 0;
}
