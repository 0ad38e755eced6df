/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_security.c - seed and key: limits, delays and seeds over resets. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

static struct boot_bench bench;

static void begin(void)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    bench_init(&bench, &cfg, 21);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
}

static void end(void)
{
    bench_free(&bench);
}

static uint32_t ask_seed(void)
{
    cr_assert_eq(bench_ask(&bench, "27 01"), 0);
    cr_assert_eq(bench.answer_len, 6);
    return proto_get_u32(bench.answer + 2);
}

static int give_key(uint32_t key)
{
    uint8_t request[6] = {0x27, 0x02};
    proto_put_u32(request + 2, key);
    return bench_request(&bench, request, sizeof request);
}

static int try_wrong(void)
{
    return give_key(bench_key(ask_seed()) ^ 1u);
}

/* As the session keeps itself alive, without counting as an answer. */
static void stay_for(sim_ns_t span_ns)
{
    const sim_ns_t end_ns = bench.now_ns + span_ns;
    while (bench.now_ns + SIM_S(2) < end_ns) {
        bench_run_for(&bench, SIM_S(2));
        cr_assert_eq(bench_ask(&bench, "3E 00"), 0);
    }
    bench_run_for(&bench, end_ns - bench.now_ns);
}

static void reset_and_extend(void)
{
    bench_reset(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
}

Test(boot_security, the_right_key_unlocks_until_the_session_changes, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    cr_expect_eq(give_key(bench_key(ask_seed())), 0);
    cr_expect_eq(ask_seed(), 0, "unlocked: the seed is zero");
    cr_assert_eq(bench_ask(&bench, "10 02"), 0);
    cr_expect_neq(ask_seed(), 0);
}

/* The value comes from a transcription of docs/formats.md in another language. */
Test(boot_security, the_key_is_the_documented_one)
{
    cr_expect_eq(bench_key(0x12345678u), 0x8E2CBA70u);
}

Test(boot_security, one_key_for_each_seed, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    const uint32_t seed = ask_seed();
    cr_expect_eq(give_key(bench_key(seed) ^ 1u), UDS_NRC_INVALID_KEY);
    cr_expect_eq(give_key(bench_key(seed)), UDS_NRC_SEQUENCE);
}

Test(boot_security, a_session_change_voids_the_seed, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    const uint32_t seed = ask_seed();
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    cr_expect_eq(give_key(bench_key(seed)), UDS_NRC_SEQUENCE);
}

Test(boot_security, the_third_wrong_key_starts_the_delay, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    cr_expect_eq(try_wrong(), UDS_NRC_INVALID_KEY);
    cr_expect_eq(try_wrong(), UDS_NRC_INVALID_KEY);
    cr_expect_eq(try_wrong(), UDS_NRC_ATTEMPTS_EXCEEDED);
    cr_expect_eq(bench_ask(&bench, "27 01"), UDS_NRC_DELAY_NOT_EXPIRED);
    stay_for(SIM_MS(9800));
    cr_expect_eq(bench_ask(&bench, "27 01"), UDS_NRC_DELAY_NOT_EXPIRED);
    stay_for(SIM_MS(300));
    cr_expect_eq(try_wrong(), UDS_NRC_ATTEMPTS_EXCEEDED, "one attempt for each further delay");
    stay_for(SIM_MS(10100));
    cr_expect_eq(give_key(bench_key(ask_seed())), 0);
}

Test(boot_security, a_right_key_clears_the_count, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(try_wrong(), UDS_NRC_INVALID_KEY);
        cr_expect_eq(give_key(bench_key(ask_seed())), 0);
        cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    }
}

Test(boot_security, attempts_survive_resets, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    cr_expect_eq(try_wrong(), UDS_NRC_INVALID_KEY);
    reset_and_extend();
    cr_expect_eq(try_wrong(), UDS_NRC_INVALID_KEY);
    reset_and_extend();
    cr_expect_eq(try_wrong(), UDS_NRC_ATTEMPTS_EXCEEDED);
}

Test(boot_security, the_delay_runs_anew_from_a_power_cut, .init = begin, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    for (int i = 0; i < 3; i++) {
        (void)try_wrong();
    }
    stay_for(SIM_MS(9000));
    bench_power_off(&bench);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    stay_for(SIM_MS(2000));
    cr_expect_eq(bench_ask(&bench, "27 01"), UDS_NRC_DELAY_NOT_EXPIRED);
    stay_for(SIM_MS(8000));
    cr_expect_eq(bench_ask(&bench, "27 01"), 0);
}

/* A new ECU, whose count of seeds is that of any other new one. */
static uint32_t first_seed_at(sim_ns_t span_ns)
{
    begin();
    cr_assert_eq(bench_ask(&bench, "10 03"), 0);
    stay_for(span_ns);
    const uint32_t seed = ask_seed();
    end();
    return seed;
}

/* The seed comes from the time as well: who knows the count knows no seed. */
Test(boot_security, equal_counts_give_other_seeds_at_other_times)
{
    static const sim_ns_t spans_ns[] = {SIM_MS(1), SIM_MS(2), SIM_MS(50), SIM_S(1), SIM_S(3600)};
    enum { TIMES = sizeof spans_ns / sizeof spans_ns[0] };
    uint32_t seeds[TIMES];
    for (size_t i = 0; i < TIMES; i++) {
        seeds[i] = first_seed_at(spans_ns[i]);
        for (size_t k = 0; k < i; k++) {
            cr_expect_neq(seeds[i], seeds[k], "times %zu and %zu", i, k);
        }
    }
    cr_expect_eq(first_seed_at(spans_ns[0]), seeds[0], "the same count at the same time");
}

/* The chip's clock begins anew with each reset, and the tester asks at the same times. */
Test(boot_security, no_seed_comes_twice_over_resets)
{
    enum { RESETS = 40, SEEDS = 5 };
    static uint32_t seeds[RESETS * SEEDS];
    begin();
    for (int i = 0; i < RESETS; i++) {
        reset_and_extend();
        for (int k = 0; k < SEEDS; k++) {
            seeds[i * SEEDS + k] = ask_seed();
        }
    }
    for (int i = 0; i < RESETS * SEEDS; i++) {
        cr_expect_neq(seeds[i], 0);
        for (int k = 0; k < i; k++) {
            cr_expect_neq(seeds[i], seeds[k], "seeds %d and %d", i, k);
        }
    }
    end();
}
