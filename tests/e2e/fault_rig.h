/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/fault_rig.h - the real master and the real ECU on one bus, with a tap between them that
 * loses, delays, doubles or damages chosen messages, cuts the ECU's power or kills the master at a
 * message, and counts what was asked and answered. */
#ifndef TESTS_FAULT_RIG_H
#define TESTS_FAULT_RIG_H

#include "inject/bus_load.h"
#include "inject/inject_bus.h"
#include "master/ota_backup.h"
#include "scenarios/engine/master_node.h"
#include "sim/ecus/vehicle.h"
#include "sim/prng.h"

#include <stdio.h>

struct fault_rig;

struct rig_rule {
    enum inject_way way;
    unsigned parts; /* enum inject_part. 0: INJECT_BEGIN. */
    uint8_t sid;    /* First byte of the message. 0: any. */
    uint8_t second; /* Second byte. 0: any. */
    uint32_t skip;  /* So many are let through first. */
    uint32_t times; /* So many are hit. */
    struct inject_effect what;
    sim_ns_t cut_ns; /* Besides: the ECU is without power so long, from the frame's beginning. */
    bool kill;       /* Besides: the master loses its power. */
    /* The rest is filled by rig_add(). */
    struct fault_rig *rig;
    struct inject_rule injected;
};

enum { RIG_RULES_MAX = 16, RIG_NODES_MAX = 2 };

/* When the next kill of the master comes. */
struct rig_kill {
    sim_ns_t at_ns;         /* At this instant. 0: not. */
    uint32_t at_file_op;    /* At this write, sync, rename or removal, counted from 1. 0: not. */
    uint16_t torn_permille; /* How much of that write still reaches the storage. */
};

struct fault_rig {
    struct sim sim;
    struct vehicle *vehicle;
    struct s12x_ecu *ecu;
    struct can_bus *bus;
    struct ota_image image;
    struct ota_job job;
    struct master_files files;
    struct master_node master;
    struct inject_bus inject;
    struct prng prng;
    struct rig_rule rules[RIG_RULES_MAX];
    size_t rules_len;
    struct inject_rule losses, damage; /* At random. */
    struct rig_kill kill;
    uint32_t file_ops;
    bool dead; /* The master has no power any more; nobody has noticed yet. */
    uint32_t kills;
    struct bus_load noise;
    /* What has passed on the bus. */
    uint32_t asked[256];    /* Requests by service, repeats included. */
    uint32_t answered[256]; /* Answers by first byte. */
    uint32_t refused[256];  /* Final negative answers by service. */
    uint32_t asked_erase;
    uint32_t consecutive;     /* From the master. */
    uint64_t sent_36;         /* Bytes of data that a 76 followed, repeats included. */
    uint32_t pending_36;      /* Of the last request 36. */
    sim_ns_t asked_ns[256];   /* The last of each service. */
    sim_ns_t gap_max_ns[256]; /* The longest time between two. */
    uint32_t erases_before;
};

#define RIG_KB 1024u
/* A ready image file of this version, in the build folder; four segments over two flash blocks, 20
 * KB; header first. */
const char *rig_image_path(const char *version, uint32_t behaviour);

/* The ECU runs version 1.0.0; the master is to install the new version. Members of job may be
 * changed until rig_start(). */
void rig_init(struct fault_rig *rig, const char *version, uint32_t behaviour, uint64_t seed);
/* The same with an ECU that takes one S19 line per 36. */
void rig_init_lines(struct fault_rig *rig, const char *version, uint32_t behaviour, uint64_t seed);
void rig_release(struct fault_rig *rig);
/* A second campaign on the same ECU and the same state folder. */
void rig_next_job(struct fault_rig *rig, const char *version, uint32_t behaviour);
/* The image of that version becomes a known-good one. */
void rig_add_backup(struct fault_rig *rig, const char *version);

struct rig_rule *rig_add(struct fault_rig *rig, struct rig_rule rule);
/* Takes all rules away. */
void rig_clear(struct fault_rig *rig);
/* Of all diagnostic frames, drawn at random; until rig_heal(). */
void rig_lose(struct fault_rig *rig, uint32_t ppm);
void rig_damage(struct fault_rig *rig, uint32_t ppm);
void rig_heal(struct fault_rig *rig);
/* A second node sends frames of 8 bytes with this identifier, load_permille of the bus. */
void rig_add_noise(struct fault_rig *rig, uint32_t id, uint8_t first, uint32_t load_permille,
                   sim_ns_t from_ns, sim_ns_t until_ns);

/* Powers up if need be, and makes a master that starts half a second later. */
void rig_start(struct fault_rig *rig);
/* To the end of the campaign or the limit; a master that was killed comes back after a second. */
bool rig_run(struct fault_rig *rig, sim_ns_t limit_ns);
/* Both. */
const struct ota_report *rig_play(struct fault_rig *rig);

bool rig_image_in_flash(const struct fault_rig *rig);
/* Of the most often erased sector of the image, since rig_init. */
uint32_t rig_erases(const struct fault_rig *rig);
/* Sectors of the image erased more than once: by a second erase, or to mend a torn phrase. */
uint32_t rig_sectors_erased_again(const struct fault_rig *rig);
/* Of the most often programmed phrase of the image, since its erase. */
uint32_t rig_writes(const struct fault_rig *rig);
void rig_status(struct fault_rig *rig, struct s12x_ecu_status *status);
/* What makes an end bad in every case: false success, an ECU that runs nothing and cannot be
 * reached, communication or trouble codes left off, illegal use of the flash. Null: nothing. */
const char *rig_wrong(struct fault_rig *rig);

#endif
