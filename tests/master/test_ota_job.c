/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_job.c - reading job files: every member, every limit, every wrong name. */
#include "master/ota_job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ECU_                                                                                       \
    "\"ecu\":{\"request_id\":\"0x7E0\",\"response_id\":2024,\"functional_id\":\"0x7DF\","          \
    "\"secret\":\"0x4C494D50\"}"
#define IMAGE_ "\"image\":{\"path\":\"a.s19\",\"version\":\"2.0.0\"}"
#define GOOD   "\"campaign\":\"c\"," ECU_ "," IMAGE_

static int parse(struct ota_job *job, const char *text, struct ota_error *error)
{
    return ota_job_parse(job, text, strlen(text), "job.json", "/jobs", error);
}

Test(ota_job, defaults_are_the_documented_ones)
{
    struct ota_job job;
    struct ota_error error;
    cr_assert_eq(parse(&job, "{" GOOD "}", &error), 0, "%s", error.text);
    cr_assert_eq(job.request_id, 0x7E0u);
    cr_assert_eq(job.response_id, 0x7E8u);
    cr_assert_eq(job.security_secret, 0x4C494D50u);
    cr_assert_str_eq(job.image_path, "/jobs/a.s19");
    cr_assert_str_eq(job.state_folder, "state");
    cr_assert_eq(job.style, OTA_STYLE_BLOCK);
    cr_assert_eq(job.check, OTA_CHECK_SHA1);
    cr_assert_eq(job.resume_34, OTA_RESUME_REMAINING);
    cr_assert_eq(job.resend_max, 3);
    cr_assert_eq(job.segment_retry_max, 2);
    cr_assert_eq(job.update_retry_max, 2);
    cr_assert_eq(job.boot_ms_max, 10000u);
    cr_assert_eq(job.pending_ms_max, 25000u);
    cr_assert_eq(job.erase_ms_max, 20000u);
    cr_assert_eq(job.pause_ms, 2000u);
    cr_assert_eq(job.pause_max, 30);
    cr_assert(job.isotp_pad);
    cr_assert_eq(job.isotp_padding_byte, 0xCC);
    cr_assert_eq(job.network_len, 0u);
    cr_assert_eq(job.policy, OTA_POLICY_ROLL_BACK);
    cr_assert_eq(job.condition_ms, 30000u);
    cr_assert_eq(job.condition_max, 2);
    cr_assert_eq(job.health_window_ms, 0u);
    cr_assert_not(job.health_dtc);
    cr_assert_eq(job.health_heartbeat_id, OTA_NO_ID);
    cr_assert_eq(job.health_heartbeat_ms, 1000u);
}

Test(ota_job, every_member_is_read)
{
    static const char text[] =
        "{ \"campaign\": \"demo\", \"action\": \"rollback\", \"state_folder\": \"/s\",\n"
        "\"ecu\": { \"request_id\": \"0x18DA10F1\", \"response_id\": \"0x18DAF110\",\n"
        "\"functional_id\": \"0x18DB33F1\", \"hardware_id\": \"HW\", \"secret\": 7,\n"
        "\"windows\": [ [\"0x1000\", \"0x2000\"], [4096, 8192] ] },\n"
        "\"image\": { \"path\": \"/i.s19\", \"version\": \"2\", \"from_version\": \"1\",\n"
        "\"sha256\": \"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\",\n"
        "\"bytes\": 12345 },\n"
        "\"transfer\": { \"style\": \"s19-line\", \"check\": \"sum8\", \"resume\": \"full\",\n"
        "\"activation\": \"hard-reset\" },\n"
        "\"limits\": { \"resends\": 1, \"segment_retries\": 0, \"update_retries\": 4,\n"
        "\"boot_ms\": 500, \"pending_ms\": 30000, \"erase_ms\": 130000, \"pause_ms\": 0,\n"
        "\"pauses\": 9, \"condition_ms\": 31000, \"conditions\": 5 },\n"
        "\"policy\": \"stay\",\n"
        "\"health\": { \"window_ms\": 30000, \"dtc\": true, \"heartbeat_id\": \"0x321\",\n"
        "\"heartbeat_ms\": 250 },\n"
        "\"network\": [ { \"name\": \"doors\", \"request_id\": \"0x710\",\n"
        "\"response_id\": \"0x718\" },\n"
        "{ \"name\": \"seats\", \"response_id\": 1833, \"request_id\": 1832 } ],\n"
        "\"isotp\": { \"padding\": null } }\n";
    struct ota_job job;
    struct ota_error error;
    cr_assert_eq(parse(&job, text, &error), 0, "%s", error.text);
    cr_assert_eq(job.action, OTA_ACTION_ROLLBACK);
    cr_assert_eq(job.request_id, 0x18DA10F1u);
    cr_assert_str_eq(job.hardware_id, "HW");
    cr_assert_eq(job.windows_len, 2u);
    cr_assert_eq(job.windows[1].end, 0x2000u);
    cr_assert_str_eq(job.image_path, "/i.s19");
    cr_assert_str_eq(job.from_version, "1");
    cr_assert_eq(strncmp(job.sha256_hex, "ba7816bf", 8), 0);
    cr_assert_eq(job.file_bytes, 12345u);
    cr_assert_eq(job.style, OTA_STYLE_S19_LINE);
    cr_assert_eq(job.check, OTA_CHECK_SUM8);
    cr_assert_eq(job.resume_34, OTA_RESUME_FULL_SEGMENT);
    cr_assert_eq(job.activation, OTA_ACTIVATE_HARD_RESET);
    cr_assert_eq(job.resend_max, 1);
    cr_assert_eq(job.policy, OTA_POLICY_STAY);
    cr_assert_eq(job.condition_ms, 31000u);
    cr_assert_eq(job.condition_max, 5);
    cr_assert_eq(job.health_window_ms, 30000u);
    cr_assert(job.health_dtc);
    cr_assert_eq(job.health_heartbeat_id, 0x321u);
    cr_assert_eq(job.health_heartbeat_ms, 250u);
    cr_assert_eq(job.network_len, 2u);
    cr_assert_str_eq(job.network[0].name, "doors");
    cr_assert_eq(job.network[0].response_id, 0x718u);
    cr_assert_str_eq(job.network[1].name, "seats");
    cr_assert_eq(job.network[1].request_id, 1832u);
    cr_assert_eq(job.network[1].response_id, 1833u);
    cr_assert_eq(job.update_retry_max, 4);
    cr_assert_eq(job.erase_ms_max, 130000u);
    cr_assert_eq(job.pause_max, 9);
    cr_assert_not(job.isotp_pad);
}

static const struct bad_row {
    const char *text;
    int code;
    const char *says;
} bad_rows[] = {
    {"", OTA_ERR_SYNTAX, "job.json:1: not JSON"},
    {"{", OTA_ERR_SYNTAX, "not JSON"},
    {"{\n\"a\": 1,\n}", OTA_ERR_SYNTAX, "job.json:3: not JSON"},
    {"[]", OTA_ERR_SYNTAX, "must be an object"},
    {"{" GOOD "} x", OTA_ERR_SYNTAX, "text behind"},
    {"{}", OTA_ERR_SYNTAX, "campaign: missing"},
    {"{" ECU_ "," IMAGE_ "}", OTA_ERR_SYNTAX, "campaign: missing"},
    {"{\"campaign\":\"c\"," IMAGE_ "}", OTA_ERR_SYNTAX, "ecu.request_id: missing"},
    {"{\"campaign\":\"c\"," ECU_ "}", OTA_ERR_SYNTAX, "image: path and version"},
    {"{" GOOD ",\"campaign\":\"d\"}", OTA_ERR_CONFLICT, "campaign: given twice"},
    {"{" GOOD ",\"color\":1}", OTA_ERR_SYNTAX, "color: unknown member"},
    {"{" GOOD ",\"limits\":{\"resend\":1}}", OTA_ERR_SYNTAX, "limits.resend: unknown member"},
    {"{" GOOD ",\"limits\":3}", OTA_ERR_SYNTAX, "limits: not an object"},
    {"{" GOOD ",\"limits\":{\"resends\":11}}", OTA_ERR_RANGE, "limits.resends: 11 is outside"},
    {"{" GOOD ",\"limits\":{\"resends\":-1}}", OTA_ERR_SYNTAX, "limits.resends"},
    {"{" GOOD ",\"limits\":{\"resends\":1.5}}", OTA_ERR_SYNTAX, "limits.resends: not a whole"},
    {"{" GOOD ",\"limits\":{\"resends\":\"0x\"}}", OTA_ERR_SYNTAX, "limits.resends"},
    {"{" GOOD ",\"limits\":{\"resends\":\"\"}}", OTA_ERR_SYNTAX, "limits.resends"},
    {"{" GOOD ",\"limits\":{\"resends\":null}}", OTA_ERR_SYNTAX, "limits.resends"},
    {"{" GOOD ",\"limits\":{\"pauses\":1e30}}", OTA_ERR_SYNTAX, "limits.pauses"},
    {"{" GOOD ",\"limits\":{\"boot_ms\":1}}", OTA_ERR_RANGE, "limits.boot_ms"},
    {"{" GOOD ",\"action\":\"downgrade\"}", OTA_ERR_SYNTAX, "action: not one of: update, rollback"},
    {"{" GOOD ",\"action\":1}", OTA_ERR_SYNTAX, "action: not one of"},
    {"{" GOOD ",\"transfer\":{\"style\":\"S19\"}}", OTA_ERR_SYNTAX, "transfer.style: not one of"},
    {"{" GOOD ",\"policy\":\"rollback\"}", OTA_ERR_SYNTAX, "policy: not one of: roll-back, stay"},
    {"{" GOOD ",\"health\":{\"dtc\":1}}", OTA_ERR_SYNTAX, "health.dtc: neither true nor false"},
    {"{" GOOD ",\"network\":{}}", OTA_ERR_SYNTAX, "network: not a list of at most 32 ECUs"},
    {"{" GOOD ",\"network\":[7]}", OTA_ERR_SYNTAX, "network: an ECU is an object with name"},
    {"{" GOOD ",\"network\":[{\"name\":\"a\",\"request_id\":1,\"response\":2}]}", OTA_ERR_SYNTAX,
     "network: ECU 1 has no response_id"},
    {"{" GOOD ",\"network\":[{\"name\":\"a\",\"request_id\":1,\"response_id\":\"0x20000000\"}]}",
     OTA_ERR_RANGE, "network: 536870912 is outside"},
    {"{" GOOD ",\"network\":[{\"name\":\"a\",\"request_id\":1,\"response_id\":2},"
     "{\"name\":\"b\",\"request_id\":2,\"response_id\":3}]}",
     OTA_ERR_CONFLICT, "network: an identifier of a is used twice"},
    {"{" GOOD ",\"network\":[{\"name\":\"a\",\"request_id\":1,\"response_id\":2024}]}",
     OTA_ERR_CONFLICT, "network: an identifier of a is used twice"},
    {"{" GOOD ",\"isotp\":{\"padding\":256}}", OTA_ERR_RANGE, "isotp.padding"},
    {"{" GOOD ",\"isotp\":{\"padding\":\"no\"}}", OTA_ERR_SYNTAX, "isotp.padding"},
    {"{" GOOD ",\"state_folder\":\"\"}", OTA_ERR_SYNTAX, "state_folder: not a path"},
    {"{" GOOD ",\"state_folder\":7}", OTA_ERR_SYNTAX, "state_folder: not a path"},
    {"{\"campaign\":\"\"," ECU_ "," IMAGE_ "}", OTA_ERR_RANGE, "campaign: 0 characters"},
    {"{\"campaign\":\"123456789012345678901234567890123\"," ECU_ "," IMAGE_ "}", OTA_ERR_RANGE,
     "campaign: 33 characters"},
    {"{\"campaign\":\"a\\n\"," ECU_ "," IMAGE_ "}", OTA_ERR_SYNTAX, "printable"},
    {"{\"campaign\":5," ECU_ "," IMAGE_ "}", OTA_ERR_SYNTAX, "campaign: not a text"},
    {"{\"campaign\":\"c\"," ECU_ ",\"image\":{\"path\":\"a\",\"version\":\"2\",\"sha256\":\"12\"}}",
     OTA_ERR_SYNTAX, "image.sha256: not a SHA-256"},
    {"{\"campaign\":\"c\"," ECU_ ",\"image\":{\"path\":\"a\",\"version\":\"2\",\"bytes\":\"x\"}}",
     OTA_ERR_SYNTAX, "image.bytes"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"request_id\":\"0x20000000\"}}", OTA_ERR_RANGE,
     "ecu.request_id"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"request_id\":1,\"response_id\":1,"
     "\"functional_id\":2,\"secret\":1}}",
     OTA_ERR_CONFLICT, "must differ"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"windows\":[1]}}", OTA_ERR_SYNTAX, "ecu.windows"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"windows\":[[2,1]]}}", OTA_ERR_RANGE, "ecu.windows"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"windows\":{}}}", OTA_ERR_SYNTAX, "not a list"},
    {"{\"campaign\":\"c\"," IMAGE_ ",\"ecu\":{\"windows\":[[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],"
     "[0,1],[0,1],[0,1]]}}",
     OTA_ERR_RANGE, "more than 8"},
};

static unsigned lines_of(const char *text)
{
    unsigned lines = 1;
    while ((text = strchr(text, '\n')) != NULL) {
        text++;
        lines++;
    }
    return lines;
}

Test(ota_job, wrong_jobs_are_named_with_member_and_reason)
{
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        struct ota_job job;
        struct ota_error error = {0};
        int code = parse(&job, bad_rows[i].text, &error);
        cr_expect_eq(code, bad_rows[i].code, "row %zu: %d %s", i, code, error.text);
        cr_expect_eq(strncmp(error.text, "job.json:1: ", 12) == 0, lines_of(bad_rows[i].text) == 1,
                     "row %zu: %s", i, error.text);
        cr_expect_not_null(strstr(error.text, bad_rows[i].says), "row %zu: %s", i, error.text);
    }
}

/* Each line of a job on a line of its own, and one of them replaced. */
static const char *const lines[] = {
    "{",
    "  \"campaign\": \"c { \\\" : [\",", /* 2: brackets and quotes inside a text. */
    "  \"ecu\": {",
    "    \"request_id\": 2016,",
    "    \"response_id\" : 2024,",
    "    \"functional_id\": 2015,",
    "    \"windows\": [ [ 1, 2 ],",
    "      [ 3, 4 ] ],",
    "    \"secret\": 1",
    "  },",
    "  \"image\": { \"path\": \"request_id\",",
    "    \"version\": \"2\" },",
    "  \"limits\": {",
    "    \"resends\": 3",
    "  }",
    "}",
};

static const struct line_row {
    unsigned replaced; /* 0: none. */
    const char *by;
    const char *says;
} line_rows[] = {
    {2, "", "job.json:1: campaign: missing"},
    {2, "\"campaign\": 5,", "job.json:2: campaign: not a text"},
    {4, "\"request_id\": \"no\",", "job.json:4: ecu.request_id: not a whole number"},
    {4, "", "job.json:3: ecu.request_id: missing"},
    {5, "\"response_id\": 2016,", "job.json:3: ecu: request_id, response_id"},
    {6, "\"functional_id\": 0,\n\"request_id\": 1,", "job.json:7: ecu.request_id: given twice"},
    {7, "\"windows\": [ [ 2, 1 ],", "job.json:7: ecu.windows: 0x2 to 0x1"},
    {11, "\"image\": {", "job.json:11: image: path and version: one is missing"},
    {11, "\"images\": { \"path\": \"a\",", "job.json:11: images: unknown member"},
    {12, "\n\"request_id\": 1 },", "job.json:13: image.request_id: unknown member"},
    {14, "\"resends\":\n11", "job.json:14: limits.resends: 11 is outside"},
    {14, "\"erase_ms\": 1", "job.json:14: limits.erase_ms: 1 is outside"},
    {15, "}, \n\"limits\": {}", "job.json:16: limits: given twice"},
    {15, "}, \"action\": {}", "job.json:15: action: not one of"},
    {15, "}, \"isotp\": [", "job.json:16: not JSON"},
    {15, "}, \"isotp\": []", "job.json:15: isotp: not an object"},
    {2, "\"campaign\": \"a\\u0000b\",", "job.json:2: a NUL character"},
    {12, "\"version\": \"2\\u0000\" },", "job.json:12: a NUL character"},
    {12, "\"version\": \"\\\\u0000\" },", NULL}, /* A backslash and five characters. */
    {0, NULL, NULL},
};

static size_t edited(char *text, size_t cap, const struct line_row *row)
{
    size_t len = 0;
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *line = i + 1 == row->replaced ? row->by : lines[i];
        len += (size_t)snprintf(text + len, cap - len, "%s\n", line);
    }
    return len;
}

Test(ota_job, wrong_jobs_are_named_with_their_line)
{
    for (size_t i = 0; i < sizeof line_rows / sizeof line_rows[0]; i++) {
        char text[1024];
        struct ota_job job;
        struct ota_error error = {0};
        const struct line_row *row = &line_rows[i];
        size_t len = edited(text, sizeof text, row);
        int code = ota_job_parse(&job, text, len, "job.json", "/jobs", &error);
        if (row->says == NULL) {
            cr_expect_eq(code, 0, "row %zu: %s", i, error.text);
        } else {
            cr_expect(code != 0 && strncmp(error.text, row->says, strlen(row->says)) == 0,
                      "row %zu: %s", i, error.text);
        }
    }
}

Test(ota_job, nul_byte_is_refused_with_its_line)
{
    static const char text[] = "{\n\"campaign\": \"a\0b\" }";
    struct ota_job job;
    struct ota_error error = {0};
    cr_assert_eq(ota_job_parse(&job, text, sizeof text - 1, "job.json", "", &error),
                 OTA_ERR_SYNTAX);
    cr_assert_eq(strncmp(error.text, "job.json:2: a NUL character", 27), 0, "%s", error.text);
}

Test(ota_job, job_file_that_is_not_there_is_named)
{
    struct ota_job job;
    struct ota_error error;
    cr_assert_eq(ota_job_load(&job, "/nonexistent/job.json", &error), OTA_ERR_IO);
    cr_assert_not_null(strstr(error.text, "/nonexistent/job.json"));
}
