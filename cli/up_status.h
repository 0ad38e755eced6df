/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up_status.h - what `limphome up` shows while a vehicle runs: on a terminal one line that
 * rewrites itself, else a line whenever an ECU has changed. */
#ifndef CLI_UP_STATUS_H
#define CLI_UP_STATUS_H

#include "sim/ecus/vehicle.h"

#include <stdio.h>

enum { UP_STATUS_TEXT = 96 };

struct up_status {
    FILE *out;
    bool terminal;
    bool quiet;
    struct vehicle *vehicle;
    struct sim *sim;
    struct sim_event event;
    char shown[VEHICLE_ECUS_MAX][UP_STATUS_TEXT]; /* As told last; empty: not yet. */
    sim_ns_t busy_ns[VEHICLE_BUSES_MAX];          /* As of the last line. */
    sim_ns_t at_ns;
};

/* Shows the state from the next event on. quiet: changes are not told. */
void up_status_start(struct up_status *status, struct vehicle *vehicle, struct sim *sim, FILE *out,
                     bool quiet);
/* A sentence about a thing of the run, shown at once. */
void up_status_say(struct up_status *status, const char *what, const char *text, sim_ns_t now_ns);
/* Takes the line that rewrites itself away. */
void up_status_end(struct up_status *status);

/* "application 2.0.0, extended session, unlocked" of an ECU. */
void up_status_print_ecu(char text[static UP_STATUS_TEXT], struct ecu *ecu);

#endif
