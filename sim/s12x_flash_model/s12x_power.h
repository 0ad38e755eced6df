/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_power.h - what pulses leave that were cut short or too feeble.
 * Private to the model. No published data says what silicon does here: this is the model's own
 * proposal, written down in docs/fidelity.md. */
#ifndef SIM_S12X_POWER_H
#define SIM_S12X_POWER_H

#include "sim/s12x_flash_model/s12x_array.h"

/* A program pulse that ended after permille of its time. Bits due to fall have each their own
 * moment between 10 and 90 %; those near theirs are left weak. Up to 5 % leaves the unit as it
 * was, 95 % and more programs it fully. */
void s12x_power_torn_program(struct s12x_array *array, uint32_t unit, uint64_t data,
                             uint32_t permille, struct prng *prng);
/* The same for an erase pulse; bits rise between 5 and 95 % and stay weak for a while after. Up to
 * 0 permille leaves the sector as it was; before the full time some cells are still weak. */
void s12x_power_torn_erase(struct s12x_array *array, uint32_t sector, uint32_t permille,
                           struct prng *prng);
/* Each of the cells that a pulse has changed in this unit is left weak with probability ppm. */
void s12x_power_weaken(struct s12x_array *array, uint32_t unit, uint64_t changed,
                       uint8_t changed_ecc, uint32_t ppm, struct prng *prng);
/* Probability of a weak cell for an operation that saw as little as supply_mv. */
uint32_t s12x_power_weak_ppm(uint32_t supply_mv, uint32_t safe_mv);

#endif
