/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/sample_images.h - images for whole updates, made by vehicles/make-image.sh (srec_cat).
 */
#ifndef TESTS_SAMPLE_IMAGES_H
#define TESTS_SAMPLE_IMAGES_H

/* Path of the image; made on first use and kept in the build folder. kb as make-image.sh takes it.
 * The text lives as long as the process; at most 16 different images. */
const char *sample_image(const char *version, unsigned kb);

#endif
