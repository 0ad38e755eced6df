/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_dumps.c - addresses and queueing disciplines of the links. */
#include "guest/af_can/rtnetlink_link.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static uint8_t family_of(const struct rtnl_request *request)
{
    return request->body[0]; /* The first member of each fixed part (struct rtgenmsg). */
}

static void put_address(struct rtnetlink *socket, const struct rtnl_request *request,
                        uint8_t family, uint8_t prefix, const void *address, size_t len_bytes)
{
    const struct ifaddrmsg body = {.ifa_family = family,
                                   .ifa_prefixlen = prefix,
                                   .ifa_flags = IFA_F_PERMANENT,
                                   .ifa_scope = RT_SCOPE_HOST,
                                   .ifa_index = RTNL_LOOPBACK_INDEX};
    const struct ifa_cacheinfo for_ever = {.ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX};
    struct rtnl_message part;
    rtnl_begin(&part, RTM_NEWADDR, &body, sizeof body);
    rtnl_put(&part, IFA_ADDRESS, address, len_bytes);
    if (family == AF_INET) {
        rtnl_put(&part, IFA_LOCAL, address, len_bytes);
        rtnl_put_text(&part, IFA_LABEL, "lo");
    }
    rtnl_put(&part, IFA_CACHEINFO, &for_ever, sizeof for_ever);
    rtnl_put_u32(&part, IFA_FLAGS, IFA_F_PERMANENT);
    rtnl_answer_part(socket, request, &part);
}

/* Those of lo. */
void rtnl_dump_addresses(struct rtnetlink *socket, const struct rtnl_request *request)
{
    const uint8_t family = family_of(request);
    const struct in_addr v4 = {.s_addr = htonl(INADDR_LOOPBACK)};
    const struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;
    if (family == AF_UNSPEC || family == AF_INET) {
        put_address(socket, request, AF_INET, 8, &v4, sizeof v4);
    }
    if (family == AF_UNSPEC || family == AF_INET6) {
        put_address(socket, request, AF_INET6, 128, &v6, sizeof v6);
    }
}

static void put_qdisc(struct rtnl_message *message, const struct rtnl_link *link)
{
    /* The default of net/sched/sch_generic.c. */
    static const struct tc_prio_qopt bands = {
        .bands = AF_CAN_BANDS, .priomap = {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}};
    const struct tcmsg body = {
        .tcm_ifindex = link->index, .tcm_parent = TC_H_ROOT, .tcm_info = 2 /* References. */};
    rtnl_begin(message, RTM_NEWQDISC, &body, sizeof body);
    rtnl_put_text(message, TCA_KIND, link->qdisc);
    if (strcmp(link->qdisc, "pfifo_fast") == 0) {
        rtnl_put(message, TCA_OPTIONS, &bands, sizeof bands);
    }
}

void rtnl_dump_qdiscs(struct rtnetlink *socket, const struct rtnl_request *request)
{
    struct rtnl_link link;
    for (int i = RTNL_LOOPBACK_INDEX; rtnl_link_at(socket->stack, i, &link); i++) {
        struct rtnl_message part;
        put_qdisc(&part, &link);
        rtnl_answer_part(socket, request, &part);
    }
}
