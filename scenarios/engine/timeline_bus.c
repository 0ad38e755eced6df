/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_bus.c - requests with the answers that they got. */
#include "scenarios/engine/timeline_bus.h"

#include "scenarios/engine/timeline_spans.h"
#include "sim/proto/uds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVICES_MAX = 110, PRESENT_MAX = 16, LOOK_AHEAD = 4096 };

static int by_line(const void *a, const void *b)
{
    const uint32_t one = timeline_bus_at(a)->line, other = timeline_bus_at(b)->line;
    return one < other ? -1 : one > other;
}

size_t timeline_bus_order(const struct case_world *world, struct timeline_place **places)
{
    size_t len = 0;
    for (size_t i = 0; i < world->buses_len; i++) {
        len += world->buses[i].log.messages_len;
    }
    *places = calloc(len + 1, sizeof **places);
    CHECK(*places != NULL);
    len = 0;
    for (size_t i = 0; i < world->buses_len; i++) {
        for (uint32_t k = 0; k < world->buses[i].log.messages_len; k++) {
            (*places)[len++] = (struct timeline_place){.bus = &world->buses[i], .index = k};
        }
    }
    if (world->buses_len > 1) {
        qsort(*places, len, sizeof **places, by_line);
    }
    return len;
}

const struct bus_message *timeline_bus_at(const struct timeline_place *place)
{
    return &place->bus->log.messages[place->index];
}

const struct case_ecu *timeline_bus_ecu(const struct case_world *world,
                                        const struct timeline_place *place)
{
    const struct bus_message *message = timeline_bus_at(place);
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].bus == place->bus && world->ecus[i].connection == message->connection) {
            return message->channel != ISOTP_WATCH_FUNCTIONAL ? &world->ecus[i] : NULL;
        }
    }
    return NULL;
}

void timeline_bus_words(const struct case_world *world, const struct timeline_place *place,
                        struct timeline_words *words)
{
    const struct bus_message *message = timeline_bus_at(place);
    const struct case_ecu *ecu = timeline_bus_ecu(world, place);
    *words = (struct timeline_words){
        .uds = &message->uds,
        .bytes = bus_log_bytes(&place->bus->log, message),
        .len = message->data_len,
        .persona = ecu != NULL ? boot_personality_of(&s12x_ecu_cfg(ecu->s12x)->boot) : NULL};
}

bool timeline_bus_is_masters(const struct timeline_place *place)
{
    const struct bus_message *message = timeline_bus_at(place);
    return message->channel != ISOTP_WATCH_RESPONSE &&
           strcmp(message->sender->cfg.name, place->bus->bus->cfg.name) == 0;
}

/* Nobody is to answer it. */
static bool is_silent(const struct timeline_place *place)
{
    const struct bus_message *message = timeline_bus_at(place);
    return message->uds.kind == UDS_KIND_REQUEST && message->uds.sub != 0 &&
           message->data_len > 1 &&
           (bus_log_bytes(&place->bus->log, message)[1] & UDS_SUPPRESS_POSITIVE) != 0;
}

/* What became of a request. */
struct outcome {
    const struct bus_message *final; /* Null: none. */
    uint32_t pendings;
    sim_ns_t until_ns; /* The last that was heard of it. */
};

static bool takes_its_place(const struct bus_message *request, const struct bus_message *later,
                            size_t connection)
{
    return later->channel != ISOTP_WATCH_RESPONSE && later->uds.service == request->uds.service &&
           (later->channel == ISOTP_WATCH_FUNCTIONAL || later->connection == connection);
}

static sim_ns_t end_of(const struct bus_message *message)
{
    return message->end_ns != SIM_NEVER ? message->end_ns : message->begin_ns;
}

static struct outcome outcome_of(const struct bus_log *log, uint32_t index, size_t connection)
{
    const struct bus_message *request = &log->messages[index];
    struct outcome outcome = {.until_ns = end_of(request)};
    for (size_t i = index + 1; i < log->messages_len && i < index + LOOK_AHEAD; i++) {
        const struct bus_message *later = &log->messages[i];
        if (takes_its_place(request, later, connection)) {
            break;
        }
        if (later->channel != ISOTP_WATCH_RESPONSE || later->connection != connection ||
            later->answers != index) {
            continue;
        }
        outcome.until_ns = end_of(later);
        if (later->uds.kind == UDS_KIND_NEGATIVE && later->uds.nrc == UDS_NRC_RESPONSE_PENDING) {
            outcome.pendings++;
            continue;
        }
        outcome.final = later;
        break;
    }
    return outcome;
}

static enum timeline_tone name_outcome(const struct outcome *outcome, bool silent, char *text,
                                       size_t size)
{
    const struct bus_message *final = outcome->final;
    text[0] = '\0';
    if (final == NULL) {
        snprintf(text, size, "%s",
                 silent                  ? ""
                 : outcome->pendings > 0 ? ": pending, no answer"
                                         : ": no answer");
        return silent ? TONE_PLAIN : TONE_WARN;
    }
    if (final->lost || final->end_ns == SIM_NEVER) {
        snprintf(text, size, ": answer lost");
        return TONE_WARN;
    }
    if (final->uds.kind == UDS_KIND_NEGATIVE) {
        snprintf(text, size, ": NRC %02X %s", final->uds.nrc, uds_nrc_name(final->uds.nrc));
        return timeline_words_tone(final->uds.nrc);
    }
    snprintf(text, size, "%s", outcome->pendings > 0 ? ", pending" : "");
    return outcome->pendings > 0 ? TONE_BUSY : TONE_PLAIN;
}

/* "36 TransferData", "31 eraseMemory". */
static void name_service(const struct timeline_words *words, char *text, size_t size)
{
    char kind[48];
    timeline_words_kind(words, kind, sizeof kind);
    if (strlen(kind) > 4) {
        snprintf(text, size, "%02X %s", words->uds->service, kind);
    } else {
        timeline_words_service(words->uds->service, text, size - sizeof kind);
        snprintf(text + strlen(text), sizeof kind, "%s%s", kind[0] != '\0' ? " " : "", kind);
    }
}

static void add_service(struct timeline_spans *spans, const struct case_world *world,
                        const struct timeline_place *place, size_t connection)
{
    const struct bus_message *request = timeline_bus_at(place);
    const struct outcome outcome = outcome_of(&place->bus->log, place->index, connection);
    const bool silent = is_silent(place);
    struct timeline_words words;
    char service[112], end[64], text[192];
    if (request->channel == ISOTP_WATCH_FUNCTIONAL && outcome.final == NULL && !silent) {
        return; /* It need not be for this one. */
    }
    timeline_bus_words(world, place, &words);
    name_service(&words, service, sizeof service);
    const enum timeline_tone tone = name_outcome(&outcome, silent, end, sizeof end);
    snprintf(text, sizeof text, "%s%s%s", timeline_bus_is_masters(place) ? "" : "foreign ", service,
             end);
    timeline_spans_add(spans, request->begin_ns, outcome.until_ns, tone, text);
}

bool timeline_bus_fill_services(const struct case_world *world, const struct case_ecu *ecu,
                                struct timeline *timeline, size_t share)
{
    struct timeline_spans spans, present; /* 3E goes on beside the others. */
    bool asked = false;
    timeline_spans_init(&spans, SIM_MS(100), 1);
    timeline_spans_init(&present, SIM_S(10), 1);
    for (uint32_t i = 0; i < ecu->bus->log.messages_len; i++) {
        const struct timeline_place place = {.bus = ecu->bus, .index = i};
        const struct bus_message *message = timeline_bus_at(&place);
        const bool mine =
            message->channel == ISOTP_WATCH_REQUEST && message->connection == ecu->connection;
        if ((mine || message->channel == ISOTP_WATCH_FUNCTIONAL) &&
            message->uds.kind == UDS_KIND_REQUEST) {
            add_service(message->uds.service == UDS_TESTER_PRESENT ? &present : &spans, world,
                        &place, ecu->connection);
            asked = asked || mine;
        }
    }
    if (asked) {
        struct timeline_lane *lane = timeline_add_lane(timeline, LANE_SERVICE, ecu->ecu->name);
        timeline_spans_fill(&spans, lane, SERVICES_MAX / share);
        timeline_spans_fill(&present, lane, PRESENT_MAX / share);
    }
    timeline_spans_release(&present);
    timeline_spans_release(&spans);
    return asked;
}
