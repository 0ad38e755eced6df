/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_focus.c - chooses instants, and decodes the messages around them. */
#include "scenarios/engine/timeline_focus.h"

#include "sim/proto/uds.h"

#include <stdio.h>
#include <string.h>

enum { FINDINGS_MAX = 4, FAULTS_SHOWN = 2, AROUND = 12, FRAMES_LOOKED_AT = 8192 };

struct focus {
    sim_ns_t at_ns;
    size_t place; /* The first message that is not before it. */
    const char *text;
};

struct foci {
    struct focus list[FINDINGS_MAX];
    size_t len, max;
};

struct all {
    const struct case_world *world;
    const struct timeline_place *places;
    size_t len;
};

static size_t place_of_instant(const struct all *all, sim_ns_t at_ns)
{
    size_t low = 0, high = all->len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (timeline_bus_at(&all->places[middle])->begin_ns < at_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t place_of_line(const struct all *all, uint32_t line)
{
    size_t low = 0, high = all->len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (timeline_bus_at(&all->places[middle])->line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* In the order of time; the latest of too many falls out, and so does what is there already. */
static void add_focus(struct foci *foci, const struct focus *focus)
{
    size_t at = foci->len;
    for (size_t i = 0; i < foci->len; i++) {
        if (foci->list[i].at_ns == focus->at_ns) {
            return;
        }
        at = at == foci->len && foci->list[i].at_ns > focus->at_ns ? i : at;
    }
    if (at == foci->max) {
        return;
    }
    foci->len += foci->len < foci->max;
    memmove(&foci->list[at + 1], &foci->list[at], (foci->len - 1 - at) * sizeof foci->list[0]);
    foci->list[at] = *focus;
}

static void take_findings(struct foci *foci, const struct all *all)
{
    const struct play_result *result = all->world->result;
    foci->max = FINDINGS_MAX;
    for (size_t i = 0; i < result->findings_len; i++) {
        const struct finding *finding = &result->findings[i];
        struct focus focus = {.at_ns = finding->at_ns, .text = finding->criterion};
        if (finding->bus_line != 0 && all->len > 0) {
            focus.place = place_of_line(all, finding->bus_line);
            const size_t shown = focus.place < all->len ? focus.place : all->len - 1;
            const struct bus_message *message = timeline_bus_at(&all->places[shown]);
            focus.at_ns = focus.at_ns != SIM_NEVER ? focus.at_ns : message->begin_ns;
        } else if (focus.at_ns != SIM_NEVER) {
            focus.place = place_of_instant(all, focus.at_ns);
        }
        if (focus.at_ns != SIM_NEVER) {
            add_focus(foci, &focus);
        }
    }
}

static void take_faults(struct foci *foci, const struct all *all,
                        const struct timeline_faults *faults)
{
    foci->max = FAULTS_SHOWN;
    for (size_t i = 0; i < faults->len; i++) {
        const sim_ns_t at_ns = faults->list[i].first_ns;
        if (at_ns != SIM_NEVER) {
            add_focus(foci, &(struct focus){.at_ns = at_ns,
                                            .place = place_of_instant(all, at_ns),
                                            .text = all->world->injections[i].name});
        }
    }
}

static void take_end(struct foci *foci, const struct all *all)
{
    size_t last = all->len - 1;
    const char *text = "end of the diagnosis";
    foci->max = 1;
    for (size_t i = all->len; i-- > 0;) {
        const struct bus_message *message = timeline_bus_at(&all->places[i]);
        if (message->uds.kind == UDS_KIND_REQUEST && message->uds.service == UDS_TRANSFER_EXIT) {
            last = i;
            text = "end of the transfer";
            break;
        }
    }
    add_focus(foci, &(struct focus){.at_ns = timeline_bus_at(&all->places[last])->begin_ns,
                                    .place = last,
                                    .text = text});
}

/* How a message went over the bus in frames. */
struct frames {
    uint32_t consecutive, waits;
    bool flow, overflow;
    uint8_t block_size, st_min;
};

static size_t first_frame(const struct bus_log *log, uint32_t line)
{
    size_t low = 0, high = log->frames_len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (log->frames[middle].line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void count_frame(struct frames *frames, const struct bus_frame *frame)
{
    if (frame->pci.type == ISOTP_PCI_CONSECUTIVE) {
        frames->consecutive++;
    } else if (frame->pci.type == ISOTP_PCI_FLOW_CONTROL) {
        frames->overflow = frames->overflow || frame->pci.flow_status == ISOTP_FS_OVERFLOW;
        frames->waits += frame->pci.flow_status == ISOTP_FS_WAIT;
        if (!frames->flow && frame->pci.flow_status == ISOTP_FS_CONTINUE) {
            frames->flow = true;
            frames->block_size = frame->pci.block_size;
            frames->st_min = frame->pci.st_min;
        }
    }
}

static bool count_frames(const struct timeline_place *place, struct frames *frames)
{
    const struct bus_log *log = &place->bus->log;
    const struct bus_message *message = timeline_bus_at(place);
    const size_t first = first_frame(log, message->line);
    *frames = (struct frames){.consecutive = 0};
    bool single = true;
    for (size_t i = first; i < log->frames_len && i < first + FRAMES_LOOKED_AT; i++) {
        const struct bus_frame *frame = &log->frames[i];
        if (message->end_ns != SIM_NEVER && frame->at_ns > message->end_ns) {
            break;
        }
        if (frame->message == place->index) {
            single = single && frame->pci.type == ISOTP_PCI_SINGLE;
            count_frame(frames, frame);
        }
    }
    return single;
}

static void write_shape(const struct timeline_place *place, char *text, size_t size)
{
    struct frames frames;
    if (count_frames(place, &frames)) {
        snprintf(text, size, "SF");
        return;
    }
    int len = snprintf(text, size, "FF + %u CF", (unsigned)frames.consecutive);
    if (frames.flow) {
        len += snprintf(text + len, size - (size_t)len, ", BS %u, STmin %g ms", frames.block_size,
                        (double)isotp_st_min_ns(frames.st_min) / 1e6);
    }
    if (frames.waits > 0) {
        len += snprintf(text + len, size - (size_t)len, ", %u waits", (unsigned)frames.waits);
    }
    snprintf(text + len, size - (size_t)len, "%s%s", frames.overflow ? ", overflow" : "",
             timeline_bus_at(place)->end_ns == SIM_NEVER ? ", not ended" : "");
}

static const char *sender_of(const struct case_world *world, const struct timeline_place *place)
{
    const struct case_ecu *ecu = timeline_bus_ecu(world, place);
    if (timeline_bus_at(place)->channel == ISOTP_WATCH_RESPONSE) {
        return ecu != NULL ? ecu->ecu->name : "?";
    }
    return timeline_bus_is_masters(place) ? "master" : timeline_bus_at(place)->sender->cfg.name;
}

static const char *receiver_of(const struct case_world *world, const struct timeline_place *place)
{
    const struct case_ecu *ecu = timeline_bus_ecu(world, place);
    if (timeline_bus_at(place)->channel == ISOTP_WATCH_RESPONSE) {
        return "master";
    }
    return ecu != NULL ? ecu->ecu->name : "all";
}

static enum timeline_tone tone_of(const struct bus_message *message)
{
    if (message->uds.kind == UDS_KIND_NEGATIVE) {
        return timeline_words_tone(message->uds.nrc);
    }
    return message->end_ns == SIM_NEVER ? TONE_WARN : TONE_PLAIN;
}

/* Each text in a place of its own: the timeline copies them. */
struct texts {
    char bus[64], from[64], to[64], service[64], meaning[TIMELINE_TEXT_MAX + 1], shape[96],
        bytes[128];
};

static void add_message(const struct all *all, size_t index, uint32_t focus,
                        struct timeline *timeline)
{
    const struct timeline_place *place = &all->places[index];
    const struct bus_message *message = timeline_bus_at(place);
    struct timeline_words words;
    struct texts texts;
    timeline_bus_words(all->world, place, &words);
    snprintf(texts.bus, sizeof texts.bus, "%s", place->bus->bus->cfg.name);
    snprintf(texts.from, sizeof texts.from, "%s", sender_of(all->world, place));
    snprintf(texts.to, sizeof texts.to, "%s", receiver_of(all->world, place));
    timeline_words_service(message->uds.service, texts.service, sizeof texts.service);
    timeline_words_meaning(&words, texts.meaning, sizeof texts.meaning);
    write_shape(place, texts.shape, sizeof texts.shape);
    timeline_words_bytes(words.bytes, words.len, message->len, texts.bytes, sizeof texts.bytes);
    timeline_add_message(timeline, &(struct timeline_message){.begin_ns = message->begin_ns,
                                                              .end_ns = message->end_ns,
                                                              .bus = texts.bus,
                                                              .from = texts.from,
                                                              .to = texts.to,
                                                              .service = texts.service,
                                                              .meaning = texts.meaning,
                                                              .shape = texts.shape,
                                                              .bytes = texts.bytes,
                                                              .len_bytes = message->len,
                                                              .bus_line = message->line,
                                                              .focus = focus,
                                                              .tone = tone_of(message),
                                                              .struck = message->struck,
                                                              .lost = message->lost});
}

void timeline_focus_fill(const struct case_world *world, const struct timeline_faults *faults,
                         const struct timeline_place *places, size_t len, struct timeline *timeline)
{
    const struct all all = {.world = world, .places = places, .len = len};
    struct foci foci = {.len = 0};
    size_t next = 0;
    take_findings(&foci, &all);
    if (foci.len == 0) {
        take_faults(&foci, &all, faults);
    }
    if (foci.len == 0 && len > 0) {
        take_end(&foci, &all);
    }
    for (uint32_t i = 0; i < foci.len; i++) {
        const struct focus *focus = &foci.list[i];
        const size_t from = focus->place > AROUND ? focus->place - AROUND : 0;
        timeline_add_focus(timeline, focus->at_ns, focus->text);
        for (next = from > next ? from : next; next < len && next < focus->place + AROUND; next++) {
            add_message(&all, next, i, timeline);
        }
    }
}
