/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_transfer.c - INV-7: what an ECU has acknowledged of a segment is the
 * segment, without gap or overlap, and inside the range that may be programmed.
 *
 * Acknowledged is acknowledged, whether it is in this 34 ... 37 or in one before an interruption;
 * an erase takes it back. Within one 34 ... 37 nothing may come twice, except the last 36 again,
 * with the counter that it had: its answer was lost (ISO 14229-1, TransferData). */
#include "scenarios/engine/judge_bus.h"
#include "scenarios/engine/judge_finding.h"
#include "sim/proto/srec.h"
#include "sim/proto/uds.h"

#include <string.h>

enum { DATA_AT = 2 /* 36, counter, then the data. */ };

/* Of one ECU. */
struct download {
    struct judge_range asked; /* Of the last 34; */
    struct judge_range range; /* of the last one that was accepted. */
    bool asked_well, open, wrote, judged;
    bool masters;            /* The 34 was the master's. */
    uint8_t counter;         /* Of the last block that was acknowledged; counts if wrote. */
    uint64_t next;           /* Blocks: where the next one lies. */
    uint32_t data;           /* The last 36, or BUS_LOG_NONE. */
    uint32_t erase;          /* The last erase request, likewise. */
    struct judge_ranges now; /* Acknowledged since that 34; */
    struct judge_ranges all; /* since the erase. */
    struct judge_ranges erased;
};

struct walk {
    const struct judge_bus *bus;
    struct download downloads[INJECT_CONNECTIONS_MAX];
};

static const char *const whole = "the acknowledged data of 36 are the segment, without gap and "
                                 "overlap, inside the allowed range";

static void on_request_download(struct walk *walk, const struct bus_message *message)
{
    struct download *download = &walk->downloads[message->connection];
    const struct judge_connection *ecu = &walk->bus->connections[message->connection];
    download->masters = judge_bus_is_masters(walk->bus, message);
    download->asked_well = judge_bus_range(walk->bus, message, &download->asked);
    if (download->masters && download->asked_well && !judge_bus_allowed(ecu, &download->asked)) {
        judge_find(walk->bus->result, 7, message->begin_ns, message->line, whole,
                   "%s: 34 for 0x%06llX to 0x%06llX, not inside a window of the campaign",
                   ecu->name, (unsigned long long)download->asked.start,
                   (unsigned long long)download->asked.end);
    }
}

static void open_download(struct download *download)
{
    download->open = download->asked_well;
    download->range = download->asked;
    download->next = download->asked.start;
    download->wrote = false;
    download->judged = false;
    download->data = BUS_LOG_NONE;
    judge_ranges_clear(&download->now);
}

/* Where the data of a 36 goes. False: it is not a 36 as this ECU takes them. */
static bool place_of(const struct walk *walk, const struct download *download,
                     const struct bus_message *message, struct judge_range *range)
{
    const uint8_t *bytes = bus_log_bytes(walk->bus->log, message);
    struct srec record;
    if (message->data_len <= DATA_AT) {
        return false;
    }
    if (!walk->bus->connections[message->connection].lines) {
        *range = (struct judge_range){download->next, download->next + message->data_len - DATA_AT};
        return true;
    }
    if (srec_from_binary(bytes + DATA_AT, (uint16_t)(message->data_len - DATA_AT), &record) !=
        SREC_OK) {
        return false;
    }
    *range = (struct judge_range){record.address, (uint64_t)record.address + record.len};
    return true;
}

static void find_place(const struct walk *walk, const struct download *download,
                       const struct bus_message *request, const struct judge_range *range)
{
    const struct judge_range *segment = &download->range;
    const char *name = walk->bus->connections[request->connection].name;
    if (range->start < segment->start || range->end > segment->end) {
        judge_find(walk->bus->result, 7, request->begin_ns, request->line, whole,
                   "%s: 36 for 0x%06llX to 0x%06llX, outside its segment 0x%06llX to 0x%06llX",
                   name, (unsigned long long)range->start, (unsigned long long)range->end,
                   (unsigned long long)segment->start, (unsigned long long)segment->end);
    } else if (judge_ranges_inside(&download->now, range->start, range->end) != 0) {
        judge_find(
            walk->bus->result, 7, request->begin_ns, request->line, whole,
            "%s: 36 for 0x%06llX to 0x%06llX, of which %llu bytes were acknowledged in this "
            "transfer already",
            name, (unsigned long long)range->start, (unsigned long long)range->end,
            (unsigned long long)judge_ranges_inside(&download->now, range->start, range->end));
    }
}

static void on_data_acknowledged(struct walk *walk, const struct bus_message *answer)
{
    struct download *download = &walk->downloads[answer->connection];
    struct judge_range range;
    if (!download->open || download->data == BUS_LOG_NONE) {
        return;
    }
    const struct bus_message *request = &walk->bus->log->messages[download->data];
    const uint8_t counter = judge_bus_byte(walk->bus, request, 1);
    if (judge_bus_byte(walk->bus, answer, 1) != counter ||
        (download->wrote && counter == download->counter) ||
        !place_of(walk, download, request, &range)) {
        return;
    }
    if (judge_bus_is_masters(walk->bus, request)) {
        find_place(walk, download, request, &range);
    }
    download->wrote = true;
    download->counter = counter;
    download->next = range.end;
    judge_ranges_add(&download->now, range.start, range.end);
    judge_ranges_add(&download->all, range.start, range.end);
}

static void find_gap(const struct walk *walk, struct download *download,
                     const struct bus_message *message)
{
    const struct judge_range *segment = &download->range;
    const uint64_t got = judge_ranges_inside(&download->all, segment->start, segment->end);
    download->judged = true;
    judge_find(walk->bus->result, 7, message->begin_ns, message->line, whole,
               "%s: %s after %llu of %llu bytes of the segment at 0x%06llX; 0x%06llX is missing",
               walk->bus->connections[message->connection].name,
               message->channel == ISOTP_WATCH_RESPONSE ? "77" : "37", (unsigned long long)got,
               (unsigned long long)(segment->end - segment->start),
               (unsigned long long)segment->start,
               (unsigned long long)judge_ranges_gap(&download->all, segment->start, segment->end));
}

static bool is_whole(const struct judge_ranges *set, const struct judge_range *range)
{
    return judge_ranges_inside(set, range->start, range->end) == range->end - range->start;
}

/* The master calls the segment complete. */
static void on_exit_asked(struct walk *walk, const struct bus_message *message)
{
    struct download *download = &walk->downloads[message->connection];
    if (download->open && !download->judged && download->masters && download->wrote &&
        judge_bus_is_masters(walk->bus, message) && !is_whole(&download->all, &download->range)) {
        find_gap(walk, download, message);
    }
}

/* 34 and 37 alone ask whether a segment is there. The answer yes is right if it was sent, or if it
 * was never erased. */
static void on_exit_done(struct walk *walk, const struct bus_message *message)
{
    struct download *download = &walk->downloads[message->connection];
    if (download->open && !download->judged && download->masters &&
        is_whole(&download->erased, &download->range) &&
        !is_whole(&download->all, &download->range)) {
        find_gap(walk, download, message);
    }
}

static void on_erased(struct walk *walk, const struct bus_message *answer)
{
    struct download *download = &walk->downloads[answer->connection];
    struct judge_range range = {0, UINT64_C(1) << 32};
    if (download->erase == BUS_LOG_NONE) {
        return;
    }
    (void)judge_bus_range(walk->bus, &walk->bus->log->messages[download->erase], &range);
    judge_ranges_remove(&download->all, range.start, range.end);
    judge_ranges_add(&download->erased, range.start, range.end);
}

static void on_request(struct walk *walk, const struct bus_message *message)
{
    struct download *download = &walk->downloads[message->connection];
    const uint32_t index = (uint32_t)(message - walk->bus->log->messages);
    if (message->end_ns == SIM_NEVER) {
        return;
    }
    if (judge_bus_routine(walk->bus, message) == UDS_RID_ERASE_MEMORY) {
        download->erase = index;
    }
    switch (message->uds.service) {
    case UDS_REQUEST_DOWNLOAD: on_request_download(walk, message); return;
    case UDS_TRANSFER_DATA: download->data = index; return;
    case UDS_TRANSFER_EXIT: on_exit_asked(walk, message); return;
    default: return;
    }
}

static void on_answer(struct walk *walk, const struct bus_message *message)
{
    if (message->uds.kind != UDS_KIND_POSITIVE) {
        return;
    }
    if (judge_bus_routine(walk->bus, message) == UDS_RID_ERASE_MEMORY) {
        on_erased(walk, message);
    }
    switch (message->uds.service) {
    case UDS_REQUEST_DOWNLOAD: open_download(&walk->downloads[message->connection]); return;
    case UDS_TRANSFER_DATA: on_data_acknowledged(walk, message); return;
    case UDS_TRANSFER_EXIT: on_exit_done(walk, message); return;
    default: return;
    }
}

void judge_bus_transfer(const struct judge_bus *bus)
{
    struct walk walk = {.bus = bus};
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        walk.downloads[i].data = walk.downloads[i].erase = BUS_LOG_NONE;
    }
    for (size_t i = 0; i < bus->log->messages_len; i++) {
        const struct bus_message *message = &bus->log->messages[i];
        if (bus->connections[message->connection].name == NULL) {
            continue;
        }
        if (message->channel == ISOTP_WATCH_RESPONSE) {
            on_answer(&walk, message);
        } else if (message->channel == ISOTP_WATCH_REQUEST) {
            on_request(&walk, message);
        }
    }
    for (size_t i = 0; i < INJECT_CONNECTIONS_MAX; i++) {
        judge_ranges_release(&walk.downloads[i].now);
        judge_ranges_release(&walk.downloads[i].all);
        judge_ranges_release(&walk.downloads[i].erased);
    }
}
