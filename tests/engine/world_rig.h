/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/world_rig.h - a play of a case whose story is given as text, with the vehicle that
 * is built in and a master that nobody starts. */
#ifndef TESTS_WORLD_RIG_H
#define TESTS_WORLD_RIG_H

#include "scenarios/engine/case_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world_rig {
    char folder[64];
    struct case_file file;
    struct adapter adapter;
    struct play_result result;
    struct case_world world;
    struct err err;
    int code; /* Of case_world_run(). */
};

static inline void world_rig_write(const struct world_rig *rig, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", rig->folder, name);
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out, "%s", path);
    fputs(text, out);
    fclose(out);
}

/* With an adapter the body begins at 0, while the vehicle is off; without one at 1 s, when the ECU
 * has booted. What it checks is asserted in Lua. */
static inline struct world_rig *world_rig_new_for(const char *body, uint64_t seed,
                                                  const char *adapter)
{
    struct world_rig *rig = calloc(1, sizeof *rig);
    char path[128];
    char *text = malloc(strlen(body) + 256);
    cr_assert(rig != NULL && text != NULL);
    strcpy(rig->folder, "/tmp/world-rig-XXXXXX");
    cr_assert_not_null(mkdtemp(rig->folder));
    sprintf(text,
            "case{id = 'TST-01', group = 'TST', title = 'a test', run = function(play) %s %s\n"
            "end}",
            adapter == NULL ? "wait(1)" : "", body);
    world_rig_write(rig, "TST-01.lua", text);
    free(text);
    world_rig_write(rig, "traffic.log", "(0.0) can0 123#00\n(0.1) can0 124#01\n(0.2) can1 001#\n");
    snprintf(path, sizeof path, "%s/TST-01.lua", rig->folder);
    cr_assert_eq(case_file_load(&rig->file, path, &rig->err), 0, "%s", rig->err.text);
    if (adapter != NULL) {
        cr_assert_eq(adapter_load(&rig->adapter, adapter, &rig->err), 0, "%s", rig->err.text);
    }
    const struct case_world_cfg cfg = {.file = &rig->file,
                                       .seed = seed,
                                       .adapter = &rig->adapter,
                                       .folder = rig->folder,
                                       .programs = LIMPHOME_BINARY_DIR "/bin",
                                       .preload_path =
                                           LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so",
                                       .vehicles = LIMPHOME_SOURCE_DIR "/vehicles"};
    cr_assert_eq(case_world_init(&rig->world, &cfg, &rig->result, &rig->err), 0, "%s",
                 rig->err.text);
    return rig;
}

static inline struct world_rig *world_rig_new(const char *body, uint64_t seed)
{
    return world_rig_new_for(body, seed, NULL);
}

static inline void world_rig_run(struct world_rig *rig)
{
    rig->code = case_world_run(&rig->world, &rig->err);
}

static inline void world_rig_free(struct world_rig *rig)
{
    char command[128];
    case_world_release(&rig->world);
    play_result_release(&rig->result);
    case_file_release(&rig->file);
    snprintf(command, sizeof command, "rm -rf %s", rig->folder);
    cr_assert_eq(system(command), 0);
    free(rig);
}

/* Comes to its end, and each injection has fired that had to. */
static inline void world_expect_done_for(const char *body, const char *adapter)
{
    struct world_rig *rig = world_rig_new_for(body, 1, adapter);
    world_rig_run(rig);
    cr_expect_eq(rig->code, 0, "%s\n%s", body, rig->err.text);
    for (size_t i = 0; i < rig->world.injections_len; i++) {
        const struct case_injection *injection = &rig->world.injections[i];
        cr_expect(injection->optional || injection->fired(injection->ctx) > 0,
                  "\"%s\" never fired in\n%s", injection->name, body);
    }
    world_rig_free(rig);
}

static inline void world_expect_done(const char *body)
{
    world_expect_done_for(body, NULL);
}

/* Ends with an error that contains `part`. */
static inline void world_expect_failed(const char *body, const char *part)
{
    struct world_rig *rig = world_rig_new(body, 1);
    world_rig_run(rig);
    cr_expect_neq(rig->code, 0, "%s", body);
    cr_expect_not_null(strstr(rig->err.text, part), "%s\nexpected \"%s\" in \"%s\"", body, part,
                       rig->err.text);
    world_rig_free(rig);
}

/* The functions of a table: each is in the manual with its sentence and an example that runs. */
static inline void world_expect_manual_for(const struct lua_api *api, const char *adapter)
{
    FILE *file = fopen(LIMPHOME_SOURCE_DIR "/docs/scenarios.md", "r");
    cr_assert_not_null(file);
    char *manual = calloc(1, 1 << 20);
    cr_assert_gt(fread(manual, 1, (1 << 20) - 1, file), 0u);
    fclose(file);
    for (size_t i = 0; i < api->functions_len; i++) {
        const struct lua_api_function *function = &api->functions[i];
        cr_expect_not_null(strstr(manual, function->help), "%s", function->help);
        cr_expect_not_null(strstr(manual, function->example), "%s", function->example);
        world_expect_done_for(function->example, adapter);
    }
    free(manual);
}

static inline void world_expect_manual(const struct lua_api *api)
{
    world_expect_manual_for(api, NULL);
}

/* Examples may start the reference master. */
static inline void world_expect_manual_with_master(const struct lua_api *api)
{
    world_expect_manual_for(api, LIMPHOME_SOURCE_DIR "/masters/reference.json");
}

#endif
