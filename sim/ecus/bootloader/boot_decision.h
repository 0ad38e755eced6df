/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_decision.h - what runs after a reset (figure 1 of the paper), as a pure
 * function of the marks that were found. */
#ifndef BOOT_DECISION_H
#define BOOT_DECISION_H

#include <stdbool.h>
#include <stdint.h>

struct boot_marks {
    uint16_t request; /* BOOT_NVM_PROGRAMMING_REQUEST. */
    uint16_t valid;   /* BOOT_NVM_APPLICATION_VALID. */
    bool header_good; /* The header decodes and names this hardware. */
    bool hung;        /* The watchdog has ended the application. */
};

enum boot_action {
    BOOT_ACTION_RUN,    /* Start the application. */
    BOOT_ACTION_ANSWER, /* Stay in the programming session and answer the 10 02 still open. */
    BOOT_ACTION_LINGER, /* Stay; after S3 without a request go to the application. An application
                         * that hangs thus leaves the ECU reachable most of the time. */
    BOOT_ACTION_STAY,   /* Stay until programmed: there is nothing to go to. */
};

enum boot_action boot_decide(const struct boot_marks *marks);

#endif
