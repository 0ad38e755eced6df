/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/judge_rig.h - a decoded bus written by hand, message by message, for the judge.
 *
 * One ECU "bcm" is connection 0 and a target, "esp" is connection 1 and none. Each message is one
 * line of bus.log and takes 1 ms, unless a test says otherwise. */
#ifndef TESTS_ENGINE_JUDGE_RIG_H
#define TESTS_ENGINE_JUDGE_RIG_H

#include "scenarios/engine/judge_bus.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct judge_rig {
    struct can_node master, ecu, tester;
    struct bus_log log;
    struct uds_asked asked;
    struct judge_life lives[4];
    struct case_forbidden forbidden[2];
    struct play_result result;
    struct judge_bus bus;
};

static const struct campaign_window rig_windows[] = {{0x780000, 0x7F8000}, {0x7FA000, 0x7FC000}};

static inline struct judge_rig *judge_rig_new(void)
{
    struct judge_rig *rig = calloc(1, sizeof *rig);
    cr_assert_not_null(rig);
    rig->lives[0] = (struct judge_life){.campaign = "one"};
    rig->bus = (struct judge_bus){.log = &rig->log,
                                  .master = &rig->master,
                                  .lives = rig->lives,
                                  .lives_len = 1,
                                  .forbidden = rig->forbidden,
                                  .asks_preconditions = true,
                                  .n_rs = 3,
                                  .p2_ns = SIM_MS(50),
                                  .p2_star_ns = SIM_S(5),
                                  .n_bs_ns = SIM_S(1),
                                  .t_boot_ns = SIM_S(10),
                                  .result = &rig->result};
    rig->bus.connections[0] = (struct judge_connection){
        .name = "bcm", .target = true, .windows = rig_windows, .windows_len = 2};
    rig->bus.connections[1] = (struct judge_connection){.name = "esp"};
    return rig;
}

static inline void judge_rig_free(struct judge_rig *rig)
{
    play_result_release(&rig->result);
    free(rig->log.messages);
    free(rig->log.bytes);
    free(rig);
}

/* Adds a message; the result may be changed until the next one. */
static inline struct bus_message *rig_add(struct judge_rig *rig, uint64_t at_ms,
                                          const struct can_node *sender, uint16_t connection,
                                          enum isotp_watch_channel channel, const void *bytes,
                                          size_t len)
{
    struct bus_log *log = &rig->log;
    if (log->messages_len == log->messages_cap) {
        log->messages_cap = 2 * log->messages_cap + 64;
        log->messages = realloc(log->messages, log->messages_cap * sizeof *log->messages);
    }
    if (log->bytes_len + len > log->bytes_cap) {
        log->bytes_cap = 2 * (log->bytes_cap + len);
        log->bytes = realloc(log->bytes, log->bytes_cap);
    }
    memcpy(log->bytes + log->bytes_len, bytes, len);
    struct bus_message *message = &log->messages[log->messages_len++];
    *message = (struct bus_message){.begin_ns = SIM_MS(at_ms),
                                    .end_ns = SIM_MS(at_ms) + SIM_US(900),
                                    .sender = sender,
                                    .connection = connection,
                                    .channel = channel,
                                    .len = (uint32_t)len,
                                    .data_at = (uint32_t)log->bytes_len,
                                    .data_len = (uint32_t)len,
                                    .line = (uint32_t)log->messages_len,
                                    .answers = BUS_LOG_NONE};
    log->bytes_len += len;
    if (channel == ISOTP_WATCH_RESPONSE) {
        uds_view_response(&message->uds, bytes, len, &rig->asked);
    } else {
        uds_view_request(&message->uds, bytes, len, &rig->asked);
    }
    return message;
}

/* "36 01 AA BB": bytes in hexadecimal. */
static inline size_t rig_bytes(const char *hex, uint8_t *bytes)
{
    size_t len = 0;
    char *end;
    for (const char *at = hex; *at != '\0'; at = end) {
        bytes[len++] = (uint8_t)strtoul(at, &end, 16);
        while (*end == ' ') {
            end++;
        }
    }
    return len;
}

static inline struct bus_message *rig_to(struct judge_rig *rig, uint64_t at_ms, const char *hex)
{
    uint8_t bytes[256];
    const size_t len = rig_bytes(hex, bytes);
    return rig_add(rig, at_ms, &rig->master, 0, ISOTP_WATCH_REQUEST, bytes, len);
}

static inline struct bus_message *rig_from(struct judge_rig *rig, uint64_t at_ms, const char *hex)
{
    uint8_t bytes[256];
    const size_t len = rig_bytes(hex, bytes);
    return rig_add(rig, at_ms, &rig->ecu, 0, ISOTP_WATCH_RESPONSE, bytes, len);
}

static inline struct bus_message *rig_all(struct judge_rig *rig, uint64_t at_ms, const char *hex)
{
    uint8_t bytes[256];
    const size_t len = rig_bytes(hex, bytes);
    return rig_add(rig, at_ms, &rig->master, 0, ISOTP_WATCH_FUNCTIONAL, bytes, len);
}

/* Question and answer, 2 ms apart. */
static inline void rig_ask(struct judge_rig *rig, uint64_t at_ms, const char *request,
                           const char *response)
{
    rig_to(rig, at_ms, request);
    rig_from(rig, at_ms + 2, response);
}

#define rig_expect_nothing(rig)                                                                    \
    cr_assert_eq((rig)->result.findings_len, 0, "found: %s, seen %s",                              \
                 (rig)->result.findings[0].criterion, (rig)->result.findings[0].seen)

/* The only finding, its instant in ms (SIM_NEVER as it is) and line. */
#define rig_expect(rig, name, at_ms, number)                                                       \
    do {                                                                                           \
        cr_assert_eq((rig)->result.findings_len, 1, "%zu findings", (rig)->result.findings_len);   \
        cr_expect_str_eq((rig)->result.findings[0].criterion, name);                               \
        cr_expect_eq((rig)->result.findings[0].at_ns, SIM_MS(at_ms));                              \
        cr_expect_eq((rig)->result.findings[0].bus_line, (number));                                \
    } while (0)

#endif
