/* SPDX-License-Identifier: Apache-2.0 */
/* sim/prng.c - named random streams: FNV-1a, SplitMix64 and xoshiro256**. */
#include "sim/prng.h"

#include "sim/base.h"

/* FNV-1a, 64 bits (draft-eastlake-fnv). */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *name != '\0'; name++) {
        hash ^= (unsigned char)*name;
        hash *= UINT64_C(0x100000001B3);
    }
    return hash;
}

/* The seeding that the authors of xoshiro recommend (prng.di.unimi.it). It never yields four zero
 * words, the one state xoshiro cannot leave. */
static uint64_t split_mix_64(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

void prng_init(struct prng *prng, uint64_t run_seed, const char *stream_name)
{
    CHECK(stream_name != NULL);
    uint64_t mix = run_seed ^ hash_name(stream_name);
    for (size_t i = 0; i < ARRAY_SIZE(prng->state); i++) {
        prng->state[i] = split_mix_64(&mix);
    }
}

uint64_t prng_u64(struct prng *prng)
{
    uint64_t *s = prng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t prng_below(struct prng *prng, uint64_t bound)
{
    CHECK(bound != 0);
    /* 2^64 modulo bound: below it lie the surplus values that would favour small results. */
    uint64_t surplus = (0 - bound) % bound;
    uint64_t value = prng_u64(prng);
    while (value < surplus) {
        value = prng_u64(prng);
    }
    return value % bound;
}

bool prng_chance_ppm(struct prng *prng, uint32_t ppm)
{
    CHECK(ppm <= 1000000);
    return prng_below(prng, 1000000) < ppm;
}

void prng_fill(struct prng *prng, void *bytes, size_t len_bytes)
{
    uint8_t *out = bytes;
    uint64_t value = 0;
    for (size_t i = 0; i < len_bytes; i++) {
        /* Least significant byte first, whatever the host's byte order. */
        value = i % sizeof(value) == 0 ? prng_u64(prng) : value >> 8;
        out[i] = (uint8_t)value;
    }
}
