/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_vehicle.c - loads a vehicle file or the built-in one, and the image of its
 * first ECU. */
#include "scenarios/engine/run_vehicle.h"

#include "scenarios/engine/built_in.h"
#include "scenarios/engine/ecu_lua.h"

const char *run_vehicle_name(const struct run_vehicle_cfg *cfg)
{
    return cfg->path != NULL ? cfg->path : RUN_VEHICLE_BUILT_IN;
}

static struct vehicle *make(const struct run_vehicle_cfg *cfg, struct sim *sim, struct err *err)
{
    struct vehicle_overrides how = VEHICLE_AS_IN_FILE;
    if (cfg->overrides != NULL) {
        how = *cfg->overrides;
    }
    how.hooks = &ecu_lua_hooks;
    how.skip_first_image = how.skip_first_image || cfg->image != NULL || cfg->no_image;
    return cfg->path != NULL ? vehicle_load_with(cfg->path, &how, sim, err)
                             : vehicle_parse_with(built_in_vehicle, built_in_vehicle_len,
                                                  RUN_VEHICLE_BUILT_IN, "", &how, sim, err);
}

static int load_image(const struct run_vehicle_cfg *cfg, struct vehicle *vehicle, struct err *err)
{
    if (cfg->no_image || (cfg->image == NULL && cfg->path != NULL)) {
        return 0;
    }
    struct s12x_ecu *first = s12x_ecu_from(vehicle_ecu_at(vehicle, 0));
    if (first == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "%s: the first ECU takes no image",
                       run_vehicle_name(cfg));
    }
    return cfg->image != NULL
               ? s12x_ecu_load_application(first, cfg->image, err)
               : s12x_ecu_load_application_text(first, built_in_image, built_in_image_len,
                                                "the built-in image", err);
}

struct vehicle *run_vehicle_load(const struct run_vehicle_cfg *cfg, struct sim *sim,
                                 struct err *err)
{
    struct err ignored = {.code = 0};
    err = err != NULL ? err : &ignored;
    struct vehicle *vehicle = make(cfg, sim, err);
    if (vehicle != NULL && load_image(cfg, vehicle, err) != 0) {
        vehicle_free(vehicle);
        return NULL;
    }
    return vehicle;
}
