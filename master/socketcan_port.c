/* SPDX-License-Identifier: Apache-2.0 */
/* master/socketcan_port.c - frames over AF_CAN, files below the state folder, each write made
 * durable when the master asks for it. */
#include "master/socketcan_port.h"

#include "master/ota_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The first of the frames under way have gone: over the bus, or with an interface that went down.
 */
static void drop_first(struct socketcan_port *port, uint32_t len)
{
    port->sent += len;
    port->under_way_len -= len;
    memmove(port->under_way, port->under_way + len,
            port->under_way_len * sizeof port->under_way[0]);
}

static void note_under_way(struct socketcan_port *port, const struct ota_frame *frame)
{
    if (port->under_way_len == SOCKETCAN_UNDER_WAY_MAX) {
        drop_first(port, 1);
    }
    port->under_way[port->under_way_len++] = *frame;
}

static bool is_same(const struct ota_frame *a, const struct ota_frame *b)
{
    return a->id == b->id && a->ext == b->ext && a->len_bytes == b->len_bytes &&
           memcmp(a->data, b->data, a->len_bytes) == 0;
}

/* Own frames come back when they have gone over the bus: from before an exact one is sent until
 * nothing is under way. */
static void let_own_come_back(struct socketcan_port *port, bool come)
{
    const int own = come;
    if (port->own_come_back != come) {
        port->own_come_back =
            setsockopt(port->socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &own, sizeof own) == 0 &&
            come;
    }
}

/* Of equal frames the last one: the others may have been lost with a controller that went bus-off,
 * and then nothing would tell of the last one. */
static void note_gone(struct socketcan_port *port, const struct ota_frame *frame)
{
    for (uint32_t i = port->under_way_len; i > 0; i--) {
        if (is_same(&port->under_way[i - 1], frame)) {
            drop_first(port, i);
            break;
        }
    }
    let_own_come_back(port, port->under_way_len != 0);
}

static bool can_send(void *ctx, const struct ota_frame *frame)
{
    struct socketcan_port *port = ctx;
    if (port->refusal != SOCKETCAN_TAKEN) {
        return false;
    }
    if (frame->exact) {
        let_own_come_back(port, true);
    }
    struct can_frame out = {.can_id = frame->id | (frame->ext ? CAN_EFF_FLAG : 0),
                            .can_dlc = frame->len_bytes};
    memcpy(out.data, frame->data, frame->len_bytes);
    if (write(port->socket, &out, sizeof out) == (ssize_t)sizeof out) {
        if (port->own_come_back) { /* Also what is behind an exact one: confirmed in order. */
            note_under_way(port, frame);
        } else {
            port->sent++;
        }
        return true;
    }
    /* ENOBUFS: the queue is full. Anything else (the interface is down, bus-off) shows to the
     * master in the same way, as a frame that does not get out. */
    port->refusal = errno == EAGAIN ? SOCKETCAN_BUFFER_FULL : SOCKETCAN_QUEUE_FULL;
    return false;
}

static long file_read(void *ctx, const char *name, size_t offset, void *to, size_t len_bytes)
{
    const struct socketcan_port *port = ctx;
    int fd = openat(port->folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    ssize_t got = pread(fd, to, len_bytes, (off_t)offset);
    long result = got < 0 ? -errno : (long)got;
    close(fd);
    return result;
}

static int drop_open(struct socketcan_port *port)
{
    int fd = port->open.fd;
    port->open.fd = -1;
    return fd >= 0 && close(fd) != 0 ? -errno : 0;
}

/* The file, made if there is none. A negative errno value on failure. */
static int open_for_writing(struct socketcan_port *port, const char *name)
{
    if (port->open.fd >= 0 && strcmp(port->open.name, name) == 0) {
        return port->open.fd;
    }
    int code = drop_open(port);
    if (code) {
        return code;
    }
    bool is_new = false;
    int fd = openat(port->folder, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        is_new = true;
        fd = openat(port->folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    }
    if (fd < 0) {
        return -errno;
    }
    snprintf(port->open.name, sizeof port->open.name, "%s", name);
    port->open.fd = fd;
    port->open.is_new = is_new;
    return fd;
}

static long file_write(void *ctx, const char *name, size_t offset, const void *from,
                       size_t len_bytes)
{
    struct socketcan_port *port = ctx;
    int fd = open_for_writing(port, name);
    if (fd < 0) {
        return fd;
    }
    ssize_t put = pwrite(fd, from, len_bytes, (off_t)offset);
    return put < 0 ? -errno : (long)put;
}

static int sync_folder(const struct socketcan_port *port)
{
    return fsync(port->folder) == 0 ? 0 : -errno;
}

static int file_sync(void *ctx, const char *name)
{
    struct socketcan_port *port = ctx;
    int fd = open_for_writing(port, name);
    if (fd < 0) {
        return fd;
    }
    if (fsync(fd) != 0) {
        return -errno;
    }
    if (port->open.is_new) {
        int code = sync_folder(port);
        port->open.is_new = code != 0;
        return code;
    }
    return 0;
}

static int file_rename(void *ctx, const char *from, const char *to)
{
    struct socketcan_port *port = ctx;
    int code = drop_open(port);
    if (code) {
        return code;
    }
    if (renameat(port->folder, from, port->folder, to) != 0) {
        return -errno;
    }
    return sync_folder(port);
}

static int file_remove(void *ctx, const char *name)
{
    struct socketcan_port *port = ctx;
    drop_open(port);
    if (unlinkat(port->folder, name, 0) != 0) {
        return -errno;
    }
    return sync_folder(port);
}

static long file_size(void *ctx, const char *name)
{
    const struct socketcan_port *port = ctx;
    struct stat info;
    return fstatat(port->folder, name, &info, 0) == 0 ? (long)info.st_size : -errno;
}

static uint64_t free_bytes(void *ctx)
{
    const struct socketcan_port *port = ctx;
    struct statvfs info;
    if (fstatvfs(port->folder, &info) != 0) {
        return 0;
    }
    return (uint64_t)info.f_bavail * info.f_frsize;
}

static void log_line(void *ctx, const char *text)
{
    const struct socketcan_port *port = ctx;
    if (!port->quiet) {
        fprintf(stderr, "limphome-master: %s\n", text);
    }
}

struct ota_port socketcan_port_ops(struct socketcan_port *port)
{
    return (struct ota_port){.ctx = port,
                             .can_send = can_send,
                             .file_read = file_read,
                             .file_write = file_write,
                             .file_sync = file_sync,
                             .file_rename = file_rename,
                             .file_remove = file_remove,
                             .file_size = file_size,
                             .free_bytes = free_bytes,
                             .log = log_line};
}

/* An interface queues 10 frames (txqueuelen) and then drops, with ENOBUFS, and never tells when it
 * has room. A send buffer for no more than that makes poll() tell it: the kernel counts 768 bytes
 * for a frame until it has gone out, and doubles what it is given (socket(7), SO_SNDBUF). */
static void limit_send_buffer(int socket)
{
    const int frames = 10;
    const int bytes = frames * 768 / 2;
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static int receive_only(int socket, const uint32_t *ids, size_t ids_len)
{
    struct can_filter filters[OTA_RECEIVES_MAX];
    if (ids_len > sizeof filters / sizeof filters[0]) {
        return -1;
    }
    for (size_t i = 0; i < ids_len; i++) {
        bool ext = ids[i] > CAN_SFF_MASK;
        filters[i] = (struct can_filter){.can_id = ids[i] | (ext ? CAN_EFF_FLAG : 0),
                                         .can_mask = (ext ? CAN_EFF_MASK : CAN_SFF_MASK) |
                                                     CAN_EFF_FLAG | CAN_RTR_FLAG};
    }
    return setsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, filters,
                      (socklen_t)(ids_len * sizeof filters[0]));
}

/* A controller that goes bus-off drops what it and its driver have to send, and until it is
 * restarted what comes then. */
static void hear_of_bus_off(int socket)
{
    const can_err_mask_t errors = CAN_ERR_BUSOFF | CAN_ERR_RESTARTED;
    setsockopt(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors);
}

static int open_socket(struct socketcan_port *port, const char *interface, const uint32_t *ids,
                       size_t ids_len, struct ota_error *error)
{
    port->socket = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (port->socket < 0) {
        return ota_error_set(error, OTA_ERR_IO,
                             "no CAN sockets here (%s); load the kernel module can-raw, or run "
                             "the program inside the simulator",
                             strerror(errno));
    }
    struct ifreq request = {0};
    if (strlen(interface) >= sizeof request.ifr_name) {
        return ota_error_set(error, OTA_ERR_RANGE, "%s: no interface has so long a name",
                             interface);
    }
    memcpy(request.ifr_name, interface, strlen(interface) + 1);
    if (ioctl(port->socket, SIOCGIFINDEX, &request) != 0) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s; see 'ip link' for the interfaces",
                             interface, strerror(errno));
    }
    if (receive_only(port->socket, ids, ids_len) != 0) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %zu identifiers cannot be listened to",
                             interface, ids_len);
    }
    limit_send_buffer(port->socket);
    hear_of_bus_off(port->socket);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = request.ifr_ifindex};
    if (bind(port->socket, (struct sockaddr *)&address, sizeof address) != 0) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s; is it a CAN interface?", interface,
                             strerror(errno));
    }
    return 0;
}

static int open_folder(struct socketcan_port *port, const char *path, struct ota_error *error)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s; the state folder cannot be made", path,
                             strerror(errno));
    }
    port->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (port->folder < 0) {
        return ota_error_set(error, OTA_ERR_IO, "%s: %s; the state folder cannot be used", path,
                             strerror(errno));
    }
    return 0;
}

int socketcan_port_open_folder(struct socketcan_port *port, const char *state_folder,
                               struct ota_error *error)
{
    *port = (struct socketcan_port){.socket = -1, .folder = -1, .open = {.fd = -1}};
    return open_folder(port, state_folder, error);
}

int socketcan_port_open_bus(struct socketcan_port *port, const char *interface, const uint32_t *ids,
                            size_t ids_len, struct ota_error *error)
{
    int code = open_socket(port, interface, ids, ids_len, error);
    if (code && port->socket >= 0) {
        close(port->socket);
        port->socket = -1;
    }
    return code;
}

void socketcan_port_close(struct socketcan_port *port)
{
    if (port->socket >= 0) {
        close(port->socket);
    }
    drop_open(port);
    if (port->folder >= 0) {
        close(port->folder);
    }
    port->socket = -1;
    port->folder = -1;
}

int socketcan_port_receive(struct socketcan_port *port, struct ota_frame *frame)
{
    struct can_frame in;
    struct iovec part = {.iov_base = &in, .iov_len = sizeof in};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got = recvmsg(port->socket, &message, 0);
    if (got < 0) {
        port->lost = port->lost || errno == ENETDOWN;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    }
    if (got != (ssize_t)sizeof in || in.can_dlc > CAN_MAX_DLEN) {
        return 0;
    }
    if (in.can_id & CAN_ERR_FLAG) {
        port->lost = true;
        return 2;
    }
    *frame = (struct ota_frame){.ext = in.can_id & CAN_EFF_FLAG, .len_bytes = in.can_dlc};
    frame->id = in.can_id & (frame->ext ? CAN_EFF_MASK : CAN_SFF_MASK);
    memcpy(frame->data, in.data, in.can_dlc);
    if (message.msg_flags & MSG_CONFIRM) {
        note_gone(port, frame);
        return 2;
    }
    return 1;
}
