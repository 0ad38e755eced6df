/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_message.h - netlink messages: one built, one taken apart, and the queue
 * of answers. */
#ifndef GUEST_AF_CAN_RTNETLINK_MESSAGE_H
#define GUEST_AF_CAN_RTNETLINK_MESSAGE_H

#include "guest/af_can/rtnetlink.h"

#include <linux/netlink.h>

enum {
    RTNL_MESSAGE_MAX = 2048,
    /* What one datagram of a dump may hold: NLMSG_GOODSIZE of a kernel with pages of 4 KiB. glibc
     * reads into 4 KiB and gives up on more (__netlink_request()). */
    RTNL_DATAGRAM_MAX = 3776,
    RTNL_QUEUE_BYTES = 64 * 1024,
};

/* A message that is being built. */
struct rtnl_message {
    size_t len_bytes;
    _Alignas(8) uint8_t bytes[RTNL_MESSAGE_MAX];
};

/* Bytes of a request or an answer: a datagram, attributes, or the value of one. */
struct rtnl_span {
    const uint8_t *bytes;
    size_t len_bytes;
};

struct rtnl_request {
    struct nlmsghdr head;
    const uint8_t *body; /* Behind the head; head.nlmsg_len tells how much there is. */
    size_t body_bytes;
};

/* Datagrams, each behind its length. */
struct rtnl_queue {
    size_t first, end; /* Offsets of the first datagram, and of the room behind the last. */
    size_t last;       /* Of the last one, which may still grow. */
    bool overflow;     /* One was lost: the next receive tells ENOBUFS. */
    uint8_t bytes[RTNL_QUEUE_BYTES];
};

struct rtnetlink {
    struct af_can *stack;
    int type;
    uint32_t given_port; /* Becomes the port with bind() or the first request. */
    uint32_t port;
    uint32_t groups;
    bool capped; /* NETLINK_CAP_ACK: errors do not repeat the request. */
    struct rtnl_queue queue;
};

void rtnl_begin(struct rtnl_message *message, uint16_t type, const void *body, size_t body_bytes);
void rtnl_put(struct rtnl_message *message, uint16_t type, const void *value, size_t len_bytes);
void rtnl_put_u8(struct rtnl_message *message, uint16_t type, uint8_t value);
void rtnl_put_u32(struct rtnl_message *message, uint16_t type, uint32_t value);
void rtnl_put_text(struct rtnl_message *message, uint16_t type, const char *text);
/* Attributes put between the two lie inside this one. */
size_t rtnl_nest(struct rtnl_message *message, uint16_t type);
void rtnl_nest_end(struct rtnl_message *message, size_t nest);

/* Finishes the message as an answer to the request and queues it: on its own, or as a part of a
 * dump. */
void rtnl_answer(struct rtnetlink *socket, const struct rtnl_request *request,
                 struct rtnl_message *message);
void rtnl_answer_part(struct rtnetlink *socket, const struct rtnl_request *request,
                      struct rtnl_message *message);
void rtnl_answer_done(struct rtnetlink *socket, const struct rtnl_request *request);
/* NLMSG_ERROR; error 0: the acknowledgement. */
void rtnl_answer_error(struct rtnetlink *socket, const struct rtnl_request *request, int error);

/* 0, or -EAGAIN: none there; -ENOBUFS, once, after an answer was lost. */
int rtnl_queue_first(struct rtnl_queue *queue, struct rtnl_span *datagram);
void rtnl_queue_drop_first(struct rtnl_queue *queue);

/* The attributes behind the fixed part of a request; none if that is not complete. */
struct rtnl_span rtnl_attributes_of(const struct rtnl_request *request, size_t fixed_bytes);
/* The value of the last attribute of that type, as the kernel takes it; false if there is none. */
bool rtnl_find(struct rtnl_span attributes, uint16_t type, struct rtnl_span *value);
size_t rtnl_count(struct rtnl_span attributes);

#endif
