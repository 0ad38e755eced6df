/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/ecu_quirks.h - the quirks of real ECUs, Q1 to Q14 of the test catalogue, as data of an
 * ECU. A quirk holds from the instant at which it is set, through resets, until it is taken away.
 *
 * Three rows of the catalogue need nothing here: Q0 is a conforming ECU, Q12 (a twin on another
 * address) is the vehicle's data, Q14 (a slow gateway) lies on the bus. Q13 needs A/B memory, which
 * these ECUs have not. */
#ifndef SIM_ECU_QUIRKS_H
#define SIM_ECU_QUIRKS_H

#include "sim/base.h"
#include "sim/ecus/bootloader/boot_lab.h"

enum ecu_quirk {
    ECU_QUIRK_CONFORMING = 0,     /* A conforming ECU. */
    ECU_QUIRK_STICKY_QUIET = 1,   /* 28 and 85 hold through sessions, S3 and resets. */
    ECU_QUIRK_REJECTS_REPEAT = 2, /* A repeated block is answered with 24 and ends the transfer. */
    ECU_QUIRK_ERASES_AGAIN = 3,   /* Erases even what is known to be blank. */
    ECU_QUIRK_STRICT_S3 = 4,      /* S3 runs while a response is pending. */
    ECU_QUIRK_SLOW_BOOT = 5,      /* Silent for seconds after a reset. */
    ECU_QUIRK_LIAR = 6,           /* Positive everywhere, but the old software stays. */
    ECU_QUIRK_WRITE_BACK = 7,     /* Loses the last acknowledged blocks when power is cut. */
    ECU_QUIRK_SMALL_BUFFER = 8, /* Flow control with overflow, waits, block size 1 and STmin 127. */
    ECU_QUIRK_HALF_ERASED = 9,  /* Takes data for flash that is not blank after a cut. */
    ECU_QUIRK_SLOW = 10,        /* Slow, but within what it announces. */
    ECU_QUIRK_ZERO_SEED = 11,   /* 27 answers the seed 0; attempts and delay outlive a reset. */
    ECU_QUIRK_TWIN = 12,    /* The same part on another address: a matter of the vehicle file. */
    ECU_QUIRK_REVERTS = 13, /* A/B memory that falls back: not modelled. */
    ECU_QUIRK_GATEWAY = 14, /* Answers come late, twice or not at all: a matter of the bus. */
    ECU_QUIRK_COUNT
};

/* What of it all an ECU has. All zero: nothing. */
struct ecu_quirks {
    struct boot_quirks software; /* Q1, Q2, Q3, Q5 (application), Q6, Q9, Q11. */
    bool s3_strict;              /* Q4. */
    sim_ns_t boot_ns;            /* Q5: more time from a reset to the bootloader. */
    uint8_t blocks_lost;         /* Q7: at most BOOT_TAKEN_MAX. */
    /* Q8. */
    uint16_t buffer_bytes; /* Longer messages overflow. 0: as configured. */
    uint16_t waits;        /* Flow controls "wait" before each message may go on. */
    sim_ns_t wait_ns;      /* From one to the next. */
    bool sets_flow;        /* The next two are in force. */
    uint8_t block_size, st_min;
    /* Q10. */
    sim_ns_t p2_ns, p2_star_ns; /* Announced and kept. 0: as configured. */
    sim_ns_t answer_ns;         /* No final answer comes sooner after its request. */
    sim_ns_t erase_ns;          /* An erase takes at least so long, with 0x78 meanwhile. */
};

/* Adds one quirk with its usual parameters; others stay. */
void ecu_quirks_add(struct ecu_quirks *quirks, enum ecu_quirk quirk);

#endif
