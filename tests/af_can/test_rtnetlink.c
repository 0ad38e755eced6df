/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_rtnetlink.c - NETLINK_ROUTE: what programs ask, and what they make of the
 * answers.
 *
 * The requests were recorded from iproute2 6.1.0 (ip, tc) and glibc 2.36 (getifaddrs). */
#include "guest/af_can/af_can.h"
#include "guest/af_can/rtnetlink.h"
#include "sim/sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define can_state linux_can_state
#include <linux/can/netlink.h>
#undef can_state

enum { BUSES = 3, PORT = 4711, SEQUENCE = 0x6B0248CA, PAGE_BYTES = 4096, TEXT_MAX = 4096 };

/* Recorded requests. */
#define IP_LINK_SHOW                                                                               \
    "2800000012000103ca48026b000000001100000000000000000000000000000008001d0001000000"
#define IP_PROBE "2000000010000500000000000000000000000000000000000000000000000000"
#define IP_LINK_SHOW_CAN1                                                                          \
    "3400000012000100ca48026b000000000000000000000000000000000000000008001d00090000000900030063"   \
    "616e3100000000"
#define IP_LINK_SHOW_VCAN0                                                                         \
    "3400000012000100ca48026b00000000110000000000000000000000000000000a0003007663616e3000000008"   \
    "001d0001000000"
#define IP_ADDR_SHOW                                                                               \
    "1800000016000103ca48026b000000000000000000000000000000000000000000000000000000000000000000"   \
    "0000000000000000000000000000"
#define TC_QDISC_SHOW    "2400000026000103ca48026b000000000000000000000000000000000000000000000000"
#define GETIFADDRS_LINKS "1400000012000103ca48026b0000000000000000"
#define IP_CAN0_DOWN     "2000000010000500ca48026b0000000000000000020000000000000001000000"
#define IP_CAN0_UP_500000                                                                          \
    "5c00000010000500ca48026b00000000000000000200000001000000010000003c0012000700010063616e0030"   \
    "00020008000600640000002400010020a10700000000000000000000000000000000000000000000000000000"    \
    "00000"
#define IP_CAN0_RESTART                                                                            \
    "3800000010000500ca48026b00000000000000000200000000000000000000001800120007000100"             \
    "63616e000c0002000800070001000000"
#define IP_CAN0_TXQUEUELEN_1000                                                                    \
    "2800000010000500ca48026b000000000000000002000000000000000000000008000d00e8030000"
#define IP_ADD_VCAN0                                                                               \
    "3800000010000506ca48026b00000000000000000000000000000000000000000a0003007663616e3000000"      \
    "00c001200080001007663616e"
#define IP_CAN1_UP_FD                                                                              \
    "8400000010000500ca48026b000000000000000003000000010000000100000064001200070001006361"         \
    "6e00580002002400010090d00300000000000000000000000000000000000000000000000000000000002400"     \
    "090080841e00000000000000000000000000000000000000000000000000000000000c000500300000003000"     \
    "0000"

struct host {
    struct sim sim;
    struct can_bus bus[BUSES];
    struct af_can *stack;
    struct rtnetlink *netlink;
    _Alignas(8) uint8_t datagram[64 * 1024];
    long datagram_bytes;
    char text[TEXT_MAX];
};

/* can0, also called vcan0; can1 with CAN FD; vcan9 on an instant bus. */
static struct host *host_new(void)
{
    static const struct can_bus_cfg buses[BUSES] = {
        {.name = "can0", .nominal_bps = 500000},
        {.name = "can1", .nominal_bps = 250000, .data_bps = 2000000},
        {.name = "vcan9", .nominal_bps = 500000, .instant = true}};
    struct host *host = calloc(1, sizeof *host);
    sim_init(&host->sim, &(struct sim_cfg){.seed = 1});
    host->stack = af_can_new(&(struct af_can_cfg){.sim = &host->sim});
    for (size_t i = 0; i < BUSES; i++) {
        can_bus_init(&host->bus[i], &host->sim, &buses[i]);
        af_can_add_interface(host->stack, &(struct af_can_interface_cfg){.name = buses[i].name,
                                                                         .bus = &host->bus[i]});
    }
    cr_assert(af_can_add_alias(host->stack, 2, "vcan0"));
    host->netlink = rtnetlink_new(host->stack, SOCK_RAW, PORT);
    const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
    cr_assert_eq(rtnetlink_bind(host->netlink, &any, sizeof any), 0);
    return host;
}

static void host_free(struct host *host)
{
    rtnetlink_free(host->netlink);
    af_can_free(host->stack);
    for (size_t i = 0; i < BUSES; i++) {
        can_bus_release(&host->bus[i]);
    }
    sim_release(&host->sim);
    free(host);
}

static void ask(struct host *host, const char *hex)
{
    uint8_t bytes[512];
    const size_t len_bytes = strlen(hex) / 2;
    for (size_t i = 0; i < len_bytes; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    const struct af_can_message message = {.data = bytes, .data_bytes = len_bytes};
    cr_assert_eq(rtnetlink_send(host->netlink, &message), (long)len_bytes);
}

/* Takes a datagram into a page, as glibc does. */
static long take(struct host *host, int flags, size_t room)
{
    struct sockaddr_nl from = {.nl_pid = 1};
    struct af_can_message message = {.data = host->datagram,
                                     .data_bytes = room,
                                     .address = &from,
                                     .address_bytes = sizeof from,
                                     .flags = flags};
    host->datagram_bytes = rtnetlink_receive(host->netlink, &message);
    if (host->datagram_bytes >= 0) {
        cr_assert_eq(message.address_bytes, sizeof from);
        cr_assert_eq(from.nl_family, AF_NETLINK);
        cr_assert_eq(from.nl_pid, 0);
    }
    return host->datagram_bytes;
}

static struct rtattr *attribute(struct rtattr *first, size_t len_bytes, unsigned short type)
{
    unsigned rest = (unsigned)len_bytes;
    for (struct rtattr *a = first; RTA_OK(a, rest); a = RTA_NEXT(a, rest)) {
        if ((a->rta_type & NLA_TYPE_MASK) == type) {
            return a;
        }
    }
    return NULL;
}

static struct rtattr *inside(struct rtattr *outer, unsigned short type)
{
    return outer == NULL ? NULL : attribute(RTA_DATA(outer), RTA_PAYLOAD(outer), type);
}

static uint32_t number(struct rtattr *a)
{
    uint32_t value = 0;
    cr_assert_not_null(a);
    memcpy(&value, RTA_DATA(a), RTA_PAYLOAD(a) < 4 ? RTA_PAYLOAD(a) : 4);
    return value;
}

static const char *string(struct rtattr *a)
{
    return a == NULL ? "-" : RTA_DATA(a);
}

/* "2 can0 mtu 16 pfifo_fast qlen 10 state 6 flags 50081 type 280 kind can other vcan0" */
static void say_link(struct host *host, struct nlmsghdr *head)
{
    struct ifinfomsg *body = NLMSG_DATA(head);
    struct rtattr *first = IFLA_RTA(body);
    const size_t len_bytes = IFLA_PAYLOAD(head);
    struct rtattr *info = attribute(first, len_bytes, IFLA_LINKINFO);
    const size_t used = strlen(host->text);
    snprintf(host->text + used, sizeof host->text - used,
             "%d %s mtu %u %s qlen %u state %u flags %x type %u kind %s other %s\n",
             body->ifi_index, string(attribute(first, len_bytes, IFLA_IFNAME)),
             number(attribute(first, len_bytes, IFLA_MTU)),
             string(attribute(first, len_bytes, IFLA_QDISC)),
             number(attribute(first, len_bytes, IFLA_TXQLEN)),
             number(attribute(first, len_bytes, IFLA_OPERSTATE)), body->ifi_flags, body->ifi_type,
             string(inside(info, IFLA_INFO_KIND)),
             string(inside(attribute(first, len_bytes, IFLA_PROP_LIST), IFLA_ALT_IFNAME)));
}

static void say_address(struct host *host, struct nlmsghdr *head)
{
    struct ifaddrmsg *body = NLMSG_DATA(head);
    struct rtattr *address = attribute(IFA_RTA(body), IFA_PAYLOAD(head), IFA_ADDRESS);
    const uint8_t *bytes = RTA_DATA(address);
    const size_t used = strlen(host->text);
    snprintf(host->text + used, sizeof host->text - used, "%u family %u %u.../%u\n",
             body->ifa_index, body->ifa_family, bytes[0], body->ifa_prefixlen);
}

static void say_qdisc(struct host *host, struct nlmsghdr *head)
{
    struct tcmsg *body = NLMSG_DATA(head);
    struct rtattr *kind = attribute(TCA_RTA(body), TCA_PAYLOAD(head), TCA_KIND);
    struct rtattr *options = attribute(TCA_RTA(body), TCA_PAYLOAD(head), TCA_OPTIONS);
    const size_t used = strlen(host->text);
    snprintf(host->text + used, sizeof host->text - used, "%d %s%s\n", body->tcm_ifindex,
             string(kind), options == NULL ? "" : " with bands");
}

static void say_error(struct host *host, struct nlmsghdr *head)
{
    struct nlmsgerr *body = NLMSG_DATA(head);
    const size_t used = strlen(host->text);
    snprintf(host->text + used, sizeof host->text - used, "error %d\n", -body->error);
}

static void say(struct host *host, struct nlmsghdr *head)
{
    switch (head->nlmsg_type) {
    case RTM_NEWLINK: say_link(host, head); break;
    case RTM_NEWADDR: say_address(host, head); break;
    case RTM_NEWQDISC: say_qdisc(host, head); break;
    case NLMSG_ERROR: say_error(host, head); break;
    default: cr_assert_eq(head->nlmsg_type, NLMSG_DONE); strcat(host->text, "done\n");
    }
}

/* All answers, one line each. */
static const char *answers(struct host *host)
{
    host->text[0] = '\0';
    while (take(host, 0, PAGE_BYTES) >= 0) {
        size_t rest = (size_t)host->datagram_bytes;
        for (struct nlmsghdr *head = (void *)host->datagram; NLMSG_OK(head, rest);
             head = NLMSG_NEXT(head, rest)) {
            cr_assert_eq(head->nlmsg_pid, PORT);
            say(host, head);
        }
        cr_assert_eq(rest, 0);
    }
    cr_assert_eq(host->datagram_bytes, -EAGAIN);
    return host->text;
}

#define LO    "1 lo mtu 65536 noqueue qlen 1000 state 0 flags 10049 type 772 kind - other -\n"
#define CAN0  "2 can0 mtu 16 pfifo_fast qlen 10 state 6 flags 500c1 type 280 kind can other vcan0\n"
#define CAN1  "3 can1 mtu 72 pfifo_fast qlen 10 state 6 flags 500c1 type 280 kind can other -\n"
#define VCAN9 "4 vcan9 mtu 16 noqueue qlen 1000 state 0 flags 100c1 type 280 kind vcan other -\n"

Test(rtnetlink, ip_link_and_getifaddrs_list_lo_and_the_interfaces)
{
    struct host *host = host_new();
    ask(host, IP_LINK_SHOW);
    cr_assert_str_eq(answers(host), LO CAN0 CAN1 VCAN9 "done\n");
    ask(host, GETIFADDRS_LINKS);
    cr_assert_str_eq(answers(host), LO CAN0 CAN1 VCAN9 "done\n");
    host_free(host);
}

Test(rtnetlink, ip_link_show_finds_an_interface_by_each_of_its_names)
{
    struct host *host = host_new();
    ask(host, IP_LINK_SHOW_CAN1);
    cr_assert_str_eq(answers(host), CAN1);
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_str_eq(answers(host), CAN0);
    host_free(host);
}

/* The first thing iproute2 sends: an RTM_NEWLINK for no interface, to see how the kernel is. */
Test(rtnetlink, the_probe_of_iproute2_ends_as_with_the_kernel)
{
    struct host *host = host_new();
    ask(host, IP_PROBE);
    cr_assert_eq(take(host, 0, PAGE_BYTES), 52);
    struct nlmsghdr *head = (void *)host->datagram;
    struct nlmsgerr *body = NLMSG_DATA(head);
    cr_assert_eq(head->nlmsg_type, NLMSG_ERROR);
    cr_assert_eq(body->error, -ENODEV);
    cr_assert_eq(body->msg.nlmsg_type, RTM_NEWLINK);
    cr_assert_eq(body->msg.nlmsg_len, 32);
    host_free(host);
}

Test(rtnetlink, an_error_repeats_the_request_unless_the_socket_wants_it_capped)
{
    struct host *host = host_new();
    const int on = 1;
    cr_assert_eq(rtnetlink_setsockopt(host->netlink, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on),
                 0);
    ask(host, IP_PROBE);
    cr_assert_eq(take(host, 0, PAGE_BYTES), 36);
    host_free(host);
}

Test(rtnetlink, only_lo_has_addresses)
{
    struct host *host = host_new();
    ask(host, IP_ADDR_SHOW);
    cr_assert_str_eq(answers(host), "1 family 2 127.../8\n1 family 10 0.../128\ndone\n");
    host_free(host);
}

Test(rtnetlink, tc_finds_the_queueing_disciplines)
{
    struct host *host = host_new();
    ask(host, TC_QDISC_SHOW);
    cr_assert_str_eq(answers(host), "1 noqueue\n2 pfifo_fast with bands\n3 pfifo_fast with bands\n"
                                    "4 noqueue\ndone\n");
    host_free(host);
}

static struct rtattr *can_data(struct host *host, unsigned short type)
{
    struct nlmsghdr *head = (void *)host->datagram;
    struct rtattr *first = IFLA_RTA((struct ifinfomsg *)NLMSG_DATA(head));
    struct rtattr *info = attribute(first, IFLA_PAYLOAD(head), IFLA_LINKINFO);
    return inside(inside(info, IFLA_INFO_DATA), type);
}

Test(rtnetlink, bit_rates_and_state_are_told)
{
    struct host *host = host_new();
    ask(host, IP_LINK_SHOW_CAN1);
    cr_assert_gt(take(host, 0, PAGE_BYTES), 0);
    /* The bit rate is the first member of struct can_bittiming. */
    cr_assert_eq(number(can_data(host, IFLA_CAN_BITTIMING)), 250000);
    cr_assert_eq(number(can_data(host, IFLA_CAN_DATA_BITTIMING)), 2000000);
    cr_assert_eq(number(can_data(host, IFLA_CAN_STATE)), CAN_STATE_ERROR_ACTIVE);
    cr_assert_eq(RTA_PAYLOAD(can_data(host, IFLA_CAN_BITTIMING)), 32);
    host_free(host);
}

Test(rtnetlink, ip_link_set_takes_an_interface_down_and_up)
{
    struct host *host = host_new();
    ask(host, IP_CAN0_DOWN);
    cr_assert_str_eq(answers(host), "error 0\n");
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_str_eq(answers(host), "2 can0 mtu 16 pfifo_fast qlen 10 state 2 flags 40080 type 280 "
                                    "kind can other vcan0\n");
    ask(host, IP_CAN0_UP_500000);
    cr_assert_str_eq(answers(host), "error 0\n");
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_gt(take(host, 0, PAGE_BYTES), 0);
    cr_assert_eq(number(can_data(host, IFLA_CAN_RESTART_MS)), 100);
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_str_eq(answers(host), CAN0);
    host_free(host);
}

Test(rtnetlink, what_the_bus_is_like_already_may_be_set)
{
    struct host *host = host_new();
    ask(host, IP_CAN1_UP_FD);
    cr_assert_str_eq(answers(host), "error 0\n");
    ask(host, IP_CAN0_TXQUEUELEN_1000);
    cr_assert_str_eq(answers(host), "error 0\n");
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_not_null(strstr(answers(host), "qlen 1000"));
    host_free(host);
}

Test(rtnetlink, what_belongs_to_the_vehicle_file_cannot_be_changed)
{
    struct host *host = host_new();
    /* The request for 500 kbit/s with the index of can1, which has 250. */
    char other[] = IP_CAN0_UP_500000;
    other[2 * 20 + 1] = '3';
    ask(host, other);
    cr_assert_str_eq(answers(host), "error 16\n"); /* EBUSY: it is up. */
    af_can_set_up(host->stack, 3, false);
    ask(host, other);
    cr_assert_str_eq(answers(host), "error 95\n"); /* EOPNOTSUPP */
    ask(host, IP_ADD_VCAN0);
    cr_assert_str_eq(answers(host), "error 17\n"); /* EEXIST */
    char new_one[] = IP_ADD_VCAN0;
    memcpy(strstr(new_one, "7663616e30"), "7663616e38", 10); /* vcan8 */
    ask(host, new_one);
    cr_assert_str_eq(answers(host), "error 95\n");
    host_free(host);
}

static const struct can_node_ops nothing = {0};

Test(rtnetlink, a_bus_off_is_told_and_ended_by_hand)
{
    struct host *host = host_new();
    struct can_node peer;
    int error;
    can_node_init(&peer, &(struct can_node_cfg){.name = "peer", .ops = &nothing});
    can_bus_attach(&host->bus[0], &peer);
    ask(host, IP_CAN0_RESTART);
    cr_assert_str_eq(answers(host), "error 16\n"); /* It is not bus-off. */
    can_bus_set_fault(&host->bus[0], CAN_WIRE_STUCK_RECESSIVE);
    struct af_can_socket *socket = af_can_socket_open(host->stack, SOCK_RAW, 1, NULL, &error);
    const uint32_t address[6] = {29 /* AF_CAN */, 2};
    cr_assert_eq(af_can_bind(socket, address, sizeof address), 0);
    uint8_t frame[16] = {1};
    cr_assert_eq(
        af_can_send(socket, &(struct af_can_message){.data = frame, .data_bytes = sizeof frame}),
        16);
    sim_run_until(&host->sim, SIM_S(1));
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_gt(take(host, 0, PAGE_BYTES), 0);
    cr_assert_eq(number(can_data(host, IFLA_CAN_STATE)), CAN_STATE_BUS_OFF);
    can_bus_set_fault(&host->bus[0], CAN_WIRE_OK);
    ask(host, IP_CAN0_RESTART);
    cr_assert_str_eq(answers(host), "error 0\n");
    sim_run_until(&host->sim, SIM_S(2));
    ask(host, IP_LINK_SHOW_VCAN0);
    cr_assert_str_eq(answers(host), CAN0);
    can_bus_detach(&host->bus[0], &peer);
    host_free(host);
}

Test(rtnetlink, requests_that_cannot_be_met_are_answered_with_an_error)
{
    static const struct {
        const char *what;
        const char *hex;
        const char *answer;
    } rows[] = {
        {"no such interface",
         "3400000012000100ca48026b0000000000000000000000000000000000000000080"
         "01d00090000000900030063616e3700000000",
         "error 19\n"},
        {"neither index nor name",
         "2000000012000100ca48026b0000000000000000000000000000000000000000", "error 22\n"},
        {"cut short", "1400000012000100ca48026b0000000000000000", "error 22\n"},
        {"to delete", "2000000011000500ca48026b0000000000000000020000000000000000000000",
         "error 95\n"},
        {"unknown", "14000000f2030500ca48026b0000000000000000", "error 95\n"},
        {"not a request", "1400000012000003ca48026b0000000000000000", ""},
        {"not a request, but to be acknowledged", "1400000012000400ca48026b0000000000000000",
         "error 0\n"},
        {"longer than it is", "ff00000012000103ca48026b0000000000000000", ""},
        {"shorter than its head", "0f00000012000103ca48026b0000000000000000", ""},
        {"nothing", "", ""},
    };
    struct host *host = host_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(host, rows[i].hex);
        cr_expect_str_eq(answers(host), rows[i].answer, "%s: %s", rows[i].what, host->text);
    }
    host_free(host);
}

Test(rtnetlink, a_long_dump_comes_in_datagrams_that_fit_into_a_page)
{
    static const char *const names[] = {"can3", "can4", "can5", "can6", "can7"};
    struct host *host = host_new();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        af_can_add_interface(
            host->stack, &(struct af_can_interface_cfg){.name = names[i], .bus = &host->bus[0]});
    }
    ask(host, IP_LINK_SHOW);
    ask(host, IP_LINK_SHOW);
    size_t datagrams = 0, ends = 0;
    while (take(host, MSG_TRUNC, sizeof host->datagram) >= 0) {
        cr_assert_leq(host->datagram_bytes, 3776);
        const struct nlmsghdr *head = (void *)host->datagram;
        datagrams++;
        if (head->nlmsg_type == NLMSG_DONE) {
            cr_assert_eq(host->datagram_bytes, 20); /* Nothing comes behind the end. */
            ends++;
        }
    }
    cr_assert_eq(ends, 2);
    cr_assert_gt(datagrams, 4);
    ask(host, IP_LINK_SHOW);
    cr_assert_not_null(strstr(answers(host), "\n9 can7 "));
    host_free(host);
}

/* ip asks first how long the answer is, without a buffer. */
Test(rtnetlink, a_datagram_can_be_peeked_at_and_is_cut_to_the_buffer)
{
    struct host *host = host_new();
    cr_assert_eq(rtnetlink_poll(host->netlink) & POLLIN, 0);
    ask(host, IP_LINK_SHOW_CAN1);
    cr_assert_eq(rtnetlink_poll(host->netlink) & POLLIN, POLLIN);
    const long len_bytes = take(host, MSG_PEEK | MSG_TRUNC, 0);
    cr_assert_gt(len_bytes, 500);
    cr_assert_eq(take(host, MSG_PEEK, 100), 100);
    cr_assert_eq(take(host, 0, PAGE_BYTES), len_bytes);
    cr_assert_eq(take(host, 0, PAGE_BYTES), -EAGAIN);
    host_free(host);
}

Test(rtnetlink, answers_that_nobody_reads_are_lost_and_that_is_told)
{
    struct host *host = host_new();
    for (unsigned i = 0; i < 200; i++) {
        ask(host, IP_LINK_SHOW);
    }
    cr_assert_eq(rtnetlink_poll(host->netlink) & POLLERR, POLLERR);
    cr_assert_eq(take(host, 0, PAGE_BYTES), -ENOBUFS);
    while (take(host, 0, PAGE_BYTES) >= 0) {
    }
    cr_assert_eq(host->datagram_bytes, -EAGAIN);
    ask(host, IP_LINK_SHOW);
    cr_assert_str_eq(answers(host), LO CAN0 CAN1 VCAN9 "done\n");
    host_free(host);
}

Test(rtnetlink, the_socket_has_the_port_of_its_process_or_the_one_it_asks_for)
{
    struct host *host = host_new();
    struct sockaddr_nl name = {0};
    size_t len_bytes = sizeof name;
    cr_assert_eq(rtnetlink_getsockname(host->netlink, &name, &len_bytes), 0);
    cr_assert_eq(len_bytes, 12);
    cr_assert_eq(name.nl_family, AF_NETLINK);
    cr_assert_eq(name.nl_pid, PORT);
    struct rtnetlink *other = rtnetlink_new(host->stack, SOCK_DGRAM, PORT + 1);
    const struct sockaddr_nl wanted = {.nl_family = AF_NETLINK, .nl_pid = 77, .nl_groups = 1};
    cr_assert_eq(rtnetlink_getsockname(other, &name, &len_bytes), 0);
    cr_assert_eq(name.nl_pid, 0);
    cr_assert_eq(rtnetlink_bind(other, &wanted, sizeof wanted - 1), -EINVAL);
    cr_assert_eq(rtnetlink_bind(other, &wanted, sizeof wanted), 0);
    cr_assert_eq(rtnetlink_getsockname(other, &name, &len_bytes), 0);
    cr_assert_eq(name.nl_pid, 77);
    cr_assert_eq(name.nl_groups, 1);
    rtnetlink_free(other);
    host_free(host);
}
