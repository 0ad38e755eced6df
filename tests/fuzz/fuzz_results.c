/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_results.c - any bytes as results.json: refused with a message that begins with
 * the name of the file, or accepted; then printed and read again it is the same, every run can be
 * added to a set twice, and what the printers of text and JUnit make of it can be read.
 * Sources: reports/result*.c reports/junit*.c reports/sweep*.c reports/play_text.c
 * Sources: reports/safe_text.c reports/shell_word.c reports/path_from.c
 * Sources: sim/check.c sim/err.c sim/utf8.c sim/json_locate.c sim/file_text.c
 * Packages: libcjson libxml-2.0 */
#include "reports/junit.h"
#include "reports/result_json.h"
#include "reports/result_text.h"

#include <libxml/parser.h>
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

static void require_same_again(const char *text)
{
    struct result_set set = {.runs = NULL};
    struct err err = {.code = 0};
    REQUIRE(result_set_parse(&set, text, strlen(text), "fuzz", &err) == 0);
    char *again = result_set_print(&set);
    REQUIRE(strcmp(again, text) == 0);
    free(again);
    result_set_release(&set);
}

/* Of two runs that contradict each other one is left out, and never lost. */
static void add_all(struct result_set *set, struct result_set *from)
{
    for (size_t i = 0; i < from->runs_len; i++) {
        struct err err = {.code = 0};
        const int rc = result_set_add(set, &from->runs[i], &err);
        REQUIRE((rc == 0) == (from->runs[i].version == NULL) && rc == err.code);
    }
}

static void require_prints(const struct result_set *set)
{
    struct err err = {.code = 0};
    struct result_changes changes;
    char *text = NULL;
    size_t len = 0;
    result_changes_find(&changes, set, set);
    FILE *out = open_memstream(&text, &len);
    REQUIRE(out != NULL);
    result_text_print(set, &changes, out);
    REQUIRE(fclose(out) == 0);
    for (size_t i = 0; i < len; i++) {
        REQUIRE((unsigned char)text[i] >= ' ' || text[i] == '\n');
    }
    free(text);
    out = open_memstream(&text, &len);
    REQUIRE(out != NULL && junit_print(set, out, &err) == 0 && fclose(out) == 0);
    xmlDocPtr doc = xmlReadMemory(text, (int)len, "junit.xml", NULL, XML_PARSE_NONET);
    REQUIRE(doc != NULL);
    xmlFreeDoc(doc);
    free(text);
    result_changes_release(&changes);
}

static void require_message(const struct err *err, int rc)
{
    REQUIRE(rc < 0 && rc == err->code);
    REQUIRE(strncmp(err->text, "fuzz:", 5) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result_set set = {.runs = NULL};
    struct result_set all = {.runs = NULL};
    struct err err = {.code = 0};
    int rc = result_set_parse(&set, (const char *)data, size, "fuzz", &err);
    if (rc != 0) {
        require_message(&err, rc);
    } else {
        char *text = result_set_print(&set);
        struct result_set twin = {.runs = NULL};
        require_same_again(text);
        require_prints(&set);
        REQUIRE(result_set_parse(&twin, text, strlen(text), "fuzz", &err) == 0);
        add_all(&all, &set);
        add_all(&all, &twin);
        free(text);
        result_set_release(&twin);
    }
    result_set_release(&set);
    result_set_release(&all);
    return 0;
}
