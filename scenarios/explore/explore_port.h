/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_port.h - between the reference master in this process and its state
 * folder: its port's calls, as explore_store.h counts them, and what is durable of what they leave
 * (explore_disk.h). */
#ifndef EXPLORE_PORT_H
#define EXPLORE_PORT_H

#include "scenarios/explore/explore_disk.h"
#include "scenarios/explore/explore_store.h"

/* Must not move in memory. */
struct explore_port {
    struct explore_store *store; /* Null: it is nowhere between. */
    struct ota_port inner;
    struct explore_disk disk;
};

/* In a world whose master is about to begin; initialises the store as well. */
void explore_port_init(struct explore_port *port, struct explore_store *store,
                       struct explore_world *world, sim_ns_t off_ns);
void explore_port_release(struct explore_port *port);

#endif
