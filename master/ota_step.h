/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_step.h - the steps of an update: for each what is asked, how the answer is checked and
 * what follows. The order is the paper's (3.5), with the reads that a careful master adds. */
#ifndef OTA_STEP_H
#define OTA_STEP_H

#include "master/ota_master.h"

enum ota_step_id {
    /* Who is there. */
    OTA_STEP_READ_HARDWARE,
    OTA_STEP_READ_SERIAL,
    OTA_STEP_READ_VERSION,
    /* Pre-programming. */
    OTA_STEP_EXTENDED,
    OTA_STEP_PRECONDITIONS,
    OTA_STEP_DTC_OFF,
    OTA_STEP_QUIET,
    /* Programming. */
    OTA_STEP_PROGRAMMING,
    OTA_STEP_SEED,
    OTA_STEP_KEY,
    OTA_STEP_FINGERPRINT,
    OTA_STEP_ERASE,
    OTA_STEP_DOWNLOAD,
    OTA_STEP_TRANSFER,
    OTA_STEP_EXIT,
    OTA_STEP_DEPENDENCIES,
    /* Post-programming. */
    OTA_STEP_ACTIVATE,
    OTA_STEP_BOOT_POLL,
    OTA_STEP_POST_EXTENDED,
    OTA_STEP_LOUD,
    OTA_STEP_DTC_ON,
    OTA_STEP_CLEAR_DTC,
    OTA_STEP_POST_DEFAULT,
    OTA_STEP_READ_BACK,
    OTA_STEP_HEALTH,
    /* Leaving after a failure, whatever was reached. */
    OTA_STEP_RESTORE_EXTENDED,
    OTA_STEP_RESTORE_LOUD,
    OTA_STEP_RESTORE_DTC_ON,
    OTA_STEP_RESTORE_DEFAULT,
    OTA_STEP_RESTORE_VERSION,
    /* Has the ECU lost its session? */
    OTA_STEP_ASK_SESSION,
    /* Is there anybody, after a long interruption? */
    OTA_STEP_PROBE,
    OTA_STEP_COUNT
};

/* What a look at a positive answer leads to. */
enum ota_after {
    OTA_AFTER_NEXT,  /* The step that the table names. */
    OTA_AFTER_MOVED, /* The check has moved the machine itself. */
};

typedef uint16_t ota_build_fn(struct ota_master *master, uint8_t *request);
typedef enum ota_after ota_check_fn(struct ota_master *master, const uint8_t *data,
                                    uint16_t len_bytes, uint64_t now_ns);

enum { OTA_STEP_FIXED_MAX = 5 };

/* Who gets the request. */
enum ota_step_to {
    OTA_TO_ECU,
    OTA_TO_NETWORK, /* All if the job names other ECUs, else the target alone. */
    OTA_TO_ALL,     /* Functionally addressed. */
};

enum ota_step_resends {
    OTA_RESEND,      /* As often as the job allows. */
    OTA_RESEND_ONCE, /* The ECU is likely to have obeyed, and is deaf for a while. */
    OTA_NO_RESEND,   /* Silence means something else than a lost frame. */
};

struct ota_step {
    const char *name;
    enum ota_phase phase; /* OTA_PHASE_COUNT: the phase stays. */
    /* The request, unless build makes it. */
    uint8_t fixed_len;
    uint8_t fixed[OTA_STEP_FIXED_MAX];
    ota_build_fn *build;
    ota_check_fn *check; /* Null: any positive answer that the client lets through. */
    enum ota_step_id next;
    enum ota_step_to to;
    enum ota_step_resends resends;
};

const struct ota_step *ota_step(enum ota_step_id id);

/* What a negative answer leads to. */
enum ota_reaction {
    OTA_REACT_FAIL,         /* Final. */
    OTA_REACT_GO_ON,        /* The step is not needed. */
    OTA_REACT_REFUSE,       /* The ECU's own conditions are not met. */
    OTA_REACT_WAIT_SUPPLY,  /* Ask again, slowly. */
    OTA_REACT_NEW_SEED,     /* The key was wrong. */
    OTA_REACT_WAIT_UNLOCK,  /* The ECU enforces its delay. */
    OTA_REACT_REPEAT_ONCE,  /* Damaged on its way. */
    OTA_REACT_NEW_DOWNLOAD, /* Counter out of step: a new 34 from the last acknowledged byte. */
    OTA_REACT_LOST_BLOCK,   /* As above, if the request was resent; else OTA_REACT_ASK_SESSION. */
    OTA_REACT_LOST_EXIT,    /* Check the segment again, if resent; else OTA_REACT_ASK_SESSION. */
    OTA_REACT_BAD_SEGMENT,  /* The ECU's check of the segment failed. */
    OTA_REACT_ERASE_AGAIN,  /* Flash failed. */
    OTA_REACT_NOT_ERASED,   /* The ECU knows of no erase: again, if this is a resume. */
    OTA_REACT_ASK_SESSION,  /* Final, unless the ECU has lost its session. */
    OTA_REACT_POLL,         /* Not up yet. */
};

enum ota_reaction ota_reaction(enum ota_step_id step, uint8_t nrc);

#endif
