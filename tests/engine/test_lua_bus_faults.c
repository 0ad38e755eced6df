/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_bus_faults.c - faults of frames as scenarios set them: each effect is seen by
 * a tester on the bus, each word chooses, each mistake is named. */
#include "tests/engine/world_rig.h"

#define TESTER "local t = bus.tester{ecu='bcm'} "

Test(lua_bus_faults, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_bus_faults_api);
}
