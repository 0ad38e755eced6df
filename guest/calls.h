/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls.h - the handlers of notified system calls, by the file they live in. What a handler
 * is: guest/supervisor_internal.h; which call has which: guest/call_table.c. */
#ifndef GUEST_CALLS_H
#define GUEST_CALLS_H

#include "guest/supervisor_internal.h"

/* guest/calls_time.c */
guest_call_fn call_nanosleep, call_clock_nanosleep, call_clock_gettime, call_gettimeofday,
    call_time, call_times, call_sched_yield, call_clock_set, call_sync, call_getrusage;
/* guest/calls_life.c */
guest_call_fn call_clone, call_execve, call_exit, call_exit_group, call_wait4, call_waitid,
    call_prctl, call_birth_sign;
/* guest/calls_futex.c */
guest_call_fn call_futex;
/* guest/calls_random.c */
guest_call_fn call_getrandom;
/* guest/calls_signal.c, guest/guest_timers.c */
guest_call_fn call_kill, call_pause, call_rt_sigsuspend, call_rt_sigtimedwait, call_alarm,
    call_setitimer, call_getitimer, call_timer_create, call_timer_settime, call_timer_gettime,
    call_timer_getoverrun, call_timer_delete, call_timerfd_settime, call_timerfd_gettime;
/* guest/calls_fd*.c: reading and writing of any descriptor */
guest_call_fn call_read_fd, call_write_fd, call_accept, call_connect, call_listen, call_open,
    call_flock, call_fcntl, call_transfer;
/* guest/calls_poll.c, guest/calls_select.c, guest/calls_epoll.c */
guest_call_fn call_poll, call_ppoll, call_poll_one, call_select, call_pselect6, call_epoll_wait,
    call_epoll_ctl;
/* guest/calls_socket.c */
guest_call_fn call_socket, call_bind, call_socket_name, call_socket_option, call_ioctl, call_close,
    call_close_range, call_dup, call_shutdown;
/* guest/calls_ipc.c */
guest_call_fn call_semop, call_msgrcv, call_msgsnd, call_mq;
/* guest/calls_store*.c: the disk of the guests' state */
guest_call_fn call_store_read, call_store_write, call_store_copy, call_store_truncate,
    call_store_ftruncate, call_store_fallocate, call_store_rename, call_store_remove,
    call_store_make, call_store_link, call_store_space, call_store_map, call_store_map_sync;
/* guest/calls_refused.c: what is not supported, named when it is met */
guest_call_fn call_refused;

#endif
