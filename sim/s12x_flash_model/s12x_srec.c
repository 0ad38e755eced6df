/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_srec.c - saves programmed P-Flash as Motorola S-records. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { RECORD_BYTES = 32 };

/* Type digit with address length: '0' 2, '2' 3, '8' 3. */
static void put_record(FILE *out, char type, unsigned address_len, uint32_t address,
                       const uint8_t *bytes, size_t len)
{
    unsigned sum = (unsigned)(address_len + len + 1);
    fprintf(out, "S%c%02X%0*X", type, sum, (int)(2 * address_len), address);
    for (uint32_t rest = address; rest != 0; rest >>= 8) {
        sum += rest & 0xFF;
    }
    for (size_t i = 0; i < len; i++) {
        fprintf(out, "%02X", bytes[i]);
        sum += bytes[i];
    }
    fprintf(out, "%02X\n", ~sum & 0xFF);
}

static bool programmed(const struct s12x_array *array, uint32_t unit)
{
    struct s12x_cell cell;
    s12x_array_get(array, unit, &cell);
    return cell.data != s12x_array_data_mask(array);
}

static void put_array(FILE *out, const struct s12x_array *array)
{
    uint32_t units_max = RECORD_BYTES / array->unit_bytes;
    uint32_t unit = 0;
    while (unit < array->units) {
        uint32_t len = 0;
        while (len < units_max && unit + len < array->units && programmed(array, unit + len)) {
            len++;
        }
        if (len == 0) {
            unit++;
            continue;
        }
        uint32_t offset = unit * array->unit_bytes;
        put_record(out, '2', 3, array->start + offset, array->data + offset,
                   (size_t)len * array->unit_bytes);
        unit += len;
    }
}

/* Blocks by rising address, as the readers of such files like them. */
static void put_blocks(FILE *out, const struct s12x_flash *flash)
{
    uint32_t done_up_to = 0;
    for (uint8_t n = 0; n < flash->part->p_blocks_len; n++) {
        const struct s12x_array *lowest = NULL;
        for (uint8_t i = 0; i < flash->part->p_blocks_len; i++) {
            const struct s12x_array *array = &flash->arrays[i];
            if (array->start >= done_up_to && (!lowest || array->start < lowest->start)) {
                lowest = array;
            }
        }
        CHECK(lowest);
        put_array(out, lowest);
        done_up_to = lowest->start + lowest->size_bytes;
    }
}

int s12x_flash_save_srec(const struct s12x_flash *flash, const char *path, struct err *err)
{
    FILE *out = fopen(path, "w");
    if (!out) {
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    const char *name = flash->part->name;
    put_record(out, '0', 2, 0, (const uint8_t *)name, strlen(name));
    put_blocks(out, flash);
    put_record(out, '8', 3, 0, NULL, 0);
    bool bad = ferror(out) != 0;
    bad |= fclose(out) != 0;
    if (bad) {
        return err_set(err, ERR_IO, "%s: not written completely; is the disk full?", path);
    }
    return 0;
}
