/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/ecu_quirks.c - the usual parameters of each quirk. */
#include "sim/ecus/ecu_quirks.h"

/* 3 s is the shortest reboot gap of the catalogue (SEQ-19). */
static void add_slow_boot(struct ecu_quirks *quirks)
{
    quirks->software.start_ns = SIM_S(3);
}

static void add_small_buffer(struct ecu_quirks *quirks)
{
    quirks->buffer_bytes = 514;
    quirks->waits = 2;
    quirks->wait_ns = SIM_MS(200);
    quirks->sets_flow = true;
    quirks->block_size = 1;
    quirks->st_min = 127;
}

/* P2, P2* and the time of an erase are the catalogue's (SEQ-17, SEQ-05). */
static void add_slow(struct ecu_quirks *quirks)
{
    quirks->p2_ns = SIM_MS(200);
    quirks->p2_star_ns = SIM_S(20);
    quirks->answer_ns = SIM_MS(190);
    quirks->erase_ns = SIM_S(128);
}

void ecu_quirks_add(struct ecu_quirks *quirks, enum ecu_quirk quirk)
{
    switch (quirk) {
    case ECU_QUIRK_STICKY_QUIET: quirks->software.sticky_quiet = true; return;
    case ECU_QUIRK_REJECTS_REPEAT: quirks->software.rejects_repeat = true; return;
    case ECU_QUIRK_ERASES_AGAIN: quirks->software.erases_again = true; return;
    case ECU_QUIRK_STRICT_S3: quirks->s3_strict = true; return;
    case ECU_QUIRK_SLOW_BOOT: add_slow_boot(quirks); return;
    case ECU_QUIRK_LIAR: quirks->software.keeps_image = true; return;
    case ECU_QUIRK_WRITE_BACK: quirks->blocks_lost = 1; return;
    case ECU_QUIRK_SMALL_BUFFER: add_small_buffer(quirks); return;
    case ECU_QUIRK_HALF_ERASED: quirks->software.programs_blindly = true; return;
    case ECU_QUIRK_SLOW: add_slow(quirks); return;
    case ECU_QUIRK_ZERO_SEED: quirks->software.zero_seed = true; return;
    case ECU_QUIRK_CONFORMING:
    case ECU_QUIRK_TWIN:
    case ECU_QUIRK_REVERTS:
    case ECU_QUIRK_GATEWAY:
    case ECU_QUIRK_COUNT: return;
    }
}
