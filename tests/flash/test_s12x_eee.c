/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_eee.c - emulated EEPROM: what it keeps, above all over power cuts. */
#include "tests/flash/flash_rig.h"

#include "sim/prng.h"

enum { WORDS = 2048 };

/* FSTAT when a command has ended well, background work or not. */
static uint8_t done(uint8_t fstat)
{
    return fstat & (uint8_t)~S12X_MGBUSY;
}

static void open_eee(struct rig *rig, uint64_t seed, uint16_t dfpart, uint16_t erpart)
{
    struct s12x_flash_cfg cfg = {.seed = seed};
    rig_new(rig, &cfg);
    cr_assert_eq(s12x_flash_factory_partition(rig->flash, dfpart, erpart, NULL), 0);
    rig_reset(rig);
    cr_assert_eq(done(rig_command(rig, S12X_CMD_ENABLE_EEE, 0, NULL, 0, 0)), S12X_CCIF);
}

static uint16_t get(struct rig *rig, uint16_t index)
{
    return s12x_flash_eee_read(rig->flash, (uint16_t)(index * 2), rig->now_ns);
}

static void put(struct rig *rig, uint16_t index, uint16_t value)
{
    s12x_flash_eee_write(rig->flash, (uint16_t)(index * 2), value, rig->now_ns);
}

static uint16_t etag(struct rig *rig)
{
    return (uint16_t)(rig_get(rig, S12X_ETAGHI) << 8 | rig_get(rig, S12X_ETAGLO));
}

static void settle(struct rig *rig)
{
    while (s12x_flash_next_ns(rig->flash) != SIM_NEVER) {
        rig->now_ns = s12x_flash_next_ns(rig->flash);
        s12x_flash_advance(rig->flash, rig->now_ns);
    }
    cr_assert_eq(etag(rig), 0);
}

static void restart(struct rig *rig)
{
    s12x_flash_power_off(rig->flash, rig->now_ns);
    rig_reset(rig);
    cr_assert_eq(done(rig_command(rig, S12X_CMD_ENABLE_EEE, 0, NULL, 0, 0)), S12X_CCIF);
}

Test(eee, settled_words_survive_power_loss)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    cr_assert_eq(get(&rig, 0), 0xFFFF);
    put(&rig, 0, 0x1234);
    put(&rig, 2047, 0xA55A);
    cr_assert_eq(etag(&rig), 2);
    cr_assert(rig_get(&rig, S12X_FSTAT) & S12X_MGBUSY);
    cr_assert(rig_get(&rig, S12X_FSTAT) & S12X_CCIF, "background work leaves CCIF set");
    settle(&rig);
    cr_assert_eq(rig_get(&rig, S12X_FSTAT), S12X_CCIF);
    restart(&rig);
    cr_assert_eq(get(&rig, 0), 0x1234);
    cr_assert_eq(get(&rig, 2047), 0xA55A);
    cr_assert_eq(rig_found(&rig, S12X_FIND_EEE_LOST), 0);
    rig_close(&rig);
}

Test(eee, records_look_as_documented)
{
    struct rig rig;
    uint8_t log[8];
    open_eee(&rig, 1, 0, 16);
    put(&rig, 5, 0x1234);
    settle(&rig);
    s12x_flash_peek(rig.flash, 0x100000, log, 8);
    cr_assert_eq(log[0] << 8 | log[1], 0xFACF);
    cr_assert_eq(log[4] << 8 | log[5], 0x1234);
    cr_assert_eq(log[6] << 8 | log[7], 0xB805);
    rig_close(&rig);
}

Test(eee, a_write_still_queued_at_power_loss_is_lost_and_reported)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    put(&rig, 7, 1);
    settle(&rig);
    put(&rig, 7, 2);
    restart(&rig);
    cr_assert_eq(get(&rig, 7), 1);
    cr_assert_eq(rig_found(&rig, S12X_FIND_EEE_LOST), 1);
    cr_assert_eq(rig.last_address, 0x13F00E);
    rig_close(&rig);
}

Test(eee, without_the_enable_command_writes_stay_in_ram)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    cr_assert_eq(rig_command(&rig, S12X_CMD_DISABLE_EEE, 0, NULL, 0, 0), S12X_CCIF);
    put(&rig, 7, 2);
    cr_assert_eq(etag(&rig), 0);
    cr_assert_eq(get(&rig, 7), 2);
    restart(&rig);
    cr_assert_eq(get(&rig, 7), 0xFFFF);
    cr_assert_eq(rig_found(&rig, S12X_FIND_EEE_LOST), 1);
    rig_close(&rig);
}

Test(eee, only_the_upper_pages_are_emulated_and_the_user_keeps_the_lower_sectors)
{
    struct rig rig;
    open_eee(&rig, 1, 64, 2);
    put(&rig, WORDS - 257, 0x1111); /* Plain RAM. */
    put(&rig, WORDS - 256, 0x2222);
    settle(&rig);
    cr_assert_eq(rig_command(&rig, 0x11, 0x103FFE, (const uint16_t[]){1}, 1, 2), S12X_CCIF);
    cr_assert(rig_command(&rig, 0x11, 0x104000, (const uint16_t[]){1}, 1, 2) & S12X_ACCERR);
    cr_assert(rig_command(&rig, 0x12, 0x104000, NULL, 0, 1) & S12X_ACCERR);
    restart(&rig);
    cr_assert_eq(get(&rig, WORDS - 257), 0);
    cr_assert_eq(get(&rig, WORDS - 256), 0x2222);
    rig_close(&rig);
}

Test(eee, protected_words_are_neither_written_nor_recorded)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    rig_set(&rig, S12X_EPROT, 0xF0); /* The top 64 bytes. */
    put(&rig, 2047, 5);
    cr_assert_eq(get(&rig, 2047), 0xFFFF);
    cr_assert_eq(rig_get(&rig, S12X_FERSTAT), S12X_EPVIOLIF);
    put(&rig, 2047 - 32, 5);
    cr_assert_eq(get(&rig, 2047 - 32), 5);
    cr_assert_eq(etag(&rig), 1);
    rig_close(&rig);
}

Test(eee, a_write_takes_the_time_of_two_d_flash_words)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    put(&rig, 0, 1);
    settle(&rig); /* The first also begins a sector. */
    sim_ns_t start_ns = rig.now_ns;
    put(&rig, 1, 1);
    settle(&rig);
    cr_assert_eq(rig.now_ns - start_ns, (14 + 2 * 54) * 1000 + (500 + 2 * 525) * 20);
    rig_close(&rig);
}

Test(eee, a_command_waits_for_the_record_being_written)
{
    struct rig rig;
    open_eee(&rig, 1, 0, 16);
    put(&rig, 0, 1);
    sim_ns_t step_end_ns = s12x_flash_next_ns(rig.flash);
    cr_assert_eq(done(rig_erase(&rig, 0x780000)), S12X_CCIF);
    cr_assert_eq(rig.now_ns, step_end_ns + 20020000 + 700 * 20);
    settle(&rig);
    restart(&rig);
    cr_assert_eq(get(&rig, 0), 1);
    rig_close(&rig);
}

Test(eee, query_tells_partition_and_ready_sectors)
{
    struct rig rig;
    uint16_t answer[4];
    open_eee(&rig, 1, 112, 2);
    put(&rig, 2047, 1);
    settle(&rig);
    cr_assert_eq(rig_command(&rig, S12X_CMD_EEE_QUERY, 0, NULL, 0, 0), S12X_CCIF);
    for (uint8_t i = 0; i < 4; i++) {
        rig_set(&rig, S12X_FCCOBIX, (uint8_t)(i + 1));
        answer[i] = (uint16_t)(rig_get(&rig, S12X_FCCOBHI) << 8 | rig_get(&rig, S12X_FCCOBLO));
    }
    cr_assert_eq(answer[0], 112);
    cr_assert_eq(answer[1], 2);
    cr_assert_eq(answer[2], 1);
    cr_assert_eq(answer[3], 15);
    rig_close(&rig);
}

Test(eee, the_log_wears_all_its_sectors_about_equally)
{
    struct rig rig;
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;
    open_eee(&rig, 1, 112, 1);
    for (uint16_t i = 0; i < 10000; i++) {
        put(&rig, 2000, i);
        settle(&rig);
    }
    for (uint32_t at = 0x100000 + 112 * 256; at < 0x108000; at += 256) {
        uint32_t count = s12x_flash_erase_count(rig.flash, at);
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    cr_assert_geq(least, 9u);
    cr_assert_leq(most - least, 1u);
    restart(&rig);
    cr_assert_eq(get(&rig, 2000), 9999);
    rig_close(&rig);
}

Test(eee, sectors_that_cannot_be_erased_are_dead_and_skipped)
{
    struct rig rig;
    open_eee(&rig, 1, 112, 1);
    s12x_flash_inject_stuck(rig.flash, 0x100000 + 114 * 256 + 100, 0x18, 0x00);
    for (uint16_t i = 0; i < 3000; i++) {
        put(&rig, 2000, i);
        settle(&rig);
    }
    cr_assert_neq(rig_get(&rig, S12X_FERSTAT) & (S12X_ERSERIF | S12X_PGMERIF), 0);
    restart(&rig);
    cr_assert_eq(get(&rig, 2000), 2999);
    rig_close(&rig);
}

/* What a word may hold after a cut: its settled value, or the one on its way. */
struct word {
    uint16_t settled, written;
    bool pending;
};

static void play(uint64_t seed, uint16_t dfpart, uint16_t erpart, unsigned writes)
{
    static struct word words[WORDS];
    struct rig rig;
    struct prng prng;
    uint16_t first = (uint16_t)(WORDS - erpart * 128);
    unsigned cuts = 0;
    prng_init(&prng, seed, "eee-test");
    open_eee(&rig, seed, dfpart, erpart);
    for (uint16_t i = 0; i < WORDS; i++) {
        words[i] = (struct word){0xFFFF, 0xFFFF, false};
    }
    for (unsigned n = 0; n < writes; n++) {
        uint16_t index = (uint16_t)(first + prng_below(&prng, WORDS - first));
        uint16_t value = (uint16_t)prng_u64(&prng);
        if (words[index].pending) {
            settle(&rig);
            for (uint16_t i = first; i < WORDS; i++) {
                words[i].settled = words[i].written;
                words[i].pending = false;
            }
        }
        put(&rig, index, value);
        words[index].written = value;
        words[index].pending = true;
        if (prng_below(&prng, 3) != 0) {
            continue;
        }
        /* Cut somewhere in the next 1.2 ms (records) or 12 ms (erases). */
        sim_ns_t span_ns = prng_below(&prng, 4) == 0 ? SIM_MS(12) : SIM_US(1200);
        rig.now_ns += prng_below(&prng, span_ns);
        s12x_flash_advance(rig.flash, rig.now_ns);
        restart(&rig);
        cuts++;
        for (uint16_t i = first; i < WORDS; i++) {
            uint16_t got = get(&rig, i);
            bool fine = got == words[i].settled || (words[i].pending && got == words[i].written);
            cr_assert(fine, "seed %lu, write %u, word %u: %04X, settled %04X, written %04X",
                      (unsigned long)seed, n, i, got, words[i].settled, words[i].written);
            words[i] = (struct word){got, got, false};
        }
    }
    cr_assert_gt(cuts, writes / 5);
    rig_close(&rig);
}

Test(eee, every_word_holds_its_old_or_its_new_value_after_any_power_cut)
{
    play(1, 0, 16, 4000);
    play(2, 112, 2, 10000);
    play(3, 116, 1, 10000);
}
