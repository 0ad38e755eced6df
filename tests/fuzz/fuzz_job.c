/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_job.c - any bytes as a job file: refused with a sentence that names the place, or
 * read into a job whose numbers are within their limits.
 * Sources: master/ota_job.c master/ota_json_locate.c master/ota_file.c master/ota_error.c
 * Sources: sim/proto/proto_check_host.c
 * Packages: libcjson */
#include "master/ota_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_sane(const struct ota_job *job)
{
    REQUIRE(strlen(job->campaign) >= 1 && strlen(job->campaign) <= OTA_TEXT_MAX);
    REQUIRE(strlen(job->image_path) <= OTA_PATH_MAX && strlen(job->state_folder) <= OTA_PATH_MAX);
    REQUIRE(job->windows_len <= OTA_WINDOWS_MAX);
    for (size_t i = 0; i < job->windows_len; i++) {
        REQUIRE(job->windows[i].start < job->windows[i].end);
    }
    REQUIRE(strlen(job->sha256_hex) == 0 || strlen(job->sha256_hex) == 64);
    REQUIRE(job->action != OTA_ACTION_UPDATE || (*job->image_path && *job->version));
    REQUIRE(job->request_id != job->response_id && job->resend_max <= 10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ota_job job;
    struct ota_error error = {0};
    char *text = malloc(size + 1);
    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    int code = ota_job_parse(&job, text, size, "f", "/jobs", &error);
    if (code == 0) {
        require_sane(&job);
    } else {
        REQUIRE(code < 0 && error.code == code && strncmp(error.text, "f:", 2) == 0);
    }
    free(text);
    return 0;
}
