/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_verdict.h - what became of an update that was cut, in four parts: an
 * approved image is installed; it really runs; the update was not lost; nothing was downgraded, and
 * nobody else was touched. And the invariants that hold besides. */
#ifndef EXPLORE_VERDICT_H
#define EXPLORE_VERDICT_H

#include "scenarios/explore/explore_world.h"

/* From best to worst: of several the last one counts. */
#define EXPLORE_VERDICTS(X)                                                                        \
    X(EXPLORE_UPDATED, "updated", "the new version runs, and the master says so")                  \
    X(EXPLORE_OLD_RUNS, "old version runs",                                                        \
      "the old version runs, the master says so, and a clean retry updates it")                    \
    X(EXPLORE_RETRIED, "updated by a retry",                                                       \
      "nothing runs at the end, but a clean retry ends well")                                      \
    X(EXPLORE_STOPPED, "stopped",                                                                  \
      "the new version runs, the master was stopped before it could say so, and a clean retry "    \
      "ends well")                                                                                 \
    X(EXPLORE_GAVE_UP, "gave up",                                                                  \
      "nothing was in the master's way any more, and it needs a retry all the same")               \
    X(EXPLORE_UNDERSTATED, "success denied", "the new version runs, but the master denies it")     \
    X(EXPLORE_EARLY_SUCCESS, "success too early",                                                  \
      "the new version is there, but only the bootloader ran when success was claimed")            \
    X(EXPLORE_REDONE, "work repeated",                                                             \
      "what the master had confirmed before it lost its power was erased and done again")          \
    X(EXPLORE_NO_BACKUP, "backup lost",                                                            \
      "the known-good image of the old version is no longer in the state folder")                  \
    X(EXPLORE_NO_ROOM, "begun without room",                                                       \
      "the flash was erased, and then there was no room for what had to be recorded")              \
    X(EXPLORE_INVARIANT, "invariant broken",                                                       \
      "the master has broken a rule of docs/judge.md on the way, or left the network silent")      \
    X(EXPLORE_STRANDED, "stranded",                                                                \
      "a good application, marked valid, that nobody starts while the master stays away")          \
    X(EXPLORE_UNTRUE, "record untrue",                                                             \
      "emulated EEPROM says that an application is valid or a range blank, and it is not so")      \
    X(EXPLORE_RULE_BROKEN, "flash rule broken", "the flash was used as its manual forbids")        \
    X(EXPLORE_LOST, "update lost", "an application runs, but a clean retry does not end well")     \
    X(EXPLORE_WITHOUT_END, "without end", "the campaign does not end within the bound")            \
    X(EXPLORE_WRONG, "wrong contents",                                                             \
      "something ran that nobody has approved, or another ECU or the boot block changed")          \
    X(EXPLORE_FALSE_SUCCESS, "false success", "the master claims success, and it is none")         \
    X(EXPLORE_BRICKED, "bricked", "nothing runs, and a clean retry does not mend it")              \
    X(EXPLORE_BROKEN, "limphome failed", "the play itself crashed or hung: no verdict")

enum explore_verdict {
#define EXPLORE_ENUM(name, text, meaning) name,
    EXPLORE_VERDICTS(EXPLORE_ENUM)
#undef EXPLORE_ENUM
        EXPLORE_VERDICT_COUNT
};
const char *explore_verdict_text(enum explore_verdict verdict);
const char *explore_verdict_meaning(enum explore_verdict verdict);
/* What a correct master and a correct bootloader may come to. */
bool explore_verdict_good(enum explore_verdict verdict);

/* ERR_CONFLICT: what a sweep says that cannot begin, since the update comes to that undisturbed. */
int explore_verdict_refuse(enum explore_verdict verdict, struct err *err);

/* How long a campaign, and a retry, may take in virtual time: beyond, they have no end. */
#define EXPLORE_BOUND_NS SIM_S(900)

/* Of a world whose master has ended, or whose bound has passed. Resets the target, and where the
 * update did not come through lets the master try again, in the same world. Breaches of invariants
 * on the way are not looked at. */
enum explore_verdict explore_verdict_of_end(struct explore_world *world);

/* How often invariants were broken so far. They belong to the way, not to the state that it has led
 * to: two ways to one state share their verdict from there on, but not these. */
struct explore_breaches {
    uint32_t rules;      /* The flash was used as its manual forbids. */
    uint32_t unapproved; /* Something ran that is neither image. */
    sim_ns_t judged_ns;  /* The last breach of an invariant on the bus, as far as it was asked for,
                          * and 0 if there is none; */
    sim_ns_t at_ns;      /* and when all this was noted. */
};
struct explore_breaches explore_breaches_of(const struct explore_world *world);
/* With what the judge says of the bus until now. why: of the first breach; may be null. */
struct explore_breaches explore_breaches_judged(const struct explore_world *world,
                                                struct explore_judgement *why);

/* A set. */
enum { EXPLORE_BROKE_RULE = 1, EXPLORE_RAN_UNAPPROVED = 2, EXPLORE_BROKE_INVARIANT = 4 };
unsigned explore_breaches_since(const struct explore_breaches *now,
                                const struct explore_breaches *before);
/* Rules of docs/judge.md that a sweep asks for: bit n is INV-n. */
struct explore_invariant {
    uint16_t number;
    const char *name, *meaning; /* "INV-5". */
};
enum { EXPLORE_RULES = 6 };
extern const struct explore_invariant explore_invariants[EXPLORE_RULES];

/* The worse of both. */
enum explore_verdict explore_verdict_with(enum explore_verdict of_end, unsigned breaches);

#endif
