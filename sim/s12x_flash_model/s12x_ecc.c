/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_ecc.c - encode by table, one byte of data at a time.
 *
 * Data bit i has the column i of the check matrix. All columns have odd weight: 56 of weight 3 and
 * 8 of weight 5 for 64 bits, 16 of weight 3 for 16 bits; the check bits' own columns have weight 1.
 * So two wrong bits give an even syndrome, which is no column: M. Y. Hsiao, "A Class of Optimal
 * Minimum Odd-weight-column SEC-DED Codes", IBM J. Res. Dev. 14 (1970). */
#include "sim/s12x_flash_model/s12x_ecc.h"

enum { ECC64_OFFSET = 0x21, ECC16_OFFSET = 0x03 };

/* Columns of eight neighbouring data bits. */
#define COLUMNS_0      0x07, 0x0B, 0x13, 0x23, 0x43, 0x83, 0x0D, 0x15
#define COLUMNS_1      0x25, 0x45, 0x85, 0x19, 0x29, 0x49, 0x89, 0x31
#define COLUMNS_2      0x51, 0x91, 0x61, 0xA1, 0xC1, 0x0E, 0x16, 0x26
#define COLUMNS_3      0x46, 0x86, 0x1A, 0x2A, 0x4A, 0x8A, 0x32, 0x52
#define COLUMNS_4      0x92, 0x62, 0xA2, 0xC2, 0x1C, 0x2C, 0x4C, 0x8C
#define COLUMNS_5      0x34, 0x54, 0x94, 0x64, 0xA4, 0xC4, 0x38, 0x58
#define COLUMNS_6      0x98, 0x68, 0xA8, 0xC8, 0x70, 0xB0, 0xD0, 0xE0
#define COLUMNS_7      0x1F, 0x67, 0xAB, 0x5D, 0xD5, 0x3E, 0xB6, 0xF2
#define WORD_COLUMNS_0 0x07, 0x0B, 0x13, 0x23, 0x0D, 0x15, 0x25, 0x19
#define WORD_COLUMNS_1 0x29, 0x31, 0x0E, 0x16, 0x26, 0x1A, 0x2A, 0x32

/* The sum of the columns whose bit is set in i, for all values of a byte: 256 constants. */
#define BIT(i, n, c) (((i) >> (n)) & 1 ? (c) : 0)
#define SUM_(i, a, b, c, d, e, f, g, h)                                                            \
    BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^ BIT(i, 5, f) ^      \
        BIT(i, 6, g) ^ BIT(i, 7, h)
#define SUM(i, ...) SUM_(i, __VA_ARGS__)
#define SUM4(i, ...)                                                                               \
    SUM(i, __VA_ARGS__), SUM((i) + 1, __VA_ARGS__), SUM((i) + 2, __VA_ARGS__),                     \
        SUM((i) + 3, __VA_ARGS__)
#define SUM16(i, ...)                                                                              \
    SUM4(i, __VA_ARGS__), SUM4((i) + 4, __VA_ARGS__), SUM4((i) + 8, __VA_ARGS__),                  \
        SUM4((i) + 12, __VA_ARGS__)
#define SUM64(i, ...)                                                                              \
    SUM16(i, __VA_ARGS__), SUM16((i) + 16, __VA_ARGS__), SUM16((i) + 32, __VA_ARGS__),             \
        SUM16((i) + 48, __VA_ARGS__)
#define SUM256(...)                                                                                \
    {                                                                                              \
        SUM64(0, __VA_ARGS__), SUM64(64, __VA_ARGS__), SUM64(128, __VA_ARGS__),                    \
            SUM64(192, __VA_ARGS__)                                                                \
    }

static const uint8_t phrase_columns[64] = {COLUMNS_0, COLUMNS_1, COLUMNS_2, COLUMNS_3,
                                           COLUMNS_4, COLUMNS_5, COLUMNS_6, COLUMNS_7};
static const uint8_t word_columns[16] = {WORD_COLUMNS_0, WORD_COLUMNS_1};
static const uint8_t phrase_sums[8][256] = {SUM256(COLUMNS_0), SUM256(COLUMNS_1), SUM256(COLUMNS_2),
                                            SUM256(COLUMNS_3), SUM256(COLUMNS_4), SUM256(COLUMNS_5),
                                            SUM256(COLUMNS_6), SUM256(COLUMNS_7)};
static const uint8_t word_sums[2][256] = {SUM256(WORD_COLUMNS_0), SUM256(WORD_COLUMNS_1)};

uint8_t s12x_ecc64_encode(uint64_t data)
{
    uint8_t sum = ECC64_OFFSET;
    for (unsigned i = 0; i < 8; i++) {
        sum = (uint8_t)(sum ^ phrase_sums[i][(data >> (8 * i)) & 0xFFu]);
    }
    return sum;
}

uint8_t s12x_ecc16_encode(uint16_t data)
{
    return (uint8_t)(ECC16_OFFSET ^ word_sums[0][data & 0xFFu] ^ word_sums[1][data >> 8]);
}

/* The data bit to turn over, or a negative number: -1 none (a check bit is wrong), -2 no single
 * wrong bit explains the syndrome. */
static int wrong_bit(uint8_t syndrome, const uint8_t *columns, int columns_len)
{
    for (int i = 0; i < columns_len; i++) {
        if (columns[i] == syndrome) {
            return i;
        }
    }
    return (syndrome & (syndrome - 1)) == 0 ? -1 : -2;
}

enum s12x_ecc_fault s12x_ecc64_decode(uint64_t *data, uint8_t ecc)
{
    uint8_t syndrome = (uint8_t)(s12x_ecc64_encode(*data) ^ ecc);
    if (syndrome == 0) {
        return S12X_ECC_OK;
    }
    int bit = wrong_bit(syndrome, phrase_columns, 64);
    if (bit == -2) {
        return S12X_ECC_DOUBLE;
    }
    if (bit >= 0) {
        *data ^= UINT64_C(1) << bit;
    }
    return S12X_ECC_SINGLE;
}

enum s12x_ecc_fault s12x_ecc16_decode(uint16_t *data, uint8_t ecc)
{
    uint8_t syndrome = (uint8_t)((s12x_ecc16_encode(*data) ^ ecc) & 0x3F);
    if (syndrome == 0) {
        return S12X_ECC_OK;
    }
    int bit = wrong_bit(syndrome, word_columns, 16);
    if (bit == -2) {
        return S12X_ECC_DOUBLE;
    }
    if (bit >= 0) {
        *data = (uint16_t)(*data ^ (1u << bit));
    }
    return S12X_ECC_SINGLE;
}
