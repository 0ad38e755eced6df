/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_ecc.c - the codes do what SECDED promises, over all positions. */
#include "sim/prng.h"
#include "sim/s12x_flash_model/s12x_ecc.h"

#include <criterion/criterion.h>

enum { SAMPLES = 200 };

struct word72 {
    uint64_t data;
    uint8_t ecc;
};

static void turn(struct word72 *word, unsigned bit, unsigned data_bits)
{
    if (bit < data_bits) {
        word->data ^= UINT64_C(1) << bit;
    } else {
        word->ecc = (uint8_t)(word->ecc ^ (1u << (bit - data_bits)));
    }
}

static enum s12x_ecc_fault decode(struct word72 *word, unsigned data_bits)
{
    if (data_bits == 64) {
        return s12x_ecc64_decode(&word->data, word->ecc);
    }
    uint16_t narrow = (uint16_t)word->data;
    enum s12x_ecc_fault fault = s12x_ecc16_decode(&narrow, word->ecc);
    word->data = narrow;
    return fault;
}

static struct word72 encode(uint64_t data, unsigned data_bits)
{
    return data_bits == 64 ? (struct word72){data, s12x_ecc64_encode(data)}
                           : (struct word72){data & 0xFFFF, s12x_ecc16_encode((uint16_t)data)};
}

static void every_single_and_double_fault(unsigned data_bits, unsigned all_bits)
{
    struct prng prng;
    prng_init(&prng, 7, "ecc");
    for (int sample = 0; sample < SAMPLES; sample++) {
        struct word72 good = encode(prng_u64(&prng), data_bits);
        struct word72 word = good;
        cr_assert_eq(decode(&word, data_bits), S12X_ECC_OK);
        cr_assert_eq(word.data, good.data);
        for (unsigned a = 0; a < all_bits; a++) {
            word = good;
            turn(&word, a, data_bits);
            cr_assert_eq(decode(&word, data_bits), S12X_ECC_SINGLE);
            cr_assert_eq(word.data, good.data, "bit %u not corrected", a);
            for (unsigned b = a + 1; b < all_bits; b++) {
                struct word72 wrong = good;
                turn(&wrong, a, data_bits);
                turn(&wrong, b, data_bits);
                uint64_t as_stored = wrong.data;
                cr_assert_eq(decode(&wrong, data_bits), S12X_ECC_DOUBLE, "bits %u %u", a, b);
                cr_assert_eq(wrong.data, as_stored);
            }
        }
    }
}

Test(ecc, phrase_corrects_every_single_and_detects_every_double_fault)
{
    every_single_and_double_fault(64, 72);
}

Test(ecc, word_corrects_every_single_and_detects_every_double_fault)
{
    every_single_and_double_fault(16, 22);
}

Test(ecc, erased_cells_are_valid)
{
    cr_assert_eq(s12x_ecc64_encode(UINT64_MAX), 0xFF);
    cr_assert_eq(s12x_ecc16_encode(0xFFFF), 0x3F);
}

Test(ecc, check_bits_of_a_word_stay_in_six_bits)
{
    for (unsigned data = 0; data <= 0xFFFF; data++) {
        cr_assert_eq(s12x_ecc16_encode((uint16_t)data) & ~0x3F, 0);
    }
}
