/* SPDX-License-Identifier: Apache-2.0 */
/* tests/ecus/test_vehicle_personality.c - a personality that is wrong is refused with file, line,
 * member and what to do; and the manual names every member that there is. */
#include "sim/ecus/vehicle_json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An example vehicle with one text in it replaced by another. */
struct bad {
    const char *file;
    const char *find;
    const char *replace;
    int code;
    const char *member; /* As the message names it. */
    const char *reason; /* Part of the message. */
};

#define BLOCKS "oem-blocks.json"
#define LOADER "oem-secondary-loader.json"
#define LINES  "oem-lines.json"
#define P      "ecus[0].personality."

static const struct bad rows[] = {
    /* Addressing and frames. */
    {LOADER, "\"normal-fixed\"", "\"mixed\"", ERR_UNSUPPORTED, "ecus[0].addressing.kind",
     "must be one of: normal, normal-fixed, extended"},
    {LOADER, "\"transfer\"", "\"request_id\": 1, \"transfer\"", ERR_CONFLICT, "ecus[0]",
     "leave request_id, response_id and functional_id out"},
    {LOADER, "\"normal-fixed\"", "\"normal\"", ERR_NOT_FOUND, "ecus[0]",
     "\"request_id\" is missing"},
    {LINES, "\"functional\": \"0xDF\"", "\"functional\": \"0x40\"", ERR_CONFLICT,
     "ecus[0].functional_id", "its request_id already"},
    {BLOCKS, "\"fd_length\": 64", "\"fd_length\": 33", ERR_RANGE, "ecus[0].isotp.fd_length",
     "8, 12, 16"},
    {BLOCKS, "\"data_bitrate\": 2000000", "\"data_bitrate\": 0", ERR_CONFLICT,
     "ecus[0].isotp.fd_length", "give it a data_bitrate"},
    {BLOCKS, "\"crc32\"", "\"crc64\"", ERR_UNSUPPORTED, "ecus[0].check", "crc16-x25"},
    /* The whole. */
    {BLOCKS, "\"personality\": {", "\"personality\": { \"seed\": 1,", ERR_SYNTAX, P "seed",
     "unknown member; known here: sessions, levels"},
    {BLOCKS, "\"exit\": []", "\"exit\": [], \"exit\": []", ERR_CONFLICT, P "exit", "given twice"},
    {BLOCKS, "\"exit\": []", "\"exit\": \"check\"", ERR_SYNTAX, P "exit", "must be a list"},
    {BLOCKS, "\"exit\": []", "\"exit\": [], \"line_crc16\": 1", ERR_SYNTAX, P "line_crc16",
     "must be true or false"},
    {BLOCKS, "\"exit\": []", "\"exit\": [], \"transferred\": \"0\"", ERR_SYNTAX, P "transferred",
     "hexadecimal digits in pairs"},
    {BLOCKS, "\"exit\": []", "\"exit\": [], \"block_length_bytes\": 1", ERR_RANGE,
     P "block_length_bytes", "must be 2 to 4"},
    /* Sessions. */
    {BLOCKS, "{ \"id\": 1, \"kind\": \"default\" },", "", ERR_NOT_FOUND, P "sessions",
     "no session of the kind \"default\"; add one"},
    {BLOCKS, "\"id\": 3, \"kind\": \"extended\"", "\"id\": 3, \"kind\": \"default\"", ERR_CONFLICT,
     P "sessions[1]", "second of its kind"},
    {BLOCKS, "\"0x4F\", \"kind\"", "3, \"kind\"", ERR_CONFLICT, P "sessions[3]",
     "session 0x03 is there already"},
    {BLOCKS, "\"from\": [3, 2]", "\"from\": [5]", ERR_NOT_FOUND, P "sessions[2].from[0]",
     "no session 0x05; add it"},
    {BLOCKS, "\"p2_ms\": 25", "\"p2_ms\": 0", ERR_RANGE, P "sessions[2].p2_ms", "1 to 65535"},
    {BLOCKS, "\"id\": 1, \"kind\"", "\"id\": \"0x7F\", \"kind\"", ERR_RANGE, P "sessions[0].id",
     "1 to 126"},
    {BLOCKS, "{ \"id\": 1, \"kind\": \"default\" }", "{ \"id\": 1 }", ERR_NOT_FOUND, P "sessions",
     "no session of the kind"},
    /* Levels. */
    {BLOCKS, "\"level\": \"0x11\"", "\"level\": \"0x12\"", ERR_RANGE, P "levels[0]", "and odd"},
    {BLOCKS, "\"level\": \"0x03\"", "\"level\": \"0x11\"", ERR_CONFLICT, P "levels[1]",
     "level 0x11 is there already"},
    {BLOCKS, "\"seed\": 4, \"key\": 4", "\"seed\": 4, \"key\": 2", ERR_RANGE, P "levels[0]",
     "as long as its seed"},
    {BLOCKS, "\"seed\": 4", "\"seed\": 33", ERR_RANGE, P "levels[0].seed", "1 to 32"},
    {BLOCKS, "\"add\"", "\"rsa\"", ERR_UNSUPPORTED, P "levels[0].algorithm", "shift-xor, xor, add"},
    {BLOCKS, "\"add\"", "\"hook\"", ERR_CONFLICT, P "levels[0]", "\"hook\" names a function"},
    {BLOCKS, "\"00 00 C0 DE\"", "\"C0 D\"", ERR_SYNTAX, P "levels[0].secret", "hexadecimal"},
    {BLOCKS, "\"attempts\": 3", "\"attempts\": 3, \"programming\": false", ERR_NOT_FOUND,
     P "levels", "no level opens programming"},
    /* Identifiers. */
    {BLOCKS, "\"id\": \"0xF186\", \"value\": \"session\"", "\"id\": \"0xF186\"", ERR_CONFLICT,
     P "identifiers[5]", "needs one source"},
    {BLOCKS, "\"value\": \"session\"", "\"value\": \"session\", \"text\": \"x\"", ERR_CONFLICT,
     P "identifiers[5]", "needs one source"},
    {BLOCKS, "\"value\": \"session\"", "\"memory\": 5", ERR_NOT_FOUND, P "identifiers[5]",
     "memory needs \"length\""},
    {BLOCKS, "\"0xF186\"", "\"0xF190\"", ERR_CONFLICT, P "identifiers[5]",
     "0xF190 is identifiers[3] already"},
    {BLOCKS, "\"stored_min\": 9", "\"stored_min\": 10", ERR_RANGE, P "identifiers[8]",
     "stored_min 10 is above stored_max 9"},
    {BLOCKS, "\"value\": \"session\"", "\"value\": \"session\", \"write_where\": [\"loader\"]",
     ERR_CONFLICT, P "identifiers[5]", "only a stored identifier can be written"},
    {BLOCKS, "\"where\": [\"bootloader\"]", "\"where\": [\"gateway\"]", ERR_UNSUPPORTED,
     P "identifiers[7].where[0]", "bootloader, loader, application"},
    {BLOCKS, "\"write_level\": 3", "\"write_level\": 5", ERR_NOT_FOUND, P "identifiers[9]",
     "asks for level 0x05, which does not exist"},
    /* Routines and records. */
    {BLOCKS, "\"do\": \"erase\"", "\"do\": \"wipe\"", ERR_UNSUPPORTED, P "routines[1].do",
     "preconditions, erase, check-memory"},
    {BLOCKS, "[\"01\", \"block\"]", "[\"01\", \"blok\"]", ERR_SYNTAX, P "routines[1].option[1]",
     "must be block, alfid"},
    {BLOCKS, "[\"01\", \"block\"]", "[\"any\", \"block\"]", ERR_RANGE, P "routines[1]",
     "must be the last field"},
    {BLOCKS, "\"0xFF01\"", "\"0xFF00\"", ERR_CONFLICT, P "routines[3]",
     "0xFF00 is routines[1] already"},
    {BLOCKS, "\"bad\": \"01\"", "\"bad\": \"01 02\"", ERR_RANGE, P "routines[2]",
     "must have one length"},
    {BLOCKS, "\"do\": \"dependencies\"", "\"do\": \"hook\"", ERR_CONFLICT, P "routines[3]",
     "\"hook\" names a function"},
    {BLOCKS, "\"do\": \"dependencies\"", "\"do\": \"dependencies\", \"commits\": false",
     ERR_NOT_FOUND, P "routines", "none makes a new application valid"},
    {BLOCKS, "\"do\": \"dependencies\"", "\"do\": \"dependencies\", \"polled\": true",
     ERR_UNSUPPORTED, P "routines[3]", "only an erase can be polled"},
    {BLOCKS, "\"do\": \"dependencies\"", "\"do\": \"dependencies\", \"where\": [\"application\"]",
     ERR_UNSUPPORTED, P "routines[3]", "the application has no \"dependencies\""},
    {BLOCKS, "\"do\": \"erase\"", "\"do\": \"commit\"", ERR_NOT_FOUND, P "routines", "none erases"},
    {BLOCKS, "[\"00\", \"alfid:41\"]", "[\"00\"]", ERR_NOT_FOUND, P "download", "names no memory"},
    {BLOCKS, "\"alfid:41\"", "\"alfid:50\"", ERR_SYNTAX, P "download[1]", "must be block, alfid"},
    /* Blocks and loader. */
    {BLOCKS, "\"0x7C0000\"", "\"0x800000\"", ERR_RANGE, P "blocks[1]", "is not inside one region"},
    {BLOCKS, "[\"0x7A0000\", \"0x7C0000\"]", "[\"0x7A0001\", \"0x7C0000\"]", ERR_RANGE,
     P "blocks[1]", "begin and end at a sector"},
    {BLOCKS, "\"id\": 2, \"range\"", "\"id\": 1, \"range\"", ERR_CONFLICT, P "blocks[1]",
     "block 1 is blocks[0] already"},
    {LOADER, "\"0x0FC000\"", "\"0x0FA000\"", ERR_RANGE, P "loader.ram", "at most 8192 bytes"},
    {LOADER, "\"0x0FC000\"", "\"0x0F0000\"", ERR_RANGE, P "loader.ram", "must lie in RAM"},
    {LOADER, "\"do\": \"start-loader\"", "\"do\": \"commit\"", ERR_NOT_FOUND, P "loader",
     "no routine starts it"},
    {LINES, "\"blocks\": [", "\"blocks_\": [", ERR_SYNTAX, P "blocks_", "unknown member"},
    /* Hooks. */
    {LINES, ",\n        \"hooks\": \"oem-lines.lua\"", "", ERR_NOT_FOUND, "ecus[0].personality",
     "the hook \"key\" is named, but \"hooks\""},
    {LINES, "\"oem-lines.lua\"", "\"oem-lines.lua\"", ERR_UNSUPPORTED, P "hooks",
     "hooks cannot be run here"},
};

static char *example(const char *name, size_t *len)
{
    char path[256];
    (void)snprintf(path, sizeof path, LIMPHOME_SOURCE_DIR "/vehicles/%s", name);
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 16384);
    cr_assert(in != NULL && text != NULL, "%s", path);
    *len = fread(text, 1, 16383, in);
    fclose(in);
    return text;
}

static void replace(const char *text, const struct bad *row, char *to, size_t size)
{
    const char *at = strstr(text, row->find);
    cr_assert(at != NULL, "there is no %s in %s", row->find, row->file);
    (void)snprintf(to, size, "%.*s%s%s", (int)(at - text), text, row->replace,
                   at + strlen(row->find));
}

static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;
    for (; text < at; text++) {
        line += *text == '\n' ? 1u : 0u;
    }
    return line;
}

Test(vehicle_personality, what_is_wrong_is_told_with_its_place)
{
    static char edited[16384];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct bad *row = &rows[i];
        const struct sim_cfg cfg = {.seed = 1};
        struct err err = {.code = 0};
        struct sim sim;
        size_t len;
        char start[160];
        char *text = example(row->file, &len);
        sim_init(&sim, &cfg);
        replace(text, row, edited, sizeof edited);
        struct vehicle *vehicle = vehicle_parse(edited, strlen(edited), "v.json",
                                                LIMPHOME_SOURCE_DIR "/vehicles", &sim, &err);
        cr_expect(vehicle == NULL && err.code == row->code, "row %zu: code %d: %s", i, err.code,
                  err.text);
        (void)snprintf(start, sizeof start, ": %s: ", row->member);
        cr_expect(strncmp(err.text, "v.json:", 7) == 0 && strstr(err.text, start) != NULL &&
                      strstr(err.text, row->reason) != NULL,
                  "row %zu: %s", i, err.text);
        const unsigned line = (unsigned)strtoul(err.text + 7, NULL, 10);
        cr_expect(line >= 1 && line <= line_of(text, text + len), "row %zu: %s", i, err.text);
        vehicle_free(vehicle);
        sim_release(&sim);
        free(text);
    }
}

/* The line of the member itself, not of the ECU around it. */
Test(vehicle_personality, the_line_is_that_of_the_member)
{
    static char edited[16384];
    const struct bad row = {.file = BLOCKS, .find = "\"crc32\"", .replace = "\"crc32\""};
    const struct bad bad = {.file = BLOCKS, .find = "\"add\"", .replace = "\"rsa\""};
    struct vehicle_desc *desc = calloc(1, sizeof *desc);
    struct err err = {.code = 0};
    size_t len;
    char *text = example(row.file, &len);
    cr_assert(desc != NULL);
    replace(text, &bad, edited, sizeof edited);
    cr_expect(vehicle_json_parse(desc, edited, strlen(edited), "v.json", &err) < 0);
    cr_expect_eq(strtoul(err.text + 7, NULL, 10), line_of(edited, strstr(edited, "\"rsa\"")), "%s",
                 err.text);
    vehicle_desc_release(desc);
    free(desc);
    free(text);
}

/* docs/vehicles.md has a row "| `path` |" for each member, and no other. */
static size_t count_members(const struct member *members, const char *prefix, const char *manual)
{
    size_t count = 0;
    for (; members->name != NULL; members++) {
        char path[96];
        char row[112];
        (void)snprintf(path, sizeof path, "%s%s%s", prefix, members->name,
                       members->kind == MEMBER_LIST && members->members != NULL ? "[]" : "");
        if (members->kind != MEMBER_OBJECT) {
            (void)snprintf(row, sizeof row, "\n| `%s` |", path);
            cr_expect(strstr(manual, row) != NULL, "docs/vehicles.md has no row for %s", path);
            count++;
        }
        if (members->members != NULL) {
            (void)strncat(path, ".", sizeof path - strlen(path) - 1);
            count += count_members(members->members, path, manual);
        }
    }
    return count;
}

Test(vehicle_personality, the_manual_names_every_member)
{
    static char manual[65536];
    FILE *in = fopen(LIMPHOME_SOURCE_DIR "/docs/vehicles.md", "rb");
    cr_assert(in != NULL && fread(manual, 1, sizeof manual - 1, in) > 0);
    fclose(in);
    const size_t count = count_members(vehicle_personality_members, "", manual);
    size_t written = 0;
    const char *table = strstr(manual, "| member | needed |");
    const char *end = strstr(manual, "Which check a *check value* is");
    cr_assert(table != NULL && end != NULL);
    for (const char *at = strstr(table, "\n| `"); at != NULL && at < end;
         at = strstr(at + 1, "\n| `")) {
        written++;
    }
    cr_expect_eq(written, count, "docs/vehicles.md has %zu rows for %zu members", written, count);
}
