/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/test_can_isotp_socket.c - ISO-TP sockets before and besides the protocol: addresses,
 * options, refusals. Expected values are those of isotp_bind(), isotp_setsockopt() and the rest of
 * net/can/isotp.c in Linux 6.1.192. */
#include "tests/af_can/isotp_rig.h"

#include <string.h>

static struct sockaddr_can address_of(int ifindex, uint32_t tx_id, uint32_t rx_id)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    address.can_addr.tp.tx_id = tx_id;
    address.can_addr.tp.rx_id = rx_id;
    return address;
}

static int bind_once(uint32_t flags, int ifindex, uint32_t tx_id, uint32_t rx_id, size_t len)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    struct af_can_socket *socket = rig_open(&rig);
    const struct can_isotp_options options = {.flags = flags};
    struct sockaddr_can address = address_of(ifindex, tx_id, rx_id);
    rig_set(socket, CAN_ISOTP_OPTS, &options, sizeof options);
    int result = af_can_bind(socket, &address, len);
    rig_release(&rig);
    return result;
}

Test(can_isotp_socket, bind_checks_the_address)
{
    enum { FIRST = AF_CAN_FIRST_INDEX, SF = CAN_ISOTP_SF_BROADCAST, CF = CAN_ISOTP_CF_BROADCAST };
    static const struct {
        uint32_t flags;
        int ifindex;
        uint32_t tx_id, rx_id;
        size_t len;
        int result;
    } cases[] = {
        {0, FIRST, 0x7E0, 0x7E8, 24, 0},
        {0, FIRST, 0x7E0, 0x7E8, 16, 0},
        {0, FIRST, 0x7E0, 0x7E8, 15, -EINVAL},
        {0, 0, 0x7E0, 0x7E8, 24, -ENODEV},
        {0, 99, 0x7E0, 0x7E8, 24, -ENODEV},
        {0, 99, 0x7E0, 0x7E0, 24, -EADDRNOTAVAIL},
        {0, FIRST, 0x7E0, 0x7E0, 24, -EADDRNOTAVAIL},
        {SF, FIRST, 0x7E0, 0x7E0, 24, 0},
        {CF, FIRST, 0x7E0, 0xFFFFFFFF, 24, 0},
        {0, FIRST, TESTER_EXT_ID, 0x18DAF110 | CAN_EFF_FLAG, 24, 0},
        {0, FIRST, 0x18DA10F1, 0x7E8, 24, -EINVAL},
        {0, FIRST, 0x7E0, 0x800, 24, -EINVAL},
        {0, FIRST, 0x7E0 | CAN_RTR_FLAG, 0x7E8, 24, -EINVAL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        cr_assert_eq(bind_once(cases[i].flags, cases[i].ifindex, cases[i].tx_id, cases[i].rx_id,
                               cases[i].len),
                     cases[i].result, "case %zu", i);
    }
}

Test(can_isotp_socket, bind_works_once_and_only_for_the_family)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    struct af_can_socket *socket = rig_open(&rig);
    struct sockaddr_can address = address_of(rig.ifindex, TESTER_ID, ECU_ID);
    address.can_family = AF_INET;
    cr_assert_eq(af_can_bind(socket, &address, sizeof address), -EINVAL);
    address.can_family = AF_CAN;
    cr_assert_eq(af_can_bind(socket, &address, sizeof address), 0);
    cr_assert_eq(af_can_bind(socket, &address, sizeof address), -EINVAL);
    cr_assert_eq(af_can_connect(socket, &address, sizeof address), -EOPNOTSUPP);
    rig_release(&rig);
}

Test(can_isotp_socket, name_is_what_was_bound)
{
    struct isotp_rig rig;
    rig_start(&rig, true, 0);
    struct sockaddr_can name;
    size_t len = sizeof name;
    memset(&name, 0xFF, sizeof name);
    cr_assert_eq(af_can_getsockname(rig.socket, &name, &len), 0);
    cr_assert_eq(len, 16);
    cr_assert_eq(name.can_ifindex, rig.ifindex);
    cr_assert_eq(name.can_addr.tp.tx_id, TESTER_ID);
    cr_assert_eq(name.can_addr.tp.rx_id, ECU_ID);
    cr_assert_eq(af_can_getpeername(rig.socket, &name, &len), -EOPNOTSUPP);
    rig_release(&rig);
}

Test(can_isotp_socket, nothing_goes_before_bind)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    rig.socket = rig_open(&rig);
    cr_assert_eq(rig_send(&rig, 1), -EADDRNOTAVAIL);
    rig_receive(&rig);
    rig_expect(&rig, "EADDRNOTAVAIL");
    cr_assert(!af_can_socket_close_waits(rig.socket));
    rig_release(&rig);
}

Test(can_isotp_socket, strange_flags_of_recv_are_refused)
{
    struct isotp_rig rig;
    uint8_t data[8];
    rig_start(&rig, true, 0);
    rig_peer(&rig, "7E8#01AA");
    struct af_can_message message = {.data = data, .data_bytes = 8, .flags = MSG_WAITALL};
    cr_assert_eq(af_can_receive(rig.socket, &message), -EINVAL);
    message = (struct af_can_message){.data = data, .data_bytes = 8, .flags = MSG_PEEK};
    cr_assert_eq(af_can_receive(rig.socket, &message), 1);
    message = (struct af_can_message){.data = data, .data_bytes = 8, .flags = MSG_DONTWAIT};
    cr_assert_eq(af_can_receive(rig.socket, &message), 1);
    rig_release(&rig);
}

Test(can_isotp_socket, options_have_the_kernels_defaults)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    struct af_can_socket *socket = rig_open(&rig);
    struct can_isotp_options opt;
    struct can_isotp_ll_options ll;
    struct can_isotp_fc_options fc;
    size_t len = sizeof opt;
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &opt, &len), 0);
    cr_assert_eq(len, 12);
    cr_assert_eq(memcmp(&opt, (uint8_t[]){0, 0, 0, 0, 0x50, 0xC3, 0, 0, 0, 0xCC, 0xCC, 0}, 12), 0);
    len = 100;
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, &ll, &len), 0);
    cr_assert_eq(len, 3);
    cr_assert_eq(memcmp(&ll, (uint8_t[]){16, 8, 0}, 3), 0);
    len = 2;
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_ISOTP, CAN_ISOTP_RECV_FC, &fc, &len), 0);
    cr_assert_eq(len, 2, "cut, not refused");
    rig_release(&rig);
}

Test(can_isotp_socket, options_are_checked)
{
    static const struct {
        int level, name;
        uint8_t value[12];
        size_t len;
        int result;
    } cases[] = {
        {SOL_CAN_ISOTP, CAN_ISOTP_OPTS, {0}, 12, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_OPTS, {0}, 11, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_OPTS, {0, 0x18}, 12, -EINVAL}, /* Both broadcasts. */
        {SOL_CAN_ISOTP, CAN_ISOTP_RECV_FC, {8, 0xFF, 1}, 3, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_RECV_FC, {8}, 4, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_TX_STMIN, {1}, 4, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_TX_STMIN, {1}, 8, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_RX_STMIN, {1}, 4, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_RX_STMIN, {1}, 3, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {16, 8, 0}, 3, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {72, 64, CANFD_BRS}, 3, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {72, 8, 0}, 3, 0},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {16, 12, 0}, 3, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {16, 8, 1}, 3, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {72, 65, 0}, 3, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {72, 7, 0}, 3, -EINVAL},
        {SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, {24, 8, 0}, 3, -EINVAL},
        {SOL_CAN_ISOTP, 0, {0}, 4, -ENOPROTOOPT},
        {SOL_CAN_ISOTP, 6, {0}, 4, -ENOPROTOOPT},
        {SOL_CAN_RAW, CAN_ISOTP_OPTS, {0}, 12, -EINVAL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct isotp_rig rig;
        rig_init(&rig, true);
        struct af_can_socket *socket = rig_open(&rig);
        cr_assert_eq(
            af_can_setsockopt(socket, cases[i].level, cases[i].name, cases[i].value, cases[i].len),
            cases[i].result, "case %zu", i);
        rig_bind(&rig, socket, TESTER_ID, ECU_ID);
        cr_assert_eq(
            af_can_setsockopt(socket, SOL_CAN_ISOTP, cases[i].name, cases[i].value, cases[i].len),
            -EISCONN, "case %zu", i);
        rig_release(&rig);
    }
}

Test(can_isotp_socket, options_can_be_read_back)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    struct af_can_socket *socket = rig_open(&rig);
    const struct can_isotp_options set = {.flags = CAN_ISOTP_SF_BROADCAST | CAN_ISOTP_CF_BROADCAST,
                                          .frame_txtime = 0,
                                          .ext_address = 7,
                                          .rx_ext_address = 9};
    struct can_isotp_options got;
    size_t len = sizeof got;
    cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &set, sizeof set),
                 -EINVAL);
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &got, &len), 0);
    cr_assert_eq(got.flags, CAN_ISOTP_SF_BROADCAST, "refused, and yet taken");
    cr_assert_eq(got.rx_ext_address, 7);
    cr_assert_eq(got.frame_txtime, 0);
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_ISOTP, 6, &got, &len), -ENOPROTOOPT);
    cr_assert_eq(af_can_getsockopt(socket, SOL_CAN_RAW, 1, &got, &len), -EINVAL);
    rig_release(&rig);
}

Test(can_isotp_socket, fd_needs_an_interface_that_knows_it)
{
    struct isotp_rig rig;
    const struct can_isotp_ll_options ll = {.mtu = AF_CANFD_MTU, .tx_dl = 64};
    rig_init(&rig, false);
    struct af_can_socket *socket = rig_open(&rig);
    struct sockaddr_can address = address_of(rig.ifindex, TESTER_ID, ECU_ID);
    rig_set(socket, CAN_ISOTP_LL_OPTS, &ll, sizeof ll);
    cr_assert_eq(af_can_bind(socket, &address, sizeof address), -EINVAL);
    rig_release(&rig);
}

Test(can_isotp_socket, bind_to_an_interface_that_is_down_works_and_says_so)
{
    struct isotp_rig rig;
    rig_init(&rig, true);
    rig.socket = rig_open(&rig);
    af_can_set_up(rig.stack, rig.ifindex, false);
    rig_bind(&rig, rig.socket, TESTER_ID, ECU_ID);
    cr_assert_eq(rig_error(&rig), ENETDOWN);
    af_can_set_up(rig.stack, rig.ifindex, true);
    cr_assert_eq(rig_send(&rig, 1), 1);
    rig_release(&rig);
}
