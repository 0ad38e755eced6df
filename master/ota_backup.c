/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_backup.c - the stored form of an image, and the manifest of the known-good ones. */
#include "master/ota_backup.h"

#include "master/ota_hash.h"
#include "master/ota_store.h"
#include "sim/proto/proto.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stored form, big-endian: magic, number of segments, hash and length of the S-record file that the
 * image came from; for each segment start, length, number of lines; then for each segment its
 * bytes, and for each line its length and type (its address follows from the lines before). */
enum {
    HEAD_BYTES = 4 + 2 + OTA_SHA256_LEN + 8,
    SEGMENT_BYTES = 12,
    LINE_BYTES = 2,
    MANIFEST_MAX = 4096,
    /* One more than is kept, for a staged image: a place that is neither listed nor staged is
     * free, and what lies in it is swept. So nothing is left over, whenever the power goes. */
    PLACES = OTA_BACKUPS_KEPT + 1,
    STORED_MAX = OTA_IMAGE_BYTES_MAX * 4
};

#define MANIFEST_NEW "backups.new"
#define PART_FILE    "staging.part"

static const uint8_t magic[4] = {'L', 'H', 'I', '1'};

static uint64_t stored_bytes(const struct ota_image *image)
{
    uint64_t bytes = HEAD_BYTES;
    for (size_t i = 0; i < image->segments_len; i++) {
        bytes += SEGMENT_BYTES + (uint64_t)image->segments[i].len_bytes +
                 (uint64_t)image->segments[i].lines_len * LINE_BYTES;
    }
    return bytes;
}

static void put_head(const struct ota_image *image, uint8_t *to)
{
    memcpy(to, magic, sizeof magic);
    proto_put_u16(to + 4, (uint16_t)image->segments_len);
    memcpy(to + 6, image->sha256, OTA_SHA256_LEN);
    proto_put_u32(to + 6 + OTA_SHA256_LEN, (uint32_t)(image->file_bytes >> 32));
    proto_put_u32(to + 10 + OTA_SHA256_LEN, (uint32_t)image->file_bytes);
}

static void store(const struct ota_image *image, uint8_t *to)
{
    put_head(image, to);
    to += HEAD_BYTES;
    for (size_t i = 0; i < image->segments_len; i++, to += SEGMENT_BYTES) {
        proto_put_u32(to, image->segments[i].start);
        proto_put_u32(to + 4, image->segments[i].len_bytes);
        proto_put_u32(to + 8, image->segments[i].lines_len);
    }
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        memcpy(to, segment->bytes, segment->len_bytes);
        to += segment->len_bytes;
        for (uint32_t line = 0; line < segment->lines_len; line++, to += LINE_BYTES) {
            to[0] = segment->lines[line].len_bytes;
            to[1] = segment->lines[line].type;
        }
    }
}

static bool restore_segment(struct ota_segment *segment, const uint8_t *from)
{
    segment->bytes = malloc(segment->len_bytes);
    segment->lines = malloc(segment->lines_len * sizeof *segment->lines);
    if (!segment->bytes || !segment->lines) {
        return false;
    }
    memcpy(segment->bytes, from, segment->len_bytes);
    from += segment->len_bytes;
    uint32_t address = segment->start;
    for (uint32_t line = 0; line < segment->lines_len; line++, from += LINE_BYTES) {
        segment->lines[line] =
            (struct ota_line){.address = address, .len_bytes = from[0], .type = from[1]};
        address += from[0];
    }
    return address == segment->start + segment->len_bytes;
}

/* False: not a stored image, or out of memory. The bytes have passed their hash, so this only
 * guards against a file of another version. */
static bool restore(const uint8_t *from, size_t len, struct ota_image *image)
{
    if (len < HEAD_BYTES || memcmp(from, magic, sizeof magic) != 0) {
        return false;
    }
    size_t segments = proto_get_u16(from + 4);
    size_t at = HEAD_BYTES + segments * SEGMENT_BYTES;
    if (segments == 0 || segments > OTA_SEGMENTS_MAX || at > len) {
        return false;
    }
    memcpy(image->sha256, from + 6, OTA_SHA256_LEN);
    image->file_bytes = (uint64_t)proto_get_u32(from + 6 + OTA_SHA256_LEN) << 32 |
                        proto_get_u32(from + 10 + OTA_SHA256_LEN);
    for (size_t i = 0; i < segments; i++) {
        const uint8_t *row = from + HEAD_BYTES + i * SEGMENT_BYTES;
        struct ota_segment *segment = &image->segments[image->segments_len++];
        segment->start = proto_get_u32(row);
        segment->len_bytes = proto_get_u32(row + 4);
        segment->lines_len = proto_get_u32(row + 8);
        uint64_t need = (uint64_t)segment->len_bytes + (uint64_t)segment->lines_len * LINE_BYTES;
        if (segment->len_bytes == 0 || segment->lines_len == 0 || need > len - at) {
            return false;
        }
        if (!restore_segment(segment, from + at)) {
            return false;
        }
        at += (size_t)need;
        image->bytes_total += segment->len_bytes;
    }
    return at == len;
}

static int verified_read(const struct ota_port *port, const struct ota_backup *backup,
                         uint8_t **bytes, struct ota_error *error)
{
    size_t len = 0;
    int code = ota_store_read(port, backup->file, STORED_MAX, bytes, &len, error);
    if (code) {
        return code;
    }
    uint8_t sha256[OTA_SHA256_LEN];
    ota_sha256(*bytes, len, sha256);
    if (len == backup->bytes && memcmp(sha256, backup->sha256, sizeof sha256) == 0) {
        return 0;
    }
    free(*bytes);
    *bytes = NULL;
    (void)ota_error_set(error, OTA_ERR_INTEGRITY,
                        "%s: not what the manifest says; the backup is damaged and is not used",
                        backup->file);
    return OTA_ERR_INTEGRITY;
}

static bool is_whole(const struct ota_port *port, const struct ota_backup *backup)
{
    uint8_t *bytes = NULL;
    if (verified_read(port, backup, &bytes, NULL) != 0) {
        return false;
    }
    free(bytes);
    return true;
}

int ota_backup_load(const struct ota_port *port, const struct ota_backup *backup,
                    struct ota_image *image, struct ota_error *error)
{
    memset(image, 0, sizeof *image);
    uint8_t *bytes = NULL;
    int code = verified_read(port, backup, &bytes, error);
    if (code) {
        return code;
    }
    bool good = restore(bytes, (size_t)backup->bytes, image);
    free(bytes);
    if (!good) {
        ota_image_release(image);
        return ota_error_set(error, OTA_ERR_SYNTAX,
                             "%s: not an image of this version of the master", backup->file);
    }
    ota_image_seal(image);
    return 0;
}

static void name_place(unsigned place, char file[OTA_BACKUP_NAME_MAX + 1])
{
    snprintf(file, OTA_BACKUP_NAME_MAX + 1, "image-%u.bin", place);
}

static bool is_place(const char *file)
{
    for (unsigned place = 0; place < PLACES; place++) {
        char name[OTA_BACKUP_NAME_MAX + 1];
        name_place(place, name);
        if (strcmp(file, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_text(const cJSON *row, const char *name, char *to, size_t max)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
    if (!text || strlen(text) > max) {
        return false;
    }
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static bool read_row(const cJSON *row, struct ota_backup *backup)
{
    char hex[2 * OTA_SHA256_LEN + 1];
    double bytes = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(row, "bytes"));
    if (!read_text(row, "file", backup->file, OTA_BACKUP_NAME_MAX) ||
        !read_text(row, "version", backup->version, OTA_TEXT_MAX) ||
        !read_text(row, "sha256", hex, sizeof hex - 1) || !(bytes >= 0 && bytes <= STORED_MAX)) {
        return false;
    }
    backup->bytes = (uint64_t)bytes;
    /* The name comes from a file: it must not lead to anything else. */
    return is_place(backup->file) && ota_unhex(hex, backup->sha256, OTA_SHA256_LEN);
}

int ota_backups_read(const struct ota_port *port, struct ota_backups *backups)
{
    memset(backups, 0, sizeof *backups);
    uint8_t *text = NULL;
    size_t len = 0;
    if (port->file_size(port->ctx, OTA_BACKUP_MANIFEST) == -ENOENT) {
        return 0;
    }
    int code = ota_store_read(port, OTA_BACKUP_MANIFEST, MANIFEST_MAX, &text, &len, NULL);
    if (code) {
        return code == OTA_ERR_RANGE ? 0 : code;
    }
    cJSON *tree = cJSON_ParseWithLength((const char *)text, len);
    free(text);
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(tree, "known_good"))
    {
        if (backups->len < OTA_BACKUPS_MAX && read_row(row, &backups->list[backups->len])) {
            backups->len++;
        }
    }
    cJSON_Delete(tree);
    return 0;
}

static int read_known(const struct ota_port *port, struct ota_backups *known,
                      struct ota_error *error)
{
    int code = ota_backups_read(port, known);
    return code ? ota_error_set(error, code, "%s: cannot be read; check the state folder",
                                OTA_BACKUP_MANIFEST)
                : 0;
}

static int write_manifest(const struct ota_port *port, const struct ota_backups *backups,
                          struct ota_error *error)
{
    char text[MANIFEST_MAX];
    int len = snprintf(text, sizeof text, "{ \"known_good\": [");
    for (size_t i = 0; i < backups->len; i++) {
        char hex[2 * OTA_SHA256_LEN + 1];
        ota_hex(backups->list[i].sha256, OTA_SHA256_LEN, hex);
        /* Versions are printable ASCII without quote and backslash (see ota_backup_stage). */
        len += snprintf(text + len, sizeof text - (size_t)len,
                        "%s\n  { \"file\": \"%s\", \"version\": \"%s\", \"bytes\": %llu,\n"
                        "    \"sha256\": \"%s\" }",
                        i ? "," : "", backups->list[i].file, backups->list[i].version,
                        (unsigned long long)backups->list[i].bytes, hex);
    }
    len += snprintf(text + len, sizeof text - (size_t)len, "\n] }\n");
    return ota_store_replace(port, OTA_BACKUP_MANIFEST, MANIFEST_NEW, text, (size_t)len, error);
}

uint64_t ota_backup_need_bytes(const struct ota_image *image)
{
    return stored_bytes(image) + MANIFEST_MAX;
}

static bool safe_version(const char *version)
{
    for (const char *c = version; *c; c++) {
        if (*c < 0x20 || *c > 0x7E || *c == '"' || *c == '\\') {
            return false;
        }
    }
    return strlen(version) <= OTA_TEXT_MAX;
}

static bool listed(const struct ota_backups *backups, const char *file)
{
    for (size_t i = 0; i < backups->len; i++) {
        if (strcmp(backups->list[i].file, file) == 0) {
            return true;
        }
    }
    return false;
}

/* Removes every image that is not known-good. */
static void sweep(const struct ota_port *port, const struct ota_backups *known)
{
    for (unsigned place = 0; place < PLACES; place++) {
        char file[OTA_BACKUP_NAME_MAX + 1];
        name_place(place, file);
        if (!listed(known, file)) {
            port->file_remove(port->ctx, file);
        }
    }
}

/* Where the image lies already, whole, or else a free place. True: it lies there. */
static bool find_place(const struct ota_port *port, const struct ota_backups *known,
                       struct ota_backup *staged)
{
    char free_place[OTA_BACKUP_NAME_MAX + 1] = "";
    for (unsigned place = PLACES; place-- > 0;) {
        name_place(place, staged->file);
        if (is_whole(port, staged)) {
            return true;
        }
        if (!listed(known, staged->file)) {
            memcpy(free_place, staged->file, sizeof free_place);
        }
    }
    memcpy(staged->file, free_place, sizeof free_place);
    return false;
}

static int describe(const struct ota_image *image, const char *version, struct ota_backup *staged,
                    uint8_t **bytes, struct ota_error *error)
{
    memset(staged, 0, sizeof *staged);
    if (!safe_version(version)) {
        return ota_error_set(error, OTA_ERR_SYNTAX,
                             "the version holds characters that are not allowed");
    }
    memcpy(staged->version, version, strlen(version) + 1);
    staged->bytes = stored_bytes(image);
    *bytes = malloc((size_t)staged->bytes);
    if (!*bytes) {
        return ota_error_set(error, OTA_ERR_MEMORY, "not enough memory for a copy of the image");
    }
    store(image, *bytes);
    ota_sha256(*bytes, (size_t)staged->bytes, staged->sha256);
    return 0;
}

int ota_backup_stage(const struct ota_port *port, const struct ota_image *image,
                     const char *version, struct ota_backup *staged, struct ota_error *error)
{
    uint8_t *bytes = NULL;
    int code = describe(image, version, staged, &bytes, error);
    if (code) {
        return code;
    }
    struct ota_backups known;
    code = read_known(port, &known, error);
    if (!code && !find_place(port, &known, staged)) {
        sweep(port, &known);
        code =
            ota_store_replace(port, staged->file, PART_FILE, bytes, (size_t)staged->bytes, error);
    }
    free(bytes);
    return code;
}

void ota_backup_unstage(const struct ota_port *port)
{
    struct ota_backups known;
    if (ota_backups_read(port, &known) == 0) {
        sweep(port, &known);
    }
}

enum health { HEALTH_WHOLE, HEALTH_UNKNOWN, HEALTH_DAMAGED };

/* What cannot be read now may be whole the next time. */
static enum health health_of(const struct ota_port *port, const struct ota_backup *backup)
{
    uint8_t *bytes = NULL;
    if (port->file_size(port->ctx, backup->file) == -ENOENT) {
        return HEALTH_DAMAGED;
    }
    int code = verified_read(port, backup, &bytes, NULL);
    free(bytes);
    if (code == OTA_ERR_IO || code == OTA_ERR_MEMORY) {
        return HEALTH_UNKNOWN;
    }
    return code ? HEALTH_DAMAGED : HEALTH_WHOLE;
}

/* A second copy is no second version. */
static bool same_image(const struct ota_backup *a, const struct ota_backup *b)
{
    return strcmp(a->file, b->file) == 0 || memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* The new one first, then the newest of the others that are whole, then those that may be;
 * OTA_BACKUPS_KEPT in all. */
static void choose_kept(const struct ota_port *port, const struct ota_backup *first,
                        const struct ota_backups *before, struct ota_backups *kept)
{
    enum health healths[OTA_BACKUPS_MAX];
    memset(kept, 0, sizeof *kept);
    kept->list[kept->len++] = *first;
    for (size_t i = 0; i < before->len; i++) {
        healths[i] = same_image(&before->list[i], first) ? HEALTH_DAMAGED
                                                         : health_of(port, &before->list[i]);
    }
    for (enum health health = HEALTH_WHOLE; health < HEALTH_DAMAGED; health++) {
        for (size_t i = 0; i < before->len && kept->len < OTA_BACKUPS_KEPT; i++) {
            if (healths[i] == health) {
                kept->list[kept->len++] = before->list[i];
            }
        }
    }
}

int ota_backup_promote(const struct ota_port *port, const struct ota_backup *staged,
                       struct ota_error *error)
{
    struct ota_backups before;
    struct ota_backups kept;
    int code = read_known(port, &before, error);
    if (code) {
        return code;
    }
    if (!is_whole(port, staged)) {
        return ota_error_set(error, OTA_ERR_INTEGRITY,
                             "%s: damaged since it was stored; it is not kept", staged->file);
    }
    choose_kept(port, staged, &before, &kept);
    code = write_manifest(port, &kept, error);
    if (code) {
        return code;
    }
    sweep(port, &kept);
    return 0;
}

int ota_backup_add(const struct ota_port *port, const struct ota_image *image, const char *version,
                   struct ota_error *error)
{
    struct ota_backup staged;
    int code = ota_backup_stage(port, image, version, &staged, error);
    return code ? code : ota_backup_promote(port, &staged, error);
}
