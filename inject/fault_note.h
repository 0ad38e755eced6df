/* SPDX-License-Identifier: Apache-2.0 */
/* inject/fault_note.h - how faults of a bus tell the trace that they begin, fire or end. */
#ifndef INJECT_FAULT_NOTE_H
#define INJECT_FAULT_NOTE_H

#include "sim/can/can_bus.h"
#include "sim/trace.h"

#define fault_note(bus, value, ...)                                                                \
    trace_text((bus)->sim->cfg.trace, (bus)->sim->now_ns, TRACE_FAULT, (bus)->source, (value),     \
               __VA_ARGS__)

#endif
