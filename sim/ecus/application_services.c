/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/application_services.c - the diagnostic services of the application model, one handler a
 * service. Bytes: docs/formats.md. */
#include "sim/ecus/application.h"

#include "sim/ecus/bootloader/boot_dtc.h"

#include <string.h>

static uint16_t ms_in(proto_ns_t ns, uint16_t unit_ms)
{
    return (uint16_t)(ns / PROTO_MS(unit_ms));
}

static void put_session_parameters(const struct application *app, struct uds_response *rsp)
{
    proto_put_u16(&rsp->data[2], ms_in(uds_server_p2_ns(&app->server), 1));
    proto_put_u16(&rsp->data[4], ms_in(uds_server_p2_star_ns(&app->server), 10));
    rsp->len = 6;
}

/* The lowest unmet precondition decides; the order is that of the bits. */
static enum uds_nrc precondition_nrc(uint8_t unmet)
{
    static const uint8_t nrcs[] = {UDS_NRC_CONDITIONS,       UDS_NRC_ENGINE_RUNNING,
                                   UDS_NRC_GEAR_NOT_IN_PARK, UDS_NRC_SPEED_TOO_HIGH,
                                   UDS_NRC_VOLTAGE_TOO_LOW,  UDS_NRC_VOLTAGE_TOO_HIGH};
    for (size_t bit = 0; bit < sizeof nrcs; bit++) {
        if ((unmet & (1u << bit)) != 0) {
            return (enum uds_nrc)nrcs[bit];
        }
    }
    return UDS_POSITIVE;
}

/* The paper, 3.5.2 step 1: set the flag, reset, and let the bootloader answer. */
static enum uds_nrc leave_for_bootloader(struct application *app)
{
    enum uds_nrc nrc = precondition_nrc(application_unmet(app));
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    boot_nvm_write(app->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING_ANSWER);
    app->promise_given = false;
    app->state = APPLICATION_LEAVING;
    return UDS_NRC_RESPONSE_PENDING;
}

static enum uds_nrc session_control(void *ctx, const struct uds_request *req,
                                    struct uds_response *rsp)
{
    struct application *app = ctx;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    if (req->data[1] == UDS_SESSION_PROGRAMMING) {
        return leave_for_bootloader(app);
    }
    uds_server_set_session(&app->server, (enum uds_session)req->data[1], req->now_ns);
    put_session_parameters(app, rsp);
    return UDS_POSITIVE;
}

static enum uds_nrc ecu_reset(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct application *app = ctx;
    (void)rsp;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    app->reset_wanted = true;
    return UDS_POSITIVE;
}

static enum uds_nrc clear_dtc(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct application *app = ctx;
    (void)rsp;
    enum uds_nrc nrc = boot_dtc_check_clear(req);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    boot_dtc_clear(app->hal);
    if (boot_nvm_settled(app->hal)) {
        return UDS_POSITIVE;
    }
    app->work = APPLICATION_CLEARING_DTC;
    return UDS_NRC_RESPONSE_PENDING;
}

static enum uds_nrc read_dtc(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    const struct application *app = ctx;
    return boot_dtc_read(app->hal, req, rsp);
}

static bool put_bytes(struct uds_response *rsp, const void *bytes, size_t len_bytes)
{
    if (len_bytes > (size_t)(rsp->cap - rsp->len)) {
        return false;
    }
    memcpy(&rsp->data[rsp->len], bytes, len_bytes);
    rsp->len = (uint16_t)(rsp->len + len_bytes);
    return true;
}

static bool put_text(struct uds_response *rsp, const char *text)
{
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return put_bytes(rsp, text, len);
}

/* As the bootloader stores it: a word with the length, then bytes in pairs. */
static bool put_fingerprint(const struct application *app, struct uds_response *rsp)
{
    uint16_t len = boot_nvm_read(app->hal, BOOT_NVM_FINGERPRINT);
    uint8_t bytes[30] = {0};
    if (len > sizeof bytes) {
        len = 0; /* None was ever written. */
    }
    for (uint16_t i = 0; i < len; i++) {
        uint16_t at = (uint16_t)(BOOT_NVM_FINGERPRINT + 2u + (i & ~1u));
        uint16_t word = boot_nvm_read(app->hal, at);
        bytes[i] = (uint8_t)((i & 1u) != 0 ? word : word >> 8);
    }
    return put_bytes(rsp, bytes, len);
}

static const char *did_text(const struct application *app, uint16_t did)
{
    switch (did) {
    case UDS_DID_BOOT_SOFTWARE: return app->cfg->boot_version;
    case UDS_DID_APP_SOFTWARE: return app->header.build_id;
    case UDS_DID_PART_NUMBER: return app->header.part_number;
    case UDS_DID_SOFTWARE_VERSION: return application_version(app);
    case UDS_DID_SERIAL_NUMBER: return app->cfg->serial_number;
    case UDS_DID_VIN: return app->cfg->vin;
    case UDS_DID_HARDWARE: return app->cfg->hardware_id;
    default: return NULL;
    }
}

static enum uds_nrc put_did(const struct application *app, uint16_t did, struct uds_response *rsp)
{
    const char *text = did_text(app, did);
    uint8_t id[2];
    uint8_t session = (uint8_t)app->server.session;
    bool fits;

    if (did == UDS_DID_SOFTWARE_VERSION && boot_lab_quirks(app->cfg->lab)->hides_version) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (text == NULL && did != UDS_DID_ACTIVE_SESSION && did != UDS_DID_FINGERPRINT) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    proto_put_u16(id, did);
    fits = put_bytes(rsp, id, sizeof id);
    if (text != NULL) {
        fits = fits && put_text(rsp, text);
    } else if (did == UDS_DID_ACTIVE_SESSION) {
        fits = fits && put_bytes(rsp, &session, 1);
    } else {
        fits = fits && put_fingerprint(app, rsp);
    }
    return fits ? UDS_POSITIVE : UDS_NRC_RESPONSE_TOO_LONG;
}

/* ISO 14229-1: identifiers that are not supported are left out; none supported is an error. */
static enum uds_nrc read_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    const struct application *app = ctx;
    if ((req->len & 1u) == 0) {
        return UDS_NRC_LENGTH;
    }
    rsp->len = 1;
    for (uint16_t at = 1; at < req->len; at = (uint16_t)(at + 2u)) {
        if (put_did(app, proto_get_u16(&req->data[at]), rsp) == UDS_NRC_RESPONSE_TOO_LONG) {
            return UDS_NRC_RESPONSE_TOO_LONG;
        }
    }
    return rsp->len > 1 ? UDS_POSITIVE : UDS_NRC_OUT_OF_RANGE;
}

/* Types of communication: bit 0 normal messages, bit 1 network management. */
static enum uds_nrc communication_control(void *ctx, const struct uds_request *req,
                                          struct uds_response *rsp)
{
    struct application *app = ctx;
    (void)rsp;
    if (req->len != 3) {
        return UDS_NRC_LENGTH;
    }
    uint8_t type = req->data[2] & 0x03u;
    if (type == 0) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if ((type & 0x01u) != 0) {
        const bool sends =
            req->data[1] == UDS_COMM_ENABLE_RX_TX || req->data[1] == UDS_COMM_DISABLE_RX_ENABLE_TX;
        application_set_quiet(app, !sends, !app->dtc_enabled);
    }
    return UDS_POSITIVE;
}

static enum uds_nrc control_dtc_setting(void *ctx, const struct uds_request *req,
                                        struct uds_response *rsp)
{
    struct application *app = ctx;
    (void)rsp;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    application_set_quiet(app, !app->tx_enabled, req->data[1] != UDS_DTC_ON);
    return UDS_POSITIVE;
}

static enum uds_nrc routine_control(void *ctx, const struct uds_request *req,
                                    struct uds_response *rsp)
{
    const struct application *app = ctx;
    if (proto_get_u16(&req->data[2]) != UDS_RID_CHECK_PRECONDITIONS) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (req->len != 4) {
        return UDS_NRC_LENGTH;
    }
    memcpy(&rsp->data[2], &req->data[2], 2);
    rsp->data[4] = application_unmet(app);
    rsp->len = 5;
    return UDS_POSITIVE;
}

static enum uds_nrc tester_present(void *ctx, const struct uds_request *req,
                                   struct uds_response *rsp)
{
    (void)ctx;
    (void)rsp;
    return req->len == 2 ? UDS_POSITIVE : UDS_NRC_LENGTH;
}

enum { IN_APP = UDS_IN_DEFAULT | UDS_IN_EXTENDED };

static const struct uds_subfunction sessions[] = {
    {UDS_SESSION_DEFAULT, IN_APP, false},
    {UDS_SESSION_PROGRAMMING, UDS_IN_EXTENDED, false},
    {UDS_SESSION_EXTENDED, IN_APP, false},
};
static const struct uds_subfunction resets[] = {
    {UDS_RESET_HARD, IN_APP, false},
    {UDS_RESET_SOFT, IN_APP, false},
};
static const struct uds_subfunction dtc_reports[] = {
    {BOOT_DTC_NUMBER_BY_MASK, IN_APP, false},
    {BOOT_DTC_CODES_BY_MASK, IN_APP, false},
    {BOOT_DTC_SUPPORTED, IN_APP, false},
};
static const struct uds_subfunction comm_controls[] = {
    {UDS_COMM_ENABLE_RX_TX, UDS_IN_EXTENDED, false},
    {UDS_COMM_ENABLE_RX_DISABLE_TX, UDS_IN_EXTENDED, false},
    {UDS_COMM_DISABLE_RX_ENABLE_TX, UDS_IN_EXTENDED, false},
    {UDS_COMM_DISABLE_RX_TX, UDS_IN_EXTENDED, false},
};
static const struct uds_subfunction dtc_settings[] = {
    {UDS_DTC_ON, UDS_IN_EXTENDED, false},
    {UDS_DTC_OFF, UDS_IN_EXTENDED, false},
};
static const struct uds_subfunction routine_starts[] = {
    {UDS_ROUTINE_START, UDS_IN_EXTENDED, false},
};
static const struct uds_subfunction zero[] = {
    {0, IN_APP, false},
};

#define WITH(table) table, (uint8_t)(sizeof(table) / sizeof((table)[0]))

/* sid, sessions, secured, shortest request, sub-functions, handler. */
const struct uds_service application_services[] = {
    {UDS_SESSION_CONTROL, IN_APP, false, 2, WITH(sessions), session_control},
    {UDS_ECU_RESET, IN_APP, false, 2, WITH(resets), ecu_reset},
    {UDS_CLEAR_DTC, IN_APP, false, 4, NULL, 0, clear_dtc},
    {UDS_READ_DTC, IN_APP, false, 2, WITH(dtc_reports), read_dtc},
    {UDS_READ_DATA, IN_APP, false, 3, NULL, 0, read_data},
    {UDS_COMMUNICATION_CONTROL, UDS_IN_EXTENDED, false, 3, WITH(comm_controls),
     communication_control},
    {UDS_ROUTINE_CONTROL, UDS_IN_EXTENDED, false, 4, WITH(routine_starts), routine_control},
    {UDS_TESTER_PRESENT, IN_APP, false, 2, WITH(zero), tester_present},
    {UDS_CONTROL_DTC_SETTING, UDS_IN_EXTENDED, false, 2, WITH(dtc_settings), control_dtc_setting},
};
const uint8_t application_services_len =
    (uint8_t)(sizeof application_services / sizeof application_services[0]);
