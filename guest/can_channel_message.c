/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_message.c - one message between a guest's memory and the model. */
#include "guest/can_channel_message.h"

#include "guest/guest_copy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

enum { READ_WRITE_MAX = INT_MAX & ~4095 }; /* MAX_RW_COUNT (linux/fs.h). */

int can_channel_message_flat(struct can_channels *channels, struct can_channel_message *message,
                             uint64_t address, uint64_t len_bytes)
{
    size_t len = len_bytes < READ_WRITE_MAX ? (size_t)len_bytes : READ_WRITE_MAX;
    channels->iov[0] = (struct iovec){(void *)(uintptr_t)address, len};
    message->iov_len = 1;
    message->data_bytes = len;
    return 0;
}

/* import_iovec() (lib/iov_iter.c): a length that is negative as a signed number is refused, the sum
 * is cut. */
int can_channel_message_vector(struct can_channels *channels, const struct guest_thread *t,
                               struct can_channel_message *message, uint64_t iov, uint64_t iov_len,
                               int too_many)
{
    if (iov_len > UIO_MAXIOV) {
        return too_many;
    }
    if (!guest_read(t, iov, channels->iov, (size_t)iov_len * sizeof channels->iov[0])) {
        return -EFAULT;
    }
    size_t sum = 0;
    for (size_t i = 0; i < iov_len; i++) {
        struct iovec *piece = &channels->iov[i];
        if (piece->iov_len > SSIZE_MAX) {
            return -EINVAL;
        }
        size_t room = READ_WRITE_MAX - sum;
        piece->iov_len = piece->iov_len < room ? piece->iov_len : room;
        sum += piece->iov_len;
    }
    message->iov_len = (size_t)iov_len;
    message->data_bytes = sum;
    return 0;
}

/* __copy_msghdr() (net/socket.c). */
int can_channel_message_header(struct can_channels *channels, const struct guest_thread *t,
                               struct can_channel_message *message, uint64_t header)
{
    struct msghdr hdr;
    if (!guest_read(t, header, &hdr, sizeof hdr)) {
        return -EFAULT;
    }
    if ((int)hdr.msg_namelen < 0) {
        return -EINVAL;
    }
    message->name = (uint64_t)(uintptr_t)hdr.msg_name;
    message->name_bytes =
        hdr.msg_namelen < CAN_CHANNEL_ADDRESS_MAX ? hdr.msg_namelen : CAN_CHANNEL_ADDRESS_MAX;
    message->has_name = hdr.msg_name != NULL;
    message->name_bytes_at = header + offsetof(struct msghdr, msg_namelen);
    message->control = (uint64_t)(uintptr_t)hdr.msg_control;
    message->control_bytes = hdr.msg_control ? hdr.msg_controllen : 0;
    message->header = header;
    return can_channel_message_vector(channels, t, message, (uint64_t)(uintptr_t)hdr.msg_iov,
                                      hdr.msg_iovlen, -EMSGSIZE);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What recvmsg() writes back, in the order of ___sys_recvmsg(). */
static bool write_back(struct can_channels *channels, const struct guest_thread *t,
                       const struct can_channel_message *message, const struct af_can_message *got,
                       size_t data_bytes)
{
    struct guest_copy copy;
    int address_bytes = (int)got->address_bytes;
    struct {
        uint64_t control_bytes;
        uint32_t flags;
    } tail = {got->control_bytes, (uint32_t)got->flags};
    guest_copy_init(&copy, t, true);
    guest_copy_add_iov(&copy, channels->iov, message->iov_len, channels->data, data_bytes);
    if (message->has_name) {
        guest_copy_add(&copy, message->name, channels->address,
                       least(message->name_bytes, got->address_bytes));
        guest_copy_add(&copy, message->name_bytes_at, &address_bytes, sizeof address_bytes);
    }
    if (message->header != 0) {
        guest_copy_add(&copy, message->control, channels->control,
                       least(message->control_bytes, got->control_bytes));
        guest_copy_add(&copy, message->header + offsetof(struct msghdr, msg_controllen), &tail,
                       sizeof tail.control_bytes + sizeof tail.flags);
    }
    return guest_copy_end(&copy);
}

long can_channel_receive(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                         const struct can_channel_message *message)
{
    struct can_channels *channels = s->channels;
    size_t room = least(message->data_bytes, CAN_CHANNEL_DATA_MAX);
    struct af_can_message got = {
        .data = channels->data,
        .data_bytes = room,
        .address = message->has_name ? channels->address : NULL,
        .address_bytes = message->has_name ? sizeof channels->address : 0,
        .control = message->control_bytes > 0 ? channels->control : NULL,
        .control_bytes = least(message->control_bytes, CAN_CHANNEL_CONTROL_MAX),
        .flags = message->flags,
    };
    long n = can_channel_model_receive(&channel->model, &got);
    if (n < 0) {
        return n;
    }
    return write_back(channels, t, message, &got, least((size_t)n, room)) ? n : -EFAULT;
}

static bool is_sender(const struct guest_thread *t, const struct can_channel *channel)
{
    return t->call.wake != GUEST_WAKE_FIRST && channel->sender == t->tid &&
           channel->sender_number == t->number;
}

/* A thread that was killed while it waited asks no more. */
static void drop_dead_sender(struct supervisor *s, struct can_channel *channel)
{
    const struct guest_thread *sender =
        channel->sender != 0 ? guest_thread_of(s, channel->sender) : NULL;
    if (channel->sender != 0 && (!sender || sender->number != channel->sender_number)) {
        af_can_send_abandon(channel->model.can);
        channel->sender = 0;
    }
}

static void send_interrupted(struct supervisor *s, struct guest_thread *t)
{
    struct can_channel *channel = t->wait.can;
    (void)s;
    if (channel && is_sender(t, channel)) {
        af_can_send_abandon(channel->model.can);
        channel->sender = 0;
    }
}

static long send_new(struct can_channels *channels, const struct guest_thread *t,
                     struct can_channel *channel, const struct can_channel_message *message)
{
    struct guest_copy copy;
    if (message->control_bytes > CAN_CHANNEL_CONTROL_MAX) {
        return -ENOBUFS;
    }
    if (message->data_bytes > CAN_CHANNEL_DATA_MAX) {
        return -EINVAL; /* So say all protocols to what is too long for them. */
    }
    guest_copy_init(&copy, t, false);
    guest_copy_add(&copy, message->name, channels->address,
                   message->has_name ? message->name_bytes : 0);
    guest_copy_add(&copy, message->control, channels->control, message->control_bytes);
    guest_copy_add_iov(&copy, channels->iov, message->iov_len, channels->data, message->data_bytes);
    if (!guest_copy_end(&copy)) {
        return -EFAULT;
    }
    struct af_can_message out = {
        .data = channels->data,
        .data_bytes = message->data_bytes,
        .address = message->has_name ? channels->address : NULL,
        .address_bytes = message->has_name ? message->name_bytes : 0,
        .control = message->control_bytes > 0 ? channels->control : NULL,
        .control_bytes = message->control_bytes,
        .flags = message->flags,
    };
    return can_channel_model_send(&channel->model, &out);
}

long can_channel_send(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                      const struct can_channel_message *message)
{
    bool waited = is_sender(t, channel);
    if (!waited) {
        drop_dead_sender(s, channel);
    }
    long n = waited ? af_can_send_result(channel->model.can)
                    : send_new(s->channels, t, channel, message);
    if (n == AF_CAN_SEND_WAITS) {
        channel->sender = t->tid;
        channel->sender_number = t->number;
        t->wait.on_interrupt = send_interrupted;
        t->wait.on_signal = GUEST_SIGNAL_RESTART;
    } else if (waited) {
        channel->sender = 0;
    }
    if (channel->model.netlink) {
        can_channel_changed(s, channel); /* The answer is there; that model does not tell. */
    }
    return n;
}
