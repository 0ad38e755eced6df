/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/pipes.c - pipes, FIFOs and Unix sockets between guests; inotify. */
#include "tests/guest/time/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { MEBIBYTE = 1 << 20 };

static char large[MEBIBYTE];

static long read_all(int fd, double pause)
{
    long sum = 0;
    ssize_t length;
    static char part[65536];
    while ((length = read(fd, part, sizeof part)) > 0) {
        sum += length;
        if (pause > 0) {
            sleep_units(pause);
        }
    }
    return sum;
}

static void make_pipe(int *ends)
{
    if (pipe(ends) != 0) {
        abort();
    }
}

static void pipe_part(void)
{
    int ends[2];
    make_pipe(ends);
    if (fork() == 0) {
        close(ends[0]);
        for (int i = 0; i < 3; i++) {
            sleep_units(1);
            dprintf(ends[1], "line %d", i);
        }
        sleep_units(1);
        _exit(0);
    }
    close(ends[1]);
    char text[20];
    ssize_t length;
    while ((length = read(ends[0], text, sizeof text)) > 0) {
        stamp("%.*s", (int)length, text);
    }
    stamp_result("end", length);
}

static void mebibyte(void)
{
    int ends[2];
    make_pipe(ends);
    if (fork() == 0) {
        close(ends[1]);
        sleep_units(2);
        stamp("read %ld", read_all(ends[0], 0));
        _exit(0);
    }
    close(ends[0]);
    stamp_result("one write", write(ends[1], large, sizeof large));
    struct iovec parts[2] = {{large, MEBIBYTE / 2}, {large, MEBIBYTE / 2}};
    stamp_result("writev", writev(ends[1], parts, 2));
    close(ends[1]);
    wait(NULL);
    stamp("done");
}

static void slow_reader(void)
{
    int ends[2];
    make_pipe(ends);
    if (fork() == 0) {
        close(ends[1]);
        stamp("read %ld", read_all(ends[0], 0.25));
        _exit(0);
    }
    close(ends[0]);
    /* The pipe holds 64 KiB, and the last part has no pause behind its write. */
    stamp_result("write", write(ends[1], large, 8 * 65536));
    close(ends[1]);
    wait(NULL);
}

static void full(void)
{
    int ends[2];
    make_pipe(ends);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    stamp_result("into an empty pipe", write(ends[1], large, sizeof large));
    stamp_result("into a full one", write(ends[1], large, 1));
    struct pollfd poller = {.fd = ends[1], .events = POLLOUT};
    stamp_result("poll", poll(&poller, 1, units_ms(1)));
    int waiting;
    ioctl(ends[0], FIONREAD, &waiting);
    stamp("holds %d", waiting);
    stamp_result("read", read(ends[0], large, 65536));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stamp_result("read of an empty pipe", read(ends[0], large, 1));
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    stamp_result("write without reader", write(ends[1], large, 1));
}

static void broken(void)
{
    int ends[2];
    make_pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (;;) {
            sleep_units(1);
            if (write(ends[1], "x", 1) != 1) {
                _exit(1);
            }
        }
    }
    close(ends[1]);
    sleep_units(2.5);
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    stamp("killed by SIGPIPE: %d", WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void fifo(void)
{
    char path[] = "/tmp/limphome-fifo-XXXXXX";
    close(mkstemp(path));
    unlink(path);
    mkfifo(path, 0600);
    if (fork() == 0) {
        sleep_units(2);
        int fd = open(path, O_WRONLY);
        stamp("open for writing");
        sleep_units(1);
        dprintf(fd, "hello");
        _exit(0);
    }
    int fd = open(path, O_RDONLY);
    stamp("open for reading");
    char text[20];
    stamp_result("read", read(fd, text, sizeof text));
    stamp_result("end", read(fd, text, sizeof text));
    close(fd);
    stamp_result("nobody reads", open(path, O_WRONLY | O_NONBLOCK));
    unlink(path);
    wait(NULL);
}

static struct sockaddr_un address_of(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "limphome-%s-%d", name,
             (int)getpgrp());
    return address;
}

static void serve_stream(struct sockaddr_un address, int type)
{
    int listener = socket(AF_UNIX, type, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 1);
    sleep_units(2);
    int fd = accept(listener, NULL, NULL);
    stamp("accepted");
    sleep_units(1);
    char text[20];
    ssize_t length = recv(fd, text, sizeof text, 0);
    stamp("server has %.*s", (int)length, text);
    sleep_units(1);
    send(fd, text, (size_t)length, 0);
    _exit(0);
}

static void unix_connected(int type, const char *name)
{
    struct sockaddr_un address = address_of(name);
    if (fork() == 0) {
        serve_stream(address, type);
    }
    sleep_units(1);
    int fd = socket(AF_UNIX, type, 0);
    stamp_result("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    stamp_result("send", send(fd, "hello", 5, 0));
    char text[20];
    stamp_result("answer", recv(fd, text, sizeof text, 0));
    stamp_result("end", recv(fd, text, sizeof text, 0));
    wait(NULL);
}

static void unix_stream(void)
{
    unix_connected(SOCK_STREAM, "stream");
}

static void unix_seqpacket(void)
{
    unix_connected(SOCK_SEQPACKET, "seqpacket");
}

static void unix_datagram(void)
{
    struct sockaddr_un address = address_of("datagram");
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(receiver, (struct sockaddr *)&address, sizeof address);
    if (fork() == 0) {
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        for (int i = 0; i < 3; i++) {
            sleep_units(1);
            sendto(fd, "datagram", (size_t)(6 + i), 0, (struct sockaddr *)&address, sizeof address);
        }
        _exit(0);
    }
    char text[20];
    struct timeval limit = {.tv_sec = units_ns(2) / SECOND_NS,
                            .tv_usec = units_ns(2) % SECOND_NS / 1000};
    setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    for (int i = 0; i < 4; i++) {
        stamp_result("recv", recv(receiver, text, sizeof text, 0));
    }
    wait(NULL);
}

static void socket_pair(void)
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    struct timeval limit = {.tv_sec = units_ns(1) / SECOND_NS,
                            .tv_usec = units_ns(1) % SECOND_NS / 1000};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    char text[20];
    stamp_result("SO_RCVTIMEO, recv", recv(ends[0], text, sizeof text, 0));
    stamp_result("SO_RCVTIMEO, read", read(ends[0], text, sizeof text));
    stamp_result("MSG_DONTWAIT", recv(ends[0], text, sizeof text, MSG_DONTWAIT));
    long sum = 0;
    ssize_t length;
    while ((length = send(ends[0], large, 4096, 0)) > 0) {
        sum += length;
    }
    stamp_result("SO_SNDTIMEO", length);
    stamp("something fitted in: %d", sum > 4096);
    if (fork() == 0) {
        close(ends[0]);
        sleep_units(2);
        stamp("all read: %d", read_all(ends[1], 0) == sum + MEBIBYTE);
        _exit(0);
    }
    limit = (struct timeval){0};
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    close(ends[1]);
    stamp_result("a mebibyte", send(ends[0], large, sizeof large, 0));
    shutdown(ends[0], SHUT_WR);
    wait(NULL);
}

static void wait_all(void)
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) {
        for (int i = 0; i < 5; i++) {
            sleep_units(1);
            send(ends[1], "ab", 2, 0);
        }
        _exit(0);
    }
    char text[20];
    stamp_result("MSG_WAITALL", recv(ends[0], text, 6, MSG_WAITALL));
    stamp_result("MSG_PEEK", recv(ends[0], text, 6, MSG_PEEK));
    stamp_result("recv", recv(ends[0], text, 6, 0));
    wait(NULL);
}

static void inotify(void)
{
    char folder[] = "/tmp/limphome-inotify-XXXXXX";
    if (!mkdtemp(folder)) {
        abort();
    }
    int watcher = inotify_init1(IN_CLOEXEC);
    inotify_add_watch(watcher, folder, IN_CREATE);
    char path[60];
    snprintf(path, sizeof path, "%s/new", folder);
    if (fork() == 0) {
        sleep_units(2);
        close(creat(path, 0600));
        _exit(0);
    }
    struct pollfd poller = {.fd = watcher, .events = POLLIN};
    stamp_result("poll", poll(&poller, 1, units_ms(1)));
    union {
        struct inotify_event event;
        char room[1000];
    } got;
    stamp("read: %d", read(watcher, &got, sizeof got) > 0);
    stamp("created %s", got.event.name);
    wait(NULL);
    unlink(path);
    rmdir(folder);
}

static void *write_byte(void *fd)
{
    sleep_units(2);
    stamp_result("write", write((int)(long)fd, "x", 1));
    return NULL;
}

static void two_readers(void)
{
    int ends[2];
    make_pipe(ends);
    pthread_t thread;
    pthread_create(&thread, NULL, write_byte, (void *)(long)ends[1]);
    if (fork() == 0) {
        char byte;
        close(ends[1]);
        long got = read(ends[0], &byte, 1);
        _exit((int)got);
    }
    char byte;
    sleep_units(0.5);
    pthread_join(thread, NULL);
    int status;
    wait(&status);
    stamp("the child has %d", WEXITSTATUS(status));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stamp_result("none left", read(ends[0], &byte, 1));
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"pipe", pipe_part},
        {"mebibyte", mebibyte},
        {"slow", slow_reader},
        {"full", full},
        {"broken", broken},
        {"fifo", fifo},
        {"unix_stream", unix_stream},
        {"unix_seqpacket", unix_seqpacket},
        {"unix_datagram", unix_datagram},
        {"pair", socket_pair},
        {"wait_all", wait_all},
        {"inotify", inotify},
        {"two_readers", two_readers},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
