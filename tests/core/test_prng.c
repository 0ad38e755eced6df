/* SPDX-License-Identifier: Apache-2.0 */
/* tests/core/test_prng.c - random streams against published vectors. */
#include "sim/prng.h"

#include <criterion/criterion.h>
#include <signal.h>

/* FNV-1a of "foobar" (draft-eastlake-fnv, appendix C). */
#define FNV1A_FOOBAR UINT64_C(0x85944171F73967E8)

/* First ten values from the state 1, 2, 3, 4: the vector of the rand_xoshiro crate, made there
 * with the authors' reference C code. */
Test(prng, generator_gives_the_reference_values)
{
    static const uint64_t expected[] = {
        UINT64_C(11520),
        UINT64_C(0),
        UINT64_C(1509978240),
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    struct prng prng = {.state = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_assert_eq(prng_u64(&prng), expected[i], "value %zu differs", i);
    }
}

/* SplitMix64 from 1234567: Rosetta Code, "Pseudo-random numbers/Splitmix64". The seed is chosen so
 * that, mixed with the hash of the name, 1234567 is what SplitMix64 starts from. */
Test(prng, stream_is_seeded_by_splitmix64_of_seed_and_fnv1a_of_name)
{
    struct prng prng;
    prng_init(&prng, UINT64_C(1234567) ^ FNV1A_FOOBAR, "foobar");
    cr_expect_eq(prng.state[0], UINT64_C(6457827717110365317));
    cr_expect_eq(prng.state[1], UINT64_C(3203168211198807973));
    cr_expect_eq(prng.state[2], UINT64_C(9817491932198370423));
    cr_expect_eq(prng.state[3], UINT64_C(4593380528125082431));
}

Test(prng, another_name_or_seed_gives_another_stream)
{
    struct prng a, b, c;
    prng_init(&a, 1, "flash");
    prng_init(&b, 1, "bus");
    prng_init(&c, 2, "flash");
    uint64_t value = prng_u64(&a);
    cr_expect_neq(value, prng_u64(&b));
    cr_expect_neq(value, prng_u64(&c));
}

/* Chi-square over 7 cells, 6 degrees of freedom: 22.46 is the 0.1 % point. The stream is fixed, so
 * this either always passes or never. */
Test(prng, below_is_uniform_and_bounded)
{
    enum { CELLS = 7, DRAWS = 70000 };
    struct prng prng;
    prng_init(&prng, 42, "below");
    unsigned seen[CELLS] = {0};
    for (unsigned i = 0; i < DRAWS; i++) {
        uint64_t value = prng_below(&prng, CELLS);
        cr_assert_lt(value, CELLS);
        seen[value]++;
    }
    double chi_square = 0;
    for (unsigned i = 0; i < CELLS; i++) {
        double off = (double)seen[i] - DRAWS / CELLS;
        chi_square += off * off / (DRAWS / CELLS);
    }
    cr_expect_lt(chi_square, 22.46);
}

/* With a bound of 3/4 of the range, taking the remainder of a single draw would put half of all
 * values into the lowest third; unbiased, a third of them. */
Test(prng, below_has_no_modulo_bias)
{
    enum { DRAWS = 30000 };
    const uint64_t bound = UINT64_C(3) << 62;
    struct prng prng;
    prng_init(&prng, 42, "bias");
    unsigned low = 0;
    for (unsigned i = 0; i < DRAWS; i++) {
        low += prng_below(&prng, bound) < bound / 3;
    }
    cr_expect(low > 9500 && low < 10500, "%u of %d in the lowest third", low, DRAWS);
}

Test(prng, bound_zero_is_a_programming_error, .signal = SIGABRT)
{
    struct prng prng;
    prng_init(&prng, 1, "zero");
    prng_below(&prng, 0);
}

Test(prng, chance_is_exact_at_the_ends_and_near_in_between)
{
    struct prng prng;
    prng_init(&prng, 7, "chance");
    unsigned hits = 0;
    for (unsigned i = 0; i < 100000; i++) {
        cr_assert_not(prng_chance_ppm(&prng, 0));
        cr_assert(prng_chance_ppm(&prng, 1000000));
        hits += prng_chance_ppm(&prng, 250000);
    }
    cr_expect(hits > 24400 && hits < 25600, "%u hits of 100000 at 25 %%", hits);
}

Test(prng, fill_writes_the_stream_low_byte_first_and_nothing_beyond)
{
    struct prng prng = {.state = {1, 2, 3, 4}}; /* First values: 11520 = 0x2D00, then 0. */
    uint8_t bytes[12];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 0xEE;
    }
    prng_fill(&prng, bytes, 10);
    static const uint8_t expected[12] = {0x00, 0x2D, 0, 0, 0, 0, 0, 0, 0, 0, 0xEE, 0xEE};
    cr_assert_arr_eq(bytes, expected, sizeof(expected));
}
