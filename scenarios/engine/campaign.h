/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/campaign.h - what a master is asked to do, whichever master it is: targets,
 * images, the other ECUs of the network, the policy. Written as job.json (docs/formats.md, "Job
 * file"), which is the format of the reference master and the standard for others. */
#ifndef ENGINE_CAMPAIGN_H
#define ENGINE_CAMPAIGN_H

#include "scenarios/engine/profile.h"

#include <stdbool.h>

enum {
    CAMPAIGN_ECUS_MAX = 8,
    CAMPAIGN_OTHERS_MAX = 32,
    CAMPAIGN_WINDOWS_MAX = 8,
    CAMPAIGN_TEXT_MAX = 32,
    CAMPAIGN_PATH_MAX = 511,
};

enum campaign_action {
    CAMPAIGN_UPDATE,
    CAMPAIGN_ROLLBACK, /* To the newest known-good image that does not run now. */
    CAMPAIGN_NONE,     /* Look, and report: the master is started and has nothing to do. */
};

struct campaign_window {
    uint32_t start, end; /* end: the first address behind. */
};

/* How an ECU is reached on its bus. */
struct campaign_address {
    uint32_t request_id, response_id, functional_id; /* Above 0x7FF: 29 bits. */
    bool extended;              /* ISO 15765-2 extended addressing: the next two count. */
    uint8_t request_extension;  /* N_TA of requests. */
    uint8_t response_extension; /* N_TA of answers: the master's own. */
};

/* One ECU to be updated. */
struct campaign_ecu {
    char name[CAMPAIGN_TEXT_MAX + 1]; /* As in the vehicle file. */
    char bus[CAMPAIGN_TEXT_MAX + 1];  /* Likewise. */
    struct campaign_address address;
    char hardware_id[CAMPAIGN_TEXT_MAX + 1]; /* Empty: not compared. */
    uint32_t secret;                         /* Of the seed/key algorithm. */
    struct campaign_window windows[CAMPAIGN_WINDOWS_MAX];
    size_t windows_len; /* 0: anywhere. */
    bool pad;           /* Frames are filled up with padding. */
    uint8_t padding;
    char image[CAMPAIGN_PATH_MAX + 1];        /* S-record file, absolute. Empty: none. */
    char version[CAMPAIGN_TEXT_MAX + 1];      /* What DID F189 must answer afterwards. */
    char from_version[CAMPAIGN_TEXT_MAX + 1]; /* Empty: any. */
    char sha256[65]; /* Of the file, as the campaign declares it. Empty: not declared. */
    uint64_t bytes;  /* Likewise its length. 0: not declared. */
};

/* An ECU of the network that stays as it is, and is quieted during the update. */
struct campaign_other {
    char name[CAMPAIGN_TEXT_MAX + 1];
    struct campaign_address address; /* The functional identifier is the target's. */
};

/* How the new software is watched before it counts as a success, for T_HEALTH of the profile. */
struct campaign_health {
    bool watch;            /* False: not at all. */
    bool dtc;              /* A trouble code is a failure. */
    bool heartbeat;        /* So is a gap in the cyclic frame: the next two count. */
    uint32_t heartbeat_id; /* Above 0x7FF: 29 bits. */
    uint32_t heartbeat_ms; /* Longest gap. */
};

struct campaign {
    char id[CAMPAIGN_TEXT_MAX + 1]; /* One execution per id. */
    enum campaign_action action;
    struct campaign_ecu ecus[CAMPAIGN_ECUS_MAX];
    size_t ecus_len;
    struct campaign_other others[CAMPAIGN_OTHERS_MAX];
    size_t others_len;
    /* What follows a failure after the erase: back to a known-good image, or stay in safe state. */
    bool stay;
    struct campaign_health health;
    struct profile profile; /* What of it a job tells: profile_parameters[].job. */
    char state_folder[CAMPAIGN_PATH_MAX + 1]; /* The master's, absolute; it survives the master. */
};

/* Everything empty, the profile as the catalogue has it. */
void campaign_init(struct campaign *campaign);
const char *campaign_action_name(enum campaign_action action);
/* The job as text with its length; the caller frees it. Null: out of memory. The same campaign
 * gives the same bytes. */
char *campaign_job_text(const struct campaign *campaign);
/* Writes it. ERR_IO names the file. */
int campaign_write_job(const struct campaign *campaign, const char *path, struct err *err);

#endif
