/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_algorithms.c - seed and key (docs/formats.md, docs/vehicles.md). */
#include "sim/ecus/bootloader/boot_algorithms.h"

#include "sim/ecus/bootloader/bootloader.h"
#include "sim/proto/crc.h"
#include "sim/proto/sha256.h"

#include <string.h>

enum { ROUNDS = 35 };

struct secret {
    uint8_t bytes[BOOT_SEED_MAX];
    uint8_t len;
};

static struct secret secret_of(const struct boot_cfg *cfg, const struct boot_level *level)
{
    struct secret secret = {.len = level->secret_len};
    PROTO_CHECK(level->secret_len <= BOOT_SEED_MAX);
    memcpy(secret.bytes, level->secret, level->secret_len);
    if (level->secret_len == 0) {
        secret.len = 4;
        proto_put_u32(secret.bytes, cfg->security_secret);
    }
    return secret;
}

bool boot_key_shift_xor(const struct boot_cfg *cfg, const struct boot_level *level,
                        const uint8_t *seed, uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    const uint32_t number = proto_get_u32(secret.bytes);
    uint32_t value = proto_get_u32(seed) ^ number;
    for (int i = 0; i < ROUNDS; i++) {
        const bool carry = (value & UINT32_C(0x80000000)) != 0;
        value = (value << 1) ^ (carry ? number : 0);
    }
    proto_put_u32(key, value);
    return true;
}

bool boot_key_xor(const struct boot_cfg *cfg, const struct boot_level *level, const uint8_t *seed,
                  uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    for (uint8_t i = 0; i < level->key_len; i++) {
        key[i] = (uint8_t)(seed[i] ^ secret.bytes[i % secret.len]);
    }
    return true;
}

bool boot_key_add(const struct boot_cfg *cfg, const struct boot_level *level, const uint8_t *seed,
                  uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    uint16_t sum = 0;
    for (uint8_t i = 0; i < level->key_len; i++) {
        const uint8_t at = (uint8_t)(level->key_len - 1 - i);
        const uint8_t other = i < secret.len ? secret.bytes[secret.len - 1 - i] : 0;
        sum = (uint16_t)((sum >> 8) + seed[at] + other);
        key[at] = (uint8_t)sum;
    }
    return true;
}

bool boot_key_complement(const struct boot_cfg *cfg, const struct boot_level *level,
                         const uint8_t *seed, uint8_t *key)
{
    (void)cfg;
    for (uint8_t i = 0; i < level->key_len; i++) {
        key[i] = (uint8_t)~seed[i];
    }
    return true;
}

bool boot_key_crc32(const struct boot_cfg *cfg, const struct boot_level *level, const uint8_t *seed,
                    uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    const uint32_t over_seed = crc32_update(CRC32_INIT, seed, level->seed_len);
    proto_put_u32(key, crc32_update(over_seed, secret.bytes, secret.len));
    return true;
}

bool boot_key_sha256(const struct boot_cfg *cfg, const struct boot_level *level,
                     const uint8_t *seed, uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    uint8_t digest[SHA256_LEN];
    struct sha256 sha;
    sha256_init(&sha);
    sha256_update(&sha, secret.bytes, secret.len);
    sha256_update(&sha, seed, level->seed_len);
    sha256_final(&sha, digest);
    memcpy(key, digest, level->key_len);
    return true;
}

bool boot_key_hmac_sha256(const struct boot_cfg *cfg, const struct boot_level *level,
                          const uint8_t *seed, uint8_t *key)
{
    const struct secret secret = secret_of(cfg, level);
    uint8_t mac[SHA256_LEN];
    sha256_hmac(secret.bytes, secret.len, seed, level->seed_len, mac);
    memcpy(key, mac, level->key_len);
    return true;
}

bool boot_key_hook(const struct boot_cfg *cfg, const struct boot_level *level, const uint8_t *seed,
                   uint8_t *key)
{
    const struct boot_hook *hook = &cfg->hook;
    return hook->call != NULL && hook->call(hook->ctx, level->hook, seed, level->seed_len, key,
                                            level->key_len) == level->key_len;
}
