/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/bootloader_private.h - the instance's memory. Included by bootloader.h only;
 * nobody but the bootloader's own files reads the members. */
#ifndef BOOTLOADER_PRIVATE_H
#define BOOTLOADER_PRIVATE_H

struct bootloader {
    const struct boot_cfg *cfg;
    const struct boot_hal *hal;
};

#endif
