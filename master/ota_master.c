/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_master.c - the machine: entering steps, handing answers to their checks, waiting, and
 * the interface to the outside. */
#include "master/ota_master.h"

#include "master/ota_machine.h"
#include "master/ota_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While the quiet state is lifted, an ECU that only says "pending" is not waited for. */
#define LEAVE_PENDING_NS PROTO_MS(1000)
/* Nor is it waited for so long that others would not be reached in time. */
#define LEAVE_P2_NS PROTO_MS(200)

enum { P2_DEFAULT_MS = 50, P2_STAR_DEFAULT_10MS = 500 };

const char *ota_result_name(enum ota_result_code code)
{
#define OTA_NAME(name, text) text,
    static const char *const names[] = {OTA_RESULTS(OTA_NAME)};
#undef OTA_NAME
    return (size_t)code < sizeof names / sizeof names[0] ? names[code] : "unknown";
}

const char *ota_phase_name(enum ota_phase phase)
{
#define OTA_NAME(name, text) text,
    static const char *const names[] = {OTA_PHASES(OTA_NAME)};
#undef OTA_NAME
    return phase < OTA_PHASE_COUNT ? names[phase] : "unknown";
}

void ota_log(const struct ota_master *m, const char *fmt, ...)
{
    if (!m->port->log) {
        return;
    }
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    m->port->log(m->port->ctx, text);
}

bool ota_save(struct ota_master *m)
{
    int code = ota_journal_write(&m->journal, &m->progress);
    if (code == 0) {
        m->journaled = true;
        return true;
    }
    m->journal_why = ota_why_of(ota_store_error_code(code));
    if (!m->journal_failed) {
        ota_log(m, "the progress cannot be recorded; a power cut of the master would cost more");
    }
    m->journal_failed = true;
    return false;
}

void ota_set_phase(struct ota_master *m, enum ota_phase phase, uint64_t now_ns)
{
    m->report.phase_ns[m->phase] += now_ns - m->phase_since_ns;
    m->phase_since_ns = now_ns;
    if (phase != m->phase) {
        ota_log(m, "%s", ota_phase_name(phase));
    }
    m->phase = phase;
}

bool ota_request_was_resent(const struct ota_master *m)
{
    return m->link.client.stats.resends != m->resends_before;
}

void ota_wait(struct ota_master *m, enum ota_then then, uint64_t until_ns)
{
    m->state = OTA_STATE_WAITING;
    m->then = then;
    m->wait_ns = until_ns;
}

/* While the quiet state is being lifted; reading the version afterwards has its own limit. */
static bool leave_limited(const struct ota_master *m)
{
    return m->leaving && m->state != OTA_STATE_DONE && m->step != OTA_STEP_RESTORE_VERSION;
}

/* The longest that 78 is waited for (catalogue, RC78_CAP). 0: as for all. */
static uint64_t pending_cap_ns(const struct ota_master *m)
{
    if (leave_limited(m)) {
        return LEAVE_PENDING_NS;
    }
    uint64_t erase_ns = PROTO_MS(m->job->erase_ms_max) / 4 * 5;
    return m->step == OTA_STEP_ERASE && erase_ns > PROTO_MS(m->job->pending_ms_max) ? erase_ns : 0;
}

void ota_ask(struct ota_master *m, bool to_all, uint64_t now_ns)
{
    enum ota_step_resends resends = ota_step(m->step)->resends;
    struct uds_client_options options = {.pending_cap_ns = pending_cap_ns(m),
                                         .resend_max = resends == OTA_RESEND_ONCE,
                                         .no_resend = resends == OTA_NO_RESEND};
    if (to_all && m->job->network_len > 0) {
        options.no_resend = true; /* Who is missing is asked alone. */
    }
    if (leave_limited(m)) {
        options.p2_ns = proto_min_ns(m->link.client.cfg.p2_ns, LEAVE_P2_NS);
    }
    m->state = OTA_STATE_ASKING;
    m->resends_before = m->link.client.stats.resends;
    ota_link_request(&m->link, m->request, m->request_len, to_all, &options, now_ns);
}

static void ask_step(struct ota_master *m, uint64_t now_ns)
{
    enum ota_step_to to = ota_step(m->step)->to;
    bool to_all = to == OTA_TO_ALL || (to == OTA_TO_NETWORK && m->job->network_len > 0);
    ota_network_begin(m, to_all);
    ota_ask(m, to_all, now_ns);
}

/* A later life has to know that it must lift the quiet state. Once the old software is gone, to go
 * on is worth more. */
static bool record_quiet(struct ota_master *m)
{
    m->progress.quiet = true;
    if (ota_save(m) || m->progress.erase != OTA_ERASE_NONE) {
        return true;
    }
    m->progress.quiet = false;
    ota_reason(m, m->journal_why, "a quiet network cannot be recorded; it is not asked for");
    return false;
}

/* What has to be known before a request leaves. False: it must not leave. */
static bool before_step(struct ota_master *m, enum ota_step_id id)
{
    if (id == OTA_STEP_EXTENDED || id == OTA_STEP_ACTIVATE) {
        m->touched = true;
    }
    if (id == OTA_STEP_DTC_OFF && !m->progress.quiet && !record_quiet(m)) {
        return false;
    }
    if (id == OTA_STEP_ERASE) {
        m->erased_now = true;
    }
    if (id == OTA_STEP_ERASE || id == OTA_STEP_ACTIVATE) {
        m->report.version[0] = '\0'; /* What was read before no longer runs. */
    }
    return true;
}

void ota_enter(struct ota_master *m, enum ota_step_id id, uint64_t now_ns)
{
    const struct ota_step *step = ota_step(id);
    m->step = id;
    if (step->phase != OTA_PHASE_COUNT && step->phase != m->phase) {
        ota_set_phase(m, step->phase, now_ns);
    }
    if (!before_step(m, id)) {
        ota_fail(m, now_ns);
        return;
    }
    m->request_len = step->fixed_len;
    if (step->build) {
        m->request_len = step->build(m, m->request);
    } else {
        memcpy(m->request, step->fixed, step->fixed_len);
    }
    m->overflows = 0;
    if (m->request_len) {
        ask_step(m, now_ns);
    } else {
        ota_fail(m, now_ns);
    }
}

void ota_repeat(struct ota_master *m, uint64_t now_ns)
{
    ask_step(m, now_ns);
}

void ota_restart(struct ota_master *m, uint64_t now_ns)
{
    uds_client_set_timing(&m->link.client, P2_DEFAULT_MS, P2_STAR_DEFAULT_10MS);
    m->erased_now = false;
    m->refused_seed_known = false;
    m->unlock_waits = 0;
    ota_enter(m, OTA_STEP_READ_HARDWARE, now_ns);
}

/* The ECU went to its default session, answered or not. */
static void left_default(struct ota_master *m, uint64_t now_ns)
{
    bool interesting = m->ending == OTA_FAILED_OLD || m->ending == OTA_REFUSED;
    if (m->answered && interesting) {
        ota_react_not_up(m, now_ns);
    } else {
        ota_left(m, now_ns);
    }
}

void ota_next(struct ota_master *m, uint64_t now_ns)
{
    if (m->step == OTA_STEP_RESTORE_DEFAULT) {
        left_default(m, now_ns);
    } else {
        ota_enter(m, ota_step(m->step)->next, now_ns);
    }
}

void ota_pass(struct ota_master *m, const uint8_t *data, uint16_t len_bytes, uint64_t now_ns)
{
    const struct ota_step *step = ota_step(m->step);
    m->answered = data != NULL;
    if (!step->check || step->check(m, data, len_bytes, now_ns) == OTA_AFTER_NEXT) {
        ota_network_settle(m, now_ns);
    }
}

static void on_result(void *ctx, enum uds_client_result result, const uint8_t *data,
                      uint16_t len_bytes, uint64_t now_ns)
{
    struct ota_master *m = ctx;
    if (m->network.chasing) {
        ota_network_on_result(m, result, data, now_ns);
        return;
    }
    m->unsent = result == UDS_CLIENT_TRANSPORT;
    switch (result) {
    case UDS_CLIENT_POSITIVE:
        m->supply_waits = 0;
        ota_pass(m, data, len_bytes, now_ns);
        return;
    case UDS_CLIENT_NEGATIVE:
        if (data[2] != UDS_NRC_CONDITIONS || !ota_network_ask_target(m, now_ns)) {
            ota_react_negative(m, data[2], now_ns);
        }
        return;
    case UDS_CLIENT_PENDING_TOO_LONG:
        ota_react_negative(m, UDS_NRC_RESPONSE_PENDING, now_ns);
        return;
    case UDS_CLIENT_TIMEOUT:
        if (!ota_network_ask_target(m, now_ns)) {
            ota_react_silence(m, "no answer", now_ns);
        }
        return;
    case UDS_CLIENT_TRANSPORT:
        ota_react_silence(m, "the request could not be sent", now_ns);
        return;
    }
}

/* The ECU cannot take a message of that length: shorter blocks, if it is a block; else it may have
 * been a passing shortage, but only once. */
static bool on_overflow(void *ctx, uint64_t now_ns)
{
    struct ota_master *m = ctx;
    bool is_block = m->state == OTA_STATE_ASKING && m->step == OTA_STEP_TRANSFER;
    if (is_block && ota_transfer_shrink(m)) {
        uds_client_abort(&m->link.client);
        ota_enter(m, OTA_STEP_TRANSFER, now_ns);
        return true;
    }
    if (m->overflows++ == 0 || m->leaving) {
        return false;
    }
    uds_client_abort(&m->link.client);
    ota_blame(m, m->request[0], 0);
    ota_reason(m, OTA_WHY_BAD_RESPONSE, "%s: %u bytes do not fit the ECU's buffer",
               ota_step(m->step)->name, m->request_len);
    ota_fail(m, now_ns);
    return true;
}

static void on_other_frame(void *ctx, const struct ota_frame *frame, uint64_t now_ns)
{
    ota_network_on_frame(ctx, frame, now_ns);
    ota_health_on_frame(ctx, frame, now_ns);
}

static const struct ota_link_ops link_ops = {
    .on_result = on_result, .on_overflow = on_overflow, .on_other_frame = on_other_frame};

struct ota_master *ota_master_new(const struct ota_job *job, const struct ota_port *port)
{
    struct ota_master *m = calloc(1, sizeof *m);
    if (!m) {
        return NULL;
    }
    m->transfer.hash = ota_hash_new();
    if (!m->transfer.hash) {
        free(m);
        return NULL;
    }
    m->job = job;
    m->port = port;
    ota_link_init(&m->link, job, port, &link_ops, m);
    m->recorded = ota_journal_open(&m->journal, port, &m->progress);
    return m;
}

void ota_master_free(struct ota_master *master)
{
    if (!master) {
        return;
    }
    ota_hash_free(master->transfer.hash);
    ota_image_release(&master->stored);
    free(master);
}

void ota_master_start(struct ota_master *master, uint64_t now_ns)
{
    PROTO_CHECK(master->state == OTA_STATE_IDLE);
    master->phase_since_ns = now_ns;
    ota_set_phase(master, OTA_PH1_CHECK, now_ns);
    if (ota_campaign_check(master, now_ns)) {
        ota_restart(master, now_ns);
    }
}

void ota_master_on_frame(struct ota_master *master, const struct ota_frame *frame, uint64_t now_ns)
{
    if (master->state != OTA_STATE_DONE) {
        ota_link_on_frame(&master->link, frame, now_ns);
    }
}

void ota_master_on_confirm(struct ota_master *master, uint64_t now_ns)
{
    ota_link_on_confirm(&master->link, now_ns);
}

void ota_master_on_lost(struct ota_master *master, uint64_t now_ns)
{
    ota_link_on_lost(&master->link, now_ns);
}

void ota_master_on_room(struct ota_master *master, uint64_t now_ns)
{
    ota_link_on_room(&master->link, now_ns);
}

static void end_wait(struct ota_master *m, uint64_t now_ns)
{
    switch (m->then) {
    case OTA_THEN_STEP: ota_enter(m, m->step, now_ns); return;
    case OTA_THEN_REPEAT: ota_repeat(m, now_ns); return;
    case OTA_THEN_PROBE: ota_enter(m, OTA_STEP_PROBE, now_ns); return;
    case OTA_THEN_KEY: ota_use_seed(m, now_ns); return;
    case OTA_THEN_CHASE: ota_network_chase(m, now_ns); return;
    case OTA_THEN_LOOK: ota_health_look(m, now_ns); return;
    case OTA_THEN_RESTART: ota_restart(m, now_ns); return;
    }
}

void ota_master_on_deadline(struct ota_master *master, uint64_t now_ns)
{
    ota_link_on_deadline(&master->link, now_ns);
    if (leave_limited(master) && now_ns >= master->leave_until_ns) {
        ota_left(master, now_ns);
    } else if (master->state == OTA_STATE_WAITING && now_ns >= master->wait_ns) {
        end_wait(master, now_ns);
    }
}

uint64_t ota_master_deadline_ns(const struct ota_master *master)
{
    if (master->state == OTA_STATE_IDLE || master->state == OTA_STATE_DONE) {
        return PROTO_NEVER;
    }
    uint64_t due = ota_link_deadline_ns(&master->link);
    if (master->state == OTA_STATE_WAITING) {
        due = proto_min_ns(due, master->wait_ns);
    }
    return leave_limited(master) ? proto_min_ns(due, master->leave_until_ns) : due;
}

bool ota_master_done(const struct ota_master *master, struct ota_report *report)
{
    if (master->state != OTA_STATE_DONE) {
        return false;
    }
    if (report) {
        *report = master->report;
    }
    return true;
}

void ota_master_progress(const struct ota_master *master, struct ota_progress *progress)
{
    memset(progress, 0, sizeof *progress);
    progress->phase = master->phase;
    if (!master->image) {
        return;
    }
    progress->segments = (uint16_t)master->image->segments_len;
    progress->bytes_total = (uint32_t)master->image->bytes_total;
    progress->bytes_done = master->progress.confirmed;
    for (size_t i = 0; i < master->progress.segment && i < master->image->segments_len; i++) {
        progress->bytes_done += master->image->segments[i].len_bytes;
    }
    if (master->phase >= OTA_PH4C_TRANSFER) {
        progress->segment = (uint16_t)(master->transfer.segment + 1);
    }
    if (progress->segment > progress->segments) {
        progress->segment = progress->segments;
    }
}
