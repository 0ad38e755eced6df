/* SPDX-License-Identifier: Apache-2.0 */
/* sim/trace.c - records, their subscribers and the running digest. */
#include "sim/trace.h"

#include "sim/trace_private.h"
#include "sim/utf8.h"

#include <endian.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The state as a plain struct, so that a digest can be taken from a copy without allocating. */
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

/* Bytes wait here before they are hashed: XXH3 is fast on kilobytes and slow on tens of bytes. */
enum { BATCH_BYTES = 4096 };

/* docs/formats.md, "Event trace": time, kind, source, numbers, bytes. */
enum { RECORD_BYTES_MAX = 8 + 1 + 1 + TRACE_BYTES_MAX + 8 * TRACE_ARGS + 1 + TRACE_BYTES_MAX };

struct source {
    uint8_t name_len;
    char name[TRACE_BYTES_MAX + 1];
    struct trace_label label;
};

struct subscriber {
    trace_fn *fn;
    void *ctx;
};

struct trace {
    bool digest;
    bool on;
    size_t subscribers_len;
    struct subscriber subscribers[TRACE_SUBSCRIBERS_MAX];
    uint64_t count;
    size_t sources_len;
    struct source *sources[TRACE_SOURCES_MAX];
    size_t batch_len;
    uint8_t batch[BATCH_BYTES];
    XXH3_state_t hash;
};

/* A word, and one to six of them. */
#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define WORDS_1(a)                               WORD(a)
#define WORDS_2(a, ...)                          WORD(a), WORDS_1(__VA_ARGS__)
#define WORDS_3(a, ...)                          WORD(a), WORDS_2(__VA_ARGS__)
#define WORDS_4(a, ...)                          WORD(a), WORDS_3(__VA_ARGS__)
#define WORDS_5(a, ...)                          WORD(a), WORDS_4(__VA_ARGS__)
#define WORDS_6(a, ...)                          WORD(a), WORDS_5(__VA_ARGS__)
#define WORDS_PICK(a, b, c, d, e, f, words, ...) words
#define WORDS(...)                                                                                 \
    WORDS_PICK(__VA_ARGS__, WORDS_6, WORDS_5, WORDS_4, WORDS_3, WORDS_2, WORDS_1, )(__VA_ARGS__)

const struct trace_kind_row trace_kind_rows[TRACE_KIND_COUNT] = {
#define KIND_ROW(kind, name, bytes, ...)                                                           \
    {WORD(name), bytes, ARRAY_SIZE(((const char *[]){__VA_ARGS__})), {WORDS(__VA_ARGS__)}},
    TRACE_KINDS(KIND_ROW)
#undef KIND_ROW
};

struct trace *trace_new(bool digest)
{
    /* XXH3_state_t asks for more alignment than malloc promises. */
    struct trace *trace = aligned_alloc(_Alignof(struct trace), sizeof(*trace));
    if (!trace) {
        return NULL;
    }
    memset(trace, 0, sizeof(*trace));
    trace->digest = digest;
    trace->on = digest;
    CHECK(XXH3_128bits_reset(&trace->hash) == XXH_OK);
    return trace;
}

void trace_free(struct trace *trace)
{
    if (!trace) {
        return;
    }
    for (size_t i = 0; i < trace->sources_len; i++) {
        free(trace->sources[i]);
    }
    free(trace);
}

uint16_t trace_source(struct trace *trace, const char *name)
{
    for (size_t i = 0; i < trace->sources_len; i++) {
        if (strcmp(trace->sources[i]->name, name) == 0) {
            return (uint16_t)i;
        }
    }
    size_t name_len = strlen(name);
    CHECK(name_len <= TRACE_BYTES_MAX);
    CHECK(trace->sources_len < TRACE_SOURCES_MAX);
    struct source *source = calloc(1, sizeof(*source));
    CHECK(source != NULL);
    source->name_len = (uint8_t)name_len;
    memcpy(source->name, name, name_len + 1);
    trace_make_label(&source->label, name);
    trace->sources[trace->sources_len] = source;
    return (uint16_t)trace->sources_len++;
}

const char *trace_source_name(const struct trace *trace, uint16_t source)
{
    CHECK(source < trace->sources_len);
    return trace->sources[source]->name;
}

const struct trace_label *trace_source_label(const struct trace *trace, uint16_t source)
{
    CHECK(source < trace->sources_len);
    return &trace->sources[source]->label;
}

void trace_subscribe(struct trace *trace, trace_fn *fn, void *ctx)
{
    CHECK(fn != NULL && trace->subscribers_len < TRACE_SUBSCRIBERS_MAX);
    trace->subscribers[trace->subscribers_len++] = (struct subscriber){fn, ctx};
    trace->on = true;
}

bool trace_on(const struct trace *trace)
{
    return trace && trace->on;
}

static uint8_t *put_u8(uint8_t *out, size_t value)
{
    CHECK(value <= UINT8_MAX);
    *out = (uint8_t)value;
    return out + 1;
}

static uint8_t *put_u64(uint8_t *out, uint64_t value)
{
    uint64_t little = htole64(value);
    memcpy(out, &little, sizeof(little));
    return out + sizeof(little);
}

static uint8_t *put_bytes(uint8_t *out, const void *bytes, size_t len)
{
    out = put_u8(out, len);
    if (len != 0) {
        memcpy(out, bytes, len);
    }
    return out + len;
}

static void digest_flush(struct trace *trace)
{
    CHECK(XXH3_128bits_update(&trace->hash, trace->batch, trace->batch_len) == XXH_OK);
    trace->batch_len = 0;
}

static void digest_add(struct trace *trace, const struct trace_rec *rec, size_t args_len)
{
    if (trace->batch_len > BATCH_BYTES - RECORD_BYTES_MAX) {
        digest_flush(trace);
    }
    const struct source *source = trace->sources[rec->source];
    uint8_t *out = trace->batch + trace->batch_len;
    out = put_u64(out, rec->at_ns);
    out = put_u8(out, rec->kind);
    out = put_bytes(out, source->name, source->name_len);
    /* Always all of them, which is cheaper than a loop of unknown length; the unused are
     * overwritten. */
    for (size_t i = 0; i < TRACE_ARGS; i++) {
        put_u64(out + 8 * i, rec->arg[i]);
    }
    out += 8 * args_len;
    out = put_bytes(out, rec->bytes, rec->bytes_len);
    trace->batch_len = (size_t)(out - trace->batch);
}

void trace_emit(struct trace *trace, sim_ns_t at_ns, enum trace_kind kind, uint16_t source,
                const uint64_t *args, const void *bytes, size_t bytes_len)
{
    if (!trace_on(trace)) {
        return;
    }
    CHECK(kind < TRACE_KIND_COUNT && source < trace->sources_len && args != NULL);
    CHECK(bytes_len <= TRACE_BYTES_MAX && (bytes != NULL || bytes_len == 0));

    struct trace_rec rec = {.at_ns = at_ns,
                            .kind = kind,
                            .source = source,
                            .bytes = bytes,
                            .bytes_len = (uint16_t)bytes_len};
    size_t args_len = trace_kind_rows[kind].args_len;
    for (size_t i = 0; i < TRACE_ARGS; i++) {
        rec.arg[i] = i < args_len ? args[i] : 0;
    }
    trace->count++;
    if (trace->digest) {
        digest_add(trace, &rec, args_len);
    }
    for (size_t i = 0; i < trace->subscribers_len; i++) {
        trace->subscribers[i].fn(trace->subscribers[i].ctx, trace, &rec);
    }
}

void trace_text(struct trace *trace, sim_ns_t at_ns, enum trace_kind kind, uint16_t source,
                uint64_t value, const char *fmt, ...)
{
    if (!trace_on(trace)) {
        return;
    }
    /* Four more, to see the whole of a character that the cut would split. */
    char text[TRACE_BYTES_MAX + 4 + 1];
    va_list list;
    va_start(list, fmt);
    int wanted = vsnprintf(text, sizeof(text), fmt, list);
    va_end(list);
    CHECK(wanted >= 0);

    size_t len = (size_t)wanted < sizeof(text) ? (size_t)wanted : sizeof(text) - 1;
    uint64_t args[TRACE_ARGS] = {value};
    trace_emit(trace, at_ns, kind, source, args, text, utf8_cut(text, len, TRACE_BYTES_MAX));
}

struct trace_digest trace_digest(const struct trace *trace)
{
    XXH3_state_t hash;
    XXH3_copyState(&hash, &trace->hash);
    CHECK(XXH3_128bits_update(&hash, trace->batch, trace->batch_len) == XXH_OK);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&hash));

    struct trace_digest digest;
    for (size_t i = 0; i < sizeof(canonical.digest); i++) {
        snprintf(digest.hex + 2 * i, 3, "%02x", canonical.digest[i]);
    }
    return digest;
}

uint64_t trace_count(const struct trace *trace)
{
    return trace->count;
}
