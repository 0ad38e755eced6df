/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp.h - what the programs that question CAN_ISOTP share. */
#ifndef TESTS_GUEST_KERNEL_ISOTP_H
#define TESTS_GUEST_KERNEL_ISOTP_H

#include "tests/guest/kernel/observe.h"

#include <linux/can/isotp.h>
#include <stdbool.h>

/* The identifiers of the tests: one side sends FROM and hears TO. A monitor hears 6F0 to 6FF. */
enum { FROM = 0x6F1, TO = 0x6F9, MESSAGE_MAX = 9000, NEXT_FRAME_MS = 5 };

struct isotp_cfg {
    canid_t tx_id; /* 0: FROM. */
    canid_t rx_id; /* 0: TO. */
    struct can_isotp_options options;
    bool with_fc;
    struct can_isotp_fc_options fc;
    bool with_ll;
    struct can_isotp_ll_options ll;
    int socket_flags;
};

int isotp_open(const struct links *links, const struct isotp_cfg *cfg);
/* The same with tx_id and rx_id exchanged. */
int isotp_open_peer(const struct links *links, const struct isotp_cfg *cfg);

/* The bytes of a test message. */
const uint8_t *message_bytes(void);
/* Receives a message: "100 bytes, as sent", or the bytes if they are few, or the error. */
struct text message_text(int fd, int wait_ms);
struct text send_text(int fd, size_t len);
struct text error_of(int fd); /* SO_ERROR. */

/* A RAW socket that hears 6F0 to 6FF, FD frames too, not its own. */
int monitor_open(const struct links *links);
/* Says each frame that comes, at most frames_max of them, and counts the others. */
void say_frames(int monitor, const char *name, int frames_max);
/* Sends one classical frame of these bytes. */
void inject(int fd, canid_t id, const char *bytes, size_t len);
#define INJECT(fd, id, bytes) inject(fd, id, bytes, sizeof(bytes) - 1)

#endif
