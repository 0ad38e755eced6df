/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_socket.h - joins a simulated bus to a SocketCAN interface, virtual or real.
 *
 * The interface becomes one more node of the bus: what simulated nodes send goes out through it,
 * and what arrives is sent on the simulated bus as the node's. The node acknowledges simulated
 * frames at once, whatever happens to them outside. A frame therefore takes its time on the
 * simulated bus as well as on a real one (docs/fidelity.md, "Real time").
 *
 * When the interface has no room, frames wait here and are tried again every millisecond: poll()
 * tells of room in the socket, not in the interface. More than fit are lost and counted. */
#ifndef SIM_CAN_SOCKET_H
#define SIM_CAN_SOCKET_H

#include "sim/can/can_bus.h"
#include "sim/err.h"
#include "sim/real_time.h"

enum { CAN_SOCKET_WAITING_MAX = 64 };

struct can_socket;

struct can_socket_stats {
    uint64_t sent;         /* Taken by the interface. */
    uint64_t received;     /* From the interface onto the simulated bus. */
    uint64_t retries;      /* The interface had no room. */
    uint64_t lost_out;     /* Never taken: too many waited, or the interface was down. */
    uint64_t lost_in;      /* The simulated bus could not take them: bus-off, no valid frame. */
    uint64_t error_frames; /* Reported by the interface. */
};

/* One sentence about a change: the interface went down or came back, its controller is bus-off. */
typedef void can_socket_report_fn(void *ctx, const char *interface, const char *text,
                                  sim_ns_t now_ns);

/* Opens a CAN_RAW socket on the interface, non-blocking, with error frames, and with CAN FD if the
 * bus has a data bit rate. Returns the descriptor, or a negative code with *err, which names the
 * command that helps. */
int can_socket_open(const char *interface, bool fd_frames, struct err *err);

/* Attaches a node named like the interface to the bus; takes over the descriptor, also if it fails
 * (null: out of memory). A test may hand in one end of a SOCK_SEQPACKET pair. report may be null.
 */
struct can_socket *can_socket_new(struct can_bus *bus, struct real_time *driver, int fd,
                                  const char *interface, can_socket_report_fn *report, void *ctx);
/* self may be null. */
void can_socket_free(struct can_socket *self);

struct can_socket_stats can_socket_stats(const struct can_socket *self);
/* False while the interface is known to be down or gone. */
bool can_socket_is_up(const struct can_socket *self);

#endif
