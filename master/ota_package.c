/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_package.c - the checks of an image file as a whole. */
#include "master/ota_package.h"

#include "master/ota_file.h"
#include "master/ota_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Two digits a byte and up to twelve characters of frame for each byte: beyond that a file cannot
 * hold an image that this master would send. */
#define FILE_MAX ((uint64_t)OTA_IMAGE_BYTES_MAX * 16u)

bool ota_package_is_declared(const struct ota_job *job, uint64_t file_bytes,
                             const uint8_t sha256[OTA_SHA256_LEN], struct ota_trouble *trouble)
{
    char hex[2 * OTA_SHA256_LEN + 1];
    ota_hex(sha256, OTA_SHA256_LEN, hex);
    if (job->file_bytes && job->file_bytes != file_bytes) {
        trouble->why = OTA_WHY_SIZE;
        snprintf(trouble->text, sizeof trouble->text,
                 "the image file has %" PRIu64 " bytes, declared are %" PRIu64, file_bytes,
                 job->file_bytes);
        return false;
    }
    if (*job->sha256_hex && strcasecmp(hex, job->sha256_hex) != 0) {
        trouble->why = OTA_WHY_INTEGRITY;
        snprintf(trouble->text, sizeof trouble->text,
                 "the image file's SHA-256 is not the declared one");
        return false;
    }
    return true;
}

static bool take_error(const struct ota_error *error, struct ota_trouble *trouble)
{
    trouble->why = ota_why_of(error->code);
    /* The end of a long message says what to do; where it is cut, the start says where. */
    snprintf(trouble->text, sizeof trouble->text, "%.*s", (int)sizeof trouble->text - 1,
             error->text);
    return false;
}

static bool read_file(const struct ota_job *job, char **text, size_t *len_bytes,
                      struct ota_trouble *trouble)
{
    struct ota_error error;
    bool bounded = job->file_bytes && job->file_bytes < FILE_MAX;
    size_t max_bytes = (size_t)(bounded ? job->file_bytes : FILE_MAX);
    int code = ota_file_load(job->image_path, max_bytes, text, len_bytes, &error);
    if (code == 0) {
        return true;
    }
    take_error(&error, trouble);
    if (bounded && code == OTA_ERR_RANGE) {
        trouble->why = OTA_WHY_SIZE;
    }
    return false;
}

static bool read_image(const struct ota_job *job, const char *text, size_t len_bytes,
                       struct ota_image *image, struct ota_trouble *trouble)
{
    uint8_t sha256[OTA_SHA256_LEN];
    ota_sha256(text, len_bytes, sha256);
    if (!ota_package_is_declared(job, len_bytes, sha256, trouble)) {
        return false;
    }
    struct ota_error error;
    int code = ota_image_parse(image, text, len_bytes, job->image_path, job->windows,
                               job->windows_len, &error);
    return code == 0 || take_error(&error, trouble);
}

bool ota_package_load(const struct ota_job *job, struct ota_image *image,
                      struct ota_trouble *trouble)
{
    char *text = NULL;
    size_t len = 0;
    memset(image, 0, sizeof *image);
    *trouble = (struct ota_trouble){.why = OTA_WHY_NONE};
    if (!read_file(job, &text, &len, trouble)) {
        return false;
    }
    bool good = read_image(job, text, len, image, trouble);
    free(text);
    return good;
}
