/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit_writer.h - the XML of JUnit while it is being printed: what the files that print
 * its parts share. Texts of others are made fit for XML on their way; an error stays in the writer.
 */
#ifndef REPORTS_JUNIT_WRITER_H
#define REPORTS_JUNIT_WRITER_H

#include "reports/result_set.h"

#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <stddef.h>

struct junit_writer {
    xmlTextWriterPtr xml;
    const struct result_set *set;
    bool failed;
};

/* rc: of a function of libxml2. */
void junit_done(struct junit_writer *w, int rc);
void junit_begin(struct junit_writer *w, const char *element);
void junit_end(struct junit_writer *w);
/* One line. */
void junit_attribute(struct junit_writer *w, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Lines. */
void junit_content(struct junit_writer *w, const char *text);
void junit_seconds(struct junit_writer *w, const char *name, uint64_t ns);
/* <property>, whose value is to follow. */
void junit_begin_property(struct junit_writer *w, const char *name);
void junit_property(struct junit_writer *w, const char *name, const char *value);
/* <failure> or <error>. */
void junit_message(struct junit_writer *w, const char *element, const char *type,
                   const char *message, const char *text);

struct junit_tally {
    size_t tests, of[VERDICT_ERROR + 1];
    uint64_t wall_ns;
    sim_ns_t virtual_ns;
};
/* skipped: with their number, which the outermost element has not. */
void junit_print_tally(struct junit_writer *w, const struct junit_tally *tally, bool skipped);

/* junit_sweep.c: a suite, and what its test cases come to. */
void junit_sweep(struct junit_writer *w, const struct result_sweep *sweep);
void junit_sweep_count(struct junit_tally *tally, const struct result_sweep *sweep);

#endif
