/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_backup.h - known-good images kept for a rollback (the paper, 4.2: at least two).
 *
 * An image is stored before the installation begins ("staged": the space is then certain) and
 * becomes known-good once the ECU has answered the new version. Images lie in a few fixed places,
 * "image-0.bin" and so on; the manifest "backups.json" lists the known-good ones, newest first,
 * with their hashes, and is replaced as a whole, by rename. An image is verified by its hash before
 * use. A place that is listed is never written to; what goes beyond the newest two is deleted, and
 * only after the manifest without it is safe. */
#ifndef OTA_BACKUP_H
#define OTA_BACKUP_H

#include "master/ota_image.h"
#include "master/ota_job.h"
#include "master/ota_port.h"

enum { OTA_BACKUPS_KEPT = 2, OTA_BACKUPS_MAX = OTA_BACKUPS_KEPT, OTA_BACKUP_NAME_MAX = 31 };

#define OTA_BACKUP_MANIFEST "backups.json"

struct ota_backup {
    char file[OTA_BACKUP_NAME_MAX + 1];
    char version[OTA_TEXT_MAX + 1];
    uint8_t sha256[OTA_SHA256_LEN]; /* Over the stored file. */
    uint64_t bytes;                 /* Of the stored file. */
};

struct ota_backups {
    struct ota_backup list[OTA_BACKUPS_MAX]; /* Newest first. */
    size_t len;
};

/* What staging this image needs, manifest included. */
uint64_t ota_backup_need_bytes(const struct ota_image *image);
/* Stores the image in a place that the manifest does not list. A copy that is there and whole is
 * kept. On failure nothing of it remains. OTA_ERR_SPACE: the state folder is full. */
int ota_backup_stage(const struct ota_port *port, const struct ota_image *image,
                     const char *version, struct ota_backup *staged, struct ota_error *error);
/* Forgets a staged image, unless it is a known-good one. */
void ota_backup_unstage(const struct ota_port *port);
/* Makes a staged image the newest known-good one. Of the others those that can be read come first.
 */
int ota_backup_promote(const struct ota_port *port, const struct ota_backup *staged,
                       struct ota_error *error);
/* Stage and promote: for an image that is known to run, such as the factory's. */
int ota_backup_add(const struct ota_port *port, const struct ota_image *image, const char *version,
                   struct ota_error *error);

/* 0: what the manifest lists; a damaged one counts as empty. OTA_ERR_IO, OTA_ERR_MEMORY: it cannot
 * be read now; the list is empty, and nothing may be deleted because of that. */
int ota_backups_read(const struct ota_port *port, struct ota_backups *backups);
/* Loads a backup and verifies length and hash. The caller releases the image. */
int ota_backup_load(const struct ota_port *port, const struct ota_backup *backup,
                    struct ota_image *image, struct ota_error *error);

#endif
