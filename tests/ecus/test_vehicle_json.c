/* SPDX-License-Identifier: Apache-2.0 */
/* test_vehicle_json.c - a vehicle file that is wrong is refused with file, line, member and reason,
 * and nothing is made of it. */
#include "sim/ecus/vehicle.h"
#include "sim/json_locate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The default vehicle with one text in it replaced by another. */
struct bad {
    const char *find;
    const char *replace;
    int code;
    unsigned line;
    const char *member; /* As the message names it; empty: the whole. */
    const char *reason; /* Part of the message. */
};

#define SECOND_ECU                                                                                 \
    "}, { \"type\": \"s12x\", \"part\": \"mc9s12xeq512\", \"bus\": \"can0\",\n"                    \
    "\"hardware_id\": \"H\", \"regions\": [[\"0x780000\", \"0x7F8000\"]],"                         \
    "\"header\": \"0x780000\",\n"
#define VIN_END "\"boot_version\": \"1.0.0\"\n    }"

static const struct bad rows[] = {
    /* Not JSON. */
    {"{\n  \"name\": \"single\"", "", ERR_SYNTAX, 1, "", "not JSON"},
    {"\"single\",", "\"single\"", ERR_SYNTAX, 3, "", "not JSON"},
    {"\"part\": \"mc9", "\"part\" \"mc9", ERR_SYNTAX, 8, "", "not JSON"},
    {"\"LH0SIMULATED00001\"", "\"LH0SIM", ERR_SYNTAX, 20, "", "not JSON"},
    {"  ]\n}\n", "  ]\n}\n}\n", ERR_SYNTAX, 24, "", "more after"},
    /* Not what a vehicle is. */
    {"\"name\": \"single\",", "", ERR_NOT_FOUND, 1, "", "member \"name\" is missing"},
    {"\"name\": \"single\"", "\"name\": \"single\", \"nane\": 1", ERR_SYNTAX, 2, "nane",
     "unknown member; known here: name, buses, ecus"},
    {"\"name\": \"single\"", "\"name\": \"single\",\n\"name\": \"b\"", ERR_CONFLICT, 3, "name",
     "given twice"},
    {"\"name\": \"single\"", "\"name\": 7", ERR_SYNTAX, 2, "name", "must be a text"},
    {"\"name\": \"single\"", "\"name\": \"\"", ERR_RANGE, 2, "name", "1 to 31 characters, not 0"},
    {"\"name\": \"single\"", "\"name\": \"a b\"", ERR_SYNTAX, 2, "name", "letters, digits"},
    {"\"name\": \"single\"", "\"name\": \"a23456789b123456789c123456789d12\"", ERR_RANGE, 2, "name",
     "not 32"},
    /* Buses. */
    {"{ \"name\": \"can0\", \"aliases\": [\"vcan0\"], \"bitrate\": 500000, \"data_bitrate\": 0 }",
     "", ERR_RANGE, 3, "buses", "1 to 8 entries, not 0"},
    {"{ \"name\": \"can0\", \"aliases\": [\"vcan0\"], \"bitrate\": 500000, \"data_bitrate\": 0 }",
     "5", ERR_SYNTAX, 4, "buses[0]", "must be an object"},
    {"\"bitrate\": 500000, ", "", ERR_NOT_FOUND, 4, "buses[0]", "\"bitrate\" is missing"},
    {"\"bitrate\": 500000", "\"bitrate\": 9999", ERR_RANGE, 4, "buses[0].bitrate", "10000 to"},
    {"\"bitrate\": 500000", "\"bitrate\": 1000001", ERR_RANGE, 4, "buses[0].bitrate", "must be"},
    {"\"bitrate\": 500000", "\"bitrate\": 500000.5", ERR_SYNTAX, 4, "buses[0].bitrate", "whole"},
    {"\"bitrate\": 500000", "\"bitrate\": -5", ERR_RANGE, 4, "buses[0].bitrate", "must be"},
    {"\"bitrate\": 500000", "\"bitrate\": \"fast\"", ERR_SYNTAX, 4, "buses[0].bitrate",
     "must be a number"},
    {"\"data_bitrate\": 0", "\"data_bitrate\": 250000", ERR_RANGE, 4, "buses[0].data_bitrate",
     "at least the bitrate"},
    {"\"data_bitrate\": 0 }", "\"data_bitrate\": 0 },\n{\"name\": \"can0\", \"bitrate\": 125000}",
     ERR_CONFLICT, 5, "buses[1].name", "name of buses[0]"},
    {"\"bitrate\": 500000", "\"timing\": \"fast\", \"bitrate\": 500000", ERR_UNSUPPORTED, 4,
     "buses[0].timing", "must be one of: bit, instant"},
    {"[\"vcan0\"]", "\"vcan0\"", ERR_SYNTAX, 4, "buses[0].aliases", "must be a list"},
    {"[\"vcan0\"]", "[\"vcan0\", 1]", ERR_SYNTAX, 4, "buses[0].aliases[1]", "must be a text"},
    {"[\"vcan0\"]", "[\"\"]", ERR_RANGE, 4, "buses[0].aliases[0]", "1 to 15 characters, not 0"},
    {"[\"vcan0\"]", "[\"a23456789b123456\"]", ERR_RANGE, 4, "buses[0].aliases[0]", "not 16"},
    {"[\"vcan0\"]", "[\"v/0\"]", ERR_SYNTAX, 4, "buses[0].aliases[0]", "letters, digits"},
    {"[\"vcan0\"]", "[\"a\", \"b\", \"c\", \"d\", \"e\"]", ERR_RANGE, 4, "buses[0].aliases",
     "0 to 4 entries, not 5"},
    {"[\"vcan0\"]", "[\"can0\"]", ERR_CONFLICT, 4, "buses[0].aliases[0]", "the name of buses[0]"},
    {"[\"vcan0\"]", "[\"a\", \"a\"]", ERR_CONFLICT, 4, "buses[0].aliases[1]",
     "an alias of buses[0]"},
    {"\"data_bitrate\": 0 }", "\"data_bitrate\": 0 },\n{\"name\": \"vcan0\", \"bitrate\": 125000}",
     ERR_CONFLICT, 5, "buses[1].name", "an alias of buses[0]"},
    {"\"data_bitrate\": 0 }",
     "\"data_bitrate\": 0 },\n{\"name\": \"b\", \"bitrate\": 125000, \"aliases\": [\"x\", "
     "\"can0\"]}",
     ERR_CONFLICT, 5, "buses[1].aliases[1]", "the name of buses[0]"},
    /* ECUs. */
    {"\"ecus\": [", "\"ecus\": 3, \"x\": [", ERR_SYNTAX, 6, "ecus", "must be a list"},
    {"\"type\": \"s12x\"", "\"type\": \"tricore\"", ERR_UNSUPPORTED, 8, "ecus[0].type",
     "must be one of: s12x"},
    {"\"mc9s12xeq512\"", "\"mc9s12xep100\"", ERR_UNSUPPORTED, 8, "ecus[0].part", "is not known"},
    {"\"mc9s12xeq512\"", "\"MC9S12XEQ384\"", ERR_RANGE, 17, "ecus[0].regions[0]",
     "0x780000 to 0x7F8000 is not inside the P-Flash of MC9S12XEQ384"},
    {"\"bus\": \"can0\"", "\"bus\": \"can1\"", ERR_NOT_FOUND, 8, "ecus[0].bus", "no bus \"can1\""},
    {"\"name\": \"bcm\", ", "", ERR_NOT_FOUND, 7, "ecus[0]", "\"name\" is missing"},
    {"\"0x7E0\"", "\"0x20000000\"", ERR_RANGE, 9, "ecus[0].request_id", "0x0 to 0x1FFFFFFF"},
    {"\"0x7E0\"", "\"7E0\"", ERR_SYNTAX, 9, "ecus[0].request_id", "\"0x7E0\""},
    {"\"0x7E0\"", "\"0x\"", ERR_SYNTAX, 9, "ecus[0].request_id", "must be a number"},
    {"\"0x7E0\"", "true", ERR_SYNTAX, 9, "ecus[0].request_id", "must be a number"},
    {"\"0x7E8\"", "\"0x7E0\"", ERR_CONFLICT, 9, "ecus[0].response_id", "request_id already"},
    {"\"0x7DF\"", "\"0x7E8\"", ERR_CONFLICT, 9, "ecus[0].functional_id", "response_id already"},
    {"\"transfer\": \"block\"", "\"transfer\": \"stream\"", ERR_UNSUPPORTED, 10, "ecus[0].transfer",
     "block, s19-line"},
    {"\"check\": \"sha1\"", "\"check\": 1", ERR_SYNTAX, 10, "ecus[0].check", "sha1, crc32, sum8"},
    {"\"block_length\": 1026", "\"block_length\": 4096", ERR_RANGE, 10, "ecus[0].block_length",
     "10 to 4095"},
    {"\"block_size\": 0", "\"block_size\": 256", ERR_RANGE, 11, "ecus[0].isotp.block_size",
     "0 to 255"},
    {"\"st_min\": 0", "\"st_mim\": 0", ERR_SYNTAX, 11, "ecus[0].isotp.st_mim", "unknown member"},
    {"\"0xCC\"", "\"0x1CC\"", ERR_RANGE, 11, "ecus[0].isotp.padding", "0 to 255"},
    {"\"p2_ms\": 50", "\"p2_ms\": 0", ERR_RANGE, 12, "ecus[0].timing.p2_ms", "1 to 65535"},
    {"{ \"p2_ms\": 50, \"p2_star_ms\": 5000, \"s3_ms\": 5000 }", "[]", ERR_SYNTAX, 12,
     "ecus[0].timing", "must be an object"},
    {"\"attempts\": 3", "\"attempts\": 0", ERR_RANGE, 13, "ecus[0].security.attempts", "1 to 255"},
    {"\"0x4C494D50\"", "\"0x14C494D50\"", ERR_SYNTAX, 13, "ecus[0].security.secret",
     "must be a number"},
    {"16000000", "3199999", ERR_RANGE, 14, "ecus[0].clock.oscillator_hz", "3200000 to 40000000"},
    {"16000000", "40000001", ERR_RANGE, 14, "ecus[0].clock.oscillator_hz", "must be"},
    {"50000000", "50000001", ERR_RANGE, 14, "ecus[0].clock.bus_hz", "must be"},
    {"\"typical\"", "\"typ\"", ERR_UNSUPPORTED, 15, "ecus[0].flash_timing", "typical, minimum"},
    {"\"min_mv\": 9000", "\"min_mv\": 16000", ERR_RANGE, 16, "ecus[0].supply", "below max_mv"},
    {"\"max_mv\": 16000", "\"max_mv\": 60001", ERR_RANGE, 16, "ecus[0].supply.max_mv", "must be"},
    {"[\"0x780000\", \"0x7F8000\"], [\"0x7FA000\", \"0x7FC000\"]", "", ERR_RANGE, 17,
     "ecus[0].regions", "1 to 4 entries, not 0"},
    {"[\"0x780000\", \"0x7F8000\"]", "[\"0x780000\"]", ERR_SYNTAX, 17, "ecus[0].regions[0]",
     "must be a pair"},
    {"\"0x7F8000\"]", "\"0x780000\"]", ERR_RANGE, 17, "ecus[0].regions[0]", "is empty"},
    {"\"0x7F8000\"]", "\"0x7F7E00\"]", ERR_RANGE, 17, "ecus[0].regions[0]", "multiple of 0x400"},
    {"[\"0x780000\"", "[\"0x77FC00\"", ERR_RANGE, 17, "ecus[0].regions[0]", "inside the P-Flash"},
    {"\"0x7F8000\"]", "\"0x7F8400\"]", ERR_CONFLICT, 17, "ecus[0].regions[0]",
     "protected boot block 0x7F8000"},
    {"\"0x7FC000\"]", "\"0x7FC400\"]", ERR_CONFLICT, 17, "ecus[0].regions[1]",
     "protected boot block 0x7FC000"},
    {"[\"0x7FA000\", \"0x7FC000\"]", "[\"0x7F7C00\", \"0x7F8000\"]", ERR_CONFLICT, 17,
     "ecus[0].regions[1]", "overlaps regions[0]"},
    {"\"header\": \"0x780000\"", "\"header\": \"0x7F7FC0\"", ERR_RANGE, 18, "ecus[0].header",
     "96 bytes from 0x7F7FC0"},
    {"\"header\": \"0x780000\",", "", ERR_NOT_FOUND, 7, "ecus[0]", "\"header\" is missing"},
    {"\"BCM-HW-1\"", "\"BCM-HW-1 is too long\"", ERR_RANGE, 19, "ecus[0].hardware_id",
     "1 to 16 characters, not 20"},
    {"\"BCM-HW-1\"", "\"BCM\\u00e9\"", ERR_SYNTAX, 19, "ecus[0].hardware_id", "printable ASCII"},
    {"\"LH0SIMULATED00001\"", "\"LH0SIMULATED0001\"", ERR_RANGE, 20, "ecus[0].vin",
     "exactly 17 characters, not 16"},
    /* Two ECUs. */
    {VIN_END,
     "\"boot_version\": \"1.0.0\"\n" SECOND_ECU
     "\"name\": \"bcm\", \"request_id\": 1, \"response_id\": 2 }",
     ERR_CONFLICT, 23, "ecus[1].name", "name of ecus[0]"},
    {VIN_END,
     "\"boot_version\": \"1.0.0\"\n" SECOND_ECU
     "\"name\": \"b\", \"request_id\": 1, \"response_id\": \"0x7E0\" }",
     ERR_CONFLICT, 23, "ecus[1].response_id", "request_id of ecus[0] (\"bcm\")"},
    {VIN_END,
     "\"boot_version\": \"1.0.0\"\n" SECOND_ECU
     "\"name\": \"b\", \"request_id\": \"0x7DF\", \"response_id\": 2, \"functional_id\": 3 }",
     ERR_CONFLICT, 23, "ecus[1].request_id", "functional_id of ecus[0]"},
    /* Its image. */
    {"\"boot_version\": \"1.0.0\"", "\"boot_version\": \"1.0.0\", \"image\": \"none.s19\"", ERR_IO,
     20, "ecus[0].image", "/nowhere/none.s19: cannot be opened"},
    {"\"boot_version\": \"1.0.0\"", "\"boot_version\": \"1.0.0\", \"image\": \"/dev/zero\"", ERR_IO,
     20, "ecus[0].image", "/dev/zero: is a device or socket, not an S-record file"},
    /* A C string ends at NUL: what comes behind it would be lost in silence. */
    {"\"single\"", "\"sin\\u0000gle\"", ERR_SYNTAX, 2, "", "a NUL character"},
    {"\"BCM-HW-1\"", "\"BCM\\\\\\u0000\"", ERR_SYNTAX, 19, "", "a NUL character"},
    {"\"vin\"", "\"vin\\u0000x\"", ERR_SYNTAX, 20, "", "a NUL character"},
    {"\"BCM-HW-1\"", "\"BCM-HW-\\\\u0000-HW-1\"", ERR_RANGE, 19, "ecus[0].hardware_id", "not 18"},
};

static char *default_text(void)
{
    static const char path[] = LIMPHOME_SOURCE_DIR "/vehicles/single.json";
    FILE *in = fopen(path, "rb");
    cr_assert(in != NULL, "%s", path);
    char *text = calloc(1, 65536);
    cr_assert(fread(text, 1, 65535, in) > 0);
    fclose(in);
    return text;
}

static char *edited(const char *text, const char *find, const char *replace)
{
    const char *at = strstr(text, find);
    cr_assert(at != NULL, "the default vehicle does not hold <%s>", find);
    char *result = calloc(1, strlen(text) + strlen(replace) + 1);
    size_t head = (size_t)(at - text);
    memcpy(result, text, head);
    memcpy(result + head, replace, strlen(replace));
    memcpy(result + head + strlen(replace), at + strlen(find), strlen(at) - strlen(find));
    return result;
}

static struct vehicle *parse(const char *text, struct sim *sim, struct err *err)
{
    const struct sim_cfg cfg = {.seed = 1};
    sim_init(sim, &cfg);
    *err = (struct err){.code = 0};
    return vehicle_parse(text, strlen(text), "v.json", "/nowhere", sim, err);
}

Test(vehicle_json, the_default_vehicle_is_right)
{
    struct sim sim;
    struct err err;
    char *text = default_text();
    struct vehicle *vehicle = parse(text, &sim, &err);
    cr_assert(vehicle != NULL, "%s", err.text);
    cr_expect_str_eq(vehicle_name(vehicle), "single");
    cr_expect_eq(vehicle_bus_alias_count(vehicle, 0), 1);
    cr_expect_str_eq(vehicle_bus_alias(vehicle, 0, 0), "vcan0");
    cr_expect(vehicle_bus_count(vehicle) == 1 && vehicle_ecu_count(vehicle) == 1);
    cr_expect(vehicle_bus(vehicle, "can0") != NULL && vehicle_bus(vehicle, "can1") == NULL);
    const struct s12x_ecu_cfg *cfg = s12x_ecu_cfg(s12x_ecu_from(vehicle_ecu(vehicle, "bcm")));
    cr_expect_eq(cfg->boot.request_id, 0x7E0);
    cr_expect_eq(cfg->boot.security_secret, 0x4C494D50);
    cr_expect_eq(cfg->boot.regions_len, 2);
    cr_expect_eq(cfg->boot.regions[1].end, 0x7FC000);
    cr_expect(cfg->boot.isotp_pad && cfg->boot.isotp_padding_byte == 0xCC);
    cr_expect_eq(cfg->boot.p2_star_ns, SIM_S(5));
    vehicle_free(vehicle);
    sim_release(&sim);
    free(text);
}

Test(vehicle_json, a_bus_is_found_by_its_aliases)
{
    struct sim sim;
    struct err err;
    char *text = default_text();
    char *other = edited(text, "\"vcan0\"", "\"vcan0\", \"slcan-7.0\"");
    struct vehicle *vehicle = parse(other, &sim, &err);
    cr_assert(vehicle != NULL, "%s", err.text);
    cr_assert_eq(vehicle_bus_alias_count(vehicle, 0), 2);
    cr_expect_str_eq(vehicle_bus_alias(vehicle, 0, 0), "vcan0");
    cr_expect_str_eq(vehicle_bus_alias(vehicle, 0, 1), "slcan-7.0");
    cr_expect_eq(vehicle_bus(vehicle, "slcan-7.0"), vehicle_bus_at(vehicle, 0));
    cr_expect_str_eq(vehicle_bus(vehicle, "vcan0")->cfg.name, "can0");
    vehicle_free(vehicle);
    sim_release(&sim);
    free(other);
    free(text);
}

Test(vehicle_json, a_bus_takes_time_unless_the_file_says_instant)
{
    static const struct {
        const char *timing;
        bool instant;
    } choices[] = {
        {"", false}, {"\"timing\": \"bit\", ", false}, {"\"timing\": \"instant\", ", true}};
    char *text = default_text();
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        struct sim sim;
        struct err err;
        char bitrate[64];
        (void)snprintf(bitrate, sizeof bitrate, "%s\"bitrate\"", choices[i].timing);
        char *other = edited(text, "\"bitrate\"", bitrate);
        struct vehicle *vehicle = parse(other, &sim, &err);
        cr_assert(vehicle != NULL, "%s", err.text);
        cr_expect_eq(vehicle_bus_at(vehicle, 0)->cfg.instant, choices[i].instant);
        vehicle_free(vehicle);
        sim_release(&sim);
        free(other);
    }
    free(text);
}

Test(vehicle_json, padding_left_out_means_no_padding)
{
    struct sim sim;
    struct err err;
    char *text = default_text();
    char *other = edited(text, ", \"padding\": \"0xCC\"", "");
    struct vehicle *vehicle = parse(other, &sim, &err);
    cr_assert(vehicle != NULL, "%s", err.text);
    cr_expect(!s12x_ecu_cfg(s12x_ecu_from(vehicle_ecu_at(vehicle, 0)))->boot.isotp_pad);
    vehicle_free(vehicle);
    sim_release(&sim);
    free(other);
    free(text);
}

static void expect_refused(const struct bad *bad, size_t row, const char *text)
{
    struct sim sim;
    struct err err;
    char where[128];
    struct vehicle *vehicle = parse(text, &sim, &err);
    (void)snprintf(where, sizeof where, "v.json:%u: %s%s", bad->line, bad->member,
                   bad->member[0] != '\0' ? ": " : "");
    cr_expect(vehicle == NULL, "row %zu was accepted", row);
    cr_expect(err.code == bad->code, "row %zu: code %d, not %d: %s", row, err.code, bad->code,
              err.text);
    cr_expect(bad->line == 0 || strncmp(err.text, where, strlen(where)) == 0,
              "row %zu: <%s> does not begin with <%s>", row, err.text, where);
    cr_expect(strstr(err.text, bad->reason) != NULL, "row %zu: <%s> does not say <%s>", row,
              err.text, bad->reason);
    cr_expect(sim_next_due_ns(&sim) == SIM_NEVER, "row %zu left events behind", row);
    vehicle_free(vehicle);
    sim_release(&sim);
}

Test(vehicle_json, whatever_is_wrong_is_named_with_its_line)
{
    char *text = default_text();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *wrong = edited(text, rows[i].find, rows[i].replace);
        expect_refused(&rows[i], i, wrong);
        free(wrong);
    }
    free(text);
}

Test(vehicle_json, nested_too_deeply_is_told_apart_from_not_json)
{
    enum { DEPTH = 1200 };
    char text[DEPTH + 64];
    struct sim sim;
    struct err err;
    (void)snprintf(text, sizeof text, "{\n\"name\":\n");
    size_t head = strlen(text);
    memset(text + head, '[', DEPTH);
    text[head + DEPTH] = '\0';
    cr_expect(parse(text, &sim, &err) == NULL);
    cr_expect(strstr(err.text, "v.json:3: nested too deeply: more than 1000 brackets") != NULL,
              "%s", err.text);
    sim_release(&sim);
}

/* A vehicle of so many ECUs, one a line after the second, on one bus or on two. */
static char *crowd(unsigned ecus, unsigned buses)
{
    char *text = calloc(ecus + 1u, 512);
    char *at = text;
    at +=
        sprintf(at, "{ \"name\": \"crowd\", \"buses\": [ { \"name\": \"b0\", \"bitrate\": 500000 },"
                    "{ \"name\": \"b1\", \"bitrate\": 500000 } ],\n\"ecus\": [\n");
    for (unsigned i = 0; i < ecus; i++) {
        at += sprintf(at,
                      "{ \"name\": \"e%u\", \"type\": \"s12x\", \"part\": \"mc9s12xeq512\", "
                      "\"bus\": \"b%u\", \"request_id\": %u, \"response_id\": %u, "
                      "\"hardware_id\": \"H\", \"regions\": [[\"0x780000\", \"0x784000\"]], "
                      "\"header\": \"0x780000\" }%s\n",
                      i, i % buses, 2 * i, 2 * i + 1, i + 1 < ecus ? "," : "]}");
    }
    return text;
}

Test(vehicle_json, a_bus_with_more_ecus_than_places_is_refused)
{
    static const struct {
        unsigned ecus, buses;
        const char *message; /* Null: it is made. */
    } crowds[] = {
        {63, 1, NULL},
        {126, 2, NULL},
        {64, 1, "v.json:66: ecus[63].bus: bus \"b0\" has 63 ECUs already"},
        {128, 2, "v.json:129: ecus[126].bus: bus \"b0\" has 63 ECUs already"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(crowds); i++) {
        struct sim sim;
        struct err err;
        char *text = crowd(crowds[i].ecus, crowds[i].buses);
        struct vehicle *vehicle = parse(text, &sim, &err);
        cr_expect((vehicle != NULL) == (crowds[i].message == NULL), "%s", err.text);
        cr_expect(crowds[i].message == NULL || strstr(err.text, crowds[i].message) != NULL, "%s",
                  err.text);
        vehicle_free(vehicle);
        sim_release(&sim);
        free(text);
    }
}

Test(vehicle_json, every_truncation_is_refused)
{
    struct sim sim;
    struct err err;
    char *text = default_text();
    size_t end = (size_t)(strrchr(text, '}') - text);
    for (size_t len = 0; len < end; len += 7) {
        const struct sim_cfg cfg = {.seed = 1};
        sim_init(&sim, &cfg);
        cr_expect(vehicle_parse(text, len, "v.json", "", &sim, &err) == NULL, "%zu bytes", len);
        cr_expect_eq(err.code, ERR_SYNTAX);
        sim_release(&sim);
    }
    free(text);
}

Test(vehicle_json, a_file_that_is_not_there_is_named)
{
    struct sim sim;
    struct err err = {.code = 0};
    const struct sim_cfg cfg = {.seed = 1};
    sim_init(&sim, &cfg);
    cr_expect(vehicle_load("/nowhere/at-all.json", &sim, &err) == NULL);
    cr_expect_eq(err.code, ERR_IO);
    cr_expect(strstr(err.text, "/nowhere/at-all.json: cannot be opened") != NULL, "%s", err.text);
    sim_release(&sim);
}

Test(json_locate, strings_with_brackets_and_escapes_do_not_mislead_it)
{
    static const char text[] = "{\n\"a\": \"}]\\\"{,\",\n\"b\": [1,\n{\"c\": [[]],\n\"d\": 2}]}";
    cr_expect_eq(json_locate(text, sizeof text - 1, "", 0), 1);
    cr_expect_eq(json_locate(text, sizeof text - 1, "a", 0), 2);
    cr_expect_eq(json_locate(text, sizeof text - 1, "b[0]", 0), 3);
    cr_expect_eq(json_locate(text, sizeof text - 1, "b[1].c", 0), 4);
    cr_expect_eq(json_locate(text, sizeof text - 1, "b[1].d", 0), 5);
    cr_expect_eq(json_locate(text, sizeof text - 1, "b[1].missing", 0), 4);
}
