/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor_guest.c - tries what guests need of the kernel: each thing really done to a child of
 * ours, as it would be done to a guest (seccomp_unotify(2), pidfd_getfd(2), process_vm_readv(2),
 * kcmp(2), pid_namespaces(7), user_namespaces(7)). */
#include "cli/doctor.h"
#include "sim/base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Newer than the headers of Debian 12. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS      SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* The call that is notified; nothing else makes it here. */
#define NOTIFIED_CALL SYS_sched_get_priority_max

/* A child that has not answered by then will not. */
enum { PATIENCE_MS = 2000, MARK_BEFORE = 1, MARK_OF_CHILD = 2, NO_ANSWER = 255 };

static int errno_unless(bool good)
{
    return good ? 0 : errno;
}

/* What a child exits with; it tells an errno value. */
static int reap(pid_t child)
{
    int status = 0;
    if (waitpid(child, &status, 0) != child) {
        return errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static bool readable(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, PATIENCE_MS) == 1;
}

/* Notification. */

/* From the child, with the listener if there is one. */
struct report {
    int no_new_privs, listener, killable;
};

static int install(unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NOTIFIED_CALL, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int install_listener(struct report *report)
{
    report->no_new_privs = errno_unless(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    int listener =
        install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (listener < 0 && errno == EINVAL) {
        report->killable = EINVAL;
        listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    }
    report->listener = errno_unless(listener >= 0);
    return listener;
}

static struct msghdr message_of(struct iovec *part, void *control, size_t control_len)
{
    return (struct msghdr){
        .msg_iov = part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = control_len};
}

static bool send_report(int channel, struct report *report, int listener)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {report, sizeof *report};
    struct msghdr message = message_of(&part, control, listener >= 0 ? sizeof control : 0);
    if (listener >= 0) {
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(header), &listener, sizeof listener);
    }
    return sendmsg(channel, &message, 0) == (ssize_t)sizeof *report;
}

/* The listener, -1 if none came. */
static int receive_report(int channel, struct report *report)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {report, sizeof *report};
    struct msghdr message = message_of(&part, control, sizeof control);
    int listener = -1;
    if (!readable(channel) ||
        recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *report) {
        report->listener = EPROTO;
        return -1;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        memcpy(&listener, CMSG_DATA(header), sizeof listener);
    }
    return listener;
}

/* The notified call is answered with a descriptor. */
static _Noreturn void be_notified_child(int channel)
{
    struct report report = {0};
    const int listener = install_listener(&report);
    if (!send_report(channel, &report, listener) || listener < 0) {
        _exit(NO_ANSWER);
    }
    close(listener);
    const long fd = syscall(NOTIFIED_CALL, 0);
    _exit(errno_unless(fd >= 0 && fcntl((int)fd, F_GETFD) >= 0));
}

static int answer_with_descriptor(int listener, int fd)
{
    struct seccomp_notif notice;
    memset(&notice, 0, sizeof notice);
    if (!readable(listener)) {
        return ETIMEDOUT;
    }
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) {
        return errno;
    }
    struct seccomp_notif_addfd answer = {
        .id = notice.id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd};
    return errno_unless(ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &answer) >= 0);
}

static void serve(int found[static DOCTOR_ITEMS], pid_t child, int channel)
{
    struct report report = {0};
    const int listener = receive_report(channel, &report);
    found[DOCTOR_NO_NEW_PRIVS] = report.no_new_privs;
    found[DOCTOR_LISTENER] = report.listener;
    if (listener >= 0) {
        found[DOCTOR_KILLABLE] = report.killable;
        found[DOCTOR_SYNC] = errno_unless(ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
                                                SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0);
        found[DOCTOR_ADD_FD] = answer_with_descriptor(listener, channel);
        close(listener);
    }
    if (found[DOCTOR_ADD_FD] != 0) {
        kill(child, SIGKILL);
    }
    const int rc = reap(child);
    if (found[DOCTOR_ADD_FD] == 0) {
        found[DOCTOR_ADD_FD] = rc;
    }
}

static void try_notification(int found[static DOCTOR_ITEMS])
{
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) {
        found[DOCTOR_LISTENER] = errno;
        return;
    }
    const pid_t child = fork();
    if (child == 0) {
        close(channel[0]);
        be_notified_child(channel[1]);
    }
    close(channel[1]);
    if (child > 0) {
        serve(found, child, channel[0]);
    } else {
        found[DOCTOR_LISTENER] = errno;
    }
    close(channel[0]);
}

/* Namespaces. */

static int put_file(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    const int rc = errno_unless(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return rc;
}

/* In a new user namespace nothing counts before the user's identifiers are mapped. */
static int map_ids(uid_t uid, gid_t gid)
{
    char users[64];
    char groups[64];
    snprintf(users, sizeof users, "%u %u 1", uid, uid);
    snprintf(groups, sizeof groups, "%u %u 1", gid, gid);
    int rc = put_file("/proc/self/setgroups", "deny");
    rc = rc != 0 ? rc : put_file("/proc/self/uid_map", users);
    return rc != 0 ? rc : put_file("/proc/self/gid_map", groups);
}

/* As fork(), into new namespaces. */
static pid_t fork_into(unsigned long namespaces)
{
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    const pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
    if (child == 0 && (namespaces & CLONE_NEWUSER) != 0) {
        const int rc = map_ids(uid, gid);
        if (rc != 0) {
            _exit(rc);
        }
    }
    return child;
}

static int try_pids(unsigned long namespaces)
{
    const pid_t child = fork_into(namespaces);
    if (child == 0) {
        _exit(getpid() == 1 ? 0 : EIO);
    }
    return child > 0 ? reap(child) : errno;
}

/* Those that guests will have. */
static unsigned long choose_namespaces(int *error)
{
    static const unsigned long ways[] = {CLONE_NEWPID, CLONE_NEWPID | CLONE_NEWUSER};
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        *error = try_pids(ways[i]);
        if (*error == 0) {
            return ways[i];
        }
    }
    return 0;
}

/* Another process. */

static int read_mark(pid_t child, int *mark)
{
    int seen = 0;
    struct iovec here = {&seen, sizeof seen};
    struct iovec there = {mark, sizeof *mark};
    if (process_vm_readv(child, &here, 1, &there, 1, 0) != (ssize_t)sizeof seen) {
        return errno;
    }
    return seen == MARK_OF_CHILD ? 0 : EIO;
}

static void look_into(int found[static DOCTOR_ITEMS], pid_t child, int shared_fd)
{
    const int process = (int)syscall(SYS_pidfd_open, child, 0);
    found[DOCTOR_PIDFD] = errno_unless(process >= 0);
    if (process >= 0) {
        const int fd = (int)syscall(SYS_pidfd_getfd, process, shared_fd, 0);
        found[DOCTOR_GETFD] = errno_unless(fd >= 0);
        if (fd >= 0) {
            close(fd);
        }
        close(process);
    }
    const long order = syscall(SYS_kcmp, getpid(), child, KCMP_FILE, shared_fd, shared_fd);
    found[DOCTOR_KCMP] = order == 0 ? 0 : order < 0 ? errno : EIO;
}

/* Who owns the user namespace of a process may do with it what others may not (user_namespaces(7)),
 * so the child has those of a guest. */
static void try_process(int found[static DOCTOR_ITEMS], unsigned long namespaces)
{
    int mark = MARK_BEFORE;
    int channel[2];
    char byte = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) {
        found[DOCTOR_PIDFD] = errno;
        return;
    }
    const pid_t child = fork_into(namespaces);
    if (child == 0) {
        close(channel[0]);
        *(volatile int *)&mark = MARK_OF_CHILD;
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* As guests have it. */
        _exit(write(channel[1], &byte, 1) != 1 || read(channel[1], &byte, 1) < 0);
    }
    if (child < 0) {
        found[DOCTOR_PIDFD] = errno;
    } else if (readable(channel[0])) {
        look_into(found, child, channel[1]);
        found[DOCTOR_VM_READ] = read_mark(child, &mark);
    }
    close(channel[0]);
    close(channel[1]);
    if (child > 0) {
        (void)reap(child);
    }
}

/* Things of its own. */

static int in_child(int (*probe)(void))
{
    const pid_t child = fork();
    if (child == 0) {
        _exit(probe());
    }
    return child > 0 ? reap(child) : errno;
}

static int fix_layout(void)
{
    return errno_unless(personality(ADDR_NO_RANDOMIZE) != -1);
}

static int try_memfd(void)
{
    enum { LEN = 4096 };
    const int fd = memfd_create("limphome-doctor", MFD_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    int rc = errno_unless(ftruncate(fd, LEN) == 0);
    if (rc == 0) {
        void *page = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        rc = errno_unless(page != MAP_FAILED);
        if (rc == 0) {
            munmap(page, LEN);
        }
    }
    close(fd);
    return rc;
}

void doctor_try_guest(int found[static DOCTOR_ITEMS])
{
    for (int item = DOCTOR_NO_NEW_PRIVS; item < DOCTOR_ITEMS; item++) {
        found[item] = DOCTOR_NOT_TRIED;
    }
    try_notification(found);
    try_process(found, choose_namespaces(&found[DOCTOR_PIDS]));
    found[DOCTOR_MEMFD] = try_memfd();
    found[DOCTOR_LAYOUT] = in_child(fix_layout);
}
