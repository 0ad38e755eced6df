/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/fake_files.h - the files of the fake world. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include "tests/master/fake_ecu.h"

void fake_files_init(struct fake_world *world);
void fake_files_free(struct fake_world *world);

#endif
