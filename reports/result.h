/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result.h - what a run of cases came to, as plain data: one model for every printer.
 *
 * Texts belong to the result and are released with it. Lists grow by the functions below; their
 * members are read directly. */
#ifndef REPORTS_RESULT_H
#define REPORTS_RESULT_H

#include "sim/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In rising order of importance: the verdict of several is the highest of them. */
enum verdict {
    VERDICT_PASS,
    VERDICT_NOT_APPLICABLE, /* The master's adapter does not declare what the case needs. */
    VERDICT_FAIL,           /* The master breaks a criterion. */
    VERDICT_ERROR,          /* The harness's own fault: never counted as a pass. */
};
const char *verdict_name(enum verdict verdict); /* "pass", "not applicable", "fail", "error" */

/* One criterion that was not met. */
struct finding {
    char *criterion; /* Short and stable: "INV-3", or as the case names it; tests look for it. */
    char *expected;
    char *seen;
    sim_ns_t at_ns;    /* The instant to look at. SIM_NEVER: none in particular. */
    uint32_t bus_line; /* Of bus.log, from 1. 0: none in particular. */
};

/* One fault of the scenario, and whether it came about. */
struct fired {
    char *name;
    uint64_t fired;
};

/* One play of a case with one seed. */
struct play_result {
    char *name; /* As the case calls it; empty if it has but one. */
    uint64_t seed;
    enum verdict verdict;
    char *error; /* Of an error the sentence, of "not applicable" the missing capability. */
    struct finding *findings;
    size_t findings_len;
    struct fired *injections;
    size_t injections_len;
    uint32_t checks; /* How many criteria the case has checked, those of the judge not counted. */
    char *term;      /* What the master reported last, e.g. "SUCCESS"; empty: nothing. */
    sim_ns_t virtual_ns;
    uint64_t wall_ns;
    char digest[33]; /* Of the trace. */
};

struct case_result {
    char *id, *group, *title, *title_zh, *file;
    uint32_t priority;
    enum verdict verdict; /* The highest of its plays'. */
    struct play_result *plays;
    size_t plays_len;
};

struct run_result {
    char *master; /* Name of the adapter. */
    uint64_t seed;
    struct case_result *cases;
    size_t cases_len;
    uint64_t wall_ns;
};

/* Zero a play to begin. Texts are copied, and cut at FINDING_TEXT_MAX bytes. */
enum { FINDING_TEXT_MAX = 600 };
void play_result_find(struct play_result *play, const char *criterion, const char *expected,
                      const char *seen, sim_ns_t at_ns, uint32_t bus_line);
void play_result_fired(struct play_result *play, const char *name, uint64_t fired);
/* The verdict becomes an error; the first sentence is kept. */
void play_result_error(struct play_result *play, const char *text);
/* Frees what it holds and zeroes it. */
void play_result_release(struct play_result *play);

#endif
