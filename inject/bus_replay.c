/* SPDX-License-Identifier: Apache-2.0 */
/* inject/bus_replay.c - reads candump logs ("(seconds.micros) can0 123#00") and plays them. */
#include "inject/bus_replay.h"

#include "inject/fault_note.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* linux/can.h: the bit of an identifier that marks an error frame. */
#define ERROR_FRAME_BIT UINT32_C(0x20000000)

enum { LINE_CHARS = 512, WORD_CHARS = 256, FRACTION_DIGITS = 9 };

struct reader {
    const char *path;
    unsigned line;
    bool begun;
    sim_ns_t first_ns;
    sim_ns_t last_ns;
};

/* "1436509052.249713": any number of digits after the point, nanoseconds at most. */
static bool read_time(const char *text, sim_ns_t *ns)
{
    uint64_t fraction = 0;
    int digits = 0;
    char *end;
    if (*text < '0' || *text > '9') {
        return false;
    }
    const uint64_t seconds = strtoull(text, &end, 10); /* UINT64_MAX: too large. */
    if (*end != '.' || seconds > UINT64_MAX / SIM_S(1) - 1) {
        return false;
    }
    for (text = end + 1; *text >= '0' && *text <= '9' && digits < FRACTION_DIGITS; text++) {
        fraction = fraction * 10 + (uint64_t)(*text - '0');
        digits++;
    }
    for (; digits < FRACTION_DIGITS; digits++) {
        fraction *= 10;
    }
    *ns = SIM_S(seconds) + fraction;
    return *text == '\0';
}

static bool is_error_frame(const char *text)
{
    char *end;
    const unsigned long id = strtoul(text, &end, 16);
    return end - text == 8 && *end == '#' && (id & ERROR_FRAME_BIT) != 0;
}

static int append(struct bus_replay *replay, sim_ns_t at_ns, const struct can_frame *frame,
                  struct err *err)
{
    if (replay->lines_len == replay->lines_cap) {
        const size_t cap = replay->lines_cap == 0 ? 256 : 2 * replay->lines_cap;
        struct bus_replay_line *lines = realloc(replay->lines, cap * sizeof *lines);
        if (lines == NULL) {
            return err_set(err, ERR_NOMEM, "not enough memory for a log of %zu lines", cap);
        }
        replay->lines = lines;
        replay->lines_cap = cap;
    }
    replay->lines[replay->lines_len++] = (struct bus_replay_line){at_ns, *frame};
    return 0;
}

static int keep_line(struct bus_replay *replay, struct reader *reader, sim_ns_t at_ns,
                     const struct can_frame *frame, struct err *err)
{
    if (!reader->begun) {
        reader->begun = true;
        reader->first_ns = reader->last_ns = at_ns;
    }
    if (at_ns < reader->last_ns) {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: this frame is older than the one before it: sort the log by time",
                       reader->path, reader->line);
    }
    reader->last_ns = at_ns;
    const uint64_t permille = replay->cfg.speed_permille;
    const double scaled_ns = (double)(at_ns - reader->first_ns) * 1000.0 / (double)permille;
    return append(replay, (sim_ns_t)scaled_ns, frame, err);
}

static int read_line(struct bus_replay *replay, const struct can_bus *bus, struct reader *reader,
                     const char *line, struct err *err)
{
    char time[WORD_CHARS], interface[WORD_CHARS], text[WORD_CHARS];
    struct can_frame frame;
    sim_ns_t at_ns;
    if (line[strspn(line, " \t\r\n")] == '\0') {
        return 0;
    }
    if (sscanf(line, " (%255[^)]) %255s %255s", time, interface, text) != 3 ||
        !read_time(time, &at_ns)) {
        return err_set(err, ERR_SYNTAX,
                       "%s:%u: not a line of candump -l: expected \"(1.000000) can0 123#00\"",
                       reader->path, reader->line);
    }
    const char *wanted = replay->cfg.interface;
    if (is_error_frame(text) || (wanted != NULL && strcmp(wanted, interface) != 0)) {
        replay->left_out++;
        return 0;
    }
    if (!can_frame_parse(text, &frame)) {
        return err_set(err, ERR_SYNTAX, "%s:%u: \"%s\" is not a CAN frame", reader->path,
                       reader->line, text);
    }
    if ((frame.flags & CAN_FLAG_FD) != 0 && bus->cfg.data_bps == 0) {
        return err_set(err, ERR_UNSUPPORTED, "%s:%u: a CAN FD frame, but %s is a classical bus",
                       reader->path, reader->line, bus->cfg.name);
    }
    return keep_line(replay, reader, at_ns, &frame, err);
}

static int read_log(struct bus_replay *replay, const struct can_bus *bus, const char *path,
                    struct err *err)
{
    struct reader reader = {.path = path};
    char line[LINE_CHARS];
    int code = 0;
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return err_set(err, ERR_IO, "cannot open the log %s: %s", path, strerror(errno));
    }
    while (code == 0 && fgets(line, sizeof line, in) != NULL) {
        reader.line++;
        code = read_line(replay, bus, &reader, line, err);
    }
    if (code == 0 && ferror(in)) {
        code = err_set(err, ERR_IO, "cannot read the log %s: %s", path, strerror(errno));
    }
    if (code == 0 && replay->lines_len == 0) {
        code = err_set(err, ERR_NOT_FOUND, "no frame to replay in the log %s", path);
    }
    fclose(in);
    return code;
}

static void on_due(struct sim *sim, void *ctx)
{
    struct bus_replay *replay = ctx;
    if (replay->next == 0) {
        fault_note(replay->node.bus, replay->lines_len, "%s: begins", replay->cfg.name);
    }
    const struct bus_replay_line *line = &replay->lines[replay->next++];
    if (can_node_send(&replay->node, &line->frame) == CAN_SEND_QUEUED) {
        replay->sent++;
    } else {
        replay->refused++;
    }
    if (replay->next < replay->lines_len) {
        sim_schedule(sim, &replay->event, sim->now_ns + line[1].at_ns - line[0].at_ns);
    } else {
        fault_note(replay->node.bus, replay->sent, "%s: ends", replay->cfg.name);
    }
}

int bus_replay_start(struct bus_replay *replay, struct can_bus *bus, const char *path,
                     const struct bus_replay_cfg *cfg, struct err *err)
{
    static const struct can_node_ops deaf = {.on_frame = NULL};
    memset(replay, 0, sizeof *replay);
    replay->cfg = *cfg;
    replay->sim = bus->sim;
    if (replay->cfg.speed_permille == 0) {
        replay->cfg.speed_permille = 1000;
    }
    const int code = read_log(replay, bus, path, err);
    if (code != 0) {
        free(replay->lines);
        replay->lines = NULL;
        return code;
    }
    can_node_init(&replay->node, &(struct can_node_cfg){
                                     .name = cfg->name, .ops = &deaf, .queue_len = CAN_QUEUE_MAX});
    can_bus_attach(bus, &replay->node);
    sim_event_init(&replay->event, SIM_NODE, on_due, replay, NULL);
    sim_schedule(bus->sim, &replay->event,
                 cfg->from_ns > bus->sim->now_ns ? cfg->from_ns : bus->sim->now_ns);
    return 0;
}

void bus_replay_stop(struct bus_replay *replay)
{
    sim_cancel(replay->sim, &replay->event);
    can_bus_detach(replay->node.bus, &replay->node);
    free(replay->lines);
    replay->lines = NULL;
}
