/* SPDX-License-Identifier: Apache-2.0 */
/* sim/prng.h - named random streams.
 *
 * A stream is derived from (run seed, stream name) alone: a new consumer shifts nobody else's
 * numbers, and the same seed gives the same numbers on every machine. xoshiro256** (Blackman and
 * Vigna), seeded through SplitMix64 over the seed and the FNV-1a hash of the name. */
#ifndef SIM_PRNG_H
#define SIM_PRNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prng {
    uint64_t state[4];
};

void prng_init(struct prng *prng, uint64_t run_seed, const char *stream_name);
uint64_t prng_u64(struct prng *prng);

/* Uniform in [0, bound). bound must not be 0. Unbiased. */
uint64_t prng_below(struct prng *prng, uint64_t bound);

/* True with probability ppm / 1,000,000. */
bool prng_chance_ppm(struct prng *prng, uint32_t ppm);

void prng_fill(struct prng *prng, void *bytes, size_t len_bytes);

#endif
