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
    const bool flags[] = {
        m->recorded,    m->journal_failed,  m->identified,   m->repeated_end, m->touched,
        m->leaving,     m->answered,        m->unsent,       m->erased_now,   m->refused_seed_known,
        m->link.to_all, m->link.keep_alive, m->network.alone};
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
    hash = mix(hash, (uint64_t)m->overflows << 24 | (uint64_t)m->unlock_waits << 16 |
                         (uint64_t)m->seed_tries << 8 | m->network.peer);
    hash = mix(hash, (uint64_t)m->asked_step << 16 | (uint64_t)m->asked_sid << 8 | m->asked_nrc);
    hash = mix_record(hash, &m->progress);
    return mix_transfer(hash, &m->transfer);
}
