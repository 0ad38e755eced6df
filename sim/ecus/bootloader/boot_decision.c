/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_decision.c - the boot decision, a table. */
#include "sim/ecus/bootloader/boot_decision.h"

#include "sim/ecus/bootloader/boot_nvm.h"

enum asked { ASKED_NO, ASKED_STAY, ASKED_ANSWER };

/* A set, so that a row can leave a mark open. */
enum { NO = 1, YES = 2, ANY = NO | YES };

struct rule {
    enum asked asked;
    uint8_t runnable; /* Flag set and header good: the one without the other runs nothing. */
    uint8_t hung;
    enum boot_action action;
};

static const struct rule rules[] = {
    {ASKED_ANSWER, ANY, ANY, BOOT_ACTION_ANSWER}, /* The master waits after the 78. */
    {ASKED_STAY, YES, ANY, BOOT_ACTION_LINGER}, /* Requested, then a reset: nobody may come back. */
    {ASKED_STAY, NO, ANY, BOOT_ACTION_STAY},    /* An update has not come to its end. */
    {ASKED_NO, YES, NO, BOOT_ACTION_RUN},
    {ASKED_NO, YES, YES, BOOT_ACTION_LINGER}, /* Else a bad image could never be replaced. */
    {ASKED_NO, NO, ANY, BOOT_ACTION_STAY},
};

static enum asked asked_of(uint16_t request)
{
    if (request == BOOT_REQUEST_PROGRAMMING_ANSWER) {
        return ASKED_ANSWER;
    }
    /* Any other value is no request: a damaged word must not keep a good application away. */
    return request == BOOT_REQUEST_PROGRAMMING ? ASKED_STAY : ASKED_NO;
}

enum boot_action boot_decide(const struct boot_marks *marks)
{
    const enum asked asked = asked_of(marks->request);
    const bool runnable = marks->valid == BOOT_VALID && marks->header_good;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].asked == asked && (rules[i].runnable & (runnable ? YES : NO)) != 0 &&
            (rules[i].hung & (marks->hung ? YES : NO)) != 0) {
            return rules[i].action;
        }
    }
    return BOOT_ACTION_STAY;
}
