/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_step.c - the table of steps, and the requests and checks that are more than constant
 * bytes. */
#include "master/ota_step.h"

#include "master/ota_machine.h"

#include <stdio.h>
#include <string.h>

enum {
    COMM_NORMAL_AND_NM = 0x03,
    KEY_ROUNDS = 35,
    FINGERPRINT_LEN = 16,
    READ_DTC_BY_STATUS = 0x02,
    DTC_FAILED_OR_CONFIRMED = 0x09, /* Status bits 0 and 3 (ISO 14229-1, annex D.2). */
    SUPPLY_CONDITIONS = 0x30        /* Bits of the precondition set: supply low, supply high. */
};

/* P2 and a little: how long the answer to an earlier request may still take. */
#define SURPLUS_NS PROTO_MS(70)

/* Requests. */

static uint16_t build_activate(struct ota_master *m, uint8_t *request)
{
    bool hard = m->job->activation == OTA_ACTIVATE_HARD_RESET;
    request[0] = hard ? UDS_ECU_RESET : UDS_SESSION_CONTROL;
    request[1] = hard ? (uint8_t)UDS_RESET_HARD : (uint8_t)UDS_SESSION_DEFAULT;
    return 2;
}

/* docs/formats.md, "Seed and key". */
static uint32_t make_key(uint32_t seed, uint32_t secret)
{
    uint32_t key = seed ^ secret;
    for (int i = 0; i < KEY_ROUNDS; i++) {
        key = (key << 1) ^ (key & UINT32_C(0x80000000) ? secret : 0);
    }
    return key;
}

static uint16_t build_key(struct ota_master *m, uint8_t *request)
{
    request[0] = UDS_SECURITY_ACCESS;
    request[1] = 2;
    proto_put_u32(request + 2, make_key(m->seed, m->job->security_secret));
    return 6;
}

/* Who programmed: the campaign, as the master has no clock and no serial number of its own. */
static uint16_t build_fingerprint(struct ota_master *m, uint8_t *request)
{
    request[0] = UDS_WRITE_DATA;
    proto_put_u16(request + 1, UDS_DID_FINGERPRINT);
    size_t len = strlen(m->job->campaign);
    memset(request + 3, 0, FINGERPRINT_LEN);
    memcpy(request + 3, m->job->campaign, len < FINGERPRINT_LEN ? len : FINGERPRINT_LEN);
    return 3 + FINGERPRINT_LEN;
}

static uint16_t build_erase(struct ota_master *m, uint8_t *request)
{
    const enum ota_erase before = m->progress.erase;
    /* Written before the request: from here on the old software counts as lost. */
    m->progress.erase = OTA_ERASE_REQUESTED;
    m->progress.segment = 0;
    m->progress.confirmed = 0;
    m->progress.lines = 0;
    if (!ota_save(m) && before == OTA_ERASE_NONE) {
        m->progress.erase = OTA_ERASE_NONE;
        ota_reason(m, m->journal_why, "the erase cannot be recorded; it is not asked for");
        return 0;
    }
    request[0] = UDS_ROUTINE_CONTROL;
    request[1] = UDS_ROUTINE_START;
    proto_put_u16(request + 2, UDS_RID_ERASE_MEMORY);
    return 4;
}

static uint16_t build_dependencies(struct ota_master *m, uint8_t *request)
{
    request[0] = UDS_ROUTINE_CONTROL;
    request[1] = UDS_ROUTINE_START;
    proto_put_u16(request + 2, UDS_RID_CHECK_DEPENDENCIES);
    proto_put_u16(request + 4, (uint16_t)m->image->segments_len);
    return 6;
}

/* Answers. */

static enum ota_after reject(struct ota_master *m, const char *what, uint64_t now_ns)
{
    ota_blame(m, m->request[0], 0);
    ota_reason(m, OTA_WHY_BAD_RESPONSE, "%s: %s", ota_step(m->step)->name, what);
    ota_fail(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_session(struct ota_master *m, const uint8_t *data, uint16_t len,
                                    uint64_t now_ns)
{
    if (len >= 6) {
        uds_client_set_timing(&m->link.client, proto_get_u16(data + 2), proto_get_u16(data + 4));
    }
    ota_link_keep_alive(&m->link, m->step != OTA_STEP_POST_DEFAULT, now_ns);
    if (m->step == OTA_STEP_PROGRAMMING) {
        m->progress.stage = OTA_STAGE_PROGRAMMING;
        m->seed_tries = 0;
        ota_save(m);
    }
    return OTA_AFTER_NEXT;
}

/* The text of a data identifier, without the padding behind it. False: not a text. */
static bool take_text(const uint8_t *data, uint16_t len, char *to)
{
    while (len > 3 && (data[len - 1] == 0 || data[len - 1] == ' ' || data[len - 1] == 0xFF)) {
        len--;
    }
    if (len < 3 || len - 3 > OTA_TEXT_MAX) {
        return false;
    }
    for (uint16_t i = 3; i < len; i++) {
        if (data[i] < 0x20 || data[i] > 0x7E) {
            return false;
        }
    }
    memset(to, 0, OTA_TEXT_MAX + 1);
    memcpy(to, data + 3, (size_t)(len - 3));
    return true;
}

/* The first question of a life. A refusal does not say which identifier it is for: it may be the
 * answer to the last question of a life before, kept by the ECU until somebody received it. */
static enum ota_after check_hardware(struct ota_master *m, const uint8_t *data, uint16_t len,
                                     uint64_t now_ns)
{
    if (!take_text(data, len, m->hardware_id)) {
        m->hardware_id[0] = '\0';
    }
    if (data == NULL && !m->hardware_refused) {
        m->hardware_refused = true;
        ota_wait(m, OTA_THEN_STEP, now_ns + SURPLUS_NS);
        return OTA_AFTER_MOVED;
    }
    return OTA_AFTER_NEXT;
}

static enum ota_after check_serial(struct ota_master *m, const uint8_t *data, uint16_t len,
                                   uint64_t now_ns)
{
    (void)now_ns;
    if (!take_text(data, len, m->serial_number)) {
        m->serial_number[0] = '\0';
    }
    return OTA_AFTER_NEXT;
}

static void take_version(struct ota_master *m, const uint8_t *data, uint16_t len)
{
    if (!take_text(data, len, m->running_version)) {
        m->running_version[0] = '\0';
    }
    memcpy(m->report.version, m->running_version, sizeof m->report.version);
}

static enum ota_after check_version(struct ota_master *m, const uint8_t *data, uint16_t len,
                                    uint64_t now_ns)
{
    take_version(m, data, len);
    ota_campaign_decide(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_preconditions(struct ota_master *m, const uint8_t *data, uint16_t len,
                                          uint64_t now_ns)
{
    if (len < 5) {
        return reject(m, "the answer carries no conditions", now_ns);
    }
    if (data[4] == 0) {
        return OTA_AFTER_NEXT;
    }
    char what[80];
    snprintf(what, sizeof what, "programming preconditions not met (set %02X)", data[4]);
    if ((data[4] & ~SUPPLY_CONDITIONS) == 0) {
        ota_conditions(m, OTA_WHY_SUPPLY, 0, what, now_ns);
    } else {
        ota_refuse(m, OTA_WHY_CONDITIONS, 0, what, now_ns);
    }
    return OTA_AFTER_MOVED;
}

static enum ota_after check_seed(struct ota_master *m, const uint8_t *data, uint16_t len,
                                 uint64_t now_ns)
{
    if (len != 6) {
        return reject(m, "the seed is not four bytes long", now_ns);
    }
    m->seed = proto_get_u32(data + 2);
    if (m->seed == 0) { /* ISO 14229-1: unlocked already. */
        ota_campaign_unlocked(m, now_ns);
        return OTA_AFTER_MOVED;
    }
    if (m->refused_seed_known && m->seed == m->refused_seed) {
        return reject(m, "the ECU repeats the seed whose key it refused", now_ns);
    }
    if (!ota_request_was_resent(m)) {
        return OTA_AFTER_NEXT;
    }
    /* Both transmissions may be answered, each with a seed of its own: only the last one counts,
     * and a wrong key costs one of the ECU's attempts. */
    m->strays_at_seed = m->link.client.stats.strays;
    ota_wait(m, OTA_THEN_KEY, now_ns + SURPLUS_NS);
    return OTA_AFTER_MOVED;
}

void ota_use_seed(struct ota_master *m, uint64_t now_ns)
{
    bool another = m->link.client.stats.strays != m->strays_at_seed;
    bool again = another && m->seed_tries++ < m->job->resend_max;
    ota_enter(m, again ? OTA_STEP_SEED : OTA_STEP_KEY, now_ns);
}

static enum ota_after check_key(struct ota_master *m, const uint8_t *data, uint16_t len,
                                uint64_t now_ns)
{
    (void)data;
    (void)len;
    ota_campaign_unlocked(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_fingerprint(struct ota_master *m, const uint8_t *data, uint16_t len,
                                        uint64_t now_ns)
{
    (void)data;
    (void)len;
    if (m->progress.erase != OTA_ERASE_CONFIRMED) {
        return OTA_AFTER_NEXT;
    }
    ota_campaign_transfer(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_erase(struct ota_master *m, const uint8_t *data, uint16_t len,
                                  uint64_t now_ns)
{
    if (len >= 5 && data[4] != 0) {
        return reject(m, "the routine reports that it failed", now_ns);
    }
    m->progress.erase = OTA_ERASE_CONFIRMED;
    m->progress.segment_tries = 0;
    ota_save(m);
    ota_campaign_transfer(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_download(struct ota_master *m, const uint8_t *data, uint16_t len,
                                     uint64_t now_ns)
{
    if (!ota_transfer_take_74(m, data, len)) {
        return reject(m, "the answer announces no usable block length", now_ns);
    }
    if (m->transfer.plan != OTA_PLAN_CHECK) {
        return OTA_AFTER_NEXT;
    }
    ota_enter(m, OTA_STEP_EXIT, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_transfer(struct ota_master *m, const uint8_t *data, uint16_t len,
                                     uint64_t now_ns)
{
    (void)data;
    (void)len;
    if (ota_transfer_take_76(m)) {
        return OTA_AFTER_NEXT;
    }
    ota_enter(m, OTA_STEP_TRANSFER, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_exit(struct ota_master *m, const uint8_t *data, uint16_t len,
                                 uint64_t now_ns)
{
    (void)data;
    (void)len;
    if (ota_transfer_take_77(m) && m->transfer.segment == m->image->segments_len) {
        return OTA_AFTER_NEXT;
    }
    ota_transfer_plan(m);
    ota_enter(m, OTA_STEP_DOWNLOAD, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_dependencies(struct ota_master *m, const uint8_t *data, uint16_t len,
                                         uint64_t now_ns)
{
    char what[60];
    if (len < 5 || data[4] != 0) {
        snprintf(what, sizeof what, "the ECU does not accept the software (result %02X)",
                 len < 5 ? 0xFFu : data[4]);
        return reject(m, what, now_ns);
    }
    m->progress.stage = OTA_STAGE_POST;
    ota_save(m);
    return OTA_AFTER_NEXT;
}

static enum ota_after check_activate(struct ota_master *m, const uint8_t *data, uint16_t len,
                                     uint64_t now_ns)
{
    (void)data;
    (void)len;
    ota_react_not_up(m, now_ns);
    return OTA_AFTER_MOVED;
}

/* The version after the reset, and once more at the end. Not the one expected: if it is the old
 * one, the old software runs, and there is nothing to roll back. */
static enum ota_after check_read_back(struct ota_master *m, const uint8_t *data, uint16_t len,
                                      uint64_t now_ns)
{
    take_version(m, data, len);
    if (strcmp(m->running_version, m->version) == 0) {
        return OTA_AFTER_NEXT;
    }
    ota_blame(m, UDS_READ_DATA, 0);
    ota_reason(m, OTA_WHY_VERSION_MISMATCH, "version read back is \"%s\", expected \"%s\"",
               m->running_version, m->version);
    bool old_runs = *m->running_version && strcmp(m->running_version, m->progress.old_version) == 0;
    if (old_runs && !m->progress.rollback) {
        ota_end(m, OTA_FAILED_OLD, now_ns);
    } else {
        ota_fail(m, now_ns);
    }
    return OTA_AFTER_MOVED;
}

static enum ota_after check_final(struct ota_master *m, const uint8_t *data, uint16_t len,
                                  uint64_t now_ns)
{
    enum ota_after after = check_read_back(m, data, len, now_ns);
    if (after == OTA_AFTER_NEXT) {
        ota_health_begin(m, now_ns);
    }
    return OTA_AFTER_MOVED;
}

static enum ota_after check_health(struct ota_master *m, const uint8_t *data, uint16_t len,
                                   uint64_t now_ns)
{
    ota_health_take_dtcs(m, data, len, now_ns);
    return OTA_AFTER_MOVED;
}

/* Any answer will do, a negative one as well. Requests that were given up may have gone out just
 * before the probe: they are answered first. */
static enum ota_after check_probe(struct ota_master *m, const uint8_t *data, uint16_t len,
                                  uint64_t now_ns)
{
    (void)data;
    (void)len;
    ota_wait(m, OTA_THEN_RESTART, now_ns + SURPLUS_NS);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_left_version(struct ota_master *m, const uint8_t *data, uint16_t len,
                                         uint64_t now_ns)
{
    take_version(m, data, len);
    ota_left(m, now_ns);
    return OTA_AFTER_MOVED;
}

static enum ota_after check_asked_session(struct ota_master *m, const uint8_t *data, uint16_t len,
                                          uint64_t now_ns)
{
    ota_react_session(m, len >= 4 ? data[3] : 0, now_ns);
    return OTA_AFTER_MOVED;
}

/* The table. */

#define READ(did)    3, {UDS_READ_DATA, (uint8_t)((did) >> 8), (uint8_t)((did)&0xFF)}, NULL
#define SESSION(s)   2, {UDS_SESSION_CONTROL, s}, NULL
#define DTC(setting) 2, {UDS_CONTROL_DTC_SETTING, setting}, NULL
#define COMM(type)   3, {UDS_COMMUNICATION_CONTROL, type, COMM_NORMAL_AND_NM}, NULL
#define BUILT(fn)    0, {0}, fn
#define ROUTINE(rid)                                                                               \
    4, {UDS_ROUTINE_CONTROL, UDS_ROUTINE_START, (uint8_t)((rid) >> 8), (uint8_t)((rid)&0xFF)}, NULL

/* clang-format off */
static const struct ota_step steps[OTA_STEP_COUNT] = {
    [OTA_STEP_READ_HARDWARE] = {"read hardware", OTA_PH1_CHECK, READ(UDS_DID_HARDWARE),
        check_hardware, OTA_STEP_READ_SERIAL, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_READ_SERIAL] = {"read serial number", OTA_PH1_CHECK, READ(UDS_DID_SERIAL_NUMBER),
        check_serial, OTA_STEP_READ_VERSION, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_READ_VERSION] = {"read version", OTA_PH1_CHECK, READ(UDS_DID_SOFTWARE_VERSION),
        check_version, OTA_STEP_EXTENDED, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_EXTENDED] = {"extended session", OTA_PH3_PRE, SESSION(UDS_SESSION_EXTENDED),
        check_session, OTA_STEP_PRECONDITIONS, OTA_TO_NETWORK, OTA_RESEND},
    [OTA_STEP_PRECONDITIONS] = {"check preconditions", OTA_PH3_PRE,
        ROUTINE(UDS_RID_CHECK_PRECONDITIONS), check_preconditions, OTA_STEP_DTC_OFF, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_DTC_OFF] = {"trouble codes off", OTA_PH3_PRE, DTC(UDS_DTC_OFF),
        NULL, OTA_STEP_QUIET, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_QUIET] = {"network quiet", OTA_PH3_PRE, COMM(UDS_COMM_ENABLE_RX_DISABLE_TX),
        NULL, OTA_STEP_PROGRAMMING, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_PROGRAMMING] = {"programming session", OTA_PH4A_UNLOCK,
        SESSION(UDS_SESSION_PROGRAMMING), check_session, OTA_STEP_SEED, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_SEED] = {"request seed", OTA_PH4A_UNLOCK, 2, {UDS_SECURITY_ACCESS, 1}, NULL,
        check_seed, OTA_STEP_KEY, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_KEY] = {"send key", OTA_PH4A_UNLOCK, BUILT(build_key),
        check_key, OTA_STEP_FINGERPRINT, OTA_TO_ECU, OTA_NO_RESEND},
    [OTA_STEP_FINGERPRINT] = {"write fingerprint", OTA_PH4A_UNLOCK, BUILT(build_fingerprint),
        check_fingerprint, OTA_STEP_ERASE, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_ERASE] = {"erase", OTA_PH4B_ERASE, BUILT(build_erase),
        check_erase, OTA_STEP_DOWNLOAD, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_DOWNLOAD] = {"request download", OTA_PH4C_TRANSFER, BUILT(ota_transfer_build_34),
        check_download, OTA_STEP_TRANSFER, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_TRANSFER] = {"transfer data", OTA_PH4C_TRANSFER, BUILT(ota_transfer_build_36),
        check_transfer, OTA_STEP_EXIT, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_EXIT] = {"transfer exit", OTA_PH4C_TRANSFER, BUILT(ota_transfer_build_37),
        check_exit, OTA_STEP_DEPENDENCIES, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_DEPENDENCIES] = {"check dependencies", OTA_PH4D_CHECK, BUILT(build_dependencies),
        check_dependencies, OTA_STEP_ACTIVATE, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_ACTIVATE] = {"activate", OTA_PH5_RESET, BUILT(build_activate),
        check_activate, OTA_STEP_BOOT_POLL, OTA_TO_ECU, OTA_RESEND_ONCE},
    [OTA_STEP_BOOT_POLL] = {"wait for the application", OTA_PH5_RESET,
        READ(UDS_DID_SOFTWARE_VERSION), check_read_back, OTA_STEP_POST_EXTENDED, OTA_TO_ECU, OTA_NO_RESEND},
    [OTA_STEP_POST_EXTENDED] = {"extended session", OTA_PH6_POST, SESSION(UDS_SESSION_EXTENDED),
        check_session, OTA_STEP_LOUD, OTA_TO_NETWORK, OTA_RESEND},
    [OTA_STEP_LOUD] = {"network on", OTA_PH6_POST, COMM(UDS_COMM_ENABLE_RX_TX),
        NULL, OTA_STEP_DTC_ON, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_DTC_ON] = {"trouble codes on", OTA_PH6_POST, DTC(UDS_DTC_ON),
        NULL, OTA_STEP_CLEAR_DTC, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_CLEAR_DTC] = {"clear trouble codes", OTA_PH6_POST, 4,
        {UDS_CLEAR_DTC, 0xFF, 0xFF, 0xFF}, NULL, NULL, OTA_STEP_POST_DEFAULT, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_POST_DEFAULT] = {"default session", OTA_PH6_POST, SESSION(UDS_SESSION_DEFAULT),
        check_session, OTA_STEP_READ_BACK, OTA_TO_NETWORK, OTA_RESEND},
    [OTA_STEP_READ_BACK] = {"read version back", OTA_PH6_POST, READ(UDS_DID_SOFTWARE_VERSION),
        check_final, OTA_STEP_READ_BACK, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_HEALTH] = {"read trouble codes", OTA_PH6_POST, 3,
        {UDS_READ_DTC, READ_DTC_BY_STATUS, DTC_FAILED_OR_CONFIRMED}, NULL,
        check_health, OTA_STEP_HEALTH, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_RESTORE_EXTENDED] = {"extended session", OTA_PH6_POST,
        SESSION(UDS_SESSION_EXTENDED), check_session, OTA_STEP_RESTORE_LOUD, OTA_TO_NETWORK, OTA_RESEND},
    [OTA_STEP_RESTORE_LOUD] = {"network on", OTA_PH6_POST, COMM(UDS_COMM_ENABLE_RX_TX),
        NULL, OTA_STEP_RESTORE_DTC_ON, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_RESTORE_DTC_ON] = {"trouble codes on", OTA_PH6_POST, DTC(UDS_DTC_ON),
        NULL, OTA_STEP_RESTORE_DEFAULT, OTA_TO_ALL, OTA_RESEND},
    [OTA_STEP_RESTORE_DEFAULT] = {"default session", OTA_PH6_POST, SESSION(UDS_SESSION_DEFAULT),
        NULL, OTA_STEP_RESTORE_VERSION, OTA_TO_NETWORK, OTA_RESEND},
    [OTA_STEP_RESTORE_VERSION] = {"read version", OTA_PH6_POST, READ(UDS_DID_SOFTWARE_VERSION),
        check_left_version, OTA_STEP_RESTORE_VERSION, OTA_TO_ECU, OTA_NO_RESEND},
    [OTA_STEP_ASK_SESSION] = {"read session", OTA_PHASE_COUNT, READ(UDS_DID_ACTIVE_SESSION),
        check_asked_session, OTA_STEP_ASK_SESSION, OTA_TO_ECU, OTA_RESEND},
    [OTA_STEP_PROBE] = {"look for the ECU", OTA_PHASE_COUNT, 2, {UDS_TESTER_PRESENT, 0}, NULL,
        check_probe, OTA_STEP_PROBE, OTA_TO_ECU, OTA_NO_RESEND},
};
/* clang-format on */

const struct ota_step *ota_step(enum ota_step_id id)
{
    return &steps[id];
}

/* First match wins; nrc 0 stands for all, OTA_STEP_COUNT for every step. The classes follow the
 * catalogue: what is final is not asked again. */
static const struct {
    enum ota_step_id first, last;
    uint8_t nrc;
    enum ota_reaction reaction;
} reactions[] = {
    {OTA_STEP_READ_HARDWARE, OTA_STEP_READ_VERSION, 0, OTA_REACT_GO_ON},
    {OTA_STEP_PROBE, OTA_STEP_PROBE, 0, OTA_REACT_GO_ON},
    {OTA_STEP_BOOT_POLL, OTA_STEP_BOOT_POLL, 0, OTA_REACT_POLL},
    {OTA_STEP_RESTORE_VERSION, OTA_STEP_RESTORE_VERSION, 0, OTA_REACT_POLL},
    {OTA_STEP_EXTENDED, OTA_STEP_ASK_SESSION, UDS_NRC_VOLTAGE_TOO_HIGH, OTA_REACT_WAIT_SUPPLY},
    {OTA_STEP_EXTENDED, OTA_STEP_ASK_SESSION, UDS_NRC_VOLTAGE_TOO_LOW, OTA_REACT_WAIT_SUPPLY},
    {OTA_STEP_EXTENDED, OTA_STEP_PROGRAMMING, UDS_NRC_CONDITIONS, OTA_REACT_REFUSE},
    {OTA_STEP_EXTENDED, OTA_STEP_PROGRAMMING, UDS_NRC_ENGINE_RUNNING, OTA_REACT_REFUSE},
    {OTA_STEP_EXTENDED, OTA_STEP_PROGRAMMING, UDS_NRC_SPEED_TOO_HIGH, OTA_REACT_REFUSE},
    {OTA_STEP_EXTENDED, OTA_STEP_PROGRAMMING, UDS_NRC_GEAR_NOT_IN_PARK, OTA_REACT_REFUSE},
    {OTA_STEP_SEED, OTA_STEP_SEED, UDS_NRC_ATTEMPTS_EXCEEDED, OTA_REACT_WAIT_UNLOCK},
    {OTA_STEP_SEED, OTA_STEP_KEY, UDS_NRC_DELAY_NOT_EXPIRED, OTA_REACT_WAIT_UNLOCK},
    {OTA_STEP_KEY, OTA_STEP_KEY, UDS_NRC_INVALID_KEY, OTA_REACT_NEW_SEED},
    {OTA_STEP_KEY, OTA_STEP_KEY, UDS_NRC_ATTEMPTS_EXCEEDED, OTA_REACT_NEW_SEED},
    {OTA_STEP_FINGERPRINT, OTA_STEP_FINGERPRINT, UDS_NRC_SERVICE_NOT_SUPPORTED, OTA_REACT_GO_ON},
    {OTA_STEP_FINGERPRINT, OTA_STEP_FINGERPRINT, UDS_NRC_OUT_OF_RANGE, OTA_REACT_GO_ON},
    {OTA_STEP_ERASE, OTA_STEP_ERASE, UDS_NRC_PROGRAMMING_FAILURE, OTA_REACT_ERASE_AGAIN},
    {OTA_STEP_DOWNLOAD, OTA_STEP_DOWNLOAD, UDS_NRC_CONDITIONS, OTA_REACT_NOT_ERASED},
    {OTA_STEP_DOWNLOAD, OTA_STEP_DOWNLOAD, UDS_NRC_OUT_OF_RANGE, OTA_REACT_NOT_ERASED},
    {OTA_STEP_DOWNLOAD, OTA_STEP_TRANSFER, UDS_NRC_PROGRAMMING_FAILURE, OTA_REACT_ERASE_AGAIN},
    {OTA_STEP_TRANSFER, OTA_STEP_TRANSFER, UDS_NRC_TRANSFER_SUSPENDED, OTA_REACT_REPEAT_ONCE},
    {OTA_STEP_TRANSFER, OTA_STEP_TRANSFER, UDS_NRC_WRONG_BLOCK_COUNTER, OTA_REACT_NEW_DOWNLOAD},
    {OTA_STEP_TRANSFER, OTA_STEP_TRANSFER, UDS_NRC_SEQUENCE, OTA_REACT_LOST_BLOCK},
    {OTA_STEP_EXIT, OTA_STEP_EXIT, UDS_NRC_PROGRAMMING_FAILURE, OTA_REACT_BAD_SEGMENT},
    {OTA_STEP_EXIT, OTA_STEP_EXIT, UDS_NRC_SEQUENCE, OTA_REACT_LOST_EXIT},
    {OTA_STEP_EXTENDED, OTA_STEP_POST_DEFAULT, UDS_NRC_SUBFUNCTION_NOT_IN_SESSION,
     OTA_REACT_ASK_SESSION},
    {OTA_STEP_EXTENDED, OTA_STEP_POST_DEFAULT, UDS_NRC_SERVICE_NOT_IN_SESSION,
     OTA_REACT_ASK_SESSION},
    {OTA_STEP_SEED, OTA_STEP_DEPENDENCIES, UDS_NRC_SECURITY_DENIED, OTA_REACT_ASK_SESSION},
    {OTA_STEP_SEED, OTA_STEP_DEPENDENCIES, UDS_NRC_SERVICE_NOT_SUPPORTED, OTA_REACT_ASK_SESSION},
    {OTA_STEP_PRECONDITIONS, OTA_STEP_DEPENDENCIES, UDS_NRC_OUT_OF_RANGE, OTA_REACT_ASK_SESSION},
    {OTA_STEP_SEED, OTA_STEP_DEPENDENCIES, UDS_NRC_SEQUENCE, OTA_REACT_ASK_SESSION},
};

enum ota_reaction ota_reaction(enum ota_step_id step, uint8_t nrc)
{
    for (size_t i = 0; i < sizeof reactions / sizeof reactions[0]; i++) {
        if (step >= reactions[i].first && step <= reactions[i].last &&
            (reactions[i].nrc == 0 || reactions[i].nrc == nrc)) {
            return reactions[i].reaction;
        }
    }
    return OTA_REACT_FAIL;
}
