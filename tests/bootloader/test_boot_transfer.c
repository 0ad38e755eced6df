/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/test_boot_transfer.c - erase, 34, 36, 37 and FF01 at work: what is repeated is
 * not done twice, what is acknowledged survives, what is protected stays. */
#include "tests/bootloader/boot_bench.h"

#include <criterion/criterion.h>

#include <string.h>

enum { BASE = 0x7BE000, LEN = 0x1000 };

static struct boot_bench bench;
static uint8_t data[LEN];

static void begin_style(enum boot_transfer_style style)
{
    struct boot_cfg cfg;
    bench_default_cfg(&cfg);
    cfg.style = style;
    for (unsigned i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7 + i / 256 + 1);
    }
    bench_init(&bench, &cfg, 31);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_enter_programming(&bench), 0);
    cr_assert_eq(bench_erase(&bench, BASE, LEN), 0);
}

static void begin_block(void)
{
    begin_style(BOOT_STYLE_BLOCK);
}

static void begin_line(void)
{
    begin_style(BOOT_STYLE_S19_LINE);
}

static void end(void)
{
    bench_free(&bench);
}

static void cut_and_return(void)
{
    bench_power_off(&bench);
    bench_power_on(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_enter_programming(&bench), 0);
}

static bool flash_has(uint32_t offset, uint32_t len)
{
    uint8_t found[LEN];
    s12x_flash_peek(bench.flash, BASE + offset, found, len);
    return memcmp(found, data + offset, len) == 0;
}

static uint64_t programs(void)
{
    return s12x_flash_command_count(bench.flash, S12X_CMD_PROGRAM_P);
}

static uint64_t sector_erases(void)
{
    return s12x_flash_command_count(bench.flash, S12X_CMD_ERASE_P_SECTOR);
}

static int transfer(uint8_t counter, uint32_t offset, uint16_t len)
{
    return bench_transfer(&bench, counter, BASE + offset, data + offset, len);
}

Test(boot_transfer, an_erase_whose_answer_was_lost_is_not_done_twice, .init = begin_block,
     .fini = end)
{
    const uint64_t before = sector_erases();
    cr_expect_eq(before, 4);
    bench.losses = 1;
    cr_expect_eq(bench_erase(&bench, BASE, LEN), BENCH_SILENCE);
    cr_expect_eq(bench_erase(&bench, BASE, LEN), 0);
    cr_expect_eq(bench_erase(&bench, BASE + 0x400, 0x400), 0, "a part of it is blank as well");
    cr_expect_eq(sector_erases(), before);
    cut_and_return();
    cr_expect_eq(bench_erase(&bench, BASE, LEN), 0);
    cr_expect_eq(sector_erases(), before, "still known after a power cut");
}

Test(boot_transfer, an_erase_after_writing_is_done, .init = begin_block, .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 8), 0);
    cr_assert_eq(transfer(1, 0, 8), 0);
    cr_expect_eq(bench_erase(&bench, BASE, LEN), 0);
    cr_expect_eq(sector_erases(), 8);
    cr_expect_eq(bench_findings(&bench), 0);
}

Test(boot_transfer, a_block_whose_answer_was_lost_is_not_written_twice, .init = begin_block,
     .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 2048), 0);
    bench.losses = 1;
    cr_expect_eq(transfer(1, 0, 1024), BENCH_SILENCE);
    cr_expect_eq(transfer(1, 0, 1024), 0);
    cr_expect_eq(programs(), 128);
    cr_expect_eq(transfer(2, 1024, 1024), 0);
    cr_expect_eq(bench_exit(&bench, data, 2048), 0);
    cr_expect_eq(bench_exit(&bench, data, 2048), 0, "37 may be asked again, too");
    cr_expect_eq(transfer(2, 1024, 1024), 0);
    cr_expect_eq(programs(), 256);
    cr_expect_eq(bench_findings(&bench), 0);
}

Test(boot_transfer, a_line_whose_answer_was_lost_is_not_written_twice, .init = begin_line,
     .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 64), 0);
    bench.losses = 1;
    cr_expect_eq(transfer(1, 0, 32), BENCH_SILENCE);
    cr_expect_eq(transfer(1, 0, 32), 0);
    cr_expect_eq(programs(), 4);
}

Test(boot_transfer, a_segment_sent_again_is_not_programmed_again, .init = begin_block, .fini = end)
{
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(bench_download(&bench, BASE, 1000), 0);
        cr_expect_eq(transfer(1, 0, 1000), 0);
        cr_expect_eq(bench_exit(&bench, data, 1000), 0);
    }
    cr_expect_eq(programs(), 125);
}

Test(boot_transfer, blank_bytes_are_not_programmed, .init = begin_block, .fini = end)
{
    memset(data, 0xFF, 512);
    cr_assert_eq(bench_download(&bench, BASE, 1024), 0);
    cr_expect_eq(transfer(1, 0, 1024), 0);
    cr_expect_eq(bench_exit(&bench, data, 1024), 0);
    cr_expect_eq(programs(), 64);
}

Test(boot_transfer, a_damaged_line_is_asked_for_again, .init = begin_line, .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 16), 0);
    cr_expect_eq(bench_ask(&bench, "36 01 03 0D 00 7B E0 00 1 2 3 4 5 6 7 8 75"), 0x71);
    cr_expect_eq(programs(), 0);
    cr_expect_eq(bench_ask(&bench, "36 01 03 0D 00 7B E0 00 1 2 3 4 5 6 7 8 73"), 0);
    cr_expect_eq(programs(), 1);
}

struct line_row {
    const char *request;
    int expected;
};

/* Of the segment 0x7BE000 to 0x7BE010. */
static const struct line_row line_rows[] = {
    {"36 01 03", 0x13},                                      /* Nothing behind the type. */
    {"36 01 03 0D 00 7B E0 00 1 2 3 4 5 6 7", 0x13},         /* Shorter than its count. */
    {"36 01 03 0D 00 7B E0 00 1 2 3 4 5 6 7 8 73 00", 0x13}, /* Longer. */
    {"36 01 04 0D 00 7B E0 00 1 2 3 4 5 6 7 8 73", 0x31},    /* S4. */
    {"36 01 07 05 00 7B E0 00 9F", 0x31},                    /* A start address. */
    {"36 01 00 03 00 00 FC", 0x31},                          /* A header. */
    {"36 01 03 05 00 7B E0 00 9F", 0x31},                    /* No data. */
    {"36 01 03 06 00 7B DF FF 01 9F", 0x31},                 /* Before the segment. */
    {"36 01 03 06 00 7B E0 10 01 8D", 0x31},                 /* Behind it. */
    {"36 01 03 07 00 7B E0 0F 01 02 8B", 0x31},              /* Over its end. */
    {"36 01 03 06 00 7F C0 00 01 B9", 0x31},                 /* Protected. */
    {"36 01 01 04 E0 00 01 1A", 0x31},                       /* 16-bit address. */
    {"36 01 02 05 7B E0 00 01 9E", 0},                       /* S2. */
    {"36 02 03 06 00 7B E0 00 01 9D", 0x73},
};

Test(boot_transfer, every_malformed_line_is_refused, .init = begin_line, .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 16), 0);
    for (size_t i = 0; i < sizeof line_rows / sizeof line_rows[0]; i++) {
        cr_assert_eq(bench_download(&bench, BASE, 16), 0);
        const int code = bench_ask(&bench, line_rows[i].request);
        cr_expect_eq(code, line_rows[i].expected, "%s: %02x", line_rows[i].request, (unsigned)code);
    }
    cr_expect_eq(programs(), 0);
}

Test(boot_transfer, lines_of_any_length_and_alignment_program_each_phrase_once)
{
    static const uint8_t lens[] = {1, 2, 3, 5, 7, 8, 9, 13, 28, 32, 250};
    for (size_t i = 0; i < sizeof lens; i++) {
        begin_line();
        const uint32_t first = (uint32_t)i + 3;
        const uint32_t len = 700;
        uint8_t counter = 1;
        cr_assert_eq(bench_download(&bench, BASE + first, len), 0);
        for (uint32_t at = 0; at < len; at += lens[i]) {
            const uint16_t piece = (uint16_t)(len - at < lens[i] ? len - at : (uint32_t)lens[i]);
            cr_assert_eq(transfer(counter++, first + at, piece), 0);
        }
        cr_expect_eq(bench_exit(&bench, data + first, len), 0);
        cr_expect(flash_has(first, len), "lines of %u", lens[i]);
        cr_expect_eq(sector_erases(), 4, "lines of %u: no repair", lens[i]);
        cr_expect_eq(bench_findings(&bench), 0, "lines of %u", lens[i]);
        end();
    }
}

/* Each acknowledged line counts after a power cut, however it ends within its phrase. */
Test(boot_transfer, acknowledged_lines_survive_a_power_cut_after_any_line)
{
    for (uint16_t line = 1; line <= 12; line++) {
        begin_line();
        cr_assert_eq(bench_download(&bench, BASE, 96), 0);
        uint8_t counter = 1;
        for (uint32_t at = 0; at < 96; at = at + line) {
            const uint16_t len = (uint16_t)(96 - at < line ? 96 - at : line);
            cr_assert_eq(transfer(counter++, at, len), 0, "line %u at %u", line, (unsigned)at);
            if ((at / line) % 3 == 1 && at + len < 96) {
                cut_and_return();
                cr_assert_eq(bench_download(&bench, BASE, 96), 0);
                counter = 1;
            }
        }
        cr_expect_eq(bench_exit(&bench, data, 96), 0, "lines of %u", line);
        cr_expect_eq(sector_erases(), 4, "lines of %u: no repair", line);
        end();
    }
}

Test(boot_transfer, a_line_repeated_after_a_power_cut_is_taken, .init = begin_line, .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 96), 0);
    cr_assert_eq(transfer(1, 0, 28), 0);
    cr_assert_eq(transfer(2, 28, 28), 0);
    cut_and_return();
    cr_assert_eq(bench_download(&bench, BASE, 96), 0);
    cr_assert_eq(transfer(1, 28, 28), 0);
    cr_assert_eq(transfer(2, 56, 28), 0);
    cr_assert_eq(transfer(3, 84, 12), 0);
    cr_expect_eq(bench_exit(&bench, data, 96), 0);
    cr_expect_eq(sector_erases(), 4, "no repair was needed");
}

Test(boot_transfer, two_segments_in_one_phrase, .init = begin_block, .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 19), 0);
    cr_assert_eq(transfer(1, 0, 19), 0);
    cr_assert_eq(bench_exit(&bench, data, 19), 0);
    cr_assert_eq(bench_download(&bench, BASE + 21, 100), 0);
    cr_assert_eq(transfer(1, 21, 100), 0);
    cr_assert_eq(bench_exit(&bench, data + 21, 100), 0);
    cr_expect(flash_has(0, 19));
    cr_expect(flash_has(21, 100));
    cr_expect_eq(s12x_flash_finding_count(bench.flash, S12X_FIND_REPROGRAM), 0);
}

Test(boot_transfer, a_flipped_bit_is_found_at_37_and_mended_by_sending_again, .init = begin_block,
     .fini = end)
{
    cr_assert_eq(bench_download(&bench, BASE, 1024), 0);
    cr_assert_eq(transfer(1, 0, 1024), 0);
    s12x_flash_inject_flip(bench.flash, BASE + 100, 0x03);
    cr_expect_eq(bench_exit(&bench, data, 1024), UDS_NRC_PROGRAMMING_FAILURE);
    s12x_flash_lift_overlays(bench.flash);
    cr_assert_eq(bench_download(&bench, BASE, 1024), 0);
    cr_assert_eq(transfer(1, 0, 1024), 0);
    cr_expect_eq(bench_exit(&bench, data, 1024), 0);
    cr_expect(flash_has(0, 1024));
}

/* Paper, section 5, test 4: one bit of the file changes after the resume, the check does not. */
Test(boot_transfer, a_changed_bit_after_a_resume_is_found, .init = begin_block, .fini = end)
{
    uint8_t changed[1024];
    cr_assert_eq(bench_download(&bench, BASE, 2048), 0);
    cr_assert_eq(transfer(1, 0, 1024), 0);
    cut_and_return();
    memcpy(changed, data + 1024, 1024);
    changed[77] ^= 0x10;
    cr_assert_eq(bench_download(&bench, BASE + 1024, 1024), 0);
    cr_assert_eq(bench_transfer(&bench, 1, BASE + 1024, changed, 1024), 0);
    cr_expect_eq(bench_exit(&bench, data + 1024, 1024), UDS_NRC_PROGRAMMING_FAILURE);
    cr_assert_eq(bench_download(&bench, BASE, 2048), 0);
    cr_expect_eq(bench_exit(&bench, data, 2048), UDS_NRC_PROGRAMMING_FAILURE);
}

struct supply_row {
    uint16_t mv;
    bool low;
    int expected;
};

static const struct supply_row supply_rows[] = {
    {13500, false, 0},
    {9000, false, 0},
    {16000, false, 0},
    {8999, false, UDS_NRC_VOLTAGE_TOO_LOW},
    {16001, false, UDS_NRC_VOLTAGE_TOO_HIGH},
    {13500, true, UDS_NRC_VOLTAGE_TOO_LOW},
};

static void set_supply(const struct supply_row *row)
{
    bench.supply_mv = row->mv;
    bench.supply_low = row->low;
}

Test(boot_transfer, supply_outside_its_limits_stops_every_programming_service)
{
    for (size_t i = 0; i < sizeof supply_rows / sizeof supply_rows[0]; i++) {
        const struct supply_row *row = &supply_rows[i];
        begin_block();
        set_supply(row);
        cr_expect_eq(bench_erase(&bench, BASE, 2 * LEN), row->expected, "erase, row %zu", i);
        set_supply(&supply_rows[0]);
        cr_assert_eq(bench_erase(&bench, BASE, LEN), 0);
        set_supply(row);
        cr_expect_eq(bench_download(&bench, BASE, 64), row->expected, "34, row %zu", i);
        set_supply(&supply_rows[0]);
        cr_assert_eq(bench_download(&bench, BASE, 64), 0);
        set_supply(row);
        cr_expect_eq(transfer(1, 0, 64), row->expected, "36, row %zu", i);
        cr_expect_eq(bench_ask(&bench, "10 02"), row->expected, "10 02, row %zu", i);
        set_supply(&supply_rows[0]);
        end();
    }
}

Test(boot_transfer, a_supply_that_falls_during_an_erase_leaves_it_known_as_broken,
     .init = begin_block, .fini = end)
{
    uint8_t request[13] = {0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0x7B, 0xC0, 0, 0, 0, 0x20, 0};
    bench.answer_len = 0;
    memcpy(bench.send_buffer, request, sizeof request);
    cr_assert(isotp_send(&bench.tester, bench.send_buffer, sizeof request, bench.now_ns));
    bench_run_for(&bench, SIM_MS(70));
    bench.supply_low = true;
    cr_expect_eq(bench_wait_answer(&bench, SIM_S(1)), UDS_NRC_VOLTAGE_TOO_LOW);
    bench.supply_low = false;
    cr_assert_eq(bench_ask(&bench, "31 03 FF 00"), 0);
    cr_expect_eq(bench.answer[4], 2);
    cr_expect_eq(bench_download(&bench, BASE, 64), UDS_NRC_CONDITIONS);
}

Test(boot_transfer, preconditions_are_a_set_of_bits, .init = begin_block, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "31 01 02 03"), 0);
    cr_expect_eq(bench.answer[4], 0);
    bench.vehicle = (struct boot_vehicle_state){
        .ignition_on = false, .engine_running = true, .gear_in_park = false, .speed_kmh = 3};
    bench.supply_low = true;
    cr_assert_eq(bench_ask(&bench, "31 01 02 03"), 0);
    cr_expect_eq(bench.answer[4], 0x1F);
    bench.supply_low = false;
    bench.supply_mv = 17000;
    bench.vehicle = (struct boot_vehicle_state){.ignition_on = true, .gear_in_park = true};
    cr_assert_eq(bench_ask(&bench, "31 01 02 03"), 0);
    cr_expect_eq(bench.answer[4], 0x20);
}

Test(boot_transfer, erase_of_everything_leaves_what_is_protected, .init = begin_block, .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "31 01 FF 00"), 0);
    cr_expect_gt(bench.pendings, 0);
    cr_expect(bench_protected_untouched(&bench));
    cr_expect_eq(s12x_flash_command_count(bench.flash, S12X_CMD_ERASE_P_BLOCK), 2);
    cr_expect_eq(s12x_flash_erase_count(bench.flash, 0x7F7C00), 1);
    cr_expect_eq(s12x_flash_erase_count(bench.flash, 0x7FBC00), 1);
    cr_expect_eq(bench_findings(&bench), 0);
}

static void send_segment(uint32_t offset, uint16_t len)
{
    cr_assert_eq(bench_download(&bench, BASE + offset, len), 0);
    cr_assert_eq(transfer(1, offset, len), 0);
    cr_assert_eq(bench_exit(&bench, data + offset, len), 0);
}

static void put_header(const char *hardware, uint16_t segments)
{
    struct boot_header header = {.segments = segments};
    strcpy(header.hardware_id, hardware);
    boot_header_encode(&header, data);
}

static uint8_t dependencies(const char *request)
{
    cr_assert_eq(bench_ask(&bench, request), 0);
    const bool valid = bench_nvm_read(&bench, BOOT_NVM_APPLICATION_VALID) == BOOT_VALID;
    cr_expect_eq(valid, bench.answer[4] == 0);
    return bench.answer[4];
}

Test(boot_transfer, the_application_is_valid_only_when_every_dependency_holds)
{
    begin_block();
    cr_expect_eq(dependencies("31 01 FF 01"), 1);
    send_segment(0x100, 64);
    cr_expect_eq(dependencies("31 01 FF 01"), 2);
    end();

    begin_block();
    put_header("BCM-HW-2", 2);
    send_segment(0, 128);
    cr_expect_eq(dependencies("31 01 FF 01"), 3);
    end();

    begin_block();
    put_header("BCM-HW-1", 2);
    send_segment(0, 128);
    cr_expect_eq(dependencies("31 01 FF 01"), 1);
    send_segment(0x200, 64);
    cr_expect_eq(dependencies("31 01 FF 01 00 03"), 1);
    cr_expect_eq(dependencies("31 01 FF 01 00 02"), 0);
    end();
}

/* A complete segment with a header, and the power gone so long after FF01 was asked for. What the
 * bootloader decides then. */
static bool runs_after_a_cut(sim_ns_t after_ns, bool *accepted)
{
    begin_block();
    put_header("BCM-HW-1", 0);
    send_segment(0, 128);
    bench.cut_at_ns = bench.now_ns + after_ns;
    *accepted = bench_ask(&bench, "31 01 FF 01") == 0;
    bench.cut_at_ns = SIM_NEVER;
    if (bench.powered) {
        bench_power_off(&bench);
    }
    bench_power_on(&bench);
    const bool valid = bench_nvm_read(&bench, BOOT_NVM_APPLICATION_VALID) == BOOT_VALID;
    const bool runs = bench.in_application;
    cr_expect_eq(runs, valid, "%llu ns after FF01", (unsigned long long)after_ns);
    end();
    return runs;
}

Test(boot_transfer, after_a_cut_the_bootloader_does_not_linger_beside_what_ff01_accepted)
{
    bool accepted = false;
    unsigned stayed = 0;
    unsigned ran = 0;
    for (sim_ns_t after_ns = 0; !accepted; after_ns += SIM_US(20)) {
        const bool runs = runs_after_a_cut(after_ns, &accepted);
        stayed += !runs;
        ran += runs;
        cr_assert(runs || !accepted);
    }
    cr_expect_gt(stayed, 10);
    cr_expect_gt(ran, 10);
}

Test(boot_transfer, writing_takes_the_validity_away_again, .init = begin_block, .fini = end)
{
    put_header("BCM-HW-1", 0);
    send_segment(0, 128);
    cr_expect_eq(dependencies("31 01 FF 01"), 0);
    cr_assert_eq(bench_download(&bench, BASE + 0x200, 64), 0);
    cr_assert_eq(transfer(1, 0x200, 64), 0);
    cr_expect_neq(bench_nvm_read(&bench, BOOT_NVM_APPLICATION_VALID), BOOT_VALID);
}

Test(boot_transfer, a_request_during_an_erase_is_answered_busy, .init = begin_block, .fini = end)
{
    memcpy(bench.send_buffer, (uint8_t[]){0x31, 0x01, 0xFF, 0x00}, 4);
    bench.answer_len = 0;
    cr_assert(isotp_send(&bench.tester, bench.send_buffer, 4, bench.now_ns));
    bench_run_for(&bench, SIM_MS(300));
    cr_expect_eq(bench_ask(&bench, "22 F1 90"), UDS_NRC_BUSY_REPEAT);
    bench.answer_len = 0;
    cr_expect_eq(bench_wait_answer(&bench, SIM_S(20)), 0);
    cr_expect_eq(bench.answer[0], 0x71);
}

Test(boot_transfer, identification_reads_what_was_configured_and_written, .init = begin_block,
     .fini = end)
{
    cr_assert_eq(bench_ask(&bench, "22 F1 90"), 0);
    cr_expect_arr_eq(bench.answer + 3, "LH0SIMULATED00001", 17);
    cr_assert_eq(bench_ask(&bench, "22 F1 91"), 0);
    cr_expect_arr_eq(bench.answer + 3, "BCM-HW-1\0\0\0\0\0\0\0", 16);
    cr_assert_eq(bench_ask(&bench, "2E F1 5A 01 02 03"), 0);
    bench_reset(&bench);
    bench_run_for(&bench, SIM_MS(300));
    cr_assert_eq(bench_ask(&bench, "22 F1 5A"), 0);
    cr_expect_eq(bench.answer_len, 6);
    cr_expect_arr_eq(bench.answer + 3, ((uint8_t[]){1, 2, 3}), 3);
}

Test(boot_transfer, an_erase_clears_the_validity_before_anything_else, .init = begin_block,
     .fini = end)
{
    put_header("BCM-HW-1", 0);
    send_segment(0, 128);
    cr_expect_eq(dependencies("31 01 FF 01"), 0);
    memcpy(bench.send_buffer, (uint8_t[]){0x31, 0x01, 0xFF, 0x00}, 4);
    cr_assert(isotp_send(&bench.tester, bench.send_buffer, 4, bench.now_ns));
    while (bench.boot.job != BOOT_JOB_ERASE ||
           s12x_flash_command_count(bench.flash, S12X_CMD_ERASE_P_BLOCK) == 0) {
        bench_run_for(&bench, SIM_US(50));
    }
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_APPLICATION_VALID), BOOT_NOT_VALID);
    cr_expect_eq(bench_nvm_read(&bench, BOOT_NVM_ERASE_STATE), BOOT_ERASE_RUNNING);
    cr_expect_eq(s12x_flash_reg_read(bench.flash, S12X_ETAGLO, bench.now_ns), 0, "settled");
}

Test(boot_transfer, a_segment_that_is_written_again_has_to_be_checked_again, .init = begin_block,
     .fini = end)
{
    put_header("BCM-HW-1", 0);
    send_segment(0, 128);
    cr_assert_eq(bench_download(&bench, BASE, 128), 0);
    cr_assert_eq(transfer(1, 0, 128), 0);
    cr_expect_eq(dependencies("31 01 FF 01"), 1);
    cr_assert_eq(bench_exit(&bench, data, 128), 0);
    cr_expect_eq(dependencies("31 01 FF 01"), 0);
}
