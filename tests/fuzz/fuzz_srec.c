/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_srec.c - any bytes as an S-record, in text and in binary: what is accepted means
 * the same after printing, and printing is canonical.
 * Sources: sim/proto/srec.c sim/proto/proto_check_host.c */
#include "sim/proto/srec.h"

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

static void require_same(const struct srec *a, const struct srec *b)
{
    REQUIRE(a->type == b->type && a->len == b->len && a->address == b->address);
    REQUIRE(memcmp(a->data, b->data, a->len) == 0);
}

static void through_text(const struct srec *rec)
{
    char text[SREC_TEXT_MAX];
    char again_text[SREC_TEXT_MAX];
    struct srec again;
    uint16_t len = srec_print(rec, text);
    REQUIRE(len < SREC_TEXT_MAX && text[len] == '\0');
    REQUIRE(srec_parse(text, len, &again) == SREC_OK);
    require_same(rec, &again);
    REQUIRE(srec_print(&again, again_text) == len && strcmp(text, again_text) == 0);
}

static void through_binary(const struct srec *rec)
{
    uint8_t bytes[SREC_BINARY_MAX];
    struct srec again;
    uint16_t len = srec_to_binary(rec, bytes);
    REQUIRE(len <= SREC_BINARY_MAX);
    REQUIRE(srec_from_binary(bytes, len, &again) == SREC_OK);
    require_same(rec, &again);
    bytes[len - 1] ^= 0x01;
    REQUIRE(srec_from_binary(bytes, len, &again) == SREC_BAD_CHECKSUM);
}

/* The input itself, with its checksum put right, so that the fuzzer gets past it. */
static void as_binary(const uint8_t *data, uint16_t len)
{
    uint8_t bytes[SREC_BINARY_MAX];
    uint8_t sum = 0;
    struct srec rec;
    if (len < 3 || len > sizeof bytes) {
        return;
    }
    memcpy(bytes, data, len);
    bytes[0] %= 12;
    bytes[1] = (uint8_t)(len - 2);
    for (uint16_t i = 1; i + 1 < len; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[len - 1] = (uint8_t)~sum;
    enum srec_result result = srec_from_binary(bytes, len, &rec);
    REQUIRE(result != SREC_BAD_CHECKSUM);
    if (result == SREC_OK) {
        uint8_t canonical[SREC_BINARY_MAX];
        REQUIRE(srec_to_binary(&rec, canonical) == len && memcmp(canonical, bytes, len) == 0);
        through_text(&rec);
        through_binary(&rec);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct srec rec;
    if (size > UINT16_MAX) {
        return 0;
    }
    /* A copy of exact size, so that reading past it is caught. */
    char *text = malloc(size > 0 ? size : 1);
    REQUIRE(text != NULL);
    memcpy(text, data, size);
    if (srec_parse(text, (uint16_t)size, &rec) == SREC_OK) {
        through_text(&rec);
        through_binary(&rec);
    }
    free(text);
    as_binary(data, (uint16_t)size);
    return 0;
}
