/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_prot.c - what FPROT and EPROT protect. Decoding as in the OpenOCD
 * S12XE driver and the high region of MC9S12G RM Rev 1.27 p.770 (docs/fidelity.md). */
#include "sim/s12x_flash_model/s12x_flash_private.h"

enum { FPOPEN = 0x80, FPHDIS = 0x20, FPLDIS = 0x04, EPOPEN = 0x80, EPDIS = 0x08 };
enum { EEE_UNIT_BYTES = 64, EEE_UNITS = 8, EEE_REST = 8, EEE_RAM_BYTES = 4096 };

#define ALL_P ((UINT64_C(1) << (S12X_PROT_REST + 1)) - 1)
#define ALL_E ((UINT32_C(1) << (EEE_REST + 1)) - 1)

uint64_t s12x_prot_p_mask(uint8_t fprot)
{
    uint64_t regions = 0;
    if (!(fprot & FPHDIS)) {
        unsigned kbytes = 2u << ((fprot >> 3) & 3);
        regions |= UINT64_C(0xFFFFFFFF) & ~((UINT64_C(1) << (32 - kbytes)) - 1);
    }
    if (!(fprot & FPLDIS)) {
        unsigned kbytes = 1u << (fprot & 3);
        regions |= (UINT64_C(1) << kbytes) - 1;
    }
    return fprot & FPOPEN ? regions : ALL_P & ~regions;
}

uint32_t s12x_prot_e_mask(uint8_t eprot)
{
    uint32_t region = 0;
    if (!(eprot & EPDIS)) {
        unsigned units = (eprot & 7u) + 1;
        region = ((1u << EEE_UNITS) - 1) & ~((1u << (EEE_UNITS - units)) - 1);
    }
    return eprot & EPOPEN ? region : ALL_E & ~region;
}

bool s12x_protected(const struct s12x_flash *flash, uint32_t address, uint32_t len_bytes)
{
    if (flash->protected_p == 0) {
        return false;
    }
    uint32_t low = flash->part->prot_low_start;
    uint32_t end = address + len_bytes;
    uint64_t touched = 0;
    if (address < low || end > flash->part->prot_high_end) {
        touched |= UINT64_C(1) << S12X_PROT_REST;
    }
    uint32_t from = address > low ? address : low;
    uint32_t to = end < flash->part->prot_high_end ? end : flash->part->prot_high_end;
    for (uint32_t at = from & ~UINT32_C(1023); at < to; at += 1024) {
        touched |= UINT64_C(1) << ((at - low) / 1024);
    }
    return (touched & flash->protected_p) != 0;
}

bool s12x_eee_protected(const struct s12x_flash *flash, uint16_t offset)
{
    uint32_t first = EEE_RAM_BYTES - EEE_UNITS * EEE_UNIT_BYTES;
    uint32_t bit = offset < first ? (uint32_t)EEE_REST : (offset - first) / EEE_UNIT_BYTES;
    return (s12x_prot_e_mask(flash->eprot) >> bit & 1) != 0;
}
