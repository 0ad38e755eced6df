/* SPDX-License-Identifier: Apache-2.0 */
/* tests/core/test_trace.c - what the digest covers, who sees records, and how they are printed. */
#include "sim/trace.h"
#include "sim/trace_private.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct one_rec {
    const char *source;
    sim_ns_t at_ns;
    enum trace_kind kind;
    uint64_t arg[TRACE_ARGS];
    const char *bytes;
    size_t bytes_len;
};

static const struct one_rec frame = {"can0",         SIM_MS(5), TRACE_CAN_FRAME, {0x7E0, 0, 1, 111},
                                     "\x02\x10\x03", 3};

static void emit(struct trace *trace, const struct one_rec *rec)
{
    trace_emit(trace, rec->at_ns, rec->kind, trace_source(trace, rec->source), rec->arg, rec->bytes,
               rec->bytes_len);
}

static struct trace_digest digest_of(const struct one_rec *rec)
{
    struct trace *trace = trace_new(true);
    emit(trace, rec);
    struct trace_digest digest = trace_digest(trace);
    trace_free(trace);
    return digest;
}

/* XXH128 of no input with seed 0: xxHash's own sanity test (XSUM_sanity_check, length 0). */
Test(trace, digest_of_nothing_is_the_published_one)
{
    struct trace *trace = trace_new(true);
    cr_expect_str_eq(trace_digest(trace).hex, "99aa06d3014798d86001c324468d497f");
    trace_free(trace);
}

/* The bytes written out by hand from docs/formats.md, hashed in one call. */
Test(trace, digest_covers_the_documented_bytes)
{
    static const uint8_t bytes[] = {
        0x40, 0x4B, 0x4C, 0,   0,   0,   0, 0, /* 5,000,000 ns */
        0,    4,    'c',  'a', 'n', '0',       /* kind, source */
        0xE0, 0x07, 0,    0,   0,   0,   0, 0, /* id */
        0,    0,    0,    0,   0,   0,   0, 0, /* flags */
        1,    0,    0,    0,   0,   0,   0, 0, /* sender */
        111,  0,    0,    0,   0,   0,   0, 0, /* wire_bits */
        3,    0x02, 0x10, 3,                   /* bytes */
        0x15, 0xCD, 0x5B, 7,   0,   0,   0, 0, /* 123,456,789 ns */
        13,   3,    'b',  'c', 'm',            /* note, source */
        42,   0,    0,    0,   0,   0,   0, 0, /* value */
        2,    'h',  'i',
    };
    XXH128_canonical_t expected;
    XXH128_canonicalFromHash(&expected, XXH3_128bits(bytes, sizeof(bytes)));
    char hex[33];
    for (size_t i = 0; i < 16; i++) {
        snprintf(hex + 2 * i, 3, "%02x", expected.digest[i]);
    }

    struct trace *trace = trace_new(true);
    emit(trace, &frame);
    trace_text(trace, 123456789, TRACE_NOTE, trace_source(trace, "bcm"), 42, "%s", "hi");
    cr_expect_str_eq(trace_digest(trace).hex, hex);
    cr_expect_eq(trace_count(trace), 2);
    trace_free(trace);
}

Test(trace, equal_records_give_equal_digests)
{
    cr_expect_str_eq(digest_of(&frame).hex, digest_of(&frame).hex);
}

Test(trace, every_part_of_a_record_changes_the_digest)
{
    struct one_rec changed[9];
    for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
        changed[i] = frame;
    }
    changed[0].arg[0] ^= 1;
    changed[1].arg[1] ^= UINT64_C(1) << 63;
    changed[2].arg[2] ^= 1;
    changed[3].arg[3] ^= 1;
    changed[4].bytes = "\x02\x10\x02";
    changed[5].bytes_len = 2;
    changed[6].source = "can1";
    changed[7].at_ns++;
    changed[8].kind = TRACE_CAN_ERROR;
    const struct trace_digest expected = digest_of(&frame);
    for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
        cr_expect_str_neq(digest_of(&changed[i]).hex, expected.hex, "change %zu", i);
    }
}

/* Without lengths in the serialisation "ab" + "c" and "a" + "bc" would be one. */
Test(trace, records_do_not_run_into_each_other)
{
    struct trace_digest digest[2];
    for (size_t i = 0; i < 2; i++) {
        struct trace *trace = trace_new(true);
        struct one_rec first = {"x", 0, TRACE_NOTE, {0}, "ab", 2 - i};
        emit(trace, &first);
        struct one_rec second = {"x", 0, TRACE_NOTE, {0}, i == 0 ? "c" : "bc", 1 + i};
        emit(trace, &second);
        digest[i] = trace_digest(trace);
        trace_free(trace);
    }
    cr_expect_str_neq(digest[0].hex, digest[1].hex);
}

static void count_rec(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    unsigned *count = ctx;
    *count += rec->kind == TRACE_CAN_FRAME && rec->arg[3] == 111 && rec->arg[4] == 0;
}

static struct trace_digest long_run(bool look_on, size_t unused_sources, unsigned *seen)
{
    struct trace *trace = trace_new(true);
    if (look_on) {
        trace_subscribe(trace, count_rec, seen);
    }
    for (size_t i = 0; i < unused_sources; i++) {
        char name[16];
        snprintf(name, sizeof(name), "unused%zu", i);
        trace_source(trace, name);
    }
    for (sim_ns_t i = 0; i < 1000; i++) {
        struct one_rec rec = frame;
        rec.at_ns += i;
        emit(trace, &rec);
        if (look_on) {
            trace_digest(trace);
        }
    }
    struct trace_digest digest = trace_digest(trace);
    trace_free(trace);
    return digest;
}

Test(trace, looking_on_does_not_change_the_digest)
{
    unsigned seen = 0;
    struct trace_digest alone = long_run(false, 0, NULL);
    cr_expect_str_eq(long_run(true, 5, &seen).hex, alone.hex);
    cr_expect_eq(seen, 1000);
}

Test(trace, digest_of_a_long_run_depends_on_its_first_record)
{
    struct trace_digest digest[2];
    for (uint64_t first = 0; first < 2; first++) {
        struct trace *trace = trace_new(true);
        uint16_t source = trace_source(trace, "ecu");
        for (uint64_t i = 0; i < 5000; i++) {
            trace_text(trace, i, TRACE_ECU, source, i == 0 ? first : 7, "step");
        }
        digest[first] = trace_digest(trace);
        trace_free(trace);
    }
    cr_expect_str_neq(digest[0].hex, digest[1].hex);
}

Test(trace, on_only_if_somebody_listens)
{
    cr_expect_not(trace_on(NULL));
    trace_emit(NULL, 0, TRACE_NOTE, 0, NULL, NULL, 0);
    trace_text(NULL, 0, TRACE_NOTE, 0, 0, "nobody");
    struct trace *trace = trace_new(false);
    cr_expect_not(trace_on(trace));
    emit(trace, &frame);
    cr_expect_eq(trace_count(trace), 0);
    unsigned seen = 0;
    trace_subscribe(trace, count_rec, &seen);
    cr_expect(trace_on(trace));
    emit(trace, &frame);
    cr_expect_eq(seen, 1);
    cr_expect_eq(trace_count(trace), 1);
    trace_free(trace);
}

Test(trace, the_same_source_name_gives_the_same_number)
{
    struct trace *trace = trace_new(false);
    uint16_t bcm = trace_source(trace, "bcm");
    uint16_t can0 = trace_source(trace, "can0");
    cr_expect_neq(bcm, can0);
    cr_expect_eq(trace_source(trace, "bcm"), bcm);
    cr_expect_str_eq(trace_source_name(trace, can0), "can0");
    trace_free(trace);
}

Test(trace, too_many_bytes_are_a_programming_error, .signal = SIGABRT)
{
    struct trace *trace = trace_new(true);
    struct one_rec rec = frame;
    static const char bytes[TRACE_BYTES_MAX + 1];
    rec.bytes = bytes;
    rec.bytes_len = sizeof(bytes);
    emit(trace, &rec);
}

static void print_rec(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    trace_print(ctx, trace, rec);
}

static void expect_line(const struct one_rec *rec, const char *expected)
{
    char *text = NULL;
    size_t text_len = 0;
    FILE *out = open_memstream(&text, &text_len);
    struct trace *trace = trace_new(false);
    trace_subscribe(trace, print_rec, out);
    emit(trace, rec);
    trace_free(trace);
    fclose(out);
    cr_expect_str_eq(text, expected, "printed %s", text);
    free(text);
}

Test(trace, prints_numbers_and_bytes_by_the_row_of_the_kind)
{
    expect_line(&frame,
                "0.005000000 can0 can.frame id=0x7e0 flags=0x0 sender=1 wire_bits=111 021003\n");
    struct one_rec empty = frame;
    empty.bytes_len = 0;
    empty.at_ns = SIM_S(12345678901) + 7;
    expect_line(&empty, "12345678901.000000007 can0 can.frame id=0x7e0 flags=0x0 sender=1 "
                        "wire_bits=111\n");
    expect_line(
        &(struct one_rec){"bcm", 0, TRACE_NOTE, {UINT64_MAX}, "gr\xC3\xBC\xC3\x9F dich", 11},
        "0.000000000 bcm note value=18446744073709551615 gr\xC3\xBC\xC3\x9F dich\n");
}

Test(trace, hostile_text_cannot_break_the_line)
{
    expect_line(&(struct one_rec){"bcm", 0, TRACE_NOTE, {1}, "a\n\r\x1B[2J\x00\x7F\\z", 11},
                "0.000000000 bcm note value=1 a\\x0a\\x0d\\x1b[2J\\x00\\x7f\\x5cz\n");
    /* Stray continuation, overlong slash, surrogate, C1 control, character cut short. */
    expect_line(
        &(struct one_rec){
            "bcm", 0, TRACE_NOTE, {1}, "\x80\xC0\xAF\xED\xA0\x80\xC2\x9B\xE2\x82", 10},
        "0.000000000 bcm note value=1 "
        "\\x80\\xc0\\xaf\\xed\\xa0\\x80\\xc2\\x9b\\xe2\\x82\n");
    expect_line(&(struct one_rec){"b c\nm", 0, TRACE_NOTE, {1}, "x", 1},
                "0.000000000 b\\x20c\\x0am note value=1 x\n");
}

Test(trace, the_longest_record_can_be_printed)
{
    char name[TRACE_BYTES_MAX + 1];
    memset(name, '\n', TRACE_BYTES_MAX);
    name[TRACE_BYTES_MAX] = '\0';
    char *text = NULL;
    size_t text_len = 0;
    FILE *out = open_memstream(&text, &text_len);
    struct trace *trace = trace_new(false);
    trace_subscribe(trace, print_rec, out);
    const uint64_t args[TRACE_ARGS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                       UINT64_MAX, UINT64_MAX, UINT64_MAX};
    for (int kind = 0; kind < TRACE_KIND_COUNT; kind++) {
        trace_emit(trace, UINT64_MAX, (enum trace_kind)kind, trace_source(trace, name), args, name,
                   TRACE_BYTES_MAX);
    }
    fclose(out);
    trace_free(trace);
    size_t lines = 0;
    for (size_t i = 0; i < text_len; i++) {
        lines += text[i] == '\n';
    }
    cr_expect_eq(lines, TRACE_KIND_COUNT);
    free(text);
}

static void keep_len(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    (void)trace;
    size_t *len = ctx;
    *len = rec->bytes_len;
}

Test(trace, long_text_is_cut_between_characters)
{
    struct trace *trace = trace_new(false);
    size_t len = 0;
    trace_subscribe(trace, keep_len, &len);
    char text[400];
    memset(text, 'x', sizeof(text));
    memcpy(text + TRACE_BYTES_MAX - 2, "\xE2\x82\xAC", 3);
    text[sizeof(text) - 1] = '\0';
    trace_text(trace, 0, TRACE_NOTE, trace_source(trace, "x"), 0, "%s", text);
    cr_expect_eq(len, TRACE_BYTES_MAX - 2);
    memset(text, 'x', sizeof(text) - 1);
    trace_text(trace, 0, TRACE_NOTE, trace_source(trace, "x"), 0, "%s", text);
    cr_expect_eq(len, TRACE_BYTES_MAX);
    trace_free(trace);
}

/* Adding a kind, or a number to one, changes the format: it has to be written down. */
Test(trace, every_kind_is_documented)
{
    static char doc[65536];
    FILE *file = fopen(LIMPHOME_SOURCE_DIR "/docs/formats.md", "r");
    cr_assert_not_null(file);
    size_t len = fread(doc, 1, sizeof(doc) - 1, file);
    fclose(file);
    cr_assert_lt(len, sizeof(doc) - 1);
    for (size_t kind = 0; kind < TRACE_KIND_COUNT; kind++) {
        const struct trace_kind_row *row = &trace_kind_rows[kind];
        char expected[160];
        int at = snprintf(expected, sizeof(expected), "| %zu | `%s` | `", kind, row->name.text);
        for (size_t i = 0; i < row->args_len; i++) {
            at += snprintf(expected + at, sizeof(expected) - (size_t)at, "%s%.*s", i ? " " : "",
                           (int)strcspn(row->arg[i].text, "#"), row->arg[i].text);
        }
        snprintf(expected + at, sizeof(expected) - (size_t)at, "` | %s |",
                 row->bytes == TRACE_HEX ? "bytes" : "text");
        cr_expect_not_null(strstr(doc, expected), "docs/formats.md lacks: %s", expected);
    }
}
