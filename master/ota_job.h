/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_job.h - what the master is asked to do: the job, usually a file job.json
 * (docs/formats.md, "Job file"). */
#ifndef OTA_JOB_H
#define OTA_JOB_H

#include "master/ota_image.h"
#include "master/ota_why.h"

enum { OTA_WINDOWS_MAX = 8, OTA_NETWORK_MAX = 32, OTA_TEXT_MAX = 32, OTA_PATH_MAX = 512 };

#define OTA_NO_ID UINT32_MAX /* No CAN identifier. */

enum ota_transfer_style { OTA_STYLE_BLOCK, OTA_STYLE_S19_LINE };
enum ota_check { OTA_CHECK_SHA1, OTA_CHECK_CRC32, OTA_CHECK_SUM8 };
/* What 34 announces when a segment is resumed: all of it (the paper, whose lines carry addresses)
 * or what is left. */
enum ota_resume_34 { OTA_RESUME_FULL_SEGMENT, OTA_RESUME_REMAINING };
enum ota_activation { OTA_ACTIVATE_DEFAULT_SESSION, OTA_ACTIVATE_HARD_RESET };
/* None: there is no campaign; the master only reads who is there. */
enum ota_action { OTA_ACTION_UPDATE, OTA_ACTION_ROLLBACK, OTA_ACTION_NONE };
/* What follows a failure after the erase: back to a known-good image if there is one, or stay as it
 * is, in a safe state. */
enum ota_policy { OTA_POLICY_ROLL_BACK, OTA_POLICY_STAY };

/* Another ECU of the network, which must be quiet during the update. */
struct ota_peer {
    char name[OTA_TEXT_MAX + 1];
    uint32_t request_id, response_id; /* Above 0x7FF: 29 bits. */
};

struct ota_job {
    char campaign[OTA_TEXT_MAX + 1]; /* Identifies the campaign; one execution per id. */
    enum ota_action action;
    /* Target. */
    char ecu_name[OTA_TEXT_MAX + 1];                 /* In reports. Default "ecu". */
    uint32_t request_id, response_id, functional_id; /* Above 0x7FF: 29 bits. */
    char hardware_id[OTA_TEXT_MAX + 1];              /* Must equal DID F191. Empty: not compared. */
    char version[OTA_TEXT_MAX + 1];                  /* Expected of DID F189 afterwards. */
    char from_version[OTA_TEXT_MAX + 1];             /* Empty: any. */
    struct ota_window windows[OTA_WINDOWS_MAX];
    size_t windows_len;
    uint32_t security_secret;
    struct ota_peer network[OTA_NETWORK_MAX];
    size_t network_len; /* 0: the target is alone. */
    /* Image. */
    char image_path[OTA_PATH_MAX + 1];
    const struct ota_image *image; /* Set by the caller; owned by the caller. */
    struct ota_trouble trouble;    /* Set by the caller if there is no image: the campaign is
                                    * refused with it. */
    char sha256_hex[65];           /* Declared hash of the file. Empty: not declared. */
    uint64_t file_bytes;           /* Declared length. 0: not declared. */
    /* Way of working. */
    enum ota_transfer_style style;
    enum ota_check check;
    enum ota_resume_34 resume_34;
    enum ota_activation activation;
    enum ota_policy policy;
    uint8_t resend_max;        /* N_RS. Default 3. */
    uint8_t segment_retry_max; /* R_SEG. Default 2. */
    uint8_t update_retry_max;  /* R_UPD. Default 2. */
    uint32_t boot_ms_max;      /* T_BOOT. Default 10,000. */
    uint32_t pending_ms_max;   /* RC78_CAP. Default 25,000; for erase: see erase_ms_max. */
    uint32_t erase_ms_max;  /* Declared worst case of the erase routine. Default 20,000; its cap is
                             * 1.25 times that, and not below pending_ms_max. */
    uint32_t pause_ms;      /* After a long interruption, before the next try. Default 2,000. */
    uint16_t pause_max;     /* Tries until the campaign is left INTERRUPTED. Default 30. */
    uint32_t condition_ms;  /* After unmet conditions, before they are asked for again. Default
                             * 30,000. */
    uint16_t condition_max; /* How often they are asked for again. Default 2. */
    uint32_t health_window_ms;    /* Observation after the update. Default 0: none. */
    bool health_dtc;              /* Trouble codes in the window are a failure. */
    uint32_t health_heartbeat_id; /* Cyclic frame of the ECU. OTA_NO_ID: not looked for. */
    uint32_t health_heartbeat_ms; /* Its longest gap. Default 1,000. */
    uint8_t isotp_padding_byte;
    bool isotp_pad;
    char state_folder[OTA_PATH_MAX + 1]; /* The program's; the port decides in-process. */
};

/* Defaults for everything but target and image. */
void ota_job_init(struct ota_job *job);
/* Reads a job file. name is used in messages; relative paths in it count from folder (null or
 * empty: from the current one). Members that are not known are refused, never skipped: a limit
 * with a typing error in its name would silently not hold. */
int ota_job_load(struct ota_job *job, const char *path, struct ota_error *error);
int ota_job_parse(struct ota_job *job, const char *text, size_t len_bytes, const char *name,
                  const char *folder, struct ota_error *error);

#endif
