/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_flash_private.h - the module's state and what its files share. */
#ifndef SIM_S12X_FLASH_PRIVATE_H
#define SIM_S12X_FLASH_PRIVATE_H

#include "sim/s12x_flash_model/s12x_array.h"
#include "sim/s12x_flash_model/s12x_eee.h"
#include "sim/s12x_flash_model/s12x_flash.h"

enum {
    S12X_FDIVLD = 0x80,
    S12X_FCNFG_IGNSF = 0x10,
    S12X_FCNFG_FDFD = 0x02,
    S12X_FCNFG_FSFD = 0x01
};
enum { S12X_COMMANDS = 0x21 }; /* Codes lie below. */
enum { S12X_CCOB_WORDS = 6, S12X_ECCR_WORDS = 8 };
enum { S12X_SEC_MASK = 0x03, S12X_SEC_OPEN = 0x02 };

/* What goes wrong with the pulses of one operation. */
struct s12x_pulse {
    uint32_t permille; /* Below 1000: FCLK is too fast, the pulse too short. */
    uint32_t weak_ppm; /* Supply too low. */
};

struct s12x_cmd_row;

/* The command being checked or running. */
struct s12x_run {
    struct s12x_op op;
    struct s12x_op_fault fault;
    const struct s12x_cmd_row *row;
    struct s12x_array *array;
    uint32_t offset; /* Of the address in array. */
    uint32_t units;  /* For the per-unit terms of the timing. */
    bool crosses_row;
    uint32_t busy; /* Set of arrays, by bit. */
    sim_ns_t end_ns;
};

/* A phrase waiting after Load Data Field. */
struct s12x_load {
    struct s12x_array *array;
    uint32_t offset;
    uint32_t address;
    uint64_t data;
};

struct s12x_flash {
    /* What the registers show. First: hot. */
    sim_ns_t next_ns; /* End of the running command or background step. */
    sim_ns_t now_ns;  /* Latest time seen. */
    sim_ns_t ready_ns;
    bool powered;
    bool running;
    uint8_t fclkdiv, fsec, fccobix, feccrix, fcnfg, fercnfg, fstat, ferstat, fprot, eprot, fopt;
    uint16_t fccob[S12X_CCOB_WORDS];
    uint16_t feccr[S12X_ECCR_WORDS];
    uint64_t protected_p; /* Decoded FPROT: s12x_prot_p_mask(). */
    uint32_t fclk_hz;     /* 0 while FCLKDIV is not set. */
    bool key_failed;      /* A wrong backdoor key since reset. */
    bool lost_power;      /* Since the last reset. */

    struct s12x_run run;
    struct s12x_load loads[S12X_BLOCKS_MAX];
    uint8_t loads_len;
    enum s12x_margin margin[S12X_BLOCKS_MAX + 1];

    const struct s12x_part *part;
    struct s12x_flash_cfg cfg;
    uint32_t bus_hz, osc_hz;
    uint64_t fclk_q24, fclk_fastest_q24, bus_q24; /* Length of a cycle: s12x_cycle_q24(). */
    const struct s12x_timing_row *timing[S12X_COMMANDS];
    struct s12x_array arrays[S12X_BLOCKS_MAX + 1]; /* P blocks, then D if there is one. */
    uint8_t arrays_len;
    struct s12x_array *d; /* Null: none. */
    struct s12x_array once;
    struct s12x_eee eee;
    struct prng torn_bits, weak_bits, pulse_bits;
    uint32_t supply_mv;
    uint32_t op_min_mv;                              /* Lowest since the operation began. */
    uint32_t watch_start, watch_head_end, watch_end; /* s12x_flash_watch(); empty: nobody does. */
    enum s12x_watched watched;
    uint64_t findings[S12X_FINDING_COUNT];
    uint64_t commands[256];
};

/* s12x_flash.c */
void s12x_finding(struct s12x_flash *flash, enum s12x_finding finding, uint32_t address);
/* Null: nothing there. */
struct s12x_array *s12x_array_at(struct s12x_flash *flash, uint32_t address, uint32_t *offset);
uint32_t s12x_array_bit(const struct s12x_flash *flash, const struct s12x_array *array);
/* Recomputes next_ns. */
void s12x_set_next(struct s12x_flash *flash);
/* Whatever runs is torn; what is not yet in D-Flash is lost. */
void s12x_flash_cut(struct s12x_flash *flash, sim_ns_t now_ns);
/* Reads one unit as the controller does, raising no flags. */
enum s12x_ecc_fault s12x_sense(struct s12x_flash *flash, const struct s12x_array *array,
                               uint32_t unit, uint64_t *data);

/* s12x_prot.c: sets of regions, so that more protection is a superset. */
enum { S12X_PROT_REST = 32 }; /* Bits 0..31: KB of the last 32 KB; 32: all else. */
uint64_t s12x_prot_p_mask(uint8_t fprot);
uint32_t s12x_prot_e_mask(uint8_t eprot);
bool s12x_protected(const struct s12x_flash *flash, uint32_t address, uint32_t len_bytes);
bool s12x_eee_protected(const struct s12x_flash *flash, uint16_t offset);

/* s12x_ops.c: pulses with all that can go wrong; they return MGSTAT bits. */
struct s12x_pulse s12x_pulse_now(const struct s12x_flash *flash);
uint8_t s12x_pulse_program(struct s12x_flash *flash, struct s12x_array *array, uint32_t unit,
                           uint64_t data, const struct s12x_pulse *pulse);
uint8_t s12x_pulse_erase(struct s12x_flash *flash, struct s12x_array *array, uint32_t sector,
                         const struct s12x_pulse *pulse);
uint8_t s12x_verify_blank(struct s12x_flash *flash, const struct s12x_array *array,
                          uint32_t first_unit, uint32_t units);
uint64_t s12x_cycle_q24(uint32_t hz);
sim_ns_t s12x_duration_ns(const struct s12x_flash *flash, uint8_t command, uint32_t units,
                          bool crosses_row, const struct s12x_array *array, uint32_t offset);

/* s12x_cmd.c */
enum s12x_verdict { S12X_GO, S12X_REFUSE, S12X_PROTECTED };
enum s12x_mode { S12X_NORMAL = 1, S12X_SPECIAL = 2, S12X_SPECIAL_SECURED = 4 };
typedef enum s12x_verdict s12x_check_fn(struct s12x_flash *flash, struct s12x_run *run);
typedef uint8_t s12x_run_fn(struct s12x_flash *flash, struct s12x_run *run);
typedef void s12x_tear_fn(struct s12x_flash *flash, struct s12x_run *run, uint32_t permille);

struct s12x_cmd_row {
    const char *name; /* Null: no such command. */
    uint8_t ix_min, ix_max;
    uint8_t modes;    /* Set of enum s12x_mode. */
    bool during_load; /* Legal while a Load Data Field sequence is open. */
    bool alters;      /* Changes cells. */
    /* Fills array, offset, units, busy of run; null: always legal. */
    s12x_check_fn *check;
    s12x_run_fn *run; /* Its answer: MGSTAT bits. */
    /* What is left after permille of it; null: nothing happened. */
    s12x_tear_fn *tear;
};
extern const struct s12x_cmd_row s12x_cmd_rows[S12X_COMMANDS];
void s12x_cmd_launch(struct s12x_flash *flash);
void s12x_cmd_finish(struct s12x_flash *flash);
void s12x_cmd_cut(struct s12x_flash *flash, sim_ns_t now_ns);
/* The address in FCCOB 0 and 1. */
uint32_t s12x_cmd_address(const struct s12x_flash *flash);

/* s12x_cmd_p.c */
s12x_check_fn s12x_check_all, s12x_check_block, s12x_check_section_p, s12x_check_once,
    s12x_check_program_once, s12x_check_load, s12x_check_program_p, s12x_check_erase_all,
    s12x_check_erase_block, s12x_check_erase_p, s12x_check_backdoor, s12x_check_user_margin,
    s12x_check_field_margin;
s12x_run_fn s12x_run_verify_all, s12x_run_verify, s12x_run_read_once, s12x_run_load,
    s12x_run_program_p, s12x_run_program_once, s12x_run_erase_all, s12x_run_erase_block,
    s12x_run_erase_sector, s12x_run_unsecure, s12x_run_backdoor, s12x_run_margin;
s12x_tear_fn s12x_tear_program_p, s12x_tear_program_once, s12x_tear_erase_all,
    s12x_tear_erase_block, s12x_tear_erase_sector;

/* s12x_cmd_d.c */
s12x_check_fn s12x_check_full_partition, s12x_check_partition, s12x_check_section_d,
    s12x_check_program_d, s12x_check_erase_d, s12x_check_eee;
s12x_run_fn s12x_run_full_partition, s12x_run_partition, s12x_run_program_d, s12x_run_enable_eee,
    s12x_run_disable_eee, s12x_run_query;
s12x_tear_fn s12x_tear_full_partition, s12x_tear_program_d;

#endif
