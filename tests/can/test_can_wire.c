/* SPDX-License-Identifier: Apache-2.0 */
/* tests/can/test_can_wire.c - frame lengths and CRCs against published vectors and a slow model. */
#include "sim/can/can_wire.h"
#include "sim/can/can_wire_tables.h"
#include "sim/prng.h"

#include <criterion/criterion.h>
#include <string.h>

static struct can_frame frame_of(const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    return frame;
}

/* CRC-15/CAN, check value of "123456789": https://reveng.sourceforge.io/crc-catalogue/15.htm */
Test(can_wire, crc15_has_the_catalogued_check_value)
{
    cr_assert_eq(can_crc15((const uint8_t *)"123456789", 72), 0x059E);
}

static uint32_t table_crc(const uint32_t *table, unsigned width, const char *text)
{
    uint32_t crc = 0;
    for (; *text != '\0'; text++) {
        crc =
            (crc << 8 ^ table[(crc >> (width - 8) ^ (uint8_t)*text) & 0xFF]) & ((1u << width) - 1);
    }
    return crc;
}

/* CRC-17/CAN-FD and CRC-21/CAN-FD of the same catalogue. */
Test(can_wire, tables_of_crc17_and_crc21_have_the_catalogued_check_values)
{
    cr_assert_eq(table_crc(can_crc17_table, 17, "123456789"), 0x04F03);
    cr_assert_eq(table_crc(can_crc21_table, 21, "123456789"), 0x0ED841);
}

Test(can_wire, every_entry_of_the_stuffing_table_is_what_stuffing_bit_by_bit_gives)
{
    for (unsigned state = 0; state < CAN_STUFF_STATES; state++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            unsigned last = state / 4;
            unsigned run = state % 4 + 1;
            unsigned stuffed = 0;
            for (unsigned mask = 0x80; mask != 0; mask /= 2) {
                const unsigned bit = (byte & mask) != 0;
                run = bit == last ? run + 1 : 1;
                last = bit;
                if (run == 5) {
                    stuffed++;
                    last = !last;
                    run = 1;
                }
            }
            cr_assert_eq(can_stuff_table[byte] >> CAN_STUFF_SHIFT(state) & 0xFF,
                         stuffed + 8 * (last * 4 + run - 1));
        }
    }
}

/* Frames recorded on real wires and decoded by sigrok, bits, stuff bits and CRC:
 * https://sigrok.org/gitweb/?p=sigrok-test.git;a=tree;f=decoder/test/can
 * (mcp2515dm-bm-125kbits_msg_222_5bytes, mcp2515dm-bm-125kbits_extmsg_11223344_7bytes,
 * can_fd_std_brs_8, can_fd_ext_without_brs_64). CRC-17 and CRC-21 are the bits of the recorded CRC
 * field without stuff count and fixed stuff bits. */
Test(can_wire, frames_recorded_on_real_buses_have_the_computed_bits)
{
    static const struct {
        const char *text;
        uint16_t nominal_bits;
        uint16_t data_bits;
        uint16_t stuff_bits;
        uint32_t crc;
    } rows[] = {
        {"222#0011223344", 19 + 40 + 15 + 10 + 3, 0, 3, 0x66DA},
        {"11223344#00112233445566", 39 + 56 + 15 + 10 + 3, 0, 3, 0x0D30},
        /* In samples: SOF at 1014, 100 a slow bit, ESI at 2799, 50 a fast bit, CRC delimiter at
         * 8050. So 18 slow bits with BRS, 105 fast ones and the delimiter, 9 slow ones after it. */
        {"042##10001020304050607", 18 + 9, 105 + 1, 10 + 6, 0x1B77F},
        {"00000042##0000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
         "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F",
         582 + 32 + 10, 0, 29 + 7, 0x1BC76F},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct can_frame frame = frame_of(rows[i].text);
        const struct can_wire wire = can_wire_measure(&frame);
        cr_expect_eq(wire.crc, rows[i].crc, "%s: crc %x", rows[i].text, wire.crc);
        cr_expect_eq(wire.nominal_bits, rows[i].nominal_bits, "%s: %u", rows[i].text,
                     wire.nominal_bits);
        cr_expect_eq(wire.data_bits, rows[i].data_bits, "%s: %u", rows[i].text, wire.data_bits);
        cr_expect_eq(wire.stuff_bits, rows[i].stuff_bits, "%s: %u", rows[i].text, wire.stuff_bits);
    }
}

/* Results of the CFL_EXACT mode of can-utils' canframelen.c, which counts the intermission too:
 * https://github.com/linux-can/can-utils/blob/master/canframelen.c */
Test(can_wire, classical_lengths_are_those_of_can_utils)
{
    static const struct {
        const char *text;
        unsigned bits;
    } rows[] = {
        {"000#", 53},
        {"7FF#", 50},
        {"000#0000000000000000", 127},
        {"7FF#FFFFFFFFFFFFFFFF", 126},
        {"123#DEADBEEF", 81},
        {"7E0#02100100CCCCCCCC", 117},
        {"555#5555555555555555", 112},
        {"078#3C3C3C3C3C3C3C3C", 131},
        {"000#R8", 52},
        {"7FF#R", 50},
        {"00000000#", 74},
        {"1FFFFFFF#FFFFFFFFFFFFFFFF", 149},
        {"00000000#0000000000000000", 150},
        {"18DAF110#0210030000000000", 144},
        {"1F334455#1122334455667788", 133},
        {"12345678#R5", 69},
        {"0F0#F0F0F0F0F0F0F0F0", 112},
        {"014#01", 58},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct can_frame frame = frame_of(rows[i].text);
        const struct can_wire wire = can_wire_measure(&frame);
        cr_expect_eq(wire.nominal_bits + (unsigned)CAN_INTERMISSION_BITS, rows[i].bits, "%s: %u",
                     rows[i].text, wire.nominal_bits);
    }
}

/* The slow model: one character a bit, fields written as the standard draws them. */
struct slow {
    char bits[1024]; /* Without stuff bits. */
    size_t len;
    char wire[1200]; /* With them. */
    size_t wire_len;
    size_t stuffed;
};

static void field(struct slow *slow, uint64_t value, int width)
{
    while (width-- > 0) {
        slow->bits[slow->len++] = (value >> width) % 2 == 1 ? '1' : '0';
    }
}

static uint32_t slow_crc(const char *bits, size_t len, uint32_t poly, int width, uint32_t start)
{
    uint64_t remainder = start;
    for (size_t i = 0; i < len; i++) {
        remainder = remainder * 2 ^ ((uint64_t)(bits[i] == '1') << width);
        if (remainder >> width & 1) {
            remainder ^= (UINT64_C(1) << width) | poly;
        }
    }
    return (uint32_t)remainder;
}

/* Writes bits to wire; after five equal ones on the wire a sixth of the other kind. */
static void stuff(struct slow *slow, bool at_end_too)
{
    for (size_t i = 0; i < slow->len; i++) {
        slow->wire[slow->wire_len++] = slow->bits[i];
        const char *tail = slow->wire + slow->wire_len - 5;
        if (slow->wire_len >= 5 && (at_end_too || i + 1 < slow->len) &&
            (memcmp(tail, "00000", 5) == 0 || memcmp(tail, "11111", 5) == 0)) {
            slow->wire[slow->wire_len++] = tail[0] == '0' ? '1' : '0';
            slow->stuffed++;
        }
    }
}

static void slow_header(struct slow *slow, const struct can_frame *frame)
{
    const bool fd = (frame->flags & CAN_FLAG_FD) != 0;
    const int remote = (frame->flags & CAN_FLAG_RTR) != 0;
    field(slow, 0, 1); /* SOF */
    if ((frame->flags & CAN_FLAG_EXT) != 0) {
        field(slow, frame->id >> 18, 11);
        field(slow, 3, 2); /* SRR, IDE */
        field(slow, frame->id, 18);
        field(slow, (uint64_t)remote, 1);
        field(slow, fd, 1); /* FDF, or r1 */
    } else {
        field(slow, frame->id, 11);
        field(slow, (uint64_t)remote, 1);
        field(slow, 0, 1); /* IDE */
        if (fd) {
            field(slow, 1, 1); /* FDF */
        }
    }
    field(slow, 0, 1); /* r0, or res */
}

static void slow_data(struct slow *slow, const struct can_frame *frame)
{
    for (size_t i = 0; i < frame->len_bytes && (frame->flags & CAN_FLAG_RTR) == 0; i++) {
        field(slow, frame->data[i], 8);
    }
}

static struct can_wire slow_classic(const struct can_frame *frame)
{
    struct slow slow = {.len = 0};
    slow_header(&slow, frame);
    field(&slow, frame->len_bytes, 4);
    slow_data(&slow, frame);
    const uint32_t crc = slow_crc(slow.bits, slow.len, 0x4599, 15, 0);
    field(&slow, crc, 15);
    stuff(&slow, true);
    return (struct can_wire){.nominal_bits = (uint16_t)(slow.wire_len + 10),
                             .stuff_bits = (uint16_t)slow.stuffed,
                             .crc = crc};
}

static struct can_wire slow_fd(const struct can_frame *frame)
{
    static const char *const stuff_counts[] = {"0000", "0011", "0110", "0101",
                                               "1100", "1111", "1010", "1001"};
    struct slow slow = {.len = 0};
    slow_header(&slow, frame);
    field(&slow, (frame->flags & CAN_FLAG_BRS) != 0, 1);
    stuff(&slow, false);
    const size_t slow_bits = slow.wire_len; /* A stuff bit caused by BRS comes after it. */
    slow.wire_len = 0;
    slow.stuffed = 0;
    field(&slow, (frame->flags & CAN_FLAG_ESI) != 0, 1);
    size_t dlc = 0;
    while (can_len_from_dlc((uint8_t)dlc, true) != frame->len_bytes) {
        dlc++;
    }
    field(&slow, dlc, 4);
    slow_data(&slow, frame);
    stuff(&slow, false);
    char covered[1200];
    memcpy(covered, slow.wire, slow.wire_len);
    memcpy(covered + slow.wire_len, stuff_counts[slow.stuffed % 8], 4);
    const bool short_crc = frame->len_bytes <= 16;
    const uint32_t crc = short_crc ? slow_crc(covered, slow.wire_len + 4, 0x1685B, 17, 1u << 16)
                                   : slow_crc(covered, slow.wire_len + 4, 0x102899, 21, 1u << 20);
    const size_t fixed = short_crc ? 6 : 7;
    const size_t to_delimiter = slow.wire_len + fixed + 4 + (short_crc ? 17 : 21) + 1;
    const bool brs = (frame->flags & CAN_FLAG_BRS) != 0;
    return (struct can_wire){.nominal_bits = (uint16_t)((brs ? slow_bits : to_delimiter) + 9),
                             .data_bits = (uint16_t)(brs ? to_delimiter - slow_bits : 0),
                             .stuff_bits = (uint16_t)(slow.stuffed + fixed),
                             .switch_bit = (uint16_t)slow_bits,
                             .crc = crc};
}

/* Bytes of few kinds make long runs likely. */
static struct can_frame random_frame(struct prng *prng, bool fd)
{
    static const uint8_t runs[] = {0x00, 0xFF, 0xF8, 0x1F, 0x07, 0xE0, 0x3C, 0x83};
    struct can_frame frame = {0};
    const uint64_t bits = prng_u64(prng);
    frame.flags = (bits & 1) != 0 ? CAN_FLAG_EXT : 0;
    frame.id = (uint32_t)(bits >> 8) & ((bits & 1) != 0 ? CAN_EXT_ID_MAX : CAN_STD_ID_MAX);
    if ((bits & 6) == 0) {
        frame.id &= (bits & 8) != 0 ? 0x1F : 0x1F00001F;
    }
    frame.id &= (bits & 1) != 0 ? CAN_EXT_ID_MAX : CAN_STD_ID_MAX;
    if (fd) {
        frame.flags |= CAN_FLAG_FD | ((bits >> 60 & 1) != 0 ? CAN_FLAG_BRS : 0) |
                       ((bits >> 61 & 1) != 0 ? CAN_FLAG_ESI : 0);
        frame.len_bytes = can_len_from_dlc((uint8_t)(bits >> 48 & 15), true);
    } else {
        frame.flags |= (bits >> 60 & 7) == 0 ? CAN_FLAG_RTR : 0;
        frame.len_bytes = (uint8_t)prng_below(prng, 9);
    }
    prng_fill(prng, frame.data, frame.len_bytes);
    for (size_t i = 0; i < frame.len_bytes && (bits >> 62 & 1) != 0; i++) {
        frame.data[i] = runs[frame.data[i] % sizeof(runs)];
    }
    return frame;
}

static void assert_same(const struct can_frame *frame, struct can_wire fast, struct can_wire slow)
{
    char text[CAN_TEXT_MAX];
    can_frame_print(frame, text);
    cr_assert_eq(fast.crc, slow.crc, "%s: crc %x, not %x", text, fast.crc, slow.crc);
    cr_assert_eq(fast.stuff_bits, slow.stuff_bits, "%s: %u stuff bits, not %u", text,
                 fast.stuff_bits, slow.stuff_bits);
    cr_assert_eq(fast.nominal_bits, slow.nominal_bits, "%s: %u bits, not %u", text,
                 fast.nominal_bits, slow.nominal_bits);
    cr_assert_eq(fast.data_bits, slow.data_bits, "%s", text);
    cr_assert_eq(fast.switch_bit, slow.switch_bit, "%s", text);
}

Test(can_wire, a_hundred_thousand_classical_frames_agree_with_the_slow_model)
{
    struct prng prng;
    prng_init(&prng, 1, "classical");
    for (int i = 0; i < 100000; i++) {
        const struct can_frame frame = random_frame(&prng, false);
        assert_same(&frame, can_wire_measure(&frame), slow_classic(&frame));
    }
}

Test(can_wire, twenty_thousand_fd_frames_agree_with_the_slow_model)
{
    struct prng prng;
    prng_init(&prng, 1, "fd");
    for (int i = 0; i < 20000; i++) {
        const struct can_frame frame = random_frame(&prng, true);
        assert_same(&frame, can_wire_measure(&frame), slow_fd(&frame));
    }
}

/* Bounds of can-utils' canframelen.c (CFL_NO_BITSTUFFING and CFL_WORSTCASE), intermission
 * included. */
Test(can_wire, classical_lengths_stay_within_the_published_bounds)
{
    struct prng prng;
    prng_init(&prng, 2, "bounds");
    for (int i = 0; i < 20000; i++) {
        const struct can_frame frame = random_frame(&prng, false);
        const bool ext = (frame.flags & CAN_FLAG_EXT) != 0;
        const unsigned len = (frame.flags & CAN_FLAG_RTR) != 0 ? 0 : frame.len_bytes;
        const unsigned bits = can_wire_measure(&frame).nominal_bits + 3u;
        cr_assert_geq(bits, (ext ? 67 : 47) + 8 * len);
        cr_assert_leq(bits, ((ext ? 389 : 269) + 48 * len) / 5);
    }
}

Test(can_wire, durations_are_bits_times_bit_time_at_each_rate)
{
    const struct can_frame classic = frame_of("7E0#02100100CCCCCCCC");
    const struct can_wire wire = can_wire_measure(&classic);
    cr_assert_eq(can_wire_duration_ns(&wire, 500000, 0), wire.nominal_bits * UINT64_C(2000));
    cr_assert_eq(can_wire_duration_ns(&wire, 1000000, 0), wire.nominal_bits * UINT64_C(1000));
    const struct can_frame fd = frame_of("042##10001020304050607");
    const struct can_wire fast = can_wire_measure(&fd);
    cr_assert_eq(can_wire_duration_ns(&fast, 500000, 2000000), 27 * 2000 + 106 * 500);
}

Test(can_wire, prefixes_and_positions_are_inverse_and_add_up)
{
    static const char *const texts[] = {"123#DEADBEEF", "042##10001020304050607", "042##000"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        const struct can_frame frame = frame_of(texts[i]);
        const struct can_wire wire = can_wire_measure(&frame);
        const uint16_t total = (uint16_t)(wire.nominal_bits + wire.data_bits);
        for (uint16_t bit = 0; bit < total; bit++) {
            const sim_ns_t at_ns = can_wire_prefix_ns(&wire, bit, 500000, 2000000);
            cr_assert_eq(can_wire_bit_at(&wire, at_ns, 500000, 2000000), bit);
            cr_assert_eq(can_wire_bit_at(&wire, at_ns + 499, 500000, 2000000), bit);
        }
        cr_assert_eq(can_wire_prefix_ns(&wire, total, 500000, 2000000),
                     can_wire_duration_ns(&wire, 500000, 2000000));
    }
}

Test(can_wire, the_first_difference_counts_stuff_bits)
{
    const struct can_frame a = frame_of("000#00");
    const struct can_frame b = frame_of("000#01");
    /* They differ in the last data bit; everything before it is stuffed. */
    const uint16_t bit = can_wire_first_difference(&a, &b);
    struct slow slow = {.len = 0};
    slow_header(&slow, &a);
    field(&slow, 1, 4);
    field(&slow, 0, 7);
    stuff(&slow, true);
    cr_assert_eq(bit, slow.wire_len);
}
