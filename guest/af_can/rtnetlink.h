/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink.h - a socket(AF_NETLINK, *, NETLINK_ROUTE) of the simulated host.
 *
 * So that ip, tc, getifaddrs() and their like find the interfaces of the stack, and lo. Links can
 * be listed, looked up and set up or down; what belongs to the vehicle file (bit rates, new
 * interfaces) cannot be changed. Other names of an interface are "altnames" here. Whoever uses the
 * stack counts as privileged: these interfaces are his.
 *
 * As the rest of the stack it neither waits nor knows processes: see af_can.h. */
#ifndef GUEST_AF_CAN_RTNETLINK_H
#define GUEST_AF_CAN_RTNETLINK_H

#include "guest/af_can/af_can.h"

struct rtnetlink;

/* type: SOCK_RAW or SOCK_DGRAM. port: what the kernel would choose for nl_pid, different for every
 * socket (the first of a process gets the process id). Null: out of memory. */
struct rtnetlink *rtnetlink_new(struct af_can *stack, int type, uint32_t port);
void rtnetlink_free(struct rtnetlink *socket);

int rtnetlink_bind(struct rtnetlink *socket, const void *address, size_t len_bytes);
/* *len_bytes: room on entry, true length on return. The peer is the kernel, port 0. */
int rtnetlink_getsockname(const struct rtnetlink *socket, void *address, size_t *len_bytes);
int rtnetlink_getpeername(const struct rtnetlink *socket, void *address, size_t *len_bytes);
int rtnetlink_setsockopt(struct rtnetlink *socket, int level, int name, const void *value,
                         size_t len_bytes);
int rtnetlink_getsockopt(const struct rtnetlink *socket, int level, int name, void *value,
                         size_t *len_bytes);

/* Requests; the answers are there at once. Returns how many bytes were taken. */
long rtnetlink_send(struct rtnetlink *socket, const struct af_can_message *message);
/* One datagram; MSG_PEEK and MSG_TRUNC as the kernel. -EAGAIN: none there. */
long rtnetlink_receive(struct rtnetlink *socket, struct af_can_message *message);
/* POLLIN, POLLOUT ... */
unsigned rtnetlink_poll(const struct rtnetlink *socket);

#endif
