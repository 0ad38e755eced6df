/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/fast/frames.c - a program that writes and reads CAN frames in every way that a short
 * way could get wrong, and says what came of each call and when. */
#include <errno.h>
#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000000 + (unsigned long)now.tv_nsec / 1000;
}

static void say(const char *what, long n)
{
    int error = errno;
    printf("%lu %s %ld%s%s\n", now_us(), what, n, n < 0 ? " " : "", n < 0 ? strerror(error) : "");
}

static int open_can(const char *name, int type)
{
    int fd = socket(PF_CAN, SOCK_RAW | type, CAN_RAW);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(name)};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        say("open", -1);
        exit(1);
    }
    return fd;
}

static ssize_t put(int fd, unsigned id, unsigned value)
{
    struct can_frame frame = {.can_id = id, .can_dlc = 4};
    memcpy(frame.data, &value, sizeof value);
    return write(fd, &frame, sizeof frame);
}

/* As many as go, then some refusals. */
static void burst(int fd, unsigned id, unsigned attempts)
{
    long taken = 0;
    long refused = 0;
    int error = 0;
    for (unsigned i = 0; i < attempts; i++) {
        ssize_t n = put(fd, id, i);
        taken += n == CAN_MTU;
        refused += n < 0;
        error = n < 0 ? errno : error;
    }
    say("taken", taken);
    say("refused", refused);
    say(strerror(error), error);
}

static void take_all(int fd)
{
    struct can_frame frame;
    long count = 0;
    unsigned sum = 0;
    while (read(fd, &frame, sizeof frame) == CAN_MTU) {
        count++;
        sum = sum * 31 + frame.can_id * 7 + frame.data[0];
    }
    int error = errno;
    say("read", count);
    say(strerror(error), sum);
}

static void wait_ms(unsigned ms)
{
    usleep(ms * 1000);
}

static void bursts(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    for (unsigned i = 0; i < 6; i++) {
        burst(sender, 0x100 + i, 5 + 10 * i);
        take_all(hearer);
        wait_ms(3);
        take_all(hearer);
    }
    int bytes = 10 * 768 / 2;
    say("buffer", setsockopt(sender, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
    for (unsigned i = 0; i < 6; i++) {
        struct pollfd wait = {.fd = sender, .events = POLLOUT};
        burst(sender, 0x200 + i, 14);
        say("room", poll(&wait, 1, 5));
        take_all(hearer);
    }
}

/* Waits by looking, with neither poll nor sleep. */
static void spin(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    struct can_frame frame;
    for (unsigned i = 0; i < 3; i++) {
        long looks = 0;
        burst(sender, 0x300, 3);
        while (read(hearer, &frame, sizeof frame) < 0) {
            looks++;
        }
        say("looks", looks);
        while (put(sender, 0x301, 1) == CAN_MTU) {
            looks += put(sender, 0x302, 1) > 0;
        }
        unsigned long begin = now_us();
        while (now_us() < begin + 700) {
            looks += put(sender, 0x303, 1) < 0;
        }
        say("looks", looks);
        take_all(hearer);
        say("dontwait", recv(hearer, &frame, sizeof frame, MSG_DONTWAIT));
        wait_ms(5);
        take_all(hearer);
    }
}

static int *volatile nowhere = (int *)8;

/* What a number means changes. */
static void numbers(void)
{
    int a = open_can("vcan0", SOCK_NONBLOCK);
    int b = open_can("vcan0", SOCK_NONBLOCK);
    int file = open("/proc/self/status", O_RDONLY);
    char byte = 0;
    say("a", put(a, 1, 1));
    say("b", put(b, 2, 2));
    say("a", put(a, 3, 3));
    say("file", read(file, &byte, 1));
    say("dup2", dup2(b, file) == file);
    say("file", put(file, 4, 4));
    say("close", close(a));
    say("a", put(a, 5, 5));
    say("same number", open("/dev/null", O_WRONLY) == a);
    say("a", put(a, 6, 6));
    say("close", close(a));
    say("same number", open_can("vcan0", SOCK_NONBLOCK) == a);
    say("a", put(a, 7, 7));
    wait_ms(2);
    take_all(a);
    take_all(b);
    say("blocking", fcntl(file, F_SETFL, 0));
    struct timeval limit = {.tv_usec = 1500};
    setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    take_all(b);
    int on = 1;
    say("not blocking", ioctl(b, FIONBIO, &on));
    take_all(b);
    say("fd frame", write(b, &(struct canfd_frame){.can_id = 8, .len = 8}, CANFD_MTU));
    say("bad length", write(b, &(struct can_frame){.can_id = 8, .can_dlc = 9}, CAN_MTU));
    say("wild", write(b, nowhere, CAN_MTU));
    say("short", write(b, "123", 3));
}

static int signal_socket;
static volatile sig_atomic_t signals;

static void on_alarm(int number)
{
    (void)number;
    signals++;
    put(signal_socket, 0x400, (unsigned)signals);
}

/* A handler writes and reads too. */
static void handlers(void)
{
    signal_socket = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    struct itimerval every = {{0, 900}, {0, 900}};
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &every, NULL);
    for (unsigned i = 0; i < 40; i++) {
        struct pollfd wait = {.fd = hearer, .events = POLLIN};
        put(signal_socket, 0x401, i);
        kill(getpid(), i % 4 == 0 ? SIGALRM : 0);
        put(signal_socket, 0x402, i);
        say("poll", poll(&wait, 1, 2));
        take_all(hearer);
    }
    say("signals", signals);
}

/* Children share the parent's sockets and memory, and end in the middle of it. */
static void children(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    for (unsigned i = 0; i < 4; i++) {
        put(sender, 0x500, i);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            put(sender, 0x501, i);
            put(sender, 0x502, i);
            if (i == 1) {
                raise(SIGKILL);
            }
            if (i == 2) {
                *nowhere = 1;
            }
            _exit(0);
        }
        put(sender, 0x503, i);
        int status = 0;
        waitpid(child, &status, 0);
        say("status", status);
        put(sender, 0x504, i);
        wait_ms(4);
        take_all(hearer);
    }
    put(sender, 0x505, 1);
    put(sender, 0x505, 2);
    raise(SIGKILL);
}

static void *writer(void *arg)
{
    for (unsigned i = 0; i < 20; i++) {
        put(*(int *)arg, 0x600, i);
        if (i % 5 == 0) {
            wait_ms(1);
        }
    }
    return NULL;
}

static void threads(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    pthread_t thread[3];
    for (unsigned i = 0; i < 3; i++) {
        pthread_create(&thread[i], NULL, writer, &sender);
        put(sender, 0x601, i);
    }
    for (unsigned i = 0; i < 20; i++) {
        struct pollfd wait = {.fd = hearer, .events = POLLIN};
        poll(&wait, 1, 1);
        take_all(hearer);
    }
    for (unsigned i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
    }
    take_all(hearer);
}

static void flexible(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int hearer = open_can("vcan0", SOCK_NONBLOCK);
    int on = 1;
    setsockopt(hearer, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on);
    for (unsigned i = 0; i < 40; i++) {
        struct canfd_frame frame = {.can_id = 0x700 + i, .len = 8, .flags = CANFD_BRS};
        say("write", write(sender, &frame, CANFD_MTU));
        frame.len = (uint8_t)(2 * i);
        say("send", send(sender, &frame, CANFD_MTU, MSG_DONTWAIT));
        if (i == 4) {
            say("fd frames", setsockopt(sender, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on));
        }
        if (i % 8 == 7) {
            wait_ms(3);
            say("cut", read(hearer, &frame, 4));
            while (read(hearer, &frame, CANFD_MTU) > 0) {
                say("length", frame.len);
            }
        }
    }
}

/* Where the memory is that the preload library shares; null: it has none. */
static unsigned *find_shared(size_t *len)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    unsigned long begin = 0;
    unsigned long stop = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        if (strstr(line, "memfd:frames") && sscanf(line, "%lx-%lx", &begin, &stop) == 2) {
            break;
        }
    }
    fclose(maps);
    *len = (stop - begin) / sizeof(unsigned);
    return (unsigned *)begin;
}

/* Counts and frames that cannot be, from ones to noise. */
static void garbage(void)
{
    int fd = open_can("vcan0", SOCK_NONBLOCK);
    size_t len;
    unsigned *shared = find_shared(&len);
    unsigned noise = 1;
    for (unsigned i = 0; shared && i < 400; i++) {
        put(fd, 0x710, i);
        for (size_t k = 0; k < len; k++) {
            noise = noise * 1103515245 + 12345;
            shared[k] = i < 3   ? 0 - i
                        : i % 4 ? noise
                                : shared[k] ^ (noise >> 28 == 0) << noise % 29;
        }
        usleep(100);
    }
    puts(shared ? "unharmed" : "no memory is shared");
}

/* One message, read with recvmsg() in a form of its own. */
static void take_message(int fd, unsigned form)
{
    struct can_frame frame = {.can_id = 0};
    struct can_frame rest = {.can_id = 0};
    struct sockaddr_can from = {.can_family = 0};
    char control[256];
    struct iovec parts[2] = {{&frame, sizeof frame}, {&rest, sizeof rest}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 1, .msg_flags = 0x5555};
    if (form & 1) {
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
    }
    if (form & 2) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    parts[0].iov_len = form & 4 ? 6 : sizeof frame; /* Too short, */
    message.msg_iovlen = form & 8 ? 2 : 1;          /* and with room behind it. */
    say("message", recvmsg(fd, &message, form & 16 ? MSG_TRUNC : 0));
    printf("form %u flags %x name %u control %zu id %x %x data %u\n", form,
           (unsigned)message.msg_flags, message.msg_namelen, message.msg_controllen, frame.can_id,
           rest.can_id, frame.data[0]);
}

/* Own messages among foreign ones, with and without something to tell besides. */
static void messages(void)
{
    static const int options[] = {0, SO_TIMESTAMP, SO_RXQ_OVFL, SO_TIMESTAMPNS};
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    int other = open_can("vcan0", SOCK_NONBLOCK);
    const int on = 1;
    say("own", setsockopt(sender, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        say("option",
            options[i] == 0 ? 0 : setsockopt(sender, SOL_SOCKET, options[i], &on, sizeof on));
        for (unsigned form = 0; form < 32; form++) {
            put(form & 1 ? sender : other, 0x100 + form, form);
            put(form & 1 ? other : sender, 0x200 + form, form);
            put(sender, 0x300 + form, form);
            wait_ms(3);
            take_message(sender, 0);
            take_message(sender, form);
            take_message(sender, form ^ 8);
            take_message(sender, form); /* There is none. */
            take_all(other);
        }
    }
    say("nowhere", recvmsg(sender, NULL, 0));
}

/* The end comes with frames that nobody has seen yet. */
static void end(void)
{
    int sender = open_can("vcan0", SOCK_NONBLOCK);
    put(sender, 0x700, 0);
    put(sender, 0x700, 1);
    put(sender, 0x700, 2);
    _exit(3);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"bursts", bursts},     {"spin", spin},
                 {"numbers", numbers},   {"handlers", handlers},
                 {"children", children}, {"threads", threads},
                 {"flexible", flexible}, {"messages", messages},
                 {"garbage", garbage},   {"end", end}};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(argv[1], parts[i].name) == 0) {
            wait_ms(500); /* The ECU is on then, and acknowledges frames. */
            parts[i].run();
            return 0;
        }
    }
    fprintf(stderr, "usage: frames PART\n");
    return 2;
}
