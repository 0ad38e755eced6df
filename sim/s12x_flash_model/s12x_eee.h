/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_eee.h - emulated EEPROM: buffer RAM in front of a log in D-Flash.
 *
 * The upper sectors of D-Flash form a ring of 256-byte sectors: a header of two words and 63
 * records of two words, the value and, written after it, a tag that names the word. Later records
 * win. A sector is ready (all blank), active (header 0xFACF and a number that grows with each
 * activation), or obsolete and waiting for its erase; one whose erase fails is dead.
 * Private to the model. */
#ifndef SIM_S12X_EEE_H
#define SIM_S12X_EEE_H

#include "sim/base.h"

#include <stdbool.h>

struct s12x_flash;

enum {
    S12X_EEE_WORDS = 2048,
    S12X_EEE_SECTORS_MAX = 128,
    S12X_EEE_SLOTS = 63,
    S12X_EEE_NONE = 0xFFFF,
};

enum s12x_eee_sector { S12X_EEE_READY, S12X_EEE_ACTIVE, S12X_EEE_OBSOLETE, S12X_EEE_DEAD };
enum s12x_eee_step_kind {
    S12X_EEE_IDLE,
    S12X_EEE_RECORD,   /* Program one record. */
    S12X_EEE_ACTIVATE, /* Program the header of a ready sector. */
    S12X_EEE_RETIRE,   /* Spoil the header of the oldest sector: its records are copied. */
    S12X_EEE_ERASE,
};

struct s12x_eee_step {
    enum s12x_eee_step_kind kind;
    uint16_t sector, slot;
    uint16_t index, value; /* Of a record. */
    bool copy;             /* A record moved out of the oldest sector. */
    sim_ns_t start_ns, end_ns;
};

struct s12x_eee {
    bool partitioned;
    bool enabled; /* By command 0x13; not after reset. */
    uint16_t dfpart, erpart;
    uint16_t ram[S12X_EEE_WORDS];    /* Lost with power. */
    uint16_t stored[S12X_EEE_WORDS]; /* What the log says. */
    uint16_t home[S12X_EEE_WORDS];   /* Where: sector * 64 + slot, or S12X_EEE_NONE. */
    uint8_t dirty[S12X_EEE_WORDS];   /* The tag RAM: written and not yet in the log. */
    uint16_t dirty_len;
    uint16_t scan; /* Where the search for the next dirty word goes on. */
    enum s12x_eee_sector sector[S12X_EEE_SECTORS_MAX];
    uint16_t sequence[S12X_EEE_SECTORS_MAX]; /* Of active sectors. */
    uint16_t newest;                         /* Active sector that takes records. */
    uint16_t next_slot;
    bool torn; /* A step was cut: what the log says is known after the next reset. */
    bool tidy; /* No sector waits for its erase: nothing to do until a word is written. */
    struct s12x_eee_step step;
};

/* Whether D-Flash can be divided like that. */
bool s12x_eee_limits_ok(const struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart);
/* After the sectors have been erased. */
void s12x_eee_partition(struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart);
/* At reset: reads the log into buffer RAM. lost_power: RAM holds nothing. */
void s12x_eee_copy_down(struct s12x_flash *flash, bool lost_power);
sim_ns_t s12x_eee_copy_down_ns(const struct s12x_flash *flash);
/* First byte of D-Flash that belongs to the log; the array's size if none does. */
uint32_t s12x_eee_log_offset(const struct s12x_flash *flash);
uint16_t s12x_eee_first_word(const struct s12x_flash *flash);

/* Begins the next background step, if there is one and the controller is free. */
void s12x_eee_kick(struct s12x_flash *flash, sim_ns_t now_ns);
void s12x_eee_finish_step(struct s12x_flash *flash);
/* Power goes or reset comes at now_ns: tears the step, reports words that are lost. */
void s12x_eee_cut(struct s12x_flash *flash, sim_ns_t now_ns);
void s12x_eee_query(const struct s12x_flash *flash, uint16_t answer[4]);
/* What the log would show after a reset, and how many sectors have to be cleaned then. */
uint64_t s12x_eee_log_hash(const struct s12x_flash *flash);
/* Words not yet in D-Flash, the one being written included. */
uint16_t s12x_eee_pending(const struct s12x_flash *flash);

#endif
