/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel.h - the sockets that the supervisor plays: AF_CAN, and NETLINK_ROUTE to list
 * the interfaces.
 *
 * The guest holds one end of a SOCK_SEQPACKET pair, a real descriptor that lives through dup, fork
 * and exec; the supervisor holds the other. No data goes through it: calls on it are answered here,
 * from the model (guest/af_can). The pair carries readiness only, so that the kernel's epoll tells
 * the truth about it: a token in the guest's direction while there is something to read, a filled
 * send buffer while nothing can be written. Which channel a descriptor means is found by the
 * socket's inode, whatever number it has and whoever inherited it. When the last descriptor is
 * closed, the supervisor's end hangs up. */
#ifndef GUEST_CAN_CHANNEL_H
#define GUEST_CAN_CHANNEL_H

#include "guest/supervisor_internal.h"

struct can_channel;

/* The channel behind a descriptor of the guest; null if it is something else, or closed. What was
 * found is remembered per process until one of the two functions below is called. */
struct can_channel *can_channel_of(struct supervisor *s, const struct guest_thread *t, int fd);
/* The same, as far as it is remembered; null: not remembered, or not one of ours. */
struct can_channel *can_channel_remembered(const struct guest_process *process, int fd);
/* A descriptor number means something else from now on: close, dup2 and dup3 over it. */
void can_channel_forget(struct guest_process *process, int fd);
/* All may: close_range, exec, the end of the process. */
void can_channel_forget_all(struct guest_process *process);
/* The process shares its descriptors with another one (CLONE_FILES without CLONE_THREAD, both
 * sides), or its threads no longer share theirs (unshare): nothing is remembered any more. */
void can_channel_distrust(struct guest_process *process);
/* A call was let through that may bring descriptors (recvmsg on a Unix socket, pidfd_getfd). */
void can_channel_may_arrive(struct supervisor *s, struct guest_thread *t);

/* True if socket(domain, type, protocol) is for us. */
bool can_channel_wants(int domain, int protocol);

/* F_SETFL and FIONBIO on the descriptor of t->call, which is let through: O_NONBLOCK may change. */
void can_channel_flags_change(struct supervisor *s, const struct guest_thread *t);

/* Handlers: the calls of these names on a descriptor that can_channel_of() knows. They read the
 * arguments from t->call. can_channel_io serves read, readv, recvfrom, recvmsg, recvmmsg, write,
 * writev, sendto, sendmsg, sendmmsg and preadv2, pwritev2. */
enum guest_verdict can_channel_socket(struct supervisor *s, struct guest_thread *t);
enum guest_verdict can_channel_io(struct supervisor *s, struct guest_thread *t,
                                  struct can_channel *channel);
enum guest_verdict can_channel_bind(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel);
enum guest_verdict can_channel_connect(struct supervisor *s, struct guest_thread *t,
                                       struct can_channel *channel);
enum guest_verdict can_channel_name(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel); /* getsockname, getpeername */
enum guest_verdict can_channel_option(struct supervisor *s, struct guest_thread *t,
                                      struct can_channel *channel); /* getsockopt, setsockopt */
/* ioctl on any descriptor: channel is null for one that is not ours (SIOCGIFINDEX is asked on
 * sockets of all kinds). */
enum guest_verdict can_channel_ioctl(struct supervisor *s, struct guest_thread *t,
                                     struct can_channel *channel);
/* close(), dup2() over it, close_range(): waits as the kernel's release would (ISO-TP), then lets
 * the call through. The caller forgets the number. */
enum guest_verdict can_channel_close(struct supervisor *s, struct guest_thread *t,
                                     struct can_channel *channel);
/* exit_group: true if a socket of the process delays its end now (ISO-TP). Ask again when
 * t->wait.wants_can wakes. */
bool can_channel_delays_exit(struct supervisor *s, const struct guest_process *process);
/* What poll() says of the socket now: POLLIN, POLLOUT, POLLERR ... as the CAN protocol has it. The
 * kernel's poll of the pair does not know it unless can_channel_show() was called. */
unsigned can_channel_poll(const struct can_channel *channel);
/* The descriptor was put into an epoll set: from now on the pair shows the readiness. */
void can_channel_show(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                      int fd);

/* The model tells that the socket changed (user of af_can_cfg.on_change, or null: all of them): it
 * is looked at by the next can_channels_settle(). */
void can_channel_changed(struct supervisor *s, struct can_channel *channel);
/* Wakes the parked threads that want the sockets that have changed, and makes the pairs show it.
 * Called whenever s->look_at_can is set, which it clears, and before descriptors are polled. */
void can_channels_settle(struct supervisor *s);
/* Drops channels whose last descriptor was closed. Called when all threads stand still and before
 * any call that could see the difference. */
void can_channels_reap(struct supervisor *s);
/* In a fork of the supervisor: what is watched is no longer shared with the original. A socket that
 * the double of a guest closes stays open, because the original has it. */
void can_channels_fork(struct supervisor *s);
void can_channels_free(struct supervisor *s);

#endif
