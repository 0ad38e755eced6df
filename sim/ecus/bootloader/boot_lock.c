/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_lock.c - seeds, keys, wrong attempts and the delay after them. */
#include "sim/ecus/bootloader/boot_lock.h"

#include "sim/ecus/bootloader/bootloader.h"

#include <string.h>

enum { ATTEMPTS_DEFAULT = 3, WORD_LEN = 4 };

#define DELAY_DEFAULT_NS PROTO_MS(10000)

/* So that the words of one long seed differ (the golden ratio of 32 bits). */
#define WORD_STEP UINT32_C(0x9E3779B9)

static uint8_t index_of(const struct boot_lock *lock, const struct boot_level *level)
{
    return (uint8_t)(level - boot_personality_of(lock->cfg)->levels);
}

static uint16_t count_word(uint8_t index)
{
    return index == 0 ? BOOT_NVM_SECURITY_ATTEMPTS
                      : (uint16_t)(BOOT_NVM_LEVEL_ATTEMPTS + 2u * (index - 1u));
}

static uint16_t attempts(const struct boot_lock *lock, uint8_t index)
{
    const uint16_t count = boot_nvm_read(lock->hal, count_word(index));
    return count == 0xFFFFu ? 0 : count;
}

static uint16_t attempts_max(const struct boot_lock *lock, const struct boot_level *level)
{
    if (level->attempts != 0) {
        return level->attempts;
    }
    return lock->cfg->security_attempts != 0 ? lock->cfg->security_attempts : ATTEMPTS_DEFAULT;
}

static proto_ns_t delay_end(const struct boot_lock *lock, const struct boot_level *level,
                            proto_ns_t now_ns)
{
    proto_ns_t delay_ns = level->delay_ns != 0 ? level->delay_ns : lock->cfg->security_delay_ns;
    return now_ns + (delay_ns != 0 ? delay_ns : DELAY_DEFAULT_NS);
}

void boot_lock_init(struct boot_lock *lock, const struct boot_cfg *cfg, const struct boot_hal *hal,
                    proto_ns_t now_ns)
{
    const struct boot_personality *persona = boot_personality_of(cfg);
    PROTO_CHECK(persona->levels_len <= BOOT_LEVELS_MAX);
    memset(lock, 0, sizeof *lock);
    lock->cfg = cfg;
    lock->hal = hal;
    for (uint8_t i = 0; i < persona->levels_len; i++) {
        const struct boot_level *level = &persona->levels[i];
        lock->delay_until_ns[i] = attempts(lock, i) >= attempts_max(lock, level)
                                      ? delay_end(lock, level, now_ns)
                                      : now_ns;
    }
}

void boot_lock_close(struct boot_lock *lock)
{
    lock->open = 0;
    lock->seed_sub = 0;
}

bool boot_lock_passes(const struct boot_lock *lock, uint8_t level)
{
    return level == 0 || lock->open == level;
}

enum uds_nrc boot_lock_find(const struct boot_lock *lock, uint8_t sub, enum boot_where where,
                            uint8_t session_bit, const struct boot_level **level)
{
    /* A key has the number behind its seed, which is odd. */
    const uint8_t seed_sub = (uint8_t)((sub - 1u) | 1u);
    *level = boot_level_of(boot_personality_of(lock->cfg), seed_sub);
    if (*level == NULL || ((*level)->where & (unsigned)where) == 0) {
        return UDS_NRC_SUBFUNCTION_NOT_SUPPORTED;
    }
    return ((*level)->sessions & session_bit) != 0 ? UDS_POSITIVE
                                                   : UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
}

bool boot_lock_is_open(const struct boot_lock *lock, const struct boot_level *level)
{
    return lock->open == level->seed_sub;
}

bool boot_lock_delayed(const struct boot_lock *lock, const struct boot_level *level,
                       proto_ns_t now_ns)
{
    return now_ns < lock->delay_until_ns[index_of(lock, level)];
}

/* A bijection of 32-bit numbers that spreads every bit (the finaliser of MurmurHash3, public
 * domain): seeds differ as long as what goes in differs. */
static uint32_t spread(uint32_t x)
{
    x = (x ^ (x >> 16)) * UINT32_C(0x85EBCA6B);
    x = (x ^ (x >> 13)) * UINT32_C(0xC2B2AE35);
    return x ^ (x >> 16);
}

/* From the time, as the paper asks, and from a count that a reset does not turn back. */
static uint32_t first_word(struct boot_lock *lock, proto_ns_t now_ns)
{
    const uint16_t count = (uint16_t)(boot_nvm_read(lock->hal, BOOT_NVM_SEED_COUNTER) + 1u);
    boot_nvm_write(lock->hal, BOOT_NVM_SEED_COUNTER, count);
    if (boot_lab_quirks(lock->cfg->lab)->same_seed) {
        return spread(1);
    }
    const uint16_t time = (uint16_t)((now_ns >> 10) ^ (now_ns >> 26) ^ (now_ns >> 42));
    const uint32_t high = (uint32_t)count << 16;
    const uint32_t seed = spread(high | time);
    /* Zero would say "unlocked already". */
    return seed != 0 ? seed : spread(high | (uint16_t)(time ^ 1u));
}

void boot_lock_give_seed(struct boot_lock *lock, const struct boot_level *level, uint8_t *to,
                         proto_ns_t now_ns)
{
    uint8_t word[WORD_LEN];
    uint32_t value = first_word(lock, now_ns);
    for (uint8_t at = 0; at < level->seed_len; at = (uint8_t)(at + WORD_LEN)) {
        const uint8_t left = (uint8_t)(level->seed_len - at);
        proto_put_u32(word, value);
        memcpy(lock->seed + at, word, left < WORD_LEN ? left : WORD_LEN);
        value = spread(value + WORD_STEP);
    }
    if (level->seed_len < WORD_LEN) {
        lock->seed[0] |= 1u; /* The bytes that are left of a word may all be zero. */
    }
    lock->seed_sub = level->seed_sub;
    memcpy(to, lock->seed, level->seed_len);
}

static enum uds_nrc count_failure(struct boot_lock *lock, const struct boot_level *level,
                                  proto_ns_t now_ns)
{
    const uint8_t index = index_of(lock, level);
    const uint16_t limit = attempts_max(lock, level);
    const uint16_t count = (uint16_t)(attempts(lock, index) + 1u);
    boot_nvm_write(lock->hal, count_word(index), count < limit ? count : limit);
    if (count < limit) {
        return UDS_NRC_INVALID_KEY;
    }
    lock->delay_until_ns[index] = delay_end(lock, level, now_ns);
    return UDS_NRC_ATTEMPTS_EXCEEDED;
}

enum uds_nrc boot_lock_take_key(struct boot_lock *lock, const struct boot_level *level,
                                const uint8_t *key, proto_ns_t now_ns)
{
    uint8_t expected[BOOT_SEED_MAX];
    PROTO_CHECK(level->seed_len <= BOOT_SEED_MAX && level->key_len <= BOOT_SEED_MAX);
    lock->seed_sub = 0; /* One key for each seed. */
    if (!level->algorithm(lock->cfg, level, lock->seed, expected) ||
        memcmp(key, expected, level->key_len) != 0) {
        return count_failure(lock, level, now_ns);
    }
    boot_nvm_write(lock->hal, count_word(index_of(lock, level)), 0);
    lock->open = level->seed_sub;
    return UDS_POSITIVE;
}
