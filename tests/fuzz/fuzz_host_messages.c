/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_host_messages.c - any bytes as messages of a program to the broadcast manager and
 * to netlink, with frames and time between them: answered, and every answer is well formed.
 * Sources: guest/af_can/[a-z]*.c sim/can/can_[b-o]*.c sim/can/can_t*.c sim/can/can_w*.c
 * Sources: sim/[c-p]*.c sim/sim.c sim/t*.c sim/u*.c
 * Packages: libxxhash */
#include "guest/af_can/af_can.h"
#include "guest/af_can/rtnetlink.h"
#include "sim/sim.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BCM_PROTOCOL = 2, AF_CAN_FAMILY = 29, STEPS_MAX = 64, ROOM = 64 * 1024 };

/* A step: what is done, and how many bytes in units of two belong to it. */
enum step { STEP_BCM, STEP_NETLINK, STEP_PEER, STEP_TIME, STEPS };

struct host {
    struct sim sim;
    struct can_bus bus;
    struct can_node peer;
    struct af_can *stack;
    struct af_can_socket *bcm;
    struct rtnetlink *netlink;
};

static const struct can_node_ops nothing = {0};
static _Alignas(8) uint8_t room[ROOM];

static void host_init(struct host *host)
{
    const uint32_t any[6] = {AF_CAN_FAMILY, 0};
    int error = 0;
    sim_init(&host->sim, &(struct sim_cfg){.seed = 1});
    can_bus_init(&host->bus, &host->sim,
                 &(struct can_bus_cfg){
                     .name = "can0", .nominal_bps = 500000, .data_bps = 2000000, .instant = true});
    can_node_init(&host->peer, &(struct can_node_cfg){.name = "peer", .ops = &nothing});
    can_bus_attach(&host->bus, &host->peer);
    host->stack = af_can_new(&(struct af_can_cfg){.sim = &host->sim});
    af_can_add_interface(host->stack,
                         &(struct af_can_interface_cfg){.name = "can0", .bus = &host->bus});
    host->bcm = af_can_socket_open(host->stack, SOCK_DGRAM, BCM_PROTOCOL, NULL, &error);
    CHECK(af_can_connect(host->bcm, any, sizeof any) == 0);
    host->netlink = rtnetlink_new(host->stack, SOCK_RAW, 1);
}

static void host_release(struct host *host)
{
    rtnetlink_free(host->netlink);
    af_can_free(host->stack);
    can_bus_detach(&host->bus, &host->peer);
    can_bus_release(&host->bus);
    sim_release(&host->sim);
}

static void bcm_step(struct host *host, const uint8_t *data, size_t len_bytes)
{
    uint32_t to[6] = {AF_CAN_FAMILY, 2};
    memcpy(room, data, len_bytes);
    struct af_can_message message = {
        .data = room, .data_bytes = len_bytes, .address = to, .address_bytes = sizeof to};
    CHECK(af_can_send(host->bcm, &message) <= (long)len_bytes);
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        message = (struct af_can_message){.data = room, .data_bytes = sizeof room};
        const long taken = af_can_receive(host->bcm, &message);
        /* A head, and frames of one of the two sizes. */
        CHECK(taken < 0 || (taken >= 56 && ((taken - 56) % 16 == 0 || (taken - 56) % 72 == 0)));
    }
}

static void netlink_step(struct host *host, const uint8_t *data, size_t len_bytes)
{
    memcpy(room, data, len_bytes);
    struct af_can_message message = {.data = room, .data_bytes = len_bytes};
    CHECK(rtnetlink_send(host->netlink, &message) == (long)len_bytes);
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        message = (struct af_can_message){.data = room, .data_bytes = sizeof room};
        const long taken = rtnetlink_receive(host->netlink, &message);
        size_t rest = taken > 0 ? (size_t)taken : 0;
        for (struct nlmsghdr *head = (void *)room; NLMSG_OK(head, rest);) {
            head = NLMSG_NEXT(head, rest);
        }
        CHECK(rest == 0);
    }
}

static void peer_step(struct host *host, const uint8_t *data, size_t len_bytes)
{
    struct can_frame frame = {.len_bytes = (uint8_t)(len_bytes < 8 ? len_bytes : 8)};
    frame.id = len_bytes > 0 ? data[0] : 0;
    memcpy(frame.data, data, frame.len_bytes);
    (void)can_node_send(&host->peer, &frame);
}

/* Up to 255 us, so that a cycle of 1 us ends too. */
static void time_step(struct host *host, const uint8_t *data, size_t len_bytes)
{
    const sim_ns_t step_ns = len_bytes > 0 ? SIM_US((sim_ns_t)data[0]) : 0;
    sim_run_until(&host->sim, host->sim.now_ns + step_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static void (*const steps[STEPS])(struct host *, const uint8_t *,
                                      size_t) = {bcm_step, netlink_step, peer_step, time_step};
    struct host host;
    memset(&host, 0, sizeof host);
    host_init(&host);
    size_t at = 0;
    for (unsigned i = 0; i < STEPS_MAX && size_bytes - at >= 2; i++) {
        const enum step step = data[at] % STEPS;
        const size_t wanted = 2 * (size_t)data[at + 1];
        at += 2;
        const size_t len_bytes = wanted < size_bytes - at ? wanted : size_bytes - at;
        steps[step](&host, data + at, len_bytes);
        at += len_bytes;
    }
    host_release(&host);
    return 0;
}
