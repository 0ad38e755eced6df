/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_image.h - images for plays, made from a few words: an application header
 * and bytes without structure, as an S-record file that any tool reads. The same words give the
 * same file. */
#ifndef ENGINE_CASE_IMAGE_H
#define ENGINE_CASE_IMAGE_H

#include "sim/ecus/s12x_ecu.h"
#include "sim/err.h"

#include <stddef.h>

enum { CASE_IMAGE_SEGMENTS_MAX = 32, CASE_IMAGE_LINE_BYTES = 32 };

/* The cyclic frame of the applications. */
enum { CASE_IMAGE_CYCLIC_ID = 0x3D0, CASE_IMAGE_CYCLIC_MS = 100 };

struct case_image_segment {
    uint32_t begin; /* Global address; the first segment begins with the header. */
    uint32_t len_bytes;
};

struct case_image_cfg {
    struct boot_header header; /* magic, format, CRC and segments are filled in. */
    struct case_image_segment segments[CASE_IMAGE_SEGMENTS_MAX]; /* In rising order. */
    size_t segments_len;
};

/* Splits kb kilobytes (at least 4, at most 400) into four segments with gaps between them. */
void case_image_layout(struct case_image_cfg *cfg, uint32_t kb);
/* An application of the usual size for this ECU. */
void case_image_for(struct case_image_cfg *cfg, struct s12x_ecu *ecu, const char *version);
/* The bytes of one segment; to has room for all of them. */
void case_image_bytes(const struct case_image_cfg *cfg, size_t segment, uint8_t *to);
/* Writes the file. 0, or a negative code with *err. */
int case_image_save(const struct case_image_cfg *cfg, const char *path, struct err *err);

#endif
