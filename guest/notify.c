/* SPDX-License-Identifier: Apache-2.0 */
/* guest/notify.c - the kernel side of notified system calls: the filter and the listener. */
#include "guest/notify.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of Debian 12. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS      SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* Calls of the x32 ABI have this bit (asm/unistd.h, __X32_SYSCALL_BIT). */
#define X32_BIT 0x40000000u

enum { FILTER_CALLS_MAX = 512, FILTER_LEN_MAX = 32 + 2 * FILTER_CALLS_MAX };

static struct sock_filter load(size_t offset)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

static struct sock_filter skip_unless(uint32_t value, uint8_t skip)
{
    return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

static struct sock_filter result(uint32_t action)
{
    return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
}

/* Another architecture is always notified, so that it can be named; what the kernel would do with a
 * number of x32 is not its concern here. The kernel keeps a map of the calls that are always let
 * through (seccomp_cache), so the length of the list costs those nothing. */
static size_t build_filter(struct sock_filter *code, const int *calls, size_t calls_len)
{
    size_t n = 0;
    code[n++] = load(offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    code[n++] = result(SECCOMP_RET_USER_NOTIF);
    code[n++] = load(offsetof(struct seccomp_data, nr));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
    code[n++] = result(SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < calls_len; i++) {
        code[n++] = skip_unless((uint32_t)calls[i], 1);
        code[n++] = result(SECCOMP_RET_USER_NOTIF);
    }
    code[n++] = skip_unless(SYS_prctl, 3);
    code[n++] = load(offsetof(struct seccomp_data, args[0]));
    code[n++] = skip_unless(GUEST_PRCTL_PAGE, 1);
    code[n++] = result(SECCOMP_RET_USER_NOTIF);
    code[n++] = result(SECCOMP_RET_ALLOW);
    return n;
}

int notify_install(const int *calls, size_t calls_len)
{
    CHECK(calls_len <= FILTER_CALLS_MAX);
    struct sock_filter code[FILTER_LEN_MAX];
    struct sock_fprog program = {.filter = code};
    program.len = (unsigned short)build_filter(code, calls, calls_len);
    long listener = syscall(
        SYS_seccomp, SECCOMP_SET_MODE_FILTER,
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    return listener < 0 ? -errno : (int)listener;
}

bool notify_make_sync(int listener)
{
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
}

bool notify_receive(int listener, struct notice *notice)
{
    struct seccomp_notif request;
    memset(&request, 0, sizeof request);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
        return false;
    }
    *notice = (struct notice){.tid = (pid_t)request.pid,
                              .arch = request.data.arch,
                              .call = {.id = request.id, .nr = request.data.nr}};
    for (size_t i = 0; i < 6; i++) {
        notice->call.arg[i] = request.data.args[i];
    }
    return true;
}

static bool answer(int listener, struct seccomp_notif_resp *response)
{
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) == 0;
}

bool notify_value(int listener, uint64_t id, int64_t value)
{
    return answer(listener, &(struct seccomp_notif_resp){.id = id, .val = value});
}

bool notify_error(int listener, uint64_t id, int error)
{
    return answer(listener, &(struct seccomp_notif_resp){.id = id, .error = error});
}

bool notify_let(int listener, uint64_t id)
{
    return answer(listener, &(struct seccomp_notif_resp){
                                .id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
}

int notify_give_fd(int listener, uint64_t id, int fd, bool cloexec)
{
    struct seccomp_notif_addfd request = {.id = id,
                                          .flags = SECCOMP_ADDFD_FLAG_SEND,
                                          .srcfd = (uint32_t)fd,
                                          .newfd_flags = cloexec ? 02000000 /* O_CLOEXEC */ : 0};
    int number = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request);
    return number < 0 ? -errno : number;
}

bool notify_put_fd(int listener, uint64_t id, int fd, int number)
{
    struct seccomp_notif_addfd request = {.id = id,
                                          .flags = SECCOMP_ADDFD_FLAG_SETFD,
                                          .srcfd = (uint32_t)fd,
                                          .newfd = (uint32_t)number};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request) == number;
}

bool notify_is_valid(int listener, uint64_t id)
{
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}
