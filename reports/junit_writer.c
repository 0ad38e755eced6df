/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit_writer.c - elements, attributes and texts of JUnit. */
#include "reports/junit_writer.h"

#include "reports/safe_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NS_PER_US = 1000, US_PER_S = 1000000 };

static const xmlChar *chars(const char *text)
{
    return (const xmlChar *)text;
}

void junit_done(struct junit_writer *w, int rc)
{
    w->failed = w->failed || rc < 0;
}

void junit_begin(struct junit_writer *w, const char *element)
{
    junit_done(w, xmlTextWriterStartElement(w->xml, chars(element)));
}

void junit_end(struct junit_writer *w)
{
    junit_done(w, xmlTextWriterEndElement(w->xml));
}

static char *format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list args)
{
    char *text = NULL;
    CHECK(vasprintf(&text, fmt, args) >= 0);
    return text;
}

void junit_attribute(struct junit_writer *w, const char *name, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    char *safe = safe_text_line(text);
    junit_done(w, xmlTextWriterWriteAttribute(w->xml, chars(name), chars(safe)));
    free(safe);
    free(text);
}

void junit_content(struct junit_writer *w, const char *text)
{
    char *safe = safe_text_lines(text);
    junit_done(w, xmlTextWriterWriteString(w->xml, chars(safe)));
    free(safe);
}

void junit_seconds(struct junit_writer *w, const char *name, uint64_t ns)
{
    const uint64_t us = ns / NS_PER_US;
    junit_attribute(w, name, "%" PRIu64 ".%06" PRIu64, us / US_PER_S, us % US_PER_S);
}

void junit_begin_property(struct junit_writer *w, const char *name)
{
    junit_begin(w, "property");
    junit_attribute(w, "name", "%s", name);
}

void junit_property(struct junit_writer *w, const char *name, const char *value)
{
    junit_begin_property(w, name);
    junit_attribute(w, "value", "%s", value);
    junit_end(w);
}

void junit_message(struct junit_writer *w, const char *element, const char *type,
                   const char *message, const char *text)
{
    junit_begin(w, element);
    junit_attribute(w, "type", "%s", type);
    junit_attribute(w, "message", "%s", message);
    junit_content(w, text);
    junit_end(w);
}

void junit_print_tally(struct junit_writer *w, const struct junit_tally *tally, bool skipped)
{
    junit_attribute(w, "tests", "%zu", tally->tests);
    junit_attribute(w, "failures", "%zu", tally->of[VERDICT_FAIL]);
    junit_attribute(w, "errors", "%zu", tally->of[VERDICT_ERROR]);
    if (skipped) {
        junit_attribute(w, "skipped", "%zu", tally->of[VERDICT_NOT_APPLICABLE]);
    }
    junit_seconds(w, "time", tally->wall_ns);
}
