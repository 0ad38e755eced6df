/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_conduct.h - rules of the test catalogue about a master that was told no,
 * which no state of the ECU shows: whether it hammers, and whether it goes on (SEQ-14 to SEQ-16).
 */
#ifndef EXPLORE_FAULT_CONDUCT_H
#define EXPLORE_FAULT_CONDUCT_H

#include "scenarios/explore/explore_judge.h"

/* Of the bus so far. True: a rule was broken, and *why says which, if it said nothing yet.
 * waits_for_supply: the master declares that it waits while the voltage is wrong. */
bool fault_conduct_broken(const struct explore_judge *judge, bool waits_for_supply,
                          struct explore_judgement *why);

#endif
