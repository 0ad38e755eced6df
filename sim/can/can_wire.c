/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_wire.c - the bits of a frame, their CRC and their stuffing.
 *
 * Classical frames are measured a byte at a time through tables: this runs once per frame. FD
 * frames are built as a stuffed bit string, because their CRC covers the stuff bits. */
#include "sim/can/can_wire.h"

#include "sim/can/can_wire_tables.h"

enum {
    /* Header and data of the longest FD frame, a stuff bit after every four of them, and the four
     * bits of the stuff count. */
    FD_BITS_MAX = (41 + 8 * CAN_DATA_MAX) * 5 / 4 + 4,
    CRC17_DATA_MAX = 16, /* ISO 11898-1:2015, CRC field: longer frames use CRC-21. */
};

static unsigned crc15_byte(unsigned crc, uint8_t byte)
{
    return (crc << 8 ^ can_crc15_table[0][(crc >> 7 ^ byte) & 0xFFu]) & 0x7FFFu;
}

/* Four bytes at a time: their look-ups do not wait for each other. */
static unsigned crc15_bytes(unsigned crc, const uint8_t *bytes, size_t len)
{
    for (; len >= 4; len -= 4, bytes += 4) {
        crc = (unsigned)can_crc15_table[3][(crc >> 7 ^ bytes[0]) & 0xFFu] ^
              can_crc15_table[2][(crc << 1 ^ bytes[1]) & 0xFFu] ^ can_crc15_table[1][bytes[2]] ^
              can_crc15_table[0][bytes[3]];
    }
    while (len-- > 0) {
        crc = crc15_byte(crc, *bytes++);
    }
    return crc;
}

static uint32_t crc_bit(uint32_t crc, unsigned bit, uint32_t poly, unsigned width)
{
    const uint32_t out = (crc >> (width - 1) ^ bit) & 1u;
    return ((crc << 1) ^ (out != 0 ? poly : 0)) & ((UINT32_C(1) << width) - 1);
}

uint16_t can_crc15(const uint8_t *bits, size_t len_bits)
{
    unsigned crc = crc15_bytes(0, bits, len_bits / 8);
    for (unsigned i = 0; i < len_bits % 8; i++) {
        crc = crc_bit(crc, (unsigned)bits[len_bits / 8] >> (7 - i) & 1u, CAN_CRC15_POLY, 15);
    }
    return (uint16_t)crc;
}

/* Identifier to IDE or the second RTR, as a number whose highest bit is SOF (dominant, 0):
 * 14 bits for the standard format, 33 for the extended one. */
static uint64_t arbitration_bits(const struct can_frame *frame, unsigned rtr)
{
    if ((frame->flags & CAN_FLAG_EXT) == 0) {
        return (uint64_t)frame->id << 2 | (uint64_t)rtr << 1;
    }
    const uint64_t base = frame->id >> 18;
    const uint64_t extension = frame->id & 0x3FFFFu;
    return base << 21 | UINT64_C(3) << 19 | extension << 1 | rtr;
}

/* The bits before the data of a classical frame, padded with zeros in front to whole bytes.
 * Returns the number of bytes. */
static size_t classic_header(const struct can_frame *frame, uint8_t bytes[static 5])
{
    const unsigned rtr = (frame->flags & CAN_FLAG_RTR) != 0 ? 1 : 0;
    uint64_t bits = arbitration_bits(frame, rtr);
    if ((frame->flags & CAN_FLAG_EXT) == 0) {
        bits = bits << 5 | frame->len_bytes; /* r0 is dominant. */
        bytes[0] = 0;                        /* Four are measured faster than three. */
        bytes[1] = (uint8_t)(bits >> 16);
        bytes[2] = (uint8_t)(bits >> 8);
        bytes[3] = (uint8_t)bits;
        return 4;
    }
    bits = bits << 6 | frame->len_bytes; /* r1 and r0. */
    bytes[0] = (uint8_t)(bits >> 32);
    bytes[1] = (uint8_t)(bits >> 24);
    bytes[2] = (uint8_t)(bits >> 16);
    bytes[3] = (uint8_t)(bits >> 8);
    bytes[4] = (uint8_t)bits;
    return 5;
}

/* Stuff bits so far, and where in the table's entries the state is that they have led to. */
struct stuffing {
    unsigned bits;
    unsigned shift;
};

static inline void stuff_bytes(struct stuffing *stuffing, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned entry = (unsigned)(can_stuff_table[bytes[i]] >> stuffing->shift);
        stuffing->bits += entry & CAN_STUFF_BITS;
        stuffing->shift = entry & CAN_STUFF_NEXT_SHIFT;
    }
}

static void measure_classic(struct can_wire *wire, const struct can_frame *frame)
{
    uint8_t header[5];
    const size_t header_len = classic_header(frame, header);
    const size_t data_len = (frame->flags & CAN_FLAG_RTR) != 0 ? 0 : frame->len_bytes;
    /* The zeros in front do not change the CRC. */
    const unsigned crc = crc15_bytes(crc15_bytes(0, header, header_len), frame->data, data_len);

    /* Alternating bits in front, the last of them recessive, start no run. */
    const unsigned padding = (frame->flags & CAN_FLAG_EXT) != 0 ? 1 : 13;
    header[0] |= padding == 1 ? 0x80 : 0xAA;
    header[1] |= padding == 1 ? 0 : 0xA8;
    /* One bit fills the last byte; unlike its neighbour it completes none. */
    const unsigned tail = crc << 1 | (~crc & 1u);
    const uint8_t tail_bytes[2] = {(uint8_t)(tail >> 8), (uint8_t)tail};
    struct stuffing stuffing = {.shift = CAN_STUFF_SHIFT(CAN_STUFF_STATE(0, 1))};
    stuff_bytes(&stuffing, header, header_len);
    stuff_bytes(&stuffing, frame->data, data_len);
    stuff_bytes(&stuffing, tail_bytes, sizeof(tail_bytes));

    const size_t plain = 8 * (header_len + data_len) - padding + 15 + 1 + CAN_TRAILER_BITS;
    wire->nominal_bits = (uint16_t)(plain + stuffing.bits);
    wire->data_bits = 0;
    wire->stuff_bits = (uint16_t)stuffing.bits;
    wire->switch_bit = 0;
    wire->crc = crc;
}

/* A growing string of bits with dynamic stuffing. */
struct bit_string {
    uint8_t bytes[FD_BITS_MAX / 8 + 2];
    uint16_t len_bits;
    uint16_t stuff_bits;
    uint8_t state;     /* CAN_STUFF_STATE */
    bool ends_stuffed; /* The last bit is a stuff bit. */
};

static void put_raw(struct bit_string *string, unsigned value, unsigned len_bits)
{
    /* At most 8 bits: they touch two bytes. */
    const unsigned shift = 16 - len_bits - string->len_bits % 8;
    uint8_t *at = string->bytes + string->len_bits / 8;
    at[0] = (uint8_t)(at[0] | value << shift >> 8);
    at[1] = (uint8_t)(value << shift);
    string->len_bits = (uint16_t)(string->len_bits + len_bits);
}

static void put_bit(struct bit_string *string, unsigned bit)
{
    const unsigned last = string->state >> 2;
    const unsigned run = bit == last ? (string->state & 3u) + 2 : 1;
    put_raw(string, bit, 1);
    string->ends_stuffed = run == 5;
    if (!string->ends_stuffed) {
        string->state = CAN_STUFF_STATE(bit, run);
        return;
    }
    put_raw(string, 1 - bit, 1);
    string->stuff_bits++;
    string->state = CAN_STUFF_STATE(1 - bit, 1);
}

static void put_bits(struct bit_string *string, uint64_t value, unsigned len_bits)
{
    while (len_bits > 0) {
        put_bit(string, (unsigned)(value >> --len_bits & 1u));
    }
}

static void put_byte(struct bit_string *string, uint8_t byte)
{
    const unsigned entry = (unsigned)(can_stuff_table[byte] >> CAN_STUFF_SHIFT(string->state));
    if ((entry & CAN_STUFF_BITS) != 0) {
        put_bits(string, byte, 8);
        return;
    }
    put_raw(string, byte, 8);
    string->state = (uint8_t)(entry >> 3 & 7u);
    string->ends_stuffed = false;
}

/* SOF to the last data bit, stuffed. Returns the index of the first bit after BRS; 0 for classical
 * frames. */
static uint16_t put_frame(struct bit_string *string, const struct can_frame *frame)
{
    const bool ext = (frame->flags & CAN_FLAG_EXT) != 0;
    const bool remote = (frame->flags & CAN_FLAG_RTR) != 0;
    uint16_t switch_bit = 0;
    /* Before SOF the bus is recessive. */
    string->state = CAN_STUFF_STATE(1, 1);
    put_bits(string, arbitration_bits(frame, remote ? 1 : 0), ext ? 33 : 14);
    if ((frame->flags & CAN_FLAG_FD) == 0) {
        put_bits(string, frame->len_bytes, ext ? 6 : 5);
    } else {
        put_bits(string, 2, 2); /* FDF recessive, res dominant. */
        put_bit(string, (frame->flags & CAN_FLAG_BRS) != 0);
        switch_bit = string->len_bits;
        put_bit(string, (frame->flags & CAN_FLAG_ESI) != 0);
        put_bits(string, can_dlc_from_len(frame->len_bytes), 4);
    }
    for (size_t i = 0; i < (remote ? 0 : frame->len_bytes); i++) {
        put_byte(string, frame->data[i]);
    }
    return switch_bit;
}

/* ISO 11898-1:2015, CRC field of FD frames: the field that follows begins with a fixed stuff bit; a
 * dynamic one that would stand in front of it is not sent. */
static void drop_last_stuff_bit(struct bit_string *string)
{
    if (string->ends_stuffed) {
        const unsigned last = --string->len_bits;
        string->bytes[last / 8] &= (uint8_t)(0xFF00u >> last % 8);
        string->stuff_bits--;
    }
}

/* Stuff count modulo 8 in Gray code, then a parity bit that makes the number of ones even. */
static unsigned stuff_count_field(unsigned stuff_bits)
{
    const unsigned count = stuff_bits & 7u;
    const unsigned gray = count ^ count >> 1;
    return gray << 1 | ((gray ^ gray >> 1 ^ gray >> 2) & 1u);
}

static uint32_t fd_crc(const struct bit_string *string, bool crc17)
{
    const unsigned width = crc17 ? 17 : 21;
    const uint32_t *table = crc17 ? can_crc17_table : can_crc21_table;
    uint32_t crc = UINT32_C(1) << (width - 1); /* The initial value of the ISO version. */
    const size_t whole = string->len_bits / 8;
    for (size_t i = 0; i < whole; i++) {
        crc = crc << 8 ^ table[(crc >> (width - 8) ^ string->bytes[i]) & 0xFFu];
        crc &= (UINT32_C(1) << width) - 1;
    }
    for (unsigned i = 0; i < string->len_bits % 8u; i++) {
        const unsigned bit = (unsigned)string->bytes[whole] >> (7 - i) & 1u;
        crc = crc_bit(crc, bit, crc17 ? CAN_CRC17_POLY : CAN_CRC21_POLY, width);
    }
    return crc;
}

static struct can_wire measure_fd(const struct can_frame *frame)
{
    struct bit_string string;
    string.bytes[0] = 0;
    string.len_bits = 0;
    string.stuff_bits = 0;
    const uint16_t switch_bit = put_frame(&string, frame);
    drop_last_stuff_bit(&string);
    const uint16_t dynamic_bits = string.len_bits;
    put_raw(&string, stuff_count_field(string.stuff_bits), 4);

    const bool crc17 = frame->len_bytes <= CRC17_DATA_MAX;
    const unsigned crc_bits = crc17 ? 17 : 21;
    const unsigned fixed_bits = crc17 ? 6 : 7; /* One in front of every four. */
    const unsigned to_delimiter = dynamic_bits + 4u + crc_bits + fixed_bits + 1;
    const bool brs = (frame->flags & CAN_FLAG_BRS) != 0;
    const unsigned data_bits = brs ? to_delimiter - switch_bit : 0;
    return (struct can_wire){
        .nominal_bits = (uint16_t)(to_delimiter - data_bits + CAN_TRAILER_BITS),
        .data_bits = (uint16_t)data_bits,
        .stuff_bits = (uint16_t)(string.stuff_bits + fixed_bits),
        .switch_bit = switch_bit,
        .crc = fd_crc(&string, crc17),
    };
}

void can_wire_fill(struct can_wire *wire, const struct can_frame *frame)
{
    if ((frame->flags & CAN_FLAG_FD) != 0) {
        *wire = measure_fd(frame);
    } else {
        measure_classic(wire, frame);
    }
}

struct can_wire can_wire_measure(const struct can_frame *frame)
{
    struct can_wire wire;
    can_wire_fill(&wire, frame);
    return wire;
}

/* To the nearest nanosecond. */
static sim_ns_t bits_ns(uint64_t bits, uint32_t bps)
{
    return (bits * SIM_S(1) + bps / 2) / bps;
}

sim_ns_t can_wire_duration_ns(const struct can_wire *wire, uint32_t nominal_bps, uint32_t data_bps)
{
    const sim_ns_t nominal_ns = bits_ns(wire->nominal_bits, nominal_bps);
    return wire->data_bits == 0 ? nominal_ns : nominal_ns + bits_ns(wire->data_bits, data_bps);
}

sim_ns_t can_wire_prefix_ns(const struct can_wire *wire, uint16_t bit, uint32_t nominal_bps,
                            uint32_t data_bps)
{
    const unsigned total = (unsigned)wire->nominal_bits + wire->data_bits;
    const unsigned before = bit < total ? bit : total;
    unsigned fast = 0;
    if (wire->data_bits != 0 && before > wire->switch_bit) {
        fast = before - wire->switch_bit;
        fast = fast < wire->data_bits ? fast : wire->data_bits;
    }
    const sim_ns_t fast_ns = fast == 0 ? 0 : bits_ns(fast, data_bps);
    return bits_ns(before - fast, nominal_bps) + fast_ns;
}

uint16_t can_wire_bit_at(const struct can_wire *wire, sim_ns_t elapsed_ns, uint32_t nominal_bps,
                         uint32_t data_bps)
{
    /* The last bit that has begun; rare enough (power cuts, wire faults) for a search. */
    uint16_t low = 0;
    uint16_t high = (uint16_t)(wire->nominal_bits + wire->data_bits);
    while (high - low > 1) {
        const uint16_t middle = (uint16_t)((low + high) / 2);
        if (can_wire_prefix_ns(wire, middle, nominal_bps, data_bps) <= elapsed_ns) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

uint16_t can_wire_first_difference(const struct can_frame *a, const struct can_frame *b)
{
    struct bit_string strings[2] = {{.len_bits = 0}, {.len_bits = 0}};
    (void)put_frame(&strings[0], a);
    (void)put_frame(&strings[1], b);
    uint16_t bit = 0;
    for (;; bit++) {
        CHECK(bit < strings[0].len_bits && bit < strings[1].len_bits);
        const unsigned differing = (unsigned)strings[0].bytes[bit / 8] ^ strings[1].bytes[bit / 8];
        if ((differing >> (7 - bit % 8) & 1u) != 0) {
            return bit;
        }
    }
}
