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
    sim_ns_t first_ns, last_ns; /* When. SIM_NEVER: it did not fire. */
};

/* One play of a case with one seed. */
struct play_result {
    char *name;      /* As the case calls it; empty if it has but one. */
    uint32_t number; /* Among the plays of the case, from 1. */
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
    char *folder;    /* What the play left, as seen from where results.json lies; empty: nothing. */
};

struct case_result {
    char *id, *group, *title, *title_zh, *file;
    char *sources; /* What the case names as its sources, separated by "; ". */
    char *tags;    /* Its tags, separated the same way. */
    char *vehicle; /* Name of its vehicle file, without ".json". */
    uint32_t priority;
    enum verdict verdict; /* The highest of its plays'. */
    struct play_result *plays;
    size_t plays_len;
};

/* A parameter of the profile that the adapter has set. */
struct setting {
    char *name, *value;
};

/* A part of a run that was split: one of so many shards of so many plays. */
enum { RESULT_SHARDS_MAX = 10000 };
struct run_part {
    uint32_t shard, shards, plays;
};

/* Cases against one master. What comes before the cases is the identity of the run: results with
 * the same one are parts of one run (result_set.h). */
struct run_result {
    char *version; /* Of limphome. */
    char *master;  /* Name of the adapter. */
    char *date;    /* As the caller gave it; empty: not given. No clock is asked. */
    uint64_t seed; /* The first one. */
    uint32_t repeat;
    struct setting *settings;
    size_t settings_len;
    struct case_result *cases;
    size_t cases_len;
    /* Which of its shards are there, rising. None: the run is whole. */
    struct run_part *parts;
    size_t parts_len;
    uint64_t wall_ns;
};

/* Zero a play to begin. Texts are copied, and cut at FINDING_TEXT_MAX bytes. */
enum { FINDING_TEXT_MAX = 600 };
void play_result_find(struct play_result *play, const char *criterion, const char *expected,
                      const char *seen, sim_ns_t at_ns, uint32_t bus_line);
/* first_ns, last_ns: SIM_NEVER if it did not fire. */
void play_result_fired(struct play_result *play, const char *name, uint64_t fired,
                       sim_ns_t first_ns, sim_ns_t last_ns);
/* The verdict becomes an error; the first sentence is kept. */
void play_result_error(struct play_result *play, const char *text);
/* Free what they hold and zero it. */
void play_result_release(struct play_result *play);
void case_result_release(struct case_result *one);
void run_result_release(struct run_result *run);
/* Below, at or above 0, as for qsort(). */
int run_part_order(const struct run_part *a, const struct run_part *b);
/* The case of that id; null: it is not there. */
const struct case_result *run_result_find(const struct run_result *run, const char *id);
/* Of all its plays. */
sim_ns_t case_result_virtual_ns(const struct case_result *one);
uint64_t case_result_wall_ns(const struct case_result *one);
/* How many cases have this verdict. */
size_t run_result_count(const struct run_result *run, enum verdict verdict);

#endif
