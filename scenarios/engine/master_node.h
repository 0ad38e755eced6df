/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_node.h - the reference master as a node of a simulated bus: its port is a
 * CAN controller with the send queue of a Linux interface, and files in memory. */
#ifndef ENGINE_MASTER_NODE_H
#define ENGINE_MASTER_NODE_H

#include "master/ota_master.h"
#include "scenarios/engine/master_files.h"
#include "sim/can/can_bus.h"
#include "sim/err.h"

struct master_node_ops {
    void *ctx;
    /* The master has handled something; ask for its progress if it matters. May be null. */
    void (*on_step)(void *ctx, sim_ns_t now_ns);
    /* The campaign has ended. May be null. */
    void (*on_done)(void *ctx, sim_ns_t now_ns);
    /* Before the master is made: may put something of its own between it and its port. May be null.
     */
    void (*on_port)(void *ctx, struct ota_port *port);
};

struct master_node {
    struct can_node node;
    struct can_bus *bus;
    struct sim *sim;
    uint16_t source;
    struct ota_port port;
    struct ota_master *master;  /* Owned. */
    struct master_files *files; /* Not owned: they outlive the master. */
    struct master_node_ops ops;
    struct sim_event start_event;
    struct sim_event wake_event;
    sim_ns_t wake_ns; /* When wake_event is due, if it is pending. */
    bool started, done;
    struct ota_report report; /* Final once done. */
};

/* Attaches a node named "master" and starts the campaign at start_ns. job and files must outlive
 * the node. ERR_NOMEM if there is no memory for the master; nothing is attached then. */
int master_node_init(struct master_node *node, struct can_bus *bus, const struct ota_job *job,
                     struct master_files *files, const struct master_node_ops *ops,
                     sim_ns_t start_ns, struct err *err);
void master_node_release(struct master_node *node);

#endif
