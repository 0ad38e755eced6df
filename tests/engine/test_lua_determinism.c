/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_determinism.c - the same script prints the same in each state and in each
 * process, though Lua's own seed and addresses differ. */
#include "tests/engine/script_rig.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shows whatever could depend on a seed, an address, the clock or the collector. */
static const char everything[] =
    "local t = {} "
    "for i = 1, 200 do t['key' .. i * 7919 % 1000] = i end "
    "t[true] = 1 t[false] = 0 t[2.5] = 'half' t[-3] = 'minus' t[10] = 'ten' "
    "for k, v in pairs(t) do print(k, v) end "
    "print(next(t)) "
    "print({}, print, function() end, coroutine.create(print), t, t) "
    "print(string.format('%s %q %10s', {}, 'q', print)) "
    "print(setmetatable({}, {__name = 'thing'})) "
    "print(select(2, pcall(error, {}))) "
    "print(pcall(function() local x = nil; x() end)) "
    "print(math.random(), math.random(0), math.random(6), math.random(-5, 5)) "
    "local a = {} for i = 1, 3000 do a[i] = {i % 7, i} end "
    "local calls = 0 "
    "table.sort(a, function(x, y) calls = calls + 1 return x[1] < y[1] end) "
    "print(calls, a[1][2], a[500][2], a[3000][2]) "
    "print(coroutine.running()) "
    "for w in ('one two three'):gmatch('%a+') do print(w, (w:gsub('[aeiou]', '*'))) end "
    "for i = 1, 20 do wait(math.random()) print(now()) end";

static void play(struct script_rig *rig, uint64_t seed)
{
    rig_init(rig, seed);
    rig_run(rig, everything);
    cr_assert_eq(rig->script.state, LUA_SCRIPT_DONE, "%s", rig->script.err.text);
    rig_release(rig);
}

Test(lua_determinism, twenty_states_print_the_same)
{
    static struct script_rig first;
    static struct script_rig again;
    play(&first, 42);
    cr_expect_gt(strlen(first.printed), 2000u);
    for (int i = 0; i < 20; i++) {
        free(malloc((size_t)i * 1000 + 1));
        play(&again, 42);
        cr_assert_str_eq(again.printed, first.printed);
        cr_assert_eq(again.script.box.instructions_used, first.script.box.instructions_used);
    }
}

Test(lua_determinism, another_seed_prints_something_else)
{
    static struct script_rig first;
    static struct script_rig other;
    play(&first, 42);
    play(&other, 43);
    cr_expect_str_neq(other.printed, first.printed);
}

/* A fresh program has another address layout, and so another seed of Lua. */
static void run_again(const char *into)
{
    const pid_t child = fork();
    if (child == 0) {
        char output[64]; /* Alone: this test's own environment would make it a part of the run. */
        snprintf(output, sizeof(output), "SCRIPT_OUTPUT=%s", into);
        execle("/proc/self/exe", "test_lua_determinism",
               "--filter=lua_determinism/writes_for_another*", (char *)NULL,
               (char *[]){output, NULL});
        _exit(127);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
}

Test(lua_determinism, writes_for_another_process)
{
    static struct script_rig rig;
    play(&rig, 42);
    cr_assert_str_not_empty(rig.printed);
    const char *path = getenv("SCRIPT_OUTPUT");
    if (path != NULL) {
        FILE *file = fopen(path, "w");
        cr_assert_not_null(file);
        fputs(rig.printed, file);
        fclose(file);
    }
}

Test(lua_determinism, five_processes_print_the_same)
{
    static struct script_rig here;
    static char there[sizeof(here.printed)];
    play(&here, 42);
    for (int i = 0; i < 5; i++) {
        char path[] = "/tmp/lua-determinism-XXXXXX";
        const int fd = mkstemp(path);
        cr_assert_geq(fd, 0);
        run_again(path);
        const ssize_t len = read(fd, there, sizeof(there) - 1);
        close(fd);
        unlink(path);
        cr_assert_gt(len, 0);
        there[len] = '\0';
        cr_assert_str_eq(there, here.printed);
    }
}

Test(lua_determinism, pairs_walks_numbers_then_texts_then_booleans)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig, "for k, v in pairs{b = 1, a = 2, [true] = 3, [false] = 4, [3] = 5, [-1] = 6, "
                  "[1.5] = 7, [1] = 8} do print(k, v) end");
    cr_expect_str_eq(rig.printed, "-1\t6\n1\t8\n1.5\t7\n3\t5\na\t2\nb\t1\nfalse\t4\ntrue\t3\n");
    rig_release(&rig);
}

Test(lua_determinism, pairs_refuses_keys_without_an_order)
{
    expect_failed("for k in pairs{[{}] = 1} do end", "has a table as a key");
    expect_failed("for k in pairs{[print] = 1} do end", "has a function as a key");
    expect_failed("next({}, 1)", "first key only");
}

Test(lua_determinism, pairs_bears_changes_and_asks_the_metatable)
{
    expect_done("local t = {a = 1, b = 2, c = 3} local n = 0 "
                "for k in pairs(t) do t.b = nil n = n + 1 t[k] = nil end "
                "assert(n == 2 and next(t) == nil)"
                "local p = setmetatable({}, {__pairs = function(t) return function(_, k) "
                "  if not k then return 1, 'one' end end, t, nil end})"
                "for k, v in pairs(p) do assert(k == 1 and v == 'one') end"
                " assert(not pcall(pairs, nil)) assert(not pcall(pairs, 'x'))");
}

Test(lua_determinism, objects_are_named_by_numbers_in_the_order_of_asking)
{
    expect_done(
        "local a, b = {}, {} "
        "assert(tostring(b) == 'table: 1' and tostring(a) == 'table: 2')"
        "assert(tostring(print) == 'function: 3' and tostring(b) == 'table: 1')"
        "assert(string.format('%s', a) == 'table: 2')"
        "assert(not pcall(string.format, '%p', a) and not pcall(string.format, '%-20p', a))"
        "assert(string.format('%%p %5.1f', 1) == '%p   1.0')"
        "assert(tostring(setmetatable({}, {__tostring = function() return 'me' end})) == 'me')");
}

Test(lua_determinism, random_numbers_keep_to_the_manual)
{
    expect_done("for i = 1, 1000 do "
                "  local f = math.random() assert(f >= 0 and f < 1 and math.type(f) == 'float')"
                "  local d = math.random(6) assert(d >= 1 and d <= 6 and math.type(d) == 'integer')"
                "  local r = math.random(-2, 2) assert(r >= -2 and r <= 2) end "
                "assert(math.type(math.random(0)) == 'integer')"
                "assert(math.random(3, 3) == 3)"
                "math.random(math.mininteger, math.maxinteger)"
                "assert(not pcall(math.random, 0, -1)) assert(not pcall(math.random, -1))"
                "assert(not pcall(math.random, 1, 2, 3)) assert(not pcall(math.random, 1.5))"
                "assert(not pcall(math.randomseed, 1))");
}

Test(lua_determinism, sort_is_stable_and_bears_bad_comparisons)
{
    expect_done("local t = {} for i = 1, 1000 do t[i] = {i % 10, i} end "
                "table.sort(t, function(a, b) return a[1] < b[1] end) "
                "for i = 2, 1000 do assert(t[i - 1][1] < t[i][1] or "
                "  (t[i - 1][1] == t[i][1] and t[i - 1][2] < t[i][2])) end "
                "local w = {'b', 'a', 'c'} table.sort(w) assert(table.concat(w) == 'abc')"
                "local e = {} table.sort(e) assert(#e == 0)"
                "local x = {3, 1, 2} table.sort(x, function() return true end) assert(#x == 3)"
                "assert(not pcall(table.sort, {1, 'a'}))");
}
