/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest_loop.c - a program under test that does one thing often: frames from one process to
 * another, and hand-overs between threads and processes. Run by bench/guests.py.
 *
 *     guest_loop send INTERFACE COUNT
 *     guest_loop receive INTERFACE COUNT
 *     guest_loop semaphore|pipe|sleep COUNT */
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_can(const char *name)
{
    int fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK, CAN_RAW);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(name)};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fail(name);
    }
    /* poll() tells when there is room before the interface's queue of 10 frames is full. */
    int bytes = 10 * 768 / 2;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return fd;
}

static void wait_for(int fd, short events, const struct timespec *limit)
{
    struct pollfd wait = {.fd = fd, .events = events};
    ppoll(&wait, 1, limit, NULL);
}

static void send_frames(const char *name, long count)
{
    int fd = open_can(name);
    struct can_frame frame = {.can_id = 0x123, .can_dlc = 8};
    usleep(500000); /* The others are there then. */
    while (count > 0) {
        memcpy(frame.data, &count, sizeof count);
        if (write(fd, &frame, sizeof frame) == CAN_MTU) {
            count--;
        } else if (errno == EAGAIN) {
            wait_for(fd, POLLOUT, NULL);
        } else if (errno == ENOBUFS) {
            usleep(100); /* An instant bus: room comes as soon as others have had their turn. */
        } else {
            fail("write");
        }
    }
}

static void receive_frames(const char *name, long count)
{
    int fd = open_can(name);
    struct can_frame frame;
    while (count > 0) {
        if (read(fd, &frame, sizeof frame) == CAN_MTU) {
            count -= frame.can_id == 0x123;
        } else if (errno == EAGAIN) {
            wait_for(fd, POLLIN, NULL);
        } else {
            fail("read");
        }
    }
}

static sem_t there, back;
static long rounds;

static void *answer(void *arg)
{
    for (long i = 0; i < rounds; i++) {
        sem_wait(&there);
        sem_post(&back);
    }
    return arg;
}

static void hand_by_semaphore(long count)
{
    pthread_t other;
    rounds = count;
    sem_init(&there, 0, 0);
    sem_init(&back, 0, 0);
    pthread_create(&other, NULL, answer, NULL);
    for (long i = 0; i < count; i++) {
        sem_post(&there);
        sem_wait(&back);
    }
    pthread_join(other, NULL);
}

static void pass(int from, int to, long count)
{
    char byte = 0;
    for (long i = 0; i < count; i++) {
        if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1) {
            fail("pipe");
        }
    }
}

static void hand_by_pipe(long count)
{
    int out[2];
    int in[2];
    if (pipe(out) != 0 || pipe(in) != 0) {
        fail("pipe");
    }
    if (fork() == 0) {
        pass(out[0], in[1], count);
        _exit(0);
    }
    if (write(out[1], "", 1) != 1) {
        fail("pipe");
    }
    pass(in[0], out[1], count);
    wait(NULL);
}

static void sleep_often(long count)
{
    struct timespec time = {0, 10000};
    for (long i = 0; i < count; i++) {
        nanosleep(&time, NULL);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long count = argc > 2 ? strtol(argv[argc - 1], NULL, 10) : 0;
    if (strcmp(what, "send") == 0) {
        send_frames(argv[2], count);
    } else if (strcmp(what, "receive") == 0) {
        receive_frames(argv[2], count);
    } else if (strcmp(what, "semaphore") == 0) {
        hand_by_semaphore(count);
    } else if (strcmp(what, "pipe") == 0) {
        hand_by_pipe(count);
    } else if (strcmp(what, "sleep") == 0) {
        sleep_often(count);
    } else {
        return 2;
    }
    return 0;
}
