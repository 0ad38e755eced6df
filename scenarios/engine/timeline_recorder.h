/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_recorder.h - watches a play and makes its timeline
 * (reports/timeline.h).
 *
 * It only looks: a play with it and one without have the same trace. */
#ifndef ENGINE_TIMELINE_RECORDER_H
#define ENGINE_TIMELINE_RECORDER_H

#include "reports/timeline.h"
#include "scenarios/engine/case_world.h"

struct timeline_recorder;

/* Watches from now on. The world is built; nothing has happened yet. */
struct timeline_recorder *timeline_recorder_new(struct case_world *world);
/* recorder may be null, as below. */
void timeline_recorder_free(struct timeline_recorder *recorder);

/* The injections will be gone: looks at them for the last time, and draws the map of the flash with
 * what they hold in it. */
void timeline_recorder_settle(struct timeline_recorder *recorder);
/* When injection index has fired for the first time and the last; SIM_NEVER: not seen. */
void timeline_recorder_fired(const struct timeline_recorder *recorder, size_t index,
                             sim_ns_t *first_ns, sim_ns_t *last_ns);
/* Writes FOLDER/timeline.json. Once, after the judge. 0 or a negative code. */
int timeline_recorder_save(struct timeline_recorder *recorder, struct err *err);

#endif
