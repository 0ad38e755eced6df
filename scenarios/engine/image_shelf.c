/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/image_shelf.c - keeps images by path and content. */
#include "scenarios/engine/image_shelf.h"

#include "master/ota_hash.h"
#include "sim/ecus/factory_image.h"
#include "sim/file_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool holds(const struct image_shelf *shelf, const char *path, const uint8_t *sha256)
{
    for (size_t i = 0; i < shelf->images_len; i++) {
        if (strcmp(shelf->images[i]->path, path) == 0 &&
            memcmp(shelf->images[i]->image.sha256, sha256, OTA_SHA256_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(struct image_shelf *shelf, const char *path, const char *text, size_t len)
{
    struct ota_error ignored = {.code = 0};
    struct shelved_image *image = calloc(1, sizeof *image);
    CHECK(image != NULL);
    (void)snprintf(image->path, sizeof image->path, "%s", path);
    if (ota_image_parse(&image->image, text, len, path, NULL, 0, &ignored) == 0) {
        shelf->images[shelf->images_len++] = image;
        return;
    }
    ota_image_release(&image->image);
    free(image);
}

static void take(struct image_shelf *shelf, const char *path)
{
    struct err ignored = {.code = 0};
    uint8_t sha256[OTA_SHA256_LEN];
    size_t len = 0;
    char *text = shelf->images_len < IMAGE_SHELF_MAX
                     ? file_text_read(path, FACTORY_IMAGE_FILE_MAX, "an image", &len, &ignored)
                     : NULL;
    if (text == NULL) {
        return;
    }
    ota_sha256(text, len, sha256);
    if (!holds(shelf, path, sha256)) {
        keep(shelf, path, text, len);
    }
    free(text);
}

void image_shelf_take_campaign(struct image_shelf *shelf, const struct campaign *campaign)
{
    for (size_t i = 0; i < campaign->ecus_len; i++) {
        if (campaign->ecus[i].image[0] != '\0') {
            take(shelf, campaign->ecus[i].image);
        }
    }
}

static bool is_declared(const struct ota_image *image, const char *sha256)
{
    char hex[2 * OTA_SHA256_LEN + 1];
    for (size_t i = 0; i < OTA_SHA256_LEN; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", image->sha256[i]);
    }
    return strcasecmp(hex, sha256) == 0;
}

const struct ota_image *image_shelf_target(const struct image_shelf *shelf,
                                           const struct campaign_ecu *ecu)
{
    const bool declared = ecu->sha256[0] != '\0';
    for (size_t i = 0; i < shelf->images_len; i++) {
        const struct shelved_image *image = shelf->images[i];
        if (declared ? is_declared(&image->image, ecu->sha256)
                     : strcmp(image->path, ecu->image) == 0) {
            return &image->image;
        }
    }
    return NULL;
}

void image_shelf_release(struct image_shelf *shelf)
{
    for (size_t i = 0; i < shelf->images_len; i++) {
        ota_image_release(&shelf->images[i]->image);
        free(shelf->images[i]);
    }
    *shelf = (struct image_shelf){.images_len = 0};
}
