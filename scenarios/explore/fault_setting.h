/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_setting.h - what a schedule of faults falls upon: the sound update, a
 * package that must be refused, an application that does not come up, an order to go back, an ECU
 * with a nature of its own. One table, which says how a setting is played in process and how a
 * scenario says the same in Lua. What a correct master makes of it is for the verdicts
 * (explore_verdict.h), and, where it must not touch the ECU at all, for the judge (INV-4). */
#ifndef EXPLORE_FAULT_SETTING_H
#define EXPLORE_FAULT_SETTING_H

#include "inject/inject_ecu.h"
#include "master/ota_job.h"
#include "sim/err.h"

struct explore_world;
struct isotp_watch_message;

enum { FAULT_SOUND = 0, FAULT_SETTINGS_MAX = 32 }; /* The first row is the sound update. */

/* One that is being played. */
struct fault_setting_state {
    struct explore_world *world;
    const struct fault_setting *setting;
    struct ota_job order; /* The sound one. */
    struct ecu_quirks quirks;
    struct inject_ecu_rule notes, refuses;
    uint32_t asked_resets; /* Of the ECU, when it was last asked for its preconditions. */
    bool asked, done;
};

struct fault_setting {
    const char *name;   /* "altered-package", as --setting takes it. */
    const char *text;   /* "a byte of the package is not as its manifest has it" */
    uint32_t weight;    /* How often it is drawn. */
    uint32_t rounds;    /* The work of so many updates: nth of a fault is drawn up to that. */
    bool after_update;  /* The new version has been installed before. */
    bool keeps;         /* The campaign is to leave it at that; */
    bool goes_back;     /* or to bring back the version before it. */
    bool again;         /* Once it has rolled back, the same order must no longer be tried. */
    bool stays;         /* The clean retry is ordered in the same setting. */
    bool blocks;        /* The ECU no longer listens: who gives up cannot restore it. */
    bool by_version;    /* It is the version that forbids; who was not told it may go on. */
    bool session_too;   /* Of forbidden: the programming session as well. */
    const char *reason; /* Why the ECU must not be programmed. Null: it may. */
    /* Changes order and ECU before the master starts. Null: nothing. */
    int (*begin)(struct fault_setting_state *state, struct err *err);
    /* Adds rules for the ECU; more than once, after those of faults have gone. Null: none. */
    void (*attach)(struct fault_setting_state *state, struct inject_ecu *ecu);
    /* A request of the master's. Null: does not matter. */
    void (*on_request)(struct fault_setting_state *state,
                       const struct isotp_watch_message *message);
    uint64_t needs; /* Of a master: bits of enum capability. */
    /* In Lua: functions (fault_lua.h); members of the ECU; before the faults; once the master runs;
     * before the clean retry. Null: nothing. */
    const char *lua_helper, *lua_ecu, *lua_begin, *lua_running, *lua_mend;
};
extern const struct fault_setting fault_settings[];
extern const size_t fault_settings_len;

/* Those that a master with such capabilities can be judged in, as a set. */
uint32_t fault_settings_for(uint64_t capabilities);
/* An index, or -1. */
int fault_setting_find(const char *name);
/* The same for the same seed and number. settings: a set of those that are drawn from; 0: the
 * sound update. */
uint8_t fault_setting_draw(uint32_t settings, uint64_t seed, uint64_t number);

/* Of a vacant world, before the master starts on what is judged; an update that comes before is
 * gone through. ERR_CONFLICT: it does not end well. */
int fault_setting_begin(struct fault_setting_state *state, uint8_t number,
                        struct explore_world *world, struct err *err);
/* A master that has rolled back is started again with the same order, as long as it may try. */
void fault_setting_again(struct fault_setting_state *state);

#endif
