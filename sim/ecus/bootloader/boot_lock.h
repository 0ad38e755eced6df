/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_lock.h - the state of seed and key (27), one lock for the bootloader and
 * one for the application; both count wrong keys in the same words of emulated EEPROM.
 *
 * Attempts are counted in emulated EEPROM, settled before the answer, so that neither a reset nor a
 * power cut wins one: after each of these calls the owner answers once the words have settled. Past
 * the limit each further attempt costs the delay, until a right key clears the count; a reset
 * starts the delay anew. */
#ifndef BOOT_LOCK_H
#define BOOT_LOCK_H

#include "sim/ecus/bootloader/boot_hal.h"
#include "sim/ecus/bootloader/boot_personality.h"

struct boot_lock {
    const struct boot_cfg *cfg;
    const struct boot_hal *hal;
    uint8_t open;     /* Level that is open, by its seed sub-function; 0: none. */
    uint8_t seed_sub; /* Level whose seed was given; 0: none, each seed takes one key. */
    uint8_t seed[BOOT_SEED_MAX];
    proto_ns_t delay_until_ns[BOOT_LEVELS_MAX];
};

void boot_lock_init(struct boot_lock *lock, const struct boot_cfg *cfg, const struct boot_hal *hal,
                    proto_ns_t now_ns);
/* Another session: nothing is open, no seed is waited for. */
void boot_lock_close(struct boot_lock *lock);
/* Whether a row that names this level may be used. */
bool boot_lock_passes(const struct boot_lock *lock, uint8_t level);
/* Of the level that the sub-function belongs to, here and in this session; 12 or 7E otherwise. */
enum uds_nrc boot_lock_find(const struct boot_lock *lock, uint8_t sub, enum boot_where where,
                            uint8_t session_bit, const struct boot_level **level);
/* A seed is due, not zeros, and no delay runs: it costs a word. */
bool boot_lock_is_open(const struct boot_lock *lock, const struct boot_level *level);
bool boot_lock_delayed(const struct boot_lock *lock, const struct boot_level *level,
                       proto_ns_t now_ns);
void boot_lock_give_seed(struct boot_lock *lock, const struct boot_level *level, uint8_t *to,
                         proto_ns_t now_ns);
/* key: of the level's length. UDS_POSITIVE: the level is open now. Or 35, 36. */
enum uds_nrc boot_lock_take_key(struct boot_lock *lock, const struct boot_level *level,
                                const uint8_t *key, proto_ns_t now_ns);

#endif
