/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/if_request.c - what programs ask of interfaces: the ioctls on a struct ifreq,
 * by sockets of the CAN family and others, and the functions of the C library built on them. */
#include "tests/guest/kernel/observe.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/can/bcm.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct asker {
    const char *name;
    int fd;
};

static struct ifreq request_of(const char *name)
{
    struct ifreq request;
    memset(&request, 0xA5, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ);
    return request;
}

static void index_and_name(const struct links *links, const struct asker *asker)
{
    struct ifreq request = request_of(links->name[0]);
    struct text result = rc_text(ioctl(asker->fd, SIOCGIFINDEX, &request));
    say(text("%s: SIOCGIFINDEX", asker->name).chars, "%s, right %d", result.chars,
        request.ifr_ifindex == links->index[0]);
    request = request_of("nosuch0");
    say(text("%s: SIOCGIFINDEX of nosuch0", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFINDEX, &request)).chars);
    request = request_of("");
    say(text("%s: SIOCGIFINDEX of no name", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFINDEX, &request)).chars);
    memset(request.ifr_name, 'x', IFNAMSIZ);
    say(text("%s: SIOCGIFINDEX of 16 letters", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFINDEX, &request)).chars);
    memset(&request, 0xA5, sizeof request);
    request.ifr_ifindex = links->index[1];
    result = rc_text(ioctl(asker->fd, SIOCGIFNAME, &request));
    say(text("%s: SIOCGIFNAME", asker->name).chars, "%s, right %d", result.chars,
        strncmp(request.ifr_name, links->name[1], IFNAMSIZ) == 0);
    static const int indexes[] = {0, -1, 4711};
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        request.ifr_ifindex = indexes[i];
        say(text("%s: SIOCGIFNAME of %d", asker->name, indexes[i]).chars, "%s",
            rc_text(ioctl(asker->fd, SIOCGIFNAME, &request)).chars);
    }
    say(text("%s: SIOCGIFINDEX to nowhere", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFINDEX, nowhere())).chars);
}

static void properties(const struct links *links, const struct asker *asker)
{
    struct ifreq request = request_of(links->name[0]);
    struct text result = rc_text(ioctl(asker->fd, SIOCGIFMTU, &request));
    say(text("%s: SIOCGIFMTU", asker->name).chars, "%s, %d", result.chars, request.ifr_mtu);
    request = request_of(links->name[0]);
    result = rc_text(ioctl(asker->fd, SIOCGIFFLAGS, &request));
    say(text("%s: SIOCGIFFLAGS", asker->name).chars, "%s, %x", result.chars,
        (unsigned)(unsigned short)request.ifr_flags);
    request = request_of(links->name[0]);
    result = rc_text(ioctl(asker->fd, SIOCGIFHWADDR, &request));
    say(text("%s: SIOCGIFHWADDR", asker->name).chars, "%s, family %d, %s", result.chars,
        request.ifr_hwaddr.sa_family, bytes_text(request.ifr_hwaddr.sa_data, 14).chars);
    request = request_of(links->name[0]);
    result = rc_text(ioctl(asker->fd, SIOCGIFTXQLEN, &request));
    say(text("%s: SIOCGIFTXQLEN", asker->name).chars, "%s, %d", result.chars, request.ifr_qlen);
    request = request_of(links->name[0]);
    result = rc_text(ioctl(asker->fd, SIOCGIFMETRIC, &request));
    say(text("%s: SIOCGIFMETRIC", asker->name).chars, "%s, %d", result.chars, request.ifr_metric);
    request = request_of(links->name[0]);
    result = rc_text(ioctl(asker->fd, SIOCGIFMAP, &request));
    say(text("%s: SIOCGIFMAP", asker->name).chars, "%s", result.chars);
    request = request_of("nosuch0");
    say(text("%s: SIOCGIFMTU of nosuch0", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFMTU, &request)).chars);
    say(text("%s: SIOCGIFFLAGS of nosuch0", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFFLAGS, &request)).chars);
}

static void other_requests(const struct links *links, const struct asker *asker)
{
    struct ifreq request = request_of(links->name[0]);
    say(text("%s: SIOCGIFADDR", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFADDR, &request)).chars);
    request = request_of(links->name[0]);
    say(text("%s: SIOCGIFNETMASK", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFNETMASK, &request)).chars);
    request = request_of(links->name[0]);
    say(text("%s: SIOCGIFBRDADDR", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCGIFBRDADDR, &request)).chars);
    struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
    request = request_of(links->name[0]);
    request.ifr_data = (char *)&info;
    const struct text result = rc_text(ioctl(asker->fd, SIOCETHTOOL, &request));
    say(text("%s: ethtool, driver", asker->name).chars, "%s, %s", result.chars, info.driver);
    struct ethtool_ts_info stamps = {.cmd = ETHTOOL_GET_TS_INFO};
    request.ifr_data = (char *)&stamps;
    const struct text offered = rc_text(ioctl(asker->fd, SIOCETHTOOL, &request));
    say(text("%s: ethtool, time stamping", asker->name).chars, "%s, %x", offered.chars,
        stamps.so_timestamping);
    request = request_of(links->name[0]);
    say(text("%s: a request of drivers", asker->name).chars, "%s",
        rc_text(ioctl(asker->fd, SIOCDEVPRIVATE, &request)).chars);
    request = request_of("");
    struct ifconf list = {.ifc_len = 0};
    const struct text listed = rc_text(ioctl(asker->fd, SIOCGIFCONF, &list));
    say(text("%s: SIOCGIFCONF, room asked", asker->name).chars, "%s", listed.chars);
}

static void library(const struct links *links)
{
    char name[IF_NAMESIZE] = "";
    const unsigned none = if_nametoindex("nosuch0");
    say("if_nametoindex of nosuch0", "%u, %s", none, errno_text(errno).chars);
    const char *found = if_indextoname((unsigned)links->index[1], name);
    say("if_indextoname", "right %d", found != NULL && strcmp(found, links->name[1]) == 0);
    found = if_indextoname(4711, name);
    say("if_indextoname of 4711", "%s", found != NULL ? found : errno_text(errno).chars);
    found = if_indextoname(0, name);
    say("if_indextoname of 0", "%s", found != NULL ? found : errno_text(errno).chars);
    bool seen[2] = {false, false};
    struct if_nameindex *all = if_nameindex();
    for (size_t i = 0; all != NULL && all[i].if_index != 0; i++) {
        for (int j = 0; j < 2; j++) {
            seen[j] = seen[j] || (strcmp(all[i].if_name, links->name[j]) == 0 &&
                                  (int)all[i].if_index == links->index[j]);
        }
    }
    say("if_nameindex", "first %d, second %d", seen[0], seen[1]);
    if_freenameindex(all);
}

static void addresses(const struct links *links)
{
    struct ifaddrs *all = NULL;
    say("getifaddrs", "%s", rc_text(getifaddrs(&all)).chars);
    for (int j = 0; j < 2; j++) {
        for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
            if (strcmp(one->ifa_name, links->name[j]) == 0) {
                say(text("getifaddrs: interface %d", j).chars,
                    "flags %x, family %d, netmask %d, broadcast %d", one->ifa_flags,
                    one->ifa_addr != NULL ? one->ifa_addr->sa_family : -1, one->ifa_netmask != NULL,
                    one->ifa_broadaddr != NULL);
            }
        }
    }
    freeifaddrs(all);
}

/* What a program may change: nobody needs more than the flags here, so wrong values are asked. */
static void changes(const struct links *links)
{
    const int fd = must(socket(PF_CAN, SOCK_RAW, CAN_RAW), "socket");
    static const int mtus[] = {0, 15, 17, 71, 73, 1500, -1};
    for (size_t i = 0; i < sizeof mtus / sizeof mtus[0]; i++) {
        struct ifreq request = request_of(links->name[0]);
        request.ifr_mtu = mtus[i];
        say(text("SIOCSIFMTU to %d", mtus[i]).chars, "%s",
            rc_text(ioctl(fd, SIOCSIFMTU, &request)).chars);
    }
    struct ifreq request = request_of(links->name[0]);
    request.ifr_mtu = 16;
    say("SIOCSIFMTU while it is up", "%s", rc_text(ioctl(fd, SIOCSIFMTU, &request)).chars);
    request = request_of("nosuch0");
    request.ifr_flags = IFF_UP;
    say("SIOCSIFFLAGS of nosuch0", "%s", rc_text(ioctl(fd, SIOCSIFFLAGS, &request)).chars);
    request = request_of(links->name[0]);
    request.ifr_flags = IFF_UP | IFF_PROMISC;
    say("SIOCSIFFLAGS, up as it was, promiscuous", "%s",
        rc_text(ioctl(fd, SIOCSIFFLAGS, &request)).chars);
    must(ioctl(fd, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
    say("SIOCGIFFLAGS afterwards", "%x", (unsigned)(unsigned short)request.ifr_flags);
    request.ifr_flags = IFF_UP;
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    must(ioctl(fd, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
    say("SIOCGIFFLAGS at the end", "%x", (unsigned)(unsigned short)request.ifr_flags);
    request.ifr_flags = 0;
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    must(ioctl(fd, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
    say("SIOCGIFFLAGS while it is down", "%x", (unsigned)(unsigned short)request.ifr_flags);
    request.ifr_flags = IFF_UP;
    must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(fd);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    const struct asker askers[] = {{"RAW", socket(PF_CAN, SOCK_RAW, CAN_RAW)},
                                   {"ISO-TP", socket(PF_CAN, SOCK_DGRAM, CAN_ISOTP)},
                                   {"BCM", socket(PF_CAN, SOCK_DGRAM, CAN_BCM)},
                                   {"unix", socket(AF_UNIX, SOCK_DGRAM, 0)},
                                   {"internet", socket(AF_INET, SOCK_DGRAM, 0)}};
    for (size_t i = 0; i < sizeof askers / sizeof askers[0]; i++) {
        must(askers[i].fd, askers[i].name);
        index_and_name(&links, &askers[i]);
        properties(&links, &askers[i]);
        other_requests(&links, &askers[i]);
    }
    library(&links);
    addresses(&links);
    changes(&links);
    return 0;
}
