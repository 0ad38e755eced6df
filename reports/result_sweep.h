/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_sweep.h - what a sweep has come to, as plain data: numbers and what they count,
 * verdicts over the instants of the update, and each point that went wrong with the command that
 * plays it again.
 *
 * A sweep consists of numbered units of work, whose results do not depend on one another. A part of
 * a sweep (a shard, or what an interrupted one has done) knows which units it has; parts of the
 * same identity become one sweep again, and a sweep that has all its units is the same, byte for
 * byte, whoever did them.
 *
 * Texts belong to the result and are released with it. */
#ifndef REPORTS_RESULT_SWEEP_H
#define REPORTS_RESULT_SWEEP_H

#include "sim/base.h"
#include "sim/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a number of two parts becomes one of both. */
enum sweep_merge {
    SWEEP_SUM,   /* Counted point by point. */
    SWEEP_SAME,  /* Known before the first point: equal in all parts. */
    SWEEP_STATES /* How many different states all parts have met: struct result_sweep.states. */
};

/* A line of the statistics: "1264  flash commands", below a heading. */
struct sweep_row {
    char *heading; /* "operations of the update". Rows of one heading follow each other. */
    char *text;    /* "flash commands". */
    uint64_t number;
    enum sweep_merge merge;
    bool shown_if_zero;
};

/* What became of so many points. From best to worst. */
struct sweep_verdict {
    char *name, *meaning;
    bool good;
    bool shown_if_zero; /* That there was none is what people look for. */
    uint64_t count;
};

/* A rule of the judge (docs/judge.md), and how many points broke it. */
struct sweep_rule {
    char *name, *meaning; /* "INV-5". */
    uint64_t count;
};

/* A point that did not end well. */
struct sweep_failure {
    char *id;         /* "f12.3+b1.0": replays it. */
    uint32_t verdict; /* Index into verdicts. */
    uint64_t unit;
    sim_ns_t at_ns; /* Of its (first) fault. SIM_NEVER: none in particular. */
    char *rules;    /* Names of those that it broke, with a blank between; may be empty. */
    char *replay;   /* The command, as for a shell. */
    char *scenario; /* Lua file that shows the same, as seen from where results.json lies; may be
                     * empty. */
};

/* A stretch of the undisturbed update, "erase", for the axis of the map. */
struct sweep_phase {
    char *name;
    sim_ns_t start_ns, end_ns;
};

/* Verdicts over the instant of the (first) fault: the heat map. */
struct sweep_map {
    char *axis; /* "instant of the first cut". Empty: this sweep has no map. */
    size_t bins;
    sim_ns_t *edges_ns; /* Rising: where each bin begins, and at last where they end. */
    size_t edges_len;   /* bins + 1. */
    uint64_t *counts;   /* counts[bin * verdicts_len + verdict]. */
    struct sweep_phase *phases;
    size_t phases_len;
};

/* A file on whose contents the result depends, as the command or the adapter calls it. */
struct sweep_file {
    char *name;
    char *sha256; /* 64 hexadecimal digits. */
};

/* Units first to last, both included. */
struct sweep_units {
    uint64_t first, last;
};

enum { SWEEP_FAILURES_MAX = 32, SWEEP_UNITS_OPEN = 0 };

struct result_sweep {
    char *version;            /* Of limphome. */
    char *kind;               /* "power", "storage", "faults". */
    char *master;             /* Name of the adapter; "reference (in process)". */
    char *identity;           /* All options that decide on the result, as on the command line. */
    char *date;               /* As the caller gave it; empty: not given. */
    struct sweep_file *files; /* The vehicle file, the adapter, the master's programs. */
    size_t files_len;
    uint64_t units; /* Of the whole sweep. SWEEP_UNITS_OPEN: as many as there was time for. */
    struct sweep_units *done; /* Rising, neither touching nor overlapping. */
    size_t done_len;
    struct sweep_row *rows;
    size_t rows_len;
    struct sweep_verdict *verdicts;
    size_t verdicts_len;
    struct sweep_rule *rules;
    size_t rules_len;
    uint64_t failures_all; /* failures has the first SWEEP_FAILURES_MAX, by unit. */
    struct sweep_failure *failures;
    size_t failures_len;
    struct sweep_map map;
    /* Rising. See result_sweep_keeps_states(): whole sweeps need but their number. */
    uint64_t *states;
    size_t states_len;
    uint64_t wall_ns; /* Of all parts together; printed for people, never part of results.json. */
};

/* It has all its units; always, if they are open. */
bool result_sweep_whole(const struct result_sweep *sweep);
/* How many units are done. */
uint64_t result_sweep_done(const struct result_sweep *sweep);
/* More units may come, so states are kept: of a part, and of a sweep whose units are open. */
bool result_sweep_keeps_states(const struct result_sweep *sweep);
/* No point went wrong. */
bool result_sweep_good(const struct result_sweep *sweep);
/* Both are, or are parts of, one sweep: the same version, kind, master, identity, date and number
 * of units. The contents of its files are asked for when they are added. */
bool result_sweep_same(const struct result_sweep *a, const struct result_sweep *b);
/* Adds *part, which is zeroed then. ERR_RANGE with a message, and *part unchanged: they are not the
 * same sweep, what must be equal differs, or both have the same unit. */
int result_sweep_add(struct result_sweep *sweep, struct result_sweep *part, struct err *err);
/* Frees what it holds and zeroes it. */
void result_sweep_release(struct result_sweep *sweep);

#endif
