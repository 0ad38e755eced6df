/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/bootloader_private.h - the instance's memory, and what its files share.
 * Included by bootloader.h only; nobody but the bootloader's own files reads the members.
 *
 * Work that outlasts a request is a job. One job runs at a time; each of its steps ends by asking
 * for the next one at once, or after the flash command that it started, or after the emulated
 * EEPROM has settled. Nothing waits in a loop. */
#ifndef BOOTLOADER_PRIVATE_H
#define BOOTLOADER_PRIVATE_H

#include "sim/ecus/bootloader/boot_flash.h"

enum {
    BOOT_RESPONSE_MAX = 260,
    BOOT_SINGLE_FRAME_MAX = 62, /* Of the longest FD frame. */
    BOOT_ROUTINE_ANSWER_AT = 4  /* 71, sub-function, identifier, then this. */
};

enum boot_job {
    BOOT_JOB_NONE,
    BOOT_JOB_STARTUP, /* Emulated EEPROM on; answer the 10 02 that is still open. */
    BOOT_JOB_SETTLE,  /* Answer once the emulated EEPROM has settled. */
    BOOT_JOB_ACCEPT,  /* Withdraw the programming request, then mark the application valid. */
    BOOT_JOB_LEAVE,   /* Withdraw the programming request; reset if asked to. */
    BOOT_JOB_ERASE,
    BOOT_JOB_WRITE,
    BOOT_JOB_CHECK,
};

enum boot_step { BOOT_STEP_AGAIN, BOOT_STEP_WAIT_FLASH, BOOT_STEP_WAIT_NVM, BOOT_STEP_DONE };

/* What follows once the answer has left. */
enum boot_leave { BOOT_LEAVE_NOT, BOOT_LEAVE_STAY, BOOT_LEAVE_RESET };

struct boot_range {
    uint32_t start;
    uint32_t end; /* First address behind. */
};

enum boot_erasing {
    BOOT_ERASING_RANGE,
    BOOT_ERASING_NEXT,
    BOOT_ERASING_AFTER,
    BOOT_ERASING_VERIFY,
    BOOT_ERASING_VERIFIED,
    BOOT_ERASING_RECORDED,
};

struct boot_eraser {
    enum boot_erasing state;
    struct boot_range range;
    uint32_t at;
    uint32_t unit; /* Bytes under the command that runs. */
};

/* Bytes [from, to) of the phrase at base; to 0: none. */
struct boot_phrase {
    uint32_t base;
    uint8_t from;
    uint8_t to;
    uint8_t bytes[BOOT_PHRASE_LEN];
};

enum boot_writing {
    BOOT_WRITING_TAKE,         /* Fill the open phrase; write it when it is full. */
    BOOT_WRITING_LOOK,         /* Compare flash with what is to be there. */
    BOOT_WRITING_MARGIN,       /* A margin level is set: read again. */
    BOOT_WRITING_MARGIN_RESET, /* The normal level is back. */
    BOOT_WRITING_BLANK,        /* The blank check has ended. */
    BOOT_WRITING_PROGRAMMED,   /* Read back. */
    BOOT_WRITING_COPY,         /* Repair: save the sector, ... */
    BOOT_WRITING_ERASED,       /* ... which is erased now, ... */
    BOOT_WRITING_BLANK_SECTOR, /* ... and verified blank, ... */
    BOOT_WRITING_RESTORE,      /* ... and gets its phrases back, ... */
    BOOT_WRITING_RESTORED,     /* ... each read back. */
    BOOT_WRITING_KEEP,         /* Make the open phrase durable. */
    BOOT_WRITING_KEEP_DATA,
    BOOT_WRITING_KEEP_MARK,
    BOOT_WRITING_KEPT,
};

struct boot_writer {
    enum boot_writing state;
    uint32_t address; /* Of the next byte of data. */
    const uint8_t *data;
    uint16_t left;
    bool flush;              /* Program the open phrase, padded, when the data is used up. */
    bool fresh;              /* Erased and verified in this life, and nothing failed since. */
    bool margin_bad;         /* A margin level read something else. */
    enum boot_margin margin; /* The level set now. */
    struct boot_phrase open;
    uint8_t target[BOOT_PHRASE_LEN]; /* What the phrase is to hold. */
    uint16_t restore;                /* Phrase of the sector that is being restored. */
};

enum boot_checking {
    BOOT_CHECKING_FLUSH, /* The open phrase first, if it belongs to the range. */
    BOOT_CHECKING_LEVEL, /* Set the margin level, block by block. */
    BOOT_CHECKING_HASH,
    BOOT_CHECKING_COMPARE,
    BOOT_CHECKING_END, /* Nothing to compare with. */
};

struct boot_checker {
    enum boot_checking state;
    struct boot_range range;
    uint32_t at;
    enum boot_margin margin;
    uint8_t block; /* Whose margin level is set next. */
    bool margins;  /* All levels; otherwise the normal one alone. */
    bool bad;
    uint8_t expected[BOOT_CHECK_MAX];
    bool in_ram;   /* The range is a secondary bootloader's. */
    bool compares; /* Otherwise the open phrase is written, and that is all. */
    bool proves;   /* The segment counts as checked when this ends well. */
    union boot_check_state value;
};

enum boot_transferring {
    BOOT_TRANSFER_NONE,
    BOOT_TRANSFER_OPEN,  /* 34 was accepted. */
    BOOT_TRANSFER_ENDED, /* 37 was answered; a routine has to check what came. */
    BOOT_TRANSFER_DONE,  /* Checked; 37 may be asked again. */
};

struct boot_transfer {
    enum boot_transferring state;
    struct boot_range range;
    uint32_t next;           /* Block style: address of the next byte. */
    bool wrote;              /* A 36 was accepted since 34. */
    uint8_t counter;         /* Of the last 36 accepted; 0 before the first. */
    uint8_t pending_counter; /* Of the 36 in work. */
    uint32_t pending_address;
    uint16_t pending_len;
    struct boot_range verified[BOOT_SEGMENTS_MAX];
    uint8_t verified_len;
    bool foretold; /* The check value came with the erase or with 34, in expected. */
    uint8_t expected[BOOT_CHECK_MAX];
};

/* A secondary bootloader in RAM. */
struct boot_loader {
    struct boot_range checked; /* What was loaded and checked; empty: nothing. */
    bool active;
};

struct bootloader {
    const struct boot_cfg *cfg;
    const struct boot_hal *hal;
    struct isotp physical;
    struct isotp functional;
    struct uds_server uds;
    const struct boot_personality *persona;
    const struct boot_session_row *session;
    struct boot_timing timing;

    enum boot_job job;
    enum boot_step step;
    enum uds_nrc job_nrc;             /* The answer that the job will give. */
    proto_ns_t wait_due_ns;           /* The hardware has until then. 0: not set yet. */
    bool job_begun;                   /* Start-up, leave: the first of their two steps is over. */
    bool job_silent;                  /* Its request is answered already: it is polled. */
    enum uds_nrc polled_nrc;          /* How the last silent job ended. */
    const struct boot_bytes *job_bad; /* The answer if the check fails; null: a negative one. */
    enum boot_leave leave;

    bool stopped;  /* Reset or application started: nothing is done any more. */
    bool unusable; /* No emulated EEPROM, no flash clock, or a command without end: all work is
                    * refused with 72. */
    bool answer_due;
    bool runnable;  /* The application is marked valid and its header is good. */
    bool hung;      /* ... but the watchdog had to end it. */
    bool abandoned; /* The server has answered for the job: it ends at its next step. */
    bool communication_off;
    bool dtc_setting_off;
    proto_ns_t return_due_ns; /* Default session: leave for the application then. */

    struct boot_eraser eraser;
    struct boot_writer writer;
    struct boot_checker checker;
    struct boot_transfer transfer;
    struct boot_lock lock;
    struct boot_loader loader;

    uint8_t request[BOOT_BLOCK_MAX];
    uint8_t request_functional[BOOT_SINGLE_FRAME_MAX];
    uint8_t response[BOOT_RESPONSE_MAX];
    uint8_t data[BOOT_BLOCK_MAX];    /* Of the 36 in work: the request's buffer may be refilled. */
    uint8_t sector[BOOT_SECTOR_LEN]; /* Repair; also the window of checks and of the header. */
};

/* Of the 32 KB of the XEQ512; stack, vectors and the RAM-resident launch code need room too. */
_Static_assert(sizeof(struct bootloader) <= (size_t)12 * 1024, "the instance fits the part's RAM");

/* bootloader.c */
/* Starts a job for the request in work; its handler returns what this returns. Busy (21) while the
 * start-up still runs, failure (72) if flash cannot be used at all. */
enum uds_nrc boot_begin_job(struct bootloader *boot, enum boot_job job);
/* Enters a session and forgets what belonged to the last one: seed, transfer, lock. */
void boot_enter_session(struct bootloader *boot, const struct boot_session_row *session,
                        proto_ns_t now_ns);
/* P2 and P2* as the answer to 10 carries them: 4 bytes. */
void boot_put_timing(const struct bootloader *boot, uint8_t *to);
enum boot_where boot_runs_as(const struct bootloader *boot);
/* The session as a set of one. */
uint8_t boot_in_session(const struct bootloader *boot);
/* A job's last step. */
enum boot_step boot_end_job(struct bootloader *boot, enum uds_nrc nrc);
/* 92 or 93 if the supply forbids programming, or positive. */
enum uds_nrc boot_supply_nrc(const struct bootloader *boot);
/* Reads the application's header through the sector window; false if there is none. */
bool boot_read_header(struct bootloader *boot, struct boot_header *header);
bool boot_text_equal(const char *a, const char *b);

/* boot_erase.c */
bool boot_erased_range(const struct bootloader *boot, struct boot_range *range);
void boot_erase_begin(struct bootloader *boot, const struct boot_range *range);
enum boot_step boot_erase_step(struct bootloader *boot);

/* boot_write.c */
void boot_write_load_open(struct bootloader *boot);
void boot_write_begin(struct bootloader *boot, uint32_t address, const uint8_t *data, uint16_t len);
void boot_write_begin_flush(struct bootloader *boot);
/* Ends with the step DONE; job_nrc says how. */
enum boot_step boot_write_step(struct bootloader *boot);

/* boot_check.c */
/* Bytes of a check value of this ECU. */
uint8_t boot_check_len(const struct bootloader *boot);
/* expected null: nothing is compared. proves: the segment counts as checked at the end. */
void boot_check_begin(struct bootloader *boot, const struct boot_range *range,
                      const uint8_t *expected, bool proves);
enum boot_step boot_check_step(struct bootloader *boot);

/* boot_transfer.c */
void boot_transfer_reset(struct bootloader *boot);
/* The job that a 36 or 37 began has ended well. */
void boot_transfer_written(struct bootloader *boot);
void boot_transfer_checked(struct bootloader *boot);
/* The check value of the next segment comes before it. */
void boot_transfer_foretell(struct bootloader *boot, const uint8_t *check);
/* 31: checks what the last 37 ended. range null: whatever it was; check null: as foretold. */
enum uds_nrc boot_transfer_begin_check(struct bootloader *boot, const struct boot_range *range,
                                       const uint8_t *check);
/* For the laboratory: blocks taken so far cannot be lost any more. */
void boot_transfer_forget_taken(struct bootloader *boot);
void boot_transfer_forget(struct bootloader *boot, const struct boot_range *range);

/* boot_loader.c: the secondary bootloader in RAM. */
bool boot_loader_holds(const struct bootloader *boot, const struct boot_range *range);
/* Whether flash may be written: a loader may have to run first. */
bool boot_loader_permits_flash(const struct bootloader *boot);
enum uds_nrc boot_loader_start(struct bootloader *boot, uint32_t entry);

/* boot_routine.c */
enum boot_step boot_accept_step(struct bootloader *boot);
/* Null: not known to who asks. */
const struct boot_routine_row *boot_routine_of(const struct boot_personality *persona, uint16_t rid,
                                               enum boot_where where);
/* The two functions that the application has as well. */
void boot_put_preconditions(const struct boot_routine_row *row, uint8_t unmet,
                            struct uds_response *rsp);
enum uds_nrc boot_routine_hook(const struct boot_cfg *cfg, const struct boot_routine_row *row,
                               const struct uds_request *req, struct uds_response *rsp);

/* boot_services.c */
/* Those of the default personality; others may bring a table of their own with these handlers. */
enum { BOOT_SERVICES = 14 };
extern const struct uds_service boot_services[BOOT_SERVICES];
/* What concerns one ECU alone is not taken from a request to all. */
bool boot_physical_only(uint8_t sid);

/* Service handlers, one row each in that table. */
uds_handler boot_on_session_control, boot_on_ecu_reset, boot_on_tester_present;
uds_handler boot_on_clear_dtc, boot_on_read_dtc, boot_on_communication, boot_on_dtc_setting;
uds_handler boot_on_read_data, boot_on_write_data, boot_on_security, boot_on_routine;
uds_handler boot_on_request_download, boot_on_transfer_data, boot_on_transfer_exit;

#endif
