/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_frame.h - one CAN or CAN FD frame, and its candump text form. */
#ifndef SIM_CAN_FRAME_H
#define SIM_CAN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAN_DATA_MAX = 64, CAN_CLASSIC_DATA_MAX = 8 };

#define CAN_STD_ID_MAX 0x7FFu
#define CAN_EXT_ID_MAX 0x1FFFFFFFu

enum can_frame_flag {
    CAN_FLAG_EXT = 1u << 0, /* 29-bit identifier. */
    CAN_FLAG_RTR = 1u << 1, /* Remote frame; classical only; len_bytes is the requested length. */
    CAN_FLAG_FD = 1u << 2,  /* CAN FD format (FDF recessive). */
    CAN_FLAG_BRS = 1u << 3, /* FD: data phase at the data bit rate. */
    CAN_FLAG_ESI = 1u << 4, /* FD: the sender is error-passive. */
};

struct can_frame {
    uint32_t id;       /* 11 or 29 bits, without flag bits. */
    uint8_t flags;     /* enum can_frame_flag. */
    uint8_t len_bytes; /* Classical 0-8; FD 0-8, 12, 16, 20, 24, 32, 48, 64. */
    uint8_t data[CAN_DATA_MAX];
};

/* True if identifier, flags and length form a frame that can exist on a bus (ISO 11898-1). */
bool can_frame_valid(const struct can_frame *frame);
bool can_frame_equal(const struct can_frame *a, const struct can_frame *b);

/* Data length code (ISO 11898-1 table of the DLC coding). can_dlc_from_len takes valid lengths
 * only; can_fd_len_at_least rounds up to the next length that FD can carry (len_bytes <= 64). */
uint8_t can_dlc_from_len(uint8_t len_bytes);
uint8_t can_len_from_dlc(uint8_t dlc, bool fd);
uint8_t can_fd_len_at_least(uint8_t len_bytes);

/* Text as candump -l writes it: 123#DEADBEEF, 12345678#R8, 123##1AABB (docs/formats.md). */
enum { CAN_TEXT_MAX = 8 + 2 + 1 + 2 * CAN_DATA_MAX + 1 };
size_t can_frame_print(const struct can_frame *frame, char text[static CAN_TEXT_MAX]);
bool can_frame_parse(const char *text, struct can_frame *frame);

#endif
