/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_af_can.c - the stack: opening of sockets, interfaces, their names, their being
 * down. */
#include "tests/af_can/af_can_rig.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>

Test(af_can, open_refuses_what_the_kernel_refuses)
{
    static const struct {
        int type;
        int protocol;
        int error;
    } rows[] = {{SOCK_RAW, CAN_RAW, 0},
                {SOCK_DGRAM, CAN_BCM, 0},
                {SOCK_DGRAM, CAN_ISOTP, 0},
                {SOCK_DGRAM, CAN_RAW, -EPROTOTYPE},
                {SOCK_RAW, CAN_BCM, -EPROTOTYPE},
                {SOCK_RAW, 0, -EPROTONOSUPPORT},
                {SOCK_RAW, CAN_TP16, -EPROTONOSUPPORT},
                {SOCK_RAW, 8, -EINVAL},
                {SOCK_RAW, -1, -EINVAL},
                {0, CAN_RAW, -EPROTOTYPE},
                {15, CAN_RAW, -EINVAL}};
    struct rig *rig = rig_new(0, 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int error = 1;
        const struct af_can_socket *socket =
            af_can_socket_open(rig->stack, rows[i].type, rows[i].protocol, NULL, &error);
        cr_expect_eq(error, rows[i].error, "row %zu: %d", i, error);
        cr_expect_eq(socket != NULL, rows[i].error == 0);
    }
    rig_free(rig);
}

Test(af_can, an_interface_goes_by_all_its_names_and_tells_its_own)
{
    struct rig *rig = rig_new(0, 0);
    cr_assert(af_can_add_alias(rig->stack, rig->index[0], "vcan0"));
    cr_assert_not(af_can_add_alias(rig->stack, rig->index[1], "vcan0"));
    cr_assert_not(af_can_add_alias(rig->stack, rig->index[1], "can0"));
    cr_assert_eq(af_can_index(rig->stack, "can0"), 2);
    cr_assert_eq(af_can_index(rig->stack, "vcan0"), 2);
    cr_assert_eq(af_can_index(rig->stack, "can1"), 3);
    cr_assert_eq(af_can_index(rig->stack, "can2"), 0);
    cr_assert_str_eq(af_can_name(rig->stack, 2), "can0");
    cr_assert_null(af_can_name(rig->stack, 1));
    cr_assert_null(af_can_name(rig->stack, 4));
    rig_free(rig);
}

static int ask(struct rig *rig, unsigned long request, const char *name, struct ifreq *ifreq)
{
    memset(ifreq, 0, sizeof(*ifreq));
    memcpy(ifreq->ifr_name, name, strlen(name));
    return af_can_interface_ioctl(rig->stack, request, ifreq);
}

Test(af_can, the_interface_requests_are_answered_as_for_a_can_interface)
{
    struct rig *rig = rig_new(2000000, 0);
    struct ifreq ifreq;
    cr_assert(af_can_add_alias(rig->stack, rig->index[0], "vcan0"));
    cr_assert_eq(ask(rig, SIOCGIFINDEX, "vcan0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_ifindex, 2);
    cr_assert_eq(ask(rig, SIOCGIFINDEX, "eth0", &ifreq), -ENODEV);
    cr_assert_eq(ask(rig, SIOCGIFMTU, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_mtu, 72);
    cr_assert_eq(ask(rig, SIOCGIFMTU, "can1", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_mtu, 16);
    cr_assert_eq(ask(rig, SIOCGIFFLAGS, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_flags, IFF_UP | IFF_RUNNING | IFF_NOARP);
    cr_assert_eq(ask(rig, SIOCGIFHWADDR, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_hwaddr.sa_family, ARPHRD_CAN);
    cr_assert_eq(ask(rig, SIOCGIFTXQLEN, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_qlen, 10);
    cr_assert_eq(ask(rig, SIOCGIFCONF, "can0", &ifreq), -ENOTTY);
    ifreq.ifr_ifindex = 3;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCGIFNAME, &ifreq), 0);
    cr_assert_str_eq(ifreq.ifr_name, "can1");
    ifreq.ifr_ifindex = 4;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCGIFNAME, &ifreq), -ENODEV);
    rig_free(rig);
}

Test(af_can, an_interface_that_goes_down_is_an_error_of_the_sockets_bound_to_it)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *bound = rig_bound(rig, rig->index[0]);
    struct af_can_socket *all = rig_bound(rig, 0);
    struct af_can_socket *other = rig_bound(rig, rig->index[1]);
    rig_peer_send(rig, "123#");
    rig_run_ms(rig, 1);
    af_can_set_up(rig->stack, rig->index[0], false);
    cr_assert_neq(af_can_poll(bound) & POLLERR, 0);
    cr_assert_eq(af_can_poll(all) & POLLERR, 0);
    cr_assert_eq(af_can_poll(other) & POLLERR, 0);
    /* Told once, before what is in the queue. */
    cr_assert_eq(rig_receive(bound).result, -ENETDOWN);
    cr_assert_eq(rig_receive(bound).result, 16);
    cr_assert_eq(rig_send(bound, "123#"), -ENETDOWN);
    struct ifreq ifreq;
    cr_assert_eq(ask(rig, SIOCGIFFLAGS, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_flags, IFF_NOARP);
    rig_free(rig);
}

Test(af_can, the_error_is_told_by_so_error_and_by_send_as_well)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *first = rig_bound(rig, rig->index[0]);
    struct af_can_socket *second = rig_bound(rig, rig->index[0]);
    af_can_set_up(rig->stack, rig->index[0], false);
    cr_assert_eq(rig_get(first, SOL_SOCKET, SO_ERROR), ENETDOWN);
    cr_assert_eq(rig_get(first, SOL_SOCKET, SO_ERROR), 0);
    cr_assert_eq(af_can_poll(first) & POLLERR, 0);
    af_can_set_up(rig->stack, rig->index[0], true);
    cr_assert_eq(rig_send(second, "123#"), -ENETDOWN);
    cr_assert_eq(rig_send(second, "123#"), 16);
    rig_free(rig);
}

Test(af_can, bound_to_an_interface_that_is_down_a_socket_has_an_error_and_works_later)
{
    struct rig *rig = rig_new(0, 0);
    af_can_set_up(rig->stack, rig->index[0], false);
    struct af_can_socket *socket = rig_open(rig);
    cr_assert_eq(rig_bind(socket, rig->index[0]), 0);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_ERROR), ENETDOWN);
    cr_assert_eq(rig_send(socket, "123#"), -ENETDOWN);
    af_can_set_up(rig->stack, rig->index[0], true);
    cr_assert_eq(rig_send(socket, "123#"), 16);
    rig_run_ms(rig, 1);
    cr_assert_eq(rig->seen_len, 1);
    rig_free(rig);
}

Test(af_can, what_waited_when_the_interface_went_down_is_lost)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct af_can_socket *other = rig_bound(rig, 0);
    for (unsigned i = 0; i < 5; i++) {
        cr_assert_eq(rig_send(socket, "123#1122334455667788"), 16);
    }
    sim_run_until(&rig->sim, SIM_US(350)); /* The first has gone, the second is on the wire. */
    af_can_set_up(rig->stack, rig->index[0], false);
    af_can_set_up(rig->stack, rig->index[0], true);
    cr_assert_eq(rig_receive(socket).result, -ENETDOWN);
    cr_assert_eq(rig_send(socket, "456#"), 16);
    rig_run_ms(rig, 5);
    cr_assert_eq(rig->seen_len, 2);
    cr_assert_eq(rig->seen[1].id, 0x456);
    cr_assert_eq(rig_drain(other), 2);
    rig_free(rig);
}

Test(af_can, many_sockets_come_and_go)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *sockets[500];
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
            sockets[i] = rig_bound(rig, i % 2 == 0 ? 0 : rig->index[0]);
        }
        rig_peer_send(rig, "123#");
        rig_run_ms(rig, 1);
        for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
            cr_assert_eq(rig_drain(sockets[i]), 1);
            af_can_socket_close(sockets[i]);
        }
    }
    rig_free(rig);
}

Test(af_can, a_guest_can_take_its_interface_down_and_change_its_queue)
{
    struct rig *rig = rig_new(0, 0);
    struct af_can_socket *socket = rig_bound(rig, rig->index[0]);
    struct ifreq ifreq = {.ifr_name = "can0"};
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCSIFFLAGS, &ifreq), 0);
    cr_assert_eq(rig_get(socket, SOL_SOCKET, SO_ERROR), ENETDOWN);
    cr_assert_eq(ask(rig, SIOCGIFFLAGS, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_flags, 0);
    ifreq.ifr_flags = IFF_UP | IFF_PROMISC;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCSIFFLAGS, &ifreq), 0);
    cr_assert_eq(ask(rig, SIOCGIFFLAGS, "can0", &ifreq), 0);
    cr_assert_eq(ifreq.ifr_flags, IFF_UP | IFF_RUNNING | IFF_PROMISC);
    ifreq.ifr_qlen = 2;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCSIFTXQLEN, &ifreq), 0);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(rig_send(socket, "123#"), 16);
    }
    cr_assert_eq(rig_send(socket, "123#"), -ENOBUFS);
    ifreq.ifr_mtu = 72;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCSIFMTU, &ifreq), -EBUSY);
    ifreq.ifr_mtu = -1;
    cr_assert_eq(af_can_interface_ioctl(rig->stack, SIOCSIFMTU, &ifreq), -EINVAL);
    cr_assert_eq(ask(rig, 0x89FF, "can0", &ifreq), -EOPNOTSUPP);
    cr_assert_eq(ask(rig, 0x89FF, "", &ifreq), -ENODEV);
    rig_free(rig);
}
