/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_why.h - why a campaign ended as it did: one word of a fixed set, for programs; the
 * sentence beside it is for people. */
#ifndef OTA_WHY_H
#define OTA_WHY_H

#define OTA_WHYS(X)                                                                                \
    X(OTA_WHY_NONE, "NONE")                   /* All went well. */                                 \
    X(OTA_WHY_UP_TO_DATE, "UP_TO_DATE")       /* The wanted version runs already. */               \
    X(OTA_WHY_NO_CAMPAIGN, "NO_CAMPAIGN")     /* The job orders nothing. */                        \
    X(OTA_WHY_FORMAT, "FORMAT")               /* Job or image cannot be read as such. */           \
    X(OTA_WHY_SIZE, "SIZE")                   /* Not the declared length. */                       \
    X(OTA_WHY_INTEGRITY, "INTEGRITY")         /* Not the declared or stored content. */            \
    X(OTA_WHY_RANGE, "RANGE")                 /* Too long, or outside the windows. */              \
    X(OTA_WHY_TARGET, "TARGET")               /* Another hardware than the job's. */               \
    X(OTA_WHY_BASE_MISMATCH, "BASE_MISMATCH") /* Another version runs than it builds on */         \
    X(OTA_WHY_NO_SPACE, "NO_SPACE")           /* Of the state folder. */                           \
    X(OTA_WHY_STORAGE, "STORAGE")             /* It cannot be read or written. */                  \
    X(OTA_WHY_NO_MEMORY, "NO_MEMORY")                                                              \
    X(OTA_WHY_NO_BACKUP, "NO_BACKUP")                 /* No whole image to roll back to. */        \
    X(OTA_WHY_BAD_MARKED, "BAD_MARKED")               /* This campaign's package has failed. */    \
    X(OTA_WHY_NO_BUS, "NO_BUS")                       /* The interface is missing or lost. */      \
    X(OTA_WHY_CONDITIONS, "CONDITIONS")               /* Of the vehicle: gear, speed, engine. */   \
    X(OTA_WHY_NETWORK, "NETWORK")                     /* Another ECU does not keep quiet. */       \
    X(OTA_WHY_SUPPLY, "SUPPLY")                       /* Voltage out of limits for too long. */    \
    X(OTA_WHY_TIMEOUT, "TIMEOUT")                     /* No answer, after all tries. */            \
    X(OTA_WHY_NEGATIVE_RESPONSE, "NEGATIVE_RESPONSE") /* sid and nrc say which. */                 \
    X(OTA_WHY_BAD_RESPONSE, "BAD_RESPONSE")           /* Positive, but not what it has to say. */  \
    X(OTA_WHY_NO_BOOT, "NO_BOOT")                     /* No application after the reset. */        \
    X(OTA_WHY_VERSION_MISMATCH, "VERSION_MISMATCH")   /* Read back after the reset. */             \
    X(OTA_WHY_HEALTH, "HEALTH")                       /* The new software runs, but is not well */

enum ota_why {
#define OTA_ENUM(name, text) name,
    OTA_WHYS(OTA_ENUM)
#undef OTA_ENUM
};

enum { OTA_REASON_MAX = 159 };

/* What is in the way, for those who refuse before there is a report. */
struct ota_trouble {
    enum ota_why why;
    char text[OTA_REASON_MAX + 1];
};

const char *ota_why_name(enum ota_why why);
/* For an enum ota_error_code. */
enum ota_why ota_why_of(int error_code);

#endif
