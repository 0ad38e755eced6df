/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline.h - what happened in one play, made to be looked at: lanes over the time of the
 * play, the messages around its decisive instants, and the flash as it was left. Plain data: the
 * engine fills it while it plays, printers draw it.
 *
 * A play keeps it as timeline.json (docs/formats.md). It is a digest for the eye and stays small
 * however long the play: neighbours that are alike become one span with a count, curves are
 * thinned, messages are those around the focus. The whole truth is in bus.log and events.log.
 *
 * Texts belong to the timeline and are released with it; all are data from outside (names, what a
 * guest sent): a printer escapes them. They are UTF-8: a byte of a text that is not is kept as
 * "\xNN". Times are nanoseconds since the play began. */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H

#include "sim/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a lane shows, in the order in which lanes are drawn. */
enum timeline_lane_kind {
    LANE_PHASE,    /* Spans: what the master is about, as the bus shows it. */
    LANE_SERVICE,  /* Spans: UDS requests to an ECU until their final answer. */
    LANE_BUS_LOAD, /* Curve: of a bus, percent of its time in use. */
    LANE_SUPPLY,   /* Curve: of an ECU, mV. */
    LANE_SESSION,  /* Spans: the session of an ECU, off and reset included. */
    LANE_LOCK,     /* Spans: unlocked levels of an ECU. */
    LANE_FLASH,    /* Spans: erasing, programming; torn operations as marks. */
    LANE_PROGRESS, /* Curve: bytes of an ECU's P-Flash programmed since the play began. */
    LANE_MASTER,   /* Spans: the lives of the master, with how they ended. */
    LANE_STORAGE,  /* Spans: writes, syncs, renames of the master; errors and losses. */
    LANE_FAULT,    /* Spans: injections when they fired. */
    LANE_KINDS
};

/* How good news it is. */
enum timeline_tone { TONE_PLAIN, TONE_BUSY, TONE_GOOD, TONE_WARN, TONE_BAD, TONES };

/* to_ns == from_ns: a mark. */
struct timeline_span {
    sim_ns_t from_ns, to_ns;
    char *text;     /* Short: "34 RequestDownload", "programming", "brown-out". */
    uint32_t count; /* How many alike it stands for; at least 1. */
    enum timeline_tone tone;
};

/* The value holds until the next point. */
struct timeline_point {
    sim_ns_t at_ns;
    double value;
};

struct timeline_lane {
    enum timeline_lane_kind kind;
    char *of; /* Whose: name of the ECU, the bus or the injection; empty: of the master. */
    struct timeline_span *spans;
    size_t spans_len;
    struct timeline_point *points;
    size_t points_len;
};

/* A diagnostic message on a bus, decoded. */
struct timeline_message {
    sim_ns_t begin_ns, end_ns; /* First and last frame; end_ns SIM_NEVER: it never ended. */
    char *bus, *from, *to;     /* "master", "bcm", name of a foreign node. */
    char *service;             /* "31 RoutineControl", "7F" answers: of the request's service. */
    char *meaning;             /* "startRoutine eraseMemory", "NRC 72 generalProgrammingFailure". */
    char *shape;               /* ISO-TP: "SF", "FF + 146 CF, BS 8, STmin 10 ms". */
    char *bytes;               /* Hexadecimal pairs with blanks, cut. */
    uint32_t len_bytes;
    uint32_t bus_line; /* Of bus.log, from 1. */
    uint32_t focus;    /* Index into the timeline's foci: which it lies around. */
    enum timeline_tone tone;
    bool struck, lost; /* A fault hit a frame of it; or it did not arrive. */
};

/* An instant that the reader will want to see: of a finding, else of the first fault. */
struct timeline_focus {
    sim_ns_t at_ns;
    char *text; /* The finding's criterion, the injection's name. */
};

enum timeline_sector {
    SECTOR_ERASED = '.',
    SECTOR_FULL = '#',   /* All of its phrases are programmed, */
    SECTOR_PART = '+',   /* or some. */
    SECTOR_TORN = 'T',   /* An erase or a program operation was cut in it and nothing mended it. */
    SECTOR_WEAK = 'w',   /* Reads well now and may not for ever. */
    SECTOR_BROKEN = 'X', /* Does not take what is written: injected, or worn out. */
    SECTOR_BOOT = 'B',   /* Of the boot loader. */
};

/* P-Flash of one ECU at the end. */
struct timeline_flash {
    char *ecu;
    uint32_t base, sector_bytes;
    size_t sectors_len;
    char *state;      /* sectors_len characters of enum timeline_sector, terminated. */
    uint32_t *erased; /* How often each was erased in this play. */
};

struct timeline {
    sim_ns_t end_ns;
    struct timeline_lane *lanes;
    size_t lanes_len;
    struct timeline_focus *foci;
    size_t foci_len;
    struct timeline_message *messages; /* In the order of the bus, focus after focus. */
    size_t messages_len;
    struct timeline_flash *flashes;
    size_t flashes_len;
};

/* Texts are cut there, in bytes. */
enum { TIMELINE_TEXT_MAX = 200 };

/* Zero a timeline to begin. These append a copy; a null text is empty. A lane may move with the
 * next one. */
struct timeline_lane *timeline_add_lane(struct timeline *timeline, enum timeline_lane_kind kind,
                                        const char *of);
/* Stands for one; the caller may count on: lane->spans[lane->spans_len - 1].count. */
void timeline_lane_span(struct timeline_lane *lane, sim_ns_t from_ns, sim_ns_t to_ns,
                        const char *text, enum timeline_tone tone);
/* At rising instants. Two points at one instant: the later one counts. */
void timeline_lane_point(struct timeline_lane *lane, sim_ns_t at_ns, double value);
void timeline_add_focus(struct timeline *timeline, sim_ns_t at_ns, const char *text);
void timeline_add_message(struct timeline *timeline, const struct timeline_message *message);
void timeline_add_flash(struct timeline *timeline, const struct timeline_flash *flash);
/* Frees what it holds and zeroes it. */
void timeline_release(struct timeline *timeline);

/* As in timeline.json: "phase", "bus load" ...; "plain", "busy" ... */
const char *timeline_lane_name(enum timeline_lane_kind kind);
const char *timeline_tone_name(enum timeline_tone tone);

#endif
