/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_link.h - the master's connection to one ECU: the physical and the functional ISO-TP
 * link, the UDS client above them, and tester present. */
#ifndef OTA_LINK_H
#define OTA_LINK_H

#include "master/ota_job.h"
#include "master/ota_port.h"
#include "sim/proto/isotp.h"
#include "sim/proto/uds_client.h"

enum ota_link_owner { OTA_OWNER_NONE, OTA_OWNER_PHYSICAL, OTA_OWNER_FUNCTIONAL };

enum { OTA_FRAMES_IN_FLIGHT = 8, OTA_RECEIVES_MAX = 2 * OTA_NETWORK_MAX + 4 };

struct ota_link_ops {
    void (*on_result)(void *ctx, enum uds_client_result result, const uint8_t *data,
                      uint16_t len_bytes, uint64_t now_ns);
    /* The ECU announced that the request does not fit its buffer. True: the owner deals with it. */
    bool (*on_overflow)(void *ctx, uint64_t now_ns);
    /* A frame with another identifier than that of the ECU being talked to. */
    void (*on_other_frame)(void *ctx, const struct ota_frame *frame, uint64_t now_ns);
};

struct ota_link {
    const struct ota_port *port;
    const struct ota_link_ops *ops;
    void *ctx;
    uint32_t response_id;
    struct isotp physical, functional;
    struct uds_client client;
    bool to_all; /* The open request goes out functionally. */
    bool refused;
    bool answering; /* The message that is coming in begins like an answer. */
    bool keep_alive;
    uint64_t keep_due_ns;
    /* Frames given to the port and not confirmed yet, in order: whose they are. */
    enum ota_link_owner in_flight[OTA_FRAMES_IN_FLIGHT];
    uint8_t in_flight_first, in_flight_len;
    uint8_t lost_len;                                  /* The first of these that never will. */
    struct ota_frame physical_frame, functional_frame; /* Identifiers filled in once. */
    uint8_t rx_buffer[UDS_MESSAGE_MAX];
};

void ota_link_init(struct ota_link *link, const struct ota_job *job, const struct ota_port *port,
                   const struct ota_link_ops *ops, void *ctx);
/* Whom physical requests go to from now on: the target, or for a while another ECU. */
void ota_link_talk_to(struct ota_link *link, uint32_t request_id, uint32_t response_id);
/* The identifiers that a master with this job has to receive, those of its own frames included:
 * they come back when they are sent. The return value says how many. */
size_t ota_link_receives(const struct ota_job *job, uint32_t ids[OTA_RECEIVES_MAX]);
/* data must stay until on_result. */
void ota_link_request(struct ota_link *link, const uint8_t *data, uint16_t len_bytes, bool to_all,
                      const struct uds_client_options *options, uint64_t now_ns);
/* Forgets the open request and partial messages. */
void ota_link_abort(struct ota_link *link);
/* Tester present to all every two seconds (S3client, ISO 14229-2), without asking for answers. */
void ota_link_keep_alive(struct ota_link *link, bool on, uint64_t now_ns);

void ota_link_on_frame(struct ota_link *link, const struct ota_frame *frame, uint64_t now_ns);
void ota_link_on_confirm(struct ota_link *link, uint64_t now_ns);
/* The controller has dropped all that it had: nothing is behind these frames any more. */
void ota_link_on_lost(struct ota_link *link, uint64_t now_ns);
/* The port takes frames again after it has refused one. */
void ota_link_on_room(struct ota_link *link, uint64_t now_ns);
void ota_link_on_deadline(struct ota_link *link, uint64_t now_ns);
uint64_t ota_link_deadline_ns(const struct ota_link *link);

#endif
