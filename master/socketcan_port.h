/* SPDX-License-Identifier: Apache-2.0 */
/* master/socketcan_port.h - the port of the program: a CAN_RAW socket and a folder of files. */
#ifndef SOCKETCAN_PORT_H
#define SOCKETCAN_PORT_H

#include "master/ota_error.h"
#include "master/ota_port.h"

enum { SOCKETCAN_UNDER_WAY_MAX = 6 }; /* Less than OTA_FRAMES_IN_FLIGHT. */

struct socketcan_port {
    int socket;
    int folder; /* The state folder. */
    /* The file that was written last stays open: a journal is written and synced again and again.
     */
    struct {
        char name[64];
        int fd;      /* -1: none. */
        bool is_new; /* Not safe before its folder is synced as well. */
    } open;
    bool own_come_back; /* Own frames do, when they have gone over the bus. Each costs a wake-up, so
                         * only while an exact one is under way. */
    /* Frames that the socket has taken and that have not come back yet, in order. */
    struct ota_frame under_way[SOCKETCAN_UNDER_WAY_MAX];
    uint32_t under_way_len;
    uint32_t sent; /* Frames that have gone, which the master has not been told. */
    bool lost;     /* Those that the controller had are gone, which the master has not been told. */
    bool room;     /* There is room after a refusal, which the master has not been told. */
    /* A frame was not taken: because the socket's own frames fill its send buffer, poll() tells
     * when there is room; because other programs fill the interface's queue, nobody does, and it is
     * tried again after retry_ns. */
    enum socketcan_refusal { SOCKETCAN_TAKEN, SOCKETCAN_BUFFER_FULL, SOCKETCAN_QUEUE_FULL } refusal;
    uint64_t retry_ns;
    bool quiet; /* No lines for people. */
};

/* Opens the state folder, made if there is none: the port can keep files, and reach no bus yet.
 * After a failure there is nothing to close. */
int socketcan_port_open_folder(struct socketcan_port *port, const char *state_folder,
                               struct ota_error *error);
/* Opens the interface, receiving only frames with these identifiers (above 0x7FF: 29 bits). */
int socketcan_port_open_bus(struct socketcan_port *port, const char *interface, const uint32_t *ids,
                            size_t ids_len, struct ota_error *error);
void socketcan_port_close(struct socketcan_port *port);

/* The table that the master gets; it points to port. */
struct ota_port socketcan_port_ops(struct socketcan_port *port);

/* Receives one frame if there is one. Returns 1, 0 if there is none, or a negative errno value; 2
 * if it was an own one, which only counts in port->sent, or tells of an error (port->lost). */
int socketcan_port_receive(struct socketcan_port *port, struct ota_frame *frame);

#endif
