/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_script.c - scripts in virtual time: waiting, order, ends, messages. */
#include "scenarios/engine/lua_duration.h"
#include "tests/engine/script_rig.h"

#include <lauxlib.h>

Test(lua_script, waits_take_virtual_time_and_nothing_else)
{
    expect_done("assert(now() == 0) wait(1) assert(now() == 1) wait('1500ms') assert(now() == 2.5) "
                "wait('250us') assert(now() == 2.50025) wait(0) assert(now() == 2.50025) "
                "wait('1ns') wait('0.5 min') wait('1h') assert(now() == 3632.500250001)");
}

Test(lua_script, durations_are_exact)
{
    static const struct {
        const char *text;
        sim_ns_t ns;
    } rows[] = {
        {"0s", 0},
        {"1ns", 1},
        {"1.5us", 1500},
        {"0.1s", 100000000},
        {"1500ms", 1500000000},
        {"2 min", SIM_S(120)},
        {"24h", SIM_S(86400)},
        {"0.000000001s", 1},
        {"1.23456789123s", 1234567891},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err err = {0};
        sim_ns_t ns = 77;
        cr_expect_eq(lua_duration_parse(rows[i].text, &ns, &err), 0, "%s", rows[i].text);
        cr_expect_eq(ns, rows[i].ns, "%s gave %llu", rows[i].text, (unsigned long long)ns);
    }
}

Test(lua_script, what_is_no_duration_is_refused_with_file_and_line)
{
    static const char *const texts[] = {
        "wait()",
        "wait({})",
        "wait('')",
        "wait('5')",
        "wait('ms')",
        "wait('-1s')",
        "wait(-1)",
        "wait(0/0)",
        "wait(math.huge)",
        "wait('1 day')",
        "wait('1.s')",
        "wait('.5s')",
        "wait('1e3s')",
        "wait(1e10)",
        "wait('999999999h')",
        "wait('1s x')",
        "wait('1\\0s')",
        "wait(true)",
        "wait(nil)",
        "wait('99999999999999999999999ns')",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        expect_failed(texts[i], "case TST-01: test/TST-01.lua:1: bad argument #1 to 'wait'");
    }
}

Test(lua_script, errors_name_case_file_line_and_callers)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"\n\nlocal x = nil + 1", "case TST-01: test/TST-01.lua:3: attempt to perform arithmetic"},
        {"local function f()\n error('broken')\nend\n\nf()\n",
         "case TST-01: test/TST-01.lua:2: broken (from test/TST-01.lua:5)"},
        {"\nerror('no place', 0)", "case TST-01: no place (from test/TST-01.lua:2)"},
        {"\nerror({})", "called with a table instead of a text (from test/TST-01.lua:2)"},
        {"\nerror()", "called with a nil instead of a text (from test/TST-01.lua:2)"},
        {"error('a\\nb\\0c', 0)", "case TST-01: a b (from"},
        {"\n\nwhile true do\nend", "never ends? (from test/TST-01.lua:"},
        {"wait(1)\nnosuch()", "test/TST-01.lua:2: attempt to call a nil value (global 'nosuch')"},
        {"\ncoroutine.wrap(function()\n error('inside') end)()", "test/TST-01.lua:3: inside"},
        {"\nstring.rep()", "test/TST-01.lua:2: bad argument #1 to 'rep'"},
        {"\n('x'):rep({})", "test/TST-01.lua:2: bad argument #1 to 'rep'"},
        {"\ntable.concat({{}})", "test/TST-01.lua:2: invalid value"},
        {"\ncoroutine.yield(1)", "test/TST-01.lua:2: coroutine.yield outside"},
        {"assert(false)", "assertion failed!"},
        {"assert(nil, 'told')", "told"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        expect_failed(rows[i].text, rows[i].message);
    }
}

Test(lua_script, what_cannot_be_read_names_case_file_and_line)
{
    static struct script_rig rig;
    struct err err = {0};
    rig_init(&rig, 1);
    cr_expect_eq(rig_load(&rig, "local x = 1\nlocal = 2\n", &err), ERR_SYNTAX);
    cr_expect_not_null(strstr(err.text, "case TST-01: test/TST-01.lua:2: <name> expected"), "%s",
                       err.text);
    sim_release(&rig.sim);
}

static char order[256];

static void note_order(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    snprintf(order + strlen(order), sizeof(order) - strlen(order), "%.*s ", (int)len, text);
}

static void start(struct lua_script *script, struct sim *sim, const char *id, const char *text)
{
    struct err err = {0};
    const struct lua_script_cfg cfg = {.case_id = id, .file = id, .on_print = note_order};
    cr_assert_eq(lua_script_init(script, &cfg, sim, text, strlen(text), &err), 0, "%s", err.text);
    lua_script_start(script, 0);
}

Test(lua_script, scripts_take_turns_in_the_order_of_time_then_of_asking)
{
    static struct lua_script scripts[3];
    struct sim sim;
    sim_init(&sim, &(struct sim_cfg){.seed = 1});
    start(&scripts[0], &sim, "A", "print('a0') wait(2) print('a2') wait(1) print('a3')");
    start(&scripts[1], &sim, "B", "print('b0') wait(1) print('b1') wait(2) print('b3')");
    start(&scripts[2], &sim, "C", "print('c0') wait(1) error('only this one') print('c1')");
    sim_run_until(&sim, SIM_NEVER);
    cr_expect_str_eq(order, "a0 b0 c0 b1 a2 b3 a3 ");
    cr_expect_eq(scripts[0].state, LUA_SCRIPT_DONE);
    cr_expect_eq(scripts[1].state, LUA_SCRIPT_DONE);
    cr_expect_eq(scripts[2].state, LUA_SCRIPT_FAILED);
    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
        lua_script_release(&scripts[i]);
    }
    sim_release(&sim);
}

Test(lua_script, a_wait_goes_through_coroutines_and_protected_calls)
{
    expect_done(
        "local log = {} "
        "local co = coroutine.wrap(function(a) wait(1) log[#log + 1] = a "
        "  local b = coroutine.yield('y') wait(2) log[#log + 1] = b return 'end' end) "
        "assert(co('first') == 'y' and now() == 1) assert(co('second') == 'end' and now() == 3)"
        "assert(log[1] == 'first' and log[2] == 'second')"
        "local ok, a, b = pcall(function() wait(1) return 1, 2 end)"
        "assert(ok and a == 1 and b == 2 and now() == 4)"
        "local ok, why = pcall(function() wait(1) error('late', 0) end)"
        "assert(not ok and why == 'late' and now() == 5)"
        "assert(select('#', xpcall(function() wait(1) end, print)) == 1)"
        "local ok, r = coroutine.resume(coroutine.create(function() return "
        "  select(2, pcall(coroutine.wrap(function() wait(1) return 'deep' end))) end))"
        "assert(ok and r == 'deep' and now() == 7)"
        "local ok, why = coroutine.resume(coroutine.create(function() wait(1) error('x', 0) end))"
        "assert(not ok and why == 'x' and now() == 8)"
        "do local c <close> = setmetatable({}, {__close = function() wait(1) end}) end "
        "assert(now() == 9) "
        "local t = setmetatable({}, {__index = function(_, k) wait(1) return k end}) "
        "assert(t.key == 'key' and now() == 10)"
        "for _ in function(_, i) if not i then wait(1) return 1 end end do end "
        "assert(now() == 11)");
}

Test(lua_script, a_wait_where_lua_cannot_stand_still_says_so)
{
    expect_failed("table.sort({2, 1}, function() wait(1) end)", "cannot wait inside a function");
    expect_failed("('x'):gsub('.', function() wait(1) end)", "cannot wait inside a function");
    expect_done("assert(not pcall(table.sort, {2, 1}, function() wait(1) end)) wait(1) "
                "local co = coroutine.create(function() wait(1) return 'went on' end) "
                "assert(not pcall(string.gsub, 'x', '.', function() "
                "  local ok, why = coroutine.resume(co) error(why) end)) "
                "wait(1) assert(now() == 2)");
}

struct bell {
    struct lua_script *listener;
    struct sim_event event;
};

static int bell_answer(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    lua_pushboolean(L, lua_script_of(L)->woken);
    lua_pushinteger(L, (lua_Integer)ctx);
    return 2;
}

static int bell_wait(lua_State *L)
{
    struct bell *bell = lua_api_ctx(L);
    bell->listener = lua_script_of(L);
    const sim_ns_t limit =
        lua_isnone(L, 1) ? SIM_NEVER : bell->listener->sim->now_ns + lua_check_duration(L, 1);
    return lua_script_wait(L, limit, 7, bell_answer);
}

static void ring(struct sim *sim, void *ctx)
{
    (void)sim;
    struct bell *bell = ctx;
    lua_script_wake(bell->listener);
    lua_script_wake(bell->listener);
}

static const struct lua_api_function bell_functions[] = {
    {"wait", bell_wait, "bell.wait([limit]): until it rings.", "bell.wait(1)"}};
static const struct lua_api bell_api = {"bell", bell_functions, 1};

Test(lua_script, what_happens_wakes_a_script_at_that_instant)
{
    static struct script_rig rig;
    struct bell bell = {0};
    struct err err = {0};
    rig_init(&rig, 1);
    cr_assert_eq(
        rig_load(&rig,
                 "local rang, ctx = bell.wait(1) assert(not rang and ctx == 7 and now() == 1) "
                 "rang = bell.wait() assert(rang and now() == 3) "
                 "wait(5) assert(now() == 8) print('end')",
                 &err),
        0);
    cr_assert_eq(lua_script_add_api(&rig.script, &bell_api, &bell, &err), 0);
    lua_script_start(&rig.script, 0);
    sim_event_init(&bell.event, SIM_NODE, ring, &bell, NULL);
    sim_schedule(&rig.sim, &bell.event, SIM_S(3));
    sim_run_until(&rig.sim, SIM_NEVER);
    cr_expect_eq(rig.script.state, LUA_SCRIPT_DONE, "%s", rig.script.err.text);
    cr_expect_str_eq(rig.printed, "end\n");
    rig_release(&rig);
}

Test(lua_script, a_script_that_still_waits_can_be_released)
{
    static struct script_rig rig;
    rig_init(&rig, 1);
    rig_run(&rig,
            "local x <close> = setmetatable({}, {__close = function() wait(1) end}) wait('48h')");
    cr_expect_eq(rig.script.state, LUA_SCRIPT_WAITING);
    rig_release(&rig);
}

static void count_end(void *ctx, struct lua_script *script)
{
    int *ended = ctx;
    cr_expect(script->state == LUA_SCRIPT_DONE || script->state == LUA_SCRIPT_FAILED);
    (*ended)++;
}

Test(lua_script, its_end_is_told_once)
{
    static const char *const texts[] = {"", "wait(1)", "error('x')", "wait(1) error('x')"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        static struct script_rig rig;
        int ended = 0;
        rig_init(&rig, 1);
        rig.cfg.on_print = NULL;
        rig.cfg.on_end = count_end;
        rig.cfg.ctx = &ended;
        rig_run(&rig, texts[i]);
        cr_expect_eq(ended, 1, "%s", texts[i]);
        rig_release(&rig);
    }
}

static char *read_manual(void)
{
    FILE *file = fopen(LIMPHOME_SOURCE_DIR "/docs/scenarios.md", "r");
    cr_assert_not_null(file);
    char *text = calloc(1, 1 << 20);
    cr_assert_gt(fread(text, 1, (1 << 20) - 1, file), 0u);
    fclose(file);
    return text;
}

Test(lua_script, each_function_is_in_the_manual_with_an_example_that_runs)
{
    char *manual = read_manual();
    for (size_t i = 0; i < lua_time_api.functions_len; i++) {
        const struct lua_api_function *function = &lua_time_api.functions[i];
        cr_expect_not_null(strstr(manual, function->help), "%s", function->help);
        cr_expect_not_null(strstr(manual, function->example), "%s", function->example);
        expect_done(function->example);
    }
    free(manual);
}
