/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_judge.c - listens to the target's bus, and asks the judge. */
#include "scenarios/explore/explore_judge.h"

#include "scenarios/engine/case_vehicle.h"

#include <stdio.h>
#include <stdlib.h>

/* Eight bytes with every stuff bit: later than that the last frame is through for certain. */
#define FRAME_BITS_MAX UINT64_C(135)

/* Its answers are as they would be otherwise. */
static void make_sticky(struct s12x_ecu *ecu)
{
    struct ecu_quirks quirks = *s12x_ecu_quirks(ecu);
    ecu_quirks_add(&quirks, ECU_QUIRK_STICKY_QUIET);
    s12x_ecu_set_quirks(ecu, &quirks);
}

/* Nobody has got what the target was just sending. Its flow control is no part of a message. */
static void lose_last_answer(struct explore_judge *judge)
{
    struct bus_log *log = &judge->log;
    const uint32_t last =
        log->frames_len > 0 ? log->frames[log->frames_len - 1].message : BUS_LOG_NONE;
    if (last != BUS_LOG_NONE && log->messages[last].sender == &s12x_ecu_base(judge->target)->node) {
        log->messages[last].struck = true;
        log->messages[last].lost = true;
    }
}

/* A frame of the target that has not come to its end before the next one, and that it does not
 * repeat because it was reset or lost its supply. */
static void on_view(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    struct explore_judge *judge = ctx;
    const struct ecu *target = s12x_ecu_base(judge->target);
    const uint64_t frames = target->bus->stats.frames;
    if (judge->answers && frames == judge->frames &&
        (target->run != judge->run || target->resets != judge->resets)) {
        lose_last_answer(judge);
    }
    bus_log_on_view(&judge->log, view, now_ns);
    judge->answers = view->sender == &target->node;
    judge->frames = frames;
    judge->run = target->run;
    judge->resets = target->resets;
}

static void on_struck(void *ctx, const struct inject_view *view, bool lost, sim_ns_t now_ns)
{
    struct explore_judge *judge = ctx;
    bus_log_on_struck(&judge->log, view, lost, now_ns);
}

void explore_judge_init(struct explore_judge *judge, const struct explore_judge_cfg *cfg,
                        struct vehicle *vehicle, struct s12x_ecu *target)
{
    *judge = (struct explore_judge){.cfg = *cfg, .vehicle = vehicle, .target = target};
    struct can_bus *bus = s12x_ecu_base(target)->bus;
    const struct boot_cfg *boot = &s12x_ecu_cfg(target)->boot;
    profile_init(&judge->defaults);
    if (judge->cfg.profile == NULL) {
        judge->cfg.profile = &judge->defaults;
    }
    inject_bus_init(&judge->inject, bus);
    bus_log_init(&judge->log, &judge->lines);
    judge->inject.on_view = on_view;
    judge->inject.on_struck = on_struck;
    judge->inject.ctx = judge;
    for (size_t i = 0; i < vehicle_ecu_count(vehicle); i++) {
        struct ecu *base = vehicle_ecu_at(vehicle, i);
        struct s12x_ecu *ecu = s12x_ecu_from(base);
        if (ecu == NULL) {
            continue;
        }
        make_sticky(ecu);
        if (base->bus == bus && judge->inject.watches_len < INJECT_CONNECTIONS_MAX) {
            judge->ecus[case_vehicle_watch(&judge->inject, ecu)] = ecu;
        }
    }
    for (size_t i = 0; i < boot->regions_len; i++) {
        judge->windows[i] = (struct campaign_window){boot->regions[i].start, boot->regions[i].end};
    }
}

void explore_judge_release(struct explore_judge *judge)
{
    if (judge->vehicle != NULL) {
        inject_bus_release(&judge->inject);
        bus_log_release(&judge->log);
    }
}

void explore_judge_life(struct explore_judge *judge, sim_ns_t now_ns, const char *campaign)
{
    if (judge->lives_len < EXPLORE_LIVES_MAX) {
        judge->lives[judge->lives_len++] =
            (struct judge_life){.begin_ns = now_ns, .campaign = campaign};
    }
}

void explore_judge_forbid(struct explore_judge *judge, sim_ns_t now_ns, const char *reason,
                          bool session_too)
{
    judge->forbidden = (struct case_forbidden){
        .from_ns = now_ns, .until_ns = SIM_NEVER, .session_too = session_too};
    (void)snprintf(judge->forbidden.reason, sizeof judge->forbidden.reason, "%s", reason);
}

void explore_judge_allow(struct explore_judge *judge)
{
    judge->forbidden.reason[0] = '\0';
}

void explore_judge_cut(struct explore_judge *judge, sim_ns_t now_ns)
{
    const struct ecu *target = s12x_ecu_base(judge->target);
    const struct bus_log *log = &judge->log;
    const struct bus_frame *last = log->frames_len > 0 ? &log->frames[log->frames_len - 1] : NULL;
    const sim_ns_t frame_ns = FRAME_BITS_MAX * SIM_S(1) / target->bus->cfg.nominal_bps;
    if (last != NULL && now_ns <= last->at_ns + frame_ns) {
        lose_last_answer(judge);
    }
}

/* There is one tester on the bus of an explored world. */
static const struct can_node *master_of(const struct bus_log *log)
{
    for (size_t i = 0; i < log->messages_len; i++) {
        if (log->messages[i].channel != ISOTP_WATCH_RESPONSE) {
            return log->messages[i].sender;
        }
    }
    return NULL;
}

static void describe(const struct explore_judge *judge, struct judge_bus *bus)
{
    const struct profile *profile = judge->cfg.profile;
    *bus = (struct judge_bus){.log = &judge->log,
                              .master = master_of(&judge->log),
                              .lives = judge->lives,
                              .lives_len = judge->lives_len,
                              .forbidden = &judge->forbidden,
                              .forbidden_len = judge->forbidden.reason[0] != '\0' ? 1 : 0,
                              .asks_preconditions = !judge->cfg.asks_nothing,
                              .n_rs = profile->values[PROFILE_N_RS],
                              .p2_ns = profile_ns(profile, PROFILE_P2),
                              .p2_star_ns = profile_ns(profile, PROFILE_P2_STAR),
                              .n_bs_ns = profile_ns(profile, PROFILE_N_BS),
                              .t_boot_ns = profile_ns(profile, PROFILE_T_BOOT)};
    for (size_t i = 0; i < judge->inject.watches_len; i++) {
        const bool target = judge->ecus[i] == judge->target;
        bus->connections[i] = (struct judge_connection){
            .name = target ? "the target" : "another ECU",
            .target = target,
            .lines = s12x_ecu_cfg(judge->ecus[i])->boot.style == BOOT_STYLE_S19_LINE,
            .windows = target ? judge->windows : NULL,
            .windows_len = target ? s12x_ecu_cfg(judge->target)->boot.regions_len : 0};
    }
}

/* Findings "INV-n". */
static void sum_up(const struct play_result *result, struct explore_judgement *judgement)
{
    sim_ns_t first_ns = SIM_NEVER;
    for (size_t i = 0; i < result->findings_len; i++) {
        const struct finding *finding = &result->findings[i];
        const long number = strtol(finding->criterion + sizeof "INV-" - 1, NULL, 10);
        judgement->invariants |= (uint16_t)(1u << (unsigned)number);
        if (finding->at_ns == SIM_NEVER) {
            continue;
        }
        CHECK(number > 0 && number < EXPLORE_INVARIANTS);
        sim_ns_t *last_of_ns = &judgement->last_of_ns[number];
        *last_of_ns = *last_of_ns > finding->at_ns ? *last_of_ns : finding->at_ns;
        judgement->last_ns =
            judgement->last_ns > finding->at_ns ? judgement->last_ns : finding->at_ns;
        if (finding->at_ns < first_ns) {
            first_ns = finding->at_ns;
            (void)snprintf(judgement->first, sizeof judgement->first, "%s at %.6f s: %.170s",
                           finding->criterion, (double)finding->at_ns / 1e9, finding->seen);
            (void)snprintf(judgement->expected, sizeof judgement->expected, "%.190s",
                           finding->expected);
        }
    }
}

void explore_judge_bus(const struct explore_judge *judge, struct explore_judgement *judgement)
{
    struct play_result result = {.name = NULL};
    struct judge_bus bus;
    *judgement = (struct explore_judgement){.invariants = 0};
    if (judge->log.messages_len == 0 || judge->lives_len == 0) {
        return;
    }
    describe(judge, &bus);
    bus.result = &result;
    judge_bus_order(&bus);
    judge_bus_requests(&bus);
    judge_bus_transfer(&bus);
    sum_up(&result, judgement);
    play_result_release(&result);
}

uint16_t explore_judgement_since(const struct explore_judgement *judgement, sim_ns_t at_ns)
{
    uint16_t set = 0;
    for (unsigned n = 0; n < EXPLORE_INVARIANTS; n++) {
        set |= judgement->last_of_ns[n] > at_ns ? (uint16_t)(1u << n) : (uint16_t)0;
    }
    return set;
}

bool explore_judge_network_restored(struct explore_judge *judge)
{
    judge->left[0] = '\0';
    for (size_t i = 0; !judge->cfg.spares_network && i < vehicle_ecu_count(judge->vehicle); i++) {
        struct ecu *base = vehicle_ecu_at(judge->vehicle, i);
        const struct s12x_ecu *ecu = s12x_ecu_from(base);
        if (ecu == NULL) {
            continue;
        }
        const struct s12x_ecu_network network = s12x_ecu_network(ecu);
        if ((base->run == ECU_APPLICATION || base->run == ECU_BOOTLOADER) &&
            !(network.communication_on && network.dtc_setting_on)) {
            (void)snprintf(judge->left, sizeof judge->left,
                           "%.60s after the end: communication %s, DTC setting %s", base->name,
                           network.communication_on ? "on" : "off",
                           network.dtc_setting_on ? "on" : "off");
            return false;
        }
    }
    return true;
}

void explore_judge_add_network(const struct explore_judge *judge,
                               struct explore_judgement *judgement)
{
    if (judge->left[0] == '\0') {
        return;
    }
    judgement->invariants |= EXPLORE_INV_NETWORK;
    if (judgement->first[0] != '\0') {
        return;
    }
    (void)snprintf(judgement->first, sizeof judgement->first, "INV-3: %s", judge->left);
    (void)snprintf(judgement->expected, sizeof judgement->expected,
                   "communication and DTC setting on, in each ECU with supply");
}
