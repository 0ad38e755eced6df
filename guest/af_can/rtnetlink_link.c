/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_link.c - links, as RTM_GETLINK describes them (rtnl_fill_ifinfo(),
 * net/core/rtnetlink.c). */
#include "guest/af_can/rtnetlink_link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { LOOPBACK_MTU = 65536, DEFAULT_QUEUE_LEN = 1000, ADDRESS_BYTES = 6 };

static const struct rtnl_link loopback = {
    .index = RTNL_LOOPBACK_INDEX,
    .name = "lo",
    .type = ARPHRD_LOOPBACK,
    .flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP,
    .mtu = LOOPBACK_MTU,
    .tx_queue_len = DEFAULT_QUEUE_LEN,
    .qdisc = "noqueue",
    .state = IF_OPER_UNKNOWN,
};

/* An instant bus is what vcan is: no driver below, no queue, and no state of its own. */
static struct rtnl_link describe(struct af_can_interface *interface)
{
    const bool is_virtual = interface->cfg.bus->cfg.instant;
    const bool runs = interface->up && interface->carrier;
    const uint8_t state_up = is_virtual ? IF_OPER_UNKNOWN : IF_OPER_UP;
    return (struct rtnl_link){
        .index = interface->index,
        .name = interface->names[0],
        .type = ARPHRD_CAN,
        .flags = IFF_NOARP | (is_virtual ? 0 : IFF_ECHO) | (interface->up ? IFF_UP : 0) |
                 (runs ? IFF_RUNNING | IFF_LOWER_UP : 0),
        .mtu = (uint32_t)af_can_interface_mtu(interface->stack, interface->index),
        .tx_queue_len = interface->cfg.tx_queue_len,
        .qdisc = is_virtual ? "noqueue" : "pfifo_fast",
        .kind = is_virtual ? "vcan" : "can",
        .state = runs ? state_up : IF_OPER_DOWN,
        .can = interface,
    };
}

bool rtnl_link_at(const struct af_can *stack, int index, struct rtnl_link *link)
{
    struct af_can_interface *interface = af_can_interface_at(stack, index);
    if (index == RTNL_LOOPBACK_INDEX) {
        *link = loopback;
    } else if (interface != NULL) {
        *link = describe(interface);
    }
    return index == RTNL_LOOPBACK_INDEX || interface != NULL;
}

static int index_of_name(const struct af_can *stack, struct rtnl_span name)
{
    char text[IFNAMSIZ] = "";
    if (name.len_bytes > sizeof text) {
        return 0;
    }
    memcpy(text, name.bytes, name.len_bytes);
    text[sizeof text - 1] = '\0';
    return strcmp(text, loopback.name) == 0 ? RTNL_LOOPBACK_INDEX : af_can_index(stack, text);
}

int rtnl_link_asked_for(const struct af_can *stack, const struct rtnl_request *request,
                        struct rtnl_link *link)
{
    struct ifinfomsg body;
    struct rtnl_span name;
    if (request->body_bytes < sizeof body) {
        return -EINVAL;
    }
    memcpy(&body, request->body, sizeof body);
    int index = body.ifi_index;
    if (index <= 0) {
        const struct rtnl_span attributes = rtnl_attributes_of(request, sizeof body);
        if (!rtnl_find(attributes, IFLA_IFNAME, &name) &&
            !rtnl_find(attributes, IFLA_ALT_IFNAME, &name)) {
            return -EINVAL;
        }
        index = index_of_name(stack, name);
    }
    return rtnl_link_at(stack, index, link) ? 0 : -ENODEV;
}

/* Counters are not kept; programs find them at zero. */
static void put_counters(struct rtnl_message *message)
{
    static const struct rtnl_link_stats64 wide = {.rx_packets = 0};
    static const struct rtnl_link_stats narrow = {.rx_packets = 0};
    rtnl_put(message, IFLA_STATS64, &wide, sizeof wide);
    rtnl_put(message, IFLA_STATS, &narrow, sizeof narrow);
}

static void put_address(struct rtnl_message *message, const struct rtnl_link *link)
{
    static const uint8_t address[ADDRESS_BYTES] = {0};
    if (link->can == NULL) { /* CAN has none (addr_len 0). */
        rtnl_put(message, IFLA_ADDRESS, address, sizeof address);
        rtnl_put(message, IFLA_BROADCAST, address, sizeof address);
    }
}

static void put_kind(struct rtnl_message *message, const struct rtnl_link *link)
{
    if (link->kind == NULL) {
        return;
    }
    const size_t info = rtnl_nest(message, IFLA_LINKINFO);
    rtnl_put_text(message, IFLA_INFO_KIND, link->kind);
    if (!link->can->cfg.bus->cfg.instant) {
        const size_t data = rtnl_nest(message, IFLA_INFO_DATA);
        rtnl_can_put(message, link->can);
        rtnl_nest_end(message, data);
    }
    rtnl_nest_end(message, info);
}

static void put_other_names(struct rtnl_message *message, const struct rtnl_link *link)
{
    if (link->can == NULL || link->can->names_len < 2) {
        return;
    }
    const size_t list = rtnl_nest(message, IFLA_PROP_LIST | NLA_F_NESTED);
    for (size_t i = 1; i < link->can->names_len; i++) {
        rtnl_put_text(message, IFLA_ALT_IFNAME, link->can->names[i]);
    }
    rtnl_nest_end(message, list);
}

void rtnl_link_put(struct rtnl_message *message, const struct rtnl_link *link)
{
    const struct ifinfomsg body = {
        .ifi_type = link->type, .ifi_index = link->index, .ifi_flags = link->flags};
    rtnl_begin(message, RTM_NEWLINK, &body, sizeof body);
    rtnl_put_text(message, IFLA_IFNAME, link->name);
    rtnl_put_u32(message, IFLA_TXQLEN, link->tx_queue_len);
    rtnl_put_u8(message, IFLA_OPERSTATE, link->state);
    rtnl_put_u8(message, IFLA_LINKMODE, 0);
    rtnl_put_u32(message, IFLA_MTU, link->mtu);
    rtnl_put_u32(message, IFLA_MIN_MTU, 0);
    rtnl_put_u32(message, IFLA_MAX_MTU, 0);
    rtnl_put_u32(message, IFLA_GROUP, 0);
    rtnl_put_u32(message, IFLA_PROMISCUITY, 0);
    rtnl_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
    rtnl_put_u32(message, IFLA_NUM_RX_QUEUES, 1);
    rtnl_put_u8(message, IFLA_CARRIER, (link->flags & IFF_LOWER_UP) != 0);
    rtnl_put_text(message, IFLA_QDISC, link->qdisc);
    put_address(message, link);
    put_counters(message);
    put_kind(message, link);
    put_other_names(message, link);
}

/* Something of a link that a request wants otherwise. */
struct change {
    struct af_can *stack;
    struct rtnl_link link;
    struct rtnl_span value;
};

static bool holds(struct rtnl_span value, uint32_t wanted)
{
    uint32_t found;
    if (value.len_bytes < sizeof found) {
        return false;
    }
    memcpy(&found, value.bytes, sizeof found);
    return found == wanted;
}

static int change_nothing(const struct change *change)
{
    (void)change;
    return 0;
}

static int change_mtu(const struct change *change)
{
    return holds(change->value, change->link.mtu) ? 0 : -EOPNOTSUPP;
}

static int change_queue_len(const struct change *change)
{
    uint32_t len;
    if (change->link.can == NULL || change->value.len_bytes < sizeof len) {
        return change->link.can == NULL ? -EOPNOTSUPP : -EINVAL;
    }
    memcpy(&len, change->value.bytes, sizeof len);
    change->link.can->cfg.tx_queue_len = len;
    return 0;
}

static bool is_kind(const struct change *change, struct rtnl_span kind)
{
    const char *own = change->link.kind;
    const size_t len = kind.len_bytes > 0 && kind.bytes[kind.len_bytes - 1] == 0
                           ? kind.len_bytes - 1
                           : kind.len_bytes;
    return own != NULL && strlen(own) == len && memcmp(own, kind.bytes, len) == 0;
}

static int change_kind(const struct change *change)
{
    struct rtnl_span kind, data;
    if (!rtnl_find(change->value, IFLA_INFO_KIND, &kind) || !is_kind(change, kind)) {
        return -EOPNOTSUPP;
    }
    if (!rtnl_find(change->value, IFLA_INFO_DATA, &data)) {
        return 0;
    }
    return change->link.can->cfg.bus->cfg.instant ? -EOPNOTSUPP
                                                  : rtnl_can_change(change->link.can, data);
}

static const struct {
    uint16_t type;
    int (*change)(const struct change *change);
} changes[] = {
    {IFLA_IFNAME, change_nothing},   {IFLA_ALT_IFNAME, change_nothing},
    {IFLA_EXT_MASK, change_nothing}, {IFLA_LINKINFO, change_kind},
    {IFLA_MTU, change_mtu},          {IFLA_TXQLEN, change_queue_len},
};

/* 0, or negative errno: an attribute that nobody here can change. */
static int apply_attributes(struct change *change, struct rtnl_span attributes)
{
    size_t known = 0;
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        if (rtnl_find(attributes, changes[i].type, &change->value)) {
            known++;
            const int error = changes[i].change(change);
            if (error < 0) {
                return error;
            }
        }
    }
    return rtnl_count(attributes) == known ? 0 : -EOPNOTSUPP;
}

static int apply_flags(struct change *change, const struct ifinfomsg *body)
{
    const uint32_t mask = body->ifi_change != 0 ? body->ifi_change : ~0u;
    if ((body->ifi_flags == 0 && body->ifi_change == 0) || (mask & IFF_UP) == 0) {
        return 0;
    }
    const bool up = (body->ifi_flags & IFF_UP) != 0;
    if (change->link.can == NULL) {
        return up ? 0 : -EOPNOTSUPP;
    }
    af_can_set_up(change->stack, change->link.index, up);
    return 0;
}

/* __rtnl_newlink(), as far as there is a choice. */
int rtnl_link_change(struct af_can *stack, const struct rtnl_request *request)
{
    struct change change = {.stack = stack};
    const int error = rtnl_link_asked_for(stack, request, &change.link);
    if (error < 0) {
        const bool create = (request->head.nlmsg_flags & NLM_F_CREATE) != 0;
        return create ? -EOPNOTSUPP : -ENODEV;
    }
    if ((request->head.nlmsg_flags & (NLM_F_EXCL | NLM_F_REPLACE)) != 0) {
        return (request->head.nlmsg_flags & NLM_F_EXCL) != 0 ? -EEXIST : -EOPNOTSUPP;
    }
    struct ifinfomsg body;
    memcpy(&body, request->body, sizeof body);
    const int refused = apply_attributes(&change, rtnl_attributes_of(request, sizeof body));
    return refused < 0 ? refused : apply_flags(&change, &body);
}
