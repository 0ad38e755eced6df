/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/application_services.c - the diagnostic services of the application model, one handler a
 * service. Bytes: docs/formats.md. */
#include "sim/ecus/application.h"

#include "sim/ecus/bootloader/boot_arguments.h"
#include "sim/ecus/bootloader/boot_dtc.h"
#include "sim/ecus/bootloader/boot_identifier.h"

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

static uint8_t in_session(const struct application *app)
{
    return boot_session_bit(app->persona, app->session);
}

/* Answers once what was written to emulated EEPROM has settled. */
static enum uds_nrc settle(struct application *app, enum uds_nrc nrc)
{
    if (boot_nvm_settled(app->hal)) {
        return nrc;
    }
    app->work = APPLICATION_SETTLING;
    app->work_nrc = nrc;
    return UDS_NRC_RESPONSE_PENDING;
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
    const struct boot_session_row *to = boot_session_of(app->persona, req->data[1]);
    if (to == NULL || (to->from & in_session(app)) == 0) {
        return UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    }
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    if (to->kind == UDS_SESSION_PROGRAMMING) {
        return leave_for_bootloader(app);
    }
    application_enter_session(app, to, req->now_ns);
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
    return settle(app, UDS_POSITIVE);
}

static enum uds_nrc read_dtc(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    const struct application *app = ctx;
    return boot_dtc_read(app->hal, req, rsp);
}

static struct boot_reader reader_of(struct application *app)
{
    return (struct boot_reader){.cfg = app->cfg,
                                .hal = app->hal,
                                .lock = &app->lock,
                                .where = BOOT_IN_APPLICATION,
                                .session = app->session,
                                .header = &app->header,
                                .version = application_version(app)};
}

static enum uds_nrc read_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    const struct boot_reader reader = reader_of(ctx);
    return boot_identifiers_read(&reader, req, rsp);
}

static enum uds_nrc write_data(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct application *app = ctx;
    const struct boot_reader reader = reader_of(app);
    const struct boot_identifier *row;
    const enum uds_nrc nrc = boot_identifier_check_write(&reader, req, &row);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    boot_identifier_write(app->hal, row, req);
    memcpy(&rsp->data[1], &req->data[1], 2);
    rsp->len = 3;
    return settle(app, UDS_POSITIVE);
}

static enum uds_nrc give_seed(struct application *app, const struct boot_level *level,
                              const struct uds_request *req, struct uds_response *rsp)
{
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    rsp->len = (uint16_t)(2 + level->seed_len);
    if (boot_lock_is_open(&app->lock, level)) {
        memset(&rsp->data[2], 0, level->seed_len);
        return UDS_POSITIVE;
    }
    if (boot_lock_delayed(&app->lock, level, req->now_ns)) {
        return UDS_NRC_DELAY_NOT_EXPIRED;
    }
    boot_lock_give_seed(&app->lock, level, &rsp->data[2], req->now_ns);
    return settle(app, UDS_POSITIVE);
}

static enum uds_nrc take_key(struct application *app, const struct boot_level *level,
                             const struct uds_request *req)
{
    if (req->len != 2u + level->key_len) {
        return UDS_NRC_LENGTH;
    }
    if (app->lock.seed_sub != level->seed_sub) {
        return UDS_NRC_SEQUENCE;
    }
    return settle(app, boot_lock_take_key(&app->lock, level, &req->data[2], req->now_ns));
}

static enum uds_nrc security_access(void *ctx, const struct uds_request *req,
                                    struct uds_response *rsp)
{
    struct application *app = ctx;
    const struct boot_level *level;
    const enum uds_nrc nrc =
        boot_lock_find(&app->lock, req->data[1], BOOT_IN_APPLICATION, in_session(app), &level);
    if (nrc != UDS_POSITIVE || req->functional) {
        return nrc;
    }
    return req->data[1] == level->seed_sub ? give_seed(app, level, req, rsp)
                                           : take_key(app, level, req);
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

static enum uds_nrc run_routine(const struct application *app, const struct boot_routine_row *row,
                                const struct uds_request *req, struct uds_response *rsp)
{
    if (row->function == BOOT_DO_HOOK) {
        return boot_routine_hook(app->cfg, row, req, rsp);
    }
    struct boot_arguments arguments;
    const enum uds_nrc nrc =
        boot_arguments_read(app->persona, &row->option, 0, &req->data[BOOT_ROUTINE_ANSWER_AT],
                            (uint16_t)(req->len - BOOT_ROUTINE_ANSWER_AT), &arguments);
    if (nrc == UDS_POSITIVE) {
        boot_put_preconditions(row, application_unmet(app), rsp);
    }
    return nrc;
}

static enum uds_nrc routine_control(void *ctx, const struct uds_request *req,
                                    struct uds_response *rsp)
{
    const struct application *app = ctx;
    const struct boot_routine_row *row =
        boot_routine_of(app->persona, proto_get_u16(&req->data[2]), BOOT_IN_APPLICATION);
    if (row == NULL || (row->sessions & in_session(app)) == 0) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (req->data[1] != UDS_ROUTINE_START) {
        return UDS_NRC_SUBFUNCTION_NOT_SUPPORTED;
    }
    if (!boot_lock_passes(&app->lock, row->level)) {
        return UDS_NRC_SECURITY_DENIED;
    }
    memcpy(&rsp->data[2], &req->data[2], 2);
    rsp->len = BOOT_ROUTINE_ANSWER_AT;
    return run_routine(app, row, req, rsp);
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

/* A personality may give other numbers; these stand in until it does. */
static const struct uds_subfunction levels[] = {{1, UDS_IN_EXTENDED, false},
                                                {2, UDS_IN_EXTENDED, false}};

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

const struct uds_service application_security = {UDS_SECURITY_ACCESS, UDS_IN_EXTENDED, false, 2,
                                                 WITH(levels),        security_access};
const struct uds_service application_write = {UDS_WRITE_DATA, IN_APP, false,     4,
                                              NULL,           0,      write_data};
