/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_frame.c - validity of frames, data length codes, candump text. */
#include "sim/can/can_frame.h"

#include "sim/base.h"

#include <string.h>

enum { DLC_MAX = 15, CANDUMP_BRS = 1, CANDUMP_ESI = 2, CANDUMP_FDF = 4 };

/* ISO 11898-1:2015, coding of the data length. */
static const uint8_t fd_len_of_dlc[DLC_MAX + 1] = {0, 1,  2,  3,  4,  5,  6,  7,
                                                   8, 12, 16, 20, 24, 32, 48, 64};

/* The smallest code whose length is at least the index in units of 4 bytes, from 8 bytes on. */
static const uint8_t dlc_of_quads[CAN_DATA_MAX / 4 + 1] = {
    0, 4, 8, 9, 10, 11, 12, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15,
};

static uint8_t dlc_at_least(uint8_t len_bytes)
{
    CHECK(len_bytes <= CAN_DATA_MAX);
    return len_bytes <= CAN_CLASSIC_DATA_MAX ? len_bytes : dlc_of_quads[(len_bytes + 3) / 4];
}

bool can_frame_valid(const struct can_frame *frame)
{
    const unsigned flags = frame->flags;
    const unsigned fd_only = CAN_FLAG_BRS | CAN_FLAG_ESI;
    const unsigned known = CAN_FLAG_EXT | CAN_FLAG_RTR | CAN_FLAG_FD | fd_only;
    if ((flags & ~known) != 0 ||
        frame->id > ((flags & CAN_FLAG_EXT) != 0 ? CAN_EXT_ID_MAX : CAN_STD_ID_MAX)) {
        return false;
    }
    if ((flags & CAN_FLAG_FD) == 0) {
        return (flags & fd_only) == 0 && frame->len_bytes <= CAN_CLASSIC_DATA_MAX;
    }
    return (flags & CAN_FLAG_RTR) == 0 && frame->len_bytes <= CAN_DATA_MAX &&
           fd_len_of_dlc[dlc_at_least(frame->len_bytes)] == frame->len_bytes;
}

bool can_frame_equal(const struct can_frame *a, const struct can_frame *b)
{
    if (a->id != b->id || a->flags != b->flags || a->len_bytes != b->len_bytes) {
        return false;
    }
    return (a->flags & CAN_FLAG_RTR) != 0 || memcmp(a->data, b->data, a->len_bytes) == 0;
}

uint8_t can_dlc_from_len(uint8_t len_bytes)
{
    const uint8_t dlc = dlc_at_least(len_bytes);
    CHECK(fd_len_of_dlc[dlc] == len_bytes);
    return dlc;
}

uint8_t can_len_from_dlc(uint8_t dlc, bool fd)
{
    CHECK(dlc <= DLC_MAX);
    /* A classical frame may carry the codes 9 to 15; they all mean 8 bytes. */
    return !fd && dlc > CAN_CLASSIC_DATA_MAX ? CAN_CLASSIC_DATA_MAX : fd_len_of_dlc[dlc];
}

uint8_t can_fd_len_at_least(uint8_t len_bytes)
{
    return fd_len_of_dlc[dlc_at_least(len_bytes)];
}

static char *put_hex(char *at, uint32_t value, int digits)
{
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        *at++ = "0123456789ABCDEF"[(value >> shift) & 15u];
    }
    return at;
}

static uint8_t candump_flags(uint8_t flags)
{
    return (uint8_t)(((flags & CAN_FLAG_BRS) != 0 ? CANDUMP_BRS : 0) |
                     ((flags & CAN_FLAG_ESI) != 0 ? CANDUMP_ESI : 0));
}

size_t can_frame_print(const struct can_frame *frame, char text[static CAN_TEXT_MAX])
{
    CHECK(frame->len_bytes <= CAN_DATA_MAX);
    char *at = put_hex(text, frame->id, (frame->flags & CAN_FLAG_EXT) != 0 ? 8 : 3);
    *at++ = '#';
    if ((frame->flags & CAN_FLAG_RTR) != 0) {
        *at++ = 'R';
        if (frame->len_bytes > 0) {
            at = put_hex(at, frame->len_bytes, 1);
        }
        *at = '\0';
        return (size_t)(at - text);
    }
    if ((frame->flags & CAN_FLAG_FD) != 0) {
        *at++ = '#';
        at = put_hex(at, candump_flags(frame->flags), 1);
    }
    for (size_t i = 0; i < frame->len_bytes; i++) {
        at = put_hex(at, frame->data[i], 2);
    }
    *at = '\0';
    return (size_t)(at - text);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads three or eight digits up to '#'. Returns what follows it, or null. */
static const char *parse_id(const char *text, struct can_frame *frame)
{
    size_t digits = 0;
    for (; digits < 8 && hex_value(text[digits]) >= 0; digits++) {
        frame->id = frame->id << 4 | (uint32_t)hex_value(text[digits]);
    }
    if ((digits != 3 && digits != 8) || text[digits] != '#') {
        return NULL;
    }
    frame->flags = digits == 8 ? CAN_FLAG_EXT : 0;
    return text + digits + 1;
}

static bool parse_data(const char *text, size_t max_bytes, struct can_frame *frame)
{
    size_t len = 0;
    for (; text[0] != '\0'; text += 2) {
        const int high = hex_value(text[0]);
        const int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0 || len == max_bytes) {
            return false;
        }
        frame->data[len++] = (uint8_t)(high * 16 + low);
    }
    frame->len_bytes = (uint8_t)len;
    return true;
}

static bool parse_remote(const char *text, struct can_frame *frame)
{
    frame->flags |= CAN_FLAG_RTR;
    if (text[0] == '\0') {
        return true;
    }
    if (text[0] < '0' || text[0] > '8' || text[1] != '\0') {
        return false;
    }
    frame->len_bytes = (uint8_t)(text[0] - '0');
    return true;
}

static bool parse_fd(const char *text, struct can_frame *frame)
{
    const int flags = hex_value(text[0]);
    if (flags < 0 || (flags & ~(CANDUMP_BRS | CANDUMP_ESI | CANDUMP_FDF)) != 0) {
        return false;
    }
    frame->flags |= CAN_FLAG_FD;
    if ((flags & CANDUMP_BRS) != 0) {
        frame->flags |= CAN_FLAG_BRS;
    }
    if ((flags & CANDUMP_ESI) != 0) {
        frame->flags |= CAN_FLAG_ESI;
    }
    return parse_data(text + 1, CAN_DATA_MAX, frame);
}

static bool parse_body(const char *text, struct can_frame *frame)
{
    switch (text[0]) {
    case '#': return parse_fd(text + 1, frame);
    case 'R': return parse_remote(text + 1, frame);
    default: return parse_data(text, CAN_CLASSIC_DATA_MAX, frame);
    }
}

bool can_frame_parse(const char *text, struct can_frame *frame)
{
    struct can_frame parsed = {0};
    const char *body = parse_id(text, &parsed);
    if (body == NULL || !parse_body(body, &parsed) || !can_frame_valid(&parsed)) {
        return false;
    }
    *frame = parsed;
    return true;
}
