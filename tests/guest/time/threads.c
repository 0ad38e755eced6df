/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/threads.c - what threads wait for: each kind of lock, with and without a limit.
 */
#include "tests/guest/time/rig.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <threads.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static int flag;

static pthread_t start(void *(*body)(void *), long argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, body, (void *)argument);
    return thread;
}

static void *hold_mutex(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    sleep_units(4);
    stamp("the holder lets go");
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void mutex_part(void)
{
    pthread_t thread = start(hold_mutex, 0);
    sleep_units(0.5);
    stamp_error("trylock", pthread_mutex_trylock(&mutex));
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_error("timedlock", pthread_mutex_timedlock(&mutex, &when));
    when = at_units(CLOCK_MONOTONIC, 1);
    stamp_error("clocklock", pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &when));
    when = at_units(CLOCK_REALTIME, 5);
    stamp_error("timedlock in time", pthread_mutex_timedlock(&mutex, &when));
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
    stamp("joined");
}

static void *signal_cond(void *count)
{
    sleep_units((double)(long)count);
    pthread_mutex_lock(&mutex);
    flag = 1;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void cond_part(void)
{
    pthread_cond_t monotonic;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attributes);
    pthread_mutex_lock(&mutex);
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_error("REALTIME", pthread_cond_timedwait(&cond, &mutex, &when));
    when = at_units(CLOCK_MONOTONIC, 1.5);
    stamp_error("MONOTONIC", pthread_cond_timedwait(&monotonic, &mutex, &when));
    when = at_units(CLOCK_MONOTONIC, 1);
    stamp_error("clockwait", pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &when));
    pthread_t thread = start(signal_cond, 2);
    when = at_units(CLOCK_REALTIME, 5);
    stamp_error("signalled", pthread_cond_timedwait(&cond, &mutex, &when));
    pthread_join(thread, NULL);
    thread = start(signal_cond, 1);
    flag = 0;
    while (!flag) {
        pthread_cond_wait(&cond, &mutex);
    }
    stamp("signalled without limit");
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

static void *wait_for_all(void *number)
{
    pthread_mutex_lock(&mutex);
    while (!flag) {
        pthread_cond_wait(&cond, &mutex);
    }
    flag++;
    pthread_mutex_unlock(&mutex);
    return number;
}

static void broadcast(void)
{
    pthread_t threads[5];
    for (long i = 0; i < 5; i++) {
        threads[i] = start(wait_for_all, i);
    }
    sleep_units(1);
    pthread_mutex_lock(&mutex);
    flag = 1;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 5; i++) {
        void *number;
        pthread_join(threads[i], &number);
        stamp("thread %ld joined", (long)number);
    }
    stamp("%d woken", flag - 1);
}

static void *post(void *count)
{
    sleep_units((double)(long)count);
    sem_post(&semaphore);
    return NULL;
}

static void semaphore_part(void)
{
    sem_init(&semaphore, 0, 1);
    stamp_result("wait", sem_wait(&semaphore));
    stamp_result("trywait", sem_trywait(&semaphore));
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_result("timedwait", sem_timedwait(&semaphore, &when));
    when = at_units(CLOCK_MONOTONIC, 1);
    stamp_result("clockwait", sem_clockwait(&semaphore, CLOCK_MONOTONIC, &when));
    pthread_t thread = start(post, 2);
    when = at_units(CLOCK_REALTIME, 3);
    stamp_result("posted", sem_timedwait(&semaphore, &when));
    pthread_join(thread, NULL);
    thread = start(post, 1);
    stamp_result("posted without limit", sem_wait(&semaphore));
    pthread_join(thread, NULL);
}

static void *write_lock(void *unused)
{
    (void)unused;
    pthread_rwlock_wrlock(&rwlock);
    sleep_units(2);
    pthread_rwlock_unlock(&rwlock);
    return NULL;
}

static void rwlock_part(void)
{
    pthread_t thread = start(write_lock, 0);
    sleep_units(0.5);
    struct timespec when = at_units(CLOCK_REALTIME, 0.5);
    stamp_error("timedrdlock", pthread_rwlock_timedrdlock(&rwlock, &when));
    when = at_units(CLOCK_REALTIME, 0.5);
    stamp_error("timedwrlock", pthread_rwlock_timedwrlock(&rwlock, &when));
    stamp_error("rdlock", pthread_rwlock_rdlock(&rwlock));
    pthread_join(thread, NULL);
    stamp_error("second rdlock", pthread_rwlock_rdlock(&rwlock));
    stamp_error("trywrlock", pthread_rwlock_trywrlock(&rwlock));
}

static void *meet(void *count)
{
    sleep_units((double)(long)count);
    int last = pthread_barrier_wait(&barrier);
    return (void *)(long)(last == PTHREAD_BARRIER_SERIAL_THREAD);
}

static void barrier_part(void)
{
    pthread_barrier_init(&barrier, NULL, 4);
    pthread_t threads[3];
    for (long i = 0; i < 3; i++) {
        threads[i] = start(meet, i + 1);
    }
    long serial = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    stamp("all met");
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        serial += (long)result;
    }
    stamp("serial threads: %ld", serial);
}

static void *only_sleep(void *count)
{
    sleep_units((double)(long)count);
    return count;
}

static void join_part(void)
{
    pthread_t thread = start(only_sleep, 3);
    void *result;
    stamp_error("tryjoin", pthread_tryjoin_np(thread, NULL));
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_error("timedjoin", pthread_timedjoin_np(thread, &result, &when));
    when = at_units(CLOCK_REALTIME, 5);
    stamp_error("timedjoin in time", pthread_timedjoin_np(thread, &result, &when));
    stamp("result %ld", (long)result);
    thread = start(only_sleep, 0);
    sleep_units(1);
    stamp_error("tryjoin of the dead", pthread_tryjoin_np(thread, NULL));
    thread = start(only_sleep, 1000);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    stamp("cancelled: %d", result == PTHREAD_CANCELED);
}

static void *say(void *number)
{
    stamp("thread %ld", (long)number);
    sleep_units((double)(5 - (long)number));
    stamp("thread %ld again", (long)number);
    return NULL;
}

static void order(void)
{
    pthread_t threads[4];
    for (long i = 1; i <= 4; i++) {
        threads[i - 1] = start(say, i);
        sleep_units(0.25);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        stamp("joined %d", i + 1);
    }
}

static void *count_up(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&mutex);
        int seen = flag;
        if (i % 500 == 0) {
            sleep_units(0.0625);
        }
        flag = seen + 1;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void contended(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        threads[i] = start(count_up, 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    stamp("counted to %d", flag);
}

static void *outlive(void *unused)
{
    (void)unused;
    sleep_units(2);
    stamp("the last thread");
    return NULL;
}

static void main_leaves(void)
{
    start(outlive, 0);
    stamp("main leaves");
    pthread_exit(NULL);
}

static int pipe_ends[2];

static void *write_byte(void *unused)
{
    sleep_units(1);
    stamp_result("write", write(pipe_ends[1], "x", 1));
    return unused;
}

static void *wait_for_byte(void *unused)
{
    char byte;
    struct pollfd poller = {.fd = pipe_ends[0], .events = POLLIN};
    stamp_result("read", read(pipe_ends[0], &byte, 1));
    stamp_result("poll", poll(&poller, 1, units_ms(2)));
    exit(3);
    return unused;
}

/* The descriptors of a process are still to be had when its first thread is gone. */
static void main_leaves_files(void)
{
    pthread_t thread;
    pthread_t writer;
    if (pipe(pipe_ends) != 0) {
        exit(1);
    }
    pthread_create(&thread, NULL, wait_for_byte, NULL);
    pthread_create(&writer, NULL, write_byte, NULL);
    pthread_exit(NULL);
}

static int spin(void *unused)
{
    (void)unused;
    for (volatile long i = 0;; i++) {
    }
    return 0;
}

/* What nobody has seen does not keep the run from its end. */
static void hidden(void)
{
    enum { STACK_SIZE = 1 << 16 };
    char *stack = malloc(STACK_SIZE);
    clone(spin, stack + STACK_SIZE,
          CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
    syscall(SYS_exit, 0);
}

static int c11_body(void *argument)
{
    mtx_t *lock = argument;
    mtx_lock(lock);
    struct timespec span = units(2);
    thrd_sleep(&span, NULL);
    mtx_unlock(lock);
    return 5;
}

static void c11(void)
{
    mtx_t lock;
    thrd_t thread;
    int result;
    mtx_init(&lock, mtx_timed);
    thrd_create(&thread, c11_body, &lock);
    struct timespec span = units(0.5);
    thrd_sleep(&span, NULL);
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp("timed out: %d", mtx_timedlock(&lock, &when) == thrd_timedout);
    mtx_lock(&lock);
    stamp("locked");
    thrd_join(thread, &result);
    stamp("result %d", result);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"mutex", mutex_part},
        {"cond", cond_part},
        {"broadcast", broadcast},
        {"semaphore", semaphore_part},
        {"rwlock", rwlock_part},
        {"barrier", barrier_part},
        {"join", join_part},
        {"order", order},
        {"contended", contended},
        {"main_leaves", main_leaves},
        {"main_leaves_files", main_leaves_files},
        {"hidden", hidden},
        {"c11", c11},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
