/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/bootloader.h - the resident boot manager of an ECU: decides at reset what
 * runs, and programs the flash over UDS on CAN. Freestanding, no globals: one struct per ECU.
 *
 * Use on the chip:
 *     bootloader_init(...);  for (;;) { feed frames; bootloader_run(&b, now); }
 * The simulator does the same, but sleeps until bootloader_deadline_ns().
 *
 * The specification is the paper "Bootloader design for automotive ECUs with OTA" (sections 3 and
 * 4), with ISO 14229-1 for the services; docs/formats.md holds the bytes. */
#ifndef BOOTLOADER_H
#define BOOTLOADER_H

#include "sim/ecus/bootloader/boot_check_method.h"
#include "sim/ecus/bootloader/boot_hal.h"
#include "sim/ecus/bootloader/boot_header.h"
#include "sim/ecus/bootloader/boot_lab.h"
#include "sim/ecus/bootloader/boot_lock.h"
#include "sim/ecus/bootloader/boot_nvm.h"
#include "sim/ecus/bootloader/boot_personality.h"
#include "sim/proto/isotp.h"
#include "sim/proto/uds_server.h"

enum boot_transfer_style {
    BOOT_STYLE_BLOCK,    /* ISO 14229: 36 carries counter and data. */
    BOOT_STYLE_S19_LINE, /* The paper: 36 carries counter and one S-record in binary form. */
};

enum { BOOT_REGIONS_MAX = 4, BOOT_ID_LEN = 16, BOOT_SEGMENTS_MAX = 32, BOOT_BLOCK_MAX = 4095 };

/* Flash that an application may occupy. What lies outside all regions is protected: it is neither
 * erased nor written, whatever a request says. Bounds are sector aligned. */
struct boot_region {
    uint32_t start; /* Global address. */
    uint32_t end;   /* First address behind. */
};

struct boot_cfg {
    uint32_t request_id, response_id, functional_id; /* CAN identifiers; above 0x7FF: 29 bits. */
    /* Extended addressing (ISO 15765-2): the first byte of every frame is an address. */
    bool extended;
    uint8_t address;            /* In physical requests. */
    uint8_t functional_address; /* In functional ones; functional_id may be request_id then. */
    uint8_t tester_address;     /* In responses. */
    uint8_t frame_len; /* CAN FD: bytes of the longest frame sent, 8 to 64; 0: classical. */
    const struct boot_personality *personality; /* Null: boot_personality_default. */
    struct boot_hook hook;                      /* For rows that ask for one. */
    enum boot_transfer_style style;
    enum boot_segment_check check; /* One of those that the personality has. */
    uint16_t block_len_max;   /* maxNumberOfBlockLength, SID and counter included. 0 means 1,026;
                               * at most BOOT_BLOCK_MAX. */
    uint8_t isotp_block_size; /* As announced in flow control. */
    uint8_t isotp_st_min;
    bool isotp_pad;
    uint8_t isotp_padding_byte;
    proto_ns_t p2_ns, p2_star_ns, s3_ns; /* 0: 50 ms, 5 s, 5 s. */
    uint32_t security_secret;     /* Shared secret of the seed/key algorithm (docs/formats.md). */
    uint8_t security_attempts;    /* Wrong keys until the delay applies. 0 means 3. */
    proto_ns_t security_delay_ns; /* 0 means 10 s. */
    uint32_t osc_hz;              /* For FCLKDIV. */
    uint16_t supply_min_mv,
        supply_max_mv; /* Battery limits for programming (93, 92). 0: no limit. */
    struct boot_region regions[BOOT_REGIONS_MAX];
    uint8_t regions_len;
    uint32_t header_address; /* Where the application's image header lies. */
    char hardware_id[BOOT_ID_LEN + 1];
    char serial_number[BOOT_ID_LEN + 1];
    char part_number[BOOT_ID_LEN + 1];
    char vin[17 + 1];
    char boot_version[BOOT_ID_LEN + 1];
    struct boot_lab *lab; /* Null: no laboratory. */
};

enum boot_decision { BOOT_STAY, BOOT_RUN_APPLICATION };

struct bootloader; /* Defined below the public part: the caller owns the memory. */

/* After every reset. Decides by the table in boot_decision.c; when the application is to run it
 * calls hal->start_application() after a check of its header, and the caller then leaves the
 * bootloader alone: FCLKDIV is written then, and the command that enables emulated EEPROM runs.
 * now_ns counts from any origin. */
enum boot_decision bootloader_init(struct bootloader *boot, const struct boot_cfg *cfg,
                                   const struct boot_hal *hal, proto_ns_t now_ns);
/* A CAN frame of any identifier. */
void bootloader_on_frame(struct bootloader *boot, uint32_t id, const uint8_t *data,
                         uint8_t len_bytes, proto_ns_t now_ns);
/* A frame given to hal->can_send has left. */
void bootloader_on_confirm(struct bootloader *boot, proto_ns_t now_ns);
/* One turn of the main loop: deadlines, and one step of the work in hand. */
void bootloader_run(struct bootloader *boot, proto_ns_t now_ns);
/* When bootloader_run() has something to do next; a time in the past means now. While it waits for
 * a flash command or for emulated EEPROM to settle, only timers of the protocols count, and
 * the limit of that wait: the end of that work is the wake-up, after which it answers "now". */
proto_ns_t bootloader_deadline_ns(const struct bootloader *boot);

/* For observers. Communication and trouble codes: as 28 and 85 have set them. */
enum uds_session bootloader_session(const struct bootloader *boot);
bool bootloader_unlocked(const struct bootloader *boot);
bool bootloader_communication_on(const struct bootloader *boot);
bool bootloader_dtc_setting_on(const struct bootloader *boot);
/* No request is in work. */
bool bootloader_at_rest(const struct bootloader *boot);
/* Then: equal numbers, equal behaviour from here on, as far as RAM decides. Clocks, and what
 * buffers hold of past messages, are left out. */
uint64_t bootloader_state_hash(const struct bootloader *boot);

#include "sim/ecus/bootloader/bootloader_private.h"

#endif
