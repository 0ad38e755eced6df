/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_security.c - 27 in the bootloader: which level, the order of refusals,
 * and the answer after emulated EEPROM has settled. */
#include "sim/ecus/bootloader/bootloader.h"

#include <string.h>

static enum uds_nrc give_seed(struct bootloader *boot, const struct boot_level *level,
                              const struct uds_request *req, struct uds_response *rsp)
{
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    rsp->len = (uint16_t)(2 + level->seed_len);
    if (boot_lock_is_open(&boot->lock, level)) {
        memset(rsp->data + 2, 0, level->seed_len);
        return UDS_POSITIVE;
    }
    if (boot_lock_delayed(&boot->lock, level, req->now_ns)) {
        return UDS_NRC_DELAY_NOT_EXPIRED;
    }
    if (boot_lab_quirks(boot->cfg->lab)->zero_seed) {
        boot->lock.open = level->seed_sub;
        boot->uds.unlocked = level->programming;
        memset(rsp->data + 2, 0, level->seed_len);
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_lock_give_seed(&boot->lock, level, rsp->data + 2, req->now_ns);
    }
    return nrc;
}

static enum uds_nrc take_key(struct bootloader *boot, const struct boot_level *level,
                             const struct uds_request *req)
{
    if (req->len != 2u + level->key_len) {
        return UDS_NRC_LENGTH;
    }
    if (boot->lock.seed_sub != level->seed_sub) {
        return UDS_NRC_SEQUENCE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot->job_nrc = boot_lock_take_key(&boot->lock, level, req->data + 2, req->now_ns);
        if (boot->job_nrc == UDS_POSITIVE) {
            boot->uds.unlocked = level->programming;
        }
    }
    return nrc;
}

enum uds_nrc boot_on_security(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct boot_level *level;
    const enum uds_nrc nrc = boot_lock_find(&boot->lock, req->data[1], boot_runs_as(boot),
                                            boot_in_session(boot), &level);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    return req->data[1] == level->seed_sub ? give_seed(boot, level, req, rsp)
                                           : take_key(boot, level, req);
}
