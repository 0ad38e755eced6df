/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up_status.c - the state of a running vehicle, for people. */
#include "cli/up_status.h"

#include "cli/cli.h"

#include <string.h>

/* Changes are told soon, the line on a terminal is rewritten twice a second. */
#define LOOK_NS SIM_MS(100)
#define LINE_NS SIM_MS(500)

enum { LINE_CAP = 512 };

static const char *session_name(enum uds_session session)
{
    switch (session) {
    case UDS_SESSION_DEFAULT: return "default session";
    case UDS_SESSION_PROGRAMMING: return "programming session";
    case UDS_SESSION_EXTENDED: return "extended session";
    default: return "session of its own";
    }
}

void up_status_print_ecu(char text[static UP_STATUS_TEXT], struct ecu *ecu)
{
    struct s12x_ecu *s12x = s12x_ecu_from(ecu);
    struct s12x_ecu_status status;
    if (s12x == NULL || ecu->run == ECU_OFF || ecu->run == ECU_IN_RESET) {
        snprintf(text, UP_STATUS_TEXT, "%s", ecu_run_name(ecu->run));
        return;
    }
    s12x_ecu_status(s12x, &status);
    const bool version = status.run == ECU_APPLICATION && status.version[0] != '\0';
    snprintf(text, UP_STATUS_TEXT, "%s%s%s, %s%s", ecu_run_name(status.run), version ? " " : "",
             version ? status.version : "", session_name(status.session),
             status.unlocked ? ", unlocked" : "");
}

static size_t append(char *line, size_t len, const char *text)
{
    const size_t more = strlen(text);
    const size_t room = LINE_CAP - 1 - len;
    const size_t taken = more < room ? more : room;
    memcpy(&line[len], text, taken);
    line[len + taken] = '\0';
    return len + taken;
}

static size_t append_loads(struct up_status *status, char *line, size_t len)
{
    const sim_ns_t past_ns = status->sim->now_ns - status->at_ns;
    for (size_t i = 0; i < vehicle_bus_count(status->vehicle); i++) {
        const struct can_bus *bus = vehicle_bus_at(status->vehicle, i);
        const sim_ns_t busy_ns = bus->stats.busy_ns - status->busy_ns[i];
        char text[UP_STATUS_TEXT];
        snprintf(text, sizeof text, "  %s %5.1f %%", bus->cfg.name,
                 past_ns == 0 ? 0.0 : (double)busy_ns * 100.0 / (double)past_ns);
        len = append(line, len, text);
        status->busy_ns[i] = bus->stats.busy_ns;
    }
    status->at_ns = status->sim->now_ns;
    return len;
}

static void show_line(struct up_status *status)
{
    char line[LINE_CAP];
    char text[UP_STATUS_TEXT];
    size_t len = (size_t)snprintf(line, sizeof line, "%8.1f s", (double)status->sim->now_ns / 1e9);
    len = append_loads(status, line, len);
    for (size_t i = 0; i < vehicle_ecu_count(status->vehicle); i++) {
        struct ecu *ecu = vehicle_ecu_at(status->vehicle, i);
        len = append(line, len, i == 0 ? "  " : "; ");
        len = append(line, len, ecu->name);
        len = append(line, len, ": ");
        up_status_print_ecu(text, ecu);
        len = append(line, len, text);
    }
    fputc('\r', status->out);
    (void)cli_text_cut(status->out, line, cli_columns(status->out) - 1);
    fputs("\033[K", status->out);
    fflush(status->out);
}

static void tell_changes(struct up_status *status)
{
    for (size_t i = 0; i < vehicle_ecu_count(status->vehicle); i++) {
        struct ecu *ecu = vehicle_ecu_at(status->vehicle, i);
        char text[UP_STATUS_TEXT];
        up_status_print_ecu(text, ecu);
        if (strcmp(text, status->shown[i]) != 0) {
            memcpy(status->shown[i], text, sizeof text);
            up_status_say(status, ecu->name, text, status->sim->now_ns);
        }
    }
}

static void on_event(struct sim *sim, void *ctx)
{
    struct up_status *status = ctx;
    if (status->terminal) {
        show_line(status);
    } else {
        tell_changes(status);
    }
    sim_schedule(sim, &status->event, sim->now_ns + (status->terminal ? LINE_NS : LOOK_NS));
}

void up_status_start(struct up_status *status, struct vehicle *vehicle, struct sim *sim, FILE *out,
                     bool quiet)
{
    *status = (struct up_status){.out = out,
                                 .terminal = !quiet && cli_is_terminal(out),
                                 .quiet = quiet,
                                 .vehicle = vehicle,
                                 .sim = sim};
    sim_event_init(&status->event, SIM_NODE, on_event, status, NULL);
    sim_schedule(sim, &status->event, quiet ? SIM_NEVER : sim->now_ns + LOOK_NS);
}

void up_status_say(struct up_status *status, const char *what, const char *text, sim_ns_t now_ns)
{
    if (!status->quiet) {
        fprintf(status->out, "%s%10.3f s  ", status->terminal ? "\r\033[K" : "",
                (double)now_ns / 1e9);
        cli_say(status->out, "%s: %s", what, text);
        fflush(status->out);
    }
}

void up_status_end(struct up_status *status)
{
    sim_cancel(status->sim, &status->event);
    if (status->terminal) {
        fprintf(status->out, "\r\033[K");
        fflush(status->out);
    }
}
