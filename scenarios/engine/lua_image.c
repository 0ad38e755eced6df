/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_image.c - image{...}: an image in the play's folder; and the play's files.
 */
#include "master/ota_hash.h"
#include "scenarios/engine/case_image.h"
#include "scenarios/engine/case_world.h"
#include "scenarios/engine/lua_field.h"
#include "sim/file_text.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { IMAGE_FILE_MAX = 4 << 20, KB_DEFAULT = 8, KB_MIN = 4, KB_MAX = 400 };

struct behaviour {
    const char *name;
    uint32_t bit;
};

static const struct behaviour behaviours[] = {
    {"no_boot", BOOT_BEHAVE_NO_BOOT},     {"raise_dtc", BOOT_BEHAVE_RAISE_DTC},
    {"no_cyclic", BOOT_BEHAVE_NO_CYCLIC}, {"wrong_version", BOOT_BEHAVE_WRONG_VERSION},
    {"mute", BOOT_BEHAVE_MUTE},           {"slow_boot", BOOT_BEHAVE_SLOW_BOOT},
};

static void take_field(lua_State *L, const char *name, const char *otherwise, char *to)
{
    lua_getfield(L, 1, name);
    const char *text = luaL_optstring(L, -1, otherwise);
    if (strlen(text) > BOOT_HEADER_TEXT) {
        luaL_error(L, "image: \"%s\" has more than %d bytes", name, BOOT_HEADER_TEXT);
    }
    strcpy(to, text); /* NOLINT: its length is known. */
    lua_pop(L, 1);
}

static uint32_t behaviour_named(lua_State *L, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
        if (strcmp(name, behaviours[i].name) == 0) {
            return behaviours[i].bit;
        }
    }
    luaL_error(L,
               "image: there is no behaviour \"%s\"; there are no_boot, raise_dtc, no_cyclic, "
               "wrong_version, mute and slow_boot",
               name);
    return 0;
}

static uint32_t take_behaviours(lua_State *L)
{
    uint32_t set = 0;
    if (lua_getfield(L, 1, "behaviour") == LUA_TSTRING) {
        set = behaviour_named(L, lua_tostring(L, -1));
    } else if (lua_istable(L, -1)) {
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            set |= behaviour_named(L, luaL_checkstring(L, -1));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    } else if (!lua_isnil(L, -1)) {
        luaL_error(L, "image: behaviour is a name, or a list of names, not a %s",
                   luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return set;
}

static uint32_t number_at(lua_State *L, lua_Integer index)
{
    lua_rawgeti(L, -1, index);
    const lua_Integer value = luaL_checkinteger(L, -1);
    if (value < 0 || value > UINT32_MAX) {
        luaL_error(L, "image: a segment is { address, bytes }, both from 0 to 0xFFFFFFFF");
    }
    lua_pop(L, 1);
    return (uint32_t)value;
}

/* segments = { {0x780000, 4096}, ... } or kb = 8. */
static void take_segments(lua_State *L, struct case_image_cfg *cfg)
{
    if (lua_getfield(L, 1, "segments") == LUA_TTABLE) {
        while (lua_rawgeti(L, -1, (lua_Integer)cfg->segments_len + 1) == LUA_TTABLE) {
            if (cfg->segments_len == CASE_IMAGE_SEGMENTS_MAX) {
                luaL_error(L, "image: more than %d segments", CASE_IMAGE_SEGMENTS_MAX);
            }
            struct case_image_segment *segment = &cfg->segments[cfg->segments_len++];
            *segment = (struct case_image_segment){number_at(L, 1), number_at(L, 2)};
            if (segment->len_bytes < BOOT_HEADER_LEN || segment->len_bytes > KB_MAX * 1024) {
                luaL_error(L, "image: a segment has %d to %d bytes", BOOT_HEADER_LEN,
                           KB_MAX * 1024);
            }
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    } else {
        lua_getfield(L, 1, "kb");
        const lua_Integer kb = luaL_optinteger(L, -1, KB_DEFAULT);
        if (kb < KB_MIN || kb > KB_MAX) {
            luaL_error(L, "image: \"kb\" must be %d to %d", KB_MIN, KB_MAX);
        }
        case_image_layout(cfg, (uint32_t)kb);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* The path of a file of the play. A name is a name: no folders. */
static void file_path(const struct case_world *world, lua_State *L, const char *name, char *path)
{
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL) {
        luaL_error(L, "\"%s\" is no name of a file of the play: it must have no folder", name);
    }
    const int len = snprintf(path, CASE_PATH_MAX, "%s/%s", world->cfg.folder, name);
    if (len >= CASE_PATH_MAX) {
        luaL_error(L, "the name of the file \"%s\" is too long", name);
    }
}

static void push_segments(lua_State *L, const struct case_image_cfg *cfg)
{
    lua_createtable(L, (int)cfg->segments_len, 0);
    for (size_t i = 0; i < cfg->segments_len; i++) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, cfg->segments[i].begin);
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, cfg->segments[i].len_bytes);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "segments");
}

/* Pushes { sha256, bytes } of a file's content as they are now. */
static void push_measure(lua_State *L, const char *text, size_t len)
{
    uint8_t digest[32];
    char hex[2 * sizeof digest + 1];
    ota_sha256(text, len, digest);
    ota_hex(digest, sizeof digest, hex);
    lua_field_text(L, "sha256", hex);
    lua_field_integer(L, "bytes", (lua_Integer)len);
}

static char *read_file(lua_State *L, const char *path, size_t *len)
{
    struct err err = {0};
    char *text = file_text_read(path, IMAGE_FILE_MAX, "a file of the play", len, &err);
    if (text == NULL) {
        luaL_error(L, "%s", err.text);
    }
    return text;
}

static void take_identity(lua_State *L, struct case_image_cfg *cfg)
{
    take_field(L, "version", "2.0.0", cfg->header.version);
    take_field(L, "hardware", "BCM-HW-1", cfg->header.hardware_id);
    take_field(L, "part", "LH-BCM-12X", cfg->header.part_number);
    take_field(L, "build", "b1", cfg->header.build_id);
    lua_getfield(L, 1, "cyclic_ms");
    cfg->header.cyclic_ms = (uint16_t)luaL_optinteger(L, -1, CASE_IMAGE_CYCLIC_MS);
    cfg->header.cyclic_id = CASE_IMAGE_CYCLIC_ID;
    lua_pop(L, 1);
    cfg->header.behaviour = take_behaviours(L);
}

static int image_make(lua_State *L)
{
    struct case_world *world = lua_api_ctx(L);
    struct case_image_cfg cfg = {.segments_len = 0};
    struct err err = {0};
    char path[CASE_PATH_MAX];
    char name[64];
    luaL_checktype(L, 1, LUA_TTABLE);
    take_identity(L, &cfg);
    take_segments(L, &cfg);
    lua_getfield(L, 1, "name");
    snprintf(name, sizeof name, "image-%s.s19", cfg.header.version);
    file_path(world, L, luaL_optstring(L, -1, name), path);
    lua_sandbox_charge(L, cfg.segments[0].len_bytes);
    if (case_image_save(&cfg, path, &err) != 0) {
        return luaL_error(L, "image: %s", err.text);
    }
    size_t len = 0;
    char *text = read_file(L, path, &len);
    lua_createtable(L, 0, 6);
    lua_field_text(L, "path", path);
    lua_field_text(L, "name", strrchr(path, '/') + 1);
    lua_field_text(L, "version", cfg.header.version);
    push_segments(L, &cfg);
    push_measure(L, text, len);
    free(text);
    return 1;
}

static int is_listed(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int file_list(lua_State *L)
{
    struct dirent **entries = NULL;
    const struct case_world *world = lua_api_ctx(L);
    const int len = scandir(world->cfg.folder, &entries, is_listed, alphasort);
    if (len < 0) {
        return luaL_error(L, "file.list: %s", strerror(errno));
    }
    lua_createtable(L, len, 0);
    for (int i = 0; i < len; i++) {
        lua_pushstring(L, entries[i]->d_name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        free(entries[i]);
    }
    free(entries);
    lua_sandbox_charge(L, (size_t)len);
    return 1;
}

static int file_read(lua_State *L)
{
    char path[CASE_PATH_MAX];
    size_t len = 0;
    file_path(lua_api_ctx(L), L, luaL_checkstring(L, 1), path);
    char *text = read_file(L, path, &len);
    lua_sandbox_charge(L, len / 16);
    lua_pushlstring(L, text, len);
    free(text);
    return 1;
}

static int file_write(lua_State *L)
{
    char path[CASE_PATH_MAX];
    size_t len = 0;
    file_path(lua_api_ctx(L), L, luaL_checkstring(L, 1), path);
    const char *text = luaL_checklstring(L, 2, &len);
    FILE *out = fopen(path, "w");
    const bool good = out != NULL && fwrite(text, 1, len, out) == len;
    if ((out != NULL && fclose(out) != 0) || !good) {
        return luaL_error(L, "%s: cannot be written: %s", path, strerror(errno));
    }
    lua_createtable(L, 0, 4);
    lua_field_text(L, "path", path);
    lua_field_text(L, "name", strrchr(path, '/') + 1);
    push_measure(L, text, len);
    return 1;
}

static const struct lua_api_function image_functions[] = {
    {"image", image_make,
     "image{version=, kb= or segments={{address, bytes}, ...}, behaviour=, hardware=, part=, "
     "build=, name=}: writes an image into the play's folder; a table with path, name, version, "
     "segments, sha256 and bytes.",
     "local new = image{ version = \"2.0.0\", kb = 8 }\nassert(#new.segments == 4 and "
     "#new.sha256 == 64)"},
};

const struct lua_api lua_image_api = {
    .table = NULL, .functions = image_functions, .functions_len = ARRAY_SIZE(image_functions)};

static const struct lua_api_function file_functions[] = {
    {"list", file_list,
     "file.list(): the names of all files and folders in the play's folder, sorted.",
     "file.write(\"note.txt\", \"hello\")\nassert(table.concat(file.list(), \" "
     "\"):find(\"note.txt\", 1, true))"},
    {"read", file_read, "file.read(name): the content of a file in the play's folder.",
     "file.write(\"note.txt\", \"hello\")\nassert(file.read(\"note.txt\") == \"hello\")"},
    {"write", file_write,
     "file.write(name, text): writes a file in the play's folder, such as a damaged copy of an "
     "image; a table with path, name, sha256 and bytes.",
     "local new = image{ version = \"2.0.0\" }\nlocal short = file.write(\"short.s19\", "
     "file.read(new.name):sub(1, -2))\nassert(short.bytes == new.bytes - 1)"},
};

const struct lua_api lua_file_api = {
    .table = "file", .functions = file_functions, .functions_len = ARRAY_SIZE(file_functions)};
