/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay_programs.c - which files a master consists of, as far as its command
 * tells, and what is in them. */
#include "master/ota_hash.h"
#include "scenarios/engine/replay_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10 };

/* Where limphome's own programs lie. */
static void own_folder(char *folder, size_t size)
{
    const ssize_t len = readlink("/proc/self/exe", folder, size - 1);
    folder[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, R_OK) == 0;
}

static bool search_path(const char *name, char *file, size_t size)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        const size_t len = strcspn(path, ":");
        snprintf(file, size, "%.*s/%s", (int)len, path, name);
        if (is_file(file) && access(file, X_OK) == 0) {
            return true;
        }
        path += len + (path[len] == ':' ? 1 : 0);
    }
    return false;
}

/* The word as a path; false: it is none that is the same in every play. */
static bool resolve(const struct adapter *adapter, const char *programs, size_t index, char *path,
                    size_t size)
{
    static const char in_adapter[] = "{adapter}/";
    static const char in_programs[] = "{programs}/";
    const char *word = adapter->command[index];
    const char *rest = word;
    const char *folder = "";
    if (strncmp(word, in_adapter, sizeof in_adapter - 1) == 0) {
        folder = adapter->folder;
        rest = word + sizeof in_adapter - 2;
    } else if (strncmp(word, in_programs, sizeof in_programs - 1) == 0) {
        folder = programs;
        rest = word + sizeof in_programs - 2;
    }
    if (strchr(rest, '{') != NULL) {
        return false;
    }
    if (index == 0 && strchr(rest, '/') == NULL) {
        return search_path(rest, path, size);
    }
    return rest[0] == '/' && (size_t)snprintf(path, size, "%s%s", folder, rest) < size &&
           is_file(path);
}

bool replay_programs_hash(const char *path, char hex[REPLAY_SHA256_TEXT + 1])
{
    uint8_t digest[OTA_HASH_MAX];
    FILE *in = fopen(path, "re");
    struct ota_hash *hash = ota_hash_new();
    uint8_t *chunk = malloc(CHUNK_BYTES);
    CHECK(hash != NULL && chunk != NULL);
    ota_hash_start_sha256(hash);
    size_t len = 1;
    while (in != NULL && len > 0) {
        len = fread(chunk, 1, CHUNK_BYTES, in);
        ota_hash_update(hash, chunk, len);
    }
    const bool good = in != NULL && !ferror(in);
    ota_hash_finish(hash, digest);
    ota_hex(digest, OTA_HASH_MAX, hex);
    ota_hash_free(hash);
    free(chunk);
    if (in != NULL) {
        fclose(in);
    }
    return good;
}

size_t replay_programs_find(const struct adapter *adapter, const char *programs,
                            struct replay_program *list)
{
    char own[ADAPTER_PATH_MAX + 1];
    char path[ADAPTER_PATH_MAX + 1];
    size_t len = 0;
    own_folder(own, sizeof own);
    for (size_t i = 0; i < adapter->command_len && len < REPLAY_PROGRAMS_MAX; i++) {
        struct replay_program *program = &list[len];
        if (!resolve(adapter, programs != NULL ? programs : own, i, path, sizeof path) ||
            !replay_programs_hash(path, program->sha256)) {
            continue;
        }
        program->argument = (uint32_t)i;
        program->path = realpath(path, NULL);
        program->copy = strdup("");
        CHECK(program->path != NULL && program->copy != NULL);
        len++;
    }
    return len;
}
