/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/bootloader.c - the instance: start, wiring of transport and services, and the
 * main loop with its one job at a time. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_decision.h"

#include <string.h>

enum { P2_STAR_UNIT_MS = 10 };

/* A command or emulated EEPROM that needs longer will not end any more: the slowest command takes a
 * fraction of a second. */
#define WAIT_MAX_NS PROTO_MS(30000)

enum uds_nrc boot_begin_job(struct bootloader *boot, enum boot_job job)
{
    if (boot->unusable) {
        return UDS_NRC_PROGRAMMING_FAILURE;
    }
    if (boot->job != BOOT_JOB_NONE) {
        return UDS_NRC_BUSY_REPEAT;
    }
    boot->job = job;
    boot->job_begun = false;
    boot->job_silent = false;
    boot->job_bad = NULL;
    boot->job_nrc = UDS_POSITIVE;
    /* What the handler has written to emulated EEPROM counts before anything else happens. */
    boot->step = BOOT_STEP_WAIT_NVM;
    boot->wait_due_ns = 0;
    return UDS_NRC_RESPONSE_PENDING;
}

enum boot_step boot_end_job(struct bootloader *boot, enum uds_nrc nrc)
{
    boot->job_nrc = nrc;
    return BOOT_STEP_DONE;
}

enum uds_nrc boot_supply_nrc(const struct bootloader *boot)
{
    const struct boot_cfg *cfg = boot->cfg;
    const uint16_t mv = boot->hal->supply_mv(boot->hal->ctx);
    if (boot->hal->supply_low(boot->hal->ctx) || mv < cfg->supply_min_mv) {
        return UDS_NRC_VOLTAGE_TOO_LOW;
    }
    return cfg->supply_max_mv != 0 && mv > cfg->supply_max_mv ? UDS_NRC_VOLTAGE_TOO_HIGH
                                                              : UDS_POSITIVE;
}

bool boot_read_header(struct bootloader *boot, struct boot_header *header)
{
    (void)boot_flash_read(boot->hal, boot->cfg->header_address, boot->sector, BOOT_HEADER_LEN);
    return boot_header_decode(boot->sector, header);
}

bool boot_text_equal(const char *a, const char *b)
{
    uint8_t i = 0;
    while (i < BOOT_ID_LEN && a[i] != '\0' && a[i] == b[i]) {
        i++;
    }
    return i == BOOT_ID_LEN || a[i] == b[i];
}

static void forget_session(struct bootloader *boot, const struct boot_session_row *to)
{
    boot->session = to;
    boot_session_timing(boot->cfg, to, &boot->timing);
    uds_server_set_timing(&boot->uds, boot->timing.p2_ns, boot->timing.p2_star_ns,
                          boot->timing.s3_ns);
    boot_lock_close(&boot->lock);
    boot->transfer.foretold = false;
    boot->transfer.verified_len = 0;
    boot_transfer_reset(boot);
}

void boot_enter_session(struct bootloader *boot, const struct boot_session_row *session,
                        proto_ns_t now_ns)
{
    forget_session(boot, session);
    uds_server_set_session(&boot->uds, session->kind, now_ns);
}

/* By subtraction: the chip has no 64-bit division, and sessions begin seldom. */
static uint16_t count_units(proto_ns_t span_ns, proto_ns_t unit_ns)
{
    uint16_t count = 0;
    while (span_ns >= unit_ns && count < UINT16_MAX) {
        span_ns -= unit_ns;
        count++;
    }
    return count;
}

void boot_put_timing(const struct bootloader *boot, uint8_t *to)
{
    proto_put_u16(to, count_units(uds_server_p2_ns(&boot->uds), PROTO_MS(1)));
    proto_put_u16(to + 2,
                  count_units(uds_server_p2_star_ns(&boot->uds), PROTO_MS(P2_STAR_UNIT_MS)));
}

enum boot_where boot_runs_as(const struct bootloader *boot)
{
    return boot->loader.active ? BOOT_IN_LOADER : BOOT_IN_BOOTLOADER;
}

uint8_t boot_in_session(const struct bootloader *boot)
{
    return boot_session_bit(boot->persona, boot->session);
}

static bool boot_isotp_send(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    struct bootloader *boot = ctx;
    return boot->hal->can_send(boot->hal->ctx, boot->cfg->response_id, data, len_bytes);
}

/* In the default session a good application is given the ECU back when nobody asks for anything. */
static void restart_return(struct bootloader *boot, proto_ns_t now_ns)
{
    boot->return_due_ns = now_ns + boot->timing.s3_ns;
}

static void boot_isotp_message(void *ctx, const uint8_t *data, uint16_t len_bytes,
                               proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    restart_return(boot, now_ns);
    /* Who asks again has not seen the first frame of the answer, and will not release the rest. */
    isotp_give_up_waiting(&boot->physical, now_ns);
    uds_server_on_request(&boot->uds, data, len_bytes, false, now_ns);
}

static void boot_isotp_functional(void *ctx, const uint8_t *data, uint16_t len_bytes,
                                  proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    if (len_bytes > 0 && boot_physical_only(data[0])) {
        return;
    }
    restart_return(boot, now_ns);
    uds_server_on_request(&boot->uds, data, len_bytes, true, now_ns);
}

static void boot_isotp_first_frame(void *ctx, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    (void)len_bytes;
    uds_server_on_first_frame(&boot->uds, now_ns);
}

static void boot_isotp_receive_error(void *ctx, enum isotp_result why, proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    (void)why;
    uds_server_on_receive_error(&boot->uds, now_ns);
}

static void boot_isotp_sent(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    (void)result;
    uds_server_on_sent(&boot->uds, now_ns);
}

static const struct isotp_ops physical_ops = {
    .send = boot_isotp_send,
    .on_message = boot_isotp_message,
    .on_first_frame = boot_isotp_first_frame,
    .on_receive_error = boot_isotp_receive_error,
    .on_sent = boot_isotp_sent,
};
static const struct isotp_ops functional_ops = {.on_message = boot_isotp_functional};

static bool boot_uds_send(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    return isotp_send(&boot->physical, data, len_bytes, now_ns);
}

/* S3 has run out, or 10 was asked for; the latter leaves by itself once it is answered. */
static void boot_uds_session(void *ctx, enum uds_session from, enum uds_session to,
                             proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    (void)from;
    if (to == UDS_SESSION_DEFAULT) {
        forget_session(boot, &boot->persona->sessions[0]);
        boot->return_due_ns = now_ns;
    }
}

/* The request has its answer; the flash may still be busy with it. */
static void boot_uds_abandoned(void *ctx, proto_ns_t now_ns)
{
    struct bootloader *boot = ctx;
    (void)now_ns;
    boot->abandoned = boot->job != BOOT_JOB_NONE && !boot->job_silent;
    boot->writer.fresh = false;
}

static const struct uds_server_ops uds_ops = {
    .send = boot_uds_send,
    .on_session = boot_uds_session,
    .on_abandoned = boot_uds_abandoned,
};

static void init_links(struct bootloader *boot)
{
    const struct boot_cfg *cfg = boot->cfg;
    const struct isotp_cfg physical = {
        .frame_len_max = cfg->frame_len,
        .extended = cfg->extended,
        .address_tx = cfg->tester_address,
        .address_rx = cfg->address,
        .padding_byte = cfg->isotp_padding_byte,
        .pad = cfg->isotp_pad,
        .block_size = cfg->isotp_block_size,
        .st_min = cfg->isotp_st_min,
        .rx_buffer_len = BOOT_BLOCK_MAX,
        .rx_buffer = boot->request,
        .hooks = boot_lab_isotp(cfg->lab),
    };
    const struct isotp_cfg functional = {
        .frame_len_max = cfg->frame_len,
        .extended = cfg->extended,
        .address_rx = cfg->functional_address,
        .functional = true,
        .rx_buffer_len = BOOT_SINGLE_FRAME_MAX,
        .rx_buffer = boot->request_functional,
    };
    isotp_init(&boot->physical, &physical, &physical_ops, boot);
    isotp_init(&boot->functional, &functional, &functional_ops, boot);
}

static void init_server(struct bootloader *boot)
{
    const struct boot_personality *persona = boot->persona;
    const bool own = persona->services != NULL;
    boot->session = &persona->sessions[0];
    boot_session_timing(boot->cfg, boot->session, &boot->timing);
    const struct uds_server_cfg server = {
        .services = own ? persona->services : boot_services,
        .services_len = own ? persona->services_len : (uint8_t)BOOT_SERVICES,
        .p2_ns = boot->timing.p2_ns,
        .p2_star_ns = boot->timing.p2_star_ns,
        .s3_ns = boot->timing.s3_ns,
        .response_cap = BOOT_RESPONSE_MAX,
        .response = boot->response,
        .hooks = boot_lab_uds(boot->cfg->lab),
    };
    uds_server_init(&boot->uds, &server, &uds_ops, boot);
}

/* The regions rise, do not overlap, and are whole sectors of arrays that exist. */
static void check_config(const struct boot_cfg *cfg)
{
    PROTO_CHECK(cfg->regions_len > 0 && cfg->regions_len <= BOOT_REGIONS_MAX);
    PROTO_CHECK(cfg->block_len_max == 0 ||
                (cfg->block_len_max >= 4 && cfg->block_len_max <= BOOT_BLOCK_MAX));
    uint32_t behind = boot_blocks[0].start;
    for (uint8_t i = 0; i < cfg->regions_len; i++) {
        const struct boot_region *region = &cfg->regions[i];
        PROTO_CHECK(region->start >= behind && region->start < region->end);
        PROTO_CHECK(region->start % BOOT_SECTOR_LEN == 0 && region->end % BOOT_SECTOR_LEN == 0);
        behind = region->end;
    }
    PROTO_CHECK(behind <= boot_blocks[BOOT_BLOCKS - 1].end);
}

static enum boot_action decide(struct bootloader *boot)
{
    struct boot_header header;
    const struct boot_marks marks = {
        .request = boot_nvm_read(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST),
        .valid = boot_nvm_read(boot->hal, BOOT_NVM_APPLICATION_VALID),
        .header_good = boot_read_header(boot, &header) &&
                       boot_text_equal(header.hardware_id, boot->cfg->hardware_id),
        .hung = boot->hal->watchdog_reset(boot->hal->ctx),
    };
    boot->hung = marks.hung;
    boot->runnable = marks.valid == BOOT_VALID && marks.header_good;
    return boot_decide(&marks);
}

/* Reset has copied emulated EEPROM down; it takes writes once it is enabled. */
static void begin_startup(struct bootloader *boot)
{
    if (!boot_flash_init(boot->hal, boot->cfg->osc_hz)) {
        boot->unusable = true;
        return;
    }
    boot_flash_enable_eee(boot->hal);
    boot->job = BOOT_JOB_STARTUP;
    boot->step = BOOT_STEP_WAIT_FLASH;
}

enum boot_decision bootloader_init(struct bootloader *boot, const struct boot_cfg *cfg,
                                   const struct boot_hal *hal, proto_ns_t now_ns)
{
    check_config(cfg);
    memset(boot, 0, sizeof *boot);
    boot->cfg = cfg;
    boot->hal = hal;
    boot->persona = boot_personality_of(cfg);
    boot->communication_off = boot_lab_stays_silent(cfg->lab);
    boot->dtc_setting_off = boot_lab_stays_dtc_off(cfg->lab);
    boot_lab_keep(cfg->lab, boot->communication_off, boot->dtc_setting_off);
    init_links(boot);
    init_server(boot);
    const enum boot_action action = decide(boot);
    begin_startup(boot);
    if (action == BOOT_ACTION_RUN) {
        boot->stopped = true;
        hal->start_application(hal->ctx);
        return BOOT_RUN_APPLICATION;
    }
    boot->answer_due = action == BOOT_ACTION_ANSWER;
    boot_lock_init(&boot->lock, cfg, hal, now_ns);
    boot_write_load_open(boot);
    restart_return(boot, now_ns);
    return BOOT_STAY;
}

/* Eleven bits and 29 bits share the number range; above 0x7FF it is always the longer kind. */
void bootloader_on_frame(struct bootloader *boot, uint32_t id, const uint8_t *data,
                         uint8_t len_bytes, proto_ns_t now_ns)
{
    if (boot->stopped) {
        return;
    }
    /* With extended addressing one identifier may be both, and the address decides. */
    if (id == boot->cfg->request_id) {
        isotp_on_frame(&boot->physical, data, len_bytes, now_ns);
    }
    if (id == boot->cfg->functional_id) {
        isotp_on_frame(&boot->functional, data, len_bytes, now_ns);
    }
}

void bootloader_on_confirm(struct bootloader *boot, proto_ns_t now_ns)
{
    if (!boot->stopped) {
        isotp_on_confirm(&boot->physical, now_ns);
    }
}

static enum boot_step answer_open_request(struct bootloader *boot, proto_ns_t now_ns)
{
    const struct boot_session_row *session = boot_session_programming(boot->persona);
    uint8_t answer[6] = {UDS_SESSION_CONTROL + UDS_RESPONSE_OFFSET, session->id};
    boot_enter_session(boot, session, now_ns);
    boot_put_timing(boot, answer + 2);
    boot->answer_due = false;
    (void)uds_server_send_unrequested(&boot->uds, answer, sizeof answer, now_ns);
    return boot_end_job(boot, UDS_POSITIVE);
}

static enum boot_step startup_step(struct bootloader *boot, proto_ns_t now_ns)
{
    if (!boot->job_begun) {
        boot->job_begun = true;
        boot->unusable = boot_flash_outcome(boot->hal) != BOOT_FLASH_OK;
        if (boot->answer_due && !boot->unusable) {
            /* A further reset must not answer once more. */
            boot_nvm_write(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING);
        }
        return BOOT_STEP_WAIT_NVM;
    }
    return boot->answer_due ? answer_open_request(boot, now_ns) : boot_end_job(boot, UDS_POSITIVE);
}

static enum boot_step leave_step(struct bootloader *boot)
{
    if (!boot->job_begun) {
        boot->job_begun = true;
        if (!boot->unusable) {
            boot_nvm_write(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_NONE);
        }
        return BOOT_STEP_WAIT_NVM;
    }
    const bool resets = boot->leave == BOOT_LEAVE_RESET;
    boot->leave = BOOT_LEAVE_NOT;
    if (resets) {
        boot->stopped = true;
        boot->hal->reset(boot->hal->ctx);
    }
    return BOOT_STEP_DONE;
}

static enum boot_step job_step(struct bootloader *boot, proto_ns_t now_ns)
{
    switch (boot->job) {
    case BOOT_JOB_NONE: break;
    case BOOT_JOB_STARTUP: return startup_step(boot, now_ns);
    case BOOT_JOB_SETTLE: break;
    case BOOT_JOB_ACCEPT: return boot_accept_step(boot);
    case BOOT_JOB_LEAVE: return leave_step(boot);
    case BOOT_JOB_ERASE: return boot_erase_step(boot);
    case BOOT_JOB_WRITE: return boot_write_step(boot);
    case BOOT_JOB_CHECK: return boot_check_step(boot);
    }
    return BOOT_STEP_DONE;
}

static bool step_due(const struct bootloader *boot)
{
    switch (boot->step) {
    case BOOT_STEP_WAIT_FLASH: return boot_flash_idle(boot->hal);
    case BOOT_STEP_WAIT_NVM: return boot->unusable || boot_nvm_settled(boot->hal);
    case BOOT_STEP_AGAIN:
    case BOOT_STEP_DONE: break;
    }
    return true;
}

static void end_job(struct bootloader *boot, proto_ns_t now_ns)
{
    const enum boot_job job = boot->job;
    boot->job = BOOT_JOB_NONE;
    if (boot->abandoned) {
        boot->abandoned = false;
        boot_write_load_open(boot);
        return;
    }
    if (job == BOOT_JOB_STARTUP || job == BOOT_JOB_LEAVE) {
        return;
    }
    if (boot->job_nrc == UDS_POSITIVE && job == BOOT_JOB_WRITE) {
        boot_transfer_written(boot);
    }
    if (boot->job_nrc == UDS_POSITIVE && job == BOOT_JOB_CHECK) {
        boot_transfer_checked(boot);
    }
    if (boot->job_silent) {
        boot->polled_nrc = boot->job_nrc;
        return;
    }
    if (boot->job_nrc == UDS_NRC_PROGRAMMING_FAILURE && boot->job_bad != NULL) {
        memcpy(boot->response + BOOT_ROUTINE_ANSWER_AT, boot->job_bad->bytes, boot->job_bad->len);
        boot->job_nrc = UDS_POSITIVE;
    }
    uds_server_finish(&boot->uds, boot->job_nrc, now_ns);
}

/* The hardware does not come back; only a reset can help it. The way to one stays open. */
static void give_up_waiting(struct bootloader *boot, proto_ns_t now_ns)
{
    boot->unusable = true;
    boot->writer.fresh = false;
    if (boot->job != BOOT_JOB_LEAVE) {
        boot->job_nrc = UDS_NRC_PROGRAMMING_FAILURE;
        end_job(boot, now_ns);
    }
}

static void watch_wait(struct bootloader *boot, proto_ns_t now_ns)
{
    if (boot->wait_due_ns == 0) {
        boot->wait_due_ns = now_ns + WAIT_MAX_NS;
    } else if (now_ns >= boot->wait_due_ns) {
        give_up_waiting(boot, now_ns);
    }
}

static void run_job(struct bootloader *boot, proto_ns_t now_ns)
{
    if (boot->job == BOOT_JOB_NONE) {
        return;
    }
    if (!step_due(boot)) {
        watch_wait(boot, now_ns);
        return;
    }
    boot->step = boot->abandoned ? BOOT_STEP_DONE : job_step(boot, now_ns);
    boot->wait_due_ns = now_ns + WAIT_MAX_NS;
    if (boot->step == BOOT_STEP_DONE && !boot->stopped) {
        end_job(boot, now_ns);
    }
}

/* Nothing is in work, and nothing comes in. */
static bool quiet(const struct bootloader *boot)
{
    return boot->job == BOOT_JOB_NONE && boot->uds.state == UDS_SERVER_IDLE &&
           !isotp_receiving(&boot->physical);
}

static bool waits_to_return(const struct bootloader *boot)
{
    return boot->runnable && boot->uds.session == UDS_SESSION_DEFAULT && quiet(boot);
}

static void run_leave(struct bootloader *boot, proto_ns_t now_ns)
{
    if (boot->leave == BOOT_LEAVE_NOT && waits_to_return(boot) && now_ns >= boot->return_due_ns) {
        boot->leave = BOOT_LEAVE_RESET;
    }
    if (boot->leave == BOOT_LEAVE_NOT || !quiet(boot)) {
        return;
    }
    boot->job = BOOT_JOB_LEAVE;
    boot->job_begun = false;
    boot->step = BOOT_STEP_AGAIN;
    boot->wait_due_ns = 0;
}

void bootloader_run(struct bootloader *boot, proto_ns_t now_ns)
{
    if (boot->stopped) {
        return;
    }
    if (now_ns >= isotp_deadline_ns(&boot->physical)) {
        isotp_on_deadline(&boot->physical, now_ns);
    }
    if (now_ns >= uds_server_deadline_ns(&boot->uds)) {
        uds_server_on_deadline(&boot->uds, now_ns);
    }
    run_job(boot, now_ns);
    if (!boot->stopped) {
        run_leave(boot, now_ns);
    }
}

proto_ns_t bootloader_deadline_ns(const struct bootloader *boot)
{
    if (boot->stopped) {
        return PROTO_NEVER;
    }
    if (boot->job != BOOT_JOB_NONE && step_due(boot)) {
        return 0;
    }
    if (boot->leave != BOOT_LEAVE_NOT && quiet(boot)) {
        return 0;
    }
    proto_ns_t due =
        proto_min_ns(isotp_deadline_ns(&boot->physical), uds_server_deadline_ns(&boot->uds));
    if (boot->job != BOOT_JOB_NONE) {
        due = proto_min_ns(due, boot->wait_due_ns);
    }
    return waits_to_return(boot) ? proto_min_ns(due, boot->return_due_ns) : due;
}

enum uds_session bootloader_session(const struct bootloader *boot)
{
    return boot->uds.session;
}

bool bootloader_unlocked(const struct bootloader *boot)
{
    return boot->uds.unlocked;
}

bool bootloader_communication_on(const struct bootloader *boot)
{
    return !boot->communication_off;
}

bool bootloader_dtc_setting_on(const struct bootloader *boot)
{
    return !boot->dtc_setting_off;
}
