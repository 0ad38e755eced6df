/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_power.c - the supply of ECUs as scenarios set it. */
#include "tests/engine/world_rig.h"

Test(lua_power, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_power_api);
}
