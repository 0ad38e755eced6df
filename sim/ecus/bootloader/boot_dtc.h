/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_dtc.h - reading and clearing the trouble code in emulated EEPROM:
 * bootloader and application serve 14 and 19 from here, and so answer with the same bytes. */
#ifndef BOOT_DTC_H
#define BOOT_DTC_H

#include "sim/ecus/bootloader/boot_hal.h"
#include "sim/proto/uds_server.h"

enum boot_dtc_report {
    BOOT_DTC_NUMBER_BY_MASK = 0x01,
    BOOT_DTC_CODES_BY_MASK = 0x02,
    BOOT_DTC_SUPPORTED = 0x0A,
};

/* 19 with one of the reports above; the caller's table refuses others. */
enum uds_nrc boot_dtc_read(const struct boot_hal *hal, const struct uds_request *req,
                           struct uds_response *rsp);
/* Whether 14 names something that can be cleared. */
enum uds_nrc boot_dtc_check_clear(const struct uds_request *req);
/* Queues the write; 14 is to be answered once emulated EEPROM has settled. */
void boot_dtc_clear(const struct boot_hal *hal);
/* testFailed and confirmedDTC. */
void boot_dtc_store(const struct boot_hal *hal);

#endif
