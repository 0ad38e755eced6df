/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_bus_faults.c - faults of frames as scenarios set them: each effect is seen
 * by a tester on the bus, each word chooses, each mistake is named. */
#include "tests/engine/world_rig.h"

/* The vehicle identification number takes a first and two consecutive frames. */
#define TESTER                                                                                     \
    "local t = bus.tester{ecu='bcm'}:optional() "                                                  \
    "local function ask(m) return t:request(m, {timeout='100ms'}) end "
#define VIN "'62 F1 90 4C 48 30 53 49 4D 55 4C 41 54 45 44 30 30 30 30 31'"

static void expect_all(const char *const *bodies, size_t len)
{
    char text[2048];
    for (size_t i = 0; i < len; i++) {
        snprintf(text, sizeof text, "%s%s", TESTER, bodies[i]);
        world_expect_done(text);
    }
}

Test(lua_bus_faults, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_bus_faults_api);
}

Test(lua_bus_faults, where_and_what_choose_frames)
{
    static const char *const bodies[] = {
        "assert(ask('22 F1 90') == " VIN ")",
        "bus.change{way='request', service=0x3E, set={[1]=1}} assert(ask('3E 00') == '7F 3E 12')",
        "bus.change{way='answer', bytes={[0]=0x7E}, set={[1]=5}} assert(ask('3E 00') == '7E 05')",
        "bus.lose{service=0x10, sub=3} assert(ask('10 03') == nil) assert(ask('10 01'))",
        "bus.change{nrc=0x12, set={[2]=0x22}} assert(ask('3E 05') == '7F 3E 22') "
        "assert(ask('3E 00') == '7E 00')",
        "local f = bus.lose{kind='negative'} assert(ask('3E 05') == nil) assert(ask('3E 00'))",
        "local f = bus.lose{part='flow'} assert(ask('22 F1 90') == nil) assert(f:fired() == 1)",
        "local f = bus.lose{part={'single', 'flow'}, way='request', times=2} "
        "assert(not ask('3E 00') and not ask('3E 00') and ask('3E 00'))",
        "local f = bus.change{service=0x22, way='answer', index=2, set={[19]=0x32}} "
        "assert(ask('22 F1 90') == '62 F1 90 4C 48 30 53 49 4D 55 4C 41 54 45 44 30 30 30 30 32') "
        "assert(f:seen() == 1)",
        "local f = bus.damage{service=0x22, way='answer', part='last', nth=1} "
        "assert(ask('22 F1 90') == " VIN ") assert(f:fired() == 1)",
        "local f = bus.duplicate{whole=true, service=0x22, way='answer', copies=0x01} "
        "ask('22 F1 90') assert(f:seen() == 1 and f:fired() == 3)",
        "bus.lose{bytes={[0]=0x22, [1]=0xF1, [2]=0x90}} "
        "assert(not ask('22 F1 90') and ask('22 F1 89'))",
        "bus.lose{bytes={[0]=0x22, [2]={mask=0xF0, value=0x90}}} "
        "assert(not ask('22 F1 91') and ask('22 F1 89'))",
        "bus.lose{frame={[0]={mask=0xF0, value=0x10}}} assert(not ask('22 F1 90') and ask('3E "
        "00'))",
        "bus.lose{id=0x7E8} assert(not ask('3E 00'))",
        "bus.lose{id=0x7E0, mask=0x7F0, times=1} assert(not ask('3E 00') and ask('3E 00'))",
        "bus.lose{node='bcm'} assert(not ask('3E 00') and t:heard() == 0)",
        "local f = bus.lose{node='master'}:optional() assert(ask('3E 00') and f:seen() == 0)",
        "local f = bus.lose{id=0x7E8, ext=true}:optional() assert(ask('3E 00') and f:seen() == 0)",
        "local f = bus.change{ecu='bcm', way='answer', len=3} assert(ask('3E 00') == '7E 00') "
        "assert(f:fired() == 1)",
        "bus.change{way='answer', part='first', set_frame={[1]=9}} "
        "assert(ask('22 F1 90') == '62 F1 90 4C 48 30 53 49 4D')",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_bus_faults, when_chooses_occurrences)
{
    static const char *const bodies[] = {
        "bus.lose{service=0x3E, way='request', nth=2} "
        "assert(ask('3E 00') and not ask('3E 00') and ask('3E 00'))",
        "local f = bus.lose{service=0x3E, way='request', skip=1, every=2, times=2} local s = '' "
        "for _ = 1, 6 do s = s .. (ask('3E 00') and '+' or '-') end "
        "assert(s == '+-+-++', s) assert(f:seen() == 4 and f:fired() == 2)",
        "bus.lose{service=0x3E, after='1s', for_='1s'} "
        "assert(ask('3E 00')) wait(1) assert(not ask('3E 00')) wait(1) assert(ask('3E 00'))",
        "bus.lose{service=0x3E, from=2, until_='3s'} "
        "assert(ask('3E 00')) wait(1) assert(not ask('3E 00')) wait(1) assert(ask('3E 00'))",
        "bus.send{id=0x123, every='1ms', times=1000} "
        "local a = bus.lose{id=0x123, chance=0.5} local b = bus.lose{id=0x123, chance_ppm=100000} "
        "wait(2) assert(a:fired() > 430 and a:fired() < 570, a:fired()) "
        "assert(b:fired() > 60 and b:fired() < 140) assert(a:seen() == 1000)",
        "local f = bus.lose{service=0x3E} assert(f:first_at() == nil and not ask('3E 00')) "
        "assert(f:first_at() == 1) f:stop() f:stop() assert(ask('3E 00')) "
        "assert(f:fired() == 1)",
        "local a, b = bus.lose{service=0x3E}, bus.lose{service=0x3E} "
        "assert(a:name() == 'bus.lose' and b:name() == 'bus.lose#2') ask('3E 00')",
        "local f = bus.lose{service=0x3E, name='mine'} assert(f:name() == 'mine') ask('3E 00')",
        "bus.reorder{way='answer', part='single', within='300ms', nth=1} local b = now() "
        "assert(t:request('3E 00') and now() - b > 0.3)",
        "bus.reorder{way='answer', nth=1} t:send('3E 00') wait('50ms') assert(t:heard() == 0) "
        "assert(ask('3E 00')) wait('1ms') assert(t:heard() == 2)",
        "bus.delay{way='answer', part='single', jitter='400ms'} local b, late = now(), 0 "
        "for _ = 1, 8 do t:request('3E 00') end assert(now() - b > 0.8 and now() - b < 3.2)",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_bus_faults, a_function_can_choose)
{
    static const char *const bodies[] = {
        "local seen = {} bus.lose{way='answer', when=function(m) "
        "  seen[#seen + 1] = m return m.service == 0x3E end} "
        "assert(ask('22 F1 90') and not ask('3E 00')) "
        "assert(#seen == 4 and seen[1].ecu == 'bcm' and seen[1].kind == 'positive') "
        "assert(seen[1].id == 0x7E8 and seen[1].len == 20 and #seen[1].data == 6) "
        "assert(seen[2].index == 1 and #seen[2].data == 13 and #seen[3].data == 20) "
        "assert(seen[1].frame:byte(1) == 0x10 and seen[1].at > 1 and seen[1].sub == nil)",
        "local kept = {} bus.lose{kind='negative', when=function(m) kept = m return true end} "
        "assert(not ask('3E 05') and kept.nrc == 0x12 and kept.sub == 5)",
        "bus.send{id=0x123, data='01 02'} local f = bus.lose{when=function(m) "
        "  return m.id == 0x123 and m.service == nil and m.frame == '\\1\\2' end} "
        "wait(1) assert(f:fired() == 1)",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_bus_faults, an_error_of_such_a_function_ends_the_script)
{
    static const struct {
        const char *body;
        const char *part;
    } rows[] = {
        {"error('odd')", "TST-01.lua:1: odd"},
        {"wait(1)", "cannot wait inside a condition"},
        {"coroutine.wrap(wait)(1)", "cannot wait inside a condition"},
        {"bus.lose{}", "bus.lose: not inside a condition"},
        {"f:stop()", "stop: not inside a condition"},
        {"t:send('3E 00')", "tester:send: not inside a condition"},
        {"while true do end", "never ends?"},
        {"local s = {} while true do s[#s + 1] = ('x'):rep(1000) .. #s end", "more memory"},
        {"pcall(error) error({})", "called with a table"},
    };
    char text[512];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        snprintf(text, sizeof text,
                 TESTER "local f f = bus.lose{service=0x3E, when=function(m) %s end} "
                        "ask('3E 00') wait(1) error('not reached')",
                 rows[i].body);
        world_expect_failed(text, rows[i].part);
    }
}

Test(lua_bus_faults, mistakes_are_named)
{
    static const struct {
        const char *body;
        const char *part;
    } rows[] = {
        {"bus.lose(1)", "bus.lose: expects its parameters in braces"},
        {"bus.lose{'x'}", "bus.lose: a value without a name"},
        {"bus.lose{serivce=0x36}", "serivce: no such parameter; did you mean \"service\"?"},
        {"bus.lose{by=1}", "bus.lose: by: no such parameter"},
        {"bus.lose{service='36'}", "service: must be a whole number, not a string"},
        {"bus.lose{service=0x136}", "service: must be a whole number from 1 to 255"},
        {"bus.lose{service=0}", "service: must be a whole number from 1 to 255"},
        {"bus.lose{way='up'}", "way: \"up\" is not one of \"request\", \"answer\""},
        {"bus.lose{part='middle'}", "part: must be \"single\", \"first\""},
        {"bus.lose{part={1}}", "part: must be \"single\", \"first\""},
        {"bus.lose{ecu='bmc'}", "bcm"},
        {"bus.lose{bus='can7'}", "can0"},
        {"bus.lose{node='cem'}", "node: no node \"cem\" on can0"},
        {"bus.lose{mask=1}", "id: is missing beside mask or ext"},
        {"bus.lose{id=0x800, ext=false}", "id: does not fit into 11 bits"},
        {"bus.lose{nth=1, times=2}", "nth: stands without skip, every and times"},
        {"bus.lose{nth=0}", "nth: must be a whole number from 1"},
        {"bus.lose{chance=0}", "chance: must be a number from 1e-06 to 1"},
        {"bus.lose{chance=1, chance_ppm=1}", "chance: not beside chance_ppm"},
        {"bus.lose{from=2, after=1}", "after: not beside from"},
        {"bus.lose{for_=1, until_=2}", "for_: not beside until_"},
        {"bus.lose{for_=0}", "for_: the fault would be over before it begins"},
        {"bus.lose{until_='1s'}", "until_: the fault would be over before it begins"},
        {"bus.lose{after='soon'}", "after: \"soon\" is no duration"},
        {"bus.lose{whole=1}", "whole: must be true or false, not a number"},
        {"bus.lose{when=true}", "when: must be a function"},
        {"bus.lose{name=('x'):rep(41)}", "name: is longer than 40"},
        {"bus.lose{bytes={a=1}}", "bytes: offsets are whole numbers"},
        {"bus.lose{bytes={[0]=256}}", "bytes: byte 0 must be 0 to 255"},
        {"bus.lose{bytes={[0]={flip=1}}}", "bus.lose: bytes[0]: flip: no such parameter"},
        {"bus.lose{bytes={1,2,3,4,5,6,7,8,9}}", "bytes: too many bytes"},
        {"bus.lose{frame={[64]=1}}", "frame: offsets are whole numbers from 0 to 63"},
        {"bus.change{}", "set: is missing"},
        {"bus.change{set={[0]={flip=1, value=2}}}", "flip: stands alone"},
        {"bus.change{set={[0]={mask=1}}}", "value: is missing"},
        {"bus.change{len=9}", "len: must be a whole number from 0 to 8"},
        {"bus.delay{}", "by: is missing"},
        {"bus.duplicate{copies=0}", "copies: must be a whole number from 1 to 255"},
        {"bus.damage{bit=0}", "bit: must be a whole number from 1"},
        {"for _ = 1, 65 do bus.lose{} end", "64 faults of frames on can0"},
        {"bus.lose{}.fired()", "bad argument #1"},
        {"bus.lose{}:stopp()", "\"bus.lose\" has no method \"stopp\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}

/* The judge of a play asks for this. */
Test(lua_bus_faults, a_fault_that_never_fires_is_known)
{
    struct world_rig *rig = world_rig_new("bus.lose{service=0x36}", 1);
    world_rig_run(rig);
    cr_assert_eq(rig->code, 0, "%s", rig->err.text);
    cr_assert_eq(rig->world.injections_len, 1);
    const struct case_injection *injection = &rig->world.injections[0];
    cr_expect_str_eq(injection->name, "bus.lose");
    cr_expect(!injection->optional && injection->fired(injection->ctx) == 0);
    world_rig_free(rig);
}

static void play(uint64_t seed, char digest[64])
{
    struct world_rig *rig = world_rig_new(
        TESTER "bus.lose{chance=0.3, part='single'} bus.damage{chance=0.2} "
               "bus.delay{chance=0.3, jitter='30ms', when=function(m) return m.id > 0x100 end} "
               "for _ = 1, 30 do ask('3E 00') end",
        seed);
    world_rig_run(rig);
    cr_assert_eq(rig->code, 0, "%s", rig->err.text);
    snprintf(digest, 64, "%s", trace_digest(rig->world.trace).hex);
    world_rig_free(rig);
}

Test(lua_bus_faults, the_same_seed_gives_the_same_run)
{
    char one[64], again[64], other[64];
    play(7, one);
    play(7, again);
    play(8, other);
    cr_expect_str_eq(one, again);
    cr_expect_str_neq(one, other);
}
