/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_flash.c - asks the rules of an ECU's flash about each command. */
#include "inject/inject_flash.h"

#include "sim/trace.h"

#include <stdio.h>
#include <string.h>

enum { PHRASE_BYTES = 8, PERMILLE = 1000 };

static unsigned ops_of(uint8_t command)
{
    switch (command) {
    case S12X_CMD_ERASE_ALL:
    case S12X_CMD_ERASE_P_BLOCK:
    case S12X_CMD_ERASE_P_SECTOR:
    case S12X_CMD_UNSECURE: return INJECT_FLASH_ERASE;
    case S12X_CMD_PROGRAM_P: return INJECT_FLASH_PROGRAM;
    case S12X_CMD_ERASE_VERIFY_ALL:
    case S12X_CMD_ERASE_VERIFY_BLOCK:
    case S12X_CMD_ERASE_VERIFY_P_SECTION: return INJECT_FLASH_VERIFY;
    default: return 0;
    }
}

/* The array of the part that holds the address. */
static void block_around(const struct s12x_part *part, uint32_t address, uint32_t *start,
                         uint32_t *end)
{
    *start = address;
    *end = address;
    for (size_t i = 0; i < part->p_blocks_len; i++) {
        const struct s12x_block *block = &part->p_blocks[i];
        if (address - block->start < block->size_bytes) {
            *start = block->start;
            *end = block->start + block->size_bytes;
        }
    }
}

static bool touches(const struct inject_flash *inject, const struct s12x_op *op, uint32_t from,
                    uint32_t to)
{
    const struct s12x_part *part = s12x_ecu_cfg(inject->ecu)->flash.part;
    uint32_t start = op->address;
    uint32_t end = op->address + PHRASE_BYTES;
    if (op->command == S12X_CMD_ERASE_P_SECTOR) {
        start -= start % part->p_sector_bytes;
        end = start + part->p_sector_bytes;
    } else if (ops_of(op->command) == INJECT_FLASH_ERASE && op->command != S12X_CMD_ERASE_P_BLOCK) {
        return true;
    } else if (op->command == S12X_CMD_ERASE_P_BLOCK ||
               op->command == S12X_CMD_ERASE_VERIFY_BLOCK) {
        block_around(part, op->address, &start, &end);
    }
    return start < to && end > from;
}

static bool fits(const struct inject_flash_rule *rule, const struct s12x_op *op)
{
    const struct inject_flash_what *what = &rule->cfg.what;
    const unsigned ops = what->ops != 0 ? what->ops : INJECT_FLASH_ERASE | INJECT_FLASH_PROGRAM;
    const bool chosen =
        what->command != 0 ? what->command == op->command : (ops & ops_of(op->command)) != 0;
    return chosen && (what->end == 0 || touches(rule->inject, op, what->start, what->end));
}

static void slow_down(const struct inject_flash_effect *effect, const struct s12x_op *op,
                      struct s12x_op_fault *fault)
{
    uint64_t permille = effect->slow_permille;
    if (effect->duration_ns != 0) {
        permille = (effect->duration_ns * PERMILLE + op->duration_ns - 1) / op->duration_ns;
    }
    fault->slow_permille = permille < UINT32_MAX ? (uint32_t)permille : UINT32_MAX;
}

static void apply(const struct inject_flash_effect *effect, const struct s12x_op *op,
                  struct s12x_op_fault *fault)
{
    switch (effect->kind) {
    case INJECT_FLASH_SLOW: slow_down(effect, op, fault); return;
    case INJECT_FLASH_FAIL:
        fault->mgstat1 = true;
        fault->mgstat0 |= effect->not_correctable;
        return;
    case INJECT_FLASH_NO_EFFECT: fault->no_effect = true; return;
    case INJECT_FLASH_IN_FLIGHT: fault->flip ^= effect->mask; return;
    case INJECT_FLASH_AT_REST: return;
    }
}

static void fire(struct inject_flash_rule *rule, const struct s12x_op *op)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s 0x%06X", s12x_command_name(op->command),
                   (unsigned)op->address);
    inject_turns_fire(&rule->turns, rule->inject->base->sim->now_ns, text);
}

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    struct inject_flash *inject = ctx;
    const sim_ns_t now_ns = inject->base->sim->now_ns;
    for (size_t i = 0; i < inject->rules_len; i++) {
        struct inject_flash_rule *rule = inject->rules[i];
        rule->hits_op = fits(rule, op) && inject_turns_choose(&rule->turns, now_ns);
        if (rule->hits_op && rule->cfg.effect.kind != INJECT_FLASH_AT_REST) {
            apply(&rule->cfg.effect, op, fault);
            fire(rule, op);
        }
    }
    if (inject->observer.on_launch != NULL) {
        inject->observer.on_launch(inject->observer.ctx, op, fault);
    }
}

static void flip_phrase(struct inject_flash *inject, uint32_t address, uint64_t mask)
{
    for (uint32_t i = 0; i < PHRASE_BYTES; i++) {
        s12x_flash_inject_flip(s12x_ecu_flash(inject->ecu), address + i, (uint8_t)(mask >> 8 * i));
    }
}

static void on_done(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns)
{
    struct inject_flash *inject = ctx;
    for (size_t i = 0; i < inject->rules_len; i++) {
        struct inject_flash_rule *rule = inject->rules[i];
        if (rule->hits_op && rule->cfg.effect.kind == INJECT_FLASH_AT_REST) {
            flip_phrase(inject, op->address, rule->cfg.effect.mask);
            fire(rule, op);
        }
        rule->hits_op = false;
    }
    if (inject->observer.on_done != NULL) {
        inject->observer.on_done(inject->observer.ctx, op, fstat, now_ns);
    }
}

static void on_step(void *ctx, const struct s12x_op *op)
{
    const struct inject_flash *inject = ctx;
    if (inject->observer.on_step != NULL) {
        inject->observer.on_step(inject->observer.ctx, op);
    }
}

static void on_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    const struct inject_flash *inject = ctx;
    if (inject->observer.on_torn != NULL) {
        inject->observer.on_torn(inject->observer.ctx, op, permille, now_ns);
    }
}

static void on_finding(void *ctx, enum s12x_finding finding, uint32_t address, sim_ns_t now_ns)
{
    const struct inject_flash *inject = ctx;
    if (inject->observer.on_finding != NULL) {
        inject->observer.on_finding(inject->observer.ctx, finding, address, now_ns);
    }
}

void inject_flash_init(struct inject_flash *inject, struct s12x_ecu *ecu,
                       const struct s12x_hooks *observer)
{
    memset(inject, 0, sizeof *inject);
    inject->ecu = ecu;
    inject->base = s12x_ecu_base(ecu);
    if (observer != NULL) {
        inject->observer = *observer;
    }
    const struct s12x_hooks hooks = {.ctx = inject,
                                     .on_launch = on_launch,
                                     .on_done = on_done,
                                     .on_step = on_step,
                                     .on_torn = on_torn,
                                     .on_finding = on_finding};
    s12x_ecu_set_flash_hooks(ecu, &hooks);
}

void inject_flash_release(struct inject_flash *inject)
{
    while (inject->rules_len > 0) {
        inject_flash_remove(inject->rules[inject->rules_len - 1]);
    }
    s12x_ecu_set_flash_hooks(inject->ecu, &inject->observer);
}

void inject_flash_add(struct inject_flash *inject, struct inject_flash_rule *rule,
                      const struct inject_flash_rule_cfg *cfg)
{
    const struct inject_flash_effect *effect = &cfg->effect;
    CHECK(inject->rules_len < INJECT_FLASH_RULES_MAX);
    CHECK(effect->kind != INJECT_FLASH_SLOW ||
          (effect->slow_permille != 0) != (effect->duration_ns != 0));
    *rule = (struct inject_flash_rule){.cfg = *cfg, .inject = inject};
    if (effect->kind == INJECT_FLASH_IN_FLIGHT || effect->kind == INJECT_FLASH_AT_REST) {
        CHECK(effect->mask != 0);
        rule->cfg.what.ops = INJECT_FLASH_PROGRAM;
    }
    inject_turns_init(&rule->turns, inject->base->sim, inject->base->source, &cfg->turns);
    inject->rules[inject->rules_len++] = rule;
}

void inject_flash_remove(struct inject_flash_rule *rule)
{
    struct inject_flash *inject = rule->inject;
    if (inject == NULL) {
        return;
    }
    size_t at = 0;
    while (inject->rules[at] != rule) {
        at++;
        CHECK(at < inject->rules_len);
    }
    inject_turns_release(&rule->turns);
    inject->rules_len--;
    memmove(&inject->rules[at], &inject->rules[at + 1],
            (inject->rules_len - at) * sizeof(struct inject_flash_rule *));
    rule->inject = NULL;
}

static void note(const struct inject_flash *inject, const char *name, const char *what,
                 uint32_t address)
{
    const struct sim *sim = inject->base->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, inject->base->source, 1,
               "%s: %s at 0x%06X", name, what, (unsigned)address);
}

void inject_flash_flip(struct inject_flash *inject, const char *name, uint32_t address,
                       uint8_t mask)
{
    s12x_flash_inject_flip(s12x_ecu_flash(inject->ecu), address, mask);
    note(inject, name, "bits flip", address);
}

void inject_flash_stick(struct inject_flash *inject, const char *name, uint32_t address,
                        uint8_t mask, uint8_t value)
{
    s12x_flash_inject_stuck(s12x_ecu_flash(inject->ecu), address, mask, value);
    note(inject, name, "bits are stuck", address);
}

void inject_flash_wear(struct inject_flash *inject, const char *name, uint32_t address,
                       uint32_t erases)
{
    s12x_flash_set_erase_count(s12x_ecu_flash(inject->ecu), address, erases);
    note(inject, name, "sector is worn", address);
}
