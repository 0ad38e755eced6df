/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/application.c - the application model: start-up, links, cyclic frame, leaving for the
 * bootloader. */
#include "sim/ecus/application.h"

#include "sim/ecus/bootloader/boot_dtc.h"

#include <string.h>

/* Own assumptions (docs/fidelity.md): a small body controller without an operating system. */
#define START_NS      PROTO_MS(50)
#define SLOW_START_NS PROTO_MS(8000)
#define WATCHDOG_NS   PROTO_MS(200)
#define FAULT_NS      PROTO_MS(2000)
/* Until a full controller is asked again to take the cyclic frame. */
#define CYCLIC_RETRY_NS PROTO_MS(1)

static bool behaves(const struct application *app, enum boot_behaviour behaviour)
{
    return (app->header.behaviour & (uint32_t)behaviour) != 0;
}

static void enter(struct application *app, enum application_state state, proto_ns_t due_ns)
{
    app->state = state;
    app->state_due_ns = due_ns;
}

static bool link_send(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    struct application *app = ctx;
    return app->hal->can_send(app->hal->ctx, app->cfg->response_id, data, len_bytes);
}

static void physical_message(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct application *app = ctx;
    /* Who asks again has not seen the first frame of the answer, and will not release the rest. */
    isotp_give_up_waiting(&app->physical, now_ns);
    uds_server_on_request(&app->server, data, len_bytes, false, now_ns);
}

static void functional_message(void *ctx, const uint8_t *data, uint16_t len_bytes,
                               proto_ns_t now_ns)
{
    struct application *app = ctx;
    uds_server_on_request(&app->server, data, len_bytes, true, now_ns);
}

static void physical_first_frame(void *ctx, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)len_bytes;
    uds_server_on_first_frame(&app->server, now_ns);
}

/* S3 stood still while the request came; it did not come. */
static void physical_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)why;
    uds_server_on_receive_error(&app->server, now_ns);
}

static void physical_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)result;
    if (app->state == APPLICATION_LEAVING) {
        app->promise_given = !uds_server_more_pendings(&app->server);
    }
    uds_server_on_sent(&app->server, now_ns);
}

static const struct isotp_ops physical_ops = {
    .send = link_send,
    .on_message = physical_message,
    .on_first_frame = physical_first_frame,
    .on_receive_error = physical_receive_error,
    .on_sent = physical_sent,
};

static const struct isotp_ops functional_ops = {
    .send = link_send,
    .on_message = functional_message,
};

static bool server_send(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct application *app = ctx;
    return isotp_send(&app->physical, data, len_bytes, now_ns);
}

static void take_session(struct application *app, const struct boot_session_row *to)
{
    struct boot_timing timing;
    app->session = to;
    boot_session_timing(app->cfg, to, &timing);
    uds_server_set_timing(&app->server, timing.p2_ns, timing.p2_star_ns, timing.s3_ns);
    boot_lock_close(&app->lock);
}

void application_enter_session(struct application *app, const struct boot_session_row *to,
                               proto_ns_t now_ns)
{
    take_session(app, to);
    uds_server_set_session(&app->server, to->kind, now_ns);
}

/* ISO 14229-1: what 28 and 85 changed lasts no longer than the non-default session. */
static void server_session(void *ctx, enum uds_session from, enum uds_session to, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)from;
    (void)now_ns;
    if (to == UDS_SESSION_DEFAULT) {
        take_session(app, &app->persona->sessions[0]);
        if (!boot_lab_quirks(app->cfg->lab)->sticky_quiet) {
            application_set_quiet(app, false, false);
        }
    }
}

/* A 10 02 that was promised an answer keeps its promise. */
static void server_abandoned(void *ctx, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)now_ns;
    app->work = APPLICATION_NO_WORK;
}

static void leave(struct application *app)
{
    enter(app, APPLICATION_GONE, PROTO_NEVER);
    app->hal->reset(app->hal->ctx);
}

static void server_answered(void *ctx, proto_ns_t now_ns)
{
    struct application *app = ctx;
    (void)now_ns;
    if (app->reset_wanted) {
        leave(app);
    }
}

static const struct uds_server_ops server_ops = {
    .send = server_send,
    .on_session = server_session,
    .on_answered = server_answered,
    .on_abandoned = server_abandoned,
};

static void init_links(struct application *app)
{
    const struct boot_cfg *cfg = app->cfg;
    struct isotp_cfg link = {
        .frame_len_max = cfg->frame_len,
        .extended = cfg->extended,
        .address_tx = cfg->tester_address,
        .address_rx = cfg->address,
        .padding_byte = cfg->isotp_padding_byte,
        .pad = cfg->isotp_pad,
        .block_size = cfg->isotp_block_size,
        .st_min = cfg->isotp_st_min,
        .rx_buffer_len = sizeof app->rx,
        .rx_buffer = app->rx,
        .hooks = boot_lab_isotp(cfg->lab),
    };
    isotp_init(&app->physical, &link, &physical_ops, app);
    link.functional = true;
    link.address_rx = cfg->functional_address;
    link.rx_buffer = app->rx_functional;
    link.rx_buffer_len = sizeof app->rx_functional;
    isotp_init(&app->functional, &link, &functional_ops, app);
}

static void init_server(struct application *app)
{
    const bool own = app->persona->application_services != NULL;
    const struct uds_server_cfg cfg = {
        .services = own ? app->persona->application_services : application_services,
        .services_len = own ? app->persona->application_services_len : application_services_len,
        .p2_ns = app->cfg->p2_ns,
        .p2_star_ns = app->cfg->p2_star_ns,
        .s3_ns = app->cfg->s3_ns,
        .response_cap = sizeof app->tx,
        .response = app->tx,
        .hooks = boot_lab_uds(app->cfg->lab),
    };
    uds_server_init(&app->server, &cfg, &server_ops, app);
    take_session(app, &app->persona->sessions[0]);
}

static bool read_header(struct application *app)
{
    uint8_t bytes[BOOT_HEADER_LEN];
    app->hal->flash_read(app->hal->ctx, app->cfg->header_address, bytes, sizeof bytes);
    return boot_header_decode(bytes, &app->header);
}

void application_start(struct application *app, const struct boot_cfg *cfg,
                       const struct boot_hal *hal, proto_ns_t now_ns)
{
    memset(app, 0, sizeof *app);
    app->cfg = cfg;
    app->hal = hal;
    app->persona = boot_personality_of(cfg);
    boot_lock_init(&app->lock, cfg, hal, now_ns);
    application_set_quiet(app, boot_lab_stays_silent(cfg->lab), boot_lab_stays_dtc_off(cfg->lab));
    app->cyclic_due_ns = PROTO_NEVER;
    app->fault_due_ns = PROTO_NEVER;
    init_links(app);
    init_server(app);

    if (!read_header(app) || behaves(app, BOOT_BEHAVE_NO_BOOT)) {
        enter(app, APPLICATION_HUNG, now_ns + WATCHDOG_NS);
        return;
    }
    if (behaves(app, BOOT_BEHAVE_RAISE_DTC)) {
        app->fault_due_ns = now_ns + FAULT_NS;
    }
    enter(app, APPLICATION_STARTING,
          now_ns + boot_lab_quirks(cfg->lab)->start_ns +
              (behaves(app, BOOT_BEHAVE_SLOW_BOOT) ? SLOW_START_NS : START_NS));
}

static bool deaf(const struct application *app)
{
    return (app->state != APPLICATION_RUNNING && app->state != APPLICATION_LEAVING) ||
           behaves(app, BOOT_BEHAVE_MUTE);
}

void application_on_frame(struct application *app, uint32_t id, const uint8_t *data,
                          uint8_t len_bytes, proto_ns_t now_ns)
{
    if (deaf(app)) {
        return;
    }
    if (id == app->cfg->request_id) {
        isotp_on_frame(&app->physical, data, len_bytes, now_ns);
    }
    if (id == app->cfg->functional_id) {
        isotp_on_frame(&app->functional, data, len_bytes, now_ns);
    }
}

void application_on_confirm(struct application *app, uint32_t id, proto_ns_t now_ns)
{
    if (id == app->cfg->response_id) {
        isotp_on_confirm(&app->physical, now_ns);
    }
}

static void send_cyclic(struct application *app, proto_ns_t now_ns)
{
    /* The counter looks like that of an ISO-TP consecutive frame nobody waits for: analysers that
     * are told to read all of the bus as ISO-TP pass it over. */
    uint8_t data[8] = {(uint8_t)(0x20u | (app->cyclic_counter & 0x0Fu)), 0, 0, 0, 0, 0, 0, 0};
    proto_ns_t period_ns = PROTO_MS(app->header.cyclic_ms);
    /* The text of the version, so that a trace shows which software sends. */
    memcpy(&data[1], app->header.version, 7);
    if (!app->tx_enabled) {
        app->cyclic_due_ns = now_ns + period_ns;
    } else if (app->hal->can_send(app->hal->ctx, app->header.cyclic_id, data, sizeof data)) {
        app->cyclic_counter++;
        app->cyclic_due_ns = now_ns + period_ns;
    } else {
        app->cyclic_due_ns = now_ns + CYCLIC_RETRY_NS;
    }
}

static void store_fault(struct application *app)
{
    boot_dtc_store(app->hal);
    app->fault_due_ns = PROTO_NEVER;
}

static void end_start(struct application *app, proto_ns_t now_ns)
{
    enter(app, APPLICATION_RUNNING, PROTO_NEVER);
    if (app->header.cyclic_ms > 0 && !behaves(app, BOOT_BEHAVE_NO_CYCLIC)) {
        app->cyclic_due_ns = now_ns;
    }
}

static void run_work(struct application *app, proto_ns_t now_ns)
{
    if (app->work != APPLICATION_NO_WORK && boot_nvm_settled(app->hal)) {
        app->work = APPLICATION_NO_WORK;
        uds_server_finish(&app->server, app->work_nrc, now_ns);
    }
}

static void run_timers(struct application *app, proto_ns_t now_ns)
{
    if (isotp_deadline_ns(&app->physical) <= now_ns) {
        isotp_on_deadline(&app->physical, now_ns);
    }
    if (uds_server_deadline_ns(&app->server) <= now_ns) {
        uds_server_on_deadline(&app->server, now_ns);
    }
    if (app->cyclic_due_ns <= now_ns) {
        send_cyclic(app, now_ns);
    }
    if (app->fault_due_ns <= now_ns && app->dtc_enabled) {
        store_fault(app);
    }
}

void application_run(struct application *app, proto_ns_t now_ns)
{
    switch (app->state) {
    case APPLICATION_STARTING:
        if (app->state_due_ns <= now_ns) {
            end_start(app, now_ns);
        }
        return;
    case APPLICATION_RUNNING:
        run_timers(app, now_ns);
        run_work(app, now_ns);
        return;
    case APPLICATION_LEAVING:
        run_timers(app, now_ns);
        if (app->promise_given && boot_nvm_settled(app->hal)) {
            leave(app);
        }
        return;
    case APPLICATION_HUNG:
    case APPLICATION_GONE: return;
    }
}

proto_ns_t application_deadline_ns(const struct application *app)
{
    if (app->state != APPLICATION_RUNNING && app->state != APPLICATION_LEAVING) {
        return app->state_due_ns;
    }
    proto_ns_t next_ns =
        proto_min_ns(isotp_deadline_ns(&app->physical), uds_server_deadline_ns(&app->server));
    next_ns = proto_min_ns(next_ns, app->cyclic_due_ns);
    return proto_min_ns(next_ns, app->dtc_enabled ? app->fault_due_ns : PROTO_NEVER);
}

void application_set_quiet(struct application *app, bool communication_off, bool dtc_setting_off)
{
    app->tx_enabled = !communication_off;
    app->dtc_enabled = !dtc_setting_off;
    boot_lab_keep(app->cfg->lab, communication_off, dtc_setting_off);
}

const char *application_version(const struct application *app)
{
    const struct boot_quirks *quirks = boot_lab_quirks(app->cfg->lab);
    if (quirks->version[0] != '\0') {
        return quirks->version;
    }
    return behaves(app, BOOT_BEHAVE_WRONG_VERSION) ? "0.0.0-wrong" : app->header.version;
}

uint8_t application_unmet(const struct application *app)
{
    struct boot_vehicle_state vehicle = {.ignition_on = false};
    uint16_t mv = app->hal->supply_mv(app->hal->ctx);
    uint8_t unmet = 0;

    app->hal->vehicle_state(app->hal->ctx, &vehicle);
    const struct {
        bool unmet;
        enum application_unmet bit;
    } rows[] = {
        {!vehicle.ignition_on, APPLICATION_IGNITION_OFF},
        {vehicle.engine_running, APPLICATION_ENGINE_RUNNING},
        {!vehicle.gear_in_park, APPLICATION_NOT_IN_PARK},
        {vehicle.speed_kmh > 0, APPLICATION_MOVING},
        {app->cfg->supply_min_mv != 0 && mv < app->cfg->supply_min_mv, APPLICATION_SUPPLY_LOW},
        {app->cfg->supply_max_mv != 0 && mv > app->cfg->supply_max_mv, APPLICATION_SUPPLY_HIGH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unmet = (uint8_t)(unmet | (rows[i].unmet ? (unsigned)rows[i].bit : 0u));
    }
    return unmet;
}
