/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/images.h - sample images for whole updates: a header, and bytes that follow from the
 * version, in two segments, as S-record files in a folder of the test's own. */
#ifndef TEST_IMAGES_H
#define TEST_IMAGES_H

#include "scenarios/engine/update_run.h"
#include "sim/prng.h"
#include "sim/proto/srec.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SINGLE LIMPHOME_SOURCE_DIR "/vehicles/single.json"

struct images {
    char folder[32];
    char old_path[64], new_path[64];
};

static inline void write_record(FILE *out, const struct srec *rec)
{
    char text[SREC_TEXT_MAX];
    srec_print(rec, text);
    fprintf(out, "%s\n", text);
}

static inline void write_bytes(FILE *out, uint32_t address, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += 32) {
        struct srec rec = {.type = 2, .address = address + (uint32_t)at};
        rec.len = (uint8_t)(len - at < 32 ? len - at : 32);
        memcpy(rec.data, &bytes[at], rec.len);
        write_record(out, &rec);
    }
}

static inline void write_image(const char *path, const char *version, uint32_t behaviour,
                               size_t len)
{
    static uint8_t bytes[128 * 1024];
    struct boot_header header = {.hardware_id = "BCM-HW-1",
                                 .segments = 2,
                                 .behaviour = behaviour,
                                 .cyclic_id = 0x3D0,
                                 .cyclic_ms = 100};
    struct prng prng;
    FILE *out = fopen(path, "w");
    cr_assert(out != NULL && len <= sizeof bytes);
    (void)snprintf(header.version, sizeof header.version, "%s", version);
    prng_init(&prng, 7, version);
    prng_fill(&prng, bytes, len);
    boot_header_encode(&header, bytes);
    write_bytes(out, 0x780000, bytes, len);
    write_bytes(out, 0x7FA000, bytes, 512);
    write_record(out, &(struct srec){.type = 8, .address = 0x780060});
    fclose(out);
}

static inline void images_init(struct images *images, uint32_t behaviour, size_t len)
{
    (void)snprintf(images->folder, sizeof images->folder, "/tmp/limphome-XXXXXX");
    cr_assert(mkdtemp(images->folder) != NULL);
    (void)snprintf(images->old_path, sizeof images->old_path, "%s/old.s19", images->folder);
    (void)snprintf(images->new_path, sizeof images->new_path, "%s/new.s19", images->folder);
    write_image(images->old_path, "1.0.0", 0, len);
    write_image(images->new_path, "2.0.0", behaviour, len);
}

static inline void images_release(struct images *images)
{
    unlink(images->old_path);
    unlink(images->new_path);
    rmdir(images->folder);
}

static inline void images_cfg(const struct images *images, struct update_cfg *cfg)
{
    update_cfg_init(cfg);
    cfg->vehicle_path = SINGLE;
    cfg->old_image = images->old_path;
    cfg->new_image = images->new_path;
    cfg->seed = 1;
    cfg->digest = true;
}

static inline void run_update(const struct update_cfg *cfg, struct update_result *result)
{
    struct err err = {.code = 0};
    cr_assert_eq(update_run(cfg, result, &err), 0, "%s", err.text);
}

#endif
