/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_truth.h - what an ECU really holds. */
#ifndef ENGINE_CASE_TRUTH_H
#define ENGINE_CASE_TRUTH_H

#include "sim/ecus/s12x_ecu.h"

/* Whether the flash holds every byte of an S-record file; else *address, if not null, is the first
 * that differs. ERR_... if the file cannot be an image of this ECU. */
int case_truth_holds(struct s12x_ecu *ecu, const char *image, bool *holds, uint32_t *address,
                     struct err *err);

#endif
