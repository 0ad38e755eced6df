/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_files.c - digests of the files of a sweep: a master that was mended, or a vehicle
 * that was changed, makes another sweep of the same command. */
#include "cli/explore_files.h"

#include "cli/run_report.h"
#include "scenarios/engine/replay_kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct explore_files *files, const char *path, struct err *err)
{
    struct explore_file *file = &files->list[files->len];
    if (path == NULL) {
        return 0;
    }
    errno = 0;
    if (!replay_programs_hash(path, file->sha256)) {
        return err_set(err, ERR_IO, "%s: cannot be read: %s", path,
                       errno != 0 ? strerror(errno) : "is it a file?");
    }
    file->name = path;
    files->len++;
    return 0;
}

/* As the adapter calls them: they may lie elsewhere on another machine. */
static int add_programs(struct explore_files *files, const char *adapter_path, struct err *err)
{
    struct replay_program programs[REPLAY_PROGRAMS_MAX];
    struct adapter *adapter = calloc(1, sizeof *adapter);
    CHECK(adapter != NULL);
    const int rc = cli_load_master(adapter_path, adapter, err);
    const size_t len = rc == 0 ? replay_programs_find(adapter, NULL, programs) : 0;
    for (size_t i = 0; i < len; i++) {
        struct explore_file *file = &files->list[files->len++];
        (void)snprintf(files->words[i], sizeof files->words[i], "%.*s", REPLAY_PATH_MAX,
                       adapter->command[programs[i].argument]);
        file->name = files->words[i];
        memcpy(file->sha256, programs[i].sha256, sizeof file->sha256);
        free(programs[i].path);
        free(programs[i].copy);
    }
    free(adapter);
    return rc;
}

int explore_files_find(struct explore_files *files, const struct explore_arguments *a,
                       struct err *err)
{
    *files = (struct explore_files){.len = 0};
    int rc = add(files, a->power.world.vehicle_path, err);
    rc = rc == 0 ? add(files, a->master, err) : rc;
    return rc == 0 && a->master != NULL ? add_programs(files, a->master, err) : rc;
}
