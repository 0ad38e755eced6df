/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_flash.h - faults of an ECU's flash: commands that are slow, fail or do nothing,
 * bits that arrive or lie there wrong, cells and sectors that have given up.
 *
 * It owns the hooks of the ECU's flash module and passes everything on to one observer, after its
 * own rules. In the trace each fault leaves TRACE_FAULT records of the ECU. docs/injections.md
 * explains each word. */
#ifndef INJECT_INJECT_FLASH_H
#define INJECT_INJECT_FLASH_H

#include "inject/inject_turns.h"
#include "sim/ecus/s12x_ecu.h"

enum { INJECT_FLASH_RULES_MAX = 32 };

/* May be added up. 0: erase and program. */
enum inject_flash_ops {
    INJECT_FLASH_ERASE = 1u << 0,
    INJECT_FLASH_PROGRAM = 1u << 1,
    INJECT_FLASH_VERIFY = 1u << 2, /* Blank checks. */
};

/* Which commands to P-Flash. */
struct inject_flash_what {
    unsigned ops;        /* enum inject_flash_ops. */
    uint8_t command;     /* This one only (enum s12x_command). 0: all of the ops. */
    uint32_t start, end; /* That touch [start, end). end 0: anywhere. */
};

enum inject_flash_kind {
    INJECT_FLASH_SLOW,
    INJECT_FLASH_FAIL,      /* MGSTAT: the module says that it failed; the cells are what they
                             * would be. */
    INJECT_FLASH_NO_EFFECT, /* Says that all is well, and has changed nothing. */
    INJECT_FLASH_IN_FLIGHT, /* Program: other bits arrive, with an ECC that fits them. */
    INJECT_FLASH_AT_REST,   /* Program: bits flip once they are there; the ECC tells. */
};

struct inject_flash_effect {
    enum inject_flash_kind kind;
    uint32_t slow_permille; /* Slow: of the normal duration; or */
    sim_ns_t duration_ns;   /* so long altogether. */
    bool not_correctable;   /* Fail: MGSTAT0 as well. */
    uint64_t mask;          /* In flight, at rest: bits of the phrase, lowest address lowest. */
};

struct inject_flash_rule_cfg {
    struct inject_turns_cfg turns;
    struct inject_flash_what what;
    struct inject_flash_effect effect;
};

struct inject_flash;

struct inject_flash_rule {
    struct inject_flash_rule_cfg cfg;
    struct inject_turns turns;   /* seen: commands that fit. */
    struct inject_flash *inject; /* Null: not added. */
    bool hits_op;                /* At rest: the command that runs now. */
};

struct inject_flash {
    struct s12x_ecu *ecu;
    struct ecu *base;
    struct s12x_hooks observer;
    struct inject_flash_rule *rules[INJECT_FLASH_RULES_MAX];
    size_t rules_len;
};

/* observer may be null; it is copied. */
void inject_flash_init(struct inject_flash *inject, struct s12x_ecu *ecu,
                       const struct s12x_hooks *observer);
/* Takes rules and hooks away; the observer stays at the ECU. */
void inject_flash_release(struct inject_flash *inject);

/* The rule is the caller's and must stay until it is removed. */
void inject_flash_add(struct inject_flash *inject, struct inject_flash_rule *rule,
                      const struct inject_flash_rule_cfg *cfg);
/* Keeps what was counted. Twice is allowed. */
void inject_flash_remove(struct inject_flash_rule *rule);

/* At this instant; the name is for the trace. A flip is mended by the next erase of its sector, one
 * bit of a phrase is corrected when it is read, and two are an error. Stuck bits stay. A worn
 * sector has been erased so often before. */
void inject_flash_flip(struct inject_flash *inject, const char *name, uint32_t address,
                       uint8_t mask);
void inject_flash_stick(struct inject_flash *inject, const char *name, uint32_t address,
                        uint8_t mask, uint8_t value);
void inject_flash_wear(struct inject_flash *inject, const char *name, uint32_t address,
                       uint32_t erases);

#endif
