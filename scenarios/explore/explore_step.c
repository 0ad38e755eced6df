/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_step.c - ids of points of a state folder, and the plan of a sweep. */
#include "scenarios/explore/explore_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A write that is longer may reach the disk in another order. */
enum { SECTOR_BYTES = 512 };

static void print_step(const struct explore_step *step, char text[EXPLORE_ID_CHARS])
{
    if (step->is_cut) {
        const struct explore_path path = {.len = 1, .cuts = {step->cut}};
        explore_path_print(&path, text);
        return;
    }
    (void)snprintf(text, EXPLORE_ID_CHARS, "%c%u.%s",
                   explore_call_letter((enum explore_call)step->at.call), step->at.number,
                   explore_mishap_name((enum explore_mishap)step->at.mishap));
}

void explore_steps_print(const struct explore_steps *steps, char text[EXPLORE_ID_CHARS])
{
    size_t at = 0;
    text[0] = '\0';
    for (uint8_t i = 0; i < steps->len; i++) {
        char one[EXPLORE_ID_CHARS];
        print_step(&steps->steps[i], one);
        const int len = snprintf(&text[at], EXPLORE_ID_CHARS - at, "%s%s", i > 0 ? "+" : "", one);
        CHECK(len > 0 && (size_t)len < EXPLORE_ID_CHARS - at);
        at += (size_t)len;
    }
}

static bool parse_mishap(const char *text, struct explore_mishap_at *at)
{
    uint64_t number = 0;
    const char *digit = &text[1];
    int call = 0;
    while (call < EXPLORE_CALL_KINDS && explore_call_letter((enum explore_call)call) != text[0]) {
        call++;
    }
    if (call == EXPLORE_CALL_KINDS) {
        return false;
    }
    for (; *digit >= '0' && *digit <= '9' && number <= UINT32_MAX; digit++) {
        number = number * 10 + (uint64_t)(*digit - '0');
    }
    if (number == 0 || number > UINT32_MAX || *digit != '.') {
        return false;
    }
    for (int i = 0; i < EXPLORE_MISHAP_COUNT; i++) {
        if (strcmp(digit + 1, explore_mishap_name((enum explore_mishap)i)) == 0) {
            *at = (struct explore_mishap_at){
                .call = (uint8_t)call, .mishap = (uint8_t)i, .number = (uint32_t)number};
            return true;
        }
    }
    return false;
}

static bool parse_step(const char *text, struct explore_step *step)
{
    struct explore_path path;
    *step = (struct explore_step){.is_cut = false};
    if (parse_mishap(text, &step->at)) {
        return true;
    }
    step->is_cut = explore_path_parse(&path, text) && path.len == 1;
    step->cut = path.cuts[0];
    return step->is_cut;
}

bool explore_steps_parse(struct explore_steps *steps, const char *text)
{
    steps->len = 0;
    while (steps->len < EXPLORE_STEPS_MAX) {
        char one[EXPLORE_ID_CHARS];
        const size_t len = strcspn(text, "+");
        if (len >= sizeof one) {
            return false;
        }
        memcpy(one, text, len);
        one[len] = '\0';
        if (!parse_step(one, &steps->steps[steps->len++])) {
            return false;
        }
        if (text[len] == '\0') {
            return true;
        }
        text += len + 1;
    }
    return false;
}

static bool happens_to_write(const struct explore_called *called, enum explore_mishap mishap)
{
    switch ((int)mishap) {
    case EXPLORE_MISHAP_FULL:
    case EXPLORE_MISHAP_ROOM: return called->grows;
    case EXPLORE_MISHAP_PART: return called->grows && called->len_bytes > 1;
    case EXPLORE_MISHAP_SHORT: return called->len_bytes > 1;
    case EXPLORE_MISHAP_REAR: return called->len_bytes > SECTOR_BYTES && !called->synced;
    case EXPLORE_MISHAP_NAMED: return called->creates && !called->synced;
    case EXPLORE_MISHAP_LATE:
    case EXPLORE_MISHAP_AFTER: return false;
    default: return true;
    }
}

/* As long as nothing is synced behind it, a loss right after it is one before it, or it is kept. */
static bool happens_to_name(const struct explore_called *called, enum explore_mishap mishap)
{
    switch ((int)mishap) {
    case EXPLORE_MISHAP_ERROR:
    case EXPLORE_MISHAP_LOST: return true;
    case EXPLORE_MISHAP_LATE: return called->followed;
    case EXPLORE_MISHAP_NAMED:
    case EXPLORE_MISHAP_KEPT: return called->pending;
    case EXPLORE_MISHAP_AFTER: return !called->pending;
    default: return false;
    }
}

static bool happens(const struct explore_called *called, enum explore_mishap mishap)
{
    const bool whole = mishap == EXPLORE_MISHAP_ERROR || mishap == EXPLORE_MISHAP_LOST ||
                       mishap == EXPLORE_MISHAP_AFTER;
    switch ((enum explore_call)called->call) {
    case EXPLORE_CALL_WRITE: return happens_to_write(called, mishap);
    case EXPLORE_CALL_SYNC:
    case EXPLORE_CALL_SYNC_FOLDER: return whole;
    case EXPLORE_CALL_RENAME:
    case EXPLORE_CALL_REMOVE: return happens_to_name(called, mishap);
    case EXPLORE_CALL_CREATE:
    case EXPLORE_CALL_RESIZE:
        return mishap == EXPLORE_MISHAP_ERROR || mishap == EXPLORE_MISHAP_ONCE ||
               mishap == EXPLORE_MISHAP_LOST || mishap == EXPLORE_MISHAP_KEPT;
    case EXPLORE_CALL_READ: return mishap == EXPLORE_MISHAP_ERROR;
    case EXPLORE_CALL_FRAME: return mishap == EXPLORE_MISHAP_LOST;
    case EXPLORE_CALL_KINDS: break;
    }
    return false;
}

/* What the last loss of all that was not synced has left, and when; the disk that was needed so
 * far. */
struct seen {
    bool any;
    uint64_t events_run, version;
    uint64_t used_bytes;
};

static bool was_there(struct seen *seen, const struct explore_called *called,
                      enum explore_mishap mishap)
{
    if (mishap == EXPLORE_MISHAP_ROOM) {
        const bool fits = called->used_bytes <= seen->used_bytes;
        seen->used_bytes = fits ? seen->used_bytes : called->used_bytes;
        return fits;
    }
    if (mishap >= EXPLORE_MISHAP_TORN && mishap < EXPLORE_MISHAP_TORN + EXPLORE_TEARS) {
        return (called->tears >> (mishap - EXPLORE_MISHAP_TORN) & 1u) == 0;
    }
    if (mishap == EXPLORE_MISHAP_ERROR && called->follows) {
        return true; /* The change of names that it follows is late. */
    }
    if (mishap != EXPLORE_MISHAP_LOST && mishap != EXPLORE_MISHAP_AFTER) {
        return false;
    }
    const uint64_t version =
        mishap == EXPLORE_MISHAP_LOST ? called->before_version : called->after_version;
    const bool same =
        seen->any && seen->events_run == called->events_run && seen->version == version;
    seen->any = true;
    seen->events_run = called->events_run;
    seen->version = version;
    return same;
}

static bool is_meant(enum explore_which which, enum explore_mishap mishap)
{
    switch (which) {
    case EXPLORE_ALL_STEPS: return true;
    case EXPLORE_LATER_STEPS: return mishap != EXPLORE_MISHAP_ROOM;
    case EXPLORE_LOSSES: return explore_mishap_is_loss(mishap);
    }
    return false;
}

static struct explore_step step_of(const struct explore_called *called, enum explore_mishap mishap,
                                   sim_ns_t start_ns)
{
    const bool early = mishap == EXPLORE_MISHAP_ROOM;
    return (struct explore_step){
        .at = {.call = called->call, .mishap = (uint8_t)mishap, .number = called->number},
        .at_ns = early ? start_ns : called->at_ns,
        .capacity_bytes = early ? called->used_bytes - 1 : 0,
    };
}

/* Those of the beginning come first; the rest comes as it was called. */
static void add(struct explore_steps_plan *plan, const struct explore_step *step, size_t *early)
{
    size_t at = plan->len++;
    if (step->at.mishap == EXPLORE_MISHAP_ROOM) {
        memmove(&plan->steps[*early + 1], &plan->steps[*early],
                (at - *early) * sizeof plan->steps[0]);
        at = (*early)++;
    }
    plan->steps[at] = *step;
}

int explore_steps_plan_make(struct explore_steps_plan *plan, enum explore_which which,
                            const struct explore_called *called, size_t len, sim_ns_t start_ns,
                            struct err *err)
{
    struct seen seen = {.any = false};
    size_t early = 0;
    *plan = (struct explore_steps_plan){.len = 0};
    plan->steps = calloc(len * EXPLORE_MISHAP_COUNT + 1, sizeof *plan->steps);
    if (plan->steps == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for what may happen at %zu calls", len);
    }
    for (size_t i = 0; i < len; i++) {
        for (int m = 0; m < EXPLORE_MISHAP_COUNT; m++) {
            const enum explore_mishap mishap = (enum explore_mishap)m;
            if (!is_meant(which, mishap) || !happens(&called[i], mishap)) {
                continue;
            }
            plan->counts.points++;
            if (was_there(&seen, &called[i], mishap)) {
                plan->counts.same++;
            } else {
                const struct explore_step step = step_of(&called[i], mishap, start_ns);
                add(plan, &step, &early);
            }
        }
    }
    plan->counts.tried = plan->len;
    return 0;
}

void explore_steps_plan_draw(struct explore_steps_plan *plan, size_t sample, struct prng *prng)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->len && kept < sample; i++) {
        if (prng_below(prng, plan->len - i) < sample - kept) {
            plan->steps[kept++] = plan->steps[i];
        }
    }
    plan->counts.not_drawn += plan->len - kept;
    plan->counts.tried = kept;
    plan->len = kept;
}

void explore_steps_plan_release(struct explore_steps_plan *plan)
{
    free(plan->steps);
    *plan = (struct explore_steps_plan){.len = 0};
}

bool explore_step_place(struct explore_step *step, const struct explore_called *called, size_t len,
                        sim_ns_t start_ns)
{
    const enum explore_mishap mishap = (enum explore_mishap)step->at.mishap;
    for (size_t i = 0; i < len; i++) {
        if (called[i].call == step->at.call && called[i].number == step->at.number &&
            happens(&called[i], mishap)) {
            *step = step_of(&called[i], mishap, start_ns);
            return true;
        }
    }
    return false;
}
