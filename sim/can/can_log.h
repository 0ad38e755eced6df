/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_log.h - bus traces for other people's tools: candump log and pcapng.
 *
 * Both are trace subscribers. Time stamps are virtual time plus a fixed epoch, so that tools that
 * want a date show one that is plainly not today's. */
#ifndef SIM_CAN_LOG_H
#define SIM_CAN_LOG_H

#include "sim/can/can_frame.h"
#include "sim/err.h"
#include "sim/trace.h"

#include <stdio.h>

/* 2024-01-01 00:00:00 UTC, in seconds of the Unix epoch: when each run begins, also for the clocks
 * of guests. */
#define CAN_LOG_EPOCH_S UINT64_C(1704067200)

struct can_log; /* One open file. */

/* Creates the file and subscribes to the trace. Null with *err filled on failure.
 * can_log_open_pcapng writes link type LINKTYPE_CAN_SOCKETCAN (227), one interface per bus,
 * nanosecond resolution, own frames and error frames included. */
struct can_log *can_log_open_candump(const char *path, struct trace *trace, struct err *err);
struct can_log *can_log_open_pcapng(const char *path, struct trace *trace, struct err *err);
/* What has happened so far can be read from the file. */
void can_log_flush(struct can_log *log);
/* Writes what is pending. Returns 0, or ERR_IO if any write has failed since open. The trace must
 * not emit afterwards through this subscriber: close logs after the run. */
int can_log_close(struct can_log *log, struct err *err);

/* The frame inside a TRACE_CAN_FRAME record. */
void can_log_frame(const struct trace_rec *rec, struct can_frame *frame);

#endif
