/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/boot_bench_image.c - images for the bench, and the judgement of what is in
 * flash. */
#include "sim/prng.h"
#include "tests/bootloader/boot_bench.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGE_BASE = 0x7BE000, IMAGE_LEN = 0x4000, PROTECTED_LEN = 0x4000 };

void bench_image_make(struct bench_image *image, const char *version, uint64_t seed,
                      bool phrase_shared)
{
    const struct bench_segment segments[] = {
        {0x7BE000, 0x1503}, {phrase_shared ? 0x7BF505 : 0x7BF60D, 0x1000}, {0x7C0801, 0x17F7}};
    struct boot_header header = {.segments = 3, .hardware_id = "BCM-HW-1", .part_number = "P"};
    struct prng prng;
    *image = (struct bench_image){.base = IMAGE_BASE, .len = IMAGE_LEN, .segments_len = 3};
    memcpy(image->segments, segments, sizeof segments);
    image->bytes = malloc(IMAGE_LEN);
    memset(image->bytes, 0xFF, IMAGE_LEN);
    prng_init(&prng, seed, "image");
    for (uint8_t i = 0; i < image->segments_len; i++) {
        prng_fill(&prng, image->bytes + (segments[i].start - IMAGE_BASE), segments[i].len);
    }
    memset(image->bytes + 0x400, 0xFF, 0x100); /* A hole that linkers fill. */
    strncpy(header.version, version, BOOT_HEADER_TEXT);
    boot_header_encode(&header, image->bytes);
}

void bench_image_free(struct bench_image *image)
{
    free(image->bytes);
}

bool bench_flash_holds(const struct boot_bench *bench, const struct bench_image *image)
{
    uint8_t *found = malloc(image->len);
    s12x_flash_peek(bench->flash, image->base, found, image->len);
    const bool equal = memcmp(found, image->bytes, image->len) == 0;
    free(found);
    return equal;
}

/* As bench_init() made it. */
bool bench_protected_untouched(const struct boot_bench *bench)
{
    static const struct bench_segment areas[] = {{0x7F8000, 0x2000}, {0x7FC000, PROTECTED_LEN}};
    uint8_t found[PROTECTED_LEN];
    s12x_flash_peek(bench->flash, areas[0].start, found, areas[0].len);
    for (uint32_t i = 0; i < areas[0].len; i++) {
        if (found[i] != 0xFF) {
            return false;
        }
    }
    s12x_flash_peek(bench->flash, areas[1].start, found, areas[1].len);
    for (uint32_t i = 0; i < 0x3F00; i++) {
        if (found[i] != 0x5A) {
            return false;
        }
    }
    return s12x_flash_erase_count(bench->flash, areas[0].start) == 0 &&
           s12x_flash_erase_count(bench->flash, areas[1].start) == 0;
}

uint64_t bench_findings(const struct boot_bench *bench)
{
    uint64_t sum = 0;
    for (int i = 0; i < S12X_FINDING_COUNT; i++) {
        sum += s12x_flash_finding_count(bench->flash, (enum s12x_finding)i);
    }
    return sum;
}
