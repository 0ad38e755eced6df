/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_image.h - sample images of any size, made in memory: a header, and
 * bytes that follow from the version. */
#ifndef EXPLORE_IMAGE_H
#define EXPLORE_IMAGE_H

#include "sim/base.h"

/* The ECU must take it: an image is at least this long and at most as long as its first region. */
enum { EXPLORE_IMAGE_BYTES_MIN = 1024, EXPLORE_IMAGE_BYTES_MAX = 256 * 1024 };

struct explore_image_cfg {
    const char *version;     /* As the header says. */
    const char *hardware_id; /* Likewise. */
    uint32_t behaviour;      /* Likewise: a set of enum boot_behaviour. */
    uint32_t header_address; /* Where the image begins. */
    uint32_t second_start;   /* Of a second segment, of a quarter KB. 0: one segment only. */
    uint32_t len_bytes;      /* Of both together, within the limits above. */
};

/* S-records of 32 bytes, to be freed. Null: out of memory. */
char *explore_image_make(const struct explore_image_cfg *cfg, size_t *len);

#endif
