/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_options.c - addresses, options and requests of a channel. */
#include "guest/can_channel_private.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fd_of(const struct guest_thread *t)
{
    return (int)t->call.arg[0];
}

static enum guest_verdict answer(struct guest_thread *t, int result)
{
    return result < 0 ? guest_error(t, -result) : guest_value(t, result);
}

/* move_addr_to_kernel(): the address of bind() and connect(). */
static int take_address(struct supervisor *s, const struct guest_thread *t, size_t *len_bytes)
{
    int len = (int)t->call.arg[2];
    if (len < 0 || len > CAN_CHANNEL_ADDRESS_MAX) {
        return -EINVAL;
    }
    *len_bytes = (size_t)len;
    return guest_read(t, t->call.arg[1], s->channels->address, *len_bytes) ? 0 : -EFAULT;
}

enum guest_verdict can_channel_bind(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel)
{
    size_t len_bytes = 0;
    int result = take_address(s, t, &len_bytes);
    if (result == 0) {
        can_channels_reap(s);
        result = can_channel_model_bind(&channel->model, s->channels->address, len_bytes);
        can_channel_called(t, channel, fd_of(t), false);
    }
    return answer(t, result);
}

enum guest_verdict can_channel_connect(struct supervisor *s, struct guest_thread *t,
                                       struct can_channel *channel)
{
    size_t len_bytes = 0;
    int result = take_address(s, t, &len_bytes);
    if (result == 0) {
        result = can_channel_model_connect(&channel->model, s->channels->address, len_bytes);
        can_channel_called(t, channel, fd_of(t), false);
    }
    return answer(t, result);
}

/* move_addr_to_user(): as much as there is room for, and the true length. */
enum guest_verdict can_channel_name(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel)
{
    uint8_t *address = s->channels->address;
    size_t len_bytes = CAN_CHANNEL_ADDRESS_MAX;
    int room = 0;
    bool peer = t->call.nr == SYS_getpeername;
    int result = can_channel_model_name(&channel->model, peer, address, &len_bytes);
    if (result < 0) {
        return guest_error(t, -result);
    }
    if (!guest_read(t, t->call.arg[2], &room, sizeof room)) {
        return guest_error(t, EFAULT);
    }
    if (room < 0) {
        return guest_error(t, EINVAL);
    }
    int len = (int)len_bytes;
    bool ok = guest_write(t, t->call.arg[1], address, (size_t)(room < len ? room : len)) &&
              guest_write(t, t->call.arg[2], &len, sizeof len);
    return ok ? guest_value(t, 0) : guest_error(t, EFAULT);
}

static int set_option(struct supervisor *s, const struct guest_thread *t,
                      struct can_channel *channel)
{
    int len = (int)t->call.arg[4];
    if (len < 0 || len > CAN_CHANNEL_DATA_MAX) {
        return -EINVAL;
    }
    if (!guest_read(t, t->call.arg[3], s->channels->data, (size_t)len)) {
        return -EFAULT;
    }
    return can_channel_model_setsockopt(&channel->model, (int)t->call.arg[1], (int)t->call.arg[2],
                                        s->channels->data, (size_t)len);
}

/* -ERANGE (CAN_RAW_FILTER) tells the length that is needed. */
static int get_option(struct supervisor *s, const struct guest_thread *t,
                      struct can_channel *channel)
{
    int room = 0;
    if (!guest_read(t, t->call.arg[4], &room, sizeof room)) {
        return -EFAULT;
    }
    if (room < 0) {
        return -EINVAL;
    }
    size_t len_bytes = (size_t)(room < CAN_CHANNEL_DATA_MAX ? room : CAN_CHANNEL_DATA_MAX);
    int result = can_channel_model_getsockopt(&channel->model, (int)t->call.arg[1],
                                              (int)t->call.arg[2], s->channels->data, &len_bytes);
    if (result < 0 && result != -ERANGE) {
        return result;
    }
    int len = (int)len_bytes;
    bool ok = (result < 0 || guest_write(t, t->call.arg[3], s->channels->data, len_bytes)) &&
              guest_write(t, t->call.arg[4], &len, sizeof len);
    return ok ? result : -EFAULT;
}

enum guest_verdict can_channel_option(struct supervisor *s, struct guest_thread *t,
                                      struct can_channel *channel)
{
    int result =
        t->call.nr == SYS_setsockopt ? set_option(s, t, channel) : get_option(s, t, channel);
    can_channel_called(t, channel, fd_of(t), false);
    return answer(t, result);
}

/* Requests that the kernel answers for every open file (do_vfs_ioctl(), sock_ioctl()). */
static bool concerns_the_file(unsigned long request)
{
    static const unsigned long requests[] = {FIOCLEX,   FIONCLEX,  FIONBIO,   FIOASYNC,
                                             FIOSETOWN, FIOGETOWN, SIOCSPGRP, SIOCGPGRP};
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        if (requests[i] == request) {
            return true;
        }
    }
    return false;
}

static bool is_socket_request(unsigned long request)
{
    return request >= 0x8900 && request <= 0x89ff; /* linux/sockios.h */
}

/* Answered by internet sockets alone (inet_ioctl()); ours, and Unix sockets, know nothing of it. */
static bool is_internet_request(unsigned long request)
{
    return request == SIOCGIFADDR || request == SIOCGIFNETMASK || request == SIOCGIFBRDADDR ||
           request == SIOCGIFDSTADDR;
}

static bool is_internet_socket(const struct guest_thread *t)
{
    int domain = AF_UNSPEC;
    socklen_t len = sizeof domain;
    int copy = guest_fd(t, fd_of(t));
    if (copy >= 0) {
        getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &len);
        close(copy);
    }
    return domain == AF_INET;
}

static enum guest_verdict socket_request(struct guest_thread *t, struct can_channel *channel,
                                         unsigned long request)
{
    uint8_t value[16];
    size_t len_bytes = 0;
    int result = can_channel_model_ioctl(&channel->model, request, value, &len_bytes);
    if (result == -ENOTTY && is_socket_request(request)) {
        return guest_let(t); /* Of the machine's interfaces. */
    }
    if (result < 0) {
        return guest_error(t, -result);
    }
    return guest_write(t, t->call.arg[2], value, len_bytes) ? guest_value(t, result)
                                                            : guest_error(t, EFAULT);
}

/* Names of our interfaces win over those of the machine; of other names and indexes the kernel
 * knows best. */
enum guest_verdict can_channel_ioctl(struct supervisor *s, struct guest_thread *t,
                                     struct can_channel *channel)
{
    unsigned long request = (unsigned)t->call.arg[1];
    struct ifreq ifreq;
    if (request == FIONBIO && channel) {
        channel->flags = CAN_CHANNEL_UNKNOWN;
    }
    if (concerns_the_file(request) ||
        (is_internet_request(request) && (channel || !is_internet_socket(t)))) {
        return guest_let(t);
    }
    if (s->cfg.can && is_socket_request(request) &&
        guest_read(t, t->call.arg[2], &ifreq, sizeof ifreq)) {
        ifreq.ifr_name[IFNAMSIZ - 1] = 0; /* dev_ioctl() */
        int result = af_can_interface_ioctl(s->cfg.can, request, &ifreq);
        if (result != -ENOTTY && result != -ENODEV) {
            bool ok = result < 0 || guest_write(t, t->call.arg[2], &ifreq, sizeof ifreq);
            return ok ? answer(t, result) : guest_error(t, EFAULT);
        }
        if (!channel || result == -ENODEV) {
            return guest_let(t);
        }
    }
    return channel ? socket_request(t, channel, request) : guest_let(t);
}
