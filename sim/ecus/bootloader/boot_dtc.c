/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_dtc.c - the trouble code and its status word. ISO 14229-1: 14 and 19. */
#include "sim/ecus/bootloader/boot_dtc.h"

#include "sim/ecus/bootloader/boot_nvm.h"

enum {
    STATUS_AVAILABILITY = 0x09, /* testFailed, confirmedDTC. */
    FORMAT_ISO14229_1 = 0x01,
    CLEAR_LEN = 4
};

#define GROUP_ALL UINT32_C(0xFFFFFF)

/* 0: not stored. */
static uint8_t stored_status(const struct boot_hal *hal)
{
    const uint16_t word = boot_nvm_read(hal, BOOT_NVM_DTC);
    return (word & 0xFF00u) == BOOT_DTC_MARK ? (uint8_t)word : 0;
}

static void put_code(struct uds_response *rsp, uint8_t status)
{
    proto_put_u32(rsp->data + rsp->len, (BOOT_DTC << 8) | status);
    rsp->len = (uint16_t)(rsp->len + 4);
}

enum uds_nrc boot_dtc_read(const struct boot_hal *hal, const struct uds_request *req,
                           struct uds_response *rsp)
{
    const uint8_t report = req->data[1];
    if (req->len != (report == BOOT_DTC_SUPPORTED ? 2 : 3)) {
        return UDS_NRC_LENGTH;
    }
    const uint8_t status = stored_status(hal);
    const uint8_t mask = report == BOOT_DTC_SUPPORTED ? 0 : req->data[2];
    const bool selected = (status & mask & STATUS_AVAILABILITY) != 0;
    rsp->data[2] = STATUS_AVAILABILITY;
    rsp->len = 3;
    if (report == BOOT_DTC_NUMBER_BY_MASK) {
        rsp->data[3] = FORMAT_ISO14229_1;
        proto_put_u16(rsp->data + 4, selected ? 1 : 0);
        rsp->len = 6;
    } else if (report == BOOT_DTC_SUPPORTED || selected) {
        put_code(rsp, status);
    }
    return UDS_POSITIVE;
}

enum uds_nrc boot_dtc_check_clear(const struct uds_request *req)
{
    if (req->len != CLEAR_LEN) {
        return UDS_NRC_LENGTH;
    }
    const uint32_t group = proto_get_u32(req->data) & GROUP_ALL;
    return group == GROUP_ALL || group == BOOT_DTC ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}

void boot_dtc_clear(const struct boot_hal *hal)
{
    boot_nvm_write(hal, BOOT_NVM_DTC, BOOT_DTC_NONE);
}

void boot_dtc_store(const struct boot_hal *hal)
{
    boot_nvm_write(hal, BOOT_NVM_DTC, BOOT_DTC_MARK | BOOT_DTC_CONFIRMED);
}
