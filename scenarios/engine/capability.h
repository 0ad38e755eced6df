/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/capability.h - what a master declares that it can do. A case names what it
 * needs; a master that declares less is not asked, and the case is not applicable to it. A master
 * that declares it and cannot do it fails (docs/adapters.md, "Capabilities").
 *
 * What every master must do needs no capability: the diagnostic sequence, its timing, ISO-TP, and
 * that it never reports a success that is none. */
#ifndef ENGINE_CAPABILITY_H
#define ENGINE_CAPABILITY_H

#include <stdint.h>

/* Number, name, what it promises. */
#define CAPABILITIES(X)                                                                            \
    X(CAPABILITY_VERSION_READBACK, "version_readback",                                             \
      "reads the version of the ECU before and after the update, and decides by it")               \
    X(CAPABILITY_PRECONDITIONS, "preconditions",                                                   \
      "asks the ECU for its preconditions (31 01 02 03) and respects the answer")                  \
    X(CAPABILITY_NETWORK_QUIET, "network_quiet",                                                   \
      "quiets the ECUs of the network by 85 and 28, and restores them on every path")              \
    X(CAPABILITY_QUIET_CHASE, "quiet_chase",                                                       \
      "asks ECUs that did not answer a functional request once more by a physical one")            \
    X(CAPABILITY_DTC_CLEAR, "dtc_clear",                                                           \
      "clears the trouble codes of the reprogrammed ECU, and of no other")                         \
    X(CAPABILITY_KEEP_ALIVE, "keep_alive",                                                         \
      "sends 3E 80 to every ECU in a session, also while an answer is pending")                    \
    X(CAPABILITY_RESEND, "resend", "repeats a request after a time-out, N_RS times at most")       \
    X(CAPABILITY_RETRY, "retry",                                                                   \
      "begins a segment or the programming again after a failure, within R_SEG and R_UPD")         \
    X(CAPABILITY_RESTART, "restart",                                                               \
      "waits after a long interruption of the ECU and begins again by itself")                     \
    X(CAPABILITY_RESUME, "resume",                                                                 \
      "goes on after an interruption without a second erase and without sending what is there")    \
    X(CAPABILITY_PERSISTENCE, "persistence",                                                       \
      "keeps its progress in its state folder over a loss of its own power")                       \
    X(CAPABILITY_INTERRUPTED, "interrupted",                                                       \
      "ends a campaign that can be taken up later with INTERRUPTED, and takes it up when started") \
    X(CAPABILITY_PROMPT, "prompt", "tells when its user has to do something")                      \
    X(CAPABILITY_FAILURE_DETAIL, "failure_detail",                                                 \
      "reports the service and the response code that decided")                                    \
    X(CAPABILITY_FAILURE_PLACE, "failure_place",                                                   \
      "says in its reason at which segment (\"segment 2\") or address (0x...) a transfer failed")  \
    X(CAPABILITY_REASON_CODE, "reason_code",                                                       \
      "reports why in the words of the catalogue: NO_SPACE, INTEGRITY, SIZE")                      \
    X(CAPABILITY_ECU_REPORT, "ecu_report", "reports the result and the version of each ECU")       \
    X(CAPABILITY_VOLTAGE_WAIT, "voltage_wait",                                                     \
      "pauses on 92 and 93, asks slowly, and goes on from the break")                              \
    X(CAPABILITY_BUS_OFF, "bus_off",                                                               \
      "restarts its CAN controller after bus-off (restart-ms is BUS_RESTART), and goes on")        \
    X(CAPABILITY_HEALTH_CHECK, "health_check",                                                     \
      "watches trouble codes and the cyclic frame of the new software before it reports success")  \
    X(CAPABILITY_PACKAGE_HASH, "package_hash",                                                     \
      "checks the declared hash of the image before the programming session")                      \
    X(CAPABILITY_PACKAGE_SIZE, "package_size",                                                     \
      "checks the declared length of the image before the programming session")                    \
    X(CAPABILITY_PACKAGE_RECHECK, "package_recheck",                                               \
      "checks what it reads from its storage again before it sends it")                            \
    X(CAPABILITY_IMAGE_WINDOWS, "image_windows",                                                   \
      "refuses an image with bytes outside the windows of the job")                                \
    X(CAPABILITY_STORAGE, "storage",                                                               \
      "stores the package in its state folder, and checks the room for it before it begins")       \
    X(CAPABILITY_INVENTORY, "inventory",                                                           \
      "keeps a record of installed versions, and rebuilds it from the ECUs")                       \
    X(CAPABILITY_BACKUPS, "backups", "keeps known-good images, BACKUPS of them, and checks them")  \
    X(CAPABILITY_ROLLBACK, "rollback", "goes back to the previous software when it is ordered to") \
    X(CAPABILITY_AUTO_ROLLBACK, "auto_rollback",                                                   \
      "goes back to the previous software by itself when the new one fails")                       \
    X(CAPABILITY_NO_CAMPAIGN, "no_campaign",                                                       \
      "takes a job with the action none: looks at the ECU, and reports UP_TO_DATE")                \
    X(CAPABILITY_SEVERAL_ECUS, "several_ecus", "updates several ECUs in one job")                  \
    X(CAPABILITY_LOG, "log", "writes a log of what it did")

enum capability {
#define CAPABILITY_ENUM(id, name, help) id,
    CAPABILITIES(CAPABILITY_ENUM)
#undef CAPABILITY_ENUM
        CAPABILITY_COUNT
};

_Static_assert(CAPABILITY_COUNT <= 64, "a set of capabilities is 64 bits wide");

const char *capability_name(enum capability capability);
const char *capability_help(enum capability capability);
/* The capability of that name, or CAPABILITY_COUNT. */
enum capability capability_find(const char *name);
/* The known name that looks most like it, for messages. */
const char *capability_nearest(const char *name);

#endif
