/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit.c - results as JUnit XML: suites, cases, and what they say. */
#include "reports/junit.h"

#include "reports/junit_writer.h"
#include "reports/play_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 1 << 20 };

static void count(struct junit_tally *tally, const struct case_result *one)
{
    for (size_t i = 0; i < one->plays_len; i++) {
        tally->tests++;
        tally->of[one->plays[i].verdict]++;
        tally->wall_ns += one->plays[i].wall_ns;
        tally->virtual_ns += one->plays[i].virtual_ns;
    }
}

/* "reference", "reference seed 2" beside others of that master, "reference run 2" if the seed is no
 * other either. */
static char *class_of(const struct result_set *set, const struct run_result *run)
{
    char *text = NULL;
    size_t number = 0;
    bool same_master = false;
    bool same_seed = false;
    for (size_t i = 0; i < set->runs_len; i++) {
        const struct run_result *other = &set->runs[i];
        const bool is_same = strcmp(other->master, run->master) == 0;
        number += is_same && other <= run;
        same_master = same_master || (is_same && other != run);
        same_seed = same_seed || (is_same && other != run && other->seed == run->seed);
    }
    const int rc = same_seed     ? asprintf(&text, "%s run %zu", run->master, number)
                   : same_master ? asprintf(&text, "%s seed %" PRIu64, run->master, run->seed)
                                 : asprintf(&text, "%s", run->master);
    CHECK(rc >= 0);
    return text;
}

static void print_verdict(struct junit_writer *w, const struct play_result *play)
{
    char *text = play_text_troubles(play);
    const struct finding *first = play->findings_len > 0 ? &play->findings[0] : NULL;
    char *message = NULL;
    switch (play->verdict) {
    case VERDICT_PASS: break;
    case VERDICT_NOT_APPLICABLE:
        junit_begin(w, "skipped");
        junit_content(w, text);
        junit_end(w);
        break;
    case VERDICT_FAIL:
        CHECK(asprintf(&message, "%s: expected %s, seen %s", first != NULL ? first->criterion : "",
                       first != NULL ? first->expected : "",
                       first != NULL ? first->seen : "") >= 0);
        junit_message(w, "failure", first != NULL ? first->criterion : "fail", message, text);
        break;
    case VERDICT_ERROR:
        junit_message(w, "error", "error", play->error != NULL ? play->error : "", text);
        break;
    }
    free(message);
    free(text);
}

static void print_play(struct junit_writer *w, const struct run_result *run, const char *class,
                       const struct case_result *one, const struct play_result *play)
{
    char seed[40] = "";
    if (run->repeat > 1) {
        snprintf(seed, sizeof seed, " seed %" PRIu64, play->seed);
    }
    junit_begin(w, "testcase");
    junit_attribute(w, "name", "%s%s%s%s: %s", one->id, play->name[0] != '\0' ? " " : "",
                    play->name, seed, one->title);
    junit_attribute(w, "classname", "%s.%s", class, one->group);
    junit_seconds(w, "time", play->wall_ns);
    print_verdict(w, play);
    char *facts = play_text_facts(run, one, play);
    junit_begin(w, "system-out");
    junit_content(w, facts);
    junit_end(w);
    junit_end(w);
    free(facts);
}

static void print_properties(struct junit_writer *w, const struct run_result *run,
                             const struct junit_tally *tally)
{
    char number[40];
    junit_begin(w, "properties");
    junit_property(w, "limphome", run->version);
    junit_property(w, "master", run->master);
    if (run->date[0] != '\0') {
        junit_property(w, "date", run->date);
    }
    snprintf(number, sizeof number, "%" PRIu64, run->seed);
    junit_property(w, "seed", number);
    snprintf(number, sizeof number, "%" PRIu32, run->repeat);
    junit_property(w, "seeds", number);
    for (size_t i = 0; i < run->settings_len; i++) {
        junit_begin(w, "property");
        junit_attribute(w, "name", "profile.%s", run->settings[i].name);
        junit_attribute(w, "value", "%s", run->settings[i].value);
        junit_end(w);
    }
    junit_begin_property(w, "virtual_s");
    junit_seconds(w, "value", tally->virtual_ns);
    junit_end(w);
    junit_end(w);
}

static void print_suite(struct junit_writer *w, const struct run_result *run, const char *class,
                        const char *group)
{
    struct junit_tally tally = {.tests = 0};
    for (size_t i = 0; i < run->cases_len; i++) {
        if (strcmp(run->cases[i].group, group) == 0) {
            count(&tally, &run->cases[i]);
        }
    }
    junit_begin(w, "testsuite");
    junit_attribute(w, "name", "%s.%s", class, group);
    junit_print_tally(w, &tally, true);
    print_properties(w, run, &tally);
    for (size_t i = 0; i < run->cases_len; i++) {
        const struct case_result *one = &run->cases[i];
        for (size_t k = 0; strcmp(one->group, group) == 0 && k < one->plays_len; k++) {
            print_play(w, run, class, one, &one->plays[k]);
        }
    }
    junit_end(w);
}

static bool is_first_of_group(const struct run_result *run, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(run->cases[i].group, run->cases[at].group) == 0) {
            return false;
        }
    }
    return true;
}

/* One test case, so that servers do not take what is there for the whole. */
static void print_missing(struct junit_writer *w, const char *class)
{
    const struct junit_tally tally = {.tests = 1, .of = {[VERDICT_ERROR] = 1}};
    junit_begin(w, "testsuite");
    junit_attribute(w, "name", "%s.shards", class);
    junit_print_tally(w, &tally, true);
    junit_begin(w, "testcase");
    junit_attribute(w, "name", "all shards are there");
    junit_attribute(w, "classname", "%s.shards", class);
    junit_seconds(w, "time", 0);
    junit_message(w, "error", "part", "shards of the run are missing", "");
    junit_end(w);
    junit_end(w);
}

static void print_run(struct junit_writer *w, const struct run_result *run)
{
    char *class = class_of(w->set, run);
    if (run->parts_len > 0) {
        print_missing(w, class);
    }
    for (size_t i = 0; i < run->cases_len; i++) {
        if (is_first_of_group(run, i)) {
            print_suite(w, run, class, run->cases[i].group);
        }
    }
    free(class);
}

static void print_set(struct junit_writer *w)
{
    struct junit_tally tally = {.tests = 0};
    for (size_t i = 0; i < w->set->runs_len; i++) {
        const size_t lacks = w->set->runs[i].parts_len > 0 ? 1 : 0;
        tally.tests += lacks;
        tally.of[VERDICT_ERROR] += lacks;
        for (size_t k = 0; k < w->set->runs[i].cases_len; k++) {
            count(&tally, &w->set->runs[i].cases[k]);
        }
    }
    for (size_t i = 0; i < w->set->sweeps_len; i++) {
        junit_sweep_count(&tally, &w->set->sweeps[i]);
    }
    junit_begin(w, "testsuites");
    junit_attribute(w, "name", "limphome");
    junit_print_tally(w, &tally, false);
    for (size_t i = 0; i < w->set->runs_len; i++) {
        print_run(w, &w->set->runs[i]);
    }
    for (size_t i = 0; i < w->set->sweeps_len; i++) {
        junit_sweep(w, &w->set->sweeps[i]);
    }
    junit_end(w);
}

/* Into memory first: libxml2 would tell the terminal itself of a stream that fails. */
int junit_print(const struct result_set *set, FILE *out, struct err *err)
{
    xmlBufferPtr buffer = xmlBufferCreateSize(BUFFER_BYTES);
    struct junit_writer w = {.set = set,
                             .xml = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    CHECK(w.xml != NULL);
    xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT);
    junit_done(&w, xmlTextWriterSetIndent(w.xml, 1));
    junit_done(&w, xmlTextWriterStartDocument(w.xml, NULL, "UTF-8", NULL));
    print_set(&w);
    junit_done(&w, xmlTextWriterEndDocument(w.xml));
    xmlFreeTextWriter(w.xml);
    const size_t len = (size_t)xmlBufferLength(buffer);
    const bool good =
        !w.failed && fwrite(xmlBufferContent(buffer), 1, len, out) == len && fflush(out) == 0;
    const int why = errno;
    xmlBufferFree(buffer);
    return good ? 0 : err_set(err, ERR_IO, "the JUnit report cannot be written: %s", strerror(why));
}
