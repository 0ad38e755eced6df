/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_token.c - makes the kernel's poll of a channel's pair tell what the model's
 * does.
 *
 * Readable is a message of one byte for the guest's end. Not writable is a message from the guest's
 * end that fills more than a quarter of its send buffer (unix_writable() in net/unix/af_unix.c).
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

static void show_full(struct can_channel *channel, int copy, bool full)
{
    if (full && !channel->shows_full && copy >= 0) {
        ssize_t sent = send(copy, filling, sizeof filling, MSG_DONTWAIT | MSG_NOSIGNAL);
        channel->shows_full = sent == (ssize_t)sizeof filling;
    } else if (!full && channel->shows_full) {
        drain(channel->fd);
        channel->shows_full = false;
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
    unsigned events = can_channel_model_poll(&channel->model);
    bool readable = (events & (POLLIN | POLLERR | POLLHUP)) != 0;
    bool full = (events & POLLOUT) == 0;
    return (channel->shows_readable && !readable) || (full && !channel->shows_full);
}

void can_channel_called(const struct guest_thread *t, struct can_channel *channel, int fd)
{
    if (!channel->shows) {
        return;
    }
    int copy = needs_copy(channel) ? guest_fd(t, fd) : -1;
    can_channel_refresh(channel, copy);
    if (copy >= 0) {
        close(copy);
    }
}

void can_channel_show(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                      int fd)
{
    (void)s;
    channel->shows = true;
    can_channel_called(t, channel, fd);
}
