/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_services.h - between the scripted ECU's services and the world around it. */
#ifndef FAKE_SERVICES_H
#define FAKE_SERVICES_H

#include "sim/proto/uds.h"
#include "tests/master/fake_ecu.h"

/* Does what a request asks for; the answer is in world->answer. */
enum uds_nrc fake_serve(struct fake_world *world, const uint8_t *data, uint16_t len);
void fake_reset(struct fake_world *world, uint32_t off_ms);

#endif
