/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_link.h - the links of the host, lo and the CAN interfaces, in messages. */
#ifndef GUEST_AF_CAN_RTNETLINK_LINK_H
#define GUEST_AF_CAN_RTNETLINK_LINK_H

#include "guest/af_can/af_can_private.h"
#include "guest/af_can/rtnetlink_message.h"

enum { RTNL_LOOPBACK_INDEX = 1 };

struct rtnl_link {
    int index;
    const char *name;
    uint16_t type; /* ARPHRD_*. */
    uint32_t flags;
    uint32_t mtu;
    uint32_t tx_queue_len;
    const char *qdisc;
    const char *kind;             /* Null: none. */
    uint8_t state;                /* IF_OPER_*. */
    struct af_can_interface *can; /* Null: lo. */
};

/* Indexes run from RTNL_LOOPBACK_INDEX without gaps. False: there is no such link. */
bool rtnl_link_at(const struct af_can *stack, int index, struct rtnl_link *link);
/* By index, else by name or other name: 0, or negative errno. */
int rtnl_link_asked_for(const struct af_can *stack, const struct rtnl_request *request,
                        struct rtnl_link *link);
/* RTM_NEWLINK as an answer. */
void rtnl_link_put(struct rtnl_message *message, const struct rtnl_link *link);
/* RTM_NEWLINK as a request: 0, or negative errno. */
int rtnl_link_change(struct af_can *stack, const struct rtnl_request *request);
/* IFLA_INFO_DATA of a link of kind "can". */
void rtnl_can_put(struct rtnl_message *message, const struct af_can_interface *interface);
/* The same in a request: 0, or negative errno. */
int rtnl_can_change(struct af_can_interface *interface, struct rtnl_span data);

/* Dumps: RTM_GETADDR, RTM_GETQDISC. */
void rtnl_dump_addresses(struct rtnetlink *socket, const struct rtnl_request *request);
void rtnl_dump_qdiscs(struct rtnetlink *socket, const struct rtnl_request *request);

#endif
