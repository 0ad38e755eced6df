/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_crc.c - CRCs against the catalogue of parametrised CRC algorithms
 * (reveng.sourceforge.io/crc-catalogue): CRC-32/ISO-HDLC and CRC-16/IBM-3740. */
#include "sim/proto/crc.h"

#include <criterion/criterion.h>

static const uint8_t check_input[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};

Test(crc, crc32_gives_the_check_value_of_the_catalogue)
{
    cr_assert_eq(crc32_update(CRC32_INIT, check_input, sizeof check_input), 0xCBF43926u);
}

Test(crc, crc16_gives_the_check_value_of_the_catalogue)
{
    cr_assert_eq(crc16_update(CRC16_INIT, check_input, sizeof check_input), 0x29B1u);
}

/* The residue of the catalogue: a message followed by its own CRC. */
Test(crc, crc32_of_a_message_with_its_crc_is_the_residue)
{
    uint8_t message[13];
    for (size_t i = 0; i < 9; i++) {
        message[i] = check_input[i];
    }
    uint32_t crc = crc32_update(CRC32_INIT, check_input, 9);
    for (size_t i = 0; i < 4; i++) {
        message[9 + i] = (uint8_t)(crc >> (8 * i));
    }
    cr_assert_eq(~crc32_update(CRC32_INIT, message, sizeof message), 0xDEBB20E3u);
}

Test(crc, pieces_give_the_same_as_the_whole)
{
    uint8_t data[300];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 37 + 11);
    }
    for (uint16_t cut = 0; cut <= sizeof data; cut++) {
        uint16_t rest = (uint16_t)(sizeof data - cut);
        cr_assert_eq(crc32_update(crc32_update(CRC32_INIT, data, cut), data + cut, rest),
                     crc32_update(CRC32_INIT, data, sizeof data));
        cr_assert_eq(crc16_update(crc16_update(CRC16_INIT, data, cut), data + cut, rest),
                     crc16_update(CRC16_INIT, data, sizeof data));
        cr_assert_eq(sum8_update(sum8_update(SUM8_INIT, data, cut), data + cut, rest),
                     sum8_update(SUM8_INIT, data, sizeof data));
    }
}

Test(crc, sum_wraps_at_a_byte)
{
    const uint8_t data[] = {0xFF, 0x02, 0x10};
    cr_assert_eq(sum8_update(SUM8_INIT, data, sizeof data), 0x11);
}
