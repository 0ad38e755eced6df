/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/sample_timeline.c - an update of 13 s, written down by hand. */
#include "tests/reports/sample_timeline.h"

#include <stdio.h>
#include <string.h>

static const sim_ns_t fault_ns = SIM_MS(7412), violated_ns = SIM_MS(8934) + SIM_US(271);

static void add_service(struct timeline_lane *lane, sim_ns_t *at_ns, sim_ns_t for_ns,
                        const char *text, enum timeline_tone tone)
{
    timeline_lane_span(lane, *at_ns, *at_ns + for_ns, text, tone);
    *at_ns += for_ns + SIM_MS(3);
}

static void add_services(struct timeline *timeline, unsigned blocks)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_SERVICE, "bcm");
    sim_ns_t at_ns = SIM_MS(20);
    add_service(lane, &at_ns, SIM_MS(4), "22 ReadDataByIdentifier", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(5), "10 DiagnosticSessionControl", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(8), "31 RoutineControl", TONE_WARN);
    add_service(lane, &at_ns, SIM_MS(240), "10 DiagnosticSessionControl", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(12), "27 SecurityAccess", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(14), "27 SecurityAccess", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(2350), "31 RoutineControl", TONE_GOOD);
    add_service(lane, &at_ns, SIM_MS(7), "34 RequestDownload", TONE_GOOD);
    for (unsigned i = 0; i < blocks && at_ns < fault_ns; i++) {
        add_service(lane, &at_ns, SIM_US(4600000 / (blocks + 1)), "36 TransferData", TONE_GOOD);
    }
    timeline_lane_span(lane, fault_ns - SIM_MS(9), SIM_MS(8920), "36 TransferData", TONE_BAD);
    timeline_lane_span(lane, SIM_MS(8925), SIM_MS(8932), "37 RequestTransferExit", TONE_WARN);
    timeline_lane_span(lane, SIM_MS(8950), SIM_MS(9200), "31 RoutineControl", TONE_WARN);
    timeline_lane_span(lane, SIM_MS(9230), SIM_MS(9233), "11 ECUReset", TONE_GOOD);
}

static void add_states(struct timeline *timeline)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_SESSION, "bcm");
    timeline_lane_span(lane, 0, SIM_MS(27), "default", TONE_PLAIN);
    timeline_lane_span(lane, SIM_MS(27), SIM_MS(48), "extended", TONE_BUSY);
    timeline_lane_span(lane, SIM_MS(48), SIM_MS(280), "reset", TONE_WARN);
    timeline_lane_span(lane, SIM_MS(280), fault_ns + SIM_MS(3), "programming", TONE_BUSY);
    timeline_lane_span(lane, fault_ns + SIM_MS(3), SIM_MS(7530), "off", TONE_BAD);
    timeline_lane_span(lane, SIM_MS(7530), SIM_S(13), "default", TONE_PLAIN);
    lane = timeline_add_lane(timeline, LANE_LOCK, "bcm");
    timeline_lane_span(lane, SIM_MS(320), fault_ns + SIM_MS(3), "level 1", TONE_GOOD);
    lane = timeline_add_lane(timeline, LANE_FLASH, "bcm");
    timeline_lane_span(lane, SIM_MS(330), SIM_MS(2650), "erasing", TONE_BUSY);
    timeline_lane_span(lane, SIM_MS(2700), fault_ns + SIM_MS(3), "programming", TONE_BUSY);
    timeline_lane_span(lane, fault_ns + SIM_MS(3), fault_ns + SIM_MS(3), "torn phrase 0x7A1C40",
                       TONE_BAD);
}

static void add_curves(struct timeline *timeline, unsigned blocks)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_BUS_LOAD, "body");
    timeline_lane_point(lane, 0, 3.5);
    for (unsigned i = 0; i < 90; i++) {
        const sim_ns_t at_ns = SIM_MS(100 + 100 * i);
        const bool busy = at_ns > SIM_MS(2700) && at_ns < fault_ns;
        timeline_lane_point(lane, at_ns, busy ? 61 + (double)(i * 7 % 12) : 4 + (double)(i % 3));
    }
    timeline_lane_point(lane, SIM_MS(9300), 3.5);
    lane = timeline_add_lane(timeline, LANE_SUPPLY, "bcm");
    timeline_lane_point(lane, 0, 13500);
    for (unsigned i = 0; i <= 20; i++) {
        timeline_lane_point(lane, fault_ns - SIM_MS(20) + SIM_MS(1) * i, 13500 - 470.0 * i);
    }
    timeline_lane_point(lane, SIM_MS(7500), 9000);
    timeline_lane_point(lane, SIM_MS(7560), 13500);
    lane = timeline_add_lane(timeline, LANE_PROGRESS, "bcm");
    timeline_lane_point(lane, 0, 0);
    for (unsigned i = 0; i < blocks; i++) {
        timeline_lane_point(lane, SIM_MS(2720) + SIM_US(4690000 / blocks) * i, 1024.0 * (i + 1));
    }
}

static void add_master(struct timeline *timeline)
{
    struct timeline_lane *lane = timeline_add_lane(timeline, LANE_PHASE, "");
    timeline_lane_span(lane, SIM_MS(15), SIM_MS(330), "preparing", TONE_BUSY);
    timeline_lane_span(lane, SIM_MS(330), SIM_MS(2650), "erasing", TONE_BUSY);
    timeline_lane_span(lane, SIM_MS(2650), SIM_MS(8920), "transferring", TONE_BUSY);
    timeline_lane_span(lane, SIM_MS(8920), SIM_MS(9200), "checking", TONE_WARN);
    timeline_lane_span(lane, SIM_MS(9200), SIM_MS(9300), "resetting", TONE_BUSY);
    lane = timeline_add_lane(timeline, LANE_MASTER, "");
    timeline_lane_span(lane, 0, SIM_MS(11800), "life 1, exit code 0", TONE_BAD);
    lane = timeline_add_lane(timeline, LANE_STORAGE, "");
    for (unsigned i = 0; i < 40; i++) {
        const sim_ns_t at_ns = SIM_MS(30) + SIM_MS(170) * i;
        timeline_lane_span(lane, at_ns, at_ns + SIM_MS(2), i % 4 == 3 ? "sync" : "write progress",
                           TONE_PLAIN);
    }
    timeline_lane_span(lane, SIM_MS(9290), SIM_MS(9290), "rename result", TONE_GOOD);
    lane = timeline_add_lane(timeline, LANE_FAULT, "brown-out");
    timeline_lane_span(lane, fault_ns - SIM_MS(20), SIM_MS(7560), "brown-out to 4.1 V", TONE_BAD);
    lane = timeline_add_lane(timeline, LANE_FAULT, "drop answer");
    timeline_lane_span(lane, SIM_MS(36), SIM_MS(36), "frame lost", TONE_WARN);
}

static void add_message(struct timeline *timeline, uint32_t focus, sim_ns_t at_ns,
                        const char *const texts[static 5], enum timeline_tone tone)
{
    char own[5][120];
    const bool request = texts[0][0] == '>';
    for (size_t i = 0; i < 5; i++) {
        snprintf(own[i], sizeof own[i], "%s", texts[i]);
    }
    char names[3][8] = {"body", "master", "bcm"};
    timeline_add_message(
        timeline, &(struct timeline_message){
                      .begin_ns = at_ns,
                      .end_ns = strchr(own[0], '!') != NULL ? SIM_NEVER : at_ns + SIM_US(250),
                      .bus = names[0],
                      .from = names[request ? 1 : 2],
                      .to = names[request ? 2 : 1],
                      .service = own[1],
                      .meaning = own[2],
                      .shape = own[3],
                      .bytes = own[4],
                      .len_bytes = (uint32_t)(strlen(own[4]) + 1) / 3,
                      .bus_line = 4000 + (uint32_t)timeline->messages_len,
                      .focus = focus,
                      .tone = tone,
                      .lost = strchr(own[0], '!') != NULL,
                      .struck = strchr(own[0], '*') != NULL,
                  });
}

static void add_messages(struct timeline *timeline)
{
    static const struct {
        uint32_t focus;
        sim_ns_t at_ns;
        const char *texts[5];
        enum timeline_tone tone;
    } messages[] = {
        {0,
         SIM_MS(7385),
         {">", "36 TransferData", "block 0x9E", "FF + 146 CF, BS 8, STmin 0",
          "36 9E 4A 00 11 F2 80 01 C3 5D 00 10 \xE2\x80\xA6"},
         TONE_PLAIN},
        {0, SIM_MS(7401), {"<", "36 TransferData", "block 0x9E taken", "SF", "76 9E"}, TONE_GOOD},
        {0,
         SIM_MS(7403),
         {">!*", "36 TransferData", "block 0x9F", "FF + 88 of 146 CF, BS 8, STmin 0",
          "36 9F 00 FF 20 41 5C 6D 00 90 12 44 \xE2\x80\xA6"},
         TONE_BAD},
        {1,
         SIM_MS(8920),
         {">", "3E TesterPresent", "suppressed answer", "SF", "3E 80"},
         TONE_PLAIN},
        {1,
         SIM_MS(8925),
         {">", "37 RequestTransferExit", "SHA-1", "FF + 3 CF, BS 8, STmin 0",
          "37 DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF"},
         TONE_PLAIN},
        {1,
         SIM_MS(8932),
         {"<", "37 RequestTransferExit", "NRC 7F serviceNotSupportedInActiveSession", "SF",
          "7F 37 7F"},
         TONE_WARN},
        {1,
         SIM_MS(8950),
         {">", "31 RoutineControl", "startRoutine checkProgrammingDependencies", "SF",
          "31 01 FF 01"},
         TONE_PLAIN},
        {1,
         SIM_MS(9200),
         {"<", "31 RoutineControl", "NRC 7F serviceNotSupportedInActiveSession", "SF", "7F 31 7F"},
         TONE_WARN},
        {1, SIM_MS(9230), {">", "11 ECUReset", "hardReset", "SF", "11 01"}, TONE_PLAIN},
        {1, SIM_MS(9233), {"<", "11 ECUReset", "hardReset", "SF", "51 01"}, TONE_GOOD},
    };
    for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
        add_message(timeline, messages[i].focus, messages[i].at_ns, messages[i].texts,
                    messages[i].tone);
    }
}

static void add_flash(struct timeline *timeline)
{
    enum { SECTORS = 1024 };
    char name[] = "bcm", state[SECTORS + 1];
    uint32_t erased[SECTORS] = {0};
    memset(state, SECTOR_ERASED, SECTORS);
    memset(state, SECTOR_FULL, 160);
    for (size_t i = 0; i < 640; i++) {
        erased[i] = 1 + (i >= 150 && i < 170);
    }
    state[160] = SECTOR_TORN;
    state[161] = SECTOR_PART;
    state[300] = SECTOR_BROKEN;
    state[420] = SECTOR_WEAK;
    state[421] = SECTOR_WEAK;
    memset(state + 992, SECTOR_BOOT, 32);
    state[SECTORS] = '\0';
    timeline_add_flash(timeline, &(struct timeline_flash){.ecu = name,
                                                          .base = 0x700000,
                                                          .sector_bytes = 1024,
                                                          .sectors_len = SECTORS,
                                                          .state = state,
                                                          .erased = erased});
}

void sample_timeline_make(struct timeline *timeline, unsigned blocks)
{
    *timeline = (struct timeline){.end_ns = SIM_S(13)};
    add_master(timeline);
    add_services(timeline, blocks);
    add_curves(timeline, blocks);
    add_states(timeline);
    timeline_add_focus(timeline, fault_ns, "INV-4: no write below the limit");
    timeline_add_focus(timeline, violated_ns, "INV-3: resumes after a power cut");
    add_messages(timeline);
    add_flash(timeline);
}

void sample_timeline_make_of(struct timeline *timeline, const char *text)
{
    char own[TIMELINE_TEXT_MAX];
    snprintf(own, sizeof own, "%s", text);
    *timeline = (struct timeline){.end_ns = SIM_S(1)};
    for (int kind = 0; kind < LANE_KINDS; kind++) {
        struct timeline_lane *lane =
            timeline_add_lane(timeline, (enum timeline_lane_kind)kind, own);
        for (int tone = 0; tone < TONES; tone++) {
            timeline_lane_span(lane, SIM_MS(100) * (sim_ns_t)tone,
                               SIM_MS(100) * (sim_ns_t)tone + SIM_MS(90), own,
                               (enum timeline_tone)tone);
            timeline_lane_span(lane, SIM_MS(700), SIM_MS(700), own, (enum timeline_tone)tone);
        }
    }
    timeline_add_focus(timeline, SIM_MS(500), own);
    timeline_add_message(timeline, &(struct timeline_message){.begin_ns = SIM_MS(500),
                                                              .end_ns = SIM_NEVER,
                                                              .bus = own,
                                                              .from = own,
                                                              .to = own,
                                                              .service = own,
                                                              .meaning = own,
                                                              .shape = own,
                                                              .bytes = own,
                                                              .lost = true,
                                                              .struck = true});
    char state[] = ".#+TwXB\x01";
    uint32_t erased[] = {0, 1, 2, 3, 4, 5, UINT32_MAX, 7};
    timeline_add_flash(timeline, &(struct timeline_flash){.ecu = own,
                                                          .base = UINT32_MAX - 4,
                                                          .sector_bytes = 1024,
                                                          .sectors_len = 8,
                                                          .state = state,
                                                          .erased = erased});
}
