/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_location.c - in which field of a frame a bit lies, as error messages say it.
 */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_wire.h"
#include "sim/can/can_wire.h"

enum { STUFF_AFTER = 5, EOF_BITS = 7 };

/* The bits from SOF to the last data bit, without stuff bits. */
struct plain_bits {
    const struct can_frame *frame;
    uint64_t header; /* SOF is its highest bit. */
    unsigned header_len;
    unsigned len;
};

struct field {
    uint8_t first; /* Its first bit, without stuff bits. */
    uint8_t location;
};

enum { FIELDS_MAX = 13 };

/* By FDF and IDE. CAN FD has no codes of its own: FDF, res, BRS and ESI are reserved bits. */
static const struct field fields[2][2][FIELDS_MAX] = {
    {{{0, CAN_ERR_PROT_LOC_SOF},
      {1, CAN_ERR_PROT_LOC_ID28_21},
      {9, CAN_ERR_PROT_LOC_ID20_18},
      {12, CAN_ERR_PROT_LOC_SRTR},
      {13, CAN_ERR_PROT_LOC_IDE},
      {14, CAN_ERR_PROT_LOC_RES0},
      {15, CAN_ERR_PROT_LOC_DLC},
      {19, CAN_ERR_PROT_LOC_DATA}},
     {{0, CAN_ERR_PROT_LOC_SOF},
      {1, CAN_ERR_PROT_LOC_ID28_21},
      {9, CAN_ERR_PROT_LOC_ID20_18},
      {12, CAN_ERR_PROT_LOC_SRTR},
      {13, CAN_ERR_PROT_LOC_IDE},
      {14, CAN_ERR_PROT_LOC_ID17_13},
      {19, CAN_ERR_PROT_LOC_ID12_05},
      {27, CAN_ERR_PROT_LOC_ID04_00},
      {32, CAN_ERR_PROT_LOC_RTR},
      {33, CAN_ERR_PROT_LOC_RES1},
      {34, CAN_ERR_PROT_LOC_RES0},
      {35, CAN_ERR_PROT_LOC_DLC},
      {39, CAN_ERR_PROT_LOC_DATA}}},
    {{{0, CAN_ERR_PROT_LOC_SOF},
      {1, CAN_ERR_PROT_LOC_ID28_21},
      {9, CAN_ERR_PROT_LOC_ID20_18},
      {12, CAN_ERR_PROT_LOC_SRTR},
      {13, CAN_ERR_PROT_LOC_IDE},
      {14, CAN_ERR_PROT_LOC_RES0},
      {18, CAN_ERR_PROT_LOC_DLC},
      {22, CAN_ERR_PROT_LOC_DATA}},
     {{0, CAN_ERR_PROT_LOC_SOF},
      {1, CAN_ERR_PROT_LOC_ID28_21},
      {9, CAN_ERR_PROT_LOC_ID20_18},
      {12, CAN_ERR_PROT_LOC_SRTR},
      {13, CAN_ERR_PROT_LOC_IDE},
      {14, CAN_ERR_PROT_LOC_ID17_13},
      {19, CAN_ERR_PROT_LOC_ID12_05},
      {27, CAN_ERR_PROT_LOC_ID04_00},
      {32, CAN_ERR_PROT_LOC_RTR},
      {33, CAN_ERR_PROT_LOC_RES1},
      {34, CAN_ERR_PROT_LOC_RES0},
      {37, CAN_ERR_PROT_LOC_DLC},
      {41, CAN_ERR_PROT_LOC_DATA}}},
};

static void put(struct plain_bits *bits, uint64_t value, unsigned len)
{
    bits->header = bits->header << len | value;
    bits->header_len += len;
}

static void put_control(struct plain_bits *bits, const struct can_frame *frame)
{
    const bool ext = (frame->flags & CAN_FLAG_EXT) != 0;
    if ((frame->flags & CAN_FLAG_FD) == 0) {
        put(bits, frame->len_bytes, ext ? 6 : 5);
        return;
    }
    put(bits, 2, 2); /* FDF recessive, res dominant. */
    put(bits, (frame->flags & CAN_FLAG_BRS) != 0, 1);
    put(bits, (frame->flags & CAN_FLAG_ESI) != 0, 1);
    put(bits, can_dlc_from_len(frame->len_bytes), 4);
}

static struct plain_bits plain_bits_of(const struct can_frame *frame)
{
    struct plain_bits bits = {.frame = frame, .header_len = 1};
    const uint64_t rtr = (frame->flags & CAN_FLAG_RTR) != 0 ? 1 : 0;
    if ((frame->flags & CAN_FLAG_EXT) == 0) {
        put(&bits, frame->id, 11);
        put(&bits, rtr << 1, 2);
    } else {
        put(&bits, frame->id >> 18, 11);
        put(&bits, 3, 2);
        put(&bits, frame->id & 0x3FFFFu, 18);
        put(&bits, rtr, 1);
    }
    put_control(&bits, frame);
    bits.len = bits.header_len + (rtr != 0 ? 0 : 8u * frame->len_bytes);
    return bits;
}

static unsigned plain_bit(const struct plain_bits *bits, unsigned index)
{
    if (index < bits->header_len) {
        return (unsigned)(bits->header >> (bits->header_len - 1 - index)) & 1u;
    }
    const unsigned in_data = index - bits->header_len;
    return (unsigned)bits->frame->data[in_data / 8] >> (7 - in_data % 8) & 1u;
}

/* The number without stuff bits of a bit counted with them; a stuff bit belongs to the bit before
 * it. bits->len: after the data. */
static unsigned unstuffed(const struct plain_bits *bits, unsigned bit)
{
    unsigned on_wire = 0;
    unsigned last = 1; /* Before SOF the bus is recessive. */
    unsigned run = 1;
    for (unsigned i = 0; i < bits->len; i++) {
        const unsigned value = plain_bit(bits, i);
        run = value == last ? run + 1 : 1;
        last = value;
        on_wire++;
        if (run == STUFF_AFTER) {
            on_wire++;
            last = 1 - value;
            run = 1;
        }
        if (bit < on_wire) {
            return i;
        }
    }
    return bits->len;
}

/* From the end: 7 bits of EOF, ACK delimiter, ACK slot, CRC delimiter. */
static uint8_t location_in_trailer(unsigned bits_left)
{
    switch (bits_left) {
    case CAN_TRAILER_BITS + 1: return CAN_ERR_PROT_LOC_CRC_DEL;
    case CAN_TRAILER_BITS: return CAN_ERR_PROT_LOC_ACK;
    case CAN_TRAILER_BITS - 1: return CAN_ERR_PROT_LOC_ACK_DEL;
    default: return bits_left <= EOF_BITS ? CAN_ERR_PROT_LOC_EOF : CAN_ERR_PROT_LOC_CRC_SEQ;
    }
}

uint8_t af_can_wire_location(const struct can_frame *frame, unsigned bit)
{
    const struct plain_bits bits = plain_bits_of(frame);
    const unsigned plain = unstuffed(&bits, bit);
    if (plain == bits.len) {
        const struct can_wire wire = can_wire_measure(frame);
        const unsigned total = (unsigned)wire.nominal_bits + wire.data_bits;
        return location_in_trailer(bit < total ? total - bit : 0);
    }
    const bool fd = (frame->flags & CAN_FLAG_FD) != 0;
    const bool ext = (frame->flags & CAN_FLAG_EXT) != 0;
    uint8_t location = CAN_ERR_PROT_LOC_SOF;
    for (const struct field *field = fields[fd][ext] + 1;
         field < fields[fd][ext] + FIELDS_MAX && field->first != 0 && field->first <= plain;
         field++) {
        location = field->location;
    }
    return location;
}
