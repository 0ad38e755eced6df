/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/attack/arguments.c - wild arguments for the calls that a supervisor answers.
 *
 * Calls that could hurt the machine rather than the supervisor (signals to numbers that are not
 * ours, mounts, clocks, modules) are left out. */
#include "tests/guest/attack/attack.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PROTOCOL_CAN_RAW = 1,
    PROTOCOL_CAN_BCM = 2,
    PROTOCOL_CAN_ISOTP = 6,
    TRIES = 400,
    SEEDS = 40
};

static const long calls[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_preadv,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_poll,
    SYS_ppoll,
    SYS_select,
    SYS_pselect6,
    SYS_epoll_wait,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_epoll_ctl,
    SYS_futex,
    SYS_futex_waitv,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_time,
    SYS_times,
    SYS_getitimer,
    SYS_setitimer,
    SYS_timer_create,
    SYS_timer_settime,
    SYS_timer_gettime,
    SYS_timer_delete,
    SYS_timer_getoverrun,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_wait4,
    SYS_waitid,
    SYS_socket,
    SYS_socketpair,
    SYS_bind,
    SYS_connect,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_ioctl,
    SYS_fcntl,
    SYS_flock,
    SYS_msgrcv,
    SYS_msgsnd,
    SYS_semop,
    SYS_semtimedop,
    SYS_mq_open,
    SYS_mq_timedsend,
    SYS_mq_timedreceive,
    SYS_signalfd4,
    SYS_eventfd2,
    SYS_inotify_add_watch,
    SYS_getrandom,
    SYS_sched_yield,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_rt_sigpending,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_splice,
    SYS_tee,
    SYS_vmsplice,
    SYS_sendfile,
    SYS_copy_file_range,
    SYS_pipe2,
    SYS_dup,
    SYS_dup2,
    SYS_dup3,
    SYS_openat,
    SYS_open,
    SYS_execve,
    SYS_execveat,
    SYS_clone3,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_shutdown,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_seccomp,
    SYS_process_vm_readv,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_io_submit,
    SYS_io_getevents,
};

enum { CALLS = sizeof calls / sizeof calls[0] };

static uint64_t values[24];
static int value_count;

static void add_value(uint64_t value)
{
    values[value_count++] = value;
}

static void collect_values(void)
{
    static char good[4096];
    char *gone = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(gone + 4096, 4096);
    char *read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    add_value(0);
    add_value(UINT64_MAX);
    add_value(1);
    add_value((uint64_t)(uintptr_t)(gone + 4096));
    add_value((uint64_t)(uintptr_t)(gone + 4092)); /* The end of what is mapped. */
    add_value((uint64_t)(uintptr_t)read_only);
    add_value(0xffff888000000000u); /* The kernel's own. */
    add_value(0x8000000000000000u);
    add_value(0x7ffffffff000u);
    add_value(INT32_MAX);
    add_value(0x80000000u);
    add_value((uint64_t)(uintptr_t)good);
    add_value(4096);
    add_value(16);
    add_value(101); /* SOL_CAN_RAW. */
    add_value(106); /* SOL_CAN_ISOTP. */
    static const struct {
        int type, protocol;
    } sockets[] = {{SOCK_RAW, PROTOCOL_CAN_RAW},
                   {SOCK_DGRAM, PROTOCOL_CAN_BCM},
                   {SOCK_DGRAM, PROTOCOL_CAN_ISOTP}};
    for (int i = 0; i < 3; i++) {
        add_value((uint64_t)socket(AF_CAN, sockets[i].type | SOCK_NONBLOCK, sockets[i].protocol));
    }
}

static void call(long number, const uint64_t *a)
{
    syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* In a child, which may crash, lose its descriptors, or wait for ever: among the calls are those
 * that take back an alarm. */
static void in_child(void (*body)(unsigned), unsigned argument)
{
    enum { PATIENCE_S = 30 };
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        /* What it writes by chance is nobody's output, and what it reads nobody's input. */
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, 0);
        dup2(nowhere, 1);
        dup2(nowhere, 2);
        alarm(20);
        body(argument);
        _exit(0);
    }
    int status;
    for (int waited_s = 0; waitpid(child, &status, WNOHANG) != child; waited_s++) {
        struct timespec second = {1, 0};
        if (waited_s == PATIENCE_S) {
            kill(child, SIGKILL);
        }
        nanosleep(&second, NULL);
    }
}

static void one_call(unsigned index)
{
    for (int value = 0; value < value_count; value++) {
        for (int place = 0; place < 6; place++) {
            uint64_t a[6] = {0};
            a[place] = values[value];
            call(calls[index], a);
            for (int other = 0; other < 6; other++) {
                a[other] = values[value];
            }
            a[place] = (uint64_t)place;
            call(calls[index], a);
        }
    }
}

static void by_chance(unsigned seed)
{
    uint64_t state = seed * 2654435761u + 1;
    for (int i = 0; i < TRIES; i++) {
        uint64_t a[6];
        for (int place = 0; place < 6; place++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            a[place] = values[(state >> 33) % (uint64_t)value_count];
        }
        state = state * 6364136223846793005u + 1442695040888963407u;
        call(calls[(state >> 33) % CALLS], a);
    }
}

void attack_pointers(void)
{
    collect_values();
    for (unsigned i = 0; i < CALLS; i++) {
        in_child(one_call, i);
    }
    puts("all calls made");
}

void attack_random(void)
{
    collect_values();
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        in_child(by_chance, seed);
    }
    puts("all calls made");
}
