/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_ioctl.c - requests: time stamps of a socket (sock_gettstamp(),
 * net/core/sock.c) and struct ifreq about interfaces (net/core/dev_ioctl.c). */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>

enum { NS_PER_S = 1000000000, NS_PER_US = 1000 };

/* SIOCGSTAMP_NEW and SIOCGSTAMPNS_NEW; the header's macros do not compile in a C program. */
#define STAMP_NEW   _IOR(SOCK_IOC_TYPE, 0x06, long long[2])
#define STAMPNS_NEW _IOR(SOCK_IOC_TYPE, 0x07, long long[2])

/* -1 as a time is how the kernel keeps "nothing was received yet", and 0 "it had no stamp". The
 * first question turns stamping on. */
static int last_stamp(struct af_can_socket_core *core, uint64_t *wall_ns)
{
    const struct af_can *stack = core->socket.stack;
    af_can_options_keep_stamps(core);
    switch (core->last_stamp) {
    case AF_CAN_STAMP_NEVER: return -ENOENT;
    case AF_CAN_STAMP_ZERO:
        core->last_stamp = AF_CAN_STAMP_KNOWN;
        core->last_stamp_ns = af_can_wall_ns(stack, stack->cfg.sim->now_ns);
        break;
    case AF_CAN_STAMP_KNOWN: break;
    }
    *wall_ns = core->last_stamp_ns;
    return 0;
}

static int give_stamp(struct af_can_socket_core *core, bool ns, void *value, size_t *len_bytes)
{
    uint64_t wall_ns;
    const int unknown = last_stamp(core, &wall_ns);
    if (unknown != 0) {
        return unknown;
    }
    const int64_t fraction = (int64_t)(wall_ns % NS_PER_S);
    const int64_t stamp[2] = {(int64_t)(wall_ns / NS_PER_S), ns ? fraction : fraction / NS_PER_US};
    memcpy(value, stamp, sizeof(stamp));
    *len_bytes = sizeof(stamp);
    return 0;
}

/* FIONREAD, SIOCINQ and SIOCOUTQ: CAN sockets do not know them (raw_sock_no_ioctlcmd()). */
int af_can_socket_ioctl(struct af_can_socket *socket, unsigned long request, void *value,
                        size_t *len_bytes)
{
    switch (request) {
    case SIOCGSTAMP_OLD:
    case STAMP_NEW: return give_stamp(af_can_core(socket), false, value, len_bytes);
    case SIOCGSTAMPNS_OLD:
    case STAMPNS_NEW: return give_stamp(af_can_core(socket), true, value, len_bytes);
    default: return -ENOTTY;
    }
}

enum {
    SETTABLE_FLAGS = IFF_DEBUG | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI | IFF_MULTICAST,
    PRIVATE_REQUESTS = 16,
};

/* dev_get_flags(): without a carrier an interface is up, but not running. */
static short flags_of(const struct af_can_interface *interface)
{
    const bool running = interface->up && interface->carrier;
    return (short)(interface->flags | (interface->up ? IFF_UP : 0) | (running ? IFF_RUNNING : 0));
}

/* Needs CAP_NET_ADMIN, which a guest has in its simulated network. */
static int set_flags(struct af_can_interface *interface, short flags)
{
    interface->flags = (unsigned)flags & SETTABLE_FLAGS;
    af_can_set_up(interface->stack, interface->index, (flags & IFF_UP) != 0);
    return 0;
}

/* can_change_mtu(): fixed here, by the bus. */
static int set_mtu(const struct af_can_interface *interface, int mtu)
{
    const int now = (int)af_can_interface_mtu(interface->stack, interface->index);
    if (mtu == now) {
        return 0;
    }
    return mtu >= 0 && interface->up ? -EBUSY : -EINVAL;
}

static int set_queue_len(struct af_can_interface *interface, int len)
{
    if (len < 0) {
        return -EINVAL;
    }
    interface->cfg.tx_queue_len = (uint32_t)len;
    return 0;
}

/* An alias in the form "can0:1" is of old: what follows the colon is not looked at. */
static struct af_can_interface *named(const struct af_can *stack, const struct ifreq *request)
{
    char name[IFNAMSIZ];
    memcpy(name, request->ifr_name, sizeof(name));
    name[IFNAMSIZ - 1] = '\0';
    char *colon = strchr(name, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    return af_can_interface_at(stack, af_can_index(stack, name));
}

static int give_name(const struct af_can *stack, struct ifreq *request)
{
    const char *name = af_can_name(stack, request->ifr_ifindex);
    if (name == NULL) {
        return -ENODEV;
    }
    memset(request->ifr_name, 0, sizeof(request->ifr_name));
    memcpy(request->ifr_name, name, strlen(name));
    return 0;
}

static bool is_private(unsigned long request)
{
    return request >= SIOCDEVPRIVATE && request < SIOCDEVPRIVATE + PRIVATE_REQUESTS;
}

static int answer(struct af_can_interface *interface, unsigned long request, struct ifreq *ifreq)
{
    switch (request) {
    case SIOCGIFINDEX: ifreq->ifr_ifindex = interface->index; return 0;
    case SIOCGIFFLAGS: ifreq->ifr_flags = flags_of(interface); return 0;
    case SIOCGIFMETRIC: ifreq->ifr_metric = 0; return 0;
    case SIOCGIFMTU:
        ifreq->ifr_mtu = (int)af_can_interface_mtu(interface->stack, interface->index);
        return 0;
    case SIOCGIFHWADDR:
        memset(&ifreq->ifr_hwaddr, 0, sizeof(ifreq->ifr_hwaddr));
        ifreq->ifr_hwaddr.sa_family = ARPHRD_CAN;
        return 0;
    case SIOCGIFMAP: memset(&ifreq->ifr_map, 0, sizeof(ifreq->ifr_map)); return 0;
    case SIOCGIFTXQLEN: ifreq->ifr_qlen = (int)interface->cfg.tx_queue_len; return 0;
    case SIOCGIFADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFBRDADDR:
    case SIOCGIFDSTADDR: return -EADDRNOTAVAIL; /* devinet_ioctl(). */
    case SIOCSIFFLAGS: return set_flags(interface, ifreq->ifr_flags);
    case SIOCSIFMTU: return set_mtu(interface, ifreq->ifr_mtu);
    case SIOCSIFTXQLEN: return set_queue_len(interface, ifreq->ifr_qlen);
    case SIOCGIFSLAVE: return -EINVAL;
    case SIOCSHWTSTAMP:
    case SIOCGHWTSTAMP:
    case SIOCETHTOOL: return -EOPNOTSUPP;
    default: return is_private(request) ? -EOPNOTSUPP : -ENOTTY;
    }
}

/* SIOCGIFCONF is of the range, but comes with a struct ifconf. */
static bool is_interface_request(unsigned long request)
{
    return (request >= SIOCGIFNAME && request <= SIOCSIFMAP && request != SIOCGIFCONF) ||
           request == SIOCSHWTSTAMP || request == SIOCGHWTSTAMP || is_private(request);
}

int af_can_interface_ioctl(struct af_can *stack, unsigned long request, void *ifreq)
{
    if (!is_interface_request(request)) {
        return -ENOTTY;
    }
    struct ifreq copy;
    memcpy(&copy, ifreq, sizeof(copy));
    int result;
    if (request == SIOCGIFNAME) {
        result = give_name(stack, &copy);
    } else {
        struct af_can_interface *interface = named(stack, &copy);
        result = interface != NULL ? answer(interface, request, &copy) : -ENODEV;
    }
    if (result == 0) {
        memcpy(ifreq, &copy, sizeof(copy));
    }
    return result;
}
