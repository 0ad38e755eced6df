/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_filter.c - which frames a RAW socket is given: filters, their number,
 * join, and what getsockopt() tells of them. */
#include "tests/guest/kernel/observe.h"

#include <linux/can/error.h>
#include <string.h>
#include <unistd.h>

enum { FILTERS_MAX = 512 };

#define EFF CAN_EFF_FLAG
#define RTR CAN_RTR_FLAG
#define INV CAN_INV_FILTER

struct pair {
    int tx;
    int rx;
};

static struct pair pair_of(const struct links *links)
{
    return (struct pair){raw_socket(links->index[0], SOCK_NONBLOCK),
                         raw_socket(links->index[0], SOCK_NONBLOCK)};
}

static void close_pair(struct pair pair)
{
    close(pair.tx);
    close(pair.rx);
}

static int set_filters(int fd, const struct can_filter *filters, size_t count)
{
    return setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters,
                      (socklen_t)(count * sizeof *filters));
}

/* Sends one of each kind; tells what comes through, in order. */
static void probe(struct pair pair, const char *name)
{
    static const canid_t ids[] = {0x000,
                                  0x123,
                                  0x124,
                                  0x523,
                                  0x7FF,
                                  0x123 | RTR,
                                  0x123 | EFF,
                                  0x7FF | EFF,
                                  0x12345678 | EFF,
                                  0x123 | EFF | RTR};
    struct text heard = {""};
    size_t used = 0;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct can_frame frame = frame_of(ids[i], 0, "");
        const int last = i + 1 == sizeof ids / sizeof ids[0];
        struct can_frame got;
        must(write(pair.tx, &frame, sizeof frame), "write");
        /* The bus may have bit times: let each frame pass. */
        pause_ms(1);
        while (take(pair.rx, &got, sizeof got, last ? QUIET_MS : 0) > 0) {
            const struct text one = frame_text(&got, sizeof got);
            const size_t len = strlen(one.chars);
            memcpy(heard.chars + used, " ", 1);
            memcpy(heard.chars + used + 1, one.chars, len + 1);
            used += len + 1;
        }
    }
    say(name, "%s", used > 0 ? heard.chars + 1 : "nothing");
}

static void one_filter(const struct links *links)
{
    static const struct {
        const char *name;
        struct can_filter filter;
    } rows[] = {
        {"mask 0", {0, 0}},
        {"id 123, mask 7FF", {0x123, CAN_SFF_MASK}},
        {"id 123, mask 7FF|EFF", {0x123, CAN_SFF_MASK | EFF}},
        {"id 123, mask 7FF|RTR", {0x123, CAN_SFF_MASK | RTR}},
        {"id 123, mask 7FF|EFF|RTR", {0x123, CAN_SFF_MASK | EFF | RTR}},
        {"id 123|RTR, mask 7FF|EFF|RTR", {0x123 | RTR, CAN_SFF_MASK | EFF | RTR}},
        {"id 123|EFF, mask 1FFFFFFF|EFF", {0x123 | EFF, CAN_EFF_MASK | EFF}},
        {"id 123|EFF, mask 1FFFFFFF|EFF|RTR", {0x123 | EFF, CAN_EFF_MASK | EFF | RTR}},
        {"id 123, mask 1FFFFFFF", {0x123, CAN_EFF_MASK}},
        {"id 12345678|EFF, mask 1FFFFFFF|EFF", {0x12345678 | EFF, CAN_EFF_MASK | EFF}},
        {"id 12345678, mask 1FFFFFFF|EFF", {0x12345678, CAN_EFF_MASK | EFF}},
        {"id 12345678|EFF, mask 7FF|EFF", {0x12345678 | EFF, CAN_SFF_MASK | EFF}},
        {"id 123, mask 0FF", {0x123, 0x0FF}},
        {"id 123|EFF, mask 7FF", {0x123 | EFF, CAN_SFF_MASK}},
        {"id FFFFFFFF, mask 0", {0xFFFFFFFF & ~INV, 0}},
        {"INV id 123, mask 7FF", {0x123 | INV, CAN_SFF_MASK}},
        {"INV id 123, mask 7FF|EFF|RTR", {0x123 | INV, CAN_SFF_MASK | EFF | RTR}},
        {"INV mask 0", {INV, 0}},
        {"id 123, mask 7FF|ERR", {0x123, CAN_SFF_MASK | CAN_ERR_FLAG}},
        {"mask ERR", {0, CAN_ERR_FLAG}},
        {"id ERR, mask ERR", {CAN_ERR_FLAG, CAN_ERR_FLAG}},
    };
    const struct pair pair = pair_of(links);
    probe(pair, "no filter set");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must(set_filters(pair.rx, &rows[i].filter, 1), "one filter");
        probe(pair, rows[i].name);
    }
    say("zero filters", "%s", rc_text(set_filters(pair.rx, NULL, 0)).chars);
    probe(pair, "zero filters: heard");
    close_pair(pair);
}

static void several_filters(const struct links *links)
{
    static const struct can_filter two[] = {{0x123, CAN_SFF_MASK}, {0x124, CAN_SFF_MASK}};
    static const struct can_filter same[] = {{0x123, CAN_SFF_MASK}, {0x123, CAN_SFF_MASK}};
    static const struct can_filter inverted[] = {{0x123 | INV, CAN_SFF_MASK},
                                                 {0x124 | INV, CAN_SFF_MASK}};
    static const struct can_filter cut[] = {{0x123, 0x0FF}, {0x500 | INV, 0x700}};
    const struct pair pair = pair_of(links);
    must(set_filters(pair.rx, two, 2), "two");
    probe(pair, "123 or 124");
    must(set_filters(pair.rx, same, 2), "same");
    probe(pair, "123 twice");
    must(set_filters(pair.rx, inverted, 2), "inverted");
    probe(pair, "not 123 or not 124");
    must(set_filters(pair.rx, cut, 2), "cut");
    probe(pair, "x23 or not 5xx");
    say("join", "%s", rc_text(on(pair.rx, SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS)).chars);
    probe(pair, "join: x23 and not 5xx");
    must(set_filters(pair.rx, two, 2), "two");
    probe(pair, "join: 123 and 124");
    must(set_filters(pair.rx, same, 2), "same");
    probe(pair, "join: 123 twice");
    must(set_filters(pair.rx, inverted, 2), "inverted");
    probe(pair, "join: not 123 and not 124");
    must(set_filters(pair.rx, inverted, 1), "one");
    probe(pair, "join: one filter");
    must(set_filters(pair.rx, NULL, 0), "zero");
    probe(pair, "join: zero filters");
    close_pair(pair);
}

static void how_many(const struct links *links)
{
    static struct can_filter filters[FILTERS_MAX + 1];
    const struct pair pair = pair_of(links);
    for (unsigned i = 0; i <= FILTERS_MAX; i++) {
        filters[i] = (struct can_filter){0x600 + (i & 0xFF) + (i << 12 | EFF), CAN_EFF_MASK | EFF};
    }
    filters[511] = (struct can_filter){0x123, CAN_SFF_MASK};
    say("512 filters", "%s", rc_text(set_filters(pair.rx, filters, FILTERS_MAX)).chars);
    probe(pair, "512 filters, the last fits");
    say("513 filters", "%s", rc_text(set_filters(pair.rx, filters, FILTERS_MAX + 1)).chars);
    probe(pair, "after the refusal");
    for (socklen_t len = 0; len <= 17; len++) {
        say(text("set %u bytes", len).chars, "%s",
            rc_text(setsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_FILTER, filters, len)).chars);
    }
    say("set from nowhere", "%s",
        rc_text(setsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_FILTER, nowhere(), 16)).chars);
    close_pair(pair);
}

static void get_filters(const struct links *links)
{
    static const struct can_filter three[] = {
        {0x1, 0x2}, {0x12345678 | EFF, 0xFFFFFFFF}, {0x3 | INV | RTR, 0x7FF}};
    static const socklen_t rooms[] = {0, 1, 7, 8, 12, 16, 20, 23, 24, 25, 64};
    const int fd = raw_socket(links->index[0], 0);
    struct can_filter got[8] = {{0, 0}};
    socklen_t len = sizeof got;
    const struct text before = rc_text(getsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, got, &len));
    say("get, none set", "%s, length %u: %s", before.chars, len, bytes_text(got, len).chars);
    must(set_filters(fd, three, 3), "three");
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        memset(got, 0xA5, sizeof got);
        len = rooms[i];
        const struct text result = rc_text(getsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, got, &len));
        say(text("get three, room %u", rooms[i]).chars, "%s, length %u: %s", result.chars, len,
            bytes_text(got, 32).chars);
    }
    must(set_filters(fd, NULL, 0), "zero");
    len = sizeof got;
    const struct text none = rc_text(getsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, got, &len));
    say("get, zero set", "%s, length %u", none.chars, len);
    close(fd);
}

static void before_bind(const struct links *links)
{
    static const struct can_filter filter = {0x123, CAN_SFF_MASK | EFF | RTR};
    const struct sockaddr_can first = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const struct sockaddr_can second = {.can_family = AF_CAN, .can_ifindex = links->index[1]};
    const struct pair pair = {raw_socket(links->index[0], SOCK_NONBLOCK),
                              must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket")};
    must(set_filters(pair.rx, &filter, 1), "filter");
    must(bind(pair.rx, (const struct sockaddr *)&first, sizeof first), "bind");
    probe(pair, "filter set before bind");
    must(bind(pair.rx, (const struct sockaddr *)&second, sizeof second), "bind");
    probe(pair, "bound again to another interface");
    must(bind(pair.rx, (const struct sockaddr *)&first, sizeof first), "bind");
    probe(pair, "and back");
    put(pair.tx, 0x123, "wait");
    pause_ms(QUIET_MS);
    must(set_filters(pair.rx, NULL, 0), "zero");
    say("a filter does not touch what waits", "%s", take_text(pair.rx, 0).chars);
    close_pair(pair);
}

static void error_frames(const struct links *links)
{
    static const can_err_mask_t masks[] = {0, CAN_ERR_MASK, CAN_ERR_BUSOFF, CAN_ERR_ACK,
                                           0xFFFFFFFF};
    const struct pair pair = pair_of(links);
    struct can_frame frame = frame_of(CAN_ERR_FLAG | CAN_ERR_BUSOFF, CAN_ERR_DLC, "12345678");
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        must(setsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &masks[i], sizeof masks[i]),
             "error filter");
        must(write(pair.tx, &frame, sizeof frame), "write");
        say(text("error frame written, filter %X", masks[i]).chars, "%s",
            take_text(pair.rx, QUIET_MS).chars);
        can_err_mask_t got = 0;
        socklen_t len = sizeof got;
        getsockopt(pair.rx, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &got, &len);
        say(text("error filter %X read back", masks[i]).chars, "%X, length %u", got, len);
    }
    must(set_filters(pair.rx, NULL, 0), "zero");
    must(write(pair.tx, &frame, sizeof frame), "write");
    say("error filter without other filters", "%s", take_text(pair.rx, QUIET_MS).chars);
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    one_filter(&links);
    several_filters(&links);
    how_many(&links);
    get_filters(&links);
    before_bind(&links);
    error_frames(&links);
    return 0;
}
