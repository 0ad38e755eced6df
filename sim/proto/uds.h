/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds.h - the vocabulary of ISO 14229-1: service identifiers, negative response codes,
 * sessions, sub-functions, routine and data identifiers that this project uses. Numbers only. */
#ifndef SIM_PROTO_UDS_H
#define SIM_PROTO_UDS_H

#include <stdbool.h>
#include <stdint.h>

/* name, identifier, text */
#define UDS_SERVICES(X)                                                                            \
    X(UDS_SESSION_CONTROL, 0x10, "DiagnosticSessionControl")                                       \
    X(UDS_ECU_RESET, 0x11, "ECUReset")                                                             \
    X(UDS_CLEAR_DTC, 0x14, "ClearDiagnosticInformation")                                           \
    X(UDS_READ_DTC, 0x19, "ReadDTCInformation")                                                    \
    X(UDS_READ_DATA, 0x22, "ReadDataByIdentifier")                                                 \
    X(UDS_SECURITY_ACCESS, 0x27, "SecurityAccess")                                                 \
    X(UDS_COMMUNICATION_CONTROL, 0x28, "CommunicationControl")                                     \
    X(UDS_WRITE_DATA, 0x2E, "WriteDataByIdentifier")                                               \
    X(UDS_ROUTINE_CONTROL, 0x31, "RoutineControl")                                                 \
    X(UDS_REQUEST_DOWNLOAD, 0x34, "RequestDownload")                                               \
    X(UDS_TRANSFER_DATA, 0x36, "TransferData")                                                     \
    X(UDS_TRANSFER_EXIT, 0x37, "RequestTransferExit")                                              \
    X(UDS_TESTER_PRESENT, 0x3E, "TesterPresent")                                                   \
    X(UDS_CONTROL_DTC_SETTING, 0x85, "ControlDTCSetting")

/* ISO 14229-1, annex A.1. */
#define UDS_NRCS(X)                                                                                \
    X(UDS_NRC_GENERAL_REJECT, 0x10, "generalReject")                                               \
    X(UDS_NRC_SERVICE_NOT_SUPPORTED, 0x11, "serviceNotSupported")                                  \
    X(UDS_NRC_SUBFUNCTION_NOT_SUPPORTED, 0x12, "subFunctionNotSupported")                          \
    X(UDS_NRC_LENGTH, 0x13, "incorrectMessageLengthOrInvalidFormat")                               \
    X(UDS_NRC_RESPONSE_TOO_LONG, 0x14, "responseTooLong")                                          \
    X(UDS_NRC_BUSY_REPEAT, 0x21, "busyRepeatRequest")                                              \
    X(UDS_NRC_CONDITIONS, 0x22, "conditionsNotCorrect")                                            \
    X(UDS_NRC_SEQUENCE, 0x24, "requestSequenceError")                                              \
    X(UDS_NRC_NO_RESPONSE_FROM_SUBNET, 0x25, "noResponseFromSubnetComponent")                      \
    X(UDS_NRC_OUT_OF_RANGE, 0x31, "requestOutOfRange")                                             \
    X(UDS_NRC_SECURITY_DENIED, 0x33, "securityAccessDenied")                                       \
    X(UDS_NRC_INVALID_KEY, 0x35, "invalidKey")                                                     \
    X(UDS_NRC_ATTEMPTS_EXCEEDED, 0x36, "exceededNumberOfAttempts")                                 \
    X(UDS_NRC_DELAY_NOT_EXPIRED, 0x37, "requiredTimeDelayNotExpired")                              \
    X(UDS_NRC_DOWNLOAD_NOT_ACCEPTED, 0x70, "uploadDownloadNotAccepted")                            \
    X(UDS_NRC_TRANSFER_SUSPENDED, 0x71, "transferDataSuspended")                                   \
    X(UDS_NRC_PROGRAMMING_FAILURE, 0x72, "generalProgrammingFailure")                              \
    X(UDS_NRC_WRONG_BLOCK_COUNTER, 0x73, "wrongBlockSequenceCounter")                              \
    X(UDS_NRC_RESPONSE_PENDING, 0x78, "requestCorrectlyReceivedResponsePending")                   \
    X(UDS_NRC_SUBFUNCTION_NOT_IN_SESSION, 0x7E, "subFunctionNotSupportedInActiveSession")          \
    X(UDS_NRC_SERVICE_NOT_IN_SESSION, 0x7F, "serviceNotSupportedInActiveSession")                  \
    X(UDS_NRC_ENGINE_RUNNING, 0x83, "engineIsRunning")                                             \
    X(UDS_NRC_SPEED_TOO_HIGH, 0x88, "vehicleSpeedTooHigh")                                         \
    X(UDS_NRC_GEAR_NOT_IN_PARK, 0x90, "shifterLeverNotInPark")                                     \
    X(UDS_NRC_VOLTAGE_TOO_HIGH, 0x92, "voltageTooHigh")                                            \
    X(UDS_NRC_VOLTAGE_TOO_LOW, 0x93, "voltageTooLow")                                              \
    X(UDS_NRC_RESOURCE_NOT_AVAILABLE, 0x94, "resourceTemporarilyNotAvailable")

enum uds_sid {
#define UDS_ENUM(name, value, text) name = (value),
    UDS_SERVICES(UDS_ENUM)
};

enum uds_nrc {
    UDS_POSITIVE = 0,
    UDS_NRCS(UDS_ENUM)
#undef UDS_ENUM
};

enum {
    UDS_NEGATIVE_RESPONSE = 0x7F,
    UDS_RESPONSE_OFFSET = 0x40,
    UDS_SUPPRESS_POSITIVE = 0x80, /* suppressPosRspMsgIndicationBit of a sub-function. */
    UDS_MESSAGE_MAX = 4095,
};

enum uds_session { UDS_SESSION_DEFAULT = 1, UDS_SESSION_PROGRAMMING = 2, UDS_SESSION_EXTENDED = 3 };

enum uds_reset { UDS_RESET_HARD = 1, UDS_RESET_KEY_OFF_ON = 2, UDS_RESET_SOFT = 3 };

enum uds_comm {
    UDS_COMM_ENABLE_RX_TX = 0,
    UDS_COMM_ENABLE_RX_DISABLE_TX = 1,
    UDS_COMM_DISABLE_RX_ENABLE_TX = 2,
    UDS_COMM_DISABLE_RX_TX = 3
};

enum uds_dtc_setting { UDS_DTC_ON = 1, UDS_DTC_OFF = 2 };

enum uds_routine_control { UDS_ROUTINE_START = 1, UDS_ROUTINE_STOP = 2, UDS_ROUTINE_RESULTS = 3 };

/* Macros, because a 16-bit int cannot hold them as enumerators. The routine 0x0203 is the value
 * many vehicle makers use; it is not in ISO 14229. The fingerprint F15A is theirs too. */
#define UDS_RID_CHECK_PRECONDITIONS 0x0203
#define UDS_RID_ERASE_MEMORY        0xFF00
#define UDS_RID_CHECK_DEPENDENCIES  0xFF01

#define UDS_DID_FINGERPRINT      0xF15A
#define UDS_DID_BOOT_SOFTWARE    0xF180
#define UDS_DID_APP_SOFTWARE     0xF181
#define UDS_DID_FINGERPRINT_BOOT 0xF183
#define UDS_DID_ACTIVE_SESSION   0xF186
#define UDS_DID_PART_NUMBER      0xF187
#define UDS_DID_SOFTWARE_VERSION 0xF189
#define UDS_DID_SERIAL_NUMBER    0xF18C
#define UDS_DID_VIN              0xF190
#define UDS_DID_HARDWARE         0xF191

/* The standard's spelling, for people; "unknown service" and "unknown response code" otherwise. */
const char *uds_service_name(uint8_t sid);
const char *uds_nrc_name(uint8_t nrc);

#endif
