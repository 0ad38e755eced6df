/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_cmd.c - the table of commands, and launching, finishing and cutting
 * one of them. What each does is in s12x_cmd_p.c and s12x_cmd_d.c. */
#include "sim/s12x_flash_model/s12x_flash_private.h"

enum { ANY_MODE = S12X_NORMAL | S12X_SPECIAL, WIPES = ANY_MODE | S12X_SPECIAL_SECURED };

/* FCCOB index at launch, modes and functions; docs/fidelity.md says where each row comes from. */
const struct s12x_cmd_row s12x_cmd_rows[S12X_COMMANDS] = {
    [0x01] = {"Erase Verify All Blocks", 0, 0, WIPES, false, false, s12x_check_all,
              s12x_run_verify_all, NULL},
    [0x02] = {"Erase Verify Block", 0, 0, WIPES, false, false, s12x_check_block, s12x_run_verify,
              NULL},
    [0x03] = {"Erase Verify P-Flash Section", 2, 2, ANY_MODE, false, false, s12x_check_section_p,
              s12x_run_verify, NULL},
    [0x04] = {"Read Once", 1, 1, ANY_MODE, false, false, s12x_check_once, s12x_run_read_once, NULL},
    [0x05] = {"Load Data Field", 5, 5, ANY_MODE, true, false, s12x_check_load, s12x_run_load, NULL},
    [0x06] = {"Program P-Flash", 5, 5, ANY_MODE, true, true, s12x_check_program_p,
              s12x_run_program_p, s12x_tear_program_p},
    [0x07] = {"Program Once", 5, 5, ANY_MODE, false, true, s12x_check_program_once,
              s12x_run_program_once, s12x_tear_program_once},
    [0x08] = {"Erase All Blocks", 0, 0, WIPES, false, true, s12x_check_erase_all,
              s12x_run_erase_all, s12x_tear_erase_all},
    [0x09] = {"Erase P-Flash Block", 1, 1, ANY_MODE, false, true, s12x_check_erase_block,
              s12x_run_erase_block, s12x_tear_erase_block},
    [0x0A] = {"Erase P-Flash Sector", 1, 1, ANY_MODE, false, true, s12x_check_erase_p,
              s12x_run_erase_sector, s12x_tear_erase_sector},
    [0x0B] = {"Unsecure Flash", 0, 0, S12X_SPECIAL | S12X_SPECIAL_SECURED, false, true,
              s12x_check_erase_all, s12x_run_unsecure, s12x_tear_erase_all},
    [0x0C] = {"Verify Backdoor Access Key", 4, 4, ANY_MODE, false, false, s12x_check_backdoor,
              s12x_run_backdoor, NULL},
    [0x0D] = {"Set User Margin Level", 1, 1, ANY_MODE, false, false, s12x_check_user_margin,
              s12x_run_margin, NULL},
    [0x0E] = {"Set Field Margin Level", 1, 1, S12X_SPECIAL, false, false, s12x_check_field_margin,
              s12x_run_margin, NULL},
    [0x0F] = {"Full Partition D-Flash", 2, 2, S12X_SPECIAL, false, true, s12x_check_full_partition,
              s12x_run_full_partition, s12x_tear_full_partition},
    [0x10] = {"Erase Verify D-Flash Section", 2, 2, ANY_MODE, false, false, s12x_check_section_d,
              s12x_run_verify, NULL},
    [0x11] = {"Program D-Flash", 2, 5, ANY_MODE, false, true, s12x_check_program_d,
              s12x_run_program_d, s12x_tear_program_d},
    [0x12] = {"Erase D-Flash Sector", 1, 1, ANY_MODE, false, true, s12x_check_erase_d,
              s12x_run_erase_sector, s12x_tear_erase_sector},
    [0x13] = {"Enable EEPROM Emulation", 0, 0, ANY_MODE, false, false, s12x_check_eee,
              s12x_run_enable_eee, NULL},
    [0x14] = {"Disable EEPROM Emulation", 0, 0, ANY_MODE, false, false, s12x_check_eee,
              s12x_run_disable_eee, NULL},
    [0x15] = {"EEPROM Emulation Query", 0, 0, WIPES, false, false, NULL, s12x_run_query, NULL},
    [0x20] = {"Partition D-Flash", 2, 2, ANY_MODE, false, true, s12x_check_partition,
              s12x_run_partition, NULL},
};

const char *s12x_command_name(uint8_t code)
{
    return code < S12X_COMMANDS && s12x_cmd_rows[code].name ? s12x_cmd_rows[code].name : "unknown";
}

uint32_t s12x_cmd_address(const struct s12x_flash *flash)
{
    return (uint32_t)(flash->fccob[0] & 0x7Fu) << 16 | flash->fccob[1];
}

static enum s12x_mode mode(const struct s12x_flash *flash)
{
    if (!flash->cfg.special_mode) {
        return S12X_NORMAL;
    }
    return (flash->fsec & S12X_SEC_MASK) == S12X_SEC_OPEN ? S12X_SPECIAL : S12X_SPECIAL_SECURED;
}

static enum s12x_verdict judge(struct s12x_flash *flash, struct s12x_run *run)
{
    const struct s12x_cmd_row *row = run->row;
    if (!row->name || flash->fccobix < row->ix_min || flash->fccobix > row->ix_max ||
        !(row->modes & mode(flash)) || (flash->loads_len > 0 && !row->during_load)) {
        return S12X_REFUSE;
    }
    return row->check ? row->check(flash, run) : S12X_GO;
}

static void refuse(struct s12x_flash *flash, enum s12x_verdict verdict, uint32_t address)
{
    flash->loads_len = 0; /* Own assumption: an error ends a Load Data Field sequence. */
    if (verdict == S12X_PROTECTED) {
        flash->fstat |= S12X_FPVIOL;
        s12x_finding(flash, S12X_FIND_FPVIOL, address);
    } else {
        flash->fstat |= S12X_ACCERR;
        s12x_finding(flash, S12X_FIND_ACCERR, address);
    }
}

static void accuse_launch(struct s12x_flash *flash)
{
    const struct s12x_run *run = &flash->run;
    if (flash->fclk_hz < flash->part->fclk_min_hz || flash->fclk_hz > flash->part->fclk_max_hz) {
        s12x_finding(flash, S12X_FIND_FCLKDIV_RANGE, run->op.address);
    }
    if (run->row->alters && flash->supply_mv < flash->part->vdd_safe_mv) {
        s12x_finding(flash, S12X_FIND_LOW_VOLTAGE_OP, run->op.address);
    }
}

/* As a set of arrays. */
static uint32_t p_flash(const struct s12x_flash *flash)
{
    return (UINT32_C(1) << flash->part->p_blocks_len) - 1;
}

/* The controller is one: a background step in hand is finished first. */
static void start(struct s12x_flash *flash)
{
    struct s12x_run *run = &flash->run;
    const struct s12x_hooks *hooks = &flash->cfg.hooks;
    run->op.start_ns = flash->now_ns;
    if (flash->eee.step.kind != S12X_EEE_IDLE) {
        run->op.start_ns = flash->eee.step.end_ns;
    } else {
        flash->op_min_mv = flash->supply_mv;
    }
    run->op.duration_ns = s12x_duration_ns(flash, run->op.command, run->units, run->crosses_row,
                                           run->array, run->offset);
    if (hooks->on_launch) {
        hooks->on_launch(hooks->ctx, &run->op, &run->fault);
    }
    if (run->fault.slow_permille != 0) {
        run->op.duration_ns = run->op.duration_ns * run->fault.slow_permille / 1000;
    }
    run->end_ns = run->op.start_ns + run->op.duration_ns;
    flash->running = true;
    if ((run->busy & p_flash(flash)) != 0) {
        flash->watched = S12X_READ_BEYOND;
    }
    flash->fstat = (uint8_t)(flash->fstat & ~S12X_CCIF);
    flash->commands[run->op.command]++;
    s12x_set_next(flash);
}

void s12x_cmd_launch(struct s12x_flash *flash)
{
    struct s12x_run *run = &flash->run;
    uint8_t code = (uint8_t)(flash->fccob[0] >> 8);
    flash->fstat = (uint8_t)(flash->fstat & ~(S12X_MGSTAT1 | S12X_MGSTAT0));
    if (!(flash->fclkdiv & S12X_FDIVLD)) {
        s12x_finding(flash, S12X_FIND_FCLKDIV_UNSET, s12x_cmd_address(flash));
        refuse(flash, S12X_REFUSE, s12x_cmd_address(flash));
        return;
    }
    *run = (struct s12x_run){.op.command = code,
                             .row = &s12x_cmd_rows[code < S12X_COMMANDS ? code : 0]};
    enum s12x_verdict verdict = judge(flash, run);
    if (verdict != S12X_GO) {
        refuse(flash, verdict, s12x_cmd_address(flash));
        return;
    }
    accuse_launch(flash);
    start(flash);
}

void s12x_cmd_finish(struct s12x_flash *flash)
{
    struct s12x_run *run = &flash->run;
    uint8_t mgstat = run->fault.no_effect ? 0 : run->row->run(flash, run);
    if (run->fault.mgstat1) {
        mgstat |= S12X_MGSTAT1;
    }
    if (run->fault.mgstat0) {
        mgstat |= S12X_MGSTAT0;
    }
    flash->running = false;
    flash->fstat |= (uint8_t)(S12X_CCIF | mgstat);
    const struct s12x_hooks *hooks = &flash->cfg.hooks;
    if (hooks->on_done) {
        hooks->on_done(hooks->ctx, &run->op, flash->fstat, flash->now_ns);
    }
}

void s12x_cmd_cut(struct s12x_flash *flash, sim_ns_t now_ns)
{
    struct s12x_run *run = &flash->run;
    uint32_t permille = 0;
    if (now_ns > run->op.start_ns) {
        permille = (uint32_t)((now_ns - run->op.start_ns) * 1000 / run->op.duration_ns);
    }
    CHECK(permille < 1000);
    if (run->row->tear && !run->fault.no_effect) {
        run->row->tear(flash, run, permille);
    }
    flash->running = false;
    const struct s12x_hooks *hooks = &flash->cfg.hooks;
    if (hooks->on_torn) {
        hooks->on_torn(hooks->ctx, &run->op, (uint16_t)permille, now_ns);
    }
}
