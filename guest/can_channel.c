/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel.c - the life of a channel, how its changes are told, and how it is found. */
#include "guest/can_channel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_REMEMBERED = 256 };

/* What a process's descriptor numbers mean, as far as it was found out. */
struct can_channel_files {
    bool distrusted;
    bool known[FILES_REMEMBERED];
    struct can_channel *channel[FILES_REMEMBERED]; /* Null: not one of ours. */
};

static struct can_channels *channels_make(struct supervisor *s)
{
    if (!s->channels) {
        struct can_channels *channels = calloc(1, sizeof *channels);
        if (!channels) {
            return NULL;
        }
        channels->hang_ups = epoll_create1(EPOLL_CLOEXEC);
        if (channels->hang_ups < 0) {
            free(channels);
            return NULL;
        }
        s->channels = channels;
    }
    return s->channels;
}

struct can_channel *can_channel_by_inode(const struct can_channels *channels, uint64_t inode)
{
    struct can_channel *at = channels->buckets[inode % CAN_CHANNEL_BUCKETS];
    while (at && at->inode != inode) {
        at = at->same_hash;
    }
    return at;
}

static void link_channel(struct can_channels *channels, struct can_channel *channel)
{
    struct can_channel **bucket = &channels->buckets[channel->inode % CAN_CHANNEL_BUCKETS];
    channel->same_hash = *bucket;
    *bucket = channel;
    if (channels->last) {
        channels->last->next = channel;
    } else {
        channels->first = channel;
    }
    channels->last = channel;
}

static void unlink_channel(struct can_channels *channels, struct can_channel *channel)
{
    struct can_channel **at = &channels->buckets[channel->inode % CAN_CHANNEL_BUCKETS];
    while (*at != channel) {
        at = &(*at)->same_hash;
    }
    *at = channel->same_hash;
    struct can_channel *before = NULL;
    for (struct can_channel *c = channels->first; c != channel; c = c->next) {
        before = c;
    }
    *(before ? &before->next : &channels->first) = channel->next;
    channels->last = channels->last == channel ? before : channels->last;
}

static void unlink_changed(struct can_channels *channels, const struct can_channel *channel)
{
    struct can_channel **at = &channels->changed;
    while (*at && *at != channel) {
        at = &(*at)->next_changed;
    }
    if (*at) {
        *at = channel->next_changed;
    }
}

/* The pair, its inode and the watch for its hang-up: 0 or a negative errno. */
static int open_pair(struct can_channels *channels, struct can_channel *channel, int *guest_end)
{
    int pair[2];
    struct stat status;
    struct epoll_event event = {.events = 0, .data.ptr = channel}; /* EPOLLHUP always comes. */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        return -errno;
    }
    /* The least there is, so that one message fills it: 4608 bytes (SOCK_MIN_SNDBUF). */
    int least = 1;
    if (setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof least) < 0 ||
        fstat(pair[1], &status) < 0 ||
        epoll_ctl(channels->hang_ups, EPOLL_CTL_ADD, pair[0], &event) < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return -error;
    }
    channel->fd = pair[0];
    channel->inode = status.st_ino;
    *guest_end = pair[1];
    return 0;
}

int can_channel_open(struct supervisor *s, int domain, int type, int protocol, int *guest_end)
{
    struct can_channels *channels = channels_make(s);
    struct can_channel *channel = channels ? calloc(1, sizeof *channel) : NULL;
    if (!channel) {
        return -ENOBUFS;
    }
    channel->number = ++channels->next_number;
    channel->acts_alone = domain == AF_CAN && protocol != CAN_CHANNEL_RAW;
    channel->sends_without_timeout = domain == AF_CAN && protocol == CAN_CHANNEL_ISOTP;
    channel->shows = s->cfg.real_time;
    int error = can_channel_model_open(&channel->model, s->cfg.can, domain, type, protocol, channel,
                                       channel->number);
    if (error == 0) {
        error = open_pair(channels, channel, guest_end);
    }
    if (error == 0) {
        link_channel(channels, channel);
        can_channel_refresh(channel, *guest_end);
        return 0;
    }
    can_channel_model_close(&channel->model);
    unlink_changed(channels, channel);
    free(channel);
    return error;
}

/* True: it waited for it. */
static bool forget_wait(struct guest_thread *t, const struct can_channel *channel)
{
    bool waited = t->wait.can == channel;
    t->wait.can = waited ? NULL : t->wait.can;
    for (size_t i = 0; i < t->wait.watches_len; i++) {
        struct guest_watch *watch = &t->wait.watches[i];
        if (watch->can == channel) {
            watch->can = NULL;
            waited = true;
        }
    }
    return waited;
}

static void forget_channel(struct supervisor *s, const struct can_channel *channel)
{
    for (struct guest_process *process = s->processes; process; process = process->next) {
        struct can_channel_files *files = process->files;
        for (size_t i = 0; files && i < FILES_REMEMBERED; i++) {
            files->known[i] = files->known[i] && files->channel[i] != channel;
        }
        /* Who still waits on the closed number looks anew and finds what it means now. */
        for (struct guest_thread *t = process->threads; t; t = t->next) {
            if (forget_wait(t, channel) && t->state == GUEST_PARKED) {
                guest_wake(s, t);
            }
        }
    }
}

static void channel_drop(struct supervisor *s, struct can_channel *channel)
{
    forget_channel(s, channel);
    unlink_channel(s->channels, channel);
    can_channel_model_close(&channel->model);
    unlink_changed(s->channels, channel);
    close(channel->fd);
    free(channel);
}

/* Marks what has hung up. False: nothing did. */
static bool find_hang_ups(struct can_channels *channels)
{
    struct epoll_event events[32];
    bool found = false;
    int len = epoll_wait(channels->hang_ups, events, ARRAY_SIZE(events), 0);
    for (int i = 0; i < len; i++) {
        struct can_channel *channel = events[i].data.ptr;
        channel->hung_up = (events[i].events & EPOLLHUP) != 0;
        found = found || channel->hung_up;
    }
    return found;
}

void can_channels_reap(struct supervisor *s)
{
    while (s->channels && s->channels->first && find_hang_ups(s->channels)) {
        struct can_channel *next = NULL;
        for (struct can_channel *channel = s->channels->first; channel; channel = next) {
            next = channel->next;
            if (channel->hung_up) {
                channel_drop(s, channel);
            }
        }
    }
}

void can_channels_fork(struct supervisor *s)
{
    if (!s->channels) {
        return;
    }
    CHECK(close(s->channels->hang_ups) == 0);
    s->channels->hang_ups = epoll_create1(EPOLL_CLOEXEC);
    CHECK(s->channels->hang_ups >= 0);
    for (struct can_channel *channel = s->channels->first; channel; channel = channel->next) {
        struct epoll_event event = {.events = 0, .data.ptr = channel};
        CHECK(epoll_ctl(s->channels->hang_ups, EPOLL_CTL_ADD, channel->fd, &event) == 0);
    }
}

void can_channels_free(struct supervisor *s)
{
    if (!s->channels) {
        return;
    }
    while (s->channels->first) {
        channel_drop(s, s->channels->first);
    }
    close(s->channels->hang_ups);
    free(s->channels);
    s->channels = NULL;
}

static void mark_changed(struct can_channels *channels, struct can_channel *channel)
{
    if (!channel->changed) {
        channel->changed = true;
        channel->next_changed = channels->changed;
        channels->changed = channel;
    }
}

void can_channel_changed(struct supervisor *s, struct can_channel *channel)
{
    if (!s->channels) {
        return;
    }
    s->look_at_can = true;
    if (channel) {
        mark_changed(s->channels, channel);
        return;
    }
    for (struct can_channel *each = s->channels->first; each; each = each->next) {
        mark_changed(s->channels, each);
    }
}

static bool is_told(const struct can_channel *channel, short events)
{
    unsigned wanted = (unsigned)events | POLLERR | POLLHUP;
    return channel->changed && (events == 0 || (can_channel_poll(channel) & wanted) != 0);
}

/* A poll of several sockets has them in its watches; who has none there waits for any. */
static bool is_concerned(const struct guest_thread *t)
{
    bool any = true;
    if (t->state != GUEST_PARKED || !t->wait.wants_can) {
        return false;
    }
    if (t->wait.can) {
        return is_told(t->wait.can, t->wait.can_events);
    }
    for (size_t i = 0; i < t->wait.watches_len; i++) {
        const struct guest_watch *watch = &t->wait.watches[i];
        any = any && !watch->can;
        if (watch->can && is_told(watch->can, watch->events)) {
            return true;
        }
    }
    return any;
}

/* By number, so that the order in which the model told does not matter. */
static void wake_concerned(struct supervisor *s)
{
    for (struct guest_process *process = s->processes; process; process = process->next) {
        for (struct guest_thread *t = process->threads; t; t = t->next) {
            if (is_concerned(t)) {
                guest_wake(s, t);
            }
        }
    }
}

void can_channels_settle(struct supervisor *s)
{
    s->look_at_can = false;
    if (!s->channels || !s->channels->changed) {
        return;
    }
    wake_concerned(s);
    while (s->channels->changed) {
        struct can_channel *channel = s->channels->changed;
        s->channels->changed = channel->next_changed;
        channel->changed = false;
        can_channel_announce(channel);
    }
}

static struct can_channel_files *files_of(struct guest_process *process)
{
    if (!process->files) {
        process->files = calloc(1, sizeof(struct can_channel_files));
    }
    return process->files;
}

/* Asks the kernel. *closed: the number means nothing. */
static struct can_channel *look_up(const struct supervisor *s, const struct guest_thread *t, int fd,
                                   bool *closed)
{
    struct stat status;
    int copy = guest_fd(t, fd);
    *closed = copy < 0;
    if (*closed) {
        return NULL;
    }
    bool is_socket = fstat(copy, &status) == 0 && S_ISSOCK(status.st_mode);
    close(copy);
    return is_socket ? can_channel_by_inode(s->channels, status.st_ino) : NULL;
}

struct can_channel *can_channel_of(struct supervisor *s, const struct guest_thread *t, int fd)
{
    bool closed = false;
    if (!t->process->may_hold_can || !s->channels || fd < 0) {
        return NULL;
    }
    struct can_channel_files *files = fd < FILES_REMEMBERED ? files_of(t->process) : NULL;
    if (files && files->known[fd]) {
        return files->channel[fd];
    }
    struct can_channel *channel = look_up(s, t, fd, &closed);
    if (files && !files->distrusted && !closed) {
        files->known[fd] = true;
        files->channel[fd] = channel;
    }
    return channel;
}

struct can_channel *can_channel_remembered(const struct guest_process *process, int fd)
{
    const struct can_channel_files *files = process->files;
    bool known = files && fd >= 0 && fd < FILES_REMEMBERED && files->known[fd];
    return known ? files->channel[fd] : NULL;
}

void can_channel_forget(struct guest_process *process, int fd)
{
    struct can_channel_files *files = process->files;
    if (files && fd >= 0 && fd < FILES_REMEMBERED) {
        files->known[fd] = false;
    }
}

void can_channel_forget_all(struct guest_process *process)
{
    struct can_channel_files *files = process->files;
    if (!files || process->dead) {
        free(files);
        process->files = NULL;
        return;
    }
    *files = (struct can_channel_files){.distrusted = files->distrusted};
}

void can_channel_distrust(struct guest_process *process)
{
    struct can_channel_files *files = files_of(process);
    if (files) {
        *files = (struct can_channel_files){.distrusted = true};
    }
}

void can_channel_may_arrive(struct supervisor *s, struct guest_thread *t)
{
    t->process->may_hold_can = t->process->may_hold_can || (s->channels && s->channels->first);
}

bool can_channel_wants(int domain, int protocol)
{
    return domain == AF_CAN || (domain == AF_NETLINK && protocol == NETLINK_ROUTE);
}

enum guest_verdict can_channel_socket(struct supervisor *s, struct guest_thread *t)
{
    int domain = (int)t->call.arg[0];
    int type = (int)t->call.arg[1];
    int type_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    int guest_end = -1;
    if ((type & ~type_flags) < 0 || (type & ~type_flags) >= CAN_CHANNEL_TYPES) {
        return guest_error(t, EINVAL); /* __sys_socket_create(), __sock_create() */
    }
    if (!s->cfg.can) {
        return domain == AF_CAN ? guest_error(t, EAFNOSUPPORT) : guest_let(t);
    }
    can_channels_reap(s);
    int error = can_channel_open(s, domain, type & ~type_flags, (int)t->call.arg[2], &guest_end);
    if (error < 0) {
        return guest_error(t, -error);
    }
    if ((type & SOCK_NONBLOCK) != 0 && fcntl(guest_end, F_SETFL, O_NONBLOCK) < 0) {
        close(guest_end);
        return guest_error(t, ENOBUFS);
    }
    t->process->may_hold_can = true;
    enum guest_verdict verdict = guest_give_fd(s, t, guest_end, (type & SOCK_CLOEXEC) != 0);
    close(guest_end);
    return verdict;
}
