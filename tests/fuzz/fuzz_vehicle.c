/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_vehicle.c - any bytes as a vehicle file: refused with a message that names a line
 * of the file, or accepted, and then every limit of docs/formats.md holds.
 * Sources: sim/ecus/[a-z]*.c sim/ecus/bootloader/[a-z]*.c sim/s12x_flash_model/[a-z]*.c
 * Sources: sim/can/can_[b-o]*.c sim/can/can_t*.c sim/can/can_w*.c sim/proto/[a-z]*.c
 * Sources: sim/[c-p]*.c sim/sim.c sim/t*.c sim/u*.c
 * Packages: libcjson libxxhash */
#include "sim/ecus/vehicle_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_message(const struct err *err, const char *text, size_t len)
{
    unsigned long lines = 1;
    char *end = NULL;
    for (size_t i = 0; i < len; i++) {
        lines += text[i] == '\n' ? 1u : 0u;
    }
    REQUIRE(err->code < 0);
    REQUIRE(strncmp(err->text, "fuzz:", 5) == 0);
    unsigned long line = strtoul(err->text + 5, &end, 10);
    REQUIRE(line >= 1 && line <= lines && *end == ':');
}

static void require_ecu(const struct vehicle_ecu_desc *ecu)
{
    REQUIRE(ecu->name[0] != '\0' && strlen(ecu->hardware_id) <= BOOT_ID_LEN);
    REQUIRE(ecu->request_id <= CAN_EXT_ID_MAX && ecu->request_id != ecu->response_id);
    REQUIRE(ecu->block_length >= 10 && ecu->block_length <= BOOT_BLOCK_MAX);
    REQUIRE(ecu->regions_len >= 1 && ecu->regions_len <= BOOT_REGIONS_MAX);
    for (uint32_t i = 0; i < ecu->regions_len; i++) {
        const struct boot_region *region = &ecu->regions[i];
        REQUIRE(region->start < region->end && region->start % 1024 == 0);
        for (int k = 0; k < S12X_BOOT_AREAS; k++) {
            REQUIRE(region->end <= s12x_ecu_boot_areas[k].start ||
                    region->start >= s12x_ecu_boot_areas[k].end);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vehicle_desc *desc = malloc(sizeof *desc);
    char *text = malloc(size + 1);
    struct err err = {.code = 0};
    REQUIRE(desc != NULL && text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    int rc = vehicle_json_parse(desc, text, size, "fuzz", &err);
    if (rc != 0) {
        REQUIRE(rc == err.code);
        require_message(&err, text, size);
    } else {
        REQUIRE(desc->buses_len >= 1 && desc->ecus_len >= 1);
        for (size_t i = 0; i < desc->ecus_len; i++) {
            require_ecu(&desc->ecus[i]);
        }
    }
    free(text);
    vehicle_desc_release(desc);
    free(desc);
    return 0;
}
