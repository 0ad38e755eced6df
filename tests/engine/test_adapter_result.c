/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_adapter_result.c - starting a master and reading what it said, with files and
 * output as masters leave them. */
#include "master/ota_job.h"
#include "scenarios/engine/adapter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rig {
    char folder[64];
    struct adapter *adapter;
    struct adapter_launch *launch;
    struct campaign *campaign;
    struct master_result *result;
};

#define HEAD                                                                                       \
    "{ \"name\": \"m\", \"command\": [\"sh\", \"-c\", \"{interface} {ecu.request_id} "             \
    "{profile.N_RS} {{x} {version}\", \"{job}\"],\n"                                               \
    "\"environment\": { \"STATE\": \"{state}\" }, \"interfaces\": { \"body\": \"can0\" },\n"       \
    "\"capabilities\": [], \"result\": "

static void fill_campaign(struct rig *rig)
{
    struct campaign *c = rig->campaign;
    campaign_init(c);
    (void)snprintf(c->id, sizeof c->id, "c-1");
    c->ecus_len = 1;
    struct campaign_ecu *ecu = &c->ecus[0];
    (void)snprintf(ecu->name, sizeof ecu->name, "bcm");
    (void)snprintf(ecu->bus, sizeof ecu->bus, "can0");
    ecu->address = (struct campaign_address){
        .request_id = 0x7E0, .response_id = 0x18DAF110, .functional_id = 0x7DF};
    (void)snprintf(ecu->hardware_id, sizeof ecu->hardware_id, "BCM-HW-1");
    ecu->secret = 0x4C494D50;
    ecu->windows_len = 1;
    ecu->windows[0] = (struct campaign_window){0x780000, 0x7F8000};
    (void)snprintf(ecu->image, sizeof ecu->image, "/images/new.s19");
    (void)snprintf(ecu->version, sizeof ecu->version, "2.0.0");
    ecu->bytes = 77;
    (void)snprintf(c->state_folder, sizeof c->state_folder, "%s/state", rig->folder);
}

static struct rig *setup(const char *result_member)
{
    struct rig *rig = calloc(1, sizeof *rig);
    char text[4096];
    struct err err = {0};
    const int len = snprintf(text, sizeof text, HEAD "%s }", result_member);
    rig->adapter = calloc(1, sizeof *rig->adapter);
    rig->launch = calloc(1, sizeof *rig->launch);
    rig->campaign = calloc(1, sizeof *rig->campaign);
    rig->result = calloc(1, sizeof *rig->result);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/adapter-XXXXXX");
    cr_assert_not_null(mkdtemp(rig->folder));
    cr_assert_eq(adapter_parse(rig->adapter, text, (size_t)len, "m.json", "/there", &err), 0, "%s",
                 err.text);
    fill_campaign(rig);
    cr_assert_eq(mkdir(rig->campaign->state_folder, 0755), 0);
    return rig;
}

static void start(struct rig *rig)
{
    struct err err = {0};
    const struct adapter_place place = {.folder = rig->folder};
    cr_assert_eq(adapter_start(rig->adapter, rig->campaign, &place, rig->launch, &err), 0, "%s",
                 err.text);
}

static void put_file(const struct rig *rig, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", rig->folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}

static void end(struct rig *rig, int exit_code, const char *output)
{
    const struct adapter_ending ending = {.exited = exit_code >= 0,
                                          .exit_code = exit_code,
                                          .output = output,
                                          .output_len = output != NULL ? strlen(output) : 0};
    adapter_result(rig->adapter, rig->launch, &ending, rig->result);
}

static void teardown(struct rig *rig)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", rig->folder);
    cr_assert_eq(system(command), 0);
    free(rig->adapter);
    free(rig->launch);
    free(rig->campaign);
    free(rig->result);
    free(rig);
}

#define EXIT_SOURCE "{ \"exit_codes\": { \"0\": \"SUCCESS\", \"4\": \"INTERRUPTED\" } }"

Test(adapter_result, a_start_fills_placeholders_and_writes_the_job)
{
    struct rig *rig = setup("{ \"sources\": [" EXIT_SOURCE "] }");
    char path[128];
    start(rig);
    cr_assert_str_eq(rig->launch->argv[0], "sh");
    cr_assert_str_eq(rig->launch->argv[2], "body 0x7E0 3 {x} 2.0.0");
    (void)snprintf(path, sizeof path, "%s/job.json", rig->folder);
    cr_assert_str_eq(rig->launch->argv[3], path);
    cr_assert_null(rig->launch->argv[4]);
    (void)snprintf(path, sizeof path, "STATE=%s/state", rig->folder);
    cr_assert_str_eq(rig->launch->environment[0], path);
    cr_assert_null(rig->launch->environment[1]);
    cr_assert_str_eq(rig->launch->working_folder, rig->folder);
    teardown(rig);
}

/* The reader is the reference master's own. */
Test(adapter_result, the_job_is_what_the_reference_master_reads)
{
    struct rig *rig = setup("{ \"sources\": [" EXIT_SOURCE "] }");
    struct campaign *c = rig->campaign;
    struct ota_job job;
    struct ota_error error = {.code = 0};
    c->others_len = 1;
    (void)snprintf(c->others[0].name, sizeof c->others[0].name, "doors");
    c->others[0].address = (struct campaign_address){.request_id = 0x710, .response_id = 0x718};
    c->stay = true;
    c->health = (struct campaign_health){
        .watch = true, .dtc = true, .heartbeat = true, .heartbeat_id = 0x321, .heartbeat_ms = 500};
    c->profile.values[PROFILE_N_RS] = 5;
    c->profile.values[PROFILE_T_BOOT] = 7000;
    c->profile.values[PROFILE_BLOCK] = PROFILE_BLOCK_S19_LINE;
    start(rig);
    cr_assert_eq(ota_job_load(&job, rig->launch->job_path, &error), 0, "%s", error.text);
    cr_assert_str_eq(job.campaign, "c-1");
    cr_assert_eq(job.response_id, 0x18DAF110);
    cr_assert_eq(job.security_secret, 0x4C494D50);
    cr_assert_eq(job.windows[0].end, 0x7F8000);
    cr_assert_str_eq(job.image_path, "/images/new.s19");
    cr_assert_str_eq(job.version, "2.0.0");
    cr_assert_eq(job.file_bytes, 77);
    cr_assert_eq(job.resend_max, 5);
    cr_assert_eq(job.boot_ms_max, 7000);
    cr_assert_eq(job.style, OTA_STYLE_S19_LINE);
    cr_assert_eq(job.check, OTA_CHECK_SHA1);
    cr_assert_eq(job.policy, OTA_POLICY_STAY);
    cr_assert_eq(job.network_len, 1);
    cr_assert_eq(job.network[0].response_id, 0x718);
    cr_assert_eq(job.health_window_ms, 30000);
    cr_assert_eq(job.health_heartbeat_id, 0x321);
    cr_assert_not(job.isotp_pad);
    cr_assert_str_eq(job.state_folder, c->state_folder);
    c->action = CAMPAIGN_ROLLBACK;
    start(rig);
    cr_assert_eq(ota_job_load(&job, rig->launch->job_path, &error), 0, "%s", error.text);
    cr_assert_eq(job.action, OTA_ACTION_ROLLBACK);
    teardown(rig);
}

Test(adapter_result, a_program_that_is_not_there_is_named)
{
    struct rig *rig = setup("{ \"sources\": [" EXIT_SOURCE "] }");
    struct err err = {0};
    const struct adapter_place place = {.folder = rig->folder};
    (void)snprintf(rig->adapter->command[0], sizeof rig->adapter->command[0], "{adapter}/none");
    cr_assert_eq(adapter_start(rig->adapter, rig->campaign, &place, rig->launch, &err),
                 ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.text, "m.json: command[0]: /there/none is no program"), "%s",
                       err.text);
    (void)snprintf(rig->adapter->command[0], sizeof rig->adapter->command[0], "no-such-master");
    cr_assert_eq(adapter_start(rig->adapter, rig->campaign, &place, rig->launch, &err),
                 ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.text, "no program \"no-such-master\" in PATH"), "%s", err.text);
    teardown(rig);
}

Test(adapter_result, exit_codes)
{
    struct rig *rig = setup("{ \"sources\": [" EXIT_SOURCE "] }");
    start(rig);
    end(rig, 4, "bye\n");
    cr_assert_eq(rig->result->code, MASTER_INTERRUPTED);
    cr_assert_str_eq(rig->result->source, "exit code 4");
    cr_assert_str_eq(rig->result->raw, "bye\n");
    cr_assert_eq(rig->result->reports, 1);
    end(rig, 139, "");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    cr_assert_str_eq(rig->result->trouble, "exit code: 139 means nothing to the adapter");
    end(rig, -1, NULL);
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    cr_assert_str_eq(rig->result->trouble, "exit code: the master has not ended by itself");
    teardown(rig);
}

#define LINES                                                                                      \
    "{ \"output\": \"lines\", \"patterns\": [ { \"pattern\": \"^(.*): ([a-z]+) to (.*)$\","        \
    " \"groups\": [\"ecu.name\", \"ecu.code\", \"ecu.version\"] },"                                \
    " { \"pattern\": \"^RESULT ([A-Za-z_]+)( .*)? sid=(..) nrc=(..)\","                            \
    " \"groups\": [\"code\", \"reason_code\", \"sid\", \"nrc\"] },"                                \
    " { \"pattern\": \"check the vehicle\", \"tells\": { \"prompt\": \"yes\" } } ] }"

Test(adapter_result, lines_of_output)
{
    struct rig *rig = setup("{ \"codes\": { \"good\": \"SUCCESS\", \"bad\": \"FAILED_OLD\" },"
                            " \"reasons\": { \" full\": \"NO_SPACE\" }, \"sources\": [" LINES
                            "," EXIT_SOURCE "] }");
    start(rig);
    end(rig, 0,
        "hello\r\nbcm: good to 2.0.0\ndoors: bad to 1.1\nplease check the vehicle\n"
        "RESULT bad full sid=36 nrc=0x\nRESULT bad full sid=36 nrc=72\r\n");
    cr_assert_eq(rig->result->code, MASTER_FAILED_OLD);
    cr_assert_str_eq(rig->result->word, "bad");
    cr_assert_str_eq(rig->result->reason_code, "NO_SPACE");
    cr_assert_eq(rig->result->sid, 0x36);
    cr_assert_eq(rig->result->nrc, 0x72);
    cr_assert(rig->result->prompt);
    cr_assert_eq(rig->result->reports, 2, "it reported its end twice");
    cr_assert_eq(rig->result->ecus_len, 2);
    cr_assert_str_eq(rig->result->ecus[0].name, "bcm");
    cr_assert_eq(rig->result->ecus[0].code, MASTER_SUCCESS);
    cr_assert_eq(rig->result->ecus[1].code, MASTER_FAILED_OLD);
    cr_assert_str_eq(rig->result->ecus[1].version, "1.1");
    teardown(rig);
}

Test(adapter_result, the_first_source_with_a_code_decides_and_others_add)
{
    struct rig *rig =
        setup("{ \"codes\": { \"good\": \"SUCCESS\" }, \"sources\": [" LINES "," EXIT_SOURCE "] }");
    start(rig);
    end(rig, 4, "RESULT strange sid=31 nrc=22\n");
    cr_assert_eq(rig->result->code, MASTER_INTERRUPTED);
    cr_assert_eq(rig->result->nrc, 0x22);
    cr_assert_not_null(strstr(rig->result->trouble, "\"strange\" is neither"), "%s",
                       rig->result->trouble);
    end(rig, 4, "RESULT SUCCESS sid=00 nrc=00\n");
    cr_assert_eq(rig->result->code, MASTER_SUCCESS);
    end(rig, 9, "nothing of use\n");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    teardown(rig);
}

#define MEMBERS                                                                                    \
    "\"members\": { \"code\": \"end.word\", \"sid\": \"sid\", \"nrc\": \"nrc\", \"prompt\": "      \
    "\"ask\","                                                                                     \
    " \"version\": \"ecus[1].is\", \"ecu.name\": \"id\", \"ecu.code\": \"r\", \"ecu.version\": "   \
    "\"is\" },"                                                                                    \
    " \"ecus\": \"ecus\""
#define JSON_RESULT                                                                                \
    "{ \"end\": { \"word\": \"PARTIAL\" }, \"sid\": 54, \"nrc\": \"0x72\", \"ask\": true,\n"       \
    "  \"ecus\": [ { \"id\": \"a\", \"is\": \"1\", \"r\": \"SUCCESS\" }, { \"id\": \"b\", "        \
    "\"is\": \"0\" } ] }\n"

static void check_json(const struct rig *rig)
{
    cr_assert_eq(rig->result->code, MASTER_PARTIAL, "%s", rig->result->trouble);
    cr_assert_eq(rig->result->sid, 0x36);
    cr_assert_eq(rig->result->nrc, 0x72);
    cr_assert(rig->result->prompt);
    cr_assert_str_eq(rig->result->version, "0");
    cr_assert_eq(rig->result->ecus_len, 2);
    cr_assert_eq(rig->result->ecus[0].code, MASTER_SUCCESS);
    cr_assert_eq(rig->result->ecus[1].code, MASTER_NO_REPORT);
    cr_assert_str_eq(rig->result->ecus[1].name, "b");
    cr_assert_not_null(strstr(rig->result->raw, "PARTIAL"));
}

Test(adapter_result, a_result_file)
{
    struct rig *rig =
        setup("{ \"sources\": [ { \"file\": \"{state}/result.json\", " MEMBERS " } ] }");
    put_file(rig, "state/result.json", JSON_RESULT);
    start(rig);
    end(rig, 0, "");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT, "the file is an earlier life's");
    cr_assert_not_null(strstr(rig->result->trouble, "result.json"), "%s", rig->result->trouble);
    put_file(rig, "state/result.json", JSON_RESULT);
    end(rig, 0, "");
    check_json(rig);
    put_file(rig, "state/result.json", "{ \"end\": { \"wo");
    end(rig, 0, "");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    cr_assert_not_null(strstr(rig->result->trouble, "not JSON, or torn"), "%s",
                       rig->result->trouble);
    put_file(rig, "state/result.json", "[1, 2]");
    end(rig, 0, "");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    teardown(rig);
}

Test(adapter_result, json_in_the_output)
{
    struct rig *rig = setup("{ \"sources\": [ { \"output\": \"json\", " MEMBERS " } ] }");
    start(rig);
    end(rig, 0, "{ \"end\": { \"word\": \"SUCCESS\" } }\nlog {\n" JSON_RESULT "bye\n{ torn\n");
    check_json(rig);
    end(rig, 0, "no braces\n");
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    end(rig, 0, NULL);
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    teardown(rig);
}

Test(adapter_result, a_flood_of_output_is_no_trouble)
{
    struct rig *rig = setup("{ \"sources\": [" LINES "] }");
    const size_t len = 4 * 1024 * 1024;
    char *flood = malloc(len + 1);
    memset(flood, '{', len);
    flood[len] = '\0';
    start(rig);
    end(rig, 0, flood);
    cr_assert_eq(rig->result->code, MASTER_NO_REPORT);
    cr_assert_eq(strlen(rig->result->raw), MASTER_RAW_MAX);
    free(flood);
    teardown(rig);
}
