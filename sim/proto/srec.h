/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/srec.h - one Motorola S-record: text form and binary form.
 *
 * The binary form is the text without 'S' and hexadecimal: type, count, address, data, checksum.
 * It is what the s19-line transfer style carries in each TransferData request (docs/formats.md). */
#ifndef SIM_PROTO_SREC_H
#define SIM_PROTO_SREC_H

#include "sim/proto/proto.h"

enum { SREC_DATA_MAX = 252, SREC_TEXT_MAX = 2 + 2 + 2 * 255 + 1, SREC_BINARY_MAX = 1 + 1 + 255 };

enum srec_result {
    SREC_OK,
    SREC_NOT_A_RECORD, /* Does not begin with 'S' and a digit. */
    SREC_BAD_TYPE,     /* S4, or a digit that names no record. */
    SREC_BAD_HEX,
    SREC_TOO_SHORT, /* Fewer bytes than the count says, or than the type needs. */
    SREC_TOO_LONG,  /* More. */
    SREC_BAD_CHECKSUM,
};

struct srec {
    uint8_t type;     /* 0-3, 5-9. */
    uint8_t len;      /* Data bytes. */
    uint32_t address; /* S5 and S6: the count of records. */
    uint8_t data[SREC_DATA_MAX];
};

/* One line without its line end; trailing white space is allowed. */
enum srec_result srec_parse(const char *text, uint16_t len_chars, struct srec *rec);
/* Returns the length, terminator not counted. */
uint16_t srec_print(const struct srec *rec, char text[SREC_TEXT_MAX]);
enum srec_result srec_from_binary(const uint8_t *bytes, uint16_t len_bytes, struct srec *rec);
uint16_t srec_to_binary(const struct srec *rec, uint8_t bytes[SREC_BINARY_MAX]);
const char *srec_result_text(enum srec_result result);
/* Address bytes of a record type: 2, 3 or 4. */
uint8_t srec_address_len(uint8_t type);

#endif
