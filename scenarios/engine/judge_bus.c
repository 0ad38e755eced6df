/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_bus.c - what the rules about the bus share: reading messages. */
#include "scenarios/engine/judge_bus.h"

#include "sim/proto/uds.h"

size_t judge_bus_life(const struct judge_bus *bus, size_t from, sim_ns_t at_ns)
{
    size_t life = from;
    while (life + 1 < bus->lives_len && bus->lives[life + 1].begin_ns <= at_ns) {
        life++;
    }
    return life;
}

uint8_t judge_bus_byte(const struct judge_bus *bus, const struct bus_message *message, uint32_t at)
{
    return at < message->data_len ? bus_log_bytes(bus->log, message)[at] : 0;
}

uint16_t judge_bus_routine(const struct judge_bus *bus, const struct bus_message *message)
{
    if (message->uds.service != UDS_ROUTINE_CONTROL || message->uds.kind == UDS_KIND_NEGATIVE ||
        message->uds.sub != UDS_SUB(UDS_ROUTINE_START)) {
        return 0;
    }
    return (uint16_t)(judge_bus_byte(bus, message, 2) << 8 | judge_bus_byte(bus, message, 3));
}

static uint64_t number(const struct judge_bus *bus, const struct bus_message *message, uint32_t at,
                       uint32_t len)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < len; i++) {
        value = value << 8 | judge_bus_byte(bus, message, at + i);
    }
    return value;
}

bool judge_bus_range(const struct judge_bus *bus, const struct bus_message *message,
                     struct judge_range *range)
{
    const bool erase = message->uds.service == UDS_ROUTINE_CONTROL;
    const uint32_t format_at = erase ? 4 : 2;
    const uint8_t format = judge_bus_byte(bus, message, format_at);
    const uint32_t address_len = format & 0x0Fu;
    const uint32_t size_len = format >> 4;
    if (address_len == 0 || address_len > 4 || size_len == 0 || size_len > 4 ||
        message->data_len < format_at + 1 + address_len + size_len) {
        return false;
    }
    range->start = number(bus, message, format_at + 1, address_len);
    range->end = range->start + number(bus, message, format_at + 1 + address_len, size_len);
    return true;
}

bool judge_bus_allowed(const struct judge_connection *ecu, const struct judge_range *range)
{
    for (size_t i = 0; i < ecu->windows_len; i++) {
        if (range->start >= ecu->windows[i].start && range->end <= ecu->windows[i].end) {
            return true;
        }
    }
    return ecu->windows_len == 0;
}
