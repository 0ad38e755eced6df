/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_patterns.c - the pattern functions against those of Lua itself: the same
 * script runs in both, and both must say the same, errors included. */
#include "tests/engine/script_rig.h"

#include <lauxlib.h>
#include <lualib.h>

/* Without wait and print, so that stock Lua runs it too. Returns one text. */
static const char compare[] =
    "local out = {} "
    "local function note(...) local t = table.pack(...) "
    "  for i = 1, t.n do t[i] = tostring(t[i]) end out[#out + 1] = table.concat(t, '|') end "
    "local function try(text, pattern) "
    "  note(text, pattern) "
    "  note(pcall(string.find, text, pattern)) "
    "  note(pcall(string.match, text, pattern)) "
    "  note(pcall(string.find, text, pattern, -3)) "
    "  note(pcall(string.match, text, pattern, 3)) "
    "  note(pcall(string.gsub, text, pattern, '<%0>')) "
    "  note(pcall(string.gsub, text, pattern, '%1%%', 2)) "
    "  note(pcall(string.gsub, text, pattern, function(a, b) return b end)) "
    "  note(pcall(string.gsub, text, pattern, {a = 'A', b = 7, [''] = '-'})) "
    "  note(pcall(function() local n = 0 for a, b in text:gmatch(pattern) do note(a, b) n = n + 1 "
    "end "
    "    return n end)) end "
    "local texts = {'', 'a', 'hello world', 'aaab', 'a.b.c', '(foo(bar)baz)', 'THE (quick) fox', "
    "  '  trim me  ', 'key=value, k2=v2', 'x\\0y', '0x1F 7E8#0322F18C', '2024-05-06', 'abcabc', "
    "'%d'} "
    "local patterns = {'', 'a', '.', 'a*', 'a+', 'a-', 'a?', '^a', 'a$', '^', '$', '^$', '%a+', "
    "'(%a+)', "
    "  '(%a)(%a)', '()', '()a()', '%b()', '%f[%w]%w+', '%f[%a]', '[abc]', '[^abc]+', '[a-f]+', "
    "'[]]', "
    "  '[^]]', '[%a_][%w_]*', '(%w+)=(%w+)', '^%s*(.-)%s*$', '(a*(.)%w(%s*))', '(.)%1', '(%w+)%1', "
    "  '%z', '%x+', '%p', '%g+', '%C', '%S+', '%', '[', '[a', '[%', '%b', '%bx', '%f', '%1', '(', "
    "')', "
    "  '(()', 'a**', '*', '+a', '-', '?', '$a', 'a^', '[a-]', '[-a]', '[%-x]', '[a-%%]', "
    "'(%d+)-(%d+)', "
    "  '.-b', '.*b', '[^\\0]*', '((a)(b))', '%2(a)(b)', '^(.*)$', '\\0', '[\\0-a]+', '%w*$', "
    "'()()'} "
    "for _, text in ipairs(texts) do for _, pattern in ipairs(patterns) do try(text, pattern) end "
    "end "
    "note(pcall(string.gsub, 'abc', 'b', '%2')) note(pcall(string.gsub, 'abc', 'b', '%')) "
    "note(pcall(string.gsub, 'abc', 'b', '%x')) note(pcall(string.gsub, 'abc', 'b', true)) "
    "note(pcall(string.gsub, 'abc', 'b', function() return false end)) "
    "note(pcall(string.gsub, 'abc', '%w', '%0%0', 0)) note(pcall(string.gsub, 'abc', '%w', 'x', "
    "-1)) "
    "note(pcall(string.gsub, 'abc', '%w', 12)) note(pcall(string.gsub, 'abc', '^%w', 'x')) "
    "note(string.find('a.b', '.', 2, true)) note(string.find('abc', 'b', -1)) "
    "note(string.find('', '')) note(string.find('', '', 2)) note(string.find('abc', '', 10)) "
    "note(string.find('abc', '', 4)) note(string.find('abc', 'c', -100)) "
    "note(string.find('abc', 'b', math.mininteger)) note(string.find('abc', 'b', math.maxinteger)) "
    "note(string.match('abc', '()', 4)) note(string.match('  x', '^%s+()', 1)) "
    "for k in ('abc'):gmatch('%w', 2) do note(k) end for k in ('abc'):gmatch('', 9) do note(k) end "
    "for k in ('abc'):gmatch('^a') do note(k) end "
    "RESULT = table.concat(out, '\\n') ";

static int stock_runs(lua_State *L, const char *text)
{
    return luaL_loadbufferx(L, text, strlen(text), "@test/TST-01.lua", "t") != LUA_OK ||
           lua_pcall(L, 0, 0, 0) != LUA_OK;
}

/* Lua's own messages of argument errors carry no place either. */
Test(lua_patterns, functions_say_what_those_of_lua_say)
{
    static struct script_rig rig;
    lua_State *stock = luaL_newstate();
    luaL_openlibs(stock);
    cr_assert_eq(stock_runs(stock, compare), 0, "%s", lua_tostring(stock, -1));
    lua_getglobal(stock, "RESULT");
    rig_init(&rig, 1);
    rig.cfg.instructions = UINT64_C(1000000000);
    rig_run(&rig, compare);
    cr_assert_eq(rig.script.state, LUA_SCRIPT_DONE, "%s", rig.script.err.text);
    lua_getglobal(rig.script.box.L, "RESULT");
    size_t len;
    size_t stock_len;
    const char *ours = lua_tolstring(rig.script.box.L, -1, &len);
    const char *theirs = lua_tolstring(stock, -1, &stock_len);
    cr_expect_gt(stock_len, 100000u);
    for (size_t i = 0; i < stock_len && i < len; i++) {
        cr_assert_eq(ours[i], theirs[i], "ours: %.200s\ntheirs: %.200s",
                     ours + (i > 100 ? i - 100 : 0), theirs + (i > 100 ? i - 100 : 0));
    }
    cr_expect_eq(len, stock_len);
    rig_release(&rig);
    lua_close(stock);
}
