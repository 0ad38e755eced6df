/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink.c - a NETLINK_ROUTE socket: names, options, requests and answers. */
#include "guest/af_can/rtnetlink.h"

#include "guest/af_can/rtnetlink_link.h"
#include "guest/af_can/rtnetlink_message.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct rtnetlink *rtnetlink_new(struct af_can *stack, int type, uint32_t port)
{
    struct rtnetlink *socket = calloc(1, sizeof *socket);
    if (socket != NULL) {
        socket->stack = stack;
        socket->type = type;
        socket->given_port = port;
    }
    return socket;
}

void rtnetlink_free(struct rtnetlink *socket)
{
    free(socket);
}

/* netlink_bind(). */
int rtnetlink_bind(struct rtnetlink *socket, const void *address, size_t len_bytes)
{
    struct sockaddr_nl given;
    if (len_bytes < sizeof given) {
        return -EINVAL;
    }
    memcpy(&given, address, sizeof given);
    if (given.nl_family != AF_NETLINK) {
        return -EINVAL;
    }
    if (socket->port != 0 && given.nl_pid != socket->port) {
        return -EINVAL;
    }
    socket->port = given.nl_pid != 0 ? given.nl_pid : socket->given_port;
    socket->groups = given.nl_groups;
    return 0;
}

static int put_name(const struct sockaddr_nl *name, void *address, size_t *len_bytes)
{
    memcpy(address, name, *len_bytes < sizeof *name ? *len_bytes : sizeof *name);
    *len_bytes = sizeof *name;
    return 0;
}

int rtnetlink_getsockname(const struct rtnetlink *socket, void *address, size_t *len_bytes)
{
    const struct sockaddr_nl name = {
        .nl_family = AF_NETLINK, .nl_pid = socket->port, .nl_groups = socket->groups};
    return put_name(&name, address, len_bytes);
}

int rtnetlink_getpeername(const struct rtnetlink *socket, void *address, size_t *len_bytes)
{
    (void)socket;
    const struct sockaddr_nl name = {.nl_family = AF_NETLINK};
    return put_name(&name, address, len_bytes);
}

/* Buffers are as large as they are, and nothing is ever multicast, so most options change
 * nothing. */
int rtnetlink_setsockopt(struct rtnetlink *socket, int level, int name, const void *value,
                         size_t len_bytes)
{
    int number = 0;
    if (level == SOL_SOCKET) {
        return 0;
    }
    if (level != SOL_NETLINK || name < NETLINK_ADD_MEMBERSHIP || name > NETLINK_GET_STRICT_CHK) {
        return -ENOPROTOOPT;
    }
    if (len_bytes < sizeof number) {
        return -EINVAL;
    }
    memcpy(&number, value, sizeof number);
    if (name == NETLINK_CAP_ACK) {
        socket->capped = number != 0;
    }
    return 0;
}

int rtnetlink_getsockopt(const struct rtnetlink *socket, int level, int name, void *value,
                         size_t *len_bytes)
{
    const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_ERROR, 0},
        {SOL_SOCKET, SO_TYPE, socket->type},
        {SOL_SOCKET, SO_DOMAIN, AF_NETLINK},
        {SOL_SOCKET, SO_PROTOCOL, NETLINK_ROUTE},
        {SOL_SOCKET, SO_RCVBUF, RTNL_QUEUE_BYTES},
        {SOL_SOCKET, SO_SNDBUF, RTNL_QUEUE_BYTES},
        {SOL_NETLINK, NETLINK_CAP_ACK, socket->capped},
    };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (options[i].level == level && options[i].name == name) {
            *len_bytes = *len_bytes < sizeof(int) ? *len_bytes : sizeof(int);
            memcpy(value, &options[i].value, *len_bytes);
            return 0;
        }
    }
    return -ENOPROTOOPT;
}

static int get_link(struct rtnetlink *socket, const struct rtnl_request *request)
{
    struct rtnl_link link;
    struct rtnl_message answer;
    const int error = rtnl_link_asked_for(socket->stack, request, &link);
    if (error == 0) {
        rtnl_link_put(&answer, &link);
        rtnl_answer(socket, request, &answer);
    }
    return error;
}

static int change_link(struct rtnetlink *socket, const struct rtnl_request *request)
{
    return rtnl_link_change(socket->stack, request);
}

static void dump_links(struct rtnetlink *socket, const struct rtnl_request *request)
{
    struct rtnl_link link;
    for (int i = RTNL_LOOPBACK_INDEX; rtnl_link_at(socket->stack, i, &link); i++) {
        struct rtnl_message part;
        rtnl_link_put(&part, &link);
        rtnl_answer_part(socket, request, &part);
    }
}

static void dump_nothing(struct rtnetlink *socket, const struct rtnl_request *request)
{
    (void)socket;
    (void)request;
}

/* What is answered; everything else is not supported. Null: only as a dump, or never as one. */
static const struct {
    uint16_t type;
    int (*one)(struct rtnetlink *socket, const struct rtnl_request *request);
    void (*dump)(struct rtnetlink *socket, const struct rtnl_request *request);
} handlers[] = {
    {RTM_GETLINK, get_link, dump_links},      {RTM_NEWLINK, change_link, NULL},
    {RTM_GETADDR, NULL, rtnl_dump_addresses}, {RTM_GETQDISC, NULL, rtnl_dump_qdiscs},
    {RTM_GETROUTE, NULL, dump_nothing},       {RTM_GETRULE, NULL, dump_nothing},
    {RTM_GETNEIGH, NULL, dump_nothing},
};

/* rtnetlink_rcv_msg(): in a request of the kind "get", each of the two bits asks for a dump. */
static bool asks_for_dump(const struct rtnl_request *request)
{
    const bool is_get = (request->head.nlmsg_type & 3u) == (RTM_GETLINK & 3u);
    return is_get && (request->head.nlmsg_flags & NLM_F_DUMP) != 0;
}

static void handle(struct rtnetlink *socket, const struct rtnl_request *request)
{
    int result = -EOPNOTSUPP;
    for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
        if (handlers[i].type != request->head.nlmsg_type) {
            continue;
        }
        if (asks_for_dump(request) && handlers[i].dump != NULL) {
            handlers[i].dump(socket, request);
            rtnl_answer_done(socket, request);
            return;
        }
        if (!asks_for_dump(request) && handlers[i].one != NULL) {
            result = handlers[i].one(socket, request);
        }
    }
    if (result != 0 || (request->head.nlmsg_flags & NLM_F_ACK) != 0) {
        rtnl_answer_error(socket, request, result);
    }
}

/* netlink_rcv_skb(): control messages and those that are no request want at most an answer. */
static void take_request(struct rtnetlink *socket, const struct rtnl_request *request)
{
    const bool wanted = (request->head.nlmsg_flags & NLM_F_REQUEST) != 0 &&
                        request->head.nlmsg_type >= NLMSG_MIN_TYPE;
    if (wanted && request->body_bytes >= sizeof(struct rtgenmsg)) {
        handle(socket, request);
    } else if ((request->head.nlmsg_flags & NLM_F_ACK) != 0) {
        rtnl_answer_error(socket, request, 0);
    }
}

long rtnetlink_send(struct rtnetlink *socket, const struct af_can_message *message)
{
    const uint8_t *bytes = message->data;
    size_t at = 0;
    if (socket->port == 0) {
        socket->port = socket->given_port;
    }
    while (message->data_bytes - at >= sizeof(struct nlmsghdr)) {
        struct rtnl_request request;
        memcpy(&request.head, bytes + at, sizeof request.head);
        const size_t len_bytes = request.head.nlmsg_len;
        if (len_bytes < sizeof request.head || len_bytes > message->data_bytes - at) {
            break;
        }
        request.body = bytes + at + sizeof request.head;
        request.body_bytes = len_bytes - sizeof request.head;
        take_request(socket, &request);
        const size_t step = NLMSG_ALIGN(len_bytes);
        at = step < message->data_bytes - at ? at + step : message->data_bytes;
    }
    return (long)message->data_bytes;
}

static void tell_sender(struct af_can_message *message)
{
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (message->address != NULL) {
        (void)put_name(&kernel, message->address, &message->address_bytes);
    }
}

long rtnetlink_receive(struct rtnetlink *socket, struct af_can_message *message)
{
    const bool peek = (message->flags & MSG_PEEK) != 0;
    const bool true_length = (message->flags & MSG_TRUNC) != 0;
    struct rtnl_span datagram;
    const int error = rtnl_queue_first(&socket->queue, &datagram);
    if (error < 0) {
        return error;
    }
    const bool cut = datagram.len_bytes > message->data_bytes;
    const size_t taken = cut ? message->data_bytes : datagram.len_bytes;
    memcpy(message->data, datagram.bytes, taken);
    tell_sender(message);
    message->control_bytes = 0;
    message->flags = cut ? MSG_TRUNC : 0;
    if (!peek) {
        rtnl_queue_drop_first(&socket->queue);
    }
    return (long)(true_length ? datagram.len_bytes : taken);
}

unsigned rtnetlink_poll(const struct rtnetlink *socket)
{
    const bool readable = socket->queue.first != socket->queue.end;
    return POLLOUT | POLLWRNORM | POLLWRBAND | (readable ? POLLIN | POLLRDNORM : 0u) |
           (socket->queue.overflow ? (unsigned)POLLERR : 0u);
}
