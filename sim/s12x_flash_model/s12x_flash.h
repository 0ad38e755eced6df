/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_flash.h - the FTM flash module of the S12XE family, cycle-timed.
 *
 * The code above works as on the chip: it writes FCCOB, clears CCIF, and polls FSTAT. Everything
 * takes now_ns; a command launched at t is done at t plus its duration by the formulas of the
 * part's timing table, and s12x_flash_next_ns() says when. The model knows no clock and no event
 * queue.
 *
 * Cells follow NOR rules: programming clears bits, erasing sets them, every phrase (P-Flash) and
 * word (D-Flash) carries its ECC. Power may go at any instant: s12x_flash_power_off() leaves what
 * an interrupted operation leaves, computed from the elapsed fraction and the run's seed. Physical
 * damage changes the cells; injected read faults are an overlay that can be lifted, so that the
 * truth can always be compared.
 *
 * The model accuses: every illegal use by the code above it is a finding, reported through the
 * hooks and counted. Facts and their provenance: docs/fidelity.md. */
#ifndef SIM_S12X_FLASH_H
#define SIM_S12X_FLASH_H

#include "sim/base.h"
#include "sim/err.h"
#include "sim/s12x_flash_model/s12x_part.h"

#include <stdbool.h>

/* Register offsets from 0x0100. */
enum s12x_reg {
    S12X_FCLKDIV = 0x00,
    S12X_FSEC = 0x01,
    S12X_FCCOBIX = 0x02,
    S12X_FECCRIX = 0x03,
    S12X_FCNFG = 0x04,
    S12X_FERCNFG = 0x05,
    S12X_FSTAT = 0x06,
    S12X_FERSTAT = 0x07,
    S12X_FPROT = 0x08,
    S12X_EPROT = 0x09,
    S12X_FCCOBHI = 0x0A,
    S12X_FCCOBLO = 0x0B,
    S12X_ETAGHI = 0x0C,
    S12X_ETAGLO = 0x0D,
    S12X_FECCRHI = 0x0E,
    S12X_FECCRLO = 0x0F,
    S12X_FOPT = 0x10,
    S12X_REG_COUNT = 0x14,
};

enum s12x_fstat {
    S12X_CCIF = 0x80,
    S12X_ACCERR = 0x20,
    S12X_FPVIOL = 0x10,
    S12X_MGBUSY = 0x08,
    S12X_MGSTAT1 = 0x02,
    S12X_MGSTAT0 = 0x01
};
enum s12x_ferstat {
    S12X_ERSERIF = 0x80,
    S12X_PGMERIF = 0x40,
    S12X_EPVIOLIF = 0x10,
    S12X_ERSVIF1 = 0x08,
    S12X_ERSVIF0 = 0x04,
    S12X_DFDIF = 0x02,
    S12X_SFDIF = 0x01
};

enum s12x_command {
    S12X_CMD_ERASE_VERIFY_ALL = 0x01,
    S12X_CMD_ERASE_VERIFY_BLOCK = 0x02,
    S12X_CMD_ERASE_VERIFY_P_SECTION = 0x03,
    S12X_CMD_READ_ONCE = 0x04,
    S12X_CMD_LOAD_DATA_FIELD = 0x05,
    S12X_CMD_PROGRAM_P = 0x06,
    S12X_CMD_PROGRAM_ONCE = 0x07,
    S12X_CMD_ERASE_ALL = 0x08,
    S12X_CMD_ERASE_P_BLOCK = 0x09,
    S12X_CMD_ERASE_P_SECTOR = 0x0A,
    S12X_CMD_UNSECURE = 0x0B,
    S12X_CMD_VERIFY_BACKDOOR = 0x0C,
    S12X_CMD_USER_MARGIN = 0x0D,
    S12X_CMD_FIELD_MARGIN = 0x0E,
    S12X_CMD_FULL_PARTITION_D = 0x0F,
    S12X_CMD_ERASE_VERIFY_D_SECTION = 0x10,
    S12X_CMD_PROGRAM_D = 0x11,
    S12X_CMD_ERASE_D_SECTOR = 0x12,
    S12X_CMD_ENABLE_EEE = 0x13,
    S12X_CMD_DISABLE_EEE = 0x14,
    S12X_CMD_EEE_QUERY = 0x15,
    S12X_CMD_PARTITION_D = 0x20,
};

/* What the code above did wrong. text: docs/fidelity.md explains each. */
#define S12X_FINDINGS(X)                                                                           \
    X(S12X_FIND_FCLKDIV_UNSET, "command launched before FCLKDIV was written")                      \
    X(S12X_FIND_FCLKDIV_RANGE, "FCLK outside 0.8 to 1.05 MHz")                                     \
    X(S12X_FIND_REPROGRAM, "phrase or word programmed twice without erase")                        \
    X(S12X_FIND_READ_WHILE_BUSY, "block read while a command runs on it")                          \
    X(S12X_FIND_LAUNCH_WHILE_BUSY, "command launched while another one runs")                      \
    X(S12X_FIND_STALE_ERROR, "command launched while ACCERR or FPVIOL is set")                     \
    X(S12X_FIND_ACCERR, "command refused with ACCERR")                                             \
    X(S12X_FIND_FPVIOL, "command on a protected area")                                             \
    X(S12X_FIND_UNBLANK_PROGRAM, "programming cells that are not reliably erased")                 \
    X(S12X_FIND_LOW_VOLTAGE_OP, "command launched below the safe supply voltage")                  \
    X(S12X_FIND_WORN_SECTOR, "sector erased beyond its endurance")                                 \
    X(S12X_FIND_RESET_WHILE_BUSY, "software reset while a command runs")                           \
    X(S12X_FIND_EEE_LOST, "emulated EEPROM write lost: not yet in D-Flash at power off")           \
    X(S12X_FIND_REG_LOCKED, "register written while it is locked")

enum s12x_finding {
#define S12X_ENUM(name, text) name,
    S12X_FINDINGS(S12X_ENUM)
#undef S12X_ENUM
        S12X_FINDING_COUNT
};
const char *s12x_finding_text(enum s12x_finding finding);
const char *s12x_command_name(uint8_t code);

enum s12x_timing { S12X_TIMING_TYP, S12X_TIMING_MIN, S12X_TIMING_MAX };

/* A command as hooks see it. */
struct s12x_op {
    uint8_t command;
    uint32_t address; /* Global; 0 for commands without one. */
    sim_ns_t start_ns;
    sim_ns_t duration_ns;
};

/* What an injection wants of one command. Zero: nothing. */
struct s12x_op_fault {
    uint32_t slow_permille; /* Duration in 1/1000 of the normal one. 0 means 1000. */
    bool mgstat1;           /* Report failure of the verify part ... */
    bool mgstat0;           /* ... as not correctable; the cells are what they would be. */
    uint64_t flip;          /* Of a phrase that is programmed: bits inverted on the way, the byte at
                             * the lowest address in the lowest bits; the ECC fits what arrives. */
    bool no_effect;         /* Takes its time, reports success, changes nothing. */
};

struct s12x_hooks {
    void *ctx;
    /* Before a legal command starts; may fill *fault. */
    void (*on_launch)(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault);
    void (*on_done)(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns);
    /* A background step of emulated EEPROM has begun; as a command it would be Program or Erase
     * D-Flash Sector, at the first address of the sector. */
    void (*on_step)(void *ctx, const struct s12x_op *op);
    /* An operation was cut by power loss or reset after permille of its duration. */
    void (*on_torn)(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns);
    void (*on_finding)(void *ctx, enum s12x_finding finding, uint32_t address, sim_ns_t now_ns);
};

struct s12x_flash_cfg {
    const struct s12x_part *part; /* Required. */
    uint32_t osc_hz;              /* Feeds FCLK through FCLKDIV. 0 means 16 MHz. */
    uint32_t bus_hz;              /* f_NVMBUS. 0 means 50 MHz; at most part->bus_hz_max. */
    enum s12x_timing timing;
    bool special_mode; /* Special single chip, as a debugger has it. Zero: normal single chip. */
    uint64_t seed;     /* The run's; torn and weak cells draw from named streams. */
    const char *stream_name; /* Distinguishes two modules of one run, e.g. the ECU's name. */
    struct s12x_hooks hooks; /* Any callback may be null. */
};

struct s12x_flash; /* Allocated: several hundred kilobytes. */

/* All P-Flash and D-Flash erased, not partitioned, unpowered. Null: out of memory. */
struct s12x_flash *s12x_flash_new(const struct s12x_flash_cfg *cfg);
void s12x_flash_free(struct s12x_flash *flash);
/* An independent copy, for branching worlds; hooks are those of cfg. */
struct s12x_flash *s12x_flash_clone(const struct s12x_flash *flash, const struct s12x_hooks *hooks);

/* The chip's side. */

/* Power-on or reset: loads the configuration field, protection and security, copies emulated EEPROM
 * down. A command that was running is torn. Returns when the reset sequence is over (CCIF set);
 * accesses before are a programming error of the ECU model. */
sim_ns_t s12x_flash_reset(struct s12x_flash *flash, sim_ns_t now_ns);
/* Power is gone, now. */
void s12x_flash_power_off(struct s12x_flash *flash, sim_ns_t now_ns);
/* The supply as the module sees it; below part->vdd_safe_mv operations become unreliable. */
void s12x_flash_set_supply_mv(struct s12x_flash *flash, uint32_t supply_mv, sim_ns_t now_ns);

uint8_t s12x_flash_reg_read(struct s12x_flash *flash, uint8_t offset, sim_ns_t now_ns);
void s12x_flash_reg_write(struct s12x_flash *flash, uint8_t offset, uint8_t value, sim_ns_t now_ns);
/* Reads as the CPU does: through ECC, at the margin level set, flags raised in FERSTAT. Addresses
 * that hold nothing read 0xFF. Covers P-Flash and D-Flash by global address. */
void s12x_flash_read(struct s12x_flash *flash, uint32_t address, void *to, size_t len_bytes,
                     sim_ns_t now_ns);
/* The buffer RAM that shows emulated EEPROM in its upper ERPART pages (all of it with ERPART 16).
 * Byte offset within 4 KB, even. Writes go to D-Flash only after command 0x13, which every reset
 * undoes; ETAG tells how many are still on their way, and they go by address, not in order. */
uint16_t s12x_flash_eee_read(struct s12x_flash *flash, uint16_t offset, sim_ns_t now_ns);
void s12x_flash_eee_write(struct s12x_flash *flash, uint16_t offset, uint16_t value,
                          sim_ns_t now_ns);

/* When the running command or the background EEE write ends; SIM_NEVER if nothing runs. */
sim_ns_t s12x_flash_next_ns(const struct s12x_flash *flash);
/* When the running command ends; SIM_NEVER if none runs. */
sim_ns_t s12x_flash_command_end_ns(const struct s12x_flash *flash);
/* Brings the module to now_ns. Reads and writes do so by themselves. */
void s12x_flash_advance(struct s12x_flash *flash, sim_ns_t now_ns);
/* True while a command runs on the block that holds address: code there cannot execute. */
bool s12x_flash_block_busy(const struct s12x_flash *flash, uint32_t address, sim_ns_t now_ns);

/* The laboratory's side. */

/* What the cells hold (truth: no overlay, no ECC correction). peek reads 0xFF outside the part. */
void s12x_flash_peek(const struct s12x_flash *flash, uint32_t address, void *to, size_t len_bytes);
/* Blank sectors, all that the range touches; no time passes, and they wear no further. */
void s12x_flash_factory_erase(struct s12x_flash *flash, uint32_t address, size_t len_bytes);
/* The sector of P-Flash that holds address, overlays included. */
struct s12x_sector_state {
    uint32_t phrases; /* That it has, */
    uint32_t written; /* and that are programmed, fully or not. */
    bool weak;  /* A cell of it reads by chance, a bit is flipped, or check bits do not fit. */
    bool stuck; /* A cell of it does not take what is written, or it is worn out. */
};
void s12x_flash_look_at_sector(const struct s12x_flash *flash, uint32_t address,
                               struct s12x_sector_state *state);
/* Factory programming of P-Flash: erased cells of whole phrases get data and ECC, no time passes.
 * ERR_RANGE outside P-Flash. */
int s12x_flash_factory_program(struct s12x_flash *flash, uint32_t address, const void *bytes,
                               size_t len_bytes, struct err *err);
/* Factory partition of D-Flash for emulated EEPROM, as command 0x0F would leave it. */
int s12x_flash_factory_partition(struct s12x_flash *flash, uint16_t dfpart, uint16_t erpart,
                                 struct err *err);

uint32_t s12x_flash_erase_count(const struct s12x_flash *flash,
                                uint32_t address); /* Of its sector. */
uint32_t s12x_flash_program_count(const struct s12x_flash *flash,
                                  uint32_t address); /* Of its phrase
                                                      * since the last erase. */
uint64_t s12x_flash_finding_count(const struct s12x_flash *flash, enum s12x_finding finding);
uint64_t s12x_flash_command_count(const struct s12x_flash *flash, uint8_t command);
/* Worn beforehand: as if erased that often already. */
void s12x_flash_set_erase_count(struct s12x_flash *flash, uint32_t address, uint32_t count);

/* Phrases of P-Flash that lie in [start, end) as a whole are blank, as if they had not been
 * programmed since the last erase of their sector. */
void s12x_flash_unprogram(struct s12x_flash *flash, uint32_t start, uint32_t end);

/* Overlays. Bits of one byte: xor_mask flips what is read (a bit flip at rest; erasing the sector
 * mends it, as erasing restores a cell that lost charge); stuck_mask holds bits at stuck_value
 * whatever is programmed or erased. Later calls add. Addresses outside the part are ignored. */
void s12x_flash_inject_flip(struct s12x_flash *flash, uint32_t address, uint8_t xor_mask);
void s12x_flash_inject_stuck(struct s12x_flash *flash, uint32_t address, uint8_t stuck_mask,
                             uint8_t stuck_value);
void s12x_flash_lift_overlays(struct s12x_flash *flash);

/* Writes programmed P-Flash as S2 records that srec_cat reads back. Runs of erased phrases are left
 * out. */
int s12x_flash_save_srec(const struct s12x_flash *flash, const char *path, struct err *err);

/* A number that is equal for equal contents (cells, ECC, weak cells, wear left out): two states
 * with the same number behave alike. */
uint64_t s12x_flash_state_hash(const struct s12x_flash *flash);
/* The same of the sectors that [start, end) touches, in time that goes with their number. */
uint64_t s12x_flash_range_hash(const struct s12x_flash *flash, uint32_t start, uint32_t end);
/* Of emulated EEPROM: what its log would show after a loss of power, and how many of its sectors
 * would have to be cleaned then. Where in the log a value stands is left out, as wear is. */
uint64_t s12x_flash_log_hash(const struct s12x_flash *flash);
/* The same with what its buffer RAM shows. */
uint64_t s12x_flash_eee_hash(const struct s12x_flash *flash);

/* What a loss of power at now_ns, right after s12x_flash_draw_anew(), would leave: look() is shown
 * the module as it would be then, and afterwards nothing has happened. False, and nobody looks: the
 * command that runs changes more than one sector. */
bool s12x_flash_foresee_cut(struct s12x_flash *flash, uint64_t seed, sim_ns_t now_ns,
                            void (*look)(void *ctx, const struct s12x_flash *flash), void *ctx);
/* From now on chance follows from the seed: what has been drawn before no longer matters. For what
 * is torn it follows from the operation in hand and how much of it is done as well. */
void s12x_flash_draw_anew(struct s12x_flash *flash, uint64_t seed, sim_ns_t now_ns);
/* Whether code reads [start, end), or has a command look at P-Flash, from now on. The head of it,
 * up to head_end, is told apart: code that reads no more than that reads only the head. */
enum s12x_watched { S12X_READ_NOTHING, S12X_READ_HEAD, S12X_READ_BEYOND };
void s12x_flash_watch(struct s12x_flash *flash, uint32_t start, uint32_t head_end, uint32_t end);
enum s12x_watched s12x_flash_watched(const struct s12x_flash *flash);

#endif
