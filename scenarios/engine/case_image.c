/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_image.c - makes images and writes them as S-records. */
#include "scenarios/engine/case_image.h"

#include "sim/base.h"
#include "sim/prng.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the four segments of an image begin; the last lies apart, in a short region. */
static const uint32_t starts[] = {0x780000, 0x7A0000, 0x7C0000, 0x7FA000};
enum { SHORT_BYTES = 2048, PART_BYTES = 1024, KB_DEFAULT = 8 };
/* The first two have 128 KB each until the next begins, and leave a gap; the third has more room.
 */
#define PART_MAX_BYTES (124u * 1024u)

static uint32_t at_most(uint32_t value, uint32_t max)
{
    return value < max ? value : max;
}

void case_image_layout(struct case_image_cfg *cfg, uint32_t kb)
{
    const uint32_t rest = kb * 1024 - SHORT_BYTES / 2;
    CHECK(kb >= 4 && kb <= 400);
    const uint32_t third = at_most(rest / 3 / PART_BYTES * PART_BYTES, PART_MAX_BYTES);
    cfg->segments_len = ARRAY_SIZE(starts);
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        cfg->segments[i] = (struct case_image_segment){starts[i], third};
    }
    /* Not a multiple of any block length, as real segments are not. */
    cfg->segments[0].len_bytes = at_most(rest - 2 * third, PART_MAX_BYTES) - 24;
    cfg->segments[2].len_bytes = rest - 24 - cfg->segments[0].len_bytes - third;
    cfg->segments[3].len_bytes = SHORT_BYTES / 2;
}

void case_image_for(struct case_image_cfg *cfg, struct s12x_ecu *ecu, const char *version)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu)->boot;
    struct boot_header *header = &cfg->header;
    *cfg = (struct case_image_cfg){
        .header = {.cyclic_id = CASE_IMAGE_CYCLIC_ID, .cyclic_ms = CASE_IMAGE_CYCLIC_MS}};
    snprintf(header->version, sizeof header->version, "%s", version);
    snprintf(header->hardware_id, sizeof header->hardware_id, "%.16s", boot->hardware_id);
    snprintf(header->part_number, sizeof header->part_number, "%.16s", boot->part_number);
    snprintf(header->build_id, sizeof header->build_id, "engine");
    case_image_layout(cfg, KB_DEFAULT);
}

void case_image_bytes(const struct case_image_cfg *cfg, size_t segment, uint8_t *to)
{
    char stream[96];
    struct prng prng;
    const struct case_image_segment *part = &cfg->segments[segment];
    snprintf(stream, sizeof stream, "image/%s/%s/%08X", cfg->header.version, cfg->header.build_id,
             (unsigned)part->begin);
    prng_init(&prng, 0, stream);
    prng_fill(&prng, to, part->len_bytes);
    if (segment == 0) {
        struct boot_header header = cfg->header;
        header.segments = (uint16_t)cfg->segments_len;
        boot_header_encode(&header, to);
    }
}

/* An S2 line: three address bytes. */
static void print_line(FILE *out, char type, uint32_t address, const uint8_t *data, size_t len)
{
    const unsigned address_len = type == '0' ? 2 : 3;
    const unsigned count = (unsigned)len + address_len + 1;
    unsigned sum = count;
    fprintf(out, "S%c%02X", type, count);
    for (unsigned i = address_len; i-- > 0;) {
        const unsigned byte = address >> (8 * i) & 0xFF;
        sum += byte;
        fprintf(out, "%02X", byte);
    }
    for (size_t i = 0; i < len; i++) {
        sum += data[i];
        fprintf(out, "%02X", data[i]);
    }
    fprintf(out, "%02X\n", ~sum & 0xFF);
}

static void print_segment(FILE *out, const struct case_image_cfg *cfg, size_t segment)
{
    const struct case_image_segment *part = &cfg->segments[segment];
    uint8_t *bytes = malloc(part->len_bytes);
    CHECK(bytes != NULL && part->len_bytes >= BOOT_HEADER_LEN);
    case_image_bytes(cfg, segment, bytes);
    for (uint32_t at = 0; at < part->len_bytes; at += CASE_IMAGE_LINE_BYTES) {
        const uint32_t left = part->len_bytes - at;
        print_line(out, '2', part->begin + at, &bytes[at],
                   left < CASE_IMAGE_LINE_BYTES ? left : CASE_IMAGE_LINE_BYTES);
    }
    free(bytes);
}

int case_image_save(const struct case_image_cfg *cfg, const char *path, struct err *err)
{
    char title[64];
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    const int len =
        snprintf(title, sizeof title, "%s %s", cfg->header.part_number, cfg->header.version);
    print_line(out, '0', 0, (const uint8_t *)title, (size_t)len);
    for (size_t i = 0; i < cfg->segments_len; i++) {
        print_segment(out, cfg, i);
    }
    print_line(out, '8', cfg->segments[0].begin + BOOT_HEADER_LEN, NULL, 0);
    const bool good = !ferror(out);
    return fclose(out) == 0 && good
               ? 0
               : err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}
