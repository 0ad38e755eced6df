/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_token.c - makes the kernel's poll of a channel's pair tell what the model's
 * does.
 *
 * Readable is a message of one byte for the guest's end. Not writable is a message from the guest's
 * end that fills more than a quarter of its send buffer (unix_writable() in net/unix/af_unix.c).
 * Edge-triggered epoll wants to hear of each arrival, which is one more such byte, and of each
 * frame that went out, which is the taking of a small message that the guest's end sent us before.
 * Nothing is kept of the guest's end meanwhile, or its last close would not be seen: a socket turns
 * unreadable or full only by a call of the guest, which brings the descriptor. */
#include "guest/can_channel_private.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILLING_BYTES = 2048 };

static const uint8_t filling[FILLING_BYTES];

unsigned can_channel_poll(const struct can_channel *channel)
{
    return can_channel_model_poll(&channel->model);
}

/* Takes everything out of this end. */
static void drain(int fd)
{
    char token;
    while (recv(fd, &token, sizeof token, MSG_DONTWAIT) > 0) {
    }
}

static void show_readable(struct can_channel *channel, int copy, bool readable)
{
    if (readable && !channel->shows_readable) {
        channel->shows_readable = send(channel->fd, filling, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
    } else if (!readable && channel->shows_readable && copy >= 0) {
        drain(copy);
        channel->shows_readable = false;
    }
}

/* What the guest's end sent: the buffer has room, with an edge if there was anything. */
static void take_all(struct can_channel *channel)
{
    drain(channel->fd);
    channel->shows_full = false;
    channel->holds_edge = false;
}

static void show_full(struct can_channel *channel, int copy, bool full)
{
    if (full && !channel->shows_full && copy >= 0) {
        ssize_t sent = send(copy, filling, sizeof filling, MSG_DONTWAIT | MSG_NOSIGNAL);
        channel->shows_full = sent == (ssize_t)sizeof filling;
    } else if (!full && channel->shows_full) {
        take_all(channel);
    }
}

/* An error cannot be shown by a pair that goes on living: it shows as readable, and the call that
 * follows gets it. */
void can_channel_refresh(struct can_channel *channel, int copy)
{
    if (channel->shows) {
        unsigned events = can_channel_model_poll(&channel->model);
        show_readable(channel, copy, (events & (POLLIN | POLLERR | POLLHUP)) != 0);
        show_full(channel, copy, (events & POLLOUT) == 0);
    }
}

static bool needs_copy(const struct can_channel *channel)
{
    unsigned events = can_channel_poll(channel);
    bool readable = (events & (POLLIN | POLLERR | POLLHUP)) != 0;
    bool full = (events & POLLOUT) == 0;
    return (channel->shows_readable && !readable) || (full && !channel->shows_full);
}

void can_channel_announce(struct can_channel *channel)
{
    if (!channel->shows) {
        return;
    }
    unsigned events = can_channel_poll(channel);
    if (channel->shows_readable && (events & POLLIN) != 0) {
        send(channel->fd, filling, 1, MSG_DONTWAIT | MSG_NOSIGNAL); /* Many are enough. */
    }
    if (channel->holds_edge && (events & POLLOUT) != 0) {
        take_all(channel);
    }
    can_channel_refresh(channel, -1);
}

static void hold_edge(struct can_channel *channel, int copy)
{
    if (!channel->holds_edge && !channel->shows_full && copy >= 0) {
        channel->holds_edge = send(copy, filling, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
    }
}

void can_channel_called(const struct guest_thread *t, struct can_channel *channel, int fd,
                        bool sent)
{
    if (!channel->shows) {
        return;
    }
    int copy = sent || needs_copy(channel) ? guest_fd(t, fd) : -1;
    can_channel_refresh(channel, copy);
    if (sent) {
        hold_edge(channel, copy);
    }
    if (copy >= 0) {
        close(copy);
    }
}

void can_channel_show(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                      int fd)
{
    (void)s;
    channel->shows = true;
    can_channel_called(t, channel, fd, false);
}
