/* SPDX-License-Identifier: Apache-2.0 */
/* reports/play_text.c - one play in plain words. */
#include "reports/play_text.h"

#include "reports/safe_text.h"
#include "reports/shell_word.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_US = 1000, US_PER_S = 1000000 };

struct play_time play_text_time(uint64_t ns)
{
    struct play_time time;
    const uint64_t us = ns / NS_PER_US;
    snprintf(time.text, sizeof time.text, "%" PRIu64 ".%06" PRIu64 " s", us / US_PER_S,
             us % US_PER_S);
    return time;
}

static FILE *open_text(char **text, size_t *len)
{
    FILE *out = open_memstream(text, len);
    CHECK(out != NULL);
    return out;
}

static void put(FILE *out, const char *before, const char *data)
{
    char *safe = safe_text_line(data != NULL ? data : "");
    fprintf(out, "%s%s", before, safe);
    free(safe);
}

static void print_finding(FILE *out, const struct finding *finding)
{
    put(out, "", finding->criterion);
    put(out, ": expected ", finding->expected);
    put(out, ", seen ", finding->seen);
    if (finding->at_ns != SIM_NEVER) {
        fprintf(out, ", at %s", play_text_time(finding->at_ns).text);
    }
    if (finding->bus_line != 0) {
        fprintf(out, ", line %" PRIu32 " of bus.log", finding->bus_line);
    }
    fputc('\n', out);
}

char *play_text_troubles(const struct play_result *play)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_text(&text, &len);
    if (play->verdict == VERDICT_NOT_APPLICABLE || play->verdict == VERDICT_ERROR) {
        put(out, play->verdict == VERDICT_ERROR ? "" : "needs ", play->error);
        fputc('\n', out);
    }
    for (size_t i = 0; i < play->findings_len; i++) {
        print_finding(out, &play->findings[i]);
    }
    CHECK(fclose(out) == 0);
    return text;
}

static void print_injection(FILE *out, const struct fired *injection)
{
    put(out, "injected: ", injection->name);
    fprintf(out, ", fired: %" PRIu64, injection->fired);
    if (injection->first_ns != SIM_NEVER) {
        fprintf(out, ", first at %s", play_text_time(injection->first_ns).text);
    }
    if (injection->last_ns != SIM_NEVER && injection->last_ns != injection->first_ns) {
        fprintf(out, ", last at %s", play_text_time(injection->last_ns).text);
    }
    fputc('\n', out);
}

static void print_unless_empty(FILE *out, const char *what, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        put(out, what, text);
        fputc('\n', out);
    }
}

char *play_text_command(const struct run_result *run, const struct case_result *one,
                        const struct play_result *play)
{
    char *text = NULL;
    const bool kept = play->folder != NULL && play->folder[0] != '\0';
    char *word = shell_word(kept ? play->folder : one->id);
    const bool is_ours = strcmp(run->master, "reference") == 0;
    const int rc = kept ? asprintf(&text, "limphome replay %s", word)
                        : asprintf(&text, "limphome run %s--seed %" PRIu64 " --out FOLDER %s",
                                   is_ours ? "" : "--master ADAPTER ",
                                   play->digest[0] != '\0' ? play->seed : run->seed, word);
    CHECK(rc >= 0);
    free(word);
    return text;
}

char *play_text_facts(const struct run_result *run, const struct case_result *one,
                      const struct play_result *play)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_text(&text, &len);
    print_unless_empty(out, "sources: ", one->sources);
    print_unless_empty(out, "vehicle: ", one->vehicle);
    if (play->digest[0] != '\0') {
        fprintf(out, "seed: %" PRIu64 "\n", play->seed);
        fprintf(out, "virtual time: %s\n", play_text_time(play->virtual_ns).text);
        print_unless_empty(out, "the master reported: ", play->term);
        for (size_t i = 0; i < play->injections_len; i++) {
            print_injection(out, &play->injections[i]);
        }
        fprintf(out, "digest: %s\n", play->digest);
    }
    char *command = play_text_command(run, one, play);
    fprintf(out, "again: %s\n", command);
    free(command);
    CHECK(fclose(out) == 0);
    return text;
}
