/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_react.c - what follows a negative answer, silence, or a lost session. */
#include "master/ota_machine.h"

#include <stdio.h>

enum { KEYS_MAX = 2, UNLOCK_WAITS_MAX = 3 };

/* The delay that an ECU keeps after wrong keys is typically 10 s; a little more, because its clock
 * is not ours. */
#define UNLOCK_WAIT_NS PROTO_MS(10500)
/* While the supply is out of its limits the ECU is asked once in this time. */
#define SUPPLY_WAIT_NS PROTO_MS(5000)
#define POLL_FIRST_NS  PROTO_MS(100)
#define POLL_GAP_NS    PROTO_MS(200)

static void fail_answer(struct ota_master *m, enum ota_step_id step, uint8_t sid, uint8_t nrc,
                        uint64_t now_ns)
{
    ota_blame(m, sid, nrc);
    if (step >= OTA_STEP_DOWNLOAD && step <= OTA_STEP_EXIT) {
        ota_blame_place(m, step);
        ota_reason(m, OTA_WHY_NEGATIVE_RESPONSE,
                   "%s (%s %02X): %s (%02X), segment %u, address 0x%08X", ota_step(step)->name,
                   uds_service_name(sid), sid, uds_nrc_name(nrc), nrc, m->report.segment,
                   (unsigned)m->report.address);
    } else {
        ota_reason(m, OTA_WHY_NEGATIVE_RESPONSE, "%s (%s %02X): %s (%02X)", ota_step(step)->name,
                   uds_service_name(sid), sid, uds_nrc_name(nrc), nrc);
    }
    ota_fail(m, now_ns);
}

static void fail_step(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    fail_answer(m, m->step, m->request[0], nrc, now_ns);
}

void ota_conditions(struct ota_master *m, enum ota_why why, uint8_t nrc, const char *what,
                    uint64_t now_ns)
{
    if (m->condition_waits++ < m->job->condition_max) {
        ota_log(m, "%s; waiting", what);
        ota_link_abort(&m->link);
        ota_link_keep_alive(&m->link, false, now_ns);
        ota_wait(m, OTA_THEN_PROBE, now_ns + PROTO_MS(m->job->condition_ms));
        return;
    }
    ota_blame(m, m->request[0], nrc);
    ota_reason(m, why, "%s", what);
    ota_end(m, OTA_INTERRUPTED, now_ns);
}

void ota_refuse(struct ota_master *m, enum ota_why why, uint8_t nrc, const char *what,
                uint64_t now_ns)
{
    if (m->progress.erase != OTA_ERASE_NONE) {
        ota_conditions(m, why, nrc, what, now_ns);
        return;
    }
    ota_blame(m, m->request[0], nrc);
    ota_reason(m, why, "%s", what);
    ota_end(m, OTA_REFUSED, now_ns);
}

static void refuse(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    char what[100];
    snprintf(what, sizeof what, "%s: %s (%02X)", ota_step(m->step)->name, uds_nrc_name(nrc), nrc);
    ota_refuse(m, OTA_WHY_CONDITIONS, nrc, what, now_ns);
}

static void wait_supply(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->supply_waits++ < m->job->pause_max) {
        ota_log(m, "%s: %s; waiting for the supply", ota_step(m->step)->name, uds_nrc_name(nrc));
        ota_wait(m, OTA_THEN_REPEAT, now_ns + SUPPLY_WAIT_NS);
        return;
    }
    ota_blame(m, m->request[0], nrc);
    ota_reason(m, OTA_WHY_SUPPLY, "%s: %s (%02X) for too long", ota_step(m->step)->name,
               uds_nrc_name(nrc), nrc);
    ota_end(m, OTA_INTERRUPTED, now_ns);
}

static void wait_unlock(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->unlock_waits++ == UNLOCK_WAITS_MAX) {
        fail_step(m, nrc, now_ns);
        return;
    }
    m->step = OTA_STEP_SEED;
    ota_wait(m, OTA_THEN_STEP, now_ns + UNLOCK_WAIT_NS);
}

/* Two wrong keys at most: a third would lock out the workshop as well. */
bool ota_is_locked_out(const struct ota_master *m)
{
    return m->progress.keys_refused >= KEYS_MAX;
}

static void key_refused(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    m->refused_seed = m->seed;
    m->refused_seed_known = true;
    m->progress.keys_refused++;
    if (ota_is_locked_out(m)) {
        fail_step(m, nrc, now_ns);
    } else if (nrc == UDS_NRC_ATTEMPTS_EXCEEDED) {
        wait_unlock(m, nrc, now_ns);
    } else {
        ota_enter(m, OTA_STEP_SEED, now_ns);
    }
}

static void repeat_once(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->transfer.repeated) {
        fail_step(m, nrc, now_ns);
        return;
    }
    m->transfer.repeated = true;
    ota_repeat(m, now_ns);
}

static void new_download(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->progress.segment_tries >= m->job->segment_retry_max) {
        fail_step(m, nrc, now_ns);
        return;
    }
    m->progress.segment_tries++;
    ota_transfer_plan(m);
    ota_enter(m, OTA_STEP_DOWNLOAD, now_ns);
}

static void erase_again(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->progress.update_tries >= m->job->update_retry_max) {
        fail_step(m, nrc, now_ns);
        return;
    }
    m->progress.update_tries++;
    ota_log(m, "%s: %s; again from the erase", ota_step(m->step)->name, uds_nrc_name(nrc));
    ota_enter(m, OTA_STEP_ERASE, now_ns);
}

/* What was resumed gets a second chance in full; what was sent at one go has had it. */
static void bad_segment(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->transfer.plan == OTA_PLAN_ALL ||
        m->progress.segment_tries >= m->job->segment_retry_max) {
        erase_again(m, nrc, now_ns);
        return;
    }
    m->progress.segment_tries++;
    m->transfer.again = true;
    ota_transfer_plan(m);
    ota_enter(m, OTA_STEP_DOWNLOAD, now_ns);
}

static void not_erased(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    if (m->erased_now) {
        fail_step(m, nrc, now_ns);
    } else {
        erase_again(m, nrc, now_ns);
    }
}

/* Such an answer may mean that the ECU was reset in between. Only if it says that it still is in
 * the session of this step the answer stands. */
static void ask_session(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    m->asked_step = m->step;
    m->asked_sid = m->request[0];
    m->asked_nrc = nrc;
    ota_enter(m, OTA_STEP_ASK_SESSION, now_ns);
}

void ota_react_session(struct ota_master *m, uint8_t session, uint64_t now_ns)
{
    bool programming = m->asked_step > OTA_STEP_PROGRAMMING && m->asked_step < OTA_STEP_ACTIVATE;
    enum uds_session expected = programming ? UDS_SESSION_PROGRAMMING : UDS_SESSION_EXTENDED;
    if (m->asked_step == OTA_STEP_PROGRAMMING && session == UDS_SESSION_PROGRAMMING) {
        ota_enter(m, OTA_STEP_SEED, now_ns); /* The answer to the first 10 02 was lost. */
    } else if (session != (uint8_t)expected) {
        ota_interrupted(m, "the ECU has lost its session", now_ns);
    } else {
        fail_answer(m, m->asked_step, m->asked_sid, m->asked_nrc, now_ns);
    }
}

static void react(struct ota_master *m, enum ota_reaction reaction, uint8_t nrc, uint64_t now_ns)
{
    switch (reaction) {
    case OTA_REACT_FAIL: fail_step(m, nrc, now_ns); return;
    case OTA_REACT_GO_ON: ota_pass(m, NULL, 0, now_ns); return;
    case OTA_REACT_REFUSE: refuse(m, nrc, now_ns); return;
    case OTA_REACT_WAIT_SUPPLY: wait_supply(m, nrc, now_ns); return;
    case OTA_REACT_NEW_SEED: key_refused(m, nrc, now_ns); return;
    case OTA_REACT_WAIT_UNLOCK: wait_unlock(m, nrc, now_ns); return;
    case OTA_REACT_REPEAT_ONCE: repeat_once(m, nrc, now_ns); return;
    case OTA_REACT_NEW_DOWNLOAD: new_download(m, nrc, now_ns); return;
    case OTA_REACT_LOST_BLOCK:
    case OTA_REACT_LOST_EXIT: break;
    case OTA_REACT_BAD_SEGMENT: bad_segment(m, nrc, now_ns); return;
    case OTA_REACT_ERASE_AGAIN: erase_again(m, nrc, now_ns); return;
    case OTA_REACT_NOT_ERASED: not_erased(m, nrc, now_ns); return;
    case OTA_REACT_ASK_SESSION: ask_session(m, nrc, now_ns); return;
    case OTA_REACT_POLL: ota_react_not_up(m, now_ns); return;
    }
    /* 24 to a repeated request: the ECU had taken the first one and closed the transfer. */
    if (ota_request_was_resent(m)) {
        new_download(m, nrc, now_ns);
    } else {
        ask_session(m, nrc, now_ns);
    }
}

/* The ECU has restarted, and lets the network be restored in the extended session only. */
static bool restores_again(struct ota_master *m)
{
    const bool restoring = m->step == OTA_STEP_RESTORE_LOUD || m->step == OTA_STEP_RESTORE_DTC_ON;
    if (!restoring || m->restore_tries++ >= m->job->resend_max) {
        return false;
    }
    m->restore_lost = false;
    return true;
}

void ota_react_negative(struct ota_master *m, uint8_t nrc, uint64_t now_ns)
{
    enum ota_reaction reaction = ota_reaction(m->step, nrc);
    const bool restarted =
        nrc == UDS_NRC_SERVICE_NOT_IN_SESSION || nrc == UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    if (restarted && restores_again(m)) {
        ota_enter(m, OTA_STEP_RESTORE_EXTENDED, now_ns);
        return;
    }
    if (m->leaving && reaction != OTA_REACT_POLL) {
        ota_pass(m, NULL, 0, now_ns);
        return;
    }
    if (m->step == OTA_STEP_ASK_SESSION) {
        fail_answer(m, m->asked_step, m->asked_sid, m->asked_nrc, now_ns);
        return;
    }
    react(m, reaction, nrc, now_ns);
}

/* Until the ECU is looked for once more. */
static void pause_or_end(struct ota_master *m, uint64_t now_ns)
{
    ota_link_abort(&m->link);
    ota_link_keep_alive(&m->link, false, now_ns);
    if (m->pauses++ < m->job->pause_max) {
        ota_wait(m, OTA_THEN_PROBE, now_ns + PROTO_MS(m->job->pause_ms));
        return;
    }
    ota_blame(m, m->cut_sid, 0);
    ota_reason(m, OTA_WHY_TIMEOUT, "%s, after %u tries", m->cut_why, m->job->pause_max + 1u);
    ota_end(m, OTA_INTERRUPTED, now_ns);
}

/* Asked with all others, an ECU that has restarted does not even refuse (ISO 14229-1). It was
 * there a moment ago; all that it has to hear is said before it is begun again. */
static bool fell_silent(struct ota_master *m)
{
    if (m->step == OTA_STEP_RESTORE_EXTENDED || m->step == OTA_STEP_RESTORE_LOUD) {
        m->restore_lost = m->step == OTA_STEP_RESTORE_LOUD && m->answered;
        return false;
    }
    return m->step == OTA_STEP_RESTORE_DTC_ON && (m->restore_lost || m->answered);
}

void ota_react_silence(struct ota_master *m, const char *why, uint64_t now_ns)
{
    if (m->step == OTA_STEP_BOOT_POLL || m->step == OTA_STEP_RESTORE_VERSION ||
        m->step == OTA_STEP_ACTIVATE) {
        ota_react_not_up(m, now_ns); /* Silence is what a reset sounds like. */
        return;
    }
    if (fell_silent(m) && restores_again(m)) {
        ota_enter(m, OTA_STEP_RESTORE_EXTENDED, now_ns);
        return;
    }
    if (m->leaving) {
        ota_pass(m, NULL, 0, now_ns);
        return;
    }
    if (m->step == OTA_STEP_PROBE) {
        pause_or_end(m, now_ns);
        return;
    }
    /* A key is good for one answer: with a new seed, as often as others are resent. */
    if (m->step == OTA_STEP_KEY && m->seed_tries++ < m->job->resend_max) {
        ota_enter(m, OTA_STEP_SEED, now_ns);
        return;
    }
    ota_interrupted(m, why, now_ns);
}

void ota_react_not_up(struct ota_master *m, uint64_t now_ns)
{
    bool first = m->step == OTA_STEP_ACTIVATE || m->step == OTA_STEP_RESTORE_DEFAULT;
    if (first) {
        m->step = m->leaving ? OTA_STEP_RESTORE_VERSION : OTA_STEP_BOOT_POLL;
        m->boot_until_ns = now_ns + PROTO_MS(m->job->boot_ms_max);
        /* Others stay in their sessions while the target starts. */
        ota_link_keep_alive(&m->link, m->job->network_len > 0 && !m->leaving, now_ns);
    }
    if (now_ns < m->boot_until_ns) {
        ota_wait(m, OTA_THEN_STEP, now_ns + (first ? POLL_FIRST_NS : POLL_GAP_NS));
        return;
    }
    if (m->leaving) {
        ota_left(m, now_ns);
        return;
    }
    if (m->unsent) {
        ota_interrupted(m, "no request gets onto the bus", now_ns); /* Says nothing of the ECU. */
        return;
    }
    ota_reason(m, OTA_WHY_NO_BOOT, "the application did not come up within %u ms after the reset",
               m->job->boot_ms_max);
    ota_fail(m, now_ns);
}

void ota_interrupted(struct ota_master *m, const char *why, uint64_t now_ns)
{
    m->report.interruptions++;
    m->cut_sid = m->request[0];
    snprintf(m->cut_why, sizeof m->cut_why, "interrupted at \"%s\": %s", ota_step(m->step)->name,
             why);
    ota_log(m, "%s; check supply and wiring of the ECU", m->cut_why);
    pause_or_end(m, now_ns);
}
