/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_can.c - what "ip -d link" and libsocketcan know of a CAN interface
 * (can_fill_info(), drivers/net/can/dev/netlink.c). */
#include "guest/af_can/rtnetlink_link.h"

#include <errno.h>
#include <string.h>

/* Linux has an enum of the same name. */
#define can_state linux_can_state
#include <linux/can/netlink.h>
#undef can_state

/* The bus knows no more of its bits than the rate; told is the usual division into 16 quanta. */
enum { SAMPLE_POINT = 875, QUANTA = 16, PROP_SEG = 6, PHASE_SEG1 = 7, PHASE_SEG2 = 2 };

static struct can_bittiming timing_of(uint32_t bitrate)
{
    return (struct can_bittiming){
        .bitrate = bitrate,
        .sample_point = SAMPLE_POINT,
        .tq = 1000000000u / (bitrate * QUANTA),
        .prop_seg = PROP_SEG,
        .phase_seg1 = PHASE_SEG1,
        .phase_seg2 = PHASE_SEG2,
        .sjw = 1,
        .brp = 1,
    };
}

static uint32_t state_of(const struct af_can_interface *interface)
{
    static const uint32_t states[] = {
        [AF_CAN_ERROR_ACTIVE] = CAN_STATE_ERROR_ACTIVE,
        [AF_CAN_ERROR_WARNING] = CAN_STATE_ERROR_WARNING,
        [AF_CAN_ERROR_PASSIVE] = CAN_STATE_ERROR_PASSIVE,
        [AF_CAN_ERROR_BUS_OFF] = CAN_STATE_BUS_OFF,
    };
    return interface->up ? states[interface->error_state] : CAN_STATE_STOPPED;
}

/* The driver tells each error of the bus. */
static uint32_t mode_of(const struct af_can_interface *interface)
{
    return CAN_CTRLMODE_BERR_REPORTING |
           (interface->cfg.bus->cfg.data_bps != 0 ? CAN_CTRLMODE_FD : 0u);
}

void rtnl_can_put(struct rtnl_message *message, const struct af_can_interface *interface)
{
    const struct can_bus_cfg *bus = &interface->cfg.bus->cfg;
    const struct can_bittiming nominal = timing_of(bus->nominal_bps);
    const struct can_clock clock = {.freq = bus->nominal_bps * QUANTA};
    const struct can_berr_counter counters = {.txerr = interface->node.tec,
                                              .rxerr = interface->node.rec};
    const struct can_ctrlmode mode = {.flags = mode_of(interface)};
    rtnl_put(message, IFLA_CAN_BITTIMING, &nominal, sizeof nominal);
    rtnl_put(message, IFLA_CAN_CLOCK, &clock, sizeof clock);
    rtnl_put_u32(message, IFLA_CAN_STATE, state_of(interface));
    rtnl_put(message, IFLA_CAN_CTRLMODE, &mode, sizeof mode);
    rtnl_put_u32(message, IFLA_CAN_RESTART_MS, interface->cfg.restart_after_ms);
    rtnl_put(message, IFLA_CAN_BERR_COUNTER, &counters, sizeof counters);
    if (bus->data_bps != 0) {
        const struct can_bittiming fast = timing_of(bus->data_bps);
        rtnl_put(message, IFLA_CAN_DATA_BITTIMING, &fast, sizeof fast);
    }
}

/* Reads as much as the value has to hold; false if it does not. */
static bool read_value(struct rtnl_span data, uint16_t type, void *value, size_t len_bytes)
{
    struct rtnl_span span;
    if (!rtnl_find(data, type, &span) || span.len_bytes < len_bytes) {
        return false;
    }
    memcpy(value, span.bytes, len_bytes);
    return true;
}

static bool keeps_rate(struct rtnl_span data, uint16_t type, uint32_t bitrate)
{
    struct can_bittiming timing;
    return !read_value(data, type, &timing, sizeof timing) || timing.bitrate == bitrate;
}

static bool keeps_mode(struct rtnl_span data, uint32_t flags)
{
    struct can_ctrlmode mode;
    return !read_value(data, IFLA_CAN_CTRLMODE, &mode, sizeof mode) ||
           (mode.flags & mode.mask) == (flags & mode.mask);
}

/* can_restart_now(), drivers/net/can/dev/dev.c. */
static int restart_now(struct af_can_interface *interface)
{
    if (!interface->up || interface->cfg.restart_after_ms != 0) {
        return -EINVAL;
    }
    if (interface->carrier) {
        return -EBUSY;
    }
    struct sim *sim = interface->stack->cfg.sim;
    sim_schedule(sim, &interface->restart, sim->now_ns);
    return 0;
}

/* can_changelink(). How fast the bus is says the vehicle file; asking for the same is fine. The
 * kernel allows that only while the interface is down, where a real one begins; ours begins up,
 * and a program that sets up the interface before it uses it must not fail for that. */
int rtnl_can_change(struct af_can_interface *interface, struct rtnl_span data)
{
    const struct can_bus_cfg *bus = &interface->cfg.bus->cfg;
    struct rtnl_span value;
    if (rtnl_find(data, IFLA_CAN_RESTART, &value)) {
        return restart_now(interface);
    }
    if (!keeps_rate(data, IFLA_CAN_BITTIMING, bus->nominal_bps) ||
        !keeps_rate(data, IFLA_CAN_DATA_BITTIMING, bus->data_bps) ||
        !keeps_mode(data, mode_of(interface))) {
        return interface->up ? -EBUSY : -EOPNOTSUPP;
    }
    (void)read_value(data, IFLA_CAN_RESTART_MS, &interface->cfg.restart_after_ms,
                     sizeof interface->cfg.restart_after_ms);
    return 0;
}
