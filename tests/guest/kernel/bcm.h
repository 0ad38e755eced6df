/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/bcm.h - what the programs that question CAN_BCM share. */
#ifndef TESTS_GUEST_KERNEL_BCM_H
#define TESTS_GUEST_KERNEL_BCM_H

#include "tests/guest/kernel/observe.h"

#include <linux/can/bcm.h>

enum {
    BCM_FRAMES_MAX = 257,
    BCM_MESSAGE_MAX = sizeof(struct bcm_msg_head) + BCM_FRAMES_MAX * CANFD_MTU,
};

struct bcm_job {
    uint32_t opcode;
    uint32_t flags;
    uint32_t count;
    long first_us;  /* ival1. */
    long second_us; /* ival2. */
    canid_t id;
    uint32_t nframes;
    /* The frames: all have this id, this many bytes, and their number as first byte, or 8 bytes
     * each of data. */
    uint8_t len;
    const char *data;
};

int bcm_open(int ifindex);
/* Returns the length of the message that is made of a job in BCM_MESSAGE_MAX bytes. */
size_t bcm_message(const struct bcm_job *job, uint8_t *bytes);
/* Writes the message of a job; size: as the kernel wants it if 0. */
struct text bcm_write(int fd, const struct bcm_job *job, size_t size);
/* Receives a message: its opcode, flags, count, intervals, identifier, and frames. */
struct text bcm_text(int fd, int wait_ms);
/* Says all messages that come until it is quiet for so long. */
void bcm_say_all(int fd, const char *name, int quiet_ms);

#endif
