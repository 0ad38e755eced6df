/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_json.h - the vehicle file as data, read and checked; nothing is made yet
 * (docs/formats.md, "Vehicle file"). */
#ifndef SIM_VEHICLE_JSON_H
#define SIM_VEHICLE_JSON_H

#include "sim/ecus/vehicle.h"
#include "sim/ecus/vehicle_personality.h"

enum {
    VEHICLE_NAME_MAX = 31,
    VEHICLE_ALIAS_MAX = 15, /* As long as a name of a Linux interface (IFNAMSIZ). */
    VEHICLE_ALIASES_MAX = 4,
    VEHICLE_PATH_MAX = 511,
    VEHICLE_BUS_ECUS_MAX = CAN_NODES_MAX - 1, /* One place of each bus is for a master. */
};

/* In the order of the choices of "addressing.kind". */
enum vehicle_addressing { VEHICLE_NORMAL, VEHICLE_NORMAL_FIXED, VEHICLE_EXTENDED };

#define VEHICLE_NO_ID UINT32_MAX

/* In the order of the choices of "timing". */
enum vehicle_bus_timing { VEHICLE_BUS_BIT, VEHICLE_BUS_INSTANT };

struct vehicle_bus_desc {
    char name[VEHICLE_NAME_MAX + 1];
    uint32_t bitrate, data_bitrate;
    uint32_t timing; /* enum vehicle_bus_timing. */
    char aliases[VEHICLE_ALIASES_MAX][VEHICLE_ALIAS_MAX + 1];
    size_t aliases_len;
};

/* Numbers are 32 bits wide here whatever their field, so that one table describes them all. */
struct vehicle_ecu_desc {
    char name[VEHICLE_NAME_MAX + 1];
    char part[VEHICLE_NAME_MAX + 1];
    char bus[VEHICLE_NAME_MAX + 1];
    uint32_t type;
    uint32_t request_id, response_id, functional_id;
    uint32_t addressing;                  /* enum vehicle_addressing. */
    uint32_t address, tester, functional; /* Of the ECU, of who asks it, of all. */
    uint32_t fd_length;                   /* 0: classical frames. */
    uint32_t transfer, check, block_length;
    uint32_t frame_us; /* CPU time for a received frame. */
    uint32_t isotp_block_size, isotp_st_min, isotp_padding;
    uint32_t p2_ms, p2_star_ms, s3_ms;
    uint32_t secret, attempts, delay_ms;
    uint32_t oscillator_hz, bus_hz;
    uint32_t flash_timing;
    uint32_t nominal_mv, min_mv, max_mv;
    uint32_t header;
    struct boot_region regions[BOOT_REGIONS_MAX];
    uint32_t regions_len;
    bool pad; /* isotp.padding is given. */
    char hardware_id[BOOT_ID_LEN + 1], serial_number[BOOT_ID_LEN + 1];
    char part_number[BOOT_ID_LEN + 1], boot_version[BOOT_ID_LEN + 1];
    char vin[17 + 1];
    char image[VEHICLE_PATH_MAX + 1];        /* Empty: none. */
    struct vehicle_personality *personality; /* Owned; null: the default one. */
};

struct vehicle_desc {
    char name[VEHICLE_NAME_MAX + 1];
    struct vehicle_bus_desc buses[VEHICLE_BUSES_MAX];
    size_t buses_len;
    struct vehicle_ecu_desc ecus[VEHICLE_ECUS_MAX];
    size_t ecus_len;
};

/* file: how messages call the text. Returns 0 or a negative code with "file:line: path: what is
 * wrong; what to do". */
int vehicle_json_parse(struct vehicle_desc *desc, const char *text, size_t len_bytes,
                       const char *file, struct err *err);

/* Frees what the parsing has made, well ended or not. */
void vehicle_desc_release(struct vehicle_desc *desc);

#endif
