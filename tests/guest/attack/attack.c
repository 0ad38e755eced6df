/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/attack/attack.c - a guest that means harm: each part is one way to hurt a supervisor.
 */
#include "tests/guest/attack/attack.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say_result(const char *name, long result)
{
    printf("%s: %s\n", name, result == -1 ? strerrorname_np(errno) : "allowed");
    fflush(stdout);
}

static void close_everything(void)
{
    for (int fd = 0; fd < 65536; fd++) {
        close(fd);
    }
    sleep(3);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    _exit(7);
}

static void *sleep_and_end(void *unused)
{
    (void)unused;
    sleep(1);
    return NULL;
}

static void thread_storm(void)
{
    enum { THREADS = 3000 };
    static pthread_t threads[THREADS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 32768);
    int count = 0;
    while (count < THREADS && pthread_create(&threads[count], &small, sleep_and_end, NULL) == 0) {
        count++;
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("some threads: %d\n", count > 100);
}

/* Every child does the same, up to a bound that spares the machine if the supervisor sets none. */
static void fork_storm(void)
{
    enum { PROCESSES = 4000 };
    int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST) < PROCESSES) {
        if (fork() < 0) {
            break;
        }
    }
    sleep(1);
}

static void crash(void)
{
    *(volatile int *)16 = 1;
}

static int overflow_stack(volatile int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth < 0 ? 0 : overflow_stack(depth + 1) + room[0];
}

static void overflow(void)
{
    exit(overflow_stack(0));
}

static void exec_loop(void)
{
    const char *turn = getenv("TURN");
    int left = turn ? atoi(turn) : 300;
    if (left == 0) {
        puts("300 programs later");
        return;
    }
    char text[20];
    snprintf(text, sizeof text, "%d", left - 1);
    setenv("TURN", text, 1);
    char *arguments[] = {(char *)"attack", (char *)"exec_loop", NULL};
    execv("/proc/self/exe", arguments);
}

static void flood(void)
{
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1024; i++) {
        if (write(STDOUT_FILENO, block, sizeof block) < 0) {
            exit(1);
        }
    }
}

static void install_filter(void)
{
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, all};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    say_result("a listener of its own", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                                SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    sleep(1);
    puts("still here");
}

static void ring(void)
{
    char parameters[128] = {0};
    say_result("io_uring_setup", syscall(SYS_io_uring_setup, 8, parameters));
}

static void trace_itself(void)
{
    say_result("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    sleep(1);
}

/* Another door into the kernel, with the numbers of another machine. */
static void old_door(void)
{
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(162L /* nanosleep */), "b"(0L), "c"(0L));
    printf("int 0x80: %ld\n", result);
    fflush(stdout);
    result = syscall(0x40000000 | 35, NULL, NULL);
    say_result("x32", result);
#endif
}

static void stop_itself(void)
{
    raise(SIGSTOP);
}

static void kill_all(void)
{
    /* SIGURG does nothing to those who do not ask for it, should it ever get out. */
    signal(SIGURG, SIG_IGN);
    kill(-1, SIGURG);
    kill(0, SIGURG);
    sleep(1);
    puts("still here");
}

static void busy_victim(void)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        abort();
    }
    for (;;) {
        struct timespec span = {0, 1000000};
        if (write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1) {
            nanosleep(&span, NULL);
        }
        if (fork() == 0) {
            nanosleep(&span, NULL);
            _exit(0);
        }
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
}

static void murder(void)
{
    int killed = 0;
    for (int i = 1; i <= 50; i++) {
        pid_t victim = fork();
        if (victim == 0) {
            busy_victim();
        }
        struct timespec span = {0, i * 370000};
        nanosleep(&span, NULL);
        kill(victim, SIGKILL);
        int status;
        waitpid(victim, &status, 0);
        killed += WIFSIGNALED(status);
    }
    printf("%d killed\n", killed);
}

static void wait_for_ever(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
}

static void no_main_thread(void)
{
    pthread_exit(NULL);
}

static void spin_without_calls(void)
{
    for (volatile int i = 0;; i++) {
    }
}

/* A program that wants to be the most important one, and to own all descriptors. */
static void hoard(void)
{
    int count = 0;
    while (dup(0) >= 0) {
        count++;
    }
    printf("some descriptors: %d\n", count > 10);
    sleep(1);
    puts("still here");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {
        {"close", close_everything},
        {"threads", thread_storm},
        {"forks", fork_storm},
        {"crash", crash},
        {"overflow", overflow},
        {"exec_loop", exec_loop},
        {"flood", flood},
        {"filter", install_filter},
        {"ring", ring},
        {"trace", trace_itself},
        {"old_door", old_door},
        {"stop", stop_itself},
        {"kill_all", kill_all},
        {"murder", murder},
        {"victim", busy_victim},
        {"for_ever", wait_for_ever},
        {"no_main", no_main_thread},
        {"spin", spin_without_calls},
        {"hoard", hoard},
        {"pointers", attack_pointers},
        {"random", attack_random},
        {"page_unmap", attack_page_unmap},
        {"page_write", attack_page_write},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (argc > 1 && strcmp(argv[1], parts[i].name) == 0) {
            parts[i].run();
            return 0;
        }
    }
    fprintf(stderr, "usage: %s PART\n", argv[0]);
    return 2;
}
