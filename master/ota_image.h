/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_image.h - a software image: segments of bytes read from an S-record file, checked
 * completely before anything is sent. */
#ifndef OTA_IMAGE_H
#define OTA_IMAGE_H

#include "master/ota_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OTA_SEGMENTS_MAX = 32,
    OTA_IMAGE_BYTES_MAX = 16 * 1024 * 1024,
    OTA_SHA1_LEN = 20,
    OTA_SHA256_LEN = 32
};

/* One data record as it stood in the file: the unit of the s19-line transfer style. */
struct ota_line {
    uint32_t address;
    uint8_t len_bytes;
    uint8_t type; /* 1, 2 or 3. */
};

/* A run of contiguous bytes. */
struct ota_segment {
    uint32_t start;
    uint32_t len_bytes;
    uint8_t *bytes;
    struct ota_line *lines;
    uint32_t lines_len;
    uint8_t sha1[OTA_SHA1_LEN];
    uint32_t crc32;
    uint8_t sum8;
};

struct ota_image {
    struct ota_segment segments[OTA_SEGMENTS_MAX]; /* By rising address, not touching. */
    size_t segments_len;
    uint64_t bytes_total;
    uint8_t sha256[OTA_SHA256_LEN]; /* Over the file. */
    uint64_t file_bytes;
    /* Over what would be sent: for each segment its start, its length and its bytes. */
    uint8_t content_sha256[OTA_SHA256_LEN];
};

/* What an image may occupy. */
struct ota_window {
    uint32_t start;
    uint32_t end; /* First address behind. */
};

/* Reads and checks: every line's form and checksum, overlaps, record counts (S5/S6), an end record,
 * nothing behind it, no more than OTA_SEGMENTS_MAX segments, nothing outside the windows
 * (windows_len 0: anywhere). name is used in messages "name:line: ...". Returns 0 or a negative
 * enum ota_error_code with *error filled; the image then holds nothing. */
int ota_image_parse(struct ota_image *image, const char *text, size_t len_bytes, const char *name,
                    const struct ota_window *windows, size_t windows_len, struct ota_error *error);
int ota_image_load(struct ota_image *image, const char *path, const struct ota_window *windows,
                   size_t windows_len, struct ota_error *error);
void ota_image_release(struct ota_image *image);

/* Computes the hash over the content again, from memory as it is now. */
void ota_image_content_hash(const struct ota_image *image, uint8_t sha256[OTA_SHA256_LEN]);
/* Fills in the checks of all segments and the content hash from the segments' bytes. */
void ota_image_seal(struct ota_image *image);

#endif
