/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_ident.c - 14, 19, 22, 28, 2E and 85: identification, and the services
 * that a master sends to every ECU of the vehicle. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_dtc.h"

#include <string.h>

enum {
    DIDS_MAX = 8, /* In one request. */
    FINGERPRINT_MAX = 30
};

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

/* Each reader appends its record and returns its length; 0: not available now. */
typedef uint8_t reader(struct bootloader *boot, uint8_t *to);

static uint8_t put_text(uint8_t *to, const char *text, uint8_t len)
{
    memset(to, 0, len);
    for (uint8_t i = 0; i < len && text[i] != '\0'; i++) {
        to[i] = (uint8_t)text[i];
    }
    return len;
}

static uint8_t read_boot_version(struct bootloader *boot, uint8_t *to)
{
    return put_text(to, boot->cfg->boot_version, BOOT_ID_LEN);
}

/* The version of software that can run. A header alone proves nothing: it may be all that an
 * interrupted update has written so far. */
static uint8_t read_version(struct bootloader *boot, uint8_t *to)
{
    struct boot_header header;
    const struct boot_quirks *quirks = boot_lab_quirks(boot->cfg->lab);
    if (quirks->hides_version) {
        return 0;
    }
    if (quirks->version[0] != '\0') {
        return put_text(to, quirks->version, BOOT_ID_LEN);
    }
    return boot->runnable && !boot->hung && boot_read_header(boot, &header)
               ? put_text(to, header.version, BOOT_ID_LEN)
               : 0;
}

static uint8_t read_session(struct bootloader *boot, uint8_t *to)
{
    to[0] = (uint8_t)boot->uds.session;
    return 1;
}

static uint8_t read_part_number(struct bootloader *boot, uint8_t *to)
{
    return put_text(to, boot->cfg->part_number, BOOT_ID_LEN);
}

static uint8_t read_serial_number(struct bootloader *boot, uint8_t *to)
{
    return put_text(to, boot->cfg->serial_number, BOOT_ID_LEN);
}

static uint8_t read_vin(struct bootloader *boot, uint8_t *to)
{
    return put_text(to, boot->cfg->vin, 17);
}

static uint8_t read_hardware(struct bootloader *boot, uint8_t *to)
{
    return put_text(to, boot->cfg->hardware_id, BOOT_ID_LEN);
}

static uint8_t read_fingerprint(struct bootloader *boot, uint8_t *to)
{
    const uint16_t len = boot_nvm_read(boot->hal, BOOT_NVM_FINGERPRINT);
    if (len > FINGERPRINT_MAX) {
        return 0;
    }
    for (uint16_t i = 0; i < len; i++) {
        const uint16_t word =
            boot_nvm_read(boot->hal, (uint16_t)(BOOT_NVM_FINGERPRINT + 2u + (i & 0xFFFEu)));
        to[i] = (uint8_t)(i % 2 == 0 ? word >> 8 : word & 0xFFu);
    }
    return (uint8_t)len;
}

static const struct {
    uint16_t did;
    reader *read;
} identifiers[] = {
    {UDS_DID_BOOT_SOFTWARE, read_boot_version},  {UDS_DID_APP_SOFTWARE, read_version},
    {UDS_DID_SOFTWARE_VERSION, read_version},    {UDS_DID_ACTIVE_SESSION, read_session},
    {UDS_DID_PART_NUMBER, read_part_number},     {UDS_DID_HARDWARE, read_hardware},
    {UDS_DID_SERIAL_NUMBER, read_serial_number}, {UDS_DID_VIN, read_vin},
    {UDS_DID_FINGERPRINT, read_fingerprint},
};

static reader *find_reader(uint16_t did)
{
    for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++) {
        if (identifiers[i].did == did) {
            return identifiers[i].read;
        }
    }
    return NULL;
}

/* ISO 14229-1: identifiers that are not supported are left out; 31 if none is left. */
enum uds_nrc boot_on_read_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    if (req->len % 2 == 0 || req->len > 1 + 2 * DIDS_MAX) {
        return UDS_NRC_LENGTH;
    }
    for (uint16_t at = 1; at < req->len; at = (uint16_t)(at + 2)) {
        reader *read = find_reader(proto_get_u16(req->data + at));
        const uint8_t len = read != NULL ? read(ctx, rsp->data + rsp->len + 2) : 0;
        if (len > 0) {
            memcpy(rsp->data + rsp->len, req->data + at, 2);
            rsp->len = (uint16_t)(rsp->len + 2 + len);
        }
    }
    return rsp->len > 1 ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}
_Static_assert(1 + DIDS_MAX * (2 + FINGERPRINT_MAX) <= BOOT_RESPONSE_MAX, "any answer fits");

enum uds_nrc boot_on_write_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const uint16_t len = (uint16_t)(req->len - 3);
    if (proto_get_u16(req->data + 1) != UDS_DID_FINGERPRINT) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (len == 0 || len > FINGERPRINT_MAX) {
        return UDS_NRC_LENGTH;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    boot_nvm_write(boot->hal, BOOT_NVM_FINGERPRINT, len);
    for (uint16_t i = 0; i < len; i = (uint16_t)(i + 2)) {
        const uint8_t low = i + 1 < len ? req->data[3 + i + 1] : 0xFF;
        boot_nvm_write(boot->hal, (uint16_t)(BOOT_NVM_FINGERPRINT + 2 + i),
                       (uint16_t)((uint16_t)((uint16_t)req->data[3 + i] << 8) | low));
    }
    memcpy(rsp->data + 1, req->data + 1, 2);
    rsp->len = 3;
    return nrc;
}
