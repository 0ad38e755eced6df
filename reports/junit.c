/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit.c - results as JUnit XML: suites, cases, and what they say. */
#include "reports/junit.h"

#include "reports/play_text.h"
#include "reports/safe_text.h"

#include <errno.h>
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_US = 1000, US_PER_S = 1000000, BUFFER_BYTES = 1 << 20 };

struct tally {
    size_t plays, of[VERDICT_ERROR + 1];
    uint64_t wall_ns;
    sim_ns_t virtual_ns;
};

struct printer {
    xmlTextWriterPtr xml;
    const struct result_set *set;
    bool failed;
};

static const xmlChar *chars(const char *text)
{
    return (const xmlChar *)text;
}

static void done(struct printer *p, int rc)
{
    p->failed = p->failed || rc < 0;
}

static void begin(struct printer *p, const char *element)
{
    done(p, xmlTextWriterStartElement(p->xml, chars(element)));
}

static void end(struct printer *p)
{
    done(p, xmlTextWriterEndElement(p->xml));
}

static char *format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list args)
{
    char *text = NULL;
    CHECK(vasprintf(&text, fmt, args) >= 0);
    return text;
}

static void attribute(struct printer *p, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void attribute(struct printer *p, const char *name, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    char *safe = safe_text_line(text);
    done(p, xmlTextWriterWriteAttribute(p->xml, chars(name), chars(safe)));
    free(safe);
    free(text);
}

static void content(struct printer *p, const char *text)
{
    char *safe = safe_text_lines(text);
    done(p, xmlTextWriterWriteString(p->xml, chars(safe)));
    free(safe);
}

static void seconds(struct printer *p, const char *name, uint64_t ns)
{
    const uint64_t us = ns / NS_PER_US;
    attribute(p, name, "%" PRIu64 ".%06" PRIu64, us / US_PER_S, us % US_PER_S);
}

static void begin_property(struct printer *p, const char *name)
{
    begin(p, "property");
    attribute(p, "name", "%s", name);
}

static void property(struct printer *p, const char *name, const char *value)
{
    begin_property(p, name);
    attribute(p, "value", "%s", value);
    end(p);
}

static void count(struct tally *tally, const struct case_result *one)
{
    for (size_t i = 0; i < one->plays_len; i++) {
        tally->plays++;
        tally->of[one->plays[i].verdict]++;
        tally->wall_ns += one->plays[i].wall_ns;
        tally->virtual_ns += one->plays[i].virtual_ns;
    }
}

static void print_tally(struct printer *p, const struct tally *tally, bool skipped)
{
    attribute(p, "tests", "%zu", tally->plays);
    attribute(p, "failures", "%zu", tally->of[VERDICT_FAIL]);
    attribute(p, "errors", "%zu", tally->of[VERDICT_ERROR]);
    if (skipped) {
        attribute(p, "skipped", "%zu", tally->of[VERDICT_NOT_APPLICABLE]);
    }
    seconds(p, "time", tally->wall_ns);
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

static void print_message(struct printer *p, const char *element, const char *type,
                          const char *message, const char *text)
{
    begin(p, element);
    attribute(p, "type", "%s", type);
    attribute(p, "message", "%s", message);
    content(p, text);
    end(p);
}

static void print_verdict(struct printer *p, const struct play_result *play)
{
    char *text = play_text_troubles(play);
    const struct finding *first = play->findings_len > 0 ? &play->findings[0] : NULL;
    char *message = NULL;
    switch (play->verdict) {
    case VERDICT_PASS: break;
    case VERDICT_NOT_APPLICABLE:
        begin(p, "skipped");
        content(p, text);
        end(p);
        break;
    case VERDICT_FAIL:
        CHECK(asprintf(&message, "%s: expected %s, seen %s", first != NULL ? first->criterion : "",
                       first != NULL ? first->expected : "",
                       first != NULL ? first->seen : "") >= 0);
        print_message(p, "failure", first != NULL ? first->criterion : "fail", message, text);
        break;
    case VERDICT_ERROR:
        print_message(p, "error", "error", play->error != NULL ? play->error : "", text);
        break;
    }
    free(message);
    free(text);
}

static void print_play(struct printer *p, const struct run_result *run, const char *class,
                       const struct case_result *one, const struct play_result *play)
{
    char seed[40] = "";
    if (run->repeat > 1) {
        snprintf(seed, sizeof seed, " seed %" PRIu64, play->seed);
    }
    begin(p, "testcase");
    attribute(p, "name", "%s%s%s%s: %s", one->id, play->name[0] != '\0' ? " " : "", play->name,
              seed, one->title);
    attribute(p, "classname", "%s.%s", class, one->group);
    seconds(p, "time", play->wall_ns);
    print_verdict(p, play);
    char *facts = play_text_facts(run, one, play);
    begin(p, "system-out");
    content(p, facts);
    end(p);
    end(p);
    free(facts);
}

static void print_properties(struct printer *p, const struct run_result *run,
                             const struct tally *tally)
{
    char number[40];
    begin(p, "properties");
    property(p, "limphome", run->version);
    property(p, "master", run->master);
    if (run->date[0] != '\0') {
        property(p, "date", run->date);
    }
    snprintf(number, sizeof number, "%" PRIu64, run->seed);
    property(p, "seed", number);
    snprintf(number, sizeof number, "%" PRIu32, run->repeat);
    property(p, "seeds", number);
    for (size_t i = 0; i < run->settings_len; i++) {
        begin(p, "property");
        attribute(p, "name", "profile.%s", run->settings[i].name);
        attribute(p, "value", "%s", run->settings[i].value);
        end(p);
    }
    begin_property(p, "virtual_s");
    seconds(p, "value", tally->virtual_ns);
    end(p);
    end(p);
}

static void print_suite(struct printer *p, const struct run_result *run, const char *class,
                        const char *group)
{
    struct tally tally = {.plays = 0};
    for (size_t i = 0; i < run->cases_len; i++) {
        if (strcmp(run->cases[i].group, group) == 0) {
            count(&tally, &run->cases[i]);
        }
    }
    begin(p, "testsuite");
    attribute(p, "name", "%s.%s", class, group);
    print_tally(p, &tally, true);
    print_properties(p, run, &tally);
    for (size_t i = 0; i < run->cases_len; i++) {
        const struct case_result *one = &run->cases[i];
        for (size_t k = 0; strcmp(one->group, group) == 0 && k < one->plays_len; k++) {
            print_play(p, run, class, one, &one->plays[k]);
        }
    }
    end(p);
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

static void print_run(struct printer *p, const struct run_result *run)
{
    char *class = class_of(p->set, run);
    for (size_t i = 0; i < run->cases_len; i++) {
        if (is_first_of_group(run, i)) {
            print_suite(p, run, class, run->cases[i].group);
        }
    }
    free(class);
}

static void print_set(struct printer *p)
{
    struct tally tally = {.plays = 0};
    for (size_t i = 0; i < p->set->runs_len; i++) {
        for (size_t k = 0; k < p->set->runs[i].cases_len; k++) {
            count(&tally, &p->set->runs[i].cases[k]);
        }
    }
    begin(p, "testsuites");
    attribute(p, "name", "limphome");
    print_tally(p, &tally, false);
    for (size_t i = 0; i < p->set->runs_len; i++) {
        print_run(p, &p->set->runs[i]);
    }
    end(p);
}

/* Into memory first: libxml2 would tell the terminal itself of a stream that fails. */
int junit_print(const struct result_set *set, FILE *out, struct err *err)
{
    xmlBufferPtr buffer = xmlBufferCreateSize(BUFFER_BYTES);
    struct printer p = {.set = set,
                        .xml = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    CHECK(p.xml != NULL);
    xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT);
    done(&p, xmlTextWriterSetIndent(p.xml, 1));
    done(&p, xmlTextWriterStartDocument(p.xml, NULL, "UTF-8", NULL));
    print_set(&p);
    done(&p, xmlTextWriterEndDocument(p.xml));
    xmlFreeTextWriter(p.xml);
    const size_t len = (size_t)xmlBufferLength(buffer);
    const bool good =
        !p.failed && fwrite(xmlBufferContent(buffer), 1, len, out) == len && fflush(out) == 0;
    const int why = errno;
    xmlBufferFree(buffer);
    return good ? 0 : err_set(err, ERR_IO, "the JUnit report cannot be written: %s", strerror(why));
}
