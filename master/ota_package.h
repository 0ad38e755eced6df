/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_package.h - the image file as the campaign delivers it: the whole file is compared
 * with the declared length and hash first, and only then read as an image. */
#ifndef OTA_PACKAGE_H
#define OTA_PACKAGE_H

#include "master/ota_job.h"

/* Loads the job's image. No byte beyond the declared length is read into memory. On failure the
 * image holds nothing and *trouble says why: SIZE or INTEGRITY if the file is not the declared one,
 * else what is wrong with its content. */
bool ota_package_load(const struct ota_job *job, struct ota_image *image,
                      struct ota_trouble *trouble);
/* Whether a file of this length and hash is the one that the job declares. */
bool ota_package_is_declared(const struct ota_job *job, uint64_t file_bytes,
                             const uint8_t sha256[OTA_SHA256_LEN], struct ota_trouble *trouble);

#endif
