/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_peer.h - another ECU of the scripted network: sessions with S3, and the two
 * services that quiet it. What it does not hear or refuses is counted down. */
#ifndef FAKE_PEER_H
#define FAKE_PEER_H

#include "master/ota_port.h"

struct fake_peer {
    /* Set by a test. */
    uint32_t request_id, response_id;
    uint32_t delay_ms;    /* Of each answer. */
    uint16_t pendings;    /* So many answers are 78 first, and then come after two seconds. */
    uint16_t deaf_to_all; /* Functional requests that it does not hear. */
    uint16_t deaf;        /* Physical ones. */
    uint16_t refuses;     /* Requests for quiet that it refuses with nrc. */
    uint8_t nrc;
    uint16_t heard_max; /* It is deaf for good after so many requests. 0: no. */
    bool sticky;        /* Stays quiet when its session ends. */

    uint8_t session;
    bool comm_off, dtc_off;
    uint64_t s3_due_ns, answer_ns, final_ns;
    uint8_t answer[8], final[8];

    /* What happened. */
    uint32_t heard, asked_alone, clears, fallbacks;
};

void fake_peer_init(struct fake_peer *peer, uint32_t request_id);
void fake_peer_on_frame(struct fake_peer *peer, const struct ota_frame *frame,
                        uint32_t functional_id, uint64_t now_ns);
uint64_t fake_peer_due_ns(const struct fake_peer *peer);
/* True: *frame is to be sent. */
bool fake_peer_on_deadline(struct fake_peer *peer, uint64_t now_ns, struct ota_frame *frame);

#endif
