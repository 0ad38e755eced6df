/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_image.c - writes a sample image as S-records. */
#include "scenarios/explore/explore_image.h"

#include "sim/ecus/bootloader/boot_header.h"
#include "sim/prng.h"
#include "sim/proto/srec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 32, LINE_CHARS = 2 + 2 + 6 + 2 * LINE_BYTES + 2 + 1, SECOND_BYTES = 256 };

static char *put_record(char *to, const struct srec *rec)
{
    char text[SREC_TEXT_MAX];
    const size_t len = srec_print(rec, text);
    memcpy(to, text, len);
    to[len] = '\n';
    return to + len + 1;
}

static char *put_bytes(char *to, uint32_t address, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t at = 0; at < len; at += LINE_BYTES) {
        struct srec rec = {.type = 2, .address = address + at};
        rec.len = (uint8_t)(len - at < LINE_BYTES ? len - at : LINE_BYTES);
        memcpy(rec.data, &bytes[at], rec.len);
        to = put_record(to, &rec);
    }
    return to;
}

static void fill(const struct explore_image_cfg *cfg, uint8_t *bytes)
{
    struct boot_header header = {.segments = cfg->second_start != 0 ? 2 : 1,
                                 .behaviour = cfg->behaviour};
    struct prng prng;
    prng_init(&prng, 1, cfg->version);
    prng_fill(&prng, bytes, cfg->len_bytes);
    (void)snprintf(header.version, sizeof header.version, "%s", cfg->version);
    (void)snprintf(header.hardware_id, sizeof header.hardware_id, "%s", cfg->hardware_id);
    boot_header_encode(&header, bytes);
}

char *explore_image_make(const struct explore_image_cfg *cfg, size_t *len)
{
    CHECK(cfg->len_bytes >= EXPLORE_IMAGE_BYTES_MIN && cfg->len_bytes <= EXPLORE_IMAGE_BYTES_MAX);
    const uint32_t second = cfg->second_start != 0 ? SECOND_BYTES : 0;
    const uint32_t first = cfg->len_bytes - second;
    uint8_t *bytes = malloc(cfg->len_bytes);
    char *text = malloc(((size_t)cfg->len_bytes / LINE_BYTES + 3) * LINE_CHARS);
    if (bytes != NULL && text != NULL) {
        fill(cfg, bytes);
        char *to = put_bytes(text, cfg->header_address, bytes, first);
        to = put_bytes(to, cfg->second_start, &bytes[first], second);
        to = put_record(to, &(struct srec){.type = 8, .address = cfg->header_address});
        *len = (size_t)(to - text);
    } else {
        free(text);
        text = NULL;
    }
    free(bytes);
    return text;
}
