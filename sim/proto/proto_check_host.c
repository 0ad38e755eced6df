/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/proto_check_host.c - on a host a broken invariant of protocol code ends the program. */
#include "sim/proto/proto.h"

#include <stdio.h>
#include <stdlib.h>

void proto_check_failed(int line)
{
    fprintf(stderr, "limphome: internal error: a check in protocol code failed, line %d\n", line);
    abort();
}
