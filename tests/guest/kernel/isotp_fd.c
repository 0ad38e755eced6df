/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_fd.c - ISO-TP on CAN FD frames: messages between two sockets, and frames
 * of the other kind. */
#include "tests/guest/kernel/isotp.h"

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

static void flexible_data(const struct links *links)
{
    static const struct can_isotp_ll_options layers[] = {
        {CANFD_MTU, 8, 0}, {CANFD_MTU, 12, CANFD_BRS}, {CANFD_MTU, 64, 0}};
    static const size_t sizes[] = {1, 6, 7, 8, 10, 11, 20, 61, 62, 63, 64, 100, 4095, 4096};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        for (int padded = 0; padded <= 1; padded++) {
            const struct isotp_cfg cfg = {
                .options = {.flags = padded ? CAN_ISOTP_TX_PADDING : 0, .txpad_content = 0xCC},
                .with_ll = true,
                .ll = layers[i],
                .socket_flags = SOCK_NONBLOCK};
            const struct bench bench = bench_of(links, &cfg);
            for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
                transfer(bench, text("FD %u, padded %d", layers[i].tx_dl, padded).chars, sizes[j],
                         FRAMES_SHOWN);
            }
            close_bench(bench);
        }
    }
}

static void other_kind(const struct links *links)
{
    static const struct isotp_cfg classical = {.socket_flags = SOCK_NONBLOCK};
    static const struct isotp_cfg flexible = {
        .with_ll = true, .ll = {CANFD_MTU, 64, 0}, .socket_flags = SOCK_NONBLOCK};
    const struct canfd_frame fd_frame = {.can_id = TO, .len = 3, .data = {2, 1, 2}};
    const int peer = raw_only(links->index[0], FROM);
    must(on(peer, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    int tp = isotp_open(links, &classical);
    must(write_patiently(peer, &fd_frame, sizeof fd_frame), "write");
    say("an FD frame to a classical socket", "%s", message_text(tp, QUIET_MS).chars);
    close(tp);
    tp = isotp_open(links, &flexible);
    INJECT(peer, TO, "\x02\x01\x02");
    say("a classical frame to an FD socket", "%s", message_text(tp, QUIET_MS).chars);
    must(write_patiently(peer, &fd_frame, sizeof fd_frame), "write");
    say("an FD frame to an FD socket", "%s", message_text(tp, QUIET_MS).chars);
    close(tp);
    close(peer);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    flexible_data(&links);
    other_kind(&links);
    return 0;
}
