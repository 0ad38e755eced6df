/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_modes.c - ISO-TP sockets that only listen, that broadcast, that share
 * their identifiers, and what other sockets of the host see of them. */
#include "tests/guest/kernel/isotp.h"

#include <string.h>
#include <unistd.h>

enum { CF_BROADCAST = 0x1000 };

static const struct isotp_cfg plain = {.socket_flags = SOCK_NONBLOCK};

static void listen_mode(const struct links *links)
{
    static const struct isotp_cfg cfg = {.options = {.flags = CAN_ISOTP_LISTEN_MODE},
                                         .socket_flags = SOCK_NONBLOCK};
    const int tx = isotp_open(links, &plain);
    const int rx = isotp_open_peer(links, &plain);
    const int listener = isotp_open_peer(links, &cfg);
    const int monitor = raw_only(links->index[0], TO);
    must(send(tx, message_bytes(), 100, 0), "send");
    say("listen mode: the receiver", "%s", message_text(rx, COMES_MS).chars);
    say("listen mode: the listener", "%s", message_text(listener, COMES_MS).chars);
    say_frames(monitor, "listen mode: flow control", 3);
    say("listen mode: the listener sends one frame", "%s", send_text(listener, 5).chars);
    say("listen mode: heard", "%s", message_text(tx, QUIET_MS).chars);
    say("listen mode: the listener sends more", "%s", send_text(listener, 20).chars);
    say("listen mode: more heard", "%s", message_text(tx, QUIET_MS).chars);
    close(rx);
    must(send(tx, message_bytes(), 100, 0), "send");
    drain(monitor);
    say("listen mode: nobody answers", "%s", message_text(listener, QUIET_MS).chars);
    close(listener);
    close(tx);
    close(monitor);
}

static void broadcast_frame(const struct links *links)
{
    static const size_t sizes[] = {0, 1, 7, 8, 100};
    static const struct isotp_cfg cfg = {.options = {.flags = CAN_ISOTP_SF_BROADCAST},
                                         .socket_flags = SOCK_NONBLOCK};
    static const struct isotp_cfg extended = {
        .options = {.flags = CAN_ISOTP_SF_BROADCAST | CAN_ISOTP_EXTEND_ADDR, .ext_address = 0xE1},
        .socket_flags = SOCK_NONBLOCK};
    const struct isotp_cfg *const cfgs[] = {&cfg, &extended};
    for (size_t i = 0; i < 2; i++) {
        const int tx = isotp_open(links, cfgs[i]);
        const int peer = raw_only(links->index[0], FROM);
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            const struct text sent = send_text(tx, sizes[j]);
            say(text("broadcast, cfg %zu, %zu bytes", i, sizes[j]).chars, "%s, heard %s",
                sent.chars, take_text(peer, QUIET_MS).chars);
        }
        INJECT(peer, TO, "\x02\x01\x02");
        say(text("broadcast, cfg %zu: hears", i).chars, "%s", message_text(tx, QUIET_MS).chars);
        close(tx);
        close(peer);
    }
}

static void broadcast_frames(const struct links *links)
{
    static const struct isotp_cfg cfg = {.options = {.flags = CF_BROADCAST},
                                         .socket_flags = SOCK_NONBLOCK};
    const int tx = isotp_open(links, &cfg);
    const int peer = raw_only(links->index[0], FROM);
    const struct text sent = send_text(tx, 30);
    say("broadcast of several frames", "%s", sent.chars);
    say_frames(peer, "broadcast of several frames", 6);
    say("broadcast of several frames: error", "%s", error_of(tx).chars);
    const struct text one = send_text(tx, 5);
    say("broadcast of several frames, one frame", "%s, heard %s", one.chars,
        take_text(peer, QUIET_MS).chars);
    INJECT(peer, TO, "\x02\x01\x02");
    say("broadcast of several frames: hears", "%s", message_text(tx, QUIET_MS).chars);
    close(tx);
    close(peer);
}

static void shared_identifiers(const struct links *links)
{
    const int tx = isotp_open(links, &plain);
    const int first = isotp_open_peer(links, &plain);
    const int second = isotp_open_peer(links, &plain);
    const int monitor = raw_only(links->index[0], TO);
    must(send(tx, message_bytes(), 7, 0), "send");
    say("shared, one frame: first", "%s", message_text(first, COMES_MS).chars);
    say("shared, one frame: second", "%s", message_text(second, COMES_MS).chars);
    must(send(tx, message_bytes(), 20, 0), "send");
    say("shared, three frames: first", "%s", message_text(first, COMES_MS).chars);
    say("shared, three frames: second", "%s", message_text(second, COMES_MS).chars);
    say_frames(monitor, "shared, three frames: flow control", 4);
    const struct text one = send_text(first, 5);
    say("shared: first sends", "%s, heard %s", one.chars, message_text(tx, COMES_MS).chars);
    say("shared: second hears", "%s", message_text(second, QUIET_MS).chars);
    close(first);
    close(second);
    close(tx);
    close(monitor);
}

/* A socket that keeps little. */
static void receive_options(const struct links *links)
{
    const int tx = isotp_open(links, &plain);
    const int rx = isotp_open_peer(links, &plain);
    const int small = 1;
    int kept = 0;
    must(setsockopt(rx, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), "buffer");
    for (int i = 0; i < 20; i++) {
        must(send(tx, message_bytes(), 7, 0), "send");
        pause_ms(3);
    }
    uint8_t bytes[64];
    while (recv(rx, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
        kept++;
    }
    say("small buffer: kept of 20", "%d", kept);
    must(send(tx, message_bytes(), 4095, 0), "send");
    say("small buffer: a long message", "%s", message_text(rx, COMES_MS).chars);
    say("small buffer: and then one frame", "%s", send_text(tx, 3).chars);
    say("small buffer: received", "%s", message_text(rx, COMES_MS).chars);
    close(tx);
    close(rx);
}

static void options_of_sockets(const struct links *links)
{
    static const int options[] = {SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR, SO_RCVBUF, SO_SNDBUF};
    const int fd = isotp_open(links, &plain);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int value = -1;
        socklen_t len = sizeof value;
        must(getsockopt(fd, SOL_SOCKET, options[i], &value, &len), "getsockopt");
        say(text("SOL_SOCKET %d", options[i]).chars, "%d", value);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    listen_mode(&links);
    broadcast_frame(&links);
    broadcast_frames(&links);
    shared_identifiers(&links);
    receive_options(&links);
    options_of_sockets(&links);
    return 0;
}
