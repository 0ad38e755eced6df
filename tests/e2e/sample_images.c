/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/sample_images.c - makes images once; tests that run side by side may ask for the same
 * one. */
#include "tests/e2e/sample_images.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMAGES_MAX = 16, PATH_MAX_CHARS = 512 };

static void make(const char *path, const char *version, unsigned kb)
{
    char part[PATH_MAX_CHARS + 16];
    char command[4 * PATH_MAX_CHARS];
    /* Written beside and renamed, so that nobody ever reads half an image. */
    snprintf(part, sizeof(part), "%s.%d", path, (int)getpid());
    snprintf(
        command, sizeof(command),
        "mkdir -p '%s/images' && LIMPHOME='%s/bin/limphome' '%s/vehicles/make-image.sh' %s '%s' %u "
        "&& mv '%s' '%s'",
        LIMPHOME_BINARY_DIR, LIMPHOME_BINARY_DIR, LIMPHOME_SOURCE_DIR, version, part, kb, part,
        path);
    cr_assert_eq(system(command), 0, "could not make an image: %s", command);
}

const char *sample_image(const char *version, unsigned kb)
{
    static char paths[IMAGES_MAX][PATH_MAX_CHARS];
    char wanted[PATH_MAX_CHARS];
    snprintf(wanted, sizeof(wanted), "%s/images/bcm-%s-%u.s19", LIMPHOME_BINARY_DIR, version, kb);
    for (size_t i = 0; i < IMAGES_MAX; i++) {
        if (paths[i][0] == '\0') {
            if (access(wanted, R_OK) != 0) {
                make(wanted, version, kb);
            }
            memcpy(paths[i], wanted, sizeof(wanted));
        }
        if (strcmp(paths[i], wanted) == 0) {
            return paths[i];
        }
    }
    cr_assert_fail("more than %d different images", IMAGES_MAX);
    return NULL;
}
