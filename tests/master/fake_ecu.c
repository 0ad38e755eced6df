/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_ecu.c - the services of the scripted ECU. */
#include "tests/master/fake_services.h"

#include "sim/proto/sha1.h"
#include "sim/proto/srec.h"
#include "sim/proto/uds.h"

#include <string.h>

#define SECRET UINT32_C(0x4C494D50)

enum { VERSION_AT = 12, TEXT_LEN = 16 };

static enum uds_nrc put_text(struct fake_world *w, const char *text)
{
    memset(w->answer + 3, 0, TEXT_LEN);
    memcpy(w->answer + 3, text, strnlen(text, TEXT_LEN));
    w->answer_len = 3 + TEXT_LEN;
    return UDS_POSITIVE;
}

static enum uds_nrc read_data(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (len != 3) {
        return UDS_NRC_LENGTH;
    }
    memcpy(w->answer + 1, data + 1, 2);
    switch (proto_get_u16(data + 1)) {
    case UDS_DID_HARDWARE: return put_text(w, w->hardware_id);
    case UDS_DID_SERIAL_NUMBER: return put_text(w, w->serial_number);
    case UDS_DID_ACTIVE_SESSION:
        w->answer[3] = w->session;
        w->answer_len = 4;
        return UDS_POSITIVE;
    case UDS_DID_SOFTWARE_VERSION:
        if (!w->app_valid) {
            return UDS_NRC_OUT_OF_RANGE;
        }
        return put_text(w, w->lie_version ? w->lie_version : (char *)w->flash + VERSION_AT);
    default: return UDS_NRC_OUT_OF_RANGE;
    }
}

static enum uds_nrc session_control(struct fake_world *w, const uint8_t *data)
{
    if (data[1] == UDS_SESSION_PROGRAMMING && w->session == UDS_SESSION_DEFAULT) {
        return UDS_NRC_SUBFUNCTION_NOT_IN_SESSION;
    }
    if (data[1] == UDS_SESSION_PROGRAMMING) {
        for (size_t i = 0; i < w->peers_len; i++) {
            w->loud_at_programming += !w->peers[i].comm_off || !w->peers[i].dtc_off;
        }
        w->in_application = false;
    }
    w->reset_after_answer = data[1] == UDS_SESSION_DEFAULT && !w->in_application && w->app_valid;
    w->session = data[1];
    w->unlocked = false;
    w->answer[1] = data[1];
    proto_put_u16(w->answer + 2, w->p2_ms);
    proto_put_u16(w->answer + 4, 500);
    w->answer_len = 6;
    return UDS_POSITIVE;
}

static uint32_t key_of(uint32_t seed)
{
    uint32_t key = seed ^ SECRET;
    for (int i = 0; i < 35; i++) {
        key = (key & 0x80000000u) ? (key << 1) ^ SECRET : key << 1;
    }
    return key;
}

static enum uds_nrc security(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (w->session != UDS_SESSION_PROGRAMMING) {
        return UDS_NRC_SERVICE_NOT_IN_SESSION;
    }
    w->answer[1] = data[1];
    w->answer_len = 2;
    if (data[1] == 1) {
        w->seed += 0x01234567;
        proto_put_u32(w->answer + 2, w->unlocked ? 0 : w->seed);
        w->answer_len = 6;
        return UDS_POSITIVE;
    }
    w->keys++;
    w->unlocked = len == 6 && proto_get_u32(data + 2) == key_of(w->seed);
    return w->unlocked ? UDS_POSITIVE : UDS_NRC_INVALID_KEY;
}

static bool segments_fit(const struct fake_world *w, const uint8_t *data, uint16_t len)
{
    return len < 6 || proto_get_u16(data + 4) == w->checked_len;
}

static enum uds_nrc routine(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    uint16_t rid = proto_get_u16(data + 2);
    memcpy(w->answer + 1, data + 1, 3);
    w->answer[4] = 0;
    w->answer_len = 5;
    if (rid == UDS_RID_CHECK_PRECONDITIONS) {
        return UDS_POSITIVE;
    }
    if (w->session != UDS_SESSION_PROGRAMMING) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    if (!w->unlocked) {
        return UDS_NRC_SECURITY_DENIED;
    }
    if (rid == UDS_RID_ERASE_MEMORY) {
        memset(w->flash, 0xFF, sizeof w->flash);
        w->erased = true;
        w->app_valid = false;
        w->erases++;
        w->checked_len = 0;
        w->answer_ns = w->now_ns + PROTO_MS(w->erase_ms);
        return UDS_POSITIVE;
    }
    w->app_valid = segments_fit(w, data, len);
    w->answer[4] = !w->app_valid;
    return UDS_POSITIVE;
}

static enum uds_nrc download(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (len != 11) {
        return UDS_NRC_LENGTH;
    }
    if (!w->erased) {
        return UDS_NRC_CONDITIONS;
    }
    w->from = proto_get_u32(data + 3) - FAKE_FLASH_START;
    w->behind = w->from + proto_get_u32(data + 7);
    if (w->behind > FAKE_FLASH_LEN || w->from >= w->behind) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    w->next = w->from;
    w->counter = 0;
    w->transfer_open = true;
    w->wrote = false;
    w->answer[1] = 0x20;
    proto_put_u16(w->answer + 2, w->block_len);
    w->answer_len = 4;
    return UDS_POSITIVE;
}

static void program(struct fake_world *w, uint32_t at, const uint8_t *data, uint16_t len)
{
    for (uint16_t i = 0; i < len; i++) {
        w->rewritten += w->flash[at + i] != 0xFF && w->flash[at + i] != data[i];
        w->flash[at + i] = data[i];
    }
    w->data_bytes += len;
}

static enum uds_nrc write_line(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    struct srec rec;
    if (srec_from_binary(data + 2, (uint16_t)(len - 2), &rec) != SREC_OK) {
        return UDS_NRC_TRANSFER_SUSPENDED;
    }
    uint32_t at = rec.address - FAKE_FLASH_START;
    if (at < w->from || at + rec.len > w->behind) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    program(w, at, rec.data, rec.len);
    w->next = at + rec.len;
    return UDS_POSITIVE;
}

static enum uds_nrc transfer(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    w->answer[1] = data[1];
    w->answer_len = 2;
    if (!w->transfer_open) {
        return UDS_NRC_SEQUENCE;
    }
    if (w->wrote && data[1] == w->counter) {
        w->transfer_open = !w->rejects_repeats;
        return w->rejects_repeats ? UDS_NRC_SEQUENCE : UDS_POSITIVE;
    }
    if (data[1] != (uint8_t)(w->counter + 1)) {
        return UDS_NRC_WRONG_BLOCK_COUNTER;
    }
    if (len > w->block_len || len < 3) {
        return UDS_NRC_LENGTH;
    }
    if (w->style == OTA_STYLE_S19_LINE) {
        enum uds_nrc nrc = write_line(w, data, len);
        if (nrc != UDS_POSITIVE) {
            return nrc;
        }
    } else {
        if (w->next + len - 2u > w->behind) {
            return UDS_NRC_OUT_OF_RANGE;
        }
        program(w, w->next, data + 2, (uint16_t)(len - 2));
        w->next += len - 2u;
    }
    w->wrote = true;
    w->counter = data[1];
    return UDS_POSITIVE;
}

/* The check of a whole segment replaces those of its parts. */
static void note_checked(struct fake_world *w)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < w->checked_len; i++) {
        if (w->checked[i].start < w->from || w->checked[i].end > w->behind) {
            w->checked[kept++] = w->checked[i];
        }
    }
    w->checked[kept++] = (struct ota_window){.start = w->from, .end = w->behind};
    w->checked_len = kept;
}

static enum uds_nrc transfer_exit(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (!w->transfer_open || (w->wrote && w->next != w->behind)) {
        return UDS_NRC_SEQUENCE;
    }
    if (len != 1 + SHA1_LEN) {
        return UDS_NRC_LENGTH;
    }
    struct sha1 sha;
    uint8_t digest[SHA1_LEN];
    sha1_init(&sha);
    sha1_update(&sha, w->flash + w->from, (uint16_t)(w->behind - w->from));
    sha1_final(&sha, digest);
    if (memcmp(digest, data + 1, SHA1_LEN) != 0) {
        return UDS_NRC_PROGRAMMING_FAILURE;
    }
    w->transfer_open = false;
    w->answer_len = 1;
    note_checked(w);
    return UDS_POSITIVE;
}

static enum uds_nrc programming_only(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (w->session != UDS_SESSION_PROGRAMMING) {
        return UDS_NRC_SERVICE_NOT_IN_SESSION;
    }
    if (!w->unlocked) {
        return UDS_NRC_SECURITY_DENIED;
    }
    switch (data[0]) {
    case UDS_WRITE_DATA:
        memcpy(w->answer + 1, data + 1, 2);
        w->answer_len = 3;
        return UDS_POSITIVE;
    case UDS_REQUEST_DOWNLOAD: return download(w, data, len);
    case UDS_TRANSFER_DATA: return transfer(w, data, len);
    default: return transfer_exit(w, data, len);
    }
}

static enum uds_nrc network(struct fake_world *w, const uint8_t *data)
{
    if (w->session == UDS_SESSION_DEFAULT) {
        return UDS_NRC_SERVICE_NOT_IN_SESSION;
    }
    if (data[0] == UDS_COMMUNICATION_CONTROL) {
        w->comm_off = data[1] != UDS_COMM_ENABLE_RX_TX;
    } else {
        w->dtc_off = data[1] == UDS_DTC_OFF;
    }
    w->answer[1] = data[1];
    w->answer_len = 2;
    return UDS_POSITIVE;
}

static enum uds_nrc read_dtcs(struct fake_world *w, const uint8_t *data)
{
    w->answer[1] = data[1];
    w->answer[2] = 0xFF;
    w->answer_len = 3;
    if (w->dtc) {
        proto_put_u32(w->answer + 3, w->dtc << 8 | 0x09);
        w->answer_len = 7;
    }
    return UDS_POSITIVE;
}

enum uds_nrc fake_serve(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    w->answer[0] = (uint8_t)(data[0] + UDS_RESPONSE_OFFSET);
    w->answer_len = 1;
    switch (data[0]) {
    case UDS_READ_DATA: return read_data(w, data, len);
    case UDS_SESSION_CONTROL: return session_control(w, data);
    case UDS_ECU_RESET:
        w->reset_after_answer = true;
        w->answer[1] = data[1];
        w->answer_len = 2;
        return UDS_POSITIVE;
    case UDS_CLEAR_DTC: return UDS_POSITIVE;
    case UDS_TESTER_PRESENT:
        w->answer[1] = 0;
        w->answer_len = 2;
        return UDS_POSITIVE;
    case UDS_READ_DTC: return read_dtcs(w, data);
    case UDS_SECURITY_ACCESS: return security(w, data, len);
    case UDS_COMMUNICATION_CONTROL:
    case UDS_CONTROL_DTC_SETTING: return network(w, data);
    case UDS_ROUTINE_CONTROL: return routine(w, data, len);
    case UDS_WRITE_DATA:
    case UDS_REQUEST_DOWNLOAD:
    case UDS_TRANSFER_DATA:
    case UDS_TRANSFER_EXIT: return programming_only(w, data, len);
    default: return UDS_NRC_SERVICE_NOT_SUPPORTED;
    }
}

/* What a loss of power or a reset leaves. */
void fake_reset(struct fake_world *w, uint32_t off_ms)
{
    w->session = UDS_SESSION_DEFAULT;
    w->unlocked = false;
    w->transfer_open = false;
    w->checked_len = 0;
    w->erased = w->erased && !w->forgets_on_reset && !w->app_valid;
    w->in_application = w->app_valid;
    w->comm_off = 0;
    w->dtc_off = 0;
    w->answer_ns = UINT64_MAX;
    w->pending_ns = UINT64_MAX;
    w->reset_after_answer = false;
    w->off_until_ns = w->now_ns + PROTO_MS(off_ms);
    isotp_reset(&w->link);
    isotp_reset(&w->functional);
}
