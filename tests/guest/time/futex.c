/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/futex.c - futex(2) without a library between. */
#include "tests/guest/time/rig.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static uint32_t word, other;
static int woken;

static long futex(uint32_t *at, int operation, uint32_t value, const struct timespec *limit,
                  uint32_t *second, uint32_t bits)
{
    return syscall(SYS_futex, at, operation, value, limit, second, bits);
}

static void limits(void)
{
    word = 1;
    struct timespec limit = units(1);
    stamp_result("wrong value", futex(&word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0));
    stamp_result("WAIT", futex(&word, FUTEX_WAIT_PRIVATE, 1, &limit, NULL, 0));
    stamp_result("WAIT, shared", futex(&word, FUTEX_WAIT, 1, &limit, NULL, 0));
    limit = at_units(CLOCK_MONOTONIC, 1);
    stamp_result("WAIT_BITSET, MONOTONIC",
                 futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, &limit, NULL, FUTEX_BITSET_MATCH_ANY));
    limit = at_units(CLOCK_REALTIME, 1);
    stamp_result("WAIT_BITSET, REALTIME",
                 futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1, &limit, NULL,
                       FUTEX_BITSET_MATCH_ANY));
    stamp_result("in the past", futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1,
                                      &limit, NULL, FUTEX_BITSET_MATCH_ANY));
    stamp_result("no bits", futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, NULL, NULL, 0));
    stamp_result("WAKE of nobody", futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    stamp_result("unaligned",
                 futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
    stamp_result("unmapped", futex((uint32_t *)16, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
}

static void *wait_here(void *bits)
{
    long result = futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, NULL, NULL, (uint32_t)(long)bits);
    if (result == 0) {
        __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void start_waiters(pthread_t *threads, int count, long bits)
{
    for (int i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, wait_here, (void *)bits);
    }
}

static void wake(void)
{
    pthread_t threads[5];
    word = 1;
    start_waiters(threads, 5, FUTEX_BITSET_MATCH_ANY);
    sleep_units(1);
    stamp_result("WAKE 2", futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
    sleep_units(1);
    stamp("%d woken", woken);
    stamp_result("WAKE all", futex(&word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0));
    for (int i = 0; i < 5; i++) {
        pthread_join(threads[i], NULL);
    }
    stamp("%d woken", woken);
}

static void bits(void)
{
    pthread_t threads[4];
    word = 1;
    start_waiters(threads, 2, 1);
    start_waiters(threads + 2, 2, 6);
    sleep_units(1);
    stamp_result("WAKE_BITSET 8", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 8));
    stamp_result("WAKE_BITSET 2", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 2));
    stamp_result("WAKE_BITSET 1", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 1));
    sleep_units(1);
    stamp("%d woken", woken);
    stamp_result("WAKE", futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
}

static void requeue(void)
{
    pthread_t threads[4];
    word = 1;
    start_waiters(threads, 4, FUTEX_BITSET_MATCH_ANY);
    sleep_units(1);
    struct timespec *three = (struct timespec *)3;
    stamp_result("CMP_REQUEUE, wrong value",
                 futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, three, &other, 0));
    stamp_result("CMP_REQUEUE", futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &other, 1));
    sleep_units(1);
    stamp("%d woken", woken);
    stamp_result("WAKE the first word", futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    stamp_result("WAKE the second", futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    stamp("%d woken", woken);
}

static void *leave(void *unused)
{
    return unused;
}

/* What the kernel does at the edges, and who was moved is not woken by the end of a thread. */
static void edges(void)
{
    pthread_t threads[4], other_thread;
    word = 1;
    struct timespec bad = {.tv_nsec = -1};
    stamp_result("a bad limit first", futex(&word, FUTEX_WAIT_PRIVATE, 0, &bad, NULL, 0));
    stamp_result("WAKE_BITSET, no bits", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 0));
    stamp_result("REQUEUE of -1", futex(&word, FUTEX_REQUEUE_PRIVATE, 0, (void *)-1, &other, 0));
    start_waiters(threads, 4, FUTEX_BITSET_MATCH_ANY);
    sleep_units(1);
    stamp_result("WAKE 0", futex(&word, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
    stamp_result("WAKE -1", futex(&word, FUTEX_WAKE_PRIVATE, (uint32_t)-1, NULL, NULL, 0));
    stamp_result("REQUEUE", futex(&word, FUTEX_REQUEUE_PRIVATE, 0, (void *)2, &other, 0));
    word = 2;
    pthread_create(&other_thread, NULL, leave, NULL);
    pthread_join(other_thread, NULL);
    sleep_units(1);
    stamp("%d woken", woken);
    stamp_result("WAKE the second", futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void wake_op(void)
{
    pthread_t threads[2];
    word = 1;
    other = 5;
    start_waiters(threads, 2, FUTEX_BITSET_MATCH_ANY);
    sleep_units(1);
    /* other += 2, and wake word's waiters; other's as well only if it was 6 before. */
    uint32_t operation = FUTEX_OP(FUTEX_OP_ADD, 2, FUTEX_OP_CMP_EQ, 6);
    stamp_result("WAKE_OP", futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other, operation));
    stamp("other is %u", other);
    stamp_result("WAKE", futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static void *hold_pi(void *lock)
{
    pthread_mutex_lock(lock);
    sleep_units(3);
    pthread_mutex_unlock(lock);
    return NULL;
}

static void inheriting(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_t lock;
    stamp_error("init", pthread_mutex_init(&lock, &attributes));
    pthread_t thread;
    pthread_create(&thread, NULL, hold_pi, &lock);
    sleep_units(0.5);
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_error("timedlock", pthread_mutex_timedlock(&lock, &when));
    stamp_error("lock", pthread_mutex_lock(&lock));
    pthread_join(thread, NULL);
}

static void between_processes(void)
{
    uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        sleep_units(2);
        *shared = 1;
        stamp_result("child wakes", futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
        _exit(0);
    }
    long result = futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0);
    waitpid(child, NULL, 0);
    stamp_result("parent woken", result);
}

static void robust(void)
{
    pthread_mutex_t *lock =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(lock, &attributes);
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(lock);
        sleep_units(2);
        _exit(0);
    }
    sleep_units(1);
    stamp_error("the owner died", pthread_mutex_lock(lock));
    stamp_error("consistent", pthread_mutex_consistent(lock));
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"limits", limits},
        {"wake", wake},
        {"bits", bits},
        {"requeue", requeue},
        {"edges", edges},
        {"wake_op", wake_op},
        {"inheriting", inheriting},
        {"processes", between_processes},
        {"robust", robust},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
