/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_ecu.h - what the master's tests drive it with: a scripted ECU behind a bus of
 * fixed frame time, files in memory that can be torn, and the clock of both.
 *
 * The ECU keeps its flash, its erase mark and its application mark over a reset, as a real one
 * does; how it misbehaves is a list of rules. */
#ifndef FAKE_ECU_H
#define FAKE_ECU_H

#include "master/ota_master.h"
#include "sim/proto/isotp.h"
#include "tests/master/fake_peer.h"

enum {
    FAKE_FLASH_START = 0x780000,
    FAKE_FLASH_LEN = 0x7C000,
    FAKE_RULES = 8,
    FAKE_LOG = 4096,
    FAKE_FILES = 16,
    FAKE_FRAMES = 64,
    FAKE_PEERS = 12
};

enum fake_action {
    FAKE_NRC,           /* Answer arg without doing anything. */
    FAKE_LOSE_REQUEST,  /* As if it had never come. */
    FAKE_LOSE_RESPONSE, /* Done, and not answered. */
    FAKE_DELAY,         /* Answered after arg ms. */
    FAKE_PENDING,       /* arg times 78 every two seconds, then the answer. */
    FAKE_PENDING_ONCE,  /* 78, and then nothing; not done. */
    FAKE_BUSY,          /* 21, not done. */
    FAKE_PATCH,         /* Byte arg of the answer becomes arg2. */
    FAKE_RESET,         /* Power is lost for arg ms before the request is done. */
    FAKE_RESET_AFTER,   /* The same after it was done, and before it is answered. */
    FAKE_MUTE,          /* Nothing is answered any more. */
};

/* Applies to the requests that begin with match (mask in match_len), from the first-th such one
 * (counted from 1), count times (0: always). */
struct fake_rule {
    uint8_t match[4];
    uint8_t match_len;
    uint16_t first, count;
    enum fake_action action;
    uint32_t arg, arg2;
    uint16_t seen;
};

struct fake_request {
    uint64_t at_ns;
    uint16_t len;
    uint8_t head[12];
    bool functional;
};

struct fake_file {
    char name[40];
    uint8_t *bytes;
    size_t len;
    bool used;
};

struct fake_frame {
    struct ota_frame frame;
    bool from_master;
};

struct fake_world {
    /* Set by a test before fake_run(). */
    struct fake_rule rules[FAKE_RULES];
    size_t rules_len;
    enum ota_transfer_style style;
    uint16_t block_len;
    uint16_t p2_ms;
    uint32_t boot_ms;
    uint32_t erase_ms;
    bool forgets_on_reset;   /* The erase mark does not survive: 34 is refused with 22. */
    bool rejects_repeats;    /* 24 to a block that comes again. */
    const char *lie_version; /* Answered instead of the true one. */
    const char *hardware_id;
    const char *serial_number;
    struct fake_peer peers[FAKE_PEERS];
    size_t peers_len;
    uint32_t dtc;          /* Answered to 19 02 in the default session. 0: none. */
    uint8_t noise[8];      /* Frames with the ECU's identifier that it did not send. */
    uint32_t noise_ms;     /* Their period. 0: none. */
    uint16_t buffer_len;   /* Of the ECU's transport: longer requests overflow it. 0: as usual. */
    uint32_t heartbeat_ms; /* Period of frame 0x321, as long as the application runs and may send.
                            * 0: none. */
    uint64_t free_bytes;
    uint64_t stop_at_ns;       /* The master dies at this instant. 0: it lives. */
    uint64_t limit_ns;         /* A run that lasts longer fails. */
    uint32_t writes_until_cut; /* The master dies at this write, torn at write_cut_at. 0: never. */
    size_t write_cut_at;
    uint32_t writes_until_error; /* From this write on each one fails with write_errno. 0: never. */
    int write_errno;
    const char *unreadable;    /* Reads of this file fail. Null: of none. */
    uint32_t unreadable_times; /* So often; then they succeed again. 0: always. */
    /* Sees each request before it is served. Null: nobody. */
    void (*on_request)(struct fake_world *world, const uint8_t *data, uint16_t len);

    /* The ECU. */
    bool in_application, app_valid, erased, unlocked, muted;
    uint8_t session;
    uint8_t flash[FAKE_FLASH_LEN];
    uint64_t off_until_ns, s3_due_ns;
    uint32_t from, behind, next;
    uint8_t counter;
    bool transfer_open, wrote;
    struct ota_window checked[16]; /* Ranges that passed 37. */
    uint8_t checked_len;
    uint32_t seed;
    struct isotp link, functional;
    uint8_t rx[4095], functional_rx[8], answer[4095];
    uint16_t answer_len;
    uint64_t answer_ns;
    uint32_t pendings_left;
    uint64_t pending_ns;
    bool reset_after_answer;

    /* What happened. */
    struct fake_request log[FAKE_LOG];
    size_t log_len;
    uint32_t erases, keys;
    uint64_t data_bytes; /* In 36, all of it. */
    uint32_t rewritten;  /* Bytes written that were not blank. */
    uint32_t comm_off, dtc_off;
    uint32_t loud_at_programming; /* Peers that were not quiet at a 10 02. */
    uint64_t heartbeat_due_ns, noise_due_ns;

    /* The world. */
    uint64_t now_ns;
    struct ota_port port;
    struct fake_file files[FAKE_FILES];
    uint32_t writes;
    bool cut;
    struct fake_frame frames[FAKE_FRAMES];
    size_t frames_first, frames_len;
    uint64_t frame_due_ns;
    char log_text[8192];
};

/* An ECU with version 1.0.0 running, an empty state folder. */
struct fake_world *fake_new(void);
void fake_free(struct fake_world *world);
void fake_rule(struct fake_world *world, const char *hex, uint16_t first, uint16_t count,
               enum fake_action action, uint32_t arg);
/* Runs a master until it is done, or dies (see stop_at_ns and writes_until_cut): then false. */
bool fake_run(struct fake_world *world, const struct ota_job *job, struct ota_report *report);
/* How many requests began with these bytes. */
size_t fake_count(const struct fake_world *world, const char *hex);
/* Index in the log of the n-th (from 0) such request, or log_len. */
size_t fake_find(const struct fake_world *world, const char *hex, size_t nth);
/* Files in the state folder, and their bytes together. */
size_t fake_files_count(const struct fake_world *world);
size_t fake_files_bytes(const struct fake_world *world);
struct fake_file *fake_file(struct fake_world *world, const char *name);

/* Image of four segments with this version in its header, made from text; and a job for it. */
void fake_image(struct ota_image *image, const char *version);
void fake_job(struct ota_job *job, const struct ota_image *image, const char *version);
bool fake_holds(const struct fake_world *world, const struct ota_image *image);

#endif
