/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_services.c - the services of the bootloader, one row each: in which
 * sessions, behind which lock, with which sub-functions. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_dtc.h"

static const struct uds_subfunction session_subs[] = {
    {UDS_SESSION_DEFAULT, UDS_IN_ANY, false},
    {UDS_SESSION_PROGRAMMING, UDS_IN_PROGRAMMING | UDS_IN_EXTENDED, false},
    {UDS_SESSION_EXTENDED, UDS_IN_ANY, false},
};
static const struct uds_subfunction reset_subs[] = {
    {UDS_RESET_HARD, UDS_IN_ANY, false},
    {UDS_RESET_SOFT, UDS_IN_ANY, false},
};
static const struct uds_subfunction read_dtc_subs[] = {
    {BOOT_DTC_NUMBER_BY_MASK, UDS_IN_ANY, false},
    {BOOT_DTC_CODES_BY_MASK, UDS_IN_ANY, false},
    {BOOT_DTC_SUPPORTED, UDS_IN_ANY, false},
};
static const struct uds_subfunction security_subs[] = {
    {0x01, UDS_IN_ANY, false},
    {0x02, UDS_IN_ANY, false},
};
static const struct uds_subfunction communication_subs[] = {
    {UDS_COMM_ENABLE_RX_TX, UDS_IN_ANY, false},
    {UDS_COMM_ENABLE_RX_DISABLE_TX, UDS_IN_ANY, false},
    {UDS_COMM_DISABLE_RX_ENABLE_TX, UDS_IN_ANY, false},
    {UDS_COMM_DISABLE_RX_TX, UDS_IN_ANY, false},
};
static const struct uds_subfunction routine_subs[] = {
    {UDS_ROUTINE_START, UDS_IN_ANY, false},
    {UDS_ROUTINE_RESULTS, UDS_IN_ANY, false},
};
static const struct uds_subfunction tester_present_subs[] = {{0x00, UDS_IN_ANY, false}};
static const struct uds_subfunction dtc_setting_subs[] = {
    {UDS_DTC_ON, UDS_IN_ANY, false},
    {UDS_DTC_OFF, UDS_IN_ANY, false},
};

enum { NOT_DEFAULT = UDS_IN_PROGRAMMING | UDS_IN_EXTENDED };

#define SUBS(table)  table, (uint8_t)(sizeof(table) / sizeof((table)[0]))
#define WITHOUT_SUBS NULL, 0

const struct uds_service boot_services[BOOT_SERVICES] = {
    {UDS_SESSION_CONTROL, UDS_IN_ANY, false, 2, SUBS(session_subs), boot_on_session_control},
    {UDS_ECU_RESET, UDS_IN_ANY, false, 2, SUBS(reset_subs), boot_on_ecu_reset},
    {UDS_CLEAR_DTC, UDS_IN_ANY, false, 4, WITHOUT_SUBS, boot_on_clear_dtc},
    {UDS_READ_DTC, UDS_IN_ANY, false, 2, SUBS(read_dtc_subs), boot_on_read_dtc},
    {UDS_READ_DATA, UDS_IN_ANY, false, 3, WITHOUT_SUBS, boot_on_read_data},
    {UDS_SECURITY_ACCESS, NOT_DEFAULT, false, 2, SUBS(security_subs), boot_on_security},
    {UDS_COMMUNICATION_CONTROL, NOT_DEFAULT, false, 3, SUBS(communication_subs),
     boot_on_communication},
    {UDS_WRITE_DATA, UDS_IN_PROGRAMMING, true, 4, WITHOUT_SUBS, boot_on_write_data},
    {UDS_ROUTINE_CONTROL, NOT_DEFAULT, false, 4, SUBS(routine_subs), boot_on_routine},
    {UDS_REQUEST_DOWNLOAD, UDS_IN_PROGRAMMING, true, 5, WITHOUT_SUBS, boot_on_request_download},
    {UDS_TRANSFER_DATA, UDS_IN_PROGRAMMING, true, 2, WITHOUT_SUBS, boot_on_transfer_data},
    {UDS_TRANSFER_EXIT, UDS_IN_PROGRAMMING, true, 1, WITHOUT_SUBS, boot_on_transfer_exit},
    {UDS_TESTER_PRESENT, UDS_IN_ANY, false, 2, SUBS(tester_present_subs), boot_on_tester_present},
    {UDS_CONTROL_DTC_SETTING, NOT_DEFAULT, false, 2, SUBS(dtc_setting_subs), boot_on_dtc_setting},
};

bool boot_physical_only(uint8_t sid)
{
    static const uint8_t sids[] = {UDS_WRITE_DATA,       UDS_SECURITY_ACCESS, UDS_ROUTINE_CONTROL,
                                   UDS_REQUEST_DOWNLOAD, UDS_TRANSFER_DATA,   UDS_TRANSFER_EXIT};
    for (size_t i = 0; i < sizeof sids; i++) {
        if (sids[i] == sid) {
            return true;
        }
    }
    return false;
}
