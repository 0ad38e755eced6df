/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_adapter_json.c - adapters: what is accepted, and what is said of what is not.
 */
#include "scenarios/engine/adapter.h"
#include "scenarios/engine/built_in.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char good[] =
    "{\n"
    "  \"name\": \"mine\",\n"
    "  \"command\": [\"sh\", \"-c\", \"{job}\"],\n"
    "  \"environment\": { \"A\": \"{state}\" },\n"
    "  \"job\": { \"file\": \"{folder}/job.json\" },\n"
    "  \"result\": { \"codes\": { \"ok\": \"SUCCESS\" }, \"sources\": [\n"
    "    { \"output\": \"lines\", \"patterns\": [\n"
    "      { \"pattern\": \"^end (ok)\", \"groups\": [\"code\"] } ] },\n"
    "    { \"exit_codes\": { \"0\": \"SUCCESS\" } } ] },\n"
    "  \"limits\": { \"update\": \"10min\" },\n"
    "  \"capabilities\": [\"resume\", \"rollback\"],\n"
    "  \"interfaces\": { \"can_body\": \"can0\" },\n"
    "  \"profile\": { \"N_RS\": 2, \"T_BOOT\": \"20s\", \"RESET\": \"hard-reset\",\n"
    "    \"S3_MARGIN\": \"87.5%\", \"RATE_MIN\": \"8000B/s\" }\n"
    "}\n";

/* Parses good with one place of it replaced. The caller frees. */
static struct adapter *parse(const char *from, const char *to, int *code, struct err *err)
{
    char text[4096];
    const char *at = strstr(good, from);
    cr_assert_not_null(at, "%s", from);
    const int len =
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    struct adapter *adapter = calloc(1, sizeof *adapter);
    cr_assert_not_null(adapter);
    *code = adapter_parse(adapter, text, (size_t)len, "mine.json", "/there", err);
    return adapter;
}

Test(adapter_json, everything_is_read)
{
    struct err err = {0};
    int code = 0;
    struct adapter *a = parse("mine", "mine", &code, &err);
    cr_assert_eq(code, 0, "%s", err.text);
    cr_assert_str_eq(a->name, "mine");
    cr_assert_eq(a->command_len, 3);
    cr_assert_str_eq(a->env[0].value, "{state}");
    cr_assert_str_eq(a->codes[0].ours, "SUCCESS");
    cr_assert_eq(a->sources_len, 2);
    cr_assert_eq(a->sources[0].patterns[0].groups[0], ADAPTER_CODE);
    cr_assert_eq(a->sources[1].exit_codes[0].code, MASTER_SUCCESS);
    cr_assert_eq(a->update_ns, SIM_S(600));
    cr_assert(adapter_can(a, CAPABILITY_RESUME) && adapter_can(a, CAPABILITY_ROLLBACK));
    cr_assert_not(adapter_can(a, CAPABILITY_PERSISTENCE));
    cr_assert_str_eq(a->interfaces[0].bus, "can0");
    cr_assert_eq(a->profile.values[PROFILE_N_RS], 2);
    cr_assert_eq(profile_ns(&a->profile, PROFILE_T_BOOT), SIM_S(20));
    cr_assert_eq(a->profile.values[PROFILE_RESET], PROFILE_RESET_HARD);
    cr_assert_eq(a->profile.values[PROFILE_S3_MARGIN], 875);
    cr_assert_eq(a->profile.values[PROFILE_RATE_MIN], 8000);
    cr_assert_eq(a->profile.values[PROFILE_R_SEG], 2, "the rest is the catalogue's");
    free(a);
}

struct bad {
    const char *from, *to; /* What of the good one becomes what. */
    const char *says;      /* Part of the message. */
};

static const struct bad bads[] = {
    {"{\n", "[\n", "mine.json:2: not JSON from here on"},
    {"\"mine\",", "\"mine\"", "mine.json:3: not JSON from here on"},
    {"}\n}\n", "}\n} x", "there is more after the closing bracket"},
    {"mine", "mi\\u0000ne", "mine.json:2: a NUL character"},
    {"\"mine\"", "7", "mine.json:2: name: must be a text in quotes"},
    {"\"mine\"", "\"\"", "name: must have 1 to 31 characters, not 0"},
    {"\"mine\"", "\"my master\"", "name: may hold letters, digits"},
    {"\"name\": \"mine\",", "", "member \"name\" is missing"},
    {"\"name\"", "\"nmae\"", "mine.json:2: nmae: unknown member; did you mean \"name\"?"},
    {"\"name\"", "\"zzzzzzzz\"", "unknown member; known here: name, command, environment"},
    {"\"limits\"", "\"name\"", "mine.json:10: name: given twice; leave one of them"},
    {"[\"sh\", \"-c\", \"{job}\"]", "\"sh\"", "command: must be a list in square brackets"},
    {"[\"sh\", \"-c\", \"{job}\"]", "[]", "command: must have 1 to 32 entries, not 0"},
    {"\"sh\"", "\"\"", "command[0]: the program has no name"},
    {"\"sh\"", "\"bin/sh\"",
     "mine.json:3: command[0]: a path in no known folder: write \"{adapter}/bin"},
    {"{job}", "{jbo}", "command[2]: there is no placeholder {jbo}; did you mean {job}?"},
    {"{job}", "{job", "command[2]: a curly bracket is not closed"},
    {"{job}", "{profile.N_RT}", "there is no placeholder {profile.N_RT}"},
    {"{job}", "a\\nb", "command[2]: may hold no control characters"},
    {"\"A\"", "\"A=B\"", "no name of an environment variable"},
    {"\"{state}\"", "true", "environment.A: must be a text in quotes"},
    {"\"{folder}/job.json\"", "null", "command[2] names {job}, but job.file is null"},
    {"\"{folder}/job.json\"", "\"{job}\"", "job.file: {job} would stand for itself"},
    {"\"{folder}/job.json\"", "\"\"", "job.file: must have 1 to 255 characters"},
    {"{ \"file\": \"{folder}/job.json\" }", "{}", "job: member \"file\" is missing"},
    {"\"ok\": \"SUCCESS\"", "\"ok\": \"SUCESS\"",
     "\"SUCESS\" is no result of the catalogue; did you mean \"SUCCESS\"?"},
    {"\"0\": \"SUCCESS\"", "\"0\": \"FAIL\"",
     "mine.json:9: result.sources[1].exit_codes.0: \"FAIL\" is no result"},
    {"\"0\": \"SUCCESS\"", "\"256\": \"SUCCESS\"", "an exit code is a number of 0 to 255"},
    {"\"0\": \"SUCCESS\"", "\"-1\": \"SUCCESS\"", "an exit code is a number of 0 to 255"},
    {"^end (ok)", "^end (ok", "no regular pattern (POSIX extended)"},
    {"^end (ok)", "^(a{99}){99}", "pattern: takes too long to look for"},
    {"^end (ok)", "^(a)\\\\1", "pattern: takes too long to look for"},
    {"^end (ok)", "^end ok", "names 1 groups, but the pattern has 0 in brackets"},
    {", \"groups\": [\"code\"]", "", "tells nothing: give it \"groups\" or \"tells\""},
    {"[\"code\"]", "[\"cod\"]", "\"cod\" is nothing that a result tells"},
    {"\"lines\"", "\"text\"", "result.sources[0].output: must be \"json\" or \"lines\""},
    {"\"lines\"", "\"json\"", "member \"members\" is missing"},
    {"\"output\": \"lines\",", "", "needs exactly one of \"file\", \"output\" and \"exit_codes\""},
    {"\"exit_codes\"", "\"file\": \"x\", \"exit_codes\"", "needs exactly one of"},
    {"\"exit_codes\": { \"0\": \"SUCCESS\" }",
     "\"file\": \"x\", \"members\": { \"code\": \"c\", \"ecu.name\": \"n\" }",
     "\"ecus\" (a list) and members"},
    {"\"exit_codes\": { \"0\": \"SUCCESS\" }", "\"file\": \"x\", \"members\": { \"cod\": \"c\" }",
     "members.cod: \"cod\" is nothing"},
    {"\"10min\"", "600", "limits.update: must be a duration with its unit"},
    {"\"10min\"", "\"10ms\"", "limits.update: must be 1s to 168h"},
    {"\"resume\"", "\"resum\"",
     "mine.json:11: capabilities[0]: there is no capability \"resum\"; did you mean \"resume\"?"},
    {"\"resume\"", "\"rollback\"", "capabilities[1]: \"rollback\" is given twice"},
    {"\"resume\"", "5", "capabilities[0]: must be a text in quotes"},
    {"\"can_body\"", "\"a_name_of_17_char\"", "a CAN interface has a name of 1 to 15 characters"},
    {"\"can0\"", "\"can 0\"", "interfaces.can_body: may hold letters"},
    {"\"N_RS\"", "\"N_R\"",
     "profile.N_R: there is no such profile parameter; did you mean \"N_RS\"?"},
    {"\"N_RS\": 2", "\"N_RS\": 11", "mine.json:13: profile.N_RS: must be 0 to 10"},
    {"\"N_RS\": 2", "\"N_RS\": 2.5", "profile.N_RS: must be a whole number"},
    {"\"N_RS\": 2", "\"N_RS\": -1", "profile.N_RS: must be a whole number"},
    {"\"N_RS\": 2", "\"N_RS\": [2]", "profile.N_RS: must be a number, or a text"},
    {"\"20s\"", "20", "profile.T_BOOT: must be whole milliseconds with their unit"},
    {"\"20s\"", "\"20us\"", "must be whole milliseconds"},
    {"\"20s\"", "\"10h\"", "profile.T_BOOT: must be 100ms to 600s"},
    {"\"hard-reset\"", "\"soft\"", "profile.RESET: must be one of: default-session, hard-reset"},
    {"\"87.5%\"", "\"87.5\"", "must be a percentage such as"},
    {"\"8000B/s\"", "\"8000\"", "must be bytes per second"},
};

Test(adapter_json, each_fault_is_named_with_its_place)
{
    for (size_t i = 0; i < ARRAY_SIZE(bads); i++) {
        struct err err = {0};
        int code = 0;
        struct adapter *a = parse(bads[i].from, bads[i].to, &code, &err);
        cr_expect_lt(code, 0, "%zu: \"%s\" was accepted", i, bads[i].to);
        cr_expect_not_null(strstr(err.text, bads[i].says), "%zu: \"%s\" is not in: %s", i,
                           bads[i].says, err.text);
        free(a);
    }
}

Test(adapter_json, a_result_that_nobody_tells_is_refused)
{
    static const char text[] = "{ \"name\": \"a\", \"command\": [\"sh\"], \"capabilities\": [],\n"
                               "  \"result\": { \"sources\": [ { \"output\": \"json\",\n"
                               "    \"members\": { \"reason\": \"why\" } } ] } }";
    struct err err = {0};
    struct adapter *a = calloc(1, sizeof *a);
    cr_assert_lt(adapter_parse(a, text, strlen(text), "a.json", "/", &err), 0);
    cr_assert_str_eq(err.text, "a.json:2: result: no source tells the code: the master's result "
                               "could never be known");
    free(a);
}

Test(adapter_json, comments_may_stand_anywhere)
{
    struct err err = {0};
    int code = 0;
    struct adapter *a = parse(
        "\"limits\": {", "\"//\": 1, \"//\": [\"two\"], \"limits\": { \"//\": \"x\",", &code, &err);
    cr_assert_eq(code, 0, "%s", err.text);
    free(a);
    a = parse("\"profile\": {", "\"profile\": { \"//\": \"mine\",", &code, &err);
    cr_assert_eq(code, 0, "%s", err.text);
    free(a);
}

Test(adapter_json, the_template_and_the_reference_are_good)
{
    struct err err = {0};
    struct adapter *a = calloc(1, sizeof *a);
    cr_assert_eq(adapter_parse(a, built_in_template, built_in_template_len, "t", "/", &err), 0,
                 "%s", err.text);
    cr_assert_eq(adapter_load(a, LIMPHOME_SOURCE_DIR "/masters/reference.json", &err), 0, "%s",
                 err.text);
    cr_assert_str_eq(a->name, "reference");
    cr_assert(adapter_can(a, CAPABILITY_RESUME));
    free(a);
}

Test(adapter_json, files_that_are_none)
{
    struct err err = {0};
    struct adapter *a = calloc(1, sizeof *a);
    cr_assert_lt(adapter_load(a, "/nowhere/a.json", &err), 0);
    cr_assert_not_null(strstr(err.text, "/nowhere/a.json"), "%s", err.text);
    cr_assert_lt(adapter_load(a, "/", &err), 0);
    cr_assert_not_null(strstr(err.text, "an adapter file"), "%s", err.text);
    free(a);
}

Test(adapter_json, profile_values_print_as_they_are_read)
{
    struct profile profile;
    profile_init(&profile);
    for (unsigned i = 0; i < PROFILE_COUNT; i++) {
        char text[64];
        struct err err = {0};
        const uint32_t before = profile.values[i];
        const struct profile_parameter *p = &profile_parameters[i];
        cr_assert_not_null(p->name, "row %u is missing", i);
        cr_assert_eq(profile_find(p->name), i);
        cr_assert(p->unit == PROFILE_CHOICE || (p->min <= before && before <= p->max), "%s",
                  p->name);
        profile_print((enum profile_id)i, before, text, sizeof text);
        cr_assert_eq(profile_set(&profile, (enum profile_id)i, text, &err), 0, "%s: %s", p->name,
                     err.text);
        cr_assert_eq(profile.values[i], before, "%s", p->name);
    }
}
