/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/fds/descriptors.c - what waits in the middle of a call: data that does not fit, ends
 * that are not there yet, signals that arrive as data. */
#include "tests/guest/time/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { MEBIBYTE = 1 << 20 };

static unsigned char large[MEBIBYTE];

/* A byte tells its place, so that a piece that is lost or doubled is seen. */
static void fill_large(void)
{
    for (size_t i = 0; i < sizeof large; i++) {
        large[i] = (unsigned char)(i * 2654435761u >> 13);
    }
}

/* Reads to the end, with a pause first; a child of the caller. */
static void read_later(int fd, double pause, size_t limit)
{
    static unsigned char got[2 * MEBIBYTE];
    size_t sum = 0;
    ssize_t n = 1;
    sleep_units(pause);
    while (n > 0 && sum < limit) {
        size_t want = limit - sum < sizeof got - sum ? limit - sum : sizeof got - sum;
        n = read(fd, got + sum, want);
        sum += n > 0 ? (size_t)n : 0;
    }
    size_t same = 0;
    while (same < sum && got[same] == large[same % MEBIBYTE]) {
        same++;
    }
    stamp("read %zu, right %zu", sum, same);
}

static pid_t fork_reader(int read_end, int write_end, double pause, size_t limit)
{
    pid_t child = fork();
    if (child == 0) {
        close(write_end);
        read_later(read_end, pause, limit);
        _exit(0);
    }
    close(read_end);
    return child;
}

static void make_pipe(int *ends)
{
    if (pipe(ends) != 0) {
        abort();
    }
}

static void make_pair(int type, int *ends)
{
    if (socketpair(AF_UNIX, type, 0, ends) != 0) {
        abort();
    }
}

static struct sockaddr_un unix_name(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    return address;
}

static void on_signal(int signal)
{
    (void)signal;
}

static void catch_without_restart(int signal)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(signal, &action, NULL);
}

static void alarm_in(double count)
{
    int64_t us = units_ns(count) / 1000;
    struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void set_limit(int fd, int option, double count)
{
    int64_t us = units_ns(count) / 1000;
    struct timeval limit = {us / 1000000, us % 1000000};
    setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
}

static void vector(void)
{
    int ends[2];
    make_pipe(ends);
    fill_large();
    fork_reader(ends[0], ends[1], 2, SIZE_MAX);
    struct iovec parts[] = {{large, 1},
                            {large + 1, 100000},
                            {large + 100001, 0},
                            {large + 100001, 3},
                            {large + 100004, 250000}};
    stamp_result("writev", writev(ends[1], parts, 5));
    close(ends[1]);
    wait(NULL);
}

static void vmsplice_part(void)
{
    int ends[2];
    make_pipe(ends);
    fill_large();
    fork_reader(ends[0], ends[1], 2, SIZE_MAX);
    struct iovec part = {large, 200000};
    long sum = 0;
    while (sum < 200000) { /* The kernel may take less at once. */
        ssize_t n = vmsplice(ends[1], &part, 1, 0);
        if (n <= 0) {
            break;
        }
        sum += n;
        part = (struct iovec){large + sum, (size_t)(200000 - sum)};
    }
    stamp("vmsplice: %ld", sum);
    close(ends[1]);
    wait(NULL);
}

static void stream(void)
{
    int ends[2];
    make_pair(SOCK_STREAM, ends);
    fill_large();
    fork_reader(ends[0], ends[1], 3, SIZE_MAX);
    stamp_result("send", send(ends[1], large, sizeof large, 0));
    close(ends[1]);
    wait(NULL);
}

static void sendfile_part(void)
{
    int ends[2];
    make_pair(SOCK_STREAM, ends);
    fill_large();
    int file = memfd_create("data", 0);
    if (write(file, large, sizeof large) != (ssize_t)sizeof large) {
        abort();
    }
    fork_reader(ends[0], ends[1], 3, SIZE_MAX);
    off_t offset = 0;
    stamp_result("sendfile", sendfile(ends[1], file, &offset, sizeof large));
    stamp("offset %ld", (long)offset);
    lseek(file, 1, SEEK_SET);
    stamp_result("sendfile, no more", sendfile(ends[1], file, NULL, 0));
    close(ends[1]);
    wait(NULL);
}

static void splice_part(void)
{
    int ends[2];
    int pair[2];
    make_pipe(ends);
    make_pair(SOCK_STREAM, pair);
    fill_large();
    if (fork() == 0) { /* Feeds the pipe. */
        close(ends[0]);
        sleep_units(1);
        if (write(ends[1], large, 300000) != 300000) {
            abort();
        }
        _exit(0);
    }
    close(ends[1]);
    fork_reader(pair[0], pair[1], 3, SIZE_MAX);
    long sum = 0;
    ssize_t n;
    while ((n = splice(ends[0], NULL, pair[1], NULL, MEBIBYTE, 0)) > 0) {
        sum += n;
    }
    stamp("splice: %ld", sum);
    close(pair[1]);
    wait(NULL);
    wait(NULL);
}

static void tee_part(void)
{
    int from[2];
    int to[2];
    make_pipe(from);
    make_pipe(to);
    if (fork() == 0) {
        sleep_units(1);
        dprintf(from[1], "hello");
        _exit(0);
    }
    stamp_result("tee", tee(from[0], to[1], 100, 0));
    wait(NULL);
}

static void interrupted(void)
{
    int ends[2];
    make_pipe(ends);
    catch_without_restart(SIGALRM);
    alarm_in(2);
    stamp_result("write, cut by a signal", write(ends[1], large, sizeof large));
    alarm_in(1);
    stamp_result("write into a full pipe", write(ends[1], large, 10));
}

static void broken_middle(void)
{
    int ends[2];
    make_pipe(ends);
    fill_large();
    signal(SIGPIPE, SIG_IGN);
    fork_reader(ends[0], ends[1], 1, 65536);
    long n = write(ends[1], large, sizeof large);
    stamp("write: %s", n > 0 && n < MEBIBYTE ? "a part" : n == -1 ? "nothing" : "all");
    stamp_result("again", write(ends[1], large, 1));
    wait(NULL);
    make_pipe(ends);
    if (fork() == 0) {
        signal(SIGPIPE, SIG_DFL);
        fork_reader(ends[0], ends[1], 1, 65536);
        stamp_result("never", write(ends[1], large, sizeof large));
        _exit(0);
    }
    close(ends[0]);
    close(ends[1]);
    int status = 0;
    wait(&status);
    stamp("ended by signal %d", WTERMSIG(status));
}

static void wait_all_limit(void)
{
    int ends[2];
    make_pair(SOCK_STREAM, ends);
    char text[100];
    set_limit(ends[0], SO_RCVTIMEO, 3);
    if (fork() == 0) {
        sleep_units(1);
        dprintf(ends[1], "0123456789");
        sleep_units(4);
        dprintf(ends[1], "abc");
        sleep_units(1);
        dprintf(ends[1], "def");
        _exit(0);
    }
    close(ends[1]);
    stamp_result("all of 20", recv(ends[0], text, 20, MSG_WAITALL));
    set_limit(ends[0], SO_RCVTIMEO, 0);
    struct iovec parts[] = {{text, 2}, {text + 10, 4}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    stamp_result("all of 6 in two parts", recvmsg(ends[0], &message, MSG_WAITALL));
    stamp("%.2s %.4s", text, text + 10);
    stamp_result("all of what ended", recv(ends[0], text, 20, MSG_WAITALL));
    wait(NULL);
}

static void backlog(void)
{
    struct sockaddr_un address = unix_name("backlog.socket");
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(address.sun_path);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 0);
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            sleep_units(0.25 * i);
            int fd = socket(AF_UNIX, SOCK_STREAM, 0);
            char name[] = {'c', 'l', 'i', 'e', 'n', 't', ' ', (char)('0' + i), '\0'};
            if (i == 2) {
                set_limit(fd, SO_SNDTIMEO, 1);
            }
            stamp_result(name, connect(fd, (struct sockaddr *)&address, sizeof address));
            _exit(0);
        }
    }
    sleep_units(2);
    stamp("accepts");
    close(accept(listener, NULL, NULL));
    sleep_units(1);
    close(listener);
    while (wait(NULL) > 0) {
    }
    unlink(address.sun_path);
}

static void open_fifo(const char *name, double delay, int flags, double hold)
{
    if (fork() == 0) {
        sleep_units(delay);
        int fd = open("test.fifo", flags);
        stamp("%s: %s", name, fd >= 0 ? "open" : strerrorname_np(errno));
        sleep_units(hold);
        _exit(0);
    }
}

static void fifo(void)
{
    unlink("test.fifo");
    mkfifo("test.fifo", 0600);
    open_fifo("writer", 0, O_WRONLY, 4);
    open_fifo("reader", 1, O_RDONLY, 1);
    open_fifo("second reader", 3, O_RDONLY, 0);
    while (wait(NULL) > 0) {
    }
    open_fifo("first of two readers", 0, O_RDONLY, 0.5);
    open_fifo("second of two readers", 0.25, O_RDONLY, 0.5);
    open_fifo("short writer", 1, O_WRONLY, 0);
    while (wait(NULL) > 0) {
    }
    catch_without_restart(SIGALRM);
    alarm_in(1);
    stamp_result("nobody comes", open("test.fifo", O_RDONLY));
    stamp_result("without waiting", open("test.fifo", O_WRONLY | O_NONBLOCK));
    unlink("test.fifo");
}

static void signal_descriptor(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, 0);
    struct signalfd_siginfo info = {0};
    alarm_in(2);
    stamp_result("read", read(fd, &info, sizeof info));
    stamp("signal %u", info.ssi_signo);
    alarm_in(1);
    struct pollfd one = {.fd = fd, .events = POLLIN};
    stamp_result("poll, not yet", poll(&one, 1, units_ms(0.5)));
    stamp_result("poll", poll(&one, 1, units_ms(5)));
    stamp_result("read", read(fd, &info, sizeof info));
    alarm_in(1);
    fd_set in;
    FD_ZERO(&in);
    FD_SET(fd, &in);
    stamp_result("select", select(fd + 1, &in, NULL, NULL, NULL));
}

static void many(void)
{
    struct pollfd fds[400];
    int last[2];
    for (int i = 0; i < 400; i++) {
        int ends[2];
        make_pipe(ends);
        fds[i] = (struct pollfd){.fd = ends[0], .events = POLLIN};
        memcpy(last, ends, sizeof last);
    }
    if (fork() == 0) {
        sleep_units(1);
        dprintf(last[1], "x");
        _exit(0);
    }
    stamp_result("poll of 400", poll(fds, 400, units_ms(5)));
    stamp("revents %d %d", fds[0].revents, fds[399].revents);
    fd_set in;
    FD_ZERO(&in);
    FD_SET(last[0], &in);
    FD_SET(fds[0].fd, &in);
    stamp_result("select", select(last[0] + 1, &in, NULL, NULL, NULL));
    stamp("%d %d", FD_ISSET(fds[0].fd, &in), FD_ISSET(last[0], &in));
    wait(NULL);
}

/* Nothing is mapped there, which the compiler need not know. */
static void *volatile nowhere = (void *)16;

static void bad_arguments(void)
{
    struct timeval negative = {-1, 0};
    struct timespec wrong = {0, 2000000000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(100, &set);
    stamp_result("poll into nowhere", poll(nowhere, 1, 0));
    stamp_result("select, negative", select(0, NULL, NULL, NULL, &negative));
    stamp_result("select, fewer than none", select(-1, NULL, NULL, NULL, NULL));
    stamp_result("pselect, too many nanoseconds", pselect(0, NULL, NULL, NULL, &wrong, NULL));
    stamp_result("read of a closed descriptor", read(77, &set, 1));
    stamp_result("read of nothing", read(0, &set, 0));
    int ends[2];
    make_pipe(ends);
    stamp_result("write from nowhere", write(ends[1], nowhere, 100000));
    struct epoll_event event;
    stamp_result("epoll_wait for none", epoll_wait(ends[0], &event, 0, 0));
    stamp_result("epoll_wait on a pipe", epoll_wait(ends[0], &event, 1, -1));
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"vector", vector},
        {"vmsplice", vmsplice_part},
        {"stream", stream},
        {"sendfile", sendfile_part},
        {"splice", splice_part},
        {"tee", tee_part},
        {"interrupted", interrupted},
        {"broken_middle", broken_middle},
        {"wait_all_limit", wait_all_limit},
        {"backlog", backlog},
        {"fifo", fifo},
        {"signal_descriptor", signal_descriptor},
        {"many", many},
        {"bad_arguments", bad_arguments},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
