/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_health.c - the observation window after an update. */
#include "master/ota_health.h"

#include "master/ota_machine.h"

enum { HEAD_LEN = 3, DTC_LEN = 4 };

#define LOOK_GAP_NS PROTO_MS(1000)

static void sick(struct ota_master *m, const char *what, uint32_t code, uint64_t now_ns)
{
    ota_reason(m, OTA_WHY_HEALTH, "the new software is not well: %s %06X", what, (unsigned)code);
    ota_fail(m, now_ns);
}

/* All was well so far. */
static void go_on(struct ota_master *m, uint64_t now_ns)
{
    const struct ota_job *job = m->job;
    if (job->health_heartbeat_id != OTA_NO_ID &&
        now_ns - m->health.heartbeat_ns > PROTO_MS(job->health_heartbeat_ms)) {
        sick(m, "no frame", job->health_heartbeat_id, now_ns);
    } else if (now_ns >= m->health.until_ns) {
        ota_end(m, m->progress.rollback ? OTA_ROLLED_BACK : OTA_SUCCESS, now_ns);
    } else {
        ota_wait(m, OTA_THEN_LOOK, proto_min_ns(now_ns + LOOK_GAP_NS, m->health.until_ns));
    }
}

void ota_health_begin(struct ota_master *m, uint64_t now_ns)
{
    m->health.heartbeat_ns = now_ns;
    m->health.until_ns = now_ns + PROTO_MS(m->job->health_window_ms);
    go_on(m, now_ns);
}

void ota_health_look(struct ota_master *m, uint64_t now_ns)
{
    if (m->job->health_dtc) {
        ota_enter(m, OTA_STEP_HEALTH, now_ns);
    } else {
        go_on(m, now_ns);
    }
}

void ota_health_take_dtcs(struct ota_master *m, const uint8_t *data, uint16_t len_bytes,
                          uint64_t now_ns)
{
    if (len_bytes >= HEAD_LEN + DTC_LEN) {
        ota_blame(m, UDS_READ_DTC, 0);
        sick(m, "trouble code", proto_get_u32(data + HEAD_LEN) >> 8, now_ns);
    } else {
        go_on(m, now_ns);
    }
}

void ota_health_on_frame(struct ota_master *m, const struct ota_frame *frame, uint64_t now_ns)
{
    if (frame->id == m->job->health_heartbeat_id) {
        m->health.heartbeat_ns = now_ns;
    }
}
