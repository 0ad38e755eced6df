/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_image.c - reading an S-record file into segments, with every check that can be made
 * before the ECU is touched. */
#include "master/ota_image.h"

#include "master/ota_file.h"
#include "master/ota_hash.h"
#include "sim/proto/crc.h"
#include "sim/proto/proto.h"
#include "sim/proto/srec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A data record with the line that it came from, for messages and for sorting. */
struct record {
    uint32_t address;
    uint32_t line;
    uint32_t data_at; /* Offset in reader.data. */
    uint8_t len_bytes;
    uint8_t type;
};

struct reader {
    const char *name;
    const struct ota_window *windows;
    size_t windows_len;
    struct ota_error *error;
    uint32_t line;
    uint32_t count_line; /* Line of the S5 or S6 record, 0: none so far. */
    uint32_t end_line;   /* Line of the S7, S8 or S9 record, 0: none so far. */
    struct record *records;
    size_t records_len, records_cap;
    uint8_t *data;
    size_t data_len, data_cap;
};

#define FAIL(r, code, fmt, ...)                                                                    \
    ota_error_set((r)->error, code, "%s:%" PRIu32 ": " fmt, (r)->name, (r)->line, __VA_ARGS__)

static int out_of_memory(struct reader *r)
{
    return ota_error_set(r->error, OTA_ERR_MEMORY,
                         "%s: not enough memory for the image; free some and try again", r->name);
}

/* Makes room for one more element. */
static bool grow(void **array, size_t *cap, size_t need, size_t element)
{
    if (need <= *cap) {
        return true;
    }
    size_t wanted = *cap ? *cap * 2 : 1024;
    while (wanted < need) {
        wanted *= 2;
    }
    void *bigger = realloc(*array, wanted * element);
    if (!bigger) {
        return false;
    }
    *array = bigger;
    *cap = wanted;
    return true;
}

static bool in_windows(const struct reader *r, uint64_t start, uint64_t end)
{
    if (r->windows_len == 0) {
        return true;
    }
    for (size_t i = 0; i < r->windows_len; i++) {
        if (start >= r->windows[i].start && end <= r->windows[i].end) {
            return true;
        }
    }
    return false;
}

static int check_data(struct reader *r, const struct srec *rec)
{
    static const uint64_t space_end[] = {0, 0x10000, 0x1000000, 0x100000000};
    uint64_t end = (uint64_t)rec->address + rec->len;
    if (rec->len == 0) {
        return FAIL(r, OTA_ERR_SYNTAX, "the S%u record carries no data; remove the line",
                    rec->type);
    }
    if (r->count_line) {
        return FAIL(r, OTA_ERR_SYNTAX,
                    "data follows the count record of line %" PRIu32
                    "; put the count behind all data",
                    r->count_line);
    }
    if (end > space_end[rec->type]) {
        return FAIL(r, OTA_ERR_RANGE,
                    "the data run past the end of the S%u address space; use a longer address "
                    "or move the section",
                    rec->type);
    }
    if (!in_windows(r, rec->address, end)) {
        return FAIL(r, OTA_ERR_RANGE,
                    "0x%08" PRIX32 " to 0x%08" PRIX64 " lies outside the windows that the ECU "
                    "allows; check the linker map or the job's windows",
                    rec->address, end - 1);
    }
    if (r->data_len + rec->len > OTA_IMAGE_BYTES_MAX) {
        return FAIL(r, OTA_ERR_RANGE, "the image is longer than %d bytes; split it",
                    OTA_IMAGE_BYTES_MAX);
    }
    return 0;
}

static int add_data(struct reader *r, const struct srec *rec)
{
    int code = check_data(r, rec);
    if (code) {
        return code;
    }
    if (!grow((void **)&r->records, &r->records_cap, r->records_len + 1, sizeof *r->records) ||
        !grow((void **)&r->data, &r->data_cap, r->data_len + rec->len, 1)) {
        return out_of_memory(r);
    }
    r->records[r->records_len++] = (struct record){.address = rec->address,
                                                   .line = r->line,
                                                   .data_at = (uint32_t)r->data_len,
                                                   .len_bytes = rec->len,
                                                   .type = rec->type};
    memcpy(r->data + r->data_len, rec->data, rec->len);
    r->data_len += rec->len;
    return 0;
}

static int check_count(struct reader *r, const struct srec *rec)
{
    if (r->count_line) {
        return FAIL(r, OTA_ERR_SYNTAX,
                    "a second count record, the first is line %" PRIu32 "; remove one",
                    r->count_line);
    }
    if (rec->address != r->records_len) {
        return FAIL(r, OTA_ERR_INTEGRITY,
                    "the count record says %" PRIu32 " data records, the file has %zu before it; "
                    "the file is incomplete, get it again",
                    rec->address, r->records_len);
    }
    r->count_line = r->line;
    return 0;
}

static int check_header(struct reader *r)
{
    if (r->line != 1) {
        return FAIL(r, OTA_ERR_SYNTAX, "%s",
                    "a header record S0 in the middle; two files seem to have been joined, "
                    "join them with srec_cat");
    }
    return 0;
}

static int take_record(struct reader *r, const struct srec *rec)
{
    if (r->end_line) {
        return FAIL(r, OTA_ERR_SYNTAX,
                    "a record behind the end record of line %" PRIu32 "; remove what follows it",
                    r->end_line);
    }
    switch (rec->type) {
    case 0: return check_header(r);
    case 1:
    case 2:
    case 3: return add_data(r, rec);
    case 5:
    case 6: return check_count(r, rec);
    default: r->end_line = r->line; return 0;
    }
}

static int take_line(struct reader *r, const char *text, size_t len)
{
    if (len && text[len - 1] == '\r') {
        len--;
    }
    if (r->end_line) {
        return FAIL(r, OTA_ERR_SYNTAX,
                    "text behind the end record of line %" PRIu32 "; remove what follows it",
                    r->end_line);
    }
    if (len == 0) {
        return FAIL(r, OTA_ERR_SYNTAX, "%s", "empty line; remove it");
    }
    if (len >= SREC_TEXT_MAX) {
        return FAIL(r, OTA_ERR_SYNTAX,
                    "the line has %zu characters, an S-record at most %d; "
                    "make the file again",
                    len, SREC_TEXT_MAX - 1);
    }
    struct srec rec;
    enum srec_result result = srec_parse(text, (uint16_t)len, &rec);
    if (result == SREC_BAD_CHECKSUM) {
        return FAIL(r, OTA_ERR_INTEGRITY, "%s", "the checksum does not fit; get the file again");
    }
    if (result != SREC_OK) {
        return FAIL(r, OTA_ERR_SYNTAX, "%s; make the file again", srec_result_text(result));
    }
    return take_record(r, &rec);
}

static int read_lines(struct reader *r, const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const char *start = text + at;
        const char *newline = memchr(start, '\n', len - at);
        size_t line_len = newline ? (size_t)(newline - start) : len - at;
        r->line++;
        int code = take_line(r, start, line_len);
        if (code) {
            return code;
        }
        at += line_len + 1;
    }
    if (r->line == 0) {
        r->line = 1;
    }
    if (r->records_len == 0) {
        return FAIL(r, OTA_ERR_SYNTAX, "%s", "no data record; this is no software image");
    }
    if (!r->end_line) {
        return FAIL(r, OTA_ERR_INTEGRITY, "%s",
                    "no end record (S7, S8 or S9); get the file again if it is cut off, or make it "
                    "with srec_cat -execution-start-address=0");
    }
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const struct record *x = a;
    const struct record *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    return x->line < y->line ? -1 : x->line > y->line;
}

static uint64_t record_end(const struct record *rec)
{
    return (uint64_t)rec->address + rec->len_bytes;
}

/* Sorts, and refuses bytes given twice: which of them is meant is anybody's guess. */
static int order_records(struct reader *r)
{
    if (r->records_len == 0) {
        return 0;
    }
    qsort(r->records, r->records_len, sizeof *r->records, by_address);
    for (size_t i = 1; i < r->records_len; i++) {
        const struct record *before = &r->records[i - 1];
        const struct record *rec = &r->records[i];
        if (record_end(before) <= rec->address) {
            continue;
        }
        r->line = before->line > rec->line ? before->line : rec->line;
        return FAIL(r, OTA_ERR_CONFLICT,
                    "address 0x%08" PRIX32 " is given already by line %" PRIu32
                    "; remove one of the two",
                    rec->address, before->line > rec->line ? rec->line : before->line);
    }
    return 0;
}

/* One segment from the records [first, behind). */
static bool build_segment(struct ota_segment *segment, const struct reader *r, size_t first,
                          size_t behind)
{
    const struct record *last = &r->records[behind - 1];
    segment->start = r->records[first].address;
    segment->len_bytes = (uint32_t)(record_end(last) - segment->start);
    segment->lines_len = (uint32_t)(behind - first);
    segment->bytes = malloc(segment->len_bytes);
    segment->lines = malloc(segment->lines_len * sizeof *segment->lines);
    if (!segment->bytes || !segment->lines) {
        return false;
    }
    for (size_t i = first; i < behind; i++) {
        const struct record *rec = &r->records[i];
        memcpy(segment->bytes + (rec->address - segment->start), r->data + rec->data_at,
               rec->len_bytes);
        segment->lines[i - first] = (struct ota_line){
            .address = rec->address, .len_bytes = rec->len_bytes, .type = rec->type};
    }
    return true;
}

static int build_segments(struct ota_image *image, struct reader *r)
{
    size_t first = 0;
    for (size_t i = 1; i <= r->records_len; i++) {
        if (i < r->records_len && record_end(&r->records[i - 1]) == r->records[i].address) {
            continue;
        }
        if (image->segments_len == OTA_SEGMENTS_MAX) {
            r->line = r->records[first].line;
            return FAIL(r, OTA_ERR_RANGE,
                        "more than %d separate runs of bytes; fill the gaps, for example with "
                        "srec_cat -fill",
                        OTA_SEGMENTS_MAX);
        }
        if (!build_segment(&image->segments[image->segments_len++], r, first, i)) {
            return out_of_memory(r);
        }
        first = i;
    }
    image->bytes_total = r->data_len;
    return 0;
}

int ota_image_parse(struct ota_image *image, const char *text, size_t len_bytes, const char *name,
                    const struct ota_window *windows, size_t windows_len, struct ota_error *error)
{
    memset(image, 0, sizeof *image);
    struct reader r = {
        .name = name, .windows = windows, .windows_len = windows_len, .error = error};
    int code = read_lines(&r, text, len_bytes);
    if (!code) {
        code = order_records(&r);
    }
    if (!code) {
        code = build_segments(image, &r);
    }
    free(r.records);
    free(r.data);
    if (code) {
        ota_image_release(image);
        return code;
    }
    ota_sha256(text, len_bytes, image->sha256);
    image->file_bytes = len_bytes;
    ota_image_seal(image);
    return 0;
}

int ota_image_load(struct ota_image *image, const char *path, const struct ota_window *windows,
                   size_t windows_len, struct ota_error *error)
{
    memset(image, 0, sizeof *image);
    char *text = NULL;
    size_t len = 0;
    /* Two digits a byte and up to twelve characters of frame for each byte: beyond that the file
     * cannot hold an image that this master would send. */
    int code = ota_file_load(path, (size_t)OTA_IMAGE_BYTES_MAX * 16u, &text, &len, error);
    if (code) {
        return code;
    }
    code = ota_image_parse(image, text, len, path, windows, windows_len, error);
    free(text);
    return code;
}

void ota_image_release(struct ota_image *image)
{
    for (size_t i = 0; i < OTA_SEGMENTS_MAX; i++) {
        free(image->segments[i].bytes);
        free(image->segments[i].lines);
    }
    memset(image, 0, sizeof *image);
}

void ota_image_content_hash(const struct ota_image *image, uint8_t sha256[OTA_SHA256_LEN])
{
    struct ota_hash *hash = ota_hash_new();
    PROTO_CHECK(hash != NULL);
    ota_hash_start_sha256(hash);
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        uint8_t place[8];
        proto_put_u32(place, segment->start);
        proto_put_u32(place + 4, segment->len_bytes);
        ota_hash_update(hash, place, sizeof place);
        ota_hash_update(hash, segment->bytes, segment->len_bytes);
    }
    ota_hash_finish(hash, sha256);
    ota_hash_free(hash);
}

static void seal_segment(struct ota_segment *segment, struct ota_hash *hash)
{
    ota_hash_start_sha1(hash);
    ota_hash_update(hash, segment->bytes, segment->len_bytes);
    ota_hash_finish(hash, segment->sha1);
    segment->crc32 = 0;
    segment->sum8 = SUM8_INIT;
    for (uint32_t at = 0; at < segment->len_bytes;) {
        uint32_t left = segment->len_bytes - at;
        uint16_t piece = (uint16_t)(left < 0x8000u ? left : 0x8000u);
        segment->crc32 = ota_crc32(segment->crc32, segment->bytes + at, piece);
        segment->sum8 = sum8_update(segment->sum8, segment->bytes + at, piece);
        at += piece;
    }
}

void ota_image_seal(struct ota_image *image)
{
    struct ota_hash *hash = ota_hash_new();
    PROTO_CHECK(hash != NULL);
    for (size_t i = 0; i < image->segments_len; i++) {
        seal_segment(&image->segments[i], hash);
    }
    ota_hash_free(hash);
    ota_image_content_hash(image, image->content_sha256);
}
