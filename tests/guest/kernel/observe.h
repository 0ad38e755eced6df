/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/observe.h - what the programs that question a kernel share: one line for each
 * observation, "name: result", with names instead of numbers that differ between machines, and
 * without absolute times. */
#ifndef TESTS_GUEST_KERNEL_OBSERVE_H
#define TESTS_GUEST_KERNEL_OBSERVE_H

#include <linux/can.h>
#include <linux/can/raw.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* How long is waited for something that comes, and for something that must not come. Generous: the
 * machine may be an emulated one, the bus may have bit times. */
enum { COMES_MS = 1000, QUIET_MS = 30 };

/* A piece of a line. By value, so that several may stand in one call of say(). */
struct text {
    char chars[320];
};

/* The interfaces named on the command line; vcan0 and vcan1 if there is none. */
struct links {
    const char *name[2];
    int index[2];
};
struct links links_of(int argc, char **argv);

/* "name: result", where name may be made from the numbers of a loop. */
__attribute__((format(printf, 2, 3))) void say(const char *name, const char *format, ...);
__attribute__((format(printf, 1, 2))) struct text text(const char *format, ...);

/* The result of a call: its value, or the name of errno if it is negative. */
struct text rc_text(long rc);
struct text errno_text(int error);
struct text bytes_text(const void *bytes, size_t len);
struct text poll_text(unsigned events);
struct text msg_text(int flags);
/* A frame as read: "123#1122", CAN FD "123##flags.1122", RTR "123#R", and its size if that is not
 * the one of its kind. */
struct text frame_text(const void *frame, ssize_t size);
/* A struct sockaddr_can: family, name of the interface, the identifiers, length. */
struct text address_text(const struct links *links, const struct sockaddr_can *address,
                         socklen_t len);
/* "about 100 ms", if the time since begin_ms is; otherwise what it is. */
struct text since_text(long begin_ms, long about_ms);
long now_ms(void);
void pause_ms(long ms);

/* An address that no memory is behind. */
void *nowhere(void);

/* Ends the program if the call does: for what is not under test. */
int must(long rc, const char *what);

/* A RAW socket, bound. flags: SOCK_NONBLOCK ... */
int raw_socket(int ifindex, int flags);
int raw_only(int ifindex, canid_t id); /* It hears this identifier alone. */
int on(int fd, int level, int option); /* setsockopt() to 1. */
struct can_frame frame_of(canid_t id, uint8_t len, const char *data);
/* Sends a classical frame. Patient: a bus with bit times has a queue that may be full. */
void put(int fd, canid_t id, const char *data);
long write_patiently(int fd, const void *frame, size_t size);
/* Waits for a frame at most so long, and takes it; errno EAGAIN if there is none. */
ssize_t take(int fd, void *frame, size_t room, int wait_ms);
struct text take_text(int fd, int wait_ms);
void drain(int fd);
unsigned poll_now(int fd, int wait_ms); /* All events that poll() tells. */

#endif
