/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_queue.c - the receive queue of a socket, counted as the kernel counts. */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SKB_SHARED_INFO_BYTES = 320, /* Rounded up to cache lines, as struct sk_buff below. */
    SK_BUFF_BYTES = 256,
    CACHE_LINE_BYTES = 64,
    KMALLOC_SMALLEST_BYTES = 512, /* That such a buffer ever needs. */
};

/* __alloc_skb(), net/core/skbuff.c: the data and struct skb_shared_info are one piece of memory,
 * which comes in powers of two. */
static uint32_t true_size(size_t len_bytes)
{
    const size_t lines = (len_bytes + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES;
    const size_t needed = lines * CACHE_LINE_BYTES + SKB_SHARED_INFO_BYTES;
    size_t given = KMALLOC_SMALLEST_BYTES;
    while (given < needed) {
        given *= 2;
    }
    return (uint32_t)(given + SK_BUFF_BYTES);
}

static struct af_can_entry *allocate_entry(struct af_can *stack, size_t len_bytes)
{
    struct af_can_entry *entry = stack->free_entries;
    if (len_bytes > AF_CAN_ENTRY_SMALL) {
        return malloc(sizeof(*entry) + len_bytes);
    }
    if (entry == NULL) {
        return malloc(sizeof(*entry) + AF_CAN_ENTRY_SMALL);
    }
    stack->free_entries = entry->next;
    return entry;
}

static void release_entry(struct af_can *stack, struct af_can_entry *entry)
{
    if (entry->len_bytes > AF_CAN_ENTRY_SMALL) {
        free(entry);
        return;
    }
    entry->next = stack->free_entries;
    stack->free_entries = entry;
}

static struct af_can_entry *append(struct af_can_rx_queue *queue, struct af_can_entry *entry)
{
    entry->next = NULL;
    if (queue->last != NULL) {
        queue->last->next = entry;
    } else {
        queue->first = entry;
    }
    queue->last = entry;
    queue->allocated += entry->true_size;
    return entry;
}

static void remove_first(struct af_can_socket_core *core)
{
    struct af_can_rx_queue *queue = &core->queue;
    struct af_can_entry *entry = queue->first;
    queue->first = entry->next;
    queue->last = entry->next != NULL ? queue->last : NULL;
    queue->allocated -= entry->true_size;
    release_entry(core->socket.stack, entry);
}

void af_can_queue_free(struct af_can_socket_core *core)
{
    while (core->queue.first != NULL) {
        remove_first(core);
    }
}

/* __sock_queue_rcv_skb(), net/core/sock.c: an entry is taken as long as the buffer is not full
 * yet, so it may go over the limit. */
bool af_can_queue(struct af_can_socket *socket, const void *data, size_t len_bytes,
                  const void *address, size_t address_bytes, int flags, sim_ns_t at_ns)
{
    struct af_can_socket_core *core = af_can_core(socket);
    struct af_can_rx_queue *queue = &core->queue;
    CHECK(address_bytes <= sizeof(queue->first->address));
    struct af_can_entry *entry = NULL;
    if (queue->allocated < (uint32_t)core->options.receive_buffer) {
        entry = allocate_entry(socket->stack, len_bytes);
    }
    if (entry == NULL) {
        queue->dropped++;
        return false;
    }
    *entry = (struct af_can_entry){
        .at_ns = at_ns,
        .stamped = socket->stack->stamp_users > 0,
        .dropped = core->options.overflow ? queue->dropped : 0,
        .true_size = true_size(len_bytes),
        .flags = flags,
        .address_bytes = (uint8_t)address_bytes,
        .len_bytes = len_bytes,
    };
    memcpy(entry->address, address, address_bytes);
    memcpy(entry->data, data, len_bytes);
    append(queue, entry);
    af_can_changed(socket);
    return true;
}

static void copy_address(const struct af_can_entry *entry, struct af_can_message *message)
{
    if (message->address == NULL) {
        return;
    }
    const size_t room = message->address_bytes;
    memcpy(message->address, entry->address,
           room < entry->address_bytes ? room : entry->address_bytes);
    message->address_bytes = entry->address_bytes;
}

/* skb_recv_datagram() and what raw_recvmsg(), isotp_recvmsg() and bcm_recvmsg() have in common. A
 * pending error is told before what is in the queue. */
long af_can_queue_take(struct af_can_socket *socket, struct af_can_message *message)
{
    struct af_can_socket_core *core = af_can_core(socket);
    const int error = af_can_take_error(socket);
    if (error != 0) {
        return error;
    }
    const struct af_can_entry *entry = core->queue.first;
    if (entry == NULL) {
        return -EAGAIN;
    }
    const int flags = message->flags;
    const size_t true_len = entry->len_bytes;
    const bool cut = message->data_bytes < true_len;
    const size_t len = cut ? message->data_bytes : true_len;
    const bool mark = cut && !socket->protocol->hides_cut;
    message->flags = (flags & MSG_CMSG_CLOEXEC) | entry->flags | (mark ? MSG_TRUNC : 0);
    memcpy(message->data, entry->data, len);
    af_can_control(core, entry, message);
    copy_address(entry, message);
    if ((flags & MSG_PEEK) == 0) {
        remove_first(core);
    }
    const bool tell_true = (flags & MSG_TRUNC) != 0 && socket->protocol->tells_true_length;
    return (long)(tell_true ? true_len : len);
}
