/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_world.c - bus, clock and rules around the scripted ECU. */
#include "tests/master/fake_files.h"
#include "tests/master/fake_services.h"

#include "sim/proto/srec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_NS   PROTO_US(230) /* A full classical frame at 500 kbit/s. */
#define WORK_NS    PROTO_MS(1)
#define S3_NS      PROTO_MS(5000)
#define PENDING_NS PROTO_MS(2000)

enum {
    REQUEST_ID = 0x7E0,
    RESPONSE_ID = 0x7E8,
    FUNCTIONAL_ID = 0x7DF,
    HEARTBEAT_ID = 0x321,
    LINE_BYTES = 32
};

static bool put_frame(struct fake_world *w, const struct ota_frame *frame, bool from_master)
{
    if (w->frames_len == FAKE_FRAMES) {
        return false;
    }
    if (w->frames_len == 0) {
        w->frame_due_ns = w->now_ns + FRAME_NS;
    }
    w->frames[(w->frames_first + w->frames_len++) % FAKE_FRAMES] =
        (struct fake_frame){.frame = *frame, .from_master = from_master};
    return true;
}

static bool master_send(void *ctx, const struct ota_frame *frame)
{
    return put_frame(ctx, frame, true);
}

static bool ecu_send(void *ctx, const uint8_t *data, uint8_t len)
{
    struct ota_frame frame = {.id = RESPONSE_ID, .len_bytes = len};
    memcpy(frame.data, data, len);
    return put_frame(ctx, &frame, false);
}

static void log_text(void *ctx, const char *text)
{
    struct fake_world *w = ctx;
    size_t used = strlen(w->log_text);
    snprintf(w->log_text + used, sizeof w->log_text - used, "%s\n", text);
}

static uint8_t hex_bytes(const char *hex, uint8_t *bytes)
{
    uint8_t len = 0;
    unsigned value = 0;
    int used = 0;
    while (len < 4 && sscanf(hex, "%2x%n", &value, &used) == 1) {
        bytes[len++] = (uint8_t)value;
        hex += used;
    }
    return len;
}

void fake_rule(struct fake_world *w, const char *hex, uint16_t first, uint16_t count,
               enum fake_action action, uint32_t arg)
{
    struct fake_rule *rule = &w->rules[w->rules_len++];
    *rule = (struct fake_rule){.first = first, .count = count, .action = action, .arg = arg};
    rule->match_len = hex_bytes(hex, rule->match);
}

static const struct fake_rule *find_rule(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    const struct fake_rule *found = NULL;
    for (size_t i = 0; i < w->rules_len; i++) {
        struct fake_rule *rule = &w->rules[i];
        if (len < rule->match_len || memcmp(data, rule->match, rule->match_len) != 0) {
            continue;
        }
        rule->seen++;
        bool on = rule->seen >= rule->first &&
                  (rule->count == 0 || rule->seen < rule->first + rule->count);
        if (on && !found) {
            found = rule;
        }
    }
    return found;
}

static void set_nrc(struct fake_world *w, uint8_t sid, uint8_t nrc)
{
    w->answer[0] = UDS_NEGATIVE_RESPONSE;
    w->answer[1] = sid;
    w->answer[2] = nrc;
    w->answer_len = 3;
}

static void serve(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    w->answer_ns = w->now_ns + WORK_NS;
    enum uds_nrc nrc = fake_serve(w, data, len);
    if (nrc != UDS_POSITIVE) {
        set_nrc(w, data[0], (uint8_t)nrc);
    }
    if (w->answer_ns > w->now_ns + PROTO_MS(40)) { /* Longer than P2: 78 first. */
        w->pendings_left = 1;
        w->pending_ns = w->now_ns + PROTO_MS(20);
    }
}

static void obey(struct fake_world *w, const struct fake_rule *rule, const uint8_t *data,
                 uint16_t len)
{
    switch (rule->action) {
    case FAKE_NRC:
    case FAKE_BUSY:
        set_nrc(w, data[0], rule->action == FAKE_BUSY ? UDS_NRC_BUSY_REPEAT : (uint8_t)rule->arg);
        w->answer_ns = w->now_ns + WORK_NS;
        return;
    case FAKE_LOSE_REQUEST: return;
    case FAKE_LOSE_RESPONSE:
        serve(w, data, len);
        w->answer_ns = UINT64_MAX;
        w->pending_ns = UINT64_MAX;
        return;
    case FAKE_DELAY:
        serve(w, data, len);
        w->answer_ns = w->now_ns + PROTO_MS(rule->arg);
        return;
    case FAKE_PENDING:
        serve(w, data, len);
        w->pendings_left = rule->arg;
        w->pending_ns = w->now_ns + PROTO_MS(20);
        w->answer_ns = rule->arg < 1000 ? w->now_ns + rule->arg * PENDING_NS : UINT64_MAX;
        return;
    case FAKE_PENDING_ONCE:
        w->pendings_left = 1;
        w->pending_ns = w->now_ns + PROTO_MS(20);
        return;
    case FAKE_PATCH:
        serve(w, data, len);
        w->answer[rule->arg] = (uint8_t)rule->arg2;
        return;
    case FAKE_RESET: fake_reset(w, rule->arg); return;
    case FAKE_RESET_AFTER:
        serve(w, data, len);
        fake_reset(w, rule->arg);
        return;
    case FAKE_MUTE: w->muted = true; return;
    }
}

static void on_request(struct fake_world *w, const uint8_t *data, uint16_t len, bool functional)
{
    if (data[0] == UDS_TESTER_PRESENT && w->session != UDS_SESSION_DEFAULT) {
        w->s3_due_ns = w->now_ns + S3_NS;
    }
    if (w->log_len < FAKE_LOG) {
        struct fake_request *entry = &w->log[w->log_len++];
        *entry = (struct fake_request){.at_ns = w->now_ns, .len = len, .functional = functional};
        memcpy(entry->head, data, len < sizeof entry->head ? len : sizeof entry->head);
    }
    if (w->on_request) {
        w->on_request(w, data, len);
    }
    if (w->muted || (data[0] == UDS_TESTER_PRESENT && data[1] & UDS_SUPPRESS_POSITIVE)) {
        return;
    }
    const struct fake_rule *rule = find_rule(w, data, len);
    if (rule) {
        obey(w, rule, data, len);
    } else {
        serve(w, data, len);
    }
    w->s3_due_ns = w->session == UDS_SESSION_DEFAULT ? UINT64_MAX : w->now_ns + S3_NS;
}

static void on_physical(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    (void)now_ns;
    on_request(ctx, data, len, false);
}

static void on_functional(void *ctx, const uint8_t *data, uint16_t len, proto_ns_t now_ns)
{
    (void)now_ns;
    on_request(ctx, data, len, true);
}

static void on_answered(void *ctx, enum isotp_result result, proto_ns_t now_ns)
{
    struct fake_world *w = ctx;
    (void)now_ns;
    if (result == ISOTP_OK && w->reset_after_answer && w->answer_ns == UINT64_MAX) {
        fake_reset(w, w->boot_ms);
    }
}

static const struct isotp_ops link_ops = {
    .send = ecu_send, .on_message = on_physical, .on_sent = on_answered};
static const struct isotp_ops functional_ops = {.on_message = on_functional};

struct fake_world *fake_new(void)
{
    struct fake_world *w = calloc(1, sizeof *w);
    if (!w) {
        abort();
    }
    fake_files_init(w);
    w->port.can_send = master_send;
    w->port.log = log_text;
    w->block_len = 258;
    w->p2_ms = 50;
    w->boot_ms = 300;
    w->erase_ms = 500;
    w->hardware_id = "BCM-HW-1";
    w->serial_number = "LH-000001";
    w->limit_ns = PROTO_MS(600000);
    w->session = UDS_SESSION_DEFAULT;
    w->app_valid = true;
    w->in_application = true;
    w->answer_ns = UINT64_MAX;
    w->pending_ns = UINT64_MAX;
    w->s3_due_ns = UINT64_MAX;
    memcpy(w->flash + 12, "1.0.0", 6);
    struct isotp_cfg cfg = {.rx_buffer = w->rx, .rx_buffer_len = sizeof w->rx};
    isotp_init(&w->link, &cfg, &link_ops, w);
    cfg.rx_buffer = w->functional_rx;
    cfg.rx_buffer_len = sizeof w->functional_rx;
    cfg.functional = true;
    isotp_init(&w->functional, &cfg, &functional_ops, w);
    return w;
}

void fake_free(struct fake_world *w)
{
    fake_files_free(w);
    free(w);
}

static void deliver(struct fake_world *w, struct ota_master *master)
{
    struct fake_frame sent = w->frames[w->frames_first];
    w->frames_first = (w->frames_first + 1) % FAKE_FRAMES;
    w->frames_len--;
    w->frame_due_ns = w->now_ns + FRAME_NS;
    if (!sent.from_master) {
        ota_master_on_frame(master, &sent.frame, w->now_ns);
        if (sent.frame.id == RESPONSE_ID) {
            isotp_on_confirm(&w->link, w->now_ns);
        }
        return;
    }
    ota_master_on_confirm(master, w->now_ns);
    for (size_t i = 0; i < w->peers_len; i++) {
        fake_peer_on_frame(&w->peers[i], &sent.frame, FUNCTIONAL_ID, w->now_ns);
    }
    if (w->now_ns < w->off_until_ns) {
        return;
    }
    if (sent.frame.id == REQUEST_ID) {
        isotp_on_frame(&w->link, sent.frame.data, sent.frame.len_bytes, w->now_ns);
    } else if (sent.frame.id == FUNCTIONAL_ID) {
        isotp_on_frame(&w->functional, sent.frame.data, sent.frame.len_bytes, w->now_ns);
    }
}

static void ecu_deadlines(struct fake_world *w)
{
    static const uint8_t negative = UDS_NEGATIVE_RESPONSE;
    if (w->now_ns >= isotp_deadline_ns(&w->link)) {
        isotp_on_deadline(&w->link, w->now_ns);
    }
    if (w->now_ns >= w->pending_ns && w->pendings_left) {
        uint8_t *pending = w->answer + sizeof w->answer - 3;
        pending[0] = negative;
        pending[1] = w->log[w->log_len - 1].head[0];
        for (size_t i = w->log_len; i-- > 0 && pending[1] == UDS_TESTER_PRESENT;) {
            pending[1] = w->log[i].head[0];
        }
        pending[2] = UDS_NRC_RESPONSE_PENDING;
        isotp_send(&w->link, pending, 3, w->now_ns);
        w->pendings_left--;
        w->pending_ns = w->pendings_left ? w->now_ns + PENDING_NS : UINT64_MAX;
    }
    if (w->now_ns >= w->answer_ns) {
        w->answer_ns = UINT64_MAX;
        isotp_send(&w->link, w->answer, w->answer_len, w->now_ns);
    }
    if (w->now_ns >= w->s3_due_ns) {
        w->s3_due_ns = UINT64_MAX;
        fake_reset(w, 0);
    }
}

/* The frames of peers, and the heartbeat. */
static void other_deadlines(struct fake_world *w)
{
    struct ota_frame frame;
    for (size_t i = 0; i < w->peers_len; i++) {
        if (fake_peer_on_deadline(&w->peers[i], w->now_ns, &frame)) {
            put_frame(w, &frame, false);
        }
    }
    if (w->noise_ms && w->now_ns >= w->noise_due_ns) {
        w->noise_due_ns = w->now_ns + PROTO_MS(w->noise_ms);
        frame = (struct ota_frame){.id = RESPONSE_ID, .len_bytes = 8};
        memcpy(frame.data, w->noise, sizeof w->noise);
        put_frame(w, &frame, false);
    }
    if (!w->heartbeat_ms || w->now_ns < w->heartbeat_due_ns) {
        return;
    }
    w->heartbeat_due_ns = w->now_ns + PROTO_MS(w->heartbeat_ms);
    if (w->in_application && !w->comm_off && w->now_ns >= w->off_until_ns) {
        frame = (struct ota_frame){.id = HEARTBEAT_ID, .len_bytes = 8};
        put_frame(w, &frame, false);
    }
}

static uint64_t next_ns(const struct fake_world *w, const struct ota_master *master)
{
    uint64_t due = ota_master_deadline_ns(master);
    due = proto_min_ns(due, isotp_deadline_ns(&w->link));
    due = proto_min_ns(due, w->answer_ns);
    due = proto_min_ns(due, w->pendings_left ? w->pending_ns : UINT64_MAX);
    due = proto_min_ns(due, w->s3_due_ns);
    due = proto_min_ns(due, w->noise_ms ? w->noise_due_ns : UINT64_MAX);
    due = proto_min_ns(due, w->heartbeat_ms ? w->heartbeat_due_ns : UINT64_MAX);
    for (size_t i = 0; i < w->peers_len; i++) {
        due = proto_min_ns(due, fake_peer_due_ns(&w->peers[i]));
    }
    return w->frames_len ? proto_min_ns(due, w->frame_due_ns) : due;
}

bool fake_run(struct fake_world *w, const struct ota_job *job, struct ota_report *report)
{
    struct ota_master *master = ota_master_new(job, &w->port);
    uint64_t end_ns = w->now_ns + w->limit_ns;
    ota_master_start(master, w->now_ns);
    w->link.cfg.rx_buffer_len = w->buffer_len ? w->buffer_len : sizeof w->rx;
    while (!ota_master_done(master, report) && !w->cut) {
        uint64_t due = next_ns(w, master);
        if (due > w->now_ns) {
            w->now_ns = due;
        }
        if (w->now_ns > end_ns) {
            fprintf(stderr, "the master does not end; its log:\n%s", w->log_text);
            abort();
        }
        if (w->stop_at_ns && w->now_ns >= w->stop_at_ns) {
            break;
        }
        if (w->frames_len && w->now_ns >= w->frame_due_ns) {
            deliver(w, master);
        }
        ecu_deadlines(w);
        other_deadlines(w);
        if (w->now_ns >= ota_master_deadline_ns(master)) {
            ota_master_on_deadline(master, w->now_ns);
        }
    }
    bool done = ota_master_done(master, report);
    ota_master_free(master);
    w->frames_len = 0;
    isotp_reset(&w->link);
    return done && !w->cut;
}

size_t fake_find(const struct fake_world *w, const char *hex, size_t nth)
{
    uint8_t match[4];
    uint8_t len = hex_bytes(hex, match);
    for (size_t i = 0; i < w->log_len; i++) {
        if (memcmp(w->log[i].head, match, len) == 0 && nth-- == 0) {
            return i;
        }
    }
    return w->log_len;
}

size_t fake_count(const struct fake_world *w, const char *hex)
{
    size_t n = 0;
    while (fake_find(w, hex, n) < w->log_len) {
        n++;
    }
    return n;
}

static char *put_run(char *text, uint32_t start, uint32_t len, const char *version)
{
    for (uint32_t at = 0; at < len; at += LINE_BYTES) {
        struct srec rec = {.type = 3, .address = start + at};
        rec.len = (uint8_t)(len - at < LINE_BYTES ? len - at : LINE_BYTES);
        for (uint8_t i = 0; i < rec.len; i++) {
            rec.data[i] = (uint8_t)((start >> 12) + at + i * 7u + (uint8_t)version[0]);
        }
        if (start == FAKE_FLASH_START && at == 0) {
            memset(rec.data + 12, 0, 16);
            memcpy(rec.data + 12, version, strlen(version));
        }
        text += srec_print(&rec, text);
        *text++ = '\n';
    }
    return text;
}

void fake_image(struct ota_image *image, const char *version)
{
    static const uint32_t runs[][2] = {
        {0x780000, 3000}, {0x790000, 5000}, {0x7A0000, 700}, {0x7FA000, 100}};
    char *text = malloc(65536);
    char *end = text;
    if (!text) {
        abort();
    }
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        end = put_run(end, runs[i][0], runs[i][1], version);
    }
    end += sprintf(end, "S70500000000FA\n");
    struct ota_error error;
    if (ota_image_parse(image, text, (size_t)(end - text), "test.s19", NULL, 0, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    free(text);
}

void fake_job(struct ota_job *job, const struct ota_image *image, const char *version)
{
    ota_job_init(job);
    strcpy(job->campaign, "test");
    strcpy(job->version, version);
    strcpy(job->hardware_id, "BCM-HW-1");
    job->request_id = REQUEST_ID;
    job->response_id = RESPONSE_ID;
    job->functional_id = FUNCTIONAL_ID;
    job->security_secret = 0x4C494D50;
    job->image = image;
}

bool fake_holds(const struct fake_world *w, const struct ota_image *image)
{
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        if (memcmp(w->flash + (segment->start - FAKE_FLASH_START), segment->bytes,
                   segment->len_bytes) != 0) {
            return false;
        }
    }
    return true;
}
