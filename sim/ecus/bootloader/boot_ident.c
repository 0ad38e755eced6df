/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_ident.c - 14, 19, 22, 28, 2E and 85: identification, and the services
 * that a master sends to every ECU of the vehicle. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_dtc.h"
#include "sim/ecus/bootloader/boot_identifier.h"

#include <string.h>

enum uds_nrc boot_on_clear_dtc(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    (void)rsp;
    enum uds_nrc nrc = boot_dtc_check_clear(req);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_dtc_clear(boot->hal);
    }
    return nrc;
}

enum uds_nrc boot_on_read_dtc(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    const struct bootloader *boot = ctx;
    return boot_dtc_read(boot->hal, req, rsp);
}

enum uds_nrc boot_on_communication(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    (void)rsp;
    if (req->len != 3) {
        return UDS_NRC_LENGTH;
    }
    if (req->data[2] < 1 || req->data[2] > 3) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    /* The bootloader sends nothing but answers; the setting is kept for those who ask. */
    boot->communication_off = req->data[1] != UDS_COMM_ENABLE_RX_TX;
    boot_lab_keep(boot->cfg->lab, boot->communication_off, boot->dtc_setting_off);
    return UDS_POSITIVE;
}

enum uds_nrc boot_on_dtc_setting(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    (void)rsp;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    boot->dtc_setting_off = req->data[1] == UDS_DTC_OFF;
    boot_lab_keep(boot->cfg->lab, boot->communication_off, boot->dtc_setting_off);
    return UDS_POSITIVE;
}

/* The version of software that can run. A header alone proves nothing: it may be all that an
 * interrupted update has written so far. */
static bool load_header(void *ctx, struct boot_header *header)
{
    struct bootloader *boot = ctx;
    return boot->runnable && !boot->hung && boot_read_header(boot, header);
}

static struct boot_reader reader_of(struct bootloader *boot, struct boot_header *header)
{
    return (struct boot_reader){.cfg = boot->cfg,
                                .hal = boot->hal,
                                .lock = &boot->lock,
                                .where = boot_runs_as(boot),
                                .session = boot->session,
                                .header = header,
                                .load_header = load_header,
                                .ctx = boot};
}

enum uds_nrc boot_on_read_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct boot_header header;
    const struct boot_reader reader = reader_of(ctx, &header);
    return boot_identifiers_read(&reader, req, rsp);
}

enum uds_nrc boot_on_write_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct boot_reader reader = reader_of(boot, NULL);
    const struct boot_identifier *row;
    enum uds_nrc nrc = boot_identifier_check_write(&reader, req, &row);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_identifier_write(boot->hal, row, req);
        memcpy(rsp->data + 1, req->data + 1, 2);
        rsp->len = 3;
    }
    return nrc;
}
