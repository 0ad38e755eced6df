/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_session.c - 10, 11 and 3E: which session follows which, and what else
 * happens then (figure 1 of the paper). */
#include "sim/ecus/bootloader/bootloader.h"

/* 10 02 in the default session is refused by the server (7E): the master has to pass through the
 * extended session, in which it prepares the vehicle. */
struct transition {
    enum uds_session from;
    enum uds_session to;
    bool supply_checked;
    bool requests_programming; /* Marked, so that a reset comes back to the bootloader. */
    bool leaves;               /* For the application, if it is good. */
};

static const struct transition transitions[] = {
    {UDS_SESSION_DEFAULT, UDS_SESSION_DEFAULT, false, false, true},
    {UDS_SESSION_DEFAULT, UDS_SESSION_EXTENDED, false, false, false},
    {UDS_SESSION_EXTENDED, UDS_SESSION_DEFAULT, false, false, true},
    {UDS_SESSION_EXTENDED, UDS_SESSION_EXTENDED, false, false, false},
    {UDS_SESSION_EXTENDED, UDS_SESSION_PROGRAMMING, true, true, false},
    {UDS_SESSION_PROGRAMMING, UDS_SESSION_DEFAULT, false, false, true},
    {UDS_SESSION_PROGRAMMING, UDS_SESSION_EXTENDED, false, false, false},
    {UDS_SESSION_PROGRAMMING, UDS_SESSION_PROGRAMMING, true, true, false},
};

static const struct transition *find(enum uds_session from, uint8_t to)
{
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        if (transitions[i].from == from && (uint8_t)transitions[i].to == to) {
            return &transitions[i];
        }
    }
    return NULL;
}

enum uds_nrc boot_on_session_control(void *ctx, const struct uds_request *req,
                                     struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct transition *transition = find(boot->uds.session, req->data[1]);
    if (transition == NULL) {
        return UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    }
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    enum uds_nrc nrc = transition->supply_checked ? boot_supply_nrc(boot) : UDS_POSITIVE;
    if (nrc == UDS_POSITIVE && transition->requests_programming) {
        nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    }
    if (nrc != UDS_POSITIVE && nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    if (transition->requests_programming) {
        boot_nvm_write(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING);
    }
    boot_enter_session(boot, transition->to, req->now_ns);
    if (transition->leaves) {
        boot->leave = boot->runnable ? BOOT_LEAVE_RESET : BOOT_LEAVE_STAY;
    }
    boot_put_timing(boot, rsp->data + 2);
    rsp->len = 6;
    return nrc;
}

enum uds_nrc boot_on_ecu_reset(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    (void)rsp;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    boot->leave = BOOT_LEAVE_RESET;
    return UDS_POSITIVE;
}

enum uds_nrc boot_on_tester_present(void *ctx, const struct uds_request *req,
                                    struct uds_response *rsp)
{
    (void)ctx;
    (void)rsp;
    return req->len == 2 ? UDS_POSITIVE : UDS_NRC_LENGTH;
}
