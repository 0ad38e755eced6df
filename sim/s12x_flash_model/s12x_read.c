/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_read.c - reading as the CPU does: collisions, correction, flags. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

#include <endian.h>
#include <string.h>

/* The first fault is kept until its flags are cleared (own assumption, as is the layout: check
 * bits and address in words 0 and 1, data from word 2 on). */
static void latch_fault(struct s12x_flash *flash, const struct s12x_array *array, uint32_t unit,
                        uint64_t data, uint8_t ecc)
{
    if (flash->ferstat & (S12X_SFDIF | S12X_DFDIF)) {
        return;
    }
    uint32_t address = array->start + unit * array->unit_bytes;
    memset(flash->feccr, 0, sizeof(flash->feccr));
    flash->feccr[0] = (uint16_t)((unsigned)ecc << 8 | (address >> 16 & 0x7F));
    flash->feccr[1] = (uint16_t)(address & 0xFFFF);
    for (uint32_t i = 0; i < array->unit_bytes / 2; i++) {
        uint16_t raw = (uint16_t)(data >> (16 * i));
        flash->feccr[2 + i] = (uint16_t)(raw >> 8 | raw << 8);
    }
}

static void read_troubled(struct s12x_flash *flash, const struct s12x_array *array, uint32_t unit,
                          uint8_t *bytes)
{
    uint64_t data;
    uint8_t ecc;
    enum s12x_margin margin = flash->margin[array - flash->arrays];
    enum s12x_ecc_fault fault =
        s12x_array_read_unit(array, unit, margin, &flash->weak_bits, &data, &ecc);
    if (fault == S12X_ECC_DOUBLE) {
        latch_fault(flash, array, unit, data, ecc);
        flash->ferstat |= S12X_DFDIF;
    } else if (fault == S12X_ECC_SINGLE && !(flash->fcnfg & S12X_FCNFG_IGNSF)) {
        latch_fault(flash, array, unit, data, ecc);
        flash->ferstat |= S12X_SFDIF;
    }
    uint64_t le = htole64(data);
    memcpy(bytes, &le, sizeof(le));
}

/* One unit or a part of it; how many bytes. */
static size_t read_part(struct s12x_flash *flash, const struct s12x_array *array, uint32_t offset,
                        uint8_t *to, size_t len_bytes)
{
    uint32_t unit = offset / array->unit_bytes;
    uint32_t skip = offset % array->unit_bytes;
    size_t len = array->unit_bytes - skip < len_bytes ? array->unit_bytes - skip : len_bytes;
    if (array->troubled[unit]) {
        uint8_t bytes[8];
        read_troubled(flash, array, unit, bytes);
        memcpy(to, bytes + skip, len);
    } else {
        memcpy(to, array->data + offset, len);
    }
    return len;
}

static void read_array(struct s12x_flash *flash, const struct s12x_array *array, uint32_t offset,
                       uint8_t *to, size_t len_bytes)
{
    while (len_bytes > 0) {
        uint32_t sector = offset / array->sector_bytes;
        size_t len = (size_t)(sector + 1) * array->sector_bytes - offset;
        if (array->sector_troubled[sector] != 0) {
            len = read_part(flash, array, offset, to, len_bytes);
        } else {
            len = len < len_bytes ? len : len_bytes;
            memcpy(to, array->data + offset, len);
        }
        offset += (uint32_t)len;
        to += len;
        len_bytes -= len;
    }
}

static bool collides(const struct s12x_flash *flash, const struct s12x_array *array)
{
    if (flash->running && (flash->run.busy & s12x_array_bit(flash, array))) {
        return true;
    }
    return array == flash->d && flash->eee.step.kind != S12X_EEE_IDLE;
}

static void note_read(struct s12x_flash *flash, uint32_t address, size_t len_bytes)
{
    if (address >= flash->watch_end || address + len_bytes <= flash->watch_start) {
        return;
    }
    const bool head = address + len_bytes <= flash->watch_head_end;
    if (!head || flash->watched == S12X_READ_NOTHING) {
        flash->watched = head ? S12X_READ_HEAD : S12X_READ_BEYOND;
    }
}

void s12x_flash_read(struct s12x_flash *flash, uint32_t address, void *to, size_t len_bytes,
                     sim_ns_t now_ns)
{
    uint8_t *out = to;
    CHECK(flash->powered && now_ns >= flash->ready_ns);
    s12x_flash_advance(flash, now_ns);
    note_read(flash, address, len_bytes);
    while (len_bytes > 0) {
        uint32_t offset;
        const struct s12x_array *array = s12x_array_at(flash, address, &offset);
        size_t len = 1;
        if (array) {
            size_t rest = array->size_bytes - offset;
            len = rest < len_bytes ? rest : len_bytes;
        }
        if (!array) {
            *out = 0xFF;
        } else if (collides(flash, array)) {
            memset(out, 0xFF, len);
            flash->ferstat |= S12X_SFDIF | S12X_DFDIF;
            s12x_finding(flash, S12X_FIND_READ_WHILE_BUSY, address);
        } else {
            read_array(flash, array, offset, out, len);
        }
        out += len;
        address += (uint32_t)len;
        len_bytes -= len;
    }
}
