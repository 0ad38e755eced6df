/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace.h - what happened, in order, with a running digest that identifies the run.
 *
 * A record is a kind, a source, a few numbers whose names the table below gives, and optional
 * bytes. Everything a subscriber sees goes into the digest in a fixed byte order, so that the same
 * seed gives the same digest on every machine: same digest, same run.
 *
 * Emitting costs a few instructions when nobody listens: models ask trace_on() before they build
 * anything expensive. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim/base.h"

#include <stdbool.h>
#include <stdio.h>

/* kind, name, how the bytes are printed, names of the numbers in order (at most TRACE_ARGS). A
 * number whose name ends in '#' is printed in hexadecimal, and without the '#'. A row's place is
 * part of the digest (docs/formats.md): add new ones at the end. */
#define TRACE_KINDS(X)                                                                             \
    X(TRACE_CAN_FRAME, "can.frame", TRACE_HEX, "id#", "flags#", "sender", "wire_bits")             \
    X(TRACE_CAN_ERROR, "can.error", TRACE_HEX, "cause", "bit", "id#", "tec", "rec")                \
    X(TRACE_CAN_STATE, "can.state", TRACE_TEXT, "state", "tec", "rec")                             \
    X(TRACE_CAN_LOST, "can.lost", TRACE_HEX, "id#", "reason")                                      \
    X(TRACE_SUPPLY, "power.supply", TRACE_TEXT, "mv")                                              \
    X(TRACE_RESET, "power.reset", TRACE_TEXT, "cause")                                             \
    X(TRACE_FLASH_LAUNCH, "flash.launch", TRACE_TEXT, "command#", "address#", "duration_ns")       \
    X(TRACE_FLASH_DONE, "flash.done", TRACE_TEXT, "command#", "address#", "fstat#")                \
    X(TRACE_FLASH_TORN, "flash.torn", TRACE_TEXT, "command#", "address#", "permille")              \
    X(TRACE_FINDING, "flash.finding", TRACE_TEXT, "kind", "address#")                              \
    X(TRACE_ECU, "ecu", TRACE_TEXT, "value")                                                       \
    X(TRACE_MASTER, "master", TRACE_TEXT, "value")                                                 \
    X(TRACE_FAULT, "fault", TRACE_TEXT, "value")                                                   \
    X(TRACE_NOTE, "note", TRACE_TEXT, "value")

enum trace_bytes { TRACE_HEX, TRACE_TEXT };

enum trace_kind {
#define TRACE_ENUM(kind, ...) kind,
    TRACE_KINDS(TRACE_ENUM)
#undef TRACE_ENUM
        TRACE_KIND_COUNT
};

enum {
    TRACE_ARGS = 6,
    TRACE_BYTES_MAX = 255,
    TRACE_SOURCES_MAX = 256,
    TRACE_SUBSCRIBERS_MAX = 8,
    TRACE_LINE_MAX = 2560, /* Room for any record as text, and a little more. */
};

struct trace_rec {
    sim_ns_t at_ns;
    enum trace_kind kind;
    uint16_t source; /* From trace_source(). */
    uint16_t bytes_len;
    uint64_t arg[TRACE_ARGS];
    const uint8_t *bytes; /* Valid during the callback only. */
};

struct trace;
typedef void trace_fn(void *ctx, const struct trace *trace, const struct trace_rec *rec);

struct trace_digest {
    char hex[33]; /* 128 bits, lower-case hexadecimal, terminated. */
};

/* Allocates. Without a subscriber and with digest false nothing is recorded. Null: out of memory.
 */
struct trace *trace_new(bool digest);
void trace_free(struct trace *trace);

/* The number of a named source ("bcm", "can0"). The same name gives the same number. At most
 * TRACE_SOURCES_MAX names of at most TRACE_BYTES_MAX bytes each: whoever reads names from a file
 * checks their length there. */
uint16_t trace_source(struct trace *trace, const char *name);
const char *trace_source_name(const struct trace *trace, uint16_t source);

void trace_subscribe(struct trace *trace, trace_fn *fn, void *ctx);

/* True if a record would be seen by anyone. trace may be null. */
bool trace_on(const struct trace *trace);

/* args: as many numbers as the kind's row names. bytes: null with length 0 if there are none.
 * Longer bytes than TRACE_BYTES_MAX are a programming error. trace may be null. */
void trace_emit(struct trace *trace, sim_ns_t at_ns, enum trace_kind kind, uint16_t source,
                const uint64_t *args, const void *bytes, size_t bytes_len);
/* The same with text; no numbers but one value. Cut at TRACE_BYTES_MAX. */
void trace_text(struct trace *trace, sim_ns_t at_ns, enum trace_kind kind, uint16_t source,
                uint64_t value, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

struct trace_digest trace_digest(const struct trace *trace);
uint64_t trace_count(const struct trace *trace);

/* One record as one line of text with its line end, as in docs/formats.md, not terminated. Returns
 * its end; writes over what follows, up to TRACE_LINE_MAX. */
char *trace_format(char line[static TRACE_LINE_MAX], const struct trace *trace,
                   const struct trace_rec *rec);
void trace_print(FILE *out, const struct trace *trace, const struct trace_rec *rec);

#endif
