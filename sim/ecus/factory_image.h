/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/factory_image.h - the application that an ECU leaves its line with, read from an
 * S-record file by the same rules as a master's: what a factory programs, a master must be able to
 * send again. */
#ifndef SIM_FACTORY_IMAGE_H
#define SIM_FACTORY_IMAGE_H

#include "sim/ecus/bootloader/bootloader.h"
#include "sim/err.h"

/* A larger file cannot hold an image for a part that the simulator knows. */
enum { FACTORY_IMAGE_FILE_MAX = 16 * 1024 * 1024 };

/* Zero it to initialise. */
struct factory_image {
    uint8_t *bytes[BOOT_REGIONS_MAX];  /* Of each region; 0xFF where no record covers it. */
    uint32_t *lines[BOOT_REGIONS_MAX]; /* Which line gave each byte, 0: none. */
};

/* Returns 0, or a negative code with "file:line: what is wrong; what to do". Release it in either
 * case. */
int factory_image_load(struct factory_image *image, const struct boot_cfg *boot, const char *path,
                       struct err *err);
/* The same from memory; name is used in messages. */
int factory_image_parse(struct factory_image *image, const struct boot_cfg *boot, const char *text,
                        size_t len_bytes, const char *name, struct err *err);
void factory_image_release(struct factory_image *image);

#endif
