/* SPDX-License-Identifier: Apache-2.0 */
/* guest/call_table.c - which system calls are notified, and who answers them. The filter is made
 * from this table; a call that is not in it runs in the kernel, unseen. */
#include "guest/calls.h"

#include <sys/syscall.h>

/* Newer than the headers of Debian 12. */
#ifndef SYS_futex_wake
#define SYS_futex_wake    454
#define SYS_futex_wait    455
#define SYS_futex_requeue 456
#endif

#define ROW(name, fn)       [SYS_##name] = {SYS_##name, #name, fn, false, false}
#define ROW_REAL(name, fn)  [SYS_##name] = {SYS_##name, #name, fn, false, true}
#define ROW_STORE(name, fn) [SYS_##name] = {SYS_##name, #name, fn, true, false}

const struct guest_call_row guest_call_rows[] = {
    /* Clocks and sleeping. */
    ROW(nanosleep, call_nanosleep),
    ROW(clock_nanosleep, call_clock_nanosleep),
    ROW(clock_gettime, call_clock_gettime),
    ROW(gettimeofday, call_gettimeofday),
    ROW(time, call_time),
    ROW(times, call_times),
    ROW(getrusage, call_getrusage),
    ROW(sched_yield, call_sched_yield),
    ROW_REAL(clock_settime, call_clock_set),
    ROW_REAL(settimeofday, call_clock_set),
    ROW_REAL(clock_adjtime, call_clock_set),
    ROW_REAL(adjtimex, call_clock_set),
    ROW(getrandom, call_getrandom),
    ROW(fsync, call_sync),
    ROW(fdatasync, call_sync),
    ROW(syncfs, call_sync),
    ROW(sync, call_sync),
    /* Life. */
    ROW(clone, call_clone),
    ROW(clone3, call_clone),
    ROW(fork, call_clone),
    ROW(vfork, call_clone),
    ROW_REAL(execve, call_execve),
    ROW_REAL(execveat, call_execve),
    ROW(exit, call_exit),
    ROW_REAL(exit_group, call_exit_group),
    ROW(wait4, call_wait4),
    ROW(waitid, call_waitid),
    ROW(set_robust_list, call_birth_sign),
    ROW(rseq, call_birth_sign),
    ROW(arch_prctl, call_birth_sign),
    ROW(gettid, call_birth_sign),
    /* Threads among themselves. */
    ROW(futex, call_futex),
    ROW(futex_waitv, call_refused),
    ROW(futex_wait, call_refused),
    ROW(futex_wake, call_refused),
    ROW(futex_requeue, call_refused),
    /* Signals and timers. */
    ROW(kill, call_kill),
    ROW(tkill, call_kill),
    ROW(tgkill, call_kill),
    ROW(rt_sigqueueinfo, call_kill),
    ROW(rt_tgsigqueueinfo, call_kill),
    ROW(pidfd_send_signal, call_kill),
    ROW(pause, call_pause),
    ROW(rt_sigsuspend, call_rt_sigsuspend),
    ROW(rt_sigtimedwait, call_rt_sigtimedwait),
    ROW(alarm, call_alarm),
    ROW(setitimer, call_setitimer),
    ROW(getitimer, call_getitimer),
    ROW(timer_create, call_timer_create),
    ROW(timer_settime, call_timer_settime),
    ROW(timer_gettime, call_timer_gettime),
    ROW(timer_getoverrun, call_timer_getoverrun),
    ROW(timer_delete, call_timer_delete),
    ROW(timerfd_settime, call_timerfd_settime),
    ROW(timerfd_gettime, call_timerfd_gettime),
    /* Reading and writing. */
    ROW_REAL(read, call_read_fd),
    ROW_REAL(readv, call_read_fd),
    ROW(preadv2, call_read_fd),
    ROW_REAL(recvfrom, call_read_fd),
    ROW_REAL(recvmsg, call_read_fd),
    ROW_REAL(recvmmsg, call_read_fd),
    ROW_REAL(write, call_write_fd),
    ROW_REAL(writev, call_write_fd),
    ROW(pwritev2, call_write_fd),
    ROW_REAL(sendto, call_write_fd),
    ROW_REAL(sendmsg, call_write_fd),
    ROW_REAL(sendmmsg, call_write_fd),
    ROW_REAL(accept, call_accept),
    ROW_REAL(accept4, call_accept),
    ROW_REAL(connect, call_connect),
    ROW(open, call_open),
    ROW(openat, call_open),
    ROW(openat2, call_open),
    ROW(creat, call_open),
    ROW(flock, call_flock),
    ROW(fcntl, call_fcntl),
    ROW(splice, call_transfer),
    ROW(tee, call_transfer),
    ROW(vmsplice, call_transfer),
    ROW(sendfile, call_transfer),
    /* Waiting for descriptors. */
    ROW(poll, call_poll),
    ROW(ppoll, call_ppoll),
    ROW(select, call_select),
    ROW(pselect6, call_pselect6),
    ROW(epoll_wait, call_epoll_wait),
    ROW(epoll_pwait, call_epoll_wait),
    ROW(epoll_pwait2, call_epoll_wait),
    ROW_REAL(epoll_ctl, call_epoll_ctl),
    /* Sockets and descriptors. */
    ROW_REAL(socket, call_socket),
    ROW_REAL(bind, call_bind),
    ROW_REAL(getsockname, call_socket_name),
    ROW_REAL(getpeername, call_socket_name),
    ROW_REAL(getsockopt, call_socket_option),
    ROW_REAL(setsockopt, call_socket_option),
    ROW_REAL(ioctl, call_ioctl),
    ROW_REAL(close, call_close),
    ROW_REAL(close_range, call_close_range),
    ROW_REAL(dup2, call_dup),
    ROW_REAL(dup3, call_dup),
    ROW_REAL(listen, call_listen),
    ROW_REAL(shutdown, call_shutdown),
    /* Queues and semaphores. */
    ROW(semop, call_semop),
    ROW(semtimedop, call_semop),
    ROW(msgrcv, call_msgrcv),
    ROW(msgsnd, call_msgsnd),
    ROW(mq_timedsend, call_mq),
    ROW(mq_timedreceive, call_mq),
    /* The disk of the guests' state. */
    ROW_STORE(pread64, call_store_read),
    ROW_STORE(preadv, call_store_read),
    ROW_STORE(pwrite64, call_store_write),
    ROW_STORE(pwritev, call_store_write),
    ROW_STORE(copy_file_range, call_store_copy),
    ROW_STORE(truncate, call_store_truncate),
    ROW_STORE(ftruncate, call_store_ftruncate),
    ROW_STORE(fallocate, call_store_fallocate),
    ROW_STORE(rename, call_store_rename),
    ROW_STORE(renameat, call_store_rename),
    ROW_STORE(renameat2, call_store_rename),
    ROW_STORE(unlink, call_store_remove),
    ROW_STORE(unlinkat, call_store_remove),
    ROW_STORE(rmdir, call_store_remove),
    ROW_STORE(mkdir, call_store_make),
    ROW_STORE(mkdirat, call_store_make),
    ROW_STORE(mknod, call_store_make),
    ROW_STORE(mknodat, call_store_make),
    ROW_STORE(symlink, call_store_make),
    ROW_STORE(symlinkat, call_store_make),
    ROW_STORE(link, call_store_link),
    ROW_STORE(linkat, call_store_link),
    ROW_STORE(statfs, call_store_space),
    ROW_STORE(fstatfs, call_store_space),
    ROW_STORE(mmap, call_store_map),
    ROW_STORE(msync, call_store_map_sync),
    /* Not supported: named when met. */
    ROW(io_uring_setup, call_refused),
    ROW(io_uring_enter, call_refused),
    ROW(io_uring_register, call_refused),
    ROW(io_setup, call_refused),
    ROW(ptrace, call_refused),
    ROW(userfaultfd, call_refused),
};

const size_t guest_call_rows_len = ARRAY_SIZE(guest_call_rows);

static const struct guest_call_row prctl_row = {SYS_prctl, "prctl", call_prctl, false, false};
static const struct guest_call_row unknown_row = {-1, "unknown", call_birth_sign, false, true};

const struct guest_call_row *guest_call_row(int nr)
{
    if (nr >= 0 && (size_t)nr < guest_call_rows_len && guest_call_rows[nr].fn) {
        return &guest_call_rows[nr];
    }
    return nr == SYS_prctl ? &prctl_row : &unknown_row;
}
