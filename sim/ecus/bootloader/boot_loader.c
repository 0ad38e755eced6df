/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_loader.c - a secondary bootloader: loaded into RAM, checked, started.
 *
 * Its code is not run. What it may do that the resident one may not is said by the tables: rows
 * with BOOT_IN_LOADER, and flash itself where loader_required is set. */
#include "sim/ecus/bootloader/bootloader.h"

bool boot_loader_holds(const struct bootloader *boot, const struct boot_range *range)
{
    const struct boot_personality *persona = boot->persona;
    return !boot->loader.active && range->start >= persona->ram_start &&
           range->end <= persona->ram_end && range->start < range->end;
}

bool boot_loader_permits_flash(const struct bootloader *boot)
{
    return !boot->persona->loader_required || boot->loader.active;
}

enum uds_nrc boot_loader_start(struct bootloader *boot, uint32_t entry)
{
    const struct boot_range *checked = &boot->loader.checked;
    if (boot->loader.active || checked->start == checked->end) {
        return UDS_NRC_SEQUENCE;
    }
    if (entry != checked->start) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    boot->loader.active = true;
    boot_transfer_reset(boot);
    return UDS_POSITIVE;
}
