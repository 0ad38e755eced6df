/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_nvm.h - what survives a reset: words in emulated EEPROM, shared between
 * bootloader and application.
 *
 * The hardware keeps single words consistent over a power cut, and nothing larger. So every
 * decision hangs on one word, written last, and values are chosen so that neither an erased word
 * (0xFFFF) nor a zero means yes. A write is safe only once the module says that its queue is empty.
 */
#ifndef BOOT_NVM_H
#define BOOT_NVM_H

#include "sim/ecus/bootloader/boot_hal.h"

/* Byte offsets in buffer RAM. */
enum boot_nvm_word {
    BOOT_NVM_PROGRAMMING_REQUEST = 0x000, /* BOOT_REQUEST_... */
    BOOT_NVM_APPLICATION_VALID = 0x002,   /* BOOT_VALID or anything else. */
    BOOT_NVM_ERASE_STATE = 0x004,         /* BOOT_ERASE_... */
    /* The range that ERASE_STATE speaks of. It changes only while the state says RUNNING. */
    BOOT_NVM_ERASE_START_HI = 0x006,
    BOOT_NVM_ERASE_START_LO = 0x008,
    BOOT_NVM_ERASE_END_HI = 0x00A,
    BOOT_NVM_ERASE_END_LO = 0x00C,
    BOOT_NVM_SECURITY_ATTEMPTS = 0x00E, /* Wrong keys so far; 0xFFFF counts as none. */
    BOOT_NVM_SEED_COUNTER = 0x010,      /* Moves on with each seed: no seed twice after a reset. */
    /* The open phrase: acknowledged bytes of a phrase that cannot be programmed yet, because its
     * other bytes have not come. BOOT_OPEN + 16 * from + to, bytes [from, to) count; written last,
     * made invalid before the others speak of another phrase. */
    BOOT_NVM_OPEN_MARK = 0x012,
    BOOT_NVM_OPEN_ADDRESS_HI = 0x014,
    BOOT_NVM_OPEN_ADDRESS_LO = 0x016,
    BOOT_NVM_OPEN_DATA = 0x018,      /* 4 words. */
    BOOT_NVM_FINGERPRINT = 0x020,    /* 16 words: length, then bytes in pairs. */
    BOOT_NVM_LEVEL_ATTEMPTS = 0x040, /* Wrong keys of security levels 1 to 3; level 0: above. */
    /* Stored identifiers 1 to 7, as the fingerprint, which is number 0. */
    BOOT_NVM_STORED = 0x100,
    BOOT_NVM_STORED_STEP = 0x020,
    BOOT_NVM_DTC = 0x080, /* From here on the application's own; here its trouble code. */
};

/* Values are macros: ISO C has no enumerators above the range of int, which may be 16 bits. */

/* BOOT_NVM_PROGRAMMING_REQUEST; any other value is no request. */
#define BOOT_REQUEST_NONE               UINT16_C(0xFFFF)
#define BOOT_REQUEST_PROGRAMMING        UINT16_C(0x5AA5) /* Stay in the bootloader. */
#define BOOT_REQUEST_PROGRAMMING_ANSWER UINT16_C(0x5A3C) /* ... and answer the open 10 02. */

/* BOOT_NVM_APPLICATION_VALID. */
#define BOOT_VALID     UINT16_C(0xA55A)
#define BOOT_NOT_VALID UINT16_C(0x0000)

/* BOOT_NVM_ERASE_STATE. */
#define BOOT_ERASE_NONE    UINT16_C(0xFFFF)
#define BOOT_ERASE_RUNNING UINT16_C(0x3CC3) /* Began, and did not end as far as is known. */
#define BOOT_ERASE_DONE    UINT16_C(0xC33C) /* Verified blank; nothing written since. */
#define BOOT_ERASE_WRITTEN UINT16_C(0x9669) /* Erased, and programming has begun. */

/* BOOT_NVM_OPEN_MARK. */
#define BOOT_OPEN      UINT16_C(0x6800)
#define BOOT_OPEN_NONE UINT16_C(0xFFFF)

/* The one trouble code: control module software, internal electronic failure. BOOT_NVM_DTC holds
 * its status: the mark in the high byte, the status byte of ISO 14229-1 (annex D.2) in the low one.
 * Anything else: not stored. */
#define BOOT_DTC           UINT32_C(0x9A4549)
#define BOOT_DTC_MARK      UINT16_C(0xD700)
#define BOOT_DTC_NONE      UINT16_C(0xFFFF)
#define BOOT_DTC_CONFIRMED UINT16_C(0x0009) /* testFailed, confirmedDTC. */

uint16_t boot_nvm_read(const struct boot_hal *hal, uint16_t word);
/* Queues the write if the word differs. */
void boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);
/* Two words, high one first; not consistent over a power cut. */
uint32_t boot_nvm_read_long(const struct boot_hal *hal, uint16_t word);
void boot_nvm_write_long(const struct boot_hal *hal, uint16_t word, uint32_t value);
/* True when everything written is in D-Flash. */
bool boot_nvm_settled(const struct boot_hal *hal);

#endif
