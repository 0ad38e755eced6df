/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/run_trace.h - the files that a run leaves in its folder. */
#ifndef ENGINE_RUN_TRACE_H
#define ENGINE_RUN_TRACE_H

#include "sim/ecus/vehicle.h"
#include "sim/trace.h"

struct run_trace; /* Open files. */

/* Makes the folder (and those above it) if needed and opens bus.log, bus.pcapng and events.log.
 * Null with *err filled on failure. */
struct run_trace *run_trace_open(const char *folder, struct trace *trace, struct err *err);
/* The logs tell all that has happened so far. */
void run_trace_flush(struct run_trace *run);
/* Adds the flash of each ECU as NAME.s19 and state.json. */
int run_trace_save_state(struct run_trace *run, struct vehicle *vehicle, sim_ns_t now_ns,
                         struct err *err);
/* After the run. Returns ERR_IO if anything could not be written. run may be null. */
int run_trace_close(struct run_trace *run, struct err *err);

#endif
