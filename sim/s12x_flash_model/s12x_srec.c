/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_srec.c - saves programmed P-Flash as Motorola S-records. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { RECORD_BYTES = 32 };

static char *put_byte(char *at, unsigned byte, unsigned *sum)
{
    static const char digits[] = "0123456789ABCDEF";
    at[0] = digits[byte >> 4 & 15];
    at[1] = digits[byte & 15];
    *sum += byte & 0xFF;
    return at + 2;
}

/* Type digit with address length: '0' 2, '2' 3, '8' 3. */
static void put_record(FILE *out, char type, unsigned address_len, uint32_t address,
                       const uint8_t *bytes, size_t len)
{
    char line[2 + 2 + 2 * (4 + RECORD_BYTES + 1) + 1] = {'S', type};
    unsigned sum = 0;
    CHECK(len <= RECORD_BYTES && address_len <= 4);
    char *at = put_byte(line + 2, (unsigned)(address_len + len + 1), &sum);
    for (unsigned i = address_len; i-- > 0;) {
        at = put_byte(at, address >> (8 * i) & 0xFF, &sum);
    }
    for (size_t i = 0; i < len; i++) {
        at = put_byte(at, bytes[i], &sum);
    }
    at = put_byte(at, ~sum & 0xFF, &sum);
    *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), out);
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
