/* SPDX-License-Identifier: Apache-2.0 */
/* sim/s12x_flash_model/s12x_ecc.h - error correction of the cells: one bit corrected, two detected.
 *
 * 8 check bits a phrase of 64 bits, 6 a word of 16 bits. The matrices of the real part are not
 * public; these are of Hsiao's kind (odd-weight columns) with the check bits offset such that an
 * erased cell, all ones, is valid. Three wrong bits or more may pass for one or none, as they do
 * in silicon. */
#ifndef SIM_S12X_ECC_H
#define SIM_S12X_ECC_H

#include <stdint.h>

enum s12x_ecc_fault { S12X_ECC_OK, S12X_ECC_SINGLE, S12X_ECC_DOUBLE };

uint8_t s12x_ecc64_encode(uint64_t data);
uint8_t s12x_ecc16_encode(uint16_t data);
/* Corrects *data where one bit is wrong; leaves it as it is where two are. */
enum s12x_ecc_fault s12x_ecc64_decode(uint64_t *data, uint8_t ecc);
enum s12x_ecc_fault s12x_ecc16_decode(uint16_t *data, uint8_t ecc);

#endif
