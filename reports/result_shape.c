/* SPDX-License-Identifier: Apache-2.0 */
/* reports/result_shape.c - the members of results.json, in the order in which they are written. */
#include "reports/result_shape.h"

#include "reports/result.h"
#include "reports/result_sweep.h"

static const struct shape_member finding_members[] = {
    {"criterion", SHAPE_TEXT, offsetof(struct finding, criterion), 0, 0, NULL},
    {"expected", SHAPE_TEXT, offsetof(struct finding, expected), 0, 0, NULL},
    {"seen", SHAPE_TEXT, offsetof(struct finding, seen), 0, 0, NULL},
    {"at_ns", SHAPE_INSTANT, offsetof(struct finding, at_ns), 0, 0, NULL},
    {"bus_line", SHAPE_U32, offsetof(struct finding, bus_line), 0, UINT32_MAX, NULL},
};
static const struct shape shape_finding = {sizeof(struct finding), finding_members,
                                           ARRAY_SIZE(finding_members)};

static const struct shape_member injection_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct fired, name), 0, 0, NULL},
    {"fired", SHAPE_U64, offsetof(struct fired, fired), 0, 0, NULL},
    {"first_ns", SHAPE_INSTANT, offsetof(struct fired, first_ns), 0, 0, NULL},
    {"last_ns", SHAPE_INSTANT, offsetof(struct fired, last_ns), 0, 0, NULL},
};
static const struct shape shape_injection = {sizeof(struct fired), injection_members,
                                             ARRAY_SIZE(injection_members)};

static const struct shape_member play_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct play_result, name), 0, 0, NULL},
    {"number", SHAPE_U32, offsetof(struct play_result, number), 0, UINT32_MAX, NULL},
    {"seed", SHAPE_U64, offsetof(struct play_result, seed), 0, 0, NULL},
    {"verdict", SHAPE_VERDICT, offsetof(struct play_result, verdict), 0, 0, NULL},
    {"error", SHAPE_NO_TEXT, offsetof(struct play_result, error), 0, 0, NULL},
    {"term", SHAPE_TEXT, offsetof(struct play_result, term), 0, 0, NULL},
    {"checks", SHAPE_U32, offsetof(struct play_result, checks), 0, UINT32_MAX, NULL},
    {"virtual_ns", SHAPE_U64, offsetof(struct play_result, virtual_ns), 0, 0, NULL},
    {"wall_ns", SHAPE_U64, offsetof(struct play_result, wall_ns), 0, 0, NULL},
    {"digest", SHAPE_DIGEST, offsetof(struct play_result, digest), 0, 0, NULL},
    {"folder", SHAPE_TEXT, offsetof(struct play_result, folder), 0, 0, NULL},
    {"findings", SHAPE_LIST, offsetof(struct play_result, findings),
     offsetof(struct play_result, findings_len), 0, &shape_finding},
    {"injections", SHAPE_LIST, offsetof(struct play_result, injections),
     offsetof(struct play_result, injections_len), 0, &shape_injection},
};
const struct shape shape_play = {sizeof(struct play_result), play_members,
                                 ARRAY_SIZE(play_members)};

/* priority: 0 of a file that is no case. */
static const struct shape_member case_members[] = {
    {"id", SHAPE_TEXT, offsetof(struct case_result, id), 0, 0, NULL},
    {"group", SHAPE_TEXT, offsetof(struct case_result, group), 0, 0, NULL},
    {"title", SHAPE_TEXT, offsetof(struct case_result, title), 0, 0, NULL},
    {"title_zh", SHAPE_TEXT, offsetof(struct case_result, title_zh), 0, 0, NULL},
    {"file", SHAPE_TEXT, offsetof(struct case_result, file), 0, 0, NULL},
    {"sources", SHAPE_TEXT, offsetof(struct case_result, sources), 0, 0, NULL},
    {"tags", SHAPE_TEXT, offsetof(struct case_result, tags), 0, 0, NULL},
    {"vehicle", SHAPE_TEXT, offsetof(struct case_result, vehicle), 0, 0, NULL},
    {"priority", SHAPE_U32, offsetof(struct case_result, priority), 0, 2, NULL},
    {"verdict", SHAPE_VERDICT, offsetof(struct case_result, verdict), 0, 0, NULL},
    {"plays", SHAPE_NON_EMPTY, offsetof(struct case_result, plays),
     offsetof(struct case_result, plays_len), 0, &shape_play},
};
const struct shape shape_case = {sizeof(struct case_result), case_members,
                                 ARRAY_SIZE(case_members)};

static const struct shape_member setting_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct setting, name), 0, 0, NULL},
    {"value", SHAPE_TEXT, offsetof(struct setting, value), 0, 0, NULL},
};
static const struct shape shape_setting = {sizeof(struct setting), setting_members,
                                           ARRAY_SIZE(setting_members)};

static const struct shape_member part_members[] = {
    {"shard", SHAPE_U32, offsetof(struct run_part, shard), 0, RESULT_SHARDS_MAX, NULL},
    {"shards", SHAPE_U32, offsetof(struct run_part, shards), 0, RESULT_SHARDS_MAX, NULL},
    {"plays", SHAPE_U32, offsetof(struct run_part, plays), 0, UINT32_MAX, NULL},
};
static const struct shape shape_part = {sizeof(struct run_part), part_members,
                                        ARRAY_SIZE(part_members)};

static const struct shape_member run_members[] = {
    {"version", SHAPE_TEXT, offsetof(struct run_result, version), 0, 0, NULL},
    {"master", SHAPE_TEXT, offsetof(struct run_result, master), 0, 0, NULL},
    {"date", SHAPE_TEXT, offsetof(struct run_result, date), 0, 0, NULL},
    {"seed", SHAPE_U64, offsetof(struct run_result, seed), 0, 0, NULL},
    {"repeat", SHAPE_U32, offsetof(struct run_result, repeat), 0, UINT32_MAX, NULL},
    {"settings", SHAPE_LIST, offsetof(struct run_result, settings),
     offsetof(struct run_result, settings_len), 0, &shape_setting},
    {"parts", SHAPE_LIST, offsetof(struct run_result, parts),
     offsetof(struct run_result, parts_len), 0, &shape_part},
    {"wall_ns", SHAPE_U64, offsetof(struct run_result, wall_ns), 0, 0, NULL},
    {"cases", SHAPE_LIST, offsetof(struct run_result, cases),
     offsetof(struct run_result, cases_len), 0, &shape_case},
};
const struct shape shape_run = {sizeof(struct run_result), run_members, ARRAY_SIZE(run_members)};

const char *const shape_merges[SHAPE_MERGES] = {
    [SWEEP_SUM] = "sum", [SWEEP_SAME] = "same", [SWEEP_STATES] = "states"};

static const struct shape_member row_members[] = {
    {"heading", SHAPE_TEXT, offsetof(struct sweep_row, heading), 0, 0, NULL},
    {"text", SHAPE_TEXT, offsetof(struct sweep_row, text), 0, 0, NULL},
    {"number", SHAPE_U64, offsetof(struct sweep_row, number), 0, 0, NULL},
    {"merge", SHAPE_MERGE, offsetof(struct sweep_row, merge), 0, 0, NULL},
    {"shown_if_zero", SHAPE_BOOL, offsetof(struct sweep_row, shown_if_zero), 0, 0, NULL},
};
static const struct shape shape_row = {sizeof(struct sweep_row), row_members,
                                       ARRAY_SIZE(row_members)};

static const struct shape_member verdict_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct sweep_verdict, name), 0, 0, NULL},
    {"meaning", SHAPE_TEXT, offsetof(struct sweep_verdict, meaning), 0, 0, NULL},
    {"good", SHAPE_BOOL, offsetof(struct sweep_verdict, good), 0, 0, NULL},
    {"shown_if_zero", SHAPE_BOOL, offsetof(struct sweep_verdict, shown_if_zero), 0, 0, NULL},
    {"count", SHAPE_U64, offsetof(struct sweep_verdict, count), 0, 0, NULL},
};
static const struct shape shape_verdict = {sizeof(struct sweep_verdict), verdict_members,
                                           ARRAY_SIZE(verdict_members)};

static const struct shape_member rule_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct sweep_rule, name), 0, 0, NULL},
    {"meaning", SHAPE_TEXT, offsetof(struct sweep_rule, meaning), 0, 0, NULL},
    {"count", SHAPE_U64, offsetof(struct sweep_rule, count), 0, 0, NULL},
};
static const struct shape shape_rule = {sizeof(struct sweep_rule), rule_members,
                                        ARRAY_SIZE(rule_members)};

static const struct shape_member failure_members[] = {
    {"id", SHAPE_TEXT, offsetof(struct sweep_failure, id), 0, 0, NULL},
    {"verdict", SHAPE_U32, offsetof(struct sweep_failure, verdict), 0, UINT32_MAX, NULL},
    {"unit", SHAPE_U64, offsetof(struct sweep_failure, unit), 0, 0, NULL},
    {"at_ns", SHAPE_INSTANT, offsetof(struct sweep_failure, at_ns), 0, 0, NULL},
    {"rules", SHAPE_TEXT, offsetof(struct sweep_failure, rules), 0, 0, NULL},
    {"replay", SHAPE_TEXT, offsetof(struct sweep_failure, replay), 0, 0, NULL},
    {"scenario", SHAPE_TEXT, offsetof(struct sweep_failure, scenario), 0, 0, NULL},
};
static const struct shape shape_failure = {sizeof(struct sweep_failure), failure_members,
                                           ARRAY_SIZE(failure_members)};

static const struct shape_member file_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct sweep_file, name), 0, 0, NULL},
    {"sha256", SHAPE_TEXT, offsetof(struct sweep_file, sha256), 0, 0, NULL},
};
static const struct shape shape_file = {sizeof(struct sweep_file), file_members,
                                        ARRAY_SIZE(file_members)};

static const struct shape_member phase_members[] = {
    {"name", SHAPE_TEXT, offsetof(struct sweep_phase, name), 0, 0, NULL},
    {"start_ns", SHAPE_U64, offsetof(struct sweep_phase, start_ns), 0, 0, NULL},
    {"end_ns", SHAPE_U64, offsetof(struct sweep_phase, end_ns), 0, 0, NULL},
};
static const struct shape shape_phase = {sizeof(struct sweep_phase), phase_members,
                                         ARRAY_SIZE(phase_members)};

static const struct shape_member map_members[] = {
    {"axis", SHAPE_TEXT, offsetof(struct sweep_map, axis), 0, 0, NULL},
    {"edges_ns", SHAPE_EDGES, offsetof(struct sweep_map, edges_ns),
     offsetof(struct sweep_map, edges_len), 0, NULL},
    {"phases", SHAPE_LIST, offsetof(struct sweep_map, phases),
     offsetof(struct sweep_map, phases_len), 0, &shape_phase},
    {"counts", SHAPE_COUNTS, offsetof(struct sweep_map, counts), offsetof(struct sweep_map, bins),
     0, NULL},
};
static const struct shape shape_map = {sizeof(struct sweep_map), map_members,
                                       ARRAY_SIZE(map_members)};

/* How long it took is no part of it: the same sweep is the same file. */
static const struct shape_member sweep_members[] = {
    {"version", SHAPE_TEXT, offsetof(struct result_sweep, version), 0, 0, NULL},
    {"kind", SHAPE_TEXT, offsetof(struct result_sweep, kind), 0, 0, NULL},
    {"master", SHAPE_TEXT, offsetof(struct result_sweep, master), 0, 0, NULL},
    {"identity", SHAPE_TEXT, offsetof(struct result_sweep, identity), 0, 0, NULL},
    {"date", SHAPE_TEXT, offsetof(struct result_sweep, date), 0, 0, NULL},
    {"files", SHAPE_LIST, offsetof(struct result_sweep, files),
     offsetof(struct result_sweep, files_len), 0, &shape_file},
    {"units", SHAPE_U64, offsetof(struct result_sweep, units), 0, 0, NULL},
    {"done", SHAPE_UNITS, offsetof(struct result_sweep, done),
     offsetof(struct result_sweep, done_len), 0, NULL},
    {"rows", SHAPE_LIST, offsetof(struct result_sweep, rows),
     offsetof(struct result_sweep, rows_len), 0, &shape_row},
    {"verdicts", SHAPE_NON_EMPTY, offsetof(struct result_sweep, verdicts),
     offsetof(struct result_sweep, verdicts_len), 0, &shape_verdict},
    {"rules", SHAPE_LIST, offsetof(struct result_sweep, rules),
     offsetof(struct result_sweep, rules_len), 0, &shape_rule},
    {"failures_all", SHAPE_U64, offsetof(struct result_sweep, failures_all), 0, 0, NULL},
    {"failures", SHAPE_LIST, offsetof(struct result_sweep, failures),
     offsetof(struct result_sweep, failures_len), 0, &shape_failure},
    {"map", SHAPE_MAP, offsetof(struct result_sweep, map), 0, 0, &shape_map},
    {"states", SHAPE_STATES, offsetof(struct result_sweep, states),
     offsetof(struct result_sweep, states_len), 0, NULL},
};
const struct shape shape_sweep = {sizeof(struct result_sweep), sweep_members,
                                  ARRAY_SIZE(sweep_members)};
