/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_adapter.c - any bytes as an adapter, and any as what its master prints: refused
 * with a line of the file, or accepted, and then each output has a result or a trouble.
 * Sources: scenarios/engine/adapter_*.c scenarios/engine/ca[mp]*[ny].c scenarios/engine/nearest.c
 * Sources: scenarios/engine/profile.c scenarios/engine/master_result.c sim/check.c sim/err.c
 * Sources: scenarios/engine/lua_duration.c sim/ecus/vehicle_reader.c sim/json_locate.c
 * Sources: sim/file_text.c sim/utf8.c
 * Packages: libcjson lua5.4 */
#include "scenarios/engine/adapter.h"

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

enum { OUTPUT_BEGINS = 1 }; /* The byte between them. */

static struct adapter adapter;
static struct adapter_launch launch;
static struct master_result result;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_message(const struct err *err, const char *text, size_t len)
{
    unsigned long lines = 1;
    char *end = NULL;
    for (size_t i = 0; i < len; i++) {
        lines += text[i] == '\n' ? 1u : 0u;
    }
    REQUIRE(err->code < 0 && strncmp(err->text, "fuzz:", 5) == 0);
    const unsigned long line = strtoul(err->text + 5, &end, 10);
    REQUIRE(line >= 1 && line <= lines && *end == ':');
}

static void require_adapter(void)
{
    REQUIRE(adapter.name[0] != '\0' && adapter.command_len >= 1);
    REQUIRE(adapter.sources_len >= 1 && adapter.sources_len <= ADAPTER_SOURCES_MAX);
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        const struct profile_parameter *p = &profile_parameters[i];
        const uint32_t value = adapter.profile.values[i];
        REQUIRE(p->unit == PROFILE_CHOICE || (value >= p->min && value <= p->max));
    }
}

static void require_result(const char *output, size_t len)
{
    const struct adapter_ending ending = {
        .exited = len % 2 == 0, .exit_code = (int)(len % 256), .output = output, .output_len = len};
    adapter_result(&adapter, &launch, &ending, &result);
    REQUIRE(result.code < MASTER_CODE_COUNT);
    REQUIRE(result.code != MASTER_NO_REPORT || result.trouble[0] != '\0');
    REQUIRE(result.code == MASTER_NO_REPORT || (result.reports > 0 && result.source[0] != '\0'));
    REQUIRE(result.ecus_len <= MASTER_ECUS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {.code = 0};
    char *text = malloc(size + 1);
    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    const char *mark = memchr(text, OUTPUT_BEGINS, size);
    const size_t len = mark != NULL ? (size_t)(mark - text) : size;
    if (adapter_parse(&adapter, text, len, "fuzz", "/", &err) != 0) {
        require_message(&err, text, len);
    } else {
        require_adapter();
        require_result(mark != NULL ? mark + 1 : "", mark != NULL ? size - len - 1 : 0);
    }
    free(text);
    return 0;
}
