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
    BOOT_NVM_PROGRAMMING_REQUEST = 0x000, /* enum boot_request. */
    BOOT_NVM_APPLICATION_VALID = 0x002,   /* BOOT_VALID or anything else. */
    BOOT_NVM_ERASE_STATE = 0x004,         /* enum boot_erase_state. */
    BOOT_NVM_ERASE_START_HI = 0x006, /* The range that ERASE_STATE speaks of; written before it. */
    BOOT_NVM_ERASE_START_LO = 0x008,
    BOOT_NVM_ERASE_END_HI = 0x00A,
    BOOT_NVM_ERASE_END_LO = 0x00C,
    BOOT_NVM_SECURITY_ATTEMPTS = 0x00E, /* Wrong keys so far; 0xFFFF counts as none. */
    BOOT_NVM_SEED_COUNTER = 0x010,      /* Moves on with each seed: no seed twice after a reset. */
    BOOT_NVM_FINGERPRINT = 0x020,       /* 16 words: length, then bytes in pairs. */
    BOOT_NVM_APPLICATION = 0x080,       /* From here on the application's own: trouble codes. */
};

enum boot_request {
    BOOT_REQUEST_NONE = 0xFFFF,
    BOOT_REQUEST_PROGRAMMING = 0x5AA5,        /* Stay in the bootloader. */
    BOOT_REQUEST_PROGRAMMING_ANSWER = 0x5A3C, /* ... and answer the 10 02 that is still open. */
};

enum { BOOT_VALID = 0xA55A };

enum boot_erase_state {
    BOOT_ERASE_NONE = 0xFFFF,
    BOOT_ERASE_RUNNING = 0x3CC3, /* Began, and did not end as far as is known. */
    BOOT_ERASE_DONE = 0xC33C,    /* All of the range is blank, verified; nothing written since. */
    BOOT_ERASE_WRITTEN = 0x9669, /* Erased, and programming has begun. */
};

uint16_t boot_nvm_read(const struct boot_hal *hal, uint16_t word);
/* Queues the write if the word differs. */
void boot_nvm_write(const struct boot_hal *hal, uint16_t word, uint16_t value);
/* True when everything written is in D-Flash. */
bool boot_nvm_settled(const struct boot_hal *hal);

#endif
