/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle.c - makes buses and ECUs from a vehicle file and owns them. */
#include "sim/ecus/vehicle.h"

#include "sim/ecus/vehicle_json.h"
#include "sim/file_text.h"
#include "sim/json_locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1024 * 1024 };

struct vehicle {
    struct vehicle_desc desc;
    struct sim *sim;
    struct can_bus buses[VEHICLE_BUSES_MAX];
    size_t buses_len;
    struct s12x_ecu *ecus[VEHICLE_ECUS_MAX];
    size_t ecus_len;
    const struct vehicle_hook_ops *hook_ops;
    void *hooks[VEHICLE_ECUS_MAX]; /* Of the ECUs that name some. */
};

static void copy_texts(struct boot_cfg *boot, const struct vehicle_ecu_desc *desc)
{
    memcpy(boot->hardware_id, desc->hardware_id, sizeof boot->hardware_id);
    memcpy(boot->serial_number, desc->serial_number, sizeof boot->serial_number);
    memcpy(boot->part_number, desc->part_number, sizeof boot->part_number);
    memcpy(boot->vin, desc->vin, sizeof boot->vin);
    memcpy(boot->boot_version, desc->boot_version, sizeof boot->boot_version);
}

static void fill_boot_cfg(struct boot_cfg *boot, const struct vehicle_ecu_desc *desc)
{
    *boot = (struct boot_cfg){
        .request_id = desc->request_id,
        .response_id = desc->response_id,
        .functional_id = desc->functional_id,
        .style = (enum boot_transfer_style)desc->transfer,
        .check = (enum boot_segment_check)desc->check,
        .block_len_max = (uint16_t)desc->block_length,
        .isotp_block_size = (uint8_t)desc->isotp_block_size,
        .isotp_st_min = (uint8_t)desc->isotp_st_min,
        .isotp_pad = desc->pad,
        .isotp_padding_byte = (uint8_t)desc->isotp_padding,
        .p2_ns = SIM_MS(desc->p2_ms),
        .p2_star_ns = SIM_MS(desc->p2_star_ms),
        .s3_ns = SIM_MS(desc->s3_ms),
        .security_secret = desc->secret,
        .security_attempts = (uint8_t)desc->attempts,
        .security_delay_ns = SIM_MS(desc->delay_ms),
        .osc_hz = desc->oscillator_hz,
        .supply_min_mv = (uint16_t)desc->min_mv,
        .supply_max_mv = (uint16_t)desc->max_mv,
        .regions_len = (uint8_t)desc->regions_len,
        .header_address = desc->header,
    };
    boot->extended = desc->addressing == VEHICLE_EXTENDED;
    boot->address = (uint8_t)desc->address;
    boot->functional_address = (uint8_t)desc->functional;
    boot->tester_address = (uint8_t)desc->tester;
    boot->frame_len = (uint8_t)desc->fd_length;
    if (desc->personality != NULL) {
        vehicle_personality_finish(desc->personality);
        boot->personality = &desc->personality->table;
    }
    memcpy(boot->regions, desc->regions, sizeof boot->regions);
    copy_texts(boot, desc);
}

/* Where a vehicle file's text comes from, and how messages call it. */
struct source {
    const char *text;
    size_t len;
    const char *name, *folder;
};

static void join_path(const struct source *source, const char *name, char *path, size_t size)
{
    const bool relative = name[0] != '/' && source->folder[0] != '\0';
    (void)snprintf(path, size, "%s%s%s", relative ? source->folder : "", relative ? "/" : "", name);
}

static int fail_at(const struct source *source, size_t index, const char *name, int code,
                   const char *what, struct err *err)
{
    char member[48];
    (void)snprintf(member, sizeof member, "ecus[%zu].%s", index, name);
    return err_set(err, code, "%s:%u: %s: %s", source->name,
                   json_locate(source->text, source->len, member, 0), member, what);
}

static int check_hook_names(const struct vehicle *vehicle, size_t index,
                            const struct source *source, struct err *err)
{
    const struct vehicle_personality *persona = vehicle->desc.ecus[index].personality;
    char what[128];
    for (size_t n = 0; vehicle_personality_hook(persona, n) != NULL; n++) {
        const char *name = vehicle_personality_hook(persona, n);
        if (!vehicle->hook_ops->has(vehicle->hooks[index], name)) {
            (void)snprintf(what, sizeof what, "has no function \"%s\"; add it, or correct its name",
                           name);
            return fail_at(source, index, "personality.hooks", ERR_NOT_FOUND, what, err);
        }
    }
    return 0;
}

static int open_hooks(struct vehicle *vehicle, size_t index, const struct source *source,
                      struct boot_hook *hook, struct err *err)
{
    const struct vehicle_ecu_desc *desc = &vehicle->desc.ecus[index];
    const struct vehicle_hook_ops *ops = vehicle->hook_ops;
    char path[2 * VEHICLE_PATH_MAX];
    struct err why = {.code = ERR_UNSUPPORTED, .text = "hooks cannot be run here"};
    if (desc->personality == NULL || desc->personality->hooks[0] == '\0') {
        return 0;
    }
    join_path(source, desc->personality->hooks, path, sizeof path);
    if (ops != NULL) {
        vehicle->hooks[index] = ops->open(path, desc->name, vehicle->sim->cfg.seed, &why);
    }
    if (ops == NULL || vehicle->hooks[index] == NULL) {
        return fail_at(source, index, "personality.hooks", why.code, why.text, err);
    }
    *hook = (struct boot_hook){.call = ops->call, .ctx = vehicle->hooks[index]};
    return check_hook_names(vehicle, index, source, err);
}

static int load_image(struct vehicle *vehicle, size_t index, const struct source *source,
                      struct err *err)
{
    const char *image = vehicle->desc.ecus[index].image;
    char path[2 * VEHICLE_PATH_MAX];
    struct err why = {.code = 0};
    join_path(source, image, path, sizeof path);
    int rc = s12x_ecu_load_application(vehicle->ecus[index], path, &why);
    if (rc == 0) {
        return 0;
    }
    return fail_at(source, index, "image", rc, why.text, err);
}

static int add_ecu(struct vehicle *vehicle, size_t index, const struct source *source,
                   struct err *err)
{
    const struct vehicle_ecu_desc *desc = &vehicle->desc.ecus[index];
    struct s12x_ecu_cfg cfg = {
        .flash = {.part = s12x_part_find(desc->part),
                  .osc_hz = desc->oscillator_hz,
                  .bus_hz = desc->bus_hz,
                  .timing = (enum s12x_timing)desc->flash_timing},
        .frame_ns = SIM_US(desc->frame_us),
    };
    fill_boot_cfg(&cfg.boot, desc);
    const int rc = open_hooks(vehicle, index, source, &cfg.boot.hook, err);
    if (rc != 0) {
        return rc;
    }
    struct s12x_ecu *ecu =
        s12x_ecu_new(desc->name, vehicle->sim, vehicle_bus(vehicle, desc->bus), &cfg, err);
    if (ecu == NULL) {
        return err != NULL && err->code != 0 ? err->code : ERR_NOMEM;
    }
    vehicle->ecus[vehicle->ecus_len++] = ecu;
    return desc->image[0] != '\0' ? load_image(vehicle, index, source, err) : 0;
}

static int build(struct vehicle *vehicle, const struct source *source, struct err *err)
{
    for (size_t i = 0; i < vehicle->desc.buses_len; i++) {
        const struct vehicle_bus_desc *desc = &vehicle->desc.buses[i];
        const struct can_bus_cfg cfg = {.name = desc->name,
                                        .nominal_bps = desc->bitrate,
                                        .data_bps = desc->data_bitrate,
                                        .instant = desc->timing == VEHICLE_BUS_INSTANT};
        can_bus_init(&vehicle->buses[i], vehicle->sim, &cfg);
        vehicle->buses_len++;
    }
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < vehicle->desc.ecus_len; i++) {
        rc = add_ecu(vehicle, i, source, err);
    }
    return rc;
}

static void override_all(struct vehicle_desc *desc, const struct vehicle_overrides *overrides)
{
    for (size_t i = 0; overrides != NULL && i < desc->ecus_len; i++) {
        struct vehicle_ecu_desc *ecu = &desc->ecus[i];
        ecu->transfer = overrides->transfer < 0 ? ecu->transfer : (uint32_t)overrides->transfer;
        ecu->check = overrides->check < 0 ? ecu->check : (uint32_t)overrides->check;
        ecu->flash_timing =
            overrides->flash_timing < 0 ? ecu->flash_timing : (uint32_t)overrides->flash_timing;
    }
    if (overrides != NULL && overrides->skip_first_image) {
        desc->ecus[0].image[0] = '\0';
    }
}

static struct vehicle *make(const struct source *source, const struct vehicle_overrides *overrides,
                            struct sim *sim, struct err *err)
{
    struct vehicle *vehicle = calloc(1, sizeof *vehicle);
    if (vehicle == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory for the vehicle", source->name);
        return NULL;
    }
    vehicle->sim = sim;
    vehicle->hook_ops = overrides != NULL ? overrides->hooks : NULL;
    int rc = vehicle_json_parse(&vehicle->desc, source->text, source->len, source->name, err);
    if (rc == 0) {
        override_all(&vehicle->desc, overrides);
        rc = build(vehicle, source, err);
    }
    if (rc != 0) {
        vehicle_free(vehicle);
        return NULL;
    }
    return vehicle;
}

struct vehicle *vehicle_parse_with(const char *text, size_t len_bytes, const char *name,
                                   const char *folder, const struct vehicle_overrides *overrides,
                                   struct sim *sim, struct err *err)
{
    const struct source source = {text, len_bytes, name, folder};
    return make(&source, overrides, sim, err);
}

struct vehicle *vehicle_parse(const char *text, size_t len_bytes, const char *name,
                              const char *folder, struct sim *sim, struct err *err)
{
    return vehicle_parse_with(text, len_bytes, name, folder, NULL, sim, err);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

struct vehicle *vehicle_load_with(const char *path, const struct vehicle_overrides *overrides,
                                  struct sim *sim, struct err *err)
{
    struct source source = {.name = path};
    struct err ignored = {.code = 0};
    err = err != NULL ? err : &ignored;
    char *text = file_text_read(path, FILE_MAX, "a vehicle file", &source.len, err);
    if (text == NULL) {
        return NULL;
    }
    char *folder = folder_of(path);
    struct vehicle *vehicle = NULL;
    source.text = text;
    source.folder = folder;
    if (folder == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory", path);
    } else {
        vehicle = make(&source, overrides, sim, err);
    }
    free(folder);
    free(text);
    return vehicle;
}

struct vehicle *vehicle_load(const char *path, struct sim *sim, struct err *err)
{
    return vehicle_load_with(path, NULL, sim, err);
}

void vehicle_free(struct vehicle *vehicle)
{
    if (vehicle == NULL) {
        return;
    }
    for (size_t i = 0; i < vehicle->ecus_len; i++) {
        ecu_free(s12x_ecu_base(vehicle->ecus[i]));
    }
    for (size_t i = 0; i < vehicle->buses_len; i++) {
        can_bus_release(&vehicle->buses[i]);
    }
    for (size_t i = 0; i < vehicle->desc.ecus_len; i++) {
        if (vehicle->hooks[i] != NULL) {
            vehicle->hook_ops->close(vehicle->hooks[i]);
        }
    }
    vehicle_desc_release(&vehicle->desc);
    free(vehicle);
}

static bool goes_by(const struct vehicle_bus_desc *bus, const char *name)
{
    for (size_t i = 0; i < bus->aliases_len; i++) {
        if (strcmp(bus->aliases[i], name) == 0) {
            return true;
        }
    }
    return strcmp(bus->name, name) == 0;
}

struct can_bus *vehicle_bus(struct vehicle *vehicle, const char *name)
{
    for (size_t i = 0; i < vehicle->buses_len; i++) {
        if (goes_by(&vehicle->desc.buses[i], name)) {
            return &vehicle->buses[i];
        }
    }
    return NULL;
}

struct ecu *vehicle_ecu(struct vehicle *vehicle, const char *name)
{
    for (size_t i = 0; i < vehicle->ecus_len; i++) {
        struct ecu *ecu = s12x_ecu_base(vehicle->ecus[i]);
        if (strcmp(ecu->name, name) == 0) {
            return ecu;
        }
    }
    return NULL;
}

size_t vehicle_bus_count(const struct vehicle *vehicle)
{
    return vehicle->buses_len;
}

size_t vehicle_ecu_count(const struct vehicle *vehicle)
{
    return vehicle->ecus_len;
}

struct can_bus *vehicle_bus_at(struct vehicle *vehicle, size_t index)
{
    CHECK(index < vehicle->buses_len);
    return &vehicle->buses[index];
}

struct ecu *vehicle_ecu_at(struct vehicle *vehicle, size_t index)
{
    CHECK(index < vehicle->ecus_len);
    return s12x_ecu_base(vehicle->ecus[index]);
}

size_t vehicle_bus_alias_count(const struct vehicle *vehicle, size_t bus)
{
    CHECK(bus < vehicle->buses_len);
    return vehicle->desc.buses[bus].aliases_len;
}

const char *vehicle_bus_alias(const struct vehicle *vehicle, size_t bus, size_t index)
{
    CHECK(bus < vehicle->buses_len && index < vehicle->desc.buses[bus].aliases_len);
    return vehicle->desc.buses[bus].aliases[index];
}

const char *vehicle_name(const struct vehicle *vehicle)
{
    return vehicle->desc.name;
}

uint32_t vehicle_nominal_mv(const struct vehicle *vehicle, size_t index)
{
    CHECK(index < vehicle->ecus_len);
    return vehicle->desc.ecus[index].nominal_mv;
}

void vehicle_power_on(struct vehicle *vehicle)
{
    for (size_t i = 0; i < vehicle->ecus_len; i++) {
        ecu_power_on(s12x_ecu_base(vehicle->ecus[i]), vehicle->desc.ecus[i].nominal_mv);
    }
}

void vehicle_set_state(struct vehicle *vehicle, const struct boot_vehicle_state *state)
{
    for (size_t i = 0; i < vehicle->ecus_len; i++) {
        s12x_ecu_set_vehicle_state(vehicle->ecus[i], state);
    }
}
