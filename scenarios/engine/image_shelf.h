/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/image_shelf.h - the images of a play as they were when they were first seen.
 * Faults may change the files afterwards; what an ECU holds is compared with these. */
#ifndef ENGINE_IMAGE_SHELF_H
#define ENGINE_IMAGE_SHELF_H

#include "master/ota_image.h"
#include "scenarios/engine/campaign.h"

enum { IMAGE_SHELF_MAX = 16 };

struct shelved_image {
    char path[CAMPAIGN_PATH_MAX + 1];
    struct ota_image image;
};

/* Zero it to initialise. */
struct image_shelf {
    struct shelved_image *images[IMAGE_SHELF_MAX]; /* Owned. */
    size_t images_len;
};

/* Keeps what the image files of all ECUs of a campaign hold now, unless the same is there already:
 * to be called when a life of the master begins. A file that is not a whole image is left out, and
 * so is one more than there is room for. */
void image_shelf_take_campaign(struct image_shelf *shelf, const struct campaign *campaign);
/* The image that a campaign means for one of its ECUs: the one with the declared hash, or, if it
 * declares none, the first that the file held. Null: there was no such image. */
const struct ota_image *image_shelf_target(const struct image_shelf *shelf,
                                           const struct campaign_ecu *ecu);
void image_shelf_release(struct image_shelf *shelf);

#endif
