/* SPDX-License-Identifier: Apache-2.0 */
/* cli/replay_prompt_look.c - what a play that stands still shows of itself. */
#include "cli/replay_prompt.h"

#include "scenarios/engine/lua_look.h"
#include "sim/proto/uds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BUS_DEFAULT = 10, BUS_MAX = 100000, BYTES_SHOWN = 16, ROW_BYTES = 16, DUMP_MAX = 1 << 16 };

static const char *const life_ends[] = {
    [MASTER_RUNS] = "runs",
    [MASTER_EXITED] = "has exited",
    [MASTER_CUT] = "was cut off from its power",
    [MASTER_STUCK] = "was stuck",
    [MASTER_TIME_UP] = "ran out of time",
};

static void print_ecu(struct replay_prompt *prompt, const struct case_ecu *own)
{
    struct s12x_ecu_status status;
    s12x_ecu_status(own->s12x, &status);
    fprintf(prompt->out, "  %-10s %s, version %s, session %02X%s%s%s\n", own->ecu->name,
            ecu_run_name(status.run), status.version[0] != '\0' ? status.version : "none",
            (unsigned)status.session, status.unlocked ? ", unlocked" : "",
            status.communication_on ? "" : ", communication off",
            status.dtc_setting_on ? "" : ", DTC setting off");
}

static void print_life(struct replay_prompt *prompt)
{
    char begin[32];
    const struct master_life *life = master_seat_life(&prompt->world->seat);
    if (life == NULL) {
        fprintf(prompt->out, "master: not started yet\n");
        return;
    }
    prompt_instant(begin, life->begin_ns);
    fprintf(prompt->out, "master: life %zu, begun at %s, %s\n", prompt->world->seat.lives_len,
            begin, life_ends[life->end]);
}

enum prompt_next prompt_state(struct replay_prompt *prompt, char *rest)
{
    char now[32];
    const struct case_world *world = prompt->world;
    (void)rest;
    prompt_instant(now, world->sim.now_ns);
    fprintf(prompt->out, "time: %s, %u lines of bus.log\n", now, (unsigned)world->bus_lines);
    for (size_t i = 0; i < world->ecus_len; i++) {
        print_ecu(prompt, &world->ecus[i]);
    }
    print_life(prompt);
    fprintf(prompt->out, "scenario: %s\n",
            world->script.state == LUA_SCRIPT_DONE ? "has come to its end" : "waits");
    for (size_t i = 0; i < world->injections_len; i++) {
        const struct case_injection *injection = &world->injections[i];
        fprintf(prompt->out, "injection %s: fired %llu times\n", injection->name,
                (unsigned long long)injection->fired(injection->ctx));
    }
    return PROMPT_STAY;
}

/* By connection; "?" cannot be. */
static const char *ecu_of(const struct case_world *world, const struct case_bus *bus,
                          const struct bus_message *message)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].bus == bus && world->ecus[i].connection == message->connection) {
            return world->ecus[i].ecu->name;
        }
    }
    return "?";
}

static void print_meaning(FILE *out, const struct bus_message *message)
{
    const char *name = uds_service_name(message->uds.service);
    fprintf(out, " %s", name != NULL ? name : "");
    if (message->uds.kind == UDS_KIND_NEGATIVE) {
        const char *nrc = uds_nrc_name(message->uds.nrc);
        fprintf(out, ": negative, %s", nrc != NULL ? nrc : "?");
    }
}

static void print_message(struct replay_prompt *prompt, const struct case_bus *bus,
                          const struct bus_message *message)
{
    FILE *out = prompt->out;
    char at[32];
    const bool answer = message->channel == ISOTP_WATCH_RESPONSE;
    const uint8_t *bytes = bus_log_bytes(&bus->log, message);
    prompt_instant(at, message->begin_ns);
    fprintf(out, "%16s  %s %s %-8s line %-6u", at, bus->bus->cfg.name, answer ? "<" : ">",
            message->channel == ISOTP_WATCH_FUNCTIONAL ? "all"
                                                       : ecu_of(prompt->world, bus, message),
            (unsigned)message->line);
    print_meaning(out, message);
    fprintf(out, "%s%s\n%19s", message->struck ? " (a fault hit it)" : "",
            message->lost                  ? " (lost)"
            : message->end_ns == SIM_NEVER ? " (not complete)"
                                           : "",
            "");
    for (uint32_t i = 0; i < message->data_len && i < BYTES_SHOWN; i++) {
        fprintf(out, " %02X", bytes[i]);
    }
    fprintf(out, message->len > BYTES_SHOWN ? " ... %u bytes\n" : "\n", (unsigned)message->len);
}

/* The message of all buses that began last before the line; null: none. */
static const struct bus_message *before(const struct case_world *world, uint32_t line,
                                        const struct case_bus **of)
{
    const struct bus_message *best = NULL;
    for (size_t b = 0; b < world->buses_len; b++) {
        const struct bus_log *log = &world->buses[b].log;
        size_t i = log->messages_len;
        while (i > 0 && log->messages[i - 1].line >= line) {
            i--;
        }
        if (i > 0 && (best == NULL || log->messages[i - 1].line > best->line)) {
            best = &log->messages[i - 1];
            *of = &world->buses[b];
        }
    }
    return best;
}

enum prompt_next prompt_bus(struct replay_prompt *prompt, char *rest)
{
    uint64_t count = BUS_DEFAULT;
    uint32_t line = UINT32_MAX;
    const struct case_bus *bus = NULL;
    if (rest[0] != '\0' && (!cli_parse_u64(rest, BUS_MAX, &count) || count == 0)) {
        fprintf(prompt->out, "bus takes a number of messages, 1 to %d\n", BUS_MAX);
        return PROMPT_STAY;
    }
    const struct bus_message **found = calloc((size_t)count, sizeof(struct bus_message *));
    const struct case_bus **of = calloc((size_t)count, sizeof(struct case_bus *));
    CHECK(found != NULL && of != NULL);
    size_t len = 0;
    while (len < count && (found[len] = before(prompt->world, line, &bus)) != NULL) {
        line = found[len]->line;
        of[len++] = bus;
    }
    fputs(len == 0 ? "no message yet\n" : "", prompt->out);
    while (len > 0) {
        len--;
        print_message(prompt, of[len], found[len]);
    }
    free(found);
    free(of);
    return PROMPT_STAY;
}

/* Null, and said, if there is none of that name. */
static const struct case_ecu *find_ecu(struct replay_prompt *prompt, const char *name)
{
    const struct case_world *world = prompt->world;
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (strcmp(world->ecus[i].ecu->name, name) == 0) {
            return &world->ecus[i];
        }
    }
    fprintf(prompt->out, "there is no ECU \"%.40s\"; there are", name);
    for (size_t i = 0; i < world->ecus_len; i++) {
        fprintf(prompt->out, " %s", world->ecus[i].ecu->name);
    }
    fputc('\n', prompt->out);
    return NULL;
}

static const struct prompt_ecu *book_of(const struct replay_prompt *prompt,
                                        const struct case_ecu *own)
{
    return &prompt->ecus[own - prompt->world->ecus];
}

static bool is_torn(const struct prompt_ecu *book, uint32_t address)
{
    for (size_t i = 0; i < book->torn_len; i++) {
        if (ecu_book_op_touches(&book->torn[i].op, address)) {
            return true;
        }
    }
    return false;
}

/* Sixteen cells; a '!' behind those that a cut operation has left. */
static void dump_row(struct replay_prompt *prompt, const struct case_ecu *own, uint32_t address,
                     uint32_t len)
{
    uint8_t row[ROW_BYTES];
    char text[ROW_BYTES + 1] = "";
    s12x_flash_peek(s12x_ecu_flash(own->s12x), address, row, len);
    fprintf(prompt->out, "%06X ", (unsigned)address);
    for (uint32_t i = 0; i < len; i++) {
        const bool torn = is_torn(book_of(prompt, own), address + i);
        fprintf(prompt->out, " %02X%s", row[i], torn ? "!" : " ");
        text[i] = (char)(row[i] >= ' ' && row[i] <= '~' ? row[i] : '.');
    }
    fprintf(prompt->out, "  %.*s\n", (int)len, text);
}

enum prompt_next prompt_flash(struct replay_prompt *prompt, char *rest)
{
    char *name = strtok(rest, " \t");
    const char *address_text = strtok(NULL, " \t");
    const char *len_text = strtok(NULL, " \t");
    uint64_t address;
    uint64_t len;
    if (len_text == NULL || !cli_parse_u64(address_text, 0x7FFFFF, &address) ||
        !cli_parse_u64(len_text, DUMP_MAX, &len) || len == 0) {
        fprintf(prompt->out, "flash takes ECU ADDRESS LENGTH, such as flash bcm 0x780000 64\n");
        return PROMPT_STAY;
    }
    const struct case_ecu *own = find_ecu(prompt, name);
    for (uint64_t at = address; own != NULL && at < address + len; at += ROW_BYTES) {
        const uint64_t left = address + len - at;
        dump_row(prompt, own, (uint32_t)at, (uint32_t)(left < ROW_BYTES ? left : ROW_BYTES));
    }
    return PROMPT_STAY;
}

enum prompt_next prompt_ecu(struct replay_prompt *prompt, char *rest)
{
    struct s12x_ecu_status status;
    const struct case_ecu *own = find_ecu(prompt, rest);
    if (own == NULL) {
        return PROMPT_STAY;
    }
    print_ecu(prompt, own);
    s12x_ecu_status(own->s12x, &status);
    fprintf(prompt->out, "  application %s, erase state %u, %u resets, %llu frames lost\n",
            status.application_valid ? "valid" : "not valid", (unsigned)status.erase_state,
            (unsigned)own->ecu->resets, (unsigned long long)status.frames_lost);
    fprintf(prompt->out, "  flash: %llu erases, %llu programs, %llu torn\n",
            (unsigned long long)own->book.erases, (unsigned long long)own->book.programs,
            (unsigned long long)own->book.torn);
    const struct prompt_ecu *book = book_of(prompt, own);
    for (size_t i = 0; i < book->torn_len; i++) {
        char at[32];
        prompt_instant(at, book->torn[i].at_ns);
        fprintf(prompt->out, "  torn at %s: %s at 0x%06X\n", at,
                ecu_book_op_erases(&book->torn[i].op) ? "an erase" : "a program operation",
                (unsigned)book->torn[i].address);
    }
    return PROMPT_STAY;
}

enum prompt_next prompt_master(struct replay_prompt *prompt, char *rest)
{
    const struct supervisor *supervisor = prompt->world->seat.supervisor;
    (void)rest;
    print_life(prompt);
    if (supervisor != NULL) {
        fprintf(prompt->out, "process %d of this machine\n", (int)supervisor_pid(supervisor));
        supervisor_print_waits(supervisor, prompt->out);
    }
    return PROMPT_STAY;
}

enum prompt_next prompt_lua(struct replay_prompt *prompt, char *rest)
{
    if (rest[0] == '\0') {
        fprintf(prompt->out, "lua takes an expression; it may use");
        for (size_t i = 0; lua_look_functions[i] != NULL; i++) {
            fprintf(prompt->out, " %s", lua_look_functions[i]);
        }
        fputc('\n', prompt->out);
        return PROMPT_STAY;
    }
    char *text = lua_look(&prompt->world->script, rest);
    for (char *c = text; *c != '\0'; c++) {
        *c = iscntrl((unsigned char)*c) && *c != '\n' && *c != '\t' ? '?' : *c;
    }
    fprintf(prompt->out, "%s\n", text);
    free(text);
    return PROMPT_STAY;
}
