/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp_options.c - options of CAN_ISOTP before and after bind, what bind
 * accepts, and calls on a socket that is not bound. */
#include "tests/guest/kernel/isotp.h"

#include <string.h>
#include <unistd.h>

enum { UNKNOWN_INDEX = 4711, VALUE_MAX = 32 };

static int isotp_socket(void)
{
    return must(socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_ISOTP), "socket");
}

static struct text get_text(int fd, int option, socklen_t room)
{
    uint8_t value[VALUE_MAX];
    socklen_t len = room;
    memset(value, 0xA5, sizeof value);
    const int rc = getsockopt(fd, SOL_CAN_ISOTP, option, value, &len);
    return rc < 0 ? text("%s, length %u", rc_text(rc).chars, len)
                  : text("%u: %s", len, bytes_text(value, len < 16 ? len : 16).chars);
}

static void at_first(void)
{
    const int fd = isotp_socket();
    for (int option = 0; option <= 8; option++) {
        for (socklen_t room = 0; room <= 14; room += room < 4 ? 1 : 5) {
            say(text("option %d, room %u", option, room).chars, "%s",
                get_text(fd, option, room).chars);
        }
        say(text("option %d, room -1", option).chars, "%s",
            get_text(fd, option, (socklen_t)-1).chars);
    }
    close(fd);
}

static void lengths(void)
{
    static const uint8_t value[16] = {0};
    static const uint8_t link_layer[4] = {16, 8, 0, 0};
    for (int option = 0; option <= 8; option++) {
        for (socklen_t len = 0; len <= 14; len++) {
            const int fd = isotp_socket();
            const void *bytes = option == CAN_ISOTP_LL_OPTS ? link_layer : value;
            say(text("option %d, %u bytes", option, len).chars, "%s",
                rc_text(setsockopt(fd, SOL_CAN_ISOTP, option, bytes, len)).chars);
            close(fd);
        }
    }
    const int fd = isotp_socket();
    say("from nowhere", "%s",
        rc_text(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, nowhere(), 12)).chars);
    const int one = 1;
    say("level RAW", "%s",
        rc_text(setsockopt(fd, SOL_CAN_RAW, CAN_RAW_LOOPBACK, &one, sizeof one)).chars);
    close(fd);
}

static void set_options(uint32_t flags, uint32_t frame_txtime)
{
    const struct can_isotp_options options = {.flags = flags,
                                              .frame_txtime = frame_txtime,
                                              .ext_address = 0x11,
                                              .txpad_content = 0x22,
                                              .rxpad_content = 0x33,
                                              .rx_ext_address = 0x44};
    const int fd = isotp_socket();
    const struct text set =
        rc_text(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &options, sizeof options));
    say(text("flags %X, frame time %X", flags, frame_txtime).chars, "%s, then %s", set.chars,
        get_text(fd, CAN_ISOTP_OPTS, 12).chars);
    close(fd);
}

static void flags(void)
{
    for (uint32_t flag = 1; flag != 0; flag <<= 1) {
        set_options(flag, 0);
    }
    set_options(0, 1000);
    set_options(0, CAN_ISOTP_FRAME_TXTIME_ZERO);
    set_options(CAN_ISOTP_SF_BROADCAST | 0x1000, 0); /* CAN_ISOTP_CF_BROADCAST. */
    set_options(CAN_ISOTP_EXTEND_ADDR, 0);
    set_options(0xFFFFFFFF, 0);
}

static void values(int option, const void *value, socklen_t len)
{
    const int fd = isotp_socket();
    const struct text set = rc_text(setsockopt(fd, SOL_CAN_ISOTP, option, value, len));
    say(text("option %d to %s", option, bytes_text(value, len).chars).chars, "%s, then %s",
        set.chars, get_text(fd, option, VALUE_MAX).chars);
    close(fd);
}

static void link_layer(void)
{
    static const uint8_t lengths_tried[] = {0,  1,  7,  8,  9,  10, 12, 13, 16,
                                            20, 24, 32, 33, 48, 63, 64, 65, 255};
    static const uint8_t mtus[] = {16, 72, 0, 17, 255};
    for (size_t i = 0; i < sizeof mtus; i++) {
        for (size_t j = 0; j < sizeof lengths_tried; j++) {
            const struct can_isotp_ll_options options = {mtus[i], lengths_tried[j], 0};
            values(CAN_ISOTP_LL_OPTS, &options, sizeof options);
        }
    }
    static const struct can_isotp_ll_options with_flags[] = {
        {16, 8, CANFD_BRS}, {72, 8, CANFD_BRS}, {72, 64, 0xFF}};
    for (size_t i = 0; i < 3; i++) {
        values(CAN_ISOTP_LL_OPTS, &with_flags[i], sizeof with_flags[i]);
    }
    static const struct can_isotp_fc_options flow[] = {
        {0, 0, 0}, {8, 20, 0}, {255, 0x80, 0xFF}, {1, 0xF5, 3}};
    for (size_t i = 0; i < 4; i++) {
        values(CAN_ISOTP_RECV_FC, &flow[i], sizeof flow[i]);
    }
    static const uint32_t gaps[] = {0, 1, 1000000, 0xFFFFFFFF};
    for (size_t i = 0; i < 4; i++) {
        values(CAN_ISOTP_TX_STMIN, &gaps[i], sizeof gaps[i]);
        values(CAN_ISOTP_RX_STMIN, &gaps[i], sizeof gaps[i]);
    }
}

static struct text name_of(const struct links *links, int fd)
{
    struct sockaddr_can address = {0};
    socklen_t len = sizeof address;
    const int rc = getsockname(fd, (struct sockaddr *)&address, &len);
    return rc < 0 ? rc_text(rc) : address_text(links, &address, len);
}

static void bind_ids(const struct links *links, int index, canid_t rx_id, canid_t tx_id,
                     uint32_t option_flags)
{
    const struct can_isotp_options options = {.flags = option_flags};
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = index};
    address.can_addr.tp.rx_id = rx_id;
    address.can_addr.tp.tx_id = tx_id;
    const int fd = isotp_socket();
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &options, sizeof options), "options");
    const struct text bound = rc_text(bind(fd, (const struct sockaddr *)&address, sizeof address));
    say(text("bind, rx %X, tx %X, flags %X", rx_id, tx_id, option_flags).chars, "%s, then %s",
        bound.chars, name_of(links, fd).chars);
    close(fd);
}

static void bind_places(const struct links *links)
{
    const int first = links->index[0];
    bind_ids(links, first, TO, FROM, 0);
    bind_ids(links, first, FROM, FROM, 0);
    bind_ids(links, first, 0, 0, 0);
    bind_ids(links, first, 0x12345678, FROM, 0);
    bind_ids(links, first, TO, 0x12345678 | CAN_EFF_FLAG, 0);
    bind_ids(links, first, FROM | CAN_EFF_FLAG, FROM, 0);
    bind_ids(links, first, 0x16F1, FROM, 0);
    bind_ids(links, first, TO | CAN_RTR_FLAG, FROM, 0);
    bind_ids(links, first, TO, FROM | CAN_ERR_FLAG, 0);
    bind_ids(links, first, TO | CAN_RTR_FLAG | CAN_EFF_FLAG, FROM, 0);
    bind_ids(links, first, FROM, FROM, CAN_ISOTP_SF_BROADCAST);
    bind_ids(links, first, 0x12345678, FROM, CAN_ISOTP_SF_BROADCAST);
    bind_ids(links, first, FROM, FROM, 0x1000);
    bind_ids(links, first, FROM, FROM, CAN_ISOTP_LISTEN_MODE);
    say("now", "interface any");
    bind_ids(links, 0, TO, FROM, 0);
    say("now", "interface unknown");
    bind_ids(links, UNKNOWN_INDEX, TO, FROM, 0);
    say("now", "interface loopback");
    bind_ids(links, 1, TO, FROM, 0);
}

static void bind_lengths(const struct links *links)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    address.can_addr.tp.rx_id = TO;
    address.can_addr.tp.tx_id = FROM;
    uint8_t padded[32];
    memset(padded, 0xA5, sizeof padded);
    memcpy(padded, &address, 16);
    for (socklen_t len = 0; len <= 25; len++) {
        const int fd = isotp_socket();
        const struct text bound = rc_text(bind(fd, (const struct sockaddr *)padded, len));
        say(text("bind, length %u, rubbish behind", len).chars, "%s, then %s", bound.chars,
            name_of(links, fd).chars);
        close(fd);
    }
    address.can_family = AF_INET;
    const int fd = isotp_socket();
    say("bind, family internet", "%s",
        rc_text(bind(fd, (const struct sockaddr *)&address, sizeof address)).chars);
    close(fd);
}

static void bound_already(const struct links *links)
{
    static const struct isotp_cfg cfg = {.options.flags = CAN_ISOTP_TX_PADDING};
    static const uint8_t value[16] = {16, 8};
    static const socklen_t sizes[] = {0, 12, 3, 4, 4, 3};
    const int fd = isotp_open(links, &cfg);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[1]};
    address.can_addr.tp.rx_id = 0x700;
    address.can_addr.tp.tx_id = 0x701;
    say("bind again", "%s",
        rc_text(bind(fd, (const struct sockaddr *)&address, sizeof address)).chars);
    for (int option = 1; option <= 6; option++) {
        const socklen_t size = option <= 5 ? sizes[option] : 4;
        say(text("bound: set option %d", option).chars, "%s",
            rc_text(setsockopt(fd, SOL_CAN_ISOTP, option, value, size)).chars);
        say(text("bound: get option %d", option).chars, "%s",
            get_text(fd, option, VALUE_MAX).chars);
    }
    say("bound: set an option of another level", "%s",
        rc_text(setsockopt(fd, SOL_CAN_RAW, 1, value, 4)).chars);
    socklen_t len = sizeof address;
    say("bound: getpeername", "%s",
        rc_text(getpeername(fd, (struct sockaddr *)&address, &len)).chars);
    say("bound: connect", "%s",
        rc_text(connect(fd, (const struct sockaddr *)&address, sizeof address)).chars);
    say("bound: listen", "%s", rc_text(listen(fd, 1)).chars);
    say("bound: accept", "%s", rc_text(accept(fd, NULL, NULL)).chars);
    say("bound: shutdown", "%s", rc_text(shutdown(fd, SHUT_RDWR)).chars);
    for (socklen_t room = 0; room <= 24; room += 8) {
        len = room;
        const struct text name = rc_text(getsockname(fd, (struct sockaddr *)&address, &len));
        say(text("bound: getsockname, room %u", room).chars, "%s, length %u", name.chars, len);
    }
    say("bound: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    close(fd);
    const int fresh = isotp_open(links, &cfg);
    say("the same identifiers after close", "bound");
    close(fresh);
}

static void not_bound(const struct links *links)
{
    const int fd = isotp_socket();
    char byte = 0;
    say("not bound: name", "%s", name_of(links, fd).chars);
    say("not bound: send", "%s", send_text(fd, 5).chars);
    say("not bound: send of nothing", "%s", send_text(fd, 0).chars);
    say("not bound: recv", "%s", message_text(fd, 0).chars);
    say("not bound: read of no bytes", "%s", rc_text(read(fd, &byte, 0)).chars);
    say("not bound: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    close(fd);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    at_first();
    lengths();
    flags();
    link_layer();
    bind_places(&links);
    bind_lengths(&links);
    bound_already(&links);
    not_bound(&links);
    return 0;
}
