/* SPDX-License-Identifier: Apache-2.0 */
/* test_run_vehicle.c - the built-in vehicle is that of vehicles/, it works without any file, and an
 * image that is named replaces the one that was meant. */
#include "scenarios/engine/built_in.h"
#include "scenarios/engine/run_vehicle.h"
#include "tests/e2e/images.h"
#include "tests/e2e/sample_images.h"

static void assert_file_is(const char *path, const char *text, size_t len)
{
    char *bytes = malloc(len + 1);
    FILE *in = fopen(path, "rb");
    cr_assert(in != NULL && bytes != NULL, "%s", path);
    cr_assert_eq(fread(bytes, 1, len + 1, in), len, "%s has another length", path);
    cr_assert_arr_eq(bytes, text, len);
    cr_assert_eq(text[len], '\0');
    fclose(in);
    free(bytes);
}

Test(run_vehicle, what_is_built_in_is_what_lies_in_vehicles)
{
    assert_file_is(SINGLE, built_in_vehicle, built_in_vehicle_len);
    assert_file_is(LIMPHOME_SOURCE_DIR "/vehicles/bcm-1.0.0.s19", built_in_image,
                   built_in_image_len);
}

Test(run_vehicle, the_built_in_image_is_what_its_script_makes)
{
    assert_file_is(sample_image("1.0.0", 8), built_in_image, built_in_image_len);
}

/* A second after power on the first ECU runs that version. */
static void assert_runs(const struct run_vehicle_cfg *cfg, const char *version)
{
    struct sim sim;
    struct err err = {.code = 0};
    struct s12x_ecu_status status;
    sim_init(&sim, &(struct sim_cfg){.seed = 1});
    struct vehicle *vehicle = run_vehicle_load(cfg, &sim, &err);
    cr_assert(vehicle != NULL, "%s", err.text);
    vehicle_power_on(vehicle);
    sim_run_until(&sim, SIM_S(1));
    s12x_ecu_status(s12x_ecu_from(vehicle_ecu_at(vehicle, 0)), &status);
    cr_assert_eq(status.run, ECU_APPLICATION);
    cr_assert_str_eq(status.version, version);
    vehicle_free(vehicle);
    sim_release(&sim);
}

Test(run_vehicle, built_in_it_runs_an_application)
{
    assert_runs(&(struct run_vehicle_cfg){.path = NULL}, "1.0.0");
}

Test(run_vehicle, an_image_replaces_that_of_the_built_in_vehicle)
{
    assert_runs(&(struct run_vehicle_cfg){.image = sample_image("2.0.0", 8)}, "2.0.0");
}

Test(run_vehicle, an_image_replaces_that_of_the_file)
{
    char path[] = "/tmp/limphome-vehicle-XXXXXX";
    const int fd = mkstemp(path);
    FILE *out = fdopen(fd, "w");
    const char *at = strstr(built_in_vehicle, "\"boot_version\"");
    cr_assert(fd >= 0 && out != NULL && at != NULL);
    fprintf(out, "%.*s\"image\": \"%s\", %s", (int)(at - built_in_vehicle), built_in_vehicle,
            LIMPHOME_SOURCE_DIR "/vehicles/bcm-1.0.0.s19", at);
    fclose(out);
    assert_runs(&(struct run_vehicle_cfg){.path = path}, "1.0.0");
    assert_runs(&(struct run_vehicle_cfg){.path = path, .image = sample_image("2.0.0", 8)},
                "2.0.0");
    cr_assert_eq(unlink(path), 0);
}

Test(run_vehicle, what_is_wrong_with_an_image_is_said_and_nothing_is_made)
{
    struct sim sim;
    struct err err = {.code = 0};
    sim_init(&sim, &(struct sim_cfg){.seed = 1});
    const struct run_vehicle_cfg cfg = {.image = "/nowhere/at-all.s19"};
    cr_assert(run_vehicle_load(&cfg, &sim, &err) == NULL);
    cr_assert_eq(err.code, ERR_IO);
    cr_assert(strstr(err.text, "/nowhere/at-all.s19: cannot be opened") != NULL, "%s", err.text);
    cr_assert_eq(sim_next_due_ns(&sim), SIM_NEVER);
    sim_release(&sim);
}
