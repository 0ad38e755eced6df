/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_world.h - the world of one play of a case: vehicle, buses, the seat of the
 * master under test, the injections of the scenario, and everything that the judge looks at.
 *
 * A world lives in a process of its own and is used once: init, run, judge, release. */
#ifndef ENGINE_CASE_WORLD_H
#define ENGINE_CASE_WORLD_H

#include "inject/inject_bus.h"
#include "inject/inject_ecu.h"
#include "inject/inject_flash.h"
#include "reports/result.h"
#include "scenarios/engine/bus_log.h"
#include "scenarios/engine/case_file.h"
#include "scenarios/engine/case_store.h"
#include "scenarios/engine/ecu_book.h"
#include "scenarios/engine/image_shelf.h"
#include "scenarios/engine/lua_script.h"
#include "scenarios/engine/master_seat.h"
#include "scenarios/engine/run_supply.h"
#include "scenarios/engine/run_trace.h"
#include "sim/can/can_log.h"
#include "sim/ecus/vehicle.h"

struct af_can;
struct case_stop;
struct quirk_fault;
struct timeline_recorder;

enum { CASE_INJECTIONS_MAX = 128, CASE_FORBIDDEN_MAX = 8, CASE_PATH_MAX = 1024 };

/* CLOCK_REALTIME of the guests when a play begins, as in the logs. */
#define CASE_EPOCH_NS ((uint64_t)CAN_LOG_EPOCH_S * 1000000000u)

struct case_bus {
    struct can_bus *bus;
    struct inject_bus inject; /* Its connections are the ECUs of the bus, in the vehicle's order. */
    struct bus_log log;
};

struct case_ecu {
    struct ecu *ecu;
    struct s12x_ecu *s12x;
    uint32_t nominal_mv;
    struct case_bus *bus;
    size_t connection; /* Of bus->inject. */
    struct ecu_book book;
    uint8_t factory_sha256[OTA_SHA256_LEN]; /* Of its regions when the play began. */
    struct inject_ecu answers;              /* Faults of its behaviour. ecu null: none yet. */
    struct inject_flash flash_faults;       /* Of its flash. ecu null: none yet. */
    struct quirk_fault *quirks;             /* That hold; the newest first (lua_ecu_quirks.c). */
    struct run_supply supply; /* Its faults. supply.ecu null: none yet (lua_power.c). */
};

/* A fault of the scenario. One that has not fired when the play is over is an error of the case:
 * it would judge something that never happened. */
struct case_injection {
    char name[64]; /* Unique in the play. */
    uint64_t (*fired)(void *ctx);
    void *ctx;
    sim_ns_t made_ns;
    bool optional; /* The case has said that it need not fire. */
};

/* A time in which no ECU may be programmed: the package or a precondition is not good, and the case
 * knows (INV-4). */
struct case_forbidden {
    sim_ns_t from_ns, until_ns; /* until_ns: the first instant at which it is allowed again. */
    bool session_too;           /* 10 02 as well; else erase and 34 only. */
    char reason[64];            /* "the signature of the package is wrong" */
};

/* What a script may wait for. */
enum case_event {
    CASE_BUS_MESSAGE = 1u << 0, /* A diagnostic message is complete. */
    CASE_BUS_FRAME = 1u << 1,   /* A frame of a connection went out. */
    CASE_FLASH_OP = 1u << 2,    /* A flash operation starts, ends, or is torn. */
    CASE_MASTER = 1u << 3,      /* A life of the master begins or ends. */
    CASE_STORE_OP = 1u << 4,    /* The master does something to its state folder. */
};

/* Files beside the case that a play has read, as the case names them. */
enum { CASE_READS_MAX = 16, CASE_READ_NAME_MAX = 200 };
struct case_reads {
    char names[CASE_READS_MAX][CASE_READ_NAME_MAX + 1];
    size_t len;
};

struct case_world_cfg {
    const struct case_file *file; /* Kept by pointer, as all of these. */
    size_t play;                  /* Which of its plays. */
    uint64_t seed;
    const struct adapter *adapter;
    const char *preload_path; /* See struct supervisor_cfg. */
    const char *folder;   /* Of this play; exists. Job, state of the master, its output, images. */
    const char *programs; /* See struct adapter_place. */
    const char *vehicles; /* Folder of the vehicle files. */
    const char *vehicle;  /* Path of the vehicle file, whatever the case names. Null: as it says. */
    bool keep_trace;      /* Also bus.log and so on in the folder. */
    bool keep_timeline;   /* Also timeline.json, and when faults fired. Changes nothing else. */
    struct case_reads *reads;     /* Gets what is read. May be null. */
    const struct case_stop *stop; /* Where it is to stand still. Null: nowhere. */
    sim_ns_t limit_ns;            /* A play that takes longer is an error. 0: 2 hours. */
};

struct case_world {
    struct case_world_cfg cfg;
    struct sim sim;
    struct trace *trace;
    struct run_trace *files;            /* Null: not kept. */
    struct timeline_recorder *recorder; /* Likewise. */
    struct vehicle *vehicle;
    struct case_bus buses[VEHICLE_BUSES_MAX];
    size_t buses_len;
    struct case_ecu ecus[VEHICLE_ECUS_MAX];
    size_t ecus_len; /* The first is the target, unless the case says otherwise. */
    struct af_can *can;
    struct case_store store; /* What the master keeps. */
    struct master_seat seat;
    struct lua_script script;
    bool script_loaded;
    struct case_injection injections[CASE_INJECTIONS_MAX];
    size_t injections_len;
    struct image_shelf images; /* Taken at the begin of each life: image_shelf_take_campaign(). */
    struct case_forbidden forbidden[CASE_FORBIDDEN_MAX];
    size_t forbidden_len;
    struct play_result *result;
    uint32_t bus_lines;     /* Frames in bus.log so far. */
    unsigned awaited;       /* enum case_event that wake the script. */
    struct sim_event power; /* Switches the vehicle on, once the script had its first turn. */
    sim_ns_t stop_ns;       /* Where it stands still next (case_stop.c). SIM_NEVER: nowhere. */
    bool stops;             /* There or at its end. */
    bool given_up;          /* Whoever looked at it has seen enough: there is no verdict. */
    bool resting;           /* The script is over, and what it did is done. */
    /* What the injections own: released in reverse order when the play is over, before the vehicle.
     */
    struct case_cleanup {
        void (*fn)(void *ctx);
        void *ctx;
    } cleanups[2 * CASE_INJECTIONS_MAX];
    size_t cleanups_len;
};

/* Builds vehicle, buses, seat and script. 0, or a negative code with *err; release in either case.
 * What is found goes into *result, which the caller has zeroed. */
int case_world_init(struct case_world *world, const struct case_world_cfg *cfg,
                    struct play_result *result, struct err *err);
/* Plays the scenario to its end, lets the vehicle come to rest (T_REST), and judges. 0, or a
 * negative code: the harness or the case is at fault. */
int case_world_run(struct case_world *world, struct err *err);
void case_world_release(struct case_world *world);

/* The campaign that a life of the master gets unless the scenario says otherwise: an update of the
 * target, with all other ECUs of the vehicle as its network. No image, no version. */
void case_world_campaign(const struct case_world *world, struct campaign *campaign);

/* For functions of the API. By name ("bcm", "can0"); a null name is the target, or the first bus.
 * Raises a Lua error that names those there are. */
struct case_ecu *case_world_ecu(struct case_world *world, lua_State *L, const char *name);
struct case_bus *case_world_bus(struct case_world *world, lua_State *L, const char *name);

/* Registers a fault; raises a Lua error if there are too many or the name is taken. name is a
 * suggestion: "#2" and so on is added to make it unique; the entry holds the one to use. */
struct case_injection *case_world_add_injection(struct case_world *world, lua_State *L,
                                                const char *name, uint64_t (*fired)(void *ctx),
                                                void *ctx);
void case_world_add_cleanup(struct case_world *world, void (*fn)(void *ctx), void *ctx);

/* Something has happened: a script that waits for this kind of event looks again. */
void case_world_tell(struct case_world *world, enum case_event event);
/* "return case_world_await(...)": waits until an event of the set or until_ns; then `then` gives
 * the results, with lua_script_of(L)->woken. */
int case_world_await(struct case_world *world, lua_State *L, unsigned events, sim_ns_t until_ns,
                     lua_KContext ctx, lua_KFunction then);

/* The functions that a scenario can call, one table a file; ctx of all is the world. */
extern const struct lua_api lua_case_api;         /* case_lua.c: case */
extern const struct lua_api lua_master_api;       /* lua_master.c */
extern const struct lua_api lua_image_api;        /* lua_image.c: image */
extern const struct lua_api lua_file_api;         /* lua_image.c: file.read, file.write */
extern const struct lua_api lua_bus_api;          /* lua_bus.c: what was on the bus */
extern const struct lua_api lua_truth_api;        /* lua_truth.c: ecu.status and so on */
extern const struct lua_api lua_profile_api;      /* lua_check.c: profile */
extern const struct lua_api lua_check_api;        /* lua_check.c */
extern const struct lua_api lua_state_api;        /* lua_state.c: state.read and so on */
extern const struct lua_api lua_judge_api;        /* lua_state.c: judge.forbid, judge.allow */
extern const struct lua_api lua_store_api;        /* lua_store.c: the disk of the master */
extern const struct lua_api lua_store_faults_api; /* lua_store_faults.c */
extern const struct lua_api lua_bus_faults_api;   /* lua_bus_faults.c: faults of frames */
extern const struct lua_api lua_bus_nodes_api;    /* lua_bus_nodes.c: foreign nodes, wires */
extern const struct lua_api lua_power_api;        /* lua_power.c */
extern const struct lua_api lua_ecu_faults_api;   /* lua_ecu_faults.c: behaviour of an ECU */
extern const struct lua_api lua_ecu_quirks_api;   /* lua_ecu_quirks.c: ecu.quirk */
extern const struct lua_api lua_flash_faults_api; /* lua_flash_faults.c */

#endif
