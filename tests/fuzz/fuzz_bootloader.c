/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_bootloader.c - the bootloader on the flash model under any sequence of frames,
 * messages, waits, supply changes, resets and power cuts: no check fails, protected flash never
 * changes, and the flash model has no illegal use to report.
 * Sources: sim/ecus/bootloader/boot*.c sim/proto/[a-z]*.c sim/s12x_flash_model/s12x*.c
 * Sources: sim/prng.c sim/err.c sim/check.c sim/utf8.c tests/bootloader/boot_bench*.c
 * Packages: libcrypto */
#include "tests/bootloader/boot_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_MAX = 48, MESSAGE_MAX = 300 };

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t next(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->data++;
}

static uint16_t take(struct input *in, uint8_t *to, uint16_t len)
{
    for (uint16_t i = 0; i < len; i++) {
        to[i] = next(in);
    }
    return len;
}

static void frame(struct boot_bench *bench, struct input *in, uint32_t id)
{
    uint8_t bytes[8];
    const uint8_t len = (uint8_t)take(in, bytes, next(in) % 9);
    if (!bench->in_application) {
        bootloader_on_frame(&bench->boot, id, bytes, len, bench->now_ns - bench->epoch_ns);
    }
    bench_run_for(bench, SIM_MS(2));
}

static void message(struct boot_bench *bench, struct input *in)
{
    uint8_t bytes[MESSAGE_MAX];
    uint16_t len = (uint16_t)(1 + next(in) % 64);
    len = (next(in) & 7) == 0 ? MESSAGE_MAX : len;
    (void)bench_request(bench, bytes, take(in, bytes, len));
}

/* Inside the application's 4 KB of the bench, so that much of it is accepted. */
static void download(struct boot_bench *bench, struct input *in)
{
    const uint32_t start = 0x7BE000u + next(in) * 16u + next(in) % 16u;
    (void)bench_download(bench, start, 1u + next(in));
}

static void transfer(struct boot_bench *bench, struct input *in)
{
    uint8_t bytes[64];
    const uint8_t counter = (uint8_t)(bench->boot.transfer.counter + 1 + (next(in) == 0));
    const uint32_t address = bench->boot.transfer.next + next(in) % 16u;
    (void)bench_transfer(bench, counter, address, bytes, take(in, bytes, next(in) % 64 + 1u));
}

static void cut(struct boot_bench *bench, struct input *in)
{
    bench->cut_at_ns = bench->now_ns + SIM_US(37) * next(in);
    bench_run_for(bench, SIM_MS(20));
    bench_power_off(bench);
    bench_power_on(bench);
    bench_run_for(bench, SIM_MS(200));
}

static void act(struct boot_bench *bench, struct input *in)
{
    switch (next(in) % 12) {
    case 0: frame(bench, in, BENCH_REQUEST_ID); break;
    case 1: frame(bench, in, BENCH_FUNCTIONAL_ID); break;
    case 2: message(bench, in); break;
    case 3: bench_run_for(bench, SIM_MS(1) * next(in)); break;
    case 4: cut(bench, in); break;
    case 5: (void)bench_enter_programming(bench); break;
    case 6: (void)bench_erase(bench, 0x7BE000u + next(in) % 4u * 0x400u, 0x400u); break;
    case 7: download(bench, in); break;
    case 8:
    case 9: transfer(bench, in); break;
    case 10: (void)bench_exit(bench, in->data, in->left < 256 ? (uint32_t)in->left : 256); break;
    case 11: bench->supply_mv = (uint16_t)(next(in) * 70); break;
    }
    if (!bench->powered) {
        bench_power_on(bench);
    }
}

static void judge(const struct boot_bench *bench)
{
    static const enum s12x_finding illegal[] = {
        S12X_FIND_REPROGRAM,         S12X_FIND_ACCERR,      S12X_FIND_FPVIOL,
        S12X_FIND_LAUNCH_WHILE_BUSY, S12X_FIND_STALE_ERROR, S12X_FIND_READ_WHILE_BUSY,
        S12X_FIND_FCLKDIV_UNSET,
    };
    for (size_t i = 0; i < ARRAY_SIZE(illegal); i++) {
        REQUIRE(s12x_flash_finding_count(bench->flash, illegal[i]) == 0);
    }
    REQUIRE(bench_protected_untouched(bench));
}

/* Making the flash costs more than an input; it is made once and cloned. */
static struct s12x_flash *factory(const struct boot_cfg *cfg)
{
    static struct boot_bench bench;
    static struct s12x_flash *flash;
    if (flash == NULL) {
        bench_init(&bench, cfg, 1);
        flash = bench.flash;
    }
    return flash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_bench bench;
    struct input in = {.data = data, .left = size};
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    cfg.style = next(&in) % 2 == 0 ? BOOT_STYLE_BLOCK : BOOT_STYLE_S19_LINE;
    cfg.check = (enum boot_segment_check)(next(&in) % 3);
    struct s12x_flash *flash = s12x_flash_clone(factory(&cfg), NULL);
    bench_init_on(&bench, &cfg, flash);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(200));
    for (int i = 0; i < OPS_MAX && in.left > 0; i++) {
        act(&bench, &in);
    }
    judge(&bench);
    bench_free(&bench);
    return 0;
}
