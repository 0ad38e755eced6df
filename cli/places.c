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

/* The plain path of a file below one of the places, which count from the program's folder. */
static bool find(const char *place, const char *name, char *path, size_t size)
{
    char own[4096];
    char long_path[4600];
    if (!own_folder(own, sizeof own)) {
        return false;
    }
    snprintf(long_path, sizeof long_path, "%s/%s/%s", own, place, name);
    char *plain = realpath(long_path, NULL);
    const bool found = plain != NULL && access(plain, R_OK) == 0 && strlen(plain) < size;
    if (found) {
        memcpy(path, plain, strlen(plain) + 1);
    }
    free(plain);
    return found;
}

const char *cli_find_preload(char *path, size_t size)
{
    static const char name[] = "liblimphome-clock.so";
    return find(".", name, path, size) || find("../lib/limphome", name, path, size) ? path : NULL;
}

const char *cli_find_shared(const char *name, char *path, size_t size)
{
    /* build/bin, build/PRESET/bin, and where an installation puts them. A build folder has folders
     * of the same names as its source tree; this file is only in the right place. */
    static const char *const places[] = {"../..", "../../..", "../share/limphome"};
    static const char mark[] = "vehicles/single.json";
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (find(places[i], mark, path, size)) {
            return find(places[i], name, path, size) ? path : NULL;
        }
    }
    return NULL;
}
