/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/srec.c - one S-record: text is turned to its binary form and back, and all rules are
 * checked on the binary form. */
#include "sim/proto/srec.h"

#include <string.h>

enum { TYPE_AT, COUNT_AT, ADDRESS_AT, HEAD_LEN = 2, HEX_BAD = 0xFF };

uint8_t srec_address_len(uint8_t type)
{
    /* S0 to S9; S4 is reserved. */
    static const uint8_t lengths[] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};
    return type < sizeof lengths ? lengths[type] : 0;
}

static bool carries_data(uint8_t type)
{
    return type <= 3;
}

static uint8_t checksum(const uint8_t *bytes, uint16_t len)
{
    uint8_t sum = 0;
    for (uint16_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return (uint8_t)~sum;
}

enum srec_result srec_from_binary(const uint8_t *bytes, uint16_t len_bytes, struct srec *rec)
{
    if (len_bytes < 1) {
        return SREC_TOO_SHORT;
    }
    uint8_t type = bytes[TYPE_AT];
    uint8_t address_len = srec_address_len(type);
    if (address_len == 0) {
        return SREC_BAD_TYPE;
    }
    if (len_bytes < HEAD_LEN || bytes[COUNT_AT] < address_len + 1 ||
        len_bytes < HEAD_LEN + bytes[COUNT_AT]) {
        return SREC_TOO_SHORT;
    }
    uint8_t count = bytes[COUNT_AT];
    if (len_bytes > HEAD_LEN + count || (!carries_data(type) && count > address_len + 1)) {
        return SREC_TOO_LONG;
    }
    if (checksum(bytes + COUNT_AT, count) != bytes[COUNT_AT + count]) {
        return SREC_BAD_CHECKSUM;
    }
    rec->type = type;
    rec->len = (uint8_t)(count - address_len - 1);
    rec->address = 0;
    for (uint8_t i = 0; i < address_len; i++) {
        rec->address = (rec->address << 8) | bytes[ADDRESS_AT + i];
    }
    memcpy(rec->data, bytes + ADDRESS_AT + address_len, rec->len);
    return SREC_OK;
}

uint16_t srec_to_binary(const struct srec *rec, uint8_t bytes[SREC_BINARY_MAX])
{
    uint8_t address_len = srec_address_len(rec->type);
    PROTO_CHECK(address_len != 0);
    PROTO_CHECK(rec->len <= SREC_DATA_MAX + 2 - address_len);
    PROTO_CHECK(rec->len == 0 || carries_data(rec->type));
    uint8_t count = (uint8_t)(address_len + rec->len + 1);
    bytes[TYPE_AT] = rec->type;
    bytes[COUNT_AT] = count;
    for (uint8_t i = 0; i < address_len; i++) {
        bytes[ADDRESS_AT + i] = (uint8_t)(rec->address >> (8u * (address_len - 1u - i)));
    }
    memcpy(bytes + ADDRESS_AT + address_len, rec->data, rec->len);
    bytes[COUNT_AT + count] = checksum(bytes + COUNT_AT, count);
    return (uint16_t)(HEAD_LEN + count);
}

static uint8_t nibble_from_hex(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (uint8_t)(digit - '0');
    }
    if (digit >= 'A' && digit <= 'F') {
        return (uint8_t)(digit - 'A' + 10);
    }
    if (digit >= 'a' && digit <= 'f') {
        return (uint8_t)(digit - 'a' + 10);
    }
    return HEX_BAD;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum srec_result srec_parse(const char *text, uint16_t len_chars, struct srec *rec)
{
    while (len_chars > 0 && is_space(text[len_chars - 1])) {
        len_chars--;
    }
    if (len_chars < 2 || text[0] != 'S' || text[1] < '0' || text[1] > '9') {
        return SREC_NOT_A_RECORD;
    }
    uint8_t bytes[SREC_BINARY_MAX];
    bytes[TYPE_AT] = (uint8_t)(text[1] - '0');
    if (srec_address_len(bytes[TYPE_AT]) == 0) {
        return SREC_BAD_TYPE;
    }
    uint16_t len = 1;
    for (uint16_t at = 2; at < len_chars; at = (uint16_t)(at + 2)) {
        uint8_t high = nibble_from_hex(text[at]);
        uint8_t low = (uint16_t)(at + 1) < len_chars ? nibble_from_hex(text[at + 1]) : 0;
        if (high == HEX_BAD || low == HEX_BAD) {
            return SREC_BAD_HEX;
        }
        if ((uint16_t)(at + 1) == len_chars) {
            return SREC_TOO_SHORT; /* Half a byte. */
        }
        if (len == SREC_BINARY_MAX) {
            return SREC_TOO_LONG;
        }
        bytes[len++] = (uint8_t)((uint8_t)(high << 4) | low);
    }
    return srec_from_binary(bytes, len, rec);
}

uint16_t srec_print(const struct srec *rec, char text[SREC_TEXT_MAX])
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t bytes[SREC_BINARY_MAX];
    uint16_t len = srec_to_binary(rec, bytes);
    uint16_t at = 0;
    text[at++] = 'S';
    text[at++] = digits[rec->type];
    for (uint16_t i = 1; i < len; i++) {
        text[at++] = digits[bytes[i] >> 4];
        text[at++] = digits[bytes[i] & 0x0Fu];
    }
    text[at] = '\0';
    return at;
}

const char *srec_result_text(enum srec_result result)
{
    switch (result) {
    case SREC_OK: return "a good record";
    case SREC_NOT_A_RECORD: return "does not begin with 'S' and a digit";
    case SREC_BAD_TYPE: return "is of a type that does not exist";
    case SREC_BAD_HEX: return "contains a character that is not a hexadecimal digit";
    case SREC_TOO_SHORT: return "has fewer bytes than its count or type asks for";
    case SREC_TOO_LONG: return "has more bytes than its count or type allows";
    case SREC_BAD_CHECKSUM: return "has a wrong checksum";
    }
    return "failed for an unknown reason";
}
