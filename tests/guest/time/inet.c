/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/inet.c - TCP and UDP on loopback between guests. */
#include "tests/guest/time/rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MEBIBYTE = 1 << 20 };

static char large[MEBIBYTE];

/* A socket on a port that the kernel chose. */
static int bound(int type, struct sockaddr_in *address)
{
    int fd = socket(AF_INET, type, 0);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof *address;
    bind(fd, (struct sockaddr *)address, sizeof *address);
    getsockname(fd, (struct sockaddr *)address, &length);
    return fd;
}

static int connected(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        stamp_result("connect", -1);
    }
    return fd;
}

static void set_limit(int fd, int option, double count)
{
    struct timeval limit = {.tv_sec = units_ns(count) / SECOND_NS,
                            .tv_usec = units_ns(count) % SECOND_NS / 1000};
    setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
}

static void stream(void)
{
    struct sockaddr_in address;
    int listener = bound(SOCK_STREAM, &address);
    listen(listener, 1);
    if (fork() == 0) {
        close(listener);
        sleep_units(2);
        int fd = connected(&address);
        sleep_units(1);
        stamp_result("send", send(fd, "hello", 5, 0));
        char text[20];
        stamp_result("answer", recv(fd, text, sizeof text, 0));
        sleep_units(1);
        _exit(0);
    }
    set_limit(listener, SO_RCVTIMEO, 1);
    stamp_result("accept, SO_RCVTIMEO", accept(listener, NULL, NULL));
    set_limit(listener, SO_RCVTIMEO, 0);
    int fd = accept(listener, NULL, NULL);
    stamp("accepted");
    char text[20];
    stamp_result("recv", recv(fd, text, sizeof text, 0));
    sleep_units(1);
    stamp_result("send", send(fd, "hi", 2, 0));
    stamp_result("end", recv(fd, text, sizeof text, 0));
    wait(NULL);
}

static void small_writes(void)
{
    struct sockaddr_in address;
    int listener = bound(SOCK_STREAM, &address);
    listen(listener, 1);
    if (fork() == 0) {
        close(listener);
        int fd = connected(&address);
        for (int i = 0; i < 4000; i++) {
            if (send(fd, "x", 1, 0) != 1) {
                abort();
            }
        }
        _exit(0);
    }
    int fd = accept(listener, NULL, NULL);
    set_limit(fd, SO_RCVTIMEO, 2);
    long sum = 0, faults = 0;
    char text[64];
    ssize_t length;
    while ((length = recv(fd, text, sizeof text, 0)) != 0) {
        sum += length > 0 ? length : 0;
        faults += length < 0;
    }
    stamp("%ld bytes, %ld time-outs", sum, faults);
    wait(NULL);
}

static void request_and_answer(void)
{
    struct sockaddr_in address;
    int listener = bound(SOCK_STREAM, &address);
    listen(listener, 1);
    if (fork() == 0) {
        int fd = accept(listener, NULL, NULL);
        char text[64];
        ssize_t length;
        while ((length = recv(fd, text, sizeof text, 0)) > 0) {
            send(fd, text, (size_t)length, 0);
        }
        _exit(0);
    }
    int fd = connected(&address);
    char text[64];
    for (int i = 0; i < 500; i++) {
        /* A head and a body: Nagle's algorithm would hold the second back for a delayed ACK. */
        send(fd, "head", 4, 0);
        send(fd, "body", 4, 0);
        if (recv(fd, text, 8, MSG_WAITALL) != 8) {
            abort();
        }
    }
    stamp("500 answers");
    close(fd);
    wait(NULL);
}

static void mebibytes(void)
{
    struct sockaddr_in address;
    int listener = bound(SOCK_STREAM, &address);
    listen(listener, 1);
    if (fork() == 0) {
        int fd = accept(listener, NULL, NULL);
        sleep_units(2);
        long sum = 0;
        ssize_t length;
        while ((length = recv(fd, large, sizeof large, 0)) > 0) {
            sum += length;
        }
        stamp("%ld bytes", sum);
        _exit(0);
    }
    int fd = connected(&address);
    long sum = 0;
    for (int i = 0; i < 16; i++) {
        long length = send(fd, large, sizeof large, 0);
        sum += length;
    }
    stamp("sent %ld", sum);
    close(fd);
    wait(NULL);
}

static void datagrams(void)
{
    struct sockaddr_in address;
    int receiver = bound(SOCK_DGRAM, &address);
    if (fork() == 0) {
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        for (int i = 1; i <= 3; i++) {
            sleep_units(1);
            sendto(fd, large, (size_t)i, 0, (struct sockaddr *)&address, sizeof address);
        }
        _exit(0);
    }
    set_limit(receiver, SO_RCVTIMEO, 1.5);
    char text[20];
    for (int i = 0; i < 4; i++) {
        stamp_result("recv", recv(receiver, text, sizeof text, 0));
    }
    struct mmsghdr messages[2] = {0};
    struct iovec room = {text, sizeof text};
    messages[0].msg_hdr.msg_iov = messages[1].msg_hdr.msg_iov = &room;
    messages[0].msg_hdr.msg_iovlen = messages[1].msg_hdr.msg_iovlen = 1;
    stamp_result("recvmmsg", recvmmsg(receiver, messages, 2, 0, NULL));
    wait(NULL);
}

static void refused(void)
{
    struct sockaddr_in address;
    close(bound(SOCK_STREAM, &address));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    stamp_result("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int listener = bound(SOCK_STREAM, &address);
    listen(listener, 1);
    connect(fd, (struct sockaddr *)&address, sizeof address);
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    stamp_result("poll of a connection", poll(&poller, 1, units_ms(1)));
    int error = -1;
    socklen_t length = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    stamp_error("SO_ERROR", error);
    poller = (struct pollfd){.fd = listener, .events = POLLIN};
    stamp_result("poll of the listener", poll(&poller, 1, units_ms(1)));
    int other = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    stamp_result("recv", recv(other, large, 1, 0));
    close(fd);
    poller = (struct pollfd){.fd = other, .events = POLLIN};
    stamp_result("poll for the end", poll(&poller, 1, units_ms(1)));
    stamp_result("recv", recv(other, large, 1, 0));
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"stream", stream},
        {"small", small_writes},
        {"request", request_and_answer},
        {"mebibytes", mebibytes},
        {"datagrams", datagrams},
        {"refused", refused},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
