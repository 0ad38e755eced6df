/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/stamp.c - says its arguments with the time since the run's start: for scripts.
 */
#include "tests/guest/time/rig.h"

int main(int argc, char **argv)
{
    const char *unit = getenv("TIME_UNIT_NS");
    const char *base = getenv("TIME_BASE_NS");
    rig_unit_ns = unit ? atoll(unit) : SECOND_NS;
    int64_t since_ns = clock_ns(CLOCK_REALTIME) - (base ? atoll(base) : 0);
    printf("%s", in_units(since_ns));
    for (int i = 1; i < argc; i++) {
        printf(" %s", argv[i]);
    }
    putchar('\n');
    return 0;
}
