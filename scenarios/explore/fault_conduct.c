/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_conduct.c - walks the bus once. What a fault of frames has struck was
 * perhaps not seen, and is not held against the master. */
#include "scenarios/explore/fault_conduct.h"

#include "sim/proto/uds.h"

#include <stdio.h>

struct walk {
    const struct explore_judge *judge;
    const struct profile *profile;
    bool waits_for_supply;
    sim_ns_t closed_ns;  /* 27 was answered with 36 or 37 then. SIM_NEVER: not. */
    sim_ns_t voltage_ns; /* Programming was answered with 92 or 93 then. SIM_NEVER: not. */
    bool locked;         /* The last key was refused. */
    bool unerased;       /* The last erase has failed, as its routine said. */
    const char *rule, *expected;
};

static bool is_routine(const struct walk *walk, const struct bus_message *message, uint16_t rid)
{
    if (message->uds.service != UDS_ROUTINE_CONTROL || message->data_len < 4) {
        return false;
    }
    const uint8_t *bytes = bus_log_bytes(&walk->judge->log, message);
    return bytes[2] == rid >> 8 && bytes[3] == (rid & 0xFFu);
}

static bool is_transfer(const struct bus_message *message)
{
    const uint8_t service = message->uds.service;
    return service == UDS_REQUEST_DOWNLOAD || service == UDS_TRANSFER_DATA ||
           service == UDS_TRANSFER_EXIT;
}

/* Works on the flash, or leads to it. */
static bool is_programming(const struct walk *walk, const struct bus_message *message)
{
    return is_transfer(message) || is_routine(walk, message, UDS_RID_ERASE_MEMORY) ||
           (message->uds.service == UDS_SESSION_CONTROL &&
            message->uds.sub == UDS_SUB(UDS_SESSION_PROGRAMMING));
}

static void find(struct walk *walk, const char *rule, const char *expected)
{
    walk->rule = rule;
    walk->expected = expected;
}

/* In between it has asked for something else: it may not even have heard the no, which an ECU gives
 * that comes back to a request of long ago. */
static bool looks_first(const struct walk *walk, const struct bus_message *message)
{
    const bool keeps_alive =
        message->uds.service == UDS_TESTER_PRESENT && message->data_len > 1 &&
        (bus_log_bytes(&walk->judge->log, message)[1] & UDS_SUPPRESS_POSITIVE) != 0;
    return !keeps_alive && message->uds.service != UDS_SECURITY_ACCESS &&
           !is_programming(walk, message);
}

static void on_request(struct walk *walk, const struct bus_message *message)
{
    const sim_ns_t at_ns = message->begin_ns;
    const bool erase = is_routine(walk, message, UDS_RID_ERASE_MEMORY);
    if (looks_first(walk, message)) {
        walk->closed_ns = SIM_NEVER;
        walk->voltage_ns = SIM_NEVER;
    }
    if (message->uds.service == UDS_SECURITY_ACCESS && walk->closed_ns != SIM_NEVER) {
        if (at_ns < walk->closed_ns + profile_ns(walk->profile, PROFILE_SA_DLY)) {
            find(walk, "SEQ-14: 27 again at once after 36 or 37", "silence on 27 for SA_DLY");
        }
        walk->closed_ns = SIM_NEVER;
    }
    if (walk->locked && (erase || is_transfer(message))) {
        find(walk, "SEQ-14: goes on though the key was refused",
             "no erase or transfer while locked");
    }
    if (walk->unerased &&
        (is_transfer(message) || is_routine(walk, message, UDS_RID_CHECK_DEPENDENCIES))) {
        find(walk, "SEQ-16: goes on though the erase has failed", "no step after a failed routine");
    }
    if (is_programming(walk, message) && walk->voltage_ns != SIM_NEVER) {
        if (walk->waits_for_supply &&
            at_ns < walk->voltage_ns + profile_ns(walk->profile, PROFILE_T_PROBE)) {
            find(walk, "SEQ-15: tries again at once after 92 or 93",
                 "a pause of T_PROBE while the voltage is wrong");
        }
        walk->voltage_ns = SIM_NEVER;
    }
}

static void on_access(struct walk *walk, const struct bus_message *message)
{
    const uint8_t nrc = message->uds.nrc;
    if (message->uds.kind != UDS_KIND_NEGATIVE) {
        walk->locked = false;
    } else if (nrc == UDS_NRC_INVALID_KEY) {
        walk->locked = true;
    } else if (nrc == UDS_NRC_ATTEMPTS_EXCEEDED || nrc == UDS_NRC_DELAY_NOT_EXPIRED) {
        walk->closed_ns = message->end_ns;
    }
}

static void on_response(struct walk *walk, const struct bus_message *message)
{
    const bool negative = message->uds.kind == UDS_KIND_NEGATIVE;
    if (message->uds.service == UDS_SECURITY_ACCESS) {
        on_access(walk, message);
    } else if (!negative && is_routine(walk, message, UDS_RID_ERASE_MEMORY)) {
        walk->unerased = message->data_len > 4 && bus_log_bytes(&walk->judge->log, message)[4] != 0;
    }
    if (negative &&
        (is_transfer(message) || message->uds.service == UDS_SESSION_CONTROL ||
         message->uds.service == UDS_ROUTINE_CONTROL) &&
        (message->uds.nrc == UDS_NRC_VOLTAGE_TOO_HIGH ||
         message->uds.nrc == UDS_NRC_VOLTAGE_TOO_LOW)) {
        walk->voltage_ns = message->end_ns;
    }
}

bool fault_conduct_broken(const struct explore_judge *judge, bool waits_for_supply,
                          struct explore_judgement *why)
{
    struct walk walk = {.judge = judge,
                        .profile = judge->cfg.profile,
                        .waits_for_supply = waits_for_supply,
                        .closed_ns = SIM_NEVER,
                        .voltage_ns = SIM_NEVER};
    for (size_t i = 0; i < judge->log.messages_len && walk.rule == NULL; i++) {
        const struct bus_message *message = &judge->log.messages[i];
        const bool seen = !message->struck && message->end_ns != SIM_NEVER;
        if (message->channel != ISOTP_WATCH_RESPONSE) {
            on_request(&walk, message);
        } else if (seen && judge->ecus[message->connection] == judge->target) {
            on_response(&walk, message);
        }
        if (walk.rule != NULL && why->first[0] == '\0') {
            (void)snprintf(why->first, sizeof why->first, "%s, at %.6f s", walk.rule,
                           (double)message->begin_ns / 1e9);
            (void)snprintf(why->expected, sizeof why->expected, "%s", walk.expected);
        }
    }
    return walk.rule != NULL;
}
