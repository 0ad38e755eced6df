/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_timeline_plays.c - timelines of whole plays with the reference master, held
 * against events.log of the same play. */
#include "reports/timeline_json.h"
#include "scenarios/engine/case_play.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct play {
    char folder[64], path[160];
    struct case_file file;
    struct adapter adapter;
    struct play_result result;
    struct timeline timeline;
};

static void write_case(struct play *play, const char *body)
{
    strcpy(play->folder, "/tmp/timeline-play-XXXXXX");
    cr_assert_not_null(mkdtemp(play->folder));
    snprintf(play->path, sizeof play->path, "%s/TST-01.lua", play->folder);
    FILE *file = fopen(play->path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "case{id = 'TST-01', group = 'TST', title = 'a test', run = function()\n%s\nend}\n",
            body);
    fclose(file);
}

static struct play *play_new(const char *body)
{
    struct play *play = calloc(1, sizeof *play);
    struct err err = {0};
    cr_assert_not_null(play);
    write_case(play, body);
    cr_assert_eq(adapter_load(&play->adapter, LIMPHOME_SOURCE_DIR "/masters/reference.json", &err),
                 0, "%s", err.text);
    /* {programs} is the folder of this test, so the master is named outright. */
    strcpy(play->adapter.command[0], LIMPHOME_BINARY_DIR "/bin/limphome-master");
    cr_assert_eq(case_file_load(&play->file, play->path, &err), 0, "%s", err.text);
    return play;
}

static void play_run(struct play *play, bool timeline)
{
    char folder[80];
    snprintf(folder, sizeof folder, "%s/play", play->folder);
    play_result_release(&play->result);
    case_play(
        &(struct case_world_cfg){.file = &play->file,
                                 .seed = 1,
                                 .adapter = &play->adapter,
                                 .preload_path = LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so",
                                 .folder = folder,
                                 .keep_trace = timeline,
                                 .keep_timeline = timeline,
                                 .vehicles = LIMPHOME_SOURCE_DIR "/vehicles"},
        &play->result);
}

/* Plays, and reads what is left. */
static struct play *play_to_look_at(const char *body)
{
    struct play *play = play_new(body);
    struct err err = {0};
    play_run(play, true);
    snprintf(play->path, sizeof play->path, "%s/play/timeline.json", play->folder);
    cr_assert_eq(timeline_load(&play->timeline, play->path, &err), 0, "%s (%s)", err.text,
                 play->result.error != NULL ? play->result.error : "no error");
    return play;
}

static void play_free(struct play *play)
{
    char command[80];
    timeline_release(&play->timeline);
    play_result_release(&play->result);
    case_file_release(&play->file);
    snprintf(command, sizeof command, "rm -rf %s", play->folder);
    cr_assert_eq(system(command), 0);
    free(play);
}

static off_t size_of(const char *path)
{
    struct stat status;
    cr_assert_eq(stat(path, &status), 0, "%s", path);
    return status.st_size;
}

/* The instant of the first line of events.log, from one on, that holds the text. */
static sim_ns_t event_ns(const struct play *play, const char *text, sim_ns_t from_ns)
{
    char path[96], line[4096];
    sim_ns_t found_ns = SIM_NEVER;
    snprintf(path, sizeof path, "%s/play/events.log", play->folder);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    while (found_ns == SIM_NEVER && fgets(line, sizeof line, in) != NULL) {
        unsigned long long s = 0, ns = 0;
        cr_assert_eq(sscanf(line, "%llu.%9llu", &s, &ns), 2, "%s", line);
        const sim_ns_t at_ns = SIM_S(s) + ns;
        found_ns = at_ns >= from_ns && strstr(line, text) != NULL ? at_ns : SIM_NEVER;
    }
    fclose(in);
    cr_assert_neq(found_ns, SIM_NEVER, "no event \"%s\"", text);
    return found_ns;
}

static const struct timeline_lane *lane_of(const struct play *play, enum timeline_lane_kind kind)
{
    for (size_t i = 0; i < play->timeline.lanes_len; i++) {
        if (play->timeline.lanes[i].kind == kind) {
            return &play->timeline.lanes[i];
        }
    }
    cr_assert(false, "no lane \"%s\"", timeline_lane_name(kind));
    return NULL;
}

/* The first span from an instant on whose text begins so. */
static const struct timeline_span *span_at(const struct timeline_lane *lane, const char *text,
                                           sim_ns_t from_ns)
{
    for (size_t i = 0; i < lane->spans_len; i++) {
        if (lane->spans[i].from_ns >= from_ns &&
            strncmp(lane->spans[i].text, text, strlen(text)) == 0) {
            return &lane->spans[i];
        }
    }
    cr_assert(false, "no span \"%s\" in \"%s\" of \"%s\" from %f s on", text,
              timeline_lane_name(lane->kind), lane->of, (double)from_ns / 1e9);
    return NULL;
}

static double value_at(const struct timeline_lane *lane, sim_ns_t at_ns)
{
    double value = -1;
    for (size_t i = 0; i < lane->points_len && lane->points[i].at_ns <= at_ns; i++) {
        value = lane->points[i].value;
    }
    return value;
}

#define BROWN_OUT                                                                                  \
    "local new = image{ version = '2.0.0', kb = 8 } "                                              \
    "master.start{ image = new } "                                                                 \
    "local hit = bus.wait{ service = 0x36, kind = 'request', nth = 5 } wait('2ms') "               \
    "power.brownout{ to = '2V', ramp = '5us', for_ = '200ms' } "                                   \
    "local result = master.wait() check.result(result, 'SUCCESS') "                                \
    "check.that('image', ecu.holds(new), true, false) "

static sim_ns_t expect_dip(const struct play *play)
{
    const sim_ns_t down_ns = event_ns(play, "bcm power.supply mv=2000", 0);
    const struct timeline_lane *supply = lane_of(play, LANE_SUPPLY);
    cr_expect_eq(value_at(supply, down_ns - SIM_MS(10)), 13500.0);
    cr_expect_eq(value_at(supply, down_ns), 2000.0);
    cr_expect_eq(value_at(supply, down_ns + SIM_MS(150)), 2000.0);
    cr_expect_eq(value_at(supply, down_ns + SIM_MS(300)), 13500.0);
    return down_ns;
}

Test(timeline_plays, a_brown_out_in_the_transfer_is_seen_in_every_lane)
{
    struct play *play = play_to_look_at(BROWN_OUT);
    const sim_ns_t down_ns = expect_dip(play);
    const sim_ns_t torn_ns = event_ns(play, "bcm flash.torn", 0);
    const struct timeline_span *torn = span_at(lane_of(play, LANE_FLASH), "torn program at", 0);
    cr_expect_eq(torn->from_ns, torn_ns);
    cr_expect_eq(torn->to_ns, torn_ns);
    cr_expect_eq(torn->tone, TONE_BAD);

    const struct timeline_lane *session = lane_of(play, LANE_SESSION);
    const struct timeline_span *reset = span_at(session, "reset", down_ns - SIM_MS(1));
    cr_expect_eq(reset->from_ns, event_ns(play, "bcm ecu value=1 reset", down_ns - SIM_MS(1)));
    cr_expect_eq(reset->to_ns, event_ns(play, "bcm ecu value=2 bootloader", down_ns));
    const struct timeline_span *locked = &lane_of(play, LANE_LOCK)->spans[0];
    cr_expect_eq(locked->to_ns, reset->from_ns);

    const struct timeline_lane *progress = lane_of(play, LANE_PROGRESS);
    const double before = value_at(progress, down_ns), after = value_at(progress, SIM_NEVER);
    cr_expect(before > 512 && before < 8 * 1024, "%f bytes before", before);
    cr_expect(after > 8 * 1024 - 128 && after < 9 * 1024, "%f bytes in the end", after);
    const struct timeline_span *transfer =
        span_at(lane_of(play, LANE_PHASE), "transfer", down_ns + SIM_MS(200));
    cr_expect_geq(transfer->to_ns, transfer->from_ns + SIM_MS(10));
    (void)span_at(lane_of(play, LANE_SERVICE), "36 TransferData: ", down_ns - SIM_MS(20));
    (void)span_at(lane_of(play, LANE_MASTER), "life 1: SUCCESS", 0);
    (void)span_at(lane_of(play, LANE_STORAGE), "journal", down_ns);
    cr_expect_gt(lane_of(play, LANE_BUS_LOAD)->points_len, 5u);
    play_free(play);
}

/* A line that falls is drawn as stairs beside it. */
Test(timeline_plays, a_slow_fall_of_the_supply_is_drawn)
{
    struct play *play = play_to_look_at(
        "wait(1) power.brownout{ to = 8000, ramp = '120ms', for_ = '100ms' } wait(1) "
        "check.that('end', true, true, true)");
    const struct timeline_lane *supply = lane_of(play, LANE_SUPPLY);
    for (sim_ns_t ms = 0; ms < 120; ms += 7) {
        const double line = 13500 - 5500.0 * (double)ms / 120;
        const double drawn = value_at(supply, SIM_S(1) + SIM_MS(ms));
        cr_expect(drawn >= line && drawn < line + 600, "%f mV at %d ms", drawn, (int)ms);
    }
    cr_expect_eq(value_at(supply, SIM_S(1) + SIM_MS(200)), 8000.0);
    cr_expect_eq(value_at(supply, SIM_S(1) + SIM_MS(341)), 13500.0);
    cr_expect_lt(supply->points_len, 40u);
    play_free(play);
}

Test(timeline_plays, a_fault_has_its_instants_and_is_the_focus)
{
    struct play *play = play_to_look_at(BROWN_OUT);
    const sim_ns_t fired_ns = event_ns(play, "bcm fault value=1 power.brownout", 0);
    const struct timeline *timeline = &play->timeline;
    cr_assert_eq(play->result.injections_len, 1u);
    cr_expect_eq(play->result.injections[0].first_ns, fired_ns);
    cr_expect_eq(play->result.injections[0].last_ns, fired_ns);
    cr_assert_eq(timeline->foci_len, 1u);
    cr_expect_eq(timeline->foci[0].at_ns, fired_ns);
    cr_expect_str_eq(timeline->foci[0].text, "power.brownout");
    cr_assert_eq(timeline->messages_len, 24u);
    for (size_t i = 0; i < timeline->messages_len; i++) {
        cr_expect_eq(timeline->messages[i].begin_ns < fired_ns, i < 12, "message %zu", i);
    }
    const struct timeline_message *cut = &timeline->messages[11];
    cr_expect_str_eq(cut->service, "36 TransferData");
    cr_expect_str_eq(cut->from, "master");
    cr_expect_str_eq(cut->to, "bcm");
    const struct timeline_span *span =
        span_at(lane_of(play, LANE_FAULT), "power.brownout", fired_ns);
    cr_expect_eq(span->from_ns, fired_ns);
    play_free(play);
}

/* The map agrees with the image that the ECU has in the end. */
Test(timeline_plays, the_map_shows_the_flash_as_it_was_left)
{
    struct play *play = play_to_look_at(
        "local new = image{ version = '2.0.0', kb = 8 } master.start{ image = new } "
        "bus.wait{ service = 0x31, head = '31 01 FF 00', kind = 'request' } wait(1) "
        "power.off{} master.wait() check.that('off', true, true, true)");
    const struct timeline_span *torn = span_at(lane_of(play, LANE_FLASH), "torn erase", 0);
    unsigned address = 0;
    cr_assert_eq(sscanf(torn->text, "torn erase at 0x%x", &address), 1);
    cr_assert_eq(play->timeline.flashes_len, 1u);
    const struct timeline_flash *flash = &play->timeline.flashes[0];
    cr_expect_eq(flash->base, 0x780000u);
    cr_expect_eq(flash->sectors_len, 512u);
    const size_t sector = (address - flash->base) / flash->sector_bytes;
    cr_expect_eq(flash->state[sector], SECTOR_TORN);
    cr_expect_eq(flash->state[sector - 1], SECTOR_ERASED);
    cr_expect_eq(flash->erased[sector - 1], 1u);
    cr_expect_eq(flash->erased[sector + 1], 0u);
    cr_expect_eq(flash->state[480], SECTOR_BOOT); /* 0x7F8000 */
    cr_expect_eq(flash->state[511], SECTOR_BOOT);
    cr_expect_eq(strchr(flash->state, SECTOR_TORN) - flash->state, (ptrdiff_t)sector);
    play_free(play);
}

/* Each finding with a place in bus.log: the message is in the table, and the focus its instant. */
Test(timeline_plays, findings_are_the_foci)
{
    struct play *play =
        play_to_look_at("master.update{ image = image{ version = '2.0.0', kb = 4 } } "
                        "local one = bus.first{ service = 0x27, kind = 'request' } "
                        "local other = bus.last{ service = 0x22, kind = 'positive' } "
                        "check.equal('C-2', 1, 2, other) check.equal('C-1', 1, 2, one) "
                        "check.equal('C-3', 1, 2, one) check.equal('nowhere', 1, 2)");
    const struct timeline *timeline = &play->timeline;
    cr_assert_eq(timeline->foci_len, 3u);
    cr_expect_str_eq(timeline->foci[0].text, "C-1");
    cr_expect_str_eq(timeline->foci[1].text, "C-2");
    cr_expect_str_eq(timeline->foci[2].text, "nowhere"); /* At its instant, the end. */
    for (size_t i = 0; i < play->result.findings_len; i++) {
        const struct finding *finding = &play->result.findings[i];
        bool found = finding->bus_line == 0;
        for (size_t k = 0; k < timeline->messages_len; k++) {
            found = found || timeline->messages[k].bus_line == finding->bus_line;
        }
        cr_expect(found, "%s, line %u", finding->criterion, (unsigned)finding->bus_line);
    }
    play_free(play);
}

Test(timeline_plays, without_faults_and_findings_the_end_of_the_transfer_is_shown)
{
    struct play *play = play_to_look_at(
        "check.result(master.update{ image = image{ version = '2.0.0', kb = 4 } }, 'SUCCESS')");
    cr_assert_eq(play->timeline.foci_len, 1u);
    cr_expect_str_eq(play->timeline.foci[0].text, "end of the transfer");
    cr_expect_eq(play->timeline.end_ns, play->result.virtual_ns);
    play_free(play);
}

/* Looking on changes nothing, and what is noted depends on nothing but the seed. */
Test(timeline_plays, a_play_that_is_watched_is_the_same)
{
    struct play *play = play_new(BROWN_OUT);
    char digest[33], path[96];
    play_run(play, false);
    cr_expect_eq(play->result.verdict, VERDICT_PASS);
    cr_expect_eq(play->result.injections[0].first_ns, SIM_NEVER);
    snprintf(path, sizeof path, "%s/play/timeline.json", play->folder);
    cr_expect_neq(access(path, F_OK), 0);
    memcpy(digest, play->result.digest, sizeof digest);
    play_run(play, true);
    cr_expect_str_eq(play->result.digest, digest);
    cr_expect_eq(access(path, F_OK), 0);
    play_free(play);
}

/* Power goes 120 times within half an hour: the file stays small, and the end is still told. */
Test(timeline_plays, however_much_happens_the_file_stays_small)
{
    struct play *play = play_to_look_at(
        "local t = bus.tester{} wait(1) "
        "for i = 1, 60 do t:request('10 03') t:request('22 F1 89') t:request('31 01 02 03') "
        "  power.cut{ for_ = '300ms' } wait(2) t:request('10 03') "
        "  power.brownout{ to = '2V', ramp = '20ms', for_ = '100ms' } wait(28) end "
        "check.that('end', true, true, true)");
    cr_expect_eq(play->result.verdict, VERDICT_PASS, "%s",
                 play->result.error != NULL ? play->result.error : "");
    cr_expect_lt(size_of(play->path), 60000, "%ld bytes", (long)size_of(play->path));
    const struct timeline_lane *session = lane_of(play, LANE_SESSION);
    cr_expect_eq(session->spans[session->spans_len - 1].to_ns, play->timeline.end_ns);
    uint32_t faults = 0, lanes = 0;
    for (size_t i = 0; i < play->timeline.lanes_len; i++) {
        const struct timeline_lane *lane = &play->timeline.lanes[i];
        lanes += lane->kind == LANE_FAULT;
        for (size_t k = 0; lane->kind == LANE_FAULT && k < lane->spans_len; k++) {
            faults += lane->spans[k].count;
        }
    }
    cr_expect_eq(lanes, 3u); /* And the tester. */
    cr_expect_geq(faults, 121u);
    play_free(play);
}

/* A script that fails leaves what there was to see until then. */
Test(timeline_plays, a_play_in_error_has_a_timeline_too)
{
    struct play *play = play_to_look_at("master.start{ image = image{} } "
                                        "bus.wait{ service = 0x27 } error('enough')");
    cr_expect_eq(play->result.verdict, VERDICT_ERROR);
    (void)span_at(lane_of(play, LANE_SERVICE), "10 programmingSession", 0);
    play_free(play);
}
