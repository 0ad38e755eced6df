/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_regs.c - the register file at 0x0100. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

enum { FCNFG_MASK = 0x93, FERCNFG_MASK = 0xDF, FPROT_RNV = 0x40, EPROT_RNV = 0x70 };

/* Access needs a powered module that is out of its reset sequence. */
static void enter(struct s12x_flash *flash, sim_ns_t now_ns)
{
    CHECK(flash->powered && now_ns >= flash->ready_ns && now_ns >= flash->now_ns);
    if (now_ns >= flash->next_ns) {
        s12x_flash_advance(flash, now_ns);
    }
    flash->now_ns = now_ns;
}

static uint8_t half(uint16_t word, bool high)
{
    return (uint8_t)(high ? word >> 8 : word & 0xFF);
}

static uint16_t ccob(const struct s12x_flash *flash)
{
    return flash->fccobix < S12X_CCOB_WORDS ? flash->fccob[flash->fccobix] : 0;
}

static uint8_t read_fstat(const struct s12x_flash *flash)
{
    bool busy = flash->running || flash->eee.step.kind != S12X_EEE_IDLE;
    return (uint8_t)(flash->fstat | (busy ? S12X_MGBUSY : 0));
}

uint8_t s12x_flash_reg_read(struct s12x_flash *flash, uint8_t offset, sim_ns_t now_ns)
{
    CHECK(offset < S12X_REG_COUNT);
    enter(flash, now_ns);
    switch (offset) {
    case S12X_FCLKDIV: return flash->fclkdiv;
    case S12X_FSEC: return flash->fsec;
    case S12X_FCCOBIX: return flash->fccobix;
    case S12X_FECCRIX: return flash->feccrix;
    case S12X_FCNFG: return flash->fcnfg;
    case S12X_FERCNFG: return flash->fercnfg;
    case S12X_FSTAT: return read_fstat(flash);
    case S12X_FERSTAT: return flash->ferstat;
    case S12X_FPROT: return flash->fprot;
    case S12X_EPROT: return flash->eprot;
    case S12X_FCCOBHI: return half(ccob(flash), true);
    case S12X_FCCOBLO: return half(ccob(flash), false);
    case S12X_ETAGHI: return half(s12x_eee_pending(flash), true);
    case S12X_ETAGLO: return half(s12x_eee_pending(flash), false);
    case S12X_FECCRHI: return half(flash->feccr[flash->feccrix], true);
    case S12X_FECCRLO: return half(flash->feccr[flash->feccrix], false);
    case S12X_FOPT: return flash->fopt;
    default: return 0;
    }
}

static void locked(struct s12x_flash *flash, uint8_t offset)
{
    s12x_finding(flash, S12X_FIND_REG_LOCKED, 0x0100u + offset);
}

/* FDIV is write-once; the same value again does no harm. */
static void write_fclkdiv(struct s12x_flash *flash, uint8_t value)
{
    uint8_t wanted = (uint8_t)(value | S12X_FDIVLD);
    if ((flash->fclkdiv & S12X_FDIVLD) || flash->running) {
        if (flash->running || flash->fclkdiv != wanted) {
            locked(flash, S12X_FCLKDIV);
        }
        return;
    }
    flash->fclkdiv = wanted;
    flash->fclk_hz = flash->osc_hz / ((uint32_t)(value & 0x7F) + 1);
    flash->fclk_q24 = s12x_cycle_q24(flash->fclk_hz);
}

static inline void write_ccob(struct s12x_flash *flash, uint16_t keep, unsigned bits)
{
    /* MC9S12G RM Rev 1.27 p.1043: words 6 and 7 are not there. */
    if (flash->fccobix < S12X_CCOB_WORDS) {
        uint16_t *word = &flash->fccob[flash->fccobix];
        *word = (uint16_t)((*word & keep) | bits);
    }
}

/* A launch looks at the error bits as they were before this write. */
static void write_fstat(struct s12x_flash *flash, uint8_t value)
{
    uint8_t errors = flash->fstat & (S12X_ACCERR | S12X_FPVIOL);
    if (!flash->running) {
        flash->fstat = (uint8_t)(flash->fstat & ~(value & (S12X_ACCERR | S12X_FPVIOL)));
    }
    if (!(value & S12X_CCIF)) {
        return;
    }
    if (flash->running) {
        s12x_finding(flash, S12X_FIND_LAUNCH_WHILE_BUSY, s12x_cmd_address(flash));
    } else if (errors) {
        s12x_finding(flash, S12X_FIND_STALE_ERROR, s12x_cmd_address(flash));
    } else {
        s12x_cmd_launch(flash);
    }
}

static void write_fcnfg(struct s12x_flash *flash, uint8_t value)
{
    flash->fcnfg = value & FCNFG_MASK;
    if (value & S12X_FCNFG_FSFD) {
        flash->ferstat |= S12X_SFDIF;
    }
    if (value & S12X_FCNFG_FDFD) {
        flash->ferstat |= S12X_DFDIF;
    }
}

/* In normal mode protection can only grow. */
static void write_fprot(struct s12x_flash *flash, uint8_t value)
{
    uint8_t wanted = (uint8_t)((value & ~FPROT_RNV) | (flash->fprot & FPROT_RNV));
    bool grows = (flash->protected_p & ~s12x_prot_p_mask(wanted)) == 0;
    if (!grows && !flash->cfg.special_mode) {
        locked(flash, S12X_FPROT);
        return;
    }
    flash->fprot = wanted;
    flash->protected_p = s12x_prot_p_mask(wanted);
}

static void write_eprot(struct s12x_flash *flash, uint8_t value)
{
    uint8_t wanted = (uint8_t)((value & ~EPROT_RNV) | (flash->eprot & EPROT_RNV));
    bool grows = (s12x_prot_e_mask(flash->eprot) & ~s12x_prot_e_mask(wanted)) == 0;
    if (!grows && !flash->cfg.special_mode) {
        locked(flash, S12X_EPROT);
        return;
    }
    flash->eprot = wanted;
}

/* All but FCCOB, and FCCOB at an instant that the module has not seen or while a command runs. */
static __attribute__((noinline)) void write_rare(struct s12x_flash *flash, uint8_t offset,
                                                 uint8_t value, sim_ns_t now_ns)
{
    CHECK(offset < S12X_REG_COUNT);
    enter(flash, now_ns);
    if (flash->running && (offset == S12X_FCCOBHI || offset == S12X_FCCOBLO)) {
        locked(flash, offset);
        return;
    }
    switch (offset) {
    case S12X_FCLKDIV: write_fclkdiv(flash, value); break;
    case S12X_FCCOBIX: flash->fccobix = value & 7; break;
    case S12X_FECCRIX: flash->feccrix = value & 7; break;
    case S12X_FCNFG: write_fcnfg(flash, value); break;
    case S12X_FERCNFG: flash->fercnfg = value & FERCNFG_MASK; break;
    case S12X_FSTAT: write_fstat(flash, value); break;
    case S12X_FERSTAT: flash->ferstat = (uint8_t)(flash->ferstat & ~value); break;
    case S12X_FPROT: write_fprot(flash, value); break;
    case S12X_EPROT: write_eprot(flash, value); break;
    case S12X_FCCOBHI: write_ccob(flash, 0x00FF, (unsigned)value << 8); break;
    case S12X_FCCOBLO: write_ccob(flash, 0xFF00, value); break;
    default: break; /* Read-only or reserved. */
    }
}

/* FCCOB and its index are written 18 times a phrase, all but the first with nothing else to do. */
void s12x_flash_reg_write(struct s12x_flash *flash, uint8_t offset, uint8_t value, sim_ns_t now_ns)
{
    const bool at_hand = flash->now_ns == now_ns && flash->next_ns > now_ns &&
                         flash->ready_ns <= now_ns && flash->powered && !flash->running;
    if (at_hand && offset == S12X_FCCOBIX) {
        flash->fccobix = value & 7;
    } else if (at_hand && offset == S12X_FCCOBHI) {
        write_ccob(flash, 0x00FF, (unsigned)value << 8);
    } else if (at_hand && offset == S12X_FCCOBLO) {
        write_ccob(flash, 0xFF00, value);
    } else {
        write_rare(flash, offset, value, now_ns);
    }
}
