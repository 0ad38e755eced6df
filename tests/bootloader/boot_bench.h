/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/boot_bench.h - the bootloader on a bench: the real flash model under it, a wire
 * that takes 250 us for a frame, a tester at the other end, and a clock that jumps.
 *
 * Answers of the tester's functions: POSITIVE (0), a negative response code, or one of the two
 * below. */
#ifndef BOOT_BENCH_H
#define BOOT_BENCH_H

#include "sim/ecus/bootloader/bootloader.h"
#include "sim/s12x_flash_model/s12x_flash.h"

enum { BENCH_SILENCE = 0x100, BENCH_POWER_LOST = 0x101 };

enum {
    BENCH_REQUEST_ID = 0x7E0,
    BENCH_RESPONSE_ID = 0x7E8,
    BENCH_FUNCTIONAL_ID = 0x7DF,
    BENCH_WIRE_MAX = 64,
    BENCH_SEGMENTS_MAX = 8
};

#define BENCH_SECRET UINT32_C(0x4C494D50)

struct bench_frame {
    bool from_ecu;
    uint32_t id;
    uint8_t data[8];
    uint8_t len;
};

struct boot_bench {
    struct boot_cfg cfg;
    struct boot_hal hal;
    struct bootloader boot;
    struct s12x_flash *flash;
    sim_ns_t now_ns;
    sim_ns_t epoch_ns;  /* Of the last reset: the chip counts from there. */
    sim_ns_t cut_at_ns; /* Power goes then. SIM_NEVER: stays. */
    bool powered;
    bool in_application;
    bool reset_asked;
    bool watchdog_bit; /* What the next resets are taken for. */
    uint32_t resets;   /* That the bootloader asked for. */

    uint16_t supply_mv;
    bool supply_low;
    struct boot_vehicle_state vehicle;

    struct bench_frame wire[BENCH_WIRE_MAX]; /* In order of asking; the first is on the wire. */
    uint8_t wire_len;
    sim_ns_t wire_due_ns;
    bool ecu_frame_waits; /* One transmit buffer. */

    struct isotp tester;
    struct isotp tester_functional;
    uint8_t receive_buffer[4095];
    uint8_t send_buffer[4095];
    uint8_t answer[4095]; /* The last response that was not 78. */
    uint16_t answer_len;  /* 0: none yet. */
    uint32_t pendings;    /* 78s seen. */
    uint32_t losses;      /* Answers that the tester is to miss, from now on. */
};

void bench_default_cfg(struct boot_cfg *cfg);
/* Unpowered; flash erased, emulated EEPROM partitioned unless told otherwise. */
void bench_init(struct boot_bench *bench, const struct boot_cfg *cfg, uint64_t seed);
/* The same on a flash that the bench then owns. */
void bench_init_on(struct boot_bench *bench, const struct boot_cfg *cfg, struct s12x_flash *flash);
void bench_free(struct boot_bench *bench);
void bench_power_on(struct boot_bench *bench);
void bench_power_off(struct boot_bench *bench);
/* A reset from outside: RAM is kept by the chip, but nothing of it is used. */
void bench_reset(struct boot_bench *bench);
/* Lets time pass. */
void bench_run_for(struct boot_bench *bench, sim_ns_t span_ns);

int bench_request(struct boot_bench *bench, const void *data, uint16_t len);
int bench_request_functional(struct boot_bench *bench, const void *data, uint8_t len);
/* The same from text: bench_ask(bench, "10 03"). */
int bench_ask(struct boot_bench *bench, const char *hex);
int bench_ask_functional(struct boot_bench *bench, const char *hex);
/* The last answer, byte by byte and in its length; ".." in the text stands for any byte. */
bool bench_answer_is(const struct boot_bench *bench, const char *hex);
/* The last answer as text, for messages; the text lives until the next call. */
const char *bench_answer_text(const struct boot_bench *bench);
/* Waits for a response that nobody asked for. */
int bench_wait_answer(struct boot_bench *bench, sim_ns_t span_ns);

/* Extended, programming, unlocked; from the application through its reset. */
int bench_unlock(struct boot_bench *bench);
int bench_enter_programming(struct boot_bench *bench);
uint32_t bench_key(uint32_t seed);

/* Words in emulated EEPROM, written as the application would. Powered only. */
void bench_nvm_write(struct boot_bench *bench, uint16_t word, uint16_t value);
uint16_t bench_nvm_read(struct boot_bench *bench, uint16_t word);

struct bench_segment {
    uint32_t start;
    uint32_t len;
};

struct bench_image {
    struct bench_segment segments[BENCH_SEGMENTS_MAX];
    uint8_t segments_len;
    uint32_t base; /* Of bytes; the erase takes base to base + len. */
    uint32_t len;
    uint8_t *bytes;
    uint8_t line_len; /* s19-line style. 0 means 28, which srec_cat likes. */
};

/* What the master remembers over power cuts. */
struct bench_journal {
    bool erased;
    uint8_t segment;
    uint32_t acknowledged; /* Bytes of that segment. */
};

/* 16 KB over the border of blocks 1N and 0, three segments with odd bounds, header first. If
 * wanted, the second begins in the phrase in which the first ends. */
void bench_image_make(struct bench_image *image, const char *version, uint64_t seed,
                      bool phrase_shared);
void bench_image_free(struct bench_image *image);
bool bench_flash_holds(const struct boot_bench *bench, const struct bench_image *image);
bool bench_protected_untouched(const struct boot_bench *bench);
uint64_t bench_findings(const struct boot_bench *bench);

int bench_erase(struct boot_bench *bench, uint32_t start, uint32_t len);
int bench_download(struct boot_bench *bench, uint32_t start, uint32_t len);
/* One 36 in the configured style, with the given counter. */
int bench_transfer(struct boot_bench *bench, uint8_t counter, uint32_t address, const uint8_t *data,
                   uint16_t len);
int bench_exit(struct boot_bench *bench, const uint8_t *data, uint32_t len);
/* The whole of a segment: 34, all 36, 37. */
int bench_send_segment(struct boot_bench *bench, const struct bench_image *image, uint8_t index,
                       uint32_t from, struct bench_journal *journal);
/* From wherever the ECU is to the application running; resumes by the journal. */
int bench_update(struct boot_bench *bench, const struct bench_image *image,
                 struct bench_journal *journal);

#endif
