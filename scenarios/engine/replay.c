/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay.c - finds again what a play was made of. */
#include "scenarios/engine/replay.h"

#include "scenarios/engine/replay_kit.h"
#include "sim/file_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ADAPTER_MAX_BYTES = 1 << 20 };

static int find_folder(struct replay *replay, const char *folder, struct err *err)
{
    char *plain = realpath(folder, NULL);
    if (plain == NULL || strlen(plain) >= sizeof replay->folder) {
        const int why = plain == NULL ? errno : ENAMETOOLONG;
        free(plain);
        return err_set(err, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.200s: %s", folder,
                       strerror(why));
    }
    memcpy(replay->folder, plain, strlen(plain) + 1);
    free(plain);
    return 0;
}

static int find_play(struct replay *replay, struct err *err)
{
    char path[CASE_PATH_MAX];
    const struct replay_file *file = &replay->file;
    int code = replay_file_path(replay->folder, file->scenario, path, sizeof path, err);
    code = code == 0 ? case_file_load(&replay->scenario, path, err) : code;
    if (code != 0) {
        return code;
    }
    while (replay->play < replay->scenario.plays_len &&
           strcmp(replay->scenario.plays[replay->play], file->play.name) != 0) {
        replay->play++;
    }
    if (replay->play == replay->scenario.plays_len) {
        return err_set(err, ERR_NOT_FOUND, "%s: has no play \"%.80s\", which replay.json names",
                       path, file->play.name);
    }
    return 0;
}

/* Where the adapter was, if all files that its command names there still are. */
static bool is_at_home(const struct replay_file *file, const struct adapter *adapter)
{
    for (size_t i = 0; i < file->programs_len; i++) {
        const struct replay_program *program = &file->programs[i];
        if (program->argument < adapter->command_len &&
            strncmp(adapter->command[program->argument], "{adapter}", 9) == 0 &&
            access(program->path, R_OK) != 0) {
            return false;
        }
    }
    return true;
}

/* The copies take the place of what is not there any more; the program itself has none. */
static int take_copies(struct replay *replay, const char *adapter_path, struct err *err)
{
    struct adapter *adapter = &replay->adapter;
    snprintf(adapter->folder, sizeof adapter->folder, "%.*s",
             (int)(strrchr(adapter_path, '/') - adapter_path), adapter_path);
    for (size_t i = 0; i < replay->file.programs_len; i++) {
        const struct replay_program *program = &replay->file.programs[i];
        if (program->argument >= adapter->command_len) {
            continue;
        }
        char *word = adapter->command[program->argument];
        if (strncmp(word, "{adapter}", 9) != 0) {
            continue;
        }
        int len;
        if (program->copy[0] != '\0') {
            char path[CASE_PATH_MAX];
            const int code =
                replay_file_path(replay->folder, program->copy, path, sizeof path, err);
            if (code != 0) {
                return code;
            }
            len = snprintf(word, ADAPTER_TEXT_MAX + 1, "{adapter}/%s",
                           strrchr(program->copy, '/') + 1);
        } else {
            len = snprintf(word, ADAPTER_TEXT_MAX + 1, "%s", program->path);
        }
        if (len > ADAPTER_TEXT_MAX) {
            return err_set(err, ERR_RANGE, "%.200s: too long for the command of an adapter", word);
        }
    }
    return 0;
}

/* The adapter of the folder. */
static int own_adapter(struct replay *replay, struct err *err)
{
    char path[CASE_PATH_MAX];
    size_t len = 0;
    int code = replay_file_path(replay->folder, replay->file.adapter, path, sizeof path, err);
    char *text =
        code == 0 ? file_text_read(path, ADAPTER_MAX_BYTES, "an adapter file", &len, err) : NULL;
    if (text == NULL) {
        return err->code;
    }
    code = adapter_parse(&replay->adapter, text, len, path, replay->file.adapter_folder, err);
    free(text);
    if (code == 0 && !is_at_home(&replay->file, &replay->adapter)) {
        code = take_copies(replay, path, err);
    }
    return code;
}

/* Another adapter of the same content is the same. */
static bool same_text(const char *path, const char *other)
{
    struct err ignored = {.code = 0};
    size_t len[2] = {0, 0};
    char *text[2] = {
        file_text_read(path, ADAPTER_MAX_BYTES, "an adapter file", &len[0], &ignored),
        file_text_read(other, ADAPTER_MAX_BYTES, "an adapter file", &len[1], &ignored)};
    const bool same = text[0] != NULL && text[1] != NULL && len[0] == len[1] &&
                      memcmp(text[0], text[1], len[0]) == 0;
    free(text[0]);
    free(text[1]);
    return same;
}

static int given_adapter(struct replay *replay, const char *master, struct err *err)
{
    char path[CASE_PATH_MAX];
    const int code = adapter_load(&replay->adapter, master, err);
    snprintf(path, sizeof path, "%.500s/%s", replay->folder, replay->file.adapter);
    replay->change.adapter = code == 0 && !same_text(path, master);
    return code;
}

static const struct replay_program *of_argument(const struct replay_program *list, size_t len,
                                                uint32_t argument)
{
    for (size_t i = 0; i < len; i++) {
        if (list[i].argument == argument) {
            return &list[i];
        }
    }
    return NULL;
}

/* What the master consists of now. */
static int look_at_programs(struct replay *replay, struct err *err)
{
    struct replay_program now[REPLAY_PROGRAMS_MAX] = {{.argument = 0}};
    const struct replay_file *file = &replay->file;
    const size_t len = replay_programs_find(&replay->adapter, NULL, now);
    const struct replay_program *first = of_argument(file->programs, file->programs_len, 0);
    int code = 0;
    if (of_argument(now, len, 0) == NULL && first != NULL) {
        code = err_set(err, ERR_NOT_FOUND,
                       "the program of the master, %.160s, is not on this machine; name an adapter "
                       "for it with --master FILE",
                       first->path);
    }
    for (size_t i = 0; i < len; i++) {
        const struct replay_program *was =
            of_argument(file->programs, file->programs_len, now[i].argument);
        if (was != NULL && strcmp(was->sha256, now[i].sha256) != 0) {
            snprintf(replay->change.program, sizeof replay->change.program, "%s", now[i].path);
        }
    }
    for (size_t i = 0; i < len; i++) {
        free(now[i].path);
        free(now[i].copy);
    }
    return code;
}

int replay_open(struct replay *replay, const struct replay_cfg *cfg, struct err *err)
{
    int code = find_folder(replay, cfg->folder, err);
    code = code == 0 ? replay_file_load(&replay->file, replay->folder, err) : code;
    if (code != 0) {
        return code;
    }
    replay->change.version = strcmp(replay->file.version, cfg->version) != 0;
    code = find_play(replay, err);
    if (code == 0) {
        code = replay_file_path(replay->folder, replay->file.vehicle, replay->vehicle,
                                sizeof replay->vehicle, err);
    }
    if (code == 0) {
        code = cfg->master != NULL ? given_adapter(replay, cfg->master, err)
                                   : own_adapter(replay, err);
    }
    return code == 0 ? look_at_programs(replay, err) : code;
}

void replay_release(struct replay *replay)
{
    replay_file_release(&replay->file);
    case_file_release(&replay->scenario);
}

void replay_world(const struct replay *replay, struct case_world_cfg *cfg)
{
    cfg->file = &replay->scenario;
    cfg->play = replay->play;
    cfg->seed = replay->file.play.seed;
    cfg->adapter = &replay->adapter;
    cfg->vehicle = replay->vehicle;
}
