/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_json.c - reads a vehicle file by tables of members, and says exactly what is
 * wrong with it. */
#include "sim/ecus/vehicle_json.h"

#include "sim/ecus/vehicle_members.h"
#include "sim/json_locate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NO_PADDING UINT32_MAX

#define AT_BUS(field) offsetof(struct vehicle_bus_desc, field)
#define AT_ECU(field) offsetof(struct vehicle_ecu_desc, field)
#define AT_TOP(field) offsetof(struct vehicle_desc, field)

static const char *const types[] = {"s12x", NULL};
static const char *const styles[] = {"block", "s19-line", NULL};
static const char *const checks[] = {"sha1", "crc32", "sum8", "crc16", "crc16-x25", "sha256", NULL};
static const char *const addressings[] = {"normal", "normal-fixed", "extended", NULL};
static const char *const bus_timings[] = {"bit", "instant", NULL};
static const char *const timings[] = {"typical", "minimum", "maximum", NULL};

static int read_region(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_ecu_desc *ecu = to;
    ecu->regions_len = (uint32_t)index + 1;
    return vehicle_read_range(r, json, &ecu->regions[index].start, &ecu->regions[index].end);
}

static int read_alias(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    static const struct member alias = {.kind = MEMBER_NAME, .min = 1, .max = VEHICLE_ALIAS_MAX};
    struct vehicle_bus_desc *bus = to;
    bus->aliases_len = index + 1;
    return vehicle_read_value(r, json, &alias, bus->aliases[index]);
}

static int read_personality(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_ecu_desc *ecu = to;
    (void)index;
    ecu->personality = calloc(1, sizeof *ecu->personality);
    return ecu->personality != NULL ? vehicle_personality_read(r, json, ecu->personality)
                                    : vehicle_fail(r, ERR_NOMEM, "out of memory");
}

static const struct member isotp_members[] = {
    {.name = "block_size", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(isotp_block_size)},
    {.name = "st_min", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(isotp_st_min)},
    {.name = "fd_length", .kind = MEMBER_NUMBER, .min = 8, .max = 64, .offset = AT_ECU(fd_length)},
    {.name = "padding", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(isotp_padding)},
    MEMBERS_END,
};

/* Limits: what 50 03 can tell (P2 in 1 ms, P2* in 10 ms, 16 bits each: ISO 14229-1). */
static const struct member timing_members[] = {
    {.name = "p2_ms", .kind = MEMBER_NUMBER, .min = 1, .max = 65535, .offset = AT_ECU(p2_ms)},
    {.name = "p2_star_ms",
     .kind = MEMBER_NUMBER,
     .min = 10,
     .max = 655350,
     .offset = AT_ECU(p2_star_ms)},
    {.name = "s3_ms", .kind = MEMBER_NUMBER, .min = 100, .max = 600000, .offset = AT_ECU(s3_ms)},
    MEMBERS_END,
};

static const struct member security_members[] = {
    {.name = "secret", .kind = MEMBER_NUMBER, .max = UINT32_MAX, .offset = AT_ECU(secret)},
    {.name = "attempts", .kind = MEMBER_NUMBER, .min = 1, .max = 255, .offset = AT_ECU(attempts)},
    {.name = "delay_ms",
     .kind = MEMBER_NUMBER,
     .min = 1,
     .max = 3600000,
     .offset = AT_ECU(delay_ms)},
    MEMBERS_END,
};

/* The bootloader finds no divider for the flash clock below 3.2 MHz (boot_flash.c). */
static const struct member clock_members[] = {
    {.name = "oscillator_hz",
     .kind = MEMBER_NUMBER,
     .min = 3200000,
     .max = 40000000,
     .offset = AT_ECU(oscillator_hz)},
    {.name = "bus_hz",
     .kind = MEMBER_NUMBER,
     .min = 1000000,
     .max = 50000000,
     .offset = AT_ECU(bus_hz)},
    MEMBERS_END,
};

static const struct member supply_members[] = {
    {.name = "nominal_mv", .kind = MEMBER_NUMBER, .max = 60000, .offset = AT_ECU(nominal_mv)},
    {.name = "min_mv", .kind = MEMBER_NUMBER, .max = 60000, .offset = AT_ECU(min_mv)},
    {.name = "max_mv", .kind = MEMBER_NUMBER, .min = 1, .max = 60000, .offset = AT_ECU(max_mv)},
    MEMBERS_END,
};

/* Lengths of frames above 8 bytes are those of CAN FD. */
static const struct member addressing_members[] = {
    {.name = "kind",
     .kind = MEMBER_CHOICE,
     .required = true,
     .offset = AT_ECU(addressing),
     .choices = addressings},
    {.name = "address", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(address)},
    {.name = "tester", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(tester)},
    {.name = "functional", .kind = MEMBER_NUMBER, .max = 255, .offset = AT_ECU(functional)},
    MEMBERS_END,
};

static const struct member ecu_members[] = {
    {.name = "name",
     .kind = MEMBER_NAME,
     .required = true,
     .min = 1,
     .max = VEHICLE_NAME_MAX,
     .offset = AT_ECU(name)},
    {.name = "type",
     .kind = MEMBER_CHOICE,
     .required = true,
     .offset = AT_ECU(type),
     .choices = types},
    {.name = "part",
     .kind = MEMBER_NAME,
     .required = true,
     .min = 1,
     .max = VEHICLE_NAME_MAX,
     .offset = AT_ECU(part)},
    {.name = "bus",
     .kind = MEMBER_NAME,
     .required = true,
     .min = 1,
     .max = VEHICLE_NAME_MAX,
     .offset = AT_ECU(bus)},
    {.name = "request_id",
     .kind = MEMBER_NUMBER,
     .max = CAN_EXT_ID_MAX,
     .offset = AT_ECU(request_id)},
    {.name = "response_id",
     .kind = MEMBER_NUMBER,
     .max = CAN_EXT_ID_MAX,
     .offset = AT_ECU(response_id)},
    {.name = "functional_id",
     .kind = MEMBER_NUMBER,
     .max = CAN_EXT_ID_MAX,
     .offset = AT_ECU(functional_id)},
    {.name = "transfer", .kind = MEMBER_CHOICE, .offset = AT_ECU(transfer), .choices = styles},
    {.name = "check", .kind = MEMBER_CHOICE, .offset = AT_ECU(check), .choices = checks},
    {.name = "block_length",
     .kind = MEMBER_NUMBER,
     .min = 10,
     .max = BOOT_BLOCK_MAX,
     .offset = AT_ECU(block_length)},
    {.name = "frame_us",
     .kind = MEMBER_NUMBER,
     .min = 1,
     .max = 100000,
     .offset = AT_ECU(frame_us)},
    {.name = "addressing", .kind = MEMBER_OBJECT, .members = addressing_members},
    {.name = "isotp", .kind = MEMBER_OBJECT, .members = isotp_members},
    {.name = "timing", .kind = MEMBER_OBJECT, .members = timing_members},
    {.name = "security", .kind = MEMBER_OBJECT, .members = security_members},
    {.name = "clock", .kind = MEMBER_OBJECT, .members = clock_members},
    {.name = "flash_timing",
     .kind = MEMBER_CHOICE,
     .offset = AT_ECU(flash_timing),
     .choices = timings},
    {.name = "supply", .kind = MEMBER_OBJECT, .members = supply_members},
    {.name = "regions",
     .kind = MEMBER_LIST,
     .read = read_region,
     .required = true,
     .min = 1,
     .max = BOOT_REGIONS_MAX},
    {.name = "header",
     .kind = MEMBER_NUMBER,
     .required = true,
     .max = 0xFFFFFF,
     .offset = AT_ECU(header)},
    {.name = "hardware_id",
     .kind = MEMBER_TEXT,
     .required = true,
     .min = 1,
     .max = BOOT_ID_LEN,
     .offset = AT_ECU(hardware_id)},
    {.name = "serial_number",
     .kind = MEMBER_TEXT,
     .max = BOOT_ID_LEN,
     .offset = AT_ECU(serial_number)},
    {.name = "part_number", .kind = MEMBER_TEXT, .max = BOOT_ID_LEN, .offset = AT_ECU(part_number)},
    {.name = "vin", .kind = MEMBER_TEXT, .min = 17, .max = 17, .offset = AT_ECU(vin)},
    {.name = "boot_version",
     .kind = MEMBER_TEXT,
     .max = BOOT_ID_LEN,
     .offset = AT_ECU(boot_version)},
    {.name = "personality", .kind = MEMBER_CALL, .read = read_personality},
    {.name = "image",
     .kind = MEMBER_TEXT,
     .min = 1,
     .max = VEHICLE_PATH_MAX,
     .offset = AT_ECU(image)},
    MEMBERS_END,
};

static const struct member bus_members[] = {
    {.name = "name",
     .kind = MEMBER_NAME,
     .required = true,
     .min = 1,
     .max = VEHICLE_NAME_MAX,
     .offset = AT_BUS(name)},
    {.name = "bitrate",
     .kind = MEMBER_NUMBER,
     .required = true,
     .min = 10000,
     .max = 1000000,
     .offset = AT_BUS(bitrate)},
    {.name = "data_bitrate",
     .kind = MEMBER_NUMBER,
     .max = 12000000,
     .offset = AT_BUS(data_bitrate)},
    {.name = "timing", .kind = MEMBER_CHOICE, .offset = AT_BUS(timing), .choices = bus_timings},
    {.name = "aliases", .kind = MEMBER_LIST, .read = read_alias, .max = VEHICLE_ALIASES_MAX},
    MEMBERS_END,
};

static void default_ecu(struct vehicle_ecu_desc *ecu)
{
    *ecu = (struct vehicle_ecu_desc){
        .request_id = VEHICLE_NO_ID,
        .response_id = VEHICLE_NO_ID,
        .functional_id = VEHICLE_NO_ID,
        .tester = 0xF1,
        .functional = 0x33,
        .block_length = 1026,
        .frame_us = 20,
        .isotp_padding = NO_PADDING,
        .p2_ms = 50,
        .p2_star_ms = 5000,
        .s3_ms = 5000,
        .secret = 0x4C494D50,
        .attempts = 3,
        .delay_ms = 10000,
        .oscillator_hz = 16000000,
        .bus_hz = 50000000,
        .nominal_mv = 13500,
        .min_mv = 9000,
        .max_mv = 16000,
    };
}

/* Parts are found by the name that the maker prints, files may write it small. */
static void to_upper(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)toupper((unsigned char)*text);
    }
}

/* ISO 15765-2, normal fixed addressing: 18DA for one ECU, 18DB for all; target, then source. */
static int set_ids(struct vehicle_reader *r, struct vehicle_ecu_desc *ecu)
{
    const bool given = ecu->request_id != VEHICLE_NO_ID || ecu->response_id != VEHICLE_NO_ID;
    if (ecu->addressing == VEHICLE_NORMAL_FIXED) {
        if (given || ecu->functional_id != VEHICLE_NO_ID) {
            return vehicle_fail(r, ERR_CONFLICT,
                                "normal-fixed addressing makes the identifiers from the addresses; "
                                "leave request_id, response_id and functional_id out");
        }
        ecu->request_id = 0x18DA0000u | ecu->address << 8 | ecu->tester;
        ecu->response_id = 0x18DA0000u | ecu->tester << 8 | ecu->address;
        ecu->functional_id = 0x18DB0000u | ecu->functional << 8 | ecu->tester;
        return 0;
    }
    if (ecu->request_id == VEHICLE_NO_ID || ecu->response_id == VEHICLE_NO_ID) {
        return vehicle_fail(r, ERR_NOT_FOUND, "member \"%s\" is missing",
                            ecu->request_id == VEHICLE_NO_ID ? "request_id" : "response_id");
    }
    if (ecu->functional_id == VEHICLE_NO_ID) {
        ecu->functional_id = 0x7DF;
    }
    return 0;
}

static int read_ecu(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_desc *desc = to;
    struct vehicle_ecu_desc *ecu = &desc->ecus[index];
    desc->ecus_len = index + 1;
    default_ecu(ecu);
    int rc = vehicle_read_object(r, json, ecu_members, ecu);
    to_upper(ecu->part);
    ecu->pad = ecu->isotp_padding != NO_PADDING;
    return rc != 0 ? rc : set_ids(r, ecu);
}

static int read_bus(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_desc *desc = to;
    desc->buses_len = index + 1;
    return vehicle_read_object(r, json, bus_members, &desc->buses[index]);
}

static const struct member top_members[] = {
    {.name = "name",
     .kind = MEMBER_NAME,
     .required = true,
     .min = 1,
     .max = VEHICLE_NAME_MAX,
     .offset = AT_TOP(name)},
    {.name = "buses",
     .kind = MEMBER_LIST,
     .read = read_bus,
     .required = true,
     .min = 1,
     .max = VEHICLE_BUSES_MAX},
    {.name = "ecus",
     .kind = MEMBER_LIST,
     .read = read_ecu,
     .required = true,
     .min = 1,
     .max = VEHICLE_ECUS_MAX},
    MEMBERS_END,
};

static size_t trailing(const char *text, size_t len, size_t at)
{
    while (at < len && isspace((unsigned char)text[at])) {
        at++;
    }
    return at;
}

/* cJSON says where it stopped, and not why. */
static int fail_to_parse(const struct vehicle_reader *r, size_t at)
{
    unsigned line = json_line_at(r->text, r->len, at);
    if (json_depth_at(r->text, r->len, at) >= CJSON_NESTING_LIMIT) {
        return err_set(r->err, ERR_SYNTAX,
                       "%s:%u: nested too deeply: more than %d brackets are open here; a vehicle "
                       "file needs seven",
                       r->file, line, CJSON_NESTING_LIMIT);
    }
    return err_set(r->err, ERR_SYNTAX,
                   "%s:%u: not JSON from here on: check commas, quotes and brackets", r->file,
                   line);
}

void vehicle_desc_release(struct vehicle_desc *desc)
{
    for (size_t i = 0; i < desc->ecus_len; i++) {
        free(desc->ecus[i].personality);
        desc->ecus[i].personality = NULL;
    }
}

int vehicle_json_parse(struct vehicle_desc *desc, const char *text, size_t len_bytes,
                       const char *file, struct err *err)
{
    struct vehicle_reader r = {.file = file, .text = text, .len = len_bytes, .err = err};
    const char *end = text;
    memset(desc, 0, sizeof *desc);
    size_t nul = json_find_nul(text, len_bytes);
    if (nul < len_bytes) {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: a NUL character, which no text here may hold; "
                       "remove it",
                       file, json_line_at(text, len_bytes, nul));
    }
    cJSON *json = cJSON_ParseWithLengthOpts(text, len_bytes, &end, false);
    size_t at = end != NULL ? (size_t)(end - text) : 0;
    if (json == NULL) {
        return fail_to_parse(&r, at);
    }
    at = trailing(text, len_bytes, at);
    int rc;
    if (at < len_bytes) {
        rc = err_set(err, ERR_SYNTAX, "%s:%u: there is more after the closing bracket", file,
                     json_line_at(text, len_bytes, at));
    } else {
        rc = vehicle_read_object(&r, json, top_members, desc);
    }
    cJSON_Delete(json);
    return rc != 0 ? rc : vehicle_check_together(&r, desc);
}
