/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/locks.c - file locks and message queues between processes.
 *
 * A simulator may answer the queues with ENOSYS if it says so; it must not hang. */
#include "tests/guest/time/rig.h"

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

static char path[] = "/tmp/limphome-lock-XXXXXX";

static int own_file(void)
{
    return open(path, O_RDWR | O_CLOEXEC);
}

static void flock_part(void)
{
    if (fork() == 0) {
        int fd = own_file();
        flock(fd, LOCK_EX);
        sleep_units(3);
        _exit(0);
    }
    sleep_units(1);
    int fd = own_file();
    stamp_result("LOCK_NB", flock(fd, LOCK_EX | LOCK_NB));
    stamp_result("flock", flock(fd, LOCK_EX));
    wait(NULL);
}

static void record(int command, const char *name)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    if (fork() == 0) {
        fcntl(own_file(), F_SETLK, &lock);
        sleep_units(3);
        _exit(0);
    }
    sleep_units(1);
    int fd = own_file();
    stamp_result("F_SETLK", fcntl(fd, F_SETLK, &lock));
    stamp_result(name, fcntl(fd, command, &lock));
    wait(NULL);
}

static void posix_lock(void)
{
    record(F_SETLKW, "F_SETLKW");
}

static void ofd_lock(void)
{
    record(F_OFD_SETLKW, "F_OFD_SETLKW");
}

static void lockf_part(void)
{
    if (fork() == 0) {
        int fd = own_file();
        if (lockf(fd, F_LOCK, 0) != 0) {
            abort();
        }
        sleep_units(2);
        _exit(0);
    }
    sleep_units(1);
    int fd = own_file();
    stamp_result("lockf", lockf(fd, F_LOCK, 0));
    wait(NULL);
}

static void shared_semaphore(void)
{
    sem_t *semaphore = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(semaphore, 1, 0);
    if (fork() == 0) {
        sleep_units(3);
        sem_post(semaphore);
        _exit(0);
    }
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_result("timedwait", sem_timedwait(semaphore, &when));
    stamp_result("wait", sem_wait(semaphore));
    wait(NULL);
}

static void system_v_messages(void)
{
    int queue = msgget(IPC_PRIVATE, 0600);
    struct {
        long type;
        char text[8];
    } message = {1, "hello"};
    if (fork() == 0) {
        sleep_units(2);
        msgsnd(queue, &message, sizeof message.text, 0);
        _exit(0);
    }
    stamp_result("IPC_NOWAIT", msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT));
    stamp_result("msgrcv", msgrcv(queue, &message, sizeof message.text, 0, 0));
    wait(NULL);
    msgctl(queue, IPC_RMID, NULL);
}

static void system_v_semaphores(void)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    if (fork() == 0) {
        sleep_units(3);
        struct sembuf up = {0, 1, 0};
        semop(set, &up, 1);
        _exit(0);
    }
    struct sembuf down = {0, -1, 0};
    struct timespec limit = units(1);
    stamp_result("semtimedop", semtimedop(set, &down, 1, &limit));
    stamp_result("semop", semop(set, &down, 1));
    wait(NULL);
    semctl(set, 0, IPC_RMID);
}

static void posix_queue(void)
{
    char name[40];
    snprintf(name, sizeof name, "/limphome-%d", (int)getpid());
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 8};
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
    if (fork() == 0) {
        sleep_units(3);
        mq_send(queue, "hello", 5, 0);
        _exit(0);
    }
    char text[8];
    struct timespec when = at_units(CLOCK_REALTIME, 1);
    stamp_result("mq_timedreceive", mq_timedreceive(queue, text, sizeof text, NULL, &when));
    stamp_result("mq_receive", mq_receive(queue, text, sizeof text, NULL));
    wait(NULL);
    mq_unlink(name);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"flock", flock_part},
        {"posix", posix_lock},
        {"ofd", ofd_lock},
        {"lockf", lockf_part},
        {"semaphore", shared_semaphore},
        {"sysv_messages", system_v_messages},
        {"sysv_semaphores", system_v_semaphores},
        {"mqueue", posix_queue},
        {NULL, NULL},
    };
    close(mkstemp(path));
    int result = rig_main(argc, argv, parts);
    unlink(path);
    return result;
}
