/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_ecu.c - an S12X ECU: turns of its CPU, resets, and what runs after them. */
#include "sim/ecus/s12x_ecu.h"

#include "sim/ecus/s12x_ecu_private.h"
#include "sim/trace.h"

#include <stdlib.h>
#include <string.h>

/* Own assumptions (docs/fidelity.md): a 50 MHz 16-bit CPU. */
#define FRAME_NS      SIM_US(20)
#define BYTE_NS       SIM_US(2)
#define BOOT_DELAY_NS SIM_MS(2) /* PLL lock and start-up code, from the reset vector on. */

/* Where the boot code runs from: block 0, as the vectors do. */
enum { CODE_ADDRESS = 0x7FC000 };

enum { LOST_OVERRUN = 1 };

static struct s12x_ecu *s12x_of(struct ecu *base)
{
    return container_of(base, struct s12x_ecu, base);
}

/* Turns of the CPU. */

static bool runs_code(const struct s12x_ecu *ecu)
{
    return ecu->request != S12X_STAND_STILL &&
           (ecu->base.run == ECU_BOOTLOADER || ecu->base.run == ECU_APPLICATION);
}

/* Code cannot be fetched from a block on which a command runs. */
static bool frozen(const struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    return s12x_flash_block_busy(ecu->flash, CODE_ADDRESS, now_ns);
}

static sim_ns_t software_due_ns(const struct s12x_ecu *ecu)
{
    return ecu->base.run == ECU_BOOTLOADER ? bootloader_deadline_ns(&ecu->boot)
                                           : application_deadline_ns(&ecu->app);
}

static void plan_wake(struct s12x_ecu *ecu)
{
    struct sim *sim = ecu->base.sim;
    if (!runs_code(ecu)) {
        return;
    }
    ecu->flash_due_ns = s12x_flash_next_ns(ecu->flash);
    sim_ns_t wake_ns = ecu->flash_due_ns;
    if (!frozen(ecu, sim->now_ns)) {
        sim_ns_t work_ns = sim_min_ns(software_due_ns(ecu), s12x_cpu_next_ns(&ecu->cpu));
        if (ecu->run_wanted || ecu->confirmed_used > 0) {
            work_ns = sim->now_ns;
        }
        if (work_ns < ecu->cpu.free_ns) {
            work_ns = ecu->cpu.free_ns;
        }
        wake_ns = sim_min_ns(wake_ns, work_ns);
    }
    if (wake_ns < sim->now_ns) {
        wake_ns = sim->now_ns;
    }
    ecu->wake_ns = wake_ns;
    sim_schedule(sim, &ecu->wake_event, wake_ns);
}

/* Something new has come for the CPU: no later than due_ns, or when it is free. What was planned
 * stands otherwise. A frozen CPU plans anew when it thaws. */
static void wake_by(struct s12x_ecu *ecu, sim_ns_t due_ns)
{
    struct sim *sim = ecu->base.sim;
    if (due_ns < ecu->cpu.free_ns) {
        due_ns = ecu->cpu.free_ns;
    }
    if (sim_event_pending(&ecu->wake_event) && ecu->wake_ns <= due_ns) {
        return;
    }
    if (!frozen(ecu, sim->now_ns)) {
        ecu->wake_ns = due_ns;
        sim_schedule(sim, &ecu->wake_event, due_ns);
    }
}

void s12x_ecu_wake(struct s12x_ecu *ecu)
{
    if (runs_code(ecu)) {
        ecu->run_wanted = true;
        wake_by(ecu, ecu->base.sim->now_ns);
    }
}

/* Follows what the code has asked for; true if the turn may go on. */
static bool follow_request(struct s12x_ecu *ecu)
{
    if (ecu->request == S12X_START_APPLICATION) {
        ecu->request = S12X_GO_ON;
        ecu_enter(&ecu->base, ECU_APPLICATION);
        application_start(&ecu->app, &ecu->cfg.boot, &ecu->hal, ecu->base.sim->now_ns);
    }
    return ecu->request == S12X_GO_ON;
}

static void software_frame(struct s12x_ecu *ecu, const struct can_frame *frame, sim_ns_t now_ns)
{
    if (ecu->base.run == ECU_BOOTLOADER) {
        bootloader_on_frame(&ecu->boot, frame->id, frame->data, frame->len_bytes, now_ns);
    } else {
        application_on_frame(&ecu->app, frame->id, frame->data, frame->len_bytes, now_ns);
    }
}

static void software_confirm(struct s12x_ecu *ecu, uint32_t id, sim_ns_t now_ns)
{
    if (ecu->base.run == ECU_BOOTLOADER) {
        bootloader_on_confirm(&ecu->boot, now_ns);
    } else {
        application_on_confirm(&ecu->app, id, now_ns);
    }
}

static void bite(struct s12x_ecu *ecu)
{
    ecu->request = S12X_STAND_STILL;
    ecu_reset(&ecu->base, ECU_RESET_WATCHDOG);
}

static void software_run(struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    ecu->run_wanted = false;
    if (ecu->base.run == ECU_BOOTLOADER) {
        bootloader_run(&ecu->boot, now_ns);
    } else if (ecu->app.state == APPLICATION_HUNG && ecu->app.state_due_ns <= now_ns) {
        bite(ecu);
    } else {
        application_run(&ecu->app, now_ns);
    }
}

static bool take_confirms(struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    for (uint8_t i = 0; i < ecu->confirmed_used; i++) {
        software_confirm(ecu, ecu->confirmed_ids[i], now_ns);
        if (!follow_request(ecu)) {
            return false;
        }
    }
    ecu->confirmed_used = 0;
    return true;
}

/* One turn of the main loop: confirmations, one frame, and the work whose time has come. */
static void turn(struct s12x_ecu *ecu, sim_ns_t now_ns)
{
    struct can_frame frame;
    if (!take_confirms(ecu, now_ns)) {
        return;
    }
    if (s12x_cpu_take(&ecu->cpu, &frame, now_ns)) {
        software_frame(ecu, &frame, now_ns);
        if (!follow_request(ecu)) {
            return;
        }
    }
    if (ecu->run_wanted || software_due_ns(ecu) <= now_ns) {
        software_run(ecu, now_ns);
        (void)follow_request(ecu);
    }
}

static void wake(struct sim *sim, void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    if (ecu->flash_due_ns <= sim->now_ns) {
        s12x_flash_advance(ecu->flash, sim->now_ns);
        ecu->run_wanted = true;
    }
    if (!frozen(ecu, sim->now_ns) && ecu->cpu.free_ns <= sim->now_ns) {
        turn(ecu, sim->now_ns);
    }
    plan_wake(ecu);
}

/* The controller. */

/* The acceptance filter: requests of this ECU, physical and functional. */
static bool accepted(const struct s12x_ecu *ecu, const struct can_frame *frame)
{
    const struct boot_cfg *cfg = &ecu->cfg.boot;
    uint8_t flags = frame->id > CAN_STD_ID_MAX ? CAN_FLAG_EXT : 0;
    return (frame->id == cfg->request_id || frame->id == cfg->functional_id) &&
           (frame->flags & (CAN_FLAG_EXT | CAN_FLAG_RTR)) == flags;
}

static void node_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    if (!runs_code(ecu) || !accepted(ecu, frame)) {
        return;
    }
    if (!s12x_cpu_receive(&ecu->cpu, frame, now_ns)) {
        trace_emit(ecu->base.sim->cfg.trace, now_ns, TRACE_CAN_LOST, ecu->base.source,
                   (uint64_t[]){frame->id, LOST_OVERRUN}, frame->data, frame->len_bytes);
        return;
    }
    wake_by(ecu, s12x_cpu_next_ns(&ecu->cpu));
}

static void node_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    if (!runs_code(ecu)) {
        return;
    }
    CHECK(ecu->confirmed_used < ARRAY_SIZE(ecu->confirmed_ids));
    ecu->confirmed_ids[ecu->confirmed_used++] = frame->id;
    wake_by(ecu, now_ns);
}

static const struct can_node_ops node_ops = {.on_frame = node_frame, .on_confirm = node_confirm};

/* Flash hooks: to the trace, and to whoever observes or injects. */

/* The launch names the command; what follows tells it by its code. */
static void trace_op(struct s12x_ecu *ecu, enum trace_kind kind, const struct s12x_op *op,
                     uint64_t last, sim_ns_t now_ns)
{
    struct trace *trace = ecu->base.sim->cfg.trace;
    if (trace_on(trace)) {
        const char *name = kind == TRACE_FLASH_DONE ? "" : s12x_command_name(op->command);
        trace_emit(trace, now_ns, kind, ecu->base.source,
                   (uint64_t[]){op->command, op->address, last}, name, strlen(name));
    }
}

static void flash_launched(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct s12x_ecu *ecu = ctx;
    const struct s12x_hooks *hooks = &ecu->cfg.flash_hooks;
    trace_op(ecu, TRACE_FLASH_LAUNCH, op, op->duration_ns, op->start_ns);
    if (hooks->on_launch != NULL) {
        hooks->on_launch(hooks->ctx, op, fault);
    }
}

static void flash_done(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    const struct s12x_hooks *hooks = &ecu->cfg.flash_hooks;
    trace_op(ecu, TRACE_FLASH_DONE, op, fstat, now_ns);
    if (hooks->on_done != NULL) {
        hooks->on_done(hooks->ctx, op, fstat, now_ns);
    }
}

static void flash_step(void *ctx, const struct s12x_op *op)
{
    struct s12x_ecu *ecu = ctx;
    const struct s12x_hooks *hooks = &ecu->cfg.flash_hooks;
    if (hooks->on_step != NULL) {
        hooks->on_step(hooks->ctx, op);
    }
}

static void flash_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    const struct s12x_hooks *hooks = &ecu->cfg.flash_hooks;
    trace_op(ecu, TRACE_FLASH_TORN, op, permille, now_ns);
    if (hooks->on_torn != NULL) {
        hooks->on_torn(hooks->ctx, op, permille, now_ns);
    }
}

static void flash_finding(void *ctx, enum s12x_finding finding, uint32_t address, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    const struct s12x_hooks *hooks = &ecu->cfg.flash_hooks;
    const char *text = s12x_finding_text(finding);
    trace_emit(ecu->base.sim->cfg.trace, now_ns, TRACE_FINDING, ecu->base.source,
               (uint64_t[]){(uint64_t)finding, address}, text, strlen(text));
    if (hooks->on_finding != NULL) {
        hooks->on_finding(hooks->ctx, finding, address, now_ns);
    }
}

/* Resets and supply. */

static void boot_now(struct sim *sim, void *ctx)
{
    struct s12x_ecu *ecu = ctx;
    if (ecu->station != S12X_STATION_DONE) {
        sim_schedule(sim, &ecu->boot_event, s12x_factory_station(ecu, sim->now_ns));
        return;
    }
    ecu->request = S12X_GO_ON;
    s12x_cpu_reset(&ecu->cpu, sim->now_ns);
    can_node_set_power(&ecu->base.node, true);
    ecu_enter(&ecu->base, ECU_BOOTLOADER);
    (void)bootloader_init(&ecu->boot, &ecu->cfg.boot, &ecu->hal, sim->now_ns);
    ecu->run_wanted = follow_request(ecu);
    plan_wake(ecu);
}

static void s12x_start(struct ecu *base, enum ecu_reset_cause cause, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = s12x_of(base);
    (void)cause;
    s12x_hal_update_supply(ecu);
    if (ecu->station != S12X_STATION_DONE) {
        ecu->station = S12X_STATION_ENABLE_EEE;
    }
    sim_ns_t ready_ns = s12x_flash_reset(ecu->flash, now_ns);
    CHECK(ready_ns >= now_ns);
    sim_schedule(base->sim, &ecu->boot_event, ready_ns + BOOT_DELAY_NS + ecu->quirks.boot_ns);
}

static void s12x_halt(struct ecu *base, bool power_lost, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = s12x_of(base);
    ecu->request = S12X_STAND_STILL;
    ecu->run_wanted = false;
    ecu->confirmed_used = 0;
    /* A low-voltage reset holds the module in reset like a loss of power; other resets are over at
     * once, and s12x_flash_reset() follows at the same instant. */
    if (power_lost || base->supply_state <= S12X_SUPPLY_RESET) {
        s12x_flash_power_off(ecu->flash, now_ns);
    }
    if (power_lost) {
        s12x_quirks_power_lost(ecu);
    }
}

static void s12x_supply_changed(struct ecu *base, uint32_t mv, sim_ns_t now_ns)
{
    struct s12x_ecu *ecu = s12x_of(base);
    const struct s12x_supply_curve *curve = &base->supply.curve;
    ecu->ramping = curve->len > 0 && curve->points[curve->len - 1u].at_ns > now_ns;
    s12x_flash_set_supply_mv(ecu->flash, ecu_vdd_mv(mv), now_ns);
}

static void s12x_free(struct ecu *base)
{
    struct s12x_ecu *ecu = s12x_of(base);
    s12x_flash_free(ecu->flash);
    free(ecu->name);
    free(ecu);
}

static const struct ecu_type s12x_type = {
    .name = "s12x",
    .start = s12x_start,
    .halt = s12x_halt,
    .supply = s12x_supply_changed,
    .free = s12x_free,
};

/* Making one. */

static struct s12x_flash *new_flash(struct s12x_ecu *ecu, struct sim *sim)
{
    struct s12x_flash_cfg cfg = ecu->cfg.flash;
    cfg.seed = sim->cfg.seed;
    cfg.stream_name = ecu->name;
    cfg.hooks = (struct s12x_hooks){.ctx = ecu,
                                    .on_launch = flash_launched,
                                    .on_done = flash_done,
                                    .on_step = flash_step,
                                    .on_torn = flash_torn,
                                    .on_finding = flash_finding};
    return s12x_flash_new(&cfg);
}

static void init_members(struct s12x_ecu *ecu, struct sim *sim, struct can_bus *bus)
{
    /* MSCAN: three transmit buffers, the lowest identifier first. */
    const struct can_node_cfg node = {
        .ops = &node_ops,
        .ctx = ecu,
        .queue_len = 3,
        .priority_queue = true,
        /* The part's own controller; frames of CAN FD need another one beside it. */
        .classical = ecu->cfg.boot.frame_len == 0};
    ecu_init(&ecu->base, &s12x_type, ecu->name, sim, bus, &node);
    ecu->base.watch_mv = ecu->cfg.flash.part->vdd_safe_mv + ECU_DROPOUT_MV;
    ecu->cpu.frame_ns = ecu->cfg.frame_ns != 0 ? ecu->cfg.frame_ns : FRAME_NS;
    ecu->cpu.byte_ns = ecu->cfg.byte_ns != 0 ? ecu->cfg.byte_ns : BYTE_NS;
    ecu->request = S12X_STAND_STILL;
    ecu->flash_due_ns = SIM_NEVER;
    /* Parked, ready to be updated, unless somebody says otherwise. */
    ecu->vehicle = (struct boot_vehicle_state){.ignition_on = true, .gear_in_park = true};
    s12x_hal_init(ecu);
    sim_event_init(&ecu->boot_event, SIM_NODE, boot_now, ecu, &ecu->base.owner);
    sim_event_init(&ecu->wake_event, SIM_NODE, wake, ecu, &ecu->base.owner);
}

struct s12x_ecu *s12x_ecu_new(const char *name, struct sim *sim, struct can_bus *bus,
                              const struct s12x_ecu_cfg *cfg, struct err *err)
{
    CHECK(cfg->flash.part != NULL);
    struct s12x_ecu *ecu = calloc(1, sizeof *ecu);
    if (ecu == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory", name);
        return NULL;
    }
    ecu->cfg = *cfg;
    ecu->cfg.boot.osc_hz = cfg->flash.osc_hz;
    ecu->cfg.boot.lab = &ecu->lab;
    ecu->name = strdup(name);
    ecu->flash = ecu->name != NULL ? new_flash(ecu, sim) : NULL;
    if (ecu->flash == NULL) {
        (void)err_set(err, ERR_NOMEM, "%s: out of memory for the flash", name);
    } else if (s12x_factory_program(ecu, err) == 0) {
        init_members(ecu, sim, bus);
        return ecu;
    }
    s12x_flash_free(ecu->flash);
    free(ecu->name);
    free(ecu);
    return NULL;
}

struct ecu *s12x_ecu_base(struct s12x_ecu *ecu)
{
    return &ecu->base;
}

struct s12x_ecu *s12x_ecu_from(struct ecu *ecu)
{
    return ecu != NULL && ecu->type == &s12x_type ? s12x_of(ecu) : NULL;
}

struct s12x_flash *s12x_ecu_flash(struct s12x_ecu *ecu)
{
    return ecu->flash;
}

const struct s12x_ecu_cfg *s12x_ecu_cfg(const struct s12x_ecu *ecu)
{
    return &ecu->cfg;
}

void s12x_ecu_set_frame_time(struct s12x_ecu *ecu, sim_ns_t frame_ns)
{
    ecu->cpu.frame_ns = frame_ns;
}

void s12x_ecu_set_flash_hooks(struct s12x_ecu *ecu, const struct s12x_hooks *hooks)
{
    ecu->cfg.flash_hooks = *hooks;
}

struct boot_vehicle_state s12x_ecu_vehicle_state(const struct s12x_ecu *ecu)
{
    return ecu->vehicle;
}

void s12x_ecu_set_vehicle_state(struct s12x_ecu *ecu, const struct boot_vehicle_state *state)
{
    ecu->vehicle = *state;
}

/* The truth. */

/* What the emulated EEPROM would show after the next reset: asked of a copy, so that looking
 * changes nothing and works without power. */
static void read_nvm(struct s12x_ecu *ecu, struct s12x_ecu_status *status)
{
    const struct s12x_hooks no_hooks = {.ctx = NULL};
    sim_ns_t now_ns = ecu->base.sim->now_ns;
    struct s12x_flash *copy = s12x_flash_clone(ecu->flash, &no_hooks);
    CHECK(copy != NULL);
    s12x_flash_set_supply_mv(copy, ECU_VDD_MV, now_ns);
    sim_ns_t ready_ns = s12x_flash_reset(copy, now_ns);
    status->application_valid =
        ecu->station != S12X_STATION_DONE ||
        s12x_flash_eee_read(copy, BOOT_NVM_APPLICATION_VALID, ready_ns) == BOOT_VALID;
    status->erase_state = s12x_flash_eee_read(copy, BOOT_NVM_ERASE_STATE, ready_ns);
    s12x_flash_free(copy);
}

static void read_version(struct s12x_ecu *ecu, struct s12x_ecu_status *status)
{
    uint8_t bytes[BOOT_HEADER_LEN];
    struct boot_header header;
    s12x_flash_peek(ecu->flash, ecu->cfg.boot.header_address, bytes, sizeof bytes);
    if (boot_header_decode(bytes, &header)) {
        memcpy(status->version, header.version, sizeof status->version);
    }
}

struct s12x_ecu_network s12x_ecu_network(const struct s12x_ecu *ecu)
{
    if (ecu->base.run == ECU_APPLICATION) {
        return (struct s12x_ecu_network){ecu->app.tx_enabled, ecu->app.dtc_enabled};
    }
    if (ecu->base.run == ECU_BOOTLOADER) {
        return (struct s12x_ecu_network){bootloader_communication_on(&ecu->boot),
                                         bootloader_dtc_setting_on(&ecu->boot)};
    }
    return (struct s12x_ecu_network){.communication_on = false};
}

void s12x_ecu_status(struct s12x_ecu *ecu, struct s12x_ecu_status *status)
{
    const struct s12x_ecu_network network = s12x_ecu_network(ecu);
    *status = (struct s12x_ecu_status){
        .run = ecu->base.run, .session = UDS_SESSION_DEFAULT, .frames_lost = ecu->cpu.frames_lost};
    read_nvm(ecu, status);
    read_version(ecu, status);
    status->communication_on = network.communication_on;
    status->dtc_setting_on = network.dtc_setting_on;
    if (ecu->base.run == ECU_APPLICATION) {
        status->session = ecu->app.server.session;
        status->unlocked = ecu->app.server.unlocked;
    } else if (ecu->base.run == ECU_BOOTLOADER) {
        status->session = bootloader_session(&ecu->boot);
        status->unlocked = bootloader_unlocked(&ecu->boot);
    }
}

static void take_access(const struct boot_session_row *session, const struct uds_server *server,
                        const struct boot_lock *lock, struct s12x_ecu_access *access)
{
    if (session == NULL) {
        return; /* It has entered, and has not begun. */
    }
    access->session = session->id;
    access->kind = server->session;
    access->level = lock->open;
    access->s3_ns = server->cfg.s3_ns;
}

void s12x_ecu_access(const struct s12x_ecu *ecu, struct s12x_ecu_access *access)
{
    *access = (struct s12x_ecu_access){.session = UDS_SESSION_DEFAULT, .kind = UDS_SESSION_DEFAULT};
    if (ecu->base.run == ECU_APPLICATION) {
        take_access(ecu->app.session, &ecu->app.server, &ecu->app.lock, access);
    } else if (ecu->base.run == ECU_BOOTLOADER) {
        take_access(ecu->boot.session, &ecu->boot.uds, &ecu->boot.lock, access);
    }
}
