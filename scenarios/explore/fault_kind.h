/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_kind.h - the kinds of faults that random schedules are drawn from: one
 * table, which says what a fault can be (limits of each parameter: the budget, docs/explore.md),
 * how it is played in process, and how a scenario says the same in Lua.
 *
 * Faults are tied to what happens, not to instants: the n-th block, the n-th erase. So a schedule
 * means the same for a master whose timing is another. */
#ifndef EXPLORE_FAULT_KIND_H
#define EXPLORE_FAULT_KIND_H

#include "sim/base.h"

#include <stdbool.h>
#include <stdio.h>

struct fault_slot; /* fault_play.h */

/* Requests of the master that faults are tied to. */
enum fault_target {
    FAULT_EXTENDED,
    FAULT_PROGRAMMING,
    FAULT_DEFAULT,
    FAULT_PRECONDITIONS,
    FAULT_DTC_SETTING,
    FAULT_COMMUNICATION,
    FAULT_KEY,
    FAULT_ERASE,
    FAULT_DOWNLOAD,
    FAULT_BLOCK,
    FAULT_EXIT,
    FAULT_DEPENDENCIES,
    FAULT_READ,
    FAULT_CLEAR,
    FAULT_SEED,
    FAULT_SEND_KEY,
    FAULT_TARGETS
};

struct fault_target_row {
    const char *text; /* "transfer data (36)". */
    uint8_t service;
    uint8_t sub;  /* Of session control; 0: any. */
    uint16_t rid; /* Of routine control; 0: none. */
    uint32_t weight;
};
extern const struct fault_target_row fault_targets[FAULT_TARGETS];

enum fault_family {
    FAULT_OF_FRAMES,
    FAULT_OF_BUS,
    FAULT_OF_ECU,
    FAULT_OF_FLASH,
    FAULT_OF_SUPPLY,
    FAULT_OF_STORE,
    FAULT_FAMILIES
};

/* What nth counts. */
enum fault_tie {
    FAULT_HITS_MESSAGE, /* Messages of the target: this one is hit, and so many after it. */
    FAULT_BEGINS_AFTER, /* Requests of the target: it begins when this one is over. */
    FAULT_HITS_COMMAND, /* Commands of the flash. */
    FAULT_HITS_FILE,    /* What the master does to its journal. */
    FAULT_FROM_BEGIN,   /* Nothing: it is there when the campaign begins. */
};

enum fault_end {
    FAULT_ENDS, /* By itself, or it is taken away FAULT_HORIZON_NS after the campaign began. */
    FAULT_ENDS_WITH_CAMPAIGN, /* Until then no retry helps; the campaign has to end all the same. */
    FAULT_STAYS,              /* The nature of the ECU, for the clean retry as well. */
};

enum fault_unit {
    FAULT_NUMBER,
    FAULT_HEX,
    FAULT_US,
    FAULT_MS,
    FAULT_MV,
    FAULT_WORD, /* An index into words. */
};

enum { FAULT_PARAMETERS_MAX = 5, FAULT_SECTORS = 8 };

struct fault_parameter {
    const char *name; /* Of the option in Lua. Null: no more of them. */
    enum fault_unit unit;
    uint32_t min, max;        /* The budget. */
    uint32_t simple;          /* What a reader would think of first. */
    const char *const *words; /* In Lua. */
    bool implied;             /* Not written as an option of its own: the kind's print() does it. */
};

/* Of one fault. */
struct fault {
    uint8_t kind;    /* Index into fault_kinds. */
    uint8_t target;  /* enum fault_target; of kinds that have targets. */
    uint16_t number; /* In the schedule as it was drawn, from 1. */
    uint32_t nth;    /* From 1. */
    uint32_t values[FAULT_PARAMETERS_MAX];
};

/* The world that faults are drawn for, as the undisturbed update shows it. */
struct fault_scope {
    uint32_t requests[FAULT_TARGETS];
    uint32_t commands[2];  /* Of the flash: erase, program. */
    uint32_t files[2];     /* Of the journal: write, sync. */
    uint32_t any_files[2]; /* Of all that the master keeps, likewise. */
    const char
        *journal; /* Pattern of its name. Null: the master has none, and any file is meant. */
    uint32_t sectors[FAULT_SECTORS]; /* Addresses of some that the new image lies in. */
    const char *ecu;                 /* Name of the target. */
    uint32_t foreign_id; /* Beside the identifiers of the target; nobody else sends it. */
};

struct fault_kind {
    const char *name; /* "lost message". */
    const char *text; /* For the comment: "is lost on its way". */
    enum fault_family family;
    enum fault_tie tie;
    enum fault_end end;
    uint32_t weight;  /* How often it is drawn. */
    uint32_t most;    /* In one schedule. */
    bool says_no;     /* The master may see a refusal. */
    bool is_blind;    /* The ECU itself uses its flash as the manual forbids. */
    uint32_t targets; /* Bits of those that it may be tied to. */
    struct fault_parameter parameters[FAULT_PARAMETERS_MAX];
    const char *call;  /* In Lua: "bus.lose". */
    const char *quirk; /* Its first argument: "Q4". Null: there is none. */
    const char *fixed; /* Options that it always has; null: none. */
    /* Further options, each with ", " before it. May be null. */
    void (*print)(FILE *to, const struct fault *fault, const struct fault_scope *scope);
    /* In process: begins. */
    void (*start)(struct fault_slot *slot);
};
extern const struct fault_kind fault_kinds[];
extern const size_t fault_kinds_len;

/* The value of a parameter, which the kind must have. */
uint32_t fault_value(const struct fault *fault, const char *name);
/* Of a parameter in us or ms. */
sim_ns_t fault_value_ns(const struct fault *fault, const char *name);
/* Of a parameter that is a word, as Lua has it. */
const char *fault_word(const struct fault *fault, const char *name);

/* The functions that play them (fault_start_*.c). */
void fault_start_lost(struct fault_slot *slot);
void fault_start_late(struct fault_slot *slot);
void fault_start_doubled(struct fault_slot *slot);
void fault_start_damaged(struct fault_slot *slot);
void fault_start_swapped(struct fault_slot *slot);
void fault_start_lost_frame(struct fault_slot *slot);
void fault_start_lost_flow(struct fault_slot *slot);
void fault_start_changed_answer(struct fault_slot *slot);
void fault_start_changed_block(struct fault_slot *slot);
void fault_start_loss(struct fault_slot *slot);
void fault_start_gateway(struct fault_slot *slot);
void fault_start_load(struct fault_slot *slot);
void fault_start_babble(struct fault_slot *slot);
void fault_start_short(struct fault_slot *slot);
void fault_start_bus_off(struct fault_slot *slot);
void fault_start_foreign(struct fault_slot *slot);
void fault_start_refused(struct fault_slot *slot);
void fault_start_mute(struct fault_slot *slot);
void fault_start_pending(struct fault_slot *slot);
void fault_start_slow(struct fault_slot *slot);
void fault_start_lost_session(struct fault_slot *slot);
void fault_start_waits(struct fault_slot *slot);
void fault_start_overflow(struct fault_slot *slot);
void fault_start_no_flow(struct fault_slot *slot);
void fault_start_small_blocks(struct fault_slot *slot);
void fault_start_slow_flash(struct fault_slot *slot);
void fault_start_failed_flash(struct fault_slot *slot);
void fault_start_idle_flash(struct fault_slot *slot);
void fault_start_flip(struct fault_slot *slot);
void fault_start_cut_at(struct fault_slot *slot);
void fault_start_cut(struct fault_slot *slot);
void fault_start_brownout(struct fault_slot *slot);
void fault_start_ignition(struct fault_slot *slot);
void fault_start_store(struct fault_slot *slot);
void fault_start_wrong_seed(struct fault_slot *slot);
void fault_start_wrong_echo(struct fault_slot *slot);
void fault_start_pending_for_ever(struct fault_slot *slot);
void fault_start_no_way_in(struct fault_slot *slot);
void fault_start_bad_sector(struct fault_slot *slot);
void fault_start_dead_sector(struct fault_slot *slot);
void fault_start_liar(struct fault_slot *slot);
void fault_start_other_version(struct fault_slot *slot);
void fault_start_quirk(struct fault_slot *slot);
void fault_start_slow_start(struct fault_slot *slot);
void fault_start_write_back(struct fault_slot *slot);
void fault_start_small_buffer(struct fault_slot *slot);
void fault_start_slow_ecu(struct fault_slot *slot);
void fault_start_odd_seed(struct fault_slot *slot);
void fault_start_bad_gateway(struct fault_slot *slot);

#endif
