/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_lab.h - what a laboratory may do to the diagnostic software of an ECU,
 * bootloader and application alike: hooks into transport and services, and the quirks of real ECUs
 * that are not as the standards want them. In a car there is none of it.
 *
 * It belongs to the owner of the ECU and outlives resets, and may change at any instant. */
#ifndef BOOT_LAB_H
#define BOOT_LAB_H

#include "sim/proto/isotp.h"
#include "sim/proto/uds_server.h"

enum { BOOT_QUIRK_VERSION = 16, BOOT_TAKEN_MAX = 8 };

/* All zero: a conforming ECU. */
struct boot_quirks {
    bool sticky_quiet;   /* What 28 and 85 have switched off stays off until they switch it on:
                          * through changes of session, S3 and resets. */
    bool rejects_repeat; /* The last block once more: 24, and the transfer is over. */
    bool erases_again;   /* Even what is known to be blank. */
    bool keeps_image;    /* Erase, transfer and checks are answered well; flash is left alone. */
    bool hides_version;  /* The version identifiers are unknown (31). */
    char version[BOOT_QUIRK_VERSION + 1]; /* Answered in the place of the true one. Empty: not. */
    bool programs_blindly; /* 34 is accepted whatever became of the erase; nothing is looked at
                            * before or after it is programmed. */
    proto_ns_t start_ns;   /* The application is silent for so much longer after its start. */
    bool zero_seed;        /* 27 01 gives the seed 0, and with it access. */
    bool same_seed;        /* 27 01 gives the same seed each time. */
};

/* Bytes [start, end) of flash. */
struct boot_taken {
    uint32_t start;
    uint32_t end;
};

/* What the software tells the laboratory, and what it finds again after a reset if it is sticky. */
struct boot_kept {
    bool communication_off;
    bool dtc_setting_off;
    /* The blocks taken last, the newest first; none after an erase or a good 37. */
    struct boot_taken taken[BOOT_TAKEN_MAX];
    uint8_t taken_len;
};

struct boot_lab {
    struct uds_hooks uds;
    struct isotp_hooks isotp;
    struct boot_quirks quirks;
    struct boot_kept kept;
};

/* No laboratory: no quirks. */
static inline const struct boot_quirks *boot_lab_quirks(const struct boot_lab *lab)
{
    static const struct boot_quirks none = {.sticky_quiet = false};
    return lab != NULL ? &lab->quirks : &none;
}

static inline const struct uds_hooks *boot_lab_uds(const struct boot_lab *lab)
{
    return lab != NULL ? &lab->uds : NULL;
}

static inline const struct isotp_hooks *boot_lab_isotp(const struct boot_lab *lab)
{
    return lab != NULL ? &lab->isotp : NULL;
}

/* The software starts or changes its settings: both are written down. */
static inline void boot_lab_keep(struct boot_lab *lab, bool communication_off, bool dtc_setting_off)
{
    if (lab != NULL) {
        lab->kept.communication_off = communication_off;
        lab->kept.dtc_setting_off = dtc_setting_off;
    }
}

/* What a start finds: false unless the quirk is there. */
static inline bool boot_lab_stays_silent(const struct boot_lab *lab)
{
    return lab != NULL && lab->quirks.sticky_quiet && lab->kept.communication_off;
}

static inline bool boot_lab_stays_dtc_off(const struct boot_lab *lab)
{
    return lab != NULL && lab->quirks.sticky_quiet && lab->kept.dtc_setting_off;
}

#endif
