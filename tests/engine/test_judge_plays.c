/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_plays.c - the judge beside the reference master, in whole plays: what is
 * right gives no finding, and what is made to look wrong gives the one it must. */
#include "scenarios/engine/case_play.h"
#include "scenarios/engine/judge.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct play {
    char folder[64];
    struct case_file file;
    struct adapter adapter;
    struct play_result result;
};

static void write_case(struct play *play, const char *body, char *path, size_t size)
{
    strcpy(play->folder, "/tmp/judge-play-XXXXXX");
    cr_assert_not_null(mkdtemp(play->folder));
    snprintf(path, size, "%s/TST-01.lua", play->folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "case{id = 'TST-01', group = 'TST', title = 'a test', run = function()\n%s\nend}\n",
            body);
    fclose(file);
}

/* {programs} is the folder of this test, so the master is named outright. */
static void load_adapter(struct adapter *adapter)
{
    struct err err = {0};
    cr_assert_eq(adapter_load(adapter, LIMPHOME_SOURCE_DIR "/masters/reference.json", &err), 0,
                 "%s", err.text);
    strcpy(adapter->command[0], LIMPHOME_BINARY_DIR "/bin/limphome-master");
}

static struct play *play_new(const char *body)
{
    struct play *play = calloc(1, sizeof *play);
    struct err err = {0};
    char path[128];
    cr_assert_not_null(play);
    write_case(play, body, path, sizeof path);
    load_adapter(&play->adapter);
    cr_assert_eq(case_file_load(&play->file, path, &err), 0, "%s", err.text);
    return play;
}

static void play_run(struct play *play)
{
    char folder[80];
    snprintf(folder, sizeof folder, "%s/play", play->folder);
    case_play(
        &(struct case_world_cfg){.file = &play->file,
                                 .seed = 1,
                                 .adapter = &play->adapter,
                                 .preload_path = LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so",
                                 .folder = folder,
                                 .vehicles = LIMPHOME_SOURCE_DIR "/vehicles"},
        &play->result);
}

static void play_free(struct play *play)
{
    char command[80];
    play_result_release(&play->result);
    case_file_release(&play->file);
    snprintf(command, sizeof command, "rm -rf %s", play->folder);
    cr_assert_eq(system(command), 0);
    free(play);
}

static void expect_pass(struct play *play)
{
    play_run(play);
    const struct play_result *result = &play->result;
    for (size_t i = 0; i < result->findings_len; i++) {
        cr_expect(false, "%s: expected %s, seen %s, at %f s, line %u",
                  result->findings[i].criterion, result->findings[i].expected,
                  result->findings[i].seen, (double)result->findings[i].at_ns / 1e9,
                  (unsigned)result->findings[i].bus_line);
    }
    cr_expect_eq(result->verdict, VERDICT_PASS, "%s", result->error != NULL ? result->error : "");
    play_free(play);
}

static void expect_finding(struct play *play, const char *criterion)
{
    bool found = false;
    play_run(play);
    for (size_t i = 0; i < play->result.findings_len; i++) {
        found = found || strcmp(play->result.findings[i].criterion, criterion) == 0;
    }
    cr_expect(found, "%s, %s", criterion, play->result.error != NULL ? play->result.error : "");
    play_free(play);
}

static void expect_error(struct play *play, const char *part)
{
    play_run(play);
    cr_expect_eq(play->result.verdict, VERDICT_ERROR);
    cr_expect(play->result.error != NULL && strstr(play->result.error, part) != NULL, "%s: %s",
              part, play->result.error != NULL ? play->result.error : "no error");
    play_free(play);
}

static const char update[] = "wait(1) check.result(master.update{image = image{}}, 'SUCCESS')";

Test(judge_plays, an_update_in_blocks_passes, .timeout = 60)
{
    expect_pass(play_new(update));
}

Test(judge_plays, an_update_in_lines_passes, .timeout = 60)
{
    struct play *play = play_new(update);
    play->adapter.profile.values[PROFILE_BLOCK] = PROFILE_BLOCK_S19_LINE;
    expect_pass(play);
}

/* What the master does not see as the judge does must not be held against it. */
Test(judge_plays, answers_that_come_late_pass, .timeout = 60)
{
    expect_pass(play_new("wait(1) bus.delay{way = 'answer', by = '30ms', jitter = '30ms'}\n"
                         "check.result(master.update{image = image{}}, 'SUCCESS')"));
}

/* The ECU is left without software, the host without a controller; the retry mends both. */
Test(judge_plays, a_blank_ecu_that_a_retry_brings_back_passes, .timeout = 60)
{
    expect_pass(play_new("wait(1) bus.damage{way = 'request', service = 0x36, times = 5000}\n"
                         "check.result(master.update{image = image{}}, 'INTERRUPTED', 'PARTIAL',\n"
                         "             'FAILED_OLD', 'FAILED_SAFE', 'ROLLED_BACK', 'REFUSED')"));
}

Test(judge_plays, a_master_that_was_cut_and_goes_on_passes, .timeout = 60)
{
    expect_pass(play_new("wait(1) local new = image{}\n"
                         "master.start{image = new} wait(4) master.cut() wait(10)\n"
                         "master.start{image = new}\n"
                         "check.result(master.wait('1h'), 'SUCCESS')"));
}

/* Nobody waits for what comes after its end: a play is not two hours long because of it. */
Test(judge_plays, a_master_that_is_left_running_ends_its_play, .timeout = 60)
{
    struct play *play = play_new("wait(1) master.start{image = image{}} check.at_least('t', 1, 1)");
    play_run(play);
    cr_expect_eq(play->result.verdict, VERDICT_PASS);
    cr_expect_str_eq(play->result.term, "SUCCESS");
    cr_expect_lt(play->result.virtual_ns, SIM_S(60));
    play_free(play);
}

/* A master that calls its success a rollback. */
Test(judge_plays, a_report_that_is_not_true_breaks_inv_1, .timeout = 60)
{
    struct play *play = play_new("wait(1) check.that('it ends', master.update{image = image{}})");
    play->adapter.codes_len = 1;
    play->adapter.codes[0] = (struct adapter_word){.theirs = "SUCCESS", .ours = "ROLLED_BACK"};
    expect_finding(play, "INV-1");
}

Test(judge_plays, an_update_that_the_case_forbids_breaks_inv_4, .timeout = 60)
{
    expect_finding(play_new("judge.forbid('the user has said no')\n"
                            "wait(1) check.result(master.update{image = image{}}, 'SUCCESS')"),
                   "INV-4");
}

/* A number would be the bits of the image header; taken for nothing, a case would prove nothing. */
Test(judge_plays, a_behaviour_that_is_no_name_is_an_error, .timeout = 60)
{
    expect_error(play_new("image{behaviour = 2}"), "image: behaviour is a name");
}

/* The previous software is kept as a backup, and the order is to leave it there. */
Test(judge_plays, a_master_that_is_told_to_stay_does_not_roll_back, .timeout = 60)
{
    expect_pass(play_new("wait(1) check.result(master.update{image = image{version = '1.5.0'},\n"
                         "                                   id = 'first'}, 'SUCCESS')\n"
                         "local bad = image{version = '2.0.0', behaviour = 'no_boot'}\n"
                         "check.result(master.update{image = bad, stay = true}, 'FAILED_SAFE')"));
}
