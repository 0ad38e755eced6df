/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_cmsg.c - control messages that come with a received message
 * (sock_recv_timestamp() and sock_recv_drops(), net/socket.c). */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <linux/net_tstamp.h>
#include <string.h>

enum { NS_PER_S = 1000000000, NS_PER_US = 1000 };

struct control {
    unsigned char *at;
    size_t room;
    bool cut;
};

/* put_cmsg(), net/core/scm.c: what does not fit is cut, not left out. */
static void put(struct control *control, int type, const void *data, size_t len_bytes)
{
    struct cmsghdr header = {.cmsg_level = SOL_SOCKET, .cmsg_type = type};
    if (control->room < sizeof(header)) {
        control->cut = true;
        return;
    }
    header.cmsg_len = CMSG_LEN(len_bytes);
    if (control->room < header.cmsg_len) {
        control->cut = true;
        header.cmsg_len = control->room;
    }
    memcpy(control->at, &header, sizeof(header));
    memcpy(control->at + sizeof(header), data, header.cmsg_len - sizeof(header));
    const size_t space = CMSG_SPACE(len_bytes);
    const size_t used = space < control->room ? space : control->room;
    control->at += used;
    control->room -= used;
}

/* struct timeval and struct timespec have the same layout in their old and new forms here: x86-64
 * has had 64 bits for both from the start. Only the type differs. */
static void put_stamp(struct control *control, const struct af_can_socket_options *options,
                      uint64_t wall_ns)
{
    const int64_t fraction = (int64_t)(wall_ns % NS_PER_S);
    int64_t stamp[2] = {(int64_t)(wall_ns / NS_PER_S), fraction};
    if (options->stamp_ns) {
        put(control, options->stamp_new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD, stamp,
            sizeof(stamp));
    } else {
        stamp[1] = fraction / NS_PER_US;
        put(control, options->stamp_new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD, stamp,
            sizeof(stamp));
    }
}

/* struct scm_timestamping: software, deprecated, hardware. */
static void put_stamping(struct control *control, const struct af_can_socket_options *options,
                         uint64_t wall_ns)
{
    const int64_t stamps[6] = {(int64_t)(wall_ns / NS_PER_S), (int64_t)(wall_ns % NS_PER_S)};
    put(control, options->stamp_new ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD, stamps,
        sizeof(stamps));
}

static void remember(struct af_can_socket_core *core, bool stamped, uint64_t wall_ns)
{
    core->last_stamp = stamped ? AF_CAN_STAMP_KNOWN : AF_CAN_STAMP_ZERO;
    core->last_stamp_ns = wall_ns;
}

void af_can_control(struct af_can_socket_core *core, const struct af_can_entry *entry,
                    struct af_can_message *message)
{
    const struct af_can_socket_options *options = &core->options;
    struct af_can *stack = core->socket.stack;
    uint64_t wall_ns = af_can_wall_ns(stack, entry->at_ns);
    struct control control = {.at = message->control,
                              .room = message->control != NULL ? message->control_bytes : 0};
    const size_t room = control.room;
    const bool software = (options->stamping & SOF_TIMESTAMPING_SOFTWARE) != 0;
    if (options->stamp) {
        /* A message that came before the option was set gets the time of the call. */
        wall_ns = entry->stamped ? wall_ns : af_can_wall_ns(stack, stack->cfg.sim->now_ns);
        put_stamp(&control, options, wall_ns);
    }
    if (software && (entry->stamped || options->stamp)) {
        put_stamping(&control, options, wall_ns);
    }
    if (!options->stamp && !software && (options->stamping & SOF_TIMESTAMPING_RX_SOFTWARE) == 0) {
        remember(core, entry->stamped, wall_ns);
    }
    if (options->overflow && entry->dropped != 0) {
        put(&control, SO_RXQ_OVFL, &entry->dropped, sizeof(entry->dropped));
    }
    message->control_bytes = room - control.room;
    message->flags |= control.cut ? MSG_CTRUNC : 0;
}
