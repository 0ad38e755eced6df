/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_requests.c - INV-5, one request at a time, and INV-6, how often one is
 * repeated. Both walk the log once. */
#include "scenarios/engine/judge_bus.h"
#include "scenarios/engine/judge_finding.h"
#include "sim/proto/uds.h"

#include <string.h>

/* A transmission this much later than its predecessor's time-out is a new attempt. */
#define PAUSE_NS SIM_MS(500)
/* How far T_BOOT may be overdrawn by the last poll. */
#define BOOT_LATE_NS SIM_S(1)

enum { FUNCTIONAL = INJECT_CONNECTIONS_MAX, LINES_MAX = INJECT_CONNECTIONS_MAX + 1 };

/* The request that an ECU has not answered yet. */
struct outstanding {
    uint32_t message;  /* BUS_LOG_NONE: none. */
    sim_ns_t asked_ns; /* Its end. */
    sim_ns_t since_ns; /* What the time-out counts from: its end, or that of the last 78. */
    bool pending;
    sim_ns_t answered_ns; /* End of the final answer. SIM_NEVER: none yet. */
};

/* The request that was sent last on a line: to one ECU, or to all. */
struct episode {
    uint32_t message; /* BUS_LOG_NONE: none. */
    uint32_t sent;    /* How often in a row, the first time included. */
    sim_ns_t since_ns;
    bool pending;
    bool over;               /* A final answer has come: what follows is not a time-out. */
    sim_ns_t boots_until_ns; /* The ECU starts: it is polled, which is no repetition. */
};

struct timing {
    sim_ns_t p2_ns, p2_star_ns;
};

struct walk {
    const struct judge_bus *bus;
    size_t life;
    struct timing timings[INJECT_CONNECTIONS_MAX];
    struct outstanding open[INJECT_CONNECTIONS_MAX];
    struct episode lines[LINES_MAX];
};

static void forget(struct walk *walk)
{
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        walk->open[i] = (struct outstanding){.message = BUS_LOG_NONE};
    }
    for (size_t i = 0; i < LINES_MAX; i++) {
        walk->lines[i] = (struct episode){.message = BUS_LOG_NONE};
    }
}

static bool suppressed(const struct judge_bus *bus, const struct bus_message *message)
{
    return message->uds.sub != 0 && (judge_bus_byte(bus, message, 1) & UDS_SUPPRESS_POSITIVE) != 0;
}

static double ms(sim_ns_t ns)
{
    return (double)ns / 1e6;
}

static uint32_t index_of(const struct judge_bus *bus, const struct bus_message *message)
{
    return (uint32_t)(message - bus->log->messages);
}

/* INV-5. */

/* The master may have given up: the time-out is over, or it has waited long enough on the whole
 * although the ECU says "pending" again and again. */
static bool given_up(const struct timing *timing, const struct outstanding *open, sim_ns_t now_ns)
{
    const sim_ns_t limit_ns = open->pending ? timing->p2_star_ns : timing->p2_ns;
    return now_ns >= open->since_ns + limit_ns ||
           (open->pending && now_ns >= open->asked_ns + timing->p2_star_ns);
}

static bool same_bytes(const struct judge_bus *bus, uint32_t index,
                       const struct bus_message *message)
{
    const struct bus_message *before = &bus->log->messages[index];
    const uint32_t len =
        before->data_len < message->data_len ? before->data_len : message->data_len;
    return before->len == message->len && before->channel == message->channel &&
           memcmp(bus_log_bytes(bus->log, before), bus_log_bytes(bus->log, message), len) == 0;
}

/* A controller sends a destroyed frame again by itself, at once and as often as need be; each try
 * stands in the log as a message of its own. */
static bool is_same_try(const struct walk *walk, const struct outstanding *open,
                        const struct bus_message *message, sim_ns_t p2_ns)
{
    const struct bus_message *before = &walk->bus->log->messages[open->message];
    return !open->pending && open->answered_ns == SIM_NEVER &&
           message->begin_ns < before->begin_ns + p2_ns &&
           same_bytes(walk->bus, open->message, message);
}

static void find_overlap(const struct walk *walk, const struct judge_connection *ecu,
                         const struct outstanding *open, const struct bus_message *message)
{
    const struct bus_message *before = &walk->bus->log->messages[open->message];
    judge_find(walk->bus->result, 5, message->begin_ns, message->line,
               "one request at a time to each ECU: the next one after the final answer or the "
               "time-out",
               "%s: %s (%02X) %.3f ms after the end of %s (%02X) of %.6f s, which %s", ecu->name,
               uds_service_name(message->uds.service), message->uds.service,
               ms(message->begin_ns) - ms(before->end_ns), uds_service_name(before->uds.service),
               before->uds.service, ms(before->begin_ns) / 1e3,
               open->answered_ns != SIM_NEVER ? "was being answered"
               : open->pending                ? "the ECU had said it was working on (78)"
                                              : "was not answered yet");
}

static void ask_one(struct walk *walk, size_t connection, const struct bus_message *message)
{
    const struct judge_connection *ecu = &walk->bus->connections[connection];
    const struct timing *timing = &walk->timings[connection];
    struct outstanding *open = &walk->open[connection];
    const bool whole = message->end_ns != SIM_NEVER;
    if (open->message != BUS_LOG_NONE && !is_same_try(walk, open, message, timing->p2_ns)) {
        const bool done = open->answered_ns < message->begin_ns;
        if (!done &&
            (open->answered_ns != SIM_NEVER || !given_up(timing, open, message->begin_ns))) {
            find_overlap(walk, ecu, open, message);
        }
    }
    *open = (struct outstanding){.message = whole && !suppressed(walk->bus, message)
                                                ? index_of(walk->bus, message)
                                                : BUS_LOG_NONE,
                                 .asked_ns = message->end_ns,
                                 .since_ns = message->end_ns,
                                 .answered_ns = SIM_NEVER};
}

/* A request to all is awaited from those that are to be programmed; from the others a master may
 * take what comes while it goes on. */
static void ask(struct walk *walk, const struct bus_message *message)
{
    if (message->channel == ISOTP_WATCH_REQUEST) {
        ask_one(walk, message->connection, message);
        return;
    }
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        if (walk->bus->connections[i].target) {
            ask_one(walk, i, message);
        }
    }
}

static void answer(struct outstanding *open, sim_ns_t end_ns, bool pending)
{
    if (pending) {
        open->pending = true;
        open->since_ns = end_ns;
    } else {
        open->answered_ns = end_ns;
    }
}

/* INV-6. */

/* What is asked again and again to learn a state: an answer to it ends the matter. Of the others a
 * repetition means that the answer was not seen. */
static bool is_poll(const struct judge_bus *bus, const struct bus_message *message)
{
    const uint8_t sub = message->uds.sub & 0xFFu;
    switch (message->uds.service) {
    case UDS_READ_DATA:
    case UDS_READ_DTC: return true;
    case UDS_SECURITY_ACCESS: return (sub & 1u) != 0; /* Each answer is another seed. */
    case UDS_SESSION_CONTROL: return sub != UDS_SESSION_PROGRAMMING;
    case UDS_ROUTINE_CONTROL:
        return sub != UDS_ROUTINE_START ||
               judge_bus_routine(bus, message) == UDS_RID_CHECK_PRECONDITIONS;
    default: return false;
    }
}

/* After it the ECU may be silent for a while. */
static bool is_reset(const struct bus_message *message)
{
    return message->uds.service == UDS_ECU_RESET ||
           (message->uds.service == UDS_SESSION_CONTROL &&
            message->uds.sub == UDS_SUB(UDS_SESSION_DEFAULT));
}

static sim_ns_t time_out_ns(const struct walk *walk, const struct episode *line, size_t connection)
{
    const struct bus_message *last = &walk->bus->log->messages[line->message];
    if (line->pending) {
        return walk->bus->p2_star_ns > walk->timings[connection].p2_star_ns
                   ? walk->bus->p2_star_ns
                   : walk->timings[connection].p2_star_ns;
    }
    return last->end_ns == SIM_NEVER ? walk->bus->n_bs_ns : walk->bus->p2_ns;
}

static bool is_repetition(const struct walk *walk, const struct episode *line, size_t connection,
                          const struct bus_message *message)
{
    return line->message != BUS_LOG_NONE && !line->over &&
           same_bytes(walk->bus, line->message, message) &&
           message->begin_ns <= line->since_ns + time_out_ns(walk, line, connection) + PAUSE_NS &&
           (message->begin_ns > line->boots_until_ns || is_reset(message));
}

static void count_transmission(struct walk *walk, size_t number, const struct bus_message *message)
{
    struct episode *line = &walk->lines[number];
    const size_t connection = number == FUNCTIONAL ? 0 : number;
    const sim_ns_t p2_ns = walk->timings[connection].p2_ns;
    const bool again = is_repetition(walk, line, connection, message);
    const bool same_try =
        again && !line->pending &&
        message->begin_ns < walk->bus->log->messages[line->message].begin_ns + p2_ns;
    line->sent = !again ? 1 : line->sent + !same_try;
    line->message = index_of(walk->bus, message);
    line->since_ns = message->end_ns == SIM_NEVER ? message->begin_ns : message->end_ns;
    line->pending = false;
    line->over = false;
    if (is_reset(message)) {
        line->boots_until_ns = line->since_ns + walk->bus->t_boot_ns + BOOT_LATE_NS;
    }
    if (line->sent == walk->bus->n_rs + 2 && !same_try) {
        judge_find(walk->bus->result, 6, message->begin_ns, message->line,
                   "a request without answer is sent 1 + N_RS times at most",
                   "%s (%02X) for the %u. time (N_RS %u)", uds_service_name(message->uds.service),
                   message->uds.service, line->sent, walk->bus->n_rs);
    }
}

static void end_episode(struct walk *walk, struct episode *line, const struct bus_message *message,
                        sim_ns_t end_ns, bool pending)
{
    if (line->message == BUS_LOG_NONE) {
        return;
    }
    const struct bus_message *request = &walk->bus->log->messages[line->message];
    if (request->uds.service != message->uds.service) {
        return;
    }
    if (pending) {
        line->pending = true;
        line->since_ns = end_ns;
    } else if (!message->lost) {
        line->over =
            line->over || message->uds.kind == UDS_KIND_NEGATIVE || is_poll(walk->bus, request);
        line->boots_until_ns = is_reset(request) ? line->boots_until_ns : 0;
    }
}

/* Both. */

static void learn_timing(struct walk *walk, const struct bus_message *message)
{
    struct timing *timing = &walk->timings[message->connection];
    if (message->uds.service != UDS_SESSION_CONTROL || message->uds.kind != UDS_KIND_POSITIVE ||
        message->data_len < 6) {
        return;
    }
    const uint8_t *bytes = bus_log_bytes(walk->bus->log, message);
    timing->p2_ns = sim_min_ns(timing->p2_ns, SIM_MS((sim_ns_t)(bytes[2] << 8 | bytes[3])));
    timing->p2_star_ns =
        sim_min_ns(timing->p2_star_ns, SIM_MS((sim_ns_t)(bytes[4] << 8 | bytes[5]) * 10u));
}

static void on_response(struct walk *walk, const struct bus_message *message)
{
    struct outstanding *open = &walk->open[message->connection];
    const bool pending = message->uds.nrc == UDS_NRC_RESPONSE_PENDING;
    const sim_ns_t end_ns = message->end_ns == SIM_NEVER ? message->begin_ns : message->end_ns;
    learn_timing(walk, message);
    if (pending && message->lost) {
        return; /* The master does not know that it is to wait. */
    }
    if (open->message != BUS_LOG_NONE && open->answered_ns == SIM_NEVER &&
        walk->bus->log->messages[open->message].uds.service == message->uds.service &&
        !(pending && given_up(&walk->timings[message->connection], open, message->begin_ns))) {
        answer(open, end_ns, pending && !message->struck);
    }
    if (pending && message->struck) {
        return; /* It came late, or looked like something else: perhaps like the end. */
    }
    end_episode(walk, &walk->lines[message->connection], message, end_ns, pending);
    end_episode(walk, &walk->lines[FUNCTIONAL], message, end_ns, pending);
}

static void on_request(struct walk *walk, const struct bus_message *message)
{
    const size_t life = judge_bus_life(walk->bus, walk->life, message->begin_ns);
    if (life != walk->life) {
        walk->life = life;
        forget(walk);
    }
    if (message->uds.service == UDS_TESTER_PRESENT) {
        return;
    }
    ask(walk, message);
    if (!suppressed(walk->bus, message)) {
        const bool functional = message->channel == ISOTP_WATCH_FUNCTIONAL;
        count_transmission(walk, functional ? FUNCTIONAL : message->connection, message);
    }
}

void judge_bus_requests(const struct judge_bus *bus)
{
    struct walk walk = {.bus = bus};
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        walk.timings[i] = (struct timing){bus->p2_ns, bus->p2_star_ns};
    }
    forget(&walk);
    for (size_t i = 0; i < bus->log->messages_len; i++) {
        const struct bus_message *message = &bus->log->messages[i];
        if (message->channel == ISOTP_WATCH_RESPONSE) {
            on_response(&walk, message);
        } else if (judge_bus_is_masters(bus, message)) {
            on_request(&walk, message);
        }
    }
}
