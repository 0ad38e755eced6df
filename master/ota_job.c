/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_job.c - reading a job file: a table says which members there are, what they may hold
 * and where they go. */
#include "master/ota_job.h"

#include "master/ota_file.h"
#include "master/ota_json_locate.h"

#include "sim/proto/proto.h"

#include <cjson/cJSON.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_FILE_MAX = 256 * 1024, CAN_ID_MAX = 0x1FFFFFFF };

enum kind {
    KIND_TEXT, /* limit: longest text. */
    KIND_U8,   /* Numbers: at least min, at most limit; written as a number or as "0x..." */
    KIND_U16,
    KIND_U32,
    KIND_U64,
    KIND_CHOICE,  /* One of choices; stored as enum. */
    KIND_HASH,    /* 64 hexadecimal digits, or empty. */
    KIND_PATH,    /* Relative to the job's folder. */
    KIND_WINDOWS, /* [[start, end], ...] */
    KIND_NETWORK, /* [{name, request_id, response_id}, ...] */
    KIND_PADDING, /* A byte, or null for none. */
    KIND_BOOL,
};

struct member {
    const char *object; /* "": the top. */
    const char *name;
    enum kind kind;
    bool required;
    size_t offset;
    uint64_t min, limit;
    const char *const *choices; /* Ends with null; the position is the value. */
};

static const char *const actions[] = {"update", "rollback", "none", NULL};
static const char *const styles[] = {"block", "s19-line", NULL};
static const char *const checks[] = {"sha1", "crc32", "sum8", NULL};
static const char *const resumes[] = {"full", "remaining", NULL};
static const char *const activations[] = {"default-session", "hard-reset", NULL};
static const char *const policies[] = {"roll-back", "stay", NULL};

#define AT(member) offsetof(struct ota_job, member)

static const struct member members[] = {
    {"", "campaign", KIND_TEXT, true, AT(campaign), 1, OTA_TEXT_MAX, NULL},
    {"", "action", KIND_CHOICE, false, AT(action), 0, 0, actions},
    {"", "policy", KIND_CHOICE, false, AT(policy), 0, 0, policies},
    {"", "network", KIND_NETWORK, false, AT(network), 0, 0, NULL},
    {"", "state_folder", KIND_PATH, false, AT(state_folder), 0, 0, NULL},
    {"ecu", "name", KIND_TEXT, false, AT(ecu_name), 0, OTA_TEXT_MAX, NULL},
    {"ecu", "request_id", KIND_U32, true, AT(request_id), 0, CAN_ID_MAX, NULL},
    {"ecu", "response_id", KIND_U32, true, AT(response_id), 0, CAN_ID_MAX, NULL},
    {"ecu", "functional_id", KIND_U32, true, AT(functional_id), 0, CAN_ID_MAX, NULL},
    {"ecu", "hardware_id", KIND_TEXT, false, AT(hardware_id), 0, OTA_TEXT_MAX, NULL},
    {"ecu", "secret", KIND_U32, true, AT(security_secret), 0, UINT32_MAX, NULL},
    {"ecu", "windows", KIND_WINDOWS, false, AT(windows), 0, 0, NULL},
    {"image", "path", KIND_PATH, false, AT(image_path), 0, 0, NULL},
    {"image", "version", KIND_TEXT, false, AT(version), 0, OTA_TEXT_MAX, NULL},
    {"image", "from_version", KIND_TEXT, false, AT(from_version), 0, OTA_TEXT_MAX, NULL},
    {"image", "sha256", KIND_HASH, false, AT(sha256_hex), 0, 0, NULL},
    {"image", "bytes", KIND_U64, false, AT(file_bytes), 0, UINT64_C(1) << 32, NULL},
    {"transfer", "style", KIND_CHOICE, false, AT(style), 0, 0, styles},
    {"transfer", "check", KIND_CHOICE, false, AT(check), 0, 0, checks},
    {"transfer", "resume", KIND_CHOICE, false, AT(resume_34), 0, 0, resumes},
    {"transfer", "activation", KIND_CHOICE, false, AT(activation), 0, 0, activations},
    {"limits", "resends", KIND_U8, false, AT(resend_max), 0, 10, NULL},
    {"limits", "segment_retries", KIND_U8, false, AT(segment_retry_max), 0, 10, NULL},
    {"limits", "update_retries", KIND_U8, false, AT(update_retry_max), 0, 10, NULL},
    {"limits", "boot_ms", KIND_U32, false, AT(boot_ms_max), 100, 600000, NULL},
    {"limits", "pending_ms", KIND_U32, false, AT(pending_ms_max), 1000, 3600000, NULL},
    {"limits", "erase_ms", KIND_U32, false, AT(erase_ms_max), 100, 3600000, NULL},
    {"limits", "pause_ms", KIND_U32, false, AT(pause_ms), 0, 3600000, NULL},
    {"limits", "pauses", KIND_U16, false, AT(pause_max), 0, 10000, NULL},
    {"limits", "condition_ms", KIND_U32, false, AT(condition_ms), 0, 3600000, NULL},
    {"limits", "conditions", KIND_U16, false, AT(condition_max), 0, 10000, NULL},
    {"health", "window_ms", KIND_U32, false, AT(health_window_ms), 0, 3600000, NULL},
    {"health", "dtc", KIND_BOOL, false, AT(health_dtc), 0, 0, NULL},
    {"health", "heartbeat_id", KIND_U32, false, AT(health_heartbeat_id), 0, CAN_ID_MAX, NULL},
    {"health", "heartbeat_ms", KIND_U32, false, AT(health_heartbeat_ms), 1, 600000, NULL},
    {"isotp", "padding", KIND_PADDING, false, AT(isotp_padding_byte), 0, 255, NULL},
};

enum { MEMBERS_LEN = sizeof members / sizeof members[0] };

/* All required; offsets within struct ota_peer. */
static const struct member peer_members[] = {
    {"", "name", KIND_TEXT, true, offsetof(struct ota_peer, name), 1, OTA_TEXT_MAX, NULL},
    {"", "request_id", KIND_U32, true, offsetof(struct ota_peer, request_id), 0, CAN_ID_MAX, NULL},
    {"", "response_id", KIND_U32, true, offsetof(struct ota_peer, response_id), 0, CAN_ID_MAX,
     NULL},
};

enum { PEER_MEMBERS_LEN = sizeof peer_members / sizeof peer_members[0] };

struct reader {
    struct ota_job *job;
    const char *name;
    const char *text;
    size_t len_bytes;
    const char *folder;
    struct ota_error *error;
    bool seen[MEMBERS_LEN];
};

/* Where: file, line and member; object "" is the top, member "" the whole object. */
#define FAIL_IN(r, object, member, occurrence, code, fmt, ...)                                     \
    ota_error_set((r)->error, code, "%s:%u: %s%s%s: " fmt, (r)->name,                              \
                  line_in(r, object, member, occurrence), object,                                  \
                  *(object) && *(member) ? "." : "", member, __VA_ARGS__)
#define FAIL_AT(r, m, code, fmt, ...) FAIL_IN(r, (m)->object, (m)->name, 0, code, fmt, __VA_ARGS__)

static unsigned line_in(const struct reader *r, const char *object, const char *member,
                        unsigned occurrence)
{
    return ota_json_line(r->text, r->len_bytes, object, member, occurrence);
}

static void *place(const struct reader *r, const struct member *m)
{
    return (char *)r->job + m->offset;
}

/* A whole number, or text with one in hexadecimal ("0x7E0") or decimal. */
static bool number(const cJSON *value, uint64_t *out)
{
    if (cJSON_IsNumber(value)) {
        double d = value->valuedouble;
        if (!(d >= 0.0 && d <= 9007199254740992.0)) {
            return false;
        }
        *out = (uint64_t)d;
        return (double)*out == d;
    }
    if (!cJSON_IsString(value) || !isdigit((unsigned char)value->valuestring[0])) {
        return false;
    }
    bool hex = value->valuestring[0] == '0' && value->valuestring[1] == 'x';
    if (hex && !isxdigit((unsigned char)value->valuestring[2])) {
        return false;
    }
    char *end = NULL;
    *out = strtoull(value->valuestring, &end, hex ? 16 : 10);
    return *end == '\0' && strlen(value->valuestring) <= 18;
}

static int take_number(struct reader *r, const struct member *m, const cJSON *value)
{
    uint64_t n = 0;
    if (!number(value, &n)) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "not a whole number; write 12 or \"0x0C\"");
    }
    if (n < m->min || n > m->limit) {
        return FAIL_AT(r, m, OTA_ERR_RANGE, "%llu is outside %llu to %llu", (unsigned long long)n,
                       (unsigned long long)m->min, (unsigned long long)m->limit);
    }
    void *to = place(r, m);
    if (m->kind == KIND_U8) {
        *(uint8_t *)to = (uint8_t)n;
    } else if (m->kind == KIND_U16) {
        *(uint16_t *)to = (uint16_t)n;
    } else if (m->kind == KIND_U32) {
        *(uint32_t *)to = (uint32_t)n;
    } else {
        *(uint64_t *)to = n;
    }
    return 0;
}

static bool printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7E) {
            return false;
        }
    }
    return true;
}

static int take_text(struct reader *r, const struct member *m, const cJSON *value)
{
    if (!cJSON_IsString(value)) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "not a text; put it in quotes");
    }
    size_t len = strlen(value->valuestring);
    if (len < m->min || len > m->limit) {
        return FAIL_AT(r, m, OTA_ERR_RANGE, "%zu characters, allowed are %u to %u", len,
                       (unsigned)m->min, (unsigned)m->limit);
    }
    if (!printable(value->valuestring)) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "only printable ASCII characters are allowed");
    }
    memcpy(place(r, m), value->valuestring, len + 1);
    return 0;
}

static int take_path(struct reader *r, const struct member *m, const cJSON *value)
{
    if (!cJSON_IsString(value) || !*value->valuestring) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "not a path; put it in quotes");
    }
    const char *text = value->valuestring;
    bool relative = text[0] != '/' && r->folder && *r->folder;
    size_t folder_len = relative ? strlen(r->folder) : 0;
    size_t len = strlen(text);
    if (folder_len + len + 1 > OTA_PATH_MAX) {
        return FAIL_AT(r, m, OTA_ERR_RANGE, "the path is longer than %d characters", OTA_PATH_MAX);
    }
    char *to = place(r, m);
    if (relative) {
        memcpy(to, r->folder, folder_len);
        to[folder_len++] = '/';
    }
    memcpy(to + folder_len, text, len + 1);
    return 0;
}

static int take_choice(struct reader *r, const struct member *m, const cJSON *value)
{
    char known[120] = "";
    size_t len = 0;
    for (int i = 0; m->choices[i]; i++) {
        if (cJSON_IsString(value) && strcmp(value->valuestring, m->choices[i]) == 0) {
            memcpy(place(r, m), &i, sizeof i);
            return 0;
        }
        len +=
            (size_t)snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "", m->choices[i]);
        PROTO_CHECK(len < sizeof known);
    }
    return FAIL_AT(r, m, OTA_ERR_SYNTAX, "not one of: %s", known);
}

static int take_hash(struct reader *r, const struct member *m, const cJSON *value)
{
    const char *text = cJSON_IsString(value) ? value->valuestring : "?";
    size_t len = strlen(text);
    if ((len != 0 && len != 64) || strspn(text, "0123456789abcdefABCDEF") != len) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s",
                       "not a SHA-256: 64 hexadecimal digits, or empty for none");
    }
    char *to = place(r, m);
    for (size_t i = 0; i <= len; i++) {
        to[i] = (char)tolower((unsigned char)text[i]);
    }
    return 0;
}

static int take_padding(struct reader *r, const struct member *m, const cJSON *value)
{
    r->job->isotp_pad = !cJSON_IsNull(value);
    if (!r->job->isotp_pad) {
        return 0;
    }
    struct member byte = *m;
    byte.kind = KIND_U8;
    return take_number(r, &byte, value);
}

static int take_window(struct reader *r, const struct member *m, const cJSON *pair)
{
    uint64_t bounds[2];
    if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 ||
        !number(cJSON_GetArrayItem(pair, 0), &bounds[0]) ||
        !number(cJSON_GetArrayItem(pair, 1), &bounds[1])) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s",
                       "a window is a pair [start, first address behind]");
    }
    if (bounds[0] >= bounds[1] || bounds[1] > UINT32_MAX) {
        return FAIL_AT(r, m, OTA_ERR_RANGE, "0x%llX to 0x%llX is not a range of 32-bit addresses",
                       (unsigned long long)bounds[0], (unsigned long long)bounds[1]);
    }
    r->job->windows[r->job->windows_len++] =
        (struct ota_window){.start = (uint32_t)bounds[0], .end = (uint32_t)bounds[1]};
    return 0;
}

static int take_windows(struct reader *r, const struct member *m, const cJSON *value)
{
    if (!cJSON_IsArray(value)) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "not a list; write [[start, end], ...]");
    }
    if (cJSON_GetArraySize(value) > OTA_WINDOWS_MAX) {
        return FAIL_AT(r, m, OTA_ERR_RANGE, "more than %d windows; join neighbours",
                       OTA_WINDOWS_MAX);
    }
    r->job->windows_len = 0;
    const cJSON *pair = NULL;
    cJSON_ArrayForEach(pair, value)
    {
        int code = take_window(r, m, pair);
        if (code) {
            return code;
        }
    }
    return 0;
}

static int take_bool(struct reader *r, const struct member *m, const cJSON *value)
{
    if (!cJSON_IsBool(value)) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "%s", "neither true nor false");
    }
    *(bool *)place(r, m) = cJSON_IsTrue(value);
    return 0;
}

/* One member of the ECU that is read; messages name the list. */
static int take_peer_member(struct reader *r, const struct member *list, const struct member *m,
                            const cJSON *value)
{
    struct member moved = *m;
    moved.object = list->object;
    moved.name = list->name;
    moved.offset += list->offset + r->job->network_len * sizeof(struct ota_peer);
    return m->kind == KIND_TEXT ? take_text(r, &moved, value) : take_number(r, &moved, value);
}

static int take_peer(struct reader *r, const struct member *list, const cJSON *peer)
{
    if (!cJSON_IsObject(peer) || cJSON_GetArraySize(peer) != PEER_MEMBERS_LEN) {
        return FAIL_AT(r, list, OTA_ERR_SYNTAX, "%s",
                       "an ECU is an object with name, request_id and response_id");
    }
    for (size_t i = 0; i < PEER_MEMBERS_LEN; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(peer, peer_members[i].name);
        if (!value) {
            return FAIL_AT(r, list, OTA_ERR_SYNTAX, "ECU %zu has no %s", r->job->network_len + 1,
                           peer_members[i].name);
        }
        int code = take_peer_member(r, list, &peer_members[i], value);
        if (code) {
            return code;
        }
    }
    r->job->network_len++;
    return 0;
}

static int take_network(struct reader *r, const struct member *m, const cJSON *value)
{
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) > OTA_NETWORK_MAX) {
        return FAIL_AT(r, m, OTA_ERR_SYNTAX, "not a list of at most %d ECUs", OTA_NETWORK_MAX);
    }
    const cJSON *peer = NULL;
    cJSON_ArrayForEach(peer, value)
    {
        int code = take_peer(r, m, peer);
        if (code) {
            return code;
        }
    }
    return 0;
}

static int take_value(struct reader *r, const struct member *m, const cJSON *value)
{
    switch (m->kind) {
    case KIND_TEXT: return take_text(r, m, value);
    case KIND_CHOICE: return take_choice(r, m, value);
    case KIND_HASH: return take_hash(r, m, value);
    case KIND_PATH: return take_path(r, m, value);
    case KIND_WINDOWS: return take_windows(r, m, value);
    case KIND_NETWORK: return take_network(r, m, value);
    case KIND_PADDING: return take_padding(r, m, value);
    case KIND_BOOL: return take_bool(r, m, value);
    case KIND_U8:
    case KIND_U16:
    case KIND_U32:
    case KIND_U64: break;
    }
    return take_number(r, m, value);
}

static bool is_object_name(const char *name)
{
    for (size_t i = 0; i < MEMBERS_LEN; i++) {
        if (strcmp(members[i].object, name) == 0) {
            return *name != '\0';
        }
    }
    return false;
}

static int take_member(struct reader *r, const char *object, const cJSON *value)
{
    for (size_t i = 0; i < MEMBERS_LEN; i++) {
        const struct member *m = &members[i];
        if (strcmp(m->object, object) != 0 || strcmp(m->name, value->string) != 0) {
            continue;
        }
        r->seen[i] = true;
        return take_value(r, m, value);
    }
    return FAIL_IN(r, object, value->string, 0, OTA_ERR_SYNTAX, "%s",
                   "unknown member; check the spelling, or remove it");
}

static int take_object(struct reader *r, const char *object, const cJSON *tree)
{
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, tree)
    {
        const char *name = value->string;
        const bool nested = !*object && is_object_name(name);
        int code = 0;
        if (cJSON_GetObjectItemCaseSensitive(tree, name) != value) {
            code = FAIL_IN(r, object, name, 1, OTA_ERR_CONFLICT, "%s", "given twice; remove one");
        } else if (nested && !cJSON_IsObject(value)) {
            code =
                FAIL_IN(r, object, name, 0, OTA_ERR_SYNTAX, "%s", "not an object; write { ... }");
        } else {
            code = nested ? take_object(r, name, value) : take_member(r, object, value);
        }
        if (code) {
            return code;
        }
    }
    return 0;
}

/* How many of the job's ECUs send or listen to that identifier. */
static int uses_of(const struct ota_job *job, uint32_t id)
{
    int uses = (job->request_id == id) + (job->response_id == id) + (job->functional_id == id);
    for (size_t i = 0; i < job->network_len; i++) {
        uses += (job->network[i].request_id == id) + (job->network[i].response_id == id);
    }
    return uses;
}

static int check_network(struct reader *r)
{
    for (size_t i = 0; i < r->job->network_len; i++) {
        const struct ota_peer *peer = &r->job->network[i];
        if (uses_of(r->job, peer->request_id) > 1 || uses_of(r->job, peer->response_id) > 1) {
            return FAIL_IN(r, "", "network", 0, OTA_ERR_CONFLICT,
                           "an identifier of %s is used twice", peer->name);
        }
    }
    return 0;
}

static int check_whole(struct reader *r)
{
    const struct ota_job *job = r->job;
    for (size_t i = 0; i < MEMBERS_LEN; i++) {
        if (members[i].required && !r->seen[i]) {
            return FAIL_AT(r, &members[i], OTA_ERR_SYNTAX, "%s", "missing; it has no default");
        }
    }
    if (job->action == OTA_ACTION_UPDATE && (!*job->image_path || !*job->version)) {
        return FAIL_IN(r, "image", "", 0, OTA_ERR_SYNTAX, "%s",
                       "path and version: one is missing; an update needs both");
    }
    if (job->request_id == job->response_id || job->request_id == job->functional_id ||
        job->response_id == job->functional_id) {
        return FAIL_IN(r, "ecu", "", 0, OTA_ERR_CONFLICT, "%s",
                       "request_id, response_id and functional_id must differ");
    }
    return check_network(r);
}

void ota_job_init(struct ota_job *job)
{
    memset(job, 0, sizeof *job);
    job->action = OTA_ACTION_UPDATE;
    job->style = OTA_STYLE_BLOCK;
    job->check = OTA_CHECK_SHA1;
    job->resume_34 = OTA_RESUME_REMAINING;
    job->activation = OTA_ACTIVATE_DEFAULT_SESSION;
    job->resend_max = 3;
    job->segment_retry_max = 2;
    job->update_retry_max = 2;
    job->boot_ms_max = 10000;
    job->pending_ms_max = 25000;
    job->erase_ms_max = 20000;
    job->pause_ms = 2000;
    job->pause_max = 30;
    job->condition_ms = 30000;
    job->condition_max = 2;
    job->health_heartbeat_id = OTA_NO_ID;
    job->health_heartbeat_ms = 1000;
    job->isotp_padding_byte = 0xCC;
    job->isotp_pad = true;
    memcpy(job->ecu_name, "ecu", sizeof "ecu");
    memcpy(job->state_folder, "state", sizeof "state");
}

static int fail_text(const struct reader *r, size_t at, const char *why)
{
    return ota_error_set(r->error, OTA_ERR_SYNTAX, "%s:%u: %s", r->name,
                         ota_json_line_at(r->text, at), why);
}

static int parse_tree(const struct reader *r, cJSON **tree)
{
    const size_t nul = ota_json_find_nul(r->text, r->len_bytes);
    const char *end = r->text;
    if (nul < r->len_bytes) {
        return fail_text(r, nul, "a NUL character; remove it");
    }
    *tree = cJSON_ParseWithLengthOpts(r->text, r->len_bytes, &end, false);
    size_t at = (size_t)(end - r->text);
    if (!*tree) {
        return fail_text(r, at, "not JSON; check commas, quotes and brackets there");
    }
    while (at < r->len_bytes && isspace((unsigned char)r->text[at])) {
        at++;
    }
    if (at != r->len_bytes) {
        return fail_text(r, at, "text behind the closing bracket");
    }
    return cJSON_IsObject(*tree) ? 0 : fail_text(r, 0, "the job must be an object { ... }");
}

int ota_job_parse(struct ota_job *job, const char *text, size_t len_bytes, const char *name,
                  const char *folder, struct ota_error *error)
{
    struct reader r = {.job = job,
                       .name = name,
                       .text = text,
                       .len_bytes = len_bytes,
                       .folder = folder,
                       .error = error};
    cJSON *tree = NULL;
    ota_job_init(job);
    int code = parse_tree(&r, &tree);
    if (!code) {
        code = take_object(&r, "", tree);
    }
    if (!code) {
        code = check_whole(&r);
    }
    cJSON_Delete(tree);
    return code;
}

int ota_job_load(struct ota_job *job, const char *path, struct ota_error *error)
{
    char *text = NULL;
    size_t len = 0;
    int code = ota_file_load(path, JOB_FILE_MAX, &text, &len, error);
    if (code) {
        return code;
    }
    char folder[OTA_PATH_MAX + 1] = "";
    const char *slash = strrchr(path, '/');
    if (slash && (size_t)(slash - path) < sizeof folder) {
        memcpy(folder, path, slash == path ? 1 : (size_t)(slash - path));
    }
    code = ota_job_parse(job, text, len, path, folder, error);
    free(text);
    return code;
}
