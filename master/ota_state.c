/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_state.c - what decides on the master's next steps, as a number: for observers that
 * compare instances. */
#include "master/ota_machine.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_record(uint64_t hash, const struct ota_record *record)
{
    hash = mix(hash, (uint64_t)record->stage << 32 | (uint64_t)record->erase << 24 |
                         (uint64_t)record->rollback << 1 | (uint64_t)record->quiet);
    hash = mix(hash, (uint64_t)record->segment << 32 | record->confirmed);
    hash = mix(hash, (uint64_t)record->lines << 24 | (uint64_t)record->segment_tries << 16 |
                         (uint64_t)record->update_tries << 8 | record->keys_refused);
    return hash;
}

static uint64_t mix_transfer(uint64_t hash, const struct ota_transfer *transfer)
{
    hash = mix(hash, (uint64_t)transfer->plan << 48 | (uint64_t)transfer->segment << 32 |
                         (uint64_t)transfer->finished << 16 | (uint64_t)transfer->counter << 8 |
                         (uint64_t)transfer->again << 1 | (uint64_t)transfer->repeated);
    hash = mix(hash, (uint64_t)transfer->from << 32 | transfer->at);
    return mix(hash, (uint64_t)transfer->line << 32 | (uint64_t)transfer->block_max << 16 |
                         transfer->block_limit);
}

static uint64_t flags_of(const struct ota_master *m)
{
    const bool flags[] = {m->recorded,           m->journal_failed,   m->identified,
                          m->repeated_end,       m->touched,          m->leaving,
                          m->answered,           m->unsent,           m->erased_now,
                          m->refused_seed_known, m->link.to_all,      m->link.keep_alive,
                          m->network.alone,      m->hardware_refused, m->restore_lost};
    uint64_t set = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        set |= (uint64_t)flags[i] << i;
    }
    return set;
}

uint64_t ota_master_state_hash(const struct ota_master *m)
{
    uint64_t hash = mix(flags_of(m), (uint64_t)m->state << 32 | (uint64_t)m->step << 16 |
                                         (uint64_t)m->then << 8 | (uint64_t)m->ending);
    hash = mix(hash, (uint64_t)m->phase << 48 | (uint64_t)m->pauses << 32 |
                         (uint64_t)m->supply_waits << 16 | m->condition_waits);
    hash = mix(hash, (uint64_t)m->restore_tries << 32 | (uint64_t)m->overflows << 24 |
                         (uint64_t)m->unlock_waits << 16 | (uint64_t)m->seed_tries << 8 |
                         m->network.peer);
    hash = mix(hash, (uint64_t)m->asked_step << 16 | (uint64_t)m->asked_sid << 8 | m->asked_nrc);
    hash = mix_record(hash, &m->progress);
    return mix_transfer(hash, &m->transfer);
}

/* Until then, in steps of eight: a cut lasts some milliseconds, a lost answer some fifty, an
 * announced wait some seconds. */
static uint64_t wait_class(uint64_t due_ns, uint64_t now_ns)
{
    enum { FINEST_NS = 2000000 };
    if (due_ns == PROTO_NEVER) {
        return 31;
    }
    uint64_t class = 0;
    for (uint64_t left = due_ns > now_ns ? (due_ns - now_ns) / FINEST_NS : 0; left > 0; left /= 8) {
        class ++;
    }
    return class;
}

/* Of a message: nobody is there to put it together, so only its rest counts, and that in steps. */
static uint64_t rest_class(uint16_t len, uint16_t done)
{
    uint64_t class = 0;
    for (int left = len - done; left > 0; left /= 8) {
        class ++;
    }
    return class;
}

static uint64_t mix_transport(uint64_t hash, const struct isotp *tp, uint64_t now_ns)
{
    const struct isotp_tx *tx = &tp->tx;
    const struct isotp_rx *rx = &tp->rx;
    const uint64_t sending = tx->state == ISOTP_TX_IDLE ? 0 : rest_class(tx->len, tx->done);
    const uint64_t flags = (uint64_t)tx->frame_pending | (uint64_t)tx->cf_sent << 1 |
                           (uint64_t)rx->fc_pending << 2 | (uint64_t)(tx->gap_ns != 0) << 3;
    hash = mix(hash, (uint64_t)tx->state << 32 | (uint64_t)rx->state << 24 |
                         (uint64_t)tp->in_flight << 16 | sending << 8 | flags);
    return mix(hash, wait_class(isotp_deadline_ns(tp), now_ns));
}

static uint64_t mix_client(uint64_t hash, const struct uds_client *client, uint64_t now_ns)
{
    const uint64_t flags = (uint64_t)client->in_transport | (uint64_t)client->pending_seen << 1 |
                           (uint64_t)client->lost_response << 2;
    hash =
        mix(hash, (uint64_t)client->state << 32 | (uint64_t)client->resends << 24 |
                      (uint64_t)client->surplus << 16 | (uint64_t)client->outstanding << 8 | flags);
    return mix(hash, wait_class(uds_client_deadline_ns(client), now_ns));
}

static uint64_t mix_request(uint64_t hash, const struct ota_master *m)
{
    enum { HEAD = 8 };
    for (size_t i = 0; i < HEAD && i < m->request_len; i++) {
        hash = mix(hash, m->request[i]);
    }
    return mix(hash, m->request_len);
}

uint64_t ota_master_moment_hash(const struct ota_master *m, uint64_t now_ns)
{
    const struct ota_link *link = &m->link;
    uint64_t hash = mix_request(ota_master_state_hash(m), m);
    hash = mix_client(hash, &link->client, now_ns);
    hash = mix_transport(hash, &link->physical, now_ns);
    hash = mix_transport(hash, &link->functional, now_ns);
    if (m->state == OTA_STATE_WAITING) {
        hash = mix(hash, wait_class(m->wait_ns, now_ns));
    }
    hash = mix(hash, wait_class(m->boot_until_ns, now_ns));
    hash = mix(hash, wait_class(m->leaving ? m->leave_until_ns : PROTO_NEVER, now_ns));
    return mix(hash, (uint64_t)link->in_flight_len << 8 | (uint64_t)link->answering << 1 |
                         (uint64_t)m->network.listening);
}
