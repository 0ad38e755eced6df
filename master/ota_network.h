/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_network.h - the other ECUs of the network: who has done what all were asked for, and
 * asking those physically who have not (the paper, 3.5.1 and 3.5.3: functional, or one by one).
 *
 * A request to all is sent once, and is a request to the target as well, whose answer is the
 * client's business. The others have P2 from then on, or P2* if they said "pending". Then each that
 * is missing, the target first, is asked alone, as often as any request is resent, and again if its
 * conditions were not right. In
 * pre-programming all have to agree; in post-programming the update is done, and who stays silent
 * is named in the log. */
#ifndef OTA_NETWORK_H
#define OTA_NETWORK_H

#include "master/ota_job.h"
#include "master/ota_port.h"
#include "sim/proto/uds_client.h"

struct ota_master;

struct ota_network {
    bool listening; /* A request to all is open, or was until a moment ago. */
    bool alone;     /* The target has been asked alone. */
    bool chasing;   /* The open request goes to one of them, not to the target. */
    bool answered[OTA_NETWORK_MAX];
    uint8_t peer;  /* Whose turn it is to be asked alone. */
    uint8_t tries; /* How often it has refused because of its conditions. */
};

/* A request is about to leave, to all or to the target alone: what was going on is over. */
void ota_network_begin(struct ota_master *master, bool to_all);
/* The target has not done what all were asked for. True: it is now asked alone. */
bool ota_network_ask_target(struct ota_master *master, uint64_t now_ns);
/* The target is done with the request in hand: waits for the others, then goes to the next step. */
void ota_network_settle(struct ota_master *master, uint64_t now_ns);
/* The wait is over. */
void ota_network_chase(struct ota_master *master, uint64_t now_ns);
/* The result of a request to one of them. */
void ota_network_on_result(struct ota_master *master, enum uds_client_result result,
                           const uint8_t *data, uint64_t now_ns);
/* A frame that does not come from the ECU that is being talked to. */
void ota_network_on_frame(struct ota_master *master, const struct ota_frame *frame,
                          uint64_t now_ns);

#endif
