/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/rtnetlink_message.c - netlink messages: built, taken apart, queued. */
#include "guest/af_can/rtnetlink_message.h"

#include <errno.h>
#include <string.h>

static void append(struct rtnl_message *message, const void *data, size_t len_bytes)
{
    const size_t padded = NLMSG_ALIGN(message->len_bytes + len_bytes);
    CHECK(padded <= sizeof message->bytes);
    memcpy(message->bytes + message->len_bytes, data, len_bytes);
    memset(message->bytes + message->len_bytes + len_bytes, 0,
           padded - message->len_bytes - len_bytes);
    message->len_bytes = padded;
}

void rtnl_begin(struct rtnl_message *message, uint16_t type, const void *body, size_t body_bytes)
{
    const struct nlmsghdr head = {.nlmsg_type = type};
    message->len_bytes = 0;
    append(message, &head, sizeof head);
    append(message, body, body_bytes);
}

void rtnl_put(struct rtnl_message *message, uint16_t type, const void *value, size_t len_bytes)
{
    const struct nlattr head = {.nla_len = (uint16_t)(sizeof(struct nlattr) + len_bytes),
                                .nla_type = type};
    append(message, &head, sizeof head);
    append(message, value, len_bytes);
}

void rtnl_put_u8(struct rtnl_message *message, uint16_t type, uint8_t value)
{
    rtnl_put(message, type, &value, sizeof value);
}

void rtnl_put_u32(struct rtnl_message *message, uint16_t type, uint32_t value)
{
    rtnl_put(message, type, &value, sizeof value);
}

void rtnl_put_text(struct rtnl_message *message, uint16_t type, const char *text)
{
    rtnl_put(message, type, text, strlen(text) + 1);
}

size_t rtnl_nest(struct rtnl_message *message, uint16_t type)
{
    const size_t nest = message->len_bytes;
    rtnl_put(message, type, "", 0);
    return nest;
}

void rtnl_nest_end(struct rtnl_message *message, size_t nest)
{
    struct nlattr head;
    memcpy(&head, message->bytes + nest, sizeof head);
    head.nla_len = (uint16_t)(message->len_bytes - nest);
    memcpy(message->bytes + nest, &head, sizeof head);
}

static void finish(const struct rtnetlink *socket, const struct rtnl_request *request,
                   struct rtnl_message *message, uint16_t flags)
{
    struct nlmsghdr head;
    memcpy(&head, message->bytes, sizeof head);
    head.nlmsg_len = (uint32_t)message->len_bytes;
    head.nlmsg_flags = flags;
    head.nlmsg_seq = request->head.nlmsg_seq;
    head.nlmsg_pid = socket->port;
    memcpy(message->bytes, &head, sizeof head);
}

static uint32_t datagram_bytes(const struct rtnl_queue *queue, size_t at)
{
    uint32_t len_bytes;
    memcpy(&len_bytes, queue->bytes + at, sizeof len_bytes);
    return len_bytes;
}

static void grow_last(struct rtnl_queue *queue, const uint8_t *bytes, size_t len_bytes)
{
    const uint32_t grown = datagram_bytes(queue, queue->last) + (uint32_t)len_bytes;
    memcpy(queue->bytes + queue->last, &grown, sizeof grown);
    memcpy(queue->bytes + queue->end, bytes, len_bytes);
    queue->end += len_bytes;
}

static bool has_room(struct rtnl_queue *queue, size_t len_bytes)
{
    if (queue->first == queue->end) {
        queue->first = queue->end = 0;
    }
    if (queue->end + sizeof(uint32_t) + len_bytes > sizeof queue->bytes) {
        queue->overflow = true;
        return false;
    }
    return true;
}

static void queue_datagram(struct rtnl_queue *queue, const uint8_t *bytes, size_t len_bytes)
{
    if (!has_room(queue, len_bytes)) {
        return;
    }
    queue->last = queue->end;
    memset(queue->bytes + queue->end, 0, sizeof(uint32_t));
    queue->end += sizeof(uint32_t);
    grow_last(queue, bytes, len_bytes);
}

void rtnl_answer(struct rtnetlink *socket, const struct rtnl_request *request,
                 struct rtnl_message *message)
{
    finish(socket, request, message, 0);
    queue_datagram(&socket->queue, message->bytes, message->len_bytes);
}

/* A part goes behind the part before it, if that belongs to the same dump and has room left. */
void rtnl_answer_part(struct rtnetlink *socket, const struct rtnl_request *request,
                      struct rtnl_message *message)
{
    struct rtnl_queue *queue = &socket->queue;
    finish(socket, request, message, NLM_F_MULTI);
    if (queue->first != queue->end) {
        struct nlmsghdr before;
        memcpy(&before, queue->bytes + queue->last + sizeof(uint32_t), sizeof before);
        const bool same = (before.nlmsg_flags & NLM_F_MULTI) != 0 &&
                          before.nlmsg_type != NLMSG_DONE &&
                          before.nlmsg_seq == request->head.nlmsg_seq;
        if (same && datagram_bytes(queue, queue->last) + message->len_bytes <= RTNL_DATAGRAM_MAX &&
            has_room(queue, message->len_bytes)) {
            grow_last(queue, message->bytes, message->len_bytes);
            return;
        }
    }
    queue_datagram(queue, message->bytes, message->len_bytes);
}

void rtnl_answer_done(struct rtnetlink *socket, const struct rtnl_request *request)
{
    const int32_t result = 0;
    struct rtnl_message done;
    rtnl_begin(&done, NLMSG_DONE, &result, sizeof result);
    finish(socket, request, &done, NLM_F_MULTI);
    queue_datagram(&socket->queue, done.bytes, done.len_bytes);
}

/* netlink_ack(): an error repeats the request, unless the socket does not want that. */
void rtnl_answer_error(struct rtnetlink *socket, const struct rtnl_request *request, int error)
{
    const struct nlmsgerr body = {.error = error, .msg = request->head};
    const bool whole = error != 0 && !socket->capped && request->body_bytes <= RTNL_MESSAGE_MAX / 2;
    struct rtnl_message answer;
    rtnl_begin(&answer, NLMSG_ERROR, &body, sizeof body);
    if (whole) {
        append(&answer, request->body, request->body_bytes);
    }
    finish(socket, request, &answer, whole ? 0 : NLM_F_CAPPED);
    queue_datagram(&socket->queue, answer.bytes, answer.len_bytes);
}

int rtnl_queue_first(struct rtnl_queue *queue, struct rtnl_span *datagram)
{
    if (queue->overflow) {
        queue->overflow = false;
        return -ENOBUFS;
    }
    if (queue->first == queue->end) {
        return -EAGAIN;
    }
    *datagram = (struct rtnl_span){.bytes = queue->bytes + queue->first + sizeof(uint32_t),
                                   .len_bytes = datagram_bytes(queue, queue->first)};
    return 0;
}

void rtnl_queue_drop_first(struct rtnl_queue *queue)
{
    queue->first += sizeof(uint32_t) + datagram_bytes(queue, queue->first);
}

struct rtnl_span rtnl_attributes_of(const struct rtnl_request *request, size_t fixed_bytes)
{
    if (request->body_bytes < fixed_bytes) {
        return (struct rtnl_span){.bytes = request->body};
    }
    return (struct rtnl_span){.bytes = request->body + fixed_bytes,
                              .len_bytes = request->body_bytes - fixed_bytes};
}

/* Takes the next attribute off; false if there is none that is whole. */
static bool next_attribute(struct rtnl_span *rest, struct nlattr *head, struct rtnl_span *value)
{
    if (rest->len_bytes < sizeof *head) {
        return false;
    }
    memcpy(head, rest->bytes, sizeof *head);
    if (head->nla_len < sizeof *head || head->nla_len > rest->len_bytes) {
        return false;
    }
    *value = (struct rtnl_span){.bytes = rest->bytes + sizeof *head,
                                .len_bytes = head->nla_len - sizeof *head};
    const size_t step = NLA_ALIGN(head->nla_len);
    const size_t taken = step < rest->len_bytes ? step : rest->len_bytes;
    rest->bytes += taken;
    rest->len_bytes -= taken;
    return true;
}

bool rtnl_find(struct rtnl_span attributes, uint16_t type, struct rtnl_span *value)
{
    struct nlattr head;
    struct rtnl_span here;
    bool found = false;
    while (next_attribute(&attributes, &head, &here)) {
        if ((head.nla_type & NLA_TYPE_MASK) == type) {
            *value = here;
            found = true;
        }
    }
    return found;
}

size_t rtnl_count(struct rtnl_span attributes)
{
    struct nlattr head;
    struct rtnl_span value;
    size_t count = 0;
    while (next_attribute(&attributes, &head, &value)) {
        count++;
    }
    return count;
}
