/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_kind.c - the table of the kinds of faults. */
#include "scenarios/explore/fault_kind.h"

#include <inttypes.h>
#include <string.h>

const struct fault_target_row fault_targets[FAULT_TARGETS] = {
    [FAULT_EXTENDED] = {"extended session (10 03)", 0x10, 3, 0, 2},
    [FAULT_PROGRAMMING] = {"programming session (10 02)", 0x10, 2, 0, 2},
    [FAULT_DEFAULT] = {"default session (10 01)", 0x10, 1, 0, 2},
    [FAULT_PRECONDITIONS] = {"check of preconditions (31 0203)", 0x31, 0, 0x0203, 1},
    [FAULT_DTC_SETTING] = {"setting of trouble codes (85)", 0x85, 0, 0, 1},
    [FAULT_COMMUNICATION] = {"communication control (28)", 0x28, 0, 0, 1},
    [FAULT_KEY] = {"security access (27)", 0x27, 0, 0, 2},
    [FAULT_ERASE] = {"erase (31 FF00)", 0x31, 0, 0xFF00, 3},
    [FAULT_DOWNLOAD] = {"request for download (34)", 0x34, 0, 0, 3},
    [FAULT_BLOCK] = {"block (36)", 0x36, 0, 0, 8},
    [FAULT_EXIT] = {"end of a transfer (37)", 0x37, 0, 0, 3},
    [FAULT_DEPENDENCIES] = {"check of dependencies (31 FF01)", 0x31, 0, 0xFF01, 2},
    [FAULT_READ] = {"read of an identifier (22)", 0x22, 0, 0, 2},
    [FAULT_CLEAR] = {"clearing of trouble codes (14)", 0x14, 0, 0, 1},
    [FAULT_SEED] = {"request for a seed (27 01)", 0x27, 1, 0, 1},
    [FAULT_SEND_KEY] = {"key (27 02)", 0x27, 2, 0, 1},
};

/* The two that are part of FAULT_KEY are for kinds that name them. */
#define ALL_TARGETS  ((1u << FAULT_SEED) - 1u)
#define ONLY(target) (1u << (target))
/* What a master restores the network with: who leaves does not wait for 78. */
#define RESTORING                                                                                  \
    (ONLY(FAULT_EXTENDED) | ONLY(FAULT_COMMUNICATION) | ONLY(FAULT_DTC_SETTING) |                  \
     ONLY(FAULT_CLEAR) | ONLY(FAULT_DEFAULT))

/* Whose answers repeat a part of the request. */
#define ECHOED   (ALL_TARGETS & ~(ONLY(FAULT_DOWNLOAD) | ONLY(FAULT_EXIT) | ONLY(FAULT_CLEAR)))
#define ROUTINES (ONLY(FAULT_PRECONDITIONS) | ONLY(FAULT_ERASE) | ONLY(FAULT_DEPENDENCIES))
/* What works on the flash, or leads to it. */
#define PROGRAMS                                                                                   \
    (ONLY(FAULT_PROGRAMMING) | ONLY(FAULT_ERASE) | ONLY(FAULT_DOWNLOAD) | ONLY(FAULT_BLOCK) |      \
     ONLY(FAULT_EXIT))

static const char *const way_words[] = {"\"request\"", "\"answer\""};
static const char *const flag_words[] = {"false", "true"};
static const char *const priority_words[] = {"\"high\"", "\"low\""};
static const char *const wire_words[] = {"\"dominant\"", "\"recessive\""};
static const char *const node_words[] = {"ecu", "master"};
static const char *const then_words[] = {"\"answer\"", "\"silence\""};
static const char *const operation_words[] = {"\"erase\"", "\"program\""};
static const char *const moment_words[] = {"\"program\"", "\"in flight\""};
static const char *const file_words[] = {"\"write\"", "\"sync\""};
static const char *const error_words[] = {"\"EIO\"", "\"ENOSPC\""};
static const char *const foreign_words[] = {"\"02 7E 00\"", "\"03 7F 36 78\"", "\"02 76 01\""};
static const char *const nrc_words[] = {"0x21", "0x10", "0x22", "0x24", "0x31", "0x33",
                                        "0x70", "0x72", "0x73", "0x7F", "0x92", "0x93"};
static const char *const block_nrc_words[] = {"0x73", "0x71", "0x72", "0x24"};
static const char *const key_nrc_words[] = {"0x35", "0x36", "0x37", "0x22", "0x24"};
static const char *const voltage_nrc_words[] = {"0x93", "0x92"};
static const char *const final_nrc_words[] = {"0x22", "0x93", "0x35", "0x37", "0x72",
                                              "0x70", "0x31", "0x33", "0x10", "0x21"};
static const char *const flow_words[] = {"waits = \"never\"", "overflow = true",
                                         "leave_out = true"};
static const char *const version_words[] = {"version = \"1.1.0\"", "version = \"9.9.9\"",
                                            "hidden = true"};
static const char *const seed_words[] = {"\"zero\"", "\"same\""};
static const char *const all_error_words[] = {"\"EIO\"", "\"ENOSPC\"", "\"EROFS\"", "\"EDQUOT\""};

#define WORD(name, words)                                                                          \
    {                                                                                              \
        name, FAULT_WORD, 0, ARRAY_SIZE(words) - 1, 0, words, false                                \
    }
#define IMPLIED_WORD(name, words)                                                                  \
    {                                                                                              \
        name, FAULT_WORD, 0, ARRAY_SIZE(words) - 1, 0, words, true                                 \
    }
#define VALUE(name, unit, min, max, simple)                                                        \
    {                                                                                              \
        name, unit, min, max, simple, NULL, false                                                  \
    }
#define IMPLIED(name, unit, min, max, simple)                                                      \
    {                                                                                              \
        name, unit, min, max, simple, NULL, true                                                   \
    }
#define TIMES(max) IMPLIED("times", FAULT_NUMBER, 1, max, 1)
#define AFTER      VALUE("after", FAULT_US, 0, 300000, 0)

static void print_set(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    (void)scope;
    fprintf(to, ", set = { [%" PRIu32 "] = { flip = 0x%02X } }", fault_value(fault, "byte"),
            1u << fault_value(fault, "bit"));
}

static void print_id(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    (void)fault;
    fprintf(to, ", id = 0x%03" PRIX32, scope->foreign_id);
}

static void print_node(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    fprintf(to, ", node = \"%s\"", fault_value(fault, "node") == 0 ? scope->ecu : "master");
}

static void print_journal(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    (void)fault;
    if (scope->journal != NULL) {
        fprintf(to, ", path = \"%s\"", scope->journal);
    }
}

/* A word that is an option as it stands. */
static void print_word(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    (void)scope;
    fprintf(to, ", %s", fault_kinds[fault->kind].parameters[0].words[fault->values[0]]);
}

static void print_sector(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    fprintf(to, ", address = 0x%06" PRIX32 ", bytes = 1024",
            scope->sectors[fault_value(fault, "sector")]);
}

/* Parts of 1. */
static void print_gateway(FILE *to, const struct fault *fault, const struct fault_scope *scope)
{
    (void)scope;
    fprintf(to, ", loss = 0.%06" PRIu32 ", twice = 0.%06" PRIu32, fault_value(fault, "loss"),
            fault_value(fault, "twice"));
}

/* clang-format off */
const struct fault_kind fault_kinds[] = {
    {.name = "lost message", .text = "is lost", .family = FAULT_OF_FRAMES,
     .tie = FAULT_HITS_MESSAGE, .weight = 10, .most = 64, .targets = ALL_TARGETS,
     .parameters = {WORD("way", way_words), TIMES(3)}, .call = "bus.lose",
     .start = fault_start_lost},
    {.name = "late message", .text = "arrives late", .family = FAULT_OF_FRAMES,
     .tie = FAULT_HITS_MESSAGE, .weight = 6, .most = 64, .targets = ALL_TARGETS,
     .parameters = {WORD("way", way_words), VALUE("by", FAULT_MS, 1, 1500, 100), TIMES(2)},
     .call = "bus.delay", .start = fault_start_late},
    {.name = "doubled message", .text = "arrives more than once", .family = FAULT_OF_FRAMES,
     .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64, .targets = ALL_TARGETS,
     .parameters = {WORD("way", way_words), VALUE("copies", FAULT_NUMBER, 1, 3, 1), TIMES(3)},
     .call = "bus.duplicate", .start = fault_start_doubled},
    {.name = "damaged frame", .text = "is destroyed on the wire, and the controller sends it again",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64,
     .targets = ALL_TARGETS, .parameters = {WORD("way", way_words), TIMES(12)},
     .call = "bus.damage", .fixed = "part = { \"single\", \"first\" }",
     .start = fault_start_damaged},
    {.name = "swapped frames", .text = "has two of its frames the wrong way round",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 2, .most = 64,
     .targets = ONLY(FAULT_BLOCK), .parameters = {VALUE("index", FAULT_NUMBER, 1, 4, 1)},
     .call = "bus.reorder", .fixed = "way = \"request\"", .start = fault_start_swapped},
    {.name = "lost frame", .text = "lacks a frame", .family = FAULT_OF_FRAMES,
     .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64, .targets = ONLY(FAULT_BLOCK),
     .parameters = {VALUE("index", FAULT_NUMBER, 1, 4, 1)}, .call = "bus.lose",
     .fixed = "way = \"request\"", .start = fault_start_lost_frame},
    {.name = "lost flow control", .text = "never hears that it may go on",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64,
     .targets = ONLY(FAULT_BLOCK), .parameters = {TIMES(3)}, .call = "bus.lose",
     .fixed = "way = \"answer\", part = \"flow\"", .start = fault_start_lost_flow},
    {.name = "changed answer", .text = "has a bit changed behind a correct checksum",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 2, .says_no = true,
     .targets = ALL_TARGETS & ~ONLY(FAULT_READ),
     .parameters = {IMPLIED("byte", FAULT_NUMBER, 0, 1, 0), IMPLIED("bit", FAULT_NUMBER, 0, 7, 0)},
     .call = "bus.change", .fixed = "way = \"answer\"", .print = print_set,
     .start = fault_start_changed_answer},
    {.name = "changed block", .text = "has a bit changed behind a correct checksum",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 1, .says_no = true,
     .targets = ONLY(FAULT_BLOCK),
     .parameters = {IMPLIED("byte", FAULT_NUMBER, 6, 20, 6), IMPLIED("bit", FAULT_NUMBER, 0, 7, 0)},
     .call = "bus.change", .fixed = "way = \"request\"", .print = print_set,
     .start = fault_start_changed_block},
    {.name = "wrong seed", .text = "has other bits, so that the key will be wrong",
     .family = FAULT_OF_FRAMES, .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 1, .says_no = true,
     .targets = ONLY(FAULT_SEED),
     .parameters = {IMPLIED("byte", FAULT_NUMBER, 2, 5, 2), IMPLIED("bit", FAULT_NUMBER, 0, 7, 0),
                   TIMES(4)}, .call = "bus.change", .fixed = "way = \"answer\"", .print = print_set,
     .start = fault_start_wrong_seed},
    {.name = "loss", .text = "of frames at random", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 3, .most = 2, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 10, 5000, 1000), VALUE("chance_ppm",
                   FAULT_NUMBER, 1000, 50000, 50000)}, .call = "bus.lose",
     .start = fault_start_loss},
    {.name = "slow gateway", .text = "answers come late", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 3, .most = 4, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 10, 5000, 1000), VALUE("by", FAULT_MS, 1, 100,
                   40)}, .call = "bus.delay", .fixed = "way = \"answer\"",
     .start = fault_start_gateway},
    {.name = "bus load", .text = "foreign traffic", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 4, .most = 4, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 10, 10000, 1000), VALUE("percent",
                   FAULT_NUMBER, 10, 120, 100), WORD("priority", priority_words)},
     .call = "bus.load", .start = fault_start_load},
    {.name = "babbling node", .text = "nobody else gets through", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 4, .most = 4, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 1, 10000, 1000)}, .call = "bus.babble",
     .start = fault_start_babble},
    {.name = "short circuit", .text = "of the wires", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 4, .most = 1, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 1, 10000, 1000), WORD("wires", wire_words)},
     .call = "bus.short", .start = fault_start_short},
    {.name = "bus-off", .text = "each frame of a node is destroyed", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 4, .most = 4, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 1, 2000, 200), IMPLIED_WORD("node", node_words)},
     .call = "bus.bus_off", .print = print_node, .start = fault_start_bus_off},
    {.name = "foreign answers", .text = "of an ECU that nobody has asked", .family = FAULT_OF_BUS,
     .tie = FAULT_BEGINS_AFTER, .weight = 3, .most = 6, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("every", FAULT_MS, 1, 500, 100), VALUE("times", FAULT_NUMBER, 1,
                   10, 1), WORD("data", foreign_words)}, .call = "bus.send", .print = print_id,
     .start = fault_start_foreign},
    {.name = "refused request", .text = "is refused", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 8, .most = 64, .says_no = true, .targets = ALL_TARGETS,
     .parameters = {WORD("nrc", nrc_words), TIMES(3)}, .call = "ecu.answer",
     .start = fault_start_refused},
    {.name = "no answer", .text = "is not answered", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 6, .most = 64, .targets = ALL_TARGETS,
     .parameters = {WORD("works", flag_words), TIMES(3)}, .call = "ecu.mute",
     .start = fault_start_mute},
    {.name = "pending answer", .text = "is answered with 78 first", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 6, .most = 64, .targets = ALL_TARGETS & ~RESTORING,
     .parameters = {VALUE("count", FAULT_NUMBER, 1, 4, 1), VALUE("every", FAULT_MS, 100, 4500,
                   1000), WORD("then_", then_words)}, .call = "ecu.pending",
     .start = fault_start_pending},
    {.name = "slow answer", .text = "is answered late", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64, .targets = ALL_TARGETS,
     .parameters = {VALUE("by", FAULT_MS, 1, 1500, 100), TIMES(3)}, .call = "ecu.delay",
     .start = fault_start_slow},
    {.name = "lost session", .text = "finds the ECU in its default session", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 64, .says_no = true, .targets = ALL_TARGETS,
     .parameters = {TIMES(2)}, .call = "ecu.lose_session", .start = fault_start_lost_session},
    {.name = "flow control waits", .text = "is told to wait", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 64, .targets = ONLY(FAULT_BLOCK),
     .parameters = {VALUE("waits", FAULT_NUMBER, 1, 9, 1), VALUE("every", FAULT_MS, 1, 900, 500),
                   TIMES(2)}, .call = "ecu.flow", .start = fault_start_waits},
    {.name = "flow control overflow", .text = "does not fit, the ECU says", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 2, .most = 64, .targets = ONLY(FAULT_BLOCK),
     .parameters = {TIMES(2)}, .call = "ecu.flow", .fixed = "overflow = true",
     .start = fault_start_overflow},
    {.name = "no flow control", .text = "is not told to go on", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 64, .targets = ONLY(FAULT_BLOCK),
     .parameters = {TIMES(3)}, .call = "ecu.flow", .fixed = "leave_out = true",
     .start = fault_start_no_flow},
    {.name = "small blocks", .text = "may come in small blocks only", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 64, .targets = ONLY(FAULT_BLOCK),
     .parameters = {VALUE("block_size", FAULT_NUMBER, 1, 16, 8), VALUE("st_min", FAULT_NUMBER, 0,
                   20, 0), TIMES(3)}, .call = "ecu.flow", .start = fault_start_small_blocks},
    {.name = "wrong echo", .text = "has a bit of its echo changed by the ECU",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .weight = 5, .most = 4, .targets = ECHOED,
     .parameters = {IMPLIED("byte", FAULT_NUMBER, 1, 1, 1), IMPLIED("bit", FAULT_NUMBER, 0, 7, 0),
                   TIMES(3)}, .call = "ecu.change", .print = print_set,
     .start = fault_start_wrong_echo},
    {.name = "failed routine", .text = "says that the routine has failed", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 4, .most = 2, .says_no = true, .targets = ROUTINES,
     .parameters = {IMPLIED("byte", FAULT_NUMBER, 4, 4, 4), IMPLIED("bit", FAULT_NUMBER, 0, 3, 0),
                   TIMES(3)}, .call = "ecu.change", .print = print_set,
     .start = fault_start_wrong_echo},
    {.name = "refused block", .text = "is refused", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 5, .most = 4, .says_no = true,
     .targets = ONLY(FAULT_BLOCK), .parameters = {WORD("nrc", block_nrc_words), TIMES(3)},
     .call = "ecu.answer", .start = fault_start_refused},
    {.name = "refused key", .text = "is refused", .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE,
     .weight = 3, .most = 2, .says_no = true, .targets = ONLY(FAULT_SEED) | ONLY(FAULT_SEND_KEY),
     .parameters = {WORD("nrc", key_nrc_words), TIMES(3)}, .call = "ecu.answer",
     .start = fault_start_refused},
    {.name = "wrong voltage", .text = "is refused because of the voltage", .family = FAULT_OF_ECU,
     .tie = FAULT_HITS_MESSAGE, .weight = 3, .most = 2, .says_no = true,
     .targets = PROGRAMS,
     .parameters = {WORD("nrc", voltage_nrc_words), TIMES(10)}, .call = "ecu.answer",
     .start = fault_start_refused},
    {.name = "refused for good", .text = "is refused until the campaign is over",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .end = FAULT_ENDS_WITH_CAMPAIGN,
     .weight = 4, .most = 1, .says_no = true,
     .targets = ALL_TARGETS | ONLY(FAULT_SEED) | ONLY(FAULT_SEND_KEY),
     .parameters = {WORD("nrc", final_nrc_words)}, .call = "ecu.answer",
     .start = fault_start_refused},
    {.name = "never answered", .text = "is not answered until the campaign is over",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .end = FAULT_ENDS_WITH_CAMPAIGN,
     .weight = 2, .most = 1, .says_no = true, .targets = ALL_TARGETS & ~RESTORING,
     .parameters = {WORD("works", flag_words)}, .call = "ecu.mute", .start = fault_start_mute},
    {.name = "pending for ever", .text = "is answered with 78 again and again",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .end = FAULT_ENDS_WITH_CAMPAIGN,
     .weight = 3, .most = 1, .says_no = true, .targets = ALL_TARGETS & ~RESTORING,
     .parameters = {VALUE("every", FAULT_MS, 100, 4500, 1000)}, .call = "ecu.pending",
     .fixed = "then_ = \"never\"", .start = fault_start_pending_for_ever},
    {.name = "no way in", .text = "cannot come in until the campaign is over",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .end = FAULT_ENDS_WITH_CAMPAIGN,
     .weight = 2, .most = 1, .says_no = true, .targets = ONLY(FAULT_BLOCK),
     .parameters = {IMPLIED_WORD("flow", flow_words)}, .call = "ecu.flow", .print = print_word,
     .start = fault_start_no_way_in},
    {.name = "too many waits", .text = "is told to wait more often than N_WFTmax",
     .family = FAULT_OF_ECU, .tie = FAULT_HITS_MESSAGE, .weight = 2, .most = 4,
     .targets = ONLY(FAULT_BLOCK),
     .parameters = {VALUE("waits", FAULT_NUMBER, 10, 40, 10), VALUE("every", FAULT_MS, 1, 900,
                   500), TIMES(2)}, .call = "ecu.flow", .start = fault_start_waits},
    {.name = "other version", .text = "the ECU tells another version than it has",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_ENDS_WITH_CAMPAIGN, .weight = 2,
     .most = 1, .says_no = true, .parameters = {IMPLIED_WORD("version", version_words)},
     .call = "ecu.quirk", .quirk = "Q6", .print = print_word,
     .start = fault_start_other_version},
    {.name = "liar", .text = "the ECU says yes to everything and keeps the old image",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_ENDS_WITH_CAMPAIGN, .weight = 3,
     .most = 1, .says_no = true, .call = "ecu.quirk", .quirk = "Q6", .start = fault_start_liar},
    {.name = "repeats refused", .text = "a repeated block is refused with 24",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 2, .most = 1,
     .call = "ecu.quirk", .quirk = "Q2", .start = fault_start_quirk},
    {.name = "no erase guard", .text = "what is blank is erased all the same",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 2, .most = 1,
     .call = "ecu.quirk", .quirk = "Q3", .start = fault_start_quirk},
    {.name = "strict session", .text = "S3 runs while a request is in work", .family = FAULT_OF_ECU,
     .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 4, .most = 1, .call = "ecu.quirk",
     .quirk = "Q4", .start = fault_start_quirk},
    {.name = "slow start", .text = "the application answers late after a reset",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 2, .most = 1,
     .parameters = {VALUE("boot", FAULT_MS, 1, 7000, 3000), VALUE("bootloader", FAULT_MS, 1, 1000,
                   1)}, .call = "ecu.quirk", .quirk = "Q5", .start = fault_start_slow_start},
    {.name = "write-back", .text = "a cut takes away the blocks that were acknowledged last",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 3, .most = 1,
     .parameters = {VALUE("blocks", FAULT_NUMBER, 1, 4, 1)}, .call = "ecu.quirk", .quirk = "Q7",
     .start = fault_start_write_back},
    {.name = "small buffer", .text = "long requests come in as the ECU has room for them",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 3, .most = 1,
     .parameters = {VALUE("waits", FAULT_NUMBER, 0, 5, 2), VALUE("wait", FAULT_MS, 1, 900, 200),
                   VALUE("block_size", FAULT_NUMBER, 0, 15, 1), VALUE("st_min", FAULT_NUMBER, 0,
                   20, 0)}, .call = "ecu.quirk", .quirk = "Q8", .fixed = "buffer = 4095",
     .start = fault_start_small_buffer},
    {.name = "blind flash", .text = "data are taken for flash that is not blank",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 3, .most = 1,
     .is_blind = true,
     .call = "ecu.quirk", .quirk = "Q9", .start = fault_start_quirk},
    {.name = "slow ECU", .text = "the ECU is slow, within what it announces",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 4, .most = 1,
     .parameters = {VALUE("p2_star", FAULT_MS, 1000, 20000, 5000),
                    VALUE("answer", FAULT_MS, 1, 30, 20),
                    VALUE("erase", FAULT_MS, 5500, 8000, 6000)}, .call = "ecu.quirk",
     .quirk = "Q10", .fixed = "p2 = \"200ms\"", .start = fault_start_slow_ecu},
    {.name = "odd seed", .text = "the seed is zero, or the same each time", .family = FAULT_OF_ECU,
     .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 2, .most = 1,
     .parameters = {WORD("seed", seed_words)}, .call = "ecu.quirk", .quirk = "Q11",
     .start = fault_start_odd_seed},
    {.name = "bad gateway", .text = "answers come late, twice or not at all",
     .family = FAULT_OF_ECU, .tie = FAULT_FROM_BEGIN, .end = FAULT_STAYS, .weight = 2, .most = 1,
     .parameters = {VALUE("delay", FAULT_MS, 1, 20, 20), VALUE("jitter", FAULT_MS, 1, 5, 5),
                   IMPLIED("loss", FAULT_NUMBER, 0, 10000, 10000), IMPLIED("twice", FAULT_NUMBER,
                   0, 10000, 10000)}, .call = "ecu.quirk", .quirk = "Q14", .print = print_gateway,
     .start = fault_start_bad_gateway},
    {.name = "slow flash", .text = "takes longer", .family = FAULT_OF_FLASH,
     .tie = FAULT_HITS_COMMAND, .weight = 3, .most = 6,
     .parameters = {WORD("operation", operation_words), VALUE("factor", FAULT_NUMBER, 2, 50, 10),
                   TIMES(20)}, .call = "flash.slow", .start = fault_start_slow_flash},
    {.name = "failed flash", .text = "fails once", .family = FAULT_OF_FLASH,
     .tie = FAULT_HITS_COMMAND, .weight = 3, .most = 6, .says_no = true,
     .parameters = {WORD("operation", operation_words), TIMES(1)}, .call = "flash.fail",
     .start = fault_start_failed_flash},
    {.name = "idle flash", .text = "changes nothing and says that all is well",
     .family = FAULT_OF_FLASH, .tie = FAULT_HITS_COMMAND, .weight = 3, .most = 6, .says_no = true,
     .parameters = {WORD("operation", operation_words), TIMES(1)}, .call = "flash.ignore",
     .start = fault_start_idle_flash},
    {.name = "flipped bits", .text = "holds other bits", .family = FAULT_OF_FLASH,
     .tie = FAULT_HITS_COMMAND, .weight = 3, .most = 6, .says_no = true,
     .parameters = {WORD("moment", moment_words), VALUE("bits", FAULT_NUMBER, 1, 2, 1), TIMES(1)},
     .call = "flash.flip", .start = fault_start_flip},
    {.name = "bad sector", .text = "every command to one sector fails", .family = FAULT_OF_FLASH,
     .tie = FAULT_FROM_BEGIN, .end = FAULT_ENDS_WITH_CAMPAIGN, .weight = 2, .most = 1,
     .says_no = true, .parameters = {IMPLIED("sector", FAULT_NUMBER, 0, 7, 0)},
     .call = "flash.fail", .print = print_sector, .start = fault_start_bad_sector},
    {.name = "dead sector",
     .text = "no command to one sector has an effect, and the module says that all is well",
     .family = FAULT_OF_FLASH, .tie = FAULT_FROM_BEGIN, .end = FAULT_ENDS_WITH_CAMPAIGN,
     .weight = 3, .most = 1, .says_no = true,
     .parameters = {IMPLIED("sector", FAULT_NUMBER, 0, 7, 0)}, .call = "flash.ignore",
     .print = print_sector, .start = fault_start_dead_sector},
    {.name = "cut at a command", .text = "is cut off from its supply", .family = FAULT_OF_SUPPLY,
     .tie = FAULT_HITS_COMMAND, .weight = 6, .most = 8,
     .parameters = {WORD("operation", operation_words), VALUE("permille", FAULT_NUMBER, 0, 1000,
                   500), VALUE("for_", FAULT_MS, 1, 5000, 100)}, .call = "power.cut_at",
     .start = fault_start_cut_at},
    {.name = "power cut", .text = "the supply is gone", .family = FAULT_OF_SUPPLY,
     .tie = FAULT_BEGINS_AFTER, .weight = 8, .most = 8, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 1, 5000, 100)}, .call = "power.cut",
     .start = fault_start_cut},
    {.name = "brown-out", .text = "the supply breaks down", .family = FAULT_OF_SUPPLY,
     .tie = FAULT_BEGINS_AFTER, .weight = 5, .most = 8, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 1, 5000, 100), VALUE("to", FAULT_MV, 0, 9000,
                   3000), VALUE("ramp", FAULT_MS, 1, 100, 10)}, .call = "power.brownout",
     .start = fault_start_brownout},
    {.name = "ignition off", .text = "for a time", .family = FAULT_OF_SUPPLY,
     .tie = FAULT_BEGINS_AFTER, .weight = 2, .most = 2, .says_no = true, .targets = ALL_TARGETS,
     .parameters = {AFTER, VALUE("for_", FAULT_MS, 10, 5000, 1000)}, .call = "power.kl15",
     .fixed = "on = false", .start = fault_start_ignition},
    {.name = "store error", .text = "fails", .family = FAULT_OF_STORE, .tie = FAULT_HITS_FILE,
     .weight = 3, .most = 2,
     .parameters = {WORD("operation", file_words), WORD("error", error_words), TIMES(2)},
     .call = "store.fail", .print = print_journal, .start = fault_start_store},
    {.name = "store error for good", .text = "fails until the campaign is over",
     .family = FAULT_OF_STORE, .tie = FAULT_HITS_FILE, .end = FAULT_ENDS_WITH_CAMPAIGN, .weight = 2,
     .most = 1, .parameters = {WORD("operation", file_words), WORD("error", all_error_words)},
     .call = "store.fail", .print = print_journal, .start = fault_start_store},
};
/* clang-format on */
const size_t fault_kinds_len = ARRAY_SIZE(fault_kinds);

static const struct fault_parameter *find(const struct fault *fault, const char *name,
                                          uint32_t *value)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        if (strcmp(kind->parameters[i].name, name) == 0) {
            *value = fault->values[i];
            return &kind->parameters[i];
        }
    }
    return NULL;
}

uint32_t fault_value(const struct fault *fault, const char *name)
{
    uint32_t value = 0;
    CHECK(find(fault, name, &value) != NULL);
    return value;
}

sim_ns_t fault_value_ns(const struct fault *fault, const char *name)
{
    uint32_t value = 0;
    const struct fault_parameter *parameter = find(fault, name, &value);
    CHECK(parameter != NULL && (parameter->unit == FAULT_US || parameter->unit == FAULT_MS));
    return parameter->unit == FAULT_US ? SIM_US(value) : SIM_MS(value);
}

const char *fault_word(const struct fault *fault, const char *name)
{
    uint32_t value = 0;
    const struct fault_parameter *parameter = find(fault, name, &value);
    CHECK(parameter != NULL && parameter->unit == FAULT_WORD);
    return parameter->words[value];
}
