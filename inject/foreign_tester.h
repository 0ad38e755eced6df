/* SPDX-License-Identifier: Apache-2.0 */
/* inject/foreign_tester.h - a second diagnostic tester on the bus, with addresses of its own: it
 * sends what it is told to and hears what is answered (ISO 15765-2). */
#ifndef INJECT_FOREIGN_TESTER_H
#define INJECT_FOREIGN_TESTER_H

#include "inject/isotp_watch.h"
#include "sim/can/can_bus.h"
#include "sim/proto/isotp.h"

struct foreign_tester_cfg {
    const char *name; /* Of the node; kept by pointer. Required. */
    /* Whom it speaks to, and which frames it hears. */
    struct isotp_watch_cfg address;
    bool pad;
    uint8_t padding_byte;
    /* A whole message; data is valid until the return. May be null. */
    void (*on_message)(void *ctx, const uint8_t *data, size_t len_bytes, sim_ns_t now_ns);
    void *ctx;
};

struct foreign_tester {
    struct foreign_tester_cfg cfg;
    struct can_node node;
    struct sim *sim;
    struct isotp link;
    struct sim_event wake;
    uint64_t sent;     /* Messages that went out whole. */
    uint64_t heard;    /* Messages that came whole. */
    sim_ns_t first_ns; /* When the first went out. */
    uint8_t tx[ISOTP_LEN_MAX];
    uint8_t rx[ISOTP_LEN_MAX];
};

/* Attaches to the bus. */
void foreign_tester_start(struct foreign_tester *tester, struct can_bus *bus,
                          const struct foreign_tester_cfg *cfg);
/* Detaches. Not from inside an event of the bus. */
void foreign_tester_stop(struct foreign_tester *tester);
/* False: it is still sending, or the message does not fit. The bytes are copied. */
bool foreign_tester_send(struct foreign_tester *tester, const uint8_t *data, size_t len_bytes);
/* To all, in a single frame. False: there is no such address, or the message does not fit. */
bool foreign_tester_send_functional(struct foreign_tester *tester, const uint8_t *data,
                                    size_t len_bytes);

#endif
