/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_scenario.c - writes a schedule of faults as a case in Lua. */
#include "scenarios/explore/fault_scenario.h"

#include "scenarios/engine/capability.h"
#include "scenarios/explore/fault_lua.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    FILE *to;
    const struct fault_scenario_cfg *cfg;
    const struct fault_schedule *schedule;
    const struct fault_outcome *outcome;
};

void fault_scenario_id(uint64_t seed, uint64_t number, char text[FAULT_CASE_CHARS])
{
    char id[FAULT_ID_CHARS];
    fault_schedule_id(number, id);
    (void)snprintf(text, FAULT_CASE_CHARS, "FAULTS-%" PRIu64 "-%s", seed, id);
}

static const struct fault_setting *setting_of(const struct writer *w)
{
    return &fault_settings[w->schedule->setting];
}

static void put(const struct writer *w, const char *text)
{
    fputs(text != NULL ? text : "", w->to);
}

/* One of fault_lua.h, without the licence. Null: nothing. */
static void put_function(const struct writer *w, const char *text)
{
    if (text != NULL) {
        fprintf(w->to, "%s\n", strchr(text, '\n') + 1);
    }
}

/* "100ms". */
static void put_value(FILE *to, const struct fault_parameter *parameter, uint32_t value)
{
    switch (parameter->unit) {
    case FAULT_NUMBER: fprintf(to, "%" PRIu32, value); return;
    case FAULT_HEX: fprintf(to, "0x%02" PRIX32, value); return;
    case FAULT_US:
        if (value % 1000u != 0) {
            fprintf(to, "\"%" PRIu32 "us\"", value);
        } else {
            fprintf(to, "\"%" PRIu32 "ms\"", value / 1000u);
        }
        return;
    case FAULT_MS:
        if (value % 1000u != 0) {
            fprintf(to, "\"%" PRIu32 "ms\"", value);
        } else {
            fprintf(to, "\"%" PRIu32 "s\"", value / 1000u);
        }
        return;
    case FAULT_MV: fprintf(to, "\"%" PRIu32 "mV\"", value); return;
    case FAULT_WORD: fputs(parameter->words[value], to); return;
    }
}

/* Which messages; the words of frames and those of ECUs differ. */
static void put_target(FILE *to, const struct fault *fault)
{
    const struct fault_target_row *row = &fault_targets[fault->target];
    const bool of_ecu = fault_kinds[fault->kind].family == FAULT_OF_ECU;
    if (row->rid != 0 && of_ecu) {
        fprintf(to, ", rid = 0x%04X", row->rid);
        return;
    }
    fprintf(to, ", service = 0x%02X", row->service);
    if (row->sub != 0) {
        fprintf(to, ", sub = %u", row->sub);
    }
    if (row->rid != 0) {
        fprintf(to, ", bytes = { [2] = 0x%02X, [3] = 0x%02X }", row->rid >> 8, row->rid & 0xFFu);
    }
}

static uint32_t times_of(const struct fault *fault)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        if (strcmp(kind->parameters[i].name, "times") == 0) {
            return fault->values[i];
        }
    }
    return 1;
}

/* From the nth on. */
static void put_first(FILE *to, const struct fault *fault)
{
    if (fault_kinds[fault->kind].tie == FAULT_HITS_FILE) {
        fprintf(to, ", nth = %" PRIu32, fault->nth);
    } else if (fault->nth > 1) {
        fprintf(to, ", skip = %" PRIu32, fault->nth - 1);
    }
}

static void put_turns(FILE *to, const struct fault *fault)
{
    const uint32_t times = times_of(fault);
    if (fault_kinds[fault->kind].end != FAULT_ENDS) {
        put_first(to, fault);
    } else if (fault_kinds[fault->kind].tie == FAULT_HITS_FILE) {
        fprintf(to, ", nth = %" PRIu32 ", times = %" PRIu32, fault->nth, times);
    } else if (times == 1) {
        fprintf(to, ", nth = %" PRIu32, fault->nth);
    } else {
        fprintf(to, ", skip = %" PRIu32 ", times = %" PRIu32, fault->nth - 1, times);
    }
}

/* So long after the request that reach() has waited for. */
static void put_begin(FILE *to, sim_ns_t after_ns)
{
    fputs(", from = over", to);
    if (after_ns != 0) {
        fprintf(to, " + %.6f", (double)after_ns / 1e9);
    }
}

static void put_call(const struct writer *w, const struct fault *fault)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    CHECK(to != NULL);
    if (kind->fixed != NULL) {
        fprintf(to, ", %s", kind->fixed);
    }
    if (kind->tie == FAULT_HITS_MESSAGE) {
        put_target(to, fault);
    }
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        const struct fault_parameter *parameter = &kind->parameters[i];
        if (kind->tie == FAULT_BEGINS_AFTER && strcmp(parameter->name, "after") == 0) {
            put_begin(to, fault_value_ns(fault, "after"));
        } else if (!parameter->implied) {
            fprintf(to, ", %s = ", parameter->name);
            put_value(to, parameter, fault->values[i]);
        }
    }
    if (kind->print != NULL) {
        kind->print(to, fault, w->cfg->scope);
    }
    if (kind->tie != FAULT_BEGINS_AFTER && kind->tie != FAULT_FROM_BEGIN) {
        put_turns(to, fault);
    }
    (void)fclose(to);
    /* Every option has brought its comma. */
    if (kind->quirk == NULL) {
        fprintf(w->to, "%s { %s }", kind->call, text + 2);
    } else if (len == 0) {
        fprintf(w->to, "%s(\"%s\")", kind->call, kind->quirk);
    } else {
        fprintf(w->to, "%s(\"%s\", { %s })", kind->call, kind->quirk, text + 2);
    }
    free(text);
}

/* Where it is kept until it is stopped. */
static void put_list(const struct writer *w, const char *indent, enum fault_end end)
{
    fputs(indent, w->to);
    if (end != FAULT_STAYS) {
        const char *list = end == FAULT_ENDS ? "faults" : "lasting";
        fprintf(w->to, "%s[#%s + 1] = ", list, list);
    }
}

static void put_fault(const struct writer *w, size_t index, bool first)
{
    const struct fault *fault = &w->schedule->faults[index];
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    const struct fault_target_row *row = &fault_targets[fault->target];
    char sentence[FAULT_TEXT_CHARS];
    const char *indent = "    ";
    fault_sentence(fault, sentence);
    fprintf(w->to, "\n    -- Fault %u. %s", fault->number, sentence);
    if (w->outcome->at_ns[index] != SIM_NEVER) {
        fprintf(w->to, " Explored at %.6f s.", (double)w->outcome->at_ns[index] / 1e9);
    }
    fputc('\n', w->to);
    if (kind->tie == FAULT_BEGINS_AFTER) {
        fprintf(w->to, "    local over = reach({ service = 0x%02X", row->service);
        if (row->sub != 0) {
            fprintf(w->to, ", sub = %u", row->sub);
        } else if (row->rid != 0) {
            fprintf(w->to, ", head = \"31 01 %02X %02X\"", row->rid >> 8, row->rid & 0xFFu);
        }
        fprintf(w->to, " }, %" PRIu32 ")\n    if over then\n", fault->nth);
        indent = "      ";
    }
    put_list(w, indent, kind->end);
    put_call(w, fault);
    fprintf(w->to, "%s\n", first || kind->end == FAULT_STAYS ? "" : ":optional()");
    if (kind->tie == FAULT_BEGINS_AFTER) {
        fputs("    end\n", w->to);
    }
}

/* Of those of one tie, in the order in which they took effect. */
static size_t next_fault(const struct writer *w, bool begins, uint64_t done)
{
    size_t next = FAULTS_MAX;
    for (size_t i = 0; i < w->schedule->len; i++) {
        const bool fits =
            (fault_kinds[w->schedule->faults[i].kind].tie == FAULT_BEGINS_AFTER) == begins;
        if (fits && (done >> i & 1u) == 0 &&
            (next == FAULTS_MAX || w->outcome->at_ns[i] < w->outcome->at_ns[next])) {
            next = i;
        }
    }
    return next;
}

static size_t earliest(const struct writer *w)
{
    size_t first = 0;
    for (size_t i = 1; i < w->schedule->len; i++) {
        first = w->outcome->at_ns[i] < w->outcome->at_ns[first] ? i : first;
    }
    return first;
}

static void put_faults(const struct writer *w, bool begins)
{
    const size_t first = earliest(w);
    uint64_t done = 0;
    for (size_t i = next_fault(w, begins, 0); i != FAULTS_MAX; i = next_fault(w, begins, done)) {
        put_fault(w, i, i == first);
        done |= UINT64_C(1) << i;
    }
}

static void put_segments(const struct writer *w)
{
    const struct ota_image *image = &w->cfg->world->new_image;
    fputs("    local segments = {", w->to);
    for (size_t i = 0; i < image->segments_len; i++) {
        fprintf(w->to, "%s { 0x%" PRIX32 ", %" PRIu32 " }", i > 0 ? "," : "",
                image->segments[i].start, image->segments[i].len_bytes);
    }
    fputs(" }\n", w->to);
}

static void put_vehicle(const struct writer *w)
{
    static const char *const styles[] = {"block", "s19-line"};
    static const char *const checks[] = {"sha1", "crc32", "sum8"};
    const struct explore_world_cfg *cfg = &w->cfg->world->cfg;
    if (cfg->vehicle_path != NULL) {
        const char *slash = strrchr(cfg->vehicle_path, '/');
        fprintf(w->to, "  vehicle = \"%s\", -- Put this file beside the case.\n",
                slash != NULL ? slash + 1 : cfg->vehicle_path);
    }
    const char *members = setting_of(w)->lua_ecu;
    const char *before = "  ecu = { ";
    if (cfg->vehicle.transfer >= 0) {
        fprintf(w->to, "%stransfer = \"%s\"", before, styles[cfg->vehicle.transfer]);
        before = ", ";
    }
    if (cfg->vehicle.check >= 0) {
        fprintf(w->to, "%scheck = \"%s\"", before, checks[cfg->vehicle.check]);
        before = ", ";
    }
    if (members != NULL) {
        fprintf(w->to, "%s%s", before, members);
    }
    if (members != NULL || cfg->vehicle.transfer >= 0 || cfg->vehicle.check >= 0) {
        fputs(" },\n", w->to);
    }
}

static void put_needs(const struct writer *w)
{
    const uint64_t needs = setting_of(w)->needs;
    const char *before = "  needs = { ";
    for (int i = 0; i < CAPABILITY_COUNT; i++) {
        if ((needs >> i & 1u) != 0) {
            fprintf(w->to, "%s\"%s\"", before, capability_name((enum capability)i));
            before = ", ";
        }
    }
    if (needs != 0) {
        fputs(" },\n", w->to);
    }
}

/* Whether one that the master was told no by has taken effect. */
static bool was_refused(const struct writer *w)
{
    for (size_t i = 0; i < w->schedule->len; i++) {
        if ((w->outcome->fired >> i & 1u) != 0 &&
            fault_kinds[w->schedule->faults[i].kind].says_no) {
            return true;
        }
    }
    return false;
}

static bool breaks_network(const struct writer *w)
{
    return (w->outcome->why.invariants & EXPLORE_INV_NETWORK) != 0;
}

static bool breaks_conduct(const struct writer *w)
{
    return strncmp(w->outcome->why.first, "SEQ-", 4) == 0;
}

static void put_head(const struct writer *w, const char *id)
{
    const enum explore_verdict verdict = (enum explore_verdict)w->outcome->verdict;
    const char *said = explore_verdict_text(verdict);
    fprintf(w->to, "-- %s.lua - random faults that a master did not survive: %s.\n", id, said);
    fprintf(w->to, "-- Verdict \"%s\": %s.\n", said, explore_verdict_meaning(verdict));
    fprintf(w->to,
            "-- What is left of schedule s%" PRIu64 " under seed %" PRIu64 "; all of it: %s\n\n",
            w->schedule->number, w->cfg->seed, w->cfg->replay);
    put_function(w, fault_lua_reach);
    put_function(w, fault_lua_conclude);
    put_function(w, breaks_network(w) ? fault_lua_network : NULL);
    put_function(w, breaks_conduct(w) ? fault_lua_conduct : NULL);
    put_function(w, setting_of(w)->again ? fault_lua_insist : NULL);
    put_function(w, setting_of(w)->lua_helper);
    fprintf(w->to, "case {\n  id = \"%s\", group = \"FAULTS\",\n", id);
    const bool sound = w->schedule->setting == FAULT_SOUND;
    fprintf(w->to, "  title = \"Random faults:%s%s%s", sound ? "" : " ",
            sound ? "" : setting_of(w)->text, sound || w->schedule->len == 0 ? "" : ";");
    for (size_t i = 0; i < w->schedule->len; i++) {
        fprintf(w->to, "%s %s", i > 0 ? "," : "", fault_kinds[w->schedule->faults[i].kind].name);
    }
    fprintf(w->to, "\",\n  title_zh = \"随机故障序列 s%" PRIu64 "（种子 %" PRIu64 "）\",\n",
            w->schedule->number, w->cfg->seed);
    fprintf(w->to, "  sources = { \"limphome explore faults\" },\n");
    fprintf(w->to, "  tags = { \"explore\", \"faults\" },\n");
    put_needs(w);
    put_vehicle(w);
}

/* What the master is told, and what becomes of the setting before a clean retry. */
static void put_order(const struct writer *w)
{
    const struct fault_setting *setting = setting_of(w);
    if (setting->goes_back) {
        fputs("    local order = { action = \"rollback\", id = \"back\" }\n"
              "    local goal, past, trial = old, new, nil\n",
              w->to);
    } else {
        const bool remaining = w->cfg->world->cfg.resume == OTA_RESUME_REMAINING;
        fprintf(w->to,
                "    local order = { image = new, policy = { RESUME_34 = \"%s\" } }\n"
                "    local goal, past, trial = new, old, nil\n",
                remaining ? "remaining" : "full");
    }
    put(w, setting->keeps ? "    order.id = \"again\"\n" : NULL);
    put(w, setting->lua_begin);
    if (setting->reason != NULL) {
        fprintf(w->to, "    judge.forbid(\"%s\"%s)\n", setting->reason,
                setting->session_too ? ", true" : "");
    }
    fputs("    local function mend()\n", w->to);
    put(w, setting->reason != NULL ? "      judge.allow()\n" : NULL);
    put(w, setting->lua_mend);
    fputs("    end\n", w->to);
}

/* Asked before the retry, after which there is nothing left to be seen of it, and only where
 * explore has seen it. */
static void put_network_check(const struct writer *w)
{
    struct vehicle *vehicle = w->cfg->world->vehicle;
    const char *before = "";
    fprintf(w->to, "    if result%s then check_network {",
            was_refused(w) ? " and claims_success(result, order)" : "");
    for (size_t i = 0; i < vehicle_ecu_count(vehicle); i++) {
        if (s12x_ecu_from(vehicle_ecu_at(vehicle, i)) != NULL) {
            fprintf(w->to, "%s \"%s\"", before, vehicle_ecu_at(vehicle, i)->name);
            before = ",";
        }
    }
    fputs(" } end\n", w->to);
}

/* What explore has seen broken is asked here as well. Writes of emulated EEPROM that a cut has
 * undone count as misuse of the flash too, so of others it is not asked. */
static void put_checks(const struct writer *w)
{
    if (breaks_network(w)) {
        put_network_check(w);
    }
    fputs("    conclude(result, order, past, goal, trial, mend)\n", w->to);
    if (w->outcome->verdict == EXPLORE_RULE_BROKEN) {
        fputs("    if result then\n"
              "      check.equal(\"uses of the flash that its manual forbids\", 0, "
              "ecu.operations().misuse)\n"
              "    end\n",
              w->to);
    }
    if (breaks_conduct(w)) {
        fputs("    if result then conduct(result.at) end\n", w->to);
    }
}

static void put_story(const struct writer *w)
{
    const struct fault_setting *setting = setting_of(w);
    fputs("  run = function()\n", w->to);
    put_segments(w);
    fputs("    local old = image { version = \"1.1.0\", segments = segments }\n"
          "    local new = image { version = \"2.0.0\", segments = segments }\n"
          "    -- So the master keeps a copy of what the ECU holds.\n"
          "    check.result(master.update { image = old, id = \"before\" }, \"SUCCESS\")\n",
          w->to);
    put(w, setting->after_update
               ? "    check.result(master.update { image = new, id = \"first\" }, \"SUCCESS\")\n"
               : NULL);
    fputs("    ecu.quirk(\"Q1\") -- What 28 and 85 switch off stays off, until it is switched on "
          "again.\n",
          w->to);
    put_order(w);
    fputs("    local faults, lasting = {}, {} -- The latter end with the campaign.\n"
          "    begun = now()\n",
          w->to);
    put_faults(w, false);
    fputs("\n    master.start(order)\n", w->to);
    put(w, setting->lua_running);
    put_faults(w, true);
    fputs("\n    local result = master.wait(\"10min\")\n"
          "    for _, fault in ipairs(faults) do fault:stop() end\n"
          "    result = result or master.wait(\"15min\")\n"
          "    for _, fault in ipairs(lasting) do fault:stop() end\n",
          w->to);
    put(w, setting->again ? "    result = insist(result, order)\n" : NULL);
    put_checks(w);
    fputs("  end,\n"
          "}\n",
          w->to);
}

int fault_scenario_save(const struct fault_scenario_cfg *cfg, const struct fault_schedule *schedule,
                        const struct fault_outcome *outcome, const char *path, struct err *err)
{
    char id[FAULT_CASE_CHARS];
    const struct writer w = {
        .to = fopen(path, "w"), .cfg = cfg, .schedule = schedule, .outcome = outcome};
    if (w.to == NULL) {
        return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
    }
    fault_scenario_id(cfg->seed, schedule->number, id);
    put_head(&w, id);
    put_story(&w);
    return fclose(w.to) == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}
