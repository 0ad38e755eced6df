/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_sandbox.c - ways out of the sandbox, and ways to run for ever. */
#include "tests/engine/script_rig.h"

#define INSTRUCTIONS "used up its instructions"
#define MEMORY       "more memory than it may"

static void expect_all_failed(const char *const *texts, size_t len, const char *part)
{
    for (size_t i = 0; i < len; i++) {
        expect_failed(texts[i], part);
    }
}

Test(lua_sandbox, what_reaches_out_is_not_there)
{
    expect_done(
        "for _, name in ipairs{'os', 'io', 'debug', 'package', 'require', 'dofile', 'loadfile',"
        " 'collectgarbage', 'warn', 'loadstring', 'getfenv', 'setfenv', 'newproxy'} do"
        "  assert(_G[name] == nil and _ENV[name] == nil, name) end "
        "assert(string.dump == nil and coroutine.close == nil)");
}

Test(lua_sandbox, only_the_known_names_are_global)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig, "for name in pairs(_G) do print(name) end");
    cr_expect_str_eq(
        rig.printed,
        "_G\n_VERSION\nassert\ncoroutine\nerror\ngetmetatable\nipairs\nload\nmath\nnext\n"
        "now\npairs\npcall\nprint\nrawequal\nrawget\nrawlen\nrawset\nselect\n"
        "setmetatable\nstring\ntable\ntonumber\ntostring\ntype\nutf8\nwait\nxpcall\n");
    rig_release(&rig);
}

Test(lua_sandbox, load_takes_text_and_refuses_bytecode)
{
    expect_done("assert(load('return 1 + 1')() == 2) "
                "local env = {} load('x = 7', 'chunk', 't', env)() assert(env.x == 7 and x == nil) "
                "for _, mode in ipairs{'b', 'bt', 't'} do "
                "  local f, why = load('\\27Lua\\x54\\0\\x19\\x93', 'c', mode) "
                "  assert(f == nil and why:find('binary'), why) end "
                "assert(not pcall(load, function() return 'x' end))");
}

Test(lua_sandbox, bytecode_as_a_scenario_is_refused)
{
    static struct script_rig rig;
    struct err err = {0};
    rig_init(&rig, 1);
    cr_expect_lt(rig_load(&rig, "\033Lua", &err), 0);
    cr_expect_not_null(strstr(err.text, "binary"), "%s", err.text);
    sim_release(&rig.sim);
}

Test(lua_sandbox, the_metatable_of_texts_cannot_be_had_or_changed)
{
    expect_done("assert(getmetatable('') == 'string') assert(not pcall(setmetatable, '', {}))"
                "assert(('x'):rep(3) == 'xxx')");
}

Test(lua_sandbox, finalizers_and_weak_tables_are_refused)
{
    expect_done(
        "assert(not pcall(setmetatable, {}, {__gc = print}))"
        "assert(not pcall(setmetatable, {}, {__mode = 'k'}))"
        "assert(not pcall(setmetatable, {}, {__gc = false}))"
        "local t = setmetatable({}, {__metatable = 1}) assert(not pcall(setmetatable, t, {}))");
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig, "do local mt = {} setmetatable({}, mt) mt.__gc = function() print('ran') end end "
                  "for i = 1, 100000 do local t = {i} end");
    cr_expect_eq(rig.script.state, LUA_SCRIPT_DONE);
    rig_release(&rig);
    cr_expect_str_empty(rig.printed);
}

Test(lua_sandbox, a_loop_without_end_ends_whatever_catches_it)
{
    static const char *const texts[] = {
        "while true do end",
        "pcall(function() while true do end end) print('not reached')",
        "while true do pcall(function() while true do end end) end",
        "xpcall(function() while true do end end, function() while true do end end)",
        "while true do pcall(error) end",
        "while true do xpcall(error, function() error('again') end) end",
        "coroutine.wrap(function() while true do end end)()",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "while true do coroutine.wrap(function() for i = 1, 300 do end end)() end",
        "local function f() return pcall(f) end while true do f() end",
        "local t <close> = setmetatable({}, {__close = function() while true do end end}) "
        "while true do end",
        "setmetatable({}, {__index = function(t, k) while true do end end}).x = 1 "
        "return setmetatable({}, {__index = function(t, k) while true do end end}).x",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "string.gsub('x', '.', function() while true do end end)",
        "load('while true do end')()",
        "goto a ::a:: goto a",
        "print(setmetatable({}, {__tostring = function() while true do end end}))",
        "while true do wait(0) end",
    };
    expect_all_failed(texts, ARRAY_SIZE(texts), INSTRUCTIONS);
}

Test(lua_sandbox, work_inside_one_call_is_counted)
{
    static const char *const texts[] = {
        "string.rep('', 1 << 60) while true do string.rep('x', 1 << 20) end",
        "while true do local s = string.rep('x', 4 << 20):upper() end",
        "local s = string.rep('x', 1 << 20) while true do local t = s .. s end",
        "local s = string.rep('a', 30000) while true do s:find('b') end",
        "return string.rep('a', 5000):find(string.rep('a*', 30) .. 'b')",
        "return string.rep('a', 5000):match(string.rep('.-', 30) .. 'b')",
        "return string.rep('(', 100000):gsub('%b()', '')",
        "pcall(string.find, string.rep('a', 5000), string.rep('a?', 90) .. string.rep('a*', 60) .. "
        "'b')",
        "for _ in string.rep('a', 5000):gmatch(string.rep('a*', 20) .. 'b') do end",
        "table.move({}, 1, math.maxinteger - 1, 2)",
        "table.move({}, 1, 1 << 50, 2, {})",
        "table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, 1 << 60)",
        "local t = {} for i = 1, 10000 do t[i] = i end while true do table.concat(t) end",
        "local t = {} for i = 1, 10000 do t[i] = -i end while true do table.insert(t, 1, 1) "
        "table.remove(t, 1) end",
        "local t = {} for i = 1, 10000 do t[i] = i end while true do for _ in pairs(t) do break "
        "end end",
        "local t = {} for i = 1, 10000 do t[i] = i end while true do table.unpack(t) end",
        "while true do print(string.rep('x', 1000)) end",
        "while true do load(string.rep('x = 1 ', 10000)) end",
    };
    expect_all_failed(texts, ARRAY_SIZE(texts), INSTRUCTIONS);
}

Test(lua_sandbox, memory_without_end_ends_whatever_catches_it)
{
    static const char *const texts[] = {
        "local t = {} while true do t[#t + 1] = {} end",
        "local s = 'x' while true do s = s .. s end",
        "local function f() return 1 + f() end while true do pcall(f) end",
        "while true do pcall(string.pack, 'c2000000000', 'x') end",
        "pcall(error, 'not enough memory')",
        "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
        "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
        "local t = {} coroutine.wrap(function() while true do t[#t + 1] = {} end end)()",
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
    };
    expect_all_failed(texts, ARRAY_SIZE(texts), MEMORY);
}

Test(lua_sandbox, a_text_too_large_is_an_ordinary_error)
{
    expect_done("assert(not pcall(string.rep, 'x', 1 << 40))"
                "assert(not pcall(string.rep, 'x', math.maxinteger))"
                "assert(not pcall(string.rep, 'xx', math.maxinteger, 'yy'))"
                "assert(not pcall(string.rep, 'x', 17 << 20))"
                "assert(#string.rep('x', 1 << 20) == 1 << 20)"

                "assert(string.rep('x', -1) == '' and string.rep('', 1 << 62) == '')"
                "assert(not pcall(string.format, '%999999999d', 1))");
}

Test(lua_sandbox, deep_recursion_is_an_ordinary_error)
{
    expect_done("local function g() return (pcall(g)) end g()"
                "local function h() return coroutine.wrap(h)() end assert(not pcall(h))"
                "assert(not load(string.rep('(', 10000)))"
                "assert(not load(string.rep('{', 10000)))"
                "assert(not pcall(string.find, 'a', string.rep('(', 40)))"
                "assert(not pcall(string.match, string.rep('a', 300), string.rep('a?', 300)))"
                "local t = setmetatable({}, {}) getmetatable(t).__index = t "
                "assert(not pcall(function() return t.x end))"
                "local m = setmetatable({}, {__index = function(t, k) return t[k] end})"
                "assert(not pcall(function() return m.x end))");
}

Test(lua_sandbox, tables_that_lie_about_their_length_are_refused)
{
    expect_done("local t = setmetatable({}, {__len = function() return 1 << 60 end})"
                "for _, name in ipairs{'insert', 'remove', 'concat', 'unpack', 'move', 'sort'} do "
                "  if name ~= 'sort' then "
                "    local ok, why = pcall(table[name], t, 1, 1) "
                "    assert(not ok and why:find('__len'), name) end end");
}

Test(lua_sandbox, limits_are_those_that_were_asked_for)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig.cfg.memory_bytes = 1 << 20;
    rig_run(&rig, "local t = {} for i = 1, 100000 do t[i] = i end");
    cr_expect_not_null(strstr(rig.script.err.text, MEMORY), "%s", rig.script.err.text);
    rig_release(&rig);
    rig_init(&rig, 1);
    rig.cfg.instructions = 10000;
    rig_run(&rig, "for i = 1, 100000 do end");
    cr_expect_eq(rig.script.box.stop, LUA_STOP_INSTRUCTIONS);
    rig_release(&rig);
}

Test(lua_sandbox, too_little_memory_for_lua_itself_is_an_error_and_no_crash)
{
    static struct script_rig rig;
    for (size_t bytes = 1; bytes < 60000; bytes += 97) {
        struct err err = {0};
        rig_init(&rig, 1);
        rig.cfg.memory_bytes = bytes;
        if (rig_load(&rig, "local t = {} for i = 1, 10 do t[i] = tostring({}) end print(1)",
                     &err) == 0) {
            lua_script_start(&rig.script, 0);
            sim_run_until(&rig.sim, SIM_S(1));
            cr_expect(rig.script.state == LUA_SCRIPT_DONE ||
                      strstr(rig.script.err.text, MEMORY) != NULL);
            rig_release(&rig);
        } else {
            cr_expect_str_not_empty(err.text);
            sim_release(&rig.sim);
        }
    }
}

Test(lua_sandbox, protected_calls_give_what_those_of_lua_give)
{
    expect_done("local ok, m = xpcall(error, function(m) return m .. '!' end, 'x') "
                "assert(not ok and m == 'x!')"
                "assert(select('#', pcall(function() return 1, nil, nil end)) == 4)"
                "local ok, a, b = xpcall(function(...) return ... end, print, 1, 2) "
                "assert(ok and a == 1 and b == 2)"
                "local t = {} local ok, e = pcall(error, t) assert(not ok and e == t)"
                "assert(not pcall(xpcall, print)) assert(not pcall(pcall))"
                "local co = coroutine.wrap(function() error(t) end) "
                "local ok, e = pcall(co) assert(e == t) "
                "local ok, why = pcall(co) assert(why:find('dead coroutine'))");
}
