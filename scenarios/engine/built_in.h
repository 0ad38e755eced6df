/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/built_in.h - files of vehicles/ and masters/ that every program of this library
 * carries with it; made by cmake/embed.cmake. Each ends with a NUL, which its length does not
 * count. */
#ifndef ENGINE_BUILT_IN_H
#define ENGINE_BUILT_IN_H

#include <stddef.h>

extern const char built_in_vehicle[]; /* single.json */
extern const size_t built_in_vehicle_len;
extern const char built_in_image[]; /* bcm-1.0.0.s19, the application of its ECU. */
extern const size_t built_in_image_len;
extern const char built_in_template[]; /* template.json, from which limphome init-master writes. */
extern const size_t built_in_template_len;

#endif
