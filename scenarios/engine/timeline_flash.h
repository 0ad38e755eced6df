/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/timeline_flash.h - the flash of an ECU in a timeline: operations while the play
 * goes on, and the map of its sectors. */
#ifndef ENGINE_TIMELINE_FLASH_H
#define ENGINE_TIMELINE_FLASH_H

#include "scenarios/engine/timeline_ecu.h"

/* A record of the flash; others are let go by. */
void timeline_flash_note(struct timeline_ecu *own, const struct trace_rec *rec);
/* The map as the cells are now: one for each contiguous piece of P-Flash. */
void timeline_flash_map(const struct timeline_ecu *own, struct timeline *timeline);

#endif
