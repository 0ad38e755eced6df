/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/boot_bench.c - clock, wire, HAL and power of the bench. */
#include "tests/bootloader/boot_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_NS  SIM_US(250)
#define CODE_AT   0x7FC000u
#define ANSWER_NS SIM_S(60)
#define BOOT_NS   SIM_MS(2)

/* The chip's own clock begins with its reset. */
static proto_ns_t chip_ns(const struct boot_bench *bench)
{
    return bench->now_ns - bench->epoch_ns;
}

static bool code_stands_still(struct boot_bench *bench)
{
    return s12x_flash_block_busy(bench->flash, CODE_AT, bench->now_ns);
}

static bool post(struct boot_bench *bench, bool from_ecu, uint32_t id, const uint8_t *data,
                 uint8_t len)
{
    if (bench->wire_len == BENCH_WIRE_MAX || (from_ecu && bench->ecu_frame_waits)) {
        return false;
    }
    struct bench_frame *frame = &bench->wire[bench->wire_len++];
    *frame = (struct bench_frame){.from_ecu = from_ecu, .id = id, .len = len};
    memcpy(frame->data, data, len);
    bench->ecu_frame_waits = bench->ecu_frame_waits || from_ecu;
    if (bench->wire_len == 1) {
        bench->wire_due_ns = bench->now_ns + FRAME_NS;
    }
    return true;
}

/* The hardware under the bootloader. */

static uint8_t hal_reg_read(void *ctx, uint8_t offset)
{
    struct boot_bench *bench = ctx;
    return s12x_flash_reg_read(bench->flash, offset, bench->now_ns);
}

static void hal_reg_write(void *ctx, uint8_t offset, uint8_t value)
{
    struct boot_bench *bench = ctx;
    s12x_flash_reg_write(bench->flash, offset, value, bench->now_ns);
}

static void hal_launch(void *ctx)
{
    hal_reg_write(ctx, S12X_FSTAT, S12X_CCIF);
}

static void hal_flash_read(void *ctx, uint32_t address, uint8_t *to, uint16_t len_bytes)
{
    struct boot_bench *bench = ctx;
    s12x_flash_read(bench->flash, address, to, len_bytes, bench->now_ns);
}

static uint16_t hal_eee_read(void *ctx, uint16_t offset)
{
    struct boot_bench *bench = ctx;
    return s12x_flash_eee_read(bench->flash, offset, bench->now_ns);
}

static void hal_eee_write(void *ctx, uint16_t offset, uint16_t value)
{
    struct boot_bench *bench = ctx;
    s12x_flash_eee_write(bench->flash, offset, value, bench->now_ns);
}

static bool hal_can_send(void *ctx, uint32_t id, const uint8_t *data, uint8_t len_bytes)
{
    return post(ctx, true, id, data, len_bytes);
}

static bool hal_supply_low(void *ctx)
{
    const struct boot_bench *bench = ctx;
    return bench->supply_low;
}

static uint16_t hal_supply_mv(void *ctx)
{
    const struct boot_bench *bench = ctx;
    return bench->supply_mv;
}

static void hal_vehicle_state(void *ctx, struct boot_vehicle_state *state)
{
    const struct boot_bench *bench = ctx;
    *state = bench->vehicle;
}

static bool hal_watchdog_reset(void *ctx)
{
    const struct boot_bench *bench = ctx;
    return bench->watchdog_bit;
}

static void hal_reset(void *ctx)
{
    struct boot_bench *bench = ctx;
    bench->reset_asked = true;
    bench->resets++;
}

static void hal_start_application(void *ctx)
{
    struct boot_bench *bench = ctx;
    bench->in_application = true;
}

/* The tester's end. */

static bool tester_send(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    return post(ctx, false, BENCH_REQUEST_ID, data, len_bytes);
}

static bool tester_send_functional(void *ctx, const uint8_t *data, uint8_t len_bytes)
{
    return post(ctx, false, BENCH_FUNCTIONAL_ID, data, len_bytes);
}

static void tester_message(void *ctx, const uint8_t *data, uint16_t len_bytes, proto_ns_t now_ns)
{
    struct boot_bench *bench = ctx;
    (void)now_ns;
    if (len_bytes == 3 && data[0] == 0x7F && data[2] == 0x78) {
        bench->pendings++;
        return;
    }
    if (bench->losses > 0) {
        bench->losses--;
        return;
    }
    memcpy(bench->answer, data, len_bytes);
    bench->answer_len = len_bytes;
}

static const struct isotp_ops tester_ops = {.send = tester_send, .on_message = tester_message};
static const struct isotp_ops tester_functional_ops = {.send = tester_send_functional,
                                                       .on_message = tester_message};

/* Power. */

static void start(struct boot_bench *bench)
{
    bench->reset_asked = false;
    bench->in_application = false;
    bench->ecu_frame_waits = false;
    bench->epoch_ns = bench->now_ns;
    bench->now_ns = s12x_flash_reset(bench->flash, bench->now_ns) + BOOT_NS;
    (void)bootloader_init(&bench->boot, &bench->cfg, &bench->hal, chip_ns(bench));
}

void bench_power_on(struct boot_bench *bench)
{
    bench->powered = true;
    start(bench);
}

void bench_power_off(struct boot_bench *bench)
{
    if (!bench->powered) {
        return;
    }
    s12x_flash_power_off(bench->flash, bench->now_ns);
    bench->powered = false;
    bench->wire_len = 0;
    bench->cut_at_ns = SIM_NEVER;
    isotp_reset(&bench->tester);
    isotp_reset(&bench->tester_functional);
    memset(&bench->boot, 0xA5, sizeof bench->boot); /* Whoever uses it now will notice. */
    bench->now_ns += SIM_MS(500);
}

void bench_reset(struct boot_bench *bench)
{
    bench->wire_len = 0;
    isotp_reset(&bench->tester);
    isotp_reset(&bench->tester_functional);
    start(bench);
}

/* Time. */

static void deliver(struct boot_bench *bench)
{
    const struct bench_frame frame = bench->wire[0];
    bench->wire_len--;
    memmove(bench->wire, bench->wire + 1, bench->wire_len * sizeof bench->wire[0]);
    bench->wire_due_ns = bench->now_ns + FRAME_NS;
    if (frame.from_ecu) {
        bench->ecu_frame_waits = false;
        if (frame.id == BENCH_RESPONSE_ID) {
            isotp_on_frame(&bench->tester, frame.data, frame.len, bench->now_ns);
        }
        if (!bench->in_application) {
            bootloader_on_confirm(&bench->boot, chip_ns(bench));
        }
        return;
    }
    isotp_on_confirm(frame.id == BENCH_REQUEST_ID ? &bench->tester : &bench->tester_functional,
                     bench->now_ns);
    if (!bench->in_application) {
        bootloader_on_frame(&bench->boot, frame.id, frame.data, frame.len, chip_ns(bench));
    }
}

static sim_ns_t wire_due(const struct boot_bench *bench)
{
    return bench->wire_len > 0 ? bench->wire_due_ns : SIM_NEVER;
}

static sim_ns_t next_due(struct boot_bench *bench)
{
    sim_ns_t due = sim_min_ns(s12x_flash_next_ns(bench->flash), bench->cut_at_ns);
    if (code_stands_still(bench)) {
        return due;
    }
    due = sim_min_ns(due, wire_due(bench));
    due = sim_min_ns(due, isotp_deadline_ns(&bench->tester));
    if (bench->in_application) {
        return due;
    }
    const proto_ns_t boot_due_ns = bootloader_deadline_ns(&bench->boot);
    return boot_due_ns == PROTO_NEVER ? due : sim_min_ns(due, boot_due_ns + bench->epoch_ns);
}

/* One instant. False: nothing happens until limit_ns, which is now. */
static bool turn(struct boot_bench *bench, sim_ns_t limit_ns)
{
    sim_ns_t due = next_due(bench);
    if (due > limit_ns) {
        bench->now_ns = limit_ns;
        s12x_flash_advance(bench->flash, limit_ns);
        return false;
    }
    if (due > bench->now_ns) {
        bench->now_ns = due;
    }
    if (bench->now_ns >= bench->cut_at_ns) {
        bench_power_off(bench);
        return false;
    }
    s12x_flash_advance(bench->flash, bench->now_ns);
    if (code_stands_still(bench)) {
        return true;
    }
    if (bench->now_ns >= isotp_deadline_ns(&bench->tester)) {
        isotp_on_deadline(&bench->tester, bench->now_ns);
    }
    if (bench->now_ns >= wire_due(bench)) {
        deliver(bench);
    }
    if (!bench->in_application) {
        bootloader_run(&bench->boot, chip_ns(bench));
    }
    if (bench->reset_asked) {
        start(bench);
    }
    return true;
}

void bench_run_for(struct boot_bench *bench, sim_ns_t span_ns)
{
    const sim_ns_t limit_ns = bench->now_ns + span_ns;
    while (bench->powered && turn(bench, limit_ns)) {
    }
}

int bench_wait_answer(struct boot_bench *bench, sim_ns_t span_ns)
{
    const sim_ns_t limit_ns = bench->now_ns + span_ns;
    while (bench->answer_len == 0 && bench->powered && turn(bench, limit_ns)) {
    }
    if (!bench->powered) {
        return BENCH_POWER_LOST;
    }
    if (bench->answer_len == 0) {
        return BENCH_SILENCE;
    }
    return bench->answer[0] == 0x7F ? bench->answer[2] : 0;
}

/* Requests. */

int bench_request(struct boot_bench *bench, const void *data, uint16_t len)
{
    memcpy(bench->send_buffer, data, len);
    bench->answer_len = 0;
    if (!bench->powered || !isotp_send(&bench->tester, bench->send_buffer, len, bench->now_ns)) {
        return bench->powered ? BENCH_SILENCE : BENCH_POWER_LOST;
    }
    /* A time-out of the tester's own would come far sooner; the bench is only to see silence. */
    return bench_wait_answer(bench, bench->losses > 0 ? SIM_S(2) : ANSWER_NS);
}

int bench_request_functional(struct boot_bench *bench, const void *data, uint8_t len)
{
    memcpy(bench->send_buffer, data, len);
    bench->answer_len = 0;
    if (!isotp_send(&bench->tester_functional, bench->send_buffer, len, bench->now_ns)) {
        return BENCH_SILENCE;
    }
    return bench_wait_answer(bench, SIM_MS(200));
}

static uint16_t parse_hex(const char *hex, uint8_t *to)
{
    uint16_t len = 0;
    while (*hex != '\0') {
        char *end;
        to[len++] = (uint8_t)strtoul(hex, &end, 16);
        hex = end;
        while (*hex == ' ') {
            hex++;
        }
    }
    return len;
}

int bench_ask(struct boot_bench *bench, const char *hex)
{
    uint8_t data[256];
    return bench_request(bench, data, parse_hex(hex, data));
}

int bench_ask_functional(struct boot_bench *bench, const char *hex)
{
    uint8_t data[256];
    return bench_request_functional(bench, data, (uint8_t)parse_hex(hex, data));
}

bool bench_answer_is(const struct boot_bench *bench, const char *hex)
{
    uint16_t at = 0;
    while (*hex != '\0' && at < bench->answer_len) {
        char *end = NULL;
        const bool any = strncmp(hex, "..", 2) == 0;
        if (!any && bench->answer[at] != strtoul(hex, &end, 16)) {
            return false;
        }
        hex = any ? hex + 2 : end;
        hex += strspn(hex, " ");
        at++;
    }
    return *hex == '\0' && at == bench->answer_len;
}

const char *bench_answer_text(const struct boot_bench *bench)
{
    static char text[3 * 64 + 1];
    text[0] = '\0';
    for (uint16_t i = 0; i < bench->answer_len && i < 64; i++) {
        (void)snprintf(text + 3 * (size_t)i, 4, "%02X ", bench->answer[i]);
    }
    return text;
}

/* Setting up. */

void bench_default_cfg(struct boot_cfg *cfg)
{
    *cfg = (struct boot_cfg){
        .request_id = BENCH_REQUEST_ID,
        .response_id = BENCH_RESPONSE_ID,
        .functional_id = BENCH_FUNCTIONAL_ID,
        .isotp_pad = true,
        .isotp_padding_byte = 0xCC,
        .security_secret = BENCH_SECRET,
        .osc_hz = 16000000,
        .supply_min_mv = 9000,
        .supply_max_mv = 16000,
        .regions = {{0x780000, 0x7F8000}, {0x7FA000, 0x7FC000}},
        .regions_len = 2,
        .header_address = 0x7BE000,
        .hardware_id = "BCM-HW-1",
        .serial_number = "LH-000001",
        .part_number = "LH-BCM-12X",
        .vin = "LH0SIMULATED00001",
        .boot_version = "1.0.0",
    };
}

/* What the factory leaves: boot code in the protected region, protection, no security. */
static struct s12x_flash *make_flash(const struct boot_cfg *cfg, uint64_t seed)
{
    const struct s12x_flash_cfg flash_cfg = {
        .part = &s12x_part_mc9s12xeq512, .osc_hz = cfg->osc_hz, .seed = seed, .stream_name = "ecu"};
    struct s12x_flash *flash = s12x_flash_new(&flash_cfg);
    struct err err;
    uint8_t boot_code[0x4000];
    memset(boot_code, 0x5A, sizeof boot_code);
    memset(boot_code + 0x3F00, 0xFF, 16);
    boot_code[0x3F0C] = 0xC7; /* FPROT: 16 KB at the top are protected. */
    boot_code[0x3F0F] = 0xFE;
    if (flash == NULL || s12x_flash_factory_partition(flash, 0, 16, &err) != 0 ||
        s12x_flash_factory_program(flash, 0x7FC000, boot_code, sizeof boot_code, &err) != 0) {
        abort();
    }
    return flash;
}

void bench_init_on(struct boot_bench *bench, const struct boot_cfg *cfg, struct s12x_flash *flash)
{
    memset(bench, 0, sizeof *bench);
    bench->cfg = *cfg;
    bench->flash = flash;
    bench->cut_at_ns = SIM_NEVER;
    bench->supply_mv = 13500;
    bench->vehicle = (struct boot_vehicle_state){.ignition_on = true, .gear_in_park = true};
    bench->hal = (struct boot_hal){
        .ctx = bench,
        .flash_reg_read = hal_reg_read,
        .flash_reg_write = hal_reg_write,
        .flash_launch = hal_launch,
        .flash_read = hal_flash_read,
        .eee_read = hal_eee_read,
        .eee_write = hal_eee_write,
        .can_send = hal_can_send,
        .supply_low = hal_supply_low,
        .supply_mv = hal_supply_mv,
        .vehicle_state = hal_vehicle_state,
        .reset = hal_reset,
        .watchdog_reset = hal_watchdog_reset,
        .start_application = hal_start_application,
    };
    const struct isotp_cfg physical = {.rx_buffer = bench->receive_buffer,
                                       .rx_buffer_len = sizeof bench->receive_buffer,
                                       .pad = true,
                                       .padding_byte = 0xCC};
    const struct isotp_cfg functional = {.functional = true};
    isotp_init(&bench->tester, &physical, &tester_ops, bench);
    isotp_init(&bench->tester_functional, &functional, &tester_functional_ops, bench);
}

void bench_init(struct boot_bench *bench, const struct boot_cfg *cfg, uint64_t seed)
{
    bench_init_on(bench, cfg, make_flash(cfg, seed));
}

void bench_free(struct boot_bench *bench)
{
    s12x_flash_free(bench->flash);
}

void bench_nvm_write(struct boot_bench *bench, uint16_t word, uint16_t value)
{
    hal_eee_write(bench, word, value);
    while (!boot_nvm_settled(&bench->hal)) {
        bench->now_ns += SIM_US(100);
        s12x_flash_advance(bench->flash, bench->now_ns);
    }
}

uint16_t bench_nvm_read(struct boot_bench *bench, uint16_t word)
{
    return hal_eee_read(bench, word);
}
