/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_ecu.c - asks the rules of an ECU about requests, responses and flow controls. */
#include "inject/inject_ecu.h"

#include <stdio.h>
#include <string.h>

#define FIRST_PENDING_NS SIM_MS(30)

enum moment { AT_REQUEST, AT_RESPONSE, AT_FLOW };

/* A request, or what is known of it. */
struct asked {
    const uint8_t *data;
    size_t known; /* Bytes of it. */
    uint16_t len; /* All of it. */
    bool functional;
};

static enum moment moment_of(const struct inject_ecu_effect *effect)
{
    switch (effect->kind) {
    case INJECT_ECU_REFUSE: return effect->works ? AT_RESPONSE : AT_REQUEST;
    case INJECT_ECU_SILENCE:
    case INJECT_ECU_PENDING:
    case INJECT_ECU_LOSE_SESSION: return AT_REQUEST;
    case INJECT_ECU_DELAY:
    case INJECT_ECU_CHANGE:
    case INJECT_ECU_REPLACE: return AT_RESPONSE;
    case INJECT_ECU_FLOW: return AT_FLOW;
    }
    return AT_REQUEST;
}

static bool fits_phase(const struct inject_ecu *inject, enum inject_ecu_phase phase)
{
    return phase == INJECT_ANY_PHASE ||
           inject->base->run == (phase == INJECT_IN_BOOTLOADER ? ECU_BOOTLOADER : ECU_APPLICATION);
}

static bool fits_bytes(const struct inject_ecu_what *what, const struct asked *asked)
{
    for (size_t i = 0; i < INJECT_BYTES_MAX && what->bytes[i].mask != 0; i++) {
        const struct inject_byte *byte = &what->bytes[i];
        if (byte->offset >= asked->known ||
            ((asked->data[byte->offset] ^ byte->value) & byte->mask) != 0) {
            return false;
        }
    }
    return true;
}

static bool fits(struct inject_ecu_rule *rule, const struct asked *asked)
{
    const struct inject_ecu_what *what = &rule->cfg.what;
    struct uds_view view;
    uds_view_request(&view, asked->data, asked->known, &rule->inject->asked);
    return fits_phase(rule->inject, what->phase) &&
           (what->address == INJECT_ANY_ADDRESS ||
            (what->address == INJECT_FUNCTIONAL) == asked->functional) &&
           (what->service == 0 || what->service == view.service) &&
           (what->sub == 0 || what->sub == view.sub) && asked->len >= what->len_min &&
           (what->len_max == 0 || asked->len <= what->len_max) && fits_bytes(what, asked);
}

/* Service and sub-function, for the trace. */
static void fire(struct inject_ecu_rule *rule, const struct asked *asked, sim_ns_t now_ns)
{
    char text[16];
    const int len = snprintf(text, sizeof text, "%02X", asked->data[0]);
    if (asked->known > 1) {
        (void)snprintf(text + len, sizeof text - (size_t)len, " %02X", asked->data[1]);
    }
    inject_turns_fire(&rule->turns, now_ns, text);
}

static void plan_pending(const struct inject_ecu_effect *effect, struct uds_plan *plan)
{
    const struct inject_ecu_pending *pending = &effect->pending;
    const bool ends = pending->then != INJECT_THEN_NEVER;
    plan->pendings = ends ? pending->count : UDS_PENDINGS_FOR_EVER;
    plan->pending_first_ns = pending->first_ns != 0 ? pending->first_ns : FIRST_PENDING_NS;
    plan->pending_every_ns = pending->every_ns;
    plan->refuse = !effect->works;
    plan->silent = pending->then == INJECT_THEN_SILENCE;
    if (pending->then == INJECT_THEN_NRC) {
        plan->nrc = (enum uds_nrc)effect->nrc;
    }
}

static void apply_to_request(const struct inject_ecu_rule *rule, struct uds_plan *plan)
{
    const struct inject_ecu_effect *effect = &rule->cfg.effect;
    switch (effect->kind) {
    case INJECT_ECU_REFUSE:
        plan->refuse = true;
        plan->nrc = (enum uds_nrc)effect->nrc;
        return;
    case INJECT_ECU_SILENCE:
        plan->refuse = !effect->works;
        plan->silent = true;
        return;
    case INJECT_ECU_PENDING: plan_pending(effect, plan); return;
    case INJECT_ECU_LOSE_SESSION: plan->lose_session = true; return;
    case INJECT_ECU_DELAY:
    case INJECT_ECU_CHANGE:
    case INJECT_ECU_REPLACE:
    case INJECT_ECU_FLOW: return;
    }
}

static void remember(struct inject_ecu *inject, const uint8_t *data, uint16_t len, bool functional)
{
    inject->request_len = len < sizeof inject->request ? len : sizeof inject->request;
    inject->request_full_len = len;
    memcpy(inject->request, data, inject->request_len);
    inject->functional = functional;
}

static struct asked remembered(const struct inject_ecu *inject)
{
    return (struct asked){.data = inject->request,
                          .known = inject->request_len,
                          .len = inject->request_full_len,
                          .functional = inject->functional};
}

static void on_request(void *ctx, const struct uds_request *req, struct uds_plan *plan)
{
    struct inject_ecu *inject = ctx;
    remember(inject, req->data, req->len, req->functional);
    const struct asked asked = remembered(inject);
    for (size_t i = 0; i < inject->rules_len; i++) {
        struct inject_ecu_rule *rule = inject->rules[i];
        rule->hits_request = moment_of(&rule->cfg.effect) == AT_REQUEST && fits(rule, &asked) &&
                             inject_turns_choose(&rule->turns, req->now_ns);
        if (rule->hits_request) {
            apply_to_request(rule, plan);
            fire(rule, &asked, req->now_ns);
        }
    }
}

/* A response that nobody asked for in this life of the ECU: what it must have been asked for. */
static void remember_by_response(struct inject_ecu *inject, const struct uds_response *rsp)
{
    const bool negative = rsp->data[0] == UDS_NEGATIVE_RESPONSE && rsp->len > 1;
    const uint8_t service = negative ? rsp->data[1] : (uint8_t)(rsp->data[0] - UDS_RESPONSE_OFFSET);
    if (inject->request_len > 0 && inject->request[0] == service) {
        return;
    }
    const uint8_t request[2] = {service, rsp->len > 1 && !negative ? rsp->data[1] : 0};
    remember(inject, request, sizeof request, false);
}

static bool change(const struct inject_ecu_effect *effect, struct uds_response *rsp)
{
    bool changed = false;
    if (rsp->data[0] == UDS_NEGATIVE_RESPONSE) {
        return false;
    }
    const uint16_t len = effect->len != 0 ? (uint8_t)effect->len : rsp->len;
    if (len > rsp->len) {
        memset(rsp->data + rsp->len, 0, (size_t)(len - rsp->len));
    }
    changed = len != rsp->len;
    rsp->len = len;
    for (size_t i = 0; i < INJECT_BYTES_MAX && effect->changes[i].mask != 0; i++) {
        const struct inject_change *one = &effect->changes[i];
        if (one->offset >= rsp->len) {
            continue;
        }
        const uint8_t old = rsp->data[one->offset];
        const uint8_t other = one->invert ? (uint8_t)~old : one->value;
        rsp->data[one->offset] = (uint8_t)((old & ~one->mask) | (other & one->mask));
        changed |= rsp->data[one->offset] != old;
    }
    return changed;
}

static void replace(struct uds_response *rsp, const uint8_t *with, size_t len)
{
    memcpy(rsp->data, with, len);
    rsp->len = (uint16_t)len;
}

static void refuse(struct uds_response *rsp, const struct asked *asked, uint8_t nrc)
{
    const uint8_t negative[3] = {UDS_NEGATIVE_RESPONSE, asked->data[0], nrc};
    replace(rsp, negative, sizeof negative);
}

/* False: nothing has changed. */
static bool apply_to_response(struct inject_ecu_rule *rule, const struct asked *asked,
                              struct uds_response *rsp, sim_ns_t *delay_ns)
{
    const struct inject_ecu_effect *effect = &rule->cfg.effect;
    if (effect->kind == INJECT_ECU_CHANGE) {
        return change(effect, rsp);
    }
    if (effect->kind == INJECT_ECU_DELAY) {
        *delay_ns += effect->delay_ns;
        if (effect->jitter_ns != 0) {
            *delay_ns += prng_below(&rule->turns.prng, effect->jitter_ns + 1);
        }
    } else if (effect->kind == INJECT_ECU_REPLACE) {
        replace(rsp, effect->answer, effect->answer_len);
    } else {
        refuse(rsp, asked, effect->nrc);
    }
    return true;
}

/* 0x78 that end in a refusal although the work was done. */
static bool ends_in_refusal(const struct inject_ecu_rule *rule)
{
    const struct inject_ecu_effect *effect = &rule->cfg.effect;
    return rule->hits_request && effect->kind == INJECT_ECU_PENDING && effect->works &&
           effect->pending.then == INJECT_THEN_NRC;
}

/* Of positive responses alone, the changing rules. */
static bool concerns(const struct inject_ecu_rule *rule, const struct uds_response *rsp)
{
    return moment_of(&rule->cfg.effect) == AT_RESPONSE &&
           (rule->cfg.effect.kind != INJECT_ECU_CHANGE || rsp->data[0] != UDS_NEGATIVE_RESPONSE);
}

static bool on_response(void *ctx, struct uds_response *rsp, proto_ns_t *not_before_ns,
                        proto_ns_t now_ns)
{
    struct inject_ecu *inject = ctx;
    sim_ns_t delay_ns = 0;
    remember_by_response(inject, rsp);
    const struct asked asked = remembered(inject);
    for (size_t i = 0; i < inject->rules_len; i++) {
        struct inject_ecu_rule *rule = inject->rules[i];
        if (ends_in_refusal(rule)) {
            refuse(rsp, &asked, rule->cfg.effect.nrc);
        } else if (concerns(rule, rsp) && fits(rule, &asked) &&
                   inject_turns_choose(&rule->turns, now_ns) &&
                   apply_to_response(rule, &asked, rsp, &delay_ns)) {
            fire(rule, &asked, now_ns);
        }
    }
    if (delay_ns != 0) {
        *not_before_ns = (*not_before_ns > now_ns ? *not_before_ns : now_ns) + delay_ns;
    }
    return true;
}

/* True if it changes what the ECU would send. */
static bool apply_to_flow(struct inject_ecu_rule *rule, struct isotp_flow *flow)
{
    const struct inject_ecu_flow *effect = &rule->cfg.effect.flow;
    if (effect->leave_out && flow->number >= effect->leave_out_at) {
        flow->leave_out = true;
        return true;
    }
    if (effect->overflow) {
        flow->status = ISOTP_FS_OVERFLOW;
        return true;
    }
    if (rule->waited < effect->waits) {
        rule->waited++;
        flow->status = ISOTP_FS_WAIT;
        flow->again_ns = effect->wait_ns;
        return true;
    }
    const uint32_t block = rule->blocks++;
    rule->waited = 0;
    if (effect->block_sizes_len > 0) {
        flow->block_size = effect->block_sizes[block % effect->block_sizes_len];
    }
    if (effect->st_mins_len > 0) {
        flow->st_min = effect->st_mins[block % effect->st_mins_len];
    }
    return effect->block_sizes_len > 0 || effect->st_mins_len > 0;
}

/* A message is chosen at its first flow control; the others share its fate. */
static bool hits_message(struct inject_ecu_rule *rule, const struct isotp_flow *flow,
                         const struct asked *asked, sim_ns_t now_ns)
{
    if (flow->number == 0) {
        rule->waited = 0;
        rule->blocks = 0;
        rule->hits_message = fits(rule, asked) && inject_turns_choose(&rule->turns, now_ns);
    }
    return rule->hits_message;
}

static void on_flow(void *ctx, struct isotp_flow *flow, proto_ns_t now_ns)
{
    struct inject_ecu *inject = ctx;
    const struct asked asked = {
        .data = flow->data, .known = flow->done_bytes, .len = flow->len_bytes};
    for (size_t i = 0; i < inject->rules_len; i++) {
        struct inject_ecu_rule *rule = inject->rules[i];
        if (moment_of(&rule->cfg.effect) == AT_FLOW && hits_message(rule, flow, &asked, now_ns) &&
            apply_to_flow(rule, flow)) {
            fire(rule, &asked, now_ns);
        }
    }
}

void inject_ecu_init(struct inject_ecu *inject, struct s12x_ecu *ecu)
{
    memset(inject, 0, sizeof *inject);
    inject->ecu = ecu;
    inject->base = s12x_ecu_base(ecu);
    const struct uds_hooks uds = {
        .ctx = inject, .on_request = on_request, .on_response = on_response};
    const struct isotp_hooks isotp = {.ctx = inject, .on_flow = on_flow};
    s12x_ecu_set_diagnostic_hooks(ecu, &uds, &isotp);
}

void inject_ecu_release(struct inject_ecu *inject)
{
    while (inject->rules_len > 0) {
        inject_ecu_remove(inject->rules[inject->rules_len - 1]);
    }
    s12x_ecu_set_diagnostic_hooks(inject->ecu, NULL, NULL);
}

static void check_effect(const struct inject_ecu_effect *effect)
{
    const struct inject_ecu_pending *pending = &effect->pending;
    const bool series = effect->kind == INJECT_ECU_PENDING;
    CHECK(!series || pending->every_ns != 0);
    CHECK(!series || pending->then == INJECT_THEN_NEVER ||
          (pending->count > 0 && pending->count < UDS_PENDINGS_FOR_EVER));
    CHECK(effect->nrc != UDS_NRC_RESPONSE_PENDING);
    CHECK(effect->kind != INJECT_ECU_REPLACE ||
          (effect->answer_len > 0 && effect->answer_len <= sizeof effect->answer));
}

void inject_ecu_add(struct inject_ecu *inject, struct inject_ecu_rule *rule,
                    const struct inject_ecu_rule_cfg *cfg)
{
    CHECK(inject->rules_len < INJECT_ECU_RULES_MAX);
    check_effect(&cfg->effect);
    *rule = (struct inject_ecu_rule){.cfg = *cfg, .inject = inject};
    inject_turns_init(&rule->turns, inject->base->sim, inject->base->source, &cfg->turns);
    inject->rules[inject->rules_len++] = rule;
}

void inject_ecu_remove(struct inject_ecu_rule *rule)
{
    struct inject_ecu *inject = rule->inject;
    if (inject == NULL) {
        return;
    }
    size_t at = 0;
    while (inject->rules[at] != rule) {
        at++;
        CHECK(at < inject->rules_len);
    }
    inject_turns_release(&rule->turns);
    if (rule->hits_request && rule->cfg.effect.kind == INJECT_ECU_PENDING) {
        s12x_ecu_end_pendings(inject->ecu);
    }
    inject->rules_len--;
    memmove(&inject->rules[at], &inject->rules[at + 1],
            (inject->rules_len - at) * sizeof(struct inject_ecu_rule *));
    rule->inject = NULL;
}
