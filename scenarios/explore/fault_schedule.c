/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_schedule.c - draws schedules, and tells what is in them. */
#include "scenarios/explore/fault_schedule.h"

#include "sim/prng.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is tied to the n-th of something is drawn a little beyond what the undisturbed update has,
 * for what faults make the master do again. */
static uint32_t draw_nth(struct prng *prng, uint32_t count)
{
    return 1u + (uint32_t)prng_below(prng, count + count / 4u + 1u);
}

/* Each power of two as likely: short times are as interesting as long ones. */
static uint32_t draw_value(struct prng *prng, const struct fault_parameter *parameter)
{
    const uint32_t min = parameter->min;
    const uint32_t span = parameter->max - min;
    if (parameter->unit == FAULT_WORD || span < 16) {
        return min + (uint32_t)prng_below(prng, (uint64_t)span + 1);
    }
    uint32_t bits = 1;
    while (bits < 32 && span >> bits != 0) {
        bits++;
    }
    const uint32_t top = 1u << prng_below(prng, bits);
    const uint32_t value = (uint32_t)prng_below(prng, 2u * (uint64_t)top);
    return min + (value < span ? value : span);
}

/* Whether a kind can be tied to it: the update may never ask for it, and a rollback hangs on the
 * version that is read, which has no second source. */
static bool has_target(const struct fault_kind *kind, size_t target,
                       const struct fault_schedule *schedule, const struct fault_scope *scope)
{
    const bool blinds = target == FAULT_READ && kind->says_no;
    return (kind->targets >> target & 1u) != 0 && scope->requests[target] != 0 &&
           !(blinds && fault_settings[schedule->setting].goes_back);
}

static bool has_targets(const struct fault_kind *kind, const struct fault_schedule *schedule,
                        const struct fault_scope *scope)
{
    bool any = kind->targets == 0;
    for (size_t i = 0; i < FAULT_TARGETS; i++) {
        any = any || has_target(kind, i, schedule, scope);
    }
    return any;
}

/* What most schedules lack: where no retry helps until the campaign is over, nothing else is put to
 * the test, and the nature of an ECU may hide what another one shows. */
struct mood {
    bool lasts;   /* One fault may last as long as the campaign. */
    bool natured; /* The ECU may have quirks. */
};
enum { LASTING_ONE_IN = 4, NATURED_ONE_IN = 2 };

/* Those that many schedules lack are the more frequent in the others. */
static uint32_t weight_in(const struct fault_kind *kind, const struct fault_schedule *schedule,
                          const struct mood *mood)
{
    switch (kind->end) {
    case FAULT_ENDS: return kind->weight;
    case FAULT_STAYS: return mood->natured ? NATURED_ONE_IN * kind->weight : 0;
    case FAULT_ENDS_WITH_CAMPAIGN: break;
    }
    for (size_t i = 0; i < schedule->len; i++) {
        if (fault_kinds[schedule->faults[i].kind].end == FAULT_ENDS_WITH_CAMPAIGN) {
            return 0;
        }
    }
    return mood->lasts ? LASTING_ONE_IN * kind->weight : 0;
}

struct draw {
    struct prng prng;
    const struct fault_scope *scope;
    struct mood mood;
};

static uint32_t weight_of(const struct fault_kind *kind, const struct fault_schedule *schedule,
                          const struct draw *draw)
{
    uint32_t drawn = 0;
    for (size_t i = 0; i < schedule->len; i++) {
        drawn += &fault_kinds[schedule->faults[i].kind] == kind;
    }
    return drawn < kind->most && has_targets(kind, schedule, draw->scope)
               ? weight_in(kind, schedule, &draw->mood)
               : 0;
}

static uint8_t draw_kind(struct draw *draw, const struct fault_schedule *schedule)
{
    uint32_t all = 0;
    for (size_t i = 0; i < fault_kinds_len; i++) {
        all += weight_of(&fault_kinds[i], schedule, draw);
    }
    uint32_t at = (uint32_t)prng_below(&draw->prng, all);
    size_t kind = 0;
    for (; at >= weight_of(&fault_kinds[kind], schedule, draw); kind++) {
        at -= weight_of(&fault_kinds[kind], schedule, draw);
    }
    return (uint8_t)kind;
}

static uint8_t draw_target(struct draw *draw, const struct fault_kind *kind,
                           const struct fault_schedule *schedule)
{
    uint32_t weights[FAULT_TARGETS];
    uint32_t all = 0;
    for (size_t i = 0; i < FAULT_TARGETS; i++) {
        weights[i] = has_target(kind, i, schedule, draw->scope) ? fault_targets[i].weight : 0;
        all += weights[i];
    }
    CHECK(all != 0);
    uint32_t at = (uint32_t)prng_below(&draw->prng, all);
    size_t target = 0;
    for (; at >= weights[target]; target++) {
        at -= weights[target];
    }
    return (uint8_t)target;
}

static uint32_t count_of(const struct fault *fault, const struct fault_scope *scope)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    switch (kind->tie) {
    case FAULT_HITS_COMMAND:
        CHECK(kind->parameters[0].name != NULL);
        return scope->commands[strcmp(kind->parameters[0].name, "operation") == 0
                                   ? fault_value(fault, "operation")
                                   : 1];
    case FAULT_HITS_FILE: return scope->files[fault_value(fault, "operation")];
    case FAULT_FROM_BEGIN: return 0;
    case FAULT_HITS_MESSAGE:
    case FAULT_BEGINS_AFTER: break;
    }
    return scope->requests[fault->target];
}

static void draw_fault(struct draw *draw, struct fault_schedule *schedule)
{
    struct fault fault = {.number = (uint16_t)(schedule->len + 1)};
    fault.kind = draw_kind(draw, schedule);
    const struct fault_kind *kind = &fault_kinds[fault.kind];
    if (kind->targets != 0) {
        fault.target = draw_target(draw, kind, schedule);
    }
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        fault.values[i] = draw_value(&draw->prng, &kind->parameters[i]);
    }
    fault.nth = draw_nth(&draw->prng,
                         count_of(&fault, draw->scope) * fault_settings[schedule->setting].rounds);
    schedule->faults[schedule->len++] = fault;
}

void fault_schedule_draw(struct fault_schedule *schedule, const struct fault_draw_cfg *cfg,
                         uint64_t number, const struct fault_scope *scope)
{
    char stream[FAULT_ID_CHARS + 16];
    char id[FAULT_ID_CHARS];
    struct draw draw = {.scope = scope};
    CHECK(cfg->min >= 1 && cfg->min <= cfg->max && cfg->max <= FAULTS_MAX);
    *schedule = (struct fault_schedule){
        .number = number, .setting = fault_setting_draw(cfg->settings, cfg->seed, number)};
    fault_schedule_id(number, id);
    (void)snprintf(stream, sizeof stream, "explore faults %s", id);
    prng_init(&draw.prng, cfg->seed, stream);
    const size_t len = cfg->min + (size_t)prng_below(&draw.prng, cfg->max - cfg->min + 1);
    /* What a setting expects, another nature of the ECU could change. */
    const bool plain =
        schedule->setting == FAULT_SOUND || fault_settings[schedule->setting].session_too;
    draw.mood.lasts = prng_below(&draw.prng, LASTING_ONE_IN) == 0 && plain;
    draw.mood.natured = prng_below(&draw.prng, NATURED_ONE_IN) == 0 && plain;
    while (schedule->len < len) {
        draw_fault(&draw, schedule);
    }
}

bool fault_schedule_same(const struct fault_schedule *a, const struct fault_schedule *b)
{
    bool same = a->setting == b->setting && a->len == b->len;
    for (size_t i = 0; same && i < a->len; i++) {
        const struct fault *one = &a->faults[i];
        const struct fault *other = &b->faults[i];
        same = one->kind == other->kind && one->target == other->target && one->nth == other->nth &&
               memcmp(one->values, other->values, sizeof one->values) == 0;
    }
    return same;
}

void fault_schedule_id(uint64_t number, char text[FAULT_ID_CHARS])
{
    (void)snprintf(text, FAULT_ID_CHARS, "s%" PRIu64, number);
}

bool fault_schedule_parse_id(const char *text, uint64_t *number)
{
    char again[FAULT_ID_CHARS];
    if (text[0] != 's' || text[1] < '1' || text[1] > '9') {
        return false;
    }
    *number = strtoull(text + 1, NULL, 10);
    fault_schedule_id(*number, again);
    return strcmp(again, text) == 0;
}

static size_t tell_values(const struct fault *fault, char *text, size_t room)
{
    static const char *const units[] = {[FAULT_US] = " us", [FAULT_MS] = " ms", [FAULT_MV] = " mV"};
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    size_t len = 0;
    for (size_t i = 0; i < FAULT_PARAMETERS_MAX && kind->parameters[i].name != NULL; i++) {
        const struct fault_parameter *parameter = &kind->parameters[i];
        const char *name = parameter->name;
        const size_t len_all = strlen(name);
        const int name_len = (int)(name[len_all - 1] == '_' ? len_all - 1 : len_all);
        const char *unit = parameter->unit < ARRAY_SIZE(units) && units[parameter->unit] != NULL
                               ? units[parameter->unit]
                               : "";
        const int put = parameter->unit == FAULT_WORD
                            ? snprintf(text + len, room - len, "%s%.*s %s", i > 0 ? ", " : "",
                                       name_len, name, parameter->words[fault->values[i]])
                            : snprintf(text + len, room - len, "%s%.*s %" PRIu32 "%s",
                                       i > 0 ? ", " : "", name_len, name, fault->values[i], unit);
        CHECK(put > 0 && (size_t)put < room - len);
        len += (size_t)put;
    }
    return len;
}

void fault_describe(const struct fault *fault, char text[FAULT_TEXT_CHARS])
{
    static const char *const things[] = {[FAULT_HITS_COMMAND] = "command of the flash",
                                         [FAULT_HITS_FILE] = "operation on the journal"};
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    const bool has_target = kind->targets != 0;
    char values[FAULT_TEXT_CHARS / 2];
    values[0] = '\0';
    (void)tell_values(fault, values, sizeof values);
    if (kind->tie == FAULT_FROM_BEGIN) {
        (void)snprintf(text, FAULT_TEXT_CHARS, "%s%s%s%s, from the beginning", kind->name,
                       values[0] != '\0' ? " (" : "", values, values[0] != '\0' ? ")" : "");
        return;
    }
    (void)snprintf(text, FAULT_TEXT_CHARS, "%s (%s), %s %s %" PRIu32, kind->name, values,
                   kind->tie == FAULT_BEGINS_AFTER ? "after" : "at",
                   has_target ? fault_targets[fault->target].text : things[kind->tie], fault->nth);
}

static bool hits_answer(const struct fault *fault)
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    return (strcmp(kind->parameters[0].name, "way") == 0 && fault->values[0] != 0) ||
           (kind->fixed != NULL && strstr(kind->fixed, "answer") != NULL);
}

static void tell(const struct fault *fault, char text[FAULT_TEXT_CHARS])
{
    const struct fault_kind *kind = &fault_kinds[fault->kind];
    const char *target = fault_targets[fault->target].text;
    switch (kind->tie) {
    case FAULT_HITS_MESSAGE:
        (void)snprintf(text, FAULT_TEXT_CHARS, "%s, number %" PRIu32 ": the %s %s.", target,
                       fault->nth, hits_answer(fault) ? "answer" : "request", kind->text);
        return;
    case FAULT_BEGINS_AFTER:
        (void)snprintf(text, FAULT_TEXT_CHARS, "After %s, number %" PRIu32 ": %s, %s.", target,
                       fault->nth, kind->name, kind->text);
        return;
    case FAULT_HITS_COMMAND:
        (void)snprintf(text, FAULT_TEXT_CHARS, "Command of the flash number %" PRIu32 " %s.",
                       fault->nth, kind->text);
        return;
    case FAULT_HITS_FILE:
        (void)snprintf(text, FAULT_TEXT_CHARS, "Operation %" PRIu32 " on the journal %s.",
                       fault->nth, kind->text);
        return;
    case FAULT_FROM_BEGIN: (void)snprintf(text, FAULT_TEXT_CHARS, "%s.", kind->text); return;
    }
}

void fault_sentence(const struct fault *fault, char text[FAULT_TEXT_CHARS])
{
    tell(fault, text);
    text[0] = (char)toupper((unsigned char)text[0]);
}
