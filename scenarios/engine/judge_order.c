/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_order.c - INV-4: what must have come before programming; and of INV-9,
 * what a master must not ask for. */
#include "scenarios/engine/judge_bus.h"
#include "scenarios/engine/judge_finding.h"
#include "sim/proto/uds.h"

#include <string.h>

enum { REQUEST_FILE_TRANSFER = 0x38 };

/* How far a request goes towards programming. */
enum reach { REACH_NOTHING, REACH_SESSION, REACH_PROGRAMMING };

struct walk {
    const struct judge_bus *bus;
    size_t life;
    bool asked[INJECT_CONNECTIONS_MAX]; /* The preconditions, in this campaign. */
};

static bool is_erase(const struct judge_bus *bus, const struct bus_message *message)
{
    return judge_bus_routine(bus, message) == UDS_RID_ERASE_MEMORY;
}

static enum reach reach_of(const struct judge_bus *bus, const struct bus_message *message)
{
    const uint8_t service = message->uds.service;
    if (service == UDS_REQUEST_DOWNLOAD || service == REQUEST_FILE_TRANSFER ||
        is_erase(bus, message)) {
        return REACH_PROGRAMMING;
    }
    return service == UDS_SESSION_CONTROL && message->uds.sub == UDS_SUB(UDS_SESSION_PROGRAMMING)
               ? REACH_SESSION
               : REACH_NOTHING;
}

static const struct case_forbidden *forbids(const struct judge_bus *bus, sim_ns_t at_ns,
                                            enum reach reach)
{
    for (size_t i = 0; i < bus->forbidden_len; i++) {
        const struct case_forbidden *forbidden = &bus->forbidden[i];
        if (at_ns >= forbidden->from_ns && at_ns < forbidden->until_ns &&
            (reach == REACH_PROGRAMMING || forbidden->session_too)) {
            return forbidden;
        }
    }
    return NULL;
}

/* "34 RequestDownload", as findings call it. */
static const char *name_of(const struct judge_bus *bus, const struct bus_message *message)
{
    return is_erase(bus, message)                         ? "31 FF00"
           : message->uds.service == UDS_REQUEST_DOWNLOAD ? "34"
           : message->uds.service == UDS_SESSION_CONTROL  ? "10 02"
                                                          : "38";
}

static void judge_moment(const struct walk *walk, const struct bus_message *message,
                         enum reach reach)
{
    const struct judge_bus *bus = walk->bus;
    const struct judge_connection *ecu = &bus->connections[message->connection];
    const struct case_forbidden *forbidden = forbids(bus, message->begin_ns, reach);
    if (forbidden != NULL) {
        judge_find(bus->result, 4, message->begin_ns, message->line,
                   "no programming before the package is verified, the preconditions hold and the "
                   "user has agreed",
                   "%s: %s although %s", ecu->name, name_of(bus, message), forbidden->reason);
    }
    if (reach == REACH_PROGRAMMING && bus->asks_preconditions && ecu->target &&
        !walk->asked[message->connection]) {
        judge_find(bus->result, 4, message->begin_ns, message->line,
                   "the preconditions (31 01 02 03) are asked for before erase and download",
                   "%s: %s, and they were not asked for in this campaign", ecu->name,
                   name_of(bus, message));
    }
}

static bool in_boot_area(const struct judge_range *range)
{
    for (size_t i = 0; i < S12X_BOOT_AREAS; i++) {
        if (range->start < s12x_ecu_boot_areas[i].end &&
            range->end > s12x_ecu_boot_areas[i].start) {
            return true;
        }
    }
    return false;
}

/* An erase without a range is the ECU's to bound. A 34 outside the windows breaks INV-7. */
static void judge_place(const struct judge_bus *bus, const struct bus_message *message)
{
    static const char *const protect =
        "no erase or write of what is protected or not to be updated";
    const struct judge_connection *ecu = &bus->connections[message->connection];
    struct judge_range range;
    if (!ecu->target) {
        judge_find(bus->result, 9, message->begin_ns, message->line, protect,
                   "%s: %s to an ECU that the campaign does not name", ecu->name,
                   name_of(bus, message));
    }
    if (message->uds.service == REQUEST_FILE_TRANSFER || !judge_bus_range(bus, message, &range)) {
        return;
    }
    if (in_boot_area(&range) || (is_erase(bus, message) && !judge_bus_allowed(ecu, &range))) {
        judge_find(bus->result, 9, message->begin_ns, message->line, protect,
                   "%s: %s for 0x%06llX to 0x%06llX, %s", ecu->name, name_of(bus, message),
                   (unsigned long long)range.start, (unsigned long long)range.end,
                   in_boot_area(&range) ? "which holds boot code"
                                        : "not inside a window of the campaign");
    }
}

/* Another campaign asks anew; a further life of the same one need not. */
static void enter_life(struct walk *walk, sim_ns_t at_ns)
{
    const size_t life = judge_bus_life(walk->bus, walk->life, at_ns);
    if (life != walk->life &&
        strcmp(walk->bus->lives[life].campaign, walk->bus->lives[walk->life].campaign) != 0) {
        memset(walk->asked, 0, sizeof walk->asked);
    }
    walk->life = life;
}

static void note_preconditions(struct walk *walk, const struct bus_message *message)
{
    const bool all = message->channel == ISOTP_WATCH_FUNCTIONAL;
    if (judge_bus_routine(walk->bus, message) != UDS_RID_CHECK_PRECONDITIONS) {
        return;
    }
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        walk->asked[i] = walk->asked[i] || all || i == message->connection;
    }
}

void judge_bus_order(const struct judge_bus *bus)
{
    struct walk walk = {.bus = bus};
    for (size_t i = 0; i < bus->log->messages_len; i++) {
        const struct bus_message *message = &bus->log->messages[i];
        if (!judge_bus_is_masters(bus, message) || message->end_ns == SIM_NEVER ||
            bus->connections[message->connection].name == NULL) {
            continue;
        }
        enter_life(&walk, message->begin_ns);
        note_preconditions(&walk, message);
        const enum reach reach = reach_of(bus, message);
        if (reach != REACH_NOTHING) {
            judge_moment(&walk, message, reach);
        }
        if (reach == REACH_PROGRAMMING) {
            judge_place(bus, message);
        }
    }
}
