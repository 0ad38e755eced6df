/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_check_method.c - check values, one row each. */
#include "sim/ecus/bootloader/boot_check_method.h"

#include "sim/proto/crc.h"

static void sha1_begin(union boot_check_state *state)
{
    sha1_init(&state->sha1);
}

static void sha1_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    sha1_update(&state->sha1, data, len_bytes);
}

static void sha1_end(union boot_check_state *state, uint8_t *value)
{
    sha1_final(&state->sha1, value);
}

static void sha256_begin(union boot_check_state *state)
{
    sha256_init(&state->sha256);
}

static void sha256_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    sha256_update(&state->sha256, data, len_bytes);
}

static void sha256_end(union boot_check_state *state, uint8_t *value)
{
    sha256_final(&state->sha256, value);
}

static void crc32_begin(union boot_check_state *state)
{
    state->crc32 = CRC32_INIT;
}

static void crc32_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    state->crc32 = crc32_update(state->crc32, data, len_bytes);
}

static void crc32_end(union boot_check_state *state, uint8_t *value)
{
    proto_put_u32(value, state->crc32);
}

static void crc16_begin(union boot_check_state *state)
{
    state->crc16 = CRC16_INIT;
}

static void crc16_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    state->crc16 = crc16_update(state->crc16, data, len_bytes);
}

static void crc16_x25_begin(union boot_check_state *state)
{
    state->crc16 = CRC16_X25_INIT;
}

static void crc16_x25_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    state->crc16 = crc16_x25_update(state->crc16, data, len_bytes);
}

static void crc16_end(union boot_check_state *state, uint8_t *value)
{
    proto_put_u16(value, state->crc16);
}

static void sum8_begin(union boot_check_state *state)
{
    state->sum8 = SUM8_INIT;
}

static void sum8_add(union boot_check_state *state, const uint8_t *data, uint16_t len_bytes)
{
    state->sum8 = sum8_update(state->sum8, data, len_bytes);
}

static void sum8_end(union boot_check_state *state, uint8_t *value)
{
    value[0] = state->sum8;
}

const struct boot_check_method boot_check_sha1 = {SHA1_LEN, sha1_begin, sha1_add, sha1_end};
const struct boot_check_method boot_check_crc32 = {4, crc32_begin, crc32_add, crc32_end};
const struct boot_check_method boot_check_sum8 = {1, sum8_begin, sum8_add, sum8_end};
const struct boot_check_method boot_check_crc16 = {2, crc16_begin, crc16_add, crc16_end};
const struct boot_check_method boot_check_crc16_x25 = {2, crc16_x25_begin, crc16_x25_add,
                                                       crc16_end};
const struct boot_check_method boot_check_sha256 = {SHA256_LEN, sha256_begin, sha256_add,
                                                    sha256_end};

const struct boot_check_method *const boot_check_methods[BOOT_CHECKS] = {
    [BOOT_CHECK_SHA1] = &boot_check_sha1,           [BOOT_CHECK_CRC32] = &boot_check_crc32,
    [BOOT_CHECK_SUM8] = &boot_check_sum8,           [BOOT_CHECK_CRC16] = &boot_check_crc16,
    [BOOT_CHECK_CRC16_X25] = &boot_check_crc16_x25, [BOOT_CHECK_SHA256] = &boot_check_sha256,
};
