/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/fds/passing.c - descriptors that are shared, passed on and watched through others. */
#include "tests/guest/time/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

static void make_pipe(int *ends)
{
    if (pipe(ends) != 0) {
        abort();
    }
}

/* A child that writes the text after so many units. */
static pid_t write_later(int fd, double pause, const char *text)
{
    pid_t child = fork();
    if (child == 0) {
        sleep_units(pause);
        dprintf(fd, "%s", text);
        _exit(0);
    }
    return child;
}

static void send_descriptor(int over, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char one = 'x';
    struct iovec part = {&one, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    stamp_result("sendmsg", sendmsg(over, &message, 0));
}

static int receive_descriptor(int over)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char one = 0;
    int fd = -1;
    struct iovec part = {&one, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    stamp_result("recvmsg", recvmsg(over, &message, 0));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    return fd;
}

/* The writer's end travels; the reader sees the end only when the last holder has closed it. */
static void rights(void)
{
    int pair[2];
    int ends[2];
    char text[16];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        abort();
    }
    if (fork() == 0) {
        close(pair[1]);
        int fd = receive_descriptor(pair[0]);
        close(pair[0]);
        sleep_units(1);
        dprintf(fd, "hello");
        sleep_units(1);
        _exit(0);
    }
    close(pair[0]);
    make_pipe(ends);
    sleep_units(1);
    send_descriptor(pair[1], ends[1]);
    close(ends[1]);
    stamp_result("read", read(ends[0], text, sizeof text));
    stamp_result("end", read(ends[0], text, sizeof text));
    wait(NULL);
}

/* O_NONBLOCK belongs to the open file, not to the number. */
static void shared_flags(void)
{
    int ends[2];
    char text[16];
    make_pipe(ends);
    int other = dup(ends[0]);
    write_later(ends[1], 1, "abc");
    fcntl(other, F_SETFL, O_NONBLOCK);
    stamp_result("read", read(ends[0], text, 1));
    fcntl(ends[0], F_SETFL, 0);
    stamp_result("read of the other", read(other, text, 1));
    if (fork() == 0) {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        _exit(0);
    }
    wait(NULL);
    wait(NULL);
    stamp_result("rest", read(other, text, sizeof text));
    stamp_result("set by a child", read(other, text, sizeof text));
}

static void vectors(void)
{
    int ends[2];
    char a[2];
    char b[8];
    make_pipe(ends);
    struct iovec parts[] = {{a, sizeof a}, {b, sizeof b}};
    write_later(ends[1], 1, "0123456");
    stamp_result("readv", readv(ends[0], parts, 2));
    stamp("%.2s %.5s", a, b);
    stamp_result("preadv2 without waiting", preadv2(ends[0], parts, 2, -1, RWF_NOWAIT));
    write_later(ends[1], 1, "ab");
    stamp_result("preadv2", preadv2(ends[0], parts, 2, -1, 0));
    stamp_result("preadv2 at an offset", preadv2(ends[0], parts, 2, 0, 0));
    stamp_result("pwritev2", pwritev2(ends[1], parts, 1, -1, 0));
    stamp_result("too many parts", syscall(SYS_readv, ends[0], parts, 2000));
    while (wait(NULL) > 0) {
    }
}

static void add(int epoll, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        stamp_result("epoll_ctl", -1);
    }
}

/* A set within a set: the outer one tells of the inner one. */
static void nested(void)
{
    int ends[2];
    struct epoll_event got[4];
    make_pipe(ends);
    int inner = epoll_create1(0);
    int outer = epoll_create1(0);
    add(inner, ends[0], EPOLLIN);
    add(outer, inner, EPOLLIN);
    write_later(ends[1], 2, "x");
    stamp_result("outer, not yet", epoll_wait(outer, got, 4, units_ms(1)));
    stamp_result("outer", epoll_wait(outer, got, 4, -1));
    stamp("is the inner one: %d", got[0].data.fd == inner);
    stamp_result("inner", epoll_wait(inner, got, 4, 0));
    wait(NULL);
}

/* A thread adds to the set while another waits for it. */
static void *add_later(void *set)
{
    sleep_units(1);
    int fd = eventfd(1, 0);
    add(*(int *)set, fd, EPOLLIN);
    return NULL;
}

static void one_shot(void)
{
    int ends[2];
    struct epoll_event got;
    pthread_t thread;
    make_pipe(ends);
    int set = epoll_create1(0);
    add(set, ends[0], EPOLLIN | EPOLLONESHOT);
    dprintf(ends[1], "x");
    stamp_result("first", epoll_wait(set, &got, 1, -1));
    stamp_result("spent", epoll_wait(set, &got, 1, units_ms(1)));
    struct epoll_event again = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = ends[0]};
    epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &again);
    stamp_result("armed again", epoll_wait(set, &got, 1, -1));
    pthread_create(&thread, NULL, add_later, &set);
    stamp_result("added meanwhile", epoll_wait(set, &got, 1, units_ms(3)));
    pthread_join(thread, NULL);
    close(set);
    stamp_result("of a closed set", epoll_wait(set, &got, 1, -1));
}

static void counters(void)
{
    uint64_t value = 3;
    int fd = eventfd(0, EFD_SEMAPHORE);
    if (fork() == 0) {
        sleep_units(1);
        stamp_result("write", write(fd, &value, sizeof value));
        _exit(0);
    }
    for (int i = 0; i < 3; i++) {
        stamp_result("semaphore", read(fd, &value, sizeof value));
    }
    stamp("value %d", (int)value);
    wait(NULL);
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec spec = {units(1), units(1)};
    timerfd_settime(timer, 0, &spec, NULL);
    stamp_result("timer", read(timer, &value, sizeof value));
    sleep_units(2.5);
    stamp_result("timer", read(timer, &value, sizeof value));
    stamp("expired %d times", (int)value);
}

static void watches(void)
{
    char buffer[4096];
    int fd = inotify_init1(0);
    inotify_add_watch(fd, ".", IN_CREATE);
    if (fork() == 0) {
        sleep_units(1);
        close(open("watched.tmp", O_CREAT | O_WRONLY, 0600));
        unlink("watched.tmp");
        _exit(0);
    }
    stamp("inotify: %d", read(fd, buffer, sizeof buffer) > 0);
    wait(NULL);
    pid_t child = fork();
    if (child == 0) {
        sleep_units(2);
        _exit(7);
    }
    struct pollfd one = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    stamp_result("pidfd, not yet", poll(&one, 1, units_ms(1)));
    stamp_result("pidfd", poll(&one, 1, -1));
    siginfo_t info = {0};
    stamp_result("waitid", waitid(P_PIDFD, (id_t)one.fd, &info, WEXITED));
    stamp("code %d", info.si_status);
}

static void on_signal(int signal)
{
    (void)signal;
}

static void alarm_in(double count)
{
    struct itimerspec spec = {{0, 0}, units(count)};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &spec, NULL);
}

/* Where a mask lets the signal in, the kernel ends the call and takes some nanoseconds of its own
 * time off. */
static void stamp_left(struct timespec left)
{
    stamp("left %s", in_units((ns_of(left) + 500000) / 1000000 * 1000000));
}

/* The raw calls write back what is left; the signal comes in only under the mask of the call. */
static void remaining(void)
{
    int ends[2];
    sigset_t none;
    sigset_t alarms;
    make_pipe(ends);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&none);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarms, NULL);
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    struct timespec left = units(5);
    alarm_in(1);
    stamp_result("ppoll", syscall(SYS_ppoll, &one, 1, &left, &none, 8));
    stamp_left(left);
    fd_set in;
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    struct {
        const sigset_t *mask;
        size_t bytes;
    } mask = {&none, 8};
    alarm_in(1);
    stamp_result("pselect6", syscall(SYS_pselect6, ends[0] + 1, &in, NULL, NULL, &left, &mask));
    stamp_left(left);
    write_later(ends[1], 2, "x");
    stamp_result("ready", syscall(SYS_pselect6, ends[0] + 1, &in, NULL, NULL, &left, NULL));
    stamp_left(left);
    wait(NULL);
}

static void messages(void)
{
    int pair[2];
    char text[3][8];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) {
        abort();
    }
    struct iovec parts[3] = {{text[0], 8}, {text[1], 8}, {text[2], 8}};
    struct mmsghdr headers[3] = {0};
    for (int i = 0; i < 3; i++) {
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    if (fork() == 0) {
        sleep_units(1);
        stamp_result("sendmmsg", sendmmsg(pair[1], headers, 2, 0));
        sleep_units(1);
        stamp_result("send", send(pair[1], "x", 1, 0));
        _exit(0);
    }
    stamp_result("recvmmsg", recvmmsg(pair[0], headers, 3, MSG_WAITFORONE, NULL));
    stamp_result("peek", recv(pair[0], text[0], 8, MSG_PEEK));
    stamp_result("truncated to nothing", recv(pair[0], text[0], 0, 0));
    stamp_result("at once", recv(pair[0], text[0], 8, MSG_DONTWAIT));
    wait(NULL);
}

/* From outside of the run: whoever started it writes. */
static void input(void)
{
    char text[64];
    struct pollfd one = {.fd = 0, .events = POLLIN};
    stamp_result("poll", poll(&one, 1, -1));
    ssize_t n = read(0, text, sizeof text);
    printf("%.*s", n > 0 ? (int)n : 0, text);
    fflush(stdout);
    n = read(0, text, sizeof text);
    printf("end %zd\n", n);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"rights", rights},     {"shared_flags", shared_flags},
        {"vectors", vectors},   {"nested", nested},
        {"one_shot", one_shot}, {"counters", counters},
        {"watches", watches},   {"remaining", remaining},
        {"messages", messages}, {"input", input},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
