/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_scenario.c - writes a schedule of faults as a case in Lua. */
#include "scenarios/explore/fault_scenario.h"

#include "scenarios/engine/capability.h"

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

/* Both stay the same for all scenarios. */
static const char helpers[] =
    "local begun -- When the campaign began, in seconds.\n"
    "\n"
    "-- Waits until the master has made the nth of these requests in the campaign, and returns "
    "when "
    "its\n"
    "-- last frame is through, in seconds; nil if it never makes it.\n"
    "local function reach(request, nth)\n"
    "  request.kind, request.by = \"request\", \"master\"\n"
    "  local index, seen = 1, 0\n"
    "  while true do\n"
    "    request.from, request.nth = begun, index\n"
    "    local message = bus.first(request)\n"
    "    request.nth = index + 1\n"
    "    if message and (message.over or bus.first(request)) then -- Or it was given up halfway.\n"
    "      index = index + 1\n"
    "      seen = message.over and seen + 1 or seen\n"
    "      if message.over and seen == nth then return message.over end\n"
    "    elseif not master.running() then\n"
    "      return nil\n"
    "    else\n"
    "      request.from, request.nth, request.within = nil, nil, \"1s\"\n"
    "      bus.wait(request)\n"
    "      request.within = nil\n"
    "    end\n"
    "  end\n"
    "end\n"
    "\n"
    "-- The criteria of limphome explore, once all faults are over (docs/explore.md).\n"
    "local function conclude(result, order, past, goal, trial, mend)\n"
    "  check.that(\"the campaign ends\", result ~= nil, \"within 25 min\", result and result.code "
    "or \"it goes on\")\n"
    "  if not result then return end\n"
    "  local back = order.action == \"rollback\"\n"
    "  local claims = result.code == \"SUCCESS\" or result.code == \"UP_TO_DATE\" or (back and "
    "result.code == \"ROLLED_BACK\")\n"
    "  local bootloader = ecu.status().run == \"bootloader\"\n";

static const char criteria[] =
    "  power.cut { for_ = \"10ms\" } -- What runs has to start by itself.\n"
    "  wait(\"1s\")\n"
    "  if ecu.status().run ~= \"application\" then wait(\"10s\") end\n"
    "  local runs, is_goal, is_past = ecu.status().run == \"application\", (ecu.holds(goal)), "
    "(ecu.holds(past))\n"
    "  local seen = (runs and \"an application runs; \" or \"nothing runs; \") ..\n"
    "    (is_goal and \"the image that was ordered is there\" or is_past and \"the one before it "
    "is there\" or \"no image is whole\")\n"
    "  check.that(\"success is true\", not claims or (runs and is_goal), \"what was ordered "
    "runs\", seen)\n"
    "  check.that(\"success is not claimed too early\", not (claims and bootloader), \"an "
    "application\", \"the bootloader\")\n"
    "  check.that(\"a rollback is true\", claims or result.code ~= \"ROLLED_BACK\" or (runs and "
    "is_past), \"the version before it runs\", seen)\n"
    "  local tried = trial and (ecu.holds(trial))\n"
    "  check.that(\"what runs is approved\", not runs or is_goal or is_past or tried, \"one of the "
    "images\", seen)\n"
    "  if not claims then\n"
    "    local again\n"
    "    if result.code == \"INTERRUPTED\" then again = master.update(order) end\n"
    "    if not again or again.code ~= \"SUCCESS\" and again.code ~= \"UP_TO_DATE\" and again.code "
    "~= \"ROLLED_BACK\" then\n"
    "      mend()\n"
    "      order.id = \"retry\"\n"
    "      again = master.update(order)\n"
    "    end\n"
    "    -- A rollback leads from the version that runs to the one before it.\n"
    "    local there = (ecu.holds(goal)) or (back and not (runs and is_past) and "
    "(ecu.holds(past)))\n"
    "    check.that(\"a clean retry ends well\", there, \"the image that was ordered\", "
    "again.code)\n"
    "    check.result(again, \"SUCCESS\", back and \"ROLLED_BACK\" or \"UP_TO_DATE\")\n"
    "  end\n";

/* Only where explore has seen it: writes of emulated EEPROM that a cut has undone count here too.
 */
static const char flash_check[] =
    "  check.equal(\"uses of the flash that its manual forbids\", 0, ecu.operations().misuse)\n";

/* The rules of fault_conduct.c, in the words of cases, asked of the campaign before the retry. */
static const char conduct_check[] =
    "\n"
    "-- What a master does that was told no (SEQ-14 to SEQ-16, docs/explore.md).\n"
    "local function conduct(last)\n"
    "  local closed, voltage, locked, unerased, broken\n"
    "  local programs = { [0x34] = true, [0x36] = true, [0x37] = true }\n"
    "  local asks = { [0x10] = true, [0x31] = true, [0x34] = true, [0x36] = true, [0x37] = true }\n"
    "  for _, message in ipairs(bus.messages { from = begun, until_ = last }) do\n"
    "    local service, nrc, head = message.service, message.nrc, message.data:sub(3, 4)\n"
    "    local erase = service == 0x31 and head == \"\\xFF\\x00\"\n"
    "    if message.kind == \"request\" and message.by == \"master\" then\n"
    "      local transfers = programs[service]\n"
    "      local keeps = service == 0x3E and message.data:byte(2) == 0x80\n"
    "      local goes_on = erase or transfers or service == 0x10 and message.sub == 2\n"
    "      if not keeps and not goes_on and service ~= 0x27 then closed, voltage = nil, nil end\n"
    "      if service == 0x27 and closed then\n"
    "        broken = broken or message.at < closed + profile(\"SA_DLY\") and message or nil\n"
    "        closed = nil\n"
    "      end\n"
    "      if locked and (erase or transfers) then broken = broken or message end\n"
    "      if unerased and (transfers or service == 0x31 and head == \"\\xFF\\x01\") then\n"
    "        broken = broken or message\n"
    "      end\n"
    "      if voltage and goes_on then\n"
    "        broken = broken or message.at < voltage + profile(\"T_PROBE\") and message or nil\n"
    "        voltage = nil\n"
    "      end\n"
    "    elseif service == 0x27 and message.kind == \"positive\" then\n"
    "      locked = false\n"
    "    elseif service == 0x27 and nrc == 0x35 then\n"
    "      locked = true\n"
    "    elseif service == 0x27 and (nrc == 0x36 or nrc == 0x37) then\n"
    "      closed = message.done\n"
    "    elseif asks[service] and (nrc == 0x92 or nrc == 0x93) then\n"
    "      voltage = message.done\n"
    "    elseif erase and message.kind == \"positive\" then\n"
    "      unerased = #message.data > 4 and message.data:byte(5) ~= 0\n"
    "    end\n"
    "  end\n"
    "  check.that(\"a no is taken for a no\", not broken, \"a pause, or the end\", \"it goes on\", "
    "broken)\n"
    "end\n";

static const char try_again[] =
    "-- A master that has rolled back is ordered the same again: so often it may still try.\n"
    "local function insist(result, order)\n"
    "  local tries = profile(\"R_UPD\") + 1\n"
    "  for i = 1, tries do\n"
    "    if not result or result.code ~= \"ROLLED_BACK\" then break end\n"
    "    wait(\"1s\")\n"
    "    if i == tries then judge.forbid(\"the package has failed for good\", true) end\n"
    "    result = master.update(order)\n"
    "  end\n"
    "  judge.allow()\n"
    "  return result\n"
    "end\n\n";

static const struct fault_setting *setting_of(const struct writer *w)
{
    return &fault_settings[w->schedule->setting];
}

static void put(const struct writer *w, const char *text)
{
    fputs(text != NULL ? text : "", w->to);
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

/* INV-3, only where explore has seen it: at the end of a case, after the clean retry, there is
 * nothing left to be seen of it. */
static void put_network_check(const struct writer *w)
{
    struct vehicle *vehicle = w->cfg->world->vehicle;
    const char *before = "";
    if ((w->outcome->why.invariants >> 3 & 1u) == 0) {
        return;
    }
    fputs("  wait(\"100ms\")\n  for _, name in ipairs {", w->to);
    for (size_t i = 0; i < vehicle_ecu_count(vehicle); i++) {
        if (s12x_ecu_from(vehicle_ecu_at(vehicle, i)) != NULL) {
            fprintf(w->to, "%s \"%s\"", before, vehicle_ecu_at(vehicle, i)->name);
            before = ",";
        }
    }
    fprintf(
        w->to,
        " } do\n"
        "    local left = ecu.status(name)\n"
        "    local asked = left.run == \"application\" or left.run == \"bootloader\"\n"
        "    check.that(\"the network is restored\", not asked%s or\n"
        "      (left.communication_on and left.dtc_setting_on), \"communication and DTC setting "
        "on\", name .. \": one is off\")\n"
        "  end\n",
        was_refused(w) ? " or not claims" : "");
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
    const bool conduct = strncmp(w->outcome->why.first, "SEQ-", 4) == 0;
    fputs(helpers, w->to);
    put_network_check(w);
    fprintf(w->to, "%s%send\n%s\n", criteria, verdict == EXPLORE_RULE_BROKEN ? flash_check : "",
            conduct ? conduct_check : "");
    put(w, setting_of(w)->again ? try_again : NULL);
    put(w, setting_of(w)->lua_helper);
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
    fputs("    conclude(result, order, past, goal, trial, mend)\n", w->to);
    if (strncmp(w->outcome->why.first, "SEQ-", 4) == 0) {
        fputs("    if result then conduct(result.at) end\n", w->to);
    }
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
