/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_truth.h - whether what an ECU has written down of its flash is so. A
 * bootloader decides by its records alone what it starts and what it need not erase; a record that
 * is wrong is a defect, though the next transfer may hide it. */
#ifndef EXPLORE_TRUTH_H
#define EXPLORE_TRUTH_H

#include "scenarios/explore/explore_world.h"

/* False: the application is marked valid, and it is no image as a whole or has cells on the edge;
 * or the erase is recorded as done, and the range is not blank. True without supply. */
bool explore_truth_kept(struct explore_world *world);
/* Whether that hangs on the cells at all. */
bool explore_truth_asks_cells(struct explore_world *world);
/* The ECU has a good application, marked valid, and does not run it. */
bool explore_truth_stranded(struct explore_world *world);

#endif
