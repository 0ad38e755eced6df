/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/raw_basic.c - making and binding sockets of the CAN family: types, protocols,
 * lengths of addresses, and calls that do not belong to them. */
#include "tests/guest/kernel/observe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNKNOWN_INDEX = 4711 };

static void make_one(const char *name, int type, int protocol)
{
    const int fd = socket(PF_CAN, type, protocol);
    say(name, "%s", fd >= 0 ? "made" : rc_text(fd).chars);
    close(fd);
}

static void types_and_protocols(void)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {{"raw", SOCK_RAW},       {"dgram", SOCK_DGRAM},
                 {"stream", SOCK_STREAM}, {"seqpacket", SOCK_SEQPACKET},
                 {"rdm", SOCK_RDM},       {"dccp", 6}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (int protocol = 0; protocol <= 10; protocol++) {
            if (protocol == 7 && types[i].type == SOCK_DGRAM) {
                continue; /* J1939: a module that is not loaded here. */
            }
            make_one(text("socket %s %d", types[i].name, protocol).chars, types[i].type, protocol);
        }
    }
    make_one("socket raw -1", SOCK_RAW, -1);
    make_one("socket raw 256", SOCK_RAW, 256);
    make_one("socket type 0", 0, CAN_RAW);
    make_one("socket type 15", 15, CAN_RAW);
    make_one("socket with an unknown flag", SOCK_RAW | 0x10000, CAN_RAW);
    int pair[2];
    say("socketpair", "%s", rc_text(socketpair(PF_CAN, SOCK_RAW, CAN_RAW, pair)).chars);
}

static void flags_of_descriptor(void)
{
    const int plain = socket(PF_CAN, SOCK_RAW, CAN_RAW);
    const int both = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    struct stat status;
    say("descriptor flags, plain", "%d, nonblock %d", fcntl(plain, F_GETFD),
        (fcntl(plain, F_GETFL) & O_NONBLOCK) != 0);
    say("descriptor flags, nonblock and cloexec", "%d, nonblock %d", fcntl(both, F_GETFD),
        (fcntl(both, F_GETFL) & O_NONBLOCK) != 0);
    say("access mode", "%d", fcntl(plain, F_GETFL) & O_ACCMODE);
    must(fstat(plain, &status), "fstat");
    say("fstat", "socket %d", S_ISSOCK(status.st_mode));
    say("lseek", "%s", rc_text(lseek(plain, 0, SEEK_SET)).chars);
    say("fsync", "%s", rc_text(fsync(plain)).chars);
    close(plain);
    close(both);
}

static void bind_lengths(const struct links *links)
{
    char padded[32];
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    memset(padded, 0xA5, sizeof padded);
    memcpy(padded, &address, 8);
    for (socklen_t len = 0; len <= 24; len++) {
        const int fd = socket(PF_CAN, SOCK_RAW, CAN_RAW);
        memset(&address, 0, sizeof address);
        const struct text bound = rc_text(bind(fd, (const struct sockaddr *)padded, len));
        socklen_t room = sizeof address;
        getsockname(fd, (struct sockaddr *)&address, &room);
        say(text("bind, length %u, rubbish behind", len).chars, "%s, then %s", bound.chars,
            address_text(links, &address, room).chars);
        close(fd);
    }
    const int fd = socket(PF_CAN, SOCK_RAW, CAN_RAW);
    char long_address[256] = {0};
    memcpy(long_address, padded, 8);
    say("bind, length 128", "%s",
        rc_text(bind(fd, (const struct sockaddr *)long_address, 128)).chars);
    say("bind, length 129", "%s",
        rc_text(bind(fd, (const struct sockaddr *)long_address, 129)).chars);
    close(fd);
}

static struct text bind_to(int fd, sa_family_t family, int index)
{
    const struct sockaddr_can address = {.can_family = family, .can_ifindex = index};
    return rc_text(bind(fd, (const struct sockaddr *)&address, sizeof address));
}

static struct text name_of(const struct links *links, int fd)
{
    struct sockaddr_can address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        return rc_text(-1);
    }
    return address_text(links, &address, len);
}

static void bind_and_name(const struct links *links, int fd, int index, const char *name)
{
    const struct text bound = bind_to(fd, AF_CAN, index);
    say(name, "%s, then %s", bound.chars, name_of(links, fd).chars);
}

static void bind_places(const struct links *links)
{
    const int fd = socket(PF_CAN, SOCK_RAW, CAN_RAW);
    say("name before bind", "%s", name_of(links, fd).chars);
    say("bind, family unspecified", "%s", bind_to(fd, AF_UNSPEC, links->index[0]).chars);
    say("bind, family internet", "%s", bind_to(fd, AF_INET, links->index[0]).chars);
    bind_and_name(links, fd, UNKNOWN_INDEX, "bind, unknown index");
    bind_and_name(links, fd, -1, "bind, negative index");
    bind_and_name(links, fd, 1, "bind, loopback interface");
    bind_and_name(links, fd, links->index[0], "bind, first");
    bind_and_name(links, fd, links->index[0], "bind again, first");
    bind_and_name(links, fd, links->index[1], "bind again, second");
    bind_and_name(links, fd, 0, "bind again, any");
    bind_and_name(links, fd, links->index[0], "bind again, first once more");
    bind_and_name(links, fd, UNKNOWN_INDEX, "bind again, unknown");
    close(fd);
}

static void name_lengths(const struct links *links)
{
    const int fd = raw_socket(links->index[0], 0);
    static const socklen_t rooms[] = {0, 1, 2, 4, 7, 8, 12, 16, 23, 24, 128};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        uint8_t room[128];
        socklen_t len = rooms[i];
        memset(room, 0xA5, sizeof room);
        const struct text result = rc_text(getsockname(fd, (struct sockaddr *)room, &len));
        socklen_t written = 0;
        for (socklen_t at = 0; at < sizeof room; at++) {
            written = room[at] != 0xA5 ? at + 1 : written;
        }
        say(text("getsockname, room %u", rooms[i]).chars, "%s, length %u, written %u", result.chars,
            len, written);
    }
    socklen_t negative = (socklen_t)-1;
    struct sockaddr_can address;
    say("getsockname, room -1", "%s",
        rc_text(getsockname(fd, (struct sockaddr *)&address, &negative)).chars);
    socklen_t len = sizeof address;
    say("getpeername", "%s", rc_text(getpeername(fd, (struct sockaddr *)&address, &len)).chars);
    close(fd);
}

static void other_calls(const struct links *links)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const int fd = raw_socket(links->index[0], 0);
    say("connect", "%s",
        rc_text(connect(fd, (const struct sockaddr *)&address, sizeof address)).chars);
    say("connect, length 0", "%s",
        rc_text(connect(fd, (const struct sockaddr *)&address, 0)).chars);
    say("listen", "%s", rc_text(listen(fd, 1)).chars);
    say("accept", "%s", rc_text(accept(fd, NULL, NULL)).chars);
    for (int how = SHUT_RD; how <= SHUT_RDWR; how++) {
        say(text("shutdown %d", how).chars, "%s", rc_text(shutdown(fd, how)).chars);
    }
    say("still usable", "%s", poll_text(poll_now(fd, 0)).chars);
    close(fd);
    say("bind a closed descriptor", "%s", bind_to(fd, AF_CAN, links->index[0]).chars);
    say("bind standard output", "%s", bind_to(STDERR_FILENO, AF_CAN, links->index[0]).chars);
}

static void unbound(const struct links *links)
{
    const int fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK, CAN_RAW);
    const int other = raw_socket(links->index[0], SOCK_NONBLOCK);
    const struct can_frame frame = frame_of(0x123, 2, "ab");
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    say("unbound: poll", "%s", poll_text(poll_now(fd, 0)).chars);
    say("unbound: read", "%s", take_text(fd, 0).chars);
    say("unbound: write", "%s", rc_text(write(fd, &frame, sizeof frame)).chars);
    say("unbound: sendto an interface", "%s",
        rc_text(
            sendto(fd, &frame, sizeof frame, 0, (const struct sockaddr *)&address, sizeof address))
            .chars);
    say("unbound: the frame", "%s", take_text(other, COMES_MS).chars);
    put(other, 0x124, "c");
    say("unbound: hears", "%s", take_text(fd, QUIET_MS).chars);
    close(fd);
    close(other);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    types_and_protocols();
    flags_of_descriptor();
    bind_lengths(&links);
    bind_places(&links);
    name_lengths(&links);
    other_calls(&links);
    unbound(&links);
    return 0;
}
