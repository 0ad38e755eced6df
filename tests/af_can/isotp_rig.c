/* SPDX-License-Identifier: Apache-2.0 */
/* tests/af_can/isotp_rig.c - see the header. */
#include "tests/af_can/isotp_rig.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void note(struct isotp_rig *rig, const char *format,
                                                       ...)
{
    size_t used = strlen(rig->log);
    va_list arguments;
    va_start(arguments, format);
    if (used > 0) {
        rig->log[used++] = ' ';
    }
    int len = vsnprintf(rig->log + used, sizeof rig->log - used, format, arguments);
    va_end(arguments);
    cr_assert(len >= 0 && (size_t)len < sizeof rig->log - used, "the log is full");
}

static void peer_on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct isotp_rig *rig = ctx;
    char text[CAN_TEXT_MAX];
    rig->frames++;
    rig->last = *frame;
    if (!rig->muted) {
        can_frame_print(frame, text);
        note(rig, "%" PRIu64 "us %s", now_ns / 1000, text);
    }
}

static const struct can_node_ops peer_ops = {.on_frame = peer_on_frame};

static void on_change(void *ctx, void *user)
{
    struct isotp_rig *rig = ctx;
    (void)user;
    rig->changes++;
}

void rig_init(struct isotp_rig *rig, bool instant)
{
    memset(rig, 0, sizeof *rig);
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1});
    can_bus_init(&rig->bus, &rig->sim,
                 &(struct can_bus_cfg){.name = "can0",
                                       .nominal_bps = 500000,
                                       .data_bps = instant ? 2000000 : 0,
                                       .instant = instant});
    can_node_init(&rig->peer,
                  &(struct can_node_cfg){
                      .name = "peer", .ops = &peer_ops, .ctx = rig, .queue_len = CAN_QUEUE_MAX});
    can_bus_attach(&rig->bus, &rig->peer);
    rig->stack =
        af_can_new(&(struct af_can_cfg){.sim = &rig->sim, .on_change = on_change, .ctx = rig});
    rig->ifindex = af_can_add_interface(
        rig->stack, &(struct af_can_interface_cfg){.name = "can0", .bus = &rig->bus});
    rig_run(rig, SIM_MS(1));
}

void rig_release(struct isotp_rig *rig)
{
    af_can_free(rig->stack);
    can_bus_detach(&rig->bus, &rig->peer);
    can_bus_release(&rig->bus);
    sim_release(&rig->sim);
}

struct af_can_socket *rig_open(struct isotp_rig *rig)
{
    int error = 0;
    struct af_can_socket *socket =
        af_can_socket_open(rig->stack, SOCK_DGRAM, CAN_ISOTP, rig, &error);
    cr_assert(socket != NULL, "error %d", error);
    return socket;
}

void rig_bind(struct isotp_rig *rig, struct af_can_socket *socket, uint32_t tx_id, uint32_t rx_id)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = rig->ifindex};
    address.can_addr.tp.tx_id = tx_id;
    address.can_addr.tp.rx_id = rx_id;
    cr_assert_eq(af_can_bind(socket, &address, sizeof address), 0);
}

void rig_set(struct af_can_socket *socket, int name, const void *value, size_t len_bytes)
{
    cr_assert_eq(af_can_setsockopt(socket, SOL_CAN_ISOTP, name, value, len_bytes), 0);
}

void rig_start_with(struct isotp_rig *rig, bool instant, const struct can_isotp_options *options)
{
    rig_init(rig, instant);
    rig->socket = rig_open(rig);
    rig_set(rig->socket, CAN_ISOTP_OPTS, options, sizeof *options);
    rig_bind(rig, rig->socket, TESTER_ID, ECU_ID);
}

void rig_start(struct isotp_rig *rig, bool instant, uint32_t flags)
{
    rig_start_with(rig, instant,
                   &(struct can_isotp_options){.flags = flags,
                                               .ext_address = 0xF1,
                                               .rx_ext_address = 0x10,
                                               .txpad_content = 0xAA,
                                               .rxpad_content = 0x55});
}

void rig_start_fd(struct isotp_rig *rig, uint8_t tx_dl, uint32_t flags)
{
    struct can_isotp_ll_options ll = {.mtu = AF_CANFD_MTU, .tx_dl = tx_dl, .tx_flags = CANFD_BRS};
    struct can_isotp_options options = {.flags = flags, .txpad_content = 0xAA};
    rig_init(rig, true);
    rig->socket = rig_open(rig);
    rig_set(rig->socket, CAN_ISOTP_OPTS, &options, sizeof options);
    rig_set(rig->socket, CAN_ISOTP_LL_OPTS, &ll, sizeof ll);
    rig_bind(rig, rig->socket, TESTER_ID, ECU_ID);
}

void rig_peer(struct isotp_rig *rig, const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    cr_assert_eq(can_node_send(&rig->peer, &frame), CAN_SEND_QUEUED);
    rig_run(rig, 0);
}

void rig_run(struct isotp_rig *rig, sim_ns_t duration_ns)
{
    sim_run_until(&rig->sim, rig->sim.now_ns + duration_ns);
}

long rig_send(struct isotp_rig *rig, size_t len_bytes)
{
    static uint8_t data[70000];
    cr_assert(len_bytes <= sizeof data);
    for (size_t i = 0; i < len_bytes; i++) {
        data[i] = (uint8_t)i;
    }
    struct af_can_message message = {.data = data, .data_bytes = len_bytes};
    return af_can_send(rig->socket, &message);
}

void rig_receive(struct isotp_rig *rig)
{
    uint8_t data[70000];
    char text[41] = "";
    struct af_can_message message = {.data = data, .data_bytes = sizeof data};
    long len = af_can_receive(rig->socket, &message);
    if (len < 0) {
        note(rig, "%s", strerrorname_np((int)-len));
        return;
    }
    unsigned sum = 0;
    for (long i = 0; i < len; i++) {
        sum += data[i];
        if (len < 20) {
            snprintf(text + 2 * i, 3, "%02X", data[i]);
        }
    }
    if (len < 20) {
        note(rig, "got %s", text);
    } else {
        note(rig, "got %ld bytes, sum %u", len, sum);
    }
}

unsigned rig_poll(const struct isotp_rig *rig)
{
    return af_can_poll(rig->socket);
}

int rig_error(struct isotp_rig *rig)
{
    int error = -1;
    size_t len = sizeof error;
    cr_assert_eq(af_can_getsockopt(rig->socket, SOL_SOCKET, SO_ERROR, &error, &len), 0);
    return error;
}

void rig_expect(struct isotp_rig *rig, const char *expected)
{
    cr_assert_str_eq(rig->log, expected);
    rig->log[0] = '\0';
}
