/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_s19.c - any bytes as an image file: refused with a sentence that names the place,
 * or read into segments that are in order, apart and inside the windows.
 * Sources: master/ota_image.c master/ota_hash.c master/ota_file.c master/ota_error.c
 * Sources: sim/proto/srec.c sim/proto/crc.c sim/proto/proto_check_host.c
 * Packages: libcrypto zlib */
#include "master/ota_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ota_window windows[] = {{0x1000, 0x8000}, {0x780000, 0x7F8000}};

static bool in_window(const struct ota_segment *segment)
{
    for (size_t i = 0; i < 2; i++) {
        if (segment->start >= windows[i].start &&
            (uint64_t)segment->start + segment->len_bytes <= windows[i].end)
            return true;
    }
    return false;
}

static void require_sane(const struct ota_image *image)
{
    REQUIRE(image->segments_len >= 1 && image->segments_len <= OTA_SEGMENTS_MAX);
    uint64_t behind = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        REQUIRE(segment->len_bytes > 0 && segment->lines_len > 0 && in_window(segment));
        REQUIRE(i == 0 || segment->start > behind);
        uint32_t at = segment->start;
        for (uint32_t line = 0; line < segment->lines_len; line++) {
            REQUIRE(segment->lines[line].address == at);
            at += segment->lines[line].len_bytes;
        }
        behind = (uint64_t)segment->start + segment->len_bytes;
        REQUIRE(at == behind);
        total += segment->len_bytes;
    }
    REQUIRE(total == image->bytes_total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ota_image image;
    struct ota_error error = {0};
    int code = ota_image_parse(&image, (const char *)data, size, "f", windows, 2, &error);
    if (code == 0) {
        require_sane(&image);
    } else {
        REQUIRE(code < 0 && error.code == code && strncmp(error.text, "f:", 2) == 0);
        REQUIRE(image.segments_len == 0);
    }
    ota_image_release(&image);
    return 0;
}
