/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_store.c - the disk of the master as scenarios see it and break it; the disk
 * itself is tested in tests/guest/store/. The master is a shell. */
#include "tests/engine/world_rig.h"

Test(lua_store, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_store_api);
    world_expect_manual(&lua_store_faults_api);
}

Test(lua_store, mistakes_are_named)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"store.cut_at{operation = 'erase'}", "operation: \"erase\" is not one of \"create\""},
        {"store.cut_at{operation = 'rename', when = 'middle'}",
         "store.cut_at: when: only \"write\" and \"sync\" have a middle"},
        {"store.cut_at{permille = 10}", "permille: goes with keep = \"torn\""},
        {"store.cut_at{keep = 'first'}", "op: goes with keep = \"first\", which needs it"},
        {"store.cut_at{op = 3}", "op: goes with keep = \"first\""},
        {"store.wait{paths = 'x'}", "paths: no such parameter; did you mean \"path\"?"},
        {"store.wait{path = ('x'):rep(200)}", "path: must have at most 127 bytes"},
        {"store.slow{}", "store.slow: by: is missing"},
        {"store.fail{error = 'ENOENT'}", "error: \"ENOENT\" is not one of \"EIO\", \"ENOSPC\""},
        {"store.damage{}", "store.damage: path: is missing"},
        {"store.damage{path = 'nothing'}", "store.damage: "},
        {"master.cut{}", "master.cut: it is not running"},
        {"master.cut{keep = 'some'}", "keep: \"some\" is not one of \"synced\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}

Test(lua_store, files_beside_a_life_are_durable_at_once)
{
    world_expect_done("state.write('package', 'abc') assert(not store.unsynced('package')) "
                      "store.damage{path = 'package', offset = 1, bit = 0} "
                      "assert(state.read('package') == 'acc') "
                      "store.damage{path = 'package', how = 'cut', offset = 1} "
                      "assert(state.read('package') == 'a') "
                      "store.damage{path = 'package', how = 'garble'} "
                      "assert(#state.read('package') == 1) "
                      "store.damage{path = 'package', how = 'zero'} "
                      "assert(state.read('package') == '\\0') "
                      "local before = store.used() state.remove('package') "
                      "assert(store.used() == before - 4096)");
}
