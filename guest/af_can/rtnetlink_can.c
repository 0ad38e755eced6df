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

void rtnl_can_put(struct rtnl_message *message, const struct af_can_interface *interface)
{
    const struct can_bus_cfg *bus = &interface->cfg.bus->cfg;
    const struct can_bittiming nominal = timing_of(bus->nominal_bps);
    const struct can_clock clock = {.freq = bus->nominal_bps * QUANTA};
    const struct can_berr_counter counters = {.txerr = interface->node.tec,
                                              .rxerr = interface->node.rec};
    const struct can_ctrlmode mode = {.mask = bus->data_bps != 0 ? CAN_CTRLMODE_FD : 0,
                                      .flags = bus->data_bps != 0 ? CAN_CTRLMODE_FD : 0};
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

static bool has_rate(struct rtnl_span data, uint16_t type, uint32_t bitrate)
{
    struct rtnl_span value;
    struct can_bittiming timing;
    if (!rtnl_find(data, type, &value)) {
        return true;
    }
    if (value.len_bytes < sizeof timing) {
        return false;
    }
    memcpy(&timing, value.bytes, sizeof timing);
    return timing.bitrate == bitrate;
}

/* The vehicle file says how fast the bus is; asking for the same is fine while the interface is
 * down, as with a real one (can_changelink()). */
int rtnl_can_change(const struct af_can_interface *interface, struct rtnl_span data)
{
    const struct can_bus_cfg *bus = &interface->cfg.bus->cfg;
    struct rtnl_span value;
    uint32_t restart_ms = interface->cfg.restart_after_ms;
    if (rtnl_find(data, IFLA_CAN_BITTIMING, &value) && interface->up) {
        return -EBUSY;
    }
    if (rtnl_find(data, IFLA_CAN_RESTART_MS, &value) && value.len_bytes >= sizeof restart_ms) {
        memcpy(&restart_ms, value.bytes, sizeof restart_ms);
    }
    const bool same = has_rate(data, IFLA_CAN_BITTIMING, bus->nominal_bps) &&
                      has_rate(data, IFLA_CAN_DATA_BITTIMING, bus->data_bps) &&
                      restart_ms == interface->cfg.restart_after_ms;
    return same ? 0 : -EOPNOTSUPP;
}
