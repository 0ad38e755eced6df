/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_junit.c - JUnit XML against the schema of Jenkins, by a parser that is not
 * ours, hostile texts included. Who reads it at last is asked in check_junit.py. */
#include "reports/junit.h"
#include "reports/play_text.h"
#include "reports/shell_word.h"
#include "tests/reports/result_rig.h"
#include "tests/reports/sweep_rig.h"

#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>

static void expect_text(const char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected);
}

static char *print(const struct result_set *set)
{
    char *text = NULL;
    size_t len = 0;
    struct err err = {.code = 0};
    FILE *out = open_memstream(&text, &len);
    cr_assert_eq(junit_print(set, out, &err), 0, "%s", err.text);
    fclose(out);
    return text;
}

/* Parsed, and valid. */
static xmlDocPtr parse(const char *text)
{
    xmlSchemaParserCtxtPtr from =
        xmlSchemaNewParserCtxt(LIMPHOME_SOURCE_DIR "/tests/reports/jenkins-junit.xsd");
    xmlSchemaPtr schema = xmlSchemaParse(from);
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
    xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
    cr_assert_not_null(doc, "%s", text);
    cr_expect_eq(xmlSchemaValidateDoc(valid, doc), 0, "%s", text);
    xmlSchemaFreeValidCtxt(valid);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(from);
    return doc;
}

static void expect_at(xmlDocPtr doc, const char *path, const char *expected)
{
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEval((const xmlChar *)path, context);
    xmlChar *text = xmlXPathCastToString(found);
    expect_text((const char *)text, expected);
    xmlFree(text);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
}

static void expect_names_unlike(xmlDocPtr doc)
{
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEval((const xmlChar *)"//testcase", context);
    const xmlNodeSet *nodes = found->nodesetval;
    for (int i = 0; i < nodes->nodeNr; i++) {
        for (int k = 0; k < i; k++) {
            xmlChar *values[4];
            for (int m = 0; m < 4; m++) {
                values[m] = xmlGetProp(nodes->nodeTab[m < 2 ? i : k],
                                       (const xmlChar *)(m % 2 == 0 ? "name" : "classname"));
            }
            cr_expect(!xmlStrEqual(values[0], values[2]) || !xmlStrEqual(values[1], values[3]),
                      "%s twice", (const char *)values[0]);
            for (int m = 0; m < 4; m++) {
                xmlFree(values[m]);
            }
        }
    }
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
}

static void add(struct result_set *set, struct run_result run)
{
    struct err err = {.code = 0};
    cr_assert_eq(result_set_add(set, &run, &err), 0, "%s", err.text);
}

static struct run_result all_verdicts(const char *master, uint64_t seed)
{
    struct run_result run = rig_run(master, seed);
    rig_play(rig_case(&run, "COM-01"), "", seed, VERDICT_PASS);
    struct case_result *one = rig_case(&run, "COM-02");
    rig_play(one, "x", seed, VERDICT_FAIL);
    rig_play(one, "y", seed, VERDICT_PASS);
    rig_play(rig_case(&run, "FUN-01"), "", 0, VERDICT_NOT_APPLICABLE)->digest[0] = '\0';
    rig_play(rig_case(&run, "FUN-02"), "", seed, VERDICT_ERROR);
    return run;
}

Test(junit, every_play_is_a_test_case)
{
    struct result_set set = {.runs = NULL};
    add(&set, all_verdicts("reference", 1));
    play_result_fired(&set.runs[0].cases[1].plays[0], "bus.lose", 2, 3000000, 4000000);
    char *text = print(&set);
    xmlDocPtr doc = parse(text);
    expect_at(doc, "/testsuites/@tests", "5");
    expect_at(doc, "/testsuites/@failures", "1");
    expect_at(doc, "/testsuites/@errors", "1");
    expect_at(doc, "/testsuites/@time", "0.061728");
    expect_at(doc, "count(//testsuite)", "2");
    expect_at(doc, "//testsuite[1]/@name", "reference.COM");
    expect_at(doc, "//testsuite[1]/@tests", "3");
    expect_at(doc, "//testsuite[2]/@skipped", "1");
    expect_at(doc, "//testsuite[1]//property[@name='virtual_s']/@value", "60.000000");
    expect_at(doc, "//testsuite[1]//property[@name='date']/@value", "2026-01-02");
    expect_at(doc, "//testcase[2]/@name", "COM-02 x: An update");
    expect_at(doc, "//testcase[2]/@classname", "reference.COM");
    expect_at(doc, "//testcase[2]/@time", "0.012345");
    expect_at(doc, "//failure/@type", "INV-1");
    expect_at(doc, "//failure/@message", "INV-1: expected no damage, seen a torn phrase");
    expect_at(doc, "string(//failure)",
              "INV-1: expected no damage, seen a torn phrase, at 1.500000 s, line 12 of bus.log\n");
    expect_at(doc, "string(//testcase[2]/system-out)",
              "sources: GB 44496 4.3; seed list 12\nvehicle: single\nseed: 1\n"
              "virtual time: 20.000000 s\nthe master reported: SUCCESS\n"
              "injected: bus.lose, fired: 2, first at 0.003000 s, last at 0.004000 s\n"
              "digest: 00000000000000010000000000000007\nagain: limphome replay COM-02\n");
    expect_at(doc, "string(//testsuite[2]/testcase[1]/skipped)", "needs resume\n");
    expect_at(doc, "//error/@message", "the scenario did not come to its end");
    xmlFreeDoc(doc);
    free(text);
    result_set_release(&set);
}

/* GitLab drops a second test of the same class and name. */
Test(junit, every_test_case_has_a_name_of_its_own)
{
    struct result_set set = {.runs = NULL};
    add(&set, all_verdicts("reference", 1));
    add(&set, all_verdicts("reference", 2));
    add(&set, all_verdicts("minimal", 1));
    struct run_result run = all_verdicts("other", 1);
    run.repeat = 2;
    rig_play(&run.cases[0], "", 2, VERDICT_PASS);
    add(&set, run);
    run = all_verdicts("other", 1);
    strcpy(run.version, "2");
    add(&set, run);
    char *text = print(&set);
    xmlDocPtr doc = parse(text);
    expect_at(doc, "count(//testcase)", "26");
    expect_names_unlike(doc);
    expect_at(doc, "//testsuite[3]/@name", "reference seed 2.COM");
    expect_at(doc, "//testsuite[5]/@name", "minimal.COM");
    expect_at(doc, "//testsuite[7]/testcase[2]/@name", "COM-01 seed 2: An update");
    expect_at(doc, "//testsuite[9]/@name", "other run 2.COM");
    xmlFreeDoc(doc);
    free(text);
    result_set_release(&set);
}

/* Whatever it is, the file is well-formed and valid, and no line of it pretends to be ours. */
Test(junit, hostile_texts_stay_text)
{
    for (size_t i = 1; i < ARRAY_SIZE(rig_hostile) + 1; i++) {
        const char *hostile =
            i < ARRAY_SIZE(rig_hostile) ? rig_hostile[i] : "\xFF\xC3( \xED\xA0\x80";
        struct result_set set = {.runs = NULL};
        struct run_result run = rig_run(hostile, 1);
        struct case_result *one = rig_case(&run, hostile);
        free(one->title);
        one->title = strdup(hostile);
        struct play_result *play = rig_play(one, hostile, 1, VERDICT_PASS);
        play_result_find(play, hostile, hostile, hostile, 5, 0);
        play_result_fired(play, hostile, 0, SIM_NEVER, SIM_NEVER);
        one->verdict = VERDICT_FAIL;
        add(&set, run);
        char *text = print(&set);
        xmlDocPtr doc = parse(text);
        expect_at(doc, "count(//testcase)", "1");
        expect_at(doc, "count(//failure)", "1");
        expect_at(doc, "count(//*)", "12");
        expect_at(doc,
                  "string-length(translate(string(//failure), translate(string(//failure), "
                  "'\n', ''), ''))",
                  "1");
        xmlFreeDoc(doc);
        free(text);
        result_set_release(&set);
    }
}

Test(junit, what_nobody_could_see_becomes_visible)
{
    struct result_set set = {.runs = NULL};
    struct run_result run = rig_run("reference", 1);
    struct play_result *play = rig_play(rig_case(&run, "COM-01"), "", 1, VERDICT_PASS);
    play_result_find(play, "INV-1", "a\x1B[2J\x7F\xC2\x85", "\xFF\xE2\x80\xAE\xEF\xBF\xBE\r\n",
                     SIM_NEVER, 0);
    add(&set, run);
    char *text = print(&set);
    xmlDocPtr doc = parse(text);
    expect_at(doc, "//failure/@message",
              "INV-1: expected a␛[2J␡<U+0085>, seen �<U+202E><U+FFFE>␍␊");
    xmlFreeDoc(doc);
    free(text);
    result_set_release(&set);
}

Test(junit, a_full_disk_is_told)
{
    struct result_set set = {.runs = NULL};
    struct err err = {.code = 0};
    add(&set, all_verdicts("reference", 1));
    FILE *out = fopen("/dev/full", "w");
    cr_expect_eq(junit_print(&set, out, &err), ERR_IO);
    fclose(out);
    result_set_release(&set);
}

/* bash is asked what it makes of the word. */
Test(shell_word, the_shell_reads_the_same_bytes)
{
    for (size_t i = 0; i < ARRAY_SIZE(rig_hostile) + 3; i++) {
        static const char *const more[] = {"-rf", "a b'c'", "$HOME `id` $(id) \\ ! * ~"};
        const char *path =
            i < ARRAY_SIZE(rig_hostile) ? rig_hostile[i] : more[i - ARRAY_SIZE(rig_hostile)];
        char command[2000];
        char seen[1000] = "";
        char *word = shell_word(path);
        snprintf(command, sizeof command, "printf '%%s' %s", word);
        for (const char *c = word; *c != '\0'; c++) {
            cr_expect(*c >= ' ' && *c <= '~');
        }
        setenv("LIMPHOME_TEST_COMMAND", command, 1);
        FILE *in = popen("bash -c \"$LIMPHOME_TEST_COMMAND\"", "r");
        const size_t len = fread(seen, 1, sizeof seen - 1, in);
        cr_expect_eq(pclose(in), 0);
        const size_t dash = path[0] == '-' ? 2 : 0;
        cr_expect_eq(len, strlen(path) + dash, "%s", word);
        expect_text(&seen[dash], path);
        free(word);
    }
}

Test(play_text, without_a_folder_it_is_played_anew)
{
    struct run_result run = rig_run("minimal", 1);
    struct case_result *one = rig_case(&run, "COM-01");
    struct play_result *play = rig_play(one, "", 7, VERDICT_PASS);
    free(play->folder);
    play->folder = NULL;
    char *text = play_text_command(&run, one, play);
    expect_text(text, "limphome run --master ADAPTER --seed 7 --out FOLDER COM-01");
    free(text);
    run_result_release(&run);
}

/* A suite for each sweep, and a test case for each verdict that no point may come to. */
Test(junit, a_sweep_is_a_suite)
{
    struct result_set set = {.runs = NULL};
    struct result_sweep sweep = rig_sweep(1, 1);
    struct err err = {.code = 0};
    cr_assert_eq(result_set_add_sweep(&set, &sweep, &err), 0);
    char *text = print(&set);
    xmlDocPtr doc = parse(text);
    expect_at(doc, "count(/testsuites/testsuite)", "1");
    expect_at(doc, "string(/testsuites/@tests)", "3");
    expect_at(doc, "string(/testsuites/@failures)", "2");
    expect_at(doc, "string(//testsuite/@name)",
              "reference (in process).explore power --size 8 --style block --resume full --seed 1");
    expect_at(doc, "string(//testcase[3]/@name)",
              "power --size 8 --style block --resume full --seed 1: bricked");
    expect_at(doc, "string(//testcase[3]/failure/@message)", "14 of 562 points");
    expect_at(doc, "count(//testcase[1]/*)", "0");
    expect_at(doc, "string(//property[@name='cuts: cuts']/@value)", "562");
    cr_expect_not_null(strstr(text, "limphome explore power --size 8 --point f0.0"));
    expect_names_unlike(doc);
    xmlFreeDoc(doc);
    free(text);
    result_set_release(&set);
}

/* Nothing is passed as long as units are missing. */
Test(junit, a_part_of_a_sweep_is_in_error)
{
    struct result_set set = {.runs = NULL};
    struct result_sweep sweep = rig_sweep(2, 3);
    struct err err = {.code = 0};
    cr_assert_eq(result_set_add_sweep(&set, &sweep, &err), 0);
    char *text = print(&set);
    xmlDocPtr doc = parse(text);
    expect_at(doc, "string(/testsuites/@errors)", "1");
    expect_at(doc, "string(//testsuite/@skipped)", "2");
    expect_at(doc, "string(//testcase[1]/error/@message)",
              "27 of 40 units of work are missing: this is a part of the sweep");
    expect_at(doc, "count(//testcase/skipped)", "2");
    xmlFreeDoc(doc);
    free(text);
    result_set_release(&set);
}

Test(junit, texts_of_sweeps_are_inert)
{
    for (size_t i = 0; i < ARRAY_SIZE(rig_hostile); i++) {
        struct result_set set = {.runs = NULL};
        struct result_sweep sweep = rig_sweep(1, 4);
        struct err err = {.code = 0};
        char **const texts[] = {&sweep.master,
                                &sweep.identity,
                                &sweep.rows[0].text,
                                &sweep.verdicts[1].name,
                                &sweep.verdicts[2].meaning,
                                &sweep.failures[0].replay};
        for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
            free(*texts[k]);
            *texts[k] = strdup(rig_hostile[i]);
        }
        cr_assert_eq(result_set_add_sweep(&set, &sweep, &err), 0);
        char *text = print(&set);
        xmlDocPtr doc = parse(text);
        expect_at(doc, "count(//testcase)", "3");
        xmlFreeDoc(doc);
        free(text);
        result_set_release(&set);
    }
}
