/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_bus_nodes.c - foreign nodes, stuck wires and controllers in bus-off as
 * scenarios set them. */
#include "tests/engine/world_rig.h"

Test(lua_bus_nodes, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_bus_nodes_api);
}
