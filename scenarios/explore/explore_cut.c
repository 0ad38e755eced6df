/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_cut.c - ids of cuts, and the plan of a sweep. */
#include "scenarios/explore/explore_cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The id of the update without any cut. */
#define CLEAN "clean"

sim_ns_t explore_op_part_ns(const struct explore_op *op, uint8_t part)
{
    static const uint16_t permille[EXPLORE_PARTS] = {0, 200, 400, 600, 800, 1000, 70, 930};
    CHECK(part < EXPLORE_PARTS);
    return op->start_ns + (op->end_ns - op->start_ns) * permille[part] / 1000;
}

int explore_cut_place(struct explore_cut *cut, const struct explore_op *ops, size_t ops_len,
                      struct err *err)
{
    const struct explore_path alone = {.len = 1, .cuts = {*cut}};
    char id[EXPLORE_ID_CHARS];
    for (size_t i = 0; i < ops_len; i++) {
        if (ops[i].kind == cut->kind && ops[i].number == cut->number) {
            cut->at_ns = explore_op_part_ns(&ops[i], cut->part);
            return 0;
        }
    }
    explore_path_print(&alone, id);
    return err_set(err, ERR_NOT_FOUND,
                   "%s: the run has no such operation; size, style, resume and seed must be those "
                   "of the sweep",
                   id);
}

void explore_path_print(const struct explore_path *path, char text[EXPLORE_ID_CHARS])
{
    size_t at = 0;
    (void)snprintf(text, EXPLORE_ID_CHARS, "%s", path->len == 0 ? CLEAN : "");
    for (uint8_t i = 0; i < path->len; i++) {
        const struct explore_cut *cut = &path->cuts[i];
        const int len =
            snprintf(&text[at], EXPLORE_ID_CHARS - at, "%s%c%u.%u", i > 0 ? "+" : "",
                     explore_op_letter((enum explore_op_kind)cut->kind), cut->number, cut->part);
        CHECK(len > 0 && (size_t)len < EXPLORE_ID_CHARS - at);
        at += (size_t)len;
    }
}

static bool parse_number(const char **text, uint32_t max, uint32_t *number)
{
    uint64_t value = 0;
    const char *at = *text;
    while (*at >= '0' && *at <= '9' && value <= max) {
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    if (at == *text || value > max) {
        return false;
    }
    *number = (uint32_t)value;
    *text = at;
    return true;
}

static bool parse_cut(const char **text, struct explore_cut *cut)
{
    uint32_t part = 0;
    int kind = 0;
    while (kind < EXPLORE_OP_KINDS && explore_op_letter((enum explore_op_kind)kind) != **text) {
        kind++;
    }
    if (kind == EXPLORE_OP_KINDS) {
        return false;
    }
    *cut = (struct explore_cut){.kind = (uint8_t)kind};
    ++*text;
    if (!parse_number(text, UINT32_MAX, &cut->number) || cut->number == 0 || **text != '.') {
        return false;
    }
    ++*text;
    if (!parse_number(text, EXPLORE_PARTS - 1, &part)) {
        return false;
    }
    cut->part = (uint8_t)part;
    return true;
}

bool explore_path_parse(struct explore_path *path, const char *text)
{
    path->len = 0;
    if (strcmp(text, CLEAN) == 0) {
        return true;
    }
    while (path->len < EXPLORE_CUTS_MAX && parse_cut(&text, &path->cuts[path->len])) {
        path->len++;
        if (*text == '\0') {
            return true;
        }
        if (*text++ != '+') {
            return false;
        }
    }
    return false;
}

static bool power_of_two(uint32_t number)
{
    return (number & (number - 1)) == 0;
}

static bool in_mode(enum explore_mode mode, const struct explore_op *op, uint8_t part)
{
    switch (mode) {
    case EXPLORE_LOG: return power_of_two(op->number);
    case EXPLORE_LINEAR: return part == EXPLORE_PART_BEFORE || part == EXPLORE_PART_AFTER;
    case EXPLORE_EXHAUSTIVE: break;
    }
    return true;
}

static void add_parts(struct explore_plan *plan, enum explore_mode mode,
                      const struct explore_op *op, sim_ns_t after_ns)
{
    /* A frame has no cells that could be weak. */
    const uint8_t parts = op->kind == EXPLORE_FRAME ? EXPLORE_PART_AFTER + 1 : EXPLORE_PARTS;
    for (uint8_t part = 0; part < parts; part++) {
        const sim_ns_t at_ns = explore_op_part_ns(op, part);
        plan->counts.points++;
        if (!in_mode(mode, op, part)) {
            plan->counts.not_in_mode++;
        } else if (!op->powered || at_ns <= after_ns) {
            plan->counts.no_supply++;
        } else {
            plan->cuts[plan->len++] = (struct explore_cut){
                .kind = op->kind, .part = part, .number = op->number, .at_ns = at_ns};
        }
    }
}

/* A total order: no two cuts are of one operation and part. */
static int compare(const void *left, const void *right)
{
    const struct explore_cut *a = left;
    const struct explore_cut *b = right;
    if (a->at_ns != b->at_ns) {
        return a->at_ns < b->at_ns ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return (int)a->part - (int)b->part;
}

static void drop_same_instants(struct explore_plan *plan)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->len; i++) {
        if (kept > 0 && plan->cuts[kept - 1].at_ns == plan->cuts[i].at_ns) {
            plan->counts.same_instant++;
        } else {
            plan->cuts[kept++] = plan->cuts[i];
        }
    }
    plan->len = kept;
}

/* Each of those left is drawn with the same probability; their order stays. */
static void draw(struct explore_plan *plan, size_t sample, struct prng *prng)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->len && kept < sample; i++) {
        if (prng_below(prng, plan->len - i) < sample - kept) {
            plan->cuts[kept++] = plan->cuts[i];
        }
    }
    plan->counts.not_drawn += plan->len - kept;
    plan->len = kept;
}

int explore_plan_make(struct explore_plan *plan, const struct explore_plan_cfg *cfg,
                      const struct explore_op *ops, size_t ops_len, sim_ns_t after_ns,
                      struct prng *prng, struct err *err)
{
    *plan = (struct explore_plan){.len = 0};
    plan->cuts = malloc((ops_len * EXPLORE_PARTS + 1) * sizeof *plan->cuts);
    if (plan->cuts == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a plan of %zu cuts",
                       ops_len * EXPLORE_PARTS);
    }
    for (size_t i = 0; i < ops_len; i++) {
        add_parts(plan, cfg->mode, &ops[i], after_ns);
    }
    qsort(plan->cuts, plan->len, sizeof *plan->cuts, compare);
    drop_same_instants(plan);
    if (cfg->sample != 0 && cfg->sample < plan->len) {
        draw(plan, cfg->sample, prng);
    }
    plan->counts.cuts = plan->len;
    return 0;
}

int explore_plan_make_second(struct explore_plan *plan, const struct explore_plan_cfg *cfg,
                             const struct explore_path *first, const struct explore_op *ops,
                             size_t ops_len, uint64_t seed, struct err *err)
{
    struct prng prng;
    char id[EXPLORE_ID_CHARS];
    char stream[EXPLORE_ID_CHARS + 16];
    struct explore_plan_cfg one = *cfg;
    explore_path_print(first, id);
    (void)snprintf(stream, sizeof stream, "explore %s", id);
    prng_init(&prng, seed, stream);
    one.sample = one.sample != 0 ? 1 : 0;
    return explore_plan_make(plan, &one, ops, ops_len, first->cuts[0].at_ns + 1, &prng, err);
}

void explore_plan_release(struct explore_plan *plan)
{
    free(plan->cuts);
    *plan = (struct explore_plan){.len = 0};
}

void explore_plan_counts_add(uint64_t numbers[EXPLORE_PLAN_NUMBERS],
                             const struct explore_plan_counts *counts)
{
    numbers[0] += counts->points;
    numbers[1] += counts->not_in_mode;
    numbers[2] += counts->no_supply;
    numbers[3] += counts->same_instant;
    numbers[4] += counts->not_drawn;
    numbers[5] += counts->cuts;
}
