/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/observe.c - see observe.h. */
#include "tests/guest/kernel/observe.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct flag_name {
    unsigned flag;
    const char *name;
};

static const struct flag_name poll_names[] = {
    {POLLIN, "IN"},         {POLLPRI, "PRI"},       {POLLOUT, "OUT"},       {POLLERR, "ERR"},
    {POLLHUP, "HUP"},       {POLLNVAL, "NVAL"},     {POLLRDNORM, "RDNORM"}, {POLLRDBAND, "RDBAND"},
    {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"}, {POLLRDHUP, "RDHUP"},   {0, NULL},
};

static const struct flag_name msg_names[] = {
    {MSG_TRUNC, "TRUNC"},
    {MSG_CTRUNC, "CTRUNC"},
    {MSG_DONTROUTE, "DONTROUTE"},
    {MSG_CONFIRM, "CONFIRM"},
    {MSG_ERRQUEUE, "ERRQUEUE"},
    {MSG_EOR, "EOR"},
    {MSG_DONTWAIT, "DONTWAIT"},
    {MSG_PEEK, "PEEK"},
    {MSG_CMSG_CLOEXEC, "CMSG_CLOEXEC"},
    {0, NULL},
};

struct links links_of(int argc, char **argv)
{
    struct links links = {.name = {argc > 1 ? argv[1] : "vcan0", argc > 2 ? argv[2] : "vcan1"}};
    /* A guest may end by a signal, a kernel by a panic: what was seen until then must be seen. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < 2; i++) {
        links.index[i] = (int)if_nametoindex(links.name[i]);
        must(links.index[i] > 0 ? 0 : -1, links.name[i]);
    }
    return links;
}

void say(const char *name, const char *format, ...)
{
    va_list arguments;
    printf("%s: ", name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

struct text text(const char *format, ...)
{
    struct text made;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made.chars, sizeof made.chars, format, arguments);
    va_end(arguments);
    return made;
}

struct text errno_text(int error)
{
    const char *name = error == 0 ? "none" : strerrorname_np(error);
    return name != NULL ? text("%s", name) : text("errno %d", error);
}

struct text rc_text(long rc)
{
    return rc < 0 ? errno_text(errno) : text("%ld", rc);
}

struct text bytes_text(const void *bytes, size_t len)
{
    struct text made = {""};
    const uint8_t *byte = bytes;
    size_t used = 0;
    for (size_t i = 0; i < len && used + 3 < sizeof made.chars; i++) {
        used += (size_t)snprintf(made.chars + used, sizeof made.chars - used, "%02X", byte[i]);
    }
    return made;
}

static struct text flags_text(const struct flag_name *row, unsigned flags)
{
    struct text made = {"-"};
    size_t used = 0;
    for (; row->name != NULL; row++) {
        if ((flags & row->flag) != 0) {
            used += (size_t)snprintf(made.chars + used, sizeof made.chars - used, "%s%s",
                                     used > 0 ? "|" : "", row->name);
            flags &= ~row->flag;
        }
    }
    if (flags != 0) {
        snprintf(made.chars + used, sizeof made.chars - used, "|0x%x", flags);
    }
    return made;
}

struct text poll_text(unsigned events)
{
    return flags_text(poll_names, events);
}

struct text msg_text(int flags)
{
    return flags_text(msg_names, (unsigned)flags);
}

static struct text id_text(canid_t id)
{
    if ((id & CAN_ERR_FLAG) != 0) {
        return text("error %X", id & CAN_ERR_MASK);
    }
    return (id & CAN_EFF_FLAG) != 0 ? text("%08X", id & CAN_EFF_MASK)
                                    : text("%03X", id & CAN_SFF_MASK);
}

struct text frame_text(const void *bytes, ssize_t size)
{
    struct canfd_frame frame = {0};
    if (size < 0) {
        return rc_text(size);
    }
    if (size != CAN_MTU && size != CANFD_MTU) {
        return text("%zd bytes", size);
    }
    memcpy(&frame, bytes, (size_t)size);
    const struct text id = id_text(frame.can_id);
    const size_t len = frame.len <= CANFD_MAX_DLEN ? frame.len : CANFD_MAX_DLEN;
    const struct text data = bytes_text(frame.data, len);
    if (size == CANFD_MTU) {
        return text("%s##%X.%s", id.chars, frame.flags, data.chars);
    }
    if ((frame.can_id & CAN_RTR_FLAG) != 0) {
        return text("%s#R%u", id.chars, frame.len);
    }
    return text("%s#%s", id.chars, data.chars);
}

static const char *link_name(const struct links *links, int index)
{
    if (index == 0) {
        return "any";
    }
    for (int i = 0; i < 2; i++) {
        if (links->index[i] == index) {
            return i == 0 ? "first" : "second";
        }
    }
    return "other";
}

struct text address_text(const struct links *links, const struct sockaddr_can *address,
                         socklen_t len)
{
    return text("family %d, interface %s, %X %X, %u bytes", address->can_family,
                link_name(links, address->can_ifindex), address->can_addr.tp.rx_id,
                address->can_addr.tp.tx_id, len);
}

long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(long ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

struct text since_text(long begin_ms, long about_ms)
{
    const long ms = now_ms() - begin_ms;
    const bool about = ms >= about_ms - about_ms / 10 - 2 && ms <= about_ms + about_ms / 2 + 100;
    return about ? text("about %ld ms", about_ms) : text("%ld ms, not %ld", ms, about_ms);
}

void *nowhere(void)
{
    volatile uintptr_t address = 8; /* volatile: a compiler that sees it warns, rightly. */
    return (void *)address;
}

int must(long rc, const char *what)
{
    if (rc < 0) {
        printf("stopped: %s: %s\n", what, strerrorname_np(errno));
        exit(2);
    }
    return (int)rc;
}

int raw_socket(int ifindex, int flags)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    const int fd = must(socket(PF_CAN, SOCK_RAW | flags, CAN_RAW), "socket");
    must(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
    return fd;
}

int raw_only(int ifindex, canid_t id)
{
    const canid_t flags = CAN_EFF_FLAG | CAN_RTR_FLAG;
    const struct can_filter filter = {.can_id = id, .can_mask = CAN_EFF_MASK | flags};
    const int fd = raw_socket(ifindex, SOCK_NONBLOCK);
    must(setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, &filter, sizeof filter), "filter");
    return fd;
}

int on(int fd, int level, int option)
{
    const int one = 1;
    return setsockopt(fd, level, option, &one, sizeof one);
}

struct can_frame frame_of(canid_t id, uint8_t len, const char *data)
{
    struct can_frame frame = {.can_id = id, .len = len};
    memcpy(frame.data, data, len);
    return frame;
}

void put(int fd, canid_t id, const char *data)
{
    const struct can_frame frame = frame_of(id, (uint8_t)strlen(data), data);
    must(write_patiently(fd, &frame, sizeof frame), "write");
}

long write_patiently(int fd, const void *frame, size_t size)
{
    for (int tries = COMES_MS; tries > 0; tries--) {
        const ssize_t written = write(fd, frame, size);
        if (written >= 0 || (errno != ENOBUFS && errno != EAGAIN)) {
            return written;
        }
        pause_ms(1);
    }
    return -1;
}

ssize_t take(int fd, void *frame, size_t room, int wait_ms)
{
    poll_now(fd, wait_ms);
    return recv(fd, frame, room, MSG_DONTWAIT);
}

struct text take_text(int fd, int wait_ms)
{
    struct canfd_frame frame;
    return frame_text(&frame, take(fd, &frame, sizeof frame, wait_ms));
}

void drain(int fd)
{
    struct canfd_frame frame;
    while (take(fd, &frame, sizeof frame, QUIET_MS) >= 0) {
    }
}

unsigned poll_now(int fd, int wait_ms)
{
    /* POLLIN alone decides how long is waited; the rest is asked afterwards. */
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    poll(&ready, 1, wait_ms);
    ready.events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND;
    poll(&ready, 1, 0);
    return (unsigned)(unsigned short)ready.revents;
}
