/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_part.c - the rows: geometry, timing and limits of each part.
 *
 * Provenance of the figures: "sourced" names a document or tool that states them; "recalled" are
 * data-sheet values from memory with a confidence; "assumed" is this model's own choice. The long
 * form is in docs/fidelity.md. */
#include "sim/s12x_flash_model/s12x_part.h"

#include <string.h>

/* MC9S12XEP100RMV1 Appendix A has the real ones; none of them could be read (docs/fidelity.md). */
static const struct s12x_timing_row s12xe_timings[] = {
    {.command = 0x01,
     .typ_bus = 35500,
     .max_bus = 35500,
     .provenance = "recalled, low confidence: RM App. A, erase verify all"},
    {.command = 0x02,
     .typ_bus = 33500,
     .max_bus = 33500,
     .provenance = "recalled, low confidence: RM App. A, erase verify block"},
    {.command = 0x03,
     .typ_bus = 752,
     .typ_bus_unit = 1,
     .max_bus = 752,
     .max_bus_unit = 1,
     .provenance = "recalled, medium confidence: RM App. A, erase verify section"},
    {.command = 0x04,
     .typ_bus = 400,
     .max_bus = 400,
     .provenance = "recalled, low confidence: RM App. A, read once"},
    {.command = 0x05,
     .typ_bus = 450,
     .max_bus = 450,
     .provenance = "recalled, low confidence: RM App. A, load data field"},
    {.command = 0x06,
     .typ_op = 128,
     .typ_bus = 1725,
     .typ_op_unit = 12,
     .typ_bus_unit = 510,
     .max_op = 130,
     .max_bus = 2125,
     .max_op_unit = 14,
     .max_bus_unit = 510,
     .provenance = "recalled, medium to high confidence: RM App. A, program P-Flash"},
    {.command = 0x07,
     .typ_op = 162,
     .typ_bus = 2400,
     .max_op = 162,
     .max_bus = 2400,
     .provenance = "recalled, medium confidence: RM App. A, program once"},
    {.command = 0x08,
     .typ_op = 100100,
     .typ_bus = 70000,
     .max_op = 100100,
     .max_bus = 70000,
     .provenance = "recalled, medium confidence: RM App. A, erase all"},
    {.command = 0x09,
     .typ_op = 100100,
     .typ_bus = 70000,
     .max_op = 100100,
     .max_bus = 70000,
     .provenance = "recalled, medium confidence: RM App. A, erase P-Flash block"},
    {.command = 0x0A,
     .typ_op = 20020,
     .typ_bus = 700,
     .max_op = 20020,
     .max_bus = 1100,
     .provenance = "recalled, medium to high confidence: RM App. A, erase P-Flash sector"},
    {.command = 0x0B,
     .typ_op = 100100,
     .typ_bus = 70000,
     .max_op = 100100,
     .max_bus = 70000,
     .provenance = "recalled, medium confidence: RM App. A, unsecure"},
    {.command = 0x0C,
     .typ_bus = 400,
     .max_bus = 400,
     .provenance = "recalled, low confidence: RM App. A, verify backdoor key"},
    {.command = 0x0D,
     .typ_bus = 350,
     .max_bus = 350,
     .provenance = "recalled, low confidence: RM App. A, set user margin"},
    {.command = 0x0E,
     .typ_bus = 350,
     .max_bus = 350,
     .provenance = "recalled, low confidence: RM App. A, set field margin"},
    {.command = 0x0F,
     .typ_op = 200200,
     .typ_bus = 140000,
     .max_op = 800800,
     .max_bus = 140000,
     .provenance = "assumed: two mass erases; seconds are reported from the field"},
    {.command = 0x10,
     .typ_bus = 752,
     .typ_bus_unit = 1,
     .max_bus = 752,
     .max_bus_unit = 1,
     .provenance = "assumed: as erase verify P-Flash section, per word"},
    {.command = 0x11,
     .typ_op = 14,
     .typ_bus = 500,
     .typ_op_unit = 54,
     .typ_bus_unit = 525,
     .max_op = 14,
     .max_bus = 500,
     .max_op_unit = 54,
     .max_bus_unit = 750,
     .cross_op = 14,
     .cross_bus = 100,
     .provenance = "recalled, medium to low confidence: RM App. A, program D-Flash"},
    {.command = 0x12,
     .typ_op = 5025,
     .typ_bus = 700,
     .max_op = 20100,
     .max_bus = 3300,
     .ages = true,
     .provenance = "recalled, medium to high confidence: RM App. A, erase D-Flash sector"},
    {.command = 0x13, .typ_bus = 500, .max_bus = 500, .provenance = "assumed: enable EEE"},
    {.command = 0x14, .typ_bus = 350, .max_bus = 350, .provenance = "assumed: disable EEE"},
    {.command = 0x15, .typ_bus = 350, .max_bus = 350, .provenance = "assumed: EEE query"},
    {.command = 0x20,
     .typ_op = 500,
     .typ_bus = 5000,
     .max_op = 500,
     .max_bus = 5000,
     .provenance = "assumed: programs the partition words of the information register"},
};

/* What the S12XE parts with this module have in common. */
#define S12XE_COMMON                                                                               \
    .part_id = 0xC482,                      /* Sourced: pyBDM part table, mask 2M25J. */           \
        .d_block = {"D", 0x100000, 0x8000}, /* Sourced: UNISIM-VP; NXP community m-p/660322. */    \
        .p_sector_bytes = 1024,             /* Sourced: OpenOCD driver, UNISIM-VP, USBDM. */       \
        .p_phrase_bytes = 8,                /* Sourced: NXP community m-p/781250. */               \
        .d_sector_bytes = 256,              /* Sourced: UNISIM-VP. */                              \
        .d_row_bytes = 64,                  /* Assumed. */                                         \
        .program_once_bytes = 64,           /* Sourced: MC9S12XEP100RMV1 Rev 1.19 p.1056. */       \
        .config_field = 0x7FFF00,           /* Sourced: CodeWarrior header, UNISIM-VP. */          \
        .prot_low_start = 0x7F8000,         /* Sourced: OpenOCD driver. */                         \
        .prot_high_end = 0x800000,          /* Sourced: OpenOCD driver. */                         \
        .eee_ram_start = 0x13F000,          /* Sourced: UNISIM-VP. */                              \
        .bus_hz_max = 50000000,             /* Recalled, medium to high confidence. */             \
        .fclk_min_hz = 800000,              /* Sourced: USBDM limits, UNISIM-VP limits. */         \
        .fclk_max_hz = 1050000,             /* Sourced: USBDM limits, UNISIM-VP limits. */         \
        .p_endurance_cycles = 10000,        /* Recalled, medium confidence: minimum. */            \
        .d_endurance_cycles = 50000,        /* Recalled, medium confidence: minimum. */            \
        .vdd_safe_mv = 3900,                /* Assumed: between LVI (4.23 V) and LVR (3.13 V). */  \
        .timings = s12xe_timings, .timings_len = sizeof(s12xe_timings) / sizeof(s12xe_timings[0])

const struct s12x_part s12x_part_mc9s12xeq512 = {
    .name = "MC9S12XEQ512",
    /* Sourced: block list of the OpenOCD S12XE driver; NXP community thread 33277. */
    .p_blocks = {{"0", 0x7C0000, 0x40000}, {"1N", 0x7A0000, 0x20000}, {"1S", 0x780000, 0x20000}},
    .p_blocks_len = 3,
    S12XE_COMMON,
};

const struct s12x_part s12x_part_mc9s12xeq384 = {
    .name = "MC9S12XEQ384",
    /* Sourced: FRM3 tool, block list of the OpenOCD S12XE driver. Where 1N would be is a hole. */
    .p_blocks = {{"0", 0x7C0000, 0x40000}, {"1S", 0x780000, 0x20000}},
    .p_blocks_len = 2,
    S12XE_COMMON,
};

static const struct s12x_part *const s12x_parts[] = {&s12x_part_mc9s12xeq512,
                                                     &s12x_part_mc9s12xeq384};

const struct s12x_part *s12x_part_find(const char *name)
{
    for (size_t i = 0; i < sizeof(s12x_parts) / sizeof(s12x_parts[0]); i++) {
        if (strcmp(s12x_parts[i]->name, name) == 0) {
            return s12x_parts[i];
        }
    }
    return NULL;
}
