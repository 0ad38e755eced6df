/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_case_manual.c - the functions of the engine itself: the manual has each with an
 * example that runs, with the reference master where one is started. */
#include "tests/engine/world_rig.h"

Test(case_manual, what_describes_a_case)
{
    world_expect_manual_with_master(&lua_case_api);
}

Test(case_manual, the_master)
{
    world_expect_manual_with_master(&lua_master_api);
}

Test(case_manual, images_and_files)
{
    world_expect_manual_with_master(&lua_image_api);
    world_expect_manual_with_master(&lua_file_api);
}

Test(case_manual, what_was_on_the_bus)
{
    world_expect_manual_with_master(&lua_bus_api);
}

Test(case_manual, the_truth_about_an_ecu)
{
    world_expect_manual_with_master(&lua_truth_api);
}

Test(case_manual, criteria)
{
    world_expect_manual_with_master(&lua_check_api);
    world_expect_manual_with_master(&lua_profile_api);
    world_expect_manual_with_master(&lua_judge_api);
}

Test(case_manual, the_state_of_the_master)
{
    world_expect_manual_with_master(&lua_state_api);
}
