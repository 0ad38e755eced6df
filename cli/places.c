/* SPDX-License-Identifier: Apache-2.0 */
/* cli/places.c - where the files lie that come with the program: beside it in a source tree, or
 * where an installation puts them. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the program. */
static bool own_folder(char *folder, size_t size)
{
    const ssize_t len = readlink("/proc/self/exe", folder, size - 1);
    if (len <= 0) {
        return false;
    }
    folder[len] = '\0';
    *strrchr(folder, '/') = '\0';
    return true;
}

/* The first of the places, counted from the program's folder, that has a file of this name. */
static const char *find(const char *const *places, const char *name, char *path, size_t size)
{
    char own[4096];
    if (!own_folder(own, sizeof own)) {
        return NULL;
    }
    for (size_t i = 0; places[i] != NULL; i++) {
        char *plain = NULL;
        char long_path[4600];
        snprintf(long_path, sizeof long_path, "%s/%s/%s", own, places[i], name);
        plain = realpath(long_path, NULL);
        if (plain != NULL && access(plain, R_OK) == 0 && strlen(plain) < size) {
            memcpy(path, plain, strlen(plain) + 1);
            free(plain);
            return path;
        }
        free(plain);
    }
    return NULL;
}

const char *cli_find_preload(char *path, size_t size)
{
    static const char *const places[] = {".", "../lib/limphome", NULL};
    return find(places, "liblimphome-clock.so", path, size);
}

const char *cli_find_shared(const char *name, char *path, size_t size)
{
    /* build/bin, build/PRESET/bin, and where an installation puts them. */
    static const char *const places[] = {"../..", "../../..", "../share/limphome", NULL};
    return find(places, name, path, size);
}
