/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/factory_image.c - S-records into application regions, every rule checked on the way. */
#include "sim/ecus/factory_image.h"

#include "sim/base.h"
#include "sim/file_text.h"
#include "sim/proto/srec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct factory_image *image;
    const struct boot_cfg *boot;
    const char *path;
    struct err *err;
    uint32_t line;
    uint32_t records;
    uint32_t count_line; /* Line of the S5 or S6 record, 0: none so far. */
    uint32_t end_line;   /* Line of the S7, S8 or S9 record, 0: none so far. */
};

#define FAIL(r, code, fmt, ...)                                                                    \
    err_set((r)->err, code, "%s:%" PRIu32 ": " fmt, (r)->path, (r)->line, __VA_ARGS__)

static int allocate(struct reader *r)
{
    for (size_t i = 0; i < r->boot->regions_len; i++) {
        size_t len = r->boot->regions[i].end - r->boot->regions[i].start;
        r->image->bytes[i] = malloc(len);
        r->image->lines[i] = calloc(len, sizeof *r->image->lines[i]);
        if (r->image->bytes[i] == NULL || r->image->lines[i] == NULL) {
            return err_set(r->err, ERR_NOMEM, "%s: out of memory for the image", r->path);
        }
        memset(r->image->bytes[i], 0xFF, len);
    }
    return 0;
}

static const struct boot_region *region_of(const struct boot_cfg *boot, const struct srec *rec,
                                           size_t *index)
{
    for (size_t i = 0; i < boot->regions_len; i++) {
        const struct boot_region *region = &boot->regions[i];
        if (rec->address >= region->start && rec->address < region->end &&
            rec->len <= region->end - rec->address) {
            *index = i;
            return region;
        }
    }
    return NULL;
}

static int take_data(struct reader *r, const struct srec *rec)
{
    size_t index = 0;
    const struct boot_region *region = region_of(r->boot, rec, &index);
    if (rec->len == 0) {
        return FAIL(r, ERR_SYNTAX, "the S%u record carries no data; remove the line", rec->type);
    }
    if (r->count_line != 0) {
        return FAIL(r, ERR_SYNTAX,
                    "data follows the count record of line %" PRIu32
                    "; put the count behind all data",
                    r->count_line);
    }
    if (region == NULL) {
        return FAIL(r, ERR_RANGE,
                    "record at 0x%06" PRIX32 " lies outside the application regions; link the "
                    "image for this vehicle's regions",
                    rec->address);
    }
    uint32_t offset = rec->address - region->start;
    uint32_t *lines = &r->image->lines[index][offset];
    for (uint32_t i = 0; i < rec->len; i++) {
        if (lines[i] != 0) {
            return FAIL(r, ERR_CONFLICT,
                        "address 0x%06" PRIX32 " is given already by line %" PRIu32
                        "; remove one of the two",
                        rec->address + i, lines[i]);
        }
        lines[i] = r->line;
    }
    memcpy(&r->image->bytes[index][offset], rec->data, rec->len);
    r->records++;
    return 0;
}

static int take_count(struct reader *r, const struct srec *rec)
{
    if (r->count_line != 0) {
        return FAIL(r, ERR_SYNTAX,
                    "a second count record, the first is line %" PRIu32 "; remove one",
                    r->count_line);
    }
    if (rec->address != r->records) {
        return FAIL(r, ERR_SYNTAX,
                    "the count record says %" PRIu32 " data records, the file has %" PRIu32
                    " before it; the file is incomplete, get it again",
                    rec->address, r->records);
    }
    r->count_line = r->line;
    return 0;
}

static int take_record(struct reader *r, const struct srec *rec)
{
    switch (rec->type) {
    case 0:
        return r->line == 1
                   ? 0
                   : FAIL(r, ERR_SYNTAX, "%s",
                          "a header record S0 in the middle; two files seem to have been joined, "
                          "join them with srec_cat");
    case 1:
    case 2:
    case 3: return take_data(r, rec);
    case 5:
    case 6: return take_count(r, rec);
    default: r->end_line = r->line; return 0;
    }
}

static int take_line(struct reader *r, const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\r') {
        len--;
    }
    if (r->end_line != 0) {
        return FAIL(r, ERR_SYNTAX,
                    "text behind the end record of line %" PRIu32 "; remove what follows it",
                    r->end_line);
    }
    if (len == 0) {
        return FAIL(r, ERR_SYNTAX, "%s", "empty line; remove it");
    }
    if (len >= SREC_TEXT_MAX) {
        return FAIL(r, ERR_SYNTAX,
                    "the line has %zu characters, an S-record at most %d; make the file again", len,
                    SREC_TEXT_MAX - 1);
    }
    struct srec rec;
    enum srec_result result = srec_parse(text, (uint16_t)len, &rec);
    if (result == SREC_BAD_CHECKSUM) {
        return FAIL(r, ERR_SYNTAX, "%s", "the checksum does not fit; get the file again");
    }
    if (result != SREC_OK) {
        return FAIL(r, ERR_SYNTAX, "%s; make the file again", srec_result_text(result));
    }
    return take_record(r, &rec);
}

static int take_text(struct reader *r, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t line_len = newline != NULL ? (size_t)(newline - (text + at)) : len - at;
        r->line++;
        int rc = take_line(r, text + at, line_len);
        if (rc != 0) {
            return rc;
        }
        at += line_len + 1;
    }
    r->line += r->line == 0 ? 1 : 0;
    if (r->records == 0) {
        return FAIL(r, ERR_SYNTAX, "%s", "no data record; this is no software image");
    }
    if (r->end_line == 0) {
        return FAIL(r, ERR_SYNTAX, "%s",
                    "no end record (S7, S8 or S9); get the file again if it is cut off, or make it "
                    "with srec_cat -execution-start-address=0");
    }
    return 0;
}

/* A bootloader cannot keep more checked segments in mind, so a master refuses more. */
static int count_runs(struct reader *r)
{
    unsigned runs = 0;
    for (size_t i = 0; i < r->boot->regions_len; i++) {
        uint32_t len = r->boot->regions[i].end - r->boot->regions[i].start;
        const uint32_t *lines = r->image->lines[i];
        for (uint32_t at = 0; at < len; at++) {
            if (lines[at] == 0 || (at > 0 && lines[at - 1] != 0)) {
                continue;
            }
            if (++runs > BOOT_SEGMENTS_MAX) {
                r->line = lines[at];
                return FAIL(r, ERR_RANGE,
                            "more than %d separate runs of bytes; fill the gaps, for example with "
                            "srec_cat -fill",
                            BOOT_SEGMENTS_MAX);
            }
        }
    }
    return 0;
}

int factory_image_parse(struct factory_image *image, const struct boot_cfg *boot, const char *text,
                        size_t len_bytes, const char *name, struct err *err)
{
    struct reader r = {.image = image, .boot = boot, .path = name, .err = err};
    int rc = allocate(&r);
    rc = rc != 0 ? rc : take_text(&r, text, len_bytes);
    return rc != 0 ? rc : count_runs(&r);
}

int factory_image_load(struct factory_image *image, const struct boot_cfg *boot, const char *path,
                       struct err *err)
{
    size_t len = 0;
    char *text = file_text_read(path, FACTORY_IMAGE_FILE_MAX, "an S-record file", &len, err);
    if (text == NULL) {
        return err->code;
    }
    int rc = factory_image_parse(image, boot, text, len, path, err);
    free(text);
    return rc;
}

void factory_image_release(struct factory_image *image)
{
    for (size_t i = 0; i < BOOT_REGIONS_MAX; i++) {
        free(image->bytes[i]);
        free(image->lines[i]);
    }
    *image = (struct factory_image){.bytes = {NULL}};
}
