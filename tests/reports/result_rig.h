/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/result_rig.h - results put together by hand, whole enough for every printer. */
#ifndef TESTS_RESULT_RIG_H
#define TESTS_RESULT_RIG_H

#include "reports/result_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a program that is hostile or broken may say. */
static const char *const rig_hostile[] = {
    "",
    "\"}],\"verdict\":\"pass\",\"x\":[{\"",
    "\\\" \\u0000 \\",
    "line\nbreak\r\ttab\b\f\x01\x1F\x7F",
    "%n%s%s%n",
    "</script><script>alert(1)</script>]]> <!-- &amp; '\"",
    "正常升级 ÄÖÜ \xF0\x9F\x9A\x97",
    "turned \xE2\x80\xAE txt, C1 \xC2\x85, \xEF\xBF\xBE \xEF\xBF\xBF",
};

static inline struct run_result rig_run(const char *master, uint64_t seed)
{
    return (struct run_result){.version = strdup("1.2.3"),
                               .master = strdup(master),
                               .date = strdup("2026-01-02"),
                               .seed = seed,
                               .repeat = 1,
                               .wall_ns = 1500000000u};
}

/* Its id is GROUP-NN. Valid until the next one is added. */
static inline struct case_result *rig_case(struct run_result *run, const char *id)
{
    run->cases = realloc(run->cases, (run->cases_len + 1) * sizeof *run->cases);
    struct case_result *one = &run->cases[run->cases_len++];
    *one = (struct case_result){.id = strdup(id),
                                .group = strndup(id, strcspn(id, "-")),
                                .title = strdup("An update"),
                                .title_zh = strdup("正常升级"),
                                .file = strdup("scenarios/x.lua"),
                                .sources = strdup("GB 44496 4.3; seed list 12"),
                                .tags = strdup("power; resume"),
                                .vehicle = strdup("single"),
                                .priority = 1};
    return one;
}

static inline struct play_result *rig_play(struct case_result *one, const char *name, uint64_t seed,
                                           enum verdict verdict)
{
    one->plays = realloc(one->plays, (one->plays_len + 1) * sizeof *one->plays);
    struct play_result *play = &one->plays[one->plays_len++];
    *play = (struct play_result){.name = strdup(name),
                                 .seed = seed,
                                 .checks = 3,
                                 .term = strdup("SUCCESS"),
                                 .folder = strdup(one->id),
                                 .virtual_ns = 20000000000u,
                                 .wall_ns = 12345678u};
    snprintf(play->digest, sizeof play->digest, "%016llx%016llx", (unsigned long long)seed, 7ull);
    if (verdict == VERDICT_FAIL) {
        play_result_find(play, "INV-1", "no damage", "a torn phrase", 1500000000u, 12);
    } else if (verdict == VERDICT_ERROR) {
        play_result_error(play, "the scenario did not come to its end");
    } else if (verdict == VERDICT_NOT_APPLICABLE) {
        play->error = strdup("resume");
    }
    play->verdict = verdict;
    one->verdict = verdict > one->verdict ? verdict : one->verdict;
    return play;
}

#endif
