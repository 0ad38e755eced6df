/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_machine.h - the master's state, and what its files share: ota_master.c drives the
 * steps, ota_step.c makes requests and checks answers, ota_react.c deals with what went wrong,
 * ota_end.c ends the campaign. Nobody outside this folder includes it. */
#ifndef OTA_MACHINE_H
#define OTA_MACHINE_H

#include "master/ota_backup.h"
#include "master/ota_ended.h"
#include "master/ota_health.h"
#include "master/ota_journal.h"
#include "master/ota_link.h"
#include "master/ota_master.h"
#include "master/ota_network.h"
#include "master/ota_step.h"
#include "master/ota_transfer.h"

enum ota_state {
    OTA_STATE_IDLE,
    OTA_STATE_ASKING,  /* A request is open. */
    OTA_STATE_WAITING, /* Until wait_ns; then `then` happens. */
    OTA_STATE_DONE
};

enum ota_then {
    OTA_THEN_STEP,
    OTA_THEN_REPEAT,
    OTA_THEN_PROBE,
    OTA_THEN_KEY,
    OTA_THEN_CHASE,
    OTA_THEN_LOOK,
    OTA_THEN_RESTART
};

struct ota_master {
    const struct ota_job *job;
    const struct ota_port *port;
    struct ota_link link;
    struct ota_journal journal;
    struct ota_record progress;
    bool recorded;       /* The journal held a record when this life began, or holds one of ours. */
    bool journaled;      /* This life has written one. */
    bool journal_failed; /* Reported once; the campaign goes on without. */
    enum ota_why journal_why; /* Why the last record could not be written. */
    const struct ota_image *image;
    struct ota_image stored;        /* Owned; read from the state folder: what is sent. */
    struct ota_backup staged;       /* Becomes known-good on success. */
    char version[OTA_TEXT_MAX + 1]; /* That the ECU must answer in the end. */
    struct ota_transfer transfer;
    struct ota_network network;
    struct ota_health health;

    enum ota_state state;
    enum ota_step_id step;
    enum ota_then then;
    uint64_t wait_ns;
    uint64_t boot_until_ns;
    uint64_t leave_until_ns; /* While leaving: when to stop trying. */
    bool identified;         /* The ECU has been asked who it is. */
    bool hardware_refused;   /* Once, in this life: it was asked for again. */
    bool repeated_end;       /* The campaign had ended before: its result is told again. */
    bool touched;            /* A session was asked for: there is something to restore. */
    bool leaving;
    bool answered;   /* By the target; the step in hand may have needed no answer. */
    bool unsent;     /* The last request did not get onto the bus. */
    bool erased_now; /* Erased since the last restart: the ECU must know of it. */
    enum ota_result_code ending;

    enum ota_phase phase;
    uint64_t phase_since_ns;
    uint32_t resends_before; /* Resends counted when the open request began. */
    uint16_t pauses;
    uint16_t supply_waits;
    uint16_t condition_waits;
    uint8_t overflows; /* Of the request in hand. */
    uint8_t unlock_waits;
    uint8_t seed_tries;
    uint8_t restore_tries;
    bool restore_lost; /* No answer to 28 00, after one to 10 03. */
    uint32_t strays_at_seed;
    bool refused_seed_known;
    uint32_t seed, refused_seed;
    uint8_t asked_sid, asked_nrc; /* The answer that made us ask for the session. */
    enum ota_step_id asked_step;
    uint8_t cut_sid; /* What was asked when the last long interruption began. */
    char cut_why[96];

    char hardware_id[OTA_TEXT_MAX + 1];
    char serial_number[OTA_TEXT_MAX + 1];
    char running_version[OTA_TEXT_MAX + 1];
    struct ota_report report;
    uint16_t request_len;
    uint8_t request[UDS_MESSAGE_MAX];
};

/* ota_master.c: the steps. */
void ota_enter(struct ota_master *m, enum ota_step_id id, uint64_t now_ns);
/* The step in hand is done; data is null if it was not needed. */
void ota_pass(struct ota_master *m, const uint8_t *data, uint16_t len_bytes, uint64_t now_ns);
/* All that were asked are done with the step in hand. */
void ota_next(struct ota_master *m, uint64_t now_ns);
/* Sends the request in hand; who gets it, the link knows. */
void ota_ask(struct ota_master *m, bool to_all, uint64_t now_ns);
/* The request in hand, unchanged. */
void ota_repeat(struct ota_master *m, uint64_t now_ns);
void ota_wait(struct ota_master *m, enum ota_then then, uint64_t until_ns);
void ota_set_phase(struct ota_master *m, enum ota_phase phase, uint64_t now_ns);
void ota_restart(struct ota_master *m, uint64_t now_ns);
void ota_log(const struct ota_master *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes the progress record. False: it could not be made safe. */
bool ota_save(struct ota_master *m);
bool ota_request_was_resent(const struct ota_master *m);
/* Whether a further seed has come meanwhile: then only a fresh one is safe. */
void ota_use_seed(struct ota_master *m, uint64_t now_ns);

/* ota_campaign.c: what is to be done, once it is known who is there. */
/* Before the bus is used. False: the campaign has ended. */
bool ota_campaign_check(struct ota_master *m, uint64_t now_ns);
void ota_campaign_decide(struct ota_master *m, uint64_t now_ns);
/* The ECU is open for programming: what it will get is read and verified now. */
void ota_campaign_unlocked(struct ota_master *m, uint64_t now_ns);
void ota_campaign_transfer(struct ota_master *m, uint64_t now_ns);
/* Begins to install the newest known-good image. False: there is none, or this is a rollback. */
bool ota_campaign_roll_back(struct ota_master *m, uint64_t now_ns);
struct ota_campaign_key ota_campaign_key(const struct ota_master *m);
/* Brings the inventory file up to what the ECU has answered. */
void ota_campaign_take_stock(struct ota_master *m, const char *version);

/* ota_react.c: negative answers and silence. */
void ota_react_negative(struct ota_master *m, uint8_t nrc, uint64_t now_ns);
void ota_react_silence(struct ota_master *m, const char *why, uint64_t now_ns);
void ota_react_session(struct ota_master *m, uint8_t session, uint64_t now_ns);
/* The ECU has refused as many keys as it may be given. */
bool ota_is_locked_out(const struct ota_master *m);
void ota_react_not_up(struct ota_master *m, uint64_t now_ns);
/* A long interruption: nothing is asked before the ECU answers to a probe, and then all begins at
 * the first step. */
void ota_interrupted(struct ota_master *m, const char *why, uint64_t now_ns);
/* Conditions are not met that may pass: the first step is tried again, seldom. */
void ota_conditions(struct ota_master *m, enum ota_why why, uint8_t nrc, const char *what,
                    uint64_t now_ns);
/* Conditions are not met: the end, unless there is no old software to leave it at. */
void ota_refuse(struct ota_master *m, enum ota_why why, uint8_t nrc, const char *what,
                uint64_t now_ns);

/* ota_end.c: ways to end. */
/* A reason for the report, as a code and as a sentence; the first one stays. */
void ota_reason(struct ota_master *m, enum ota_why why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Service and response code of that answer, likewise; before the sentence. */
void ota_blame(struct ota_master *m, uint8_t sid, uint8_t nrc);
/* Likewise where in the image a step of the transfer failed; before ota_reason(). */
void ota_blame_place(struct ota_master *m, enum ota_step_id step);
/* Fails: the old software if it is whole, else a rollback if there is a backup, else safe state. */
void ota_fail(struct ota_master *m, uint64_t now_ns);
void ota_end(struct ota_master *m, enum ota_result_code code, uint64_t now_ns);
void ota_left(struct ota_master *m, uint64_t now_ns);

#endif
