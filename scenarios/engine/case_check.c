/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_check.c - builds the world of each play, and does not let it begin. */
#include "scenarios/engine/case_check.h"

#include "scenarios/engine/capability.h"
#include "scenarios/engine/case_names.h"
#include "scenarios/engine/case_play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_needs(const struct case_file *file, struct err *err)
{
    for (size_t i = 0; i < file->needs.len; i++) {
        const char *name = file->needs.word[i];
        if (capability_find(name) == CAPABILITY_COUNT) {
            return err_set(err, ERR_SYNTAX,
                           "case %s: %s: it needs \"%s\", which is no capability; the nearest is "
                           "\"%s\"",
                           file->id, file->path, name, capability_nearest(name));
        }
    }
    return 0;
}

static int check_play(const struct case_world_cfg *cfg, struct err *err)
{
    struct play_result result = {.verdict = VERDICT_PASS};
    struct case_world *world = calloc(1, sizeof *world);
    CHECK(world != NULL);
    int code = case_world_init(world, cfg, &result, err);
    if (code == 0 && cfg->play == 0) {
        const struct case_file *file = cfg->file;
        code = case_names_check(world->script.box.L, file->text, file->text_len, file->path, err);
    }
    case_world_release(world);
    play_result_release(&result);
    free(world);
    return code;
}

/* A vehicle that an earlier play has as well need not be read again. */
static bool is_new(const struct case_file *file, size_t play)
{
    const char *changes = file->changes[play];
    for (size_t i = 0; i < play; i++) {
        const char *other = file->changes[i];
        if (changes == NULL ? other == NULL : other != NULL && strcmp(changes, other) == 0) {
            return false;
        }
    }
    return true;
}

int case_check(const struct case_file *file, const char *vehicles, struct err *err)
{
    char folder[] = "/tmp/limphome-check-XXXXXX";
    struct adapter *adapter = calloc(1, sizeof *adapter);
    CHECK(adapter != NULL);
    int code = check_needs(file, err);
    if (code == 0 && mkdtemp(folder) == NULL) {
        free(adapter);
        return err_set(err, ERR_IO, "%s: cannot be made: %s", folder, strerror(errno));
    }
    for (size_t i = 0; code == 0 && i < file->plays_len; i++) {
        if (is_new(file, i)) {
            code = check_play(&(struct case_world_cfg){.file = file,
                                                       .play = i,
                                                       .seed = 1,
                                                       .adapter = adapter,
                                                       .folder = folder,
                                                       .vehicles = vehicles},
                              err);
        }
    }
    case_play_remove(folder);
    free(adapter);
    return code;
}
