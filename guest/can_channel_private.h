/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_private.h - inside guest/can_channel*.c: one channel, all of them, and the work
 * area of a message. */
#ifndef GUEST_CAN_CHANNEL_PRIVATE_H
#define GUEST_CAN_CHANNEL_PRIVATE_H

#include "guest/can_channel.h"
#include "guest/can_channel_model.h"

#include <sys/uio.h>

struct can_channel {
    struct can_channel *next;      /* By number. */
    struct can_channel *same_hash; /* Of the inode. */
    struct can_channel *next_changed;
    struct can_channel_model model;
    uint32_t number;            /* In the order of opening: decides every order. */
    bool acts_alone;            /* ISO-TP, BCM: it sends by itself, until it is closed. */
    bool sends_without_timeout; /* ISO-TP: SO_SNDTIMEO is not looked at. */
    uint64_t inode;             /* Of the guest's end. */
    int fd;                     /* Ours. */
    enum can_channel_flags {
        CAN_CHANNEL_UNKNOWN,
        CAN_CHANNEL_BLOCKS,
        CAN_CHANNEL_NONBLOCKING
    } flags;
    bool changed; /* In the list of the changed ones. */
    bool hung_up; /* The last descriptor of the guests was closed. */
    pid_t sender; /* The thread whose send waits for the end (ISO-TP, WAIT_TX_DONE). 0: none. */
    uint32_t sender_number;
    bool shows; /* The pair's readiness is kept true. */
    bool shows_readable;
    bool shows_full; /* Not writable. */
    bool holds_edge; /* A small message of the guest's end waits in ours; see the tokens. */
};

enum {
    CAN_CHANNEL_BUCKETS = 256,
    CAN_CHANNEL_DATA_MAX = 1 << 17,  /* Above all that any protocol takes (ISO-TP: 66000). */
    CAN_CHANNEL_CONTROL_MAX = 20480, /* net.core.optmem_max: more is ENOBUFS. */
    CAN_CHANNEL_ADDRESS_MAX = 128,   /* struct sockaddr_storage: move_addr_to_kernel(). */
    CAN_CHANNEL_TYPES = 11,          /* SOCK_MAX (linux/net.h). */
    CAN_CHANNEL_RAW = 1,             /* CAN_RAW (linux/can.h). */
    CAN_CHANNEL_ISOTP = 6,           /* CAN_ISOTP (linux/can.h). */
};

struct can_channels {
    struct can_channel *first, *last;
    struct can_channel *buckets[CAN_CHANNEL_BUCKETS];
    struct can_channel *changed;
    uint32_t next_number;
    int hang_ups; /* epoll over all our ends. */
    /* One message on its way. */
    struct iovec iov[UIO_MAXIOV];
    uint8_t address[CAN_CHANNEL_ADDRESS_MAX];
    uint8_t control[CAN_CHANNEL_CONTROL_MAX];
    uint8_t data[CAN_CHANNEL_DATA_MAX];
};

/* A channel with the guest's end of its pair, or a negative errno. */
int can_channel_open(struct supervisor *s, int domain, int type, int protocol, int *guest_end);
/* The channel with this inode; null: none. */
struct can_channel *can_channel_by_inode(const struct can_channels *channels, uint64_t inode);

/* can_channel_token.c: makes the pair show the model's readiness. copy: a descriptor of the guest's
 * end, or -1: only what our end can do is done. */
void can_channel_refresh(struct can_channel *channel, int copy);
/* The same when the model told of a change: something came, or went out. */
void can_channel_announce(struct can_channel *channel);
/* The same after a call of the guest on its descriptor; sent: the call sent something. */
void can_channel_called(const struct guest_thread *t, struct can_channel *channel, int fd,
                        bool sent);

/* can_channel_wait.c: the model would wait. True: so may the call, and until when is set (option:
 * SO_RCVTIMEO or SO_SNDTIMEO, 0: neither). False: it answers EAGAIN. */
bool can_channel_may_wait(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                          int option, bool dont_wait);
/* events: see guest_wait.can_events. */
enum guest_verdict can_channel_park(struct supervisor *s, struct guest_thread *t,
                                    struct can_channel *channel, short events, const char *what);

#endif
