/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/replay_kit.c - copies case, adapter, vehicle and what they name into a folder.
 *
 *     replay.json
 *     replay/COM-03.lua
 *     replay/master/adapter.json, and scripts that its command names
 *     replay/vehicle/single.json, and the images and hooks that it names */
#include "scenarios/engine/replay_kit.h"

#include "scenarios/engine/case_vehicle.h"
#include "sim/file_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_MAX_BYTES = 16 << 20, ADAPTER_MAX_BYTES = 1 << 20, VEHICLE_MAX_BYTES = 1 << 20 };

static char *own(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

/* A name that replay_file_parse() takes. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    while (*name == '.') {
        name++;
    }
    return *name != '\0' ? name : "file";
}

/* Scripts, but not the program itself, which may be large and is what is under test. */
static void name_copies(struct replay_kit *kit)
{
    for (size_t i = 0; i < kit->programs_len; i++) {
        struct replay_program *program = &kit->programs[i];
        const char *word = kit->cfg.adapter->command[program->argument];
        char name[REPLAY_PATH_MAX + 1];
        struct err ignored = {.code = 0};
        if (program->argument == 0 || strncmp(word, "{adapter}", 9) != 0) {
            continue;
        }
        kit->texts[i] =
            file_text_read(program->path, COPY_MAX_BYTES, "a script", &kit->lens[i], &ignored);
        const int len = snprintf(name, sizeof name, "replay/master/%u-%s",
                                 (unsigned)program->argument, base_name(program->path));
        if (kit->texts[i] != NULL && (size_t)len < sizeof name) {
            free(program->copy);
            program->copy = own(name);
        }
    }
}

int replay_kit_init(struct replay_kit *kit, const struct replay_kit_cfg *cfg, struct err *err)
{
    *kit = (struct replay_kit){.cfg = *cfg};
    kit->adapter_text = file_text_read(cfg->adapter->path, ADAPTER_MAX_BYTES, "an adapter file",
                                       &kit->adapter_len, err);
    if (kit->adapter_text == NULL) {
        return err->code;
    }
    kit->programs_len = replay_programs_find(cfg->adapter, cfg->programs, kit->programs);
    name_copies(kit);
    return 0;
}

void replay_kit_release(struct replay_kit *kit)
{
    for (size_t i = 0; i < kit->programs_len; i++) {
        free(kit->programs[i].path);
        free(kit->programs[i].copy);
        free(kit->texts[i]);
    }
    free(kit->adapter_text);
    *kit = (struct replay_kit){.programs_len = 0};
}

/* What the master has left under that name is none of ours. */
static int write_copy(const char *folder, const char *name, const char *text, size_t len,
                      struct err *err)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
    FILE *out = fopen(path, "wxe");
    const bool good = out != NULL && fwrite(text, 1, len, out) == len;
    if ((out != NULL && fclose(out) != 0) || !good) {
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    return 0;
}

static int make_folder(const char *folder, const char *name, struct err *err)
{
    char path[4200];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (lstat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
        (void)unlink(path);
    }
    return mkdir(path, 0755) == 0 || errno == EEXIST
               ? 0
               : err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
}

static int save_master(const struct replay_kit *kit, const char *folder, struct err *err)
{
    int code =
        write_copy(folder, "replay/master/adapter.json", kit->adapter_text, kit->adapter_len, err);
    for (size_t i = 0; code == 0 && i < kit->programs_len; i++) {
        if (kit->programs[i].copy[0] != '\0') {
            code = write_copy(folder, kit->programs[i].copy, kit->texts[i], kit->lens[i], err);
        }
    }
    return code;
}

/* A vehicle file and where it goes. */
struct moving {
    const char *from; /* Folder of the vehicle file. */
    const char *folder;
    bool renamed; /* A file lies elsewhere: the copy names it otherwise. */
    struct err *err;
};

/* One file that the vehicle names. What cannot be read was an error of the play already. */
static int move_file(struct moving *m, cJSON *object, const char *member, size_t ecu)
{
    const char *given = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
    char path[4200];
    char name[REPLAY_PATH_MAX + 1];
    char to[REPLAY_PATH_MAX + 32];
    size_t len = 0;
    struct err ignored = {.code = 0};
    if (given == NULL) {
        return 0;
    }
    const bool absolute = given[0] == '/';
    const bool plain = strchr(given, '/') == NULL && given[0] != '.';
    snprintf(path, sizeof path, "%s%s%s", absolute ? "" : m->from, absolute ? "" : "/", given);
    if (plain) {
        snprintf(name, sizeof name, "%s", given);
    } else {
        snprintf(name, sizeof name, "%zu-%.200s", ecu, base_name(given));
    }
    char *text = file_text_read(path, COPY_MAX_BYTES, "a file of a vehicle", &len, &ignored);
    if (text == NULL) {
        return 0;
    }
    snprintf(to, sizeof to, "replay/vehicle/%s", name);
    const int code = write_copy(m->folder, to, text, len, m->err);
    free(text);
    if (!plain) {
        m->renamed = true;
        cJSON_ReplaceItemInObjectCaseSensitive(object, member, cJSON_CreateString(name));
    }
    return code;
}

static int move_files(struct moving *m, cJSON *ecu, size_t index)
{
    const int code = move_file(m, ecu, "image", index);
    return code != 0
               ? code
               : move_file(m, cJSON_GetObjectItemCaseSensitive(ecu, "personality"), "hooks", index);
}

/* Files that the vehicle file names, and those that the play wants instead. */
static int move_all(struct moving *m, cJSON *tree, const char *changes)
{
    int code = 0;
    size_t index = 0;
    cJSON *ecus = cJSON_GetObjectItemCaseSensitive(tree, "ecus");
    for (cJSON *ecu = ecus != NULL ? ecus->child : NULL; code == 0 && ecu != NULL;
         ecu = ecu->next) {
        code = move_files(m, ecu, index++);
    }
    cJSON *wanted = code == 0 && changes != NULL ? cJSON_Parse(changes) : NULL;
    if (wanted != NULL) {
        const bool renamed = m->renamed;
        code = move_files(m, wanted, index);
        m->renamed = renamed; /* The case is copied as it is. */
    }
    cJSON_Delete(wanted);
    return code;
}

static int save_vehicle(const struct case_file *file, size_t play, const char *path,
                        const char *text, size_t len, const char *folder, const char *name,
                        struct err *err)
{
    char from[4200];
    snprintf(from, sizeof from, "%.*s", (int)(strrchr(path, '/') - path), path);
    struct moving m = {.from = from, .folder = folder, .err = err};
    cJSON *tree = cJSON_ParseWithLength(text, len);
    int code = move_all(&m, tree, file->changes[play]);
    char *changed = code == 0 && m.renamed ? cJSON_Print(tree) : NULL;
    if (code == 0) {
        code = changed != NULL ? write_copy(folder, name, changed, strlen(changed), err)
                               : write_copy(folder, name, text, len, err);
    }
    free(changed);
    cJSON_Delete(tree);
    return code;
}

static int save_json(const struct replay_kit *kit, const struct case_file *file, const char *folder,
                     const char *scenario, const char *vehicle, const struct play_result *result,
                     struct err *err)
{
    struct replay_file replay = {.version = own(kit->cfg.version),
                                 .case_id = own(file->id),
                                 .scenario = own(scenario),
                                 .vehicle = own(vehicle),
                                 .adapter = own("replay/master/adapter.json"),
                                 .adapter_folder = own(kit->cfg.adapter->folder),
                                 .programs_len = kit->programs_len,
                                 .play = *result};
    memcpy(replay.programs, kit->programs, sizeof replay.programs);
    char *text = replay_file_print(&replay);
    const int code = write_copy(folder, "replay.json", text, strlen(text), err);
    free(text);
    replay.programs_len = 0; /* They are the kit's, and the play is the caller's. */
    replay.play = (struct play_result){.name = NULL};
    replay_file_release(&replay);
    return code;
}

/* Below the copy of the case as they were below the case. One that leads up stays where it is. */
static int save_read(const struct case_file *file, const char *folder, const char *name,
                     struct err *err)
{
    char path[4200];
    char to[REPLAY_PATH_MAX + 1];
    size_t len = 0;
    struct err ignored = {.code = 0};
    const char *slash = strrchr(file->path, '/');
    snprintf(path, sizeof path, "%.*s/%s", slash != NULL ? (int)(slash - file->path) : 1,
             slash != NULL ? file->path : ".", name);
    snprintf(to, sizeof to, "replay/%.200s", name);
    char *text = strstr(name, "..") == NULL
                     ? file_text_read(path, COPY_MAX_BYTES, "a log", &len, &ignored)
                     : NULL;
    int code = 0;
    for (char *at = strchr(to + strlen("replay/"), '/'); text != NULL && code == 0 && at != NULL;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        code = make_folder(folder, to, err);
        *at = '/';
    }
    code = text != NULL && code == 0 ? write_copy(folder, to, text, len, err) : code;
    free(text);
    return code;
}

int replay_kit_save(const struct replay_kit *kit, const struct case_file *file, size_t play,
                    const struct case_reads *reads, const char *folder,
                    const struct play_result *result, struct err *err)
{
    static const char *const folders[] = {"replay", "replay/master", "replay/vehicle"};
    char path[4200];
    char scenario[REPLAY_PATH_MAX + 1];
    char vehicle[REPLAY_PATH_MAX + 1];
    size_t len = 0;
    case_vehicle_path(file, kit->cfg.vehicles, path, sizeof path);
    char *text = file_text_read(path, VEHICLE_MAX_BYTES, "a vehicle file", &len, err);
    if (text == NULL || kit->adapter_text == NULL) {
        free(text);
        return 0;
    }
    snprintf(scenario, sizeof scenario, "replay/%.200s", base_name(file->path));
    snprintf(vehicle, sizeof vehicle, "replay/vehicle/%.200s", base_name(path));
    int code = 0;
    for (size_t i = 0; code == 0 && i < ARRAY_SIZE(folders); i++) {
        code = make_folder(folder, folders[i], err);
    }
    code = code == 0 ? write_copy(folder, scenario, file->text, file->text_len, err) : code;
    for (size_t i = 0; code == 0 && reads != NULL && i < reads->len; i++) {
        code = save_read(file, folder, reads->names[i], err);
    }
    code = code == 0 ? save_master(kit, folder, err) : code;
    code = code == 0 ? save_vehicle(file, play, path, text, len, folder, vehicle, err) : code;
    code = code == 0 ? save_json(kit, file, folder, scenario, vehicle, result, err) : code;
    free(text);
    return code;
}
