/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_master.h - a careful OTA master: one campaign on one ECU, from preconditions to the
 * version read back.
 *
 * It follows the paper's three phases (pre-programming, programming, post-programming), its rules
 * for short interruptions (resend, at most N_RS times) and for long ones (what to repeat depends on
 * where the update was cut), and keeps its progress in a journal that survives a torn write. It
 * never claims success without having read the version back from the running application.
 *
 * One state machine with deadlines behind a small port: the same code runs inside the simulator,
 * and as the program limphome-master on a CAN socket. It has no clock, no thread and no global
 * state. */
#ifndef OTA_MASTER_H
#define OTA_MASTER_H

#include "master/ota_image.h"
#include "master/ota_job.h"
#include "master/ota_port.h"
#include "master/ota_why.h"

/* Section 1.1 of the test catalogue. */
#define OTA_RESULTS(X)                                                                             \
    X(OTA_SUCCESS, "SUCCESS")                                                                      \
    X(OTA_UP_TO_DATE, "UP_TO_DATE")                                                                \
    X(OTA_REFUSED, "REFUSED")                                                                      \
    X(OTA_CANCELLED, "CANCELLED")                                                                  \
    X(OTA_INTERRUPTED, "INTERRUPTED")                                                              \
    X(OTA_FAILED_OLD, "FAILED_OLD")                                                                \
    X(OTA_ROLLED_BACK, "ROLLED_BACK")                                                              \
    X(OTA_PARTIAL, "PARTIAL")                                                                      \
    X(OTA_FAILED_SAFE, "FAILED_SAFE")

enum ota_result_code {
#define OTA_ENUM(name, text) name,
    OTA_RESULTS(OTA_ENUM)
#undef OTA_ENUM
};
const char *ota_result_name(enum ota_result_code code);

/* Phases as the catalogue counts them (section 0). */
#define OTA_PHASES(X)                                                                              \
    X(OTA_PH0_IDLE, "idle")                                                                        \
    X(OTA_PH1_CHECK, "check")                                                                      \
    X(OTA_PH2_READY, "ready")                                                                      \
    X(OTA_PH3_PRE, "pre-programming")                                                              \
    X(OTA_PH4A_UNLOCK, "unlock")                                                                   \
    X(OTA_PH4B_ERASE, "erase")                                                                     \
    X(OTA_PH4C_TRANSFER, "transfer")                                                               \
    X(OTA_PH4D_CHECK, "dependency check")                                                          \
    X(OTA_PH5_RESET, "reset")                                                                      \
    X(OTA_PH6_POST, "post-programming")                                                            \
    X(OTA_PH7_REPORT, "report")

enum ota_phase {
#define OTA_ENUM(name, text) name,
    OTA_PHASES(OTA_ENUM)
#undef OTA_ENUM
        OTA_PHASE_COUNT
};
const char *ota_phase_name(enum ota_phase phase);

struct ota_report {
    enum ota_result_code code;
    enum ota_why why;
    char reason[OTA_REASON_MAX +
                1];   /* One sentence; names service and response code where there is one. */
    uint8_t sid, nrc; /* Of the request that decided; nrc 0: no negative answer to it. */
    uint16_t segment; /* In which a transfer failed, counted from 1; 0: none. */
    uint32_t address; /* If segment is not 0: of the block that failed, or where the segment that
                       * failed its check begins. */
    bool prompt;      /* Somebody has to look after the vehicle, or to start the campaign again. */
    char version[33]; /* Read back from the ECU; empty if it could not be read. */
    uint64_t phase_ns[OTA_PHASE_COUNT]; /* Time spent, interruptions included. */
    uint32_t requests, resends, pendings, busies, strays;
    uint32_t interruptions; /* Long ones survived in this life of the master. */
    uint64_t payload_bytes; /* Acknowledged by 36, repeats included. */
};

struct ota_progress {
    enum ota_phase phase;
    uint16_t segment, segments;       /* Counted from 1; 0 before the transfer. */
    uint32_t bytes_done, bytes_total; /* Of the image. */
};

struct ota_master;

/* Makes a master for one campaign. job and port are kept by pointer and must outlive it. Reads the
 * journal: a campaign that was cut goes on where the rules allow. Null: out of memory. */
struct ota_master *ota_master_new(const struct ota_job *job, const struct ota_port *port);
void ota_master_free(struct ota_master *master);

void ota_master_start(struct ota_master *master, uint64_t now_ns);
void ota_master_on_frame(struct ota_master *master, const struct ota_frame *frame, uint64_t now_ns);
/* The frame given to port->can_send has gone over the bus. */
void ota_master_on_confirm(struct ota_master *master, uint64_t now_ns);
/* The controller went bus-off, say: what it had not sent yet it never will. */
void ota_master_on_lost(struct ota_master *master, uint64_t now_ns);
/* port->can_send would take frames again. */
void ota_master_on_room(struct ota_master *master, uint64_t now_ns);
void ota_master_on_deadline(struct ota_master *master, uint64_t now_ns);
uint64_t ota_master_deadline_ns(const struct ota_master *master);

/* True once the campaign has ended; *report is then final. */
bool ota_master_done(const struct ota_master *master, struct ota_report *report);
void ota_master_progress(const struct ota_master *master, struct ota_progress *progress);
/* A number that is equal for masters of one job that will do the same if they get the same answers:
 * what they have recorded, how far they are, and what they have counted against a limit. Left out:
 * clocks, statistics, and where a message on its way stands. */
uint64_t ota_master_state_hash(const struct ota_master *master);
/* The same for any instant, if the ECU that it talks to has just lost its memory: with what was
 * asked, about how much of it is still to be sent, what is awaited, and about for how long. */
uint64_t ota_master_moment_hash(const struct ota_master *master, uint64_t now_ns);

#endif
