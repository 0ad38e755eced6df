/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_truth.c - compares the cells of a flash with an image. The image is read by
 * the rules of the factory, not by a master's. */
#include "scenarios/engine/case_truth.h"

#include "sim/ecus/factory_image.h"

#include <stdlib.h>

/* The first address of a region at which the flash differs; its end if there is none. */
static uint32_t first_difference(struct s12x_ecu *ecu, const struct boot_region *region,
                                 const uint8_t *bytes, const uint32_t *lines)
{
    const uint32_t len = region->end - region->start;
    uint8_t *cells = malloc(len);
    CHECK(cells != NULL);
    s12x_flash_peek(s12x_ecu_flash(ecu), region->start, cells, len);
    uint32_t at = 0;
    while (at < len && (lines[at] == 0 || cells[at] == bytes[at])) {
        at++;
    }
    free(cells);
    return region->start + at;
}

int case_truth_holds(struct s12x_ecu *ecu, const char *image, bool *holds, uint32_t *address,
                     struct err *err)
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu)->boot;
    struct factory_image content = {.bytes = {NULL}};
    const int code = factory_image_load(&content, boot, image, err);
    *holds = code == 0;
    for (size_t i = 0; *holds && i < boot->regions_len; i++) {
        const struct boot_region *region = &boot->regions[i];
        const uint32_t at = first_difference(ecu, region, content.bytes[i], content.lines[i]);
        *holds = at == region->end;
        if (!*holds && address != NULL) {
            *address = at;
        }
    }
    factory_image_release(&content);
    return code;
}
