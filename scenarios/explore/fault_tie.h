/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_tie.h - what faults are tied to: requests of the master, commands of the
 * flash, operations on the master's files. They are counted for the scope of a play, and a fault
 * that waits for one of them begins there. */
#ifndef EXPLORE_FAULT_TIE_H
#define EXPLORE_FAULT_TIE_H

#include "scenarios/explore/fault_play.h"

/* A pattern: how masters call their journal that are known to have one. */
#define FAULT_JOURNAL "journal*"

/* Counts from nothing. The play's bus, which it looks at, is there; its flash begins here, and so
 * does what comes between the master in process and its files. */
void fault_tie_attach(struct fault_play *play);
/* For struct explore_guest_cfg: comes between a guest and its files. */
guest_store_hook fault_tie_disk;

#endif
