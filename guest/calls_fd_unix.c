/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_unix.c - connect() on a Unix socket.
 *
 * It waits while the listener's backlog is full (unix_stream_connect() in net/unix/af_unix.c). The
 * kernel tells how full it is through sock_diag(7); it also does the connect itself, so that the
 * peer sees the guest's credentials. */
#include "guest/calls_fd.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* The listener that is looked for. */
struct listener {
    const struct sockaddr_un *address; /* In the abstract name space, if sun_path[0] is 0. */
    size_t name_len;
    uint32_t inode;
    uint32_t device; /* As the kernel writes it: 20 bits of minor number. */
};

static bool find_path(const struct guest_thread *t, const char *path, struct listener *listener)
{
    char full[sizeof((struct sockaddr_un *)0)->sun_path + 40];
    struct stat info;
    snprintf(full, sizeof full, "/proc/%d/cwd/%s", (int)t->tid, path);
    if (stat(path[0] == '/' ? path : full, &info) != 0) {
        return false;
    }
    listener->inode = (uint32_t)info.st_ino;
    listener->device = (uint32_t)(major(info.st_dev) << 20 | minor(info.st_dev));
    return true;
}

static bool is_full(struct nlmsghdr *header, const struct listener *listener)
{
    struct unix_diag_msg *message = NLMSG_DATA(header);
    unsigned left = header->nlmsg_len - (unsigned)NLMSG_LENGTH(sizeof *message);
    bool matches = false;
    struct unix_diag_rqlen queue = {0};
    for (struct rtattr *a = (void *)(message + 1); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        if (a->rta_type == UNIX_DIAG_VFS && listener->inode) {
            const struct unix_diag_vfs *vfs = RTA_DATA(a);
            matches =
                vfs->udiag_vfs_ino == listener->inode && vfs->udiag_vfs_dev == listener->device;
        } else if (a->rta_type == UNIX_DIAG_NAME && !listener->inode) {
            matches = RTA_PAYLOAD(a) == listener->name_len &&
                      memcmp(RTA_DATA(a), listener->address->sun_path, listener->name_len) == 0;
        } else if (a->rta_type == UNIX_DIAG_RQLEN) {
            memcpy(&queue, RTA_DATA(a), sizeof queue);
        }
    }
    return matches && queue.udiag_rqueue > queue.udiag_wqueue;
}

static bool ask_kernel(int netlink, const struct listener *listener)
{
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } ask = {.header = {.nlmsg_len = sizeof ask,
                        .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                        .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
             .request = {.sdiag_family = AF_UNIX,
                         .udiag_states = 1u << TCP_LISTEN,
                         .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_RQLEN}};
    if (send(netlink, &ask, sizeof ask, 0) != (ssize_t)sizeof ask) {
        return false;
    }
    for (;;) {
        _Alignas(struct nlmsghdr) char answer[16384];
        ssize_t len = recv(netlink, answer, sizeof answer, 0);
        if (len <= 0) {
            return false;
        }
        unsigned left = (unsigned)len;
        for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
                return false;
            }
            if (is_full(h, listener)) {
                return true;
            }
        }
    }
}

static bool backlog_is_full(const struct guest_thread *t, const struct sockaddr_un *address)
{
    size_t path_at = offsetof(struct sockaddr_un, sun_path);
    struct listener listener = {.address = address};
    if (t->call.arg[2] <= path_at || t->call.arg[2] > sizeof *address) {
        return false;
    }
    listener.name_len = t->call.arg[2] - path_at;
    if (address->sun_path[0] && !find_path(t, address->sun_path, &listener)) {
        return false;
    }
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    bool full = netlink >= 0 && ask_kernel(netlink, &listener);
    if (netlink >= 0) {
        close(netlink);
    }
    return full;
}

enum guest_verdict fd_connect_unix(struct supervisor *s, struct guest_thread *t,
                                   const struct sockaddr_un *address)
{
    struct fd_need need = {(int)t->call.arg[0], 0, SO_SNDTIMEO, false, "a connection"};
    if (!backlog_is_full(t, address)) {
        return guest_let(t);
    }
    int copy = fd_look(t, need.fd);
    if (copy < 0) {
        return guest_let(t);
    }
    if (fd_is_nonblocking(copy)) {
        fd_look_end(t, copy);
        return fd_let_empty(s, t);
    }
    t->wait.wants_look = true;
    return fd_wait(s, t, copy, &need);
}
