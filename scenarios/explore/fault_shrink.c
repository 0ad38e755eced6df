/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_shrink.c - leaves faults out, and makes those that are left simpler. */
#include "scenarios/explore/fault_shrink.h"

#include "scenarios/engine/play_pool.h"
#include "scenarios/explore/explore_hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANDIDATES_MAX = 2 * FAULTS_MAX, ROUNDS_MAX = 6, JOBS_MAX = 64 };

/* What the children leave. */
struct shared {
    struct fault_outcome outcomes[CANDIDATES_MAX];
    size_t first; /* Lowest candidate so far that goes wrong; CANDIDATES_MAX: none. */
    int rc;
    struct err err;
};

struct shrink {
    struct fault_play *play;
    const struct fault_shrink_cfg *cfg;
    enum explore_verdict verdict;
    size_t jobs;
    struct fault_schedule candidates[CANDIDATES_MAX];
    size_t candidates_len;
    struct shared *shared;
    struct fault_shrunk *shrunk;
    struct err *err;
};

static void note_first(struct shared *shared, size_t index)
{
    size_t first = __atomic_load_n(&shared->first, __ATOMIC_RELAXED);
    while (index < first && !__atomic_compare_exchange_n(&shared->first, &first, index, false,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

/* Every jobs-th candidate, until one before it goes wrong. */
static void work(struct shrink *shrink, size_t worker)
{
    struct shared *shared = shrink->shared;
    for (size_t i = worker; i < shrink->candidates_len; i += shrink->jobs) {
        if (i > __atomic_load_n(&shared->first, __ATOMIC_RELAXED)) {
            return;
        }
        const int rc = fault_play_try(shrink->play, &shrink->candidates[i], &shared->outcomes[i],
                                      &shared->err);
        if (rc != 0) {
            shared->rc = rc;
            return;
        }
        if (shared->outcomes[i].verdict == (uint8_t)shrink->verdict) {
            note_first(shared, i);
        }
    }
}

static int run_workers(struct shrink *shrink)
{
    pid_t pids[JOBS_MAX];
    size_t len = 0;
    bool good = true;
    fflush(NULL); /* The children start programs, and would write what stands here once more. */
    for (; len < shrink->jobs && len < shrink->candidates_len; len++) {
        pids[len] = fork();
        if (pids[len] < 0) {
            good = false;
            break;
        }
        if (pids[len] == 0) {
            work(shrink, len);
            _exit(0);
        }
    }
    for (size_t i = 0; i < len; i++) {
        int status = 0;
        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR) {
        }
        good = good && status == 0;
    }
    if (shrink->shared->rc != 0) {
        *shrink->err = shrink->shared->err;
        return shrink->shared->rc;
    }
    return good ? 0
                : err_set(shrink->err, ERR_NOMEM,
                          "a process that tries schedules died; is there memory enough?");
}

static bool given_up(const struct shrink *shrink)
{
    return shrink->cfg->give_up != NULL && *shrink->cfg->give_up != 0;
}

/* Tries the candidates. *found: the first of them that goes wrong is the schedule from now on, and
 * its index is there. */
static int try_candidates(struct shrink *shrink, bool *found, size_t *index)
{
    struct shared *shared = shrink->shared;
    *found = false;
    if (shrink->candidates_len == 0 || given_up(shrink)) {
        return 0;
    }
    shared->first = CANDIDATES_MAX;
    const int rc = run_workers(shrink);
    if (rc != 0) {
        return rc;
    }
    *found = shared->first != CANDIDATES_MAX;
    shrink->shrunk->tried += *found ? shared->first + 1 : shrink->candidates_len;
    if (*found) {
        *index = shared->first;
        shrink->shrunk->schedule = shrink->candidates[shared->first];
        shrink->shrunk->outcome = shared->outcomes[shared->first];
    }
    if (shrink->cfg->on_progress != NULL) {
        shrink->cfg->on_progress(shrink->cfg->ctx, shrink->shrunk->schedule.len,
                                 shrink->shrunk->tried);
    }
    return 0;
}

/* Delta debugging. */

/* Faults from first to last only, or all but those. */
static void add_part(struct shrink *shrink, size_t first, size_t last, bool without)
{
    const struct fault_schedule *all = &shrink->shrunk->schedule;
    CHECK(shrink->candidates_len < CANDIDATES_MAX);
    struct fault_schedule *part = &shrink->candidates[shrink->candidates_len++];
    *part = (struct fault_schedule){.number = all->number, .setting = all->setting};
    for (size_t i = 0; i < all->len; i++) {
        if ((i >= first && i < last) != without) {
            part->faults[part->len++] = all->faults[i];
        }
    }
}

static void split(struct shrink *shrink, size_t parts)
{
    const size_t len = shrink->shrunk->schedule.len;
    shrink->candidates_len = 0;
    for (size_t i = 0; i < parts; i++) {
        add_part(shrink, i * len / parts, (i + 1) * len / parts, false);
    }
    for (size_t i = 0; i < parts && parts > 2; i++) {
        add_part(shrink, i * len / parts, (i + 1) * len / parts, true);
    }
}

static int leave_out(struct shrink *shrink)
{
    size_t parts = 2;
    while (shrink->shrunk->schedule.len >= 2 && !given_up(shrink)) {
        bool found = false;
        size_t index = 0;
        split(shrink, parts);
        const int rc = try_candidates(shrink, &found, &index);
        if (rc != 0) {
            return rc;
        }
        const size_t len = shrink->shrunk->schedule.len;
        if (found) {
            parts = index < parts ? 2 : parts - 1;
        } else if (parts >= len) {
            break;
        } else {
            parts *= 2;
        }
        parts = parts < len ? parts : len;
        parts = parts > 2 ? parts : 2;
    }
    return 0;
}

/* Simpler values. */

static void add_value(struct shrink *shrink, size_t fault,
                      uint32_t *(*place)(struct fault *, size_t), size_t which, uint32_t value)
{
    if (shrink->candidates_len == CANDIDATES_MAX) {
        return;
    }
    struct fault_schedule *candidate = &shrink->candidates[shrink->candidates_len++];
    *candidate = shrink->shrunk->schedule;
    *place(&candidate->faults[fault], which) = value;
}

static uint32_t *place_of_nth(struct fault *fault, size_t which)
{
    (void)which;
    return &fault->nth;
}

static uint32_t *place_of_value(struct fault *fault, size_t which)
{
    return &fault->values[which];
}

/* 1, 2, 5, 10, ...: what people would write. */
static size_t round_numbers(uint32_t numbers[32])
{
    size_t len = 0;
    for (uint64_t decade = 1; decade <= UINT32_MAX / 10; decade *= 10) {
        numbers[len++] = (uint32_t)decade;
        numbers[len++] = (uint32_t)(2 * decade);
        numbers[len++] = (uint32_t)(5 * decade);
    }
    return len;
}

/* From the simple one towards the present one; those between that are round. */
static void add_values(struct shrink *shrink, size_t fault,
                       uint32_t *(*place)(struct fault *, size_t), size_t which, uint32_t simple)
{
    uint32_t numbers[32];
    struct fault now = shrink->shrunk->schedule.faults[fault];
    const uint32_t value = *place(&now, which);
    const size_t len = round_numbers(numbers);
    shrink->candidates_len = 0;
    if (value == simple) {
        return;
    }
    add_value(shrink, fault, place, which, simple);
    for (size_t i = 0; i < len; i++) {
        if (numbers[i] > simple && numbers[i] < value) {
            add_value(shrink, fault, place, which, numbers[i]);
        }
    }
    for (size_t i = len; i-- > 0;) {
        if (numbers[i] < simple && numbers[i] > value) {
            add_value(shrink, fault, place, which, numbers[i]);
        }
    }
}

static void add_words(struct shrink *shrink, size_t fault, size_t which)
{
    shrink->candidates_len = 0;
    for (uint32_t word = 0; word < shrink->shrunk->schedule.faults[fault].values[which]; word++) {
        add_value(shrink, fault, place_of_value, which, word);
    }
}

static int simplify_fault(struct shrink *shrink, size_t fault, bool *better)
{
    const struct fault_kind *kind = &fault_kinds[shrink->shrunk->schedule.faults[fault].kind];
    bool found = false;
    size_t index = 0;
    add_values(shrink, fault, place_of_nth, 0, 1);
    int rc = try_candidates(shrink, &found, &index);
    *better = *better || found;
    for (size_t i = 0; rc == 0 && i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL;
         i++) {
        if (kind->parameters[i].unit == FAULT_WORD) {
            add_words(shrink, fault, i);
        } else {
            add_values(shrink, fault, place_of_value, i, kind->parameters[i].simple);
        }
        rc = try_candidates(shrink, &found, &index);
        *better = *better || found;
    }
    return rc;
}

static int simplify(struct shrink *shrink)
{
    bool better = true;
    int rc = 0;
    for (int round = 0; rc == 0 && better && round < ROUNDS_MAX; round++) {
        better = false;
        for (size_t i = 0; rc == 0 && i < shrink->shrunk->schedule.len; i++) {
            rc = simplify_fault(shrink, i, &better);
        }
        rc = rc != 0 ? rc : leave_out(shrink);
    }
    return rc;
}

/* Rather the sound update; and where it is the setting alone, no fault at all. */
static int simplify_setting(struct shrink *shrink)
{
    bool found = false;
    size_t index = 0;
    if (shrink->shrunk->schedule.setting == FAULT_SOUND) {
        return 0;
    }
    shrink->candidates[0] = shrink->shrunk->schedule;
    shrink->candidates[0].setting = FAULT_SOUND;
    shrink->candidates[1] = shrink->shrunk->schedule;
    shrink->candidates[1].len = 0;
    shrink->candidates_len = 2;
    return try_candidates(shrink, &found, &index);
}

/* As it stands. */
static int confirm(struct shrink *shrink, const struct fault_schedule *schedule)
{
    bool found = false;
    size_t index = 0;
    shrink->candidates[0] = *schedule;
    shrink->candidates_len = 1;
    const int rc = try_candidates(shrink, &found, &index);
    if (rc != 0 || found) {
        return rc;
    }
    return err_set(shrink->err, ERR_CONFLICT, "the schedule does not come to \"%s\" in this world",
                   explore_verdict_text(shrink->verdict));
}

int fault_shrink(struct fault_play *play, const struct fault_schedule *schedule,
                 enum explore_verdict verdict, const struct fault_shrink_cfg *cfg,
                 struct fault_shrunk *shrunk, struct err *err)
{
    struct shrink *shrink = calloc(1, sizeof *shrink);
    CHECK(shrink != NULL);
    *shrunk = (struct fault_shrunk){.tried = 0};
    shrink->play = play;
    shrink->cfg = cfg;
    shrink->verdict = verdict;
    shrink->jobs = cfg->jobs != 0 ? cfg->jobs : play_pool_cores();
    shrink->jobs = shrink->jobs < JOBS_MAX ? shrink->jobs : JOBS_MAX;
    shrink->shrunk = shrunk;
    shrink->err = err;
    shrink->shared = explore_share(sizeof *shrink->shared);
    if (shrink->shared == NULL) {
        free(shrink);
        return err_set(err, ERR_NOMEM, "out of memory for schedules that are tried");
    }
    int rc = confirm(shrink, schedule);
    rc = rc != 0 ? rc : simplify_setting(shrink);
    rc = rc != 0 ? rc : leave_out(shrink);
    rc = rc != 0 ? rc : simplify(shrink);
    explore_unshare(shrink->shared, sizeof *shrink->shared);
    free(shrink);
    return rc;
}
