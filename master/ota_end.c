/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_end.c - the ends of a campaign: what is left behind in the ECU, in the network and in
 * the state folder. */
#include "master/ota_machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The quiet state is lifted within five seconds, whether the ECU answers or not. */
#define LEAVE_MAX_NS PROTO_MS(4500)

void ota_reason(struct ota_master *m, enum ota_why why, const char *fmt, ...)
{
    if (*m->report.reason) {
        return;
    }
    m->report.why = why;
    va_list args;
    va_start(args, fmt);
    vsnprintf(m->report.reason, sizeof m->report.reason, fmt, args);
    va_end(args);
}

void ota_blame(struct ota_master *m, uint8_t sid, uint8_t nrc)
{
    if (!*m->report.reason) {
        m->report.sid = sid;
        m->report.nrc = nrc;
    }
}

void ota_blame_place(struct ota_master *m, enum ota_step_id step)
{
    if (*m->report.reason) {
        return;
    }
    const struct ota_segment *segment = &m->image->segments[m->transfer.segment];
    m->report.segment = (uint16_t)(m->transfer.segment + 1u);
    m->report.address = segment->start + (step == OTA_STEP_EXIT ? 0 : m->transfer.at);
}

void ota_fail(struct ota_master *m, uint64_t now_ns)
{
    if (m->progress.erase == OTA_ERASE_NONE) {
        ota_end(m, OTA_FAILED_OLD, now_ns);
    } else if (m->job->policy == OTA_POLICY_STAY || !ota_campaign_roll_back(m, now_ns)) {
        ota_end(m, OTA_FAILED_SAFE, now_ns);
    }
}

static void store_result(struct ota_master *m)
{
    struct ota_error error;
    if (m->ending == OTA_SUCCESS || m->ending == OTA_ROLLED_BACK) {
        if (*m->staged.file && ota_backup_promote(m->port, &m->staged, &error) != 0) {
            ota_log(m, "the image could not be kept as a backup: %s", error.text);
        }
    } else if (m->ending != OTA_INTERRUPTED && *m->staged.file) {
        ota_backup_unstage(m->port);
    }
}

/* One execution a campaign, and none of a package that has failed: what has reached the flash is
 * remembered by how it ended. */
static void remember(struct ota_master *m)
{
    bool over = m->ending == OTA_SUCCESS || m->ending == OTA_ROLLED_BACK ||
                m->ending == OTA_FAILED_OLD || m->ending == OTA_FAILED_SAFE;
    if (!over || m->repeated_end || m->progress.erase == OTA_ERASE_NONE) {
        return;
    }
    struct ota_error error;
    struct ota_ended ended = {.key = ota_campaign_key(m), .code = m->ending};
    memcpy(ended.reason, m->report.reason, sizeof ended.reason);
    memcpy(ended.version, m->report.version, sizeof ended.version);
    if (ota_ended_write(m->port, &ended, &error) != 0) {
        ota_log(m, "the end of the campaign cannot be remembered: %s", error.text);
    }
}

/* What a later campaign has to know: a place to go on from, or that the old software is lost. */
static void close_journal(struct ota_master *m)
{
    if (m->job->action == OTA_ACTION_NONE) {
        return; /* The record is another campaign's. */
    }
    bool lost = m->progress.erase != OTA_ERASE_NONE;
    if (m->ending == OTA_INTERRUPTED || (m->ending == OTA_REFUSED && (lost || !m->journaled))) {
        return;
    }
    if (m->ending != OTA_FAILED_SAFE) {
        ota_journal_clear(&m->journal);
        return;
    }
    m->progress.stage = OTA_STAGE_PRE;
    m->progress.erase = OTA_ERASE_REQUESTED;
    m->progress.rollback = false;
    memset(m->progress.image_sha256, 0, sizeof m->progress.image_sha256);
    ota_save(m);
}

static void finish(struct ota_master *m, uint64_t now_ns)
{
    ota_link_abort(&m->link);
    ota_link_keep_alive(&m->link, false, now_ns);
    ota_set_phase(m, OTA_PH7_REPORT, now_ns);
    store_result(m);
    if (m->identified) {
        ota_campaign_take_stock(m, m->report.version);
    }
    remember(m);
    close_journal(m);
    const struct uds_client_stats *stats = &m->link.client.stats;
    m->report.requests = stats->requests;
    m->report.resends = stats->resends;
    m->report.pendings = stats->pendings;
    m->report.busies = stats->busies;
    m->report.strays = stats->strays;
    m->report.code = m->ending;
    m->report.prompt = m->ending == OTA_INTERRUPTED || m->ending == OTA_FAILED_SAFE;
    m->state = OTA_STATE_DONE;
    ota_log(m, "%s (%s)%s%s", ota_result_name(m->ending), ota_why_name(m->report.why),
            *m->report.reason ? ": " : "", m->report.reason);
}

void ota_end(struct ota_master *m, enum ota_result_code code, uint64_t now_ns)
{
    m->ending = code;
    bool clean = code == OTA_SUCCESS || (code == OTA_ROLLED_BACK);
    if (clean || !m->touched) {
        finish(m, now_ns);
        return;
    }
    m->leaving = true;
    m->leave_until_ns = now_ns + LEAVE_MAX_NS;
    ota_link_abort(&m->link);
    ota_enter(m, OTA_STEP_RESTORE_EXTENDED, now_ns);
}

void ota_left(struct ota_master *m, uint64_t now_ns)
{
    finish(m, now_ns);
}
