/* SPDX-License-Identifier: Apache-2.0 */
/* guest/launch.c - starts the first guest under the filter. */
#include "guest/launch.h"

#include "guest/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What went wrong before the program ran, from the new processes to the supervisor. */
enum launch_stage { STAGE_OK, STAGE_MAP_IDS, STAGE_FORK, STAGE_PRIVILEGES, STAGE_FILTER };

struct launch_shared {
    _Atomic int listener; /* In the leader's numbers, plus 1. 0: not there yet. */
    _Atomic int stage;    /* enum launch_stage of a failure. */
    _Atomic int error;    /* errno of it. */
    _Atomic int exec_errno;
    _Atomic int status;    /* Wait status of the leader, plus 1. */
    _Atomic uint64_t twin; /* A double that somebody wants to know the end of: see twin_word(). */
};

/* Its identifier, as the init knows it, and its wait status plus 1. In one word, since the next
 * double may take its place while the end of the last one is written down. */
static uint64_t twin_word(pid_t inner_pid, int status)
{
    return (uint64_t)(uint32_t)inner_pid << 32 | (uint32_t)status;
}

/* The status of processes that give up before the program runs (a shell's "not executable"). */
enum { LAUNCH_GAVE_UP = 126 };

static _Noreturn void give_up(struct launch_shared *shared, enum launch_stage stage)
{
    shared->error = errno;
    shared->stage = stage;
    _exit(LAUNCH_GAVE_UP);
}

static bool put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* The user keeps the identifiers that they have outside (user_namespaces(7)). */
static bool map_ids(uid_t uid, gid_t gid)
{
    char text[64];
    snprintf(text, sizeof text, "%u %u 1", uid, uid);
    if (!put_file("/proc/self/setgroups", "deny") || !put_file("/proc/self/uid_map", text)) {
        return false;
    }
    snprintf(text, sizeof text, "%u %u 1", gid, gid);
    return put_file("/proc/self/gid_map", text);
}

static void set_preload(const char *path)
{
    const char *others = getenv("LD_PRELOAD");
    char text[4096];
    bool any = others && others[0] != '\0';
    int len = snprintf(text, sizeof text, "%s%s%s", path, any ? ":" : "", any ? others : "");
    if (len > 0 && (size_t)len < sizeof text) {
        setenv("LD_PRELOAD", text, 1);
    }
}

/* Becomes the program. sync_fd: tells the supervisor this process's identifier, by the credentials
 * that come with a byte. */
static _Noreturn void be_leader(const struct launch_cfg *cfg, struct launch_shared *shared,
                                int sync_fd)
{
    sigset_t none;
    sigemptyset(&none);
    if (cfg->preload_path) {
        set_preload(cfg->preload_path);
    }
    if (cfg->fixed_layout) {
        personality(ADDR_NO_RANDOMIZE);
    }
    if (cfg->cpu >= 0) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET((size_t)cfg->cpu, &cpus);
        sched_setaffinity(0, sizeof cpus, &cpus);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || write(sync_fd, "", 1) != 1) {
        give_up(shared, STAGE_PRIVILEGES);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    int listener = notify_install(cfg->calls, cfg->calls_len);
    if (listener < 0) {
        errno = -listener;
        give_up(shared, STAGE_FILTER);
    }
    shared->listener = listener + 1;
    /* From here on notified calls are answered by the supervisor. The listener must not reach the
     * program: it is closed by execve. */
    execvp(cfg->argv[0], cfg->argv);
    shared->exec_errno = errno;
    _exit(errno == ENOENT ? 127 : LAUNCH_GAVE_UP);
}

static void close_all_but_standard(int keep)
{
    if (keep > 3) {
        syscall(SYS_close_range, 3, keep - 1, 0);
    }
    syscall(SYS_close_range, keep + 1, ~0u, 0);
}

/* Reaps until the leader is gone, then ends, and with it the namespace. */
static _Noreturn void be_init(const struct launch_cfg *cfg, struct launch_shared *shared,
                              int sync_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t leader = fork();
    if (leader < 0) {
        give_up(shared, STAGE_FORK);
    }
    if (leader == 0) {
        be_leader(cfg, shared, sync_fd);
    }
    syscall(SYS_close_range, 0, ~0u, 0);
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, 0);
        uint64_t alive = twin_word(ended, 0);
        (void)atomic_compare_exchange_strong(&shared->twin, &alive, twin_word(ended, status + 1));
        if (ended == leader) {
            shared->status = status + 1;
            _exit(0);
        }
    }
}

/* clone() with the rights that there are: a PID namespace, one inside a new user namespace, or
 * neither. Returns as fork() does. */
static pid_t fork_init(bool *own_pids, bool *own_users)
{
    static const unsigned long ways[] = {CLONE_NEWPID, CLONE_NEWPID | CLONE_NEWUSER, 0};
    pid_t pid = -1;
    for (size_t i = 0; i < ARRAY_SIZE(ways) && pid < 0; i++) {
        *own_pids = ways[i] != 0;
        *own_users = (ways[i] & CLONE_NEWUSER) != 0;
        pid = (pid_t)syscall(SYS_clone, ways[i] | SIGCHLD, NULL, NULL, NULL, 0);
    }
    return pid;
}

static const char *const stage_texts[] = {
    [STAGE_MAP_IDS] = "the user's identifiers cannot be mapped into a user namespace",
    [STAGE_FORK] = "the first guest cannot be started",
    [STAGE_PRIVILEGES] = "privileges cannot be given up (NO_NEW_PRIVS)",
    [STAGE_FILTER] = ("the kernel refuses user notification (seccomp; Linux 5.19 or later is "
                      "needed, and nothing else may listen already)"),
};

static int stage_error(const struct launch_shared *shared, struct err *err)
{
    if (shared->stage != STAGE_OK) {
        return err_set(err, ERR_IO, "%s: %s; `limphome doctor` tells what this machine allows",
                       stage_texts[shared->stage], strerror(shared->error));
    }
    return err_set(err, ERR_IO, "the first guest ended before it began");
}

/* The sender of one byte, as this PID namespace knows it; 0: nobody sent one. */
static pid_t receive_pid(int fd)
{
    char byte;
    struct iovec part = {&byte, 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, 0) != 1) {
        return 0;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_CREDENTIALS) {
        return 0;
    }
    struct ucred who;
    memcpy(&who, CMSG_DATA(header), sizeof who);
    return who.pid;
}

/* The filter is in place within microseconds of the byte; sleeping calls are cheaper to write than
 * a second message, which the filter would stop. */
static bool await_listener(struct launch *launch)
{
    while (launch->shared->listener == 0) {
        if (launch->shared->stage != STAGE_OK || kill(launch->leader_pid, 0) != 0) {
            return false;
        }
        usleep(20);
    }
    return true;
}

static int take_listener(struct launch *launch, struct err *err)
{
    launch->leader_pidfd = (int)syscall(SYS_pidfd_open, launch->leader_pid, 0);
    if (launch->leader_pidfd < 0) {
        return err_set(err, ERR_IO, "pidfd_open: %s; Linux 5.3 or later is needed",
                       strerror(errno));
    }
    if (!await_listener(launch)) {
        return stage_error(launch->shared, err);
    }
    launch->listener =
        (int)syscall(SYS_pidfd_getfd, launch->leader_pidfd, launch->shared->listener - 1, 0);
    if (launch->listener < 0) {
        return err_set(err, ERR_IO,
                       "pidfd_getfd: %s; a container needs the right to trace its own children "
                       "(docker run --cap-add SYS_PTRACE)",
                       strerror(errno));
    }
    fcntl(launch->listener, F_SETFD, FD_CLOEXEC);
    return 0;
}

static int start_processes(struct launch *launch, const struct launch_cfg *cfg, const int *sync,
                           struct err *err)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    bool own_users;
    launch->init_pid = fork_init(&launch->own_pids, &own_users);
    if (launch->init_pid < 0) {
        launch->init_pid = 0;
        return err_set(err, ERR_IO, "no process can be started: %s", strerror(errno));
    }
    if (launch->init_pid == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        close_all_but_standard(sync[1]);
        if (own_users && !map_ids(uid, gid)) {
            give_up(launch->shared, STAGE_MAP_IDS);
        }
        fcntl(sync[1], F_SETFD, FD_CLOEXEC);
        be_init(cfg, launch->shared, sync[1]);
    }
    close(sync[1]);
    launch->leader_pid = receive_pid(sync[0]);
    close(sync[0]);
    return launch->leader_pid ? take_listener(launch, err) : stage_error(launch->shared, err);
}

int launch_start(struct launch *launch, const struct launch_cfg *cfg, struct err *err)
{
    *launch = (struct launch){.leader_pidfd = -1, .listener = -1};
    void *shared = mmap(NULL, sizeof *launch->shared, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int sync[2];
    int yes = 1;
    if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync) != 0 ||
        setsockopt(sync[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0) {
        return err_set(err, ERR_IO, "the guests cannot be prepared: %s", strerror(errno));
    }
    launch->shared = shared;
    fflush(NULL);
    int code = start_processes(launch, cfg, sync, err);
    if (code) {
        launch_end(launch);
    }
    return code;
}

void launch_become_twin(struct launch *launch, pid_t pid, pid_t inner_pid)
{
    launch->is_twin = true;
    launch->init_pid = 0;
    launch->leader_pid = pid;
    launch->twin_pid = inner_pid;
    launch->shared->twin = twin_word(inner_pid, 0);
}

void launch_resume_twin(struct launch *launch)
{
    if (launch->is_twin) {
        launch->shared->twin = twin_word(launch->twin_pid, 0);
    }
}

/* The init has waited for it within microseconds of its end. */
static int twin_status(const struct launch *launch)
{
    enum { LOOK_US = 20, LOOKS_MAX = 100000 };
    for (int i = 0; i < LOOKS_MAX && (uint32_t)launch->shared->twin == 0; i++) {
        usleep(LOOK_US);
    }
    return (int)(uint32_t)launch->shared->twin - 1;
}

int launch_status(struct launch *launch)
{
    if (launch->is_twin) {
        return twin_status(launch);
    }
    if (launch->init_pid) {
        waitpid(launch->init_pid, NULL, 0);
        launch->init_pid = 0;
    }
    return launch->shared->status - 1;
}

int launch_exec_errno(const struct launch *launch)
{
    return launch->shared->exec_errno;
}

void launch_end(struct launch *launch)
{
    if (launch->init_pid) {
        if (!launch->own_pids && launch->leader_pid) {
            kill(launch->leader_pid, SIGKILL);
        }
        kill(launch->init_pid, SIGKILL);
        waitpid(launch->init_pid, NULL, 0);
    }
    if (launch->listener >= 0) {
        close(launch->listener);
    }
    if (launch->leader_pidfd >= 0) {
        close(launch->leader_pidfd);
    }
    if (launch->shared) {
        munmap(launch->shared, sizeof *launch->shared);
    }
    *launch = (struct launch){.leader_pidfd = -1, .listener = -1};
}
