/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_words.c - names and numbers of diagnostic messages. */
#include "scenarios/engine/timeline_words.h"

#include "sim/proto/uds.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_SHOWN = 32 };

struct pen {
    char *text;
    size_t size, len;
};

static void write_words(struct pen *pen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_words(struct pen *pen, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int more = vsnprintf(pen->text + pen->len, pen->size - pen->len, format, args);
    va_end(args);
    pen->len += more > 0 ? (size_t)more : 0;
    pen->len = pen->len < pen->size ? pen->len : pen->size - 1;
}

struct name {
    uint16_t number;
    const char *text;
};

static const char *find(const struct name *names, size_t len, uint16_t number)
{
    for (size_t i = 0; i < len; i++) {
        if (names[i].number == number) {
            return names[i].text;
        }
    }
    return NULL;
}

#define FIND(names, number) find(names, ARRAY_SIZE(names), number)

/* Service and sub-function. */
static const struct name subs[] = {
    {0x1001, "defaultSession"},
    {0x1002, "programmingSession"},
    {0x1003, "extendedDiagnosticSession"},
    {0x1004, "safetySystemDiagnosticSession"},
    {0x1101, "hardReset"},
    {0x1102, "keyOffOnReset"},
    {0x1103, "softReset"},
    {0x1901, "reportNumberOfDTCByStatusMask"},
    {0x1902, "reportDTCByStatusMask"},
    {0x190A, "reportSupportedDTC"},
    {0x2800, "enableRxAndTx"},
    {0x2801, "enableRxAndDisableTx"},
    {0x2802, "disableRxAndEnableTx"},
    {0x2803, "disableRxAndTx"},
    {0x3101, "startRoutine"},
    {0x3102, "stopRoutine"},
    {0x3103, "requestRoutineResults"},
    {0x3E00, "zeroSubFunction"},
    {0x8501, "on"},
    {0x8502, "off"},
};

static const struct name routines[] = {
    {BOOT_DO_PRECONDITIONS, "checkProgrammingPreconditions"},
    {BOOT_DO_ERASE, "eraseMemory"},
    {BOOT_DO_CHECK_MEMORY, "checkMemory"},
    {BOOT_DO_DEPENDENCIES, "checkProgrammingDependencies"},
    {BOOT_DO_COMMIT, "commit"},
    {BOOT_DO_START_LOADER, "startSecondaryBootloader"},
};

/* Where an ECU's tables do not say otherwise. */
static const struct {
    uint16_t rid;
    enum boot_function function;
} usual[] = {
    {0x0202, BOOT_DO_CHECK_MEMORY},
    {UDS_RID_CHECK_PRECONDITIONS, BOOT_DO_PRECONDITIONS},
    {UDS_RID_ERASE_MEMORY, BOOT_DO_ERASE},
    {UDS_RID_CHECK_DEPENDENCIES, BOOT_DO_DEPENDENCIES},
};

static const struct name identifiers[] = {
    {UDS_DID_FINGERPRINT, "fingerprint"},
    {UDS_DID_BOOT_SOFTWARE, "bootSoftwareIdentification"},
    {UDS_DID_APP_SOFTWARE, "applicationSoftwareIdentification"},
    {UDS_DID_FINGERPRINT_BOOT, "bootSoftwareFingerprint"},
    {0xF184, "applicationSoftwareFingerprint"},
    {UDS_DID_ACTIVE_SESSION, "activeDiagnosticSession"},
    {UDS_DID_PART_NUMBER, "sparePartNumber"},
    {0xF188, "ECUSoftwareNumber"},
    {UDS_DID_SOFTWARE_VERSION, "ECUSoftwareVersionNumber"},
    {0xF18A, "systemSupplierIdentifier"},
    {UDS_DID_SERIAL_NUMBER, "ECUSerialNumber"},
    {UDS_DID_VIN, "VIN"},
    {UDS_DID_HARDWARE, "ECUHardwareNumber"},
    {0xF193, "systemSupplierECUHardwareVersionNumber"},
    {0xF195, "systemSupplierECUSoftwareVersionNumber"},
    {0xF199, "programmingDate"},
};

static uint32_t number_at(const struct timeline_words *words, uint32_t at, uint32_t len)
{
    uint32_t value = 0;
    for (uint32_t i = at; i < at + len && i < words->len; i++) {
        value = value << 8 | words->bytes[i];
    }
    return value;
}

int timeline_words_function(const struct timeline_words *words)
{
    const struct boot_personality *persona = words->persona;
    const uint16_t rid = (uint16_t)number_at(words, 2, 2);
    if (words->uds->service != UDS_ROUTINE_CONTROL || words->len < 4) {
        return -1;
    }
    for (size_t i = 0; persona != NULL && i < persona->routines_len; i++) {
        if (persona->routines[i].rid == rid) {
            return (int)persona->routines[i].function;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
        if (usual[i].rid == rid) {
            return (int)usual[i].function;
        }
    }
    return -1;
}

static void write_routine(struct pen *pen, const struct timeline_words *words)
{
    const int function = timeline_words_function(words);
    const char *name = function >= 0 ? FIND(routines, (uint16_t)function) : NULL;
    if (words->len < 4) {
        return;
    }
    if (name != NULL) {
        write_words(pen, "%s", name);
    } else {
        write_words(pen, "routine %04X", (unsigned)number_at(words, 2, 2));
    }
}

static void write_identifier(struct pen *pen, uint16_t did)
{
    const char *name = FIND(identifiers, did);
    write_words(pen, "%04X%s%s", did, name != NULL ? " " : "", name != NULL ? name : "");
}

/* Format, address, length: of 34, and of an erase that names a range. */
static void write_range(struct pen *pen, const struct timeline_words *words, uint32_t at)
{
    const uint32_t format = number_at(words, at, 1);
    const uint32_t address_len = format & 0x0F, size_len = format >> 4;
    if (words->len < at + 1 + address_len + size_len || address_len == 0 || address_len > 4 ||
        size_len == 0 || size_len > 4) {
        return;
    }
    const uint32_t bytes = number_at(words, at + 1 + address_len, size_len);
    write_words(pen, " 0x%06X, %u bytes", (unsigned)number_at(words, at + 1, address_len),
                (unsigned)bytes);
}

static bool is_suppressed(const struct timeline_words *words)
{
    return words->uds->sub != 0 && words->len > 1 && (words->bytes[1] & UDS_SUPPRESS_POSITIVE) != 0;
}

static void write_level(struct pen *pen, uint8_t sub)
{
    write_words(pen, "%s, level %02X", sub % 2 != 0 ? "requestSeed" : "sendKey",
                sub % 2 != 0 ? sub : sub - 1);
}

static void write_sub(struct pen *pen, const struct timeline_words *words)
{
    const uint8_t service = words->uds->service;
    const uint8_t sub = (uint8_t)words->uds->sub;
    if (words->uds->sub == 0) {
        return;
    }
    const char *name = FIND(subs, (uint16_t)(service << 8 | sub));
    if (service == UDS_SECURITY_ACCESS) {
        write_level(pen, sub);
    } else if (name != NULL) {
        write_words(pen, "%s", name);
    } else {
        write_words(pen, "%02X", sub);
    }
}

static void write_request(struct pen *pen, const struct timeline_words *words)
{
    switch (words->uds->service) {
    case UDS_ROUTINE_CONTROL:
        write_words(pen, " ");
        write_routine(pen, words);
        if (timeline_words_function(words) == BOOT_DO_ERASE) {
            write_range(pen, words, 4);
        }
        break;
    case UDS_READ_DATA:
        for (uint32_t at = 1; at + 1 < words->len && at < 9; at += 2) {
            write_words(pen, "%s", at > 1 ? ", " : "");
            write_identifier(pen, (uint16_t)number_at(words, at, 2));
        }
        break;
    case UDS_WRITE_DATA: write_identifier(pen, (uint16_t)number_at(words, 1, 2)); break;
    case UDS_CLEAR_DTC: write_words(pen, "group %06X", (unsigned)number_at(words, 1, 3)); break;
    case UDS_REQUEST_DOWNLOAD: write_range(pen, words, 2); break;
    case UDS_TRANSFER_DATA:
        write_words(pen, "block %02X, %u bytes", (unsigned)number_at(words, 1, 1),
                    words->len > 2 ? (unsigned)words->len - 2 : 0);
        break;
    case UDS_TRANSFER_EXIT:
        if (words->len > 1) {
            write_words(pen, "check of %u bytes", (unsigned)words->len - 1);
        }
        break;
    default: break;
    }
    if (is_suppressed(words)) {
        write_words(pen, ", no answer wanted");
    }
}

/* What an identifier holds, if it is a text. */
static void write_value(struct pen *pen, const struct timeline_words *words)
{
    uint32_t end = words->len;
    while (end > 3 && words->bytes[end - 1] == 0) {
        end--;
    }
    for (uint32_t i = 3; i < end; i++) {
        if (words->bytes[i] < 0x20 || words->bytes[i] > 0x7E) {
            return;
        }
    }
    if (end > 3) {
        write_words(pen, " \"%.*s\"", (int)(end - 3), (const char *)&words->bytes[3]);
    }
}

static void write_positive(struct pen *pen, const struct timeline_words *words)
{
    switch (words->uds->service) {
    case UDS_SESSION_CONTROL:
        if (words->len >= 6) {
            write_words(pen, ", P2 %u ms, P2* %u ms", (unsigned)number_at(words, 2, 2),
                        (unsigned)number_at(words, 4, 2) * 10);
        }
        break;
    case UDS_ROUTINE_CONTROL:
        write_words(pen, " ");
        write_routine(pen, words);
        if (words->len == 5) {
            write_words(pen, ", result %02X", words->bytes[4]);
        }
        break;
    case UDS_READ_DATA:
        write_identifier(pen, (uint16_t)number_at(words, 1, 2));
        write_value(pen, words);
        break;
    case UDS_WRITE_DATA: write_identifier(pen, (uint16_t)number_at(words, 1, 2)); break;
    case UDS_REQUEST_DOWNLOAD:
        write_words(pen, "maxNumberOfBlockLength %u",
                    (unsigned)number_at(words, 2, number_at(words, 1, 1) >> 4));
        break;
    case UDS_TRANSFER_DATA: write_words(pen, "block %02X", (unsigned)number_at(words, 1, 1)); break;
    default: break;
    }
}

/* Where a message says less than others of its kind. */
static void trim(char *text)
{
    const size_t blank = strspn(text, " ,");
    memmove(text, text + blank, strlen(text + blank) + 1);
    size_t len = strlen(text);
    while (len > 0 && strchr(" :,", text[len - 1]) != NULL) {
        text[--len] = '\0';
    }
}

void timeline_words_service(uint8_t service, char *text, size_t size)
{
    snprintf(text, size, "%02X %s", service, uds_service_name(service));
}

void timeline_words_meaning(const struct timeline_words *words, char *text, size_t size)
{
    struct pen pen = {.text = text, .size = size};
    text[0] = '\0';
    switch (words->uds->kind) {
    case UDS_KIND_REQUEST:
        write_sub(&pen, words);
        write_request(&pen, words);
        break;
    case UDS_KIND_POSITIVE:
        write_words(&pen, "positive: ");
        write_sub(&pen, words);
        write_positive(&pen, words);
        break;
    case UDS_KIND_NEGATIVE:
        write_words(&pen, "NRC %02X %s", words->uds->nrc, uds_nrc_name(words->uds->nrc));
        break;
    case UDS_KIND_UNKNOWN:
    default: write_words(&pen, "not known"); break;
    }
    trim(text);
}

void timeline_words_kind(const struct timeline_words *words, char *text, size_t size)
{
    struct pen pen = {.text = text, .size = size};
    text[0] = '\0';
    if (words->uds->service == UDS_ROUTINE_CONTROL) {
        write_routine(&pen, words);
    } else if (words->uds->service != UDS_TESTER_PRESENT) {
        write_sub(&pen, words);
    }
}

enum timeline_tone timeline_words_tone(uint8_t nrc)
{
    switch (nrc) {
    case UDS_NRC_RESPONSE_PENDING:
    case UDS_NRC_BUSY_REPEAT: return TONE_BUSY;
    case UDS_NRC_INVALID_KEY:
    case UDS_NRC_ATTEMPTS_EXCEEDED:
    case UDS_NRC_DOWNLOAD_NOT_ACCEPTED:
    case UDS_NRC_TRANSFER_SUSPENDED:
    case UDS_NRC_PROGRAMMING_FAILURE:
    case UDS_NRC_WRONG_BLOCK_COUNTER:
    case UDS_NRC_VOLTAGE_TOO_LOW:
    case UDS_NRC_VOLTAGE_TOO_HIGH: return TONE_BAD;
    default: return TONE_WARN;
    }
}

void timeline_words_bytes(const uint8_t *bytes, uint32_t len, uint32_t of, char *text, size_t size)
{
    struct pen pen = {.text = text, .size = size};
    text[0] = '\0';
    for (uint32_t i = 0; i < len && i < BYTES_SHOWN; i++) {
        write_words(&pen, "%s%02X", i > 0 ? " " : "", bytes[i]);
    }
    if (of > BYTES_SHOWN || of > len) {
        write_words(&pen, " …");
    }
}
