/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_session.c - 10, 11 and 3E: which session follows which, and what else
 * happens then (figure 1 of the paper). */
#include "sim/ecus/bootloader/bootloader.h"

static enum uds_nrc check_programming(struct bootloader *boot, bool programming)
{
    const enum uds_nrc nrc = programming ? boot_supply_nrc(boot) : UDS_POSITIVE;
    return nrc == UDS_POSITIVE && programming ? boot_begin_job(boot, BOOT_JOB_SETTLE) : nrc;
}

enum uds_nrc boot_on_session_control(void *ctx, const struct uds_request *req,
                                     struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct boot_session_row *to = boot_session_of(boot->persona, req->data[1]);
    if (to == NULL || (to->from & boot_in_session(boot)) == 0) {
        return UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    }
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    const bool programming = to->kind == UDS_SESSION_PROGRAMMING;
    const enum uds_nrc nrc = check_programming(boot, programming);
    if (nrc != UDS_POSITIVE && nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    if (programming) {
        /* Marked, so that a reset comes back to the bootloader. */
        boot_nvm_write(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING);
    }
    boot_enter_session(boot, to, req->now_ns);
    if (to->kind == UDS_SESSION_DEFAULT) {
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
