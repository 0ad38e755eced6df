/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_play.c - plays a case in a folder of its own. */
#include "scenarios/engine/case_play.h"

#include "scenarios/engine/timeline_recorder.h"
#include "scenarios/engine/wall_clock.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_OPEN_MAX = 16 };

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    return place->level > 0 ? remove(path) : 0;
}

/* An empty folder. */
static int make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    if (nftw(path, remove_one, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        return err_set(err, ERR_IO, "%s: what an earlier play left cannot be removed: %s", path,
                       strerror(errno));
    }
    return 0;
}

void case_play_remove(const char *folder)
{
    (void)nftw(folder, remove_one, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
    (void)remove(folder);
}

/* Also of a play that went wrong: what went wrong first is told. */
static int save_timeline(struct case_world *world, int code, struct err *err)
{
    struct err own = {.code = 0};
    const int saved = timeline_recorder_save(world->recorder, &own);
    if (code == 0 && saved != 0) {
        *err = own;
        return saved;
    }
    return code;
}

static int play(struct case_world *world, const struct case_world_cfg *cfg,
                struct play_result *result, struct err *err)
{
    int code = make_folder(cfg->folder, err);
    if (code != 0) {
        return code;
    }
    code = case_world_init(world, cfg, result, err);
    code = code == 0 ? case_world_run(world, err) : code;
    code = save_timeline(world, code, err);
    case_world_release(world);
    return code;
}

void case_play(const struct case_world_cfg *cfg, struct play_result *result)
{
    struct err err = {0};
    const uint64_t begin_ns = wall_clock_ns();
    struct case_world *world = calloc(1, sizeof *world);
    CHECK(world != NULL);
    result->name = strdup(cfg->file->plays[cfg->play]);
    CHECK(result->name != NULL);
    result->seed = cfg->seed;
    if (play(world, cfg, result, &err) != 0) {
        play_result_error(result, err.text);
    }
    free(world);
    result->wall_ns = wall_clock_ns() - begin_ns;
}
